"""The coach's own spreadsheet: downloaded, edited anywhere, uploaded, looked at, and then taken over."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import actions, queries
from cairn.foundation import clock
from cairn.foundation.sheets import UnreadableSheet
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries as programmes
from cairn.web.documents import files
from cairn.web.fields import words

MAX_MEGABYTES = 20
SHOWN = 100
SIDES = (actions.ONLINE, actions.WORKBOOK)


class UploadForm(forms.Form):
    """The edited workbook."""

    file = forms.FileField(
        label=gettext_lazy("Your edited workbook"),
        help_text=gettext_lazy("As .xlsx or .ods. Nothing is changed before you have seen what would be."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.ods"}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )

    def clean_file(self) -> Any:
        """Refuse a huge file before reading it."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > MAX_MEGABYTES * 1_000_000:
            raise forms.ValidationError(words(UnreadableSheet("too_big", megabytes=MAX_MEGABYTES).wording))
        return file


@door(who=rules.may_coach, area="coach")
def coach_workbook(request: Request, engagement_id: int) -> HttpResponse:
    """Download the workbook of an engagement; upload it edited."""
    at = clock.now()
    engagement = programmes.engagement_of(request.user, engagement_id, at)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.upload_workbook(
                engagement=engagement, data=file.read(), filename=file.name, by=request.user, at=at
            )
        except UnreadableSheet as unreadable:
            form.add_error("file", words(unreadable.wording))
        except actions.Refused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("workbook_preview", made.pk)
    return render(request, "coach/workbook.html", {"engagement": engagement, "form": form})


@door(who=rules.may_coach, area="coach", methods=("GET",))
def workbook_download(request: Request, engagement_id: int) -> HttpResponse:
    """The workbook as it stands now."""
    at = clock.now()
    engagement = programmes.engagement_of(request.user, engagement_id, at)
    day = at.astimezone(engagement.cohort.zone).date()
    return files.workbook(queries.coach_workbook(engagement, at), f"coaching-{engagement.pk}-{day.isoformat()}.xlsx")


@door(who=rules.may_coach, area="coach")
def workbook_preview(request: Request, upload_id: int) -> HttpResponse:
    """What an uploaded workbook would change; a POST takes it over or lets it go."""
    at = clock.now()
    upload = queries.upload_for(request.user, upload_id, at)
    if request.method == "POST":
        return _decide(request, upload, at)
    return _preview(request, upload, {})


def _decide(request: Request, upload: Any, at: Any) -> HttpResponse:
    if request.POST.get("do") == "discard":
        actions.discard_workbook(upload=upload, by=request.user, at=at)
        messages.success(request, _("The preview is gone. Nothing was changed."))
        return redirect("coach_workbook", upload.engagement_id)
    choices = _choices(request)
    try:
        taken = actions.apply_workbook(upload=upload, choices=choices, by=request.user, at=at)
    except actions.PreviewClosed as closed:
        messages.warning(request, str(closed))
        return redirect("coach_workbook", upload.engagement_id)
    except actions.Refused as refused:
        upload.refresh_from_db(fields=["rows"])
        return _preview(request, upload, choices, refused=str(refused), status=422)
    messages.success(request, said(taken))
    return redirect("coach_workbook", upload.engagement_id)


def _choices(request: Request) -> dict[str, tuple[str, str]]:
    """What was chosen for each conflict, with what was shown of Cairn's side. Default: Cairn's side stays."""
    shown = {name[5:]: seen for name, seen in request.POST.items() if name.startswith("seen-")}
    return {key: (str(request.POST.get(f"take-{key}", actions.ONLINE)), str(seen)) for key, seen in shown.items()}


def said(taken: actions.Taken) -> str:
    """What was done, in one line."""
    parts = [
        (taken.dated, ngettext("%d session dated", "%d sessions dated", taken.dated)),
        (taken.moved, ngettext("%d moved", "%d moved", taken.moved)),
        (taken.details, ngettext("%d changed otherwise", "%d changed otherwise", taken.details)),
        (taken.marked, ngettext("%d mark set", "%d marks set", taken.marked)),
        (taken.kept, ngettext("%d kept as in Cairn", "%d kept as in Cairn", taken.kept)),
    ]
    done = ", ".join(text % count for count, text in parts if count)
    return f"{done[:1].upper()}{done[1:]}." if done else _("Nothing had to be changed.")


def _preview(
    request: Request, upload: Any, choices: dict[str, tuple[str, str]], *, refused: str = "", status: int = 200
) -> HttpResponse:
    plan = queries.plan_of_workbook(upload)
    cells = [*plan.refused, *plan.problems]
    changes = Paginator(plan.changes, SHOWN).get_page(request.GET.get("page"))
    context = {
        "upload": upload,
        "plan": plan,
        "refused": refused,
        "cells": cells[:SHOWN],
        "more_cells": max(len(cells) - SHOWN, 0),
        "count": len(cells),
        "changes": changes,
        "conflicts": [(each, choices.get(each.key, ("", ""))[0] or actions.ONLINE) for each in plan.conflicts[:SHOWN]],
        "unseen": plan.conflicts[SHOWN:],
        "minutes": [] if cells else _shown_minutes(plan.minutes),
        "may_apply": not plan.refused and not plan.is_nothing,
    }
    return render(request, "coach/workbook_preview.html", context, status=status)


def _shown_minutes(moved: Iterable[queries.MinutesMoved]) -> list[tuple[str, str, str, str, str]]:
    return [
        (each.who, each.kind, _signed(each.booked), _signed(each.used), _signed(each.left))
        for each in list(moved)[:SHOWN]
    ]


def _signed(minutes: int) -> str:
    return f"{minutes:+d}".replace("-", "−") if minutes else "0"
