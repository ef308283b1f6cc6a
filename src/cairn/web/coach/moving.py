"""Another group or coach for a coachee, asked by their coach."""

from django.http import HttpResponse

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries
from cairn.web.moving import asking


@door(who=rules.may_coach, area="coach")
def coach_ask_to_move(request: Request, enrolment_id: int) -> HttpResponse:
    """Ask, see what became of one's own asking, take it back."""
    at = clock.now()
    enrolment = queries.coached_enrolment(request.user, enrolment_id, at)
    return asking(request, enrolment, at, template="coach/moving.html")
