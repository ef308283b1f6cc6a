"""The web server's own process: the pages are loaded once, and the workers that share them begin ready.

Where the system cannot fork, each worker loads them for itself.
"""

import importlib
import multiprocessing

APPLICATION = "cairn.config.wsgi:application"


def main() -> None:
    """Granian as from its own command line."""
    from granian.cli import entrypoint

    if multiprocessing.get_start_method() == "fork":
        importlib.import_module(APPLICATION.partition(":")[0])
    entrypoint()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
