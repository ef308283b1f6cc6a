"""Asking to change group: by the person or their coach, for no reason given. A coordinator approves or declines.

Nobody but coordinators learns who asked. Approving moves sessions and minutes too, so it is `delivery.actions`' work;
what it does to seats and coaches stands here.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, mail
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import CoachingGroup, Enrolment, GroupPlace, MoveRequest
from cairn.programmes.queries import moving
from cairn.programmes.queries.grouping import places_on
from cairn.programmes.queries.move_ways import Change
from cairn.programmes.queries.moving import ASKED, SUBJECT, WITHDRAWN
from cairn.programmes.terms import Against, MoveState, MoveWish

LOADED = ("enrolment__cohort__programme__organisation", "enrolment__person", "enrolment__engagement__person")


class MoveAsked(Refused):
    """One request waits at a time."""

    sentence = _("This is with the programme team already. Take it back first to ask for something else.")


class NoGroupYet(Refused):
    """Whoever has no group and no coach has nothing to move from."""

    sentence = _("There is no group and no coach to move from yet.")


class CohortOver(Refused):
    """Nothing is left to be coached in."""

    sentence = _("The cohort has ended, so nothing can be changed any more.")


class NotThatGroup(Refused):
    """A group that is not there for this person."""

    field = "to_group"
    sentence = _("Choose one of the groups that are offered.")


class MoveAnswered(Refused):
    """A coordinator was faster."""

    sentence = _("This was answered meanwhile: %(outcome)s. Nothing was changed.")


@transaction.atomic
def ask_to_move(
    *, enrolment: Enrolment, wish: str, to_group: CoachingGroup | None = None, by: Person, at: dt.datetime
) -> MoveRequest:
    """Ask that somebody changes group or coach (`terms.MoveWish`). Changes nothing else, and no reason is kept.

    The person and their coach may. When the other of the two has asked before, both wait for the same answer, and
    neither is told of the other. Raises MoveAsked, NoGroupYet, CohortOver, NotThatGroup.
    """
    current = Enrolment.objects.select_related("cohort__programme__organisation", "person").get(pk=enrolment.pk)
    if not rules.may_ask_to_move(by, current, at):
        raise NotFound
    today = at.astimezone(current.cohort.zone).date()
    if today >= current.cohort.ends_on:
        raise CohortOver
    if current.engagement_id is None and not current.places.filter(places_on(today)).exists():
        raise NoGroupYet
    wanted = MoveWish(wish)
    if (wanted == MoveWish.THIS_GROUP) != (to_group is not None) or (
        to_group is not None and to_group.pk not in {each.pk for each in moving.known_groups(by, current, at)}
    ):
        raise NotThatGroup
    waiting = _waiting(current)
    if waiting is None:
        waiting = _created(current, wanted, to_group, by=by, at=at)
    if by.pk in moving.askers(waiting):
        raise MoveAsked
    _record(ASKED, waiting, {"wish": wanted.value}, by=by, at=at)
    return waiting


@transaction.atomic
def withdraw_move_request(*, request: MoveRequest, by: Person, at: dt.datetime) -> MoveRequest:
    """Take back what one has asked for, while it waits. What the other has asked too goes on waiting.

    The person concerned can take back whatever waits about them. Raises MoveAnswered.
    """
    current = held(request)
    if not rules.may_ask_to_move(by, current.enrolment, at):
        raise NotFound
    asked = moving.askers(current)
    is_own = current.enrolment.person_id == by.pk
    if not is_own and by.pk not in asked:
        raise NotFound
    must_wait(current)
    if is_own or asked == {by.pk}:
        current.state = MoveState.WITHDRAWN
        current.save(update_fields=["state"])
    _record(WITHDRAWN, current, {}, by=by, at=at)
    return current


@transaction.atomic
def decline_move_request(*, request: MoveRequest, against: str, by: Person, at: dt.datetime) -> MoveRequest:
    """Say that a request cannot be met, and which rule stands against it (`terms.Against`), never whose.

    Whoever asked gets a mail. Raises MoveAnswered.
    """
    current = held(request)
    if not rules.may_run_cohort(by, current.enrolment.cohort, at):
        raise NotFound
    must_wait(current)
    current.state, current.rule_against = MoveState.DECLINED, Against(against).value
    current.answered_by, current.answered_at = by, at
    current.save(update_fields=["state", "rule_against", "answered_by", "answered_at"])
    _record("decline_move", current, {"against": current.rule_against}, by=by, at=at)
    takes_part = current.enrolment.state in rules.TAKING_PART
    for person in Person.objects.filter(pk__in=moving.askers(current)).exclude(pk=by.pk).order_by("pk"):
        own = person.pk == current.enrolment.person_id
        if own and not takes_part:
            continue
        mail.post(
            key=f"move:{current.pk}:declined:{person.pk}",
            to=person,
            template="mail/move_declined.txt" if own else "mail/move_declined_coach.txt",
            context={
                "against": Against(current.rule_against).label,
                "cohort": current.enrolment.cohort,
                "programme": current.enrolment.cohort.programme,
                "who": current.enrolment.person,
            },
            organisation_id=current.enrolment.cohort.programme.organisation_id,
            at=at,
        )
    return current


def end_waiting_moves(enrolment: Enrolment) -> None:
    """Whoever leaves waits for no answer any more. One that is being answered at this moment is left to that answer."""
    waiting = MoveRequest.objects.filter(enrolment=enrolment, state=MoveState.WAITING)
    free = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
    MoveRequest.objects.filter(pk__in=free).update(state=MoveState.WITHDRAWN)


def held(request: MoveRequest) -> MoveRequest:
    """The request as it stands, locked until the transaction ends."""
    list(MoveRequest.objects.select_for_update().filter(pk=request.pk).values_list("pk", flat=True))
    # Read after the wait: a row locked together with others would bring those as they were before it.
    return MoveRequest.objects.select_related(*LOADED, "answered_by", "to_group").get(pk=request.pk)


def must_wait(request: MoveRequest) -> None:
    """Raises MoveAnswered with what became of it."""
    if request.state != MoveState.WAITING:
        raise MoveAnswered(outcome=MoveState(request.state).label)


def people_of(enrolment_ids: Collection[int]) -> list[Enrolment]:
    """These people, as they are now."""
    return list(Enrolment.objects.filter(pk__in=enrolment_ids).order_by("pk"))


def seat_moved(changes: Iterable[Change], from_on: dt.date) -> dict[int, dict[str, Any]]:
    """Give people their new seat and coach from a day on. Returns by enrolment id what an undo has to know.

    Runs in the transaction of `delivery.actions.approve_move_request`, which holds the locks. The seats of before keep
    their days; a seat that would never have been taken is removed.
    """
    kept: dict[int, dict[str, Any]] = {}
    for change in changes:
        enrolment = Enrolment.objects.get(pk=change.enrolment_id)
        before = list(GroupPlace.objects.filter(places_on(from_on), enrolment=enrolment).order_by("from_on"))
        seats = [[each.group_id, each.from_on.isoformat(), _iso(each.to_on)] for each in before]
        for each in before:
            if each.from_on >= from_on:
                each.delete()
            else:
                GroupPlace.objects.filter(pk=each.pk).update(to_on=from_on)
        made = None
        if change.to_group_id is not None:
            made = GroupPlace.objects.create(
                group_id=change.to_group_id, enrolment=enrolment, from_on=from_on, to_on=enrolment.left_on
            )
        kept[change.enrolment_id] = {
            "enrolment": change.enrolment_id,
            "from": {"number": change.from_number, "coach": enrolment.engagement_id},
            "to": {"number": change.to_number, "coach": change.to_engagement_id},
            "seats": seats,
            "seat": made.pk if made else None,
        }
        Enrolment.objects.filter(pk=enrolment.pk).update(engagement=change.to_engagement_id)
    return kept


def stands_as_moved(moves: Iterable[Mapping[str, Any]], from_on: dt.date) -> bool:
    """Whether everybody still has the seat and the coach that a move gave them, and still takes part."""
    for move in moves:
        enrolment = Enrolment.objects.get(pk=move["enrolment"])
        seats = GroupPlace.objects.filter(places_on(from_on), enrolment=enrolment)
        as_given = [move["seat"]] if move["seat"] else []
        if enrolment.state not in rules.TAKING_PART or enrolment.engagement_id != move["to"]["coach"]:
            return False
        if list(seats.values_list("pk", flat=True)) != as_given or seats.exclude(to_on=enrolment.left_on).exists():
            return False
    return True


def seat_back(moves: Collection[Mapping[str, Any]]) -> None:
    """Take seats and coaches back to what they were. Call when `stands_as_moved` says so, under the same locks."""
    GroupPlace.objects.filter(pk__in=[move["seat"] for move in moves if move["seat"]]).delete()
    for move in moves:
        for group, from_on, to_on in move["seats"]:
            GroupPlace.objects.update_or_create(
                group_id=group,
                enrolment_id=move["enrolment"],
                from_on=dt.date.fromisoformat(from_on),
                defaults={"to_on": dt.date.fromisoformat(to_on) if to_on else None},
            )
        Enrolment.objects.filter(pk=move["enrolment"]).update(engagement=move["from"]["coach"])


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _waiting(enrolment: Enrolment) -> MoveRequest | None:
    found = MoveRequest.objects.select_for_update().filter(enrolment=enrolment, state=MoveState.WAITING).first()
    if found is not None:
        found.enrolment = enrolment
    return found


def _created(
    enrolment: Enrolment, wish: MoveWish, to_group: CoachingGroup | None, *, by: Person, at: dt.datetime
) -> MoveRequest:
    """A new request, or the one that somebody else made in the same moment."""
    try:
        with transaction.atomic():
            return MoveRequest.objects.create(
                enrolment=enrolment, wish=wish.value, to_group=to_group, asked_by=by, asked_at=at
            )
    except IntegrityError as error:
        waiting = _waiting(enrolment)
        if waiting is None:
            raise MoveAsked from error
        return waiting


def _record(action: str, request: MoveRequest, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind=SUBJECT,
        subject_id=request.pk,
        organisation_id=request.enrolment.cohort.programme.organisation_id,
        facts={"enrolment": request.enrolment_id, **facts},
        by=by,
        at=at,
    )
