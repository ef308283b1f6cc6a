"""Mail and reminders under faults: a server that misbehaves, a worker that is killed, a clock that jumps.

Pages are asked for while the product's own worker speaks to a mail server that refuses, hangs or cuts, and each beside
one for which the worker stands still, so that whatever else the machine does concerns both; afterwards the server
behaves, and every mail must have arrived, once. The job of reminders is killed (SIGKILL) before and after each
of its statements, and run again: every reminder is one mail. The clock jumps by up to a day, to and fro.
`python -m tests.faults.time_mail` prints one line for each.
"""

import argparse
import datetime as dt
import logging
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from cairn.foundation import postgres

MOODS = ("refuse", "later", "hang", "dribble", "cut", "taciturn")
SLOWED_MS = 50
ADDRESS = "https://cairn.example"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass
class MailFigures:
    """What became of the pages and mails beside one kind of server."""

    mood: str
    calm: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    mails: int = 0
    lost: int = 0
    doubled: int = 0
    again: int = 0

    @property
    def slowed(self) -> int:
        """Pages slower by so much than every calm one."""
        return sum(1 for each in self.pages if each > max(self.calm) + SLOWED_MS)

    @property
    def clean(self) -> bool:
        return not (self.slowed or self.lost or self.doubled)

    def __str__(self) -> str:
        again = f", {self.again} handed over again under their own name" if self.again else ""
        return (
            f"{self.mood}: {len(self.pages)} pages, median {statistics.median(self.pages):.0f} ms "
            f"(calm {statistics.median(self.calm):.0f}), slowest {max(self.pages):.0f} ms (calm {max(self.calm):.0f}), "
            f"slowed by more than {SLOWED_MS} ms {self.slowed}; {self.mails} mails, "
            f"lost {self.lost}, doubled {self.doubled}{again}"
        )


