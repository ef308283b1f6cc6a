"""Calendars of people's own, from which Cairn reads when they are busy: added, changed, removed and brought back.

Address, user and password are one sealed secret per calendar. No page shows them again, and a new address never
inherits the password of the former: else whoever sits at somebody's screen could have it sent to a host of theirs.
"""

import datetime as dt
import ipaddress
import json
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.delivery.models import BusyCalendar, BusyTime
from cairn.delivery.queries.busy_calendars import secret_name
from cairn.delivery.terms import CalendarKind, CalendarProblem, CalendarState
from cairn.foundation import audit, fetching, queue, secrets
from cairn.foundation.free_busy.asking import Account
from cairn.people.models import Person
from cairn.people.queries import NotFound

READ = "cairn.jobs.tasks.read_busy_calendar"
MOST_CALENDARS = 10
GRACE = dt.timedelta(minutes=15)
LOST_AFTER = dt.timedelta(minutes=10)  # a job that was lost is put on the queue again after so long
BREATH = dt.timedelta(minutes=1)
LOOPBACK = ipaddress.ip_address("127.0.0.1")


WHY = {
    "port": _("This address names a port from which Cairn does not read. Calendars in the open net use 443 or 8443."),
    "name": _("This names no host in the open net. Copy the whole address from your calendar."),
    "known": _("You have this calendar already."),
}


class AddressRefused(Exception):
    """The address cannot be read from, whatever lies there."""

    def __init__(self, problem: CalendarProblem, why: str = "") -> None:
        """Keep what is wrong with it; `why` is the key of fetching.Refused, "name" for a host that is no name,
        or "known"."""
        super().__init__(problem.value)
        self.problem, self.why = problem, why

    def __str__(self) -> str:
        """The sentence for whoever typed it."""
        return str(WHY.get(self.why, self.problem.label))


class TooManyCalendars(Exception):
    """Somebody has as many calendars of their own in Cairn as it reads."""

    def __str__(self) -> str:
        """The sentence for them."""
        return str(_("You have added %(most)s calendars, and Cairn reads no more. Remove one first.")) % {
            "most": MOST_CALENDARS
        }


class ReadJustNow(Exception):
    """It was read less than a minute ago."""

    def __str__(self) -> str:
        """The sentence for whoever asks again."""
        return str(_("It was read less than a minute ago. Wait a little."))


def account_of(calendar_id: int) -> Account | None:
    """The way into a calendar, or None when there is none. Raises sealing.CannotOpen."""
    text = secrets.read(secret_name(calendar_id))
    return None if text is None else Account(**json.loads(text))


@transaction.atomic
def add_busy_calendar(
    *, kind: str, name: str, address: str, user: str = "", password: str = "", by: Person, at: dt.datetime
) -> BusyCalendar:
    """Add a calendar; it is read at once, in the background. Raises AddressRefused, TooManyCalendars."""
    account = _account(address, user, password)
    Person.objects.select_for_update().get(pk=by.pk)
    if BusyCalendar.objects.filter(person=by, removed_at=None).count() >= MOST_CALENDARS:
        raise TooManyCalendars
    _refuse_known(account, by)
    calendar = BusyCalendar.objects.create(person=by, kind=CalendarKind(kind), name=name.strip(), added_at=at)
    _keep(calendar.pk, account)
    _read_soon(calendar.pk, at)
    _record("add_busy_calendar", calendar, {"kind": kind}, by=by, at=at)
    return calendar


@transaction.atomic
def change_busy_calendar(
    *, calendar_id: int, name: str, address: str = "", user: str = "", password: str = "", by: Person, at: dt.datetime
) -> None:
    """Call a calendar otherwise, or change the way into it; what is left empty stays as it was.

    With a new address user and password are those given now, or none. Raises AddressRefused.
    """
    calendar = _own(calendar_id, by)
    now = account_of(calendar_id)
    if address.strip():
        account = _account(address, user, password)
        _refuse_known(account, by, but=calendar_id)
    else:
        was = now or Account("")
        account = Account(was.address, user.strip() or was.user, password or was.password)
    BusyCalendar.objects.filter(pk=calendar.pk).update(name=name.strip())
    if account != now:
        _keep(calendar.pk, account)
        BusyCalendar.objects.filter(pk=calendar.pk).update(etag="", state=CalendarState.NEW)
        _read_soon(calendar.pk, at)
    _record("change_busy_calendar", calendar, {"way_changed": account != now}, by=by, at=at)


@transaction.atomic
def remove_busy_calendar(*, calendar_id: int, by: Person, at: dt.datetime) -> None:
    """Take a calendar away: its times go at once, the way into it a quarter of an hour later unless it comes back."""
    calendar = _own(calendar_id, by)
    BusyTime.objects.filter(calendar=calendar).delete()
    BusyCalendar.objects.filter(pk=calendar.pk).update(removed_at=at, etag="", due_at=None, told_at=None)
    _record("remove_busy_calendar", calendar, {}, by=by, at=at)


@transaction.atomic
def bring_back_busy_calendar(*, calendar_id: int, by: Person, at: dt.datetime) -> None:
    """Take a removal back, and read the calendar anew. Raises NotFound when it has gone for good."""
    found = BusyCalendar.objects.select_for_update().filter(pk=calendar_id, person=by, removed_at__gt=at - GRACE)
    calendar = found.first()
    if calendar is None:
        raise NotFound
    BusyCalendar.objects.filter(pk=calendar.pk).update(
        removed_at=None,
        state=CalendarState.NEW,
        problem="",
        failures=0,
        tried_at=None,
        read_at=None,  # its times went with the removal
        read_until=None,
    )
    _read_soon(calendar.pk, at)
    _record("bring_back_busy_calendar", calendar, {}, by=by, at=at)


