"""Changing a proposal by hand, and the rules that groups keep: each a small form that works without a script."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import actions as delivery_actions
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import LessThanBooked, NotEnoughMinutes
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.programmes.terms import ARRANGED_BY_DEFAULT, Need
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.group_board import figure
from cairn.web.coordinator.group_forms import MoveForm, OptOutForm, PairForm

MINUTES = (LessThanBooked, NotEnoughMinutes)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def group_options(request: Request, cohort_id: int, enrolment_id: int) -> HttpResponse:
    """One person's other places with their scores: a page of its own, or with `?part` what goes into the menu.

    Of many groups the best dozen; `?to=7` asks for one.
    """
    found = queries.person_in_proposal(
        request.user, cohort_id, enrolment_id, clock.now(), to=_number(request.GET.get("to"))
    )
    context = {
        "cohort": found.proposal.cohort,
        "found": found,
        "score": figure(found.score),
        "options": [_option(each) for each in found.options],
        "unlisted": len(found.groups) - len(found.options),
        "only": "to" in request.GET,
    }
    template = "_groups_options" if "part" in request.GET else "groups_options"
    return render(request, f"coordinator/{template}.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def group_move(request: Request, cohort_id: int, enrolment_id: int) -> HttpResponse:
    """Move somebody, alone or in exchange."""
    form = MoveForm(request.POST)
    proposal = queries.open_proposal(request.user, cohort_id, clock.now())
    person = queries.person_in_cohort(proposal.cohort, enrolment_id)
    try:
        to, other = _where_to(form, proposal)
    except NoSuchName as unknown:
        messages.error(request, str(unknown))
        return _back(cohort_id, enrolment_id)
    before = proposal.answer["score"]

    def act(at: Any) -> str:
        moved = actions.move_person(
            proposal=proposal,
            enrolment=person,
            to_group=to,
            swap_with=other,
            expected_version=form.cleaned_data["version"],
            by=request.user,
            at=at,
        )
        undo = reverse("group_undo", args=[cohort_id, moved.version])
        messages.success(request, _moved(person, other, to, before, moved.answer["score"]), extra_tags=f"undo:{undo}")
        return ""

    _do(request, act)
    return _back(cohort_id, enrolment_id)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def group_pin(request: Request, cohort_id: int, enrolment_id: int) -> HttpResponse:
    """Keep somebody where they are, or let them go."""
    form = MoveForm(request.POST)
    if not form.is_valid() or form.cleaned_data["pinned"] is None:
        raise Http404
    proposal = queries.open_proposal(request.user, cohort_id, clock.now())
    person = queries.person_in_cohort(proposal.cohort, enrolment_id)
    change = actions.pin if form.cleaned_data["pinned"] else actions.unpin
    said = _("%(name)s is pinned here.") if form.cleaned_data["pinned"] else _("%(name)s can be moved again.")

    def act(at: Any) -> str:
        change(
            proposal=proposal,
            enrolment=person,
            expected_version=form.cleaned_data["version"],
            by=request.user,
            at=at,
        )
        return said % {"name": person.person.name}

    _do(request, act)
    return _back(cohort_id, enrolment_id)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def group_undo(request: Request, cohort_id: int, version: int) -> HttpResponse:
    """Take the last move back."""
    proposal = queries.open_proposal(request.user, cohort_id, clock.now())

    def act(at: Any) -> str:
        back = actions.undo_move(proposal=proposal, expected_version=version, by=request.user, at=at)
        return _("Taken back. %(score)s again.") % {"score": figure(back.answer["score"])}

    _do(request, act)
    return redirect("cohort_groups", cohort_id)


@door(who=rules.may_coordinate, area="coordinator")
def group_rules(request: Request, cohort_id: int) -> HttpResponse:
    """Pairs apart or together, and who is coached one-to-one only."""
    found = queries.group_rules(request.user, cohort_id, clock.now())
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    pair_form = PairForm(request.POST if doing == "pair" else None)
    opt_out_form = OptOutForm(request.POST if doing == "opt_out" else None)
    if doing and _change_rules(request, found.cohort, doing, pair_form, opt_out_form):
        return redirect("group_rules", cohort_id)
    context = {"cohort": found.cohort, "found": found, "pair_form": pair_form, "opt_out_form": opt_out_form}
    return render(request, "coordinator/groups_rules.html", context, status=422 if doing else 200)


def _number(text: str | None) -> int | None:
    """A number from an address; nought, which is no group, for what is none."""
    return None if text is None else int(text) if text.isdecimal() and len(text) < 8 else 0


def _change_rules(request: Request, cohort: Any, doing: str, pair_form: PairForm, opt_out_form: OptOutForm) -> bool:
    """Do what a button of the rules' page asked for; False when a form has to be shown again."""
    verb, _dash, number = doing.partition("-")
    if verb == "pair":
        return pair_form.is_valid() and _add_pair(request, cohort, pair_form)
    if verb == "opt_out" and not number:
        person = _person_of(opt_out_form, "enrolment", cohort) if opt_out_form.is_valid() else None
        return person is not None and _opt_out(request, person, True, opt_out_form)
    if not number.isdecimal() or len(number) > 18 or verb not in ("drop", "group"):
        raise Http404
    if verb == "group":
        return _opt_out(request, queries.person_in_cohort(cohort, int(number)), False, opt_out_form) or True
    rule = queries.pair_rule(cohort, int(number))
    rule.cohort = cohort
    actions.remove_pair_rule(rule=rule, by=request.user, at=clock.now())
    messages.success(request, _("The rule is gone."))
    return True


