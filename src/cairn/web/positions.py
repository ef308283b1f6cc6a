"""Saying that somebody has a new job: the same few questions for the person, the coach and the coordinator."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from cairn.programmes import actions
from cairn.programmes.terms import Stays


class NewPositionForm(forms.Form):
    """From when, and what the person would like. Nobody is asked which employer it is."""

    starts_on = forms.DateField(label=gettext_lazy("The new job begins on"))
    wish = forms.ChoiceField(
        label=gettext_lazy("And the coaching"),
        widget=forms.RadioSelect,
        choices=[
            (Stays.OWN_TIME.value, gettext_lazy("Stay on, in own time")),
            (Stays.LEAVES.value, gettext_lazy("Leave the cohort")),
            (Stays.UNKNOWN.value, gettext_lazy("Not yet known")),
        ],
        initial=Stays.UNKNOWN.value,
    )


def say(form: NewPositionForm, enrolment: Any, *, by: Any, at: Any) -> Any:
    """Say it with what the form holds; what stands in the way is put into the form. The new position, or None."""
    try:
        return actions.say_new_position(enrolment=enrolment, **form.cleaned_data, by=by, at=at)
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return None
