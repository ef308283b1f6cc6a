"""What others see of what is one's own: sharing it, taking that back, seeing it as they do, and who has read what."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.terms import ItemKind
from cairn.web import shared
from cairn.web.coachee import own_pages
from cairn.web.templatetags import _amounts

USUAL_DAYS = 91
HAVE_AN_END = (ItemKind.ANSWER, ItemKind.RUN)  # the others are never marked as done
PER_PAGE = 40


class ShareForm(forms.Form):
    """With whom, and until which day (which still counts)."""

    reader = forms.TypedChoiceField(
        label=gettext_lazy("Who may read it"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose who may read it.")},
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("After that day it is yours alone again."),
        error_messages={"required": gettext_lazy("Choose a day.")},
    )

    def __init__(self, *args: Any, readers: list[delivery_queries.PossibleReader], **options: Any) -> None:
        """Offer those who may be named, and nobody else."""
        super().__init__(*args, **options)
        self.fields["reader"].choices = [(each.person.pk, _called(each)) for each in readers]  # type: ignore[attr-defined]


@door(who=signed_in, area="coachee", methods=("GET",))
def sharing(request: Request) -> HttpResponse:
    """Everything that somebody else may read now, what coaches shared with me, and who has read what."""
    at, me, page = clock.now(), request.user, _page(request)
    skip = (page - 1) * PER_PAGE
    grants = queries.shares(me, at, skip=skip, most=PER_PAGE + 1)
    readings = queries.readings(me, skip=skip, most=PER_PAGE + 1)
    notes = queries.notes_shared_with(me, page=page, most=queries.NOTES_PAGE + 1)
    context = {
        "readers": _by_reader(grants[:PER_PAGE]),
        "kinds": [(kind, label) for kind, (_one, label) in shared.KINDS.items()],
        "notes": notes[: queries.NOTES_PAGE],
        "readings": _readings(readings[:PER_PAGE]),
        "newer": page - 1,
        "older": page + 1 if _has_more(grants, readings) or len(notes) > queries.NOTES_PAGE else 0,
        "zone": _amounts.zone_place(me.time_zone),
    }
    return render(request, "coachee/sharing/sharing.html", context)


@door(who=signed_in, area="coachee")
def share_item(request: Request, kind: str, item_id: int) -> HttpResponse:
    """One item: who may read it, until when, and who has."""
    item = queries.own_item(request.user, kind, item_id)
    title = item.title or shared.library_title(kind, item.word)
    return _share(request, kind, item, own_pages.address(kind, item.id, item.word, item.session_id), title)


@door(who=signed_in, area="coachee")
def share_kind(request: Request, kind: str) -> HttpResponse:
    """All of a kind, what is there and what is to come."""
    if kind not in ItemKind.values:
        raise queries.NotFound
    return _share(request, kind, None, "", shared.whole_kind(kind))


@door(who=signed_in, area="coachee", methods=("POST",))
def share_withdraw(request: Request, share_id: int) -> HttpResponse:
    """End one grant, now."""
    actions.withdraw(share_id=share_id, by=request.user, at=clock.now())
    messages.success(request, _("Withdrawn. It is yours alone again."))
    return redirect("sharing")


@door(who=signed_in, area="coachee", methods=("POST",))
def share_withdraw_all(request: Request, reader_id: int) -> HttpResponse:
    """End everything that one reader may read, now."""
    ended = actions.withdraw_all(reader_id=reader_id, by=request.user, at=clock.now())
    said = _("Withdrawn. They see nothing of yours any more.") if ended else _("There was nothing to withdraw.")
    messages.success(request, said)
    return redirect("sharing")


@door(who=signed_in, area="coachee", methods=("GET",))
def seen_by(request: Request, reader_id: int) -> HttpResponse:
    """The list exactly as one reader has it, by the same query; looking is no reading."""
    at, me = clock.now(), request.user
    reader = delivery_queries.possible_reader(me, reader_id, at)
    page = queries.seen_by(me, reader_id, at, page=_page(request))
    context = {
        "reader": reader.person,
        "page": page,
        "lines": shared.lines(page.items, lambda kind, key: reverse("item_seen_by", args=(reader_id, kind, key))),
        "steps": queries.steps_agreed_with(me, reader_id),
    }
    return render(request, "coachee/sharing/seen_by.html", context)


@door(who=signed_in, area="coachee", methods=("GET",))
def item_seen_by(request: Request, reader_id: int, kind: str, item_id: int) -> HttpResponse:
    """One item exactly as a reader has it; looking is no reading."""
    at, me = clock.now(), request.user
    reader = delivery_queries.possible_reader(me, reader_id, at)
    item = queries.item_seen_by(me, reader_id, kind, item_id, at)
    context = {"reader": reader.person, **shared.whole(item)}
    return render(request, "coachee/sharing/item_seen_by.html", context)


@door(who=signed_in, area="coachee", methods=("POST",))
def pick_away(request: Request, pick_id: int) -> HttpResponse:
    """Put away what a coach picked."""
    actions.put_away_pick(pick_id=pick_id, by=request.user, at=clock.now())
    messages.success(request, _("Put away."))
    return redirect("coachee_home")


# ------------------------------------------------------------------ within


def _share(request: Request, kind: str, item: queries.OwnItem | None, back: str, title: str) -> HttpResponse:
    at, me = clock.now(), request.user
    readers = delivery_queries.possible_readers(me, at)
    item_id = item.id if item else None
    usual = (at.astimezone(me.zone) + dt.timedelta(days=USUAL_DAYS)).date()
    first = readers[0].person.pk if len(readers) == 1 else None
    form = ShareForm(request.POST or None, readers=readers, initial={"until": usual, "reader": first})
    if request.method == "POST" and form.is_valid() and _granted(request, form, kind, item_id, at):
        return redirect("share_item", kind, item_id) if item else redirect("sharing")
    grants, readings = queries.access_of(me, kind, item_id, at)
    context = {
        "form": form,
        "kind": kind,
        "while_typed": [each for each in ItemKind if each not in HAVE_AN_END],
        "kind_words": shared.kind_of(kind) if item else "",
        "item": item,
        "title": title,
        "back": back,
        "possible": readers,
        "grants": grants,
        "readings": readings,
        "zone": _amounts.zone_place(me.time_zone),
    }
    return render(request, "coachee/sharing/share.html", context, status=422 if form.errors else 200)


def _granted(request: Request, form: ShareForm, kind: str, item_id: int | None, at: dt.datetime) -> bool:
    """Whether it is shared now; what stands against it is said beside the field."""
    me, day = request.user, form.cleaned_data["until"]
    until = dt.datetime.combine(day, dt.time(23, 59, 59), tzinfo=me.zone)
    reader_id = form.cleaned_data["reader"]
    try:
        delivery_actions.share_with(kind=kind, item_id=item_id, reader_id=reader_id, until=until, by=me, at=at)
    except actions.CannotShare as refused:
        form.add_error(refused.field or None, str(refused))
        return False
    messages.success(request, _("Shared. You can withdraw it at any time."))
    return True


def _has_more(*lists: tuple[object, ...]) -> bool:
    return any(len(each) > PER_PAGE for each in lists)


def _by_reader(shares: tuple[queries.OwnShare, ...]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for each in shares:
        reader = found.setdefault(each.reader_id, {"id": each.reader_id, "name": each.reader, "grants": []})
        reader["grants"].append((each, _named(each), _page_of(each)))
    return list(found.values())


def _named(each: queries.OwnShare) -> tuple[str, str]:
    """What is shared, and which: (kind, title)."""
    if each.item_id is None:
        return shared.whole_kind(each.kind), ""
    return shared.kind_of(each.kind), each.title or shared.library_title(each.kind, each.word)


def _page_of(each: queries.OwnShare) -> str:
    if each.item_id is None:
        return reverse("share_kind", args=(each.kind,))
    return reverse("share_item", args=(each.kind, each.item_id))


def _readings(found: tuple[queries.WasRead, ...]) -> list[tuple[queries.WasRead, str, str]]:
    """(what was read, what it is called, its page). What was taken away since has no page."""
    return [
        (
            each,
            ": ".join(filter(None, (shared.kind_of(each.kind), shared.library_title(each.kind, each.word)))),
            reverse("share_item", args=(each.kind, each.item_id)) if each.is_there else "",
        )
        for each in found
    ]


def _called(each: delivery_queries.PossibleReader) -> str:
    if each.is_companion:
        return _("%(name)s, beside you") % {"name": each.person.name}
    return _("%(name)s, your coach") % {"name": each.person.name}


def _page(request: Request) -> int:
    given = request.GET.get("page", "")
    return int(given) if given.isdecimal() and len(given) < 6 else 1
