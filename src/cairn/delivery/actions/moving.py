"""Approving that somebody changes group, and all that hangs on it: coach, sessions, minutes, calendar, mails. And undo.

What has passed stays where it happened. Everything is written in one transaction, under the turn of the whole cohort.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import rules
from cairn.delivery.actions import (
    booking,
    invitations,
    move_notices,
    occupancy,
    one_to_ones,
    problems,
    settling,
    sharing,
    turns,
)
from cairn.delivery.actions.changes import CannotUndo
from cairn.delivery.actions.grouping import CommissionTooSmall
from cairn.delivery.models import Apology, CoachingSession
from cairn.delivery.queries import moving as reads
from cairn.delivery.queries import words
from cairn.delivery.queries.grouping import Lack, lacking, upcoming_group_sessions
from cairn.delivery.terms import SessionState
from cairn.foundation import audit
from cairn.ledger import actions as ledger_actions
from cairn.ledger.models import CoachTime
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import actions as programme_actions
from cairn.programmes import rules as programme_rules
from cairn.programmes.actions import moving as seats
from cairn.programmes.models import CoachEngagement, CoachingGroup, Cohort, MoveRequest
from cairn.programmes.queries import grouping_answers, move_ways
from cairn.programmes.queries.move_ways import Change, Desk
from cairn.programmes.queries.moving import SUBJECT
from cairn.programmes.terms import Kind, MoveState


class GroupsChangedSince(programme_actions.Refused):
    """Somebody changed groups, coaches or rules since the coordinator looked."""

    sentence = gettext_lazy("Groups or rules were changed since you looked, so nothing was done. Look again below.")


class DayTooEarly(programme_actions.Refused):
    """What has begun stays with the people it began with."""

    field = "from_on"
    sentence = gettext_lazy("Choose a day from %(first)s to %(last)s: sessions of today stay with those they are for.")


class RuleInTheWay(programme_actions.Refused):
    """A hard rule forbids it; the sentence is the rule's own, for coordinators."""

    field = "way"
    sentence = gettext_lazy("%(reason)s")


@transaction.atomic
def approve_move_request(
    *,
    request: MoveRequest,
    way: str,
    from_on: dt.date,
    seen: str,
    raise_commission: bool = False,
    address_of: str = "",
    by: Person,
    at: dt.datetime,
) -> MoveRequest:
    """Let people change group from a day on, as one of the ways says (`queries.move_answer`, by its key and stamp).

    The coach for one-to-one follows. One-to-one dates with the former coach end and wait undated with the new one.
    `raise_commission` raises what the coaches who gain somebody lack, otherwise CommissionTooSmall says so.
    Raises MoveAnswered, DayTooEarly, GroupsChangedSince, RuleInTheWay, CommissionTooSmall, JustTaken, ledger
    NotEnoughMinutes.
    """
    current = _held(request, by=by, at=at)
    seats.must_wait(current)
    cohort = current.enrolment.cohort
    _must_fit(current, from_on, at)
    turns.take(cohort, at=at)
    found, changes = _looked_at(current, way, from_on, seen)
    before, score = lacking(cohort, reads.as_they_are(cohort, from_on)), move_ways.scores(found, current, changes)
    apologies = _apologies(changes, at)
    ended = _end_dates(changes, from_on, by=by, at=at)
    moved = seats.seat_moved(changes, from_on)
    _end_sharing(changes, at)
    _bring_in_line(current, changes, from_on, by=by, at=at)
    lacks = _lacks(cohort, changes, from_on, before)
    if lacks and not raise_commission:
        raise CommissionTooSmall(lacks)
    _raise_commission(lacks, moved, by=by, at=at)
    for who, session_id, in_time, sent_at in apologies:
        moved[who].setdefault("apologies", []).append([session_id, in_time, sent_at.isoformat()])
    for session in ended:
        moved[session.enrolment_id or 0].setdefault("ended", []).append(_kept(session))
    current.state, current.from_on, current.answered_by, current.answered_at = MoveState.APPROVED, from_on, by, at
    current.moves, current.points = list(moved.values()), {"before": score[0], "after": score[1]}
    current.save(update_fields=["state", "from_on", "answered_by", "answered_at", "moves", "points"])
    _record("approve_move", current, {"from_on": from_on.isoformat(), "people": sorted(moved)}, by=by, at=at)
    calendars = _calendars(current, changes, from_on, at=at)
    move_notices.tell_moved(
        current, current.moves, _lines(ended), calendars, from_on=from_on, address_of=address_of, by=by, at=at
    )
    return current


