"""A coach's own coachees, as a table, a spreadsheet and a page each."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from cairn.delivery import queries
from cairn.delivery.terms import Mark
from cairn.foundation import clock, sheets
from cairn.gate import Request, door
from cairn.people import rules
from cairn.web.moments import read_on
from cairn.web.templatetags import _amounts

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door(who=rules.may_coach, area="coach", methods=("GET",))
def coachees(request: Request) -> HttpResponse:
    """Everybody the coach works with: minutes left, last and next session, what waits for a date."""
    chosen = _chosen(request)
    found = queries.own_coachees(request.user, chosen, clock.now())
    states = [
        ("", _("Taking part")),
        ("undated", _("With dates to agree")),
        ("left", _("Left")),
        ("everybody", _("Everybody")),
    ]
    context = {
        "found": found,
        "page": found.page,
        "chosen": chosen,
        "states": states,
        "several": len(found.engagements) > 1,
        "any": chosen == queries.CoacheeFilter(sort=chosen.sort, page=chosen.page),
    }
    return render(request, "coach/coachees.html", context)


@door(who=rules.may_coach, area="coach", methods=("GET",))
def coachee(request: Request, enrolment_id: int) -> HttpResponse:
    """One coachee: minutes, and every session with this coach."""
    row, sessions = queries.own_coachee(request.user, enrolment_id, clock.now())
    lines = [(each, Mark(each.mark).label if each.mark else "") for each in sessions]
    context = {
        "row": row,
        "sessions": lines,
        "arranged": queries.arranged_for([row.id]).get(row.id, ()),
        "read_on": read_on((row.zone,)),
    }
    return render(request, "coach/coachee.html", context)


@door(who=rules.may_coach, area="coach", methods=("GET",))
def export(request: Request) -> HttpResponse:
    """The table of those who take part, as a workbook."""
    rows = queries.coachees_for_export(request.user, clock.now())
    columns = [
        sheets.Column(_("Coachee")),
        sheets.Column(_("E-mail address"), width=30),
        sheets.Column(_("Cohort")),
        sheets.Column(_("Discipline")),
        sheets.Column(_("Institution")),
        sheets.Column(_("Group"), "int"),
        sheets.Column(_("One-to-one minutes left"), "minutes"),
        sheets.Column(_("Group minutes left"), "minutes"),
        sheets.Column(_("Last session"), "datetime"),
        sheets.Column(_("Next session"), "datetime"),
        sheets.Column(_("Sessions without a date"), "int"),
    ]
    zone = request.user.zone
    note = _("Dates and times are %(place)s time.") % {"place": _amounts.zone_place(request.user.time_zone)}
    table = sheets.Table(_("Coachees"), columns, [_cells(row, zone) for row in rows], notes=[note])
    response = HttpResponse(sheets.write([table]), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="coachees.xlsx"'
    return response


def _cells(row: queries.CoacheeRow, zone: Any) -> tuple[Any, ...]:
    return (
        row.name,
        row.email,
        row.cohort,
        row.discipline,
        row.institution,
        row.group,
        _left(row.one_to_one),
        _left(row.group_minutes),
        row.last.starts_at.astimezone(zone).replace(tzinfo=None) if row.last else None,
        row.next.starts_at.astimezone(zone).replace(tzinfo=None) if row.next else None,
        row.undated,
    )


def _left(account: Any) -> int | None:
    if account is None:
        return None
    return int(account["promised"] - account["booked"] - account["used"] - account["released"])


def _chosen(request: Request) -> queries.CoacheeFilter:
    return queries.CoacheeFilter(
        search=request.GET.get("q", "")[:100],
        engagement=_number(request.GET.get("cohort")),
        state=request.GET.get("state", ""),
        sort=request.GET.get("sort", "name"),
        page=_number(request.GET.get("page")) or 1,
    )


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest(_("This address is not one of ours."))
    return int(text)
