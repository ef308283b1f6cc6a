"""A coachee's own journey beside her coaching, and somebody who guides himself with no organisation at all."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from cairn.cli.demo import cast
from cairn.cli.demo import journey_words as words
from cairn.cli.demo.dates import Dates
from cairn.cli.demo.eastmere import Eastmere
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.journey import actions, queries
from cairn.journey.terms import ItemKind
from cairn.people import actions as people_actions

Event = tuple[dt.datetime, Callable[[dt.datetime], object]]
MONTHS_SHARED = dt.timedelta(days=90)


def events(world: Eastmere) -> list[Event]:
    """What Thandiwe writes, shares and is asked, and how Marek begins."""
    return [*_walk(world), *_exercises(world), *_aims(world), *_beside(world), *_marek(world.dates)]


# ------------------------------------------------------------------ Thandiwe


def _walk(world: Eastmere) -> list[Event]:
    dates, her = world.dates, world.people[cast.THANDIWE]

    def begins(at: dt.datetime) -> None:
        actions.begin_walk(topics=["options"], situations=["dissatisfied", "talents"], words="", by=her, at=at)

    def leaves_two(at: dt.datetime) -> None:
        actions.park_question(question=words.PARKED, text="", revision=0, by=her, at=at)
        actions.skip_question(question=words.SKIPPED, text="", revision=0, by=her, at=at)

    def looks_back_later(at: dt.datetime) -> None:
        _answer(her, "know_it_was_right", words.KNOW_IT_WAS_RIGHT, at, look_back_on=dates.day(30))

    week, question, text = words.SECOND_THOUGHT
    title, entry, tags = words.ENTRY
    return [
        (dates.at(0, 0, 20), begins),
        *((dates.at(after, 1, 21), _answers(her, key, said)) for after, key, said in words.ANSWERS),
        (dates.at(week, 2, 21), lambda at: _answer(her, question, text, at, revision=1)),
        (dates.at(16, 4, 21), looks_back_later),
        (dates.at(9, 5, 11), leaves_two),
        (dates.at(17, 1, 21), _drafts(her, *words.DRAFT)),
        (dates.at(16, 3, 22), lambda at: actions.write_entry(text=entry, title=title, tags=tags, by=her, at=at)),
    ]


def _exercises(world: Eastmere) -> list[Event]:
    dates, her = world.dates, world.people[cast.THANDIWE]
    columns = ("aspect", "now", "wished", "importance")
    then, now = ([dict(zip(columns, row, strict=True)) for row in rows] for rows in (words.WHEEL_THEN, words.WHEEL_NOW))
    moments = [dict(zip(("year", "what", "height", "gave", "drained"), row, strict=True)) for row in words.LINE]
    line = {"moments": moments, "repeat": _rows("what", words.REPEAT), "avoid": _rows("what", words.AVOID)}
    kept = [dict(zip(("what", "wish", "why"), row, strict=True)) for row in words.KEEP]
    strengths = [dict(zip(("strength", "evidence", "seen", "joy"), row, strict=True)) for row in words.STRENGTHS]
    values = {card: pile for pile, cards in words.VALUES.items() for card in cards}
    doings: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (2, "wheel", {"aspects": then}),
        (5, "strengths", {"strengths": strengths}),
        (7, "line", line),
        (10, "values", {"cards": values}),
        (12, "keep_and_change", {"aspects": kept}),
        (14, "self_140", words.SELF_140),
        (16, "wheel", {"aspects": now}),
    )
    return [
        *((dates.at(week, 6, 16), _does(her, exercise, values)) for week, exercise, values in doings),
        (dates.at(16, 6, 20), lambda at: _takes_into_portrait(her, at)),
    ]


def _aims(world: Eastmere) -> list[Event]:
    dates, her = world.dates, world.people[cast.THANDIWE]

    def aims(at: dt.datetime) -> None:
        title, why, levels = words.GOAL
        goal = actions.set_goal(title=title, why=why, levels=levels, target_on=dates.day(34), by=her, at=at)
        actions.weigh(goal_id=goal.pk, weight=3, by=her, at=at)
        actions.review_goal(goal_id=goal.pk, level=-1, by=her, at=at + dt.timedelta(weeks=2))
        actions.review_goal(goal_id=goal.pk, level=0, by=her, at=at + dt.timedelta(weeks=6))
        for text, days, is_done in words.STEPS:
            due_on = dates.today + dt.timedelta(days=days)
            step = actions.add_step(text=text, due_on=due_on, goal_id=goal.pk, by=her, at=at)
            if is_done:
                actions.finish_step(step_id=step.pk, by=her, at=dates.now - dt.timedelta(days=5))

    def aims_again(at: dt.datetime) -> None:
        title, why, levels = words.SECOND_GOAL
        goal = actions.set_goal(title=title, why=why, levels=levels, by=her, at=at)
        actions.review_goal(goal_id=goal.pk, level=1, by=her, at=at + dt.timedelta(weeks=3))

    return [(dates.at(8, 2, 20), aims), (dates.at(12, 2, 20), aims_again)]


def _beside(world: Eastmere) -> list[Event]:
    """What Ioana sees, says and asks."""
    dates, her, ioana = world.dates, world.people[cast.THANDIWE], world.people[cast.IOANA.email]

    def shares(at: dt.datetime) -> None:
        until = dates.now + MONTHS_SHARED
        newest = queries.entries(her)[0]
        wheel = queries.runs(her, "wheel")[0]
        for kind, item in ((ItemKind.ENTRY, newest.id), (ItemKind.RUN, wheel.id), (ItemKind.PREPARATION, None)):
            delivery_actions.share_with(kind=kind, item_id=item, reader_id=ioana.pk, until=until, by=her, at=at)

    def reads(at: dt.datetime) -> None:
        newest = queries.entries(her)[0]
        queries.shared_item(ioana, her.pk, ItemKind.ENTRY, newest.id, at)

    def notes(at: dt.datetime) -> None:
        for text, is_shared in ((words.NOTE_PRIVATE, False), (words.NOTE_SHARED, True)):
            delivery_actions.write_note_about(person_id=her.pk, text=text, is_shared=is_shared, by=ioana, at=at)
        due_on = dates.today + dt.timedelta(days=9)
        delivery_actions.agree_step_with(person_id=her.pk, text=words.AGREED, due_on=due_on, by=ioana, at=at)
        delivery_actions.pick_for(person_id=her.pk, kind="question", key="fear_of_staying", by=ioana, at=at)

    def brings(at: dt.datetime) -> None:
        coming = delivery_queries.coachee_home(her, at).next
        if coming is not None:
            session_id = coming.session.pk
            actions.save_preparation(session_id=session_id, part="bring", text=words.BRING, revision=0, by=her, at=at)

    return [
        (dates.now - dt.timedelta(hours=30), shares),
        (dates.now - dt.timedelta(hours=20), reads),
        (dates.now - dt.timedelta(hours=19), notes),
        (dates.now - dt.timedelta(hours=11), brings),
    ]


# ------------------------------------------------------------------ Marek, on his own


def _marek(dates: Dates) -> list[Event]:
    begun = dates.now - dt.timedelta(days=17)

    def begins(at: dt.datetime) -> None:
        him = people_actions.sign_up(email=cast.MAREK, at=at)
        if him is None:
            return
        people_actions.change_own_details(
            name="Marek Novák", known_as="Marek", time_zone="Europe/Prague", by=him, at=at
        )
        topics, situations = ["after_loss"], ["between_jobs"]
        actions.begin_walk(topics=topics, situations=situations, words=words.MAREK_BROUGHT, by=him, at=at)
        for days, (question, text) in enumerate(words.MAREK_ANSWERS):
            _answer(him, question, text, at + dt.timedelta(days=3 * days))
        title, entry, tags = words.MAREK_ENTRY
        actions.write_entry(text=entry, title=title, tags=tags, by=him, at=at + dt.timedelta(days=5))

    return [(begun, begins)]


# ------------------------------------------------------------------ doing


def _answer(
    person: Any, question: str, text: str, at: dt.datetime, *, revision: int = 0, look_back_on: dt.date | None = None
) -> None:
    actions.finish_answer(question=question, text=text, revision=revision, look_back_on=look_back_on, by=person, at=at)


def _answers(person: Any, question: str, text: str) -> Callable[[dt.datetime], object]:
    return lambda at: _answer(person, question, text, at)


def _drafts(person: Any, question: str, text: str) -> Callable[[dt.datetime], object]:
    return lambda at: actions.save_answer(question=question, text=text, revision=0, by=person, at=at)


def _does(person: Any, exercise: str, values: dict[str, Any]) -> Callable[[dt.datetime], object]:
    def does(at: dt.datetime) -> None:
        run = actions.begin_run(exercise=exercise, by=person, at=at)
        actions.finish_run(run_id=run.pk, values=values, revision=run.revision, by=person, at=at)

    return does


def _takes_into_portrait(person: Any, at: dt.datetime) -> None:
    for offer in queries.portrait(person).offers:
        actions.take_in(mark=offer.mark, by=person, at=at)


def _rows(column: str, texts: tuple[str, ...]) -> list[dict[str, str]]:
    return [{column: text} for text in texts]
