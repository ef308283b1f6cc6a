"""A coachee's new job, said by their coach."""

from django.http import HttpResponse

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries
from cairn.web.coachee.new_position import said_or_asked


@door(who=rules.may_coach, area="coach")
def coach_new_position(request: Request, enrolment_id: int) -> HttpResponse:
    """Say it, see what was said, take it back."""
    at = clock.now()
    enrolment = queries.coached_enrolment(request.user, enrolment_id, at)
    return said_or_asked(request, enrolment, at, template="coach/new_position.html")
