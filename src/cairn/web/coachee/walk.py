"""The walk on the question path: one question at a time, the whole map, how an answer changed, days to look back."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.engines.paths.walking import State
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.web import addresses, moments
from cairn.web.templatetags import _cairns
from cairn.web.templatetags._remembered import remembered

LOOK_BACK_DAYS = 91
"""A day to look back is proposed so many days from now: a quarter of a year, on the same day of the week."""
MARKS = {State.ANSWERED: "check", State.DRAFT: "dots", State.PARKED: "clock", State.SKIPPED: "excused"}


class AnswerForm(forms.Form):
    """What is typed on the page of a question. Nothing of it is demanded: a question can be left as it is."""

    text = forms.CharField(required=False, strip=False)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    look_back_on = forms.DateField(required=False)

    def typed(self) -> dict[str, Any]:
        """The text and the revision on which it was typed."""
        return {"text": self.cleaned_data["text"], "revision": self.cleaned_data["revision"] or 0}


class HomeworkForm(forms.Form):
    """What was found out for a stage."""

    text = forms.CharField(
        label=gettext_lazy("What I found out"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "writing", "rows": 10}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


# ------------------------------------------------------------------ one question


@door(who=signed_in, area="coachee", methods=("GET",))
def path_next(request: Request) -> HttpResponse:
    """To the question that comes next, or to what stands before it."""
    at = clock.now()
    step = queries.next_question(request.user, at)
    if step is not None and step.key != request.GET.get("after"):
        return redirect("question_look_back" if step.looks_back else "question", step.key)
    stage = queries.homework_awaited(request.user, at) if step is None else ""
    if stage:
        return redirect("path_homework", stage)
    return redirect("path_map")


@door(who=signed_in, area="coachee")
def question(request: Request, question: str) -> HttpResponse:
    """One question, large, with room to think."""
    at = clock.now()
    problems: list[tuple[str, str]] = []
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        try:
            return _leave(request, form, question, at)
        except actions.CannotKeep as refused:
            problems = [("answer", str(refused))]
        except forms.ValidationError as wrong:
            problems = [("look-back", message) for message in wrong.messages]
    page = queries.question_page(request.user, question, at)
    context = {**_on_page(request, page, at), "problems": problems}
    context |= _typed_again(form, page) if problems else {}
    return render(request, "coachee/walk/question.html", context, status=422 if problems else 200)


@door(who=signed_in, area="coachee", methods=("POST",))
def question_save(request: Request, question: str) -> HttpResponse:
    """Keep what stands on the page while somebody types."""
    at = clock.now()
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid() and {"text", "revision"} & form.errors.keys():
            raise actions.CannotKeep
        saved = actions.save_answer(question=question, **form.typed(), by=request.user, at=at)
    except actions.CannotKeep as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    reply: dict[str, Any] = {
        "revision": saved.revision,
        "saved_at": _clock(request, at),
        "saved": _saved(request, at, at),
    }
    return JsonResponse(reply | {"text": saved.text} if saved.merged else reply)


def _leave(request: Request, form: AnswerForm, question: str, at: dt.datetime) -> HttpResponse:
    """Done, parked, skipped or taken up again: one writing call, and on. Raises CannotKeep, ValidationError."""
    _must_be_valid(form)
    doing = request.POST.get("do", "done")
    who: dict[str, Any] = {"question": question, "by": request.user, "at": at}
    if doing == "reopen":
        actions.reopen(**form.typed(), **who)
        return redirect("question", question)
    if doing == "park":
        saved, said = (
            actions.park_question(**form.typed(), **who),
            _("Parked. It comes again when others had their turn."),
        )
    elif doing == "skip":
        saved, said = actions.skip_question(**form.typed(), **who), _("Left out. It stays on the map, if you want it.")
    else:
        on = form.cleaned_data["look_back_on"]
        saved, said = (
            actions.finish_answer(look_back_on=on, **form.typed(), **who),
            _("Kept. You can change it any time."),
        )
    if saved.merged:
        messages.warning(request, _("You also wrote in another window: both are here."))
        return redirect("question", question)
    messages.success(request, said)
    return redirect(f"{addresses.to('path_next')}?after={question}")


def _must_be_valid(form: AnswerForm) -> None:
    if not form.is_valid():
        raise forms.ValidationError([str(each) for errors in form.errors.values() for each in errors])


def _typed_again(form: AnswerForm, page: queries.QuestionPage) -> dict[str, Any]:
    """What was typed stays on the page, with what is wrong beside it."""
    typed = {"text": form.data.get("text", ""), "look_back": form.data.get("look_back_on", "")}
    return typed | {"revision": form.data.get("revision", "") or page.revision}


def _on_page(request: Request, page: queries.QuestionPage, at: dt.datetime) -> dict[str, Any]:
    """Finished values for the page of one question."""
    today = at.astimezone(request.user.zone).date()
    on = page.look_back_on
    if on is None and page.state != State.ANSWERED:
        on = today + dt.timedelta(days=LOOK_BACK_DAYS)
    return {
        "page": page,
        "text": page.written,
        "revision": page.revision,
        "saved": _saved(request, page.saved_at, at) if page.saved_at else "",
        "look_back": on.isoformat() if on else "",
        "rail": _("Stage %(n)s of %(all)s: %(title)s")
        % {"n": page.number, "all": len(page.stages), "title": page.stage.title},
        "is_aside": page.state in (State.PARKED, State.SKIPPED),
    }


def _saved(request: Request, moment: dt.datetime, at: dt.datetime) -> str:
    """When a text was saved, in the reader's own day."""
    zone = request.user.zone
    if moment.astimezone(zone).date() == at.astimezone(zone).date():
        return _("Saved at %(time)s, as you type. Leaving is always safe.") % {"time": _clock(request, moment)}
    return _("Saved on %(day)s. Leaving is always safe.") % {"day": date_format(moment.astimezone(zone), "j F Y")}