@contextmanager
def own_world() -> Iterator[Any]:
    """The cast in a database of its own, which goes away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cairn-time-"))
    folder.chmod(0o711)
    server = postgres.throwaway(folder / "postgres")
    try:
        os.environ |= {"DATABASE_URL": server.url, "CAIRN_STATE": str(folder / "state"), "CAIRN_HOSTS": "testserver"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "cairn.config.settings"
        import django

        django.setup()
        logging.getLogger("cairn").setLevel(logging.WARNING)
        from django.conf import settings
        from django.core.management import call_command

        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        from cairn.foundation import clock
        from tests import cast

        began = time.monotonic()
        clock.now = lambda: cast.AT + dt.timedelta(seconds=time.monotonic() - began)
        world = cast.build()
        import_module("cairn.config.wsgi")  # the pages are loaded here as in a web process
        yield world
    finally:
        postgres.stop(server)
        shutil.rmtree(folder, ignore_errors=True)


# A mail server that misbehaves


def beside_a_server(world: Any, mood: str, *, pages: int) -> MailFigures:
    """Move a session so many times while the worker speaks to a server of this mood; then let the server behave."""
    from cairn.foundation.models import MailMessage
    from tests.faults.smtp_sink import Sink

    figures = MailFigures(mood)
    MailMessage.objects.all().delete()
    with Sink(mood) as sink:  # type: ignore[arg-type]
        worker = _worker(sink.port)
        try:
            move = _mover(world)
            move()
            _wait(lambda: sink.calls > 0)
            for _page in range(pages):
                figures.pages.append(move())
                worker.send_signal(signal.SIGSTOP)
                figures.calm.append(move())
                worker.send_signal(signal.SIGCONT)
            sink.mood = "take"
            sink.let_go.set()
            _hurry_until_sent()
        finally:
            worker.kill()
            worker.wait()
        sent = list(MailMessage.objects.values_list("key", "state"))
        handed_over = Counter(sink.ids())
    _count(figures, sent, handed_over, mood)
    return figures


def _count(figures: MailFigures, sent: list[tuple[str, str]], handed_over: Counter[str], mood: str) -> None:
    from cairn.foundation import mail

    copies = {key: handed_over[mail.message_id_of(key)] for key, _state in sent}
    figures.mails = len(sent)
    figures.lost = sum(1 for key, state in sent if state != "sent" or copies[key] == 0)
    more = sum(1 for count in copies.values() if count > 1)
    figures.again, figures.doubled = (more, 0) if mood == "cut" else (0, more)


def _mover(world: Any) -> Any:
    """A function that moves a session over a page, as its coach, and returns how long that took in milliseconds."""
    from django.test import Client
    from django.urls import reverse

    from cairn.delivery.models import CoachingSession
    from cairn.foundation import clock
    from tests.delivery import making

    session = CoachingSession.objects.filter(kind="one_to_one").first()
    if session is None:
        wall = dt.datetime(2027, 3, 17, 9, 0)
        session = making.date(making.undated(world), wall, by=world.ioana, at=clock.now())
    client = Client()
    client.force_login(world.ioana, backend=BACKEND)
    address = reverse("coach_session", args=[session.pk])

    def move() -> float:
        now = CoachingSession.objects.values_list("version", flat=True).get(pk=session.pk)
        wall = dt.datetime(2027, 3, 17, 9, 0) + dt.timedelta(days=now % 10, minutes=15 * (now % 20))
        typed = {"on": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}", "mode": "phone", "where": "", "version": now}
        began = time.perf_counter()
        response = client.post(address, typed)
        took = (time.perf_counter() - began) * 1_000
        assert response.status_code == 302, (response.status_code, response.content.decode()[:2_000])
        return took

    for _warm in range(3):
        move()
    return move


def _worker(port: int) -> subprocess.Popen[bytes]:
    """The product's own worker, with the product's own patience."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "cairn.cli", "worker"],
        env={**os.environ, "CAIRN_EMAIL_URL": f"smtp://127.0.0.1:{port}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _hurry_until_sent() -> None:
    """The pauses between attempts grow to hours; here they are over at once."""
    from django.db import connection

    from cairn.foundation.models import MailMessage

    def all_sent() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        time.sleep(0.2)
        return not MailMessage.objects.filter(state="queued").exists()

    _wait(all_sent, seconds=120)


def _wait(ready: Any, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not ready() and time.monotonic() < deadline:
        time.sleep(0.02)


# A worker that is killed


@dataclass
class KillFigures:
    """What became of reminders whose job was killed."""

    kills: int = 0
    reminders: int = 0
    lost: int = 0
    doubled: int = 0
    without_job: int = 0

    @property
    def clean(self) -> bool:
        return self.kills > 0 and not (self.lost or self.doubled or self.without_job)

    def __str__(self) -> str:
        return (
            f"reminders: job killed before and after each of its statements, {self.kills} times; "
            f"{self.reminders} reminders, lost {self.lost}, doubled {self.doubled}, without a job {self.without_job}"
        )


def killed_everywhere(world: Any) -> KillFigures:
    """Kill the job at each of its statements, run it again, count."""
    at = _upcoming(world)
    figures = KillFigures()
    for moment in ("before", "after"):
        number = 1
        while _killed(at, number, moment):
            figures.kills += 1
            number += 1
            _run_again_and_count(at, figures)
        _forget()
    return figures


def _upcoming(world: Any) -> dt.datetime:
    """Two sessions two days ahead, and the moment at which their reminders are due: seven, of four people."""
    from cairn.delivery.models import CoachingSession
    from tests import cast
    from tests.delivery import making

    wall = dt.datetime(2027, 4, 14, 14, 0)
    if not CoachingSession.objects.filter(kind="group").exists():
        making.group_session(world, wall, at=cast.AT)
        making.group_session(world, wall + dt.timedelta(hours=1), at=cast.AT, number=2)
    _forget()
    return wall.replace(tzinfo=dt.UTC) - dt.timedelta(days=2)


def _forget() -> None:
    from django.db import connection

    from cairn.foundation.models import MailMessage

    MailMessage.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers")


def _killed(at: dt.datetime, number: int, moment: str) -> bool:
    """Run the job in a process that ends at its nth statement. False when it came to its end before."""
    from django.db import connection, connections

    connections.close_all()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            with connection.execute_wrapper(_Killer(number, moment)):
                from cairn.delivery import actions

                actions.send_due_reminders(address=ADDRESS, at=at)
            status = 0
        finally:
            os._exit(status)
    _pid, ended = os.waitpid(pid, 0)
    if os.WIFSIGNALED(ended):
        return True
    assert os.WEXITSTATUS(ended) == 0, "the job failed without being killed"
    return False


class _Killer:
    """Ends the process at a statement, as the kernel ends one that uses too much memory."""

    def __init__(self, number: int, moment: str) -> None:
        self.left, self.moment = number, moment

    def __call__(self, execute: Any, *statement: Any) -> Any:
        self.left -= 1
        if not self.left and self.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(*statement)
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def _run_again_and_count(at: dt.datetime, figures: KillFigures) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from cairn.delivery import actions
    from cairn.delivery.queries.reminders import due_reminders
    from cairn.foundation import mail
    from cairn.foundation.models import MailMessage

    actions.send_due_reminders(address=ADDRESS, at=at)
    actions.send_due_reminders(address=ADDRESS, at=at + dt.timedelta(minutes=5))
    wanted = {each.key for each in due_reminders(at)}
    found = Counter(MailMessage.objects.filter(key__startswith="reminder:").values_list("key", flat=True))
    jobs = Counter(job.args["message_id"] for job in ProcrastinateJob.objects.filter(task_name=mail.SEND))
    ids = MailMessage.objects.filter(key__startswith="reminder:").values_list("pk", flat=True)
    figures.reminders += len(wanted)
    figures.lost += len(wanted - found.keys())
    figures.doubled += sum(found.values()) - len(found.keys() & wanted)
    figures.without_job += sum(1 for pk in ids if jobs[pk] != 1)
    _forget()


# A clock that jumps


def jumps(world: Any, count: int, *, seed: int = 1) -> tuple[str, bool]:
    """Run the job at moments that jump up to a day to and fro. The line of figures, and whether nothing was wrong."""
    from cairn.delivery import actions
    from cairn.foundation.models import MailMessage

    chance, at = random.Random(seed), _upcoming(world)
    for _jump in range(count):
        actions.send_due_reminders(address=ADDRESS, at=at + dt.timedelta(minutes=chance.randint(-1_440, 2 * 1_440)))
    found = list(MailMessage.objects.filter(key__startswith="reminder:").values_list("to_id", "key", "queued_at"))
    of_one = Counter((to, ":".join(key.split(":")[1:4])) for to, key, _queued in found)
    late = sum(1 for _to, key, queued_at in found if queued_at.timestamp() >= int(key.split(":")[2]))
    doubled = sum(count - 1 for count in of_one.values())
    _forget()
    line = f"clock: {count} jumps of up to a day, {len(found)} reminders, doubled {doubled}, of what had begun {late}"
    return line, bool(found) and not (doubled or late)


def main() -> int:
    """Print the figures; 1 when a page was slowed or a mail lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.time_mail")
    parser.add_argument("--pages", type=int, default=40)
    parser.add_argument("--jumps", type=int, default=300)
    asked = parser.parse_args()
    with own_world() as world:
        from django.db import connections

        clean = True
        for mood in MOODS:
            found = beside_a_server(world, mood, pages=asked.pages)
            clean &= _print(f"mail: {found}", found.clean)
        kills = killed_everywhere(world)
        clean &= _print(str(kills), kills.clean)
        clean &= _print(*jumps(world, asked.jumps))
        connections.close_all()
    return 0 if clean else 1


def _print(line: str, clean: bool) -> bool:
    print(line, flush=True)  # noqa: T201
    return clean


if __name__ == "__main__":
    sys.exit(main())
