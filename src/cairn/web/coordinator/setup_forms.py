"""Forms of the guided set-up. Each carries what it was filled in from."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.programmes import actions
from cairn.web.coordinator.mixing_forms import MixingFields
from cairn.web.fields import MinutesField, SeenForm, currency_field, plain_money, read_money

DAY_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:to|–|-|until)\s*(\d{4}-\d{2}-\d{2}))?(?:[\s,;:]+(.*))?")
LONGEST_CLOSURE_DAYS = 92
YEARS = [MinValueValidator(dt.date(2000, 1, 1)), MaxValueValidator(dt.date(2150, 12, 31))]
MOST_PROMISED = 30_000


class InstitutionForm(forms.Form):
    """One institution."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    short_name = forms.CharField(label=gettext_lazy("Short name, for tables"), max_length=40, required=False)


class ClosedDaysForm(SeenForm):
    """The days on which nothing is planned, one or one stretch a line."""

    days = forms.CharField(
        label=gettext_lazy("Closed days"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "2027-12-24 to 2028-01-02 Winter closure"}),
        help_text=gettext_lazy("One day or one stretch on each line, year first, then what it is."),
    )

    def clean_days(self) -> dict[dt.date, str]:
        """Days with their names. Each line that cannot be read is named."""
        found: dict[dt.date, str] = {}
        wrong = []
        for number, line in enumerate(self.cleaned_data["days"].splitlines(), start=1):
            if line.strip():
                days = read_days(line.strip())
                wrong += [] if days else [_("Line %(n)s, “%(text)s”.") % {"n": number, "text": line.strip()[:60]}]
                found |= days
        if wrong:
            hint = _("Write a day like 2027-12-25, and a stretch like 2027-12-24 to 2028-01-02.")
            raise forms.ValidationError([*wrong, hint])
        return found


def read_days(line: str) -> dict[dt.date, str]:
    """The days of one line with their name; none when it cannot be read."""
    match = DAY_LINE.fullmatch(line)
    if match is None:
        return {}
    try:
        first = dt.date.fromisoformat(match[1])
        last = dt.date.fromisoformat(match[2]) if match[2] else first
    except ValueError:
        return {}
    length = (last - first).days + 1
    if not 0 < length <= LONGEST_CLOSURE_DAYS:
        return {}
    name = (match[3] or "").strip()[:100]
    return {first + dt.timedelta(days=offset): name for offset in range(length)}


def write_days(days: Iterable[tuple[dt.date, str]]) -> str:
    """Days as lines, stretches of one name joined."""
    stretches: list[tuple[dt.date, dt.date, str]] = []
    for on, name in days:
        if stretches and stretches[-1][2] == name and on - stretches[-1][1] == dt.timedelta(days=1):
            stretches[-1] = (stretches[-1][0], on, name)
        else:
            stretches.append((on, on, name))
    return "\n".join(
        f"{first.isoformat()}{f' to {last.isoformat()}' if last != first else ''} {name}".strip()
        for first, last, name in stretches
    )


class ProgrammeForm(SeenForm):
    """The offer."""

    names = ("name", "mode", "scope", "wellbeing_contacts")
    name = forms.CharField(
        label=gettext_lazy("Name of the programme"),
        max_length=200,
        help_text=gettext_lazy("As people will read it in their invitation."),
    )
    mode = forms.TypedChoiceField(
        label=gettext_lazy("How it is delivered"),
        coerce=int,
        widget=forms.RadioSelect,
        initial=3,
        choices=[
            (1, gettext_lazy("Self-directed: everybody goes their own way, with no coach")),
            (2, gettext_lazy("Coordinated: their own way, and you write to them")),
            (3, gettext_lazy("Facilitated cohort: groups and coaches")),
        ],
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("How wide it is"),
        widget=forms.RadioSelect,
        initial="coaching",
        choices=[
            ("coaching", gettext_lazy("Coaching only: Cairn and the coaches ask, they never advise")),
            ("coaching_and_mentoring", gettext_lazy("Coaching and mentoring: coaches may also advise")),
        ],
    )
    wellbeing_contacts = forms.CharField(
        label=gettext_lazy("Whom people can turn to when coaching is not enough"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Names, telephone numbers and hours of your local support. Coachees and coaches see it on every page that "
            "needs it. You can leave it for now; without it the programme cannot go live."
        ),
    )


