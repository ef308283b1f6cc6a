"""When one wishes to be reminded of one's sessions, and when not."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import actions, queries
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.web import moments
from cairn.web.plain_words import plainly
from cairn.web.templatetags._amounts import zone_place


def length(minutes: int) -> str:
    """A length of time in its largest whole unit: 2880 → “2 days”."""
    weeks, days, hours = minutes // 10_080, minutes // 1_440, minutes // 60
    if weeks * 10_080 == minutes:
        return ngettext("%(n)d week", "%(n)d weeks", weeks) % {"n": weeks}
    if days * 1_440 == minutes:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if hours * 60 == minutes:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return _("%(n)d minutes") % {"n": minutes}


class RemindersForm(forms.Form):
    """Times before a session, and quiet hours."""

    minutes_before = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Before a session"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(minutes, length(minutes)) for minutes in queries.REMINDER_PRESETS],
    )
    quiet_from = forms.TimeField(label=gettext_lazy("Quiet from"))
    quiet_until = forms.TimeField(label=gettext_lazy("Quiet until"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Its fields speak plainly."""
        super().__init__(*args, **options)
        plainly(self)


@door(who=signed_in)
def reminders(request: Request) -> HttpResponse:
    """Choose it, or none of it; and see what comes next."""
    person, at = request.user, clock.now()
    choice = queries.reminder_choice(person)
    known = {
        "minutes_before": list(choice.minutes),
        "quiet_from": choice.quiet_from,
        "quiet_until": choice.quiet_until,
    }
    form = RemindersForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid() and _kept(form, person, at):
        messages.success(request, _("Kept."))
        return redirect("reminders")
    coming = [
        (moments.moment(each.at, person.time_zone, at), length(each.minutes), each)
        for each in queries.next_reminders(person, at)
    ]
    context = {
        "form": form,
        "coming": coming,
        "zone": _("%(place)s time") % {"place": zone_place(person.time_zone)},
        "is_none": not choice.minutes,
    }
    status = 422 if form.errors else 200
    return render(request, "account/reminders.html", context, status=status)


def _kept(form: RemindersForm, person: Any, at: dt.datetime) -> bool:
    try:
        actions.set_reminders(**form.cleaned_data, by=person, at=at)
    except actions.TooManyTimes as refused:
        form.add_error("minutes_before", str(refused))
    except actions.TooQuiet as refused:
        form.add_error("quiet_until", str(refused))
    return form.is_valid()
