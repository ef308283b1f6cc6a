"""Beside somebody: what they share, steps agreed, one's own notes, and what to pick for next time."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cairn.delivery import actions, queries, rules
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions as journey_actions
from cairn.journey import queries as journey_queries
from cairn.journey.terms import PickKind
from cairn.library import queries as library
from cairn.web import shared

STEP_IDS = "step_%s"  # a note on the same page has a text, too


class NoteForm(forms.Form):
    """A note, and who reads it."""

    text = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("There is nothing to keep yet.")},
    )
    is_shared = forms.ChoiceField(
        label=gettext_lazy("Who reads it"),
        choices=[("", gettext_lazy("only you")), ("yes", gettext_lazy("you and the person it is about"))],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )

    def clean_is_shared(self) -> bool:
        """Shared only when that was chosen."""
        return bool(self.cleaned_data["is_shared"])


class AgreedForm(forms.Form):
    """A step that both agreed."""

    text = forms.CharField(
        label=gettext_lazy("Step"),
        max_length=500,
        error_messages={"required": gettext_lazy("Say in a few words what the step is.")},
    )
    due_on = forms.DateField(label=gettext_lazy("By when"), required=False)


@door(who=rules.may_sit_beside, area="coach", methods=("GET",))
def beside(request: Request) -> HttpResponse:
    """Everybody who asked the reader to walk beside them; coachees of a cohort stand on a page of their own."""
    return render(request, "coach/beside/all.html", {"people": queries.accompanied(request.user, clock.now())})


@door(who=signed_in, area="coach", methods=("GET",))
def coachee_journey(request: Request, person_id: int) -> HttpResponse:
    """One person: shared items by time, agreed steps, minutes, own notes, picks. No text of theirs but the steps."""
    return _page(request, person_id)


@door(who=signed_in, area="coach", methods=("GET",))
@never_cache  # what is withdrawn must not come back by the browser's way back
def coachee_item(request: Request, person_id: int, kind: str, item_id: int) -> HttpResponse:
    """One shared item. That it is read is written down before it is shown."""
    at = clock.now()
    person = queries.coach_sees(request.user, person_id, at)
    item = journey_queries.shared_item(request.user, person_id, kind, item_id, at)
    return render(request, "coach/beside/item.html", {"person": person, **shared.whole(item)})


@door(who=signed_in, area="coach", methods=("POST",))
def coachee_step(request: Request, person_id: int) -> HttpResponse:
    """Write down a step that was agreed."""
    form = AgreedForm(request.POST, auto_id=STEP_IDS)
    if not form.is_valid():
        return _page(request, person_id, agreed=form)
    actions.agree_step_with(person_id=person_id, **form.cleaned_data, by=request.user, at=clock.now())
    messages.success(request, _("Written down. It stands among their steps too."))
    return redirect("coachee_journey", person_id)


@door(who=signed_in, area="coach", methods=("POST",))
def coachee_note_new(request: Request, person_id: int) -> HttpResponse:
    """Keep a note."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, person_id, noted=form)
    actions.write_note_about(person_id=person_id, **form.cleaned_data, by=request.user, at=clock.now())
    messages.success(request, _kept(form))
    return redirect("coachee_journey", person_id)


@door(who=signed_in, area="coach")
def coachee_note(request: Request, person_id: int, note_id: int) -> HttpResponse:
    """Change a note, or who reads it."""
    at = clock.now()
    person = queries.coach_sees(request.user, person_id, at)
    note = journey_queries.note(request.user, person_id, note_id)
    known = {"text": note.text, "is_shared": "yes" if note.is_shared else ""}
    form = NoteForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        by_note = {"person_id": person_id, "note_id": note_id, "by": request.user, "at": at}
        actions.rewrite_note_about(**form.cleaned_data, **by_note)
        messages.success(request, _kept(form))
        return redirect("coachee_journey", person_id)
    context = {"person": person, "note": note, "form": form}
    return render(request, "coach/beside/note.html", context, status=422 if form.errors else 200)


