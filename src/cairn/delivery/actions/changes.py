"""Changes of life: somebody with a new job leaves the cohort, or stays on in own time. History stays as it was.

Leaving takes effect from a day on. When that day is to come, everything after it is settled at once and the last step
(`leave_when_due`) waits for the day: until then the person still takes part.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import (
    booking,
    change_notices,
    invitations,
    leaving,
    one_to_ones,
    problems,
    settling,
    turns,
)
from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import changes
from cairn.delivery.terms import SessionState
from cairn.engines.wording import Refusal
from cairn.foundation import audit
from cairn.foundation.models import AuditEntry
from cairn.ledger import actions as ledger_actions
from cairn.people import actions as people_actions
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment, GroupPlace, NewPosition
from cairn.programmes.terms import Kind, Stays

SOURCE = change_notices.SOURCE
NOT_THE_CASE = "not_the_case"
RECORDED, FINISHED = "record_new_position", "finish_leaving"
State = NewPosition.State
LOADED = ("enrolment__cohort__programme__organisation", "enrolment__person", "enrolment__engagement__person", "said_by")


class DecidedMeanwhile(problems.Refused):
    """Another coordinator was faster."""

    def __init__(self, position: NewPosition) -> None:
        who = position.recorded_by.name if position.recorded_by else ""
        words = _("%(who)s has decided about this meanwhile: %(outcome)s. Nothing was changed.") if who else ""
        words = words or _("This was decided meanwhile: %(outcome)s. Nothing was changed.")
        super().__init__(words % {"who": who, "outcome": outcome_words(position)})


class DayDoesNotFit(problems.Refused):
    """A day outside the cohort, or buy-out that ends outside it."""

    def __init__(self, field: str, first: dt.date, last: dt.date) -> None:
        self.field = field  # type: ignore[misc]
        super().__init__(
            _("The cohort runs from %(first)s to %(last)s. Choose a day within it.")
            % {"first": change_notices.day_words(first), "last": change_notices.day_words(last)}
        )


class CannotUndo(problems.Refused):
    """Something stands in the way of taking the decision back; the sentence says what."""


@dataclass(frozen=True)
class Undone:
    """One-to-one dates that came back, and those that have to be found anew. `again_in` are the group's sessions."""

    restored: int = 0
    to_date_anew: int = 0
    again_in: tuple[int, ...] = dataclasses.field(default=(), compare=False)


def outcome_words(position: NewPosition) -> str:
    """What was decided, in a few words."""
    if position.state == State.DECLINED:
        return _("not the case")
    return str(Stays(position.outcome).label) if position.outcome else _("waiting")


@transaction.atomic
def record_new_position(
    *,
    position: NewPosition,
    outcome: str,
    on: dt.date,
    buy_out_ends_on: dt.date | None = None,
    by: Person,
    at: dt.datetime,
) -> NewPosition:
    """Decide about a change of job: `terms.Stays.LEAVES` or `OWN_TIME` from the day `on`, or NOT_THE_CASE.

    Leaving cancels the person's one-to-one sessions from that day on, ends their place in the group, takes them out of
    later group sessions and releases what they have left; attendance is not touched. Own time changes nothing but the
    state and the end of the buy-out. Person and coaches get one mail. Raises DecidedMeanwhile, DayDoesNotFit.
    """
    current = _held(position, by=by, at=at)
    if current.state != State.WAITING:
        raise DecidedMeanwhile(current)
    if outcome == NOT_THE_CASE:
        return _decline(current, by=by, at=at)
    if outcome not in (Stays.LEAVES, Stays.OWN_TIME):
        raise ValueError(f"no outcome of a change of job: {outcome}")
    _must_fit(current.enrolment, on, buy_out_ends_on)
    facts: dict[str, Any] = {"outcome": outcome, "on": on.isoformat(), "was": _standing(current.enrolment)}
    if outcome == Stays.LEAVES:
        facts |= _leave(current, on, buy_out_ends_on or on, by=by, at=at)
    else:
        places = changes.places_after(current.enrolment, on)
        leaving.change(
            current.enrolment, state=Enrolment.State.OWN_TIME, own_time_since=on, buy_out_ends_on=buy_out_ends_on or on
        )
        change_notices.tell(current, "own_time", on, places, [], by=by, at=at)
    _decide(current, State.RECORDED, outcome, by=by, at=at)
    _record(RECORDED, current, facts, by=by, at=at)
    if outcome == Stays.LEAVES and leaving.is_due(current.enrolment, at):
        _finish_leaving(current, by=by, at=at)
    return current


def leave_when_due(*, at: dt.datetime) -> int:
    """Take the last step for everybody whose day has come. Twice does nothing more. Returns how many left."""
    tomorrow = at.date() + dt.timedelta(days=1)
    waiting = Enrolment.objects.filter(state__in=programme_rules.TAKING_PART, left_on__lte=tomorrow)
    left = 0
    for enrolment in waiting.select_related("cohort").order_by("pk"):
        if not leaving.is_due(enrolment, at):
            continue
        with transaction.atomic():
            left += _leave_now(enrolment, at=at)
    return left


