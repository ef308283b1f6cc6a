"""The way through a CalDAV server to the calendars that count, by servers that answer as some well-known ones do."""

import datetime as dt
import time

import pytest

from cairn.foundation.free_busy import apart, dav, spans
from cairn.foundation.free_busy.asking import Account, _same_house, read_caldav
from cairn.foundation.free_busy.scanning import Unread
from tests.foundation.test_free_busy import ASKED, calendar, written
from tests.speaking import speaking, whole

NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'
EVENT = "UID:{}\nDTSTART:202611{}T110000Z\nDURATION:PT1H"


@pytest.fixture(autouse=True)
def this_machine(settings, monkeypatch) -> None:
    """Servers here are allowed, and files are read in this process."""
    settings.CAIRN_FETCH_LOCAL = True

    def read(texts, question, *, multistatus=False):
        found = [text for answer in texts for text in dav.calendars_in(answer)] if multistatus else texts
        return spans.of_texts(found, question)

    monkeypatch.setattr(apart, "read", read)


def multi(*answers: str) -> bytes:
    return whole("207 Multi-Status", f"<multistatus {NAMES}>{''.join(answers)}</multistatus>".encode())


def answer(href: str, props: str) -> str:
    found = f"<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat>"
    return f"<response><href>{href}</href>{found}</response>"


def is_calendar(href: str, more: str = "") -> str:
    return answer(href, f"<resourcetype><collection/><C:calendar/></resourcetype><S:getctag>1</S:getctag>{more}")


def principal(href: str) -> str:
    return f"<current-user-principal><href>{href}</href></current-user-principal>"


def home(href: str) -> str:
    return f"<C:calendar-home-set><href>{href}</href></C:calendar-home-set>"


def data(text: str) -> str:
    return answer("/x.ics", f"<C:calendar-data>{text}</C:calendar-data>")


def server(pages: dict[tuple[str, str], bytes]):
    """A server that knows these methods and paths, and says 404 to all else."""

    def reply(caller, request) -> None:
        method, path, _ = request.split(b" ", 2)
        caller.sendall(pages.get((method.decode(), path.decode()), whole("404 Not Found")))

    return speaking(reply)


def read(address: str, mark: str = ""):
    return read_caldav(Account(address, "me", "pw"), ASKED, mark=mark)


def refused(address: str) -> str:
    with pytest.raises(Unread) as caught:
        read(address)
    return caught.value.key


ACCOUNT = {
    ("PROPFIND", "/.well-known/caldav"): whole("301 Moved", Location="/dav/"),
    ("PROPFIND", "/dav/"): multi(answer("/dav/", principal("/dav/me/"))),
    ("PROPFIND", "/dav/me/"): multi(answer("/dav/me/", home("/dav/cal/"))),
    ("PROPFIND", "/dav/cal/"): multi(
        answer("/dav/cal/", "<resourcetype><collection/></resourcetype>"),
        is_calendar("/dav/cal/work/"),
        is_calendar(
            "/dav/cal/tasks/",
            '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>',
        ),
        is_calendar("/dav/cal/free/", "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"),
    ),
    ("REPORT", "/dav/cal/work/"): multi(data(calendar(EVENT.format(1, 22)))),
}


def test_an_account_is_found_from_the_name_of_its_host_alone() -> None:
    with server(ACCOUNT) as there:
        first = read(there.address)
        again = read(there.address, mark=first.mark)

    assert written(first.found) == ["2026-11-22 11:00/11-22 12:00"]
    assert again.found is None
    assert [heard.split(b" ")[1] for heard in there.heard[6:]] == [
        b"/",
        b"/.well-known/caldav",
        b"/dav/",
        b"/dav/me/",
        b"/dav/cal/",
    ]
    assert b'time-range start="20261101T000000Z" end="20271201T000000Z"' in there.heard[5]


def test_a_single_calendar_that_is_gone_never_stands_for_the_whole_account() -> None:
    with server(ACCOUNT) as there:
        assert refused(f"{there.address}dav/cal/gone/") == "gone"


