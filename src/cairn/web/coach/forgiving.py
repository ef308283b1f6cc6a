"""A coach forgives a late cancellation with one tap, and may take that back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.delivery import actions, queries
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.people.queries import NotFound
from cairn.web.coach.today import back_to


@door(who=rules.may_coach, area="coach", methods=("POST",))
def forgive_late(request: Request, session_id: int, enrolment_id: int) -> HttpResponse:
    """The minutes come back to the coachee; with `?undo=1` they count after all."""
    at = clock.now()
    seen = queries.coach_session(request.user, session_id, at)
    if enrolment_id not in {seat.enrolment_id for seat in seen.seats}:
        raise NotFound
    undoes = "undo" in request.GET
    from_session = "session" in (request.POST.get("back"), request.GET.get("back"))
    change = actions.count_late if undoes else actions.forgive_late
    try:
        change(session=seen.session, enrolment_id=enrolment_id, by=request.user, at=at)
    except (actions.Refused, NotEnoughMinutes) as refused:
        messages.error(request, str(refused))
    else:
        address = reverse("forgive_late", args=[session_id, enrolment_id])
        if undoes:
            messages.success(request, _("It counts as cancelled late again."))
        else:
            sentence = _("Forgiven. The minutes are your coachee’s again, and a mail tells them.")
            back = "&back=session" if from_session else ""
            messages.success(request, sentence, extra_tags=f"undo:{address}?undo=1{back}")
    return redirect("coach_session", session_id) if from_session else redirect(back_to(request, seen))
