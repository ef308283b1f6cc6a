"""How many minutes stand where, for coachees and coaches."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from cairn.engines.hours import Balance
from cairn.engines.invoicing import RatePeriod
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry, Rate
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.terms import Role
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement, Enrolment, GroupPlace
from cairn.programmes.terms import Kind

OVER = (CoachEngagement.State.DECLINED, CoachEngagement.State.ENDED)
Accounts = Mapping[int, Mapping[str, Balance]]
"""By owner's id, then by kind of minutes. An owner without accounts is not in it."""


def minutes_of(reader: Person, enrolment_ids: Iterable[int], at: dt.datetime) -> Accounts:
    """The entitlements of those enrolments that the reader may know of: own, coached or coordinated. One query."""
    as_coach = people_rules.organisations_as(reader, Role.COACH, at=at)
    as_coordinator = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    today = at.date()
    seat = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=today), group__engagement__person=reader, group__engagement__state="accepted"
    )
    may_know = (
        Q(enrolment__person=reader, enrolment__state__in=programme_rules.TAKING_PART)
        | Q(enrolment__cohort__programme__organisation__in=as_coordinator)
        | Q(enrolment__cohort__programme__organisation__in=as_coach)
        & (
            Q(enrolment__engagement__person=reader, enrolment__engagement__state="accepted")
            | Q(enrolment__in=seat.values("enrolment"))
        )
    )
    return _by_owner(Entitlement.objects.filter(may_know, enrolment__in=list(enrolment_ids)), "enrolment_id")


def entitlements_for(enrolments: Iterable[Enrolment]) -> Accounts:
    """The entitlements of enrolments that were fetched for their reader. One query."""
    ids = [enrolment.pk for enrolment in enrolments]
    return _by_owner(Entitlement.objects.filter(enrolment__in=ids), "enrolment_id")


def coach_time_for(engagements: Iterable[CoachEngagement]) -> Accounts:
    """The coach time of engagements that were fetched for their reader. One query."""
    ids = [engagement.pk for engagement in engagements]
    return _by_owner(CoachTime.objects.filter(engagement__in=ids), "engagement_id")


def commissioned_for(engagement_ids: Iterable[int], kind: str) -> set[int]:
    """Which of these engagements were commissioned for some time of this kind that was not released. One query."""
    asked = CoachTime.objects.filter(engagement__in=list(engagement_ids), kind=kind, promised__gt=F("released"))
    return set(asked.values_list("engagement", flat=True))


def coach_cost_of_sources(
    source_kind: str, source_ids: Iterable[int]
) -> dict[int, list[tuple[int, int | None, str | None]]]:
    """By source that the reader was given: (minutes that stand booked or used, minor units an hour, currency) of each
    coach, at the rate of the day, or the first to come. One query."""
    rates = Rate.objects.filter(engagement=OuterRef("coach_time__engagement"))
    in_force = rates.filter(from_on__lte=OuterRef("on")).order_by("-from_on")

    def rate(name: str) -> Coalesce:
        first = rates.order_by("from_on").values(name)[:1]
        return Coalesce(Subquery(in_force.values(name)[:1]), Subquery(first))

    entries = LedgerEntry.objects.filter(
        source_kind=source_kind,
        source_id__in=list(source_ids),
        coach_time__isnull=False,
        movement__in=[LedgerEntry.Movement.BOOK, LedgerEntry.Movement.USE],
    ).annotate(per_hour=rate("minor_per_hour"), paid_in=rate("currency"))
    grouped = entries.values("source_id", "coach_time", "on", "per_hour", "paid_in").annotate(net=Sum("minutes"))
    found: dict[int, list[tuple[int, int | None, str | None]]] = defaultdict(list)
    for row in grouped.order_by("source_id", "coach_time"):
        found[row["source_id"]].append((row["net"], row["per_hour"], row["paid_in"]))
    return found


def rates_for(engagements: Iterable[CoachEngagement]) -> Mapping[int, tuple[RatePeriod, ...]]:
    """The rates of engagements that were fetched for their reader, oldest first. One query."""
    found: dict[int, list[RatePeriod]] = defaultdict(list)
    for rate in Rate.objects.filter(engagement__in=[engagement.pk for engagement in engagements]).order_by("from_on"):
        found[rate.engagement_id].append(
            RatePeriod(rate.from_on, rate.minor_per_hour, rate.currency, rate.tax_basis_points)
        )
    return {owner: tuple(rates) for owner, rates in found.items()}


