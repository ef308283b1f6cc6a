"""Coaches of a cohort: the list, asking one, what each is commissioned for, conflicts of interest."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import actions
from cairn.delivery import queries as delivery_queries
from cairn.engines.wording import Refusal
from cairn.foundation import clock, stamps
from cairn.gate import Request, door
from cairn.ledger import actions as ledger_actions
from cairn.people import rules
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries
from cairn.programmes.terms import Kind
from cairn.web.coordinator.addresses import public_address
from cairn.web.fields import MinutesField, SeenForm, currency_field, plain_money, read_money, words
from cairn.web.templatetags._amounts import hours

KINDS = (
    *(Kind.ONE_TO_ONE, Kind.GROUP, Kind.COACH_MEETING, Kind.FAMILIARISATION),
    *(Kind.TOPIC, Kind.DROP_IN, Kind.CELEBRATION),
)
MOST_TAX_BASIS_POINTS = 10_000
MONEY_REFUSALS = (ledger_actions.LessThanBooked, ledger_actions.RateAlreadyInvoiced, ledger_actions.AnotherCurrency)


class TermsForm(SeenForm):
    """What a coach is commissioned for, and what an hour costs."""

    is_internal = forms.TypedChoiceField(
        label=gettext_lazy("The coach is"),
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        choices=[("False", gettext_lazy("external, and sends invoices")), ("True", gettext_lazy("internal"))],
        initial="False",
    )
    needs_familiarisation = forms.BooleanField(
        label=gettext_lazy("New here, and paid for familiarisation"), required=False, initial=True
    )
    one_to_one = MinutesField(label=gettext_lazy("One-to-one"))
    group = MinutesField(label=gettext_lazy("Group"))
    coach_meeting = MinutesField(label=gettext_lazy("Coach meetings"))
    familiarisation = MinutesField(label=gettext_lazy("Familiarisation"))
    topic = MinutesField(label=gettext_lazy("Topic sessions"), required=False)
    drop_in = MinutesField(label=gettext_lazy("Drop-ins"), required=False)
    celebration = MinutesField(label=gettext_lazy("Celebration"), required=False)
    rate = forms.CharField(
        label=gettext_lazy("Rate for an hour"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = currency_field()
    tax_percent = forms.DecimalField(
        label=gettext_lazy("Tax in per cent"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=gettext_lazy("Empty: no tax is charged."),
    )

    def clean(self) -> dict[str, Any]:
        """Money in its currency, tax in basis points."""
        cleaned = super().clean() or self.cleaned_data
        rate = read_money(self, "rate")
        tax = cleaned.get("tax_percent")
        cleaned["rate_minor"] = rate
        cleaned["tax_basis_points"] = None if tax is None else int(tax * 100)
        if rate is None and not cleaned.get("is_internal") and "rate" not in self.errors:
            self.add_error("rate", _("An external coach needs a rate, so that invoices can be drafted."))
        return cleaned

    def terms(self) -> dict[str, Any]:
        """What the actions take."""
        cleaned = self.cleaned_data
        minutes = {kind: cleaned[kind] or 0 for kind in KINDS}
        if not cleaned["needs_familiarisation"]:
            minutes[Kind.FAMILIARISATION] = 0
        return {
            "is_internal": cleaned["is_internal"],
            "needs_familiarisation": cleaned["needs_familiarisation"],
            "minutes": minutes,
            "minor_per_hour": cleaned["rate_minor"],
            "currency": cleaned["currency"],
            "tax_basis_points": cleaned["tax_basis_points"],
        }


class EngageForm(TermsForm):
    """Somebody to ask."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("Whoever is known to Cairn by this address keeps the name they have."),
    )
    field_order = ("name", "email")


class ChangeTermsForm(TermsForm):
    """The terms of a coach who was asked already."""

    rate_from_on = forms.DateField(
        label=gettext_lazy("The rate holds from"),
        required=False,
        help_text=gettext_lazy("A new rate starts after the last day that was invoiced."),
    )


