"""A grouping in words and figures, ready to be drawn: no query and no rule is left to the templates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.programmes import queries

MOST_CELLS = 5
MOST_ROWS = 40
WHOLE = {
    "proven": lambda: _("Of the groups as a whole, these answers included, it is proven that nobody can do better."),
    "open": lambda: _("Of the groups as a whole, these answers included, it is not proven that nobody can do better."),
    "left_out": lambda: _(
        "Fewer than five people were free to be placed, so these answers were left out: with so few, the choice itself "
        "could give an answer away."
    ),
    "moved": lambda: _("These answers are weighed again when groups are proposed again."),
}


@dataclass(frozen=True)
class Seat:
    """Somebody in a group of the proposal."""

    id: int
    name: str
    is_pinned: bool


@dataclass(frozen=True)
class Sheet:
    """One group of the proposal."""

    number: int
    coach: str
    likeness: str
    mix: list[dict[str, Any]]
    seats: list[Seat]


@dataclass(frozen=True)
class Proof:
    """The table from which the score can be worked out again. `hidden_rows` of it stand in the file only."""

    attributes: list[dict[str, Any]]
    groups: list[int]
    rows: list[dict[str, Any]]
    hidden_rows: int
    d: str
    bound: str
    baseline: str


@dataclass(frozen=True)
class Prices:
    """What the rules cost: (sentence, cost) of the dearest; `others` more cost nothing, or less than these."""

    rows: list[tuple[str, str]]
    others: int


@dataclass(frozen=True)
class Board:
    """The proposal as the page shows it."""

    version: int
    score: str
    words: str
    price: str
    mixes: bool
    confidential: str
    sheets: list[Sheet]
    page: Page[Any]
    newcomers: Sequence[str]
    broken: list[tuple[str, str]]
    wishes: list[str]
    unmet: list[str]
    proof: Proof
    prices: Prices | None
    prices_refused: list[tuple[str, str]]
    pricing: bool
    pins: int
    can_undo: bool
    within_commission: bool


def board_of(found: queries.GroupsBoard) -> Board:
    """The board of the proposal that waits."""
    proposal = found.proposal
    if proposal is None:
        raise queries.NotFound
    answer, names = proposal.answer, found.names
    coaches = {number: found.coaches.get(held, "") for number, held in queries.groups_of(answer).items()}
    seats = _seats(proposal, names, found.numbers)
    people = {str(who): name for who, name in names.items()} | {f"c{who}": n for who, n in found.coaches.items()}
    return Board(
        version=proposal.version,
        score=figure(answer["score"]),
        words=in_words(answer),
        price=_price(answer),
        mixes=bool(answer["attributes"]),
        confidential=confidential(proposal),
        sheets=[
            Sheet(each, coaches[each], _likeness(answer, each), _mix(answer, each), seats[each])
            for each in found.numbers
        ],
        page=found.page,
        newcomers=found.counted.some_newcomers,
        broken=queries.in_words(queries.conflicts_in(answer)[:12], people),
        wishes=_wishes(answer),
        unmet=_unmet(answer),
        proof=_proof(answer, list(coaches)),
        prices=_prices(answer, people),
        prices_refused=queries.prices_refused(answer),
        pricing=proposal.progress.get("doing") == "price",
        pins=len(proposal.pins),
        can_undo=bool(proposal.previous),
        within_commission=answer["coach_minutes"] is not None,
    )


def figure(score: float) -> str:
    """A score to one place, never rounded up to 100 and without a nought behind the point."""
    rounded = round(score, 1)
    if rounded >= 100 > score:
        rounded = math.floor(score * 10) / 10
    return f"{rounded:g}"


def in_words(answer: Mapping[str, Any]) -> str:
    """What the score means and how far it is proven."""
    if answer["violations"]:
        return _("A rule does not hold, so this cannot be adopted yet.")
    if not answer["attributes"]:
        if answer["confidential"]:
            return _("Mixed by what people answered in confidence only, so there is no figure to show.")
        return _("There is nothing to mix by. Sizes are as even as the rules allow.")
    if answer["mode"] == "alike":
        return _("of 100, counted without what people are seated alike by.")
    if answer["mode"] == "self_chosen":
        return _("of 100. The times people wished for come first, and the mix as far as they leave room.")
    return _how_far_proven(answer)


def _how_far_proven(answer: Mapping[str, Any]) -> str:
    if answer["proof"] != "none" and answer["D"] == answer["bound"]:
        return _("of 100. As mixed as arithmetic allows: nobody can do better, and that is proven.")
    if answer["proof"] != "none":
        return _("of 100. Nobody can do better than %(score)s with your rules; that is proven.") % {
            "score": figure(answer["score"])
        }
    gap = max(0.1, math.ceil(answer["gap"] * 10) / 10)
    return _("of 100. At most %(gap)s points more are possible; that much is proven.") % {"gap": f"{gap:g}"}


def confidential(proposal: Any) -> str:
    """The sentence about what people answered in confidence: the same whatever anybody answered."""
    labels = proposal.answer["confidential"]
    if not labels:
        return ""
    said = _(
        "Also mixed by what people answered in confidence: %(attributes)s. No figure on these pages counts that, so "
        "that nobody’s answer can be worked out."
    ) % {"attributes": ", ".join(labels)}
    whole = queries.whole_of(proposal)
    return f"{said} {WHOLE[whole]()}" if whole else said


def _price(answer: Mapping[str, Any]) -> str:
    """What rules and whole people cost, where the best possible stays below 100."""
    if answer["proof"] == "none" or answer["D"] == answer["bound"] or answer["violations"]:
        return ""
    missing = 100 - float(figure(answer["score"]))
    return _("The missing %(points)s is the price of your rules, and of people being whole.") % {
        "points": f"{missing:.1f}"
    }


def _prices(answer: Mapping[str, Any], names: Mapping[str, str]) -> Prices | None:
    found = queries.prices(answer)
    if found is None:
        return None
    labels = {each["key"]: each["label"] for each in answer["attributes"]}
    rows = []
    for each in found[: queries.MOST_PRICES]:
        if isinstance(each.rule, str):
            said = _("Nobody the only one of a kind in a group: %(attribute)s.") % {
                "attribute": labels.get(each.rule, each.rule)
            }
        else:
            ((said, _remedy),) = queries.in_words([each.rule], names)
        rows.append((said, cost(each.points, each.is_proven)))
    return Prices(rows, len(found) - len(rows))


def cost(points: float, is_proven: bool) -> str:
    """What a rule costs, in words: never less exact than it is proven."""
    shown = f"{points:.1f}"
    if float(shown) == 0:
        return _("costs nothing (proven)") if is_proven else _("costs nothing, as far as was found")
    if is_proven:
        return ngettext("costs %(n)s point", "costs %(n)s points", 1 if shown == "1.0" else 2) % {"n": shown}
    return _("costs about %(n)s points") % {"n": shown}


def progress(proposal: Any) -> dict[str, Any]:
    """How far work in the queue is: a sentence, and score and bound where they may be shown."""
    kept = proposal.progress
    doing = kept.get("doing", "")
    sentences = {
        "search": _("Looking for better groups."),
        "prove": _("Proving how much better groups could be at most."),
        "place": _("Looking for groups that hold every rule."),
        "price": _("Working out what each rule costs."),
    }
    said = {"sentence": sentences.get(doing, _("Waiting for its turn.")), "stopping": bool(proposal.stop_asked_at)}
    if "score" not in kept:
        return said
    score, bound = figure(kept["score"]), figure(kept["bound_score"])
    if kept["violations"]:
        broken = ngettext("%(n)s rule does not hold yet.", "%(n)s rules do not hold yet.", kept["violations"]) % {
            "n": kept["violations"]
        }
        return said | {"sentence": f"{said['sentence']} {broken}"}
    return said | {
        "score": score,
        "bound": bound,
        "value": max(0, round(kept["score"], 1)),
        "most": round(kept["bound_score"], 1),
    }


def _likeness(answer: Mapping[str, Any], number: int) -> str:
    """How near a group is to a small copy of the cohort."""
    return figure(answer["likeness"].get(str(number), 100.0)) if answer["attributes"] else ""


def _seats(proposal: Any, names: Mapping[int, str], numbers: Sequence[int]) -> dict[int, list[Seat]]:
    seats: dict[int, list[Seat]] = {number: [] for number in numbers}
    for who, (_held, number) in proposal.assignment.items():
        if number in seats and int(who) in names:
            seats[number].append(Seat(int(who), names[int(who)], who in proposal.pins))
    return {number: sorted(found, key=lambda seat: (seat.name, seat.id)) for number, found in seats.items()}


def _mix(answer: Mapping[str, Any], number: int) -> list[dict[str, Any]]:
    """Rows for the mix strip: counts of ordinary attributes. Intersections are in the table of the proof."""
    cells = answer["mix"].get(str(number), {})
    return [
        {"label": each["label"], "cells": _cells(cells.get(each["key"], []))}
        for each in answer["attributes"]
        if not each.get("of")
    ]


def _cells(cells: Sequence[Sequence[Any]]) -> list[tuple[str, int]]:
    shown = [(str(label), int(count)) for label, count in cells]
    if len(shown) <= MOST_CELLS:
        return shown
    rest = sum(count for _label, count in shown[MOST_CELLS - 1 :])
    return [*shown[: MOST_CELLS - 1], (_("others"), rest)]


def _wishes(answer: Mapping[str, Any]) -> list[str]:
    """What became of the wishes that go with the mix, where they were made: alone, met again, style."""
    said = {"isolation": _alone, "meetings": _meetings, "style": _styles}
    return [sentence for goal in answer["asked"] if goal in answer["goals"] for sentence in said[goal](answer)]


def _alone(answer: Mapping[str, Any]) -> list[str]:
    found = [
        _("Group %(number)s has only one of %(value)s.") % {"number": number, "value": value}
        for value, number in answer["alone"]
    ]
    if len(found) > MOST_CELLS:
        rest = len(found) - MOST_CELLS
        more = ngettext("One more is alone in a group.", "%(n)s more are alone in a group.", rest) % {"n": rest}
        found = [*found[:MOST_CELLS], more]
    return found or [_("Nobody is the only one of a kind in a group, where that was asked for.")]


def _meetings(answer: Mapping[str, Any]) -> list[str]:
    again = round(answer["goals"]["meetings"])
    if not again:
        return [_("Nobody meets anybody again.")]
    return [ngettext("%(n)s pair meets again.", "%(n)s pairs meet again.", again) % {"n": again}]


def _styles(answer: Mapping[str, Any]) -> list[str]:
    without = round(answer["goals"]["style"])
    if not without:
        return [_("Everybody who wished for a style has a coach who works in it.")]
    said = ngettext(
        "%(n)s person has no coach who works in a style they wished for.",
        "%(n)s people have no coach who works in a style they wished for.",
        without,
    )
    return [said % {"n": without}]


def _unmet(answer: Mapping[str, Any]) -> list[str]:
    """Counts that are a whole person or more from a group's fair share."""
    found = [
        _("Group %(number)s has %(count)s of %(value)s; its fair share is %(share)s.")
        % {"number": number, "count": count, "value": value, "share": f"{share:.1f}"}
        for _key, value, number, count, share in answer["rows"]
        if abs(count - share) >= 1
    ]
    if len(found) > MOST_CELLS:
        rest = len(found) - MOST_CELLS
        more = ngettext("%(n)s more is in the table.", "%(n)s more are in the table.", rest) % {"n": rest}
        found = [*found[:MOST_CELLS], more]
    return found


