"""A coach asks the group for another time."""

from django.http import HttpResponse
from django.urls import reverse

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web.polling import poll_page


@door(who=rules.may_coach, area="coach")
def coach_poll(request: Request, group_session_id: int) -> HttpResponse:
    """Propose times for a session that must move, see who can come, choose."""
    back = reverse("coach_session", args=[group_session_id])
    return poll_page(request, group_session_id, clock.now(), back=back)
