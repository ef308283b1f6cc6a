"""A group finds another time for one of its sessions: asked, answered, settled or withdrawn.

Every action takes the session's lock first, so that answers, the choice and other changes of the session wait for each
other in the order of turns.py: sessions, people, accounts. Polls have no lock of their own.
"""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.delivery import rules
from cairn.delivery.actions import booking, problems
from cairn.delivery.models import CoachingSession, Poll, PollAnswer, PollTime
from cairn.delivery.queries import words
from cairn.delivery.terms import PollState, PollWord, SessionState
from cairn.foundation import audit, here, mail
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.programmes.models import Enrolment
from cairn.programmes.terms import Kind

FEWEST, MOST = 2, 8
REMINDED_BEFORE = dt.timedelta(days=1)
TOO_SHORT_TO_REMIND = dt.timedelta(hours=36)


@dataclass(frozen=True)
class Proposed:
    """One time to choose from: naive, on the wall of the session's zone. `fold` chooses where it happens twice."""

    wall_starts: dt.datetime
    fold: booking.Fold = None


class PollOver(problems.Refused):
    """It was settled or withdrawn, it has closed, or its session stands elsewhere now."""


class WrongTimes(problems.Refused):
    """The times that were proposed cannot be put to anybody; the sentence says why."""


class NotAnswered(problems.Refused):
    """An answer to no time, or to one that was not asked about."""


@transaction.atomic
def open_poll(
    *,
    session: CoachingSession,
    times: Sequence[Proposed],
    closes_at: dt.datetime,
    expected_version: int,
    address_of: str = "",
    by: Person,
    at: dt.datetime,
) -> Poll:
    """Ask everybody in a group's session which of two to eight times would do instead. Each gets one mail.

    Raises NotAllowed, ChangedMeanwhile, NotPossibleNow, WrongTimes, OutsideCohort, InThePast, and the cadence engine's
    MissingWallTime and AmbiguousWallTime.
    """
    current = booking.hold(session, by=by, at=at, expected_version=expected_version)
    _must_be_to_come(current, at)
    if Poll.objects.filter(session=current, state=PollState.OPEN).exists():
        raise problems.NotPossibleNow(_("The group is being asked already. Withdraw that poll before you ask again."))
    rows = _rows(current, times, at)
    _must_close_in_time(closes_at, [current.starts_at, *(row.starts_at for row in rows)], current, at)
    poll = Poll.objects.create(session=current, opened_by=by, opened_at=at, closes_at=closes_at)
    for row in rows:
        row.poll = poll
    PollTime.objects.bulk_create(rows)
    _record("open_poll", poll, current, {"times": len(rows)}, by=by, at=at)
    for member in members(current):
        if member.person_id != by.pk:
            _tell(poll, current, member.person, "opened", rows=rows, address_of=address_of, at=at)
    return poll


@transaction.atomic
def answer_poll(*, poll: Poll, said: Mapping[int, str], by: Person, at: dt.datetime) -> int:
    """Say of each time (its id → a `terms.PollWord`) whether one can come; what was said before gives way.

    Times that are left out keep their answer. Returns how many words were kept. Raises NotAllowed for whoever is not in
    the group's session, PollOver, NotAnswered.
    """
    current = _held_open(poll)
    member = next((each for each in members(current) if each.person_id == by.pk), None)
    if member is None:
        raise problems.NotAllowed
    _must_take_answers(Poll.objects.get(pk=poll.pk), current, at)
    asked = set(PollTime.objects.filter(poll=poll).values_list("pk", flat=True))
    if not said or not said.keys() <= asked:
        raise NotAnswered(_("Say of at least one of the times whether you can come."))
    answers = [
        PollAnswer(time_id=time, enrolment=member, word=PollWord(word).value, at=at)
        for time, word in sorted(said.items())
    ]
    PollAnswer.objects.bulk_create(
        answers, update_conflicts=True, update_fields=["word", "at"], unique_fields=["time", "enrolment"]
    )
    _record("answer_poll", poll, current, {"answers": len(answers)}, by=by, at=at)
    return len(answers)


