"""What a coordinator decides about choosing: the mode, from when until when, how many seats are held back."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.programmes.terms import Choosing, GroupMode
from cairn.web.fields import SeenForm
from cairn.web.templatetags import _amounts

MOST_STYLES, STYLE_LENGTH = 12, 60
MORNING, EVENING = dt.time(8, 0), dt.time(18, 0)


class ChoosingForm(SeenForm):
    """How groups come about. Times are on the wall of the cohort's zone."""

    group_mode = forms.ChoiceField(
        label=gettext_lazy("Groups are"),
        widget=forms.RadioSelect,
        choices=[
            (GroupMode.MIXED.value, gettext_lazy("mixed: people only say when they cannot come")),
            (GroupMode.ALIKE.value, gettext_lazy("of like people: people only say when they cannot come")),
            (GroupMode.SELF_CHOSEN.value, gettext_lazy("chosen by the people themselves, among times of the coaches")),
        ],
    )
    choosing = forms.ChoiceField(
        label=gettext_lazy("Where people choose themselves, they"), widget=forms.RadioSelect, choices=Choosing.choices
    )
    open_on = forms.DateField(label=gettext_lazy("Opens on"), required=False)
    open_time = forms.TimeField(label=gettext_lazy("at"), required=False)
    close_on = forms.DateField(
        label=gettext_lazy("Closes on"),
        required=False,
    )
    close_time = forms.TimeField(label=gettext_lazy("at"), required=False)
    seats_held_back = forms.IntegerField(
        label=gettext_lazy("Seats held back in each group"),
        min_value=0,
        max_value=50,
        help_text=gettext_lazy("Nobody can take these. They are filled for the mix, also with people who come late."),
    )
    coaching_styles = forms.CharField(
        label=gettext_lazy("Styles of coaching people may prefer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One on each line. Empty: nobody is asked."),
    )
    avoids_meeting_again = forms.BooleanField(
        label=gettext_lazy("Where it costs no mix, people meet others than in groups they had before"), required=False
    )

    def __init__(self, *args: Any, cohort: Any, **options: Any) -> None:
        """`cohort` is the cohort as it stands."""
        self.cohort = cohort
        options.setdefault("initial", _initial(cohort))
        super().__init__(*args, **options)

    def clean_coaching_styles(self) -> list[str]:
        """Lines without doubles."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["coaching_styles"].splitlines()]
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > MOST_STYLES or any(len(line) > STYLE_LENGTH for line in found):
            raise forms.ValidationError(
                _("Name at most %(most)s styles, each in at most %(length)s letters.")
                % {"most": MOST_STYLES, "length": STYLE_LENGTH}
            )
        return found

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        cleaned, zone = self.cleaned_data, ZoneInfo(self.cohort.time_zone)
        names = ("group_mode", "choosing", "seats_held_back", "coaching_styles", "avoids_meeting_again")
        return {name: cleaned[name] for name in names} | {
            "choices_open_at": on_the_wall(cleaned["open_on"], cleaned["open_time"] or MORNING, zone),
            "choices_close_at": on_the_wall(cleaned["close_on"], cleaned["close_time"] or EVENING, zone),
        }

    def _label(self, name: str) -> str:
        moments = {"choices_open_at": _("Opens"), "choices_close_at": _("Closes")}
        return moments.get(name) or super()._label(name)

    def _shown(self, name: str, value: Any) -> str:
        if isinstance(value, dt.datetime):
            local = value.astimezone(ZoneInfo(self.cohort.time_zone))
            return f"{_amounts.day(local, 'medium')}, {_amounts.clock(local)}"
        return ", ".join(value) if isinstance(value, list) and value else super()._shown(name, value)


class ReopenForm(forms.Form):
    """Until when."""

    until_on = forms.DateField(label=gettext_lazy("Open until"), required=False)
    until_time = forms.TimeField(label=gettext_lazy("at"), required=False)

    def until(self, zone: str) -> dt.datetime | None:
        """The moment; None: until it is closed."""
        return on_the_wall(self.cleaned_data["until_on"], self.cleaned_data["until_time"] or EVENING, ZoneInfo(zone))


def on_the_wall(on: dt.date | None, time: dt.time, zone: ZoneInfo) -> dt.datetime | None:
    """The instant at which a wall shows this; where it shows it twice, the first time."""
    return dt.datetime.combine(on, time, tzinfo=zone).astimezone(dt.UTC) if on is not None else None


def _initial(cohort: Any) -> dict[str, Any]:
    zone = ZoneInfo(cohort.time_zone)
    opens, closes = [
        each.astimezone(zone) if each else None for each in (cohort.choices_open_at, cohort.choices_close_at)
    ]
    return {
        "group_mode": cohort.group_mode,
        "choosing": cohort.choosing,
        "open_on": opens.date() if opens else None,
        "open_time": opens.time() if opens else None,
        "close_on": closes.date() if closes else None,
        "close_time": closes.time() if closes else None,
        "seats_held_back": cohort.seats_held_back,
        "coaching_styles": "\n".join(cohort.coaching_styles),
        "avoids_meeting_again": cohort.avoids_meeting_again,
    }
