"""Questions that coaches offered: a coordinator takes them into use or declines them with a sentence."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.library import actions, queries
from cairn.library.terms import ContributionState
from cairn.people import rules
from cairn.programmes import actions as programmes
from cairn.web.coach.questions import PER_PAGE, row_of


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def organisation_questions(request: Request) -> HttpResponse:
    """What waits, what is in use, what was not taken."""
    return _page(request)


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def organisation_question(request: Request, contribution_id: int) -> HttpResponse:
    """Decide about one question."""
    at = clock.now()
    doing, answer = request.POST.get("do"), request.POST.get("answer", "")
    if doing not in ("accept", "decline"):
        raise Http404
    try:
        programmes.review_question(
            contribution_id=contribution_id, accept=doing == "accept", answer=answer, by=request.user, at=at
        )
    except actions.Refused as refused:
        return _page(request, refused={"id": contribution_id, "sentence": str(refused), "answer": answer})
    said = _("In use. Coaches here read it.") if doing == "accept" else _("Declined. The coach reads your sentence.")
    undo = reverse("organisation_question_undo", args=[contribution_id])
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return redirect("organisation_questions")


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def organisation_question_undo(request: Request, contribution_id: int) -> HttpResponse:
    """Let it wait again."""
    try:
        actions.take_back_review(contribution_id=contribution_id, by=request.user, at=clock.now())
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Taken back. It waits again."))
    return redirect("organisation_questions")


def _page(request: Request, refused: dict[str, Any] | None = None) -> HttpResponse:
    at = clock.now()
    labels = {"offered": _("Waiting"), "accepted": _("In use"), "declined": _("Not taken")}
    asked = request.GET.get("show")
    show = ContributionState(asked) if asked in labels else ContributionState.OFFERED
    rows = queries.contributions_of(request.user, show, at)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "show": show.value,
        "page": page,
        "rows": [row_of(each) for each in page],
        "refused": refused,
        "most": actions.LONGEST_REASON,
        "tabs": [{"url": f"?show={key}", "label": label, "current": key == show} for key, label in labels.items()],
    }
    return render(request, "coordinator/questions.html", context, status=422 if refused else 200)
