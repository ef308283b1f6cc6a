"""The booking race: many people want few slots at the same moment, through every path that takes time.

Around each slot thirteen contenders start together: coach and coordinator each give a one-to-one session that date, two
move another session there, two restore sessions that were cancelled there, one adds a group session, one plans a
group's series, one applies a coach's workbook; one coachee holds and books the slot, another holds it to move there;
one settles a group's poll on it, one dates a session of another length, which splits the rest of the promise anew. A
last one marks attendance of the same coachees, so that minutes move too.
An import of participants gives nobody a time. `python -m tests.delivery.race` runs the long form, in two processes.
"""

import os

if __name__ == "__main__":  # run by itself: a database of its own, and Django, before any model is imported
    import tests.server  # noqa: F401

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")
    import django

    django.setup()

import argparse
import datetime as dt
import multiprocessing
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

from cairn.delivery import actions, rules
from cairn.delivery.models import CoachingSession, PersonTime, Poll, WorkbookUpload
from cairn.engines import cadence
from cairn.ledger.actions import NotEnoughMinutes
from cairn.ledger.models import CoachTime, Entitlement
from cairn.people.models import Person
from cairn.programmes.models import CoachingGroup, Cohort, Enrolment, GroupPlace
from tests import cast
from tests.delivery import booking_hours, making

FIRST_DAY = dt.date(2027, 4, 5)
HOURS = (8, 10, 12, 14, 16)
EXPECTED = (actions.Refused, NotEnoughMinutes, cadence.Refusal)
MOVED_AWAY_DAYS = 400
CONTENDERS = 14
Contender = Callable[[], object]
Round = Sequence[tuple[str, Contender]]


@dataclass
class Figures:
    """What came of it."""

    slots: int
    contenders: int
    processes: int = 1
    won: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    doubles: int = 0
    strays: int = 0
    overheld: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        won = ", ".join(f"{path} {count}" for path, count in sorted(self.won.items()))
        refused = ", ".join(f"{kind} {count}" for kind, count in sorted(self.refused.items()))
        return (
            f"{self.slots} slots, {self.contenders} contenders each, {self.processes} "
            f"{'process' if self.processes == 1 else 'processes'}, {self.seconds:.1f} s: {self.doubles} doubles, "
            f"{len(self.unexpected)} unexpected errors, {self.strays} sessions out of step with people's time, "
            f"{self.overheld} holds on taken time; "
            f"went through: {won}; refused: {refused}"
        )


