"""What a coachee sees when they choose a time for a one-to-one of their own: times that are free, and nothing else.

A time that is not free is only ever that: nobody learns by whom it is taken, or whether it is taken at all or merely
kept free by a buffer or a limit.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from cairn.delivery.models import Apology, Availability, CoachingSession, Hold, MeetingPlace, SlotWatch
from cairn.delivery.queries import availability
from cairn.delivery.queries.availability import MeetingPlaceSeen
from cairn.delivery.queries.of_session import OfSession
from cairn.delivery.queries.seats import LEFT, LOADED
from cairn.delivery.terms import Mode, SessionState
from cairn.engines import availability as engine
from cairn.foundation.models import AuditEntry
from cairn.ledger.models import Entitlement
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment
from cairn.programmes.terms import Kind

Obstacle = Literal["", "cancelled", "no_hours", "too_late", "no_coach"]
DAY = dt.timedelta(days=1)
WEEK = 6 * DAY  # from its first day to its last
LOOK_AHEAD = 28 * DAY
NEXT = 3
MOST_SHOWN = 140  # starts on one page; a coach with short steps gets fewer days on it
OPEN = (SessionState.UNDATED, SessionState.BOOKED)
DATING = frozenset({"date_session", "move_session"})
OWN_ACTIONS = DATING | {"cancel_session"}
OF_DATES = OWN_ACTIONS | {"restore_session", "add_session"}


@dataclass(frozen=True)
class Slot:
    """A start within the coach's hours. `is_free`: it can be booked. `is_watched`: the reader is told when it can.
    `is_own`: nothing that others do would free it, because the reader is in a session then, or busy."""

    starts_at: dt.datetime
    is_free: bool
    is_watched: bool = False
    is_own: bool = False


class Waiting(NamedTuple):
    """A one-to-one of the reader's own that waits for a date."""

    id: int
    position: int
    minutes: int


@dataclass(frozen=True)
class OwnBooking(OfSession):
    """A one-to-one of the reader's own, with what they may know of it when they date it.

    `obstacle` is "" or why no time can be chosen. `cut_off_at` is until when a session with a date can be moved,
    `in_time_until` until when cancelling it costs nothing: until it begins where apologies came in time. `waiting` are
    the others of the reader's own with this coach that wait for a date.
    """

    session: CoachingSession
    coach: str
    coach_zone: str
    obstacle: Obstacle
    minutes_left: int
    cut_off_at: dt.datetime | None
    in_time_until: dt.datetime | None
    watches: tuple[dt.datetime, ...]
    waiting: tuple[Waiting, ...] = ()
    cost_nothing: bool = False

    @property
    def moves(self) -> bool:
        """Whether the session has a date already."""
        return self.session.state == SessionState.BOOKED

    @property
    def late_costs(self) -> int:
        """Minutes that a late cancellation uses up."""
        return self.session.minutes if self.session.cohort.late_cancelled_uses_minutes else 0


@dataclass(frozen=True)
class Choice:
    """The starts of some days, `first` to `last` on the reader's own wall, `today` and `latest` around them.

    `next` are the next free starts after those days, where none of them has one. `earlier`: from where on to look at
    days before, or None where none of them is offered. `instead`: the id of one without a date, for one cancelled.
    """

    own: OwnBooking
    first: dt.date
    last: dt.date
    today: dt.date
    latest: dt.date
    slots: tuple[Slot, ...]
    next: tuple[dt.datetime, ...]
    earlier: dt.date | None = None
    instead: int | None = None


@dataclass(frozen=True)
class Held:
    """A time that the reader holds, until when, and the places there are then; the chosen one first, each with its
    address for those who meet there in person, or ""."""

    own: OwnBooking
    starts_at: dt.datetime
    expires_at: dt.datetime
    places: tuple[tuple[MeetingPlaceSeen, str], ...]


class Done(NamedTuple):
    """What its coachee did last to a session: the action as audited, when, and whether it took their last one back."""

    action: str
    at: dt.datetime
    taken_back: bool = False