@transaction.atomic
def undo_move_request(*, request: MoveRequest, by: Person, at: dt.datetime) -> tuple[int, int]:
    """Take an approved change back, until something has happened on top of it: seats, coaches, sessions and minutes.

    One-to-one dates come back where everybody is still free; the others wait to be dated anew. The same people are
    told. Returns how many dates stand again, and how many do not. Raises CannotUndo.
    """
    current = _held(request, by=by, at=at)
    if current.state != MoveState.APPROVED or current.from_on is None:
        raise CannotUndo(_("This was not approved, so there is nothing to take back."))
    cohort, moves = current.enrolment.cohort, current.moves
    turns.take(cohort, at=at)
    _must_stand(current, at)
    seats.seat_back(moves)
    _restore_apologies(moves, at)
    changes = [_back(move) for move in moves]
    _end_sharing(changes, at)
    restored, lost = _restore_dates(moves, by=by, at=at)
    _bring_in_line(current, changes, current.from_on, by=by, at=at)
    _lower_commission(moves, by=by, at=at)
    current.state = MoveState.UNDONE
    current.save(update_fields=["state"])
    _record("undo_move", current, {"restored": len(restored)}, by=by, at=at)
    calendars = _calendars(current, changes, current.from_on, also=[each.pk for each in restored], at=at)
    move_notices.tell_undone(current, moves, _lines(restored), calendars, by=by, at=at)
    return len(restored), lost


# ------------------------------------------------------------------ within


def _held(request: MoveRequest, *, by: Person, at: dt.datetime) -> MoveRequest:
    current = seats.held(request)
    if not programme_rules.may_run_cohort(by, current.enrolment.cohort, at):
        raise NotFound
    return current


def _must_fit(request: MoveRequest, from_on: dt.date, at: dt.datetime) -> None:
    cohort = request.enrolment.cohort
    tomorrow = at.astimezone(cohort.zone).date() + dt.timedelta(days=1)
    first = max(tomorrow, cohort.starts_on)
    if not first <= from_on <= cohort.ends_on:
        raise DayTooEarly(first=words.day_words(first), last=words.day_words(cohort.ends_on))


def _looked_at(request: MoveRequest, way: str, from_on: dt.date, seen: str) -> tuple[Desk, tuple[Change, ...]]:
    """The groups as they stand, and the changes, if they are what the coordinator looked at and keep every rule."""
    found = move_ways.desk(request.enrolment.cohort, from_on)
    if move_ways.stamp_of(found, request) != seen:
        raise GroupsChangedSince
    changes = move_ways.read_key(found, way)
    if not move_ways.meets(request, found, changes):
        raise GroupsChangedSince
    broken = move_ways.broken_by(found, request, changes)
    if broken:
        [(sentence, remedy)] = grouping_answers.in_words(broken[:1], found.facts.names)
        raise RuleInTheWay(reason=f"{sentence} {remedy}".strip())
    return found, changes


def _end_sharing(changes: Sequence[Change], at: dt.datetime) -> None:
    """What was shared with the former coach is shared no more; the new one sees nothing until it is shared again."""
    coaches = [(each.enrolment_id, each.from_engagement_id, each.to_engagement_id) for each in changes]
    sharing.end_with_coaches(coaches=coaches, at=at)


def _apologies(changes: Sequence[Change], at: dt.datetime) -> list[tuple[int, int, bool, dt.datetime]]:
    """What these people have said about sessions to come: enrolment, session, whether in time, when."""
    sent = Apology.objects.filter(enrolment__in=[each.enrolment_id for each in changes], session__starts_at__gt=at)
    return list(sent.order_by("pk").values_list("enrolment_id", "session_id", "in_time", "at"))


def _restore_apologies(moves: Sequence[Mapping[str, Any]], at: dt.datetime) -> None:
    """Who could not come before cannot come now, where the session is still to come or has to be found again."""
    for move in moves:
        for session_id, in_time, sent_at in move.get("apologies", []):
            open_still = Q(state=SessionState.BOOKED, starts_at__gt=at) | Q(state=SessionState.UNDATED)
            if CoachingSession.objects.filter(open_still, pk=session_id).exists():
                Apology.objects.get_or_create(
                    session_id=session_id,
                    enrolment_id=move["enrolment"],
                    defaults={"in_time": in_time, "at": dt.datetime.fromisoformat(sent_at)},
                )


