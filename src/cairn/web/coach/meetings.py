"""Meetings of many for coaches: agenda, notes and points of their own, topic sessions they lead, the celebration."""

from django.http import HttpResponse
from django.urls import reverse

from cairn.delivery import queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web import meetings


@door(who=rules.may_coach, area="coach")
def coach_meeting(request: Request, meeting_id: int) -> HttpResponse:
    """One meeting, for a coach of its cohort or the coach who leads it."""
    at = clock.now()
    found = _as_coach(request, meeting_id)
    session_url = reverse("coach_session", args=[meeting_id])
    notes_url = reverse("coach_meeting_notes", args=[meeting_id])
    return meetings.page(request, found, at, session_url=session_url, notes_url=notes_url)


@door(who=rules.may_coach, area="coach", methods=("GET",))
def coach_meeting_notes(request: Request, meeting_id: int) -> HttpResponse:
    """Agenda, notes and points of a coach meeting as a file."""
    return meetings.notes_file(_as_coach(request, meeting_id))


def _as_coach(request: Request, meeting_id: int) -> queries.Meeting:
    found = queries.meeting(request.user, meeting_id, clock.now())
    if not found.is_coach:
        raise queries.NotFound
    return found
