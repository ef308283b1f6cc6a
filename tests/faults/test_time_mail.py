"""The short form of `tests.faults.time_mail`: the reminder job ends at each of its statements, and is run again."""

import datetime as dt
from collections import Counter

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.delivery import actions
from cairn.foundation import mail
from cairn.foundation.models import MailMessage
from tests.delivery.making import group_session

WALL = dt.datetime(2027, 4, 14, 14, 0)
DUE = WALL.replace(tzinfo=dt.UTC) - dt.timedelta(days=2)


class Killed(BaseException):
    """What no code expects, and none takes care of."""


class Killer:
    """Ends the job at its nth statement."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, execute, *statement):
        self.left -= 1
        if not self.left:
            raise Killed
        return execute(*statement)


def send():
    return actions.send_due_reminders(address="https://cairn.example", at=DUE)


def test_a_reminder_job_that_ends_anywhere_and_runs_again_sends_each_once(world, at, figure):
    group_session(world, WALL, at=at)
    MailMessage.objects.all().delete()
    kills = 0
    for number in range(1, 100):
        try:
            with connection.execute_wrapper(Killer(number)):
                send()
        except Killed:
            kills += 1
        else:
            break
        send()
        assert send() == 0
        found = MailMessage.objects.filter(key__startswith="reminder:")
        jobs = Counter(job.args["message_id"] for job in ProcrastinateJob.objects.filter(task_name=mail.SEND))
        assert [jobs[each.pk] for each in found] == [1, 1, 1]
        found.delete()

    assert kills >= 10
    figure(f"reminders: job ended at each of {kills} statements and run again, every reminder is one mail")
