"""A cohort's minutes and money on one page."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, OuterRef, PositiveBigIntegerField, Subquery

from cairn.engines import invoicing
from cairn.ledger.models import Invoice, Rate
from cairn.ledger.queries.minutes import CoachForecast, forecast
from cairn.programmes.models import CoachEngagement, Cohort

GONE = (CoachEngagement.State.DECLINED,)


@dataclass(frozen=True)
class CoachMoney:
    """One coach of the cohort. Money is None without a rate."""

    engagement: CoachEngagement
    kinds: tuple[CoachForecast, ...]
    minor_per_hour: int | None
    currency: str

    @property
    def total(self) -> CoachForecast:
        """All kinds together."""
        return added(self.kinds)

    @property
    def forecast_minor(self) -> int | None:
        """What the forecast costs at the rate of today, before tax."""
        if self.minor_per_hour is None:
            return None
        return invoicing.amount(self.total.forecast, self.minor_per_hour)


@dataclass(frozen=True)
class CohortMoney:
    """Coaches by name, invoices by quarter and coach; sums by currency."""

    coaches: tuple[CoachMoney, ...]
    invoices: tuple[Invoice, ...]

    @property
    def total(self) -> CoachForecast:
        return added([kind for coach in self.coaches for kind in coach.kinds])

    @property
    def forecast_minor(self) -> dict[str, int]:
        sums: dict[str, int] = defaultdict(int)
        for coach in self.coaches:
            if coach.forecast_minor is not None:
                sums[coach.currency] += coach.forecast_minor
        return dict(sums)

    def invoiced_minor(self, *states: str) -> dict[str, int]:
        """Gross sums of the issued invoices, or of those in these states, by currency."""
        sums: dict[str, int] = defaultdict(int)
        for invoice in self.invoices:
            if not states or invoice.state in states:
                sums[invoice.currency] += invoice.gross_minor
        return dict(sums)


def added(kinds: Sequence[CoachForecast]) -> CoachForecast:
    """The sum over kinds of minutes."""
    figures = ("commissioned", "booked", "delivered", "released", "to_come")
    return CoachForecast("", **{figure: sum(getattr(kind, figure) for kind in kinds) for figure in figures})


def cohort_money(cohort: Cohort, on: dt.date) -> CohortMoney:
    """Commission, delivery, forecast and issued invoices of a cohort that was fetched for its reader. Four queries."""
    in_force = Rate.objects.filter(engagement=OuterRef("pk"), from_on__lte=max(on, cohort.starts_on)).order_by(
        "-from_on"
    )
    engagements = list(
        CoachEngagement.objects.filter(cohort=cohort)
        .exclude(state__in=GONE)
        .select_related("person")
        .annotate(
            rate_minor=Subquery(in_force.values("minor_per_hour")[:1], output_field=PositiveBigIntegerField()),
            rate_currency=Subquery(in_force.values("currency")[:1], output_field=CharField()),
        )
        .order_by("person__name", "pk")
    )
    minutes = forecast(engagements, on)
    coaches = tuple(
        CoachMoney(each, minutes[each.pk], each.rate_minor, each.rate_currency or cohort.currency)
        for each in engagements
    )
    invoices = (
        Invoice.objects.filter(engagement__cohort=cohort)
        .exclude(state=Invoice.State.DRAFTED)
        .select_related("coach")
        .order_by("quarter", "coach__name", "pk")
    )
    return CohortMoney(coaches, tuple(invoices))