class CohortSection(SeenForm):
    """Some of a cohort's values. `names` are the values it shows, each the name of a field."""

    names: tuple[str, ...] = ()

    @classmethod
    def initial_of(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """How the values stand in the fields."""
        shown = {name: values[name] for name in cls.names}
        if "expected_rate_minor" in shown:
            shown["expected_rate_minor"] = plain_money(shown["expected_rate_minor"], values["currency"])
        return shown

    def clean(self) -> dict[str, Any]:
        """Money is read in its currency."""
        cleaned = super().clean() or self.cleaned_data
        if "expected_rate_minor" in self.fields:
            rate = read_money(self, "expected_rate_minor")
            if "expected_rate_minor" in cleaned:
                cleaned["expected_rate_minor"] = rate
        return cleaned

    def values(self) -> dict[str, Any]:
        """What was entered, by name; what is wrong is missing."""
        return {name: self.cleaned_data[name] for name in self.names if name in self.cleaned_data}


def _number(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, **options)


def _rate() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("An hour costs about"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def _each(label: Any, **options: Any) -> MinutesField:
    return MinutesField(label=label, **options)


class CohortForm(CohortSection):
    """Dates, people, and what each is promised."""

    names = (
        *("name", "starts_on", "ends_on", "time_zone", "expected_people", "expected_coaches", "expected_new_coaches"),
        *("one_to_one_minutes", "one_to_one_session_minutes", "group_minutes", "group_session_minutes"),
        *("meeting_minutes", "familiarisation_minutes", "expected_rate_minor", "currency"),
    )
    name = forms.CharField(label=gettext_lazy("Name of the cohort"), max_length=200)
    starts_on = forms.DateField(label=gettext_lazy("First day"), validators=YEARS)
    ends_on = forms.DateField(label=gettext_lazy("Last day"), validators=YEARS)
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"), max_length=60, help_text=gettext_lazy("Named like Europe/London.")
    )
    expected_people = _number(gettext_lazy("People"), 1, 10_000, initial=50)
    expected_coaches = _number(gettext_lazy("Coaches"), 0, 1_000, initial=5)
    expected_new_coaches = _number(gettext_lazy("of them new"), 0, 1_000, initial=5)
    one_to_one_minutes = _each(gettext_lazy("One-to-one, each person"), most=MOST_PROMISED, initial=210)
    one_to_one_session_minutes = _each(gettext_lazy("One session"), least=5, most=600, initial=60)
    group_minutes = _each(gettext_lazy("Group, each person"), most=MOST_PROMISED, initial=900)
    group_session_minutes = _each(gettext_lazy("One session"), least=5, most=600, initial=90)
    meeting_minutes = _each(gettext_lazy("Meeting of coaches, each quarter"), least=5, most=600, initial=90)
    familiarisation_minutes = _each(gettext_lazy("Familiarisation, each new coach"), most=6_000, initial=240)
    expected_rate_minor = _rate()
    currency = currency_field()

    def clean(self) -> dict[str, Any]:
        """Dates far apart are left out of the summary at once; the action refuses them too."""
        cleaned = super().clean()
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and (last - first).days > actions.LONGEST_DAYS:
            self.add_error("ends_on", str(actions.TooLong.sentence))
        return cleaned

    def clean_time_zone(self) -> str:
        """The name of a place in the IANA database, however it is spelt; what the cohort has already stays."""
        typed = str(self.cleaned_data["time_zone"]).strip()
        found = clock.zone_named(typed)
        if found or typed == self.initial.get("time_zone"):
            return found or typed
        near = clock.zone_like(typed)
        said = _("“%(name)s” is no place whose clocks Cairn knows. Write one such as %(example)s.")
        raise forms.ValidationError(said % {"name": typed, "example": near or "Europe/London"})


class GroupsForm(MixingFields, CohortSection):
    """Size of groups, rhythm, and what they are mixed by."""

    names = (
        *("group_cap", "group_minimum", "expected_groups", "early_sessions", "early_weeks", "later_weeks"),
        *("mixes_groups", "one_to_one_for_group_percent"),
    )
    group_cap = _number(gettext_lazy("Most people in a group"), 2, 100)
    group_minimum = _number(gettext_lazy("Fewest people in a group"), 1, 100)
    expected_groups = _number(
        gettext_lazy("Number of groups"),
        1,
        1_000,
        required=False,
        help_text=gettext_lazy("Empty: as few as fit the most in a group."),
    )
    early_sessions = _number(gettext_lazy("Sessions close together at first"), 0, 50)
    early_weeks = _number(gettext_lazy("Weeks between those"), 1, 26)
    later_weeks = _number(gettext_lazy("Weeks between later ones"), 1, 26)
    one_to_one_for_group_percent = _number(
        gettext_lazy("Of the group minutes that somebody takes one-to-one instead"),
        0,
        100,
        initial=100,
        help_text=gettext_lazy("At 50, two hours in a group become one alone. A change holds for new agreements only."),
    )
    mixes_groups = forms.BooleanField(label=gettext_lazy("Mix the groups"), required=False)

    def _label(self, name: str) -> str:
        return _("Mixed by") if name == "mixing" else super()._label(name)


class AgreementForm(CohortSection):
    """What people agree to."""

    names = (
        *("coaching_is_compulsory", "apologies_hours", "late_cancelled_uses_minutes", "missed_uses_minutes"),
        "agreement_text",
    )
    coaching_is_compulsory = forms.BooleanField(
        label=gettext_lazy("Taking part in the coaching is compulsory"), required=False
    )
    apologies_hours = _number(
        gettext_lazy("Hours before a session until which apologies are in time"), 0, 336, required=True
    )
    late_cancelled_uses_minutes = forms.BooleanField(
        label=gettext_lazy("A session cancelled too late uses the minutes"), required=False
    )
    missed_uses_minutes = forms.BooleanField(label=gettext_lazy("A missed session uses the minutes"), required=False)
    agreement_text = forms.CharField(
        label=gettext_lazy("The agreement"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy(
            "Everybody reads and accepts it when they join. The text is kept as each one accepted it."
        ),
    )


class PlanForm(CohortSection):
    """The figures to play with before anybody is recruited."""

    names = (
        *("expected_people", "expected_coaches", "expected_new_coaches", "expected_groups", "one_to_one_minutes"),
        *("group_minutes", "expected_rate_minor", "currency"),
    )
    expected_people = _number(gettext_lazy("People"), 1, 10_000)
    expected_coaches = _number(gettext_lazy("Coaches"), 0, 1_000)
    expected_new_coaches = _number(gettext_lazy("of them new"), 0, 1_000)
    expected_groups = _number(
        gettext_lazy("Groups"),
        1,
        1_000,
        required=False,
        widget=forms.NumberInput(attrs={"placeholder": gettext_lazy("as few as fit")}),
    )
    one_to_one_minutes = _each(gettext_lazy("One-to-one, each person"), most=MOST_PROMISED)
    group_minutes = _each(gettext_lazy("Group, each person"), most=MOST_PROMISED)
    expected_rate_minor = _rate()
    currency = currency_field()
