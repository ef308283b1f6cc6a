"""Where the killing takes place: the cast, with sessions of two quarters that have been and wait for their marks."""

import datetime as dt

from cairn.ledger.models import Entitlement
from tests import cast
from tests.delivery import making

FIRST_DAY = dt.date(2026, 9, 14)
LAST_DAY = dt.date(2027, 3, 4)


def build(sessions: int) -> list[int]:
    """So many group sessions of each of two coaches, and half as many one-to-ones. Returns the engagements."""
    world = cast.build()
    for account in Entitlement.objects.filter(enrolment__cohort=world.cohort):
        cast.promise(account, 90 * sessions, 10_000)
    every = (LAST_DAY - FIRST_DAY) // sessions
    for index in range(sessions):
        day = FIRST_DAY + index * every
        for number in (1, 2):
            making.group_session(world, dt.datetime.combine(day, dt.time(10)), at=cast.BEFORE, number=number)
        if index % 2:
            for who, coach, hour in (("thandiwe", "ioana", 13), ("part", "ioana", 15), ("siobhan", "malik", 13)):
                session = making.undated(world, who)
                start = dt.datetime.combine(day, dt.time(hour))
                making.date(session, start, by=world.people[coach], at=cast.BEFORE)
    return [world.engagements["ioana"].pk, world.engagements["malik"].pk]
