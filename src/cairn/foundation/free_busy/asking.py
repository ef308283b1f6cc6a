"""Asking a calendar over the net: the address of a file, or a CalDAV server. Everything goes through `fetching`."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from cairn.foundation import fetching
from cairn.foundation.free_busy import apart, dav
from cairn.foundation.free_busy.scanning import Unread
from cairn.foundation.free_busy.spans import Found, Question, merged

SECONDS = 20.0  # for all requests to one calendar together
MOST_BYTES = 12_000_000  # of all calendars of one reading together
MOST_DISCOVERY_BYTES = 1_000_000
MOST_CALENDARS = 30
SPREAD = frozenset({"icloud.com", "me.com", "mac.com"})
"""Providers that keep an account's calendars on a host beside the one that people are told."""
STATUS = {401: "password", 407: "password", 403: "forbidden", 404: "gone", 410: "gone"}
REFUSED = {"private": "private", "secret": "clear", "downgrade": "clear"}
XML = {"Content-Type": "application/xml; charset=utf-8"}


@dataclass(frozen=True)
class Reading:
    """What a calendar answered: the spans, or None when nothing has changed since `mark` was given."""

    found: Found | None
    mark: str


@dataclass(frozen=True)
class Account:
    """Where a calendar is and how to get in. A secret."""

    address: str
    user: str = ""
    password: str = ""


def read_address(account: Account, question: Question, *, mark: str = "") -> Reading:
    """Read a calendar file from its address. With the mark of an earlier reading only what changed is fetched.

    Raises Unread.
    """
    headers = {"Accept": "text/calendar"} | ({"If-None-Match": mark} if mark else {})
    answer = _fetched("GET", account.address, account, headers=headers, most_bytes=MOST_BYTES, seconds=SECONDS)
    if answer.status == 304 and mark:
        return Reading(None, mark)
    if answer.status != 200:
        raise Unread(STATUS.get(answer.status, "server"))
    found = apart.read([answer.body.decode("utf-8-sig", "replace")], question)
    return Reading(found, _mark(answer.headers.get("etag", "")))


def read_caldav(account: Account, question: Question, *, mark: str = "") -> Reading:
    """Read every calendar of a CalDAV account, or the one calendar that the address names. Raises Unread."""
    server = _Server(account, time.monotonic() + SECONDS)
    calendars = server.calendars()
    new = hashlib.sha256("\n".join(sorted(f"{each.href} {each.mark}" for each in calendars)).encode()).hexdigest()
    whole = all(each.mark for each in calendars)
    if mark and whole and new == mark:
        return Reading(None, mark)
    events: list[str] = []
    periods: list[str] = []
    for each in calendars:
        text, is_period = server.content(each.href, question)
        (periods if is_period else events).append(text)
    found = apart.read(events, question, multistatus=True) if events or not periods else Found(())
    if periods:
        found = _together(found, apart.read(periods, question), question)
    return Reading(found, new if whole else "")


def _together(one: Found, other: Found, question: Question) -> Found:
    return Found(merged([*one.spans, *other.spans], question.first, question.last), one.unread + other.unread)


