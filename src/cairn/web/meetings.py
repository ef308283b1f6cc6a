"""One meeting for its coach, the coaches of the cohort and their coordinators: the same page from both sides."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions, queries
from cairn.delivery.terms import FOR_THE_COHORT, PointKind, SessionState
from cairn.gate import Request
from cairn.ledger.actions import NotEnoughMinutes
from cairn.programmes.terms import Kind
from cairn.web import undoing
from cairn.web.documents import files
from cairn.web.meeting_forms import FIELDS, DetailForm, PartingForm, PointForm, standing
from cairn.web.templatetags import _amounts

MOST_DIGITS = 8


@dataclass
class Desk:
    """What one request does at a meeting: the forms it shows, and whether it is done with."""

    request: Request
    found: queries.Meeting
    at: dt.datetime
    detail: DetailForm
    point: PointForm
    parting: PartingForm
    points: dict[int, PointForm]
    before: dict[str, Any] | None = None
    done: bool = False

    @property
    def common(self) -> dict[str, Any]:
        """Who does it, and when."""
        return {"by": self.request.user, "at": self.at}


def page(request: Request, found: queries.Meeting, at: dt.datetime, **context: Any) -> HttpResponse:
    """Show a meeting, or do what was asked and show it anew."""
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    desk = _desk(request, found, at, doing)
    if request.method == "POST" and "undo" in request.GET:
        _take_back(desk, request.GET["undo"])
        return redirect(request.path)
    act = ACTS.get(doing.partition("-")[0])
    if act is not None:
        try:
            act(desk, doing.partition("-")[2])
        except (actions.Refused, NotEnoughMinutes) as refused:
            messages.error(request, str(refused))
            desk.done = True
        if desk.done:
            return redirect(request.path)
    return render(request, "meetings/meeting.html", {**_context(desk), **context})


def notes_file(found: queries.Meeting) -> HttpResponse:
    """Agenda, notes and points of a coach meeting as a plain text."""
    if found.session.kind != Kind.COACH_MEETING:
        raise queries.NotFound
    detail = found.detail
    parts = [found.session.cohort.name, f"{found.title}, {queries.when_words(found.session)}", ""]
    agenda, notes = (detail.description, detail.notes) if detail else ("", "")
    for label, text in ((_("Agenda"), agenda), (_("Notes"), notes)):
        parts += [label, "", text or _("Nothing written yet."), ""]
    for kind in PointKind:
        own = [point for point in found.points if point.kind == kind]
        if own:
            parts += [_several(kind), "", *(f"- {point.text} ({point.by})" for point in own), ""]
    return files.text("\n".join(parts), f"coach-meeting-{found.id}.txt")


def lost_words(session: Any, at: dt.datetime) -> str:
    """For whoever just moved it: that people with a place cannot be there then; empty where everybody can."""
    lost = queries.places_lost(session, at) if session.kind in FOR_THE_COHORT else 0
    said = ngettext(
        "%(n)s person is in another session then, lost the place in it, and was told.",
        "%(n)s people are in another session then, lost their places in it, and were told.",
        lost,
    )
    return said % {"n": lost} if lost else ""


def _desk(request: Request, found: queries.Meeting, at: dt.datetime, doing: str) -> Desk:
    sent = request.POST if doing else None
    own = {point.id: point for point in found.points if point.is_own}
    mine = next((each.text for each in found.parting if each.is_own), "")
    return Desk(
        request=request,
        found=found,
        at=at,
        detail=DetailForm(sent if doing == "write" else None, kind=found.session.kind, initial=standing(found)),
        point=PointForm(sent if doing == "add_point" else None, initial={"kind": PointKind.CHALLENGE}),
        parting=PartingForm(sent if doing == "parting" else None, initial={"text": mine}),
        points={
            key: PointForm(
                sent if doing == f"change_point-{key}" else None,
                initial={"kind": point.kind, "text": point.text},
                auto_id=f"id_%s_{key}",
            )
            for key, point in own.items()
        },
    )


def _context(desk: Desk) -> dict[str, Any]:
    found, at = desk.found, desk.at
    session = found.session
    shown: list[queries.Question] = []
    asked = None
    if session.kind == Kind.TOPIC:
        shown, asked = queries.questions(session, desk.request.user, page=desk.request.GET.get("page"))
    over = session.ends_at is not None and session.ends_at <= at
    begun = session.starts_at is not None and session.starts_at <= at
    stands = session.state in (SessionState.BOOKED, SessionState.HELD)
    return {
        "found": found,
        "session": session,
        "cohort": session.cohort,
        "state": SessionState(session.state).label,
        "detail_form": desk.detail,
        "point_form": desk.point,
        "parting_form": desk.parting,
        "points": [
            (_several(kind), [(point, desk.points.get(point.id)) for point in found.points if point.kind == kind])
            for kind in PointKind
        ],
        "before": [(name, "" if value is None else value) for name, value in (desk.before or {}).items()],
        "questions": shown,
        "asked": asked,
        "is_over": over,
        "begun": begun,
        "may_answer": found.is_coach and not begun and session.state == SessionState.BOOKED,
        "may_note": session.state == SessionState.BOOKED and begun and not found.seated and found.leads,
        "stands": stands,
        "words_on": session.wall_starts.date() if session.wall_starts else None,
        "zone": _amounts.zone_place(session.time_zone),
    }


def _several(kind: str) -> str:
    return {
        PointKind.CHALLENGE: _("Common challenges"),
        PointKind.COMMENT: _("Comments"),
        PointKind.FEEDBACK: _("Feedback"),
    }[PointKind(kind)]


def _write(desk: Desk, _number: str) -> None:
    form = desk.detail
    if not form.is_valid():
        return
    version = form.cleaned_data["version"] or 0
    before = standing(desk.found)
    try:
        written = actions.write_detail(
            session=desk.found.session, values=form.values(), expected_version=version, **desk.common
        )
    except actions.WrittenMeanwhile as changed:
        form.tell_changed(str(changed), changed.detail.version)
    except actions.MoreSeated as refused:
        form.add_error("places", str(refused))
    else:
        _saved(desk, before, written.version)


def _saved(desk: Desk, before: dict[str, Any], version: int) -> None:
    """Shown anew at once, with what stood there before, so that taking the change back is one press."""
    if version == before["version"] or "undo" in desk.request.POST:
        messages.success(desk.request, _("It is as it was before.") if "undo" in desk.request.POST else _("Saved."))
        desk.done = True
        return
    desk.found = queries.meeting(desk.request.user, desk.found.id, desk.at)
    kind = desk.found.session.kind
    desk.detail = DetailForm(kind=kind, initial=standing(desk.found))
    was = {name: before.get(name, "") for name in FIELDS[Kind(kind)]}
    desk.before = {**was, "version": version}


def _add_point(desk: Desk, _number: str) -> None:
    if desk.point.is_valid():
        actions.add_point(session=desk.found.session, **desk.point.cleaned_data, **desk.common)
        messages.success(desk.request, _("Noted. The coaches of this cohort and its coordinators can read it."))
        desk.done = True


def _change_point(desk: Desk, number: str) -> None:
    form = desk.points.get(_id(number))
    if form is None:
        raise queries.NotFound
    if form.is_valid():
        before = next(point for point in desk.found.points if point.id == _id(number))
        actions.change_point(point_id=before.id, **form.cleaned_data, **desk.common)
        _done(desk, _("Saved."), f"reworded-{before.id}", [before.id, before.kind, before.text])


def _delete_point(desk: Desk, number: str) -> None:
    gone = actions.delete_point(point_id=_id(number), **desk.common)
    _done(desk, _("Taken away."), f"point-{gone.id}", gone)


def _take_up(desk: Desk, number: str) -> None:
    actions.take_up_question(question_id=_id(number), is_taken_up=True, **desk.common)
    desk.done = True


def _not_taken_up(desk: Desk, number: str) -> None:
    actions.take_up_question(question_id=_id(number), is_taken_up=False, **desk.common)
    desk.done = True


def _held(desk: Desk, _number: str) -> None:
    held = actions.note_held(session=desk.found.session, **desk.common)
    undo = f"undo:{desk.request.path}?undo=held-{held.version}"
    messages.success(desk.request, _("Noted. It will stand on the coach’s next invoice."), extra_tags=undo)
    desk.done = True


def _answer(desk: Desk, word: str) -> None:
    actions.answer_as_coach(session=desk.found.session, comes=word == "yes", **desk.common)
    said = _("Good. You are expected.") if word == "yes" else _("Noted. That time is free in your calendar again.")
    messages.success(desk.request, said)
    desk.done = True


def _parting(desk: Desk, _number: str) -> None:
    if desk.parting.is_valid():
        before = desk.parting.initial["text"] or ""
        left = actions.leave_parting_word(
            session=desk.found.session, text=desk.parting.cleaned_data["text"], **desk.common
        )
        said = _("Saved.") if left else _("Your words were taken away.")
        _done(desk, said, f"parting-{desk.found.id}", [before])


def _ask_words(desk: Desk, _number: str) -> None:
    asked = actions.ask_parting_words(session=desk.found.session, **desk.common)
    words = ngettext("%(n)s coach was asked by mail.", "%(n)s coaches were asked by mail.", asked) % {"n": asked}
    messages.success(desk.request, words if asked else _("Every coach was asked already, or has left some words."))
    desk.done = True


def _done(desk: Desk, said: str, what: str, words: Sequence[str | int]) -> None:
    """Say what was done to somebody's own words, with the way back to how they stood."""
    undoing.keep_words(desk.request, what, words)
    messages.success(desk.request, said, extra_tags=f"undo:{desk.request.path}?undo={what}")
    desk.done = True


