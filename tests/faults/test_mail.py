"""What holds for mail: a job run twice sends once; a server that misbehaves costs time, never a mail.

The handover to the server is at least once: who is killed after the server took a mail, and before that was committed,
sends it again, with the same Message-ID.
"""

import os
import subprocess
import sys
import threading
import time
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.foundation import clock, mail, queue
from cairn.foundation.models import MailMessage
from cairn.jobs import tasks
from tests.faults.smtp_sink import Sink


@pytest.fixture
def sink(settings):
    with Sink() as server:
        settings.EMAIL_BACKEND = "cairn.foundation.handover.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 0.3
        settings.CAIRN_EMAIL_SECONDS = 1
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_SSL = settings.EMAIL_USE_TLS = False
        yield server


def queued(world, key="invoice:1"):
    mail.post_text(
        key=key,
        address=world.ioana.email,
        to_id=world.ioana.pk,
        subject="Your invoice",
        body="It is drafted.\n",
        organisation_id=world.eastmere.pk,
        at=clock.now(),
    )
    return MailMessage.objects.get(key=key)


def state_of(message):
    return MailMessage.objects.values_list("state", "attempts").get(pk=message.pk)


def job_of(message):
    return ProcrastinateJob.objects.get(task_name=mail.SEND, args={"message_id": message.pk}).status


def database_url():
    """The address of the database in which this test takes place."""
    of = connection.settings_dict
    return f"postgresql://{of['USER']}@/{of['NAME']}?host={quote(of['HOST'], safe='')}"


def worker(sink):
    """The product's own worker in a process of its own; it ends when the queue is empty."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "cairn.cli", "worker", "--one-shot"],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "CAIRN_EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
            "CAIRN_SECRET_KEY": django_settings.SECRET_KEY,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def after_a_while(at):
    """Time passes: the killed worker has not been heard of for a minute."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    return queue.take_up_stalled(at)


def test_the_same_job_twice_sends_one_mail(world, sink):
    message = queued(world)

    tasks.send_mail(message_id=message.pk)
    tasks.send_mail(message_id=message.pk)

    assert (len(sink.received), sink.calls, state_of(message)) == (1, 1, ("sent", 1))
    assert sink.ids() == [mail.message_id_of("invoice:1")]


@pytest.mark.django_db(transaction=True)
def test_the_same_job_in_two_threads_at_once_sends_one_mail(world, sink):
    message = queued(world)
    gate = threading.Barrier(4)

    def run():
        gate.wait()
        tasks.send_mail(message_id=message.pk)
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(sink.received), state_of(message)) == (1, ("sent", 1))


def test_message_ids_differ_between_events_and_installations(settings):
    first = mail.message_id_of("invoice:1")
    assert first == mail.message_id_of("invoice:1") != mail.message_id_of("invoice:2")
    settings.SECRET_KEY = "another Cairn"
    assert mail.message_id_of("invoice:1") != first


@pytest.mark.parametrize(("mood", "problem"), [("refuse", "SMTPRecipientsRefused"), ("hang", "SMTPServerDisconnected")])
def test_a_refusal_or_a_silent_server_is_tried_again_until_the_coordinator_sees_it(world, sink, at, mood, problem):
    sink.mood = mood
    message = queued(world)
    for _attempt in range(mail.ATTEMPTS - 1):
        if mood == "hang":  # each attempt waits for its time-out; the last one is enough to see
            MailMessage.objects.filter(pk=message.pk).update(attempts=mail.ATTEMPTS - 1)
            break
        with pytest.raises(mail.NotSent):
            tasks.send_mail(message_id=message.pk)
    assert list(mail.undelivered([world.eastmere.pk])) == []

    tasks.send_mail(message_id=message.pk)

    assert state_of(message) == ("failed", mail.ATTEMPTS)
    assert [(each.pk, each.problem) for each in mail.undelivered([world.eastmere.pk])] == [(message.pk, problem)]
    assert list(mail.undelivered([world.harbour.pk])) == []
    assert sink.received == []


def test_a_mail_that_failed_for_good_goes_out_when_somebody_asks_for_it(world, sink, at):
    sink.mood = "refuse"
    message = queued(world)
    MailMessage.objects.filter(pk=message.pk).update(attempts=mail.ATTEMPTS - 1)
    tasks.send_mail(message_id=message.pk)

    sink.mood = "take"
    assert mail.retry(message_id=message.pk, at=at)
    tasks.send_mail(message_id=message.pk)

    assert (state_of(message), len(sink.received)) == (("sent", 1), 1)