class _Server:
    """A CalDAV server during one reading."""

    def __init__(self, account: Account, until: float) -> None:
        self.account, self.until, self.bytes_left = account, until, MOST_BYTES

    def calendars(self) -> list[dav.Resource]:
        """The calendars that count, with whole addresses: the one named, or all of its owner's. Raises Unread."""
        here = self._at(self.account.address)
        if here is None and urlsplit(self.account.address).path in {"", "/"}:
            here = self._at(urljoin(self.account.address, "/.well-known/caldav"))
        if here is None:
            raise Unread("no_caldav")
        if here.is_calendar:
            return [here]
        if not here.home and here.principal:
            here = self._at(here.principal) or here
        found = [each for each in self._found(here.home or here.href, depth="1") if each.is_calendar and each.counts]
        if not found:
            raise Unread("no_calendar")
        if len(found) > MOST_CALENDARS:
            raise Unread("many")
        return found

    def content(self, address: str, question: Question) -> tuple[str, bool]:
        """The events of one calendar in the window as the server sends them; or its busy periods, and True."""
        answer = self._ask("REPORT", address, dav.EVENTS, question, depth="1")
        if answer.status == 207:
            return answer.body.decode("utf-8", "replace"), False
        if answer.status in {400, 403, 404, 405, 501}:  # whoever may not read events may still know when is free
            periods = self._ask("REPORT", address, dav.FREE_BUSY, question, depth="1")
            if periods.status == 200:
                return periods.body.decode("utf-8", "replace"), True
        raise Unread(STATUS.get(answer.status, "server"))

    def _at(self, address: str) -> dav.Resource | None:
        """What lies at an address, or None when a server's front door knows nothing of CalDAV. Raises Unread."""
        try:
            found = self._found(address, depth="0")
        except Unread as error:
            is_front = urlsplit(address).path in {"", "/", "/.well-known/caldav"}
            if error.key == "no_caldav" or (error.key in {"gone", "forbidden", "server"} and is_front):
                return None
            raise
        return found[0] if found else None

    def _found(self, address: str, *, depth: str) -> list[dav.Resource]:
        answer = self._ask("PROPFIND", address, dav.PROPERTIES, depth=depth)
        if answer.status != 207:
            raise Unread("no_caldav" if answer.status in {200, 405, 501} else STATUS.get(answer.status, "server"))
        base = answer.address
        return [
            dav.Resource(
                href=self._led(base, each.href),
                is_calendar=each.is_calendar,
                counts=each.counts,
                principal=self._led(base, each.principal),
                home=self._led(base, each.home),
                mark=each.mark,
            )
            for each in dav.resources(answer.body)
        ]

    def _led(self, base: str, href: str) -> str:
        return urljoin(base, href) if href else ""

    def _ask(
        self, method: str, address: str, body: str, question: Question | None = None, *, depth: str
    ) -> fetching.Answer:
        if not _same_house(self.account.address, address):
            raise Unread("elsewhere")
        if question is not None:
            body = body.format(first=question.first, last=question.last)
        left = self.until - time.monotonic()
        if left <= 0:
            raise Unread("slow")
        if self.bytes_left <= 0:
            raise Unread("large")
        answer = _fetched(
            method,
            address,
            self.account,
            headers=XML | {"Depth": depth},
            body=body.encode(),
            most_bytes=min(MOST_DISCOVERY_BYTES, self.bytes_left) if question is None else self.bytes_left,
            seconds=left,
        )
        self.bytes_left -= len(answer.body)
        return answer


def _same_house(own: str, other: str) -> bool:
    """Whether the password may go there: the host that was named, or over TLS one of the same provider's.

    Names alone do not tell: what lies beside example.co.uk belongs to others. So the providers are listed.
    """
    here, there = urlsplit(own), urlsplit(other)
    if (here.scheme, here.netloc) == (there.scheme, there.netloc):
        return True
    owner = _provider(here.hostname)
    return there.scheme == "https" and bool(owner) and owner == _provider(there.hostname)


def _provider(host: str | None) -> str:
    """Which of the providers with many hosts keeps this one, or nothing."""
    name = ".".join((host or "").rstrip(".").split(".")[-2:])
    return name if name in SPREAD else ""


def _fetched(
    method: str,
    address: str,
    account: Account,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    most_bytes: int,
    seconds: float,
) -> fetching.Answer:
    try:
        return fetching.fetch(
            method,
            address,
            headers=headers,
            body=body,
            user=account.user,
            password=account.password,
            most_bytes=most_bytes,
            seconds=seconds,
        )
    except fetching.Refused as error:
        raise Unread(
            {"private": "private", "secret": "clear", "downgrade": "clear"}.get(error.why, "address")
        ) from None
    except fetching.Unreachable as error:
        raise Unread(error.kind) from None


def _mark(etag: str) -> str:
    return etag if len(etag) <= 150 and etag.isprintable() and etag.isascii() else ""
