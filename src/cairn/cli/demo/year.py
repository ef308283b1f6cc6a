"""The cohort's year up to now: sessions dated, held and missed, apologies, a new job, a journal."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from cairn.cli.demo import cast, names
from cairn.cli.demo.dates import WORKING_DAYS, Dates, is_working, moment, next_working_days
from cairn.cli.demo.eastmere import Eastmere
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.journey import actions as journey_actions
from cairn.programmes import actions as programme_actions
from cairn.programmes.terms import Stays

Event = tuple[dt.datetime, Callable[[dt.datetime], object]]
SETTLED_AFTER = dt.timedelta(minutes=30)  # coaches mark attendance soon; what ended just now is still to write up
MARKS = (["attended"] * 32) + ["late_cancelled", "missed"]
WITH_EXCUSES = (["attended"] * 30) + ["excused", "excused", "late_cancelled", "missed"]
FIRST_HELD, SECOND_HELD = 9, 4  # of a coach's people, so many have had one session, and so many two
THANDIWES_TURN, XIUYINGS_TURN = 7, 5


def events(world: Eastmere) -> list[Event]:
    """What happened, each with its moment, in no order."""
    return [*_group_events(world), *_meeting_events(world), *_one_to_one_events(world), *_events_of_life(world)]


def play(story: list[Event]) -> None:
    """Let everything happen in its order."""
    for at, happen in sorted(story, key=lambda event: event[0]):
        happen(at)


# ------------------------------------------------------------------ groups and coach meetings


def _group_events(world: Eastmere) -> list[Event]:
    story: list[Event] = []
    for coach in cast.COACHES:
        past = [each for each in world.group_sessions[coach.email] if _is_settled(each.ends_at, world.dates)]
        story += [
            _marked(world, coach, session, marks)
            for session, marks in zip(past, _group_marks(world, coach, len(past)), strict=True)
        ]
    return story


def _group_marks(world: Eastmere, coach: cast.Coach, sessions: int) -> list[dict[int, str]]:
    """Enrolment id → mark for each session; only one person misses two in a row, at the end."""
    dice = random.Random(coach.email)  # noqa: S311 - attendance, not a secret
    deck = WITH_EXCUSES if coach in (cast.MALIK, cast.KEIKO) else MARKS
    members = world.members(coach)
    twice = world.enrolments[names.MISSES_TWICE].pk
    marks: list[dict[int, str]] = []
    for number in range(sessions):
        before = marks[-1] if marks else {}
        drawn = {each.pk: dice.choice(deck) for each in members}
        marks.append({pk: "attended" if before.get(pk) == mark == "missed" else mark for pk, mark in drawn.items()})
        if twice in drawn:
            marks[-1][twice] = "missed" if number >= sessions - 2 else "attended"
    return marks


def _marked(world: Eastmere, coach: cast.Coach, session: Any, marks: dict[int, str]) -> Event:
    """Whoever sits in the group by then; who came to it later has been there each time."""

    def mark(at: dt.datetime) -> object:
        there = {each.pk: marks.get(each.pk, "attended") for each in world.members(coach)}
        return delivery_actions.record_attendance(session=session, marks=there, by=world.people[coach.email], at=at)

    return session.ends_at + dt.timedelta(minutes=5), mark


def _meeting_events(world: Eastmere) -> list[Event]:
    marks = {world.engagements[coach.email].pk: "attended" for coach in cast.COACHES}

    def marked(session: Any) -> Event:
        return session.ends_at + dt.timedelta(minutes=15), lambda at: delivery_actions.record_meeting_attendance(
            session=session, marks=marks, by=world.halina, at=at
        )

    return [marked(session) for session in world.meetings if _is_settled(session.ends_at, world.dates)]


# ------------------------------------------------------------------ one-to-one


def _one_to_one_events(world: Eastmere) -> list[Event]:
    dates = world.dates
    story: list[Event] = []
    for position, coach in enumerate(cast.COACHES):
        weekday = (dates.group_weekday + position) % WORKING_DAYS
        waiting = _waiting_sessions(world, coach)
        for turn, enrolment in enumerate(_in_turn(world, coach)[:FIRST_HELD]):
            first = _open_day(dates, dates.day(1 + turn, 0), weekday + 1 + turn % 4)
            story += _dated(world, coach, waiting[enrolment.pk][0], moment(first, dt.time(10)), turn)
            if turn < SECOND_HELD:
                second = _open_day(dates, dates.day(12 + turn, 0), weekday + 1 + turn % 4)
                at = moment(second, dt.time(11, 30))
                story += _dated(world, coach, waiting[enrolment.pk][1], at, turn)
        soon = zip(_in_turn(world, coach)[SECOND_HELD:], _soon(dates, coach), strict=False)
        for enrolment, starts_at in soon:
            story += _dated(world, coach, waiting[enrolment.pk][1], starts_at, SECOND_HELD)
    return story


def _soon(dates: Dates, coach: cast.Coach) -> list[dt.datetime]:
    """Sessions around now. Ioana's first is one that she has not written up yet."""
    ahead = next_working_days(dates.today, 8)
    if coach is cast.IOANA:
        days = [(dates.last_working_day, 12), (dates.today, 13), (dates.today, 16), (ahead[0], 13), (ahead[3], 12)]
    elif coach is cast.MALIK:
        days = [(dates.today, 12), (ahead[1], 9), (ahead[4], 12)]
    else:
        days = [(ahead[0], 12), (ahead[6], 13)]
    return [moment(day, dt.time(hour)) for day, hour in days]