def _end_dates(changes: Sequence[Change], from_on: dt.date, *, by: Person, at: dt.datetime) -> list[CoachingSession]:
    """Take the date from one-to-ones with the former coach. Returns them as they stood."""
    stood = list(reads.with_former_coach(changes, from_on, at))
    for session in CoachingSession.objects.filter(pk__in=[each.pk for each in stood]).select_related(*booking.LOADED):
        on = booking.wall_day(session)
        Apology.objects.filter(session=session).delete()
        occupancy.give_back(session)
        booking.take_date_away(session)
        booking.write(session)
        settling.settle(session, rules.Participants(), on=on, by=by, at=at)
    return stood


def _calendars(
    request: MoveRequest, changes: Sequence[Change], from_on: dt.date, *, also: Sequence[int] = (), at: dt.datetime
) -> invitations.Messages:
    """What the calendars of those who move, and of their coaches, have to be told. `also` are dates that came back."""
    numbers = {number for each in changes for number in (each.from_number, each.to_number)}
    ahead = upcoming_group_sessions(request.enrolment.cohort, from_on, at)
    entered = [each.pk for each in ahead if each.group and each.group.number in numbers]
    coaches = {coach for each in changes for coach in (each.from_engagement_id, each.to_engagement_id)} - {None}
    concerned = Person.objects.filter(
        Q(enrolments__in=[each.enrolment_id for each in changes]) | Q(engagements__in=coaches)
    )
    return invitations.catch_up(concerned.distinct(), entered=[*entered, *also], at=at)


def _bring_in_line(
    request: MoveRequest, changes: Sequence[Change], from_on: dt.date, *, by: Person, at: dt.datetime
) -> None:
    """Group sessions ahead follow who is in them; undated one-to-ones follow their coachee to the coach."""
    cohort = request.enrolment.cohort
    numbers = {number for each in changes for number in (each.from_number, each.to_number)}
    ahead = upcoming_group_sessions(cohort, from_on, at)
    booking.realign(sessions=[each for each in ahead if each.group and each.group.number in numbers], by=by, at=at)
    one_to_ones.prepare_one_to_ones(enrolments=seats.people_of([each.enrolment_id for each in changes]), by=by, at=at)


def _lacks(cohort: Cohort, changes: Sequence[Change], from_on: dt.date, before: Sequence[Lack]) -> list[Lack]:
    """What the coaches who gain somebody now lack, beyond what they lacked before."""
    receiving = {each.to_engagement_id for each in changes}
    now = lacking(cohort, reads.as_they_are(cohort, from_on))
    return reads.beyond([each for each in now if each.engagement_id in receiving], before)


def _raise_commission(
    lacks: Sequence[Lack], moved: Mapping[int, dict[str, Any]], *, by: Person, at: dt.datetime
) -> None:
    """Commission what is lacking, and note it with the move, so that an undo can lower it again."""
    engagements = CoachEngagement.objects.select_related("cohort__programme", "person").in_bulk(
        {each.engagement_id for each in lacks}
    )
    for lack in lacks:
        minutes = {lack.kind: lack.commissioned + lack.minutes}
        ledger_actions.commission(engagement=engagements[lack.engagement_id], minutes=minutes, by=by, at=at)
        move = next(each for each in moved.values() if each["to"]["coach"] == lack.engagement_id)
        move.setdefault("raised", {})[lack.kind] = lack.minutes


def _lower_commission(moves: Sequence[Mapping[str, Any]], *, by: Person, at: dt.datetime) -> None:
    """What was raised for the change is lowered again, as far as nobody uses it by now."""
    for move in moves:
        for kind, minutes in move.get("raised", {}).items():
            account = CoachTime.objects.get(engagement=move["to"]["coach"], kind=kind)
            engagement = CoachEngagement.objects.select_related("cohort__programme").get(pk=move["to"]["coach"])
            wanted = {kind: account.promised - min(minutes, account.left)}
            ledger_actions.commission(engagement=engagement, minutes=wanted, by=by, at=at)


