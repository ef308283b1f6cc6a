"""Polls as those who are asked and those who ask may see them.

A coachee sees the times and the own answers, and nothing that says what anybody else answered or who was asked.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject, TruncDate

from cairn.delivery import rules
from cairn.delivery.models import CoachingSession, PersonTime, Poll, PollAnswer, PollTime
from cairn.delivery.queries import free, words
from cairn.delivery.queries.of_session import LedSession
from cairn.delivery.queries.seats import Seat
from cairn.delivery.queries.sessions import SeenSession, session_for
from cairn.delivery.terms import PollState, PollWord, SessionState
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import Enrolment, GroupPlace
from cairn.programmes.terms import Kind

SUGGESTED, A_DAY = 8, 2
AHEAD = dt.timedelta(days=3)  # people need time to answer
APART = dt.timedelta(hours=4)
AROUND = dt.timedelta(days=10)  # how far before its own date another is looked for; after it as far
LOOKED_AT = 400  # enough half-hours for three weeks of which most is free
SHOWN = 20


@dataclass(frozen=True)
class OwnTime:
    """One time as somebody asked sees it. `is_free` False: they or the coach are in another session then."""

    id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    word: str
    is_free: bool
    is_chosen: bool


@dataclass(frozen=True)
class OwnPoll(LedSession):
    """A poll as one of those asked sees it, with nothing of anybody else in it."""

    poll: Poll
    session: CoachingSession
    times: tuple[OwnTime, ...]

    @property
    def id(self) -> int:
        """The poll's id."""
        return self.poll.pk

    def takes_answers(self, at: dt.datetime) -> bool:
        """Whether an answer can still be given or changed."""
        return self.poll.state == PollState.OPEN and at < self.poll.closes_at


@dataclass(frozen=True)
class AskedTime:
    """One time as the coach sees it: who can come, who could if need be, who cannot, who has not said."""

    id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    yes: tuple[str, ...]
    maybe: tuple[str, ...]
    no: tuple[str, ...]
    silent: tuple[str, ...]
    is_free: bool
    is_chosen: bool

    @property
    def weight(self) -> tuple[bool, int, int]:
        """The more the better: free at all, then nobody who cannot, then how gladly."""
        return self.is_free, -len(self.no), 2 * len(self.yes) + len(self.maybe)


@dataclass(frozen=True)
class RunPoll:
    """A session with its latest poll, for whoever runs it. `times` has the best first; `poll` None: none yet.

    `before` is when the group's session before it ends, `following` when the one after it begins.
    """

    seen: SeenSession
    poll: Poll | None
    times: tuple[AskedTime, ...]
    answered: int
    before: dt.datetime | None = None
    following: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether one of the times can be chosen."""
        return self.poll is not None and self.poll.state == PollState.OPEN

    @property
    def asked(self) -> int:
        """How many coachees are asked."""
        return len(self.seen.seats)

    @property
    def suit_most(self) -> tuple[AskedTime, ...]:
        """The times at which most can come, if anybody can and they stand out from the others."""
        can = [each for each in self.times if each.is_free and (each.yes or each.maybe)]
        best = tuple(each for each in can if each.weight == can[0].weight)
        return best if len(best) < len(self.times) else ()

    @property
    def has_few(self) -> bool:
        """Whether fewer than half of those asked have answered."""
        return 2 * self.answered < self.asked

    def may_ask(self, at: dt.datetime) -> bool:
        """Whether a poll can be opened now."""
        starts_at = self.seen.starts_at
        is_to_come = starts_at is not None and starts_at > at and self.seen.session.state == SessionState.BOOKED
        return is_to_come and not self.is_open


@dataclass(frozen=True)
class PollLine:
    """An open poll in a list: what it is about, until when, and how many have answered; for a coachee 0 or 1."""

    id: int
    session_id: int
    title: str
    zone: str
    closes_at: dt.datetime
    answered: int


def own_poll(reader: Person, poll_id: int, at: dt.datetime) -> OwnPoll:
    """A poll in which the reader is asked; else NotFound. Whoever left the group is asked no longer."""
    loaded = ("session__group", "session__engagement__person", "session__cohort__programme")
    poll = Poll.objects.select_related(*loaded).filter(pk=poll_id).first()
    if poll is None or poll.session.wall_starts is None or poll.session.group is None:
        raise NotFound
    member = rules.members_of(poll.session.group, poll.session.wall_starts.date()).filter(person=reader).first()
    if member is None:
        raise NotFound
    own = PollAnswer.objects.filter(time__poll=poll, enrolment=member)
    said = dict(own.values_list("time_id", "word"))
    times = list(PollTime.objects.filter(poll=poll).order_by("starts_at"))
    coach = poll.session.engagement.person_id if poll.session.engagement else reader.pk
    taken = _taken({reader.pk, coach}, poll.session, times)
    return OwnPoll(
        poll,
        poll.session,
        tuple(
            OwnTime(each.pk, each.starts_at, each.ends_at, said.get(each.pk, ""), each.pk not in taken, each.is_chosen)
            for each in times
        ),
    )


def run_poll(reader: Person, session_id: int, at: dt.datetime) -> RunPoll:
    """A group's session with its latest poll, for its coach or a coordinator of its cohort; else NotFound."""
    seen = session_for(reader, session_id, at)
    if seen.part == "coachee" or seen.session.kind != Kind.GROUP:
        raise NotFound
    poll, before, following = _latest(seen.session)
    if poll is None:
        return RunPoll(seen, None, (), 0, before, following)
    times: Any = list(_with_answers(PollTime.objects.filter(poll=poll)).order_by("starts_at"))
    names = {seat.enrolment_id: seat.name for seat in seen.seats if seat.enrolment_id}
    is_open = poll.state == PollState.OPEN
    taken = _taken(_people(seen.session, seen.seats), seen.session, times) if is_open else frozenset()
    asked = [_asked(each, names, is_free=each.pk not in taken) for each in times]
    answered = {row["enrolment"] for each in times for row in each.said if row["enrolment"] in names}
    best = sorted(asked, key=lambda each: each.weight, reverse=True)
    return RunPoll(seen, poll, tuple(best), len(answered), before, following)


