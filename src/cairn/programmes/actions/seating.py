"""Seats in groups are dated: the old one ends on the day on which the new one begins, and nothing before it changes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import CoachingGroup, Cohort, Enrolment, GroupPlace
from cairn.programmes.queries.grouping import places_on


class DayOutsideCohort(Refused):
    """Seats begin while the cohort runs."""

    field = "from_on"
    sentence = _("Choose a day from %(first)s to %(last)s, while the cohort runs.")


class DayHasPassed(Refused):
    """Attendance of the past stays with the groups of the past."""

    field = "from_on"
    sentence = _("People already sit in groups, and what has passed stays as it was. Choose today or a later day.")


def seat_people(
    cohort: Cohort,
    groups: Mapping[int, int],
    assignment: Mapping[str, Sequence[int | None]],
    from_on: dt.date,
    *,
    at: dt.datetime,
) -> None:
    """Bring groups (number → engagement id), seats and coaches to this assignment, from a day on.

    Runs in the caller's transaction. Seats that stay as they are stay untouched. Raises DayOutsideCohort, DayHasPassed.
    """
    if not cohort.starts_on <= from_on <= cohort.ends_on:
        raise DayOutsideCohort(first=cohort.starts_on.isoformat(), last=cohort.ends_on.isoformat())
    ids = _groups(cohort, groups)
    wanted = {int(who): ids[number] for who, (_held, number) in assignment.items() if number is not None}
    seats = GroupPlace.objects.select_for_update().filter(
        places_on(from_on), enrolment__in=[int(w) for w in assignment]
    )
    kept, ending = set(), []
    for seat in seats.order_by("pk"):
        if seat.to_on is None and seat.from_on <= from_on and wanted.get(seat.enrolment_id) == seat.group_id:
            kept.add(seat.enrolment_id)
        else:
            ending.append(seat)
    if ending and from_on < at.astimezone(cohort.zone).date():
        raise DayHasPassed
    for seat in ending:
        seat.to_on = max(from_on, seat.from_on)
    GroupPlace.objects.bulk_update(ending, ["to_on"])
    GroupPlace.objects.bulk_create(
        GroupPlace(group_id=group, enrolment_id=who, from_on=from_on)
        for who, group in wanted.items()
        if who not in kept
    )
    _give_coaches(assignment)


def end_seat(enrolment: Enrolment, on: dt.date) -> list[int]:
    """End whatever seat somebody has from this day on. Returns the ids of the groups they leave."""
    seats = list(GroupPlace.objects.select_for_update().filter(places_on(on), enrolment=enrolment))
    for seat in seats:
        seat.to_on = max(on, seat.from_on)
    GroupPlace.objects.bulk_update(seats, ["to_on"])
    return sorted({seat.group_id for seat in seats})


def _groups(cohort: Cohort, groups: Mapping[int, int]) -> dict[int, int]:
    """Number → group id; groups that are not there yet are made. A group's coach never changes."""
    known = {group.number: group for group in CoachingGroup.objects.filter(cohort=cohort)}
    made = CoachingGroup.objects.bulk_create(
        CoachingGroup(cohort=cohort, number=number, engagement_id=held)
        for number, held in groups.items()
        if number not in known
    )
    return {group.number: group.pk for group in [*known.values(), *made] if group.number in groups}


def _give_coaches(assignment: Mapping[str, Sequence[int | None]]) -> None:
    """One coach for the group and one-to-one."""
    by_coach: dict[int, list[int]] = defaultdict(list)
    for who, (held, _number) in assignment.items():
        if held is not None:
            by_coach[held].append(int(who))
    for held, people in by_coach.items():
        Enrolment.objects.filter(pk__in=people).exclude(engagement=held).update(engagement=held)
