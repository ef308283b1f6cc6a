"""A coordinator asks a group for another time, where its coach does not."""

from django.http import HttpResponse
from django.urls import reverse

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web.polling import poll_page


@door(who=rules.may_coordinate, area="coordinator")
def cohort_session_poll(request: Request, cohort_id: int, group_session_id: int) -> HttpResponse:
    """The same page as the coach's, for a session of this cohort."""
    back = reverse("cohort_session", args=[cohort_id, group_session_id])
    return poll_page(request, group_session_id, clock.now(), back=back, cohort_id=cohort_id)