def done_by_coachee(session: CoachingSession) -> Done | None:
    """The last booking, move or cancellation of a one-to-one, where its coachee made it. For who was given it."""
    if session.enrolment is None:
        return None
    made = AuditEntry.objects.filter(subject_kind="session", subject_id=session.pk, action__in=OF_DATES)
    last = made.order_by("-pk").first()
    if last is None or last.by_id != session.enrolment.person_id or last.action not in OWN_ACTIONS:
        return None
    return Done(last.action, last.at, bool(last.facts.get("taken_back")))


def waiting_there(sessions: QuerySet[CoachingSession]) -> ArraySubquery:
    """Those of these sessions that wait for a date, in their order, for `waiting_of`."""
    undated = sessions.filter(kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED, engagement__isnull=False)
    told = JSONObject(id="pk", position="position", minutes="minutes")
    return ArraySubquery(undated.order_by("position", "pk").values(told=told))


def waiting_of(found: Iterable[dict[str, int]]) -> tuple[Waiting, ...]:
    """What the database told of them."""
    return tuple(Waiting(**each) for each in found)


def own_booking(reader: Person, session_id: int, at: dt.datetime) -> OwnBooking:
    """A one-to-one of the reader's own that has a date to come or none, or was cancelled; else NotFound. One query."""
    left = Entitlement.objects.filter(enrolment=OuterRef("enrolment"), kind=OuterRef("kind"))
    kept = Availability.objects.filter(person=OuterRef("engagement__person"))
    watches = SlotWatch.objects.filter(session=OuterRef("pk"), person=reader, told_at=None, starts_at__gt=at)
    apologies = Apology.objects.filter(session=OuterRef("pk"), enrolment=OuterRef("enrolment"))
    others = CoachingSession.objects.filter(enrolment=OuterRef("enrolment")).exclude(pk=OuterRef("pk"))
    found = (
        CoachingSession.objects.filter(
            pk=session_id,
            kind=Kind.ONE_TO_ONE,
            enrolment__person=reader,
            enrolment__state__in=programme_rules.TAKING_PART,
            cohort__programme__organisation__in=people_rules.organisations_as(reader, Role.COACHEE, at=at),
            engagement__isnull=False,
        )
        .exclude(state=SessionState.HELD)
        .select_related(*LOADED)
        .annotate(
            left=Subquery(left.values(left=LEFT)[:1]),
            cut_off_hours=Subquery(kept.values("cut_off_hours")[:1]),
            coach_zone=Subquery(kept.values("time_zone")[:1]),
            is_open=Subquery(kept.values("is_open")[:1]),
            apologised_in_time=Subquery(apologies.values("in_time")[:1]),
            waiting=waiting_there(others),
            watched=ArraySubquery(watches.order_by("starts_at").values("starts_at")),
        )
        .first()
    )
    if found is None:
        raise NotFound
    return _own(found, at)


def choice(reader: Person, session_id: int, first: dt.date | None, at: dt.datetime) -> Choice:
    """The times a coachee can choose from `first` on; without it, from the first week that has a free one.

    A handful of queries whatever the numbers. Raises NotFound.
    """
    own = own_booking(reader, session_id, at)
    today = at.astimezone(reader.zone).date()
    begins = max(first or today, today)
    since = max(today, begins - LOOK_AHEAD)
    diary = _diary(own, reader, since, begins, at)
    if diary is None:
        return Choice(own, begins, begins, today, begins, (), (), instead=_instead(own))
    free = diary.free(begins, begins + WEEK)
    later = () if free else diary.free(begins + WEEK + DAY, begins + LOOK_AHEAD)
    if first is None and (free or later):
        soonest = diary.day_of((free or later)[0])
        week = max(today, soonest - dt.timedelta(days=soonest.weekday()))
        if week != begins:
            begins, later = week, ()
            free = diary.free(begins, begins + WEEK)
    shown, last = _page(diary, begins, frozenset(free))
    is_after = begins > today and (since > today or bool(diary.offered(since, begins - DAY)))
    earlier = max(begins - WEEK - DAY, today) if is_after else None
    return Choice(own, begins, last, today, diary.latest, shown, later[:NEXT], earlier)


