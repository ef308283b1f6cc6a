"""Steps: what comes next, by date; and what was done."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.web.coachee.stepping import OwnStepForm, shown


@door(who=signed_in, area="coachee")
def steps(request: Request) -> HttpResponse:
    """Open steps by date, done ones below, and a new one."""
    at = clock.now()
    waiting, done, goals = queries.all_steps(request.user)
    form = OwnStepForm(goals, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.add_step(**form.said(), by=request.user, at=at)
        messages.success(request, _("Added to your steps."))
        return redirect("steps")
    today = at.astimezone(request.user.zone).date()
    context = {
        "form": form,
        "waiting": [shown(each, today) for each in waiting[: queries.MOST_OPEN]],
        "has_more": len(waiting) > queries.MOST_OPEN,
        "done": [shown(each, today) for each in done],
        "has_agreed": any(each.agreed_with for each in (*waiting, *done)),
    }
    return render(request, "coachee/goals/steps.html", context)


@door(who=signed_in, area="coachee")
def step(request: Request, step_id: int) -> HttpResponse:
    """Change one step, move its date, or take it away."""
    at = clock.now()
    seen, goals = queries.step_and_goals(request.user, step_id)
    if request.POST.get("do") == "delete":
        actions.delete_step(step_id=step_id, by=request.user, at=at)
        messages.success(request, _("Gone for good."))
        return redirect("steps")
    known = {"text": seen.text, "due_on": seen.due_on, "remind": seen.remind, "goal": seen.goal_id}
    form = OwnStepForm(goals, request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        actions.change_step(step_id=step_id, **form.said(), by=request.user, at=at)
        messages.success(request, _("Kept."))
        return redirect("steps")
    today = at.astimezone(request.user.zone).date()
    return render(request, "coachee/goals/step.html", {"form": form, "shown": shown(seen, today)})


@door(who=signed_in, area="coachee", methods=("POST",))
def step_done(request: Request, step_id: int) -> HttpResponse:
    """Tick a step as done, wherever it was shown."""
    actions.finish_step(step_id=step_id, by=request.user, at=clock.now())
    there = back(request)
    undo = f"{reverse('step_reopen', args=[step_id])}?{urlencode({'back': there})}"
    messages.success(request, _("Done."), extra_tags=f"undo:{undo}")
    return HttpResponseRedirect(there)


@door(who=signed_in, area="coachee", methods=("POST",))
def step_reopen(request: Request, step_id: int) -> HttpResponse:
    """Take the tick away again."""
    actions.reopen_step(step_id=step_id, by=request.user, at=clock.now())
    messages.success(request, _("Open again."))
    return HttpResponseRedirect(back(request))


def back(request: Request) -> str:
    """The page of this site from which a step was ticked; the list of steps when that is not said."""
    wanted = request.POST.get("back") or request.GET.get("back") or ""
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else reverse("steps")
