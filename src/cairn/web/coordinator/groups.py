"""Groups of a cohort: proposed, looked at, adopted; as they are, printed and handed on."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.programmes.terms import Kind
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.group_board import board_of, progress
from cairn.web.coordinator.group_files import groups_file
from cairn.web.coordinator.group_forms import AdoptForm, ProposeForm, first_day


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_groups(request: Request, cohort_id: int) -> HttpResponse:
    """What would be used, the proposal as a board, or the groups as they are."""
    found = queries.groups_board(
        request.user, cohort_id, clock.now(), page=request.GET.get("page"), as_they_are="now" in request.GET
    )
    return _page(request, found, _ask_form(found))


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def group_find(request: Request, cohort_id: int) -> HttpResponse:
    """Somebody in the groups: straight to their seat, or a list of those who could be meant."""
    words = request.GET.get("name", "")[:200]
    now = "now" in request.GET
    cohort, people = queries.find_in_groups(request.user, cohort_id, words, clock.now(), as_they_are=now)
    if len(people) == 1 and people[0].number is not None:
        return redirect(_seat_of(cohort_id, people[0], now))
    context = {
        "cohort": cohort,
        "words": words,
        "now": now,
        "people": [(each, _seat_of(cohort_id, each, now) if each.number is not None else "") for each in people],
    }
    return render(request, "coordinator/groups_found.html", context)


def _seat_of(cohort_id: int, found: queries.Found, now: bool) -> str:
    asked = {"page": found.page} | ({"now": 1} if now else {})
    return f"{reverse('cohort_groups', args=[cohort_id])}?{urlencode(asked)}#p{found.id}"


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def group_propose(request: Request, cohort_id: int) -> HttpResponse:
    """Propose groups; what stands in the way is said in place, and what was typed stays."""
    at = clock.now()
    found = queries.groups_board(request.user, cohort_id, at)
    form = ProposeForm(request.POST, coaches=found.coaches, has_places=bool(found.counted.seated))
    reasons: tuple[Any, ...] = ()
    if form.is_valid():
        try:
            proposal = delivery_actions.propose_groups(
                cohort=found.cohort,
                seed=form.cleaned_data["seed"] or 0,
                group_coaches=form.group_coaches(),
                keep_places=form.cleaned_data.get("keep_places", False),
                keep_to_commission=form.cleaned_data["keep_to_commission"],
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=at,
            )
        except actions.NoGrouping as refused:
            reasons = refused.reasons
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            if proposal.state == "proposed":
                messages.success(request, _("Proposed. Nothing holds until you adopt it."))
            return redirect("cohort_groups", cohort_id)
    return _page(request, found, form, reasons=reasons, status=422)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def group_progress(request: Request, cohort_id: int) -> HttpResponse:
    """For the page that waits: how far it is, or 204 once there is nothing to wait for."""
    working = queries.in_work(request.user, cohort_id, clock.now())
    if working is None:
        return HttpResponse(status=204)
    return render(request, "coordinator/_groups_progress.html", {"progress": progress(working)})


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def group_stop(request: Request, cohort_id: int) -> HttpResponse:
    """Stop waiting for a proposal; with `keep` the best so far is proposed."""
    at = clock.now()
    working, keep = queries.working_proposal(request.user, cohort_id, at), "keep" in request.POST
    actions.stop_groups(proposal=working, keep_best=keep, by=request.user, at=at)
    messages.success(request, _("It stops soon. The best so far will be here.") if keep else _("Stopped."))
    return redirect("cohort_groups", cohort_id)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def group_prices(request: Request, cohort_id: int) -> HttpResponse:
    """Work out what each rule costs, now or by the queue."""
    at = clock.now()
    try:
        actions.price_rules(proposal=queries.open_proposal(request.user, cohort_id, at), by=request.user, at=at)
    except actions.NoGrouping as refused:
        messages.error(request, " ".join(sentence for sentence, _help in refused.reasons[:1]))
    return redirect(f"{reverse('cohort_groups', args=[cohort_id])}#h-rules")


@door(who=rules.may_coordinate, area="coordinator")
def group_adopt(request: Request, cohort_id: int) -> HttpResponse:
    """What adopting means, what coaches' commissions lack, and from when it holds."""
    at = clock.now()
    proposal = queries.open_proposal(request.user, cohort_id, at)
    form = AdoptForm(request.POST if request.method == "POST" else None, initial=_adoption(proposal, at))
    reasons: tuple[Any, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            done = delivery_actions.adopt_grouping(
                proposal=proposal,
                expected_version=form.cleaned_data["version"],
                from_on=form.cleaned_data["from_on"],
                raise_commission=form.cleaned_data["raise_commission"],
                address_of=public_address(),
                by=request.user,
                at=at,
            )
        except actions.NoGrouping as refused:
            reasons = refused.reasons
        except actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        except (delivery_actions.Refused, NotEnoughMinutes) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _adopted(done))
            return redirect("cohort_groups", cohort_id)
    lacks = delivery_queries.minutes_lacking(proposal)
    context = {
        "cohort": proposal.cohort,
        "proposal": proposal,
        "form": form,
        "reasons": reasons,
        "lacks": [(each.coach, Kind(each.kind).label, each.minutes) for each in lacks],
        "lacking": sum(each.minutes for each in lacks),
        "people": len(proposal.assignment),
        "groups": len(queries.groups_of(proposal.answer)),
    }
    return render(request, "coordinator/groups_adopt.html", context, status=422 if request.method == "POST" else 200)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def groups_export(request: Request, cohort_id: int, form: str) -> HttpResponse:
    """Names, groups and coaches as a file; `?proposed` takes the proposal."""
    at = clock.now()
    found = queries.groups_board(request.user, cohort_id, at)
    return groups_file(found, form, proposed="proposed" in request.GET, at=at)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def group_answers(request: Request, cohort_id: int) -> HttpResponse:
    """How many people answered what groups are mixed by: counts above the floor, never whose."""
    at = clock.now()
    cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    context = {"cohort": cohort, "counts": queries.mixing_counts(request.user, cohort, at)}
    return render(request, "coordinator/groups_answers.html", context)


