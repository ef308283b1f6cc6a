"""Another group or coach: the coachee asks, reads what became of it, takes it back."""

from django.http import HttpResponse
from django.shortcuts import redirect

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries
from cairn.web.moving import asking


@door(who=rules.may_be_coached, area="coachee", methods=("GET",))
def own_move(request: Request) -> HttpResponse:
    """On to the cohort that somebody is in now; without one, home says so."""
    newest = queries.enrolments_of(request.user, clock.now()).first()
    return redirect("ask_to_move", newest.pk) if newest else redirect("coachee_home")


@door(who=rules.may_be_coached, area="coachee")
def ask_to_move(request: Request, enrolment_id: int) -> HttpResponse:
    """Ask, see what became of it, take it back."""
    at = clock.now()
    enrolment = queries.enrolment_of(request.user, enrolment_id, at)
    return asking(request, enrolment, at, template="coachee/moving.html")