def _instead(own: OwnBooking) -> int | None:
    """The one that waits in the stead of a session that was cancelled: of its length, the last that came where the
    minutes came back, and the next else. Without one of its length the next of all."""
    if own.obstacle != "cancelled" or not own.waiting:
        return None
    alike = [each for each in own.waiting if each.minutes == own.session.minutes] or own.waiting[:1]
    return alike[-1 if own.cost_nothing else 0].id


def held(reader: Person, session_id: int, at: dt.datetime) -> Held | None:
    """What the reader holds for this session, run out or not; None when nothing. Raises NotFound."""
    own = own_booking(reader, session_id, at)
    hold = Hold.objects.filter(session=session_id, by=reader).select_related("place").first()
    if hold is None or own.session.engagement is None or own.session.enrolment is None:
        return None
    starts_at = hold.during.lower
    start = availability.bookable_at(
        session=own.session,
        engagement=own.session.engagement,
        enrolment=own.session.enrolment,
        starts_at=starts_at,
        holder=reader,
        at=at,
    )
    offered = start.places if start else ()
    if start is None and hold.place is not None:  # kept for the reader, whatever the coach took away since
        offered = (MeetingPlaceSeen(hold.place.pk, hold.place.name, hold.place.mode),)
    in_person = MeetingPlace.objects.filter(pk__in=[place.id for place in offered], mode=Mode.IN_PERSON)
    where = dict(in_person.values_list("pk", "where"))
    places = sorted(offered, key=lambda place: place.id != hold.place_id)
    return Held(own, starts_at, hold.expires_at, tuple((place, where.get(place.id, "")) for place in places))


def next_bookable(
    session: CoachingSession,
    engagement: CoachEngagement,
    enrolment: Enrolment,
    *,
    after: dt.datetime,
    holder: Person,
    at: dt.datetime,
) -> tuple[dt.datetime, ...]:
    """The next starts that `holder` can book."""
    found = availability.next_bookable(
        session=session, engagement=engagement, enrolment=enrolment, after=after, holder=holder, at=at, count=NEXT
    )
    return tuple(each.starts_at for each in found)


def to_book(session_id: int, at: dt.datetime) -> CoachingSession | None:
    """A one-to-one that its coachee may still date: for jobs, which have no reader."""
    found = (
        CoachingSession.objects.filter(
            pk=session_id,
            kind=Kind.ONE_TO_ONE,
            state__in=OPEN,
            enrolment__state__in=programme_rules.TAKING_PART,
            engagement__state__in=programme_rules.AT_WORK,
        )
        .select_related(*LOADED)
        .first()
    )
    if found is None or found.enrolment is None:
        return None
    held = people_rules.organisations_as(found.enrolment.person, Role.COACHEE, at=at)
    return found if found.cohort.programme.organisation_id in held else None


def cut_off_hours(cohort: Cohort, kept: int | None) -> int:
    """How long before it begins a coachee moves a session no more: what the coach keeps to, and where late cancellation
    uses minutes no less than the cohort agreed, or a move would be the free way round.
    """
    return max(kept or 0, cohort.apologies_hours if cohort.late_cancelled_uses_minutes else 0)


def _own(found: Any, at: dt.datetime) -> OwnBooking:
    cohort, engagement = found.cohort, found.engagement
    cut_off_at = in_time_until = None
    if found.starts_at is not None:
        cut_off_at = found.starts_at - dt.timedelta(hours=cut_off_hours(cohort, found.cut_off_hours))
        ahead = 0 if found.apologised_in_time else cohort.apologies_hours
        in_time_until = found.starts_at - dt.timedelta(hours=ahead)
    obstacle: Obstacle = ""
    if found.state == SessionState.CANCELLED:
        obstacle = "cancelled"
    elif engagement.state not in programme_rules.AT_WORK:
        obstacle = "no_coach"
    elif not found.is_open:
        obstacle = "no_hours"
    elif cut_off_at is not None and (cut_off_at <= at or found.apologised_in_time is False):
        obstacle = "too_late"
    return OwnBooking(
        session=found,
        coach=engagement.person.name,
        coach_zone=found.coach_zone or engagement.person.time_zone,
        obstacle=obstacle,
        minutes_left=found.left or 0,
        cut_off_at=cut_off_at,
        in_time_until=in_time_until,
        watches=tuple(found.watched),
        waiting=waiting_of(found.waiting),
        cost_nothing=bool(found.apologised_in_time) or not cohort.late_cancelled_uses_minutes,
    )


