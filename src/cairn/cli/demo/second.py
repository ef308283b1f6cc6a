"""Eastmere's second cohort begins in six weeks; its people choose among the times that three coaches offer."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings

from cairn.cli.demo import cast, eastmere, names
from cairn.cli.demo.arrivals import arrive, invitations
from cairn.cli.demo.eastmere import Eastmere
from cairn.cli.demo.year import Event
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.programmes import actions as programme_actions
from cairn.programmes.terms import Choosing, GroupMode

BEGINS = 24  # the first cohort's week in which this one begins; the present one is the eighteenth
PLANNED, IMPORTED, OPENS, CLOSES = 12, 14, 16, 19
# Who offers which weekdays and times of day (Monday is 1), and in which of the cohort's styles they work.
OFFERED = {
    cast.IOANA: (((2, dt.time(13, 30)), (4, dt.time(16, 0))), cast.STYLES[:2]),
    cast.MALIK: (((1, dt.time(12, 30)), (3, dt.time(15, 0))), cast.STYLES[2:]),
    cast.KEIKO: (((3, dt.time(8, 30)),), cast.STYLES[:1]),
}
SILENT = 3  # one in so many has not answered
WISHES_NOTHING = 5  # one in so many says only what is impossible


def events(first: Eastmere) -> list[Event]:
    """Set the cohort up at once and return what its people have said since it opened."""
    world = _plan(first)
    slots = _engage(world)
    eastmere.import_people(world, names.SECOND, world.dates.at(IMPORTED, 0, 10))
    eastmere.join(world, names.SECOND, IMPORTED)
    return [
        _chooses(world, number, participant.email, slots)
        for number, participant in enumerate(names.SECOND)
        if number % SILENT
    ]


def _plan(first: Eastmere) -> Eastmere:
    dates, who = first.dates, {"by": first.halina, "at": first.dates.at(PLANNED, 2)}
    cohort = programme_actions.plan_cohort(
        programme=first.cohort.programme,
        values={
            "name": "Cohort 2",
            "starts_on": dates.day(BEGINS),
            "ends_on": dates.day(BEGINS + 52, -1),
            "expected_people": len(names.SECOND),
            "expected_coaches": len(OFFERED),
            "expected_new_coaches": 0,
            "expected_rate_minor": cast.IOANA.rate,
            "group_cap": 9,
            "agreement_text": cast.AGREEMENT,
        },
        **who,
    )
    programme_actions.set_mixing(cohort=cohort, mixes=True, attributes=eastmere.MIXING, **who)
    choosing = {
        "group_mode": GroupMode.SELF_CHOSEN.value,
        "choosing": Choosing.RANK.value,
        "choices_open_at": dates.at(OPENS, 3),
        "choices_close_at": dates.at(CLOSES, 2, 18),
        "seats_held_back": 1,
        "coaching_styles": list(cast.STYLES),
    }
    cohort = programme_actions.set_choosing(cohort=cohort, values=choosing, **who)
    return replace(first, cohort=cohort, engagements={}, enrolments={}, group_sessions={}, meetings=[])


def _engage(world: Eastmere) -> list[Any]:
    """Three coaches are asked, say yes, and offer their times. Returns these."""
    dates, cohort = world.dates, world.cohort
    for position, coach in enumerate(OFFERED):
        world.engagements[coach.email] = delivery_actions.engage_coach(
            cohort=cohort,
            email=coach.email,
            name=coach.name,
            is_internal=coach.is_internal,
            needs_familiarisation=False,
            minutes=delivery_queries.commission_for(cohort, position, is_new=False),
            minor_per_hour=coach.rate,
            currency="GBP",
            tax_basis_points=coach.tax,
            address_of=settings.CAIRN_PUBLIC_URL,
            by=world.halina,
            at=dates.at(PLANNED + 1, 0, 10, position),
        )
    secrets, slots = invitations(), []
    for weekday, (coach, (times, styles)) in enumerate(OFFERED.items()):
        at = dates.at(PLANNED + 1, 1 + weekday, 18)
        who: dict[str, Any] = {"by": arrive(secrets[coach.email], at), "at": at}
        engagement = programme_actions.accept_engagement(engagement=world.engagements[coach.email], **who)
        world.engagements[coach.email] = engagement
        where = f"https://meet.example/{coach.email.partition('@')[0]}"
        slots += [
            programme_actions.publish_slot(engagement=engagement, weekday=day, starts=starts, where=where, **who)
            for day, starts in times
        ]
        programme_actions.say_coach_styles(engagement=engagement, styles=styles, **who)
    return slots


def _chooses(world: Eastmere, number: int, email: str, slots: Sequence[Any]) -> Event:
    """Somebody numbers some of the times, and says which are impossible. No two want quite the same."""
    dice = random.Random(email)  # noqa: S311 - a wish, not a secret
    liked = sorted(slots, key=lambda each: dice.random() * (2 + slots.index(each)))
    cannot = [each.pk for each in liked[-(number % 3) :]]
    wished = [] if number % WISHES_NOTHING == 1 else liked[: 2 + number % 2]
    styles = [cast.STYLES[number % len(cast.STYLES)]] if number % 2 else []

    def choose(at: dt.datetime) -> None:
        who: dict[str, Any] = {"enrolment": world.enrolments[email], "by": world.people[email], "at": at}
        programme_actions.rank_slots(
            ranks={each.pk: rank for rank, each in enumerate(wished, start=1)}, cannot=cannot, **who
        )
        if styles:
            programme_actions.say_styles(styles=styles, **who)

    return world.dates.at(OPENS, 6 + number % 5, 8 + number % 13, number), choose
