"""Published times in words, and the page on which a coach, or a coordinator for them, offers and withdraws them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.gate import Request
from cairn.programmes import actions, queries
from cairn.web.moments import call, link
from cairn.web.templatetags import _amounts

DAYS = [(day, WEEKDAYS[day - 1]) for day in range(1, 6)]
PLURALS = (
    *(gettext_lazy("Mondays"), gettext_lazy("Tuesdays"), gettext_lazy("Wednesdays"), gettext_lazy("Thursdays")),
    *(gettext_lazy("Fridays"), gettext_lazy("Saturdays"), gettext_lazy("Sundays")),
)


@dataclass(frozen=True)
class TimeInWords:
    """A weekly time: on the cohort's wall, and on the reader's own where that shows another."""

    slot: queries.SlotSeen
    when: str
    zone: str
    yours: str
    where: str


def in_words(slot: queries.SlotSeen, reader_zone: str) -> TimeInWords:
    """“Tuesdays, 16:00 to 17:30”, “London time”, “your Wednesdays, 05:00 in Auckland”.

    The hours stand all year, whatever clocks do; the reader's own are those of the first session to come.
    """
    begins = slot.starts_at
    local = begins.astimezone(ZoneInfo(slot.zone))
    until = slot.ends_at.astimezone(local.tzinfo)
    return TimeInWords(
        slot=slot,
        when=_("%(days)s, %(hours)s") % {"days": PLURALS[slot.weekday - 1], "hours": _hours(local, until)},
        zone=_amounts.zone_time(slot.zone),
        yours=_yours(local, reader_zone),
        where=_place(slot.where),
    )


class TimeForm(forms.Form):
    """One weekly time."""

    weekday = forms.TypedChoiceField(label=gettext_lazy("Day of the week"), coerce=int, choices=DAYS)
    starts = forms.TimeField(label=gettext_lazy("Begins at"))
    where = forms.CharField(
        label=gettext_lazy("Link or place"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("A link is shown only to those in the group, near each session. A place can be seen."),
    )


class StylesForm(forms.Form):
    """Which of the cohort's coaching styles."""

    styles = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, named: list[str], label: str, **options: Any) -> None:
        """`named` are the styles of the cohort."""
        super().__init__(*args, **options)
        self.fields["styles"].label = label
        self.fields["styles"].choices = [(each, each) for each in named]  # type: ignore[attr-defined]


def times_page(request: Request, times: queries.CoachTimes, at: dt.datetime) -> tuple[bool, dict[str, Any]]:
    """Do what was asked on a coach's page of times: (whether it is done, what the page shows)."""
    engagement = times.engagement
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    cohort = engagement.cohort
    form = TimeForm(request.POST if doing == "add" else None)
    styles = StylesForm(
        request.POST if doing == "styles" else None,
        named=cohort.coaching_styles,
        label=_("Styles of coaching"),
        initial={"styles": engagement.styles},
    )
    done = _do(request, engagement, form, styles, at)
    return done, {
        "engagement": engagement,
        "cohort": cohort,
        "form": form,
        "styles": styles if cohort.coaching_styles else None,
        "rows": [in_words(each, request.user.time_zone) for each in times.slots],
        "zone": _amounts.zone_place(cohort.time_zone),
        "minutes": cohort.group_session_minutes,
        "status": 422 if doing and not done else 200,
    }


def _do(request: Request, engagement: Any, form: TimeForm, styles: StylesForm, at: dt.datetime) -> bool:
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    who: dict[str, Any] = {"by": request.user, "at": at}
    try:
        if doing == "add" and form.is_valid():
            actions.publish_slot(engagement=engagement, **form.cleaned_data, **who)
            messages.success(request, _("Offered. People see it as soon as choosing is open."))
        elif doing == "styles" and styles.is_valid():
            actions.say_coach_styles(engagement=engagement, styles=styles.cleaned_data["styles"], **who)
            messages.success(request, _("Kept."))
        elif doing.startswith("withdraw-"):
            slot = queries.slot_offered(engagement, whole(doing.removeprefix("withdraw-")))
            actions.withdraw_slot(slot=slot, **who)
            messages.success(request, _("Withdrawn."))
        else:
            return False
    except actions.Refused as refused:
        if doing != "add":
            messages.warning(request, str(refused))
            return True
        form.add_error(refused.field or None, str(refused))
        return False
    return True


def whole(text: str) -> int:
    """An id from a form; NotFound for anything else."""
    if not text.isdecimal() or len(text) > 18:
        raise queries.NotFound
    return int(text)


def _hours(local: dt.datetime, until: dt.datetime) -> str:
    return _("%(start)s to %(end)s") % {"start": _amounts.clock(local), "end": _amounts.clock(until)}


def _yours(local: dt.datetime, reader_zone: str) -> str:
    here = local.astimezone(ZoneInfo(reader_zone))
    if here.utcoffset() == local.utcoffset():
        return ""
    facts = {"time": _amounts.clock(here), "place": _amounts.zone_place(reader_zone)}
    if here.date() == local.date():
        return _("your %(time)s in %(place)s") % facts
    return _("your %(days)s, %(time)s in %(place)s") % {**facts, "days": PLURALS[here.weekday()]}


def _place(where: str) -> str:
    """A place as it may be shown to anybody; of a link or a number only which of the two it is."""
    if not where:
        return ""
    if link(where) or "://" in where or "www." in where:
        return _("online")
    return _("by phone") if call(where) else where
