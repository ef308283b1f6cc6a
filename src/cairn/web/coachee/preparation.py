"""What one brings to a session before it, and takes away from it after."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import queries as delivery
from cairn.engines import scoring
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.terms import ItemKind
from cairn.web.coachee.goals import level_choices
from cairn.web.coachee.stepping import StepForm, shown
from cairn.web.templatetags import _amounts

BRING, TAKE_AWAY = "bring", "take_away"
LONGEST_ID = 18
LONGEST_PAGE = 6
PARTS = {BRING: gettext_lazy("What I bring"), TAKE_AWAY: gettext_lazy("What I take away")}


class PreparationForm(forms.Form):
    """One part in one's own words, and a level for each open goal that was looked at."""

    text = forms.CharField(
        max_length=100_000, required=False, widget=forms.Textarea(attrs={"class": "writing", "rows": 8})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, part: str, page: queries.PreparationPage, sent: Any = None) -> None:
        """A choice for each open goal; nothing is chosen but what was noted in this session before."""
        kept = page.preparation
        known = {"text": kept.bring if part == BRING else kept.take_away, "revision": kept.revision}
        super().__init__(sent, initial=known)
        self.fields["text"].label = PARTS[part]
        for goal in page.goals:
            self.fields[f"goal_{goal.id}"] = forms.TypedChoiceField(
                label=goal.title,
                coerce=int,
                empty_value=None,
                required=False,
                choices=[("", _("not looked at")), *level_choices(goal)],
                initial=goal.level if goal.id in page.looked_at else None,
            )

    @property
    def goals(self) -> list[forms.BoundField]:
        """The choices of the goals."""
        return [self[name] for name in self.fields if name.startswith("goal_")]

    def levels(self) -> dict[int, int]:
        """The levels that were chosen, by goal."""
        found = {name: value for name, value in self.cleaned_data.items() if name.startswith("goal_")}
        return {int(name.removeprefix("goal_")): level for name, level in found.items() if level is not None}


@door(who=signed_in, area="coachee")
def preparation(request: Request, session_id: int) -> HttpResponse:
    """What I bring, until it begins; what I take away, from then on. Either can be asked for by name."""
    at = clock.now()
    try:
        seen = delivery.own_session(request.user, session_id, at)
    except queries.NotFound:
        if request.method != "POST" and queries.has_preparation(request.user, session_id):
            return redirect("preparations")
        raise
    part = _part(request, seen, at)
    coach = seen.session.engagement.person if seen.session.engagement else None
    page = queries.preparation_page(request.user, session_id, coach.pk if coach else None)
    wants_step = request.POST.get("do") == "step"
    form = PreparationForm(part, page, None if wants_step else request.POST or None)
    step_form = StepForm(request.POST if wants_step else None, prefix="step")
    if wants_step and step_form.is_valid():
        actions.add_step(**step_form.said(), session_id=session_id, agreed_with=coach, by=request.user, at=at)
        messages.success(request, _("Added to your steps."))
        return HttpResponseRedirect(f"{_here(session_id, part)}#steps")
    if request.method == "POST" and not wants_step and form.is_valid() and _keep(form, session_id, part, request, at):
        return redirect(_here(session_id, part))
    return render(request, "coachee/preparation.html", _shown(request, seen, page, part, at, form, step_form))


@door(who=signed_in, area="coachee", methods=("POST",))
def preparation_save(request: Request, session_id: int) -> JsonResponse:
    """Keep one part while it is typed, and the levels that were chosen beside it."""
    at = clock.now()
    delivery.own_session(request.user, session_id, at)
    sent = request.POST
    revision, part = sent.get("revision", ""), sent.get("part", "")
    if part not in PARTS or not (revision.isdecimal() and len(revision) < 10):
        return JsonResponse({}, status=422)
    try:
        saved = actions.keep_preparation(
            session_id=session_id,
            part=part,
            text=sent.get("text", ""),
            revision=int(revision),
            levels=_levels(sent),
            by=request.user,
            at=at,
        )
    except (actions.GoalIsClosed, actions.TooLongToKeep) as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    answer = {"revision": str(saved.revision), "saved": _("Saved %(time)s") % {"time": _hour(at, request)}}
    return JsonResponse({**answer, "text": saved.text} if saved.merged else answer)


