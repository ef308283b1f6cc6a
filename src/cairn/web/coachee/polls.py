"""Somebody in a group says which of several times would do for a session that must move."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.delivery.terms import PollState, PollWord
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web.moments import both
from cairn.web.polling import Moment
from cairn.web.templatetags import _amounts


class AnswerForm(forms.Form):
    """Three words for each time. Nobody has to answer all of them."""

    def __init__(self, *args: Any, found: queries.OwnPoll, zone: str, **options: Any) -> None:
        """`zone` is the reader's, on whose clock the times are said."""
        super().__init__(*args, **options)
        for each in found.times:
            self.fields[f"time-{each.id}"] = forms.ChoiceField(
                label=_label(each, zone),
                help_text=_beside(each, found.zone, zone),
                choices=PollWord.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=each.word,
            )

    def said(self) -> dict[int, str]:
        """The words given, by the id of the time."""
        return {int(name.partition("-")[2]): word for name, word in self.cleaned_data.items() if word}


@door(who=rules.may_be_coached, area="coachee")
def poll(request: Request, poll_id: int) -> HttpResponse:
    """The times in one's own zone, with the group's beside it; the own answers, and nobody else's."""
    at = clock.now()
    found = queries.own_poll(request.user, poll_id, at)
    zone, problem = request.user.time_zone, ""
    form = AnswerForm(request.POST or None, found=found, zone=zone)
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_poll(poll=found.poll, said=form.said(), by=request.user, at=at)
        except actions.Refused as refused:
            problem = str(refused)
        else:
            messages.success(request, _("Kept. You can change it until the poll closes."))
            return redirect("poll", poll_id)
    context = {
        "found": found,
        "form": form,
        "problem": problem,
        "rows": [(each, form[f"time-{each.id}"]) for each in found.times],
        "is_open": found.takes_answers(at),
        "ending": ending(found, at),
        "closes": both(found.poll.closes_at, found.zone, zone, at),
        "stands": Moment(found.session.starts_at, found.session.ends_at, found.zone)
        if found.session.starts_at
        else None,
        "zone": zone,
        "place": _amounts.zone_place(zone),
    }
    return render(request, "coachee/poll.html", context, status=422 if problem or form.errors else 200)


def in_words(found: Iterable[queries.PollLine], zone: str, at: dt.datetime) -> list[tuple[queries.PollLine, str]]:
    """Open polls for other pages of the coachee's, each with until when on the reader's clock and the group's."""
    return [(each, both(each.closes_at, each.zone, zone, at)) for each in found]


def ending(found: queries.OwnPoll, at: dt.datetime) -> str:
    """Why nothing can be answered, or "" while it can."""
    if found.poll.state == PollState.SETTLED:
        return _("Your coach has chosen. This is where the session is now:")
    if found.poll.state == PollState.WITHDRAWN:
        return _("This poll has ended without a choice. The session’s own page says where it stands.")
    if not found.takes_answers(at):
        return _("This poll has closed, and your coach chooses. A mail tells you the time.")
    return ""


def _label(each: queries.OwnTime, zone: str) -> str:
    here = each.starts_at.astimezone(ZoneInfo(zone))
    hours = _amounts.span(here, each.ends_at.astimezone(here.tzinfo))
    return f"{_amounts.day(here.date())}, {hours} ({_amounts.zone_words(here, zone, each.ends_at)})"


def _beside(each: queries.OwnTime, group: str, zone: str) -> str:
    """The group's own clock where it shows another time, and whether one is free at all."""
    here, there = each.starts_at.astimezone(ZoneInfo(zone)), each.starts_at.astimezone(ZoneInfo(group))
    said = []
    if here.utcoffset() != there.utcoffset():
        hours = _amounts.span(there, each.ends_at.astimezone(there.tzinfo))
        said.append(
            _("For the group: %(day)s, %(hours)s, %(zone)s.")
            % {
                "day": _amounts.day(there.date(), "table"),
                "hours": hours,
                "zone": _amounts.zone_words(there, group, each.ends_at),
            }
        )
    if not each.is_free:
        said.append(_("No longer free: you or your coach are in another session then."))
    return " ".join(said)
