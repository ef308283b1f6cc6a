"""Nudges and reminders: only what somebody chose, in the morning of their own zone, one mail a day at most.

A mail holds no text of theirs, only that something waits. Its key is the person and the day, so that a job run twice
sends one mail, and a clock that jumps sends none for what was mailed before.
"""

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from cairn.foundation import audit, mail, statements, stop_links
from cairn.journey.models import ActionStep, Rhythm
from cairn.journey.terms import Pace
from cairn.people.models import Person
from cairn.people.queries import NotFound

KIND = "rhythm"
MORNING, NOON = 8, 12  # hours on the person's own clock between which mails leave
BACK, AHEAD = 3, 3  # so many days late a reminder is still of use; so many days a clock may have run ahead
STRAY = 35  # days; no choice puts a nudge further off
DAYS = {Pace.WEEKLY: 7, Pace.FORTNIGHTLY: 14}
DUE = """
SELECT p.id AS person, due.what, due.day, due.id, (%(at)s AT TIME ZONE p.time_zone)::date AS today
FROM (
    SELECT r.person_id, 'nudge' AS what, r.next_nudge_on AS day, NULL::bigint AS id FROM journey_rhythm r
      WHERE r.pace <> 'never' AND r.next_nudge_on <= %(last)s
  UNION ALL
    SELECT s.person_id, 'step', s.due_on, s.id FROM journey_actionstep s
      LEFT JOIN journey_rhythm r ON r.person_id = s.person_id
      WHERE s.done_at IS NULL AND s.reminded_at IS NULL AND s.due_on BETWEEN %(first)s AND %(last)s
        AND (s.remind OR r.remind_steps)
  UNION ALL
    SELECT a.person_id, 'look_back', a.look_back_on, NULL FROM journey_answer a
      JOIN journey_rhythm r ON r.person_id = a.person_id
      WHERE r.remind_look_backs AND a.state = 'answered' AND a.looked_back_at IS NULL
        AND a.look_back_on BETWEEN %(first)s AND %(last)s
) due JOIN people_person p ON p.id = due.person_id
WHERE p.is_active AND due.day <= (%(at)s AT TIME ZONE p.time_zone)::date
  AND extract(hour FROM %(at)s AT TIME ZONE p.time_zone) >= %(morning)s
  AND extract(hour FROM %(at)s AT TIME ZONE p.time_zone) < %(noon)s
ORDER BY p.id, due.day, due.id
"""


@dataclass(frozen=True)
class Waiting:
    """What waits for one person this morning."""

    nudge: bool
    steps: tuple[int, ...]
    look_backs: int


@transaction.atomic
def set_rhythm(*, pace: str, remind_steps: bool, remind_look_backs: bool, by: Person, at: dt.datetime) -> None:
    """Choose how often to hear from Cairn. A new pace begins to count today; the same one goes on as it was."""
    if pace not in Pace.values:
        raise ValueError(f"There is no pace {pace!r}")
    kept = Rhythm.objects.select_for_update().filter(person=by).first()
    reminders = {"remind_steps": remind_steps, "remind_look_backs": remind_look_backs}
    same = kept is not None and kept.pace == pace
    next_on = kept.next_nudge_on if kept and same else _after(at.astimezone(by.zone).date(), pace)
    Rhythm.objects.update_or_create(person=by, defaults={"pace": pace, "next_nudge_on": next_on, **reminders})
    audit.record(action="set_rhythm", subject_kind="rhythm", by=by, at=at)


