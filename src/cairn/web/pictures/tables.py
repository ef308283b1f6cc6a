"""The same as a picture, in rows and columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cairn.engines.exercises.shapes import Column, Exercise, Values
from cairn.web.pictures import reading
from cairn.web.pictures.reading import Earlier, Rows

NUMBERED = {"wheel", "line", "network"}
_NUMBERS = {"scale", "number"}


def table(exercise: Exercise, values: Values, *, earlier: Earlier = ()) -> SafeString:
    """The rows of the exercise's picture as a table; "" where there is no picture or nothing is filled in."""
    found = reading.rows_of(exercise, values)
    if found is None or not found.rows:
        return SafeString("")
    return SafeString(render_to_string("pictures/table.html", table_context(exercise, found, earlier)))


def table_context(exercise: Exercise, found: Rows, earlier: Earlier) -> dict[str, Any]:
    """Heads and rows of cells, finished."""
    rows = reading.by_time(found) if exercise.picture == "line" else list(found.rows)
    known = [(label, reading.rows_of(exercise, values)) for label, values in earlier]
    overlaid = [(label, rows) for label, rows in known if rows] if exercise.picture == "wheel" else []
    heads = _heads(exercise, found, [label for label, _rows in overlaid])
    lines = [
        {
            "number": number if exercise.picture in NUMBERED else None,
            "name": found.name(row),
            "cells": [*_cells(exercise, found, row), *_then(found, row, [rows for _label, rows in overlaid])],
        }
        for number, row in enumerate(rows, 1)
    ]
    return {"title": exercise.title, "heads": heads, "lines": lines, "numbered": exercise.picture in NUMBERED}


def _others(found: Rows) -> list[Column]:
    return [column for column in found.part.columns if column.key != found.naming]


def _heads(exercise: Exercise, found: Rows, earlier: Sequence[str]) -> list[dict[str, Any]]:
    naming = found.part.column(found.naming)
    heads = [{"label": naming.label if naming else "", "number": False}]
    heads += [{"label": column.label, "number": column.kind in _NUMBERS} for column in _others(found)]
    if exercise.picture == "wheel":
        heads.append({"label": _("Distance"), "number": True})
        heads += [{"label": _("Now, on %(day)s") % {"day": label}, "number": True} for label in earlier]
    return heads


def _cells(exercise: Exercise, found: Rows, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    cells = []
    for column in _others(found):
        value = row.get(column.key, "")
        if column.kind == "choice":
            value = (column.options or {}).get(value, value)
        cells.append({"value": value, "number": column.kind in _NUMBERS})
    if exercise.picture == "wheel":
        cells.append({"value": _distance(row), "number": True})
    return cells


def _then(found: Rows, row: Mapping[str, Any], earlier: Sequence[Rows]) -> list[dict[str, Any]]:
    aspect = found.name(row).casefold()
    return [
        {"value": next((r.get("now", "") for r in rows.rows if rows.name(r).casefold() == aspect), ""), "number": True}
        for rows in earlier
    ]


def _distance(row: Mapping[str, Any]) -> str:
    now, wished = row.get("now"), row.get("wished")
    if not isinstance(now, int) or not isinstance(wished, int):
        return ""
    return f"{wished - now:+d}".replace("-", "−") if wished != now else "0"
