"""What is there for everybody in a cohort, as its coachees see it: numbers of people, never who they are."""

import datetime as dt
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cairn.delivery import rules
from cairn.delivery.models import CoachingSession, SessionDetail, SessionPlace, SessionQuestion
from cairn.delivery.queries.coachee_home import OwnSession
from cairn.delivery.queries.meetings import LOADED, Parting, parting_words, seated_and_waiting, words_are_shown
from cairn.delivery.terms import FOR_THE_COHORT, PlaceState, QuestionStage, SessionState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes.terms import Kind

QUESTIONS_PER_PAGE = 25
MOST = 30


@dataclass(frozen=True)
class Question:
    """A question for a topic session. Only the reader's own says whose it is."""

    id: int
    text: str
    stage: str
    is_taken_up: bool
    is_own: bool

    @property
    def during(self) -> bool:
        """Whether it was asked while the session went on."""
        return self.stage == QuestionStage.DURING


@dataclass(frozen=True)
class OwnMeeting(OwnSession):
    """A session for the whole cohort as one of its coachees sees it. `place` is "", seated, waiting or away; `ahead`
    how many wait before the reader. `places` None: there is room for everybody."""

    detail: SessionDetail | None = None
    place: str = ""
    ahead: int = 0
    seated: int = 0
    waiting: int = 0
    parting: tuple[Parting, ...] = ()

    @property
    def places(self) -> int | None:
        """How many there is room for."""
        return self.detail.places if self.detail else None

    @property
    def free(self) -> int | None:
        """How many places are left; None without a limit."""
        return None if self.places is None else max(self.places - self.seated, 0)

    @property
    def kind(self) -> str:
        """The kind of session."""
        return self.session.kind

    @property
    def takes_place(self) -> bool:
        """Whether it was not cancelled."""
        return self.session.state != SessionState.CANCELLED

    def link(self, at: dt.datetime) -> str:
        """Link or number near its time, for those with a place."""
        return super().link(at) if self.place == PlaceState.SEATED else ""

    def opens_later(self, at: dt.datetime) -> dt.datetime | None:
        """When the link will be shown to those with a place."""
        return super().opens_later(at) if self.place == PlaceState.SEATED else None

    def is_open(self, at: dt.datetime) -> bool:
        """Whether places are taken and given back."""
        return self.session.state == SessionState.BOOKED and self.starts_at is not None and at < self.starts_at

    def takes_questions(self, at: dt.datetime) -> bool:
        """Whether something can be asked, beforehand or while it goes on."""
        stands = self.session.state in (SessionState.BOOKED, SessionState.HELD)
        return self.kind == Kind.TOPIC and stands and self.ends_at is not None and at < self.ends_at


def own_meetings(reader: Person, at: dt.datetime) -> tuple[list[OwnMeeting], list[OwnMeeting]]:
    """What lies ahead, soonest first, and what was: with the reader's place, or with parting words. Two queries.

    What was cancelled stands among what lies ahead until its day is over on the reader's clock.
    """
    found = _visible(reader, at)
    stands = (SessionState.BOOKED, SessionState.HELD)
    today = at.astimezone(reader.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    to_come = Q(state__in=stands, ends_at__gt=at) | Q(state=SessionState.CANCELLED, starts_at__gte=today)
    ahead = found.filter(to_come).order_by("starts_at", "pk")[:MOST]
    was_there = Q(own_state=PlaceState.SEATED) | Q(kind=Kind.CELEBRATION)
    past = found.filter(was_there, state__in=stands, ends_at__lte=at).order_by("-starts_at", "pk")[:MOST]
    return [_own(each, reader) for each in ahead], [_own(each, reader) for each in past]


def own_meeting(reader: Person, session_id: int, at: dt.datetime) -> OwnMeeting:
    """One session for the whole of a cohort in which the reader takes part; else NotFound."""
    session = _visible(reader, at).filter(pk=session_id).first()
    if session is None:
        raise NotFound
    shown = parting_words(session, reader) if words_are_shown(session, at) else ()
    return _own(session, reader, shown)


def questions(
    session: CoachingSession, reader: Person, *, page: int | str | None = 1
) -> tuple[list[Question], "Page[SessionQuestion]"]:
    """The questions of a session that the reader was given, those still to take up first. Nobody is named."""
    found = SessionQuestion.objects.filter(session=session)
    ordered = found.order_by(F("taken_up_at").asc(nulls_first=True), "pk")
    shown = Paginator(ordered, QUESTIONS_PER_PAGE).get_page(page)
    return [_question(each, reader) for each in shown], shown


def _question(row: SessionQuestion, reader: Person) -> Question:
    return Question(row.pk, row.text, row.stage, row.taken_up_at is not None, row.person_id == reader.pk)


def _visible(reader: Person, at: dt.datetime) -> QuerySet[CoachingSession]:
    """Dated sessions for the cohorts in which the reader takes part on their day, with the reader's own place."""
    enrolments = programme_queries.enrolments_of(reader, at).select_related(None)
    ids = {each.cohort_id: each.pk for each in enrolments if rules.may_take_part_on(each, at.date())}
    own = SessionPlace.objects.filter(session=OuterRef("pk"), enrolment__in=ids.values())
    before = (
        SessionPlace.objects.filter(session=OuterRef("pk"), state=PlaceState.WAITING)
        .filter(Q(since__lt=OuterRef("own_since")) | Q(since=OuterRef("own_since"), pk__lt=OuterRef("own_place")))
        .order_by()
    )
    found = CoachingSession.objects.filter(cohort__in=ids, kind__in=FOR_THE_COHORT, starts_at__isnull=False)
    found = found.annotate(
        own_state=Subquery(own.values("state")[:1]),
        own_since=Subquery(own.values("since")[:1]),
        own_place=Subquery(own.values("pk")[:1]),
    )
    counted = before.values("session").annotate(n=Count("pk")).values("n")
    ahead = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return seated_and_waiting(found.annotate(ahead=ahead)).select_related(*LOADED)


def _own(session: CoachingSession, reader: Person, parting: tuple[Parting, ...] = ()) -> OwnMeeting:
    return OwnMeeting(
        session=session,
        part="coachee",
        detail=getattr(session, "detail", None),
        place=session.own_state or "",  # type: ignore[attr-defined]
        ahead=session.ahead,  # type: ignore[attr-defined]
        seated=session.seated,  # type: ignore[attr-defined]
        waiting=session.waiting,  # type: ignore[attr-defined]
        parting=parting,
    )
