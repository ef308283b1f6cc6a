"""A Result: everything there is to say about an assignment, with its proof."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

import numpy as np

from cairn.engines.grouping.figures import aims, goals, measure
from cairn.engines.grouping.figures.goals import Places
from cairn.engines.grouping.figures.measure import Counted
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.lazily import Lazily
from cairn.engines.grouping.problem.shapes import (
    Alone,
    AttributeReport,
    Certificate,
    Conflict,
    Goal,
    GoalReport,
    GroupReport,
    Proof,
    Result,
    Row,
)

MANY = 20_000


def report(
    ix: Indexed,
    places: Sequence[int] | Places,
    *,
    one_to_one: Mapping[str, str],
    violations: tuple[Conflict, ...],
    scaled_proven: int = 0,
    exhausted: bool = False,
    proven_goals: Mapping[Goal, Fraction] | None = None,
    evaluations: int = 0,
    stopped: bool = False,
) -> Result:
    """Everything there is to say about an assignment.

    `scaled_proven` is a bound on D from exhaustive search, times n^2; `exhausted` says that the search was complete.
    `proven_goals` are bounds on other goals from such a search.
    """
    seats = np.asarray(places, dtype=np.int32)
    c = measure.count(ix, seats)
    attributes, baselines = _per_attribute(ix, c)
    d = sum((part.D for part in attributes), Fraction(0))
    bound = sum((part.bound for part in attributes), Fraction(0))
    baseline = sum((part.baseline for part in attributes), Fraction(0))
    square = max(c.placed, 1) ** 2
    closed, shared = (max(bound, Fraction(scaled, square)) for scaled in _closed(ix, c))
    proven = max(shared, min(d, Fraction(scaled_proven, square)))
    proof: Proof = "none"
    if not violations and d == closed:
        proof = "closed_form"
    elif not violations and (d == shared or (exhausted and d == proven)):
        proof = "cp_sat"
    score = measure.score_of(d, bound, baseline)
    table = rows(ix, c)
    return Result(
        assignment=seated(ix, seats),
        one_to_one_coach=one_to_one,
        D=d,
        bound=bound,
        proven_bound=proven,
        baseline=baseline,
        score=score,
        gap=0.0 if baseline == bound else float(100 * (d - proven) / (baseline - bound)),
        proof=proof,
        per_attribute=attributes,
        per_group=_per_group(ix, c, baselines),
        violations=violations,
        certificate=Certificate(table, d, bound, baseline, score),
        goals=_goals(ix, c, seats, (d, proven, proof), proven_goals or {}),
        alone=_alone(ix, c),
        slots={group.id: group.slots[0] for group in ix.groups if len(group.slots) == 1},
        coaches={group.id: ix.coaches[k] for group, k in zip(ix.groups, ix.coach_of, strict=True) if k >= 0},
        evaluations=evaluations,
        stopped=stopped,
    )


def seated(ix: Indexed, places: Places) -> Mapping[str, str]:
    """Person to group."""
    from cairn.engines.grouping.problem.lazily import Seats

    names = [group.id for group in ix.groups]
    if len(places) > MANY:
        return Seats(ix.members.ids, places, names, {})
    return {person: names[g] for person, g in zip(ix.members.ids, places.tolist(), strict=True) if g >= 0}


def _closed(ix: Indexed, c: Counted) -> tuple[int, int]:
    """The best bounds on D (times n^2) without search: value by value in closed form, and values sharing seats."""
    sizes = c.sizes.tolist()
    if c.placed < len(ix.members):
        return 0, 0
    asked = aims.comes_first(ix) and any(ix.alone)
    nobody = asked and goals.alone(ix, c) == goals.least_alone(ix, sizes)
    plain = aims.scaled_bound(ix, sizes, nobody_alone=nobody, spread=False)
    return plain, aims.scaled_bound(ix, sizes, nobody_alone=nobody)


def _per_attribute(ix: Indexed, c: Counted) -> tuple[tuple[AttributeReport, ...], dict[int, list[int]]]:
    square, kinds, n = max(c.placed, 1) ** 2, Counter(c.sizes.tolist()), c.placed
    reports, totals = [], {}
    for a, (attribute, found) in enumerate(zip(ix.attributes, measure.scaled_errors(ix, c), strict=True)):
        totals[a] = [total for total, _ in found]
        if not attribute.weight:
            continue
        weight = attribute.weight
        d = Fraction(weight * sum(error for _, error in found), square)
        bound = Fraction(weight * sum(measure.scaled_value_bound(n, total, kinds) for total in totals[a]), square)
        baseline = weight * sum((measure.value_baseline(n, total, kinds) for total in totals[a]), Fraction(0))
        score = measure.score_of(d, bound, baseline)
        reports.append(AttributeReport(attribute.key, weight, d, bound, baseline, score))
    return tuple(reports), totals


def rows(ix: Indexed, c: Counted) -> Sequence[Row]:
    """The cells of the proof in order of attribute, value and group."""
    n, wide = max(c.placed, 1), len(ix.groups)
    cells = [
        (a, code)
        for a, attribute in enumerate(ix.attributes)
        for code in sorted(range(len(ix.values[a])), key=lambda code: ix.values[a][code])
        if attribute.weight
    ]
    totals = {(a, code): int(c.of(a, code).sum()) for a, code in cells}

    def row(at: int) -> Row:
        (a, code), g = cells[at // wide], at % wide
        attribute, count = ix.attributes[a], int(c.of(a, code)[g])
        target = Fraction(int(c.sizes[g]) * totals[a, code], n)
        value, error = ix.values[a][code], (count - target) ** 2
        return Row(attribute.key, attribute.weight, value, ix.groups[g].id, count, target, error)

    table = Lazily(len(cells) * wide, row)
    return table if len(table) > MANY else tuple(table)


def _per_group(ix: Indexed, c: Counted, totals: Mapping[int, Sequence[int]]) -> Sequence[GroupReport]:
    n = max(c.placed, 1)
    cells = [
        (a, code, total, ix.attributes[a].weight)
        for a, row in totals.items()
        for code, total in enumerate(row)
        if ix.attributes[a].weight
    ]

    @cache
    def baseline(size: int) -> Fraction:
        parts = (weight * measure.value_baseline(c.placed, total, [size]) for _, _, total, weight in cells)
        return sum(parts, Fraction(0))

    def one(g: int) -> GroupReport:
        size, error, unmet = int(c.sizes[g]), 0, 0
        for a, code, total, weight in cells:
            off = n * int(c.of(a, code)[g]) - size * total
            error += weight * off * off
            unmet += abs(off) >= n
        d, lots = Fraction(error, n * n), baseline(size)
        coach = ix.coaches[ix.coach_of[g]] if ix.coach_of[g] >= 0 else ""
        return GroupReport(ix.groups[g].id, coach, size, d, lots, unmet, measure.score_of(d, Fraction(0), lots))

    every = Lazily(len(ix.groups), one)
    return every if len(every) > MANY // 10 else tuple(every)


def _alone(ix: Indexed, c: Counted) -> tuple[Alone, ...]:
    found = []
    for a, codes in enumerate(ix.alone):
        for code in sorted(codes, key=lambda code: ix.values[a][code]):
            groups = np.flatnonzero(c.of(a, code) == 1).tolist()
            found += [Alone(ix.attributes[a].key, ix.values[a][code], ix.groups[g].id) for g in groups]
    return tuple(found)


def _goals(
    ix: Indexed,
    c: Counted,
    places: Places,
    mix: tuple[Fraction, Fraction, Proof],
    proven: Mapping[Goal, Fraction],
) -> tuple[GoalReport, ...]:
    """What became of each goal asked for, in the order asked for, as far as it concerns these people at all."""
    d, bound, proof = mix
    sizes = c.sizes.tolist()
    counted: dict[Goal, tuple[int, int]] = {}
    if any(ix.alone):
        counted["isolation"] = goals.alone(ix, c), goals.least_alone(ix, sizes)
    if ix.met:
        counted["meetings"] = goals.meetings(ix, places), 0
    if ix.members.styles.labels:
        counted["style"] = goals.unstyled(ix, places), goals.least_unstyled(ix)
    found = []
    for goal in ix.problem.goals:
        if goal == "mix":
            found.append(GoalReport(goal, d, bound, proof))
        elif goal in counted:
            value, least = (Fraction(number) for number in counted[goal])
            shown = max(least, min(value, proven.get(goal, Fraction(0))))
            how: Proof = "closed_form" if value == least else "cp_sat" if value == shown else "none"
            found.append(GoalReport(goal, value, shown, how))
    return tuple(found)
