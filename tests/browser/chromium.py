"""Which Chromium the tests drive."""

import shutil


def program() -> str | None:
    """The shell without a window, which takes a third of the time to open a page; else the whole browser."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
