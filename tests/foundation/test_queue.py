import datetime as dt

from django.db import connection
from django.utils import timezone

from cairn.foundation import queue


def states() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_what_waits_already_is_not_put_there_again(db):
    asked = [queue.defer_once("cairn.jobs.tasks.read_mailbox", lock="mailbox:1", mailbox_id=1) for _ in range(2)]
    other = queue.defer_once("cairn.jobs.tasks.read_mailbox", lock="mailbox:2", mailbox_id=2)
    assert (asked, other, states()) == ([True, False], True, ["todo", "todo"])


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
