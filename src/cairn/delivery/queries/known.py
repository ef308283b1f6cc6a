"""Sessions and attendance that a reader may know of, as rows by id, for other systems that ask in the reader's name."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from cairn.delivery.models import Attendance, CoachingSession, SessionPlace
from cairn.delivery.terms import PlaceState
from cairn.people.queries import NotFound
from cairn.programmes.models import GroupPlace
from cairn.programmes.queries import Reach
from cairn.programmes.terms import Kind

FOR_COACHES = (Kind.COACH_MEETING, Kind.CELEBRATION)
LOADED = ("engagement__person", "group", "detail")


def known_sessions(within: Reach) -> QuerySet[CoachingSession]:
    """Sessions of cohorts that are run, of the reader's own engagements, and those in which the reader has a seat."""
    own = Q(enrolment__in=within.enrolments) | Q(pk__in=_places(within)) | _seated(within)
    coached = Q(engagement__in=within.engagements) | Q(kind__in=FOR_COACHES, cohort__in=within.coached_cohorts)
    dated = CoachingSession.objects.annotate(day=TruncDate("wall_starts", tzinfo=dt.UTC))
    found = dated.filter(Q(cohort__in=within.run_cohorts) | coached | own)
    return found.select_related(*LOADED).order_by("pk")


def known_session(within: Reach, session_id: int) -> CoachingSession:
    """One of them; else NotFound."""
    found = known_sessions(within).filter(pk=session_id).first()
    if found is None:
        raise NotFound
    return found


def known_attendance(within: Reach) -> QuerySet[Attendance]:
    """Marks in cohorts that are run and in sessions of the reader's own engagements, and the reader's own marks."""
    own = Q(enrolment__in=within.enrolments) | Q(engagement__in=within.engagements)
    coached = Q(session__engagement__in=within.engagements)
    return Attendance.objects.filter(Q(session__cohort__in=within.run_cohorts) | coached | own).order_by("pk")


def _places(within: Reach) -> QuerySet[SessionPlace, int]:
    """Sessions for the whole cohort in which the reader has taken a place."""
    taken = SessionPlace.objects.filter(enrolment__in=within.enrolments, state=PlaceState.SEATED)
    return taken.values_list("session", flat=True)


def _seated(within: Reach) -> Q:
    """Group sessions on days on which the reader's place in the group holds."""
    held = Q(to_on=None) | Q(to_on__gt=OuterRef("day"))
    seat = GroupPlace.objects.filter(
        held, group=OuterRef("group"), enrolment__in=within.enrolments, from_on__lte=OuterRef("day")
    )
    return Q(group__in=within.groups_ever) & Q(Exists(seat))