@dataclass(frozen=True)
class Stopped:
    """What somebody had chosen before they stopped it: a pace, which reminders, and single steps by id."""

    pace: str
    remind_steps: bool
    remind_look_backs: bool
    steps: tuple[int, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether there was nothing to stop."""
        return self.pace == Pace.NEVER and not (self.remind_steps or self.remind_look_backs or self.steps)


@transaction.atomic
def stop_rhythm(*, person_id: int, at: dt.datetime) -> Stopped:
    """No more nudges and reminders for this person, who asked for it by the link in a mail. Returns what they had.

    Raises people.queries.NotFound.
    """
    person = _active(person_id)
    kept = Rhythm.objects.select_for_update().filter(person=person).first() or Rhythm(person=person)
    steps = ActionStep.objects.filter(person=person, done_at=None, remind=True)
    before = Stopped(
        kept.pace, kept.remind_steps, kept.remind_look_backs, tuple(steps.order_by("pk").values_list("pk", flat=True))
    )
    if not before.is_nothing:
        set_rhythm(pace=Pace.NEVER, remind_steps=False, remind_look_backs=False, by=person, at=at)
        steps.update(remind=False)
        mail.withdraw(f"rhythm:{person.pk}:")
    return before


@transaction.atomic
def resume_rhythm(*, person_id: int, before: Stopped, at: dt.datetime) -> None:
    """Undo `stop_rhythm`. Raises people.queries.NotFound."""
    person = _active(person_id)
    set_rhythm(
        pace=before.pace,
        remind_steps=before.remind_steps,
        remind_look_backs=before.remind_look_backs,
        by=person,
        at=at,
    )
    ActionStep.objects.filter(person=person, done_at=None, pk__in=before.steps).update(remind=True)


def _active(person_id: int) -> Person:
    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFound
    return person


def send_due(*, address: str, at: dt.datetime) -> int:
    """Mail everybody for whom it is morning and something that they chose is due. Returns how many mails.

    `address` is where this Cairn is reached, for the links.
    """
    _bring_back(at)
    days = {"first": at.date() - dt.timedelta(days=BACK), "last": at.date() + dt.timedelta(days=1)}
    rows = statements.rows(DUE, at=at, morning=MORNING, noon=NOON, **days)
    due: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        due[row.person].append(row)
    mailed = mail.posted(_key(row.person, day) for row in rows for day in _around(row.today))
    people = Person.objects.in_bulk(list(due))
    return sum(_send(people[person], found, mailed, address, at) for person, found in due.items())


def _send(person: Person, due: list[Any], mailed: frozenset[str], address: str, at: dt.datetime) -> bool:
    """One mail about everything that waits, unless it was mailed before."""
    today = due[0].today
    before = [day for day in _around(today) if _key(person.pk, day) in mailed]
    if today in before:
        return False
    since = max(before, default=today - dt.timedelta(days=BACK + 1))
    fresh = [row for row in due if row.what == "nudge" or row.day > since]
    waiting = Waiting(
        nudge=any(row.what == "nudge" for row in fresh),
        steps=tuple(row.id for row in fresh if row.what == "step"),
        look_backs=sum(1 for row in fresh if row.what == "look_back"),
    )
    return bool(fresh) and _post(person, waiting, today, address, at)


@transaction.atomic
def _post(person: Person, waiting: Waiting, today: dt.date, address: str, at: dt.datetime) -> bool:
    """Queue the mail and note that it was; only who holds the choice's row does so."""
    rhythm = Rhythm.objects.select_for_update().filter(person=person).first()
    stop = f"{address}{reverse('mail_stop', args=[stop_links.token(f'{KIND}:{person.pk}')])}"
    context = {
        "nudge": waiting.nudge,
        "steps": len(waiting.steps),
        "look_backs": waiting.look_backs,
        "address": address,
        "stop": stop,
    }
    key = _key(person.pk, today)
    if not mail.post(key=key, to=person, template="mail/rhythm.txt", context=context, unsubscribe=stop, at=at):
        return False
    if waiting.nudge and rhythm is not None:
        Rhythm.objects.filter(pk=rhythm.pk).update(next_nudge_on=_after(today, rhythm.pace))
    ActionStep.objects.filter(pk__in=waiting.steps).update(reminded_at=at)
    return True


def _bring_back(at: dt.datetime) -> None:
    """Where a clock once ran far ahead, nudges stand further off than any choice puts them: they count from today."""
    stray = Rhythm.objects.filter(~Q(pace=Pace.NEVER), next_nudge_on__gt=at.date() + dt.timedelta(days=STRAY))
    for pace in stray.values_list("pace", flat=True).distinct().order_by("pace"):
        stray.filter(pace=pace).update(next_nudge_on=_after(at.date(), pace))


def _after(day: dt.date, pace: str) -> dt.date | None:
    """The day of the next nudge: so many weeks later, or on the same day of the next month, or its last."""
    if pace == Pace.NEVER:
        return None
    if pace != Pace.MONTHLY:
        return day + dt.timedelta(days=DAYS[Pace(pace)])
    first = (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    return first.replace(day=min(day.day, calendar.monthrange(first.year, first.month)[1]))


def _around(today: dt.date) -> Iterable[dt.date]:
    return [today + dt.timedelta(days=number) for number in range(-BACK, AHEAD + 1)]


def _key(person_id: int, day: dt.date) -> str:
    return f"rhythm:{person_id}:{day:%Y-%m-%d}"