def _proof(answer: Mapping[str, Any], numbers: list[int]) -> Proof:
    shown = numbers[:12]
    rows = proof_rows(answer, shown)
    return Proof(
        attributes=[
            {
                "label": each["label"],
                "weight": each["weight"],
                "d": f"{each['D']:.2f}",
                "bound": f"{each['bound']:.2f}",
                "baseline": f"{each['baseline']:.2f}",
                "score": figure(each["score"]),
            }
            for each in answer["attributes"]
        ],
        groups=shown,
        rows=rows[:MOST_ROWS],
        hidden_rows=max(0, len(rows) - MOST_ROWS) or (len(rows) if len(numbers) > len(shown) else 0),
        d=_decimal(answer["D"]),
        bound=_decimal(answer["bound"]),
        baseline=_decimal(answer["baseline"]),
    )


def proof_rows(answer: Mapping[str, Any], numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Attribute and value with (count, fair share) for each of these groups."""
    labels = {each["key"]: each["label"] for each in answer["attributes"]}
    found: dict[tuple[str, str], dict[int, tuple[int, str]]] = {}
    for key, value, number, count, share in answer["rows"]:
        found.setdefault((labels[key], value), {})[number] = (count, f"{share:.1f}")
    return [
        {"attribute": label, "value": value, "cells": [cells.get(number, (0, "0.0")) for number in numbers]}
        for (label, value), cells in found.items()
    ]


def _decimal(exact: str) -> str:
    """A fraction as a decimal to two places."""
    above, _slash, below = exact.partition("/")
    return f"{int(above) / int(below or 1):.2f}"
