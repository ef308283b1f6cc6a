"""Who is in a session: everybody with marks and apologies, read along with the session's own row.

For coaches and coordinators only: it names everybody. A coachee is shown the own seat alone.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from cairn.delivery import rules
from cairn.delivery.models import (
    Apology,
    Attendance,
    CoachingSession,
    InvitationReply,
    SentInvitation,
    SessionPlace,
)
from cairn.delivery.terms import FOR_THE_COHORT, OF_ALL_COACHES, PlaceState, ReplyAnswer
from cairn.foundation import statements
from cairn.ledger.models import Entitlement
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment

LOADED = (
    *("cohort__programme__organisation", "engagement__person", "engagement__cohort__programme"),
    *("group", "enrolment__person", "detail"),
)
LEFT = F("promised") - F("booked") - F("used") - F("released")


class Place(NamedTuple):
    """A coachee in a session, before marks are known."""

    enrolment: int
    person: int
    name: str
    discipline: str
    left: int | None


@dataclass(frozen=True)
class Seat:
    """Somebody in a session: a coachee by `enrolment_id`, or at a coach meeting a coach by `engagement_id`.

    `apology` is "in_time", "late" or "". `minutes_left` is what remains of the kind of the session, where that counts.
    """

    person_id: int
    name: str
    discipline: str = ""
    enrolment_id: int | None = None
    engagement_id: int | None = None
    mark: str = ""
    marked_at: dt.datetime | None = None
    apology: str = ""
    minutes_left: int | None = None

    @property
    def likely_mark(self) -> str:
        """The mark, or what the apologies will become when attendance is marked."""
        return self.mark or {"in_time": "excused", "late": "late_cancelled"}.get(self.apology, "")


def with_people(found: QuerySet[CoachingSession]) -> QuerySet[CoachingSession]:
    """With marks, apologies and, for meetings, coaches: each a list in the session's own row."""
    marks = Attendance.objects.filter(session=OuterRef("pk")).order_by("pk")
    apologies = Apology.objects.filter(session=OuterRef("pk"))
    coaches = CoachEngagement.objects.annotate(
        asked=ExpressionWrapper(OuterRef("kind"), output_field=CharField())
    ).filter(cohort=OuterRef("cohort"), asked__in=OF_ALL_COACHES)
    away = SessionPlace.objects.filter(session=OuterRef("pk"), state=PlaceState.AWAY, engagement__isnull=False)
    left = Entitlement.objects.filter(enrolment=OuterRef("enrolment"), kind=OuterRef("kind"))
    return found.select_related(*LOADED).annotate(
        marks_there=ArraySubquery(marks.values(row=_row_of_mark())),
        apologies_there=ArraySubquery(apologies.values(row=JSONObject(enrolment="enrolment", in_time="in_time"))),
        coaches_there=ArraySubquery(coaches.values(row=_row_of_coach())),
        declined_there=ArraySubquery(_declined().values("person")),
        away_there=ArraySubquery(away.values("engagement")),
        left=Subquery(left.values(left=LEFT)[:1]),
    )


def _declined() -> QuerySet[InvitationReply]:
    """Answers of calendars, to the invitation as it stands, that somebody cannot come."""
    stands = SentInvitation.objects.filter(
        session=OuterRef("session"), person=OuterRef("person"), is_withdrawn=False
    ).values("sequence")
    replies = InvitationReply.objects.filter(session=OuterRef("pk"), answer=ReplyAnswer.DECLINED)
    return replies.annotate(asked=Subquery(stands[:1])).filter(asked=F("sequence"))


def _row_of_mark() -> JSONObject:
    return JSONObject(
        enrolment="enrolment",
        engagement="engagement",
        person=Coalesce("enrolment__person", "engagement__person"),
        name=Coalesce("enrolment__person__name", "engagement__person__name"),
        discipline=Coalesce("enrolment__discipline", Value("")),
        mark="mark",
        marked_at="marked_at",
    )


def _row_of_coach() -> JSONObject:
    return JSONObject(
        engagement="pk", person="person", name="person__name", state="state", ended_on=Cast("ended_on", CharField())
    )


