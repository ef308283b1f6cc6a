"""The fixed cast, and what tests build upon it, put back in one go: building it row by row takes ten times as long.

What the tables held after the first building is kept as JSON, the objects as bytes. It is put back with triggers and
references switched off, for it held together when it was read; sequences have gone on meanwhile and never come back.
"""

import pickle
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection

from tests import cast

_kept: tuple[bytes, str, list[str]] | None = None
_scenes: dict[str, tuple[bytes, str, list[str]]] = {}
_ground: set[str] = set()  # tables that hold something before anybody is there


def world() -> cast.World:
    """Everybody, as `cast.build` makes them, whether built now or put back."""
    global _kept  # noqa: PLW0603 - one for each process of the run
    if _kept is None:
        _ground.update(table for table in _tables() if _holds_something(table))
        built = cast.build()
        made = _made()
        _kept = pickle.dumps(built), _statements(made), [_rows(table) for table in made]
        return built
    return _put_back(_kept)


def scene(name: str, build: Callable[[], Any]) -> Any:
    """What `build` returns, and what the tables hold after it, whether it is built now or put back.

    It begins from `world()` and nothing else, and whatever it makes lies in the tables: queued work is not kept.
    """
    if name not in _scenes:
        built = build()
        made = _made()
        emptied = [f'DELETE FROM "{table}"' for table in made]
        _scenes[name] = pickle.dumps(built), _statements(made, *emptied), [_rows(table) for table in made]
        return built
    return _put_back(_scenes[name])


def _put_back(kept: tuple[bytes, str, list[str]]) -> Any:
    objects, statements, rows = kept
    with connection.cursor() as cursor:
        cursor.execute(statements, rows)
    return pickle.loads(objects)


def _tables() -> list[str]:
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return list(dict.fromkeys(tables))


def _made() -> list[str]:
    return [table for table in _tables() if table not in _ground and _holds_something(table)]


def _holds_something(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
        return bool(cursor.fetchone()[0])


def _rows(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT json_agg(t)::text FROM "{table}" t')
        return str(cursor.fetchone()[0])


def _statements(tables: list[str], *first: str) -> str:
    inserts = [f'INSERT INTO "{name}" SELECT * FROM json_populate_recordset(NULL::"{name}", %s)' for name in tables]
    off, on = "SET session_replication_role = replica", "SET session_replication_role = origin"
    return "; ".join([off, *first, *inserts, on])
