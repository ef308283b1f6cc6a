"""What there is for everybody in a cohort: topic sessions, drop-ins, celebration. Numbers of people, never names."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions, queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes.terms import Kind
from cairn.web import undoing
from cairn.web.coachee.home import mine
from cairn.web.meeting_forms import QuestionForm

SURE = "sure"  # an answer to the question that is asked before a place goes to somebody else


@door(who=rules.may_be_coached, area="coachee", methods=("GET",))
def meetings(request: Request) -> HttpResponse:
    """What is offered, what one has a place in, and what was."""
    at = clock.now()
    ahead, past = queries.own_meetings(request.user, at)
    context = {
        "ahead": [(each, standing(each, at)) for each in ahead],
        "past": past,
        "zone": request.user.time_zone,
    }
    return render(request, "coachee/meetings.html", context)


@door(who=rules.may_be_coached, area="coachee")
def meeting(request: Request, topic_id: int) -> HttpResponse:
    """One of them: take a place or give it back, ask questions, read parting words."""
    at = clock.now()
    found = queries.own_meeting(request.user, topic_id, at)
    doing, _dash, number = (request.POST.get("do", "") if request.method == "POST" else "").partition("-")
    if request.method == "POST" and "undo" in request.GET:
        _take_back(request, found, request.GET["undo"], at)
        return redirect("meeting", found.id)
    form = QuestionForm(request.POST if doing == "ask" else None)
    changed = QuestionForm(request.POST if doing == "change" else None, auto_id=f"id_%s_{number}")
    unsure = doing if number != SURE and _goes_to_another(found, doing) else ""
    doing = "" if unsure else doing
    try:
        if _place(request, found, doing, at) or _asked(request, found, changed if number else form, number, at):
            return redirect("meeting", found.id)
        if doing == "delete":
            gone = actions.delete_question(question_id=_id(number), by=request.user, at=at)
            _done(request, found, _("Taken away."), f"question-{gone.id}", gone)
            return redirect("meeting", found.id)
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return redirect("meeting", found.id)
    asked, page = queries.questions(found.session, request.user, page=request.GET.get("page"))
    context = {
        "found": found,
        "unsure": unsure,
        "mine": mine(found, request.user.time_zone, at),
        "standing": standing(found, at),
        "is_open": found.is_open(at),
        "takes_questions": found.takes_questions(at),
        "form": form,
        "questions": [(each, _form_of(each, number if changed.is_bound else "", changed)) for each in asked],
        "page": page,
        "zone": request.user.time_zone,
    }
    return render(request, "coachee/meeting.html", context)


def standing(found: queries.OwnMeeting, at: dt.datetime) -> str:
    """How it stands with one's own place, or how many places are left."""
    if not found.takes_place:
        return _("does not take place")
    if found.place == "waiting":
        return _waits(found)
    own = {
        "seated": _("you come") if found.kind == Kind.CELEBRATION else _("you have a place"),
        "away": _("you cannot come"),
    }.get(found.place, "")
    if not own and found.kind == Kind.CELEBRATION and found.is_open(at) and found.free != 0:
        return _("please say whether you come")
    return own or (_room(found) if found.is_open(at) else "")


def _waits(found: queries.OwnMeeting) -> str:
    if not found.ahead:
        return _("you are first on the waiting list")
    words = ngettext(
        "you are on the waiting list, %(n)s person before you",
        "you are on the waiting list, %(n)s people before you",
        found.ahead,
    )
    return words % {"n": found.ahead}


def _room(found: queries.OwnMeeting) -> str:
    if found.free is None:
        return _("room for everybody")
    if found.free:
        return ngettext("%(n)s place left", "%(n)s places left", found.free) % {"n": found.free}
    words = ngettext("full, %(n)s person waits", "full, %(n)s people wait", found.waiting) % {"n": found.waiting}
    return words if found.waiting else _("full")


