"""Booking under load, over HTTP: every slot wanted by thirty-two at once through every path, and a rush of people.

`python -m tests.faults.time_load` starts a database, two web processes and the contenders, and prints a line of figures
for each of the two. In the race every slot of a coach is wanted at the same moment by 32: coachees who book or move by
themselves, the coach's page, the coordinator's, both of them moving other sessions there, the API, the line of text, an
edited workbook, a poll; in every tenth round an import of participants is applied meanwhile. In the rush so many people
come within a minute, look at the times of their coach, choose one, and another if it was just taken, and confirm it.
"""

import os

if __name__ == "__main__":  # run by itself: a database of its own, and Django, before any model is imported
    import tests.server  # noqa: F401

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cairn.config.settings")
    import django

    django.setup()

import argparse
import datetime as dt
import json
import random
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse

from cairn.delivery.models import CoachingSession, Poll, PollTime, WorkbookUpload
from cairn.engines import cadence
from cairn.foundation import clock
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programmes
from tests import cast
from tests.faults import load_scene
from tests.faults.load_asking import Answer, Asking, InProcess, Line, OverHttp, Who, web_processes
from tests.faults.load_scene import MOVES, PATHS, ZONE, Contender, Table

NEXT_FREE = "The next free times are"
CONTENDERS = sum(PATHS.values())
AFTER = dt.timedelta(days=8)
TRIES = 5
STARTS = 30  # of each coach in the rush
OFFERED = re.compile(r'<button class="btn" type="submit" name="starts_at" value="([^"]+)"')
Sentence = Callable[[Answer], bool]


@dataclass
class Race:
    """What came of it."""

    slots: int
    processes: int
    rounds: int = 0
    won: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    imports: int = 0
    untold: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    doubles: int = 0
    seconds: float = 0.0
    asking: Asking | None = None

    @property
    def clean(self) -> bool:
        """Nothing twice, nothing broken, nobody left without an answer."""
        failed = self.asking.count(500, 599) + self.asking.count(0, 0) if self.asking else 0
        return not (self.doubles or self.untold or self.wrong or failed)

    def __str__(self) -> str:
        asking = self.asking or Asking(InProcess())
        won = ", ".join(f"{path} {number}" for path, number in sorted(self.won.items()))
        return (
            f"booking load: {self.slots} slots, {CONTENDERS} contenders each by {len(PATHS)} paths and {self.imports} "
            f"imports, {self.processes} web processes, {len(asking.seconds)} requests in {self.seconds:.0f} s: "
            f"{self.doubles} doubles, {asking.count(500, 599)} status 500, {asking.count(0, 0)} unanswered, "
            f"{len(self.wrong)} slots not given to exactly one, {len(self.untold)} of {self.lost} losers not told the "
            f"next free times, p50 {asking.slowest(0.5):.2f} s, p99 {asking.slowest(0.99):.2f} s, slowest "
            f"{asking.slowest(1):.2f} s; won: {won}"
        )


@dataclass
class Rush:
    """What came of it."""

    people: int
    slots: int
    within: float
    processes: int
    booked: int = 0
    full: int = 0
    lost: list[str] = field(default_factory=list)
    doubles: int = 0
    seconds: float = 0.0
    asking: Asking | None = None

    @property
    def clean(self) -> bool:
        """Everybody was answered, nothing twice."""
        failed = self.asking.count(500, 599) + self.asking.count(0, 0) if self.asking else 0
        return not (self.doubles or self.lost or failed)

    def __str__(self) -> str:
        asking = self.asking or Asking(InProcess())
        return (
            f"booking rush: {self.people} people in {self.within:.0f} s on {self.slots} slots, {self.processes} "
            f"web processes, {len(asking.seconds)} requests, the last answered after {self.seconds:.0f} s: "
            f"{self.booked} booked, {self.full} told that nothing is left, {len(self.lost)} without an answer, "
            f"{self.doubles} doubles, {asking.count(500, 599)} status 500, {asking.count(0, 0)} unanswered, "
            f"p50 {asking.slowest(0.5):.2f} s, p99 {asking.slowest(0.99):.2f} s"
        )


