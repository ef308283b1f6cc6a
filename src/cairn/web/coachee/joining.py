"""Joining a cohort: how I am called, what groups are mixed by, the agreement, whom to turn to. Open to change later."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import actions as people
from cairn.people.rules import may_be_coached
from cairn.programmes import actions, queries
from cairn.programmes.queries import Joining, MixingQuestion
from cairn.web.account.views import DetailsForm

HOME = "/home/"


class MixingForm(forms.Form):
    """One question for each protected attribute. Nothing is chosen for anybody but “prefer not to say”."""

    def __init__(self, questions: Sequence[MixingQuestion], data: Any = None) -> None:
        """Fields `value_7` and `consent_7` for the attribute with id 7."""
        super().__init__(data)
        self.questions = questions
        for question in questions:
            choices = [("", _("Prefer not to say")), *((choice, choice) for choice in question.choices)]
            self.fields[f"value_{question.attribute_id}"] = forms.ChoiceField(
                label=question.label,
                choices=choices,
                initial=question.value,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"consent_{question.attribute_id}"] = forms.BooleanField(
                label=_("I agree that this answer is used to mix the groups of this cohort, and for nothing else."),
                initial=bool(question.value),
                required=False,
            )

    def pairs(self) -> list[tuple[Any, Any]]:
        """(question, consent) as bound fields."""
        ids = [question.attribute_id for question in self.questions]
        return [(self[f"value_{pk}"], self[f"consent_{pk}"]) for pk in ids]

    def answers(self) -> dict[int, tuple[str, bool]]:
        """Attribute id → (value, consented)."""
        data = self.cleaned_data
        ids = [question.attribute_id for question in self.questions]
        return {pk: (data[f"value_{pk}"], data[f"consent_{pk}"]) for pk in ids}


@door(who=may_be_coached, area="coachee", methods=("GET",))
def join(request: Request, enrolment_id: int) -> HttpResponse:
    """Everything that joining asks, on one page."""
    return _page(request, enrolment_id)


@door(who=may_be_coached, area="coachee")
def join_details(request: Request, enrolment_id: int) -> HttpResponse:
    """How I am called, and my time zone."""
    at = clock.now()
    queries.enrolment_of(request.user, enrolment_id, at)
    form = DetailsForm(request.POST or None, initial=_details(request.user))
    if request.method != "POST" or not form.is_valid():
        return _page(request, enrolment_id, details=form)
    people.change_own_details(**form.cleaned_data, by=request.user, at=at)
    return _kept(request, enrolment_id, "groups")


@door(who=may_be_coached, area="coachee")
def join_mixing(request: Request, enrolment_id: int) -> HttpResponse:
    """My answers for mixing groups, each with consent or without an answer."""
    at = clock.now()
    joining = queries.joining(request.user, enrolment_id, at)
    form = MixingForm(joining.questions, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, enrolment_id, joining, mixing=form)
    try:
        actions.answer_mixing_questions(enrolment=joining.enrolment, answers=form.answers(), by=request.user, at=at)
    except actions.ChooseOrConsent as refused:
        form.add_error(f"consent_{refused.attribute_id}", str(refused))
        return _page(request, enrolment_id, joining, mixing=form)
    return _kept(request, enrolment_id, "agreement")


@door(who=may_be_coached, area="coachee")
def join_agreement(request: Request, enrolment_id: int) -> HttpResponse:
    """Accept the agreement that was read, or say not now."""
    at = clock.now()
    enrolment = queries.enrolment_of(request.user, enrolment_id, at)
    if request.method != "POST":
        return redirect("join", enrolment_id)
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 9 else 0
    act = actions.accept_agreement if "accept" in request.POST else actions.decline_agreement
    try:
        act(enrolment=enrolment, version=version, by=request.user, at=at)
    except actions.Refused as refused:
        messages.warning(request, str(refused))
        return redirect(f"{reverse('join', args=[enrolment_id])}#agreement")
    if "accept" in request.POST:
        return _kept(request, enrolment_id, "help")
    messages.info(request, _("The agreement is not accepted. It stays here for when you are ready."))
    return redirect(f"{reverse('join', args=[enrolment_id])}#agreement")


def _details(person: Any) -> dict[str, str]:
    return {"name": person.name, "known_as": person.known_as, "time_zone": person.time_zone}


def _kept(request: Request, enrolment_id: int, onward: str) -> HttpResponse:
    messages.success(request, _("Kept."))
    return redirect(f"{reverse('join', args=[enrolment_id])}#{onward}")


def _page(request: Request, enrolment_id: int, joining: Joining | None = None, **sent: forms.Form) -> HttpResponse:
    joining = joining or queries.joining(request.user, enrolment_id, clock.now())
    context = {
        "joining": joining,
        "enrolment": joining.enrolment,
        "cohort": joining.enrolment.cohort,
        "programme": joining.enrolment.cohort.programme,
        "details": sent.get("details") or DetailsForm(initial=_details(request.user)),
        "mixing": sent.get("mixing") or MixingForm(joining.questions),
        "answered": bool(joining.questions) and all(question.is_answered for question in joining.questions),
        "home": HOME,
    }
    return render(request, "coachee/joining.html", context)