class ConflictForm(forms.Form):
    """A person or a department a coach must not coach."""

    enrolment = forms.TypedChoiceField(
        label=gettext_lazy("A person"), required=False, coerce=int, empty_value=None, choices=[]
    )
    department = forms.CharField(
        label=gettext_lazy("or a whole department"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"list": "departments"}),
    )

    def __init__(self, *args: Any, cohort: Any, people: list[tuple[int, str]] | None, **options: Any) -> None:
        """`people` are those who can be chosen; with none the person cannot be named, with None they are written."""
        super().__init__(*args, **options)
        self.cohort = cohort
        if people is None:
            self.fields["enrolment"] = forms.CharField(
                label=_("A person, by full name or e-mail address"), max_length=254, required=False
            )
        elif people:
            self.fields["enrolment"].choices = [("", _("nobody")), *people]  # type: ignore[attr-defined]
        else:
            del self.fields["enrolment"]
            self.fields["department"].label = _("A department")

    def clean_enrolment(self) -> int | None:
        """The enrolment that was chosen, or that has the name or address that was written."""
        named = self.cleaned_data["enrolment"]
        if not named or isinstance(named, int):
            return named or None
        found = queries.people_named(self.cohort, named)
        if not found:
            raise forms.ValidationError(_("Nobody in this cohort has this name or address."))
        if len(found) > 1:
            raise forms.ValidationError(_("Two people have this name. Write the e-mail address instead."))
        return int(found[0].pk)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_coaches(request: Request, cohort_id: int) -> HttpResponse:
    """Every coach of the cohort with state, commission, rate, people, conflicts."""
    at = clock.now()
    cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    rows = delivery_queries.coach_rows(queries.engagements_in(cohort), cohort, at)
    live = [row for row in rows if row.engagement.state in ("offered", "accepted")]
    context = {
        "cohort": cohort,
        "rows": rows,
        "kinds": [_("One-to-one"), _("Group"), _("Meetings"), _("Familiarisation"), _("Other")],
        "lede": _lede(cohort, live),
        "pairs": queries.pairs_in_conflict(cohort, [row.engagement for row in rows]),
    }
    return render(request, "coordinator/coaches.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def coach_engage(request: Request, cohort_id: int) -> HttpResponse:
    """Ask somebody to coach the cohort; the minutes come from the plan and can be changed."""
    at = clock.now()
    cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    form = EngageForm(request.POST or None, initial=_suggested(cohort))
    if request.method == "POST" and form.is_valid():
        try:
            engagement = actions.engage_coach(
                cohort=cohort,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                **form.terms(),
                address_of=public_address(),
                by=request.user,
                at=at,
            )
        except programme_actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("%(name)s was asked by mail.") % {"name": engagement.person.name})
            return redirect("cohort_coaches", cohort.pk)
    return render(request, "coordinator/coach_engage.html", {"cohort": cohort, "form": form})


@door(who=rules.may_coordinate, area="coordinator")
def cohort_coach(request: Request, cohort_id: int, engagement_id: int) -> HttpResponse:
    """One coach's terms and conflicts; asking again, ending."""
    at = clock.now()
    cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    row = delivery_queries.coach_row(cohort, engagement_id, at)
    engagement = row.engagement
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    standing = _standing(row, cohort, at)
    form = ChangeTermsForm(
        request.POST if doing == "terms" else None, initial={**standing, "seen": stamps.stamp(standing)}
    )
    people = queries.names_for_conflicts(cohort)
    conflict_form = ConflictForm(request.POST if doing == "conflict" else None, cohort=cohort, people=people)
    if (
        (doing == "terms" and _change_terms(request, engagement, form, standing=standing, at=at))
        or (doing == "conflict" and declare(request, engagement, conflict_form, at))
        or (doing not in ("", "terms", "conflict") and _do(doing, request, engagement, at))
    ):
        return redirect("cohort_coach", cohort.pk, engagement.pk)
    context = {
        "cohort": cohort,
        "engagement": engagement,
        "row": row,
        "form": form,
        "conflict_form": conflict_form,
        "conflicts": engagement.conflicts.all(),
        "departments": queries.departments(cohort),
    }
    return render(request, "coordinator/coach.html", context)


def _do(doing: str, request: Request, engagement: Any, at: dt.datetime) -> bool:
    """One thing done with a button alone, and said."""
    if doing.startswith("withdraw-"):
        return withdraw(request, engagement, doing.removeprefix("withdraw-"), at)
    try:
        if doing == "ask":
            actions.ask_again(engagement=engagement, address_of=public_address(), by=request.user, at=at)
            messages.success(request, _("%(name)s was asked by mail.") % {"name": engagement.person.name})
        elif doing == "end":
            actions.end_engagement(engagement=engagement, by=request.user, at=at)
            messages.success(request, _("Ended. Minutes not delivered were released; what was delivered stays."))
    except programme_actions.Refused as refused:
        messages.error(request, str(refused))
    return True


