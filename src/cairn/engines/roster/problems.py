"""What can be wrong with a list of participants, in sentences for the person who brought it."""

import dataclasses
from collections.abc import Mapping
from typing import Literal

from cairn.engines.roster.fields import NOT_TAKEN_SENTENCE
from cairn.engines.wording import Wording, gettext_noop

Severity = Literal["stops", "notice"]

STOPS: Mapping[str, str] = {
    "no_name_column": gettext_noop("No column is chosen for names. Choose the column which holds them."),
    "no_email_column": gettext_noop("No column is chosen for e-mail addresses. Choose the column which holds them."),
    "nobody": gettext_noop("No participants were found below the row of titles. Check that this is the right sheet."),
    "name_missing": gettext_noop("The name is missing."),
    "name_too_long": gettext_noop("The name has {length} characters; at most {limit} can be kept."),
    "name_is_address": gettext_noop("“{value}” stands where the name should be, but it looks like an e-mail address."),
    "text_too_long": gettext_noop("The text has {length} characters; at most {limit} can be kept."),
    "email_missing": gettext_noop("The e-mail address is missing. The invitation is sent there."),
    "email_invalid": gettext_noop("“{value}” is not a complete e-mail address."),
    "email_several": gettext_noop("“{value}” has several e-mail addresses. Keep the one for the invitation."),
    "email_shared": gettext_noop(
        "Rows {first_row} ({first_name}) and {row} ({name}) have the same address, {email}. "
        "Each person needs their own."
    ),
    "date_impossible": gettext_noop("“{value}” is no day in the calendar."),
    "date_unknown": gettext_noop("“{value}” cannot be read as a date. Write it like 2027-01-31."),
    "date_no_day": gettext_noop("“{value}” does not say which day. Write the date like 2027-01-31."),
    "institution_unknown": gettext_noop("“{value}” is not an institution of this programme. Known are: {known}."),
    "institution_similar": gettext_noop(
        "“{value}” is not an institution of this programme. Is “{nearest}” meant? Known are: {known}."
    ),
}
NOTICES: Mapping[str, str] = {
    "not_taken": NOT_TAKEN_SENTENCE,
    "empty_rows": gettext_noop("Rows {row} to {last_row} are empty and were skipped."),
    "empty_row": gettext_noop("Row {row} is empty and was skipped."),
    "total_row": gettext_noop("Row {row} looks like a total (“{value}”) and was skipped."),
    "header_again": gettext_noop("Row {row} repeats the titles and was skipped."),
    "same_person": gettext_noop(
        "{name} stands in rows {first_row} and {row} with the same address; row {first_row} counts."
    ),
    "same_person_differs": gettext_noop(
        "{name} stands in rows {first_row} and {row} with the same address but not the same details; "
        "row {first_row} counts."
    ),
    "date_ambiguous": gettext_noop(
        "“{value}” was read as {day}. Check that day and month are not the other way round."
    ),
    "date_other_order": gettext_noop(
        "“{value}” was read as {day}, as there is no such month. Check the other dates of this file too."
    ),
    "date_left_open": gettext_noop("“{value}” was read as no date yet."),
    "manager_email_left": gettext_noop("“{value}” is not a complete e-mail address and was left out."),
    "ends_before_start": gettext_noop("The contract would end ({ends}) before it starts ({starts})."),
    "institution_blank": gettext_noop(
        "Rows {row} to {last_row} name no institution. If the cell above was merged over them, write it into each row."
    ),
    "institution_blank_one": gettext_noop(
        "Row {row} names no institution. If the cell above was merged over it, write it into this row too."
    ),
}


@dataclasses.dataclass(frozen=True)
class Problem:
    """`stops` prevents the import, `notice` only asks to look.

    `row` is the number in the margin of the sheet (None: the whole sheet), `column` its letter ('' for a whole row),
    `params` fill the {places} of the template.
    """

    severity: Severity
    sheet: str
    row: int | None
    column: str
    field: str
    code: str
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def wording(self) -> Wording:
        templates = STOPS if self.severity == "stops" else NOTICES
        return Wording(f"roster.{self.code}", templates[self.code], self.params)

    @property
    def sentence(self) -> str:
        """The English sentence; pages translate `wording.template`."""
        return self.wording.sentence


def stops(sheet: str, row: int | None, column: str, field: str, code: str, /, **params: object) -> Problem:
    return Problem("stops", sheet, row, column, field, code, params)


def notice(sheet: str, row: int | None, column: str, field: str, code: str, /, **params: object) -> Problem:
    return Problem("notice", sheet, row, column, field, code, params)