PLACES = """
SELECT g.group_id, NULL::bigint AS session_id, g.from_on, g.to_on,
  n.id AS enrolment, n.person_id AS person, p.name, n.discipline, n.state, n.left_on,
  (SELECT l.promised - l.booked - l.used - l.released FROM ledger_entitlement l
    WHERE l.enrolment_id = n.id AND l.kind = 'group') AS minutes_left
FROM programmes_groupplace g
  JOIN programmes_enrolment n ON n.id = g.enrolment_id JOIN people_person p ON p.id = n.person_id
WHERE g.group_id = ANY(%(groups)s)
UNION ALL
SELECT NULL, s.session_id, date '0001-01-01', NULL, n.id, n.person_id, p.name, n.discipline, n.state, n.left_on, NULL
FROM delivery_sessionplace s
  JOIN programmes_enrolment n ON n.id = s.enrolment_id JOIN people_person p ON p.id = n.person_id
WHERE s.session_id = ANY(%(sessions)s) AND s.state = 'seated'
"""
Places = Mapping[tuple[str, int], Sequence[Any]]


def places_of(sessions: Iterable[CoachingSession]) -> Places:
    """Every place in the groups of these sessions, and in those for the whole cohort, in one query: whose, from when
    until when, group minutes left."""
    dated = [session for session in sessions if session.wall_starts]
    groups = {session.group_id for session in dated if session.group_id}
    own = {session.pk for session in dated if session.kind in FOR_THE_COHORT}
    places: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in statements.rows(PLACES, groups=list(groups), sessions=list(own)) if groups or own else ():
        places["group" if row.group_id else "session", row.group_id or row.session_id].append(row)
    return places


def seats_of(session: CoachingSession, places: Places) -> tuple[Seat, ...]:
    """Everybody in the session by name. Whoever has a mark stays in it, also after leaving."""
    there = {place.enrolment: place for place in _coachees(session, places)}
    for mark in session.marks_there:  # type: ignore[attr-defined]
        if mark["enrolment"] and mark["enrolment"] not in there:
            there[mark["enrolment"]] = Place(mark["enrolment"], mark["person"], mark["name"], mark["discipline"], None)
    seats = [seat_of(session, place) for place in there.values()] + _coach_seats(session)
    return tuple(sorted(seats, key=lambda seat: (seat.name.casefold(), seat.person_id)))


def _coachees(session: CoachingSession, places: Places) -> list[Place]:
    """Of a celebration none: nobody marks who of those invited came."""
    if session.enrolment is not None:
        return [_place(session.enrolment, session.left)]  # type: ignore[attr-defined]
    if session.wall_starts is None or session.kind in OF_ALL_COACHES:
        return []
    day = session.wall_starts.date()
    key = ("group", session.group_id) if session.group_id else ("session", session.pk)
    return [
        Place(place.enrolment, place.person, place.name, place.discipline, place.minutes_left)
        for place in places.get(key, ())
        if place.from_on <= day and (place.to_on is None or place.to_on > day) and rules.may_take_part_on(place, day)
    ]


def _place(enrolment: Enrolment, left: int | None) -> Place:
    return Place(enrolment.pk, enrolment.person_id, enrolment.person.name, enrolment.discipline, left)


def seat_of(session: CoachingSession, place: Place) -> Seat:
    marks = session.marks_there  # type: ignore[attr-defined]
    mark = next((each for each in marks if each["enrolment"] == place.enrolment), None)
    sent = [each for each in session.apologies_there if each["enrolment"] == place.enrolment]  # type: ignore[attr-defined]
    return Seat(
        person_id=place.person,
        name=place.name,
        discipline=place.discipline,
        enrolment_id=place.enrolment,
        mark=mark["mark"] if mark else "",
        marked_at=dt.datetime.fromisoformat(mark["marked_at"]) if mark else None,
        apology=("in_time" if sent[0]["in_time"] else "late") if sent else "",
        minutes_left=place.left,
    )


def _coach_seats(session: CoachingSession) -> list[Seat]:
    """The coaches of a meeting: those at work on its day, also who said no, and those who have a mark."""
    if session.wall_starts is None:
        return []
    day = session.wall_starts.date().isoformat()
    marks = {each["engagement"]: each for each in session.marks_there if each["engagement"]}  # type: ignore[attr-defined]
    seats = []
    for coach in session.coaches_there:  # type: ignore[attr-defined]
        mark = marks.get(coach["engagement"])
        at_work = coach["state"] in programme_rules.AT_WORK or (coach["ended_on"] or "") > day
        if mark or at_work:
            seats.append(
                Seat(
                    person_id=coach["person"],
                    name=coach["name"],
                    engagement_id=coach["engagement"],
                    mark=mark["mark"] if mark else "",
                    marked_at=dt.datetime.fromisoformat(mark["marked_at"]) if mark else None,
                    apology="in_time" if coach["engagement"] in session.away_there else "",  # type: ignore[attr-defined]
                )
            )
    return seats
