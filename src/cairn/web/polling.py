"""The page on which a coach, or a coordinator for them, asks a group for another time and chooses among the answers."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import actions, queries
from cairn.delivery.terms import PollState
from cairn.engines import cadence
from cairn.engines.wording import Refusal
from cairn.gate import Request
from cairn.ledger.actions import NotEnoughMinutes
from cairn.web import fields
from cairn.web.moments import both
from cairn.web.templatetags import _amounts

TYPED = (1, 2, 3)
OPEN_FOR = dt.timedelta(days=4)
BEFORE_FIRST = dt.timedelta(hours=12)
AT_LEAST = dt.timedelta(hours=1)
MOST_DIGITS = 8
EVENING, NOON = dt.time(18), dt.time(12)  # when people expect that something closes


@dataclass(frozen=True)
class Moment:
    """What `{% when %}` needs of a time."""

    starts_at: dt.datetime
    ends_at: dt.datetime | None
    zone: str


class AskForm(forms.Form):
    """Times to put to the group, suggested or typed, and until when it can answer. All on the session's own wall."""

    suggested = forms.MultipleChoiceField(
        label=gettext_lazy("Everybody is free"), required=False, widget=forms.CheckboxSelectMultiple
    )
    closes_on = forms.DateField(label=gettext_lazy("Answers until, day"))
    closes_time = forms.TimeField(label=gettext_lazy("Answers until, time"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: str, reader: str, free: list[str], **options: Any) -> None:
        """`free` are the suggestions as wall times; what was chosen from an earlier page still counts.

        `reader` is the zone of whoever asks, on whose clock each is said as well.
        """
        super().__init__(*args, **options)
        self.zone = zone
        chosen = self.data.getlist("suggested") if self.is_bound else []  # type: ignore[attr-defined]
        offered = {value: _wall_words(value, zone, reader) for value in [*free, *chosen]}
        self.fields["suggested"].choices = [(v, word) for v, word in offered.items() if word]  # type: ignore[attr-defined]
        for number in TYPED:
            of_this = {"n": number}
            self.fields[f"on_{number}"] = forms.DateField(label=_("Time %(n)s: day") % of_this, required=False)
            self.fields[f"time_{number}"] = forms.TimeField(label=_("Time %(n)s: begins at") % of_this, required=False)
            self.fields[f"fold_{number}"] = forms.TypedChoiceField(
                label=_("Time %(n)s: which of the two") % of_this,
                widget=forms.RadioSelect,
                coerce=int,
                empty_value=None,
                required=False,
            )
            self._ask_where_it_happens_twice(number)

    @property
    def typed(self) -> Iterator[dict[str, Any]]:
        """The rows for typing, as the page draws them."""
        for number in TYPED:
            fold = self[f"fold_{number}"]
            yield {
                "on": self[f"on_{number}"],
                "time": self[f"time_{number}"],
                "fold": fold if fold.field.choices else None,  # type: ignore[attr-defined]
            }

    def clean(self) -> dict[str, Any]:
        """A time needs a day and the other way round; a wall time that is missing or happens twice is asked about."""
        cleaned = super().clean() or {}
        times = [actions.Proposed(dt.datetime.fromisoformat(value)) for value in cleaned.get("suggested", ())]
        for number in TYPED:
            on, time = cleaned.get(f"on_{number}"), cleaned.get(f"time_{number}")
            if on and time:
                fold = cleaned.get(f"fold_{number}")
                if self._instant(on, time, f"time_{number}", fold, f"fold_{number}"):
                    times.append(actions.Proposed(dt.datetime.combine(on, time), fold))
            elif on or time:
                missing = f"time_{number}" if on else f"on_{number}"
                if missing not in self.errors:
                    self.add_error(missing, _("Day and time belong together. Fill in both, or leave both empty."))
        cleaned["times"] = times
        if cleaned.get("closes_on") and cleaned.get("closes_time"):
            cleaned["closes_at"] = self._instant(cleaned["closes_on"], cleaned["closes_time"], "closes_time", None)
        return cleaned

    def _instant(self, on: dt.date, time: dt.time, name: str, fold: Any, ask: str | None = None) -> dt.datetime | None:
        try:
            return cadence.instant(on, time, self.zone, fold)
        except cadence.AmbiguousWallTime as twice:
            self.add_error(ask or name, fields.words(twice.wording))
        except cadence.MissingWallTime as missing:
            self.add_error(name, fields.words(missing.wording))
        except OverflowError:
            self.add_error(name, _("No session is held in that year."))
        return None

    def _ask_where_it_happens_twice(self, number: int) -> None:
        """An answer to “which of the two” is only understood while the question is asked."""
        if not self.is_bound:
            return
        try:
            on = self.fields[f"on_{number}"].clean(self.data.get(f"on_{number}"))
            time = self.fields[f"time_{number}"].clean(self.data.get(f"time_{number}"))
            if on and time:
                cadence.instant(on, time, self.zone)
        except cadence.AmbiguousWallTime as twice:
            self.fields[f"fold_{number}"].choices = which_of_two(twice, self.zone)  # type: ignore[attr-defined]
        except (forms.ValidationError, cadence.MissingWallTime, OverflowError):
            pass


def which_of_two(twice: cadence.AmbiguousWallTime, zone: str) -> list[tuple[int, str]]:
    """The two readings of a wall time when the clocks go back, as choices of `fold`."""
    first, second = (_amounts.abbreviation(each.astimezone(ZoneInfo(zone))) for each in twice.candidates)
    return [
        (0, _("the first, %(zone)s") % {"zone": first}),
        (1, _("the second, an hour later, %(zone)s") % {"zone": second}),
    ]


def poll_page(
    request: Request, session_id: int, at: dt.datetime, *, back: str, cohort_id: int | None = None
) -> HttpResponse:
    """Ask, look at the answers, choose, withdraw. `back` is the address of the session's page.

    `cohort_id` is given where the address names a cohort, of which the session has to be.
    """
    found = queries.run_poll(request.user, session_id, at)
    if cohort_id not in (None, found.seen.session.cohort_id):
        raise queries.NotFound
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    reader, problem, form, unsure = request.user.time_zone, "", None, None
    if request.method == "POST" and "undo" in request.GET:
        settled = _taken_back(request, found, request.GET["undo"], at)
        return redirect(back if settled else request.path)
    if doing.startswith("choose-") and found.is_open and found.has_few:
        unsure = next((each for each in found.times if doing == f"choose-{each.id}" and each.is_free), None)
    if doing == "ask" and found.may_ask(at):
        form = _form(request, found, at, request.POST)
        if form.is_valid() and _asked(form, found, request, at):
            return redirect(request.path)
    elif doing and found.poll is not None and unsure is None:
        done, problem = _settled(request, found, doing, at)
        if done:
            return redirect(back if doing != "withdraw" else request.path)
    context = {
        "found": found,
        "back": back,
        "form": form or (_form(request, found, at) if found.may_ask(at) else None),
        "problem": problem,
        "unsure": _row(unsure, found, reader) if unsure else None,
        "rows": [_row(each, found, reader) for each in found.times],
        "names_shown": _shows_names(found),
        "ending": _ending(found, at),
        "closes": both(found.poll.closes_at, found.seen.zone, reader, at) if found.poll else "",
        "zone": _amounts.zone_place(found.seen.zone),
    }
    return render(request, "coach/poll.html", context, status=422 if problem or (form and form.errors) else 200)


def running(session: Any, zone: str, at: dt.datetime) -> dict[str, Any]:
    """What a session's page says of the poll that runs about it; `zone` is the reader's."""
    poll = queries.open_poll(session)
    is_over = poll is None or poll.closes_at <= at
    return {"poll": poll, "poll_closes": "" if is_over or poll is None else both(poll.closes_at, poll.zone, zone, at)}


def _form(request: Request, found: queries.RunPoll, at: dt.datetime, posted: Any = None) -> AskForm:
    zone = found.seen.zone
    starts = queries.suggested_times(found, at)
    closes = min(
        [at + OPEN_FOR, *(each - BEFORE_FIRST for each in (*starts[:1], found.seen.starts_at or at + OPEN_FOR))]
    )
    local = _closing(closes, at, zone)
    initial = {"closes_on": local.date(), "closes_time": local.time(), "version": found.seen.session.version}
    free = [_wall(start, zone) for start in starts]
    return AskForm(posted, initial=initial, zone=zone, reader=request.user.time_zone, free=free)


def _closing(latest: dt.datetime, at: dt.datetime, zone: str) -> dt.datetime:
    """The last evening or noon on the group's wall before this moment; with less than a day left the full hour."""
    day = latest.astimezone(ZoneInfo(zone)).date()
    for on, time in ((day, EVENING), (day, NOON), (day - dt.timedelta(days=1), EVENING)):
        try:
            closes = cadence.instant(on, time, zone)
        except Refusal:
            continue
        if at + AT_LEAST <= closes <= latest:
            return closes.astimezone(ZoneInfo(zone))
    return max(latest, at + AT_LEAST).astimezone(ZoneInfo(zone)).replace(minute=0)


def _taken_back(request: Request, found: queries.RunPoll, undone: str, at: dt.datetime) -> bool:
    """Undo a choice (`undone` is the session's version since), a withdrawal or the asking. Whether it was a choice."""
    what, _dash, number = undone.partition("-")
    by: dict[str, Any] = {"poll": found.poll, "by": request.user, "at": at}
    try:
        if found.poll is None or number not in ("", str(found.poll.pk)):
            raise actions.NotPossibleNow(_("There is nothing to take back."))
        if what == "withdrawn":
            actions.reopen_poll(**by)
            said = _(
                "The poll is open again, with every answer. Those who were told that it is over are told that too."
            )
        elif what == "opened":
            actions.take_back_poll(**by)
            said = _("Taken back. Nobody is asked any longer, and whoever was mailed is told.")
        elif what.isdecimal() and len(what) <= MOST_DIGITS:
            actions.unsettle_poll(expected_version=int(what), **by)
            said = _("It is as it was before. Everybody has been told, and the poll is open again.")
        else:
            raise actions.NotPossibleNow(_("There is nothing to take back."))
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    except Refusal as refused:
        messages.error(request, fields.words(refused.wording))
    else:
        messages.success(request, said)
    return what.isdecimal()


def _asked(form: AskForm, found: queries.RunPoll, request: Request, at: dt.datetime) -> bool:
    try:
        poll = actions.open_poll(
            session=found.seen.session,
            times=form.cleaned_data["times"],
            closes_at=form.cleaned_data["closes_at"],
            expected_version=form.cleaned_data["version"],
            address_of=settings.CAIRN_PUBLIC_URL,
            by=request.user,
            at=at,
        )
    except actions.Refused as refused:
        form.add_error(None, str(refused))
    except Refusal as refused:
        form.add_error(None, fields.words(refused.wording))
    else:
        sentence = _("Asked. Everybody in the group has been sent a mail.")
        messages.success(request, sentence, extra_tags=f"undo:{request.path}?undo=opened-{poll.pk}")
        return True
    return False


def _settled(request: Request, found: queries.RunPoll, doing: str, at: dt.datetime) -> tuple[bool, str]:
    """Whether the poll was settled or withdrawn, or the sentence that says why not."""
    by: dict[str, Any] = {"poll": found.poll, "by": request.user, "at": at}
    try:
        if doing == "withdraw":
            actions.withdraw_poll(**by)
            sentence = _("Withdrawn. The session stays where it is, and everybody who was asked has been told.")
            undo = f"undo:{request.path}?undo=withdrawn-{found.poll.pk if found.poll else 0}"
            messages.success(request, sentence, extra_tags=undo)
            return True, ""
        kind, _sep, number = doing.partition("-")
        if kind in ("choose", "sure") and number.isdecimal() and len(number) < 18:
            moved = actions.settle_poll(time_id=int(number), **by)
            when = _with_yours(queries.when_words(moved), moved.starts_at, moved.time_zone, request.user.time_zone)
            sentence = _("Moved to %(when)s. Everybody has been told.") % {"when": when}
            messages.success(request, sentence, extra_tags=f"undo:{request.path}?undo={moved.version}")
            return True, ""
    except (actions.Refused, NotEnoughMinutes) as refused:
        return False, str(refused)
    except Refusal as refused:
        return False, fields.words(refused.wording)
    return False, _("Choose one of the times that the group was asked about.")


def _row(asked: queries.AskedTime, found: queries.RunPoll, reader: str) -> dict[str, Any]:
    zone = found.seen.zone
    return {
        "asked": asked,
        "when": Moment(asked.starts_at, asked.ends_at, zone),
        "words": _wall_words(_wall(asked.starts_at, zone), zone, reader, asked.starts_at),
        "may_choose": found.is_open and asked.is_free,
        "suits": found.is_open and asked in found.suit_most,
        "tally": _tally(asked, _shows_names(found)),
    }


def _shows_names(found: queries.RunPoll) -> bool:
    """Only the coach reads who said what; a coordinator chooses by the figures."""
    return found.seen.part == "coach"


def _tally(asked: queries.AskedTime, names: bool) -> list[tuple[int, str, tuple[str, ...]]]:
    """How many say what of one time, in words that follow the figure, and who they are where the reader may know."""
    silent = len(asked.silent)
    rows = (
        (asked.yes, _("can come")),
        (asked.maybe, _("could if need be")),
        (asked.no, _("cannot come")),
        (asked.silent, ngettext("has not answered", "have not answered", silent)),
    )
    return [(len(who), words, who if names else ()) for who, words in rows]


def _ending(found: queries.RunPoll, at: dt.datetime) -> str:
    """How the latest poll ended, or that it waits for a choice."""
    if found.poll is None:
        return ""
    if found.poll.state == PollState.SETTLED:
        return _("This poll is settled: the session has moved to the time that was chosen.")
    if found.poll.state == PollState.WITHDRAWN:
        return _(
            "This poll has ended: it was withdrawn, or the session is over, or was moved or cancelled in another way."
        )
    if found.poll.closes_at <= at:
        return _("Nobody can answer any more. Choose a time, or withdraw the poll.")
    return ""


def _wall(start: dt.datetime, zone: str) -> str:
    return start.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def _wall_words(value: str, zone: str, reader: str, start: dt.datetime | None = None) -> str:
    """A naive wall time in words, with its zone and the reader's own clock where that differs; "" for anything else.

    `start` is the instant, where it is known; otherwise it follows from the wall time, if only one can be meant.
    """
    try:
        wall = dt.datetime.fromisoformat(value)
    except ValueError:
        return ""
    if wall.tzinfo is not None:
        return ""
    facts = {"day": date_format(wall.date(), "l j F Y"), "time": f"{wall:%H:%M}", "place": _amounts.zone_place(zone)}
    words = _("%(day)s, %(time)s (%(place)s time)") % facts
    try:
        return _with_yours(words, start or cadence.instant(wall.date(), wall.time(), zone), zone, reader)
    except (Refusal, OverflowError):
        return words


def _with_yours(words: str, start: dt.datetime | None, zone: str, reader: str) -> str:
    """A moment in words, and beside it the reader's own clock where that shows another time."""
    yours = _amounts.yours(start, start.astimezone(ZoneInfo(zone)), reader) if start is not None else ""
    return f"{words}, {yours}" if yours else words
