"""An invoice as it is handed on: the same lines and sums as PDF and as workbook."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.engines import invoicing
from cairn.foundation import sheets
from cairn.web.documents import typesetting


def as_pdf(invoice: Any, lines: Sequence[Any], *, at: dt.datetime) -> bytes:
    """The invoice as a tagged PDF, in the reader's language."""
    data = {
        "title": title(invoice),
        "subtitle": period(invoice),
        "coach": invoice.coach.name,
        "facts": facts(invoice),
        "columns": [_("Date"), _("What"), _("Minutes"), _("Per hour"), _("Amount")],
        "lines": [
            [
                date_format(line.on, "j M Y"),
                line.description,
                signed(line.minutes),
                invoicing.format_money(line.minor_per_hour, invoice.currency),
                invoicing.format_money(line.amount_minor, invoice.currency),
            ]
            for line in lines
        ],
        "sums": {
            "head": [_("Sum"), _("Amount")],
            "rows": [
                [label, invoicing.format_money(minor, invoice.currency), is_total]
                for label, minor, is_total in sums(invoice)
            ],
        },
    }
    return typesetting.typeset("invoice", data, made_at=invoice.issued_at or at)


def as_workbook(invoice: Any, lines: Sequence[Any]) -> bytes:
    """The invoice as a workbook: a sheet of lines with their sums below, and notes saying whose it is."""
    digits = invoicing.minor_digits(invoice.currency)
    columns = [
        sheets.Column(_("Date"), "date"),
        sheets.Column(_("What"), "text", width=48),
        sheets.Column(_("Minutes"), "minutes"),
        sheets.Column(_("Per hour, %(currency)s") % {"currency": invoice.currency}, "money", decimals=digits),
        sheets.Column(_("Amount, %(currency)s") % {"currency": invoice.currency}, "money", decimals=digits),
    ]
    rows: list[Sequence[sheets.writing.Value]] = [
        [
            line.on,
            line.description,
            line.minutes,
            major(line.minor_per_hour, invoice.currency),
            major(line.amount_minor, invoice.currency),
        ]
        for line in lines
    ]
    rows += [[None, label, None, None, major(minor, invoice.currency)] for label, minor, _total in sums(invoice)]
    notes = [title(invoice), period(invoice), *(f"{label}: {value}" for label, value in facts(invoice))]
    return sheets.write([sheets.Table(_("Invoice"), columns, rows, notes=notes)], notes_title=_("About"))


def told(invoice: Any, lines: Sequence[Any], session_page: str) -> dict[str, Any]:
    """What both sides see of an invoice, finished for the template. `session_page` names the page of attendance."""
    rates = {line.minor_per_hour for line in lines}
    paid = [(_("Per hour"), invoicing.format_money(rates.pop(), invoice.currency))] if len(rates) == 1 else []
    total = invoicing.format_money(invoice.gross_minor, invoice.currency)
    return {
        "invoice": invoice,
        "title": title(invoice),
        "facts": [(_("Total"), total), *facts(invoice), *paid, *progress(invoice)],
        "shows_rates": bool(rates),
        "sums": sums(invoice),
        "minutes": signed(sum(line.minutes for line in lines)),
        "lines": [
            {"line": line, "minutes": signed(line.minutes), "url": _attendance(line, session_page)} for line in lines
        ],
        "counted": ngettext("%(n)s line", "%(n)s lines", len(lines)) % {"n": len(lines)},
    }


def _attendance(line: Any, page: str) -> str:
    """The address of the session's attendance; empty for what is no session."""
    if line.source_kind != "session":
        return ""
    try:
        return reverse(page, args=[line.source_id])
    except NoReverseMatch:
        return ""


def title(invoice: Any) -> str:
    """What the document is called."""
    if invoice.state == "drafted":
        return _("Draft invoice, not issued")
    return _("Invoice %(number)s") % {"number": invoice.number}


def period(invoice: Any) -> str:
    """Which days it is about."""
    return _("Coaching from %(start)s to %(end)s") % {
        "start": date_format(invoice.quarter_starts_on, "j F Y"),
        "end": date_format(invoice.quarter_ends_on, "j F Y"),
    }


def facts(invoice: Any) -> list[tuple[str, str]]:
    """From whom, to whom, what for, when."""
    cohort = invoice.engagement.cohort
    told_of = [
        (_("From"), f"{invoice.coach.name}, {invoice.coach.email}"),
        (_("To"), cohort.programme.organisation.name),
        (_("For"), f"{cohort.programme.name}, {cohort.name}"),
    ]
    return told_of + _days(invoice, [(_("Issued"), invoice.issued_at)])


def progress(invoice: Any) -> list[tuple[str, str]]:
    """What became of it since."""
    return _days(invoice, [(_("Approved"), invoice.approved_at), (_("Settled"), invoice.settled_at)])


def _days(invoice: Any, moments: Sequence[tuple[str, dt.datetime | None]]) -> list[tuple[str, str]]:
    """Labelled days in the cohort's zone, of those that have come."""
    zone = invoice.engagement.cohort.zone
    return [(label, date_format(at.astimezone(zone).date(), "j F Y")) for label, at in moments if at]


def sums(invoice: Any) -> list[tuple[str, int, bool]]:
    """(label, minor units, whether it is the total) below the lines; tax only where there is some."""
    rows = []
    if invoice.tax_minor or invoice.tax_basis_points is not None:
        rows = [(_("Before tax"), invoice.net_minor, False), (tax_label(invoice), invoice.tax_minor, False)]
    return [*rows, (_("Total"), invoice.gross_minor, True)]


def tax_label(invoice: Any) -> str:
    """Tax with its rate; without it where lines carry several."""
    if invoice.tax_basis_points is None:
        return _("Tax")
    percent = format((Decimal(invoice.tax_basis_points) / 100).normalize(), "f")
    return _("Tax, %(percent)s %%") % {"percent": percent}


def signed(minutes: int) -> str:
    """Whole minutes with a true minus sign."""
    return str(minutes).replace("-", "−")


def major(minor: int, currency: str) -> Decimal:
    """An amount in the currency's major unit, exactly."""
    return Decimal(minor).scaleb(-invoicing.minor_digits(currency))


def filename(invoice: Any, ending: str) -> str:
    """A name for the file in plain letters, so that every program can save it."""
    number = "".join(letter for letter in invoice.number if (letter.isascii() and letter.isalnum()) or letter in "-_")
    return f"invoice-{number or invoice.pk}.{ending}"
