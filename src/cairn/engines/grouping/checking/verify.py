"""An independent check of a result: its own reading of the rules, its own formulas, nothing from the solver.

The figures come from `recount`. Everything is linear in the number of people; of a proof table with very many rows an
even sample is compared.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from cairn.engines.grouping.checking.recount import Recount, recount, seats_of
from cairn.engines.grouping.problem.shapes import Coach, Pair, Problem, Result, Verification

MOST_ROWS = 100_000
COUNTED = ("isolation", "mix", "meetings", "style")


def verify(problem: Problem, result: Result) -> Verification:
    """Recompute everything from the problem and the assignment, and compare with what the result claims.

    `violations` are plain English sentences for logs and tests. A proof by exhaustive search cannot be repeated here;
    a claim of proof in closed form is checked.
    """
    seen = _Seen(problem, result, recount(problem, result.assignment), seats_of(result.assignment))
    d, bound, baseline = seen.counted.figures()
    score = 100.0 if baseline == bound else float(100 * (1 - (d - bound) / (baseline - bound)))
    faults = [*_rules(seen), *_claims(seen, (d, bound, baseline), score), *_goals(seen, d), *_table(seen)]
    return Verification(not faults, tuple(faults), d, bound, baseline, score, 100.0 - score)


@dataclass(frozen=True, eq=False)
class _Seen:
    """A problem with its answer, counted."""

    problem: Problem
    result: Result
    counted: Recount
    home: Mapping[str, str]

    def shared(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs who sit in one group."""
        return [pair for pair in pairs if pair.a in self.home and self.home[pair.a] == self.home.get(pair.b)]


def _rules(seen: _Seen) -> Iterator[str]:
    yield from _strangers(seen)
    yield from _people(seen)
    yield from _pairs(seen)
    yield from _sizes(seen)
    yield from _times(seen)
    yield from _coaches(seen)


def _strangers(seen: _Seen) -> Iterator[str]:
    people, groups = set(seen.counted.people.ids), {group.id for group in seen.problem.groups}
    yield from (f"{person} is not in the problem" for person in seen.home if person not in people)
    yield from (f"{group} is not in the problem" for group in set(seen.home.values()) - groups)


def _people(seen: _Seen) -> Iterator[str]:
    """Everybody at a place and with a coach they may have. Columns are read once; only faults cost more."""
    people, groups, result = seen.counted.people, seen.problem.groups, seen.result
    coach_of = [group.coach or result.coaches.get(group.id, "") for group in groups]
    slot_of = [result.slots.get(group.id) for group in groups]
    one_to_one = seats_of(result.one_to_one_coach)
    columns = zip(
        people.ids,
        seen.counted.places.tolist(),
        people.opted_out.tolist(),
        people.blocked.codes.tolist(),
        people.pinned.codes.tolist(),
        people.slots.codes.tolist(),
        strict=True,
    )
    for person, g, is_out, blocked, pinned, slots in columns:
        coach = one_to_one.get(person)
        if is_out and person in seen.home:
            yield f"{person} opted out but sits in {seen.home[person]}"
        if not is_out and g < 0:
            yield f"{person} is in no group of the problem"
        elif g >= 0 and coach != coach_of[g]:
            yield f"{person} has {coach} one to one but {coach_of[g]} in the group"
        if coach is None or (blocked >= 0 and coach in people.blocked.labels[blocked]):
            yield f"{person} has no coach they may have"
        if pinned >= 0 and people.pinned.labels[pinned] != seen.home.get(person):
            yield f"{person} is pinned to {people.pinned.labels[pinned]}"
        if g >= 0 and slots >= 0 and slot_of[g] is not None and slot_of[g] not in people.slots.labels[slots]:
            yield f"{person} cannot come to {slot_of[g]}"


def _pairs(seen: _Seen) -> Iterator[str]:
    out = {seen.counted.people.ids[i] for i in np.flatnonzero(seen.counted.people.opted_out).tolist()}
    for pair in seen.shared(seen.problem.apart):
        yield f"{pair.a} and {pair.b} share {seen.home[pair.a]}"
    for pair in seen.problem.together:
        if seen.home.get(pair.a) != seen.home.get(pair.b) or {pair.a, pair.b} & out:
            yield f"{pair.a} and {pair.b} are not together"


def _sizes(seen: _Seen) -> Iterator[str]:
    problem = seen.problem
    for group, size in zip(problem.groups, seen.counted.sizes.tolist(), strict=True):
        cap = problem.cap if group.cap is None else group.cap
        minimum = problem.minimum if group.minimum is None else group.minimum
        if cap is not None and size > cap:
            yield f"{group.id} holds {size}, over the cap of {cap}"
        if minimum is not None and size < minimum:
            yield f"{group.id} holds {size}, under the minimum of {minimum}"


def _times(seen: _Seen) -> Iterator[str]:
    """Each group at one of its own times, and no coach in two groups at once."""
    held: Counter[tuple[str, str]] = Counter()
    for group in seen.problem.groups:
        slot = seen.result.slots.get(group.id)
        if group.slots and slot not in group.slots:
            yield f"{group.id} meets at {slot}, which is none of its times"
        if slot is not None:
            held[group.coach or seen.result.coaches.get(group.id, ""), slot] += 1
    for (coach, slot), groups in held.items():
        if coach and groups > 1:
            yield f"{coach} holds {groups} groups at {slot}"