class NoSuchName(Exception):
    """Nobody, or more than one person, answers to what was typed."""


def _named(cohort: Any, words: str) -> Any:
    """The one person of the cohort with this name or address. Raises NoSuchName with a sentence."""
    found = queries.people_named(cohort, words)
    if len(found) == 1:
        return found[0]
    if found:
        raise NoSuchName(_("More than one person is called %(name)s. Use the e-mail address.") % {"name": words})
    raise NoSuchName(_("Nobody in this cohort is called %(name)s.") % {"name": words})


def _person_of(form: Any, field: str, cohort: Any) -> Any:
    """Who was named in a field; None with the reason beside the field."""
    try:
        return _named(cohort, form.cleaned_data[field])
    except NoSuchName as unknown:
        form.add_error(field, str(unknown))
        return None


def _where_to(form: MoveForm, proposal: Any) -> tuple[int, Any]:
    """Group and perhaps the person to trade places with. Raises NoSuchName when neither makes sense."""
    if not form.is_valid() or not any(form.cleaned_data[key] for key in ("to", "swap_with", "swap_named")):
        raise NoSuchName(_("Choose where to first."))
    wanted, words = form.cleaned_data["swap_with"], form.cleaned_data["swap_named"]
    other = queries.person_in_cohort(proposal.cohort, wanted) if wanted else None
    if words and other is None:
        other = _named(proposal.cohort, words)
    seat = proposal.assignment.get(str(other.pk)) if other else None
    return form.cleaned_data["to"] or (seat[1] if seat else None) or 0, other


def _add_pair(request: Request, cohort: Any, form: PairForm) -> bool:
    first, second = _person_of(form, "first", cohort), _person_of(form, "second", cohort)
    if first is None or second is None:
        return False
    try:
        actions.add_pair_rule(
            cohort=cohort, first=first, second=second, rule=form.cleaned_data["rule"], by=request.user, at=clock.now()
        )
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return False
    messages.success(request, _("Groups will keep to that."))
    return True


def _opt_out(request: Request, person: Any, opts_out: bool, form: OptOutForm) -> bool:
    common: dict[str, Any] = {"address_of": public_address(), "by": request.user, "at": clock.now()}
    try:
        if opts_out:
            words = str(ARRANGED_BY_DEFAULT[Need.ONE_TO_ONE])
            delivery_actions.arrange_adjustment(enrolment=person, need=Need.ONE_TO_ONE, arrangement=words, **common)
        else:
            delivery_actions.back_into_groups(enrolment=person, **common)
    except (actions.Refused, *MINUTES) as refused:
        if opts_out:
            form.add_error(None, str(refused))
        else:
            messages.error(request, str(refused))
        return False
    said = _("%(name)s is coached one-to-one only.") if opts_out else _("%(name)s takes part in groups again.")
    messages.success(request, said % {"name": person.person.name})
    return True


def _do(request: Request, act: Callable[[Any], str]) -> None:
    """Act, and say what came of it."""
    try:
        said = act(clock.now())
    except actions.GroupsChanged as changed:
        messages.warning(request, str(changed))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        if said:
            messages.success(request, said)


def _back(cohort_id: int, enrolment_id: int) -> HttpResponse:
    return redirect(f"{reverse('cohort_groups', args=[cohort_id])}#p{enrolment_id}")


def _moved(person: Any, other: Any, to: int, before: float, after: float) -> str:
    """“Li moved to group 2. 97.9, before 98.6.”"""
    now, was = figure(after), figure(before)
    score = _("%(now)s, as before.") if now == was else _("%(now)s, before %(was)s.")
    said = (
        _("%(name)s moved to group %(to)s.")
        if other is None
        else _("%(name)s moved to group %(to)s, in exchange for %(other)s.")
    ) % {"name": person.person.name, "to": to, "other": other.person.name if other else ""}
    return f"{said} {score % {'now': now, 'was': was}}"


def _option(each: Any) -> dict[str, Any]:
    """One other group: what is offered first is the better of moving alone and trading places."""
    alone = not each.forbidden
    swap = each.swap_with is not None
    by_swap = swap and (not alone or each.swap_score > each.score)
    return {
        "number": each.number,
        "coach": each.coach,
        "alone": alone,
        "score": figure(each.score),
        "forbidden": each.forbidden,
        "swap_with": each.swap_with,
        "swap_name": each.swap_name,
        "swap_score": figure(each.swap_score) if swap else "",
        "first": "swap" if by_swap else "alone" if alone else "",
    }
