"""Working out groups: the engine solves, a second reckoning checks, and figures are kept of what may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cairn.engines import grouping, wishes
from cairn.engines.grouping.problem import sentences
from cairn.programmes import queries, rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import GroupingProposal
from cairn.programmes.queries import choosing, grouping_answers, settling
from cairn.programmes.queries.grouping import GroupingFacts

Reason = tuple[str, str]
"""What stands in the way, and what would help; the second may be empty."""
MOST_REASONS = 12
FEWEST_FREE = 5  # below this many people to place, where one of them is put could tell what they answered in confidence


class NoGrouping(Refused):
    """No groups can be formed as asked; `reasons` name people, rule and remedy."""

    sentence = _("Groups cannot be formed like this. Nothing was changed.")

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__()


class NotConfirmed(Refused):
    """The second reckoning did not confirm the first. A fault of ours, so nothing is kept."""

    sentence = _(
        "The groups that were found did not pass the independent check, so they were not kept. "
        "Please report this; nothing was changed."
    )


@dataclass(frozen=True)
class Asked:
    """What a proposal is to be made of: groups (number → engagement id), pins, limits, seed, times (number → slot)."""

    groups: Mapping[int, int]
    pins: Mapping[int, int]
    coach_minutes: Mapping[int, int] | None
    seed: int
    slots: Mapping[int, int] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "groups": [[number, held] for number, held in self.groups.items()],
            "coach_minutes": self.coach_minutes,
            "slots": [[number, slot] for number, slot in self.slots.items()],
        }


def work_out(
    facts: GroupingFacts, asked: Asked, watch: grouping.Watch | None = None
) -> tuple[dict[str, Any], dict[str, list[int | None]]]:
    """Solve with everything that people agreed to have used, check it, and keep figures of what may be shown.

    Returns answer and assignment, both for JSON. Raises NoGrouping, NotConfirmed.
    """
    pins = {**_granted(facts, asked), **asked.pins}
    free = sum(1 for each in facts.people if not each.opts_out_of_groups and each.pk not in pins)
    left_out = facts.mixes_protected and free < FEWEST_FREE
    question: dict[str, Any] = {"pins": pins, "coach_minutes": asked.coach_minutes}
    problem = facts.problem(asked.groups, **question, slots=asked.slots, ordinary=left_out)
    _refuse_without_small_group(facts, asked)
    result = _solve(facts, problem, asked, watch)
    found = {int(group[1:]): int(slot[1:]) for group, slot in sorted(result.slots.items())}
    slots, seats = {**asked.slots, **found}, grouping_answers.numbers_of(result.assignment)
    shown = facts.problem(asked.groups, **question, slots=slots, ordinary=True, seats=seats)
    hidden = facts.mixes_protected and not left_out
    figures = grouping.rescore(shown, result.assignment) if hidden else result
    answer = grouping_answers.encode(facts, shown, figures, asked.groups, asked.coach_minutes)
    answer["slots"] = {str(number): slot for number, slot in slots.items()}
    answer["whole"] = "left_out" if left_out else "proven" if result.proof != "none" else "open"
    return answer, assignment_of(result, facts)


def _granted(facts: GroupingFacts, asked: Asked) -> dict[int, int]:
    """Enrolment id → group number, of those whose wish comes true where people chose among times."""
    if not asked.slots or not settling.is_self_chosen(facts.cohort):
        return {}
    problem = facts.problem(
        asked.groups, pins=asked.pins, coach_minutes=asked.coach_minutes, slots=asked.slots, ordinary=True
    )
    found = wishes.granted(problem, seats=choosing.open_seats(facts.cohort), seed=asked.seed)
    return {int(who): int(group[1:]) for who, group in found.items()}


def reckon(
    proposal: GroupingProposal, facts: GroupingFacts, assignment: Mapping[str, Any]
) -> tuple[grouping.Problem, grouping.Result]:
    """The score of an assignment as the cohort is now. Raises NoGrouping where the engine can make no sense of it."""
    try:
        return grouping_answers.reckon(proposal, facts, assignment)
    except grouping.BadProblem as bad:
        raise NoGrouping(bad_input(facts, bad)) from bad


def assignment_of(result: grouping.Result, facts: GroupingFacts) -> dict[str, list[int | None]]:
    """Enrolment id → [engagement id, group number]; the number is None for who opted out.

    Who opted out keeps the coach they have, if that coach may and is still there.
    """
    found: dict[str, list[int | None]] = {
        who: [int(coach[1:]), int(result.assignment[who][1:]) if who in result.assignment else None]
        for who, coach in result.one_to_one_coach.items()
    }
    for each in facts.people:
        kept = next((held for held in facts.engagements if held.pk == each.engagement_id), None)
        if each.opts_out_of_groups and kept is not None and rules.may_coach_person(kept, each):
            found[str(each.pk)] = [kept.pk, None]
    return found


def reasons(facts: GroupingFacts, conflicts: tuple[grouping.Conflict, ...]) -> list[Reason]:
    """Conflicts as sentences with names, each with what would help."""
    return grouping_answers.in_words(conflicts[:MOST_REASONS], facts.names)


def bad_input(facts: GroupingFacts, bad: grouping.BadProblem) -> Reason:
    """Input that makes no sense, in words."""
    name = grouping_answers.namer(facts.names)
    params = {key: name(str(value)) if key in ("id", "a", "b") else value for key, value in bad.params.items()}
    return gettext(sentences.BAD_INPUT[bad.key]).format(**params), ""


def _solve(
    facts: GroupingFacts, problem: grouping.Problem, asked: Asked, watch: grouping.Watch | None
) -> grouping.Result:
    """An answer that holds every rule and that the independent check confirms."""
    try:
        result = grouping.solve(problem, seed=asked.seed, watch=watch)
    except grouping.Infeasible as impossible:
        raise NoGrouping(*reasons(facts, impossible.conflicts), *_jointly(impossible)) from impossible
    except grouping.BadProblem as bad:
        raise NoGrouping(bad_input(facts, bad)) from bad
    if result.violations:
        found = ngettext(
            "No grouping was found that holds every rule. The nearest breaks this one:",
            "No grouping was found that holds every rule. The nearest breaks these:",
            len(result.violations),
        )
        raise NoGrouping((found, ""), *reasons(facts, result.violations))
    if not grouping.verify(problem, result).ok:
        raise NotConfirmed
    return result


def _refuse_without_small_group(facts: GroupingFacts, asked: Asked) -> None:
    lacking = queries.arrangements.without_small_group(facts, asked.groups, asked.pins)
    if lacking:
        raise NoGrouping(
            *(
                (
                    gettext("%(name)s needs a smaller group, and none of these will do.")
                    % {"name": facts.names[str(who)]},
                    gettext("Give a coach who may coach them another group."),
                )
                for who in lacking[:MOST_REASONS]
            )
        )


def _jointly(impossible: grouping.Infeasible) -> list[Reason]:
    if not impossible.jointly:
        return []
    return [(gettext("Each of these could hold alone. Together they cannot."), gettext("Relax any one of them."))]