def _take_back(desk: Desk, what: str) -> None:
    """Words stand again as they stood before the reader's last change of any; or a session is to be noted again."""
    words, (kind, _dash, number) = undoing.kept_words(desk.request, what), what.partition("-")
    try:
        if words and kind == "point":
            actions.put_point_back(gone=actions.TakenAway(*words), **desk.common)
        elif words and kind == "reworded":
            actions.change_point(point_id=words[0], kind=words[1], text=words[2], **desk.common)
        elif words and what == f"parting-{desk.found.id}":
            actions.leave_parting_word(session=desk.found.session, text=words[0], **desk.common)
        elif kind == "held" and number.isdecimal() and len(number) <= MOST_DIGITS:
            actions.take_back_held(session=desk.found.session, expected_version=int(number), **desk.common)
        else:
            raise actions.NotPossibleNow(_("There is nothing to take back."))
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(desk.request, str(refused))
    else:
        undoing.forget_words(desk.request)
        messages.success(desk.request, _("It is as it was before."))


def _id(number: str) -> int:
    if not number.isdecimal() or len(number) > 18:
        raise queries.NotFound
    return int(number)


ACTS: dict[str, Callable[[Desk, str], None]] = {
    "write": _write,
    "add_point": _add_point,
    "change_point": _change_point,
    "delete_point": _delete_point,
    "take_up": _take_up,
    "not_taken_up": _not_taken_up,
    "held": _held,
    "answer": _answer,
    "parting": _parting,
    "ask_words": _ask_words,
}