@dataclass(frozen=True)
class CoachForecast:
    """One kind of an engagement's minutes. `to_come` is what is neither booked nor delivered yet, and expected."""

    kind: str
    commissioned: int
    booked: int
    delivered: int
    released: int
    to_come: int

    @property
    def forecast(self) -> int:
        """What will have been delivered at the end, if everything still expected takes place."""
        return self.delivered + self.booked + self.to_come

    @property
    def left(self) -> int:
        """Commissioned minutes that are neither booked, delivered nor released."""
        return self.commissioned - self.booked - self.delivered - self.released

    @property
    def over(self) -> int:
        """Minutes by which the forecast passes what is commissioned and not released."""
        return max(0, self.forecast - (self.commissioned - self.released))


def forecast(engagements: Iterable[CoachEngagement], on: dt.date) -> Mapping[int, tuple[CoachForecast, ...]]:
    """Commission, delivery and forecast of each engagement by kind, in two queries.

    Expected, beyond what is booked: one-to-one, everything that the coach's coachees have left; group, for each of the
    coach's groups as much as the member with least has left (excused from a session, the others have more left,
    but no further session follows from that); meetings and familiarisation, what is left of the
    commission, unless the engagement is over. Topic sessions are expected only once they are booked.
    """
    engaged = list(engagements)
    ids = [engagement.pk for engagement in engaged]
    accounts = _by_owner(CoachTime.objects.filter(engagement__in=ids), "engagement_id")
    to_come = _to_come(ids, on)
    found = {}
    for engagement in engaged:
        engagement_id, own = engagement.pk, accounts.get(engagement.pk, {})
        meets = engagement.state not in OVER
        expected = {
            Kind.ONE_TO_ONE: to_come.get((engagement_id, Kind.ONE_TO_ONE), 0),
            Kind.GROUP: to_come.get((engagement_id, Kind.GROUP), 0),
            Kind.COACH_MEETING: own.get(Kind.COACH_MEETING, Balance()).left if meets else 0,
            Kind.FAMILIARISATION: own.get(Kind.FAMILIARISATION, Balance()).left if meets else 0,
        }
        found[engagement_id] = tuple(
            _forecast_of(kind, own.get(kind, Balance()), expected.get(kind, 0))
            for kind in Kind
            if kind in own or expected.get(kind)
        )
    return found


def _forecast_of(kind: str, stands: Balance, to_come: int) -> CoachForecast:
    return CoachForecast(kind, stands.promised, stands.booked, stands.used, stands.released, to_come)


def _to_come(engagement_ids: list[int], on: dt.date) -> dict[tuple[int, str], int]:
    """By engagement and kind: all that coachees have left one-to-one; of each group, what the member with least has."""
    sums = ("promised", "booked", "used", "released")
    seated = Q(enrolment__places__to_on=None) | Q(enrolment__places__to_on__gt=on)
    rows = (
        Entitlement.objects.filter(enrolment__state__in=programme_rules.TAKING_PART)
        .filter(
            Q(kind=Kind.ONE_TO_ONE, enrolment__engagement__in=engagement_ids)
            | seated & Q(kind=Kind.GROUP, enrolment__places__group__engagement__in=engagement_ids)
        )
        .values_list("pk", "kind", "enrolment__engagement", "enrolment__places__group", *sums)
        .annotate(leads=F("enrolment__places__group__engagement"))
    )
    one_to_one: dict[int, tuple[int, int]] = {}
    group: dict[tuple[int, int], int] = {}
    for pk, kind, coach, group_id, promised, booked, used, released, leads in rows:
        left = Balance(promised, booked, used, released).left
        if kind == Kind.ONE_TO_ONE:
            one_to_one[pk] = (coach, left)  # one row for each seat the person ever had
        else:
            group[leads, group_id] = min(group.get((leads, group_id), left), left)
    found: dict[tuple[int, str], int] = defaultdict(int)
    for coach, left in one_to_one.values():
        found[coach, Kind.ONE_TO_ONE] += left
    for (leads, _group), left in group.items():
        found[leads, Kind.GROUP] += left
    return found


def _by_owner(accounts: Iterable[Entitlement] | Iterable[CoachTime], owner: str) -> dict[int, dict[str, Balance]]:
    found: dict[int, dict[str, Balance]] = defaultdict(dict)
    for each in accounts:
        found[getattr(each, owner)][each.kind] = Balance(each.promised, each.booked, each.used, each.released)
    return dict(found)
