"""Run every bench, or those named: `python -m bench pages importing`."""

import importlib
import platform
import sys

import django

import tests.server  # noqa: F401  (starts a throw-away database and points the settings at it)

NAMES = ("grouping", "importing", "workbook", "pages", "journal", "walk")


def main() -> None:
    """Print one table."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import transaction
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    call_command("collectstatic", verbosity=0, interactive=False)
    databases = setup_databases(verbosity=0, interactive=False)
    chosen = sys.argv[1:] or NAMES
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'what':58} {'measured':>12} {'allowed':>12}")
    late = []
    try:
        for name in chosen:
            with transaction.atomic():  # each bench finds an empty database
                for what, measured, allowed, unit in importlib.import_module(f"bench.{name}").figures():
                    fine = measured <= allowed
                    late += [] if fine else [what]
                    verdict = "" if fine else "TOO MUCH"
                    print(f"{what:58} {measured:9.2f} {unit:2} {allowed:9.2f} {unit:2} {verdict}", flush=True)
                transaction.set_rollback(True)
    finally:
        teardown_databases(databases, verbosity=0)
    sys.exit(1 if late else 0)


main()