def run(world: cast.World, *, slots: int, processes: int = 1, seed: int = 7) -> Figures:
    """Set up the contenders, let them go slot by slot, and count. Several processes share each slot's contenders."""
    _prepare(world, slots)
    chance = random.Random(seed)
    figures = Figures(slots, CONTENDERS, processes)
    starts = [
        dt.datetime.combine(FIRST_DAY + dt.timedelta(days=_working(index // len(HOURS))), dt.time(HOURS[index % 5]))
        for index in range(slots)
    ]
    rounds = [_contenders(world, index, start) for index, start in enumerate(starts)]
    for contenders in rounds:
        chance.shuffle(contenders)
    began = time.perf_counter()
    if processes == 1:
        _race(rounds, threading.Barrier(CONTENDERS), figures)
    else:
        _race_in_processes(rounds, processes, figures)
    figures.seconds = time.perf_counter() - began
    figures.doubles, figures.strays, figures.overheld = doubles(), strays(), overheld()
    return figures


def _race(rounds: Sequence[Round], gate: Any, figures: Figures) -> None:
    """Each contender in a thread of its own; the gate opens when all of them, of all processes, stand before it."""
    own = len(rounds[0])
    with ThreadPoolExecutor(max_workers=own) as pool:
        for contenders in rounds:
            list(pool.map(lambda each: _go(each, gate, figures), contenders))
        list(pool.map(_hang_up, [threading.Barrier(own)] * own))


def _race_in_processes(rounds: Sequence[Round], processes: int, figures: Figures) -> None:
    """Every process takes its share of each slot's contenders, and tells what came of them."""
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    gate, told = fork.Barrier(CONTENDERS), fork.SimpleQueue()

    def share(number: int) -> None:
        mine = Figures(len(rounds), CONTENDERS)
        _race([contenders[number::processes] for contenders in rounds], gate, mine)
        told.put((mine.won, mine.refused, mine.unexpected))

    runners = [fork.Process(target=share, args=(number,)) for number in range(processes)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
        if runner.exitcode:
            figures.unexpected.append(f"a process ended with {runner.exitcode}")
    while not told.empty():
        won, refused, unexpected = told.get()
        figures.won += won
        figures.refused += refused
        figures.unexpected += unexpected


def doubles() -> int:
    """Pairs of sessions that have the same person at the same time. The exclusion constraint is not asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM delivery_persontime a JOIN delivery_persontime b "
            "ON a.person_id = b.person_id AND a.id < b.id AND a.during && b.during"
        )
        return int(cursor.fetchone()[0])


def overheld() -> int:
    """Holds on a time that another session of the coach has taken: no constraint stands between the two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM delivery_hold h JOIN delivery_persontime t "
            "ON h.coach_id = t.person_id AND h.during && t.during AND h.session_id <> t.session_id"
        )
        return int(cursor.fetchone()[0])


def strays() -> int:
    """Booked sessions to come whose people are not exactly those whose time is taken, at exactly their time."""
    count = 0
    for session in CoachingSession.objects.filter(starts_at__gt=cast.AT).select_related("group", "enrolment"):
        there = rules.participants(session, session.wall_starts.date()).parts.keys()
        wanted = {(person, session.starts_at, session.ends_at) for person in there if session.state == "booked"}
        taken = PersonTime.objects.filter(session=session).values_list("person_id", "during")
        count += {(person, during.lower, during.upper) for person, during in taken} != wanted
    return count


def _working(index: int) -> int:
    weeks, day = divmod(index, 5)
    return weeks * 7 + day


def _go(contender: tuple[str, Contender], gate: Any, figures: Figures) -> None:
    path, attempt = contender
    gate.wait()
    try:
        attempt()
    except EXPECTED as refusal:
        figures.refused[type(refusal).__name__] += 1
    except Exception as error:
        figures.unexpected.append(f"{path}: {error!r}")
    else:
        figures.won[path] += 1


def _hang_up(gate: threading.Barrier) -> None:
    """Each thread closes its own connection; waiting for the others makes sure that each does."""
    gate.wait()
    connections.close_all()


def _prepare(world: cast.World, slots: int) -> None:
    """Minutes enough for everybody, a cohort long enough, and one session a group, so that each plan is one date."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2031, 1, 1), group_minutes=90)
    world.cohort.refresh_from_db()
    kept = booking_hours.keep(world.ioana, notice_hours=0, cut_off_hours=0, horizon_days=400)
    kept.hours.update(starts=dt.time(6), ends=dt.time(22))
    for account in [*Entitlement.objects.all(), *CoachTime.objects.all()]:
        cast.promise(account, 1_000 * slots, 10_000)


def _contenders(world: cast.World, index: int, start: dt.datetime) -> list[tuple[str, Contender]]:
    """Fourteen attempts around one slot, each ready to go."""
    at, ioana = cast.AT, world.ioana
    aside = start + dt.timedelta(days=MOVED_AWAY_DAYS)
    group = _group(world, index)
    fresh = [making.undated(world, who) for who in ("thandiwe", "part")]
    movers = [making.undated(world, who) for who in ("thandiwe", "part")]
    own, moving = making.undated(world, "thandiwe"), making.undated(world, "part")
    making.date(moving, aside + dt.timedelta(days=100), by=ioana, at=at)
    for number, mover in enumerate(movers):
        making.date(mover, aside + dt.timedelta(minutes=60 * number), by=ioana, at=at)
    gone = [_cancelled(world, start) for _each in range(2)]
    poll, dictated = _poll(world, start), making.undated(world, "part")
    line = {"minutes": 45, "mode": "phone", "where": "", "expected_version": 1, "by": ioana, "at": at}
    planned = {"weekday": start.weekday(), "wall_time": start.time(), "starts_on": start.date(), "by": world.halina}
    planned["expected"] = (start.date(),)  # this date and no other, as in a preview
    upload = _workbook(world, index, start)
    past = _past(world, index)
    marks = {past.enrolment_id: ("attended", "excused", "missed")[index % 3]}

    def restore(session: CoachingSession) -> Contender:
        return lambda: actions.restore_session(
            session=session, expected_version=session.version, by=world.halina, at=at
        )

    def date(session: CoachingSession, by: Person = ioana) -> Contender:
        return lambda: making.date(session, start, by=by, at=at)

    def book(session: CoachingSession, by: Person) -> Contender:
        instant = cadence.instant(start.date(), start.time(), session.time_zone)
        version = CoachingSession.objects.get(pk=session.pk).version

        def hold_and_confirm() -> None:
            actions.hold_time(session=session, starts_at=instant, expected_version=version, by=by, at=at)
            actions.book_held(session=session, by=by, at=at)

        return hold_and_confirm

    return [
        ("book_held", book(own, world.thandiwe)),
        ("book_held (move)", book(moving, world.part)),
        ("date_session (coach)", date(fresh[0])),
        ("date_session (coordinator)", date(fresh[1], world.halina)),
        *(("move_session", date(session)) for session in movers),
        *(("restore_session", restore(session)) for session in gone),
        ("add_session", lambda: making.group_session(world, start, at=at)),
        (
            "plan_timetable",
            lambda: actions.plan_timetable(cohort=world.cohort, group=group, mode="phone", where="", at=at, **planned),
        ),
        ("apply_workbook", lambda: actions.apply_workbook(upload=upload, choices={}, by=ioana, at=at)),
        (
            "settle_poll",
            lambda: actions.settle_poll(poll=poll, time_id=poll.times.earliest("starts_at").pk, by=ioana, at=at),
        ),
        ("date_one_to_one", lambda: actions.date_one_to_one(session=dictated, wall_starts=start, **line)),
        ("record_attendance", lambda: actions.record_attendance(session=past, marks=marks, by=ioana, at=at)),
    ]


def _group(world: cast.World, index: int) -> CoachingGroup:
    """A group of one of Ioana's, with somebody of its own who has minutes."""
    group = CoachingGroup.objects.create(cohort=world.cohort, number=10 + index, engagement=world.engagements["ioana"])
    person = cast.person(f"racer{index}@example.org", f"Racer {index}")
    member: Enrolment = cast.enrol(world.cohort, person, world.host, engagement=world.engagements["ioana"])
    GroupPlace.objects.create(group=group, enrolment=member, from_on=world.cohort.starts_on)
    return group


def _poll(world: cast.World, start: dt.datetime) -> Poll:
    """A session of a group that is to move, with this time among those it was asked about."""
    aside = start + dt.timedelta(days=MOVED_AWAY_DAYS + 200)
    times = [actions.Proposed(each) for each in (start, start + dt.timedelta(days=1))]
    closes_at = cast.AT + dt.timedelta(days=1)
    session = making.group_session(world, aside, at=cast.AT)
    common = {"expected_version": session.version, "by": world.ioana, "at": cast.AT}
    return actions.open_poll(session=session, times=times, closes_at=closes_at, **common)


def _cancelled(world: cast.World, start: dt.datetime) -> CoachingSession:
    session = making.group_session(world, start, at=cast.AT)
    return actions.cancel_session(session=session, expected_version=1, by=world.halina, at=cast.AT)


def _workbook(world: cast.World, index: int, start: dt.datetime) -> WorkbookUpload:
    """A coach's edited workbook, read and previewed, that gives a one-to-one session this date."""
    session = making.undated(world, ("thandiwe", "part")[index % 2])
    was = {"date": "", "start": "", "mode": session.mode, "where": session.where}
    edit = {
        "id": session.pk,
        "version": session.version,
        "was": was,
        "to": {**was, "date": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M}"},
        "state": str(session.get_state_display()),
        "cells": {"date": "Sessions!F2", "start": "Sessions!G2"},
    }
    return WorkbookUpload.objects.create(
        engagement=world.engagements["ioana"],
        filename="mine.xlsx",
        rows={"sessions": [edit], "marks": [], "refused": []},
        uploaded_by=world.ioana,
        uploaded_at=cast.AT,
    )


def _past(world: cast.World, index: int) -> CoachingSession:
    """A one-to-one session that has just begun, still to be marked."""
    session = making.undated(world, ("thandiwe", "part")[index % 2])
    started = cast.AT - dt.timedelta(days=index + 1)
    CoachingSession.objects.filter(pk=session.pk).update(
        state="booked", wall_starts=started, starts_at=started, ends_at=started + dt.timedelta(minutes=60)
    )
    return CoachingSession.objects.get(pk=session.pk)


def main() -> int:
    """The long form, on a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.race")
    parser.add_argument("--slots", type=int, default=150)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    figures = run(cast.build(), slots=asked.slots, processes=asked.processes)
    print(f"booking race: {figures}")  # noqa: T201
    for problem in figures.unexpected[:10]:
        print(problem)  # noqa: T201
    return 1 if figures.doubles or figures.unexpected or figures.strays or figures.overheld else 0


if __name__ == "__main__":
    sys.exit(main())
