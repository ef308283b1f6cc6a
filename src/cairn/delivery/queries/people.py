"""A cohort's people with their minutes, and what stands out: for coordinators. No content, no protected answers."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject

from cairn.delivery.models import Attendance
from cairn.delivery.terms import Mark
from cairn.ledger.models import Entitlement
from cairn.people.models import Invitation, Person
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Cohort, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

PER_PAGE = 40  # a page of people stays under 60 KB, meters included
END_IS_NEAR_DAYS = 60
SORTS = {
    "name": "person__name",
    "discipline": "discipline",
    "institution": "institution__name",
    "group": "group_number",
    "coach": "engagement__person__name",
    "group_left": "group_left",
    "one_to_one_left": "one_to_one_left",
}
STATES = ("", "needs", "active", "own_time", "left", "everybody")


@dataclass(frozen=True)
class PeopleFilter:
    """What the reader chose to see. `group` is a number, 0 for those without one; `state` one of STATES."""

    search: str = ""
    group: int | None = None
    institution: int | None = None
    state: str = ""
    sort: str = "name"
    page: int = 1


@dataclass(frozen=True)
class PersonRow:
    """One person in the table. Minutes are sums of an entitlement: promised, booked, used, released."""

    id: int
    name: str
    discipline: str
    institution: str
    group: int | None
    coach: str
    group_minutes: dict[str, int] | None
    one_to_one_minutes: dict[str, int] | None
    stands_out: tuple[str, ...]
    own_time_since: dt.date | None = None
    left_on: dt.date | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether a coordinator should look."""
        return bool(NEEDS & set(self.stands_out))


@dataclass(frozen=True)
class CohortPeople:
    """A page of people; `total` counts all who take part, `needing` those of them who need somebody."""

    rows: list[PersonRow]
    page: Page[Any]
    total: int
    needing: int
    filter: PeopleFilter = field(default_factory=PeopleFilter)


NEEDS = frozenset({"missed_two", "nothing_booked", "waits_for_new_position", "not_joined", "not_agreed"})


def cohort_people(cohort: Cohort, chosen: PeopleFilter, at: dt.datetime) -> CohortPeople:
    """The people of a cohort that the reader was given, a page of them, in two queries."""
    everybody = _people(cohort, at)
    shown = _chosen(everybody, cohort, chosen, at)
    taking_part = Q(state__in=programme_rules.TAKING_PART)
    counts = everybody.aggregate(
        total=_counted(taking_part), needing=_counted(taking_part & _needs(cohort, at)), shown=_counted(shown[0])
    )
    paginator = _Counted(shown[1], PER_PAGE, counts["shown"])
    page = paginator.get_page(chosen.page)
    rows = [_row(each, cohort, at) for each in page.object_list]
    return CohortPeople(rows, page, counts["total"], counts["needing"], chosen)


def people_for_export(cohort: Cohort, at: dt.datetime, only: list[int] | None = None) -> list[PersonRow]:
    """Everybody ever enrolled, or those chosen, by name, in one query."""
    people = _people(cohort, at)
    if only is not None:
        people = people.filter(pk__in=only)
    return [_row(each, cohort, at) for each in people.order_by("person__name", "pk")]


def person_in(cohort: Cohort, enrolment_id: int, at: dt.datetime) -> Any:
    """One person of a cohort that the reader was given, in one query.

    An enrolment with `accounts` (sums of minutes with their kind), `past_places` (group, coach, from and to as dates)
    and `invited` (sent and accepted as instants; None: never).
    """
    places = GroupPlace.objects.filter(enrolment=OuterRef("pk")).order_by("from_on", "pk")
    facts = {"group": "group__number", "coach": "group__engagement__person__name", "from_on": "from_on"}
    invitations = Invitation.objects.filter(
        person=OuterRef("person"), organisation=cohort.programme.organisation_id
    ).order_by("-sent_at")
    found: Any = (
        _people(cohort, at)
        .annotate(
            place_facts=ArraySubquery(places.values(facts=JSONObject(**facts, to_on="to_on"))),
            invited_at=Subquery(invitations.values("sent_at")[:1]),
            link_used_at=Subquery(invitations.values("accepted_at")[:1]),
        )
        .filter(pk=enrolment_id)
        .first()
    )
    if found is None:
        raise NotFound
    found.cohort = cohort
    accounts = {Kind.GROUP: found.group_account, Kind.ONE_TO_ONE: found.one_to_one_account}
    found.accounts = [{**sums, "kind": kind} for kind, sums in accounts.items() if sums]
    found.past_places = [_dated(place) for place in found.place_facts]
    return found


def attendance_of(enrolment: Enrolment) -> list[Attendance]:
    """What was marked for a person that the reader was given, newest first; adds `change_count`."""
    return list(
        Attendance.objects.filter(enrolment=enrolment)
        .select_related("session")
        .annotate(change_count=Count("changes"))
        .order_by(F("session__starts_at").desc(nulls_last=True), "-pk")
    )


def _dated(place: dict[str, Any]) -> dict[str, Any]:
    days = {name: dt.date.fromisoformat(place[name]) if place[name] else None for name in ("from_on", "to_on")}
    return {**place, **days}


class _Counted(Paginator):  # type: ignore[type-arg]
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: QuerySet[Enrolment], per_page: int, rows_in_all: int) -> None:
        super().__init__(rows, per_page)
        self._rows_in_all = rows_in_all

    @property
    def count(self) -> int:
        """As counted with everything else."""
        return self._rows_in_all


