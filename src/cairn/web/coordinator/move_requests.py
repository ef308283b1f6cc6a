"""Wishes for another group: the list, the ways to meet one with what each costs, and the answer."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import actions as delivery
from cairn.delivery import queries as delivery_queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.programmes.terms import Against, Kind, MoveState
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.request_kinds import kinds
from cairn.web.moving import wish_words

CLOSED_SHOWN = 12


class AnswerForm(forms.Form):
    """Which way, from which day on."""

    way = forms.ChoiceField(error_messages={"required": gettext_lazy("Choose one of the ways.")})
    from_on = forms.DateField(label=gettext_lazy("From this day on"))
    raise_commission = forms.BooleanField(required=False)

    def __init__(self, *args: Any, ways: list[tuple[str, str]], **options: Any) -> None:
        """`ways` are keys and words."""
        super().__init__(*args, **options)
        self.fields["way"].choices = ways  # type: ignore[attr-defined]
        self.fields["way"].label = _("Way")

    @property
    def stamp(self) -> str:
        """What was chosen, so that what is approved is what was looked at."""
        return f"{self.cleaned_data['way']}|{self.cleaned_data['from_on'].isoformat()}"


class DeclineForm(forms.Form):
    """Which rule stands against it, as the person will read it."""

    against = forms.ChoiceField(
        label=gettext_lazy("What stands against it"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Whoever asked reads exactly this sentence. It reveals nobody."),
    )

    def __init__(self, *args: Any, against: list[str], **options: Any) -> None:
        """`against` are those that the engine found, the likeliest first."""
        super().__init__(*args, **options)
        self.fields["against"].choices = [(each, str(Against(each).label)) for each in against]  # type: ignore[attr-defined]
        self.fields["against"].initial = against[0]


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def moves_to_answer(request: Request) -> HttpResponse:
    """What waits for an answer, over all cohorts."""
    return _list(request, queries.cohorts_with_waiting(request.user, clock.now()), None, clock.now())


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_moves(request: Request, cohort_id: int) -> HttpResponse:
    """What waits for an answer in one cohort."""
    cohort = queries.cohort_with_counts(request.user, cohort_id, clock.now())
    return _list(request, [cohort], cohort, clock.now(), tab="requests")


@door(who=rules.may_coordinate, area="coordinator")
def move_request(request: Request, move_id: int) -> HttpResponse:
    """One request: the best ways to meet it, what each does, and the answer."""
    at = clock.now()
    found = delivery_queries.move_to_answer(request.user, move_id, at)
    if found.state != MoveState.WAITING:
        return _answered_page(request, found)
    day = delivery_queries.first_day_of_move(found, at)
    on = _day(request.POST.get("from_on", ""), found, day, at)
    shown = queries.move_answer(found, on)
    form = AnswerForm(
        request.POST if request.POST.get("do") in ("look", "approve") else None,
        ways=[(way.key, way.key) for way in shown.ways],
        initial={"from_on": day, "way": shown.ways[0].key if shown.ways else ""},
    )
    decline = DeclineForm(
        request.POST if request.POST.get("do") == "decline" else None, against=_reasons(request, shown)
    )
    if decline.is_bound and decline.is_valid():
        return _decline(request, found, decline, at)
    effects = None
    if form.is_bound and form.is_valid():
        effects = _effects(found, form, shown, at)
        looked = request.POST.get("looked") == effects["looked"] and request.POST.get("seen") == shown.stamp
        if request.POST.get("do") == "approve" and looked:
            answer = _approve(request, found, form, shown, at)
            if answer is not None:
                return answer
        elif request.POST.get("do") == "approve":
            form.add_error(None, _("This is not what you looked at any more. See below what it would do now."))
    context = {"form": form, "decline": decline, "effects": effects, **_shown(found, shown, form)}
    wrong = (form.is_bound and form.errors) or (decline.is_bound and decline.errors)
    return render(request, "coordinator/move_request.html", context, status=422 if wrong else 200)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def move_request_undo(request: Request, move_id: int) -> HttpResponse:
    """Take an approved change back."""
    at = clock.now()
    found = queries.move_request(request.user, move_id, at)
    try:
        restored, lost = delivery.undo_move_request(request=found, by=request.user, at=at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.warning(request, str(refused))
    else:
        text = _("Taken back: seats, coaches, sessions and minutes are as before. Those concerned are told by mail.")
        if restored:
            text += " " + _("One-to-one dates that stand again: %(count)s.") % {"count": restored}
        if lost:
            text += " " + _("To be dated anew: %(count)s.") % {"count": lost}
        messages.success(request, text)
    return redirect("move_request", move_id)


def _list(request: Request, cohorts: list[Any], cohort: Any, at: dt.datetime, *, tab: str = "") -> HttpResponse:
    waiting, answered = queries.moves_listed(request.user, at, cohort_id=cohort.pk if cohort else None)
    context = {
        "kinds": kinds("moves", cohorts, cohort, tab=tab),
        "cohort": cohort,
        "tab": tab,
        "rows": [(each, wish_words(each)) for each in waiting],
        "more": max(sum(each.moves_waiting for each in cohorts) - len(waiting), 0),
        "answered": [(each, _mark(each)) for each in answered],
    }
    return render(request, "coordinator/moves.html", context)


def _mark(found: Any) -> str:
    return "done" if found.state == MoveState.APPROVED else ""


def _day(typed: str, found: Any, day: dt.date, at: dt.datetime) -> dt.date:
    """The day for which ways are looked for: as typed, if it is one that can be."""
    try:
        wanted = dt.date.fromisoformat(typed)
    except ValueError:
        return day
    return wanted if at.date() < wanted <= found.enrolment.cohort.ends_on else day


def _reasons(request: Request, shown: queries.MoveAnswer) -> list[str]:
    """What may be given as the rule against it; what was on the page that was sent stays possible."""
    sent = request.POST.get("against", "")
    return list(dict.fromkeys([*shown.against, *([sent] if sent in Against.values else [])]))


def _approve(
    request: Request, found: Any, form: AnswerForm, shown: queries.MoveAnswer, at: dt.datetime
) -> HttpResponse | None:
    try:
        delivery.approve_move_request(
            request=found,
            **form.cleaned_data,
            seen=shown.stamp,
            address_of=public_address(),
            by=request.user,
            at=at,
        )
    except actions.MoveAnswered as answered:
        messages.warning(request, str(answered))
        return redirect("move_request", found.pk)
    except delivery.CommissionTooSmall as small:
        form.add_error(None, str(small))
        return None
    except (actions.Refused, NotEnoughMinutes) as refused:
        field = getattr(refused, "field", "")
        form.add_error(field or None, str(refused))
        return None
    text = _("Approved for %(name)s. Those concerned are told by mail.") % {"name": found.enrolment.person.name}
    messages.success(request, text, extra_tags=f"undo:{reverse('move_request_undo', args=[found.pk])}")
    return redirect("moves_to_answer")


def _decline(request: Request, found: Any, form: DeclineForm, at: dt.datetime) -> HttpResponse:
    try:
        actions.decline_move_request(request=found, against=form.cleaned_data["against"], by=request.user, at=at)
    except actions.Refused as refused:
        messages.warning(request, str(refused))
        return redirect("move_request", found.pk)
    messages.success(request, _("Answered. Whoever asked is told by mail."))
    return redirect("moves_to_answer")


def _effects(found: Any, form: AnswerForm, shown: queries.MoveAnswer, at: dt.datetime) -> dict[str, Any]:
    """What approving the chosen way would do, in words, with the stamp of it."""
    way = next(each for each in shown.ways if each.key == form.cleaned_data["way"])
    effects = delivery_queries.move_effects(found, way.changes, form.cleaned_data["from_on"], at)
    lacking = sum(each.minutes for each in effects.lacks)
    return {
        "way": way,
        "on": form.cleaned_data["from_on"],
        "it": effects,
        "clashes": any(each.clashes for each in effects.people),
        "lacks": [(each.coach, Kind(each.kind).label, each.minutes) for each in effects.lacks],
        "lacking": lacking,
        "proposal_waits": queries.proposal_waits(found.enrolment.cohort),
        "looked": f"{form.stamp}|{lacking}",
    }


def _ways(shown: queries.MoveAnswer) -> list[dict[str, Any]]:
    """Each way with its words: who goes where, how many move, what it costs."""
    before = f"{shown.score:.1f}"
    return [
        {
            "it": way,
            "first": way.changes[0],
            "others": way.changes[1:],
            "moves": ngettext("%(n)s person moves", "%(n)s people move", len(way.changes)) % {"n": len(way.changes)},
            "points": _points(way.change),
            "score": f"{before} → {way.score:.1f}",
        }
        for way in shown.ways
    ]


def _points(change: float) -> str:
    if abs(change) < 0.05:
        return _("costs nothing")
    if change > 0:
        return _("gains %(points).1f points") % {"points": change}
    return _("costs %(points).1f points") % {"points": -change}


def _shown(found: Any, shown: queries.MoveAnswer, form: AnswerForm) -> dict[str, Any]:
    """What the page of a request that waits shows."""
    return {
        **_asked(found),
        "ways": _ways(shown),
        "chosen": form["way"].value() or "",
        "mixes": shown.score not in (0.0, 100.0) or any(way.change for way in shown.ways),
        "closed": shown.closed[:CLOSED_SHOWN],
        "more_closed": max(len(shown.closed) - CLOSED_SHOWN, 0),
        "seen": shown.stamp,
    }


def _asked(found: Any) -> dict[str, Any]:
    person, coach = queries.asked_by(found)
    return {
        "move": found,
        "enrolment": found.enrolment,
        "cohort": found.enrolment.cohort,
        "wish": wish_words(found),
        "by_person": person,
        "by_coach": coach,
    }


def _answered_page(request: Request, found: Any) -> HttpResponse:
    if request.method == "POST":
        refused = actions.MoveAnswered(outcome=MoveState(found.state).label)
        messages.warning(request, str(refused))
        return redirect("move_request", found.pk)
    context = {
        **_asked(found),
        "moved": queries.moved_people(found),
        "points": [f"{found.points[when]:.1f}" for when in ("before", "after") if when in found.points],
        "against": Against(found.rule_against).label if found.rule_against else "",
        "mark": _mark(found),
    }
    return render(request, "coordinator/move_answered.html", context)