@dataclass(frozen=True)
class _Diary:
    """Everything that decides which starts there are, read once for all the days a page may show."""

    own: OwnBooking
    reader: Person
    kept: availability.Kept
    there: availability.InTheWay
    wanted: engine.Wanted
    latest: dt.date

    def free(self, first: dt.date, last: dt.date) -> tuple[dt.datetime, ...]:
        """The starts that can be booked on these days of the reader's wall."""
        return self._of_days(engine.starts(self.kept.rules, self._around(first, last), self.there.taken), first, last)

    def but_for_others(self, first: dt.date, last: dt.date) -> tuple[dt.datetime, ...]:
        """Those that could be booked if nothing but the reader's own sessions and calendars were in the way."""
        return self._of_days(engine.starts(self.kept.rules, self._around(first, last), self.there.own), first, last)

    def offered(self, first: dt.date, last: dt.date) -> tuple[dt.datetime, ...]:
        """The same with nothing in the way."""
        return self._of_days(_offered(self.kept, self._around(first, last)), first, last)

    def day_of(self, starts_at: dt.datetime) -> dt.date:
        """The day on the reader's wall."""
        return starts_at.astimezone(self.reader.zone).date()

    def _around(self, first: dt.date, last: dt.date) -> engine.Wanted:
        begins, ends = max(first - DAY, self.wanted.first), min(last + DAY, self.wanted.last)
        return replace(self.wanted, first=begins, last=ends)

    def _of_days(self, found: tuple[engine.Start, ...], first: dt.date, last: dt.date) -> tuple[dt.datetime, ...]:
        starts = (each.starts_at for each in found if each.starts_at != self.own.session.starts_at)
        return tuple(each for each in starts if first <= self.day_of(each) <= last)


def _diary(own: OwnBooking, reader: Person, since: dt.date, first: dt.date, at: dt.datetime) -> _Diary | None:
    """From the day `since` to four weeks after the day `first`, in two queries; None where nothing can be chosen."""
    session, engagement, enrolment = own.session, own.session.engagement, own.session.enrolment
    if own.obstacle or engagement is None or enrolment is None:
        return None
    begins, until = availability.within(engagement, enrolment, since - DAY, first + LOOK_AHEAD + DAY)
    kept = availability.kept_by(engagement.person_id, begins, until) if begins <= until else None
    if kept is None:
        return None
    there = availability.in_own_way(session, engagement, enrolment, first=begins, last=until, holder=reader, at=at)
    horizon = at.astimezone(reader.zone).date() + dt.timedelta(days=kept.rules.horizon_days)
    wanted = engine.Wanted(session.minutes, session.time_zone, begins, until, at, there.closed)
    return _Diary(own, reader, kept, there, wanted, min(horizon, engagement.cohort.ends_on))


def _offered(kept: availability.Kept, wanted: engine.Wanted) -> tuple[engine.Start, ...]:
    """What the hours alone offer, with nothing in the way."""
    return engine.starts(replace(kept.rules, most_per_day=None, most_per_week=None), wanted, engine.Taken())


def _page(diary: _Diary, first: dt.date, free: frozenset[dt.datetime]) -> tuple[tuple[Slot, ...], dt.date]:
    """The starts of a week from this day on, of fewer days where they are many; and the last day shown."""
    last = first + WEEK
    shared = frozenset(diary.but_for_others(first, last))
    slots = [
        Slot(each, each in free, each in diary.own.watches, each not in shared) for each in diary.offered(first, last)
    ]
    while len(slots) > MOST_SHOWN and last > first:
        last -= DAY
        slots = [slot for slot in slots if diary.day_of(slot.starts_at) <= last]
    return tuple(slots), last