def _coaches(seen: _Seen) -> Iterator[str]:
    limits = {coach.id: coach for coach in seen.problem.coaches}
    groups: Counter[str] = Counter()
    for group in seen.problem.groups:
        coach = group.coach or seen.result.coaches.get(group.id, "")
        groups[coach] += 1
        if limits and coach not in limits and not group.coach:
            yield f"{group.id} has no coach of the problem"
        if group.coach and seen.result.coaches.get(group.id, group.coach) != group.coach:
            yield f"{group.id} has a coach of its own, but was given another"
        slot, limit = seen.result.slots.get(group.id), limits.get(coach)
        if limit and limit.slots is not None and slot is not None and slot not in limit.slots:
            yield f"{coach} cannot hold a group at {slot}"
    yield from _too_much(seen, groups, limits)


def _too_much(seen: _Seen, groups: Counter[str], limits: Mapping[str, Coach]) -> Iterator[str]:
    problem, people = seen.problem, seen.counted.people
    out = {people.ids[i] for i in np.flatnonzero(people.opted_out).tolist()}
    spent = Counter({coach: times * problem.minutes_per_group for coach, times in groups.items()})
    for person, coach in seats_of(seen.result.one_to_one_coach).items():
        spent[coach] += problem.minutes_per_opt_out if person in out else problem.minutes_per_person
    for coach, limit in limits.items():
        if limit.minutes is not None and spent[coach] > limit.minutes:
            yield f"{coach} spends {spent[coach]} of {limit.minutes} minutes"
        if limit.most_groups is not None and groups[coach] > limit.most_groups:
            yield f"{coach} holds {groups[coach]} groups, over {limit.most_groups}"


def _claims(seen: _Seen, figures: tuple[Fraction, Fraction, Fraction], score: float) -> Iterator[str]:
    (d, bound, baseline), result = figures, seen.result
    for name, claimed, found in (
        ("D", result.D, d),
        ("bound", result.bound, bound),
        ("baseline", result.baseline, baseline),
        ("score", result.score, score),
        ("certificate D", result.certificate.D, d),
        ("certificate bound", result.certificate.bound, bound),
        ("certificate baseline", result.certificate.baseline, baseline),
        ("gap", result.gap, float(100 * (d - result.proven_bound) / (baseline - bound)) if baseline != bound else 0.0),
    ):
        if claimed != found:
            yield f"{name} is {found}, not {claimed}"
    if d < bound or not bound <= result.proven_bound <= d:
        yield "the bounds are out of order"
    if result.proof == "closed_form" and d not in (bound, seen.counted.bound_with_nobody_alone()):
        yield "the proof is claimed in closed form, but D is not the bound"
    if result.proof != "none" and d != result.proven_bound:
        yield "a proof is claimed, but D is not what was proven"


def _goals(seen: _Seen, d: Fraction) -> Iterator[str]:
    values = {"mix": d, "isolation": Fraction(len(_alone(seen))), "style": Fraction(_unstyled(seen))}
    values["meetings"] = Fraction(len(seen.shared(seen.problem.met)))
    for report in seen.result.goals:
        if report.goal in COUNTED and report.value != values[report.goal]:
            yield f"the goal {report.goal} stands at {values[report.goal]}, not {report.value}"
        if report.bound > report.value:
            yield f"the bound of the goal {report.goal} is above its value"
        if report.proof != "none" and report.bound != report.value:
            yield f"the goal {report.goal} is claimed proven above its bound"
    claimed = {(one.attribute, one.value, one.group) for one in seen.result.alone}
    if claimed != _alone(seen):
        yield "the people alone of a value are not those of the assignment"


def _alone(seen: _Seen) -> set[tuple[str, str, str]]:
    groups = seen.problem.groups
    return {
        (held.attribute.key, held.value, groups[g].id)
        for held in seen.counted.holdings
        if held.is_watched
        for g in held.alone.tolist()
    }


def _unstyled(seen: _Seen) -> int:
    """People in a group whose coach offers none of the styles they would like."""
    liked, offered = seen.counted.people.styles, {coach.id: coach.styles for coach in seen.problem.coaches}
    coach_of = [group.coach or seen.result.coaches.get(group.id, "") for group in seen.problem.groups]
    asked = (liked.codes >= 0) & (seen.counted.places >= 0)
    pairs = Counter(zip(liked.codes[asked].tolist(), seen.counted.places[asked].tolist(), strict=True))
    return sum(
        times
        for (row, g), times in pairs.items()
        if liked.labels[row].isdisjoint(offered.get(coach_of[g], frozenset()))
    )


def _table(seen: _Seen) -> Iterator[str]:
    """The rows of the proof against the counts: all of them, or an even sample of very many."""
    rows, placed = seen.result.certificate.rows, max(seen.counted.placed, 1)
    at = {group.id: g for g, group in enumerate(seen.problem.groups)}
    held = {(one.attribute.key, one.value): one for one in seen.counted.holdings if one.attribute.weight}
    if len(rows) != len(held) * len(at):
        yield "the table does not have a row for every value and group"
    counts = {key: dict(zip(one.groups.tolist(), one.counts.tolist(), strict=True)) for key, one in held.items()}
    for position in range(0, len(rows), max(1, len(rows) // MOST_ROWS)):
        row = rows[position]
        key, g = (row.attribute, row.value), at.get(row.group, -1)
        count = counts[key].get(g, 0) if key in held else -1
        share = Fraction(int(seen.counted.sizes[g]) * held[key].total, placed) if key in held else Fraction(0)
        if (row.count, row.target, row.squared_error) != (count, share, (count - share) ** 2):
            yield "the counts of the table are not those of the assignment"
            return
