"""What an hour of a coach's time costs, from a day on."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.engines import invoicing
from cairn.foundation import audit
from cairn.ledger import rules
from cairn.ledger.models import Invoice, InvoiceLine, Rate
from cairn.people.queries import NotFound
from cairn.programmes.models import CoachEngagement


class RateAlreadyInvoiced(Exception):
    """An invoice has been issued for a later day, so the rate of that day can no longer change."""

    def __init__(self, last_on: dt.date) -> None:
        self.last_on = last_on
        super().__init__(
            _("Sessions up to %(day)s are invoiced at the earlier rate. Let the new rate start after that day.")
            % {"day": date_format(last_on, "j F Y")}
        )


class AnotherCurrency(Exception):
    """One engagement is paid in one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        super().__init__(_("This engagement is paid in %(currency)s. Keep to it.") % {"currency": currency})


@transaction.atomic
def set_rate(
    *,
    engagement: CoachEngagement,
    minor_per_hour: int,
    currency: str,
    tax_basis_points: int | None,
    from_on: dt.date,
    by: Any,
    at: dt.datetime,
) -> Rate:
    """Let an hour cost `minor_per_hour` minor units from a day on; `tax_basis_points` None: no tax is charged.

    Raises invoicing.UnknownCurrency, RateAlreadyInvoiced, AnotherCurrency.
    """
    locked = CoachEngagement.objects.select_for_update(of=("self",)).select_related("cohort__programme")
    engagement = locked.get(pk=engagement.pk)
    if not rules.may_promise(by, engagement.cohort, at):
        raise NotFound
    invoicing.RatePeriod(from_on, minor_per_hour, currency, tax_basis_points)
    _refuse_invoiced_days(engagement, from_on)
    other = Rate.objects.filter(engagement=engagement).exclude(from_on=from_on).exclude(currency=currency).first()
    if other is not None:
        raise AnotherCurrency(other.currency)
    rate, _is_new = Rate.objects.update_or_create(
        engagement=engagement,
        from_on=from_on,
        defaults={"minor_per_hour": minor_per_hour, "currency": currency, "tax_basis_points": tax_basis_points},
    )
    audit.record(
        action="set_rate",
        subject_kind="engagement",
        subject_id=engagement.pk,
        organisation_id=engagement.cohort.programme.organisation_id,
        facts={
            "minor_per_hour": minor_per_hour,
            "currency": currency,
            "tax_basis_points": tax_basis_points,
            "from_on": from_on.isoformat(),
        },
        by=by,
        at=at,
    )
    return rate


def _refuse_invoiced_days(engagement: CoachEngagement, from_on: dt.date) -> None:
    issued = InvoiceLine.objects.filter(invoice__engagement=engagement).exclude(invoice__state=Invoice.State.DRAFTED)
    last = issued.filter(on__gte=from_on).order_by("-on").values_list("on", flat=True).first()
    if last is not None:
        raise RateAlreadyInvoiced(last)
