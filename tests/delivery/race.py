"""The booking race: many people want few slots at the same moment, through every path that takes time.

Around each slot eight contenders start together: two give a one-to-one session that date, two move another session
there, two restore sessions that were cancelled there, one adds a group session, one plans a group's series. A ninth
marks attendance of the same coachees, so that minutes move too. `python -m tests.delivery.race` runs the long form.
"""

import os

if __name__ == "__main__":  # run by itself: a database of its own, and Django, before any model is imported
    import tests.server  # noqa: F401

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")
    import django

    django.setup()

import datetime as dt
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.core.management import call_command
from django.db import connection, connections

from cairn.delivery import actions, rules
from cairn.delivery.models import CoachingSession, PersonTime
from cairn.engines import cadence
from cairn.ledger.actions import NotEnoughMinutes
from cairn.ledger.models import CoachTime, Entitlement
from cairn.programmes.models import CoachingGroup, Cohort, Enrolment, GroupPlace
from tests import cast
from tests.delivery import making

FIRST_DAY = dt.date(2027, 4, 5)
HOURS = (8, 10, 12, 14, 16)
EXPECTED = (actions.Refused, NotEnoughMinutes, cadence.Refusal)
MOVED_AWAY_DAYS = 400
Contender = Callable[[], object]


@dataclass
class Figures:
    """What came of it."""

    slots: int
    contenders: int
    won: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    doubles: int = 0
    strays: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        won = ", ".join(f"{path} {count}" for path, count in sorted(self.won.items()))
        refused = ", ".join(f"{kind} {count}" for kind, count in sorted(self.refused.items()))
        return (
            f"{self.slots} slots, {self.contenders} contenders each, {self.seconds:.1f} s: {self.doubles} doubles, "
            f"{len(self.unexpected)} unexpected errors, {self.strays} sessions out of step with people's time; "
            f"went through: {won}; refused: {refused}"
        )


def run(world: cast.World, *, slots: int, seed: int = 7) -> Figures:
    """Set up the contenders, let them go slot by slot, and count."""
    _prepare(world, slots)
    chance = random.Random(seed)
    figures = Figures(slots, contenders=9)
    starts = [
        dt.datetime.combine(FIRST_DAY + dt.timedelta(days=_working(index // len(HOURS))), dt.time(HOURS[index % 5]))
        for index in range(slots)
    ]
    rounds = [_contenders(world, index, start) for index, start in enumerate(starts)]
    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=figures.contenders) as pool:
        for contenders in rounds:
            chance.shuffle(contenders)
            together = threading.Barrier(len(contenders))
            list(pool.map(lambda each, gate=together: _go(each, gate, figures), contenders))
        list(pool.map(_hang_up, [threading.Barrier(figures.contenders)] * figures.contenders))
    figures.seconds = time.perf_counter() - began
    figures.doubles, figures.strays = doubles(), strays()
    return figures


def doubles() -> int:
    """Pairs of sessions that have the same person at the same time. The exclusion constraint is not asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM delivery_persontime a JOIN delivery_persontime b "
            "ON a.person_id = b.person_id AND a.id < b.id AND a.during && b.during"
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


def _go(contender: tuple[str, Contender], gate: threading.Barrier, figures: Figures) -> None:
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
    for account in [*Entitlement.objects.all(), *CoachTime.objects.all()]:
        cast.promise(account, 1_000 * slots, 10_000)


def _contenders(world: cast.World, index: int, start: dt.datetime) -> list[tuple[str, Contender]]:
    """Nine attempts around one slot, each ready to go."""
    at, ioana = cast.AT, world.ioana
    aside = start + dt.timedelta(days=MOVED_AWAY_DAYS)
    group = _group(world, index)
    fresh = [making.undated(world, who) for who in ("thandiwe", "part")]
    movers = [making.undated(world, who) for who in ("thandiwe", "part")]
    for number, mover in enumerate(movers):
        making.date(mover, aside + dt.timedelta(minutes=60 * number), by=ioana, at=at)
    gone = [_cancelled(world, start) for _each in range(2)]
    planned = {"weekday": start.weekday(), "wall_time": start.time(), "starts_on": start.date(), "by": world.halina}
    planned["expected"] = (start.date(),)  # this date and no other, as in a preview
    past = _past(world, index)
    marks = {past.enrolment_id: ("attended", "excused", "missed")[index % 3]}

    def restore(session: CoachingSession) -> Contender:
        return lambda: actions.restore_session(
            session=session, expected_version=session.version, by=world.halina, at=at
        )

    def date(session: CoachingSession) -> Contender:
        return lambda: making.date(session, start, by=ioana, at=at)

    return [
        *(("date_session", date(session)) for session in fresh),
        *(("move_session", date(session)) for session in movers),
        *(("restore_session", restore(session)) for session in gone),
        ("add_session", lambda: making.group_session(world, start, at=at)),
        (
            "plan_timetable",
            lambda: actions.plan_timetable(cohort=world.cohort, group=group, mode="phone", where="", at=at, **planned),
        ),
        ("record_attendance", lambda: actions.record_attendance(session=past, marks=marks, by=ioana, at=at)),
    ]


def _group(world: cast.World, index: int) -> CoachingGroup:
    """A group of one of Ioana's, with somebody of its own who has minutes."""
    group = CoachingGroup.objects.create(cohort=world.cohort, number=10 + index, engagement=world.engagements["ioana"])
    person = cast.person(f"racer{index}@example.org", f"Racer {index}")
    member: Enrolment = cast.enrol(world.cohort, person, world.host, engagement=world.engagements["ioana"])
    GroupPlace.objects.create(group=group, enrolment=member, from_on=world.cohort.starts_on)
    return group


def _cancelled(world: cast.World, start: dt.datetime) -> CoachingSession:
    session = making.group_session(world, start, at=cast.AT)
    return actions.cancel_session(session=session, expected_version=1, by=world.halina, at=cast.AT)


def _past(world: cast.World, index: int) -> CoachingSession:
    """A one-to-one session that has just begun, still to be marked."""
    session = making.undated(world, ("thandiwe", "part")[index % 2])
    started = cast.AT - dt.timedelta(days=index + 1)
    CoachingSession.objects.filter(pk=session.pk).update(
        state="booked", wall_starts=started, starts_at=started, ends_at=started + dt.timedelta(minutes=60)
    )
    return CoachingSession.objects.get(pk=session.pk)


def main() -> int:
    """The long form, on a database of its own: as many slots as the first argument says, by default 150."""
    slots = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    call_command("migrate", verbosity=0)
    figures = run(cast.build(), slots=slots)
    print(f"booking race: {figures}")  # noqa: T201
    for problem in figures.unexpected[:10]:
        print(problem)  # noqa: T201
    return 1 if figures.doubles or figures.unexpected or figures.strays else 0


if __name__ == "__main__":
    sys.exit(main())