def _lede(cohort: Any, live: list[delivery_queries.CoachRow]) -> str:
    """Commissioned against planned, and how many coaches are still to be found."""
    planned = queries.plan.plan(queries.plan.values_of(cohort)).total_minutes
    commissioned = sum(row.commissioned for row in live)
    said = _("%(total)s commissioned, %(planned)s planned.") % {"total": hours(commissioned), "planned": hours(planned)}
    missing = cohort.expected_coaches - len(live)
    if missing < 1:
        return said
    more = ngettext("%(n)s more coach is planned.", "%(n)s more coaches are planned.", missing) % {"n": missing}
    return f"{said} {more}"


def _change_terms(
    request: Request, engagement: Any, form: ChangeTermsForm, *, standing: dict[str, Any], at: dt.datetime
) -> bool:
    if not form.is_valid():
        return False
    if names := stamps.changed(standing, form.cleaned_data["seen"]):
        form.tell_changed(str(programme_actions.ChangedMeanwhile.sentence), names, standing)
        return False
    try:
        actions.change_commission(
            engagement=engagement,
            **form.terms(),
            rate_from_on=form.cleaned_data["rate_from_on"],
            by=request.user,
            at=at,
        )
    except MONEY_REFUSALS as refused:
        form.add_error(None, str(refused))
        return False
    except Refusal as refused:
        form.add_error("rate", words(refused.wording))
        return False
    messages.success(request, _("Saved."))
    return True


def declare(request: Request, engagement: Any, form: ConflictForm, at: dt.datetime) -> bool:
    """Declare the conflict of a form that was sent; the coach's own page does the same."""
    if not form.is_valid():
        return False
    enrolment_id = form.cleaned_data.get("enrolment")
    enrolment = queries.enrolment_in(engagement.cohort, enrolment_id, at) if enrolment_id else None
    try:
        programme_actions.declare_conflict(
            engagement=engagement,
            enrolment=enrolment,
            department=form.cleaned_data["department"],
            by=request.user,
            at=at,
        )
    except programme_actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return False
    messages.success(request, _("Noted. Every later step keeps to it."))
    return True


def withdraw(request: Request, engagement: Any, conflict_id: str, at: dt.datetime) -> bool:
    """Take back one of an engagement's conflicts."""
    conflict = next((each for each in queries.conflicts_of(engagement) if str(each.pk) == conflict_id), None)
    if conflict is None:
        raise queries.NotFound
    conflict.engagement = engagement
    try:
        programme_actions.withdraw_conflict(conflict=conflict, by=request.user, at=at)
    except programme_actions.NotAllowed:
        messages.error(request, _("Only the coordinator can take that back."))
    else:
        messages.success(request, _("Taken back."))
    return True


def _suggested(cohort: Any) -> dict[str, Any]:
    """Minutes as the plan has them for the next coach, the plan's rate."""
    minutes = delivery_queries.commission_for(cohort, cohort.coach_count, is_new=True)
    is_new = cohort.coach_count < cohort.expected_new_coaches
    return {
        **minutes,
        "is_internal": "False",
        "needs_familiarisation": is_new,
        "rate": plain_money(cohort.expected_rate_minor, cohort.currency),
        "currency": cohort.currency,
    }


def _standing(row: Any, cohort: Any, at: dt.datetime) -> dict[str, Any]:
    """The terms as they are."""
    rate = row.rate
    today = at.astimezone(cohort.zone).date()
    tax = rate.tax_basis_points if rate else None
    return {
        **{kind: row.minutes[kind].promised if kind in row.minutes else 0 for kind in KINDS},
        "is_internal": str(row.engagement.is_internal),
        "needs_familiarisation": row.engagement.needs_familiarisation,
        "rate": plain_money(rate.minor_per_hour, rate.currency) if rate else "",
        "currency": rate.currency if rate else cohort.currency,
        "tax_percent": None if tax is None else f"{tax / 100:.2f}".rstrip("0").rstrip("."),
        "rate_from_on": max(rate.from_on if rate else cohort.starts_on, min(today, cohort.starts_on)),
    }
