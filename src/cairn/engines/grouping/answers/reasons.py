"""Explanations as sentences: why somebody is where they are, and what each alternative would bring.

As in `sentences`, what is to be said is data first (a key, ids and numbers), so that pages can put names for ids, leave
out what their reader may not see, and translate. Attributes and values are given as they are in the problem.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from cairn.engines.grouping.problem.sentences import gettext_noop
from cairn.engines.grouping.problem.shapes import Explanation, MoveOption, Row

SMALLEST_SAID = 0.005

REASONS: dict[str, str] = {
    "here_pinned": gettext_noop("{person} is pinned to {group}."),
    "here_helps": gettext_noop(
        "With {person}, {group} has {count} of {value} ({attribute}), and the fair share is {target}: without, it "
        "would be further off."
    ),
    "here_over": gettext_noop(
        "With {person}, {group} has {count} of {value} ({attribute}), and the fair share is {target}: without, it "
        "would be nearer."
    ),
    "here_even": gettext_noop(
        "With {person}, {group} has {count} of {value} ({attribute}), and the fair share is {target}: without, it "
        "would be as far off."
    ),
    "nothing_better": gettext_noop("No permitted move or swap of {person} would mix the groups better."),
    "swap_gains": gettext_noop("Trading places with {other} in {group} would gain {points} points."),
    "swap_costs": gettext_noop("Trading places with {other} in {group} would cost {points} points."),
    "swap_free": gettext_noop("Trading places with {other} in {group} would cost nothing."),
    "swap_none": gettext_noop("Nobody in {group} may trade places with {person}."),
    "move_gains": gettext_noop("Moving to {group} would gain {points} points."),
    "move_costs": gettext_noop("Moving to {group} would cost {points} points."),
    "move_free": gettext_noop("Moving to {group} would cost nothing."),
    "more_alone": gettext_noop("{alone} more would be the only one of their value in a group."),
    "fewer_alone": gettext_noop("{alone} fewer would be the only one of their value in a group."),
}


@dataclass(frozen=True)
class Reason:
    """One thing to say: `ids` are people and groups, `words` attributes and values, by placeholder of the sentence."""

    key: str
    ids: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)


def reasons(explanation: Explanation) -> tuple[Reason, ...]:
    """Why this person is here: a pin, the cells they count in, and whether anything permitted would be better."""
    who = {"person": explanation.person}
    found = [Reason("here_pinned", {**who, "group": explanation.group})] if explanation.pinned else []
    found += [_cell(explanation.person, row) for row in explanation.cells]
    gains = [option for option in explanation.alternatives if _gain(option) >= SMALLEST_SAID]
    if not gains:
        return (*found, Reason("nothing_better", who))
    best = max(gains, key=lambda option: (_gain(option), option.group))
    return (*found, *(item for item in option_reasons(best, explanation.person) if item.key.endswith("_gains")))


def option_reasons(option: MoveOption, person: str) -> tuple[Reason, ...]:
    """What another group would mean for this person; why a plain move is forbidden is in `option.blocked`."""
    found: list[Reason] = []
    here = {"person": person, "group": option.group}
    if not option.blocked:
        found += [_points("move", option.change, here), *_alone(option.alone)]
    if option.swap_with is None or option.swap_change is None:
        return (*found, Reason("swap_none", here))
    swap = _points("swap", option.swap_change, {**here, "other": option.swap_with})
    return (*found, swap, *_alone(option.swap_alone))


def say_reason(
    reason: Reason,
    name: Callable[[str], str] = str,
    translate: Callable[[str], str] = str,
    number: Callable[[float], str] = "{:g}".format,
) -> str:
    """The reason as one sentence; `name` turns ids, attributes and values into names, `number` writes a figure."""
    words = {place: name(item) for place, item in (*reason.ids.items(), *reason.words.items())}
    figures = {place: number(item) for place, item in reason.numbers.items()}
    return translate(REASONS[reason.key]).format(**words, **figures)


def _cell(person: str, row: Row) -> Reason:
    """The cell with this person against the cell without: further off, nearer, or neither."""
    off = row.count - row.target
    key = "here_helps" if off < Fraction(1, 2) else "here_over" if off > Fraction(1, 2) else "here_even"
    return Reason(
        key,
        {"person": person, "group": row.group},
        {"attribute": row.attribute, "value": row.value},
        {"count": row.count, "target": round(float(row.target), 1)},
    )


def _gain(option: MoveOption) -> float:
    """Points to gain by what is permitted, and 0 if that would leave more people alone."""
    swap = option.swap_change if option.swap_change is not None and option.swap_alone <= 0 else 0.0
    move = option.change if not option.blocked and option.alone <= 0 else 0.0
    return max(swap, move)


def _points(what: str, change: float, ids: Mapping[str, str]) -> Reason:
    if abs(change) < SMALLEST_SAID:
        return Reason(f"{what}_free", ids)
    return Reason(f"{what}_{'gains' if change > 0 else 'costs'}", ids, {}, {"points": round(abs(change), 2)})


def _alone(change: int) -> list[Reason]:
    if not change:
        return []
    return [Reason("more_alone" if change > 0 else "fewer_alone", {}, {}, {"alone": abs(change)})]
