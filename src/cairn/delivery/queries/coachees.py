"""A coach's own coachees: those of their accepted engagements who take part, and the history of those who left."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, TruncDate

from cairn.delivery.models import Attendance, CoachingSession
from cairn.delivery.queries.coach_day import Account, account_of, accounts_there
from cairn.delivery.queries.of_session import OfSession
from cairn.delivery.terms import Mark, SessionState
from cairn.ledger.models import Entitlement
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

PER_PAGE = 50
SORTS = {
    "name": "person__name",
    "group": "group_number",
    "one_to_one": "one_to_one_left",
    "group_minutes": "group_left",
    "last": "last_starts_at",
    "next": "next_starts_at",
    "undated": "waiting",
}


@dataclass(frozen=True)
class CoacheeFilter:
    """What the reader chose to see. `state`: "" who take part, "undated", "left" or "everybody"."""

    search: str = ""
    engagement: int | None = None
    state: str = ""
    sort: str = "name"
    page: int = 1


@dataclass(frozen=True)
class Meeting:
    """A session with this person, as short as a table needs it; `starts_at` UTC, `zone` the one it was agreed in."""

    id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str


@dataclass(frozen=True)
class CoacheeRow:
    """One coachee. Whoever left has no address here. `zone` is that of the cohort, for one who is shown alone."""

    id: int
    person_id: int
    name: str
    discipline: str
    institution: str
    cohort: str
    group: int | None
    email: str
    one_to_one: Account | None
    group_minutes: Account | None
    last: Meeting | None
    next: Meeting | None
    undated: int
    state: str
    left_on: dt.date | None
    own_time_since: dt.date | None
    zone: str = ""

    @property
    def takes_part(self) -> bool:
        """Whether they are still in the cohort."""
        return self.state in programme_rules.TAKING_PART


@dataclass(frozen=True)
class Coachees:
    """A page of coachees and the engagements among which the reader may choose."""

    rows: list[CoacheeRow]
    page: Page[Any]
    engagements: list[CoachEngagement]
    filter: CoacheeFilter


@dataclass(frozen=True)
class PastMark(OfSession):
    """One session of a coachee with this coach: `mark` empty while nobody was marked."""

    session: CoachingSession
    mark: str
    corrected: int


def own_coachees(reader: Person, chosen: CoacheeFilter, at: dt.datetime) -> Coachees:
    """A page of the reader's own coachees, in three queries."""
    engagements = list(programme_queries.engagements_of(reader, at))
    ids = [each.pk for each in engagements if chosen.engagement in (None, each.pk)]
    found = _sorted(_chosen(_annotated(ids, at), chosen), chosen.sort)
    page = Paginator(found, PER_PAGE).get_page(chosen.page)
    cohorts = {each.cohort_id: each.cohort for each in engagements}
    return Coachees([_row(each, cohorts[each.cohort_id].name) for each in page.object_list], page, engagements, chosen)


def coachees_for_export(reader: Person, at: dt.datetime) -> list[CoacheeRow]:
    """Every coachee of the reader's own who takes part, by name."""
    engagements = list(programme_queries.engagements_of(reader, at))
    cohorts = {each.cohort_id: each.cohort for each in engagements}
    found = _annotated([each.pk for each in engagements], at).filter(state__in=programme_rules.TAKING_PART)
    return [_row(each, cohorts[each.cohort_id].name) for each in found.order_by("person__name", "pk")]


def own_coachee(reader: Person, enrolment_id: int, at: dt.datetime) -> tuple[CoacheeRow, list[PastMark]]:
    """One of the reader's own coachees with every session they have with this coach, newest first; else NotFound."""
    engagements = {each.pk: each for each in programme_queries.engagements_of(reader, at)}
    found = _annotated(list(engagements), at).filter(pk=enrolment_id).first()
    if found is None:
        raise NotFound
    cohort = next(each.cohort for each in engagements.values() if each.cohort_id == found.cohort_id)
    return replace(_row(found, cohort.name), zone=cohort.time_zone), _sessions_with(found, list(engagements))


def _people(engagement_ids: Sequence[int], at: dt.datetime) -> QuerySet[Enrolment]:
    """Whom these engagements coach alone, and who sits in one of their groups today."""
    today = at.date()
    seated = GroupPlace.objects.filter(Q(to_on=None) | Q(to_on__gt=today), group__engagement__in=engagement_ids)
    return Enrolment.objects.filter(Q(engagement__in=engagement_ids) | Q(pk__in=seated.values("enrolment")))


