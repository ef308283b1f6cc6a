"""The journal: one's own words, for oneself."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MaxLengthValidator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.engines import words
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.queries import OpenedEntry, Readers
from cairn.journey.terms import ItemKind
from cairn.library import queries as library
from cairn.web import addresses, moments
from cairn.web.coachee.languages import language

LONGEST = 100_000
TOO_LONG = gettext_lazy(
    "That is more than fits into one entry. Up to 100,000 characters do; a second entry holds the rest."
)
BLANK = "blank"


class EntryForm(forms.Form):
    """One page of the journal. What is hidden lets a page find its entry again, and notice another window."""

    entry = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    name = forms.UUIDField(required=False, widget=forms.HiddenInput)
    revision = forms.IntegerField(required=False, min_value=0, max_value=2**30, widget=forms.HiddenInput)
    prompt = forms.SlugField(required=False, max_length=60, widget=forms.HiddenInput)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=actions.LONGEST_TITLE,
        widget=forms.TextInput(attrs={"class": "title", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=gettext_lazy("What is on your mind"),
        required=False,
        validators=[
            MaxLengthValidator(LONGEST, TOO_LONG)
        ],  # no max_length: a browser cuts what is pasted, and says nothing
        strip=False,
        widget=forms.Textarea(attrs={"class": "writing", "rows": 10}),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=600,
        help_text=gettext_lazy("Words to find it by, between commas: up to twelve, of up to 40 characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_text(self) -> str:
        """Lines as they are kept, whatever the browser ends them with."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").replace("\r", "\n")

    def words(self) -> actions.Words:
        """What stands on the page."""
        said = self.cleaned_data
        prompt = library.prompts(language()).get(said["prompt"], "")
        return actions.Words(said["text"], said["title"], words.tags(said["tags"]), prompt)


@dataclass(frozen=True)
class Line:
    """One entry in the list."""

    url: str
    written_at: dt.datetime
    title: str
    beginning: str
    who: str


@door(who=signed_in, area="coachee")
def journal(request: Request) -> HttpResponse:
    """A new page, and the list of what one wrote, newest first."""
    at = clock.now()
    form = EntryForm(request.POST or None, initial={"name": uuid.uuid4(), "revision": 0})
    if request.method == "POST" and form.is_valid():
        kept = _keep(request, form, form.cleaned_data["entry"], at)
        if kept is not None:
            return kept
    before = request.GET.get("before", "")
    entries, older = queries.front(request.user, at, before=before)
    readers = queries.readers_of(request.user, ItemKind.ENTRY, (0, *(each.id for each in entries)), at)
    context = {
        "form": form,
        "at": at,
        "lines": lines(entries, readers),
        "before": before,
        "more": entries[-1].cursor if len(entries) == queries.PAGE else "",
        "a_while_ago": [(each, words.first_words(each.text or each.title, 180)) for each in older],
        "readers": readers[0],
        **_prompt(request, at),
    }
    return render(request, "coachee/journal/journal.html", context)


@door(who=signed_in, area="coachee")
def journal_entry(request: Request, entry_id: int) -> HttpResponse:
    """One entry: read it, write on."""
    at = clock.now()
    opened = queries.entry(request.user, entry_id)
    form = EntryForm(request.POST or None, initial=_initial(opened))
    if request.method == "POST" and form.is_valid():
        kept = _keep(request, form, entry_id, at)
        if kept is not None:
            return kept
    earlier, later = queries.neighbours(request.user, opened)
    context = {
        "form": form,
        "opened": opened,
        "saved": _saved(opened),
        "prompt": opened.prompt,
        "readers": queries.readers_of(request.user, ItemKind.ENTRY, (entry_id,), at)[entry_id],
        "readings": queries.readings_of_entry(request.user, entry_id),
        "earlier": earlier,
        "later": later,
    }
    return render(request, "coachee/journal/entry.html", context)