def _must_stand(request: MoveRequest, at: dt.datetime) -> None:
    """Nothing has happened on top of it: no session, no new date with the new coach, no later change."""
    moves, from_on, cohort = request.moves, request.from_on, request.enrolment.cohort
    if from_on is None or not seats.stands_as_moved(moves, from_on):
        raise CannotUndo(_("Seat or coach of somebody in it was changed since, so this can no longer be taken back."))
    numbers = {move[side]["number"] for move in moves for side in ("from", "to")} - {None}
    groups = CoachingGroup.objects.filter(cohort=cohort, number__in=numbers)
    begins = dt.datetime.combine(from_on, dt.time(), tzinfo=dt.UTC)
    of_groups = Q(group__in=groups, wall_starts__gte=begins, starts_at__lte=at)
    new_coach = Q(pk__in=[])
    for move in moves:
        if move["to"]["coach"] != move["from"]["coach"]:
            new_coach |= Q(
                enrolment=move["enrolment"], engagement=move["to"]["coach"], starts_at__gt=request.answered_at
            )
    happened = CoachingSession.objects.filter(state__in=[SessionState.BOOKED, SessionState.HELD], cohort=cohort)
    if happened.filter(of_groups | new_coach & Q(starts_at__lte=at)).exists():
        raise CannotUndo(_("A session has taken place since, so this can no longer be taken back."))
    if happened.filter(new_coach).exists():
        raise CannotUndo(_("A one-to-one with the new coach has a date by now. Cancel it first, then take this back."))


def _back(move: Mapping[str, Any]) -> Change:
    """The change in the other direction."""
    return Change(
        enrolment_id=move["enrolment"],
        name="",
        from_number=move["to"]["number"],
        to_number=move["from"]["number"],
        from_engagement_id=move["to"]["coach"],
        to_engagement_id=move["from"]["coach"],
        from_coach="",
        to_coach="",
    )


def _kept(session: CoachingSession) -> dict[str, Any]:
    """When a one-to-one stood, for an undo."""
    if session.wall_starts is None or session.starts_at is None or session.ends_at is None:
        raise ValueError("a session without a date stood nowhere")
    times = {name: getattr(session, name).isoformat() for name in ("wall_starts", "starts_at", "ends_at")}
    return {"session": session.pk, **times}


def _restore_dates(
    moves: Sequence[Mapping[str, Any]], *, by: Person, at: dt.datetime
) -> tuple[list[CoachingSession], int]:
    """Let one-to-ones stand where they stood, if everybody is free. Those that stand again, and how many do not."""
    restored, lost = [], 0
    for move in moves:
        for stood in move.get("ended", []):
            session = _restored(stood, move["from"]["coach"], by=by, at=at)
            if session is None:
                lost += 1
            else:
                restored.append(session)
    return restored, lost


def _restored(stood: Mapping[str, Any], coach: int, *, by: Person, at: dt.datetime) -> CoachingSession | None:
    CoachingSession.objects.filter(pk=stood["session"], state=SessionState.UNDATED).update(engagement=coach)
    session = CoachingSession.objects.select_related(*booking.LOADED).get(pk=stood["session"])
    times = {name: dt.datetime.fromisoformat(stood[name]) for name in ("wall_starts", "starts_at", "ends_at")}
    if session.state != SessionState.UNDATED or times["starts_at"] <= at:
        Apology.objects.filter(session=session, session__state=SessionState.UNDATED).delete()
        return None
    session.wall_starts, session.starts_at, session.ends_at = (
        times["wall_starts"],
        times["starts_at"],
        times["ends_at"],
    )
    try:
        with transaction.atomic():
            booking.book(session, by=by, at=at)
    except (problems.Refused, ledger_actions.NotEnoughMinutes):
        Apology.objects.filter(session=session).delete()
        return None
    return session


def _lines(sessions: Sequence[CoachingSession]) -> dict[int, list[str]]:
    lines: dict[int, list[str]] = defaultdict(list)
    for session in sessions:
        if session.kind == Kind.ONE_TO_ONE:
            lines[session.enrolment_id or 0].append(f"{words.title(session)}, {words.when_words(session)}")
    return lines


def _record(action: str, request: MoveRequest, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind=SUBJECT,
        subject_id=request.pk,
        organisation_id=request.enrolment.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
