"""The journal as files: bringing writing in, taking it away, printing it. Nothing of it touches the disk in clear."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from cairn.engines import words
from cairn.foundation import clock, writings
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.web import fields

MOST_BYTES = 30_000_000
SHOWN = 100
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError)


class InMemory(MemoryFileUploadHandler):
    """Keeps uploads in memory whatever their size, up to a limit for all together, so that none lies on the disk."""

    taken = 0

    def handle_raw_input(self, *_args: Any, **_options: Any) -> None:
        """Never hand a large file on to a handler that writes it down."""
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece, unless all together would be too much."""
        self.taken += len(raw_data)
        if self.taken > MOST_BYTES:
            self.request.is_too_much = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)


def in_memory(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Read what is uploaded with that handler; then the token against forged requests is checked as everywhere."""
    checked = csrf_protect(view)

    @csrf_exempt  # the check reads the upload, so it comes after the handler is in place
    @functools.wraps(view)
    def reading(request: Request) -> HttpResponse:
        request.upload_handlers = [InMemory(request)]
        try:
            bool(request.POST)
        except TOO_MUCH:  # before the token could be read, so nothing but a sentence comes of it
            return refused(request)  # type: ignore[no-any-return]
        return checked(request)

    return reading


@door(who=signed_in, area="coachee")
def refused(request: Request) -> HttpResponse:
    """The page again, with a sentence, when an upload cannot even be taken apart."""
    return _import_page(request, error=_("There are too many files in one go. Bring in a zip of them instead."))


@in_memory
@door(who=signed_in, area="coachee")
def journal_import(request: Request) -> HttpResponse:
    """Choose files; then see what they would add, before anything is added."""
    at = clock.now()
    if request.method != "POST":
        return _import_page(request)
    try:
        files = [(each.name or "", each.read()) for each in request.FILES.getlist("files")]
        if getattr(request, "is_too_much", False):
            raise writings.Unreadable("too_large", limit=MOST_BYTES // 1_000_000)
        actions.prepare_import(files=files, said=fields.words, by=request.user, at=at)
    except writings.Unreadable as unreadable:
        return _import_page(request, error=fields.words(unreadable.wording))
    except actions.NothingToBringIn as nothing:
        sentence = str(nothing) if files else _("Choose at least one file.")
        return _import_page(request, error=sentence, problems=nothing.problems)
    return redirect("journal_import")


@door(who=signed_in, area="coachee", methods=("POST",))
def journal_import_keep(request: Request) -> HttpResponse:
    """Put what was looked at into the journal."""
    n = actions.keep_import(by=request.user, at=clock.now())
    said = ngettext("%(n)s entry is in your journal.", "%(n)s entries are in your journal.", n)
    messages.success(request, said % {"n": n})
    return redirect("journal")


@door(who=signed_in, area="coachee", methods=("POST",))
def journal_import_discard(request: Request) -> HttpResponse:
    """Let go of it."""
    actions.discard_import(by=request.user, at=clock.now())
    messages.success(request, _("Nothing was brought in, and nothing of it is left here."))
    return redirect("journal_import")


@door(who=signed_in, area="coachee", methods=("GET",))
def journal_export(request: Request) -> HttpResponse:
    """The whole journal as a zip."""
    headers = {"Content-Disposition": 'attachment; filename="journal.zip"', "Cache-Control": "no-store"}
    return HttpResponse(queries.journal_archive(request.user), content_type="application/zip", headers=headers)


@door(who=signed_in, area="coachee", methods=("GET",))
def journal_print(request: Request) -> HttpResponse:
    """One year on one page, to be printed."""
    years = queries.years_written(request.user)
    asked = request.GET.get("year", "")
    year = next((each for each in years if str(each) == asked), next(iter(years), clock.now().year))
    entries = queries.entries_of_year(request.user, year) if years else []
    return render(request, "coachee/journal/print.html", {"years": years, "year": year, "entries": entries})


def _import_page(request: Request, error: str = "", problems: Any = ()) -> HttpResponse:
    pending = queries.pending_import(request.user, clock.now())
    shown = pending.entries[:SHOWN] if pending else ()
    context = {
        "pending": pending,
        "rows": [(each, words.first_words(each.text, 100)) for each in shown],
        "hidden": len(pending.entries) - len(shown) if pending else 0,
        "error": error,
        "problems": (pending.problems if pending else ())[:SHOWN] or problems[:SHOWN],
    }
    return render(request, "coachee/journal/import.html", context)
