"""What has to be in place before pages are served: tables, cache table, style sheets with their hashed names."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cairn.cli import terminal

MIGRATING = 4_271_935_204_118_053  # any number, the same in all processes: the turn of whoever migrates
MADE_FROM = ".made-from"


def load_django() -> None:
    """Load the settings and all rooms; a wrong setting is told as a sentence."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    gc.disable()  # what is loaded stays: looking for what could go takes a sixth of the time
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise terminal.Refusal(str(error)) from error
    finally:
        gc.freeze()
        gc.enable()


def tables() -> int:
    """Bring the tables up to date and return how many migrations were applied. One process at a time does it."""
    from django.core.management import call_command
    from django.db import connection

    with _turn():
        waiting = waiting_migrations()
        if waiting:
            call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    connection.close()
    return len(waiting)


def follow_zones() -> None:
    """Let the worker that starts look first whether a zone's clocks have been changed: that comes with upgrades."""
    from cairn.foundation import queue

    queue.defer_once("cairn.jobs.tasks.follow_zone_changes", lock="follow_zone_changes", timestamp=0)


def waiting_migrations() -> list[str]:
    """Return the names of the migrations that are not applied yet."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, backwards in plan]


def static_files() -> bool:
    """Collect style sheets, scripts and pictures unless nothing changed since; say whether it was needed."""
    from django.conf import settings
    from django.core.management import call_command

    if settings.DEBUG:
        return False
    mark = Path(settings.STATIC_ROOT) / MADE_FROM
    now = _fingerprint()
    if mark.exists() and mark.read_text(encoding="ascii") == now:
        return False
    # Django copies only what looks newer than the copy, and installers give files old dates; the hashed copies stay,
    # because pages that are open in a browser ask for them.
    for name, _ in _sources():
        (Path(settings.STATIC_ROOT) / name).unlink(missing_ok=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(now, encoding="ascii")
    return True


def _fingerprint() -> str:
    """Sum up name, size and time of every source file: what changes when any of them does."""
    from django.conf import settings

    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for name, source in _sources():
        found = source.stat()
        digest.update(f"{name}|{found.st_size}|{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> list[tuple[str, Path]]:
    """Return the name and place of every source file, in order."""
    from django.contrib.staticfiles.finders import get_finders

    found = [(name, Path(storage.path(name))) for finder in get_finders() for name, storage in finder.list([])]
    return sorted(found)


@contextmanager
def _turn() -> Iterator[None]:
    from django.db import connections

    own = connections.create_connection("default")
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        yield
    finally:
        own.close()
