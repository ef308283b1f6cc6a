"""When a country changes its clocks: people keep the time that they agreed on, and the instant follows.

The rules of zones come from the time zone database, which changes several times a year. A stored instant that is any
reading of its wall time stays. Where there is no such time any more, or there are two, nothing is guessed: the session
stays where it is and its coach is asked. Attendance, minutes and their days hang on the wall and are not touched.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery import rules
from cairn.delivery.actions import booking, invitations, occupancy, reminders
from cairn.delivery.models import CoachingSession, Hold, PersonTime, PollTime
from cairn.delivery.queries import reminders as clocks
from cairn.delivery.queries import words, zones
from cairn.delivery.terms import PollState, SessionState
from cairn.engines import cadence
from cairn.foundation import mail, queue
from cairn.people.models import Person

WRITTEN_AT_ONCE = 500
TELL = "cairn.jobs.tasks.tell_zone_change"
Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Followed:
    """How many sessions were moved, how many of them now clash with another, and of how many the coach is asked."""

    moved: int = 0
    clashing: int = 0
    asked: int = 0


def follow_zone_changes(*, address: str, at: dt.datetime) -> Followed:
    """Bring what lies ahead to what clocks show by the zone database as it is now. Run it as often as you like.

    Everything that moves does so in one transaction, people's time with it; each session is told of by a job of its
    own. `address` is where this Cairn is reached.
    """
    off = zones.out_of_step(at)
    moving = [pk for pk, reading in off.items() if reading.moves_to is not None]
    moved, clashing = _move(moving, at=at) if moving else (0, 0)
    asked = sum(_ask(pk, address, at=at) for pk, reading in off.items() if reading.doubt is not None)
    _move_holds(at)
    _move_poll_times(at)
    return Followed(moved, clashing, asked)


@transaction.atomic
def tell_zone_change(*, session_id: int, version: int, was: str, clash: bool, address: str, at: dt.datetime) -> int:
    """Mail everybody in a session that its wall time stays and what it is on their own clock now. Returns how many.

    `was` is the instant at which it stood (ISO 8601); where it overlaps with another since (`clash`), coaches hear so.
    Whoever has changed the session since has told people.
    """
    session = CoachingSession.objects.select_related(*booking.LOADED).get(pk=session_id)
    if session.version != version or session.state != SessionState.BOOKED:
        return 0
    there = rules.participants(session, booking.wall_day(session))
    told = mail.posted(_told_as(session, person) for person in there.people)
    page = address + clocks.page_of(session, is_coach=True)
    before = dt.datetime.fromisoformat(was)
    return sum(
        _tell(session, person, before, page if clash and there.parts[person.pk] == "coach" else "", at=at)
        for person in there.people
        if _told_as(session, person) not in told
    )


@transaction.atomic
def _move(session_ids: Collection[int], *, at: dt.datetime) -> tuple[int, int]:
    """Move these sessions and people's time with them. Returns how many moved, and how many clash since."""
    locked = CoachingSession.objects.select_for_update(of=("self",)).select_related(*booking.LOADED)
    found = locked.filter(pk__in=session_ids, state=SessionState.BOOKED, starts_at__gt=at).order_by("pk")
    was: dict[int, dt.datetime] = {}
    moved = []
    for session in found:
        reading = zones.reading_of(session)
        if reading is not None and reading.moves_to is not None:
            was[session.pk] = reading.stands_at
            session.starts_at, session.fold = reading.moves_to, 0
            session.ends_at = session.starts_at + dt.timedelta(minutes=session.minutes)
            moved.append(session)
    clashing = _take_time_along(moved)
    for session in moved:
        session.version += 1
    CoachingSession.objects.bulk_update(moved, ["starts_at", "ends_at", "fold", "version"], batch_size=WRITTEN_AT_ONCE)
    for session in moved:
        booking.record("follow_zone", session, by=None, at=at)
    for start in range(0, len(moved), WRITTEN_AT_ONCE):
        reminders.drop(*moved[start : start + WRITTEN_AT_ONCE])
    queue.defer_all(
        TELL,
        [
            {
                "session_id": session.pk,
                "version": session.version,
                "was": was[session.pk].isoformat(),
                "clash": session.pk in clashing,
            }
            for session in moved
        ],
    )
    return len(moved), len(clashing)


def _take_time_along(sessions: Sequence[CoachingSession]) -> set[int]:
    """Put people's time where the sessions are now. Returns the sessions in which somebody is also elsewhere.

    Of two that overlap both stay; the time that belongs to the other already is not taken twice.
    """
    by_id = {session.pk: session for session in sessions}
    rows = list(PersonTime.objects.filter(session__in=by_id).order_by("session", "person"))
    occupancy.lock({row.person_id for row in rows})
    taken = _taken_otherwise(rows, by_id)
    PersonTime.objects.filter(session__in=by_id).delete()
    clashing, kept = set(), []
    for row in sorted(rows, key=lambda row: (by_id[row.session_id].starts_at, row.pk)):
        session = by_id[row.session_id]
        whole = (session.starts_at, session.ends_at)
        free = _longest_free(whole, taken.setdefault(row.person_id, []))  # type: ignore[arg-type]
        if free != whole:
            clashing.add(row.session_id)
        if free is not None:
            taken[row.person_id].append(free)
            kept.append(PersonTime(person_id=row.person_id, session=session, during=DateTimeTZRange(*free)))
    PersonTime.objects.bulk_create(kept, batch_size=WRITTEN_AT_ONCE)
    return clashing


