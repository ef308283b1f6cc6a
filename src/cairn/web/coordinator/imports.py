"""Bringing people into a cohort: a file with its preview, or one person by hand."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import actions as delivery
from cairn.engines import roster
from cairn.foundation import clock, sheets
from cairn.gate import Request, door
from cairn.people.rules import may_coordinate
from cairn.programmes import actions, queries
from cairn.programmes.queries import NewEnrolment, Plan
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.import_forms import PersonForm, ReadingForm, UploadForm
from cairn.web.fields import words

ROWS = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BROKEN = "Broken"


@door(who=may_coordinate, area="coordinator")
def cohort_import(request: Request, cohort_id: int) -> HttpResponse:
    """Upload a file of participants; earlier imports below."""
    at = clock.now()
    cohort = queries.cohort(request.user, cohort_id, at)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = actions.upload_participants(
                cohort=cohort, data=file.read(), filename=file.name, by=request.user, at=at
            )
        except sheets.UnreadableSheet as unreadable:
            form.add_error("file", words(unreadable.wording))
        except actions.Refused as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("import_preview", cohort.pk, made.pk)
    earlier = queries.imports_of(request.user, cohort.pk, at)[:20]
    context = {"cohort": cohort, "form": form, "earlier": earlier, "crumbs": crumbs(cohort)}
    return render(request, "coordinator/import.html", context)


@door(who=may_coordinate, area="coordinator", methods=("GET",))
def import_template(request: Request, cohort_id: int) -> HttpResponse:
    """An empty workbook with the columns that Cairn understands."""
    cohort = queries.cohort(request.user, cohort_id, clock.now())
    names = tuple(each.name for each in queries.institutions_of(cohort.programme.organisation_id))
    columns = [
        sheets.Column(
            _(column.title),
            kind=column.kind,
            hint=_(column.help),
            choices=names if column.field == "institution" and len(names) > 1 else None,
        )
        for column in roster.template_columns()
    ]
    content = sheets.write([sheets.Table(_("Participants"), columns, rows=(), spare_rows=500)])
    headers = {"Content-Disposition": 'attachment; filename="participants.xlsx"'}
    return HttpResponse(content, content_type=XLSX, headers=headers)


@door(who=may_coordinate, area="coordinator")
def import_preview(request: Request, cohort_id: int, import_id: int) -> HttpResponse:
    """What an import would do, or did. A POST says how the file is to be read."""
    at = clock.now()
    participants = queries.participant_import(request.user, cohort_id, import_id, at)
    if participants.state != "previewed":
        return _done(request, participants)
    if participants.outcome.get("queued_at"):
        return render(request, "coordinator/import_progress.html", _about(participants))
    plan = queries.import_plan(participants)
    form = ReadingForm(plan, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_columns(participant_import=participants, **form.reading(), by=request.user, at=at)
        except actions.NotOpen as closed:
            messages.warning(request, str(closed))
        return redirect(request.path)
    return _preview(request, participants, plan, form)


@door(who=may_coordinate, area="coordinator", methods=("POST",))
def import_apply(request: Request, cohort_id: int, import_id: int) -> HttpResponse:
    """Do exactly what the preview said."""
    at = clock.now()
    participants = queries.participant_import(request.user, cohort_id, import_id, at)
    try:
        delivery.queue_import(
            participant_import=participants,
            expected_digest_of_changes=request.POST.get("digest", ""),
            invite="invite" in request.POST,
            address_of=public_address(),
            by=request.user,
            at=at,
        )
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    return redirect("import_preview", cohort_id, import_id)


@door(who=may_coordinate, area="coordinator", methods=("POST",))
def import_discard(request: Request, cohort_id: int, import_id: int) -> HttpResponse:
    """Let a preview go."""
    at = clock.now()
    participants = queries.participant_import(request.user, cohort_id, import_id, at)
    try:
        actions.discard_import(participant_import=participants, by=request.user, at=at)
    except actions.NotOpen as closed:
        messages.warning(request, str(closed))
        return redirect("import_preview", cohort_id, import_id)
    messages.success(request, _("The preview is gone, with everything read from the file."))
    return redirect("cohort_import", cohort_id)


@door(who=may_coordinate, area="coordinator", methods=("POST",))
def import_take_back(request: Request, cohort_id: int, import_id: int) -> HttpResponse:
    """Undo an import while nobody has begun."""
    at = clock.now()
    participants = queries.participant_import(request.user, cohort_id, import_id, at)
    try:
        delivery.take_back_import(participant_import=participants, by=request.user, at=at)
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    return redirect("import_preview", cohort_id, import_id)


@door(who=may_coordinate, area="coordinator")
def cohort_person_new(request: Request, cohort_id: int) -> HttpResponse:
    """Enrol one person by hand."""
    at = clock.now()
    cohort = queries.cohort(request.user, cohort_id, at)
    names = [each.name for each in queries.institutions_of(cohort.programme.organisation_id)]
    form = PersonForm(request.POST or None, institutions=names, is_live=cohort.programme.live_at is not None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        invite = bool(values.pop("invite", False))
        try:
            delivery.enrol_person(
                cohort=cohort,
                entry=NewEnrolment(row=0, **values),
                invite=invite,
                address_of=public_address(),
                by=request.user,
                at=at,
            )
        except actions.AlreadyEnrolled as refused:
            form.add_error("email", str(refused))
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(name)s is enrolled.") % {"name": values["name"]})
            return redirect(cohort_address(cohort.pk))
    context = {"cohort": cohort, "form": form, "crumbs": crumbs(cohort)}
    return render(request, "coordinator/person_new.html", context)


def cohort_address(cohort_id: int) -> str:
    """The cohort's people."""
    return f"/cohorts/{cohort_id}/"


