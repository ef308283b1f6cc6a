"""Invitations for people's own calendars (RFC 5546): to whom what was sent, and what has to be sent now.

Each message is for one person and names nobody else who comes. What somebody's calendar was last told of a session is
kept: so everybody who holds an invitation hears of a change and of the end, and numbers (SEQUENCE) only rise. A message
is about one event only, that is about one session or one series, because calendar programs take in no more.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from cairn.delivery.models import CoachingSession, PersonTime, ReplyMailbox, SentInvitation
from cairn.delivery.queries import event_words, mail_words, reply_tokens, words
from cairn.delivery.rules import Part
from cairn.delivery.terms import FeedDetail, SessionState
from cairn.foundation import calendar_files, here
from cairn.foundation.calendar_files import Attendee, CalendarEvent, Method, Organiser
from cairn.people.models import Person
from cairn.programmes import rules as programme_rules
from cairn.programmes.models import CoachEngagement

LOADED = ("cohort__programme__organisation", "engagement__person", "group", "enrolment__person", "detail")
DATED = (SessionState.BOOKED, SessionState.HELD)
Messages = dict[int, list["Message"]]
"""Person id → what their calendar has to be told."""


@dataclass(frozen=True)
class Message:
    """One message for one person's calendar: its text, and in words what it says; `page` is where that stands."""

    key: str
    method: Method
    text: str
    title: str
    lines: tuple[str, ...]
    page: str = ""

    @property
    def is_invitation(self) -> bool:
        """Whether it asks to come; otherwise it takes that back."""
        return self.method == "REQUEST"


def invite(sessions: Sequence[CoachingSession], people: Iterable[Person], *, at: dt.datetime) -> Messages:
    """Invite each of these people to those of the sessions in which they are, or tell them of a change.

    Sessions have a date, and people's time is taken already. One occurrence of a series is told alone to whoever holds
    an invitation to it; otherwise the series is told anew with everything in it that is theirs.
    """
    desk = _Desk(sessions, people, at)
    messages: Messages = defaultdict(list)
    for person in desk.people.values():
        in_series: dict[int, list[CoachingSession]] = defaultdict(list)
        for session in desk.sessions:
            if person.pk not in desk.taken[session.pk]:
                continue
            if session.series_id is None:
                messages[person.pk].append(desk.request(person, [session]))
            else:
                in_series[session.series_id].append(session)
        for number, concerned in in_series.items():
            known = all(desk.holds(person, session) for session in concerned)
            messages[person.pk].append(desk.request(person, concerned, whole=None if known else desk.all_of(number)))
    desk.keep()
    return messages


def withdraw(sessions: Sequence[CoachingSession], people: Iterable[Person], *, at: dt.datetime) -> Messages:
    """Tell those of these people who hold an invitation to one of the sessions that it no longer is theirs."""
    desk = _Desk(sessions, people, at)
    messages: Messages = defaultdict(list)
    for person in desk.people.values():
        by_event: dict[str, list[CoachingSession]] = defaultdict(list)
        for session in desk.sessions:
            if desk.holds(person, session):
                by_event[event_words.uid_of(session)].append(session)
        for concerned in by_event.values():
            messages[person.pk].append(desk.cancel(person, concerned))
    desk.keep()
    return messages


def catch_up(people: Iterable[Person], *, entered: Collection[int] = (), at: dt.datetime) -> Messages:
    """Bring people's calendars to who is in what now, after seats or coaches have changed.

    Whatever they hold an invitation to and are no longer in is taken back; to those of the sessions `entered` (ids)
    in which they are without holding one, they are invited. Only sessions to come count.
    """
    everybody = {person.pk: person for person in people}
    taken = PersonTime.objects.filter(person__in=everybody, session__state__in=DATED)
    there = set(taken.filter(session__starts_at__gt=at).values_list("person_id", "session_id"))
    live = SentInvitation.objects.filter(person__in=everybody, is_withdrawn=False, starts_at__gt=at)
    held = set(live.values_list("person_id", "session_id"))
    messages: Messages = defaultdict(list)
    for pairs, act in ((held - there, withdraw), ({p for p in there - held if p[1] in set(entered)}, invite)):
        by_person: dict[int, set[int]] = defaultdict(set)
        for person_id, session_id in pairs:
            by_person[person_id].add(session_id)
        for ids, who in _alike(by_person).items():
            found = CoachingSession.objects.filter(pk__in=ids).order_by("pk")
            for person_id, told in act(list(found), [everybody[each] for each in who], at=at).items():
                messages[person_id] += told
    return messages