@transaction.atomic
def settle_poll(*, poll: Poll, time_id: int, by: Person, at: dt.datetime) -> CoachingSession:
    """Choose one of the times and move the session there; everybody in it but `by` gets the mail about a moved session.

    Can be done before and after it closes. Raises NotAllowed, PollOver, NotAnswered, and what `move_session` raises:
    where somebody is no longer free JustTaken says the next free times, and the poll stays open.
    """
    current = booking.hold(CoachingSession(pk=poll.session_id), by=by, at=at)
    _must_be_open(Poll.objects.get(pk=poll.pk), current)
    if current.wall_starts is None:
        raise problems.NotPossibleNow(_("Only a session that is still to come can be moved."))
    chosen = PollTime.objects.filter(poll=poll, pk=time_id).first()
    if chosen is None:
        raise NotAnswered(_("Choose one of the times that the group was asked about."))
    # Settled before the session moves: what moves it withdraws every poll that is still open.
    Poll.objects.filter(pk=poll.pk).update(state=PollState.SETTLED, closed_at=at)
    PollTime.objects.filter(pk=chosen.pk).update(is_chosen=True)
    stood: dict[str, int | str] = {"was": current.wall_starts.replace(tzinfo=None).isoformat(), "fold": current.fold}
    moved = booking.move_session(
        session=current,
        wall_starts=chosen.wall_starts.replace(tzinfo=None),
        mode=current.mode,
        where=None,
        expected_version=current.version,
        fold=1 if chosen.fold else 0,
        by=by,
        at=at,
    )
    _record("settle_poll", poll, current, {"time": chosen.pk, "version": moved.version, **stood}, by=by, at=at)
    return moved


@transaction.atomic
def unsettle_poll(*, poll: Poll, expected_version: int, by: Person, at: dt.datetime) -> CoachingSession:
    """Take `settle_poll` back: the session stands where it stood, if all are free then, and the poll is open again.

    Everybody in it but `by` gets the mail about a moved session. Raises NotAllowed, ChangedMeanwhile, NotPossibleNow
    where something else has happened since, and what `move_session` raises.
    """
    current = booking.hold(CoachingSession(pk=poll.session_id), by=by, at=at, expected_version=expected_version)
    made = AuditEntry.objects.filter(subject_kind="poll", subject_id=poll.pk, action="settle_poll").order_by("-pk")
    entry = made.first()
    if entry is None or entry.facts.get("version") != current.version:
        raise problems.NotPossibleNow(_("There is nothing to take back."))
    moved = booking.move_session(
        session=current,
        wall_starts=dt.datetime.fromisoformat(entry.facts["was"]),
        mode=current.mode,
        where=None,
        expected_version=expected_version,
        fold=1 if entry.facts["fold"] else 0,
        by=by,
        at=at,
    )
    Poll.objects.filter(pk=poll.pk).update(state=PollState.OPEN, closed_at=None)
    PollTime.objects.filter(poll=poll).update(is_chosen=False)
    _record("unsettle_poll", poll, current, {}, by=by, at=at)
    return moved


@transaction.atomic
def withdraw_poll(*, poll: Poll, by: Person, at: dt.datetime) -> None:
    """Ask no longer: the session stays where it is, and everybody asked gets one mail. Raises NotAllowed, PollOver."""
    current = booking.hold(CoachingSession(pk=poll.session_id), by=by, at=at)
    _must_be_open(Poll.objects.get(pk=poll.pk), current)
    _withdraw(poll, current, by=by, at=at)


@transaction.atomic
def take_back_poll(*, poll: Poll, by: Person, at: dt.datetime) -> None:
    """Undo `open_poll`, as long as nobody has answered. Whoever has been mailed gets one more; for others the mail
    that asks them does not go out. Raises NotAllowed, PollOver, NotPossibleNow.
    """
    current = booking.hold(CoachingSession(pk=poll.session_id), by=by, at=at)
    _must_be_open(Poll.objects.get(pk=poll.pk), current)
    if PollAnswer.objects.filter(time__poll=poll).exists():
        raise problems.NotPossibleNow(_("Somebody has answered by now. If nobody need answer any more, withdraw it."))
    _withdraw(poll, current, by=by, at=at)


