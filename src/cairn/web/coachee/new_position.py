"""A new job: the coachee says so, and can take it back until a coordinator has decided."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.positions import NewPositionForm, say


@door(who=rules.may_be_coached, area="coachee")
def new_position(request: Request, enrolment_id: int) -> HttpResponse:
    """Say it, see what was said, take it back."""
    at = clock.now()
    enrolment = queries.enrolment_of(request.user, enrolment_id, at)
    return said_or_asked(request, enrolment, at, template="coachee/new_position.html")


def said_or_asked(request: Request, enrolment: Any, at: Any, *, template: str) -> HttpResponse:
    """The page for whoever may say it: what waits, or the questions."""
    waiting = queries.waiting_position_of(enrolment)
    form = NewPositionForm(request.POST or None)
    if request.method == "POST" and request.POST.get("do") == "withdraw":
        _withdraw(request, waiting, at)
        return redirect(request.path)
    if request.method == "POST" and form.is_valid() and say(form, enrolment, by=request.user, at=at):
        messages.success(request, _("Noted. The programme team decides what follows, and you are told by mail."))
        return redirect(request.path)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"enrolment": enrolment, "waiting": waiting, "form": form}, status=status)


def _withdraw(request: Request, waiting: Any, at: Any) -> None:
    if waiting is None:
        messages.warning(request, _("There is nothing to take back: a coordinator has decided meanwhile."))
        return
    try:
        actions.withdraw_new_position(position=waiting, by=request.user, at=at)
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Taken back. Nothing changes."))