def _place(request: Request, found: queries.OwnMeeting, doing: str, at: dt.datetime) -> bool:
    """Take a place, give it back, say that one cannot come. Whether it was one of these."""
    common: dict[str, Any] = {"session": found.session, "by": request.user, "at": at}
    undo = "" if _goes_to_another(found, doing) else _undo(found, "answer")
    if doing == "take":
        place = actions.take_place(**common)
        seated = _("You have a place. A mail tells you so.")
        waits = _("You are on the waiting list. As soon as a place becomes free, it is yours, and a mail tells you.")
        messages.success(request, seated if place.state == "seated" else waits)
    elif doing == "give":
        actions.give_place_back(**common)
        messages.success(request, _given_back(found), extra_tags=undo)
    elif doing == "away":
        actions.say_cannot_come(**common)
        said = _("Noted. You can still change your mind until it begins.")
        messages.success(request, said, extra_tags=undo)
    else:
        return False
    return True


def _goes_to_another(found: queries.OwnMeeting, doing: str) -> bool:
    """Whether somebody who waits has the place as soon as it is given up, so that it cannot come back."""
    return doing in ("give", "away") and found.place == "seated" and bool(found.waiting)


def _given_back(found: queries.OwnMeeting) -> str:
    if found.place == "waiting":
        return _("You are no longer on the waiting list.")
    if found.waiting:
        return _("Given back. It goes to whoever waits longest and is free then.")
    return _("Given back. While there is room you can take a place again.")


def _asked(request: Request, found: queries.OwnMeeting, form: QuestionForm, number: str, at: dt.datetime) -> bool:
    """Ask a question, or word one's own anew (`number`). Whether that is done, or the form is shown again."""
    if not form.is_bound or not form.is_valid():
        return False
    text = form.cleaned_data["text"]
    if number:
        before = actions.change_question(question_id=_id(number), text=text, by=request.user, at=at)
        _done(request, found, _("Saved."), f"asked-{number}", [_id(number), before])
    else:
        actions.ask_question(session=found.session, text=text, by=request.user, at=at)
        messages.success(request, _("Asked. Nobody sees that it was you."))
    return True


def _done(request: Request, found: queries.OwnMeeting, said: str, what: str, words: Sequence[str | int]) -> None:
    """Say what was done to one's own question, with the way back to how it stood."""
    undoing.keep_words(request, what, words)
    messages.success(request, said, extra_tags=_undo(found, what))


def _undo(found: queries.OwnMeeting, what: str) -> str:
    return f"undo:{reverse('meeting', args=[found.id])}?undo={what}"


def _take_back(request: Request, found: queries.OwnMeeting, what: str, at: dt.datetime) -> None:
    """The own answer, or the own question, stands again as it stood."""
    by: dict[str, Any] = {"by": request.user, "at": at}
    words, kind = undoing.kept_words(request, what), what.partition("-")[0]
    said = _("It is as it was before.")
    try:
        if what == "answer":
            said = _restored(actions.undo_answer(session=found.session, **by))
        elif words and kind == "question":
            actions.put_question_back(gone=actions.TakenAway(*words), **by)
        elif words and kind == "asked":
            actions.change_question(question_id=words[0], text=words[1], **by)
        else:
            raise actions.NotPossibleNow(_("There is nothing to take back."))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        undoing.forget_words(request)
        messages.success(request, said)


def _restored(now: actions.Restored) -> str:
    """Where somebody stands again."""
    if now.state == "seated":
        return _("You have your place again. A mail tells you so.")
    if now.passed_over:
        return _(
            "You are on the waiting list again, where you stood. Meanwhile a place has gone to somebody who had asked "
            "after you."
        )
    if now.state == "waiting":
        return _("You are on the waiting list again, where you stood.")
    return _("It is as it was before.")


def _form_of(question: queries.Question, number: str, changed: QuestionForm) -> QuestionForm | None:
    """The form in which one's own question is worded anew, until it is taken up."""
    if not question.is_own or question.is_taken_up:
        return None
    if number == str(question.id):
        return changed
    return QuestionForm(initial={"text": question.text}, auto_id=f"id_%s_{question.id}")


def _id(number: str) -> int:
    if not number.isdecimal() or len(number) > 18:
        raise queries.NotFound
    return int(number)