@transaction.atomic
def reopen_poll(*, poll: Poll, by: Person, at: dt.datetime) -> Poll:
    """Undo `withdraw_poll` or `take_back_poll`: the same times are asked about again, and every answer is kept.

    Whoever was told that it is over is told that it is not; whose mail still waits hears of neither. Raises NotAllowed,
    NotPossibleNow where something else has happened since.
    """
    current = booking.hold(CoachingSession(pk=poll.session_id), by=by, at=at)
    entry = AuditEntry.objects.filter(subject_kind="poll", subject_id=poll.pk).exclude(action="answer_poll")
    last = entry.order_by("-pk").first()
    if last is None or last.action != "withdraw_poll":
        raise problems.NotPossibleNow(_("There is nothing to take back."))
    if (
        last.facts.get("version") != current.version
        or Poll.objects.filter(session=current, state=PollState.OPEN).exists()
    ):
        raise problems.NotPossibleNow(
            _("Something has changed since, so it cannot be taken back. Ask the group again.")
        )
    _must_be_to_come(current, at)
    Poll.objects.filter(pk=poll.pk).update(state=PollState.OPEN, closed_at=None)
    _record("reopen_poll", poll, current, {}, by=by, at=at)
    again, rows = Poll.objects.get(pk=poll.pk), list(PollTime.objects.filter(poll=poll).order_by("starts_at"))
    for member in members(current):
        if not _drop(poll, member, "withdrawn"):
            asked = mail.posted([_event(poll, "opened", member.person_id)])
            event = "reopened" if asked else "opened"
            _tell(again, current, member.person, event, rows=rows, address_of=here.address(), at=at)
    return again


def _withdraw(poll: Poll, session: CoachingSession, *, by: Person, at: dt.datetime) -> None:
    Poll.objects.filter(pk=poll.pk).update(state=PollState.WITHDRAWN, closed_at=at)
    _record("withdraw_poll", poll, session, {"version": session.version}, by=by, at=at)
    answered = _answered(poll)
    for member in members(session):
        _drop(poll, member, "reminder")
        unheard = _drop(poll, member, "opened", "reopened") and member.pk not in answered
        if not unheard and member.person_id != by.pk:
            _tell(poll, session, member.person, "withdrawn", at=at)


def _answered(poll: Poll) -> set[int]:
    return set(PollAnswer.objects.filter(time__poll=poll).values_list("enrolment_id", flat=True))


def _drop(poll: Poll, member: Enrolment, *events: str) -> bool:
    """Take back what waits to be mailed to somebody of these events. Whether anything did, and so is unheard of."""
    person = member.person_id
    return bool(mail.withdraw(*(_event(poll, event, person) for event in events), to_id=person))


def _event(poll: Poll, event: str, person_id: int, at: dt.datetime | None = None) -> str:
    """The name of a mail's event; with a moment where it can happen more than once."""
    stamp = f":{at:%Y%m%dT%H%M%S%f}" if at is not None and event in ("withdrawn", "reopened") else ""
    return f"poll:{poll.pk}:{event}:{person_id}{stamp}"


def remind_of_polls(*, address_of: str = "", at: dt.datetime) -> int:
    """Mail whoever has said nothing yet, once, from a day before a poll closes. Returns how many mails were queued."""
    due = Poll.objects.filter(state=PollState.OPEN, closes_at__gt=at, closes_at__lte=at + REMINDED_BEFORE)
    return sum(_remind(poll.pk, address_of, at) for poll in due.order_by("pk"))


def members(session: CoachingSession) -> tuple[Enrolment, ...]:
    """The coachees who are asked: those in the session on the day on which it stands."""
    return rules.participants(session, booking.wall_day(session)).enrolments


@transaction.atomic
def _remind(poll_id: int, address_of: str, at: dt.datetime) -> int:
    poll = Poll.objects.select_related("session__cohort__programme", "session__group").get(pk=poll_id)
    current = _held_open(poll)
    poll.refresh_from_db(fields=["state"])
    if poll.state != PollState.OPEN or poll.closes_at - poll.opened_at < TOO_SHORT_TO_REMIND:
        return 0
    answered = _answered(poll)
    silent = [member for member in members(current) if member.pk not in answered]
    return sum(_tell(poll, current, member.person, "reminder", address_of=address_of, at=at) for member in silent)


def _held_open(poll: Poll) -> CoachingSession:
    """The poll's session, locked until the transaction ends, for whoever need not run it."""
    held = CoachingSession.objects.select_for_update(of=("self",), no_key=True).select_related(*booking.LOADED)
    return held.get(pk=poll.session_id)


