"""What holds for groups that the queue works out: a worker's death loses nothing and doubles nothing."""

import os
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.foundation import clock, queue
from cairn.foundation.models import AuditEntry
from cairn.programmes import actions
from cairn.programmes.models import GroupingProposal
from tests.gathering import gather

JOB = "cairn.jobs.tasks.form_groups"


def worker():
    """The product's own worker in a process of its own; it ends when the queue is empty."""
    of = connection.settings_dict
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "cairn.cli", "worker", "--one-shot"],
        env={
            **os.environ,
            "DATABASE_URL": f"postgresql://{of['USER']}@/{of['NAME']}?host={quote(of['HOST'], safe='')}",
            "CAIRN_SECRET_KEY": django_settings.SECRET_KEY,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def waits_for_its_turn():
    """The work is taken up and waits for a row that this test holds: the groups are about to be kept."""
    if ProcrastinateJob.objects.get(task_name=JOB).status != "doing":
        return False
    with connection.cursor() as cursor:
        # The cluster is shared with the tests beside this one, each in a database of its own.
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0


def until(condition, seconds=60):
    """Wait for something; whether it came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_works_groups_out_is_followed_by_another_once(world, at):
    gathering = gather(world, 85, 8)
    made = actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
    with transaction.atomic():
        # The row of the proposal, not of the cohort: other work of the queue may wait for that.
        GroupingProposal.objects.select_for_update().get(pk=made.pk)
        killed = worker()
        try:
            assert until(waits_for_its_turn), "the worker never came to keep the groups"
        finally:
            killed.kill()
            killed.wait()
    made.refresh_from_db()
    assert (made.state, ProcrastinateJob.objects.get(task_name=JOB).status) == ("working", "doing")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    assert queue.take_up_stalled(clock.now()) >= 1
    assert worker().wait(60) == 0

    made.refresh_from_db()
    assert (made.state, len(made.assignment)) == ("proposed", 85)
    assert GroupingProposal.objects.filter(cohort=gathering.cohort).count() == 1
    assert AuditEntry.objects.filter(action="propose_groups", subject_id=str(made.pk)).count() == 1
    assert ProcrastinateJob.objects.get(task_name=JOB).status == "succeeded"
