"""Leaving a cohort: by a coordinator's decision about a new job (`changes`), or by the person's own.

What happened stays: attendance and minutes are the institution's. What the person wrote is theirs and is not touched.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from cairn.delivery import rules
from cairn.delivery.actions import (
    booking,
    change_notices,
    invitations,
    occupancy,
    one_to_ones,
    settling,
    sharing,
    watching,
)
from cairn.delivery.actions import places as open_places
from cairn.delivery.models import Apology, CoachingSession, PersonTime
from cairn.delivery.queries import changes
from cairn.delivery.terms import SessionState
from cairn.foundation import audit
from cairn.journey import actions as journey_actions
from cairn.ledger import actions as ledger_actions
from cairn.ledger.models import Entitlement
from cairn.people import actions as people_actions
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import actions as programme_actions
from cairn.programmes import rules as programme_rules
from cairn.programmes.actions import moving
from cairn.programmes.models import Enrolment, GroupPlace, NewPosition
from cairn.programmes.terms import Kind

OWN = "own_leaving"


@dataclass(frozen=True)
class Leave:
    """What leaving has changed: seats as they were (id → last day), one-to-ones cancelled, those in words by coach.

    `calendars` is what the calendars of the person and of their coaches have to be told.
    """

    places: Sequence[GroupPlace]
    former: dict[str, str | None]
    cancelled: list[int]
    told: list[change_notices.Told]
    calendars: invitations.Messages


@transaction.atomic
def leave_cohort(*, enrolment_id: int, by: Person, at: dt.datetime) -> dt.date:
    """Leave one's own cohort, from today, or from tomorrow when a session of today has begun. Returns the day.

    One-to-one sessions to come are cancelled, groups meet without the person, minutes that are left are released, and
    what was shared with the cohort's coaches is shared no more. Coaches get one mail. Raises NotFound.
    """
    list(NewPosition.objects.select_for_update().filter(enrolment=enrolment_id).order_by("pk").values_list("pk"))
    loaded = Enrolment.objects.select_related("cohort__programme__organisation", "person", "engagement__person")
    enrolment = loaded.filter(pk=enrolment_id, person=by, state__in=programme_rules.TAKING_PART).first()
    if enrolment is None:
        raise NotFound
    for position in NewPosition.objects.filter(enrolment=enrolment, state=NewPosition.State.WAITING):
        programme_actions.withdraw_new_position(position=position, by=by, at=at)
    on = at.astimezone(enrolment.cohort.zone).date()
    if any(each.starts_at and each.starts_at <= at for each in changes.sessions_after(enrolment, on)):
        on += dt.timedelta(days=1)
    left = take_leave(enrolment, on, by=by, at=at)
    change_notices.tell_coaches_of_leaving(enrolment, on, left.places, left.told, left.calendars, at=at)
    for coach in changes.coaches_of(enrolment, left.places):
        journey_actions.end_shares_between(person=by, reader=coach, at=at)
    _record("leave_cohort", enrolment, {"on": on.isoformat(), "cancelled": left.cancelled}, by=by, at=at)
    if is_due(enrolment, at):
        finish_own(enrolment, at=at)
    return on


def finish_own(enrolment: Enrolment, *, at: dt.datetime) -> bool:
    """The last step for somebody who left by themselves, once the day has come. Whether there was one to take."""
    locked_sessions(enrolment, enrolment.left_on or at.date(), [])
    current = Enrolment.objects.select_related("cohort__programme__organisation", "person").get(pk=enrolment.pk)
    if current.state not in programme_rules.TAKING_PART or not is_due(current, at):
        return False
    facts = finish(current, (OWN, current.pk), by=None, at=at)
    _record("finish_leaving", current, facts, by=None, at=at)
    return True


def take_leave(
    enrolment: Enrolment, on: dt.date, *, buy_out_ends_on: dt.date | None = None, by: Person, at: dt.datetime
) -> Leave:
    """Everything from the day on, apart from the last step."""
    places = changes.places_after(enrolment, on)
    sessions = locked_sessions(enrolment, on, places)
    watching.end_for(enrolment)
    change(enrolment, left_on=on, **({"buy_out_ends_on": buy_out_ends_on} if buy_out_ends_on else {}))
    former = {str(place.pk): place.to_on.isoformat() if place.to_on else None for place in places}
    for place in places:
        GroupPlace.objects.filter(pk=place.pk).update(to_on=max(on, place.from_on))
    cancelled = [session for session in sessions if session.kind == Kind.ONE_TO_ONE]
    told = [
        (session.engagement.person_id, words)
        for session, words in zip(cancelled, changes.session_words(cancelled), strict=True)
        if session.engagement is not None  # a session that was dated has a coach
    ]
    for session in cancelled:
        _cancel(session, by=by, at=at)
    for session in sessions:
        if session.kind == Kind.GROUP:
            _take_out(session, enrolment, by=by, at=at)
    open_places.leave_all(enrolment, on, at=at)
    people = [enrolment.person, *changes.coaches_of(enrolment, places)]
    calendars = invitations.catch_up(people, at=at)
    return Leave(places, former, [session.pk for session in cancelled], told, calendars)


def finish(enrolment: Enrolment, source: tuple[str, int], *, by: Person | None, at: dt.datetime) -> dict[str, Any]:
    """The day has come: nothing more is promised, and with the last cohort the role ends. Returns what was done."""
    locked_sessions(enrolment, enrolment.left_on or at.date(), [])
    waiting = CoachingSession.objects.filter(enrolment=enrolment, kind=Kind.ONE_TO_ONE, state=SessionState.UNDATED)
    undated = list(waiting.order_by("pk").values_list("pk", flat=True))
    change(enrolment, state=Enrolment.State.LEFT)
    sharing.end_former(people=[enrolment.person_id], at=at)
    moving.end_waiting_moves(enrolment)
    one_to_ones.balance([enrolment], by=by, at=at)
    waiting.update(state=SessionState.CANCELLED, version=F("version") + 1)
    released = {}
    for kind in Entitlement.objects.filter(enrolment=enrolment).order_by("kind").values_list("kind", flat=True):
        released[kind] = ledger_actions.release(
            enrolment=enrolment,
            kind=kind,
            minutes=None,
            source_kind=source[0],
            source_id=source[1],
            on=enrolment.left_on or at.date(),
            by=by,
            at=at,
        )
    role_ends = not changes.has_another_enrolment(enrolment)
    if role_ends:
        organisation = enrolment.cohort.programme.organisation
        people_actions.end_role(person=enrolment.person, organisation=organisation, role=Role.COACHEE, by=by, at=at)
    return {"undated": undated, "released": released, "role": role_ends}


def locked_sessions(enrolment: Enrolment, on: dt.date, places: Sequence[GroupPlace]) -> list[CoachingSession]:
    """The person's sessions from the day on, locked with the people in them and every account they move.

    Sessions before people before accounts, each in the order of ids, as every action does.
    """
    waiting = Q(enrolment=enrolment, kind=Kind.ONE_TO_ONE)
    theirs = waiting | Q(pk__in=changes.sessions_after(enrolment, on).order_by().values("pk"))
    theirs |= open_places.held_by(enrolment, on)
    list(CoachingSession.objects.select_for_update().filter(theirs).order_by("pk").values_list("pk", flat=True))
    people = {enrolment.person_id, *(coach.pk for coach in changes.coaches_of(enrolment, places))}
    people |= open_places.waiting_beside(enrolment, on)
    occupancy.lock(people)
    list(Enrolment.objects.select_for_update(no_key=True).filter(pk=enrolment.pk).values_list("pk", flat=True))
    return list(changes.sessions_after(enrolment, on))


def change(enrolment: Enrolment, **fields: Any) -> None:
    """Write these fields, and no other."""
    for name, value in fields.items():
        setattr(enrolment, name, value)
    enrolment.save(update_fields=list(fields))


def is_due(enrolment: Enrolment, at: dt.datetime) -> bool:
    """Whether the day of leaving has come, on the wall of the cohort."""
    return enrolment.left_on is not None and enrolment.left_on <= at.astimezone(enrolment.cohort.zone).date()


def _cancel(session: CoachingSession, *, by: Person, at: dt.datetime) -> None:
    """Cancel a one-to-one session without a mail of its own. Its audit is such that it can be restored."""
    wall, starts_at = session.wall_time, session.starts_at
    session.state, session.version = SessionState.CANCELLED, session.version + 1
    session.save(update_fields=["state", "version"])
    Apology.objects.filter(session=session).delete()
    occupancy.give_back(session)
    settling.settle(session, rules.Participants(), on=booking.wall_day(session), by=by, at=at)
    audit.record(
        action="cancel_session",
        subject_kind="session",
        subject_id=session.pk,
        organisation_id=session.cohort.programme.organisation_id,
        facts={
            "version": session.version,
            "wall_starts": wall.isoformat() if wall else "",
            "starts_at": starts_at.isoformat() if starts_at else "",
        },
        by=by,
        at=at,
    )


def _take_out(session: CoachingSession, enrolment: Enrolment, *, by: Person, at: dt.datetime) -> None:
    """The group meets without this person: their time and their booked minutes come back."""
    Apology.objects.filter(session=session, enrolment=enrolment).delete()
    PersonTime.objects.filter(session=session, person=enrolment.person_id).delete()
    on = booking.wall_day(session)
    settling.settle(session, rules.participants(session, on), on=on, by=by, at=at)


def _record(action: str, enrolment: Enrolment, facts: dict[str, Any], *, by: Person | None, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="enrolment",
        subject_id=enrolment.pk,
        organisation_id=enrolment.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
