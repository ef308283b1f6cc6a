"""Which Chromium the tests drive."""

import shutil


def program() -> str | None:
    """The whole browser; else the shell without a window.

    The shell opens pages in a third of the time, but one walk in it stood still for good where the browser never has.
    """
    return shutil.which("chromium") or shutil.which("chromium-headless-shell")