def _waiting_sessions(world: Eastmere, coach: cast.Coach) -> dict[int, list[Any]]:
    """Enrolment id → sessions without a date, in order."""
    found: dict[int, list[Any]] = defaultdict(list)
    for seen in delivery_queries.undated_sessions(world.people[coach.email], world.dates.at(-1)):
        found[seen.seats[0].enrolment_id or 0].append(seen.session)
    return found


def _in_turn(world: Eastmere, coach: cast.Coach) -> list[Any]:
    """A coach's people, with those who can be signed in as where a session of theirs is near."""
    members = world.members(coach)
    for email, turn in ((cast.THANDIWE, THANDIWES_TURN), (cast.XIUYING, XIUYINGS_TURN)):
        enrolment = world.enrolments[email]
        if enrolment in members:
            members.remove(enrolment)
            members.insert(turn, enrolment)
    return members


def _dated(world: Eastmere, coach: cast.Coach, session: Any, starts_at: dt.datetime, turn: int) -> list[Event]:
    """The session is given a date some days before and, when it is over, marked, while the coach is theirs."""
    by, dates = world.people[coach.email], world.dates
    ends_at = starts_at + dt.timedelta(minutes=session.minutes)
    wall = starts_at.astimezone(session.zone).replace(tzinfo=None)

    def is_theirs() -> bool:
        return session.enrolment_id in {each.pk for each in world.members(coach)}

    def date(at: dt.datetime) -> object:
        return is_theirs() and delivery_actions.date_session(
            session=session,
            wall_starts=wall,
            mode="online",
            where=f"https://meet.example/{coach.email.partition('@')[0]}",
            expected_version=session.version,
            by=by,
            at=at,
        )

    def mark(at: dt.datetime) -> object:
        said = {3: "late_cancelled", 4: "missed"}.get(turn if coach in (cast.WREN, cast.KEIKO) else 0, "attended")
        marks = {session.enrolment_id: said}
        return is_theirs() and delivery_actions.record_attendance(session=session, marks=marks, by=by, at=at)

    just_now = coach in (cast.IOANA, cast.MALIK) and starts_at > dates.now + dt.timedelta(days=1)
    dated_at = dates.now - dt.timedelta(hours=3) if just_now else starts_at - dt.timedelta(days=9, hours=2)
    story: list[Event] = [(dated_at, date)]
    to_write_up = coach is cast.IOANA and starts_at == _soon(dates, coach)[0]
    if _is_settled(ends_at, dates) and not to_write_up:
        story.append((ends_at + dt.timedelta(minutes=5), mark))
    return story


def _open_day(dates: Dates, monday: dt.date, weekday: int) -> dt.date:
    """That weekday of the week, or of the next in which it is not closed."""
    day = monday + dt.timedelta(days=weekday % WORKING_DAYS)
    while day in dates.closed or not is_working(day):
        day += dt.timedelta(weeks=1)
    return day


def _is_settled(ends_at: dt.datetime, dates: Dates) -> bool:
    return ends_at + SETTLED_AFTER <= dates.now


# ------------------------------------------------------------------ life


def _events_of_life(world: Eastmere) -> list[Event]:
    dates, moved = world.dates, world.enrolments[names.MOVED_ON]
    coach = next(each for each in cast.COACHES if world.engagements[each.email].pk == moved.engagement_id)
    thandiwe = world.people[cast.THANDIWE]

    def own_time(at: dt.datetime) -> None:
        position = programme_actions.say_new_position(
            enrolment=moved, starts_on=dates.day(9), wish=Stays.OWN_TIME, by=world.people[coach.email], at=at
        )
        delivery_actions.record_new_position(
            position=position,
            outcome=Stays.OWN_TIME,
            on=dates.day(9),
            by=world.halina,
            at=at + dt.timedelta(days=1),
        )

    def moves_soon(at: dt.datetime) -> None:
        programme_actions.say_new_position(
            enrolment=world.enrolments[names.MOVES_SOON],
            starts_on=dates.today + dt.timedelta(days=24),
            by=world.people[names.MOVES_SOON],
            at=at,
        )

    def writes(text: str) -> Callable[[dt.datetime], object]:
        return lambda at: journey_actions.write_entry(text=text, by=thandiwe, at=at)

    weeks = (1, 9, 17)
    return [
        (dates.at(8, 1, 17), own_time),
        (dates.now - dt.timedelta(days=2, hours=1), moves_soon),
        *((dates.at(week, 3, 21), writes(text)) for week, text in zip(weeks, cast.JOURNAL, strict=True)),
        *_apologies(world),
    ]


def _apologies(world: Eastmere) -> list[Event]:
    """Somebody in Ioana's group cannot come to its next session."""
    dates = world.dates
    coming = [each for each in world.group_sessions[cast.IOANA.email] if each.starts_at > dates.now]
    senders = world.people.keys() - {cast.THANDIWE}
    sender = next(each for each in world.members(cast.IOANA) if each.person.email in senders)
    said_at = min(coming[0].starts_at - dt.timedelta(hours=40), dates.now - dt.timedelta(hours=1))
    by = world.people[sender.person.email]
    return [(said_at, lambda at: delivery_actions.send_apologies(session=coming[0], by=by, at=at))]
