"""What a grouping asks of coaches' minutes, and which sessions already hang on groups."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cairn.delivery.models import CoachingSession
from cairn.delivery.terms import SessionState
from cairn.engines.hours import Balance, instead_of_group
from cairn.ledger import queries as ledger_queries
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, GroupingProposal
from cairn.programmes.terms import Kind


@dataclass(frozen=True)
class Lack:
    """Minutes of one kind that a coach would need beyond what they are commissioned for."""

    engagement_id: int
    coach: str
    kind: str
    minutes: int
    commissioned: int


def minutes_lacking(proposal: GroupingProposal) -> list[Lack]:
    """What coaches' commissions lack for a proposal that the reader was given, by name. Three queries.

    One-to-one, what the coach's people have left; group, for each group what the member with most has left.
    """
    seats = {int(who): (held, number) for who, (held, number) in proposal.assignment.items()}
    return lacking(proposal.cohort, seats)


def lacking(
    cohort: Cohort, seats: Mapping[int, tuple[int, int | None]], *, freed: Mapping[int, int] | None = None
) -> list[Lack]:
    """What commissions lack if people had these coaches and groups: enrolment id → (engagement id, group number).

    `freed` are one-to-one minutes by enrolment id that would be left beside those that are. Three queries.
    """
    people = list(Enrolment.objects.filter(pk__in=seats, state__in=programme_rules.TAKING_PART))
    accounts = ledger_queries.entitlements_for(people)
    needed: dict[tuple[int, str], int] = defaultdict(int)
    most: dict[tuple[int, int], int] = defaultdict(int)
    for each in people:
        held, number = seats[each.pk]
        one_to_one, group = _left(each, cohort, accounts.get(each.pk, {}))
        needed[held, Kind.ONE_TO_ONE] += one_to_one + (freed or {}).get(each.pk, 0)
        if number is not None:
            most[held, number] = max(most[held, number], group)
    for (held, _number), minutes in most.items():
        needed[held, Kind.GROUP] += minutes
    return _beyond_commission(needed)


def commissioned(cohort: Cohort) -> dict[int, int]:
    """Engagement id → minutes for sessions with coachees that stand commissioned, of coaches at work."""
    engagements = list(CoachEngagement.objects.filter(cohort=cohort, state__in=programme_rules.AT_WORK))
    minutes = ledger_queries.coach_time_for(engagements)
    return {
        each.pk: sum(
            balance.promised - balance.released
            for kind, balance in minutes.get(each.pk, {}).items()
            if kind in (Kind.ONE_TO_ONE, Kind.GROUP)
        )
        for each in engagements
    }


def upcoming_group_sessions(cohort: Cohort, from_on: dt.date, at: dt.datetime) -> list[CoachingSession]:
    """Booked sessions of the cohort's groups on this day or later, by date."""
    found = CoachingSession.objects.filter(
        cohort=cohort, kind=Kind.GROUP, state=SessionState.BOOKED, starts_at__gt=at, wall_starts__date__gte=from_on
    )
    return list(found.select_related("group").order_by("starts_at", "pk"))


def _left(enrolment: Enrolment, cohort: Cohort, accounts: Mapping[str, Balance]) -> tuple[int, int]:
    """Minutes one-to-one and in a group that somebody still has; what the plan says where no account is open."""
    if accounts:
        return tuple(accounts[kind].left if kind in accounts else 0 for kind in (Kind.ONE_TO_ONE, Kind.GROUP))  # type: ignore[return-value]
    if enrolment.opts_out_of_groups:
        share = instead_of_group(cohort.group_minutes, cohort.one_to_one_for_group_percent)
        return cohort.one_to_one_minutes + share, 0
    return cohort.one_to_one_minutes, cohort.group_minutes


def _beyond_commission(needed: Mapping[tuple[int, str], int]) -> list[Lack]:
    engagements = CoachEngagement.objects.filter(pk__in={held for held, _kind in needed}).select_related("person")
    coaches = {each.pk: each for each in engagements}
    stands = ledger_queries.coach_time_for(coaches.values())
    lacks = []
    for (held, kind), minutes in needed.items():
        balance = stands.get(held, {}).get(kind, Balance())
        if minutes > balance.left:
            name = coaches[held].person.name
            lacks.append(Lack(held, name, kind, minutes - balance.left, balance.promised))
    return sorted(lacks, key=lambda each: (each.coach, each.engagement_id, each.kind == Kind.GROUP))
