"""Delivery's constraints: what each allows, what it refuses."""

import datetime as dt

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery.models import Apology, Attendance, CoachingSession, PersonTime
from tests.cast import AT
from tests.house.constraints_programmes import each

HOUR = dt.timedelta(hours=1)
DATED = {"state": "booked", "wall_starts": AT, "starts_at": AT, "ends_at": AT + HOUR}


def _session(w, **fields):
    given = {
        "cohort": w.cohort,
        "kind": "group",
        "group": w.groups[1],
        "engagement": w.engagements["ioana"],
        "position": 1,
        "minutes": 60,
        "time_zone": "Europe/London",
    }
    return CoachingSession.objects.create(**{**given, **fields})


def _taken(w, session=None, person=None, after=dt.timedelta()):
    """Thandiwe's time, or another's, for an hour."""
    during = DateTimeTZRange(AT + after, AT + after + HOUR)
    return PersonTime.objects.create(session=session or _session(w), person=person or w.thandiwe, during=during)


def _marked(w, **fields):
    given = {"session": _session(w), "mark": "attended", "marked_by": w.ioana, "marked_at": AT}
    return Attendance.objects.create(**{**given, **fields})


def _marked_twice(w, whose, first, second):
    session = _session(w)
    return each(lambda who: _marked(w, session=session, **{whose: who}), {"who": first}, {"who": second})


def _apology(w, session, who):
    return Apology.objects.create(session=session, enrolment=w.enrolments[who], in_time=True, at=AT)


def _apologies(w, *people):
    session = _session(w)
    return each(lambda who: _apology(w, session, who), *({"who": who} for who in people))


def _times_of_one_session(w, *people):
    session = _session(w)
    return [_taken(w, session, person, after=number * HOUR) for number, person in enumerate(people)][-1]


TABLE = {
    "dated_session_has_instants": (
        lambda w: each(lambda **f: _session(w, **f), {"state": "undated"}, DATED, {"state": "cancelled"}),
        lambda w: _session(w, **{**DATED, "ends_at": None}),
    ),
    "session_ends_after_it_starts": (
        lambda w: _session(w, **{**DATED, "ends_at": AT + dt.timedelta(microseconds=1)}),
        lambda w: _session(w, **{**DATED, "ends_at": AT}),
    ),
    "session_is_for_whom_its_kind_says": (
        lambda w: _session(w, kind="one_to_one", group=None, enrolment=w.enrolments["part"]),
        lambda w: _session(w, kind="one_to_one", enrolment=w.enrolments["part"]),
    ),
    "one_time_per_person_and_session": (
        lambda w: _times_of_one_session(w, w.thandiwe, w.part),
        lambda w: _times_of_one_session(w, w.thandiwe, w.thandiwe),
    ),
    "nobody_is_double_booked": (
        lambda w: each(lambda after: _taken(w, after=after), {"after": 0 * HOUR}, {"after": HOUR}),
        lambda w: each(
            lambda after: _taken(w, after=after), {"after": 0 * HOUR}, {"after": HOUR - dt.timedelta(seconds=1)}
        ),
    ),
    "one_mark_per_enrolment": (
        lambda w: _marked_twice(w, "enrolment", w.enrolments["part"], w.enrolments["thandiwe"]),
        lambda w: _marked_twice(w, "enrolment", w.enrolments["part"], w.enrolments["part"]),
    ),
    "one_mark_per_engagement": (
        lambda w: _marked_twice(w, "engagement", w.engagements["ioana"], w.engagements["malik"]),
        lambda w: _marked_twice(w, "engagement", w.engagements["ioana"], w.engagements["ioana"]),
    ),
    "mark_is_for_one": (
        lambda w: _marked(w, enrolment=w.enrolments["part"]),
        lambda w: _marked(w, enrolment=w.enrolments["part"], engagement=w.engagements["ioana"]),
    ),
    "one_apology_per_session": (
        lambda w: _apologies(w, "part", "thandiwe"),
        lambda w: _apologies(w, "part", "part"),
    ),
}
