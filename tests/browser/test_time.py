"""Booking, moving, cancelling and polling in three zones while their clocks change, with everybody's own calendar.

Ioana coaches in London, where summer time begins on 28 March 2027. Pärt is in Auckland, where it ends on 4 April; Bruno
is in São Paulo, which has none; Thandiwe is in London. After every step pages, mails, feeds and a CalDAV server that
follows the mails say the same instants, and nobody's words hold another coachee's name or address.
"""

import datetime as dt
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.people.models import Person
from cairn.programmes.models import Cohort, GroupPlace
from tests import calendar_client, cast, standing
from tests.delivery import booking_hours
from tests.radicale import radicale, radicale_server  # noqa: F401

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WHO = ("ioana", "thandiwe", "part", "bruno")
GROUP = ("ioana", "thandiwe", "part", "bruno")
NAMES = {
    "thandiwe": ("Thandiwe", "Ndlovu", "thandiwe@"),
    "part": ("Pärt", "Tamm", "part@"),
    "bruno": ("Bruno", "Alves", "bruno@"),
}
TIME = re.compile(r'<time datetime="([^"]+)"')
LOST = re.compile(r"was to be on <span[^>]*><time[^>]*>")  # where a session stands no longer
MONTHS = ("2027-03-15", "2027-04-15", "2027-05-15")  # with the days before and after in their weeks


def utc(day, hour, minute=0, month=3):
    return dt.datetime(2027, month, day, hour, minute, tzinfo=dt.UTC)


@dataclass
class Reader:
    """Somebody with a window of their own, a feed and a calendar program."""

    key: str
    page: Page
    feed: str
    program: calendar_client.Program

    def seen(self) -> tuple[set[dt.datetime], str]:
        """The instants on their pages, and everything that stands there."""
        paths = [f"/calendar/?day={day}" for day in MONTHS] if self.key == "ioana" else ["/sessions/", "/home/"]
        text = "".join(self.page.request.get(path).text() for path in paths)
        stamps = {dt.datetime.fromisoformat(each).astimezone(dt.UTC) for each in TIME.findall(LOST.sub("", text))}
        return stamps, text


