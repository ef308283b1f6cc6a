"""What people ask for on the way: another group, done weeks ago and waiting now; adjustments, agreed and waiting."""

import datetime as dt
from typing import Any

from django.conf import settings

from cairn.cli.demo import cast, names
from cairn.cli.demo.eastmere import Eastmere
from cairn.cli.demo.year import Event
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programme_queries
from cairn.programmes.actions import Ask
from cairn.programmes.terms import ARRANGED_BY_DEFAULT, TOLD_TO_GROUP_BY_DEFAULT, MoveWish, Need

MOVED_IN, CAMERA_OFF_IN = 14, 5  # weeks: after the first quarter's invoices, and early in the cohort
LEFT_ALONE = frozenset(
    {
        *(cast.THANDIWE, cast.XIUYING, names.NEVER_CAME, *names.NOT_AGREED, names.MISSES_TWICE, names.MOVED_ON),
        *(names.MOVES_SOON, names.WANTS_ANOTHER_GROUP, names.WANTS_SUMMARIES),
    }
)
GROUPS_LEFT_ALONE = (cast.IOANA, cast.MALIK)  # what somebody signed in sees of their year stays as it is told


def events(world: Eastmere) -> list[Event]:
    """What was asked and answered, each with its moment, in no order."""
    return [*_moves(world), *_adjustments(world)]


def _moves(world: Eastmere) -> list[Event]:
    dates = world.dates
    mover = next(each for each in reversed(world.members(cast.WREN)) if each.person.email not in LEFT_ALONE)
    asked: list[Any] = []

    def asks(at: dt.datetime) -> None:
        asked.append(_ask(world, mover.person.email, MoveWish.ANOTHER_COACH, at))

    return [
        (dates.at(MOVED_IN - 1, 3, 20, 10), asks),
        (dates.at(MOVED_IN, 1, 17, 30), lambda at: _approve(world, asked[0], at)),
        (
            dates.now - dt.timedelta(days=4, hours=2),
            lambda at: _ask(world, names.WANTS_ANOTHER_GROUP, MoveWish.ANOTHER_GROUP, at),
        ),
    ]


def _ask(world: Eastmere, email: str, wish: MoveWish, at: dt.datetime) -> Any:
    return programme_actions.ask_to_move(
        enrolment=world.enrolments[email], wish=wish.value, by=world.people[email], at=at
    )


def _approve(world: Eastmere, asked: Any, at: dt.datetime) -> None:
    """The way that costs coaches the least, from the next day on: until then neither group meets."""
    request = delivery_queries.move_to_answer(world.halina, asked.pk, at)
    from_on = at.date() + dt.timedelta(days=1)
    answer = programme_queries.move_answer(request, from_on)
    plain = [each for each in answer.ways if _is_plain_swap(world, each)] or list(answer.ways)
    lacking = [delivery_queries.move_effects(request, each.changes, from_on, at).lacks for each in plain]
    way = min(zip(plain, lacking, strict=True), key=lambda found: sum(each.minutes for each in found[1]))[0]
    delivery_actions.approve_move_request(
        request=request,
        way=way.key,
        from_on=from_on,
        seen=answer.stamp,
        raise_commission=True,
        address_of=settings.CAIRN_PUBLIC_URL,
        by=world.halina,
        at=at,
    )
    coaches = {each.enrolment_id: each.to_engagement_id for each in way.changes}
    for enrolment in world.enrolments.values():
        enrolment.engagement_id = coaches.get(enrolment.pk, enrolment.engagement_id)


def _is_plain_swap(world: Eastmere, way: Any) -> bool:
    """Two people with no other part in the story change places."""
    kept = {world.enrolments[email].pk for email in LEFT_ALONE}
    held = {world.engagements[coach.email].pk for coach in GROUPS_LEFT_ALONE}
    plain = all(each.enrolment_id not in kept and each.to_engagement_id not in held for each in way.changes)
    return plain and len(way.changes) == 2


def _adjustments(world: Eastmere) -> list[Event]:
    dates = world.dates
    unseen = next(each for each in reversed(world.members(cast.IOANA)) if each.person.email not in LEFT_ALONE)
    asked: list[Any] = []

    def asks(at: dt.datetime) -> None:
        asked.extend(_need(world, unseen.person.email, Need.CAMERA_OFF, at))

    def agreed(at: dt.datetime) -> None:
        delivery_actions.agree_adjustment(
            adjustment=asked[0],
            arrangement=str(ARRANGED_BY_DEFAULT[Need.CAMERA_OFF]),
            group_told=str(TOLD_TO_GROUP_BY_DEFAULT[Need.CAMERA_OFF]),
            address_of=settings.CAIRN_PUBLIC_URL,
            by=world.halina,
            at=at,
        )

    return [
        (dates.at(CAMERA_OFF_IN, 0, 20, 40), asks),
        (dates.at(CAMERA_OFF_IN, 2, 9, 20), agreed),
        (
            dates.now - dt.timedelta(days=3, hours=4),
            lambda at: _need(world, names.WANTS_SUMMARIES, Need.WRITTEN_SUMMARY, at),
        ),
    ]


def _need(world: Eastmere, email: str, need: Need, at: dt.datetime) -> list[Any]:
    return programme_actions.ask_adjustments(
        enrolment=world.enrolments[email], asks=[Ask(need.value)], by=world.people[email], at=at
    )
