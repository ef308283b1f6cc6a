"""What a coordinator types about sessions: whom for, when on the wall, how people meet, who was there."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery.queries import SeenSession
from cairn.delivery.terms import CancelReason, Mark, Mode
from cairn.engines import cadence
from cairn.engines.wording import Refusal
from cairn.web.fields import MinutesField, words
from cairn.web.templatetags import _amounts

MEETINGS = "meetings"
MONDAY = dt.date(2024, 1, 1)
WEEKDAYS = [(day, MONDAY + dt.timedelta(days=day)) for day in range(5)]


class MeetForm(forms.Form):
    """How people meet."""

    mode = forms.ChoiceField(
        label=gettext_lazy("How"), choices=Mode.choices, widget=forms.RadioSelect, initial=Mode.ONLINE
    )
    where = forms.CharField(
        label=gettext_lazy("Link, place or number"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("A link or a number is shown only to those in the session, near its time."),
    )

    def refuse(self, refused: Exception) -> None:
        """Say in place why it could not be done."""
        self.add_error(None, words(refused.wording) if isinstance(refused, Refusal) else str(refused))


class PlanForm(MeetForm):
    """A series: for a group, or the meetings of all coaches."""

    whom = forms.ChoiceField(label=gettext_lazy("For"))
    weekday = forms.TypedChoiceField(label=gettext_lazy("Day of the week"), coerce=int)
    wall_time = forms.TimeField(label=gettext_lazy("Begins at"), initial=dt.time(10, 0))
    starts_on = forms.DateField(
        label=gettext_lazy("Not before"),
        required=False,
        help_text=gettext_lazy("For a group. Coach meetings lie in the last week of each quarter."),
    )
    expected = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ("whom", "weekday", "wall_time", "starts_on", "mode", "where")

    def __init__(self, *args: Any, groups: Iterable[Any], **options: Any) -> None:
        """`groups` are those of the cohort with their coaches."""
        super().__init__(*args, **options)
        self.groups = {str(group.pk): group for group in groups}
        named = [(key, f"{group} ({group.engagement.person.name})") for key, group in self.groups.items()]
        self.fields["whom"].choices = [*named, (MEETINGS, _("All coaches: a meeting every quarter"))]  # type: ignore[attr-defined]
        self.fields["weekday"].choices = [(day, date_format(on, "l")) for day, on in WEEKDAYS]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A group's series needs a first day."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("whom") != MEETINGS and not cleaned.get("starts_on") and "starts_on" not in self.errors:
            self.add_error("starts_on", _("Say from which day on the group can meet."))
        return cleaned

    @property
    def group(self) -> Any:
        """The chosen group, or None for meetings of all coaches."""
        return self.groups.get(self.cleaned_data["whom"])

    def rhythm(self) -> dict[str, Any]:
        """What previews and plans of this choice take."""
        cleaned = self.cleaned_data
        chosen = {"weekday": cleaned["weekday"], "wall_time": cleaned["wall_time"]}
        return chosen | ({"group": self.group, "starts_on": cleaned["starts_on"]} if self.group else {})

    def seen_days(self) -> tuple[dt.date, ...]:
        """The dates that were previewed."""
        try:
            return tuple(dt.date.fromisoformat(day) for day in self.cleaned_data["expected"].split(",") if day)
        except ValueError:
            return ()


class WhenForm(MeetForm):
    """A date and a time on the wall of the cohort's zone; asks which is meant where clocks show a time twice."""

    on = forms.DateField(label=gettext_lazy("Date"))
    wall_time = forms.TimeField(label=gettext_lazy("Begins at"))
    fold = forms.TypedChoiceField(
        label=gettext_lazy("Which of the two"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        choices=[(0, "0"), (1, "1")],
    )
    field_order: tuple[str, ...] = ("on", "wall_time", "fold", "mode", "where")

    def __init__(self, *args: Any, zone: str, **options: Any) -> None:
        """`zone` is the IANA name of the zone whose wall is meant."""
        super().__init__(*args, **options)
        self.zone = zone
        self.asks_fold = bool(self.data.get(self.add_prefix("fold")))

    @property
    def wall_starts(self) -> dt.datetime:
        """Date and time together, naive."""
        return dt.datetime.combine(self.cleaned_data["on"], self.cleaned_data["wall_time"])

    def times(self) -> dict[str, Any]:
        """What the actions take."""
        cleaned = self.cleaned_data
        return {"wall_starts": self.wall_starts, "fold": cleaned["fold"], "mode": cleaned["mode"]}

    def name_folds(self, twice: cadence.AmbiguousWallTime) -> None:
        """Offer both moments that the wall clock shows as this time."""
        self.fields["fold"].choices = [  # type: ignore[attr-defined]
            (index, _amounts.zone_words(moment, self.zone)) for index, moment in enumerate(twice.candidates)
        ]

    def refuse(self, refused: Exception) -> None:
        """Say why, and where clocks show the time twice, offer both."""
        if isinstance(refused, cadence.AmbiguousWallTime):
            self.asks_fold = True
            self.name_folds(refused)
            self.add_error("fold", words(refused.wording))
            return
        if isinstance(refused, cadence.MissingWallTime):
            self.add_error("wall_time", words(refused.wording))
            return
        super().refuse(refused)


class AddForm(WhenForm):
    """One session more."""

    whom = forms.ChoiceField(label=gettext_lazy("For"))
    minutes = MinutesField(label=gettext_lazy("Length"), least=5, most=600, required=False)
    field_order = ("whom", "on", "wall_time", "fold", "minutes", "mode", "where")

    def __init__(self, *args: Any, groups: Iterable[Any], **options: Any) -> None:
        """`groups` are those of the cohort."""
        super().__init__(*args, **options)
        self.groups = {str(group.pk): group for group in groups}
        named = [(key, f"{group} ({group.engagement.person.name})") for key, group in self.groups.items()]
        self.fields["whom"].choices = [*named, (MEETINGS, _("All coaches: a meeting"))]  # type: ignore[attr-defined]
        self.fields["minutes"].help_text = _("Empty: as long as usual in this cohort.")

    @property
    def group(self) -> Any:
        """The chosen group, or None for a meeting of all coaches."""
        return self.groups.get(self.cleaned_data["whom"])


class MoveForm(WhenForm):
    """Another date, time, mode or place for one session."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, seen: SeenSession, **options: Any) -> None:
        """`seen` is the session as it stands."""
        session = seen.session
        wall = session.wall_time
        options["initial"] = {
            "on": wall.date() if wall else None,
            "wall_time": wall.time() if wall else None,
            "mode": session.mode,
            "where": seen.place,
            "version": session.version,
        }
        super().__init__(*args, zone=session.time_zone, **options)
        if session.where and not seen.place:
            self.fields["where"].help_text = _("Leave it empty to keep the link or number that is there.")


class CancelForm(forms.Form):
    """Why a session is cancelled, in one word from a list."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why"), required=False, choices=[("", gettext_lazy("not said")), *CancelReason.choices]
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class HeldForm(forms.Form):
    """The day on which a coach was made familiar with the programme."""

    on = forms.DateField(label=gettext_lazy("Held on"))


def read_marks(data: Any, seen: SeenSession) -> dict[int, str]:
    """The marks sent with a form (`mark-<id>`), those that are none of the four left out."""
    marks = {}
    for seat in seen.seats:
        who = seat.enrolment_id or seat.engagement_id or 0
        mark = data.get(f"mark-{who}", "")
        if mark in Mark.values:
            marks[who] = mark
    return marks
