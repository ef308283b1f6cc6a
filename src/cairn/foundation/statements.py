"""Reads written as SQL, for the few pages that stay open all day: compiling such a query costs more than running it.

Measured on the page of a cohort's people (53 of them, a million sessions beside): building and compiling its three
annotated querysets took 13 ms of processor time, fetching and turning the rows into objects less than 1 ms. A statement
is a constant with named parameters, so nothing is compiled and no value is ever written into it.
"""

from collections import namedtuple
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

M = TypeVar("M", bound=Model)


def rows(statement: str, **values: Any) -> list[Any]:
    """Every row as a named tuple. Parameters stand in the statement as `%(name)s`."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        shape = _shape(tuple(column.name for column in cursor.description))
        return [shape._make(row) for row in cursor.fetchall()]


def columns(model: type[Model], alias: str) -> str:
    """Every column of a model, to be selected in one piece and read by `loaded`."""
    return ", ".join(f'{alias}."{field.column}" AS {alias}_{field.attname}' for field in model._meta.concrete_fields)


def loaded(model: type[M], row: Any, alias: str) -> M:
    """The object whose columns were selected as `columns(model, alias)`, as the ORM would load it."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, [getattr(row, f"{alias}_{name}") for name in names])


@cache
def _shape(names: Sequence[str]) -> Any:
    return namedtuple("Row", names)