def _leave_now(enrolment: Enrolment, *, at: dt.datetime) -> bool:
    """The last step for one person, unless somebody took it or took the decision back meanwhile."""
    recorded = NewPosition.objects.filter(enrolment=enrolment, state=State.RECORDED, outcome=Stays.LEAVES)
    list(recorded.select_for_update().order_by("pk").values_list("pk", flat=True))
    position = recorded.select_related(*LOADED).order_by("-recorded_at").first()
    if position is None:
        return leaving.finish_own(enrolment, at=at)
    if position.enrolment.state not in programme_rules.TAKING_PART:
        return False
    if not leaving.is_due(position.enrolment, at):
        return False
    _finish_leaving(position, by=None, at=at)
    return True


@transaction.atomic
def undo_new_position(*, position: NewPosition, by: Person, at: dt.datetime) -> Undone:
    """Take a decision back, as long as the cohort runs: the change of job waits again.

    The place in the group, its sessions, minutes and role come back. One-to-one dates come back where everybody is
    still free; the others wait to be dated anew. Marks made meanwhile stay. Raises CannotUndo.
    """
    current = _held(position, by=by, at=at)
    enrolment = current.enrolment
    if current.state == State.WAITING:
        raise CannotUndo(_("This is not decided yet, so there is nothing to take back."))
    if at.astimezone(enrolment.cohort.zone).date() > enrolment.cohort.ends_on:
        raise CannotUndo(_("The cohort has ended, so this stays as it was recorded."))
    if NewPosition.objects.filter(enrolment=enrolment, state=State.WAITING).exists():
        raise CannotUndo(_("Another new job of this person waits to be decided. Decide about that one first."))
    undone = Undone()
    if current.state == State.RECORDED:
        facts = _facts_of_decision(current)
        if current.outcome == Stays.LEAVES:
            undone = _come_back(current, facts, by=by, at=at)
        else:
            leaving.change(enrolment, **_restored(facts["was"]))
        on = dt.date.fromisoformat(facts["on"])
        calendars = invitations.catch_up([enrolment.person], entered=undone.again_in, at=at)
        places = changes.places_after(enrolment, on)
        change_notices.tell(current, "undone", on, places, [], calendars=calendars, by=by, at=at)
    NewPosition.objects.filter(pk=current.pk).update(
        state=State.WAITING, outcome="", recorded_by=None, recorded_at=None
    )
    _record("undo_new_position", current, {"restored": undone.restored}, by=by, at=at)
    return undone


def _held(position: NewPosition, *, by: Person, at: dt.datetime) -> NewPosition:
    """The change of job as it stands, locked, if this person runs its cohort; else NotFound."""
    list(NewPosition.objects.select_for_update().filter(pk=position.pk).values_list("pk", flat=True))
    # Read after the wait: a row locked together with others would bring those as they were before it.
    current = NewPosition.objects.select_related(*LOADED, "recorded_by").get(pk=position.pk)
    if not programme_rules.may_run_cohort(by, current.enrolment.cohort, at):
        raise NotFound
    return current


def _must_fit(enrolment: Enrolment, on: dt.date, buy_out_ends_on: dt.date | None) -> None:
    cohort = enrolment.cohort
    for field, day in (("on", on), ("buy_out_ends_on", buy_out_ends_on)):
        if day is not None and not cohort.starts_on <= day <= cohort.ends_on:
            raise DayDoesNotFit(field, cohort.starts_on, cohort.ends_on)


def _decline(position: NewPosition, *, by: Person, at: dt.datetime) -> NewPosition:
    _decide(position, State.DECLINED, "", by=by, at=at)
    _record(RECORDED, position, {"outcome": NOT_THE_CASE}, by=by, at=at)
    on = at.astimezone(position.enrolment.cohort.zone).date()
    if position.said_by_id != by.pk:
        change_notices.tell_one(position, "declined", position.said_by, on, [], at=at)
    return position


def _decide(position: NewPosition, state: str, outcome: str, *, by: Person, at: dt.datetime) -> None:
    position.state, position.outcome, position.recorded_by, position.recorded_at = state, outcome, by, at
    position.save(update_fields=["state", "outcome", "recorded_by", "recorded_at"])


def _leave(
    position: NewPosition, on: dt.date, buy_out_ends_on: dt.date, *, by: Person, at: dt.datetime
) -> dict[str, Any]:
    """Everything from the day on, apart from the last step. Returns what an undo needs to know."""
    left = leaving.take_leave(position.enrolment, on, buy_out_ends_on=buy_out_ends_on, by=by, at=at)
    change_notices.tell(position, "left", on, left.places, left.told, calendars=left.calendars, by=by, at=at)
    return {"places": left.former, "cancelled": left.cancelled}


def _finish_leaving(position: NewPosition, *, by: Person | None, at: dt.datetime) -> None:
    """The day has come: nothing more is promised, and with the last cohort the role ends."""
    _record(FINISHED, position, leaving.finish(position.enrolment, (SOURCE, position.pk), by=by, at=at), by=by, at=at)


