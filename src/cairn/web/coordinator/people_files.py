"""The people of a cohort as a spreadsheet or as comma-separated values."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cairn.delivery.queries import PersonRow
from cairn.foundation import sheets
from cairn.web.coordinator.people_rows import stands_out

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def people_file(cohort: Any, rows: Iterable[PersonRow], form: str) -> HttpResponse:
    """A file to save. `form` is xlsx or csv; minutes are whole numbers."""
    if form not in TYPES:
        raise Http404
    table = sheets.Table(name=_("People"), columns=_columns(), rows=[_cells(row) for row in rows])
    content = sheets.write([table]) if form == "xlsx" else sheets.write_csv(table)
    response = HttpResponse(content, content_type=TYPES[form])
    name = slugify(f"{cohort.programme.name} {cohort.name} {_('people')}") or "people"
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _columns() -> list[sheets.Column]:
    minutes = [
        _("Group min promised"),
        _("Group min used"),
        _("Group min booked"),
        _("Group min left"),
        _("One-to-one promised"),
        _("One-to-one used"),
        _("One-to-one booked"),
        _("One-to-one left"),
    ]
    return [
        sheets.Column(_("Name"), width=28),
        sheets.Column(_("Discipline")),
        sheets.Column(_("Institution")),
        sheets.Column(_("Group"), kind="int"),
        sheets.Column(_("Coach")),
        *(sheets.Column(title, kind="minutes", width=12) for title in minutes),
        sheets.Column(_("What stands out"), width=40),
    ]


def _cells(row: PersonRow) -> list[Any]:
    words = ", ".join(str(word) for _state, word in stands_out(row))
    return [
        row.name,
        row.discipline,
        row.institution,
        row.group,
        row.coach,
        *_minutes(row.group_minutes),
        *_minutes(row.one_to_one_minutes),
        words,
    ]


def _minutes(account: dict[str, int] | None) -> list[int | None]:
    if account is None:
        return [None] * 4
    left = account["promised"] - account["used"] - account["booked"] - account["released"]
    return [account["promised"], account["used"], account["booked"], left]
