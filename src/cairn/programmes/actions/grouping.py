"""Forming groups: proposed by the engine, checked by a second reckoning, moved by hand, adopted by a person."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from cairn.people.models import Person
from cairn.programmes import queries
from cairn.programmes.actions import grouping_queue, seating, slots
from cairn.programmes.actions.grouping_keeping import GroupsChanged, InWork, create, locked, must_run, record, take_turn
from cairn.programmes.actions.grouping_solving import Asked, NoGrouping, assignment_of, reasons, reckon, work_out
from cairn.programmes.models import Cohort, Enrolment, GroupingProposal, GroupPlace
from cairn.programmes.queries import grouping_answers, settling
from cairn.programmes.queries.grouping import GroupingFacts, grouping_facts, numbered_groups, standing_groups

State = GroupingProposal.State
AT_ONCE = 80  # people up to whom solving stays well under two seconds; the queue takes larger cohorts
MOST_GROUPS = 200


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
    must_run(by, cohort, at)
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
        return grouping_queue.queue_groups(cohort, asked, by=by, at=at)
    answer, assignment = work_out(facts, asked)
    return _keep(cohort, asked, answer, assignment, waiting, by=by, at=at)


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


# ------------------------------------------------------------------ within


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
    take_turn(cohort)
    if GroupingProposal.objects.filter(cohort=cohort, state=State.WORKING).exists():
        raise InWork
    now = GroupingProposal.objects.select_for_update().filter(cohort=cohort, state=State.PROPOSED).first()
    if (now and (now.pk, now.version)) != (waiting and (waiting.pk, waiting.version)):
        raise GroupsChanged
    if now is not None:
        GroupingProposal.objects.filter(pk=now.pk).update(state=State.SUPERSEDED)
    made = create(cohort, asked, State.PROPOSED, answer, assignment, by=by, at=at)
    record("propose_groups", made, {"groups": len(asked.groups), "people": len(assignment)}, by=by, at=at)
    return made
