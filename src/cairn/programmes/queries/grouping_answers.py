"""A grouping as it is kept with its proposal: score, proof and counts; of protected attributes only sums, no counts."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from cairn.engines import grouping
from cairn.programmes.models import GroupingProposal
from cairn.programmes.queries.grouping import GroupingFacts, group_key

Answer = dict[str, Any]
EVEN, CLOSE, UNEVEN = "even", "close", "uneven"


def encode(
    facts: GroupingFacts,
    problem: grouping.Problem,
    result: grouping.Result,
    groups: Mapping[int, int],
    coach_minutes: Mapping[int, int] | None,
) -> Answer:
    """The values of a result that pages need, ready for JSON."""
    return {
        **_figures(result),
        "groups": [[number, engagement_id] for number, engagement_id in groups.items()],
        "coach_minutes": None if coach_minutes is None else {str(who): left for who, left in coach_minutes.items()},
        "attributes": _attributes(facts, result),
        "mix": {str(number): _mix(facts, result, group_key(number)) for number in groups},
        "rows": _ordinary_rows(facts, result),
        "uneven": _uneven(facts, result),
        "violations": [asdict(conflict) for conflict in result.violations],
        "question": fingerprint(problem),
        "sizes": _sizes(result),
    }


def conflicts(answer: Answer) -> list[grouping.Conflict]:
    """The rules that the grouping breaks."""
    tuples = ("people", "groups", "coaches")
    return [
        grouping.Conflict(**{**each, **{name: tuple(each[name]) for name in tuples}}) for each in answer["violations"]
    ]


def groups_of(answer: Answer) -> dict[int, int]:
    """Number → engagement id."""
    return dict(answer["groups"])


def coach_minutes_of(answer: Answer) -> dict[int, int] | None:
    """What coaches may give in all, where the proposal was asked to keep to it."""
    kept = answer["coach_minutes"]
    return None if kept is None else {int(who): left for who, left in kept.items()}


def pins_of(proposal: GroupingProposal) -> dict[int, int]:
    """Enrolment id → group number."""
    return {int(who): number for who, number in proposal.pins.items()}


def reckon(
    proposal: GroupingProposal, facts: GroupingFacts, assignment: Mapping[str, Any]
) -> tuple[grouping.Problem, grouping.Result]:
    """The score of an assignment as the cohort is now; whoever left it, or opted out, no longer counts.

    Raises the engine's BadProblem.
    """
    answer = proposal.answer
    present = {str(each.pk) for each in facts.people if not each.opts_out_of_groups}
    pins = {who: number for who, number in pins_of(proposal).items() if str(who) in present}
    problem = facts.problem(groups_of(answer), pins=pins, coach_minutes=coach_minutes_of(answer))
    seated = seats_of(assignment, present)
    return problem, with_known_proof(grouping.rescore(problem, seated), problem, answer)


def seats_of(assignment: Mapping[str, Any], present: set[str]) -> dict[str, str]:
    """The engine's person id → group id, of those who are present."""
    return {
        who: group_key(number) for who, (_held, number) in assignment.items() if number is not None and who in present
    }


def namer(names: Mapping[str, str]) -> Callable[[str], str]:
    """A function from the engine's ids to names."""

    def name(key: str) -> str:
        if key.startswith("g"):
            return gettext("Group %(number)s") % {"number": key[1:]}
        return names.get(key, key)

    return name


def in_words(found: Iterable[grouping.Conflict], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each conflict as a sentence with names, and what would help (or nothing)."""
    name = namer(names)
    return [(grouping.say(each, name, gettext), grouping.say_remedy(each, gettext)) for each in found]


def with_known_proof(result: grouping.Result, problem: grouping.Problem, before: Answer) -> grouping.Result:
    """The result with the bound that an exhaustive search proved before, if the question and the sizes are the same."""
    if before.get("question") != fingerprint(problem) or before.get("sizes") != _sizes(result):
        return result
    proven = max(result.proven_bound, min(result.D, Fraction(before["proven_bound"])))
    spread = result.baseline - result.bound
    gap = float(100 * (result.D - proven) / spread) if spread else 0.0
    proof = result.proof
    if proof == "none" and not result.violations and before["proof"] == "cp_sat" and proven == result.D:
        proof = "cp_sat"
    return replace(result, proven_bound=proven, gap=gap, proof=proof)


def fingerprint(problem: grouping.Problem) -> str:
    """Two problems with the same fingerprint are the same question. It says nothing about anybody's values."""
    people = [
        (each.id, sorted(each.values.items()), each.opted_out, sorted(each.blocked_coaches), each.pinned_group)
        for each in sorted(problem.people, key=lambda each: each.id)
    ]
    minutes = sorted((problem.coach_minutes or {}).items())
    rest = replace(problem, people=(), coach_minutes=None)
    return hashlib.sha256(repr((people, minutes, rest)).encode()).hexdigest()


def _figures(result: grouping.Result) -> Answer:
    exact = {name: str(getattr(result, name)) for name in ("D", "bound", "proven_bound", "baseline")}
    return {"score": result.score, "gap": result.gap, "proof": result.proof, **exact}


def _sizes(result: grouping.Result) -> dict[str, int]:
    return {report.id: report.size for report in result.per_group}


def _attributes(facts: GroupingFacts, result: grouping.Result) -> list[Answer]:
    by_key = {each.key: each for each in facts.attributes}
    return [
        {
            "key": report.key,
            "label": by_key[report.key].label,
            "is_protected": by_key[report.key].is_protected,
            "weight": report.weight,
            "D": float(report.D),
            "bound": float(report.bound),
            "baseline": float(report.baseline),
            "score": report.score,
        }
        for report in result.per_attribute
    ]


def _protected(facts: GroupingFacts) -> frozenset[str]:
    return frozenset(each.key for each in facts.attributes if each.is_protected)


def _label(facts: GroupingFacts, row: grouping.Row) -> str:
    return facts.labels.get((row.attribute, row.value), row.value)


def _mix(facts: GroupingFacts, result: grouping.Result, group: str) -> Answer:
    """One group's make-up: counts of ordinary values, largest first; of protected ones together, how even they are."""
    hidden = _protected(facts)
    cells: dict[str, list[tuple[str, int]]] = defaultdict(list)
    off = Fraction(0)
    for row in result.certificate.rows:
        if row.group == group and row.attribute in hidden:
            off = max(off, abs(row.count - row.target))
        elif row.group == group and row.count:
            cells[row.attribute].append((_label(facts, row), row.count))
    ordered = {key: sorted(found, key=lambda cell: (-cell[1], cell[0])) for key, found in cells.items()}
    return {"cells": ordered, "protected": (EVEN if off < 1 else CLOSE if off < 2 else UNEVEN) if hidden else ""}


def _ordinary_rows(facts: GroupingFacts, result: grouping.Result) -> list[list[Any]]:
    """[attribute, value, group, count, fair share] of every ordinary cell of the proof."""
    hidden = _protected(facts)
    return [
        [row.attribute, _label(facts, row), int(row.group[1:]), row.count, round(float(row.target), 2)]
        for row in result.certificate.rows
        if row.attribute not in hidden
    ]


def _uneven(facts: GroupingFacts, result: grouping.Result) -> list[str]:
    """Keys of protected attributes of which some count is a whole person off."""
    hidden = _protected(facts)
    rows = result.certificate.rows
    return sorted({row.attribute for row in rows if row.attribute in hidden and abs(row.count - row.target) >= 1})
