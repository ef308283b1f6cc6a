"""Many sessions at once: a group's series and the coach meetings of a cohort. Looked at first, made afterwards."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import booking, notices, numbering, occupancy, problems, settling
from cairn.delivery.models import CoachingSession, Series
from cairn.delivery.queries import free
from cairn.delivery.terms import SessionState
from cairn.engines import cadence
from cairn.foundation import audit
from cairn.ledger import actions as ledger_actions
from cairn.people.models import Person
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachingGroup, Cohort, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

Seats = Mapping[dt.date, rules.Participants]


@dataclass(frozen=True)
class PlannedSession:
    """One occurrence of a series before it is made. `position` counts the whole series from 1; instants are UTC."""

    position: int
    on: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str

    @property
    def minutes(self) -> int:
        """How long it is."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True)
class SeriesPlan:
    """What would be made: the dates, and which of them had to give way to something, and why."""

    sessions: tuple[PlannedSession, ...]
    moved: tuple[cadence.Moved, ...]

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The dates alone: what `expected` takes."""
        return tuple(planned.on for planned in self.sessions)


def preview_timetable(
    *,
    cohort: Cohort,
    group: CoachingGroup,
    weekday: int,
    wall_time: dt.time,
    starts_on: dt.date,
    by: Person,
    at: dt.datetime,
) -> SeriesPlan:
    """The series of group sessions that is still missing for a group, without writing anything.

    Follows the cohort's cadence from the first `weekday` (Monday 0) on or after `starts_on`, and keeps clear of
    weekends, closed days and what the coach and the coachees have already. Raises AlreadyPlanned, InThePast,
    OutsideCohort, and the cadence engine's NotEnoughRoom and WeekdayAtWeekend.
    """
    _must_run(by, cohort, group, at)
    lengths, existing = _missing_lengths(cohort, group)
    _must_lie_within(cohort, starts_on, at)
    timetable = cadence.occurrences(
        starts_on=starts_on,
        ends_on=cohort.ends_on,
        count=len(lengths),
        rhythm=_rhythm(cohort, existing),
        wall_time=wall_time,
        minutes=max(lengths),
        zone=cohort.time_zone,
        weekday=weekday,
        closed=free.closed_days(cohort.programme.organisation_id),
        busy=_busy(cohort, _people_of(group, starts_on), starts_on, at),
    )
    sessions = tuple(
        PlannedSession(
            existing + occurrence.number,
            occurrence.on,
            occurrence.starts_at,
            occurrence.starts_at + dt.timedelta(minutes=minutes),
            cohort.time_zone,
        )
        for occurrence, minutes in zip(timetable.dates, lengths, strict=True)
    )
    return SeriesPlan(_upcoming(sessions, at), timetable.problems)


@transaction.atomic
def plan_timetable(
    *,
    cohort: Cohort,
    group: CoachingGroup,
    weekday: int,
    wall_time: dt.time,
    mode: str,
    where: str,
    starts_on: dt.date,
    expected: Collection[dt.date] | None = None,
    by: Person,
    at: dt.datetime,
) -> list[CoachingSession]:
    """Make the series of a group, all of it or none. `expected` are the dates that were previewed.

    Everybody in it gets one mail with every date. Raises what `preview_timetable` raises, PlanChanged, JustTaken,
    and GroupLacksMinutes.
    """
    group = CoachingGroup.objects.select_related("engagement__person").get(pk=group.pk)
    occupancy.lock(_people_of(group, starts_on))
    plan = preview_timetable(
        cohort=cohort, group=group, weekday=weekday, wall_time=wall_time, starts_on=starts_on, by=by, at=at
    )
    if expected is not None and tuple(expected) != plan.days:
        raise problems.PlanChanged
    made = [
        _session(planned, cohort, Kind.GROUP, mode, where, group=group, engagement=group.engagement)
        for planned in plan.sessions
    ]
    seats = _seats(group, plan.days)
    try:
        _make(made, seats, by=by, at=at)
    except ledger_actions.NotEnoughMinutes as short:
        raise problems.GroupLacksMinutes(group.number, str(short)) from short
    _record("plan_timetable", cohort, {"group": group.pk, "made": len(made)}, by=by, at=at)
    return made


def preview_coach_meetings(
    *, cohort: Cohort, wall_time: dt.time, weekday: int | None = None, by: Person, at: dt.datetime
) -> SeriesPlan:
    """The quarterly meetings of all coaches that are missing, one in the last week of each quarter to come.

    Raises AlreadyPlanned, NoCoachYet, and the cadence engine's NoDayForMeeting and WeekdayAtWeekend.
    """
    _must_run(by, cohort, None, at)
    today = at.astimezone(cohort.zone).date()
    coaches = [coach.person_id for coach in rules.coaches_of(cohort.pk, today)]
    if not coaches:
        raise problems.NoCoachYet
    standing = _standing(cohort, Kind.COACH_MEETING)
    own = {(session.starts_at, session.ends_at) for session in standing}
    timetable = cadence.meeting_dates(
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        wall_time=wall_time,
        zone=cohort.time_zone,
        minutes=cohort.meeting_minutes,
        weekday=weekday,
        closed=free.closed_days(cohort.programme.organisation_id),
        busy=[span for span in _busy(cohort, coaches, today, at) if span not in own],
    )
    there_already = {_quarter_of(session) for session in standing}
    missing = [each for each in timetable.dates if each.number not in there_already and each.starts_at > at]
    if not missing:
        raise problems.AlreadyPlanned(_("The coach meetings of every quarter to come have a date already."))
    quarters = {each.number for each in missing}
    moved = tuple(moved for moved in timetable.problems if moved.number in quarters)
    return SeriesPlan(tuple(_numbered(missing, cohort)), moved)


@transaction.atomic
def plan_coach_meetings(
    *,
    cohort: Cohort,
    wall_time: dt.time,
    weekday: int | None = None,
    mode: str,
    where: str,
    expected: Collection[dt.date] | None = None,
    by: Person,
    at: dt.datetime,
) -> list[CoachingSession]:
    """Make the coach meetings of the whole cohort with all coaches, all of them or none; one mail to each coach.

    Raises what `preview_coach_meetings` raises, PlanChanged, JustTaken, ledger NotEnoughMinutes.
    """
    numbering.line_up(cohort.pk, Kind.COACH_MEETING)
    today = at.astimezone(cohort.zone).date()
    coaches = tuple(rules.coaches_of(cohort.pk, today))
    occupancy.lock([coach.person_id for coach in coaches])
    plan = preview_coach_meetings(cohort=cohort, wall_time=wall_time, weekday=weekday, by=by, at=at)
    if expected is not None and tuple(expected) != plan.days:
        raise problems.PlanChanged
    made = [_session(planned, cohort, Kind.COACH_MEETING, mode, where) for planned in plan.sessions]
    _make(made, {day: rules.Participants(engagements=coaches) for day in plan.days}, by=by, at=at)
    numbering.by_date(made[0])
    _record("plan_coach_meetings", cohort, {"made": len(made)}, by=by, at=at)
    return made


def _make(made: Sequence[CoachingSession], seats: Seats, *, by: Person, at: dt.datetime) -> None:
    """Write a series: everybody's time, all minutes, one mail to each person."""
    if not made:
        return
    series = Series.objects.create(cohort=made[0].cohort, group=made[0].group, made_at=at)
    for session in made:
        session.series, session.planned_wall = series, session.wall_starts
    CoachingSession.objects.bulk_create(made)
    with_seats = [(session, seats[booking.wall_day(session)], booking.wall_day(session)) for session in made]
    occupancy.take_all([(session, there.parts) for session, there, _on in with_seats], at=at, by=by)
    settling.settle_new(with_seats, by=by, at=at)
    everybody = {person.pk: person for _session, there, _on in with_seats for person in there.people}
    notices.tell_of_series(made, everybody.values(), by=by, at=at)