def _clock(request: Request, moment: dt.datetime) -> str:
    return moments.hour(moment, request.user.time_zone)


# ------------------------------------------------------------------ looking back


@door(who=signed_in, area="coachee")
def question_look_back(request: Request, question: str) -> HttpResponse:
    """What was said then, beside what is so now."""
    at = clock.now()
    page, then = queries.look_back(request.user, question, at)
    problems: list[tuple[str, str]] = []
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        try:
            return _look_back(request, form, page, then, at)
        except actions.CannotKeep as refused:
            problems = [("answer", str(refused))]
        except forms.ValidationError as wrong:
            problems = [("look-back", message) for message in wrong.messages]
    context = {**_on_page(request, page, at), "then": then, "problems": problems, "look_back": ""}
    if page.written == then.text:
        context |= {"text": "", "saved": ""}
    context |= _typed_again(form, page) if problems else {}
    return render(request, "coachee/walk/look_back.html", context, status=422 if problems else 200)


def _look_back(
    request: Request, form: AnswerForm, page: queries.QuestionPage, then: queries.OpenedVersion, at: dt.datetime
) -> HttpResponse:
    """Nothing written means that it is still so. Raises CannotKeep, ValidationError."""
    _must_be_valid(form)
    typed = form.typed()
    typed["text"] = typed["text"] if typed["text"].strip() else then.text
    on, key = form.cleaned_data["look_back_on"], page.question.key
    actions.answer_look_back(question=key, **typed, look_back_on=on, by=request.user, at=at)
    messages.success(request, _("Kept, beside what you said then."))
    return redirect("question_versions", key)


# ------------------------------------------------------------------ the map, versions, homework


@door(who=signed_in, area="coachee", methods=("GET",))
def path_map(request: Request) -> HttpResponse:
    """The whole path as a cairn, every question walkable."""
    found = queries.path_map(request.user, clock.now())
    stages = [_stage(each) for each in found.stages]
    return render(request, "coachee/walk/map.html", {"found": found, "stages": stages})


def _stage(stage: queries.MapStage) -> dict[str, Any]:
    """A stage as the map shows it."""
    return {
        "found": stage,
        "number": stage.number,
        "title": stage.title,
        "state": stage.state,
        "word": _cairns.stage_word(stage.state),
        "url": f"#stage-{stage.key}",
        "questions": [(each, MARKS.get(each.state, ""), _stands(each)) for each in stage.questions],
    }


def _stands(asked: queries.MapQuestion) -> str:
    """Where somebody is with one question, in words."""
    day = asked.moment.astimezone(timezone.get_current_timezone()).date() if asked.moment else None
    return _standing(str(asked.state), day, asked.look_back_on)


@remembered
def _standing(state: str, day: dt.date | None, look_back_on: dt.date | None) -> str:
    words = {"answered": _("answered on %(day)s"), "draft": _("begun on %(day)s"), "parked": _("parked on %(day)s")}
    said = words[state] % {"day": date_format(day, "j F Y")} if day and state in words else ""
    if state == "skipped":
        said = _("left out")
    if look_back_on:
        look = _("look back on %(day)s") % {"day": date_format(look_back_on, "j F Y")}
        return f"{said}, {look}" if said else look
    return said


@door(who=signed_in, area="coachee", methods=("GET",))
def question_versions(request: Request, question: str) -> HttpResponse:
    """How an answer changed over time."""
    found = queries.versions(request.user, question, clock.now())
    return render(request, "coachee/walk/versions.html", {"found": found})


@door(who=signed_in, area="coachee")
def path_homework(request: Request, stage: str) -> HttpResponse:
    """What has to be found out elsewhere before the questions of a stage make sense."""
    at = clock.now()
    found = queries.homework(request.user, stage, at)
    form = HomeworkForm(request.POST or None, initial={"text": found.text, "seen": found.seen})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.note_homework(stage=stage, text=typed["text"], seen=typed["seen"], by=request.user, at=at)
        except actions.CannotKeep as refused:
            form.add_error("text", str(refused))
        else:
            is_written = bool(typed["text"].strip())
            if is_written or found.text:
                messages.success(request, _("Noted."))
            else:
                messages.info(request, _("Nothing is noted yet. It can wait until you have found something out."))
            return redirect("path_next" if is_written else "path_map")
    status = 422 if form.errors else 200
    return render(request, "coachee/walk/homework.html", {"found": found, "form": form}, status=status)
