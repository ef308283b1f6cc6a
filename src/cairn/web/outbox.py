"""The mails of the demonstration, shown instead of sent. Its addresses exist in the demonstration and in debug only."""

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

from cairn.foundation import outbox as folder
from cairn.gate import anyone, door
from cairn.web.templatetags import _amounts

LONGEST_SEARCH = 254


@door(who=anyone, methods=("GET",))
def outbox(request: HttpRequest) -> HttpResponse:
    """Every mail, newest first; those to one address if asked."""
    to = request.GET.get("to", "").strip()[:LONGEST_SEARCH]
    rows: Any = folder.listed(to=to) if to else folder.names()
    page = Paginator(rows, folder.PER_PAGE).get_page(request.GET.get("page"))
    mails = list(page.object_list) if to else [folder.kept(name) for name in page.object_list]
    zone = _amounts.zone_place(timezone.get_current_timezone_name())
    return render(request, "outbox/list.html", {"page": page, "mails": mails, "to": to, "zone": zone})


@csp_update({"frame-src": [SELF]})
@door(who=anyone, methods=("GET",))
def outbox_mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its words, what a mail program makes of them, its headers, and what it tells a calendar."""
    return render(request, "outbox/mail.html", {"mail": _opened(name)})


@xframe_options_sameorigin
@csp_replace(
    {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "sandbox": ["allow-popups"], "frame-ancestors": [SELF]}
)
@door(who=anyone, methods=("GET",))
def outbox_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a mail as it was sent, shut in: it can run nothing, load nothing and reach nothing of Cairn."""
    return HttpResponse(_opened(name).html)


@door(who=anyone, methods=("GET",))
def outbox_calendar(request: HttpRequest, name: str) -> HttpResponse:
    """The calendar part of a mail as a file."""
    mail = _opened(name)
    if not mail.calendar:
        raise Http404
    response = HttpResponse(mail.calendar.replace("\n", "\r\n"), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="invitation.ics"'
    return response


def _opened(name: str) -> folder.OpenedMail:
    try:
        return folder.opened(name)
    except FileNotFoundError as missing:
        raise Http404 from missing


urlpatterns = [
    path("outbox/", outbox, name="outbox"),
    path("outbox/<str:name>/", outbox_mail, name="outbox_mail"),
    path("outbox/<str:name>/html/", outbox_html, name="outbox_html"),
    path("outbox/<str:name>/invitation.ics", outbox_calendar, name="outbox_calendar"),
]
