"""A coach's own times for groups: offered, counted, withdrawn."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries
from cairn.web.times import times_page


@door(who=rules.may_coach, area="coach")
def coach_times(request: Request, engagement_id: int) -> HttpResponse:
    """When I could hold a group, how many wish for it, and in which styles I coach."""
    at = clock.now()
    times = queries.coach_times(request.user, engagement_id, at)
    done, context = times_page(request, times, at)
    if done:
        return redirect("coach_times", engagement_id)
    return render(request, "coach/times.html", context, status=context["status"])
