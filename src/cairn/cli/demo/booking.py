"""Coaches say when they can be booked, two people book for themselves, and a group looks for another time."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings

from cairn.cli.demo import cast
from cairn.cli.demo.dates import next_working_days
from cairn.cli.demo.eastmere import Eastmere
from cairn.cli.demo.year import Event
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.engines.availability import Hours

MORNING, AFTERNOON = (dt.time(9), dt.time(12, 30)), (dt.time(14), dt.time(17))
LATE = (dt.time(16), dt.time(20))
WORDS = ("yes", "maybe", "no")


def events(world: Eastmere) -> list[Event]:
    """What happened, each with its moment, in no order."""
    now = world.dates.now
    return [
        *((world.dates.at(-1, 2, 10 + number), _offers(world, coach)) for number, coach in enumerate(cast.COACHES)),
        (now - dt.timedelta(hours=2), _books(world, cast.IOANA)),
        (now - dt.timedelta(minutes=100), _books(world, cast.MALIK)),
        (now - dt.timedelta(hours=14), _asks_the_group(world, cast.IOANA)),
    ]


def _offers(world: Eastmere, coach: cast.Coach) -> Callable[[dt.datetime], None]:
    """Online or by phone on four days; Malik in the evenings, for people far away."""
    by = world.people[coach.email]
    spans = [MORNING, AFTERNOON] if coach is not cast.MALIK else [MORNING, LATE]

    def offer(at: dt.datetime) -> None:
        online = f"https://meet.example/{coach.email.partition('@')[0]}"
        delivery_actions.add_place(name="Online", mode="online", where=online, by=by, at=at)
        delivery_actions.add_place(name="By phone", mode="phone", where="", by=by, at=at)
        delivery_actions.save_availability(
            terms=delivery_actions.BookingTerms(time_zone=by.time_zone, most_per_day=4),
            hours=[Hours(weekday, starts, ends) for weekday in range(4) for starts, ends in spans],
            expected_version=0,
            by=by,
            at=at,
        )

    return offer


def _books(world: Eastmere, coach: cast.Coach) -> Callable[[dt.datetime], object]:
    """The last of a coach's people who has signed in takes a time of the coach's."""
    enrolment = [each for each in world.members(coach) if each.person.email in world.people][-1]
    by = world.people[enrolment.person.email]

    def book(at: dt.datetime) -> object:
        session = delivery_queries.coachee_sessions(by, at).undated[0].session
        first = at.date()
        offered = delivery_queries.bookable(
            session=session,
            engagement=world.engagements[coach.email],
            enrolment=enrolment,
            first=first,
            last=first + dt.timedelta(days=30),
            holder=by,
            at=at,
        )
        start = offered[len(offered) // 3]
        delivery_actions.hold_time(
            session=session, starts_at=start.starts_at, expected_version=session.version, by=by, at=at
        )
        return delivery_actions.book_held(session=session, by=by, at=at)

    return book


def _asks_the_group(world: Eastmere, coach: cast.Coach) -> Callable[[dt.datetime], None]:
    """The session after next has to move; some have said when they can, the one who can be signed in as has not."""
    by, now = world.people[coach.email], world.dates.now
    session = [each for each in world.group_sessions[coach.email] if each.starts_at > now][1]
    quiet = (cast.THANDIWE, cast.XIUYING)
    answering = [each for each in world.members(coach) if each.person.email not in quiet][:6]

    def ask(at: dt.datetime) -> None:
        days = [day for day in next_working_days(session.wall_starts.date(), 5) if day not in world.dates.closed]
        times = [_proposed(day, hour) for day, hour in zip(days, (9, 15, 16), strict=False)]
        poll = delivery_actions.open_poll(
            session=session,
            times=times,
            closes_at=at + dt.timedelta(days=5),
            expected_version=session.version,
            address_of=settings.CAIRN_PUBLIC_URL,
            by=by,
            at=at,
        )
        for number, enrolment in enumerate(answering):
            said = {
                each.pk: WORDS[(number + place) % 3 if number else 0] for place, each in enumerate(poll.times.all())
            }
            delivery_actions.answer_poll(poll=poll, said=said, by=enrolment.person, at=at + dt.timedelta(minutes=20))

    return ask


def _proposed(day: dt.date, hour: int) -> Any:
    return delivery_actions.Proposed(dt.datetime.combine(day, dt.time(hour)))
