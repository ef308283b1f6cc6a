"""The gate of the API. Every operation declares its scope; whoever comes shows a token, never a session.

In this order: token (401), method (405), rate (429), scope (403), parameters (422), size (413); then, for a write, the
key that makes it happen once. What passes does so as the token’s owner, and the rooms below decide what that person
may do.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from cairn.api import limits, problems
from cairn.api.problems import Problem
from cairn.foundation import clock, secrets
from cairn.gate import Door
from cairn.people import actions, queries, rules
from cairn.people.terms import Scope

SAFE = frozenset({"GET"})
LONGEST_KEY = 100
KEPT_HEADERS = ("Content-Type", "ETag")


class Token(HttpBearer):
    """The declaration on an operation: which scope its token needs."""

    def __init__(self, scope: Scope) -> None:
        """Keep the scope for the gate and for the description."""
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        """Whoever reaches an operation was let through by the gate."""
        return getattr(request, "bearer", None)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: the gate has done it."""
        raise NotImplementedError


class Asking(HttpRequest):
    """A request as an operation knows it."""

    bearer: queries.Bearer
    secret_name: str


def operation(name: str, scope: Scope, summary: str, **more: Any) -> dict[str, Any]:
    """What an operation says of itself: its name, the scope it needs, and what it does in a few words."""
    return {"operation_id": name, "url_name": f"api_{name}", "auth": Token(scope), "summary": summary, **more}


@dataclass(frozen=True)
class Rule:
    """What one method of an address needs: a scope, and no parameters but these."""

    scope: Scope
    parameters: frozenset[str]


def guarded(view: Any, rules_of: dict[str, Rule]) -> Callable[..., HttpResponse]:
    """A view behind the gate, with a rule for each method. Its `door` is what the system check looks for."""

    @csrf_exempt
    def passing(request: HttpRequest, **values: Any) -> HttpResponse:
        request.user = AnonymousUser()
        asks_head = request.method == "HEAD" and "GET" in rules_of
        if asks_head:  # answered as GET is, and the body left out
            request.method = "GET"
        with override("en-gb"):
            try:
                response = _pass(request, view, rules_of, values)
            except Problem as problem:
                response = problems.response(problem)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return _without_body(response) if asks_head else response

    passing.door = Door(who=rules.may_enter, area="", methods=tuple(sorted(rules_of)))  # type: ignore[attr-defined]
    return passing


def _without_body(response: HttpResponse) -> HttpResponse:
    response["Content-Length"] = str(len(response.content))
    response.content = b""
    return response


def _pass(request: Any, view: Any, rules_of: dict[str, Rule], values: dict[str, Any]) -> HttpResponse:
    at = clock.now()
    request.bearer = bearer = _bearer(request, at)
    _must_be_answered(request, rules_of)
    seconds = limits.wait(bearer.token_id, at)
    if seconds:
        raise Problem(
            429,
            "too-many",
            _("That is more than this token may ask for in a minute."),
            headers={"Retry-After": str(seconds)},
        )
    scope = rules_of[request.method].scope
    if scope not in bearer.scopes:
        raise Problem(403, "scope", _("This token lacks the scope “%(scope)s”.") % {"scope": scope}, scope=scope.value)
    actions.note_use(bearer=bearer, at=at)
    odd = request.GET.keys() - rules_of[request.method].parameters
    if odd:
        raise problems.unknown(odd)
    if request.method in SAFE:
        answered: HttpResponse = view(request, **values)
        return answered
    if _length(request) > limits.LARGEST_BODY or len(request.body) > limits.LARGEST_BODY:
        raise Problem(413, "too-large", _("A request has at most %(bytes)d bytes.") % {"bytes": limits.LARGEST_BODY})
    return _once(request, view, values, at)


def _bearer(request: HttpRequest, at: Any) -> queries.Bearer:
    kind, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    found = queries.bearer(secret.strip(), at) if kind.lower() == "bearer" and secret.strip() else None
    if found is None:
        detail = _("Send a token of yours that is still valid, as “Authorization: Bearer cairn_…”.")
        raise Problem(401, "token", detail, headers={"WWW-Authenticate": 'Bearer realm="Cairn"'})
    return found


def _must_be_answered(request: HttpRequest, rules_of: dict[str, Rule]) -> None:
    if request.method not in rules_of:
        allowed = ", ".join(sorted({*rules_of, "HEAD"} if "GET" in rules_of else rules_of))
        raise Problem(
            405, "method", _("This address answers %(methods)s.") % {"methods": allowed}, headers={"Allow": allowed}
        )


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() and len(text) < 19 else limits.LARGEST_BODY + 1


def _once(request: Any, view: Any, values: dict[str, Any], at: Any) -> HttpResponse:
    """A write with its key: done once, answered again as it was."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Problem(
            400, "key", _("Send an Idempotency-Key of at most 100 plain characters: one for each thing you want done.")
        )
    told = [request.method, request.get_full_path(), request.headers.get("If-Match", "")]
    fingerprint = hashlib.sha256(json.dumps(told).encode() + b"\n" + request.body).hexdigest()
    try:
        answer = actions.answer_once(
            bearer=request.bearer, key=key, fingerprint=fingerprint, answer=lambda: _kept(request, view, values), at=at
        )
    except actions.UnderWay as busy:
        raise Problem(409, "under-way", str(busy.sentence), headers={"Retry-After": "1"}) from busy
    except actions.KeyUsedOtherwise as other:
        raise Problem(422, "key-used", str(other.sentence)) from other
    return _again(answer)


def _kept(request: Any, view: Any, values: dict[str, Any]) -> actions.Answer:
    """Do it, and put the answer into a shape that can be kept. A secret in it is not kept: it is said once."""
    response = view(request, **values)
    text = response.content.decode()
    content: dict[str, Any] = {"headers": {name: response[name] for name in KEPT_HEADERS if name in response}}
    secret_name = getattr(request, "secret_name", "")
    if secret_name and response.status_code < 400:
        text = json.dumps({**json.loads(text), "secret": None})
        content["secret_name"] = secret_name
    return actions.Answer(response.status_code, {**content, "text": text})


def _again(answer: actions.Answer) -> HttpResponse:
    text = answer.content.get("text", "")
    secret_name = answer.content.get("secret_name", "")
    if secret_name and not answer.is_repeated:
        text = json.dumps({**json.loads(text), "secret": secrets.read(secret_name)})
    response = HttpResponse(text, status=answer.status)
    for name, value in answer.content.get("headers", {}).items():
        response[name] = value
    if answer.is_repeated:
        response["Idempotent-Replayed"] = "true"
    return response