def race(
    world: cast.World, line: Line, *, slots: int, coaches: int, at: dt.datetime, processes: int = 1, seed: int = 5
) -> Race:
    """Slot by slot: everybody around a coach wants it at the same moment. Each coach has an equal share of slots."""
    paths = PATHS.items()
    tables = [load_scene.table(world, number, at, paths) for number in range(coaches)]
    figures, chance = Race(slots, processes, asking=Asking(line)), random.Random(seed)
    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=CONTENDERS + 1) as pool:
        for number in range(slots):
            around = tables[number % coaches]
            wall = load_scene.start_of((at + AFTER).date(), number // coaches)
            _ready(around, wall, at)
            imported = _import(world, number, at) if number % 10 == 0 else None
            _round(pool, figures, around, wall, imported, chance)
            _judge(figures, around, wall)
            if number % 100 == 99:
                print(f"{number + 1} of {slots} slots", file=sys.stderr, flush=True)  # noqa: T201
        list(pool.map(_hang_up, [threading.Barrier(CONTENDERS + 1)] * (CONTENDERS + 1)))
    figures.seconds = time.perf_counter() - began
    figures.doubles = doubles()
    return figures


def _round(
    pool: ThreadPoolExecutor,
    figures: Race,
    around: Table,
    wall: dt.datetime,
    imported: tuple[str, dict[str, str]] | None,
    chance: random.Random,
) -> None:
    """All of them at once; whoever was not quick enough must be told when else there is time."""
    asking = figures.asking
    if asking is None:
        raise ValueError("nobody to ask")
    gate = threading.Barrier(len(around.contenders) + (imported is not None))

    def go(contender: Contender) -> tuple[str, bool, str]:
        gate.wait()
        won, told, said = attempt(asking, contender, wall)
        return contender.path, won or told, said

    def bring() -> None:
        gate.wait()
        address, values = imported or ("", {})
        asking.post(address, around.coordinator, values)

    eager = list(around.contenders)
    chance.shuffle(eager)
    bringing = pool.submit(bring) if imported is not None else None
    outcomes = list(pool.map(go, eager))
    if bringing is not None:
        bringing.result()
        figures.imports += 1
    figures.rounds += 1
    figures.lost += len(outcomes) - 1
    figures.untold += [f"{path}: {said}" for path, well, said in outcomes if not well]


def attempt(asking: Asking, contender: Contender, wall: dt.datetime) -> tuple[bool, bool, str]:
    """Go for the slot by one's path. Returns whether it was given, whether one was told else, and what was said."""
    session, starts_at = contender.session, cadence.instant(wall.date(), wall.time(), ZONE)
    when = {"on": wall.date().isoformat(), "mode": "phone", "where": "", "version": session.version}
    who, value, hour = contender.who, f"{starts_at:%Y-%m-%dT%H:%MZ}", f"{wall:%H:%M}"
    if contender.path in {"self-booking", "own move"}:
        return _book_oneself(asking, who, session, value)
    if contender.path in {"coach page", "coach move"}:
        address = reverse("coach_session", args=[session.pk])
        return _outcome(asking.post(address, who, {**when, "time": hour}), 'name="instead"')
    if contender.path in {"coordinator page", "coordinator move"}:
        address = reverse("cohort_session", args=[session.cohort_id, session.pk])
        return _outcome(asking.post(address, who, {**when, "wall_time": hour, "do": "move"}))
    if contender.path in {"API booking", "API date"}:
        return _call(asking, contender, wall, value)
    if contender.path == "text line":
        text = f"{wall.day} {wall:%B %Y} {hour}, 60 min, phone"
        said = {"line": text, "who": contender.enrolment.pk if contender.enrolment else 0, "version": session.version}
        return _outcome(asking.post(reverse("coach_line"), who, {**said, "do": "book"}), 'name="instead"')
    if contender.path == "workbook":
        return _outcome(asking.post(reverse("workbook_preview", args=[contender.asked]), who, {"do": "apply"}))
    address = reverse("coach_poll", args=[session.pk])
    return _outcome(asking.post(address, who, {"do": f"sure-{contender.asked}"}))


def _book_oneself(asking: Asking, who: Who, session: CoachingSession, value: str) -> tuple[bool, bool, str]:
    """Hold the time, then confirm it."""
    held = asking.post(reverse("hold_time", args=[session.pk]), who, {"starts_at": value, "version": session.version})
    confirm = reverse("book_confirm", args=[session.pk])
    if held.status == 302 and held.location == confirm:
        booked = asking.post(confirm, who, {"starts_at": value, "version": session.version})
        won = booked.status == 302 and booked.location == reverse("coachee_session", args=[session.pk])
        return (True, True, "") if won else _outcome(booked, "These are the next free times")
    return _outcome(held, "These are the next free times")


def _call(asking: Asking, contender: Contender, wall: dt.datetime, value: str) -> tuple[bool, bool, str]:
    session = contender.session
    asked: dict[str, Any] = {"expected_version": session.version}
    if contender.path == "API booking":
        asked |= {"starts_at": value.replace("Z", ":00Z")}
    else:
        asked |= {"wall_starts": wall.isoformat(timespec="minutes"), "mode": "phone", "where": None}
    name = "api_session_book" if contender.path == "API booking" else "api_session_date"
    address = _api(name, session.pk)
    answer = asking.post_json(address, contender.who, json.dumps(asked).encode())
    told = answer.status == 409 and bool(json.loads(answer.body).get("next_free"))
    return answer.status == 200, told, f"{answer.status} {answer.body[:200]}"


def _api(name: str, session_id: int) -> str:
    return f"/api/v1/sessions/{session_id}/{'book' if name == 'api_session_book' else 'date'}"


def _outcome(answer: Answer, words: str = NEXT_FREE) -> tuple[bool, bool, str]:
    """Pages lead on when it was done, and else say why not."""
    if answer.status == 302:
        return True, True, ""
    reason = re.search(r'<div class="(?:sum|notice)[^>]*>(.*?)</div>', answer.body, re.DOTALL)
    said = " ".join(re.sub(r"<[^>]+>", " ", reason[1] if reason else answer.body[:300]).split())
    return False, words in answer.body, f"{answer.status} {said[:200]}"


def _ready(around: Table, wall: dt.datetime, at: dt.datetime) -> None:
    """Everybody has a session to bring to the slot, as it stands now."""
    found = CoachingSession.objects.in_bulk([each.session.pk for each in around.contenders])
    for contender in around.contenders:
        contender.session = found[contender.session.pk]
        if contender.enrolment is not None and contender.path not in MOVES and contender.session.starts_at is not None:
            contender.session = load_scene.undated(contender.enrolment)
        if contender.path == "workbook":
            contender.asked = _workbook(around, contender.session, wall, at)
        if contender.path == "poll":
            contender.asked = _poll(around, contender.session, wall, at)


def _workbook(around: Table, session: CoachingSession, wall: dt.datetime, at: dt.datetime) -> int:
    """A coach's edited workbook, read and previewed, that gives the session this date."""
    was = {"date": "", "start": "", "mode": session.mode, "where": session.where}
    edit = {
        "id": session.pk,
        "version": session.version,
        "was": was,
        "to": {**was, "date": f"{wall:%Y-%m-%d}", "start": f"{wall:%H:%M}"},
        "state": str(session.get_state_display()),
        "cells": {"date": "Sessions!F2", "start": "Sessions!G2"},
    }
    coach = around.engagement.person
    rows = {"sessions": [edit], "marks": [], "refused": []}
    return WorkbookUpload.objects.create(
        engagement=around.engagement, filename="mine.xlsx", rows=rows, uploaded_by=coach, uploaded_at=at
    ).pk


def _poll(around: Table, session: CoachingSession, wall: dt.datetime, at: dt.datetime) -> int:
    """The group was asked about this time; what was asked before is withdrawn."""
    Poll.objects.filter(session=session, state="open").update(state="withdrawn", closed_at=at)
    closes_at = at + dt.timedelta(days=2)
    poll = Poll.objects.create(session=session, opened_by=around.engagement.person, opened_at=at, closes_at=closes_at)
    starts_at = cadence.instant(wall.date(), wall.time(), ZONE)
    ends_at = starts_at + dt.timedelta(minutes=session.minutes)
    kept = wall.replace(tzinfo=dt.UTC)
    return PollTime.objects.create(poll=poll, wall_starts=kept, starts_at=starts_at, ends_at=ends_at).pk


def _import(world: cast.World, number: int, at: dt.datetime) -> tuple[str, dict[str, str]]:
    """Three more people of the cohort, in a file that was read and looked at: where to apply it, and with what."""
    rows = "".join(f"New {number}-{index},new{number}-{index}@example.org\n" for index in range(3))
    made = programme_actions.upload_participants(
        cohort=world.cohort, data=f"Name,E-mail\n{rows}".encode(), filename="more.csv", by=world.halina, at=at
    )
    found = programmes.participant_import(world.halina, world.cohort.pk, made.pk, at)
    digest = programmes.import_plan(found).digest
    return reverse("import_apply", args=[world.cohort.pk, made.pk]), {"digest": digest}


def _judge(figures: Race, around: Table, wall: dt.datetime) -> None:
    """The slot went to exactly one; by which path."""
    starts_at = cadence.instant(wall.date(), wall.time(), ZONE)
    here = CoachingSession.objects.filter(engagement=around.engagement, state="booked", starts_at=starts_at)
    ids = set(here.values_list("pk", flat=True))
    if len(ids) != 1:
        figures.wrong.append(f"{wall}: {len(ids)} sessions")
    for contender in around.contenders:
        if contender.session.pk in ids:
            figures.won[contender.path] += 1
    if len(ids) == 1 and not any(contender.session.pk in ids for contender in around.contenders):
        figures.won["text line"] += 1  # the line takes the first session of its coachee that waits


def rush(
    world: cast.World,
    line: Line,
    *,
    people: int,
    slots: int,
    within: float,
    at: dt.datetime,
    processes: int = 1,
    lanes: int = 128,
) -> Rush:
    """People come within so many seconds, through so many connections at most, as a proxy in front keeps them."""
    figures = Rush(people, slots, within, processes, asking=Asking(line))
    coming = _crowd(world, people, slots, at)
    lock, began = threading.Lock(), time.perf_counter()

    def come(person: tuple[int, Who, int]) -> None:
        number, who, session = person
        wait = within * number / max(people, 1) - (time.perf_counter() - began)
        if wait > 0:
            time.sleep(wait)
        outcome = _one_of_the_crowd(figures.asking, who, session)  # type: ignore[arg-type]
        with lock:
            figures.booked += outcome == "booked"
            figures.full += outcome == "full"
            if outcome not in {"booked", "full"}:
                figures.lost.append(outcome)

    with ThreadPoolExecutor(max_workers=lanes) as pool:
        list(pool.map(come, coming))
        list(pool.map(_hang_up, [threading.Barrier(lanes)] * lanes))
    figures.seconds = time.perf_counter() - began
    figures.doubles = doubles()
    return figures


def _one_of_the_crowd(asking: Asking, who: Who, session: int) -> str:
    """Look, choose, confirm; where somebody else was quicker, choose among what is offered instead."""
    choose, hold = reverse("book_session", args=[session]), reverse("hold_time", args=[session])
    chance = random.Random(session)
    page = asking.get(choose, who)
    for _try in range(TRIES):
        if page.status != 200:
            return f"{page.status} {page.body[:100]}"
        free = OFFERED.findall(page.body)
        if not free:
            return "full"
        won, _told, _said = _book_at(asking, who, session, hold, chance.choice(free))
        if won is None:
            return "booked"
        page = won
    return "full" if page.status == 200 else f"{page.status}"


def _book_at(asking: Asking, who: Who, session: int, hold: str, value: str) -> tuple[Answer | None, bool, str]:
    """None when it is booked; else the page with what is left."""
    held = asking.post(hold, who, {"starts_at": value, "version": 1})
    confirm = reverse("book_confirm", args=[session])
    if held.status != 302:
        return held, True, ""
    if held.location != confirm:
        return asking.get(held.location, who), True, ""
    asking.get(confirm, who)
    booked = asking.post(confirm, who, {"starts_at": value, "version": 1})
    if booked.status == 302 and booked.location == reverse("coachee_session", args=[session]):
        return None, True, ""
    return (asking.get(booked.location, who) if booked.status == 302 else booked), True, ""


def _crowd(world: cast.World, people: int, slots: int, at: dt.datetime) -> Sequence[tuple[int, Who, int]]:
    """Coaches with thirty starts each between them all, and everybody with one session to date, signed in."""
    each = min(STARTS, slots)
    coaches = max(slots // each, 1)
    last = (at + AFTER).date() + dt.timedelta(days=each // load_scene.PER_DAY + 1)
    engagements = []
    for number in range(coaches):
        table = load_scene.table(world, 1000 + number, at, ())
        load_scene.only_these(table.engagement.person, (at + AFTER).date(), each, last, at)
        engagements.append(table.engagement)
    coming = load_scene.crowd(world, engagements, people, at)
    return [(number, who, session) for number, (who, session) in enumerate(coming)]


def doubles() -> int:
    """Pairs at one time with the same person, by people's time, and by what sessions say of coach and coachee."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM delivery_persontime a JOIN delivery_persontime b "
            "  ON a.person_id = b.person_id AND a.id < b.id AND a.during && b.during) + "
            "(SELECT count(*) FROM delivery_coachingsession a JOIN delivery_coachingsession b "
            "  ON a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at "
            "  AND (a.engagement_id = b.engagement_id OR a.enrolment_id = b.enrolment_id) "
            "WHERE a.state = 'booked' AND b.state = 'booked')"
        )
        return int(cursor.fetchone()[0])


def _hang_up(gate: threading.Barrier) -> None:
    """Each thread closes its own connection; waiting for the others makes sure that each does."""
    gate.wait()
    connections.close_all()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def main() -> int:
    """Both, over HTTP, on a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.time_load")
    parser.add_argument("--slots", type=int, default=1000, help="slots of the race")
    parser.add_argument("--coaches", type=int, default=10)
    parser.add_argument("--people", type=int, default=5000, help="people of the rush")
    parser.add_argument("--free", type=int, default=1500, help="slots of the rush")
    parser.add_argument("--within", type=float, default=60.0, help="seconds in which they come")
    parser.add_argument("--lanes", type=int, default=128, help="connections of the rush at a time, as of a proxy")
    parser.add_argument("--web", type=int, default=2, help="web processes")
    parser.add_argument("--only", choices=("race", "rush"))
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    at, port = clock.now(), free_port()
    world = load_scene.build(at)
    clean = True
    with web_processes(port, asked.web, Path(os.environ["CAIRN_STATE"]).parent / "web.log"):
        line = OverHttp(port)
        if asked.only != "rush":
            raced = race(world, line, slots=asked.slots, coaches=asked.coaches, at=at, processes=asked.web)
            clean = _report(raced, [*raced.wrong, *raced.untold, *(raced.asking.errors if raced.asking else [])])
        if asked.only != "race":
            rushed = rush(
                world,
                line,
                people=asked.people,
                slots=asked.free,
                within=asked.within,
                at=at,
                processes=asked.web,
                lanes=asked.lanes,
            )
            errors = rushed.asking.errors if rushed.asking else []
            clean = _report(rushed, [*rushed.lost, *errors]) and clean
    return 0 if clean else 1


def _report(figures: Race | Rush, problems: Sequence[str]) -> bool:
    print(figures, flush=True)  # noqa: T201
    for problem in problems[:10]:
        print(problem, flush=True)  # noqa: T201
    return figures.clean


if __name__ == "__main__":
    sys.exit(main())