def test_where_events_may_not_be_read_the_busy_periods_may() -> None:
    periods = (
        "BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20261123T110000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    )

    def reply(caller, request) -> None:
        if request.startswith(b"PROPFIND"):
            caller.sendall(multi(is_calendar("/c/")))
        else:
            caller.sendall(whole(body=periods.encode()) if b"free-busy-query" in request else whole("403 Forbidden"))

    with speaking(reply) as there:
        assert written(read(f"{there.address}c/").found) == ["2026-11-23 11:00/11-23 12:00"]


LED = answer("/", principal("{}"))


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b"<html>", "no_caldav"),
        (b"", "no_caldav"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>', "no_caldav"),
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "no_caldav"),
        (b"<a>" * 20_000, "no_caldav"),
        (f"<multistatus {NAMES}/>".encode(), "no_caldav"),
        (
            f"<multistatus {NAMES}>{answer('/', principal('http://169.254.169.254/'))}</multistatus>".encode(),
            "elsewhere",
        ),
        (f"<multistatus {NAMES}>{answer('/', principal('//other.example/'))}</multistatus>".encode(), "elsewhere"),
    ],
)
def test_answers_that_lead_nowhere_or_elsewhere_are_refused(body, key) -> None:
    with speaking(whole("207 Multi-Status", body)) as there:
        assert refused(there.address) == key


@pytest.mark.parametrize(
    ("status", "key"),
    [("401 No", "password"), ("403 No", "no_caldav"), ("500 No", "no_caldav"), ("200 OK", "no_caldav")],
)
def test_a_front_door_that_says_no(status, key) -> None:
    with speaking(whole(status)) as there:
        assert refused(there.address) == key


@pytest.mark.parametrize(
    ("own", "other", "may"),
    [
        ("https://caldav.example.com/", "https://p34-caldav.example.com/x", False),
        ("https://caldav.example.com/", "https://caldav.example.com/x", True),
        ("https://caldav.icloud.com/", "https://icloud.com/", True),
        ("https://caldav.icloud.com/", "http://p34.icloud.com/", False),
        ("https://caldav.icloud.com/", "https://badicloud.com/", False),
        ("https://caldav.icloud.com/", "https://icloud.com.example.org/", False),
        ("https://caldav.example.com/", "https://other.org/", False),
        ("https://example.com/", "https://other.com/", False),
        ("https://example.co.uk/", "https://other.co.uk/", False),
        ("https://me.github.io/", "https://you.github.io/", False),
        ("https://dav.example.co.uk/", "https://p34.example.co.uk/", False),
        ("https://caldav.icloud.com/", "https://p34-caldav.icloud.com/x", True),
        ("https://CalDAV.iCloud.com./", "https://p34-caldav.icloud.com/x", True),
        ("https://caldav.fastmail.com/", "https://evilfastmail.com/", False),
        ("https://10.0.0.1/", "https://11.0.0.1/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
    ],
)
def test_the_password_goes_only_to_hosts_of_the_same_house(own, other, may) -> None:
    assert _same_house(own, other) == may


def test_all_answers_together_are_so_large_and_no_larger(monkeypatch) -> None:
    both = [f"/dav/cal/{name}/" for name in ("one", "two")]
    text = multi(data(calendar(EVENT.format(1, 22), "DESCRIPTION:" + "x" * 2000)))
    pages = ACCOUNT | {
        ("PROPFIND", "/dav/cal/"): multi(*map(is_calendar, both)),
        **{("REPORT", path): text for path in both},
    }
    with server(pages) as there:
        assert written(read(there.address).found) == ["2026-11-22 11:00/11-22 12:00"]
        monkeypatch.setattr("cairn.foundation.free_busy.asking.MOST_BYTES", 2 * len(text))
        assert refused(there.address) == "large"


def test_all_requests_together_end_in_time(monkeypatch) -> None:
    monkeypatch.setattr("cairn.foundation.free_busy.asking.SECONDS", 0.3)

    def drip(caller, _) -> None:
        caller.sendall(b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 9\r\n\r\n")
        time.sleep(0.6)

    began = dt.datetime.now(dt.UTC)
    with speaking(drip) as there:
        assert refused(there.address) == "slow"
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=3)