def suggested_times(found: RunPoll, at: dt.datetime) -> tuple[dt.datetime, ...]:
    """Up to eight starts (UTC) near the session's own, at which the coach and everybody in the group are free.

    They lie between the group's session before and the one after it, no sooner than three days from now, at most two a
    day and four hours apart or more, so that there is something to choose from.
    """
    session, following = found.seen.session, found.following
    stands = session.starts_at or at
    after = max(at + AHEAD, stands - AROUND, found.before or at)
    until = (following or max(stands, after) + AROUND).astimezone(session.zone).date()
    starts = free.free_starts(
        _people(session, found.seen.seats),
        after=after,
        minutes=session.minutes,
        zone=session.time_zone,
        organisation_id=session.cohort.programme.organisation_id,
        until=min(session.cohort.ends_on, until),
        count=LOOKED_AT,
        coach=session.engagement.person_id if session.engagement is not None else None,
        at=at,
    )
    lasts = dt.timedelta(minutes=session.minutes)
    near = sorted(starts, key=lambda start: (abs(start - stands), start))
    chosen: list[dt.datetime] = []
    for start in near:
        day = [each for each in chosen if each.astimezone(session.zone).date() == start.astimezone(session.zone).date()]
        is_before_the_next = following is None or start + lasts <= following
        if start != stands and is_before_the_next and len(day) < A_DAY and all(abs(start - e) >= APART for e in day):
            chosen.append(start)
    return tuple(sorted(chosen[:SUGGESTED]))


def _latest(session: CoachingSession) -> tuple[Poll | None, dt.datetime | None, dt.datetime | None]:
    """Its latest poll, when the group's session before it ends, and when the one after it begins. One query."""
    dated = (SessionState.BOOKED, SessionState.HELD)
    series = CoachingSession.objects.filter(kind=session.kind, group=session.group_id, state__in=dated)
    earlier = series.filter(starts_at__lt=OuterRef("starts_at")).order_by("-ends_at").values("ends_at")
    later = series.filter(starts_at__gt=OuterRef("starts_at")).order_by("starts_at").values("starts_at")
    names = ("id", "state", "opened_by_id", "opened_at", "closes_at", "closed_at")
    own = CoachingSession.objects.filter(pk=session.pk)
    newest = own.annotate(before=Subquery(earlier[:1]), later=Subquery(later[:1])).order_by(
        F("polls__id").desc(nulls_last=True)
    )
    *row, before, following = newest.values_list(*(f"polls__{name}" for name in names), "before", "later")[0]
    poll = Poll(session=session, **dict(zip(names, row, strict=True))) if row[0] is not None else None
    return poll, before, following


