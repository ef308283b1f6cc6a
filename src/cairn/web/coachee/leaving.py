"""Leaving a cohort, and keeping the journey."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.web.templatetags import _amounts


@door(who=signed_in, area="coachee")
def leave(request: Request, enrolment_id: int) -> HttpResponse:
    """What stays, what goes, and the button."""
    at = clock.now()
    found = queries.leaving(request.user, enrolment_id, at)
    if request.method == "POST":
        on = actions.leave_cohort(enrolment_id=enrolment_id, by=request.user, at=at)
        name = found.enrolment.cohort.programme.name
        words = _("You leave %(programme)s on %(day)s. What you wrote is yours, as before.")
        messages.success(request, words % {"programme": name, "day": _amounts.day(on)})
        return redirect("home")
    return render(request, "coachee/leave.html", {"leaving": found, "cohort": found.enrolment.cohort})
