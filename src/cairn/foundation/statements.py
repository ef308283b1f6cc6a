"""Reads written as SQL, for the few pages that stay open all day: compiling such a query costs more than running it.

Measured on the page of a cohort's people (53 of them, a million sessions beside): building and compiling its three
annotated querysets took 13 ms of processor time, fetching and turning the rows into objects less than 1 ms. A statement
is a constant with named parameters, so nothing is compiled and no value is ever written into it.
"""

from collections import namedtuple
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)
_shapes: dict[str, Any] = {}  # of constants in the code, so there are few


def rows(statement: str, **values: Any) -> list[Any]:
    """Every row as a named tuple. Parameters stand in the statement as `%(name)s`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if statement not in _shapes:  # to read the names of columns costs 3 µs each
            _shapes[statement] = namedtuple("Row", [column.name for column in cursor.description])
        return [_shapes[statement]._make(row) for row in cursor.fetchall()]


def columns(model: type[Model], alias: str) -> str:
    """Every column of a model, to be selected in one piece and read by `loaded`."""
    return ", ".join(f'{alias}."{field.column}" AS {alias}_{field.attname}' for field in model._meta.concrete_fields)


def loaded(model: type[M], row: Any, alias: str) -> M:
    """The object whose columns were selected as `columns(model, alias)`, as the ORM would load it."""
    names, places = _fields(model, alias)
    return model.from_db(connection.alias, names, [getattr(row, place) for place in places])


@cache
def _fields(model: type[Model], alias: str) -> tuple[list[str], list[str]]:
    """The names of a model's columns, and what they are called in a row."""
    names = [field.attname for field in model._meta.concrete_fields]
    return names, [f"{alias}_{name}" for name in names]
