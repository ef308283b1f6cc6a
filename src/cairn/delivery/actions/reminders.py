"""Reminders of sessions: worked out anew every few minutes from how sessions stand, never planned ahead.

So they follow every move and stop on every cancellation. One event is one mail: its name holds the session, the time at
which it begins, how long before and whom. What still waits to be sent when a session changes is taken back (`drop`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cairn.delivery.actions.problems import Refused
from cairn.delivery.models import CoachingSession, ReminderChoice
from cairn.delivery.queries import mail_words
from cairn.delivery.queries import reminders as standing
from cairn.delivery.terms import SessionState
from cairn.engines import reminding
from cairn.foundation import audit, mail, stop_links
from cairn.people.models import Person
from cairn.people.queries import NotFound

AT_ONCE = 100  # sessions whose rows are locked together while their mails are queued
KIND = "reminders"
LOADED = ("group", "detail", "cohort__programme", "enrolment__person")


class TooManyTimes(Refused):
    """More reminders of one session than anybody reads."""

    def __init__(self) -> None:
        super().__init__(_("Choose up to %(most)s times.") % {"most": standing.MOST_CHOSEN})


class TooQuiet(Refused):
    """Quiet hours that leave no day."""

    def __init__(self) -> None:
        hours = int(reminding.LONGEST_QUIET.total_seconds() // 3600)
        super().__init__(_("Quiet hours can last %(hours)s hours at most.") % {"hours": hours})


@transaction.atomic
def set_reminders(
    *, minutes_before: Iterable[int], quiet_from: dt.time, quiet_until: dt.time, by: Person, at: dt.datetime
) -> None:
    """Choose when to be reminded: minutes out of `PRESETS`, none for never. Raises TooManyTimes, TooQuiet."""
    chosen = sorted(set(minutes_before), reverse=True)
    if len(chosen) > standing.MOST_CHOSEN or not set(chosen) <= set(standing.PRESETS):
        raise TooManyTimes
    if reminding.Quiet(quiet_from, quiet_until, by.time_zone).length > reminding.LONGEST_QUIET:
        raise TooQuiet
    kept = {"minutes_before": chosen, "quiet_from": quiet_from, "quiet_until": quiet_until}
    ReminderChoice.objects.update_or_create(person=by, defaults=kept)
    audit.record(action="set_reminders", subject_kind="reminder_choice", facts={"minutes": chosen}, by=by, at=at)


@transaction.atomic
def stop_reminders(*, person_id: int, at: dt.datetime) -> tuple[int, ...]:
    """No more reminders for this person, who asked for it by the link in a mail. Returns what they had chosen.

    Those that wait to be sent to them are taken back. Raises people.queries.NotFound.
    """
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFound
    choice = standing.reminder_choice(person)
    if choice.minutes:
        _choose(choice, (), by=person, at=at)
        mail.withdraw("reminder:", to_id=person.pk)
    return choice.minutes


@transaction.atomic
def resume_reminders(*, person_id: int, minutes_before: Iterable[int], at: dt.datetime) -> None:
    """Undo `stop_reminders`, unless something else was chosen meanwhile. Raises people.queries.NotFound."""
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFound
    choice = standing.reminder_choice(person)
    if not choice.minutes:
        _choose(choice, minutes_before, by=person, at=at)


def _choose(choice: standing.Choice, minutes: Iterable[int], *, by: Person, at: dt.datetime) -> None:
    set_reminders(minutes_before=minutes, quiet_from=choice.quiet_from, quiet_until=choice.quiet_until, by=by, at=at)


def send_due_reminders(*, address: str, at: dt.datetime) -> int:
    """Queue a mail for every reminder that stands and was not sent. Returns how many. Run it as often as you like.

    `address` is where this Cairn is reached. Sessions are locked while their mails are queued, so that one that is
    moved at this moment is reminded of as it was, and taken back; or as it will be.
    """
    due = _unsent(standing.due_reminders(at))
    ids = sorted({each.session_id for each in due})
    return sum(_send(ids[start : start + AT_ONCE], address, at) for start in range(0, len(ids), AT_ONCE))


def drop(*sessions: CoachingSession) -> int:
    """Take back reminders of these sessions that wait to be sent: they have changed, or who is in them has.

    What still holds is queued again within minutes. Returns how many were taken back.
    """
    return mail.withdraw(*(standing.keys_begin(session.pk) for session in sessions))


@transaction.atomic
def _send(session_ids: Sequence[int], address: str, at: dt.datetime) -> int:
    locked = CoachingSession.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=session_ids, state=SessionState.BOOKED
    )
    sessions = {each.pk: each for each in locked.select_related(*LOADED).order_by("pk")}
    due = _unsent(standing.due_reminders(at, sessions=sessions))
    people = Person.objects.in_bulk({each.person_id for each in due})
    drafts = defaultdict(list)
    for each in due:
        session = sessions[each.session_id]
        drafts[session.cohort.programme.organisation_id].append(_draft(each, session, people[each.person_id], address))
    return sum(mail.post_all(drafts=found, organisation_id=place, at=at) for place, found in drafts.items())


def _unsent(due: Sequence[standing.DueReminder]) -> list[standing.DueReminder]:
    mailed = mail.posted(key for each in due for key in standing.nearer_keys(each))
    return [each for each in due if mailed.isdisjoint(standing.nearer_keys(each))]


def _draft(due: standing.DueReminder, session: CoachingSession, person: Person, address: str) -> mail.Draft:
    stop = f"{address}{reverse('mail_stop', args=[stop_links.token(f'{KIND}:{person.pk}')])}"
    context = {
        **mail_words.about(session, person, "coach" if due.is_coach else "coachee"),
        "page": address + standing.page_of(session, is_coach=due.is_coach),
        "address": address,
        "stop": stop,
    }
    return mail.Draft(
        key=due.key,
        to=person,
        template="mail/session_reminder.txt",
        context=context,
        unsubscribe=stop,
        expires_at=due.starts_at,
    )
