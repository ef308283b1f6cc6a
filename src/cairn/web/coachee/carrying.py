"""Taking everything with one, bringing it in elsewhere, erasing it."""

import base64
import binascii
import io
import zipfile
import zlib
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.engines import carrying
from cairn.foundation import clock
from cairn.gate import Request, anyone, door, signed_in
from cairn.journey import actions, queries
from cairn.people import queries as people
from cairn.web import undoing
from cairn.web.documents import files, journey

MEMBERS_MOST = 10_000
COUNTED = {
    "answers": gettext_lazy("answers on the path"),
    "exercises": gettext_lazy("exercises"),
    "journal": gettext_lazy("journal entries"),
    "goals": gettext_lazy("goals"),
    "steps": gettext_lazy("steps"),
    "preparations": gettext_lazy("session preparations"),
    "portrait": gettext_lazy("portrait"),
}


class CannotBringIn(Exception):
    """The file cannot be taken in; the sentence says why."""


class BringInForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("The zip file"),
        help_text=gettext_lazy("The one that “Take everything with you” gave you, here or in another Cairn."),
        error_messages={"empty": gettext_lazy("This file is empty. Choose the zip file that Cairn gave you.")},
    )


@door(who=signed_in, area="coachee")
@never_cache
def take_out(request: Request) -> HttpResponse:
    """What is in it, and the file itself."""
    if request.method != "POST":
        return render(request, "coachee/take_out.html", {"has_journey": queries.has_journey(request.user)})
    at = clock.now()
    said = delivery_queries.said_around_sessions(request.user)
    content = journey.package(actions.take_out(by=request.user, at=at), said, request.user.zone, at)
    return files.zipped(content, f"cairn-journey-{at.astimezone(request.user.zone).date().isoformat()}.zip")


@door(who=signed_in, area="coachee")
@never_cache
def bring_in(request: Request) -> HttpResponse:
    """Choose a file, see what would come, and let it come."""
    if request.POST.get("kept"):
        return _brought_in(request)
    form = BringInForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "coachee/bring_in.html", {"form": form}, status=422 if form.errors else 200)
    try:
        raw = json_in(form.cleaned_data["file"].read(settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1))
        found = queries.coming(request.user, _read(raw))
    except CannotBringIn as problem:
        form.add_error("file", str(problem))
        return render(request, "coachee/bring_in.html", {"form": form}, status=422)
    rows = [(label, found.counts[kind], found.there[kind]) for kind, label in COUNTED.items()]
    context = {
        "form": BringInForm(),
        "rows": [row for row in rows if row[1] or row[2]],
        "kept": "" if found.is_nothing else _kept(raw),
        "nothing": found.is_nothing,
    }
    return render(request, "coachee/bring_in.html", context)


@door(who=signed_in, area="coachee")
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]  # the library is not typed
def erase(request: Request) -> HttpResponse:
    """What happens, a word to type, and then it has happened."""
    person = request.user
    word = _("erase")
    typed = request.POST.get("word", "").strip().casefold()
    if request.method == "POST" and typed == word.casefold():
        erased = delivery_actions.erase_everything(by=person, at=clock.now())
        undoing.forget_words(request)
        if erased.closed:
            logout(request)
        reply = redirect("erased", erased.receipt)
        reply["Clear-Site-Data"] = '"cache", "storage"'  # what the browser kept of unfinished texts goes as well
        return reply
    context = {"word": word, "wrong": request.method == "POST", "closes": not people.has_history(person)}
    return render(request, "coachee/erase.html", context, status=422 if context["wrong"] else 200)


@door(who=anyone, methods=("GET",))
@never_cache
def erased(request: Request, receipt: UUID) -> HttpResponse:
    """The receipt. Its number is the right to read it, and it says nothing of whose it was."""
    return render(request, "coachee/erased.html", {"receipt": queries.receipt(receipt)})


@door(who=anyone, methods=("GET",))
@never_cache
def erased_file(request: Request, receipt: UUID) -> HttpResponse:
    """The same as a text file."""
    found = queries.receipt(receipt)
    lines = [
        _("Receipt of an erasure in Cairn"),
        f"{_('Number')}: {found.receipt}",
        f"{_('Moment')}: {found.erased_at.isoformat(timespec='seconds')}",
        "",
        *(f"{number:>7}  {words}" for words, number in found.counts.items()),
    ]
    return files.text("\n".join(lines) + "\n", f"cairn-erasure-{found.receipt}.txt")


def json_in(content: bytes) -> bytes:
    """The journey.json of a zip file; nothing else in it is looked at. Raises CannotBringIn."""
    if len(content) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        raise CannotBringIn(_("This file is larger than a journey can be. Nothing was taken in."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [each for each in archive.infolist() if each.filename == journey.JSON_NAME]
            if len(archive.infolist()) > MEMBERS_MOST or len(names) != 1:
                raise CannotBringIn(_not_ours())
            with archive.open(names[0]) as member:
                raw = member.read(carrying.BYTES_MOST + 1)  # whatever size it says it has
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError, zlib.error) as error:
        raise CannotBringIn(_not_ours()) from error
    if len(raw) > carrying.BYTES_MOST:
        raise CannotBringIn(_("What is in this file is larger than a journey can be. Nothing was taken in."))
    return raw


def _read(raw: bytes) -> carrying.Journey:
    try:
        return carrying.read(raw)
    except carrying.FromTheFuture as error:
        raise CannotBringIn(_("A newer Cairn wrote this file. Ask for this one to be brought up to date.")) from error
    except carrying.NotAJourney as error:
        words = _(
            "This file was changed since Cairn wrote it, or broke on its way (at “%(place)s”). Nothing was taken in."
        )
        raise CannotBringIn(words % {"place": error.place[:80]}) from error


def _not_ours() -> str:
    return _(
        "There is no journey in this file. Choose the zip file that “Take everything with you” gave you; "
        "writing, and a zip of the journal alone, are brought in from the journal."
    )


def _brought_in(request: Request) -> HttpResponse:
    try:
        journey_kept = _read(_opened(request.POST["kept"]))
    except CannotBringIn as problem:
        messages.warning(request, str(problem))
        return redirect("bring_in")
    counts = actions.bring_in(journey=journey_kept, by=request.user, at=clock.now())
    messages.success(request, _("Everything is here: %(count)s new things.") % {"count": sum(counts.values())})
    return redirect("home")


def _kept(raw: bytes) -> str:
    """The file between the two pages: in the person's own page and nowhere here."""
    return base64.b64encode(zlib.compress(raw)).decode()


def _opened(kept: str) -> bytes:
    try:
        return zlib.decompressobj().decompress(base64.b64decode(kept, validate=True), carrying.BYTES_MOST + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise CannotBringIn(_("Choose the file once more: it did not come back whole.")) from error
