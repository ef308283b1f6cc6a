"""Sharing with whoever sits beside one, what a coach does beside somebody, and the end of both.

Journey cannot know who coaches whom, so who may be named as a reader is decided here, in the transaction that writes.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from cairn.delivery.queries import sharing as reads
from cairn.journey import actions as journey_actions
from cairn.journey import queries as journey_queries
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment


@transaction.atomic
def share_with(
    *, kind: str, item_id: int | None, reader_id: int, until: dt.datetime, by: Person, at: dt.datetime
) -> int:
    """Let one's coach or companion read one item, or (None) a whole kind. Returns the grant's id.

    Raises NotFound for a reader who does not sit beside one and for an item that is not one's own; journey's EndIsPast,
    EndIsTooFar.
    """
    reader = reads.possible_reader(by, reader_id, at).person
    return journey_actions.share(kind=kind, item_id=item_id, reader=reader, until=until, by=by, at=at).pk


@transaction.atomic
def end_former(*, people: Iterable[int] = (), at: dt.datetime) -> int:
    """End every grant of these people (nobody named: of everybody) to readers who no longer sit beside them.

    Called inside whatever changes coaches. Returns how many grants ended.
    """
    granted = journey_queries.live_pairs(tuple(people), at)
    if not granted:
        return 0
    beside = reads.sitting_beside(sorted({person for person, _reader in granted}), at)
    return sum(
        journey_actions.end_shares_between(person=person, reader=reader, at=at)
        for person, reader in sorted(granted - beside)
    )


def end_with_coaches(*, coaches: Iterable[tuple[int, int | None, int | None]], at: dt.datetime) -> None:
    """End what people share with the coach they had, where the coach changes. (enrolment, engagement before, after).

    At once, even where the former coach holds the group for some days more: the person can share again for those.
    Called inside the transaction that changes the coach.
    """
    changed = [(enrolment, before) for enrolment, before, after in coaches if before and before != after]
    people = dict(Enrolment.objects.filter(pk__in=[each for each, _before in changed]).values_list("pk", "person_id"))
    readers = dict(
        CoachEngagement.objects.filter(pk__in=[before for _each, before in changed]).values_list("pk", "person_id")
    )
    for enrolment, before in changed:
        journey_actions.end_shares_between(person=people[enrolment], reader=readers[before], at=at)


@transaction.atomic
def write_note_about(*, person_id: int, text: str, is_shared: bool, by: Person, at: dt.datetime) -> int:
    """A coach's note about somebody beside whom they sit. Raises NotFound, journey's EmptyNote."""
    reads.coach_sees(by, person_id, at)
    return journey_actions.write_note(about_id=person_id, text=text, is_shared=is_shared, by=by, at=at)


@transaction.atomic
def rewrite_note_about(
    *, person_id: int, note_id: int, text: str, is_shared: bool, by: Person, at: dt.datetime
) -> None:
    """Replace one's own note. Raises NotFound, journey's EmptyNote."""
    reads.coach_sees(by, person_id, at)
    journey_actions.rewrite_note(note_id=note_id, about_id=person_id, text=text, is_shared=is_shared, by=by, at=at)


@transaction.atomic
def delete_note_about(*, person_id: int, note_id: int, by: Person, at: dt.datetime) -> None:
    """Take one's own note away for good. Raises NotFound."""
    reads.coach_sees(by, person_id, at)
    journey_actions.delete_note(note_id=note_id, about_id=person_id, by=by, at=at)


@transaction.atomic
def pick_for(*, person_id: int, kind: str, key: str, by: Person, at: dt.datetime) -> int:
    """Pick a question or an exercise for somebody's next time. Raises NotFound, journey's PickedAlready."""
    reads.coach_sees(by, person_id, at)
    return journey_actions.pick(person_id=person_id, kind=kind, key=key, by=by, at=at)


@transaction.atomic
def take_back_pick(*, person_id: int, pick_id: int, by: Person, at: dt.datetime) -> None:
    """Take back what one picked. Raises NotFound."""
    reads.coach_sees(by, person_id, at)
    journey_actions.take_back_pick(pick_id=pick_id, person_id=person_id, by=by, at=at)


@transaction.atomic
def agree_step_with(*, person_id: int, text: str, due_on: dt.date | None, by: Person, at: dt.datetime) -> None:
    """Write down a step agreed with somebody: it is theirs, and both see it. Raises NotFound, journey's NoWords."""
    reads.coach_sees(by, person_id, at)
    person = Person.objects.get(pk=person_id)
    journey_actions.agree_step(person=person, text=text, due_on=due_on, by=by, at=at)
