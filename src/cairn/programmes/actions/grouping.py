"""Forming groups: proposed by the engine, checked by a second reckoning, moved by hand, adopted by a person."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cairn.engines import grouping
from cairn.engines.grouping import sentences
from cairn.foundation import audit, queue
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import queries, rules
from cairn.programmes.actions import seating, slots
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.actions.setting_up import ChangedMeanwhile
from cairn.programmes.models import Cohort, Enrolment, GroupingProposal, GroupPlace
from cairn.programmes.queries import grouping_answers, settling
from cairn.programmes.queries.grouping import GroupingFacts, grouping_facts, numbered_groups, standing_groups

State = GroupingProposal.State
Reason = tuple[str, str]
"""What stands in the way, and what would help; the second may be empty."""
AT_ONCE = 80  # people up to whom solving stays well under two seconds; the queue takes larger cohorts
MOST_GROUPS = 200
FEWEST_FREE = 5  # below this many people to place, where one of them is put could tell what they answered in confidence
MOST_REASONS = 12


class NoGrouping(Refused):
    """No groups can be formed as asked; `reasons` name people, rule and remedy."""

    sentence = _("Groups cannot be formed like this. Nothing was changed.")

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__()


class GroupsChanged(ChangedMeanwhile):
    """The proposal is not the one that the person was looking at."""

    sentence = _("Somebody else changed the groups since you looked. They are shown as they stand now.")

    def __init__(self) -> None:
        super().__init__(names=(), current={})


class InWork(Refused):
    """One proposal at a time is worked out."""

    sentence = _("Groups are being worked out already. Wait for them, or stop that first.")


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


def propose_groups(
    *,
    cohort: Cohort,
    seed: int = 0,
    group_coaches: Mapping[int, int] | None = None,
    pins: Mapping[int, int] | None = None,
    keep_places: bool = False,
    coach_minutes: Mapping[int, int] | None = None,
    seen: int | None = None,
    by: Person,
    at: dt.datetime,
) -> GroupingProposal:
    """Propose groups; an earlier proposal that waits is superseded. Nothing holds until somebody adopts it.

    `group_coaches` is engagement id → how many groups (None: one each, more or fewer as cap and minimum need it),
    `pins` enrolment id → group number (None: those of the proposal that waits), `keep_places` pins everybody to the
    seat they have, `coach_minutes` engagement id → the most they may give (None: no limit). `seen` is the version the
    person was looking at, 0 for none. More than 80 people are worked out by the queue (`state` is then "working").
    Raises NoGrouping with people, rule and remedy, GroupsChanged, InWork, NotConfirmed.
    """
    _must_run(by, cohort, at)
    waiting = GroupingProposal.objects.filter(cohort=cohort, state=State.PROPOSED).first()
    _must_be_seen(waiting, seen)
    facts = grouping_facts(cohort)
    asked = _asked(
        facts,
        waiting,
        seed=seed,
        group_coaches=group_coaches,
        pins=pins,
        keep_places=keep_places,
        coach_minutes=coach_minutes,
        at=at,
    )
    if len(facts.people) > AT_ONCE:
        return _queue(cohort, asked, by=by, at=at)
    answer, assignment = _work_out(facts, asked)
    return _keep(cohort, asked, answer, assignment, waiting, by=by, at=at)


def work_out_groups(*, proposal_id: int, at: dt.datetime) -> None:
    """The job behind a large proposal. Run twice it does its work once; a refusal is kept for the coordinator."""
    found = (
        GroupingProposal.objects.filter(pk=proposal_id, state=State.WORKING)
        .select_related("cohort__programme__organisation", "proposed_by")
        .first()
    )
    if found is None:
        return
    kept = found.answer
    minutes = kept["coach_minutes"]
    asked = Asked(
        groups=dict(kept["groups"]),
        pins={int(who): number for who, number in found.pins.items()},
        coach_minutes=None if minutes is None else {int(who): most for who, most in minutes.items()},
        seed=found.seed,
        slots=dict(kept.get("slots", ())),
    )
    try:
        answer, assignment = _work_out(grouping_facts(found.cohort), asked)
    except NoGrouping as refused:
        _give_up(found, list(refused.reasons))
    except NotConfirmed as refused:
        _give_up(found, [(str(refused), "")])
    else:
        _finish(found, answer, assignment, at=at)


def fail_groups(*, proposal_id: int) -> None:
    """Note that the queue could not work a proposal out, for a reason that is ours."""
    found = GroupingProposal.objects.filter(pk=proposal_id, state=State.WORKING).first()
    if found is not None:
        _give_up(found, [(gettext("Something went wrong on our side while the groups were worked out."), "")])


@transaction.atomic
def stop_groups(*, proposal: GroupingProposal, by: Person, at: dt.datetime) -> None:
    """Stop waiting for a proposal that is being worked out. Once it is there, nothing happens."""
    _must_run(by, proposal.cohort, at)
    stopped = GroupingProposal.objects.filter(pk=proposal.pk, state=State.WORKING).update(state=State.SUPERSEDED)
    if stopped:
        record("stop_groups", proposal, {}, by=by, at=at)


@transaction.atomic
def adopt_proposal(
    *, proposal: GroupingProposal, expected_version: int, from_on: dt.date, by: Person, at: dt.datetime
) -> list[Enrolment]:
    """Write the groups, dated seats and coaches of a proposal. Seats that stay as they are stay untouched.

    Call `delivery.actions.adopt_grouping`, which also sees to sessions, minutes and mails. Returns everybody in it,
    each with its coach. Raises GroupsChanged, NoGrouping when a rule no longer holds.
    """
    current = locked(proposal, expected_version, by=by, at=at)
    facts = grouping_facts(current.cohort)
    result = reckon(current, facts, current.assignment)[1]
    if result.violations:
        raise NoGrouping(*reasons(facts, result.violations))
    seating.seat_people(
        current.cohort, grouping_answers.groups_of(current.answer), assignment_of(result, facts), from_on, at=at
    )
    slots.give_slots(current.cohort, settling.times_in(current.answer))
    GroupingProposal.objects.filter(cohort=current.cohort_id, state=State.ADOPTED).update(state=State.SUPERSEDED)
    current.state, current.adopted_by, current.adopted_at = State.ADOPTED, by, at
    current.version += 1
    current.save(update_fields=["state", "adopted_by", "adopted_at", "version"])
    record("adopt_groups", current, {"from_on": from_on.isoformat(), "people": len(facts.people)}, by=by, at=at)
    return list(
        Enrolment.objects.filter(pk__in=[each.pk for each in facts.people])
        .select_related("person", "engagement__person")
        .order_by("pk")
    )


# ------------------------------------------------------------------ what this drawer shares


def locked(proposal: GroupingProposal, expected_version: int, *, by: Person, at: dt.datetime) -> GroupingProposal:
    """The proposal, locked, if it waits for adoption and is the one that was looked at. Raises GroupsChanged."""
    _must_run(by, proposal.cohort, at)
    current = (
        GroupingProposal.objects.select_for_update(of=("self",))
        .select_related("cohort__programme__organisation")
        .get(pk=proposal.pk)
    )
    if current.state != State.PROPOSED or current.version != expected_version:
        raise GroupsChanged
    return current


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


def record(
    action: str, proposal: GroupingProposal, facts: dict[str, Any], *, by: Person | None, at: dt.datetime
) -> None:
    """One audit row about a proposal."""
    audit.record(
        action=action,
        subject_kind="grouping_proposal",
        subject_id=proposal.pk,
        organisation_id=proposal.cohort.programme.organisation_id,
        facts={"cohort": proposal.cohort_id, "version": proposal.version, **facts},
        by=by,
        at=at,
    )


# ------------------------------------------------------------------ within


def _must_run(by: Person, cohort: Cohort, at: dt.datetime) -> None:
    if not rules.may_run_cohort(by, cohort, at):
        raise NotAllowed


def _must_be_seen(waiting: GroupingProposal | None, seen: int | None) -> None:
    if seen is not None and seen != (waiting.version if waiting else 0):
        raise GroupsChanged


def _asked(
    facts: GroupingFacts,
    waiting: GroupingProposal | None,
    *,
    seed: int,
    group_coaches: Mapping[int, int] | None,
    pins: Mapping[int, int] | None,
    keep_places: bool,
    coach_minutes: Mapping[int, int] | None,
    at: dt.datetime,
) -> Asked:
    at_work = {each.pk for each in facts.engagements}
    if not at_work:
        raise NoGrouping((gettext("No coach has accepted the work yet."), gettext("Engage a coach first.")))
    used = _used_times(facts, seed, group_coaches)
    wanted = queries.grouping.default_group_coaches(facts) if group_coaches is None else group_coaches
    groups = (
        used.groups
        if used
        else numbered_groups({who: n for who, n in wanted.items() if who in at_work}, standing_groups(facts.cohort))
    )
    if not 0 < len(groups) <= MOST_GROUPS:
        raise NoGrouping((gettext("Give at least one coach a group."), ""))
    if pins is None:
        pins = grouping_answers.pins_of(waiting) if waiting else {}
    if keep_places:
        pins = {**_places_now(facts, at), **pins}
    if used:
        pins = {**pins, **used.seats}
    present = {each.pk for each in facts.people if not each.opts_out_of_groups}
    pins = {who: number for who, number in pins.items() if number in groups and who in present}
    return Asked(groups, pins, coach_minutes, seed, used.slots if used else {})


def _used_times(facts: GroupingFacts, seed: int, group_coaches: Mapping[int, int] | None) -> settling.Used | None:
    try:
        return settling.used_times(facts, standing_groups(facts.cohort), seed=seed, group_coaches=group_coaches)
    except settling.TooFewTimes as few:
        raise NoGrouping(
            (
                gettext("%(people)s people need at least %(groups)s groups, and there are times for %(times)s.")
                % {"people": few.people, "groups": few.groups, "times": few.times},
                gettext("Ask the coaches for more times, or let groups be larger."),
            )
        ) from few


def _places_now(facts: GroupingFacts, at: dt.datetime) -> dict[int, int]:
    today = at.astimezone(facts.cohort.zone).date()
    seats = GroupPlace.objects.filter(queries.grouping.places_on(today), group__cohort=facts.cohort)
    return dict(seats.order_by("from_on").values_list("enrolment_id", "group__number"))


def _work_out(facts: GroupingFacts, asked: Asked) -> tuple[dict[str, Any], dict[str, list[int | None]]]:
    """Solve with everything that people agreed to have used, check it, and keep figures of what may be shown."""
    free = sum(1 for each in facts.people if not each.opts_out_of_groups and each.pk not in asked.pins)
    left_out = facts.mixes_protected and free < FEWEST_FREE
    question: dict[str, Any] = {"pins": asked.pins, "coach_minutes": asked.coach_minutes}
    problem = facts.problem(asked.groups, **question, slots=asked.slots, ordinary=left_out)
    _refuse_without_small_group(facts, asked)
    result = _solve(facts, problem, asked)
    found = {int(group[1:]): int(slot[1:]) for group, slot in sorted(result.slots.items())}
    slots, seats = {**asked.slots, **found}, grouping_answers.numbers_of(result.assignment)
    shown = facts.problem(asked.groups, **question, slots=slots, ordinary=True, seats=seats)
    hidden = facts.mixes_protected and not left_out
    figures = grouping.rescore(shown, result.assignment) if hidden else result
    answer = grouping_answers.encode(facts, shown, figures, asked.groups, asked.coach_minutes)
    answer["slots"] = {str(number): slot for number, slot in slots.items()}
    answer["whole"] = "left_out" if left_out else "proven" if result.proof != "none" else "open"
    return answer, assignment_of(result, facts)


def _solve(facts: GroupingFacts, problem: grouping.Problem, asked: Asked) -> grouping.Result:
    """An answer that holds every rule and that the independent check confirms."""
    try:
        result = grouping.solve(problem, seed=asked.seed)
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


@transaction.atomic
def _keep(
    cohort: Cohort,
    asked: Asked,
    answer: dict[str, Any],
    assignment: dict[str, list[int | None]],
    waiting: GroupingProposal | None,
    *,
    by: Person,
    at: dt.datetime,
) -> GroupingProposal:
    _take_turn(cohort)
    if GroupingProposal.objects.filter(cohort=cohort, state=State.WORKING).exists():
        raise InWork
    now = GroupingProposal.objects.select_for_update().filter(cohort=cohort, state=State.PROPOSED).first()
    if (now and (now.pk, now.version)) != (waiting and (waiting.pk, waiting.version)):
        raise GroupsChanged
    if now is not None:
        GroupingProposal.objects.filter(pk=now.pk).update(state=State.SUPERSEDED)
    made = _create(cohort, asked, State.PROPOSED, answer, assignment, by=by, at=at)
    record("propose_groups", made, {"groups": len(asked.groups), "people": len(assignment)}, by=by, at=at)
    return made


@transaction.atomic
def _queue(cohort: Cohort, asked: Asked, *, by: Person, at: dt.datetime) -> GroupingProposal:
    _take_turn(cohort)
    if GroupingProposal.objects.filter(cohort=cohort, state=State.WORKING).exists():
        raise InWork
    made = _create(cohort, asked, State.WORKING, asked.kept(), {}, by=by, at=at)
    queue.defer("cairn.jobs.tasks.form_groups", proposal_id=made.pk)
    record("queue_groups", made, {"groups": len(asked.groups)}, by=by, at=at)
    return made


@transaction.atomic
def _finish(
    working: GroupingProposal, answer: dict[str, Any], assignment: dict[str, list[int | None]], *, at: dt.datetime
) -> None:
    _take_turn(working.cohort)
    current = GroupingProposal.objects.select_for_update().filter(pk=working.pk, state=State.WORKING).first()
    if current is None:
        return
    GroupingProposal.objects.filter(cohort=working.cohort, state=State.PROPOSED).update(state=State.SUPERSEDED)
    current.state, current.answer, current.assignment = State.PROPOSED, answer, assignment
    current.version = _next_version(working.cohort)
    current.save(update_fields=["state", "answer", "assignment", "version"])
    current.cohort = working.cohort
    record("propose_groups", current, {"people": len(assignment)}, by=working.proposed_by, at=at)


def _give_up(working: GroupingProposal, why: list[Reason]) -> None:
    GroupingProposal.objects.filter(pk=working.pk, state=State.WORKING).update(
        state=State.FAILED, answer={"reasons": [list(each) for each in why]}
    )


def _create(
    cohort: Cohort,
    asked: Asked,
    state: str,
    answer: dict[str, Any],
    assignment: dict[str, Any],
    *,
    by: Person,
    at: dt.datetime,
) -> GroupingProposal:
    return GroupingProposal.objects.create(
        cohort=cohort,
        state=state,
        assignment=assignment,
        pins={str(who): number for who, number in asked.pins.items()},
        answer=answer,
        seed=asked.seed,
        version=_next_version(cohort),
        proposed_by=by,
        proposed_at=at,
    )


def _next_version(cohort: Cohort) -> int:
    """Versions count on through a cohort's proposals, so that an old page never fits a new proposal."""
    last = GroupingProposal.objects.filter(cohort=cohort).aggregate(last=Max("version"))["last"]
    return int(last or 0) + 1


def _take_turn(cohort: Cohort) -> None:
    """One change of a cohort's proposals at a time; rows that merely refer to the cohort can still be written."""
    Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
