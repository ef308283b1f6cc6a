"""What a coach of a cohort would be commissioned for, as the plan has it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from cairn.engines.hours import Balance
from cairn.engines.invoicing import RatePeriod
from cairn.engines.plan import Plan, group_sizes
from cairn.ledger.models import CoachTime, Rate
from cairn.people.queries import NotFound
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import CoachEngagement, Cohort
from cairn.programmes.terms import Kind

KINDS = (Kind.ONE_TO_ONE, Kind.GROUP, Kind.COACH_MEETING, Kind.FAMILIARISATION)
BESIDE_THE_PLAN = (Kind.TOPIC, Kind.DROP_IN, Kind.CELEBRATION)


@dataclass(frozen=True)
class CoachRow:
    """One coach of a cohort: engagement, minutes by kind, the rate in force, and minutes missing for their people."""

    engagement: CoachEngagement
    minutes: Mapping[str, Balance]
    rate: RatePeriod | None
    short_by: int

    @property
    def by_kind(self) -> list[int]:
        """Commissioned minutes in the order of KINDS, and all that are beside the plan together."""
        own = {kind: balance.promised for kind, balance in self.minutes.items()}
        return [*(own.get(kind, 0) for kind in KINDS), sum(own.get(kind, 0) for kind in BESIDE_THE_PLAN)]

    @property
    def commissioned(self) -> int:
        """Minutes of all kinds."""
        return sum(balance.promised for balance in self.minutes.values())


def coach_rows(engagements: QuerySet[CoachEngagement], cohort: Cohort, at: dt.datetime) -> list[CoachRow]:
    """Coaches of a cohort that the reader was given, their minutes and rates fetched along with them."""
    today = at.astimezone(cohort.zone).date()
    return [
        CoachRow(each, _minutes(each), rate_on(_rates(each), today), _short(each, cohort))
        for each in with_terms(engagements)
    ]


def coach_row(cohort: Cohort, engagement_id: int, at: dt.datetime) -> CoachRow:
    """One coach of a cohort that the reader was given."""
    found = coach_rows(programme_queries.engagements_in(cohort).filter(pk=engagement_id), cohort, at)
    if not found:
        raise NotFound
    found[0].engagement.cohort = cohort
    return found[0]


def with_terms(engagements: QuerySet[CoachEngagement]) -> QuerySet[CoachEngagement]:
    """Engagements with `time_sums` and `rate_facts`, so that a page of coaches costs one query."""
    sums = {name: name for name in ("kind", "promised", "booked", "used", "released")}
    facts = {name: name for name in ("from_on", "minor_per_hour", "currency", "tax_basis_points")}
    time = CoachTime.objects.filter(engagement=OuterRef("pk"))
    rates = Rate.objects.filter(engagement=OuterRef("pk")).order_by("from_on")
    return engagements.annotate(
        time_sums=ArraySubquery(time.values(sums=JSONObject(**sums))),
        rate_facts=ArraySubquery(rates.values(facts=JSONObject(**facts))),
    )


def _minutes(engagement: Any) -> dict[str, Balance]:
    return {each.pop("kind"): Balance(**each) for each in map(dict, engagement.time_sums)}


def _rates(engagement: Any) -> tuple[RatePeriod, ...]:
    facts = map(dict, engagement.rate_facts)
    return tuple(RatePeriod(**{**each, "from_on": dt.date.fromisoformat(each["from_on"])}) for each in facts)


@dataclass(frozen=True)
class CoachMinutes:
    """What a coach is commissioned for: minutes by kind, and the rate."""

    by_kind: Mapping[str, int]
    rate: RatePeriod | None


def coach_minutes(engagement: CoachEngagement, at: dt.datetime) -> CoachMinutes:
    """The terms of an engagement that its coach was given, in one query."""
    terms = with_terms(CoachEngagement.objects.filter(pk=engagement.pk)).get()
    today = at.astimezone(engagement.cohort.zone).date()
    minutes = {kind: balance.promised for kind, balance in _minutes(terms).items()}
    return CoachMinutes(minutes, rate_on(_rates(terms), today))


def rate_on(rates: tuple[RatePeriod, ...], on: dt.date) -> RatePeriod | None:
    """The rate in force on a day, or the first to come."""
    begun = [rate for rate in rates if rate.from_on <= on]
    return begun[-1] if begun else next(iter(rates), None)


def commission_for(cohort: Cohort, position: int, *, is_new: bool) -> dict[str, int]:
    """Minutes by kind for the coach in this position (from 0): one-to-one by share of people, group by share of groups.

    The shares of all expected coaches add up to the plan; whoever comes after them gets a share as small as the last.
    """
    plan = programme_queries.plan.plan(programme_queries.plan.values_of(cohort))
    return _share(cohort, plan, position, is_new=is_new)


def _share(cohort: Cohort, plan: Plan, position: int, *, is_new: bool) -> dict[str, int]:
    coaches = max(cohort.expected_coaches, 1)
    people = group_sizes(cohort.expected_people, coaches)
    groups = group_sizes(plan.groups, coaches)
    at = min(position, coaches - 1)
    return {
        Kind.ONE_TO_ONE: people[at] * cohort.one_to_one_minutes,
        Kind.GROUP: groups[at] * cohort.group_minutes,
        Kind.COACH_MEETING: len(plan.meeting_dates) * cohort.meeting_minutes,
        Kind.FAMILIARISATION: cohort.familiarisation_minutes if is_new else 0,
    }


def _short(engagement: Any, cohort: Cohort) -> int:
    """Minutes that the coach's people and groups are promised beyond what the coach is commissioned for."""
    own = _minutes(engagement)
    needed = {
        Kind.ONE_TO_ONE: engagement.coachee_count * cohort.one_to_one_minutes,
        Kind.GROUP: engagement.group_count * cohort.group_minutes,
    }
    return sum(max(0, wanted - own.get(kind, Balance()).promised) for kind, wanted in needed.items())
