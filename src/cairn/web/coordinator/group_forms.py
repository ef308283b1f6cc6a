"""Forms about groups."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.programmes import actions

MOST_FOR_ONE_COACH = 40
MOST_COACHES_ONE_BY_ONE = 40  # more of them are given groups as evenly as can be, or the page would be all fields


class ProposeForm(forms.Form):
    """How many groups each coach takes, and within which limits. With very many coaches: how many groups in all."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seed = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2_000_000_000)
    keep_places = forms.BooleanField(
        label=gettext_lazy("Keep everybody who has a group where they are"), required=False
    )
    keep_to_commission = forms.BooleanField(
        label=gettext_lazy("Stay within what coaches are commissioned for"), required=False
    )

    def __init__(self, *args: Any, coaches: Mapping[int, str], has_places: bool = False, **options: Any) -> None:
        """`coaches` is engagement id → name of those at work."""
        super().__init__(*args, **options)
        self.coaches = coaches
        self.one_by_one = len(coaches) <= MOST_COACHES_ONE_BY_ONE
        if not self.one_by_one:
            self.fields["in_all"] = forms.IntegerField(
                label=gettext_lazy("Groups in all"),
                min_value=1,
                max_value=actions.MOST_GROUPS,
                help_text=gettext_lazy("Dealt out among the coaches as evenly as can be."),
            )
        for engagement_id, name in coaches.items() if self.one_by_one else ():
            self.fields[f"groups_{engagement_id}"] = forms.IntegerField(
                label=name, min_value=0, max_value=MOST_FOR_ONE_COACH, required=False
            )
        if not has_places:
            del self.fields["keep_places"]

    def coach_fields(self) -> list[forms.BoundField]:
        """The numbers of groups, one for each coach."""
        if not self.one_by_one:
            return [self["in_all"]]
        return [self[f"groups_{engagement_id}"] for engagement_id in self.coaches]

    def clean(self) -> dict[str, Any]:
        """At least one group."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(self.group_coaches().values()):
            self.add_error(None, _("Give at least one coach a group."))
        return cleaned

    def group_coaches(self) -> dict[int, int]:
        """Engagement id → groups."""
        if not self.one_by_one:
            each, more = divmod(self.cleaned_data.get("in_all") or 0, len(self.coaches))
            return {held: each + (place < more) for place, held in enumerate(self.coaches)}
        return {held: self.cleaned_data.get(f"groups_{held}") or 0 for held in self.coaches}


class AdoptForm(forms.Form):
    """From when the groups hold."""

    from_on = forms.DateField(label=gettext_lazy("The groups hold from"))
    version = forms.IntegerField(widget=forms.HiddenInput)
    raise_commission = forms.BooleanField(widget=forms.HiddenInput, required=False)


class MoveForm(forms.Form):
    """Where to, perhaps in exchange for somebody, and what was looked at."""

    version = forms.IntegerField(min_value=1)
    to = forms.IntegerField(required=False, min_value=1)
    swap_with = forms.IntegerField(required=False, min_value=1)
    swap_named = forms.CharField(required=False, max_length=254)
    pinned = forms.TypedChoiceField(
        required=False, choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1", empty_value=None
    )


class PersonField(forms.CharField):
    """A person of the cohort by name or e-mail address; suggestions come from a list on the page."""

    def __init__(self, **options: Any) -> None:
        """A text field with suggestions."""
        widget = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(max_length=254, widget=widget, **options)


class PairForm(forms.Form):
    """Two people and what holds for them."""

    first = PersonField(label=gettext_lazy("One person"))
    second = PersonField(label=gettext_lazy("and the other"))
    rule = forms.ChoiceField(
        label=gettext_lazy("These two"),
        widget=forms.RadioSelect,
        choices=[
            ("apart", gettext_lazy("must be in different groups")),
            ("together", gettext_lazy("must share a group")),
        ],
        initial="apart",
    )


class OptOutForm(forms.Form):
    """Somebody who is coached one-to-one only. A reason is not asked for, so none can be kept."""

    enrolment = PersonField(label=gettext_lazy("A person"))


def first_day(cohort: Any, at: dt.datetime) -> dt.date:
    """The day from which groups hold unless somebody says otherwise: today, or the cohort's first day."""
    today = at.astimezone(cohort.zone).date()
    first, last = cohort.starts_on, cohort.ends_on
    return first if today < first else last if today > last else today
