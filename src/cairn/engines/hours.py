"""What one session means for minutes: where it stands in each entitlement and in each coach's time.

Two books are kept elsewhere, per account, with four sums each: promised, booked, used, released; what is left is
promised - booked - used - released. Here a session has, in each account it touches, a *position*: how many of its
minutes are booked and how many are used. Whoever posts compares the position wanted with the position that stands
and posts the difference, so that deciding twice posts once.

All minutes are whole minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from cairn.engines.wording import Refusal, gettext_noop

Mark = Literal["attended", "excused", "late_cancelled", "missed"]
SessionKind = Literal["one_to_one", "group", "coach_meeting", "familiarisation", "topic", "drop_in", "celebration"]
SessionState = Literal["undated", "booked", "held", "cancelled"]
EntitlementKind = Literal["one_to_one", "group"]
MovementKind = Literal["promise", "book", "use", "release"]
PAID_BY_PRESENCE: frozenset[SessionKind] = frozenset({"coach_meeting", "celebration"})
# Nobody has to come to these, so that having been held is all there is to go by.
PAID_ONCE_HELD: frozenset[SessionKind] = frozenset({"familiarisation", "topic", "drop_in"})


class MarkWithoutPlace(Refusal):
    """A mark for somebody who has no place in the session; `strangers` holds their ids, sorted."""

    key = "hours.mark_without_place"
    template = gettext_noop("Attendance was given for somebody who is not in this session. Nothing was changed.")

    def __init__(self, *, strangers: tuple[int, ...]) -> None:
        self.strangers = strangers
        super().__init__()


@dataclass(frozen=True)
class Position:
    """How many minutes of one session stand booked, and how many used, in one account."""

    booked: int = 0
    used: int = 0


NOTHING = Position()


@dataclass(frozen=True)
class Movement:
    """A signed number of minutes added to one of an account's four sums."""

    kind: MovementKind
    minutes: int


@dataclass(frozen=True)
class Balance:
    """The four sums of an account; `left` is negative when more was booked or used than promised."""

    promised: int = 0
    booked: int = 0
    used: int = 0
    released: int = 0

    @property
    def left(self) -> int:
        return self.promised - self.booked - self.used - self.released


@dataclass(frozen=True)
class Policy:
    """What a cohort agreed about absence: whether it costs the coachee minutes, and whether the coach is paid."""

    late_cancelled_uses: bool = True
    missed_uses: bool = True
    coach_paid_when_late_cancelled: bool = True
    coach_paid_when_missed: bool = True


DEFAULT_POLICY = Policy()


@dataclass(frozen=True)
class SessionFacts:
    """One session as the ledger's arithmetic sees it: ids of enrolments and of coach engagements, nothing personal."""

    kind: SessionKind
    minutes: int
    state: SessionState
    enrolments: frozenset[int] = frozenset()
    engagements: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"a session has a positive number of minutes, not {self.minutes}")


@dataclass(frozen=True)
class Movements:
    """Wanted positions: per enrolment in its entitlement, per engagement in the coach's time."""

    entitlements: Mapping[int, Position]
    coach_time: Mapping[int, Position]


def entitlement_kind(kind: SessionKind) -> EntitlementKind | None:
    """The entitlement a session draws from; only one-to-one and group coaching draw from one."""
    drawn_from: dict[SessionKind, EntitlementKind] = {"one_to_one": "one_to_one", "group": "group"}
    return drawn_from.get(kind)


def movements(
    session: SessionFacts,
    marks: Mapping[int, Mark],
    coach_marks: Mapping[int, Mark],
    policy: Policy = DEFAULT_POLICY,
) -> Movements:
    """Where every minute of this session belongs, given what is known of attendance so far.

    A group session of 90 minutes stands with 90 in each enrolment's group entitlement, and with 90 once in the time of
    each coach engaged for it. `marks` are by enrolment. `coach_marks` are by engagement and count in coach meetings
    and celebrations only, where a coach is paid for having been there. A topic session and a drop-in are paid once,
    when they were held, whoever came. Every enrolment that draws minutes and every engagement appears in the answer,
    with `Position(0, 0)` where nothing is to stand, so that earlier postings are undone.

    A cancelled session draws nothing, unless a mark says that it was cancelled late: then it draws what late
    cancellation costs, as if it had stood.

    Raises MarkWithoutPlace when a mark names somebody who is not in the session.
    """
    _refuse_strangers(session, marks, coach_marks)
    drawing = session.enrolments if entitlement_kind(session.kind) else frozenset[int]()
    return Movements(
        entitlements={who: _entitlement_position(session, marks.get(who), policy) for who in sorted(drawing)},
        coach_time={
            who: _coach_position(session, marks, coach_marks.get(who), policy) for who in sorted(session.engagements)
        },
    )


