"""Groups as a file to hand on: names, groups, coaches. Never an address, never a protected answer."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cairn.foundation import sheets
from cairn.programmes import queries
from cairn.web.coordinator.group_board import proof_rows
from cairn.web.coordinator.people_files import TYPES


def groups_file(found: queries.GroupsBoard, form: str, *, proposed: bool, at: dt.datetime) -> HttpResponse:
    """The groups as they are, or as proposed with the table of the proof. `form` is xlsx or csv."""
    if form not in TYPES or (proposed and found.proposal is None):
        raise Http404
    table = sheets.Table(
        name=_("Groups"),
        columns=[sheets.Column(_("Name"), width=30), sheets.Column(_("Group"), kind="int"), sheets.Column(_("Coach"))],
        rows=queries.rows_as_proposed(found) if proposed else queries.rows_as_they_are(found.cohort, at),
    )
    if form == "csv":
        content = sheets.write_csv(table)
    else:
        content = sheets.write([table, *([_proof(found.proposal.answer)] if proposed and found.proposal else [])])
    response = HttpResponse(content, content_type=TYPES[form])
    name = slugify(f"{found.cohort.programme.name} {found.cohort.name} {_('groups')}") or "groups"
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _proof(answer: dict[str, Any]) -> sheets.Table:
    numbers = list(queries.groups_of(answer))
    titles = [_("Group %(number)s") % {"number": number} for number in numbers]
    return sheets.Table(
        name=_("Proof"),
        columns=[
            sheets.Column(_("Attribute")),
            sheets.Column(_("Value"), width=30),
            *(sheets.Column(f"{title}: {word}") for title in titles for word in (_("people"), _("fair share"))),
        ],
        rows=[
            (row["attribute"], row["value"], *(str(part) for cell in row["cells"] for part in cell))
            for row in proof_rows(answer, numbers)
        ],
        notes=[
            _("What people answered in confidence is in no figure here, so that nobody’s answer can be worked out.")
        ],
    )
