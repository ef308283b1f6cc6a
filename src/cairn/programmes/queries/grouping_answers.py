"""A grouping as it is kept with its proposal: score, proof and counts, from ordinary attributes and nothing else.

What people answered in confidence is weighed when groups are worked out. It enters no figure that is kept or shown,
not even a sum: whoever moves one person to and fro could read that person's answer from the difference.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from cairn.engines import grouping
from cairn.programmes.models import GroupingProposal
from cairn.programmes.queries import settling
from cairn.programmes.queries.grouping import GroupingFacts, group_key

Answer = dict[str, Any]


def encode(
    facts: GroupingFacts,
    problem: grouping.Problem,
    result: grouping.Result,
    groups: Mapping[int, int],
    coach_minutes: Mapping[int, int] | None,
) -> Answer:
    """The values of a result that pages need, ready for JSON. Problem and result are those of ordinary attributes."""
    cells = _cells(facts, result)
    return {
        **_figures(result),
        "groups": [[number, engagement_id] for number, engagement_id in groups.items()],
        "coach_minutes": None if coach_minutes is None else {str(who): left for who, left in coach_minutes.items()},
        "attributes": _attributes(facts, result),
        "confidential": [each.label for each in facts.attributes if each.is_protected],
        "mix": {str(number): cells.get(group_key(number), {}) for number in groups},
        "likeness": {report.id[1:]: report.likeness for report in result.per_group},
        "rows": _rows(facts, result),
        "violations": [asdict(conflict) for conflict in result.violations],
        "mode": problem.mode,
        "goals": {report.goal: float(report.value) for report in result.goals},
        "asked": _asked_for(problem),
        "alone": [[facts.label(each.attribute, each.value), int(each.group[1:])] for each in result.alone],
        "question": fingerprint(problem),
        "sizes": _sizes(result),
    }


def carried_over(answer: Answer, before: Answer) -> Answer:
    """A new answer with what an earlier one to the same question knew: slots, prices, and what was said of the whole.

    A different question (a pin, a rule, another person) leaves prices and what was said of the whole behind.
    """
    kept = {"slots": before.get("slots", {})}
    if before.get("question") == answer["question"]:
        kept |= {name: before[name] for name in ("whole", "prices") if name in before}
    return {**answer, **kept}


def whole_of(proposal: GroupingProposal) -> str:
    """What may be said of the whole, confidential answers included: "proven", "open", "left_out", "moved" or nothing.

    Said of a proposal as it was worked out without pins, and of no other: each further bit about groups that somebody
    arranged by hand would be one to learn from.
    """
    if not proposal.answer.get("confidential"):
        return ""
    if proposal.previous:
        return "moved"
    return "" if proposal.pins else str(proposal.answer.get("whole", ""))


def conflicts(answer: Answer) -> list[grouping.Conflict]:
    """The rules that the grouping breaks."""
    return [_conflict(each) for each in answer["violations"]]


def _conflict(kept: Mapping[str, Any]) -> grouping.Conflict:
    return grouping.Conflict(**{**kept, **{name: tuple(kept[name]) for name in ("people", "groups", "coaches")}})


@dataclass(frozen=True)
class Priced:
    """What a rule costs, in points. `rule` is a conflict, or the attribute by which nobody should be alone."""

    rule: grouping.Conflict | str
    points: float
    is_proven: bool


def prices(answer: Mapping[str, Any]) -> list[Priced] | None:
    """What the rules cost, the dearest first; None while nobody has asked, or nothing could be worked out."""
    if "prices" not in answer or prices_refused(answer):
        return None
    return [
        Priced(
            each["rule"].partition("=")[0] if isinstance(each["rule"], str) else _conflict(each["rule"]),
            each["points"],
            each["is_proven"],
        )
        for each in answer["prices"]
    ]


def prices_refused(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Why the prices could not be worked out, and what would help."""
    return [(each["refused"][0], each["refused"][1]) for each in answer.get("prices", ()) if "refused" in each]


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
    """The score of an assignment as the cohort is now, by ordinary attributes; whoever left it no longer counts.

    Raises the engine's BadProblem.
    """
    problem, seated = as_it_stands(proposal, facts, assignment)
    return problem, with_known_proof(grouping.rescore(problem, seated), problem, proposal.answer)