@door(who=signed_in, area="coachee", methods=("POST",))
def journal_save(request: Request) -> HttpResponse:
    """Keep what stands on the page while somebody types. A new entry gets its id with the first saving."""
    at = clock.now()
    form = EntryForm(request.POST)
    if not form.is_valid():
        wrong = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return JsonResponse({"error": wrong}, status=422)
    said = form.cleaned_data
    try:
        saved = actions.save_entry(
            entry_id=said["entry"],
            name=said["name"],
            revision=said["revision"] or 0,
            words=form.words(),
            by=request.user,
            at=at,
        )
    except actions.NothingWritten as nothing:
        return JsonResponse({"error": str(nothing)}, status=422)
    answer: dict[str, Any] = {
        "id": saved.id,
        "revision": saved.revision,
        "merged": saved.is_merged,
        "saved": _("Saved at %(time)s") % {"time": moments.hour(at, request.user.time_zone)},
        "url": addresses.to("journal_entry", saved.id),
    }
    if saved.is_merged:
        answer |= {"text": saved.words.text, "title": saved.words.title, "tags": ", ".join(saved.words.tags)}
    return JsonResponse(answer)


@door(who=signed_in, area="coachee", methods=("POST",))
def journal_delete(request: Request, entry_id: int) -> HttpResponse:
    """Take one entry away for good."""
    actions.delete_entry(entry_id=entry_id, by=request.user, at=clock.now())
    messages.success(request, _("Gone for good."))
    return redirect("journal")


def lines(entries: Sequence[OpenedEntry], readers: Any) -> list[Line]:
    """Entries as the list shows them: by title or first words, with who can read each."""
    return [
        Line(
            addresses.to("journal_entry", each.id),
            each.written_at,
            each.title or words.first_words(each.text, 60),
            words.first_words(each.text, 60) if each.title else "",
            _who(readers[each.id]),
        )
        for each in entries
    ]


def _who(readers: Readers) -> str:
    names = list(dict.fromkeys(name for name, _until in readers))
    if not names:
        return _("only you")
    if len(names) == 1:
        return _("you and %(name)s") % {"name": names[0]}
    return ngettext("you and %(n)s other", "you and %(n)s others", len(names)) % {"n": len(names)}


def _keep(request: Request, form: EntryForm, entry_id: int | None, at: dt.datetime) -> HttpResponse | None:
    """Where to go once it is kept; None when there was nothing to keep, which the form then says."""
    said = form.cleaned_data
    try:
        saved = actions.save_entry(
            entry_id=entry_id,
            name=said["name"],
            revision=said["revision"] or 0,
            words=form.words(),
            by=request.user,
            at=at,
        )
    except actions.NothingWritten as nothing:
        form.add_error("text", str(nothing))
        return None
    if saved.is_merged:
        messages.warning(
            request, _("This entry had been changed in another window. Both texts are kept below; look them through.")
        )
        return redirect("journal_entry", saved.id)
    messages.success(request, _("Kept."))
    return redirect("journal")


def _saved(opened: OpenedEntry) -> str:
    if opened.saved_at is None:
        return ""
    local = timezone.localtime(opened.saved_at)
    return _("Saved on %(day)s, %(time)s") % {
        "day": date_format(local, "j F Y"),
        "time": moments.hour(local, timezone.get_current_timezone_name()),
    }


def _initial(opened: OpenedEntry) -> dict[str, Any]:
    return {
        "entry": opened.id,
        "revision": opened.revision,
        "title": opened.title,
        "text": opened.text,
        "tags": ", ".join(opened.tags),
    }


def _prompt(request: Request, at: dt.datetime) -> dict[str, str]:
    """The question that is offered, another one each day, and that which comes after it; none on a blank page."""
    prompts = library.prompts(language())
    keys = list(prompts)
    asked = request.POST.get("prompt", "") if request.method == "POST" else request.GET.get("prompt", "")
    if asked == BLANK or (request.method == "POST" and not asked):
        return {"prompt": "", "prompt_key": "", "next_prompt": keys[at.toordinal() % len(keys)]}
    place = keys.index(asked) if asked in prompts else at.toordinal() % len(keys)
    return {
        "prompt": prompts[keys[place]],
        "prompt_key": keys[place],
        "next_prompt": keys[(place + 1) % len(keys)],
    }