class Everybody:
    """The four of them, and what has to be true of all after each step."""

    def __init__(self, readers):
        self.readers = {reader.key: reader for reader in readers}
        self.stands = {}

    def __getitem__(self, key):
        return self.readers[key].page

    def put(self, session, starts_at, *who):
        """Say where a session stands now; None: nowhere."""
        self.stands[session.pk] = (starts_at, who)
        self.agree()

    def agree(self):
        for key, reader in self.readers.items():
            wanted = {start for start, who in self.stands.values() if key in who and start is not None}
            on_pages, page_text = reader.seen()
            mail_text = reader.program.read_mails()
            feed = reader.page.request.get(reader.feed).body()
            on_the_server = reader.program.on_the_server()
            assert (on_pages, calendar_client.begins(feed)) == (wanted, wanted), key
            if key == "ioana":  # nobody mails a coach what they do themselves
                assert on_the_server <= wanted
                continue
            assert on_the_server == wanted, key
            others = [word for other, words in NAMES.items() if other != key for word in words]
            said = "\n".join((page_text, mail_text, feed.decode()))
            assert [word for word in others if word in said] == [], key


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the moment of the tests."""
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: at)


@pytest.fixture
def three_zones(world, at):
    """The cast with somebody in São Paulo, hours of the coach, dates of the group, and one-to-ones to date."""
    return standing.scene("three zones", lambda: in_three_zones(world, at))


def in_three_zones(world, at):
    world.people["bruno"] = cast.person("bruno@example.org", "Bruno Alves", "America/Sao_Paulo")
    Person.objects.filter(pk=world.part.pk).update(time_zone="Pacific/Auckland")
    Cohort.objects.filter(pk=world.cohort.pk).update(group_minutes=360)
    world.cohort.refresh_from_db()
    cast.grant(world.bruno, world.eastmere, "coachee")
    coach = world.engagements["ioana"]
    world.enrolments["bruno"] = cast.enrol(world.cohort, world.bruno, world.host, engagement=coach)
    GroupPlace.objects.create(
        group=world.groups[1], enrolment=world.enrolments["bruno"], from_on=world.cohort.starts_on
    )
    booking_hours.keep(world.ioana)
    booking_hours.place(world.ioana, "Online")
    by = {"cohort": world.cohort, "by": world.halina, "at": at}
    actions.prepare_one_to_ones(**by)
    series = {"weekday": 3, "wall_time": dt.time(14), "mode": "online", "where": "https://meet.example/room"}
    actions.plan_timetable(group=world.groups[1], starts_on=dt.date(2027, 3, 25), **series, **by)
    return world


@pytest.fixture
def everybody(three_zones, visit, radicale, at):  # noqa: F811
    """Windows, feeds and calendar programs of the four."""
    readers = []
    for key in WHO:
        person = Person.objects.get(pk=three_zones.people[key].pk)
        secret = actions.make_feed(detail="title" if key == "ioana" else "full", by=person, at=at)
        page = visit(person, zone=person.time_zone, width=390 if key == "bruno" else 1280)
        program = calendar_client.programme(person, radicale)
        readers.append(Reader(key, page, f"/calendar/feed/{secret}.ics", program))
    found = Everybody(readers)
    for session in CoachingSession.objects.filter(group=three_zones.groups[1]).order_by("position"):
        found.stands[session.pk] = (session.starts_at, GROUP)
    found.agree()
    return found


def next_one(world, key):
    return CoachingSession.objects.filter(enrolment=world.enrolments[key], state="undated").earliest("position")


def press(page, locator):
    """With the keyboard alone."""
    locator.focus()
    page.keyboard.press("Enter")


def book(page, session, week, starts, *, accessible=None, button="Book it"):
    """Three steps: a time, a look, yes; without the mouse."""
    page.goto(f"/sessions/{session.pk}/book/?from={week}")
    if accessible:
        accessible(page)
    press(page, page.locator(f'button[value="{starts:%Y-%m-%dT%H:%MZ}"]'))
    page.get_by_role("heading", name="Is this the time?").wait_for()
    if accessible:
        accessible(page)
    press(page, page.get_by_role("button", name=button))
    page.get_by_text("Your coach has been told.").wait_for()


def test_three_zones_keep_the_same_time_while_clocks_change(three_zones, everybody, accessible):
    world, auckland, sao_paulo, london = three_zones, everybody["part"], everybody["bruno"], everybody["ioana"]

    # Auckland books before its clocks go back and moves to after it, by keyboard; London has changed already.
    session = next_one(world, "part")
    book(auckland, session, "2027-03-29", utc(30, 9), accessible=accessible)
    auckland.get_by_text("Tuesday 30 March 2027, 22:00 to 23:00").wait_for()
    auckland.locator(".when__yours", has_text="10:00 in London").wait_for()
    everybody.put(session, utc(30, 9), "ioana", "part")
    book(auckland, session, "2027-04-05", utc(6, 9, month=4), button="Move it here")
    auckland.get_by_text("Tuesday 6 April 2027, 21:00 to 22:00").wait_for()
    everybody.put(session, utc(6, 9, month=4), "ioana", "part")

    # São Paulo, on a phone, books, cancels and books again.
    own = next_one(world, "bruno")
    book(sao_paulo, own, "2027-04-01", utc(1, 14, month=4))
    sao_paulo.get_by_text("Thursday 1 April 2027, 11:00 to 12:00").wait_for()
    everybody.put(own, utc(1, 14, month=4), "ioana", "bruno")
    sao_paulo.goto(f"/sessions/{own.pk}/cancel/")
    accessible(sao_paulo)
    sao_paulo.get_by_role("button", name="Cancel this session").click()
    sao_paulo.get_by_text("Cancelled. Your coach has been told.").wait_for()
    everybody.put(own, None)
    book(sao_paulo, own, "2027-03-26", utc(26, 14))
    everybody.put(own, utc(26, 14), "ioana", "bruno")

    # The coach writes a date in one line, moves it across the change, cancels it and dates it anew.
    theirs = next_one(world, "thandiwe")
    london.goto("/calendar/line/")
    london.get_by_label("Write it as you would in an e-mail").fill("26 March 11:00 with Thandiwe, online")
    london.get_by_role("button", name="Read it").click()
    london.get_by_text("London time, GMT").wait_for()
    accessible(london)
    london.get_by_role("button", name="Book it").click()
    london.get_by_text("Booked. Your coachee has been told.").wait_for()
    everybody.put(theirs, utc(26, 11), "ioana", "thandiwe")
    london.get_by_label("Day", exact=True).fill("2027-03-29")
    london.get_by_role("button", name="Save").click()
    london.get_by_text("Saved. Everybody in it has been told.").wait_for()
    everybody.put(theirs, utc(29, 10), "ioana", "thandiwe")
    london.get_by_text("Cancel this session", exact=True).click()
    london.get_by_role("button", name="Cancel it and tell your coachee").click()
    london.get_by_text("Cancelled. Your coachee has been told.").wait_for()
    everybody.put(theirs, None)
    book(everybody["thandiwe"], theirs, "2027-04-05", utc(7, 15, month=4))
    everybody.put(theirs, utc(7, 15, month=4), "ioana", "thandiwe")


def test_one_of_a_groups_series_moves_by_poll_and_the_others_stay(three_zones, everybody, accessible):
    world, london, auckland, sao_paulo = three_zones, everybody["ioana"], everybody["part"], everybody["bruno"]
    session = CoachingSession.objects.filter(group=world.groups[1]).earliest("position")
    london.goto(f"/coach/sessions/{session.pk}/")
    london.get_by_role("link", name="Ask the group for another time").click()
    accessible(london)
    for number, (day, time) in enumerate((("2027-03-31", "13:00"), ("2027-04-09", "09:00")), start=1):
        london.get_by_label(f"Time {number}: day").fill(day)
        london.get_by_label(f"Time {number}: begins at").fill(time)
    london.get_by_label("Answers until, day").fill("2027-03-08")
    london.get_by_role("button", name="Ask everybody").click()
    london.get_by_text("0 of 3").wait_for()
    everybody.agree()

    # Auckland answers with the keyboard: two times on its own clock, the group's beside it.
    auckland.goto("/home/")
    press(auckland, auckland.get_by_role("link", name="When could you come?"))
    late = auckland.get_by_role("group", name="Thursday 1 April 2027, 01:00 to 02:30 (Auckland time, NZDT)")
    early = auckland.get_by_role("group", name="Friday 9 April 2027, 20:00 to 21:30 (Auckland time, NZST)")
    accessible(auckland)
    for times, word in ((late, "no"), (early, "yes")):
        times.get_by_label(word, exact=True).focus()
        auckland.keyboard.press("Space")
    press(auckland, auckland.get_by_role("button", name="Keep my answers"))
    auckland.get_by_text("Kept. You can change it until the poll closes.").wait_for()
    sao_paulo.goto("/sessions/")
    sao_paulo.get_by_role("link", name="When could you come?").click()
    sao_paulo.get_by_role("group", name="Wednesday 31 March 2027, 09:00").get_by_label("yes").check()
    sao_paulo.get_by_role("group", name="Friday 9 April 2027, 05:00").get_by_label("if need be").check()
    sao_paulo.get_by_role("button", name="Keep my answers").click()
    sao_paulo.get_by_text("Kept.").wait_for()
    assert "Pärt" not in sao_paulo.content()

    london.reload()
    london.get_by_text("2 of 3").wait_for()
    accessible(london)
    london.get_by_role("button", name="Move it here Friday 9 April 2027, 09:00").click()
    london.get_by_text("Moved to Friday 9 April 2027, 09:00 to 10:30 (London time).").wait_for()
    everybody.put(session, utc(9, 8, month=4), *GROUP)
    auckland.reload()
    auckland.get_by_text("Your coach has chosen.").wait_for()


def test_the_other_new_pages_are_accessible(three_zones, visit, accessible):
    coach, coachee, coordinator = visit(three_zones.ioana), visit(three_zones.thandiwe), visit(three_zones.halina)
    for path in ("/availability/", "/availability/places/", "/me/calendar/", "/me/busy/", "/me/reminders/"):
        assert coach.goto(path).ok, path
        accessible(coach)
    assert coachee.goto("/meetings/").ok
    accessible(coachee)
    for path in ("/me/tokens/", f"/cohorts/{three_zones.cohort.pk}/meetings/"):
        assert coordinator.goto(path).ok, path
        accessible(coordinator)
