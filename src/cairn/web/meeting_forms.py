"""What is typed about meetings of many: what they are about, agenda and notes, points, questions, parting words."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery.queries import Meeting
from cairn.delivery.terms import PointKind
from cairn.programmes.terms import Kind
from cairn.web.moments import link

LABELS = {
    Kind.COACH_MEETING: {"description": gettext_lazy("Agenda")},
    Kind.TOPIC: {"description": gettext_lazy("What it is about")},
    Kind.DROP_IN: {"description": gettext_lazy("What people can bring")},
    Kind.CELEBRATION: {"description": gettext_lazy("What to expect")},
}
FIELDS = {
    Kind.COACH_MEETING: ("description", "notes"),
    Kind.TOPIC: ("title", "description", "material", "places"),
    Kind.DROP_IN: ("description", "places"),
    Kind.CELEBRATION: ("description", "places"),
}
LINES = {"rows": 6}


class DetailForm(forms.Form):
    """What a meeting says of itself; for a coach meeting, agenda and notes."""

    title = forms.CharField(label=gettext_lazy("Topic"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("What it is about"), max_length=4000, required=False, widget=forms.Textarea(attrs=LINES)
    )
    material = forms.CharField(
        label=gettext_lazy("Address of the presentation"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Where it can be read. Everybody in the cohort sees this address."),
    )
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        min_value=1,
        max_value=5000,
        required=False,
        help_text=gettext_lazy("Empty: there is room for everybody. Whoever comes after the last place can wait."),
    )
    notes = forms.CharField(
        label=gettext_lazy("Notes"), max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 10})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        """`kind` is the kind of meeting."""
        super().__init__(*args, **options)
        for name in set(self.fields) - {*FIELDS[Kind(kind)], "version"}:
            del self.fields[name]
        for name, label in LABELS[Kind(kind)].items():
            self.fields[name].label = label

    def clean_material(self) -> str:
        """A web address, because that is what people are led to."""
        return a_link(self.cleaned_data["material"])

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def tell_changed(self, sentence: str, version: int) -> None:
        """Somebody else wrote meanwhile: theirs stands on the page, this stays in the field, the next save goes."""
        self.add_error(
            None,
            _(
                "%(sentence)s What stands there now is shown on the page; what you typed is kept here. "
                "Put both together, and save again."
            )
            % {"sentence": sentence},
        )
        sent = QueryDict(mutable=True)
        sent.update(self.data)
        sent["version"] = str(version)
        self.data = sent


class PointForm(forms.Form):
    """What a coach brings to a meeting of coaches."""

    kind = forms.ChoiceField(label=gettext_lazy("It is"), choices=PointKind.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("In a few words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class QuestionForm(forms.Form):
    """A question for a topic session."""

    text = forms.CharField(
        label=gettext_lazy("Your question"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class PartingForm(forms.Form):
    """What a coach says to the cohort at its end; empty takes it away."""

    text = forms.CharField(
        label=gettext_lazy("Your words to the cohort"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Leave the field empty to take your words away."),
    )


def standing(found: Meeting) -> dict[str, Any]:
    """What the form about a meeting begins with."""
    detail = found.detail
    own = {name: getattr(detail, name) for name in FIELDS[Kind(found.session.kind)]} if detail else {}
    return {**own, "version": found.version}


def a_link(text: str) -> str:
    """A web address as it was typed, or nothing."""
    address = text.strip()
    if address and not link(address):
        raise forms.ValidationError(_("Write the address as it stands in the browser, beginning with https://."))
    return address
