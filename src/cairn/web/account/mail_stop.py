"""The link in a mail that stops mails of its kind without signing in. Looking at it does nothing: programs look too."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.foundation import clock, stop_links
from cairn.gate import anyone, door
from cairn.journey import actions as journey_actions
from cairn.journey import queries as journey_queries
from cairn.people.queries import NotFound

WORDS = {
    "reminders": (_("Reminders of your sessions"), "reminders"),
    "rhythm": (_("Mails about your questions and steps"), "rhythm"),
}


@door(who=anyone)
@csrf_exempt
@never_cache
def mail_stop(request: HttpRequest, token: str) -> HttpResponseBase:
    """A page with a button; the button, or a mail program's one click (RFC 8058), stops them. Undo is on the page."""
    one_click = request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click"
    if request.method == "POST" and not one_click and (forged := _forged(request)):
        return forged
    try:
        kind, number = stop_links.words_in(token).split(":")
        what, page = WORDS[kind]
        person_id, undo = int(number), request.POST.get("undo", "")
        state = ""
        if request.method == "POST" and undo and not one_click:
            state = _resume(kind, person_id, undo)
        elif request.method == "POST":
            kept = _stop(kind, person_id) or request.GET.get("undo", "")
            if not one_click:  # the way back stands in the address, so that it outlives a page that is loaded again
                return redirect(f"{request.path}?{urlencode({'undo': kept})}" if kept else request.path)
        context = {"what": what, "page": page, **_standing(kind, person_id, request.GET.get("undo", ""))}
    except (stop_links.NotOurs, NotFound, ValueError, KeyError):
        return render(request, "account/mail_stop_unknown.html", status=404)
    return render(request, "account/mail_stop.html", {**context, "state": state or context["state"]})


def _standing(kind: str, person_id: int, undo: str) -> dict[str, str]:
    """Whether these mails come, and if not, what brings them back as far as that is known."""
    if kind == "reminders":
        before = delivery_queries.stopped_reminders(person_id)
        if before is None:
            return {"state": "", "undo": ""}
        return {"state": "stopped", "undo": undo or _undo(kind, person_id, ",".join(map(str, before)))}
    if not journey_queries.hears_nothing(person_id):
        return {"state": "", "undo": ""}
    return {"state": "stopped", "undo": undo}


def _stop(kind: str, person_id: int) -> str:
    """Stop them; and what would undo it, sealed, or nothing where none came."""
    if kind == "reminders":
        chosen = delivery_actions.stop_reminders(person_id=person_id, at=clock.now())
        before = ",".join(map(str, chosen))
    else:
        had = journey_actions.stop_rhythm(person_id=person_id, at=clock.now())
        steps = ",".join(map(str, had.steps))
        before = "" if had.is_nothing else f"{had.pace}/{had.remind_steps:d}/{had.remind_look_backs:d}/{steps}"
    return _undo(kind, person_id, before) if before else ""


def _undo(kind: str, person_id: int, before: str) -> str:
    return stop_links.token(f"undo:{kind}:{person_id}:{before}")


def _resume(kind: str, person_id: int, undo: str) -> str:
    """Bring back what was stopped on the page before."""
    word, same_kind, same_person, before = stop_links.words_in(undo).split(":")
    if (word, same_kind, same_person) != ("undo", kind, str(person_id)):
        raise stop_links.NotOurs
    if kind == "reminders":
        chosen = [int(minutes) for minutes in before.split(",")]
        delivery_actions.resume_reminders(person_id=person_id, minutes_before=chosen, at=clock.now())
    else:
        pace, remind_steps, look_backs, steps = before.split("/")
        had = journey_actions.Stopped(
            pace, remind_steps == "1", look_backs == "1", tuple(int(step) for step in steps.split(",") if step)
        )
        journey_actions.resume_rhythm(person_id=person_id, before=had, at=clock.now())
    return "resumed"


def _forged(request: HttpRequest) -> HttpResponseBase | None:
    """The refusal for a form that was not on our page; only the one click of a mail program comes without."""
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, lambda _request: HttpResponse(), (), {})