@transaction.atomic
def ask_busy_calendar(*, calendar_id: int, by: Person, at: dt.datetime) -> None:
    """Read a calendar now, in the background. Raises ReadJustNow."""
    calendar = _own(calendar_id, by)
    if calendar.tried_at is not None and at - calendar.tried_at < BREATH:
        raise ReadJustNow
    BusyCalendar.objects.filter(pk=calendar.pk).update(state=CalendarState.NEW)
    _read_soon(calendar.pk, at)


@transaction.atomic
def forget_busy_calendars(*, person_id: int) -> None:
    """Somebody leaves for good: their calendars, the times read from them and the ways into them are destroyed."""
    _destroy(list(BusyCalendar.objects.filter(person_id=person_id).values_list("pk", flat=True)))


@transaction.atomic
def tidy_busy_calendars(*, at: dt.datetime) -> None:
    """What was removed, or belongs to a closed account, goes for good; so does every secret that leads nowhere."""
    gone = BusyCalendar.objects.filter(removed_at__lte=at - GRACE)
    closed = BusyCalendar.objects.filter(person__is_active=False)
    _destroy(list((gone | closed).values_list("pk", flat=True)))
    kept = secrets.names("busy_calendar:")
    there = {secret_name(pk) for pk in BusyCalendar.objects.values_list("pk", flat=True)} if kept else set()
    secrets.forget(kept - there)


def read_due_calendars(*, at: dt.datetime, most: int = 200) -> int:
    """Put the calendars that are due on the queue, the longest waiting first. Returns how many."""
    with transaction.atomic():
        due = BusyCalendar.objects.filter(due_at__lte=at, removed_at=None, person__is_active=True)
        chosen = list(
            due.order_by("due_at").select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)[:most]
        )
        for calendar_id in chosen:
            _read_soon(calendar_id, at)
    return len(chosen)


def _read_soon(calendar_id: int, at: dt.datetime) -> None:
    """Put one reading on the queue; it is put there again only if nothing has come of it."""
    BusyCalendar.objects.filter(pk=calendar_id).update(due_at=at + LOST_AFTER)
    queue.defer(READ, lock=secret_name(calendar_id), calendar_id=calendar_id)


def _own(calendar_id: int, person: Person) -> BusyCalendar:
    found = BusyCalendar.objects.select_for_update().filter(pk=calendar_id, person=person, removed_at=None).first()
    if found is None:
        raise NotFound
    return found


def _refuse_known(account: Account, person: Person, but: int = 0) -> None:
    """Nobody has one calendar twice. At one address a different user sees another calendar."""
    others = BusyCalendar.objects.filter(person=person, removed_at=None).exclude(pk=but)
    for calendar_id in others.values_list("pk", flat=True):
        known = account_of(calendar_id)
        if known is not None and (known.address, known.user) == (account.address, account.user):
            raise AddressRefused(CalendarProblem.ADDRESS, "known")


def _keep(calendar_id: int, account: Account) -> None:
    words = {"address": account.address, "user": account.user, "password": account.password}
    secrets.keep(secret_name(calendar_id), json.dumps(words))


def _destroy(ids: list[int]) -> None:
    secrets.forget([secret_name(pk) for pk in ids])
    BusyCalendar.objects.filter(pk__in=ids).delete()


def _account(address: str, user: str, password: str) -> Account:
    """The way in as typed: `webcal:` means https, and a name and password within the address are taken out of it."""
    text = address.strip()
    if text.lower().startswith(("webcal:", "webcals:")):
        text = "https:" + text.partition(":")[2]
    elif "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        inner = (unquote(parts.username or ""), unquote(parts.password or ""))
        text = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
        _must_be_outside(urlsplit(text).hostname or "")
        fetching.check(text)
    except fetching.Refused as refused:
        raise AddressRefused(CalendarProblem.ADDRESS, refused.why) from refused
    except ValueError as error:
        raise AddressRefused(CalendarProblem.ADDRESS) from error
    account = Account(text, user.strip() or inner[0], password or inner[1])
    if not fetching.may_carry_password(text):  # the address itself is as good as a password
        raise AddressRefused(CalendarProblem.CLEAR if account.user or account.password else CalendarProblem.ADDRESS)
    return account


def _must_be_outside(host: str) -> None:
    """Refuse at once what leads nowhere or into a private net, as far as its look tells: names are resolved later."""
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        is_here = host == "localhost" or host.endswith(".localhost")
        if is_here and not fetching.is_open(LOOPBACK):
            raise AddressRefused(CalendarProblem.PRIVATE) from None
        if host and not is_here and "." not in host.strip("."):
            raise AddressRefused(CalendarProblem.ADDRESS, "name") from None
        return
    if not fetching.is_open(literal):
        raise AddressRefused(CalendarProblem.PRIVATE)


def _record(action: str, calendar: BusyCalendar, facts: dict[str, Any], *, by: Person, at: dt.datetime) -> None:
    audit.record(action=action, subject_kind="busy_calendar", subject_id=calendar.pk, facts=facts, by=by, at=at)
