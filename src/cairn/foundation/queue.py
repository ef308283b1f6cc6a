"""The queue: a job is written in the transaction that causes it, so neither can exist without the other."""

from collections.abc import Sequence
from typing import Any

from procrastinate.contrib.django import app


def defer(job: str, *, lock: str | None = None, **arguments: Any) -> None:
    """Put the job with this name (`cairn.jobs.tasks.…`) on the queue, in the current transaction.

    `lock` keeps two jobs of one lock from running at the same time. Arguments are ids and plain values only.
    """
    app.configure_task(job, lock=lock, allow_unknown=True).defer(**arguments)


def defer_all(job: str, arguments: Sequence[dict[str, Any]]) -> None:
    """Put one job for each set of arguments on the queue, in the current transaction and with one statement."""
    if arguments:
        app.configure_task(job, allow_unknown=True).batch_defer(*arguments)