def settle(current: Position, wanted: Position) -> tuple[Movement, ...]:
    """The movements that bring the position that stands to the position wanted; none when they are equal.

    What is taken away comes first, so that an account with nothing left is never overdrawn on the way.
    """
    differences = (
        Movement("book", wanted.booked - current.booked),
        Movement("use", wanted.used - current.used),
    )
    return tuple(sorted((movement for movement in differences if movement.minutes), key=lambda moved: moved.minutes))


def position(entries: Iterable[Movement]) -> Position:
    """Where a source stands in an account, from what has been posted there for this source."""
    sums = balance(entries)
    return Position(booked=sums.booked, used=sums.used)


def balance(entries: Iterable[Movement]) -> Balance:
    """The four sums of the movements of one account."""
    sums: dict[MovementKind, int] = {"promise": 0, "book": 0, "use": 0, "release": 0}
    for entry in entries:
        sums[entry.kind] += entry.minutes
    return Balance(sums["promise"], sums["book"], sums["use"], sums["release"])


def _refuse_strangers(session: SessionFacts, marks: Mapping[int, Mark], coach_marks: Mapping[int, Mark]) -> None:
    strangers = (marks.keys() - session.enrolments) | (coach_marks.keys() - session.engagements)
    if strangers:
        raise MarkWithoutPlace(strangers=tuple(sorted(strangers)))


def _draws(session: SessionFacts, marks: Iterable[Mark | None]) -> bool:
    """Whether anything is to stand: with a date, or cancelled too late."""
    return session.state in ("booked", "held") or (session.state == "cancelled" and "late_cancelled" in marks)


def _entitlement_position(session: SessionFacts, mark: Mark | None, policy: Policy) -> Position:
    if not _draws(session, [mark]):
        return NOTHING
    if mark is None:
        return Position(booked=session.minutes)
    return Position(used=session.minutes) if _uses_minutes(mark, policy) else NOTHING


def _uses_minutes(mark: Mark, policy: Policy) -> bool:
    return {
        "attended": True,
        "excused": False,
        "late_cancelled": policy.late_cancelled_uses,
        "missed": policy.missed_uses,
    }[mark]


def _pays_coach(mark: Mark, policy: Policy) -> bool:
    return {
        "attended": True,
        "excused": False,
        "late_cancelled": policy.coach_paid_when_late_cancelled,
        "missed": policy.coach_paid_when_missed,
    }[mark]


def _coach_position(
    session: SessionFacts, marks: Mapping[int, Mark], coach_mark: Mark | None, policy: Policy
) -> Position:
    if not _draws(session, marks.values()):
        return NOTHING
    given = _time_given(session, marks, coach_mark, policy)
    if given is None:
        return Position(booked=session.minutes)
    return Position(used=session.minutes) if given else NOTHING


def _time_given(
    session: SessionFacts, marks: Mapping[int, Mark], coach_mark: Mark | None, policy: Policy
) -> bool | None:
    """Whether the coach gave the time: yes, no, or not known yet."""
    if session.kind in PAID_BY_PRESENCE:
        return None if coach_mark is None else coach_mark == "attended"
    if session.kind in PAID_ONCE_HELD:
        return True if session.state == "held" else None
    if any(_pays_coach(mark, policy) for mark in marks.values()):
        return True
    everybody_marked = bool(session.enrolments) and session.enrolments <= marks.keys()
    return False if everybody_marked else None


def instead_of_group(minutes: int, percent: int) -> int:
    """One-to-one minutes for group minutes that somebody gives up; a part of a minute counts as a whole one."""
    return -(-minutes * percent // 100)


def given_up_for(one_to_one: int, percent: int) -> int:
    """The group minutes that so many one-to-one minutes stood for; a part of a minute counts as a whole one."""
    return -(-one_to_one * 100 // percent) if percent else 0
