"""The queue: a job is written in the transaction that causes it, so neither can exist without the other."""

from typing import Any

from procrastinate.contrib.django import app


def defer(job: str, *, lock: str | None = None, **arguments: Any) -> None:
    """Put the job with this name (`cairn.jobs.tasks.…`) on the queue, in the current transaction.

    `lock` keeps two jobs of one lock from running at the same time. Arguments are ids and plain values only.
    """
    app.configure_task(job, lock=lock, allow_unknown=True).defer(**arguments)