def _come_back(position: NewPosition, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> Undone:
    enrolment, on = position.enrolment, dt.date.fromisoformat(facts["on"])
    places = list(
        GroupPlace.objects.filter(pk__in=[int(key) for key in facts["places"]])
        .select_related("group__engagement__person")
        .order_by("pk")
    )
    _must_stand_as_left(enrolment, on, places)
    # Their group's sessions are brought in line, with everybody in them.
    turns.take(enrolment.cohort, also=Q(pk__in=changes.sessions_after(enrolment, on).order_by().values("pk")), at=at)
    leaving.locked_sessions(enrolment, on, places)
    leaving.change(enrolment, **_restored(facts["was"]))
    if facts.get("role"):
        organisation = enrolment.cohort.programme.organisation
        people_actions.grant_role(person=enrolment.person, organisation=organisation, role=Role.COACHEE, by=by, at=at)
    for kind in facts.get("released", {}):
        ledger_actions.release(
            enrolment=enrolment, kind=kind, minutes=0, source_kind=SOURCE, source_id=position.pk, on=on, by=by, at=at
        )
    for place in places:
        former = facts["places"][str(place.pk)]
        GroupPlace.objects.filter(pk=place.pk).update(to_on=dt.date.fromisoformat(former) if former else None)
    again_in = _put_back_into_groups(enrolment, on, by=by, at=at)
    CoachingSession.objects.filter(pk__in=facts.get("undated", []), state=SessionState.CANCELLED).update(
        state=SessionState.UNDATED, version=F("version") + 1
    )
    restored = [_restore(pk, by=by, at=at) for pk in facts["cancelled"]]
    one_to_ones.balance([enrolment], by=by, at=at)
    return Undone(sum(restored), len(restored) - sum(restored), again_in)


def _put_back_into_groups(enrolment: Enrolment, on: dt.date, *, by: Person, at: dt.datetime) -> tuple[int, ...]:
    sessions = [each for each in changes.sessions_after(enrolment, on) if each.kind == Kind.GROUP]
    booked = [each for each in sessions if each.state == SessionState.BOOKED]
    upcoming = [each for each in booked if each.starts_at is not None and each.starts_at > at]
    try:
        booking.realign(sessions=upcoming, by=by, at=at)
        for session in sessions:
            if session not in upcoming:
                day = booking.wall_day(session)
                settling.settle(session, rules.participants(session, day), on=day, by=by, at=at)
    except (problems.Refused, ledger_actions.NotEnoughMinutes) as refused:
        raise CannotUndo(
            _("The person's place in the group cannot come back, because something new was booked. %(why)s")
            % {"why": refused}
        ) from refused
    return tuple(session.pk for session in upcoming)


def _restore(session_id: int, *, by: Person, at: dt.datetime) -> bool:
    """Let a one-to-one session stand where it stood; if that cannot be, let it wait for a date. Whether it stands."""
    session = CoachingSession.objects.get(pk=session_id)
    try:
        with transaction.atomic():
            booking.restore_session(session=session, expected_version=session.version, by=by, at=at)
    except (problems.Refused, Refusal, ledger_actions.NotEnoughMinutes):
        waiting = CoachingSession.objects.filter(pk=session_id, state=SessionState.CANCELLED)
        waiting.update(
            state=SessionState.UNDATED, wall_starts=None, starts_at=None, ends_at=None, version=F("version") + 1
        )
        return False
    return True


def _must_stand_as_left(enrolment: Enrolment, on: dt.date, places: Iterable[GroupPlace]) -> None:
    if enrolment.left_on != on:
        raise CannotUndo(_("The enrolment was changed since, so this can no longer be taken back."))
    newer = GroupPlace.objects.filter(enrolment=enrolment, from_on__gte=on)
    if newer.exclude(pk__in=[place.pk for place in places]).exists():
        raise CannotUndo(_("The person has a new place in a group since, so this can no longer be taken back."))


def _facts_of_decision(position: NewPosition) -> dict[str, Any]:
    """What the last decision changed, as its audit has it; with what the last step did, if it was taken."""
    entries = AuditEntry.objects.filter(
        subject_kind=SOURCE, subject_id=position.pk, action__in=[RECORDED, FINISHED, "undo_new_position"]
    )
    facts: dict[str, Any] = {}
    for entry in entries.order_by("pk"):
        facts = dict(entry.facts) if entry.action == RECORDED else facts | dict(entry.facts)
    return facts


def _standing(enrolment: Enrolment) -> dict[str, Any]:
    days = ("own_time_since", "left_on", "buy_out_ends_on")
    found = {name: getattr(enrolment, name) for name in days}
    return {"state": enrolment.state} | {name: day.isoformat() if day else None for name, day in found.items()}


def _restored(was: dict[str, Any]) -> dict[str, Any]:
    days = {name: dt.date.fromisoformat(day) if day else None for name, day in was.items() if name != "state"}
    return {"state": was["state"], **days}


def _record(action: str, position: NewPosition, facts: dict[str, Any], *, by: Person | None, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind=SOURCE,
        subject_id=position.pk,
        organisation_id=position.enrolment.cohort.programme.organisation_id,
        facts={"enrolment": position.enrolment_id, **facts},
        by=by,
        at=at,
    )
