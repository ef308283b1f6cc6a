"""Minutes and money. Entries are only ever added; the database refuses to change or delete one.

The two accounts keep running sums which a trigger derives from the entries, so that reading them costs one row and
`left = promised - booked - used - released` can be held above zero by a constraint.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment
from cairn.programmes.terms import Kind


class Account(models.Model):
    """Four sums in minutes, moved by entries only."""

    kind = models.CharField(max_length=16, choices=Kind)
    promised = models.IntegerField(default=0)
    booked = models.IntegerField(default=0)
    used = models.IntegerField(default=0)
    released = models.IntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def left(self) -> int:
        """Minutes that are neither booked, used nor released."""
        return self.promised - self.booked - self.used - self.released


def _sums_hold(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=Q(promised__gte=0, booked__gte=0, used__gte=0, released__gte=0)
        & Q(promised__gte=F("booked") + F("used") + F("released")),
    )


class Entitlement(Account):
    """Minutes promised to an enrolment, by kind: `one_to_one` and `group`."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="entitlements")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "kind"], name="one_entitlement_per_kind"),
            models.CheckConstraint(name="entitlement_kinds", condition=Q(kind__in=["one_to_one", "group"])),
            _sums_hold("entitlement_sums_hold"),
        ]


class CoachTime(Account):
    """Minutes a coach is commissioned for, by kind. `promised` is what was commissioned, `used` what was delivered."""

    engagement = models.ForeignKey(CoachEngagement, on_delete=models.PROTECT, related_name="coach_time")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "kind"], name="one_coach_time_per_kind"),
            _sums_hold("coach_time_sums_hold"),
        ]


class LedgerEntry(models.Model):
    """One signed movement of minutes in one account. Knows its source by kind and id, never by foreign key."""

    class Movement(models.TextChoices):
        PROMISE = "promise", _("promised")
        BOOK = "book", _("booked")
        USE = "use", _("used")
        RELEASE = "release", _("released")

    entitlement = models.ForeignKey(Entitlement, null=True, on_delete=models.PROTECT, related_name="entries")
    coach_time = models.ForeignKey(CoachTime, null=True, on_delete=models.PROTECT, related_name="entries")
    movement = models.CharField(max_length=8, choices=Movement)
    minutes = models.IntegerField()
    on = models.DateField()
    source_kind = models.CharField(max_length=30)
    source_id = models.BigIntegerField()
    revision = models.PositiveIntegerField(help_text="counts the entries of one source in one account, from 1")
    description = models.CharField(max_length=200, blank=True, help_text="as an invoice line names the source")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entry_is_in_one_book",
                condition=Q(entitlement__isnull=False, coach_time=None) | Q(entitlement=None, coach_time__isnull=False),
            ),
            models.CheckConstraint(name="entry_moves_something", condition=~Q(minutes=0)),
            models.UniqueConstraint(
                fields=["entitlement", "source_kind", "source_id", "revision"],
                condition=Q(entitlement__isnull=False),
                name="entitlement_entry_once",
            ),
            models.UniqueConstraint(
                fields=["coach_time", "source_kind", "source_id", "revision"],
                condition=Q(coach_time__isnull=False),
                name="coach_time_entry_once",
            ),
        ]
        indexes = [models.Index(fields=["source_kind", "source_id"])]


class Rate(models.Model):
    """What an hour of an engagement costs from a day on. Money is whole minor units of an ISO 4217 currency."""

    engagement = models.ForeignKey(CoachEngagement, on_delete=models.PROTECT, related_name="rates")
    from_on = models.DateField()
    minor_per_hour = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    tax_basis_points = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["engagement", "from_on"], name="one_rate_per_day")]
        ordering = ["from_on"]


class Invoice(models.Model):
    """A coach's invoice for a quarter: drafted from what was delivered, issued by the coach, approved, settled."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        ISSUED = "issued", _("issued")
        QUERIED = "queried", _("queried")
        APPROVED = "approved", _("approved")
        SETTLED = "settled", _("settled")

    engagement = models.ForeignKey(CoachEngagement, on_delete=models.PROTECT, related_name="invoices")
    coach = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    quarter = models.PositiveSmallIntegerField()
    quarter_starts_on = models.DateField()
    quarter_ends_on = models.DateField()
    number = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    tax_basis_points = models.PositiveIntegerField(null=True)
    net_minor = models.BigIntegerField(default=0)
    tax_minor = models.BigIntegerField(default=0)
    gross_minor = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFTED)
    query = models.CharField(max_length=500, blank=True, help_text="what the coordinator asks")
    reply = models.CharField(max_length=500, blank=True, help_text="what the coach answers")
    drafted_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "quarter"], condition=Q(state="drafted"), name="one_draft_per_quarter"
            ),
            models.UniqueConstraint(
                fields=["coach", "number"], condition=~Q(number=""), name="one_invoice_per_coach_and_number"
            ),
            models.CheckConstraint(name="issued_invoice_has_a_number", condition=Q(state="drafted") | ~Q(number="")),
            models.CheckConstraint(name="queried_invoice_says_what", condition=~Q(state="queried") | ~Q(query="")),
            models.CheckConstraint(name="invoice_adds_up", condition=Q(gross_minor=F("net_minor") + F("tax_minor"))),
        ]


class InvoiceLine(models.Model):
    """What one source (a session) costs on one invoice. Negative minutes are a credit for an earlier line."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind)
    source_kind = models.CharField(max_length=30)
    source_id = models.BigIntegerField()
    on = models.DateField()
    description = models.CharField(max_length=200)
    minutes = models.IntegerField()
    minor_per_hour = models.PositiveBigIntegerField()
    amount_minor = models.BigIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_line_per_position"),
            # A session moved to a day with another rate has a credit and a charge: two days, two lines.
            models.UniqueConstraint(
                fields=["invoice", "source_kind", "source_id", "on"], name="one_line_per_source_here"
            ),
        ]


class InvoicedEntry(models.Model):
    """A coach-time entry stands on one line, ever."""

    line = models.ForeignKey(InvoiceLine, on_delete=models.CASCADE, related_name="invoiced")
    entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="invoiced")
