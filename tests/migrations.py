"""Is a migration missing? Run by `make migrations`, on a throw-away database."""

import os
import sys

import tests.server  # noqa: F401  (starts the database and points the settings at it)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(["cairn", "makemigrations", "--check", "--dry-run", "--verbosity", "1"])
    sys.exit(0)