def _page(
    request: Request, found: queries.GroupsBoard, form: ProposeForm, *, reasons: tuple[Any, ...] = (), status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"cohort": found.cohort, "found": found, "form": form, "reasons": reasons}
    if found.failed is not None and not reasons:
        context["reasons"] = found.failed.answer.get("reasons", [])
    if found.proposal is not None and not found.groups:
        context["board"] = board_of(found)
    if found.working is not None:
        context["progress"] = progress(found.working)
    context |= {
        "one_to_one": [(each.name, _coach_of(each, found)) for each in found.counted.opt_outs],
        "has_protected": any(each.is_protected for each in found.mixes),
    }
    return render(request, "coordinator/groups.html", context, status=status)


def _ask_form(found: queries.GroupsBoard) -> ProposeForm:
    """The form as it is offered: the groups of the proposal, or as many as cap and minimum need."""
    proposal = found.proposal
    if proposal is not None:
        held = list(queries.groups_of(proposal.answer).values())
        wanted = {engagement_id: held.count(engagement_id) for engagement_id in found.coaches}
    else:
        cohort, people = found.cohort, found.counted.ready
        wanted = queries.share_groups(list(found.coaches), people, cap=cohort.group_cap, minimum=cohort.group_minimum)
    initial = {f"groups_{engagement_id}": count for engagement_id, count in wanted.items()}
    initial["in_all"] = sum(wanted.values())
    initial |= {
        "seen": proposal.version if proposal else 0,
        "seed": proposal.seed + 1 if proposal else 0,
        "keep_places": found.counted.seated > 0 and found.counted.unseated > 0,
        "keep_to_commission": proposal is not None and proposal.answer["coach_minutes"] is not None,
    }
    return ProposeForm(initial=initial, coaches=found.coaches, has_places=bool(found.counted.seated))


def _coach_of(person: Any, found: queries.GroupsBoard) -> str:
    """The coach of somebody who is coached one-to-one only: as proposed, or as it is."""
    proposed = found.proposal.assignment.get(str(person.id)) if found.proposal and not found.groups else None
    return found.coaches.get(proposed[0] if proposed else person.engagement_id or 0, "")


def _adoption(proposal: Any, at: dt.datetime) -> dict[str, Any]:
    return {"from_on": first_day(proposal.cohort, at), "version": proposal.version}


def _adopted(done: delivery_actions.Adopted) -> str:
    """What an adoption did, in a sentence or two."""
    said = ngettext(
        "Adopted. %(people)s person has a coach now.", "Adopted. %(people)s people have a coach now.", done.people
    ) % {"people": done.people}
    if done.mails:
        said += " " + ngettext("%(n)s mail is on its way.", "%(n)s mails are on their way.", done.mails) % {
            "n": done.mails
        }
    return said
