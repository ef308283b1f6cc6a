"""The journal: one's own words, for oneself."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries


class EntryForm(forms.Form):
    """One text."""

    text = forms.CharField(
        label=gettext_lazy("What is on your mind"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"class": "writing", "rows": 8}),
        error_messages={"required": gettext_lazy("There is nothing to keep yet.")},
    )


@door(who=signed_in, area="coachee")
def journal(request: Request) -> HttpResponse:
    """Write, and read what one wrote, newest first."""
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.write_entry(text=form.cleaned_data["text"], by=request.user, at=clock.now())
        messages.success(request, _("Kept. Only you can read it."))
        return redirect("journal")
    before = request.GET.get("before", "")
    entries = queries.entries(request.user, before=int(before) if before.isdecimal() and len(before) < 18 else None)
    older = entries[-1].id if len(entries) == queries.PAGE else None
    return render(request, "coachee/journal.html", {"form": form, "entries": entries, "older": older})


@door(who=signed_in, area="coachee")
def journal_entry(request: Request, entry_id: int) -> HttpResponse:
    """Change one entry."""
    opened = queries.entry(request.user, entry_id)
    form = EntryForm(request.POST or None, initial={"text": opened.text})
    if request.method == "POST" and form.is_valid():
        actions.rewrite_entry(entry_id=entry_id, text=form.cleaned_data["text"], by=request.user, at=clock.now())
        messages.success(request, _("Kept. Only you can read it."))
        return redirect("journal")
    return render(request, "coachee/journal.html", {"form": form, "opened": opened})


@door(who=signed_in, area="coachee", methods=("POST",))
def journal_delete(request: Request, entry_id: int) -> HttpResponse:
    """Take one entry away for good."""
    actions.delete_entry(entry_id=entry_id, by=request.user, at=clock.now())
    messages.success(request, _("Gone for good."))
    return redirect("journal")
