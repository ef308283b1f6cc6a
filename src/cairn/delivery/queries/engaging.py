"""What a coach of a cohort would be commissioned for, as the plan has it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cairn.engines.hours import Balance
from cairn.engines.invoicing import RatePeriod
from cairn.engines.plan import Plan, group_sizes
from cairn.ledger import queries as ledger_queries
from cairn.people.models import Person
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import CoachEngagement, Cohort
from cairn.programmes.terms import Kind

KINDS = (Kind.ONE_TO_ONE, Kind.GROUP, Kind.COACH_MEETING, Kind.FAMILIARISATION)


@dataclass(frozen=True)
class CoachRow:
    """One coach of a cohort: engagement, minutes by kind, the rate in force, and minutes missing for their people."""

    engagement: CoachEngagement
    minutes: Mapping[str, Balance]
    rate: RatePeriod | None
    short_by: int

    @property
    def commissioned(self) -> int:
        """Minutes of all kinds."""
        return sum(balance.promised for balance in self.minutes.values())


def coach_rows(engagements: Iterable[CoachEngagement], cohort: Cohort, at: dt.datetime) -> list[CoachRow]:
    """Coaches of a cohort that the reader was given, in two queries more."""
    found = list(engagements)
    minutes, rates = ledger_queries.coach_time_for(found), ledger_queries.rates_for(found)
    today = at.astimezone(cohort.zone).date()
    return [
        CoachRow(each, minutes.get(each.pk, {}), rate_on(rates.get(each.pk, ()), today), _short(each, minutes, cohort))
        for each in found
    ]


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


def has_coached_here(person: Person, cohort: Cohort) -> bool:
    """Whether somebody has coached for this organisation before, so that they need no familiarisation."""
    earlier = CoachEngagement.objects.filter(
        person=person, cohort__programme__organisation=cohort.programme.organisation_id, answered_at__isnull=False
    )
    return earlier.exclude(cohort=cohort).exclude(state="declined").exists()


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


def _short(engagement: CoachEngagement, minutes: Mapping[int, Mapping[str, Balance]], cohort: Cohort) -> int:
    """Minutes that the coach's people and groups are promised beyond what the coach is commissioned for."""
    own = minutes.get(engagement.pk, {})
    needed = {
        Kind.ONE_TO_ONE: engagement.coachee_count * cohort.one_to_one_minutes,  # type: ignore[attr-defined]
        Kind.GROUP: engagement.group_count * cohort.group_minutes,  # type: ignore[attr-defined]
    }
    return sum(max(0, wanted - own.get(kind, Balance()).promised) for kind, wanted in needed.items())