def _annotated(engagement_ids: Sequence[int], at: dt.datetime) -> QuerySet[Any]:
    today = at.date()
    place = GroupPlace.objects.filter(Q(to_on=None) | Q(to_on__gt=today), enrolment=OuterRef("pk")).order_by("from_on")
    group = Subquery(place.values("group")[:1])
    with_them = CoachingSession.objects.filter(
        Q(enrolment=OuterRef("pk")) | Q(group=OuterRef("group_id")), engagement__in=engagement_ids
    )
    been = CoachingSession.objects.filter(
        attendance__enrolment=OuterRef("pk"), attendance__mark=Mark.ATTENDED, engagement__in=engagement_ids
    ).order_by("-starts_at")
    coming = with_them.filter(state=SessionState.BOOKED, ends_at__gt=at).order_by("starts_at")
    undated = CoachingSession.objects.filter(
        enrolment=OuterRef("pk"), engagement__in=engagement_ids, state=SessionState.UNDATED, kind=Kind.ONE_TO_ONE
    )
    meeting = JSONObject(id="pk", starts_at="starts_at", ends_at="ends_at", zone="time_zone")
    return (
        _people(engagement_ids, at)
        .select_related("person", "institution")
        .annotate(
            group_id=group,
            group_number=Subquery(place.values("group__number")[:1]),
            accounts_there=accounts_there(),
            one_to_one_left=_left(Kind.ONE_TO_ONE),
            group_left=_left(Kind.GROUP),
            last=Subquery(been.values(meeting=meeting)[:1]),
            next=Subquery(coming.values(meeting=meeting)[:1]),
            last_starts_at=Subquery(been.values("starts_at")[:1]),
            next_starts_at=Subquery(coming.values("starts_at")[:1]),
            undated=ArraySubquery(undated.values("pk")),
            waiting=F("undated__len"),
        )
    )


def _left(kind: str) -> Coalesce:
    account = Entitlement.objects.filter(enrolment=OuterRef("pk"), kind=kind)
    left = F("promised") - F("booked") - F("used") - F("released")
    return Coalesce(Subquery(account.values(left=left)[:1], output_field=IntegerField()), Value(0))


def _chosen(people: QuerySet[Any], chosen: CoacheeFilter) -> QuerySet[Any]:
    if chosen.state == "left":
        people = people.filter(state=Enrolment.State.LEFT)
    elif chosen.state != "everybody":
        people = people.filter(state__in=programme_rules.TAKING_PART)
    if chosen.state == "undated":
        people = people.filter(waiting__gt=0)
    for word in chosen.search.split()[:6]:
        people = people.filter(Q(person__name__icontains=word) | Q(discipline__icontains=word))
    return people


def _sorted(people: QuerySet[Any], sort: str) -> QuerySet[Any]:
    by = F(SORTS.get(sort.removeprefix("-"), "person__name"))
    order = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return people.order_by(order, "person__name", "pk")


def _row(each: Any, cohort: str) -> CoacheeRow:
    takes_part = each.state in programme_rules.TAKING_PART
    return CoacheeRow(
        id=each.pk,
        person_id=each.person_id,
        name=each.person.name,
        discipline=each.discipline,
        institution=each.institution.label,
        cohort=cohort,
        group=each.group_number,
        email=each.person.email if takes_part else "",
        one_to_one=account_of(each, Kind.ONE_TO_ONE),
        group_minutes=account_of(each, Kind.GROUP),
        last=_meeting(each.last),
        next=_meeting(each.next) if takes_part else None,
        undated=len(each.undated) if takes_part else 0,
        state=each.state,
        left_on=each.left_on,
        own_time_since=each.own_time_since,
    )


def _meeting(row: dict[str, Any] | None) -> Meeting | None:
    if row is None:
        return None
    starts_at, ends_at = (dt.datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
    return Meeting(row["id"], starts_at, ends_at, row["zone"])


def _sessions_with(enrolment: Enrolment, engagement_ids: Sequence[int]) -> list[PastMark]:
    """Sessions of this person with this coach: their own, those of the group on days they sat in it, those marked."""
    marked = Attendance.objects.filter(session=OuterRef("pk"), enrolment=enrolment)
    seat = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=OuterRef("day")),
        enrolment=enrolment,
        group=OuterRef("group"),
        from_on__lte=OuterRef("day"),
    )
    sessions = (
        CoachingSession.objects.filter(engagement__in=engagement_ids)
        .filter(Q(enrolment=enrolment) | Q(group__places__enrolment=enrolment))
        .annotate(day=TruncDate("wall_starts", tzinfo=dt.UTC))
        .filter(Q(enrolment=enrolment) | Exists(marked) | Exists(seat))
        .distinct()
        .exclude(~Exists(marked), state=SessionState.CANCELLED)
        .select_related("group", "cohort")
        .annotate(
            mark=Subquery(marked.values("mark")[:1]),
            made=ArraySubquery(marked.values("changes__pk")),
        )
        .order_by(F("starts_at").desc(nulls_first=True), "position")[:PER_PAGE]
    )
    return [PastMark(session, session.mark or "", max(len(session.made) - 1, 0)) for session in sessions]
