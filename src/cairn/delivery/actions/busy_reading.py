"""Reading when somebody is busy out of a calendar of theirs: on the queue, all or nothing, and never in silence."""

import datetime as dt

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from cairn.delivery.actions.busy_calendars import account_of
from cairn.delivery.models import BusyCalendar, BusyTime
from cairn.delivery.terms import CalendarKind, CalendarProblem, CalendarState
from cairn.foundation import here, mail
from cairn.foundation.free_busy.asking import Account, Reading, read_address, read_caldav
from cairn.foundation.free_busy.scanning import Unread
from cairn.foundation.free_busy.spans import Found, Question
from cairn.people.models import Person

PAGE = "/me/busy/"
EVERY = dt.timedelta(minutes=30)
BEHIND, AHEAD = dt.timedelta(days=1), dt.timedelta(days=400)
FRESH = dt.timedelta(days=390)  # an unchanged calendar is read anew once its known times end sooner than that
LAPSE = dt.timedelta(days=7)
LONGEST_PAUSE = dt.timedelta(hours=12)
TELL_AFTER = 3
OUTCOME = ("state", "problem", "failures", "told_at", "tried_at", "due_at")
LOCKED_OUT = frozenset({CalendarProblem.PASSWORD, CalendarProblem.FORBIDDEN})  # asking on may close an account


def read_busy_calendar(*, calendar_id: int, at: dt.datetime) -> None:
    """Read one calendar and put what it says in place of what it said before.

    Nothing is locked while the other side is waited for; what its owner changed meanwhile wins.
    """
    found = BusyCalendar.objects.select_related("person").filter(pk=calendar_id, removed_at=None).first()
    if found is None or not found.person.is_active:
        return
    account = account_of(calendar_id)
    if account is None:
        return
    try:
        reading = _read(found, account, at)
        problem = ""
    except Unread as error:
        reading, problem = Reading(None, ""), error.key
    with transaction.atomic():
        calendar = BusyCalendar.objects.select_for_update().filter(pk=calendar_id, removed_at=None).first()
        if calendar is None or account_of(calendar_id) != account:
            return
        if problem:
            _failed(calendar, found.person, problem, at)
        else:
            _answered(calendar, found.person, reading, at)


@transaction.atomic
def fail_busy_calendar(*, calendar_id: int, at: dt.datetime) -> None:
    """Reading it failed in a way that nobody foresaw: its owner is told as of any other failure."""
    found = BusyCalendar.objects.select_for_update(of=("self",)).select_related("person")
    calendar = found.filter(pk=calendar_id, removed_at=None).first()
    if calendar is not None:
        _failed(calendar, calendar.person, CalendarProblem.UNFORESEEN, at)


def let_lapse(*, at: dt.datetime) -> int:
    """Times from calendars that have not answered for a week no longer count. Returns of how many calendars."""
    with transaction.atomic():
        old = BusyCalendar.objects.filter(read_at__lte=at - LAPSE, read_until__isnull=False).order_by("pk")
        ids = list(old.select_for_update().values_list("pk", flat=True))
        BusyTime.objects.filter(calendar_id__in=ids).delete()
        BusyCalendar.objects.filter(pk__in=ids).update(read_until=None, etag="")
    return len(ids)


def _read(calendar: BusyCalendar, account: Account, at: dt.datetime) -> Reading:
    person = calendar.person
    owners = {person.email.lower(), account.user.lower()}
    question = Question(
        at - BEHIND,
        at + AHEAD,
        person.time_zone,
        frozenset(each for each in owners if "@" in each),
        here.host(),
    )
    zone, _, mark = calendar.etag.partition(" ")
    is_fresh = calendar.read_until is not None and calendar.read_until > at + FRESH
    ask = read_caldav if calendar.kind == CalendarKind.CALDAV else read_address
    return ask(account, question, mark=mark if is_fresh and zone == person.time_zone else "")


def _answered(calendar: BusyCalendar, person: Person, reading: Reading, at: dt.datetime) -> None:
    if reading.found is not None:
        _replace(calendar, reading.found)
        calendar.read_until, calendar.unread = at + AHEAD, reading.found.unread
    if calendar.told_at is not None:
        _tell("busy_calendar_works", calendar, person, at)
    calendar.etag = f"{person.time_zone} {reading.mark}" if reading.mark else ""
    calendar.state, calendar.problem, calendar.failures, calendar.told_at = CalendarState.WORKING, "", 0, None
    calendar.tried_at = calendar.read_at = at
    calendar.due_at = at + EVERY + dt.timedelta(seconds=calendar.pk * 37 % 240)
    calendar.save(
        update_fields=[
            "state",
            "problem",
            "failures",
            "told_at",
            "tried_at",
            "read_at",
            "due_at",
            "read_until",
            "unread",
            "etag",
        ]
    )


def _replace(calendar: BusyCalendar, found: Found) -> None:
    BusyTime.objects.filter(calendar=calendar).delete()
    rows = [
        BusyTime(calendar=calendar, person_id=calendar.person_id, during=DateTimeTZRange(start, end))
        for start, end in found.spans
    ]
    BusyTime.objects.bulk_create(rows, batch_size=2000)


def _failed(calendar: BusyCalendar, person: Person, problem: str, at: dt.datetime) -> None:
    known = problem in CalendarProblem.values
    calendar.state, calendar.problem = CalendarState.FAILING, problem if known else CalendarProblem.UNFORESEEN
    calendar.failures, calendar.tried_at = min(calendar.failures + 1, 10_000), at
    calendar.due_at = at + pause(calendar.failures, calendar.problem)
    if calendar.failures >= TELL_AFTER and calendar.told_at is None:
        calendar.told_at = at
        _tell("busy_calendar_failing", calendar, person, at)
    calendar.save(update_fields=OUTCOME)


def pause(failures: int, problem: str) -> dt.timedelta:
    """How long a calendar that did not answer is left in peace: longer each time, and longest where it shut us out."""
    if problem in LOCKED_OUT and failures >= TELL_AFTER:
        return LONGEST_PAUSE
    times: int = 2 ** min(failures - 1, 6)
    return min(EVERY * times, LONGEST_PAUSE)


def _tell(what: str, calendar: BusyCalendar, person: Person, at: dt.datetime) -> None:
    """One mail when it stopped and one when it works again; the calendar's name stays out of mails."""
    since = calendar.told_at or at
    mail.post(
        key=f"{what}:{calendar.pk}:{since.isoformat()}",
        to=person,
        template=f"mail/{what}.txt",
        context={"address": here.address(PAGE), "problem": _sentence(calendar.problem), "read_at": calendar.read_at},
        at=at,
    )


def _sentence(problem: str) -> str:
    return str(CalendarProblem(problem).label) if problem else ""
