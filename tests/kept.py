"""What tests build upon the cast's world, kept in the same way as the world itself: built once, then put back.

What a build adds, changes and takes away is found by comparing all tables before and after. It is put back with
triggers and references switched off, for it held together when it was read. What was built may hold things of the
world; in their place come those of the world in which the next test stands.
"""

import io
import pickle
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import connection

from tests.cast import World

Built = TypeVar("Built")
_kept: dict[Any, tuple[bytes, str, list[str]]] = {}


def kept(build: Callable[..., Built], world: World, *given: Any) -> Built:
    """What `build(world, *given)` makes and returns, whether built now or put back.

    Whatever else has changed in the world must not matter to the build, and the build changes nothing of the world but
    rows: who needs a changed person or cohort reads it anew.
    """
    key = (build.__module__, build.__qualname__, given)
    if key not in _kept:
        before = _rows()
        built = build(world, *given)
        _kept[key] = _pickled(built, world), *_statements(before, _rows())
        return built
    objects, statements, rows = _kept[key]
    with connection.cursor() as cursor:
        cursor.execute(statements, rows)
    found: Built = _PuttingBack(objects, world).load()
    return found


def _rows() -> dict[str, set[str]]:
    """Every row of every table, as JSON."""
    with connection.cursor() as cursor:
        found = {}
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{name}" t')
            found[name] = {row for (row,) in cursor.fetchall()}
        return found


def _statements(before: dict[str, set[str]], after: dict[str, set[str]]) -> tuple[str, list[str]]:
    """What makes of the rows before the rows after."""
    takes, puts = {}, {}
    for name, rows in after.items():
        takes[name], puts[name] = sorted(before[name] - rows), sorted(rows - before[name])
    statements, values = ["SET session_replication_role = replica"], []
    for name, rows in takes.items():
        if rows:
            statements.append(f'DELETE FROM "{name}" t WHERE to_jsonb(t) IN (SELECT jsonb_array_elements(%s))')
            values.append(f"[{', '.join(rows)}]")
    for name, rows in puts.items():
        if rows:
            statements.append(f'INSERT INTO "{name}" SELECT * FROM jsonb_populate_recordset(NULL::"{name}", %s)')
            values.append(f"[{', '.join(rows)}]")
    return "; ".join([*statements, "SET session_replication_role = origin"]), values


def _things(world: World) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything of the world by its name."""
    yield (), world
    for name, thing in world.__dict__.items():
        if isinstance(thing, dict):
            yield from (((name, key), each) for key, each in thing.items())
        else:
            yield (name,), thing


def _pickled(built: Any, world: World) -> bytes:
    names = {id(thing): name for name, thing in _things(world)}

    class Keeping(pickle.Pickler):
        def persistent_id(self, thing: Any) -> Any:
            return names.get(id(thing))

    target = io.BytesIO()
    Keeping(target, pickle.HIGHEST_PROTOCOL).dump(built)
    return target.getvalue()


class _PuttingBack(pickle.Unpickler):
    def __init__(self, objects: bytes, world: World) -> None:
        super().__init__(io.BytesIO(objects))
        self._world = world

    def persistent_load(self, name: Any) -> Any:
        found: Any = self._world
        for part in name:
            found = found[part] if isinstance(found, dict) else getattr(found, part)
        return found
