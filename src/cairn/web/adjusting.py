"""Asking for an adjustment, as the person and a coordinator on their behalf both see it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.ledger.actions import LessThanBooked, NotEnoughMinutes
from cairn.programmes import actions
from cairn.programmes.terms import AdjustmentState, Need

MOST_CHARACTERS = 200
TICKED = tuple((need.value, need.label) for need in Need if need != Need.OTHER)
REFUSALS = (actions.Refused, LessThanBooked, NotEnoughMinutes)
STATE_MARKS = {AdjustmentState.WAITING: "needs", AdjustmentState.AGREED: "done"}


class AskForm(forms.Form):
    """What is needed, several things at a time. What is written in a field of its own is asked for without a tick."""

    needs = forms.MultipleChoiceField(
        label=gettext_lazy("What is needed"),
        choices=TICKED,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Say what would help. Nobody asks why, so leave the reason out."),
    )
    most_people = forms.IntegerField(
        label=gettext_lazy("For a smaller group: how many people at most"),
        required=False,
        min_value=2,
        max_value=99,
        help_text=gettext_lazy("Everybody in it counts, the coach does not."),
    )
    other = forms.CharField(
        label=gettext_lazy("Something else that is needed"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": MOST_CHARACTERS}),
        help_text=gettext_lazy("In a sentence: what, never why. For example: ten minutes’ break after an hour."),
    )

    def __init__(self, data: Any = None, *, standing: Iterable[Any] = ()) -> None:
        """What waits or holds already (`standing`, as adjustments) is not offered again."""
        super().__init__(data)
        asked = {each.need for each in standing if each.state in STATE_MARKS}
        if data is None and asked:
            offered = [(value, label) for value, label in TICKED if value not in asked]
            self.fields["needs"].choices = offered  # type: ignore[attr-defined]
            if Need.SMALLER_GROUP in asked:
                del self.fields["most_people"]

    def clean_needs(self) -> list[str]:
        """In the order of the list, each once."""
        chosen = set(self.cleaned_data["needs"])
        return [value for value, _label in TICKED if value in chosen]

    def asks(self) -> list[actions.Ask]:
        """What was asked for."""
        data = self.cleaned_data
        needs = list(data["needs"])
        if data["most_people"] and Need.SMALLER_GROUP not in needs:
            needs.append(Need.SMALLER_GROUP.value)
        asks = [
            actions.Ask(need, most_people=data["most_people"] if need == Need.SMALLER_GROUP else None) for need in needs
        ]
        return [*asks, *([actions.Ask(Need.OTHER, data["other"])] if data["other"].strip() else [])]


def ask(form: AskForm, enrolment: Any, *, by: Any, at: dt.datetime) -> list[Any]:
    """Ask with what the form holds; what stands in the way is put into the form. What was asked, or nothing."""
    try:
        return actions.ask_adjustments(enrolment=enrolment, asks=form.asks(), by=by, at=at)
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return []


@dataclass(frozen=True)
class Shown:
    """An adjustment in words, for the person and coordinators. Nobody else may be shown this."""

    id: int
    name: str
    need: str
    detail: str
    state: str
    state_label: str
    mark: str
    asked: str
    it: Any

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered."""
        return self.state == AdjustmentState.WAITING

    @property
    def is_agreed(self) -> bool:
        """Whether it holds."""
        return self.state == AdjustmentState.AGREED


def shown(adjustment: Any, at: dt.datetime) -> Shown:
    """Put an adjustment into words. The person's own words stand as its need where it is something else."""
    smaller = adjustment.need == Need.SMALLER_GROUP
    return Shown(
        id=adjustment.pk,
        name=adjustment.enrolment.person.name,
        need=str(Need(adjustment.need).label),
        detail=at_most(adjustment.most_people) if smaller else adjustment.other,
        state=adjustment.state,
        state_label=str(AdjustmentState(adjustment.state).label),
        mark=STATE_MARKS.get(adjustment.state, ""),
        asked=ago(adjustment.asked_at, at, adjustment.enrolment.cohort.zone),
        it=adjustment,
    )


def at_most(people: int) -> str:
    """How small a group."""
    return ngettext("%(n)s person at most", "%(n)s people at most", people) % {"n": people}


def ago(then: dt.datetime, at: dt.datetime, zone: dt.tzinfo) -> str:
    """How long since, by days on the wall."""
    days = (at.astimezone(zone).date() - then.astimezone(zone).date()).days
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days} if days > 0 else _("today")