def _must_be_to_come(session: CoachingSession, at: dt.datetime) -> None:
    if session.kind != Kind.GROUP:
        raise problems.NotPossibleNow(_("Only the sessions of a group are moved by asking everybody."))
    if session.state != SessionState.BOOKED or session.starts_at is None or session.starts_at <= at:
        raise problems.NotPossibleNow(_("Only a session that is still to come can be moved."))


def _rows(session: CoachingSession, times: Sequence[Proposed], at: dt.datetime) -> list[PollTime]:
    """The times with their instants, in order. Each is tried on the session itself, so that all of its rules hold."""
    rows: dict[dt.datetime, PollTime] = {}
    stands = session.starts_at
    for each in times:
        trial = CoachingSession(cohort=session.cohort, kind=session.kind, minutes=session.minutes)
        trial.time_zone = session.time_zone
        booking.set_time(trial, each.wall_starts, each.fold, at=at)
        if trial.wall_starts is None or trial.starts_at is None or trial.ends_at is None or trial.starts_at == stands:
            raise WrongTimes(_("One of the times is the one at which the session stands. Propose others."))
        rows[trial.starts_at] = PollTime(
            wall_starts=trial.wall_starts, fold=trial.fold, starts_at=trial.starts_at, ends_at=trial.ends_at
        )
    if not FEWEST <= len(rows) <= MOST:
        raise WrongTimes(
            _("Propose between %(fewest)s and %(most)s different times.") % {"fewest": FEWEST, "most": MOST}
        )
    return [rows[start] for start in sorted(rows)]


def _must_close_in_time(
    closes_at: dt.datetime, starts: Sequence[dt.datetime | None], session: CoachingSession, at: dt.datetime
) -> None:
    first = min(start for start in starts if start is not None)
    if closes_at <= at:
        raise WrongTimes(_("Let people answer until a moment that is still to come."))
    if closes_at > first:
        raise WrongTimes(
            _("Let people answer until %(when)s at the latest: that is the first of the times, or the session itself.")
            % {"when": words.moment_words(first, session.time_zone)}
        )


def _must_be_open(poll: Poll, session: CoachingSession) -> None:
    if poll.state == PollState.SETTLED:
        raise PollOver(_("This poll is settled. The session is on %(when)s.") % {"when": words.when_words(session)})
    if poll.state != PollState.OPEN:
        raise PollOver(_("This poll has ended. Nothing was changed."))


def _must_take_answers(poll: Poll, session: CoachingSession, at: dt.datetime) -> None:
    _must_be_open(poll, session)
    if poll.closes_at <= at:
        raise PollOver(_("This poll has closed. Write to your coach if something has changed for you."))


def _tell(
    poll: Poll,
    session: CoachingSession,
    person: Person,
    event: str,
    *,
    rows: Sequence[PollTime] = (),
    address_of: str = "",
    at: dt.datetime,
) -> bool:
    """One mail to one person: `event` is opened, reminder, withdrawn or reopened. It says nothing of anybody else."""
    zone = session.time_zone
    context = {
        "poll": poll,
        "title": words.title(session),
        "stands": words.when_words(session),
        "times": [_both_clocks(row.starts_at, zone, person) for row in rows],
        "is_closed": poll.closes_at <= at,
        "closes": _both_clocks(poll.closes_at, zone, person),
        "address": address_of,
    }
    return mail.post(
        key=_event(poll, event, person.pk, at),
        to=person,
        template=f"mail/poll_{event}.txt",
        context=context,
        organisation_id=session.cohort.programme.organisation_id,
        at=at,
    )


def _both_clocks(moment: dt.datetime, zone: str, person: Person) -> str:
    """A moment in the session's zone, and on the reader's own clock where that shows another time."""
    said = words.moment_words(moment, zone)
    here, there = (moment.astimezone(each).utcoffset() for each in (_zone(zone), person.zone))
    return said if here == there else f"{said}; {words.moment_words(moment, person.time_zone)}"


def _zone(name: str) -> dt.tzinfo:
    return zoneinfo.ZoneInfo(name)


def _record(
    action: str, poll: Poll, session: CoachingSession, facts: Mapping[str, int | str], *, by: Person, at: dt.datetime
) -> None:
    audit.record(
        action=action,
        subject_kind="poll",
        subject_id=poll.pk,
        organisation_id=session.cohort.programme.organisation_id,
        facts={"session": session.pk, **facts},
        by=by,
        at=at,
    )
