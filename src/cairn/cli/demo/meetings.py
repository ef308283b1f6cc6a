"""Meetings of many: what coaches brought to their last meeting, a topic session that is full, an open hour."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from cairn.cli.demo import cast
from cairn.cli.demo.dates import next_working_days
from cairn.cli.demo.eastmere import Eastmere
from cairn.delivery import actions
from cairn.delivery.terms import PointKind
from cairn.programmes.terms import Kind

Event = tuple[dt.datetime, Callable[[dt.datetime], object]]
EVENING = dt.time(17, 30)  # when nobody in the story has another session
PLACES = 4
AGENDA = "1. How it goes in the groups\n2. What we meet again and again\n3. Dates of the next quarter"
NOTES = (
    "Groups have found their way of working. We try to end five minutes early, so that everybody can note one step. "
    "Questions about contracts go to the advisers."
)
TOPIC = "Where do the hours of a week go, and which of them are yours to give? Bring a week that was typical."
POINTS = (
    (cast.MALIK, PointKind.CHALLENGE, "Much time goes into worries about contracts that coaching cannot settle."),
    (cast.KEIKO, PointKind.CHALLENGE, "When two are missing, a group of ten is quiet at first."),
    (cast.IOANA, PointKind.FEEDBACK, "It helps that dates stand for the whole year."),
)
AFTERWARDS = (cast.WREN, PointKind.COMMENT, "The idea of ending with one step each works well.")
QUESTIONS = (
    "How do I keep a morning free when everybody else can see my calendar?",
    "What do others do when the urgent thing is always somebody else’s?",
    "Is there a way to plan a week that survives Monday?",
)


def events(world: Eastmere) -> list[Event]:
    """What was said and planned, each with its moment."""
    return [*_coach_meetings(world), *_topic(world), *_drop_in(world)]


def _coach_meetings(world: Eastmere) -> list[Event]:
    ended = [each for each in world.meetings if each.ends_at + dt.timedelta(hours=1) <= world.dates.now]
    if not ended:
        return []
    last, hour = ended[-1], dt.timedelta(hours=1)

    def point(coach: cast.Coach, kind: PointKind, text: str) -> Callable[[dt.datetime], object]:
        return lambda at: actions.add_point(session=last, kind=kind, text=text, by=world.people[coach.email], at=at)

    def written(by: Any, version: int, **values: str) -> Callable[[dt.datetime], object]:
        return lambda at: actions.write_detail(session=last, values=values, expected_version=version, by=by, at=at)

    before = [
        (last.starts_at - dt.timedelta(days=3, minutes=-number), point(*each)) for number, each in enumerate(POINTS)
    ]
    return [
        (last.starts_at - dt.timedelta(days=6), written(world.halina, 0, description=AGENDA)),
        *before,
        (last.ends_at + hour / 2, written(world.people[cast.MALIK.email], 1, notes=NOTES)),
        (last.ends_at + hour * 0.9, point(*AFTERWARDS)),
    ]


def _topic(world: Eastmere) -> list[Event]:
    """More people want to come than there are places, and some have asked something already."""
    dates = world.dates
    planned: list[Any] = []

    def plan(at: dt.datetime) -> None:
        wall = dt.datetime.combine(next_working_days(dates.today, 9)[-1], EVENING)
        planned.append(
            actions.add_meeting(
                cohort=world.cohort,
                kind=Kind.TOPIC,
                engagement=world.engagements[cast.WREN.email],
                minutes=60,
                wall_starts=wall,
                where="https://meet.example/topic",
                title="Time management",
                description=TOPIC,
                material="https://eastmere.example/time-management",
                places_for=PLACES,
                commissions=True,
                by=world.halina,
                at=at,
            )
        )

    def take(by: Any) -> Callable[[dt.datetime], object]:
        return lambda at: actions.take_place(session=planned[0], by=by, at=at)

    def ask(text: str, by: Any) -> Callable[[dt.datetime], object]:
        return lambda at: actions.ask_question(session=planned[0], text=text, by=by, at=at)

    said_at = dates.now - dt.timedelta(days=8)
    coming = _people(world, cast.IOANA, PLACES) + _people(world, cast.MALIK, 2)
    taken = [(said_at + dt.timedelta(hours=number), take(by)) for number, by in enumerate(coming, start=1)]
    asked = [
        (said_at + dt.timedelta(days=number), ask(text, coming[number]))
        for number, text in enumerate(QUESTIONS, start=1)
    ]
    return [(said_at, plan), *taken, *asked]


def _drop_in(world: Eastmere) -> list[Event]:
    dates = world.dates

    def plan(at: dt.datetime) -> None:
        session = actions.add_meeting(
            cohort=world.cohort,
            kind=Kind.DROP_IN,
            engagement=world.engagements[cast.IOANA.email],
            minutes=60,
            wall_starts=dt.datetime.combine(next_working_days(dates.today, 5)[-1], EVENING),
            where="https://meet.example/open-hour",
            description="Come with one thing, or just to listen. Leave when you like.",
            commissions=True,
            by=world.halina,
            at=at,
        )
        for by in _people(world, cast.KEIKO, 2):
            actions.take_place(session=session, by=by, at=at)

    return [(dates.now - dt.timedelta(days=5), plan)]


def _people(world: Eastmere, coach: cast.Coach, count: int) -> list[Any]:
    """Some of a coach's people who have signed in, apart from those to sign in as."""
    known = world.people.keys() - {cast.THANDIWE, cast.XIUYING}
    staying = [each for each in world.members(coach) if each.person.email in known and each.state == "active"]
    return [world.people[each.person.email] for each in staying[:count]]