def _session(
    planned: PlannedSession, cohort: Cohort, kind: str, mode: str, where: str, **whose: object
) -> CoachingSession:
    wall = planned.starts_at.astimezone(cohort.zone).replace(tzinfo=dt.UTC)
    return CoachingSession(
        cohort=cohort,
        kind=kind,
        position=planned.position,
        minutes=planned.minutes,
        state=SessionState.BOOKED,
        mode=mode,
        where=where.strip(),
        wall_starts=wall,
        time_zone=cohort.time_zone,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        **whose,
    )


def _must_run(by: Person, cohort: Cohort, group: CoachingGroup | None, at: dt.datetime) -> None:
    """A coordinator of the cohort, or the coach of the group."""
    if group is not None and group.cohort_id != cohort.pk:
        raise problems.NotAllowed
    coaches = group is not None and programme_rules.may_coach_in(by, group.engagement, at)
    if not coaches and not programme_rules.may_run_cohort(by, cohort, at):
        raise problems.NotAllowed


def _must_lie_within(cohort: Cohort, starts_on: dt.date, at: dt.datetime) -> None:
    if not cohort.starts_on <= starts_on <= cohort.ends_on:
        raise problems.OutsideCohort(cohort.starts_on, cohort.ends_on)
    if starts_on < at.astimezone(cohort.zone).date():
        raise problems.DayInThePast(starts_on)


