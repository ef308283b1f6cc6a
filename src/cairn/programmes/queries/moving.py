"""Requests to change group: who asked, what waits, what became of it."""

import datetime as dt

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from cairn.foundation.models import AuditEntry
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules
from cairn.programmes.models import CoachingGroup, Cohort, Enrolment, GroupingProposal, GroupPlace, MoveRequest
from cairn.programmes.queries.grouping import places_on
from cairn.programmes.queries.move_ways import SEAT
from cairn.programmes.terms import MoveState

SUBJECT = "move_request"
ASKED, WITHDRAWN = "ask_to_move", "withdraw_move_request"
SHOWN_DAYS = 60
LISTED, ANSWERED_SHOWN = 50, 10
LOADED = (
    *("enrolment__person", "enrolment__engagement__person", "enrolment__cohort__programme__organisation"),
    *("asked_by", "answered_by", "to_group"),
)


def askers(request: MoveRequest) -> set[int]:
    """The ids of those who wait for an answer: the person, a coach, or both."""
    asked: set[int] = set()
    entries = AuditEntry.objects.filter(
        subject_kind=SUBJECT, subject_id=request.pk, action__in=[ASKED, WITHDRAWN]
    ).order_by("pk")
    for action, by in entries.values_list("action", "by_id"):
        asked = asked | {by or 0} if action == ASKED else asked - {by or 0}
    return asked


def known_groups(reader: Person, enrolment: Enrolment, at: dt.datetime) -> list[CoachingGroup]:
    """Groups that whoever asks may name, of an enrolment that they were given: a coach's own; those whose time is
    published; and those in which the person sat before."""
    today = at.astimezone(enrolment.cohort.zone).date()
    known = Q(engagement__person=reader) | Q(slots__isnull=False, slots__withdrawn_at=None)
    if enrolment.person_id == reader.pk:
        known |= Q(places__enrolment=enrolment)
    seats = GroupPlace.objects.filter(places_on(today), group=OuterRef("pk"))
    found = CoachingGroup.objects.filter(known, Exists(seats), cohort=enrolment.cohort_id)
    found = found.exclude(Exists(seats.filter(enrolment=enrolment))).exclude(engagement=enrolment.engagement_id)
    return list(found.filter(engagement__state__in=rules.AT_WORK).select_related("engagement__person").distinct())


def move_of(reader: Person, enrolment: Enrolment, at: dt.datetime) -> MoveRequest | None:
    """What became of the newest request about somebody, for them or their coach, who were given the enrolment.

    A coach knows only of what they asked themselves. What was answered is shown for some weeks. Adds `said_at` and
    `said_wish`: when and for what the reader asked, if they did.
    """
    recent = Q(state=MoveState.WAITING) | Q(answered_at__gte=at - dt.timedelta(days=SHOWN_DAYS))
    said = AuditEntry.objects.filter(subject_kind=SUBJECT, by_id=reader.pk)
    taken_back = said.filter(action=WITHDRAWN, pk__gt=OuterRef("pk"), subject_id=OuterRef("subject_id"))
    asked = said.filter(~Exists(taken_back), action=ASKED, subject_id=OuterRef("pk")).order_by("-pk")
    found = (
        MoveRequest.objects.filter(recent, enrolment=enrolment)
        .exclude(state=MoveState.WITHDRAWN)
        .annotate(said_at=Subquery(asked.values("at")[:1]), said_wish=Subquery(asked.values("facts__wish")[:1]))
        .select_related("to_group")
    )
    if enrolment.person_id != reader.pk:
        found = found.filter(said_at__isnull=False)
    return found.order_by("-asked_at", "-pk").first()


def moves_listed(
    reader: Person, at: dt.datetime, *, cohort_id: int | None = None
) -> tuple[list[MoveRequest], list[MoveRequest]]:
    """What waits, oldest first, and the last few that were answered, newest first. One query."""
    recent = Q(answered_at__gte=at - dt.timedelta(days=SHOWN_DAYS)) & ~Q(state=MoveState.WITHDRAWN)
    found = _coordinated(reader, at).filter(Q(state=MoveState.WAITING) | recent)
    found = found.filter(enrolment__cohort=cohort_id) if cohort_id else found
    rows = list(found.order_by(F("answered_at").desc(nulls_first=True), "asked_at", "pk")[: LISTED + ANSWERED_SHOWN])
    waiting = [each for each in rows if each.state == MoveState.WAITING]
    answered = [each for each in rows if each.state != MoveState.WAITING]
    return waiting[:LISTED], answered[:ANSWERED_SHOWN]


def move_request(reader: Person, request_id: int, at: dt.datetime) -> MoveRequest:
    """One request in a cohort that the reader coordinates."""
    return found_move(moves(reader, at), request_id)


def moves(reader: Person, at: dt.datetime) -> QuerySet[MoveRequest]:
    """Requests in cohorts that the reader coordinates, with who asked and with the seats of the cohort from today on.

    `said` and `seats_there` are read in the same query, for `asked_by` and `desk`.
    """
    said = AuditEntry.objects.filter(
        subject_kind=SUBJECT, subject_id=OuterRef("pk"), action__in=[ASKED, WITHDRAWN]
    ).order_by("pk")
    seats = GroupPlace.objects.filter(
        places_on(at.date() - dt.timedelta(days=1)), group__cohort=OuterRef("enrolment__cohort")
    ).order_by("from_on", "pk")
    return _coordinated(reader, at).annotate(
        said=ArraySubquery(said.values(row=JSONObject(action="action", by="by_id"))),
        seats_there=ArraySubquery(seats.values(row=SEAT)),
    )


def found_move(found: QuerySet[MoveRequest], request_id: int) -> MoveRequest:
    """One of these; else NotFound."""
    request = found.filter(pk=request_id).first()
    if request is None:
        raise NotFound
    return request


def asked_by(request: MoveRequest) -> tuple[bool, bool]:
    """Whether the person asked, and whether a coach did, of a request of `moves`."""
    asked: set[int] = set()
    for row in request.said:  # type: ignore[attr-defined]
        asked = asked | {row["by"]} if row["action"] == ASKED else asked - {row["by"]}
    own = request.enrolment.person_id
    return own in asked, bool(asked - {own})


def _coordinated(reader: Person, at: dt.datetime) -> QuerySet[MoveRequest]:
    organisations = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    return MoveRequest.objects.filter(enrolment__cohort__programme__organisation__in=organisations).select_related(
        *LOADED
    )


def proposal_waits(cohort: Cohort) -> bool:
    """Whether a proposal for new groups waits to be adopted in a cohort that the reader was given."""
    return GroupingProposal.objects.filter(cohort=cohort, state=GroupingProposal.State.PROPOSED).exists()


def moved_people(request: MoveRequest) -> list[tuple[str, int | None, int | None]]:
    """Who changed, of an answered request that the reader was given: name, group before and after. One query."""
    people = Enrolment.objects.filter(pk__in=[move["enrolment"] for move in request.moves])
    names = dict(people.values_list("pk", "person__name"))
    return [(names.get(each["enrolment"], ""), each["from"]["number"], each["to"]["number"]) for each in request.moves]
