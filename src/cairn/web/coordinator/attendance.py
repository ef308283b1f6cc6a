"""A cohort's attendance: everybody in figures, what is still to write up, and every mark as a workbook."""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.delivery import queries
from cairn.delivery.queries import AttendanceFilter, AttendanceRow, CohortAttendance
from cairn.delivery.terms import Mark
from cairn.foundation import clock, sheets, spans
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import queries as programmes
from cairn.web.documents import files
from cairn.web.templatetags import _amounts, _marks

STATES = {Mark.LATE_CANCELLED: "needs", Mark.MISSED: "wrong"}


class ShownMark(NamedTuple):
    """A mark as an icon of its own shape, with its word and the state of its tag."""

    icon: str
    word: str
    state: str


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_attendance(request: Request, cohort_id: int) -> HttpResponse:
    """Who came how often, who falls behind, and which sessions nobody has written up; never content."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    chosen = _filter(request)
    attendance = queries.cohort_attendance(cohort, chosen, at)
    marks = _shown_marks()
    context = {
        "cohort": cohort,
        "attendance": attendance,
        "page": attendance.page,
        "chosen": chosen,
        "groups": cohort.group_numbers,  # type: ignore[attr-defined]
        "rows": [(row, [marks[mark] for mark in row.latest], _stands_out(row)) for row in attendance.page],
        "key": marks.values(),
        "more_to_write_up": attendance.to_write_up_count - len(attendance.to_write_up),
        "lede": _lede(attendance),
        "needs_label": _behind(attendance.behind),
        "zone": _amounts.zone_place(cohort.time_zone),
        "today": at.astimezone(cohort.zone).date(),
    }
    return render(request, "coordinator/attendance.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def attendance_export(request: Request, cohort_id: int) -> HttpResponse:
    """Every person at every session that is over, as a workbook."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    rows = [_exported(row) for row in queries.attendance_for_export(cohort, at)]
    notes = [
        _("Times are wall times in the zone beside them."),
        _("Coaches stand here with their marks at coach meetings."),
    ]
    table = sheets.Table(_("Attendance"), _columns(), rows, notes=notes)
    return files.workbook(sheets.write([table], notes_title=_("Notes")), f"attendance-{cohort.pk}.xlsx")


def _filter(request: Request) -> AttendanceFilter:
    asked = request.GET
    return AttendanceFilter(
        group=_number(asked.get("group")),
        behind=asked.get("show") == "behind",
        sort=asked.get("sort") or "name",
        page=_number(asked.get("page")) or 1,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def _shown_marks() -> dict[str, ShownMark]:
    found = ((Mark(value), icon) for value, icon, _short in _marks.marks())
    return {mark.value: ShownMark(icon, str(mark.label), STATES.get(mark, "")) for mark, icon in found}


def _lede(attendance: CohortAttendance) -> str:
    """How many sessions were held, and how much of what was marked was attended."""
    if not attendance.held:
        return ""
    held = ngettext("%(n)s session held.", "%(n)s sessions held.", attendance.held) % {"n": attendance.held}
    if attendance.percent is None:
        return held
    figures = {"n": attendance.marked, "share": attendance.percent}
    share = ngettext(
        "%(share)s%% of %(n)s mark says attended.", "%(share)s%% of %(n)s marks say attended.", attendance.marked
    )
    return f"{held} {share % figures}"


def _behind(people: int) -> str:
    """How many need the reader, in words; empty for nobody."""
    said = ngettext("%(n)s person falls behind.", "%(n)s people fall behind.", people) % {"n": people}
    return said if people else ""


def _stands_out(row: AttendanceRow) -> list[tuple[str, str]]:
    """What stands out of one person in words, each with the state of its tag."""
    unmarked = ngettext("%(n)s not marked", "%(n)s not marked", row.unmarked) % {"n": row.unmarked}
    found = (
        (row.missed_two, "needs", _("missed two in a row")),
        (row.under_half, "needs", _("less than half attended")),
        (row.unmarked, "", unmarked),
        (row.left_on, "", _("left on %(day)s") % {"day": _amounts.day(row.left_on, "short")}),
    )
    return [(state, words) for holds, state, words in found if holds]


def _columns() -> list[sheets.Column]:
    return [
        sheets.Column(_("Name"), width=28),
        sheets.Column(_("Kind"), width=16),
        sheets.Column(_("Group"), "int"),
        sheets.Column(_("Session"), "int"),
        sheets.Column(_("Coach"), width=26),
        sheets.Column(_("Begins"), "datetime"),
        sheets.Column(_("Ends"), "datetime"),
        sheets.Column(_("Time zone")),
        sheets.Column(_("Minutes"), "minutes"),
        sheets.Column(_("Attendance"), width=16),
    ]


def _exported(row: queries.MarkRow) -> list[Any]:
    zone = ZoneInfo(row.zone)
    walls = [moment.astimezone(zone) if moment else None for moment in (row.starts_at, row.ends_at)]
    naive = [wall.replace(tzinfo=None) if wall else None for wall in walls]
    mark = row.mark_label or _("not marked")
    when = [*naive, spans.in_zone(row.zone, *walls), row.minutes]
    return [row.name, row.kind_label, row.group, row.position, row.coach, *when, mark]
