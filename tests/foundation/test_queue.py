import datetime as dt

from django.db import connection
from django.utils import timezone

from cairn.foundation import queue


def states() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_jobs_done_long_ago_are_forgotten_and_failed_ones_stay(db):
    for number in range(3):
        queue.defer("cairn.jobs.tasks.send_mail", message_id=number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_jobs ORDER BY id")
        done, failed, _waiting = (row[0] for row in cursor.fetchall())
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [done])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [failed])
    assert queue.forget_done(at=timezone.now(), days=14) == 0
    assert queue.forget_done(at=timezone.now() + dt.timedelta(days=15), days=14) == 1
    assert states() == ["failed", "todo"]
