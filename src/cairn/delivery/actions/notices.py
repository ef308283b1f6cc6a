"""Mails about sessions: to exactly those who are in them, apart from whoever made the change.

Each person gets a mail of their own, so nobody sees another's address, and no mail names another coachee. The key of a
mail holds the session's version, so that one change sends one mail. With it goes what the reader's own calendar has to
be told; whoever made the change gets a mail too where theirs would otherwise go on believing what was before.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cairn.delivery.actions import invitations
from cairn.delivery.models import Apology, CoachingSession
from cairn.delivery.queries import mail_words, words
from cairn.delivery.rules import Participants
from cairn.engines import hours
from cairn.foundation import mail
from cairn.people.models import Person


def tell(
    session: CoachingSession,
    there: Participants,
    event: mail_words.Event,
    *,
    was: words.Stood | None = None,
    by: Person | None,
    at: dt.datetime,
) -> None:
    """Mail everybody in the session: `event` is booked, moved or cancelled; `was` is when it stood before."""
    was = was or words.Stood("", None)
    organisation_id = session.cohort.programme.organisation_id
    late = event == "cancelled" and Apology.objects.filter(session=session, in_time=False).exists()
    parts = there.parts
    people = _concerned(session, there, event, by)
    act = invitations.withdraw if event == "cancelled" else invitations.invite
    messages = act([session], people, at=at)
    for person in people:
        told, part = messages.get(person.pk, []), parts[person.pk]
        mail.post(
            key=f"session:{session.pk}:v{session.version}:{event}:{person.pk}",
            to=person,
            template=f"mail/session_{event}.txt",
            context={
                **mail_words.about(session, person, part),
                "done": mail_words.done(event, session, reader=person, by=by, parts=parts),
                "was": was.words,
                "was_yours": mail_words.own_clock(was.starts_at, session.time_zone, person),
                "late": late,
                "draws": hours.entitlement_kind(session.kind) is not None,  # type: ignore[arg-type]
                "choose": mail_words.choose(session, part),
            },
            calendar=told[0].text if told else "",
            organisation_id=organisation_id,
            at=at,
        )


def tell_of_series(
    sessions: Sequence[CoachingSession], people: Iterable[Person], *, by: Person | None, at: dt.datetime
) -> None:
    """One mail to each person with every date of a new series."""
    first = sessions[0]
    others = _others(people, by)
    messages = invitations.invite(sessions, others, at=at)
    for person in others:
        mail.post(
            key=f"series:{first.pk}:{person.pk}",
            to=person,
            template="mail/session_series.txt",
            context={
                "series": words.series_title(first),
                "dates": [mail_words.line(session, person, with_how=True) for session in sessions],
                "page": mail_words.list_page(first, person),
            },
            calendar=messages[person.pk][0].text if messages.get(person.pk) else "",
            organisation_id=first.cohort.programme.organisation_id,
            at=at,
        )


def tell_coach_of_apologies(
    session: CoachingSession, sender: Person, event: str, *, number: int, at: dt.datetime
) -> None:
    """Tell the coach that a coachee cannot come after all, or can. No reason is asked or given."""
    if session.engagement is None:
        return
    mail.post(
        key=f"session:{session.pk}:v{session.version}:{event}:{sender.pk}:{number}",
        to=session.engagement.person,
        template=f"mail/{event}.txt",
        context={**mail_words.about(session, session.engagement.person, "coach"), "sender": sender},
        organisation_id=session.cohort.programme.organisation_id,
        at=at,
    )


def tell_one(session: CoachingSession, person: Person, event: str, *, at: dt.datetime) -> None:
    """One person comes to a session (`event` booked) or no longer does (cancelled): a mail with the calendar's part.

    Call when their time has been taken, or freed.
    """
    act = invitations.withdraw if event == "cancelled" else invitations.invite
    for message in act([session], [person], at=at).get(person.pk, []):
        mail.post_all(drafts=[_draft(person, message)], organisation_id=session.cohort.programme.organisation_id, at=at)


def with_calendars(drafts: Sequence[mail.Draft], messages: invitations.Messages) -> list[mail.Draft]:
    """These mails, each with the first of what its reader's calendar has to be told, and one mail for each further.

    Invitations go before ends. People without a mail of their own get one for each.
    """
    waiting = {who: sorted(told, key=lambda each: not each.is_invitation) for who, told in messages.items()}
    people = {draft.to.pk: draft.to for draft in drafts}
    made = []
    for draft in drafts:
        told = waiting.get(draft.to.pk, [])
        made.append(replace(draft, calendar=told.pop(0).text) if told and not draft.calendar else draft)
    missing = Person.objects.in_bulk([who for who, told in waiting.items() if told and who not in people])
    return made + [_draft({**missing, **people}[who], each) for who, told in waiting.items() for each in told]


def tell_calendars(messages: invitations.Messages, *, organisation_id: int | None, at: dt.datetime) -> None:
    """One mail for each message, where the event itself is told in no mail, or in one that went before."""
    mail.post_all(drafts=with_calendars([], messages), organisation_id=organisation_id, at=at)


def take_out_of_calendars(session: CoachingSession, there: Participants, *, at: dt.datetime) -> None:
    """Nobody who was invited to the session need expect it any more."""
    if not invitations.holders(session, there.people):
        return
    messages = invitations.withdraw([session], there.people, at=at)
    tell_calendars(messages, organisation_id=session.cohort.programme.organisation_id, at=at)


def _draft(person: Person, message: invitations.Message) -> mail.Draft:
    context = {"title": message.title, "lines": message.lines, "page": message.page}
    template = "mail/calendar_dates.txt" if message.is_invitation else "mail/calendar_ends.txt"
    return mail.Draft(message.key, person, template, context, calendar=message.text)


def _concerned(
    session: CoachingSession, there: Participants, event: mail_words.Event, by: Person | None
) -> list[Person]:
    """Everybody in the session but `by`; `by` too, who books as a coachee or whose calendar knows another time."""
    others = _others(there.people, by)
    own = [person for person in there.people if by is not None and person.pk == by.pk]
    books = event == "booked" and any(there.parts[person.pk] == "coachee" for person in own)
    return others + own if books or (own and invitations.holders(session, own)) else others


def _others(people: Iterable[Person], by: Person | None) -> list[Person]:
    return [person for person in people if by is None or person.pk != by.pk]
