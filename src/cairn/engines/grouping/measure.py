"""Objective, bound, baseline and score of an assignment, in exact arithmetic.

With n people placed, N of them having a value, and a group of size s holding c of them, the cell's error is
(c - s*N/n)^2. Inside the engine everything is multiplied by n^2, so that all decisions compare whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from cairn.engines.grouping.indexed import Indexed
from cairn.engines.grouping.shapes import AttributeReport, Certificate, Conflict, GroupReport, Proof, Result, Row


@dataclass(frozen=True)
class Tally:
    """Counts of an assignment: `counts[a][v][g]`, totals `totals[a][v]`, group sizes and people placed."""

    counts: list[list[list[int]]]
    totals: list[list[int]]
    sizes: list[int]
    placed: int


def tally(ix: Indexed, places: Sequence[int]) -> Tally:
    """Count who sits where; `places[i]` is the group of member i or -1."""
    wide = len(ix.groups)
    counts = [[[0] * wide for _ in values] for values in ix.values]
    sizes = [0] * wide
    for i, g in enumerate(places):
        if g < 0:
            continue
        sizes[g] += 1
        for a, codes in enumerate(ix.codes):
            if codes[i] >= 0:
                counts[a][codes[i]][g] += 1
    totals = [[sum(row) for row in rows] for rows in counts]
    return Tally(counts, totals, sizes, sum(sizes))


def scaled_cells(t: Tally, a: int, v: int) -> list[int]:
    """Squared errors of one value in every group, times n^2."""
    n, total = t.placed, t.totals[a][v]
    return [(n * count - size * total) ** 2 for count, size in zip(t.counts[a][v], t.sizes, strict=True)]


def scaled_objective(ix: Indexed, t: Tally) -> int:
    """D times n^2."""
    return sum(
        attribute.weight * sum(scaled_cells(t, a, v))
        for a, attribute in enumerate(ix.attributes)
        for v in range(len(ix.values[a]))
    )


def scaled_value_bound(n: int, total: int, sizes: Sequence[int]) -> int:
    """The least possible sum of squared errors of one value over groups of these sizes, times n^2.

    Every group starts with its fair share rounded down; what is left goes to the largest remainders.
    """
    if n == 0:
        return 0
    rests = sorted((size * total % n for size in sizes), reverse=True)
    raised = total - sum(size * total // n for size in sizes)
    return sum((n - rest) ** 2 for rest in rests[:raised]) + sum(rest**2 for rest in rests[raised:])


def scaled_bound(ix: Indexed, totals: Sequence[Sequence[int]], sizes: Sequence[int]) -> int:
    """The closed-form bound times n^2 for groups of these sizes."""
    n = sum(sizes)
    return sum(
        attribute.weight * sum(scaled_value_bound(n, total, sizes) for total in totals[a])
        for a, attribute in enumerate(ix.attributes)
    )


def value_baseline(n: int, total: int, sizes: Sequence[int]) -> Fraction:
    """Expected sum of squared errors of one value when places are drawn by lot (hypergeometric variance)."""
    if n <= 1:
        return Fraction(0)
    return Fraction(total * (n - total) * sum(size * (n - size) for size in sizes), n * n * (n - 1))


def score_of(objective: Fraction, bound: Fraction, baseline: Fraction) -> float:
    """100 for the bound, 0 for the average of drawing lots; 100 when there is nothing to mix (baseline is bound)."""
    if baseline == bound:
        return 100.0
    return float(100 * (1 - (objective - bound) / (baseline - bound)))


def _per_attribute(ix: Indexed, t: Tally) -> tuple[AttributeReport, ...]:
    square = max(t.placed, 1) ** 2
    reports = []
    for a, attribute in enumerate(ix.attributes):
        codes = range(len(ix.values[a]))
        weight, totals = attribute.weight, t.totals[a]
        d = Fraction(weight * sum(sum(scaled_cells(t, a, v)) for v in codes), square)
        bound = Fraction(weight * sum(scaled_value_bound(t.placed, totals[v], t.sizes) for v in codes), square)
        baseline = weight * sum((value_baseline(t.placed, totals[v], t.sizes) for v in codes), Fraction(0))
        reports.append(AttributeReport(attribute.key, weight, d, bound, baseline, score_of(d, bound, baseline)))
    return tuple(reports)


def rows(ix: Indexed, t: Tally) -> tuple[Row, ...]:
    """The cells of the proof in order of attribute, value and group."""
    n = max(t.placed, 1)
    found = []
    for a, attribute in enumerate(ix.attributes):
        for v in sorted(range(len(ix.values[a])), key=lambda code: ix.values[a][code]):
            for g, error in enumerate(scaled_cells(t, a, v)):
                target, count = Fraction(t.sizes[g] * t.totals[a][v], n), t.counts[a][v][g]
                found.append(
                    Row(
                        attribute.key,
                        attribute.weight,
                        ix.values[a][v],
                        ix.groups[g].id,
                        count,
                        target,
                        Fraction(error, n * n),
                    )
                )
    return tuple(found)


def _per_group(ix: Indexed, t: Tally) -> tuple[GroupReport, ...]:
    n = max(t.placed, 1)
    reports = []
    for g, group in enumerate(ix.groups):
        error, unmet, baseline = 0, 0, Fraction(0)
        for a, attribute in enumerate(ix.attributes):
            for v, total in enumerate(t.totals[a]):
                off = n * t.counts[a][v][g] - t.sizes[g] * total
                error += attribute.weight * off * off
                unmet += abs(off) >= n
                baseline += attribute.weight * value_baseline(t.placed, total, [t.sizes[g]])
        d = Fraction(error, n * n)
        reports.append(
            GroupReport(group.id, group.coach, t.sizes[g], d, baseline, unmet, score_of(d, Fraction(0), baseline))
        )
    return tuple(reports)


def report(
    ix: Indexed,
    places: Sequence[int],
    *,
    one_to_one: dict[str, str],
    violations: tuple[Conflict, ...],
    scaled_proven: int = 0,
    exhausted: bool = False,
) -> Result:
    """Everything there is to say about an assignment. `scaled_proven` is a bound from exhaustive search, times n^2."""
    t = tally(ix, places)
    square = max(t.placed, 1) ** 2
    attributes = _per_attribute(ix, t)
    d = sum((part.D for part in attributes), Fraction(0))
    bound = sum((part.bound for part in attributes), Fraction(0))
    baseline = sum((part.baseline for part in attributes), Fraction(0))
    proven = max(bound, min(d, Fraction(scaled_proven, square)))
    proof: Proof = "none"
    if not violations and d == bound:
        proof = "closed_form"
    elif not violations and exhausted and d == proven:
        proof = "cp_sat"
    score = score_of(d, bound, baseline)
    gap = 0.0 if baseline == bound else float(100 * (d - proven) / (baseline - bound))
    return Result(
        assignment={person.id: ix.groups[g].id for person, g in zip(ix.members, places, strict=True) if g >= 0},
        one_to_one_coach=one_to_one,
        D=d,
        bound=bound,
        proven_bound=proven,
        baseline=baseline,
        score=score,
        gap=gap,
        proof=proof,
        per_attribute=attributes,
        per_group=_per_group(ix, t),
        violations=violations,
        certificate=Certificate(rows(ix, t), d, bound, baseline, score),
    )