def crumbs(cohort: Any) -> list[dict[str, str]]:
    """The way back from a page below a cohort."""
    programme = cohort.programme
    return [
        {"url": f"/programmes/{programme.pk}/", "label": programme.name},
        {"url": cohort_address(cohort.pk), "label": cohort.name},
    ]


def _about(participants: Any) -> dict[str, Any]:
    cohort = participants.cohort
    return {
        "participants": participants,
        "cohort": cohort,
        "crumbs": [*crumbs(cohort), {"url": reverse("cohort_import", args=[cohort.pk]), "label": _("Import")}],
    }


def _done(request: Request, participants: Any) -> HttpResponse:
    outcome = participants.outcome
    context = {
        **_about(participants),
        "enrolled": len(outcome.get("created", ())),
        "changed": outcome.get("people_changed", 0),
        "invited": outcome.get("invited", 0),
        "is_applied": participants.state == "applied",
        "taken_back": "taken_back_at" in outcome,
        "people": cohort_address(participants.cohort_id),
    }
    return render(request, "coordinator/import_done.html", context)


def _preview(request: Request, participants: Any, plan: Plan, form: ReadingForm) -> HttpResponse:
    lists = _lists(plan)
    shown = request.GET.get("show", "")
    if form.is_bound or shown not in (*lists, "reading"):
        shown = "reading" if form.is_bound else _first(plan, lists)
    entries = lists.get(shown, ())
    page = Paginator(entries, ROWS).get_page(request.GET.get("page"))
    context = {
        **_about(participants),
        "plan": plan,
        "form": form,
        "shown": shown,
        "tabs": _tabs(plan, lists, shown),
        "page": page,
        "rows": _rows(shown, page, plan),
        "stops": sum(1 for remark in plan.remarks if remark.severity == "stops"),
        "does": does(plan),
        "left_as_they_are": len(plan.same),
        "refused": _refused(participants.outcome.get("refused", "")),
        "is_live": participants.cohort.programme.live_at is not None,
    }
    return render(request, "coordinator/import_preview.html", context)


def does(plan: Plan) -> str:
    """What applying would do, as it stands on the button."""
    enrol = ngettext("Enrol %(n)s person", "Enrol %(n)s people", len(plan.create)) % {"n": len(plan.create)}
    changed = plan.people_changed
    if not changed:
        return enrol
    if not plan.create:
        return ngettext("Change %(n)s person", "Change %(n)s people", changed) % {"n": changed}
    return _("%(enrol)s, change %(n)s") % {"enrol": enrol, "n": changed}


def _lists(plan: Plan) -> dict[str, tuple[Any, ...]]:
    return {
        "problems": plan.remarks,
        "new": plan.create,
        "changed": plan.change,
        "same": plan.same,
        "absent": plan.absent,
    }


def _first(plan: Plan, lists: dict[str, tuple[Any, ...]]) -> str:
    """What is to be seen first: the columns while they are missing, then what stops, then what would happen."""
    if plan.stops and plan.remarks[0].row is None:
        return "reading"
    if plan.stops:
        return "problems"
    return next((name for name in ("new", "changed", "same", "problems") if lists[name]), "reading")


def _tabs(plan: Plan, lists: dict[str, tuple[Any, ...]], shown: str) -> list[dict[str, Any]]:
    labels = {
        "problems": _("To look at"),
        "new": _("New people"),
        "changed": _("Changes"),
        "same": _("As they are"),
        "absent": _("Not in the file"),
    }
    tabs = [
        {
            "url": f"?show={name}",
            "label": label,
            "current": name == shown,
            "count": len(lists[name]),
            "needs": name == "problems" and plan.stops,
        }
        for name, label in labels.items()
    ]
    return [*tabs, {"url": "?show=reading", "label": _("How the file is read"), "current": shown == "reading"}]


def _rows(shown: str, page: Any, plan: Plan) -> list[Any]:
    if shown == "problems":
        several = len(plan.sheets) > 1
        return [
            {
                "stops": remark.severity == "stops",
                "where": _where(remark.sheet if several else "", remark.row, remark.column),
                "words": words(remark.wording),
            }
            for remark in page
        ]
    if shown == "changed":
        labels = {field.key: _(field.label) for field in roster.FIELDS}
        return [{"change": change, "label": labels.get(change.field, change.field)} for change in page]
    return list(page)


def _where(sheet: str, row: int | None, column: str) -> str:
    """A cell as spreadsheet programs name it: B14, or row 14, with its sheet where there are several."""
    cell = f"{column}{row}" if row and column else _("row %(row)s") % {"row": row} if row else column
    if not sheet:
        return cell or _("whole sheet")
    return f"{sheet} · {cell}" if cell else sheet


def _refused(name: str) -> str:
    if not name:
        return ""
    if name == BROKEN:
        return _(
            "Something went wrong on our side while people were being enrolled. Nothing was changed. Try it again."
        )
    known = {
        each.__name__: each
        for each in (delivery.PreviewIsStale, delivery.ImportStops, actions.NotLive, actions.AlreadyEnrolled)
    }
    refusal = known.get(name, delivery.PreviewIsStale)
    return str(refusal.sentence) if "%(" not in str(refusal.sentence) else str(delivery.PreviewIsStale.sentence)