def as_it_stands(
    proposal: GroupingProposal, facts: GroupingFacts, assignment: Mapping[str, Any]
) -> tuple[grouping.Problem, dict[str, str]]:
    """The ordinary question about a proposal as the cohort is now, and who of those present sits where."""
    present = {str(each.pk) for each in facts.people if not each.opts_out_of_groups}
    pins = {who: number for who, number in pins_of(proposal).items() if str(who) in present}
    seated = seats_of(assignment, present)
    problem = facts.problem(
        groups_of(proposal.answer),
        pins=pins,
        coach_minutes=coach_minutes_of(proposal.answer),
        ordinary=True,
        slots=settling.times_in(proposal.answer),
        seats=numbers_of(seated),
    )
    return problem, seated


def seats_of(assignment: Mapping[str, Any], present: set[str]) -> dict[str, str]:
    """The engine's person id → group id, of those who are present."""
    return {
        who: group_key(number) for who, (_held, number) in assignment.items() if number is not None and who in present
    }


def numbers_of(seated: Mapping[str, str]) -> dict[int, int]:
    """The engine's assignment as enrolment id → group number."""
    return {int(who): int(group[1:]) for who, group in seated.items()}


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
    if proof == "none" and not result.violations and before["proof"] != "none" and proven == result.D:
        proof = "cp_sat"
    return replace(result, proven_bound=proven, gap=gap, proof=proof)


def fingerprint(problem: grouping.Problem) -> str:
    """Two problems with the same fingerprint are the same question. It says nothing about anybody's values."""
    people = [
        (
            (each.id, sorted(each.values.items()), each.opted_out, sorted(each.blocked_coaches), each.pinned_group),
            (None if each.slots is None else sorted(each.slots), sorted(each.styles)),
        )
        for each in sorted(problem.people, key=lambda each: each.id)
    ]
    coaches = [
        (each.id, each.minutes, sorted(each.slots or ()), sorted(each.styles), each.most_groups)
        for each in sorted(problem.coaches, key=lambda each: each.id)
    ]
    attributes = [(each.key, each.weight, each.of, sorted(each.not_alone)) for each in problem.attributes]
    rest = replace(problem, people=(), coaches=(), attributes=())
    return hashlib.sha256(repr((people, coaches, attributes, rest)).encode()).hexdigest()


def _figures(result: grouping.Result) -> Answer:
    exact = {name: str(getattr(result, name)) for name in ("D", "bound", "proven_bound", "baseline")}
    return {"score": result.score, "gap": result.gap, "proof": result.proof, **exact}


def _asked_for(problem: grouping.Problem) -> list[str]:
    """Which goals beside the mix somebody asked for."""
    asked = {
        "isolation": any(attribute.not_alone for attribute in problem.attributes),
        "meetings": bool(problem.met),
        "style": any(person.styles for person in problem.people),
    }
    return [goal for goal, is_asked in asked.items() if is_asked]


def _sizes(result: grouping.Result) -> dict[str, int]:
    return {report.id: report.size for report in result.per_group}


def _attributes(facts: GroupingFacts, result: grouping.Result) -> list[Answer]:
    by_key = {each.key: each for each in facts.attributes}
    return [
        {
            "key": report.key,
            "label": by_key[report.key].label,
            "of": list(by_key[report.key].of),
            "weight": report.weight,
            "D": float(report.D),
            "bound": float(report.bound),
            "baseline": float(report.baseline),
            "score": report.score,
        }
        for report in result.per_attribute
    ]


def _cells(facts: GroupingFacts, result: grouping.Result) -> dict[str, dict[str, list[tuple[str, int]]]]:
    """Group → attribute → (value, count), largest first: the make-up of each group."""
    found: dict[str, dict[str, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in result.certificate.rows:
        if row.count:
            found[row.group][row.attribute].append((facts.label(row.attribute, row.value), row.count))
    return {
        group: {key: sorted(cells, key=lambda cell: (-cell[1], cell[0])) for key, cells in made.items()}
        for group, made in found.items()
    }


def _rows(facts: GroupingFacts, result: grouping.Result) -> list[list[Any]]:
    """[attribute, value, group, count, fair share] of every cell of the proof."""
    return [
        [
            row.attribute,
            facts.label(row.attribute, row.value),
            int(row.group[1:]),
            row.count,
            round(float(row.target), 2),
        ]
        for row in result.certificate.rows
    ]
