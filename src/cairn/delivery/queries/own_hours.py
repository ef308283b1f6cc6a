"""A coach's own hours as their page shows them, and what coachees are offered of a week."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from dataclasses import dataclass

from cairn.delivery.models import Availability, CoachingSession, MeetingPlace
from cairn.delivery.queries import availability
from cairn.delivery.queries.availability import Kept, MeetingPlaceSeen
from cairn.engines import availability as engine
from cairn.engines import opening_hours
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement

DAY = dt.timedelta(days=1)
YEARS = dt.timedelta(days=800)  # exceptions further off are not listed
WEEKDAYS = range(7)


@dataclass(frozen=True)
class OwnHours:
    """What a coach said. `row` None: nothing yet. `days` are the hours of Monday to Sunday as they are typed."""

    row: Availability | None
    zone: str
    days: tuple[str, ...]
    places: tuple[MeetingPlaceSeen, ...]
    exceptions: tuple[tuple[int, engine.Differing], ...]
    kept: Kept | None

    @property
    def version(self) -> int:
        """Which saving stands; 0 before the first."""
        return self.row.version if self.row is not None else 0


@dataclass(frozen=True)
class OfferedDay:
    """A day on the coach's wall and the starts (on that wall, naive) that coachees of one cohort are offered."""

    on: dt.date
    starts: tuple[dt.datetime, ...]


@dataclass(frozen=True)
class OfferedWeek:
    """What coachees of a cohort see of a week, for its usual length of a session in minutes."""

    cohort: str
    minutes: int
    days: tuple[OfferedDay, ...]

    @property
    def count(self) -> int:
        """How many starts there are."""
        return sum(len(day.starts) for day in self.days)


def own_hours(reader: Person, at: dt.datetime) -> OwnHours:
    """The hours, rules, places and exceptions to come of a coach. NotFound for anybody else."""
    _must_coach(reader, at)
    today = at.astimezone(reader.zone).date()
    kept = availability.kept_by(reader.pk, today, today + YEARS)
    if kept is None:
        return OwnHours(None, reader.time_zone, ("",) * 7, _places(reader), (), None)
    names = {place.id: place.name for place in kept.places.values()}
    days = tuple(
        opening_hours.write(
            opening_hours.Opening(*engine.minutes_of(each), names.get(each.place or 0, ""))
            for each in kept.rules.hours
            if each.weekday == weekday
        )
        for weekday in WEEKDAYS
    )
    today = at.astimezone(kept.row.zone).date()
    to_come = tuple(each for each in kept.exceptions if each[1].last_on >= today)
    return OwnHours(kept.row, kept.row.time_zone, days, tuple(kept.places.values()), to_come, kept)


def own_places(reader: Person, at: dt.datetime) -> list[MeetingPlace]:
    """A coach's own places, links and numbers. NotFound for anybody else."""
    _must_coach(reader, at)
    return list(MeetingPlace.objects.filter(person=reader))


def own_place(reader: Person, place_id: int, at: dt.datetime) -> MeetingPlace:
    """One of them. NotFound for that of anybody else."""
    _must_coach(reader, at)
    place = MeetingPlace.objects.filter(person=reader, pk=place_id).first()
    if place is None:
        raise NotFound
    return place


def offered_week(reader: Person, hours: OwnHours, monday: dt.date, at: dt.datetime) -> OfferedWeek | None:
    """What a coachee who is free all week sees from this Monday on; None while the coach works in no cohort then."""
    sunday = monday + 6 * DAY
    at_work = CoachEngagement.objects.filter(
        person=reader,
        state__in=programme_rules.AT_WORK,
        cohort__starts_on__lte=sunday,
        cohort__ends_on__gte=monday,
        cohort__programme__organisation__in=people_rules.organisations_as(reader, Role.COACH, at=at),
    )
    engagement = at_work.select_related("cohort__programme").order_by("-cohort__starts_on", "pk").first()
    if engagement is None:
        return None
    cohort = engagement.cohort
    found: dict[dt.date, list[dt.datetime]] = defaultdict(list)
    if hours.kept is not None and hours.kept.row.is_open:
        session = CoachingSession(minutes=cohort.one_to_one_session_minutes, time_zone=cohort.time_zone)
        here = zoneinfo.ZoneInfo(hours.zone)
        first, last = max(monday - DAY, cohort.starts_on), min(sunday + DAY, cohort.ends_on)
        wanted = engine.Wanted(session.minutes, session.time_zone, first, last, at)
        offer = availability.offered(
            hours.kept, wanted, session=session, engagement=engagement, enrolment=None, holder=None, at=at
        )
        for each in offer:
            wall = each.starts_at.astimezone(here).replace(tzinfo=None)
            found[wall.date()].append(wall)
    week = (monday + number * DAY for number in WEEKDAYS)
    days = tuple(OfferedDay(day, tuple(found[day])) for day in week)
    return OfferedWeek(str(cohort), cohort.one_to_one_session_minutes, days)


def _places(reader: Person) -> tuple[MeetingPlaceSeen, ...]:
    own = MeetingPlace.objects.filter(person=reader)
    return tuple(MeetingPlaceSeen(place.pk, place.name, place.mode) for place in own)


def _must_coach(reader: Person, at: dt.datetime) -> None:
    if not people_rules.may_coach(reader, at):
        raise NotFound
