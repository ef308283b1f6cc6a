"""What went wrong, as other systems read it: problem details (RFC 9457), each with a sentence."""

import json
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja.errors import HttpError, ValidationError

from cairn.delivery import actions as delivery
from cairn.engines import cadence
from cairn.engines.wording import Refusal
from cairn.ledger import actions as ledger
from cairn.people import actions as people
from cairn.people.queries import NotFound
from cairn.programmes import actions as programmes

JSON = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not possible now",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not JSON",
    422: "Not understood",
    428: "Version missing",
    429: "Too many requests",
    503: "Busy",
}
KINDS = {
    "token": _("No token came, or one that has ended."),
    "method": _("The address does not answer this method."),
    "too-many": _("The token asked for more than it may in a minute; wait as long as Retry-After says."),
    "scope": _("The token lacks the scope that is named."),
    "too-large": _("The body is too long."),
    "key": _("A write came without an Idempotency-Key, or with an odd one."),
    "key-used": _("The key came with another request before."),
    "under-way": _("The same request is being answered at this moment."),
    "bad-request": _("The body is not JSON."),
    "invalid": _("Members or parameters are not as described; “errors” says which."),
    "cursor": _("The cursor is not one of this list."),
    "version": _("The version that was seen is missing, or said in two ways."),
    "changed": _("Somebody changed the thing since; “version” is the present one."),
    "not-found": _("There is nothing, or nothing that the owner of the token may know of."),
    "not-yours": _("The owner of the token may see the thing, and not change it."),
    "just-taken": _("Somebody who has to be there is not free then; “next_free” has the next times."),
    "not-bookable": _("The start cannot be booked by its coachee; “detail” says why, “next_free” has the next times."),
    "missing-time": _("The clocks skip this wall time; “later” takes its place."),
    "ambiguous-time": _("This wall time happens twice; “candidates” are both, and “fold” 0 or 1 chooses."),
    "marks": _("Somebody is marked twice, or coachees and coaches at once."),
    "refused": _("Something expected stands in the way; “detail” says what."),
}
REFUSED: dict[type[Exception], int] = {
    programmes.Refused: 409,
    Refusal: 409,
    ledger.NotEnoughMinutes: 409,
    people.WebhookEnded: 409,
    people.WebhookRefused: 422,
}


class Problem(Exception):
    """An answer other than the one asked for. `more` are further members of the problem."""

    def __init__(self, status: int, kind: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(detail)
        self.status, self.headers = status, headers or {}
        self.content = {
            "type": f"/api/docs#problem-{kind}",
            "title": TITLES[status],
            "status": status,
            "detail": detail,
            **more,
        }


def not_found() -> Problem:
    """The same for what is not there and what nobody may know of."""
    return Problem(404, "not-found", gettext("There is nothing here, or nothing that you may know of."))


def of(request: HttpRequest, error: Exception) -> Problem | None:
    """The problem that an expected failure is; None for what nobody expected."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotFound):
        return not_found()
    if isinstance(error, ValidationError):
        return _invalid(error)
    if isinstance(error, HttpError):
        return Problem(400, "bad-request", gettext("The body is not JSON that can be read."))
    if isinstance(error, people.NotAllowed):
        return Problem(403, "not-yours", gettext("You may see this, but not change it."))
    return _refused(request, error)


def _refused(request: HttpRequest, error: Exception) -> Problem | None:
    if isinstance(error, delivery.JustTaken | delivery.NotBookable):
        return _not_free(error)
    if isinstance(error, delivery.ChangedMeanwhile):
        status = 412 if "If-Match" in request.headers else 409
        return Problem(status, "changed", str(error), version=error.session.version)
    if isinstance(error, cadence.AmbiguousWallTime):
        candidates = [moment(each) for each in error.candidates]
        return Problem(422, "ambiguous-time", error.sentence, candidates=candidates)
    if isinstance(error, cadence.MissingWallTime):
        later = error.params["later"].isoformat(timespec="minutes")  # type: ignore[attr-defined]
        return Problem(422, "missing-time", error.sentence, later=later)
    for kind, status in REFUSED.items():
        if isinstance(error, kind):
            return Problem(status, "refused", str(error))
    return None


def _invalid(error: ValidationError) -> Problem:
    errors = [{"where": _where(each["loc"]), "message": each["msg"]} for each in error.errors[:20]]
    return Problem(422, "invalid", gettext("What was sent is not what this address takes."), errors=errors)


def _where(places: tuple[Any, ...]) -> str:
    """“body.marks.0.mark”; ninja names the parameter of the function after “body”, which nobody sent."""
    named = [str(each) for each in places]
    if named[0] == "body":
        named = [named[0], *named[2:]]
    return ".".join(named).encode("utf-8", "replace").decode()[:200]


def moment(at: Any) -> str:
    """An instant in RFC 3339, in UTC."""
    return str(at.isoformat()).replace("+00:00", "Z")


def _not_free(error: delivery.JustTaken | delivery.NotBookable) -> Problem:
    next_free = [moment(each) for each in error.next_free]
    if isinstance(error, delivery.JustTaken):
        return Problem(409, "just-taken", str(error), next_free=next_free)
    return Problem(409, "not-bookable", str(error), next_free=next_free)


def unknown(names: Collection[str]) -> Problem:
    """Parameters that an address does not have: a filter with a slip in it would answer more than was wanted."""
    message = gettext("this address has no such parameter")
    errors = [{"where": _where(("query", name)), "message": message} for name in sorted(names)[:20]]
    return Problem(422, "invalid", gettext("What was sent is not what this address takes."), errors=errors)


def response(problem: Problem) -> HttpResponse:
    """The problem as an answer."""
    return HttpResponse(json.dumps(problem.content), status=problem.status, headers=problem.headers, content_type=JSON)
