"""A cohort's people with their minutes, and what stands out: for coordinators. No content, no protected answers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from cairn.delivery.models import Attendance
from cairn.delivery.queries import people_sql
from cairn.foundation import statements
from cairn.ledger.models import Entitlement
from cairn.people.models import Invitation
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Cohort, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

MOST_MARKS = 100  # more sessions than a year holds
PER_PAGE = 40  # a page of people stays under 60 KB, meters included
END_IS_NEAR_DAYS = 60
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


class PersonRow(NamedTuple):
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
    """The people of a cohort that the reader was given, a page of them, in one query."""
    now = _moment(cohort, at)
    statement = people_sql.PAGES.get(chosen.sort, people_sql.PAGES["name"])
    found = statements.rows(statement, **now, **_wanted(chosen))
    counts = found[0]
    rows = [_row(each, now) for each in found if each.id is not None]
    paginator = Counted(rows, PER_PAGE, counts.shown_in_all)
    page = Page(rows, min(max(chosen.page, 1), paginator.num_pages), paginator)
    return CohortPeople(rows, page, counts.total, counts.needing, chosen)


def people_for_export(cohort: Cohort, at: dt.datetime, only: list[int] | None = None) -> list[PersonRow]:
    """Everybody ever enrolled, or those chosen, by name, in one query."""
    now = _moment(cohort, at)
    return [_row(each, now) for each in statements.rows(people_sql.EXPORT, only=only, **now)]


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
        programme_queries.enrolments_in(cohort, at)
        .annotate(
            group_account=_account(Kind.GROUP),
            one_to_one_account=_account(Kind.ONE_TO_ONE),
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
    """What was marked for a person that the reader was given, the newest hundred first; adds `change_count`."""
    return list(
        Attendance.objects.filter(enrolment=enrolment)
        .select_related("session")
        .annotate(change_count=Count("changes"))
        .order_by(F("session__starts_at").desc(nulls_last=True), "-pk")[:MOST_MARKS]
    )


def _dated(place: dict[str, Any]) -> dict[str, Any]:
    days = {name: dt.date.fromisoformat(place[name]) if place[name] else None for name in ("from_on", "to_on")}
    return {**place, **days}


class Counted(Paginator):  # type: ignore[type-arg]
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: Sequence[Any], per_page: int, rows_in_all: int) -> None:
        super().__init__(rows, per_page)
        self._rows_in_all = rows_in_all

    @property
    def count(self) -> int:
        """As counted with everything else."""
        return self._rows_in_all


def _account(kind: str) -> Subquery:
    account = Entitlement.objects.filter(enrolment=OuterRef("pk"), kind=kind)
    sums = {name: F(name) for name in ("promised", "booked", "used", "released")}
    return Subquery(account.values(sums=JSONObject(**sums))[:1])


def _moment(cohort: Cohort, at: dt.datetime) -> dict[str, Any]:
    """What the statements know of the cohort and of the moment at which it is looked at."""
    today = at.astimezone(cohort.zone).date()
    return {
        "cohort": cohort.pk,
        "at": at,
        "today": today,
        "has_begun": cohort.starts_on <= today,
        "end_is_near": today <= cohort.ends_on <= today + dt.timedelta(days=END_IS_NEAR_DAYS),
        "has_agreement": bool(cohort.agreement_text.strip()),
        "agreement_version": cohort.agreement_version,
    }


def _wanted(chosen: PeopleFilter) -> dict[str, Any]:
    """What the statement for a page knows of the reader's choice."""
    taking_part = [state.value for state in programme_rules.TAKING_PART]
    one_state = [chosen.state] if chosen.state in Enrolment.State.values else taking_part
    return {
        "taking_part": taking_part,
        "states": Enrolment.State.values if chosen.state == "everybody" else one_state,
        "only_needing": chosen.state == "needs",
        "words": [f"%{_plain(word)}%" for word in chosen.search.split()[:6]],
        "group": chosen.group,
        "institution": chosen.institution,
        "page": max(chosen.page, 1),
        "per_page": PER_PAGE,
    }


def _plain(word: str) -> str:
    """A word to look for, with nothing in it that a pattern would understand."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _stands_out(row: Any, now: dict[str, Any]) -> tuple[str, ...]:
    """What stands out of one person. `needs` in the statement for a page says the same in one word."""
    if row.state == Enrolment.State.LEFT:
        return ("left",)
    begun = now["has_begun"]
    is_idle = not row.minutes_booked and row.group_left + row.one_to_one_left > 0
    found = (
        ("missed_two", row.missed_two),
        ("nothing_booked", is_idle and now["end_is_near"]),
        ("waits_for_new_position", row.waits_for_new_position),
        ("not_joined" if begun else "not_joined_yet", not row.has_joined),
        ("not_agreed" if begun else "not_agreed_yet", row.has_joined and not row.has_agreed),
        ("own_time", row.state == Enrolment.State.OWN_TIME),
        ("no_group", begun and row.group_number is None and not row.opts_out_of_groups),
    )
    return tuple(name for name, holds in found if holds)


def _row(row: Any, now: dict[str, Any]) -> PersonRow:
    return PersonRow(
        id=row.id,
        name=row.name,
        discipline=row.discipline,
        institution=row.institution,
        group=row.group_number,
        coach=row.coach or "",
        group_minutes=_sums(row.g_promised, row.g_booked, row.g_used, row.g_released),
        one_to_one_minutes=_sums(row.o_promised, row.o_booked, row.o_used, row.o_released),
        stands_out=_stands_out(row, now),
        own_time_since=row.own_time_since,
        left_on=row.left_on,
    )


def _sums(promised: int | None, booked: int, used: int, released: int) -> dict[str, int] | None:
    """Minutes by name; None where nothing was ever promised."""
    if promised is None:
        return None
    return {"promised": promised, "booked": booked, "used": used, "released": released}