def test_a_server_that_hangs_up_after_the_text_gets_it_again_under_the_same_name(world, sink):
    sink.mood = "cut"
    message = queued(world)
    with pytest.raises(mail.NotSent):
        tasks.send_mail(message_id=message.pk)
    sink.mood = "take"

    tasks.send_mail(message_id=message.pk)

    assert state_of(message) == ("sent", 2)
    assert sink.ids() == [mail.message_id_of("invoice:1")] * 2


def test_what_the_server_took_stays_taken_when_it_never_says_goodbye(world, sink):
    sink.mood = "taciturn"
    message = queued(world)

    tasks.send_mail(message_id=message.pk)

    assert (state_of(message), len(sink.received)) == (("sent", 1), 1)


def test_a_server_that_speaks_one_letter_at_a_time_is_cut_off(world, sink, settings):
    sink.mood, settings.CAIRN_EMAIL_SECONDS = "dribble", 0.5
    message = queued(world)
    began = time.perf_counter()

    with pytest.raises(mail.NotSent, match="TookTooLong"):
        tasks.send_mail(message_id=message.pk)

    assert time.perf_counter() - began < 1.5
    assert state_of(message) == ("queued", 1)


@pytest.mark.django_db(transaction=True)
def test_taking_a_mail_back_never_waits_for_the_server_that_is_being_spoken_to(world, sink, settings):
    sink.mood, settings.EMAIL_TIMEOUT = "hang", 5
    message = queued(world)
    sending = threading.Thread(target=_send_and_hang_up, args=(message.pk,))
    sending.start()
    assert sink.something_came.wait(5)
    began = time.perf_counter()

    mail.forget_address(world.ioana.email)

    took = time.perf_counter() - began
    sink.let_go.set()
    sending.join()
    assert took < 0.5
    assert not MailMessage.objects.filter(pk=message.pk).exists()


def _send_and_hang_up(message_id):
    try:
        mail.send(message_id=message_id, at=clock.now())
    except mail.NotSent:
        pass
    finally:
        connections.close_all()


def test_other_work_goes_before_mails(world):
    message = queued(world)
    queue.defer("cairn.jobs.tasks.form_groups", proposal_id=0)

    order = ProcrastinateJob.objects.order_by("-priority", "pk").values_list("task_name", flat=True)

    assert list(order) == ["cairn.jobs.tasks.form_groups", mail.SEND]
    assert job_of(message) == "todo"


def test_a_page_never_waits_for_the_mail_server(world, client, sink, settings):
    sink.mood, settings.EMAIL_TIMEOUT = "hang", 10
    began = time.perf_counter()

    response = client.post(reverse("account_request_login_code"), {"email": world.ioana.email})
    queued(world)

    assert (response.status_code, sink.calls) == (302, 0)
    assert time.perf_counter() - began < 5
    assert MailMessage.objects.filter(state="queued").count() == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_before_and_after_the_handover_lose_nothing_and_double_only_what_was_taken(world, sink):
    message = queued(world)

    _kill_a_worker_that_speaks(sink, "hang", message)
    _kill_a_worker_that_speaks(sink, "hold", message)
    sink.mood = "take"
    assert worker(sink).wait(60) == 0

    assert (state_of(message), sink.ids()) == (("sent", 1), [mail.message_id_of("invoice:1")] * 2)
    assert job_of(message) == "succeeded"


def _kill_a_worker_that_speaks(sink, mood, message):
    """Kill it in the middle of its conversation with the mail server, and let its work be taken up again."""
    sink.mood = mood
    sink.something_came.clear()
    sink.let_go.clear()
    killed = worker(sink)
    try:
        assert sink.something_came.wait(30), "the worker never called the mail server"
    finally:
        killed.kill()
        killed.wait()
        sink.let_go.set()
    assert (state_of(message), job_of(message)) == (("queued", 0), "doing")
    assert after_a_while(clock.now()) >= 1


@pytest.mark.django_db
def test_a_job_at_work_is_left_alone_and_of_twins_one_is_taken_up(at):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id")
        alive = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status, worker_id) VALUES "
            "('default', 'at work', NULL, 'doing', %s), ('default', 'left', NULL, 'doing', NULL),"
            "('default', 'twin', 'one', 'doing', NULL), ('default', 'twin', 'one', 'doing', NULL)",
            [alive],
        )

    assert queue.take_up_stalled(at) == 2

    jobs = ProcrastinateJob.objects.order_by("pk").values_list("task_name", "status")
    assert list(jobs) == [("at work", "doing"), ("left", "todo"), ("twin", "todo"), ("twin", "doing")]


def test_nobody_waits_longer_than_ten_seconds_for_a_mail_server():
    from cairn.config import settings as product

    assert (product.EMAIL_TIMEOUT, product.CAIRN_EMAIL_SECONDS) == (10, 30)
