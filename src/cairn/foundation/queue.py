"""The queue: a job is written in the transaction that causes it, so neither can exist without the other."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

STALLED_SECONDS = 30  # a living worker says so every ten
_TAKE_UP = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = %(at)s
WHERE id IN (
    SELECT job.id FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
      AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
      AND NOT EXISTS (
        SELECT FROM procrastinate_jobs twin WHERE twin.queueing_lock = job.queueing_lock
           AND (twin.status = 'todo' OR (twin.status = 'doing' AND twin.id < job.id)))
    FOR UPDATE OF job SKIP LOCKED)
"""


def defer(job: str, *, lock: str | None = None, priority: int = 0, **arguments: Any) -> None:
    """Put the job with this name (`cairn.jobs.tasks.…`) on the queue, in the current transaction.

    `lock` keeps two jobs of one lock from running at the same time; the higher `priority` runs first. Arguments are
    ids and plain values only.
    """
    app.configure_task(job, lock=lock, priority=priority, allow_unknown=True).defer(**arguments)


def defer_once(job: str, *, lock: str, **arguments: Any) -> bool:
    """The same, unless one with this lock waits already. Returns whether it was put there."""
    task = app.configure_task(job, lock=lock, queueing_lock=lock, allow_unknown=True)
    try:
        with transaction.atomic():
            task.defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


def defer_all(job: str, arguments: Sequence[dict[str, Any]], *, priority: int = 0) -> None:
    """Put one job for each set of arguments on the queue, in the current transaction and with one statement."""
    if arguments:
        app.configure_task(job, priority=priority, allow_unknown=True).batch_defer(*arguments)


def failed() -> QuerySet[ProcrastinateJob]:
    """Jobs that will not be tried again by themselves."""
    return ProcrastinateJob.objects.filter(status="failed")


def number_in_arguments(name: str) -> Cast:
    """The argument with this name, as a number: for filters and annotations on jobs."""
    return Cast(KT(f"args__{name}"), BigIntegerField())


def retry(job_id: int, at: dt.datetime) -> bool:
    """Let a failed job run again as soon as may be. False when it has not failed (now)."""
    if not failed().filter(pk=job_id).exists():
        return False
    app.job_manager.retry_job_by_id(job_id, at)
    return True


def forget_failed(job: str, **arguments: Any) -> None:
    """Take failed jobs with this name and these arguments off the list, because another takes their place."""
    ids = list(failed().filter(task_name=job, args__contains=arguments).values_list("pk", flat=True))
    if ids:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = ANY(%s) AND status = 'failed'", [ids])


def withdraw(job: str, argument: str, values: Sequence[int]) -> int:
    """Take waiting jobs of this name, whose argument has one of these values, off the queue. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs"
            " WHERE task_name = %s AND status = 'todo' AND (args ->> %s)::bigint = ANY(%s)",
            [job, argument, list(values)],
        )
        return int(cursor.rowcount)


def take_up_stalled(at: dt.datetime) -> int:
    """Let jobs run again whose worker was killed in the middle: nobody else would. Returns how many.

    Of jobs that may wait only once, one is taken up at a time. A job may so run twice, which each must bear.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_UP, {"at": at, "seconds": STALLED_SECONDS})
        return int(cursor.rowcount)


def forget_done(*, at: dt.datetime, days: int) -> int:
    """Delete the rows of jobs that succeeded more than so many days ago. Returns how many; failed ones stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs job WHERE status = 'succeeded' AND NOT EXISTS ("
            " SELECT FROM procrastinate_events event WHERE event.job_id = job.id AND event.at > %s)",
            [at - dt.timedelta(days=days)],
        )
        return int(cursor.rowcount)