def holders(session: CoachingSession, people: Iterable[Person]) -> set[int]:
    """Which of these people (ids) hold an invitation to the session."""
    live = SentInvitation.objects.filter(session=session, person__in=list(people), is_withdrawn=False)
    return set(live.values_list("person_id", flat=True))


def _alike(by_person: Mapping[int, set[int]]) -> dict[frozenset[int], list[int]]:
    """People of whom the same sessions are to be told, together."""
    alike: dict[frozenset[int], list[int]] = defaultdict(list)
    for person_id in sorted(by_person):
        alike[frozenset(by_person[person_id])].append(person_id)
    return alike


class _Desk:
    """Some sessions and some people, with what each was told before. A handful of queries, however many there are."""

    def __init__(self, sessions: Sequence[CoachingSession], people: Iterable[Person], at: dt.datetime) -> None:
        self.at = at
        self.people = {person.pk: person for person in people}
        numbers = {session.series_id for session in sessions} - {None}
        asked = [session.pk for session in sessions]
        found = CoachingSession.objects.filter(Q(pk__in=asked) | Q(series__in=numbers))
        self.loaded = {each.pk: each for each in found.select_related(*LOADED).order_by("pk")}
        self.sessions = [self.loaded[pk] for pk in asked]
        self.taken: dict[int, set[int]] = defaultdict(set)
        times = PersonTime.objects.filter(session__in=self.loaded, person__in=self.people)
        for session_id, person_id in times.values_list("session_id", "person_id"):
            self.taken[session_id].add(person_id)
        rows = SentInvitation.objects.filter(session__in=self.loaded, person__in=self.people)
        self.rows = {(row.session_id, row.person_id): row for row in rows}
        organisations = {each.cohort.programme.organisation_id for each in self.loaded.values()}
        boxes = ReplyMailbox.objects.filter(organisation__in=organisations)
        self.boxes = {box.organisation_id: box.address for box in boxes}
        cohorts = {each.cohort_id for each in self.loaded.values()}
        coaches = CoachEngagement.objects.filter(
            cohort__in=cohorts, person__in=self.people, state__in=programme_rules.AT_WORK
        )
        self.coaches = set(coaches.values_list("cohort_id", "person_id"))
        self.changed: dict[tuple[int, int], SentInvitation] = {}

    def holds(self, person: Person, session: CoachingSession) -> bool:
        """Whether the person's calendar believes that they come."""
        row = self.rows.get((session.pk, person.pk))
        return row is not None and not row.is_withdrawn

    def all_of(self, number: int) -> list[CoachingSession]:
        """Every session of a series that has a date."""
        return [each for each in self.loaded.values() if each.series_id == number and each.state in DATED]

    def request(
        self, person: Person, concerned: Sequence[CoachingSession], whole: Sequence[CoachingSession] | None = None
    ) -> Message:
        """The invitation to these sessions of one event; with `whole`, to all of its series that is theirs."""
        own = concerned if whole is None else [each for each in whole if person.pk in self.taken[each.pk]]
        sequence = self._raise(person, own)
        say, part = self._said(person), self._part(person, own[0])
        if whole is None:
            events = [event_words.single(each, say(each), sequence) for each in own]
        else:
            series = event_words.said_of_series(own[0], part, FeedDetail.FULL)
            events = event_words.whole(own, series, say, lambda _session: sequence)
        title = words.title(own[0]) if len(own) == 1 else words.series_title(own[0])
        lines = tuple(mail_words.line(session, person) for session in own)
        page = mail_words.page(own[0], part) if len(own) == 1 else mail_words.list_page(own[0], person)
        return self._message("REQUEST", person, own[0], events, title=title, lines=lines, page=page)

    def cancel(self, person: Person, concerned: Sequence[CoachingSession]) -> Message:
        """The end of these sessions of one event for this person, described as it was told them."""
        events, lines = [], []
        sequence = self._raise(person, concerned, is_withdrawn=True)
        for session in concerned:
            row = self.rows[session.pk, person.pk]
            session.starts_at, session.ends_at = row.starts_at, row.ends_at
            text = event_words.said_of_end(session, self._part(person, session))
            events.append(replace(event_words.single(session, text, sequence), status="CANCELLED"))
            lines.append(mail_words.line(session, person))
        title = words.title(concerned[0]) if len(concerned) == 1 else words.series_title(concerned[0])
        return self._message("CANCEL", person, concerned[0], events, title=title, lines=tuple(lines))

    def keep(self) -> None:
        """Write down what is told now."""
        SentInvitation.objects.bulk_create(
            [self.changed[key] for key in sorted(self.changed)],
            update_conflicts=True,
            unique_fields=["session", "person"],
            update_fields=["sequence", "starts_at", "ends_at", "is_withdrawn", "sent_at", "organiser"],
            batch_size=2000,
        )

    def _raise(self, person: Person, concerned: Sequence[CoachingSession], *, is_withdrawn: bool = False) -> int:
        """The number of this message about one event: at least the sessions' versions, and above every one before."""
        numbers = {session.pk for session in concerned}
        series = concerned[0].series_id
        if series is not None:
            numbers |= {each.pk for each in self.loaded.values() if each.series_id == series}
        before = [row.sequence for (pk, who), row in self.rows.items() if who == person.pk and pk in numbers]
        sequence = max(*(session.version for session in concerned), max(before, default=0) + 1)
        organiser = self._organiser(person, concerned[0])
        for session in concerned:
            row = self.rows.get((session.pk, person.pk))
            told = row if is_withdrawn and row is not None else session
            if told.starts_at is None or told.ends_at is None:
                raise ValueError("nobody is invited to a session without a date")
            self.changed[session.pk, person.pk] = SentInvitation(
                session=session,
                person=person,
                sequence=sequence,
                starts_at=told.starts_at,
                ends_at=told.ends_at,
                is_withdrawn=is_withdrawn,
                sent_at=self.at,
                organiser=organiser,
            )
        return sequence

    def _organiser(self, person: Person, session: CoachingSession) -> str:
        """The address from which this person's event comes: for good that of its first message.

        Calendar programs take a change from nobody but whom the event came from, or show it as another event.
        """
        uid = event_words.uid_of(session)
        of_event = (row for (pk, who), row in self.rows.items() if who == person.pk and self._is_of(pk, session))
        kept = next((row.organiser for row in of_event if row.organiser), "")
        return kept or self._replies_to(person, session, uid) or here.sender()[1]

    def _is_of(self, pk: int, session: CoachingSession) -> bool:
        series = session.series_id
        return pk == session.pk if series is None else self.loaded[pk].series_id == series

    def _replies_to(self, person: Person, session: CoachingSession, uid: str) -> str:
        """Where answers to this person's event are read now; empty where the organisation gives no mailbox."""
        box = self.boxes.get(session.cohort.programme.organisation_id, "")
        return reply_tokens.address(box, uid, person.pk) if box else ""

    def _said(self, person: Person) -> event_words.Say:
        def say(session: CoachingSession) -> event_words.Said:
            # A mailbox is seen by others as a calendar is: an invitation names no coachee to anybody.
            text = event_words.said(session, self._part(person, session), FeedDetail.FULL)
            return replace(text, summary=event_words.summary(session))

        return say

    def _part(self, person: Person, session: CoachingSession) -> Part:
        if session.engagement is not None:
            return "coach" if session.engagement.person_id == person.pk else "coachee"
        return "coach" if (session.cohort_id, person.pk) in self.coaches else "coachee"

    def _message(
        self,
        method: Method,
        person: Person,
        session: CoachingSession,
        events: Sequence[CalendarEvent],
        *,
        title: str,
        lines: tuple[str, ...],
        page: str = "",
    ) -> Message:
        organisation = session.cohort.programme.organisation
        uid = event_words.uid_of(session)
        address, sender = self._organiser(person, session), here.sender()
        organiser = Organiser(address, sender[0] if address == sender[1] else str(organisation))
        is_read = address == self._replies_to(person, session, uid)
        attendee = Attendee(person.email, person.name, answers=is_read)
        addressed = [replace(event, organiser=organiser, attendee=attendee) for event in events]
        text = calendar_files.write(addressed, method=method, stamp=self.at).decode()
        sequence = max(event.sequence for event in events)
        key = f"calendar:{uid}:{session.pk}:{sequence}:{method.lower()}:{person.pk}"
        return Message(key, method, text, title, lines, page)