def open_poll(session: CoachingSession) -> PollLine | None:
    """The poll that runs about a group's session, with how many have answered; for those who were given it to run."""
    if session.kind != Kind.GROUP or session.state != SessionState.BOOKED:
        return None
    answers = Count("times__answers__enrolment", distinct=True)
    found = Poll.objects.filter(session=session, state=PollState.OPEN).annotate(answered=answers)
    poll = found.values_list("pk", "closes_at", "answered").first()
    return PollLine(poll[0], session.pk, words.title(session), session.time_zone, *poll[1:]) if poll else None


def polls_to_answer(reader: Person, at: dt.datetime) -> list[PollLine]:
    """The open polls in which the reader is asked, soonest to close first. One query."""
    own = Enrolment.objects.filter(person=reader, state__in=programme_rules.TAKING_PART)
    rows = own.annotate(polls=asked_of_enrolment(at)).values_list("polls", flat=True)
    found = {line.id: line for polls in rows for line in lines_of(polls)}
    return sorted(found.values(), key=lambda line: (line.closes_at, line.id))


def asked_of_enrolment(at: dt.datetime) -> ArraySubquery:
    """The open polls in which an enrolment is asked, for `lines_of`: to be annotated on enrolments."""
    places = GroupPlace.objects.filter(
        Q(to_on=None) | Q(to_on__gt=OuterRef("day")),
        group=OuterRef("session__group"),
        enrolment=OuterRef(OuterRef("pk")),
        from_on__lte=OuterRef("day"),
    )
    answers = PollAnswer.objects.filter(time__poll=OuterRef("pk"), enrolment=OuterRef(OuterRef("pk")))
    found = Poll.objects.filter(state=PollState.OPEN, closes_at__gt=at, session__state=SessionState.BOOKED)
    found = found.annotate(day=TruncDate("session__wall_starts", tzinfo=dt.UTC)).filter(Exists(places))
    row = JSONObject(
        id="pk",
        session="session",
        group="session__group__number",
        position="session__position",
        zone="session__time_zone",
        closes_at="closes_at",
        answered=Cast(Exists(answers), IntegerField()),
    )
    return ArraySubquery(found.order_by("closes_at", "pk").values(row=row)[:SHOWN])


def lines_of(rows: Sequence[Mapping[str, Any]]) -> list[PollLine]:
    """Polls as they come out of the database beside something else, as lines of a list."""
    return [
        PollLine(
            id=row["id"],
            session_id=row["session"],
            title=words.group_title(row["group"], row["position"]),
            zone=row["zone"],
            closes_at=dt.datetime.fromisoformat(row["closes_at"]),
            answered=row["answered"],
        )
        for row in rows
    ]


def _with_answers(times: QuerySet[PollTime]) -> QuerySet[PollTime]:
    said = PollAnswer.objects.filter(time=OuterRef("pk")).order_by("enrolment")
    return times.annotate(said=ArraySubquery(said.values(row=JSONObject(enrolment="enrolment", word="word"))))


def _asked(time: Any, names: Mapping[int, str], *, is_free: bool) -> AskedTime:
    """Answers of those who are still in the session, by name; whoever left counts no longer."""
    said = {row["enrolment"]: row["word"] for row in time.said}

    def who(word: str) -> tuple[str, ...]:
        return tuple(name for enrolment, name in names.items() if said.get(enrolment, "") == word)

    return AskedTime(
        id=time.pk,
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        yes=who(PollWord.YES),
        maybe=who(PollWord.IF_NEED_BE),
        no=who(PollWord.NO),
        silent=who(""),
        is_free=is_free,
        is_chosen=time.is_chosen,
    )


def _people(session: CoachingSession, seats: Sequence[Seat]) -> set[int]:
    coach = {session.engagement.person_id} if session.engagement else set()
    return coach | {seat.person_id for seat in seats}


def _taken(people: Collection[int], session: CoachingSession, times: Sequence[Any]) -> frozenset[int]:
    """Which of these times one of these people is in another session. One query."""
    if not times:
        return frozenset()
    around = (times[0].starts_at, max(each.ends_at for each in times))
    other = PersonTime.objects.filter(person__in=people, during__overlap=around).exclude(session=session)
    spans = [(during.lower, during.upper) for during in other.values_list("during", flat=True)]
    return frozenset(
        each.pk for each in times if any(begin < each.ends_at and each.starts_at < end for begin, end in spans)
    )
