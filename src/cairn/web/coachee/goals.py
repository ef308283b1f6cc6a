"""Goals: what for, how far, and what each of the five levels means to oneself."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.engines import scoring
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.terms import GoalState, ItemKind
from cairn.web.coachee.goal_line import drawn
from cairn.web.coachee.stepping import StepForm, shown

LEVEL_WORDS = {
    2: gettext_lazy("+2: much further than I expect"),
    1: gettext_lazy("+1: somewhat further than I expect"),
    0: gettext_lazy("0: what I expect"),
    -1: gettext_lazy("−1: somewhat less than I expect"),
    -2: gettext_lazy("−2: much less than I expect"),
}
SIGNS = {2: "+2", 1: "+1", 0: "0", -1: "−1", -2: "−2"}
LEVEL_FIELDS = tuple(f"level_{number}" for number in range(len(scoring.LEVELS)))
LONGEST_TITLE, LONGEST_LEVEL, LONGEST = 150, 200, 2_000
MOST_ROWS = 60


class GoalForm(forms.Form):
    """A goal in one's own words; only the title is needed."""

    title = forms.CharField(
        label=gettext_lazy("The goal"),
        max_length=LONGEST_TITLE,
        error_messages={"required": gettext_lazy("A few words that name it are enough.")},
    )
    why = forms.CharField(
        label=gettext_lazy("Why it matters to me"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    target_on = forms.DateField(label=gettext_lazy("By when"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """One line for each level, highest first."""
        super().__init__(*args, **options)
        for level in reversed(scoring.LEVELS):
            self.fields[_field(level)] = forms.CharField(
                label=LEVEL_WORDS[level], max_length=LONGEST_LEVEL, required=False
            )

    @property
    def ladder(self) -> list[forms.BoundField]:
        """The fields of the levels, highest first."""
        return [self[_field(level)] for level in reversed(scoring.LEVELS)]

    def said(self) -> dict[str, Any]:
        """What an action takes."""
        found = self.cleaned_data
        return {
            "title": found["title"],
            "why": found["why"],
            "target_on": found["target_on"],
            "levels": [found[name] for name in LEVEL_FIELDS],
        }


class ReviewForm(forms.Form):
    """Where a goal stands, on its own scale."""

    level = forms.TypedChoiceField(
        label=gettext_lazy("Where it stands today"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the level that comes nearest.")},
    )
    note = forms.CharField(
        label=gettext_lazy("What I see"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, goal: queries.OpenedGoal, sent: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        """The levels in the goal's own words, where it has them."""
        super().__init__(sent, initial=initial, auto_id="now_%s")  # id_level_0 is a field of the goal's own form
        self.fields["level"].choices = level_choices(goal)  # type: ignore[attr-defined]


class WeightForm(forms.Form):
    """How much a goal counts beside the others."""

    weight = forms.TypedChoiceField(
        label=gettext_lazy("How much it counts beside my other goals"),
        coerce=int,
        choices=[(number, str(number)) for number in range(scoring.LIGHTEST, scoring.HEAVIEST + 1)],
        help_text=gettext_lazy("1 is lightest. It changes nothing but the figure over all goals."),
    )


def _field(level: int) -> str:
    return LEVEL_FIELDS[scoring.LEVELS.index(level)]


def level_choices(goal: queries.OpenedGoal) -> list[tuple[int, str]]:
    """The five levels, highest first, in the goal's own words where it has them."""
    return [(level, f"{SIGNS[level]}: {words}" if words else str(LEVEL_WORDS[level])) for level, words in goal.scale]


def level_in_words(goal: queries.OpenedGoal) -> str:
    """Where a goal stood at its latest review; empty without one."""
    return dict(level_choices(goal)).get(goal.level, "") if goal.level is not None else ""


@door(who=signed_in, area="coachee")
def goals(request: Request) -> HttpResponse:
    """All goals, how far they have come together, and a new one."""
    at = clock.now()
    form = GoalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        goal = actions.set_goal(**form.said(), by=request.user, at=at)
        readers = queries.readers_of(request.user, ItemKind.GOAL, (goal.pk,), at)[goal.pk]
        messages.success(request, _("Set.") if readers else _("Set. Only you can read it."))
        return redirect("goal", goal.pk)
    found = queries.goals(request.user)
    attainment = queries.attainment(request.user)
    context = {
        "form": form,
        "open": [(goal, level_in_words(goal)) for goal in found if goal.is_open],
        "closed": [(goal, GoalState(goal.state).label) for goal in found if not goal.is_open],
        "attainment": attainment,
        "line": drawn(attainment.course),
        "table": attainment.course[: -MOST_ROWS - 1 : -1],
        "readers": queries.readers_of(request.user, ItemKind.GOAL, (0,), at)[0],
    }
    return render(request, "coachee/goals/goals.html", context)


@door(who=signed_in, area="coachee")
def goal(request: Request, goal_id: int) -> HttpResponse:
    """One goal: its levels, how it went, its steps; and every way to change it."""
    at = clock.now()
    seen, reviews, steps = queries.whole_goal(request.user, goal_id)
    do = request.POST.get("do", "")
    forms_there = _forms(seen, do, request.POST or None)
    if request.method == "POST" and (answer := _done(request, seen, do, forms_there, at)):
        return answer
    today = at.astimezone(request.user.zone).date()
    words = dict(level_choices(seen))
    context = {
        "goal": seen,
        "state": GoalState(seen.state).label,
        "scale": [(SIGNS[level], text, level == seen.level) for level, text in seen.scale],
        "has_words": any(seen.levels),
        "reviews": [(review, words[review.level]) for review in reviews],
        "steps": [shown(each, today) for each in steps],
        "readers": queries.readers_of(request.user, ItemKind.GOAL, (goal_id,), at)[goal_id],
        "changing": do == "change",
        **forms_there,
    }
    return render(request, "coachee/goals/goal.html", context)


@door(who=signed_in, area="coachee", methods=("POST",))
def goal_reopen(request: Request, goal_id: int) -> HttpResponse:
    """Take a closed goal up again."""
    actions.reopen_goal(goal_id=goal_id, by=request.user, at=clock.now())
    messages.success(request, _("Open again."))
    return redirect("goal", goal_id)


def _forms(seen: queries.OpenedGoal, do: str, sent: Any) -> dict[str, Any]:
    """The page's forms, that which was sent filled with what was sent."""
    levels = {_field(level): words for level, words in seen.scale}
    known = {"title": seen.title, "why": seen.why, "target_on": seen.target_on, "revision": seen.revision, **levels}
    return {
        "form": GoalForm(sent if do == "change" else None, initial=known),
        "review_form": ReviewForm(seen, sent if do == "review" else None, initial={"level": seen.level}),
        "weight_form": WeightForm(sent if do == "weigh" else None, initial={"weight": seen.weight}),
        "step_form": StepForm(sent if do == "step" else None, prefix="step"),
    }


def _done(
    request: Request, seen: queries.OpenedGoal, do: str, forms_there: dict[str, Any], at: dt.datetime
) -> HttpResponse | None:
    """Do what was asked for; None when the page has to be shown again with what is wrong."""
    what: Callable[..., HttpResponse | None] | None = {
        "change": _change,
        "review": _review,
        "weigh": _weigh,
        "step": _add_step,
        "reached": _close,
        "let_go": _close,
        "delete": _delete,
    }.get(do)
    return what(request, seen, forms_there, at) if what else None


def _change(request: Request, seen: queries.OpenedGoal, there: dict[str, Any], at: dt.datetime) -> HttpResponse | None:
    form = there["form"]
    if not form.is_valid():
        return None
    revision = form.cleaned_data["revision"] or 0
    try:
        actions.change_goal(goal_id=seen.id, **form.said(), revision=revision, by=request.user, at=at)
    except actions.ChangedMeanwhile as changed:
        form.add_error(None, str(changed))
        form.data = form.data.copy()
        form.data["revision"] = seen.revision
        return None
    messages.success(request, _("Kept."))
    return redirect("goal", seen.id)


def _review(request: Request, seen: queries.OpenedGoal, there: dict[str, Any], at: dt.datetime) -> HttpResponse | None:
    form = there["review_form"]
    if not form.is_valid():
        return None
    try:
        actions.review_goal(goal_id=seen.id, **form.cleaned_data, by=request.user, at=at)
    except actions.GoalIsClosed as closed:
        form.add_error(None, str(closed))
        return None
    messages.success(request, _("Noted."))
    return redirect("goal", seen.id)


def _weigh(request: Request, seen: queries.OpenedGoal, there: dict[str, Any], at: dt.datetime) -> HttpResponse | None:
    form = there["weight_form"]
    if not form.is_valid():
        return None
    try:
        actions.weigh(goal_id=seen.id, weight=form.cleaned_data["weight"], by=request.user, at=at)
    except actions.GoalIsClosed as closed:
        form.add_error(None, str(closed))
        return None
    messages.success(request, _("Kept."))
    return redirect("goal", seen.id)


def _add_step(
    request: Request, seen: queries.OpenedGoal, there: dict[str, Any], at: dt.datetime
) -> HttpResponse | None:
    form = there["step_form"]
    if not form.is_valid():
        return None
    actions.add_step(**form.said(), goal_id=seen.id, by=request.user, at=at)
    messages.success(request, _("Added to your steps."))
    return redirect(f"{reverse('goal', args=[seen.id])}#steps")


def _close(request: Request, seen: queries.OpenedGoal, there: dict[str, Any], at: dt.datetime) -> HttpResponse | None:
    try:
        actions.close_goal(goal_id=seen.id, state=request.POST["do"], by=request.user, at=at)
    except actions.GoalIsClosed as closed:
        messages.error(request, str(closed))
        return redirect("goal", seen.id)
    undo = f"undo:{reverse('goal_reopen', args=[seen.id])}"
    messages.success(request, _("Closed. It stands among your closed goals."), extra_tags=undo)
    return redirect("goals")


def _delete(request: Request, seen: queries.OpenedGoal, there: dict[str, Any], at: dt.datetime) -> HttpResponse | None:
    actions.delete_goal(goal_id=seen.id, by=request.user, at=at)
    messages.success(request, _("Gone for good."))
    return redirect("goals")