@door(who=signed_in, area="coachee", methods=("GET",))
def preparations(request: Request) -> HttpResponse:
    """All of it to read, also of sessions that are no longer one's own."""
    given = request.GET.get("page", "")
    number = int(given) if given.isdecimal() and len(given) < LONGEST_PAGE else 1
    found, has_more = queries.kept_preparations(request.user, page=number)
    ids = tuple(each.id for each in found)
    readers = queries.readers_of(request.user, ItemKind.PREPARATION, ids, clock.now())
    context = {
        "kept": [(each, readers[each.id]) for each in found],
        "newer": number - 1,
        "older": number + 1 if has_more else 0,
    }
    return render(request, "coachee/preparations.html", context)


def _hour(at: dt.datetime, request: Request) -> str:
    return f"{at.astimezone(request.user.zone):%H:%M}"


def _levels(sent: QueryDict) -> dict[int, int]:
    """The levels that were chosen, by goal; whose goals they are the action knows."""
    scale = {str(level): level for level in scoring.LEVELS}
    chosen = {name.removeprefix("goal_"): value for name, value in sent.items() if name.startswith("goal_")}
    return {
        int(goal): scale[value]
        for goal, value in chosen.items()
        if isinstance(value, str) and value in scale and goal.isdecimal() and len(goal) < LONGEST_ID
    }


def _part(request: Request, seen: delivery.OwnSession, at: dt.datetime) -> str:
    """The part that was asked for, or that of the hour."""
    asked = request.POST.get("part") or request.GET.get("part", "")
    begun = seen.starts_at is not None and seen.starts_at <= at
    return asked if asked in PARTS else (TAKE_AWAY if begun else BRING)


def _here(session_id: int, part: str) -> str:
    return f"{reverse('preparation', args=[session_id])}?part={part}"


def _keep(form: PreparationForm, session_id: int, part: str, request: Request, at: dt.datetime) -> bool:
    said = form.cleaned_data
    try:
        saved = actions.keep_preparation(
            session_id=session_id,
            part=part,
            text=said["text"],
            revision=said["revision"] or 0,
            levels=form.levels(),
            by=request.user,
            at=at,
        )
    except (actions.GoalIsClosed, actions.TooLongToKeep) as refused:
        form.add_error(None, str(refused))
        return False
    merged = _("Kept, together with what you wrote in another window.")
    messages.success(request, merged if saved.merged else _("Kept."))
    return True


def _shown(  # noqa: PLR0917 the page's own parts
    request: Request,
    seen: delivery.OwnSession,
    page: queries.PreparationPage,
    part: str,
    at: dt.datetime,
    form: PreparationForm,
    step_form: StepForm,
) -> dict[str, Any]:
    kept = page.preparation
    today = at.astimezone(request.user.zone).date()
    other = TAKE_AWAY if part == BRING else BRING
    return {
        "seen": seen,
        "zone": request.user.time_zone,
        "part": part,
        "title": PARTS[part],
        "kept": kept,
        "saved": _("Saved %(day)s") % {"day": _amounts.day(kept.saved_at, "medium")} if kept.saved_at else "",
        "other": other,
        "other_title": PARTS[other],
        "other_text": kept.take_away if part == BRING else kept.bring,
        "form": form,
        "step_form": step_form,
        "steps": [shown(each, today) for each in page.steps],
        "here": _here(seen.id, part),
        "readers": queries.readers_of(request.user, ItemKind.PREPARATION, (kept.id,), at)[kept.id],
    }