@door(who=signed_in, area="coach", methods=("POST",))
def coachee_note_delete(request: Request, person_id: int, note_id: int) -> HttpResponse:
    """Take a note away for good."""
    actions.delete_note_about(person_id=person_id, note_id=note_id, by=request.user, at=clock.now())
    messages.success(request, _("Gone for good."))
    return redirect("coachee_journey", person_id)


@door(who=signed_in, area="coach")
def coachee_pick(request: Request, person_id: int) -> HttpResponse:
    """The questions of one stage with what is said to those who ask them, or the exercises; pick one."""
    at = clock.now()
    person = queries.coach_sees(request.user, person_id, at)
    if request.method == "POST":
        return _picked(request, person_id, at)
    path = library.path()
    stage = next((each for each in path.stages if each.key == request.GET.get("stage")), None)
    wants_exercises = request.GET.get("stage") == "exercises"
    if stage is None and not wants_exercises:
        stage = path.stages[0]
    tabs = [{"url": f"?stage={each.key}", "label": each.title, "current": each is stage} for each in path.stages]
    tabs.append({"url": "?stage=exercises", "label": _("Exercises"), "current": wants_exercises})
    picked = {(each.kind, each.key) for each in journey_queries.picks_by(request.user, person_id)}
    exercises = library.exercises().values() if wants_exercises else ()
    context = {
        "person": person,
        "tabs": tabs,
        "questions": _offered(PickKind.QUESTION, stage.questions if stage else (), picked),
        "exercises": _offered(PickKind.EXERCISE, exercises, picked),
    }
    return render(request, "coach/beside/pick.html", context)


@door(who=signed_in, area="coach", methods=("POST",))
def coachee_pick_back(request: Request, person_id: int, pick_id: int) -> HttpResponse:
    """Take back what one picked."""
    actions.take_back_pick(person_id=person_id, pick_id=pick_id, by=request.user, at=clock.now())
    messages.success(request, _("Taken back."))
    return redirect("coachee_journey", person_id)


# ------------------------------------------------------------------ within


def _page(
    request: Request, person_id: int, *, noted: NoteForm | None = None, agreed: AgreedForm | None = None
) -> HttpResponse:
    at, me = clock.now(), request.user
    person = queries.coach_sees(me, person_id, at)
    page = journey_queries.shared_items(me, person_id, at, page=_number(request.GET.get("page", "")))
    notes_page = _number(request.GET.get("notes", ""))
    table = journey_queries.coach_table(me, person_id, page=notes_page)
    context = {
        "person": person,
        "page": page,
        "lines": shared.lines(page.items, lambda kind, key: reverse("coachee_item", args=(person_id, kind, key))),
        "steps": table.steps,
        "notes": table.notes,
        "newer_notes": notes_page - 1,
        "older_notes": notes_page + 1 if table.has_more_notes else 0,
        "picks": table.picks,
        "note_form": noted or NoteForm(),
        "step_form": agreed or AgreedForm(auto_id=STEP_IDS),
        "noting": bool(noted and noted.errors),
        "agreeing": bool(agreed and agreed.errors),
    }
    refused = context["noting"] or context["agreeing"]
    return render(request, "coach/beside/person.html", context, status=422 if refused else 200)


def _picked(request: Request, person_id: int, at: dt.datetime) -> HttpResponse:
    kind, _sep, key = request.POST.get("pick", "").partition(":")
    try:
        actions.pick_for(person_id=person_id, kind=kind, key=key, by=request.user, at=at)
        messages.success(request, _("Picked. They see it, and that it comes from you."))
    except journey_actions.PickedAlready as refused:
        messages.info(request, str(refused))
    return redirect("coachee_journey", person_id)


def _offered(kind: PickKind, things: Any, picked: set[tuple[str, str]]) -> list[tuple[Any, str, bool]]:
    """What may be picked: the thing, its value in the form, whether it is picked already."""
    return [(each, f"{kind}:{each.key}", (kind.value, each.key) in picked) for each in things]


def _kept(form: NoteForm) -> str:
    return _("Kept. You both can read it.") if form.cleaned_data["is_shared"] else _("Kept. Only you can read it.")


def _number(given: str) -> int:
    return int(given) if given.isdecimal() and len(given) < 6 else 1
