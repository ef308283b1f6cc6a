"""Forms of a coach's own hours: a week as it is typed, days that differ, places."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields as fields_of
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions
from cairn.delivery.queries import MeetingPlaceSeen, OwnHours
from cairn.delivery.terms import Mode
from cairn.engines import opening_hours
from cairn.engines.availability import Differing, Hours
from cairn.engines.wording import Refusal
from cairn.foundation import clock
from cairn.web import fields
from cairn.web.plain_words import plainly

WORKING_DAYS = range(1, 5)  # Tuesday to Friday, to which Monday is copied


def day_name(weekday: int) -> str:
    """The name of the field of a weekday, Monday being 0."""
    return f"day_{weekday}"


def _whole(label: Any, least: int, most: int, *, required: bool = True, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=required, **options)


class HoursForm(forms.Form):
    """The week and its rules."""

    is_open = forms.BooleanField(label=gettext_lazy("Coachees may book for themselves"), required=False)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone of these hours"),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in clock.zone_names()],
        help_text=gettext_lazy("They stay the same on the clock there, in summer and in winter."),
    )
    buffer_before_minutes = _whole(gettext_lazy("Kept free before each session"), 0, 240)
    buffer_after_minutes = _whole(gettext_lazy("Kept free after each session"), 0, 240)
    notice_hours = _whole(gettext_lazy("Book at least this long before"), 0, 24 * 60)
    cut_off_hours = _whole(gettext_lazy("Move alone until this long before"), 0, 24 * 60)
    horizon_days = _whole(gettext_lazy("Book at most this far ahead"), 1, 400)
    step_minutes = _whole(gettext_lazy("Starts lie apart"), 5, 240)
    most_per_day = _whole(gettext_lazy("Sessions in a day at most"), 1, 50, required=False)
    most_per_week = _whole(gettext_lazy("Sessions in a week at most"), 1, 200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, places: Sequence[MeetingPlaceSeen], **options: Any) -> None:
        """A field for each weekday; hours may name one of the places."""
        super().__init__(*args, **options)
        self._places = places
        for weekday in range(7):
            self.fields[day_name(weekday)] = forms.CharField(
                label=WEEKDAYS[weekday],
                max_length=300,
                required=False,
                widget=forms.TextInput(attrs={"autocomplete": "off", "data-weekday": weekday}),
            )
        plainly(self)
        own = self.get_initial_for_field(self.fields["time_zone"], "time_zone")
        if own and own not in clock.zone_names():
            self.fields["time_zone"].choices = [(own, own), *self.fields["time_zone"].choices]  # type: ignore[attr-defined]

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the week, from Monday."""
        return [self[day_name(weekday)] for weekday in range(7)]

    def clean(self) -> dict[str, Any]:
        """Hours as people write them; a day that cannot be read says what would be understood."""
        cleaned = super().clean() or {}
        names = [place.name for place in self._places]
        ids = {place.name: place.id for place in self._places}
        hours: list[Hours] = []
        for weekday in range(7):
            try:
                found = opening_hours.read(str(cleaned.get(day_name(weekday)) or ""), names)
            except Refusal as refused:
                self.add_error(day_name(weekday), fields.words(refused.wording))
                continue
            hours += [Hours(weekday, *_times(each), ids.get(each.place)) for each in found]
        cleaned["hours"] = hours
        return cleaned

    @property
    def terms(self) -> actions.BookingTerms:
        """What was typed, as the action takes it."""
        names = [each.name for each in fields_of(actions.BookingTerms)]
        return actions.BookingTerms(**{name: self.cleaned_data[name] for name in names})

    def with_monday_copied(self) -> dict[str, Any]:
        """Everything as it was typed, Monday's hours on every working day."""
        typed = self.data.copy()  # type: ignore[attr-defined]
        for weekday in WORKING_DAYS:
            typed[day_name(weekday)] = typed.get(day_name(0), "")
        return typed  # type: ignore[no-any-return]

    def show_version(self, version: int) -> None:
        """Saving again replaces what stands, knowingly."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["version"] = str(version)  # type: ignore[index]


def as_it_stands(own: OwnHours) -> dict[str, Any]:
    """The form's values for what is kept, or for somebody who begins."""
    terms = actions.BookingTerms(time_zone=own.zone) if own.row is None else own.row
    values = {each.name: getattr(terms, each.name) for each in fields_of(actions.BookingTerms)}
    return values | {day_name(weekday): typed for weekday, typed in enumerate(own.days)} | {"version": own.version}


class DiffersForm(forms.Form):
    """Days that differ from the week."""

    AWAY, OPEN = "away", "open"
    first_on = forms.DateField(label=gettext_lazy("From"))
    last_on = forms.DateField(label=gettext_lazy("Until"), required=False)
    what = forms.ChoiceField(
        label=gettext_lazy("On these days I am"),
        widget=forms.RadioSelect,
        choices=[(AWAY, gettext_lazy("away")), (OPEN, gettext_lazy("also open"))],
        initial=AWAY,
    )
    hours = forms.CharField(
        label=gettext_lazy("Hours"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Such as 14:00-16:00. Away without hours is away all day."),
    )

    def __init__(self, *args: Any, places: Sequence[MeetingPlaceSeen] = (), **options: Any) -> None:
        """`places` are known by name only to say that such days are the same at all of them."""
        super().__init__(*args, **options)
        self._places = [place.name for place in places]
        plainly(self)

    def clean(self) -> dict[str, Any]:
        """Days in order, hours where they are needed."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_on"), cleaned.get("last_on") or cleaned.get("first_on")
        if first and last and last < first:
            self.add_error("last_on", _("This lies before the first day."))
        if first and last and (last - first).days > 400:
            self.add_error("last_on", _("This is more than a year later. Close booking instead."))
        try:
            spans = opening_hours.read(cleaned.get("hours") or "", self._places)
        except Refusal as refused:
            self.add_error("hours", fields.words(refused.wording))
            return cleaned
        named = next((each.place for each in spans if each.place), "")
        if named:
            sentence = _("Days that differ are the same at all your places. Leave “%(place)s” out.")
            self.add_error("hours", sentence % {"place": named})
        is_open = cleaned.get("what") == self.OPEN
        if is_open and not spans:
            self.add_error("hours", _("Say at which hours, such as 14:00-16:00."))
        if first and last:
            days = [Differing(first, last, *_times(each), is_open) for each in spans]
            cleaned["differing"] = days or [Differing(first, last)]
        return cleaned


class PlaceForm(forms.Form):
    """A place, link or number."""

    name = forms.CharField(
        label=gettext_lazy("What coachees choose"),
        max_length=80,
        help_text=gettext_lazy("Such as Video, My office or By phone."),
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("How you meet"), widget=forms.RadioSelect, choices=Mode.choices, initial=Mode.ONLINE
    )
    where = forms.CharField(
        label=gettext_lazy("Link, place or number"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("A link or a number is shown to those in the session from 15 minutes before it begins."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Its fields speak plainly."""
        super().__init__(*args, **options)
        plainly(self)

    def clean(self) -> dict[str, Any]:
        """A session online is joined by a web address."""
        return fields.linked_when_online(self, super().clean() or {})


def _times(opening: opening_hours.Opening) -> tuple[dt.time, dt.time]:
    """The end of the day is 00:00."""
    return _time(opening.starts), _time(opening.ends % opening_hours.END_OF_DAY)


def _time(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)
