"""Changing a proposal by hand: pins and moves, each priced by the engine, each checked against what was looked at."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.engines import grouping
from cairn.people.models import Person
from cairn.programmes.actions.grouping_keeping import GroupsChanged, locked, record
from cairn.programmes.actions.grouping_solving import assignment_of, reasons, reckon
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import Cohort, Enrolment, GroupingProposal
from cairn.programmes.queries import grouping_answers
from cairn.programmes.queries.grouping import GroupingFacts, grouping_facts

UNDOS = 50
State = GroupingProposal.State


class RuleForbids(Refused):
    """A hard rule stands in the way; the sentence is the rule's own."""

    sentence = _("%(reason)s")


class NothingToUndo(Refused):
    """No move was made since the groups were proposed."""

    sentence = _("There is no move to undo.")


class NotInTheGroups(Refused):
    """The person has no seat in the proposal."""

    sentence = _("%(name)s has no place in this proposal. Propose again to give them one.")


@transaction.atomic
def move_person(
    *,
    proposal: GroupingProposal,
    enrolment: Enrolment,
    to_group: int,
    swap_with: Enrolment | None = None,
    expected_version: int,
    by: Person,
    at: dt.datetime,
) -> GroupingProposal:
    """Put somebody into another group, alone or in exchange; the coach follows. Can be undone.

    Raises GroupsChanged, NotInTheGroups, RuleForbids with the rule's sentence.
    """
    current = locked(proposal, expected_version, by=by, at=at)
    seats = {who: list(seat) for who, seat in current.assignment.items()}
    groups = grouping_answers.groups_of(current.answer)
    for each in [enrolment] if swap_with is None else [enrolment, swap_with]:
        if (seats.get(str(each.pk)) or [None, None])[1] is None:
            raise NotInTheGroups(name=each.person.name)
    was = seats[str(enrolment.pk)][1]
    if to_group not in groups or (swap_with is not None and seats[str(swap_with.pk)][1] != to_group):
        raise GroupsChanged
    seats[str(enrolment.pk)] = [groups[to_group], to_group]
    if swap_with is not None:
        seats[str(swap_with.pk)] = [groups[was], was]
    facts = grouping_facts(current.cohort)
    _refuse_broken(current, facts, seats, {str(enrolment.pk), *([str(swap_with.pk)] if swap_with else [])})
    _write(current, facts, seats, undo=True)
    moved = {"enrolment": enrolment.pk, "to": to_group, "swap_with": swap_with.pk if swap_with else None}
    record("move_in_proposal", current, moved, by=by, at=at)
    return current


@transaction.atomic
def undo_move(*, proposal: GroupingProposal, expected_version: int, by: Person, at: dt.datetime) -> GroupingProposal:
    """Take the last move back; the ones before it can be taken back after it. Raises GroupsChanged, NothingToUndo."""
    current = locked(proposal, expected_version, by=by, at=at)
    if not current.previous:
        raise NothingToUndo
    seats = {**current.assignment, **current.previous.pop()}
    _write(current, grouping_facts(current.cohort), seats, undo=False)
    record("undo_move_in_proposal", current, {}, by=by, at=at)
    return current


@transaction.atomic
def pin(
    *, proposal: GroupingProposal, enrolment: Enrolment, expected_version: int, by: Person, at: dt.datetime
) -> GroupingProposal:
    """Keep somebody in the group they are in, also when proposing again. Raises GroupsChanged, NotInTheGroups."""
    current = locked(proposal, expected_version, by=by, at=at)
    number = (current.assignment.get(str(enrolment.pk)) or [None, None])[1]
    if number is None:
        raise NotInTheGroups(name=enrolment.person.name)
    return _set_pins(current, {**current.pins, str(enrolment.pk): number}, "pin", enrolment, by=by, at=at)


@transaction.atomic
def unpin(
    *, proposal: GroupingProposal, enrolment: Enrolment, expected_version: int, by: Person, at: dt.datetime
) -> GroupingProposal:
    """Let somebody be moved again. Raises GroupsChanged."""
    current = locked(proposal, expected_version, by=by, at=at)
    rest = {who: number for who, number in current.pins.items() if who != str(enrolment.pk)}
    return _set_pins(current, rest, "unpin", enrolment, by=by, at=at)


def rescore_open_proposal(cohort: Cohort) -> None:
    """Reckon the proposal that waits anew, after a rule or somebody's part in groups changed. In a transaction."""
    current = (
        GroupingProposal.objects.select_for_update(of=("self",))
        .filter(cohort=cohort, state=State.PROPOSED)
        .select_related("cohort__programme__organisation")
        .first()
    )
    if current is not None:
        _write(current, grouping_facts(cohort), current.assignment, undo=None)


def _refuse_broken(proposal: GroupingProposal, facts: GroupingFacts, seats: Mapping[str, Any], moved: set[str]) -> None:
    """Whatever the assignment breaks now that it did not break before, the sentence about who moves first."""
    before = reckon(proposal, facts, proposal.assignment)[1].violations
    after = reckon(proposal, facts, seats)[1].violations
    broken = [each for each in after if each not in before and not _eased(each, before)]
    if broken:
        first = min(broken, key=lambda each: not moved & set(each.people))
        sentence, remedy = reasons(facts, (first,))[0]
        raise RuleForbids(reason=f"{sentence} {remedy}".strip())


def _eased(now: grouping.Conflict, before: tuple[grouping.Conflict, ...]) -> bool:
    """A group that was too large, or too small, and comes nearer to its limit."""
    for each in before:
        if (each.key, each.groups, each.coaches) == (now.key, now.groups, now.coaches) and "size" in now.numbers:
            limit = now.numbers.get("cap", now.numbers.get("minimum", 0))
            return abs(now.numbers["size"] - limit) <= abs(each.numbers["size"] - limit)
    return False


def _set_pins(
    current: GroupingProposal, pins: dict[str, int], action: str, enrolment: Enrolment, *, by: Person, at: dt.datetime
) -> GroupingProposal:
    current.pins = pins
    _write(current, grouping_facts(current.cohort), current.assignment, undo=None)
    record(f"{action}_in_proposal", current, {"enrolment": enrolment.pk}, by=by, at=at)
    return current


def _write(current: GroupingProposal, facts: GroupingFacts, seats: Mapping[str, Any], *, undo: bool | None) -> None:
    """Write an assignment with its score. `undo` True: remember what it replaces; the row is locked."""
    problem, result = reckon(current, facts, seats)
    answer = current.answer
    groups, minutes = grouping_answers.groups_of(answer), grouping_answers.coach_minutes_of(answer)
    kept = grouping_answers.carried_over(grouping_answers.encode(facts, problem, result, groups, minutes), answer)
    wanted = assignment_of(result, facts)
    if undo:
        replaced = {who: seat for who, seat in current.assignment.items() if wanted.get(who) != seat}
        current.previous = [*current.previous, replaced][-UNDOS:]
    current.assignment, current.answer, current.version = wanted, kept, current.version + 1
    current.save(update_fields=["assignment", "answer", "pins", "previous", "version"])