def _counted(condition: Q) -> Any:
    return Count("pk", filter=condition)


def _people(cohort: Cohort, at: dt.datetime) -> QuerySet[Enrolment]:
    """Enrolments with their minutes and their last two marks."""
    marks = Attendance.objects.filter(enrolment=OuterRef("pk"), session__starts_at__lte=at)
    return programme_queries.enrolments_in(cohort, at).annotate(
        last_marks=ArraySubquery(marks.order_by("-session__starts_at", "-pk").values("mark")[:2]),
        group_account=_account(Kind.GROUP),
        one_to_one_account=_account(Kind.ONE_TO_ONE),
        group_left=_left(Kind.GROUP),
        one_to_one_left=_left(Kind.ONE_TO_ONE),
        minutes_booked=_sum_of("booked"),
    )


def _account(kind: str) -> Subquery:
    account = Entitlement.objects.filter(enrolment=OuterRef("pk"), kind=kind)
    sums = {name: F(name) for name in ("promised", "booked", "used", "released")}
    return Subquery(account.values(sums=JSONObject(**sums))[:1])


def _left(kind: str) -> Coalesce:
    account = Entitlement.objects.filter(enrolment=OuterRef("pk"), kind=kind)
    left = F("promised") - F("booked") - F("used") - F("released")
    return Coalesce(Subquery(account.values(left=left)[:1], output_field=IntegerField()), Value(0))


def _sum_of(name: str) -> Coalesce:
    accounts = Entitlement.objects.filter(enrolment=OuterRef("pk")).values("enrolment").annotate(sum=Sum(name))
    return Coalesce(Subquery(accounts.values("sum"), output_field=IntegerField()), Value(0))


def _needs(cohort: Cohort, at: dt.datetime) -> Q:
    """The same as `_stands_out`, as a condition: whom a coordinator should look at."""
    needs = Q(waits_for_new_position=True) | Q(last_marks=[Mark.MISSED, Mark.MISSED])
    if _has_begun(cohort, at):
        needs |= Q(person__last_login=None) | Q(has_agreed=False)
    if _end_is_near(cohort, at):
        needs |= Q(minutes_booked=0) & (Q(group_left__gt=0) | Q(one_to_one_left__gt=0))
    return needs


def _stands_out(row: Any, cohort: Cohort, at: dt.datetime) -> tuple[str, ...]:
    if row.state == Enrolment.State.LEFT:
        return ("left",)
    left, begun = row.group_left + row.one_to_one_left, _has_begun(cohort, at)
    found = {
        "missed_two": list(row.last_marks) == [Mark.MISSED, Mark.MISSED],
        "nothing_booked": _end_is_near(cohort, at) and not row.minutes_booked and left > 0,
        "waits_for_new_position": row.waits_for_new_position,
        "not_joined" if begun else "not_joined_yet": row.person.last_login is None,
        "not_agreed" if begun else "not_agreed_yet": row.person.last_login is not None and not row.has_agreed,
        "own_time": row.state == Enrolment.State.OWN_TIME,
        "no_group": row.group_number is None and not row.opts_out_of_groups and begun,
    }
    return tuple(name for name, holds in found.items() if holds)


def _has_begun(cohort: Cohort, at: dt.datetime) -> bool:
    return cohort.starts_on <= at.astimezone(cohort.zone).date()


def _end_is_near(cohort: Cohort, at: dt.datetime) -> bool:
    today = at.astimezone(cohort.zone).date()
    return today <= cohort.ends_on <= today + dt.timedelta(days=END_IS_NEAR_DAYS)


def _chosen(
    people: QuerySet[Enrolment], cohort: Cohort, chosen: PeopleFilter, at: dt.datetime
) -> tuple[Q, QuerySet[Enrolment]]:
    condition = _state_condition(cohort, chosen.state, at)
    for word in chosen.search.split()[:6]:
        condition &= (
            Q(person__name__icontains=word)
            | Q(person__email__icontains=word)
            | Q(discipline__icontains=word)
            | Q(engagement__person__name__icontains=word)
        )
    if chosen.group is not None:
        condition &= Q(group_number=chosen.group) if chosen.group else Q(group_number=None)
    if chosen.institution is not None:
        condition &= Q(institution=chosen.institution)
    key = chosen.sort.removeprefix("-")
    by = F(SORTS.get(key, "person__name"))
    order = by.desc(nulls_last=True) if chosen.sort.startswith("-") else by.asc(nulls_last=True)
    return condition, people.filter(condition).order_by(order, "person__name", "pk")


def _state_condition(cohort: Cohort, state: str, at: dt.datetime) -> Q:
    taking_part = Q(state__in=programme_rules.TAKING_PART)
    if state == "needs":
        return taking_part & _needs(cohort, at)
    if state in Enrolment.State.values:
        return Q(state=state)
    return Q() if state == "everybody" else taking_part


def _row(each: Any, cohort: Cohort, at: dt.datetime) -> PersonRow:
    person: Person = each.person
    return PersonRow(
        id=each.pk,
        name=person.name,
        discipline=each.discipline,
        institution=each.institution.label,
        group=each.group_number,
        coach=each.engagement.person.name if each.engagement else "",
        group_minutes=each.group_account,
        one_to_one_minutes=each.one_to_one_account,
        stands_out=_stands_out(each, cohort, at),
        own_time_since=each.own_time_since,
        left_on=each.left_on,
    )