def _taken_otherwise(rows: Sequence[PersonTime], moved: Mapping[int, CoachingSession]) -> dict[int, list[Span]]:
    """Person id → the spans in which they are in sessions that do not move."""
    if not rows:
        return {}
    first = min(session.starts_at for session in moved.values() if session.starts_at)
    last = max(session.ends_at for session in moved.values() if session.ends_at)
    others = PersonTime.objects.filter(
        person__in={row.person_id for row in rows}, during__overlap=(first, last)
    ).exclude(session__in=moved)
    found: dict[int, list[Span]] = {}
    for person_id, during in others.values_list("person_id", "during"):
        found.setdefault(person_id, []).append((during.lower, during.upper))
    return found


def _longest_free(span: Span, taken: Iterable[Span]) -> Span | None:
    """The longest piece of a span that touches none of these; all of it where nothing is in the way."""
    starts, ends = span
    edges = starts
    pieces = []
    for begins, until in sorted(each for each in taken if each[0] < ends and starts < each[1]):
        if edges < begins:
            pieces.append((edges, begins))
        edges = max(edges, until)
    if edges < ends:
        pieces.append((edges, ends))
    return max(pieces, key=lambda piece: piece[1] - piece[0], default=None)


def _told_as(session: CoachingSession, person: Person) -> str:
    return f"session:{session.pk}:v{session.version}:clocks:{person.pk}"


def _tell(session: CoachingSession, person: Person, was: dt.datetime, clash: str, *, at: dt.datetime) -> bool:
    """One mail; `clash` is the page on which to move a session that overlaps with another, else empty."""
    yours = clocks.own_time(session, person.time_zone)
    before = words.moment_words(was, person.time_zone)
    context = {
        "title": words.title(session),
        "zone": words.zone_label(session.time_zone),
        "when": words.when_words(session),
        "yours": yours,
        "before": before if yours else "",
        "clash": clash,
    }
    messages = invitations.invite([session], [person], at=at).get(person.pk, [])
    return mail.post(
        key=_told_as(session, person),
        to=person,
        template="mail/session_clocks.txt",
        context=context,
        calendar=messages[0].text if messages else "",
        organisation_id=session.cohort.programme.organisation_id,
        at=at,
    )


@transaction.atomic
def _ask(session_id: int, address: str, *, at: dt.datetime) -> bool:
    """Ask who coaches a session when it is meant to be, once for each time at which it stands. Whether it was asked."""
    session = CoachingSession.objects.select_related(*booking.LOADED).get(pk=session_id)
    question = zones.zone_question(session)
    there = rules.participants(session, booking.wall_day(session))
    asked = [
        mail.post(
            key=f"session:{session.pk}:v{session.version}:which_time:{coach.person_id}",
            to=coach.person,
            template="mail/session_which_time.txt",
            context={
                "title": words.title(session),
                "question": question,
                "page": address + clocks.page_of(session, is_coach=True),
            },
            organisation_id=session.cohort.programme.organisation_id,
            at=at,
        )
        for coach in there.engagements
        if question
    ]
    return any(asked)


def _move_holds(at: dt.datetime) -> None:
    """Times held while somebody confirms follow too; one that would lie over another is let go."""
    for hold in Hold.objects.filter(expires_at__gt=at).select_related("session").order_by("pk"):
        found = cadence.readings(hold.wall_starts.replace(tzinfo=None), hold.session.time_zone)
        if hold.during.lower in found:
            continue
        starts_at = found[0] if len(found) == 1 else None
        try:
            with transaction.atomic():
                if starts_at is None:
                    hold.delete()
                else:
                    during = DateTimeTZRange(starts_at, starts_at + (hold.during.upper - hold.during.lower))
                    Hold.objects.filter(pk=hold.pk).update(during=during, fold=0)
        except IntegrityError:
            hold.delete()


def _move_poll_times(at: dt.datetime) -> None:
    """Times that a group is asked about follow too, where there is no doubt and no other time of the poll is there."""
    open_times = PollTime.objects.filter(poll__state=PollState.OPEN, starts_at__gt=at).select_related("poll__session")
    for time in open_times.order_by("pk"):
        found = cadence.readings(time.wall_starts.replace(tzinfo=None), time.poll.session.time_zone)
        taken = PollTime.objects.filter(poll=time.poll, starts_at__in=found)
        if time.starts_at in found or len(found) != 1 or taken.exists():
            continue
        ends_at = found[0] + (time.ends_at - time.starts_at)
        PollTime.objects.filter(pk=time.pk).update(starts_at=found[0], ends_at=ends_at, fold=0)