def _standing(cohort: Cohort, kind: str, group: CoachingGroup | None = None) -> list[CoachingSession]:
    sessions = CoachingSession.objects.filter(cohort=cohort, kind=kind, group=group).select_related("cohort")
    return list(sessions.exclude(state=SessionState.CANCELLED).order_by("starts_at"))


def _quarter_of(session: CoachingSession) -> int | None:
    """The quarter of the cohort for which a coach meeting stands: where it was planned first, wherever it is now."""
    wall = session.planned_wall or session.wall_starts
    cohort = session.cohort
    return cadence.part_of(wall.date(), starts_on=cohort.starts_on, ends_on=cohort.ends_on) if wall else None


def _numbered(missing: Sequence[cadence.Occurrence], cohort: Cohort) -> Iterator[PlannedSession]:
    """Coach meetings to be made, each with the number that its date gives it among all of the cohort."""
    there = numbering.standing(cohort.pk).values_list("starts_at", flat=True)
    order = sorted([*filter(None, there), *(each.starts_at for each in missing)])
    for each in missing:
        number = order.index(each.starts_at) + 1
        yield PlannedSession(number, each.on, each.starts_at, each.ends_at, cohort.time_zone)


def _missing_lengths(cohort: Cohort, group: CoachingGroup) -> tuple[tuple[int, ...], int]:
    """Minutes of each session that a group's promise still wants, and how many sessions stand already."""
    standing = _standing(cohort, Kind.GROUP, group)
    missing = cohort.group_minutes - sum(session.minutes for session in standing)
    if missing <= 0:
        raise problems.AlreadyPlanned(
            _("Every session of group %(number)s has a date already. You can move, cancel or add single ones.")
            % {"number": group.number}
        )
    last = max((session.position for session in standing), default=0)
    return cadence.split_minutes(missing, cohort.group_session_minutes), last


def _rhythm(cohort: Cohort, existing: int) -> cadence.Rhythm:
    """The cohort's cadence, going on after so many sessions."""
    early = max(cohort.early_sessions - existing, 0)
    steps = (cadence.Step(early, cohort.early_weeks),) if early and cohort.early_weeks else ()
    return cadence.Rhythm(steps, max(cohort.later_weeks, 1))


def _upcoming(sessions: tuple[PlannedSession, ...], at: dt.datetime) -> tuple[PlannedSession, ...]:
    if sessions and sessions[0].starts_at < at:
        raise problems.InThePast(sessions[0].starts_at, sessions[0].zone)
    return sessions


def _people_of(group: CoachingGroup, on: dt.date) -> list[int]:
    """The coach and everybody with a place in the group on this day or later."""
    places = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=on), rules.taking_part_on(on, "enrolment__"), group=group
    )
    return [group.engagement.person_id, *places.values_list("enrolment__person_id", flat=True)]


def _busy(cohort: Cohort, people: Collection[int], starts_on: dt.date, at: dt.datetime) -> list[free.Span]:
    first = max(at, dt.datetime.combine(starts_on, dt.time(), tzinfo=cohort.zone))
    last = dt.datetime.combine(cohort.ends_on, dt.time(), tzinfo=cohort.zone) + dt.timedelta(days=2)
    return free.busy(people, first, max(last, first))


def _seats(group: CoachingGroup, days: Collection[dt.date]) -> Seats:
    """Who is in the group on each of these days, from one reading of its places."""
    places = list(GroupPlace.objects.filter(group=group).select_related("enrolment__person").order_by("enrolment"))

    def on(day: dt.date) -> tuple[Enrolment, ...]:
        return tuple(
            place.enrolment
            for place in places
            if place.from_on <= day
            and (place.to_on is None or place.to_on > day)
            and rules.may_take_part_on(place.enrolment, day)
        )

    return {day: rules.Participants(on(day), (group.engagement,)) for day in days}


def _record(action: str, cohort: Cohort, facts: dict[str, int], *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="cohort",
        subject_id=cohort.pk,
        organisation_id=cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
