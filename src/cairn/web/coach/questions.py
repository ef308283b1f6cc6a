"""Questions among coaches: those in use here, those never to ask, one's own; and the path with notes for coaches."""

import datetime as dt
import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import rules as delivery_rules
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.library import actions, queries
from cairn.library.terms import ContributionKind
from cairn.people import queries as people
from cairn.people import rules
from cairn.people.terms import Role
from cairn.web.coachee.languages import language

PER_PAGE = 20
SHOWN = ("favourite", "never", "own")
EXERCISES = "exercises"


class OfferForm(forms.Form):
    """A question for the other coaches."""

    kind = forms.ChoiceField(
        label=gettext_lazy("This is"),
        choices=ContributionKind.choices,
        initial=ContributionKind.FAVOURITE,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("The question"),
        max_length=actions.LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": actions.LONGEST_QUESTION}),
        error_messages={"required": gettext_lazy("Write the question.")},
    )
    because = forms.CharField(
        label=gettext_lazy("What it does, or why never"),
        required=False,
        max_length=actions.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": actions.LONGEST_REASON}),
        help_text=gettext_lazy("For other coaches. Name nobody, and quote nobody you coach."),
    )
    stage = forms.ChoiceField(label=gettext_lazy("Stage of the path"), required=False)
    organisation = forms.ChoiceField(label=gettext_lazy("For the coaches of"))

    def __init__(self, places: dict[int, Any], *args: Any, **options: Any) -> None:
        """Stages come from the path; the organisation is asked for only where there are several."""
        super().__init__(*args, **options)
        self.places = places
        self.fields["stage"].choices = [("", _("any")), *_stages()]  # type: ignore[attr-defined]
        choices = [(str(key), place.label) for key, place in places.items()]
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["organisation"].required = False
            self.fields["organisation"].widget = forms.HiddenInput()


@door(who=rules.may_coach, area="coach")
def coach_questions(request: Request) -> HttpResponse:
    """What coaches here like to ask and never ask; offering one."""
    at = clock.now()
    places = {place.pk: place for place in people.organisations(request.user, Role.COACH, at=at)}
    form = OfferForm(places, request.POST or None)
    findings: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        findings = _not_seen_yet(form, request.POST.get("seen", ""))
        if not findings and _offer(form, request.user, at):
            messages.success(request, _("Offered. A coordinator reads it before other coaches do."))
            return redirect(f"{request.path}?show=own")
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWN else SHOWN[0]
    rows = queries.own_contributions(request.user, at)
    if show != "own":
        rows = queries.contributions_in_use(request.user, show, at)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "findings": said(findings),
        "seen": _mark(form) if findings else "",
        "show": show,
        "page": page,
        "rows": [row_of(each) for each in page],
        "several": len(places) > 1,
        "tabs": _tabs(show),
    }
    return render(request, "coach/questions.html", context, status=422 if form.is_bound else 200)


@door(who=rules.may_coach, area="coach", methods=("POST",))
def coach_question_withdraw(request: Request, contribution_id: int) -> HttpResponse:
    """Take one's own question back while it is not in use."""
    try:
        actions.withdraw_question(contribution_id=contribution_id, by=request.user, at=clock.now())
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Withdrawn. It is gone."))
    return redirect("/questions/?show=own")


@door(who=delivery_rules.may_sit_beside, area="coach", methods=("GET",))
def coach_path(request: Request) -> HttpResponse:
    """The path, a stage at a time, with the notes that coachees never see."""
    path = queries.path(queries.PATH, language())
    stages = {stage.key: stage for stage in path.stages}
    chosen = request.GET.get("stage") or path.stages[0].key
    stage = stages.get(chosen)
    tabs = [(each.key, each.title) for each in path.stages] + [(EXERCISES, _("Exercises"))]
    texts = {question.key: question.text for question in path.questions}
    titles = {exercise.key: exercise.title for exercise in queries.exercises(language()).values()}
    context = {
        "path": path,
        "is_coach": rules.may_coach(request.user, clock.now()),
        "stage": stage or (None if chosen == EXERCISES else path.stages[0]),
        "questions": [
            {
                "it": question,
                "builds_on": [texts[key] for key in question.builds_on if key in texts],
                "exercises": [titles[key] for key in question.exercises if key in titles],
            }
            for question in (stage or path.stages[0]).questions
        ],
        "exercises": list(queries.exercises(language()).values()) if chosen == EXERCISES else [],
        "tabs": [
            {"url": f"?stage={key}", "label": title, "current": key == (chosen if chosen in dict(tabs) else tabs[0][0])}
            for key, title in tabs
        ],
    }
    return render(request, "coach/path.html", context)


def said(findings: Any) -> list[str]:
    """What the lint found, as sentences in the reader's language."""
    return [_(each.wording.template).format(**each.wording.params) for each in findings]


def row_of(contribution: Any) -> dict[str, Any]:
    """A contribution as both pages show it."""
    shown = queries.contributed(contribution)
    stages = dict(_stages())
    return {"it": shown, "findings": said(shown.findings), "stage": stages.get(shown.stage, "")}


def _stages() -> list[tuple[str, str]]:
    return [(stage.key, stage.title) for stage in queries.path(queries.PATH, language()).stages]


def _tabs(show: str) -> list[dict[str, Any]]:
    labels = {"favourite": _("Favourite questions"), "never": _("Never to ask"), "own": _("Mine")}
    return [{"url": f"?show={key}", "label": labels[key], "current": key == show} for key in SHOWN]


def _not_seen_yet(form: OfferForm, seen: str) -> tuple[Any, ...]:
    """Findings that the coach has not read yet. Once read, the same words are offered as they stand."""
    if seen == _mark(form):
        return ()
    return queries.findings(form.cleaned_data["kind"], form.cleaned_data["text"])


def _mark(form: OfferForm) -> str:
    return hashlib.sha256(form.cleaned_data["text"].encode()).hexdigest()[:16]


def _offer(form: OfferForm, by: Any, at: dt.datetime) -> bool:
    given = form.cleaned_data
    place = form.places[int(given["organisation"] or next(iter(form.places)))]
    try:
        actions.offer_question(
            organisation=place,
            kind=given["kind"],
            text=given["text"],
            because=given["because"],
            stage=given["stage"],
            by=by,
            at=at,
        )
    except actions.Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True
