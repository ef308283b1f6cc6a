"""A coach runs a day, a coachee looks ahead: with the mouse, with the keyboard, without JavaScript."""

import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.delivery.models import Apology
from cairn.foundation import clock
from cairn.programmes.models import Enrolment, GroupPlace
from tests import cast, standing
from tests.web import running

pytestmark = pytest.mark.django_db(transaction=True)

TEN = dt.datetime(2027, 3, 3, 10, 0, tzinfo=dt.UTC)
AFTER = dt.datetime(2027, 3, 3, 12, 0, tzinfo=dt.UTC)
MORE = (
    ("olu", "Olúwaṣeun Adébáyọ̀", "Law", "Africa/Lagos"),
    ("george", "Γιώργος", "Ecology", "Europe/Athens"),
    ("anh", "Nguyễn Thị Mai Anh", "Immunology", "Asia/Ho_Chi_Minh"),
    ("priyanka", "Priyanka", "Mathematics", "Asia/Tbilisi"),
)


@pytest.fixture
def now(monkeypatch):
    """Half past nine on the day; `now.at = …` moves on."""

    class Now:
        at = TEN - dt.timedelta(minutes=30)

    monkeypatch.setattr(clock, "now", lambda: Now.at)
    return Now


def six_together(world):
    """Six people in Ioana's group."""
    for key, name, discipline, zone in MORE:
        who = cast.person(f"{key}@example.org", name, zone)
        cast.grant(who, world.eastmere, "coachee")
        enrolment = cast.enrol(
            world.cohort, who, world.host, discipline=discipline, engagement=world.engagements["ioana"]
        )
        GroupPlace.objects.create(group=world.groups[1], enrolment=enrolment, from_on=world.cohort.starts_on)
        world.people[key], world.enrolments[key] = who, enrolment
    return world


@pytest.fixture
def busy(world):
    """A year under way: sessions held and written up, today's, some to come, some without a date."""
    return standing.scene("a year under way", lambda: year_under_way(six_together(world)))


def year_under_way(world):
    past = TEN - dt.timedelta(days=70)
    for week in range(0, 8, 2):
        starts = past + dt.timedelta(weeks=week)
        session = running.group_session(world, starts, at=past - dt.timedelta(days=1))
        everybody = {place.enrolment_id: "attended" for place in world.groups[1].places.all()}
        marks = everybody | {world.enrolments["george"].pk: "missed"}
        actions.record_attendance(session=session, marks=marks, by=world.ioana, at=starts)
    late = running.one_to_one(world, TEN - dt.timedelta(days=2), "olu", mode="phone", where="01632 960 001")
    today = running.group_session(world, TEN)
    call = running.one_to_one(world, TEN + dt.timedelta(hours=4), "priyanka", mode="phone", where="01632 960 002")
    room = running.one_to_one(
        world, TEN + dt.timedelta(days=1), mode="in_person", where="Library, room 4", at=running.WEEK_BEFORE
    )
    running.group_session(world, TEN + dt.timedelta(days=14))
    running.meeting(world, TEN + dt.timedelta(days=22, hours=5))
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=running.WEEK_BEFORE)
    actions.send_apologies(session=today, by=world.people["olu"], at=running.DAY_BEFORE)
    world.sessions = {"late": late, "today": today, "call": call, "room": room}
    return world


def strip(page, name):
    """One person's four marks."""
    return page.get_by_role("group", name=f"Attendance of {name}")


def test_a_coach_marks_attendance_with_the_mouse(busy, now, visit, shoot, accessible):
    world, session = busy, busy.sessions["today"]
    page = visit(world.ioana)
    page.goto("/today/")
    accessible(page)
    shoot(page, "coach-today-before")
    now.at = AFTER
    page.reload()
    accessible(page)

    strip(page, "Pärt Tamm").get_by_role("radio", name="here").click()
    page.get_by_text("Saved. Pärt Tamm: here.").wait_for()
    strip(page, "Γιώργος").get_by_role("radio", name="missed").click()
    page.get_by_text("Saved. Γιώργος: missed.").wait_for()

    assert running.mark_of(session, world, "part") == "attended"
    assert running.mark_of(session, world, "george") == "missed"
    assert running.mark_of(session, world, "olu") == "excused"
    page.get_by_role("button", name="Everybody else was here").click()
    page.get_by_text("Saved. You can still correct it.").wait_for()
    assert running.mark_of(session, world, "thandiwe") == "attended"
    assert running.marks_made(session) == 6
    accessible(page)
    shoot(page, "coach-today")


def test_a_coach_marks_attendance_with_the_keyboard_in_one_post(busy, now, visit):
    world, session = busy, busy.sessions["today"]
    now.at = AFTER
    page = visit(world.ioana)
    page.goto("/today/")

    strip(page, "Pärt Tamm").get_by_role("radio", name="here").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.get_by_text("Saved. Pärt Tamm: missed.").wait_for()

    assert running.mark_of(session, world, "part") == "missed"
    assert session.attendance.get(enrolment=world.enrolments["part"]).changes.count() == 1
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.get_by_text("Saved. Pärt Tamm: late cancel.").wait_for()
    assert running.mark_of(session, world, "part") == "late_cancelled"


def test_a_coach_marks_attendance_without_javascript(busy, now, visit):
    world, session = busy, busy.sessions["today"]
    now.at = AFTER
    page = visit(world.ioana, scripts=False)
    page.goto("/today/")

    strip(page, "Pärt Tamm").get_by_role("radio", name="here").check()
    page.get_by_role("button", name="Save attendance").click()

    assert page.get_by_text("Saved. You can still correct it.").is_visible()
    assert running.mark_of(session, world, "part") == "attended"
    assert running.mark_of(session, world, "thandiwe") == ""


def test_the_session_opens_by_itself_when_its_time_comes(busy, now, visit):
    world = busy
    now.at = TEN - dt.timedelta(minutes=15, seconds=2)
    page = visit(world.ioana)
    page.goto("/today/")
    assert page.get_by_role("link", name="Join, from 09:45 today").is_visible()
    now.at = TEN - dt.timedelta(minutes=14)

    page.locator(f'a[href="{running.LINK}"]').wait_for()

    assert strip(page, "Pärt Tamm").is_visible()


def test_a_coach_dates_moves_cancels_and_takes_back(busy, now, visit, shoot, accessible):
    world = busy
    page = visit(world.ioana)
    page.goto("/today/")
    page.get_by_role("link", name="Give it a date with Priyanka").click()
    accessible(page)
    shoot(page, "coach-session-undated")
    page.get_by_label("Day", exact=True).first.fill("2027-03-17")
    page.get_by_label("Begins at").fill("10:30")
    page.get_by_label("Link, place or number").fill("https://meet.example/new")
    page.get_by_role("button", name="Book it").click()
    page.get_by_role("heading", name="There is a problem").or_(page.locator(".sum")).wait_for()
    assert page.get_by_label("Link, place or number").input_value() == "https://meet.example/new"
    accessible(page)
    shoot(page, "coach-session-taken")
    page.locator("button[name=instead]").first.click()
    page.get_by_text("Saved. Everybody in it has been told.").wait_for()
    accessible(page)
    shoot(page, "coach-session")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("It is as it was before.").wait_for()
    assert page.get_by_text("No date yet").is_visible()


def test_coachees_and_calendar(busy, now, visit, shoot, accessible):
    world = busy
    now.at = AFTER
    page = visit(world.ioana)
    for path, name in (
        ("/coachees/", "coach-coachees"),
        (f"/coachees/{world.enrolments['thandiwe'].pk}/", "coach-coachee"),
        ("/calendar/", "coach-calendar"),
        ("/calendar/?view=week", "coach-calendar-week"),
        ("/today/?day=2027-03-07", "coach-today-empty"),
    ):
        page.goto(path)
        accessible(page)
        shoot(page, name)


def test_a_coachee_sends_and_withdraws_apologies(busy, now, visit, shoot, accessible):
    world, session = busy, busy.sessions["today"]
    page = visit(world.thandiwe)
    page.goto("/home/")
    accessible(page)
    shoot(page, "coachee-home")
    page.get_by_role("link", name="Send apologies").click()
    page.get_by_role("dialog").get_by_text("count as used").wait_for()
    shoot(page, "coachee-apologies")
    page.get_by_role("dialog").get_by_role("button", name="Send apologies").click()
    page.get_by_text("Apologies sent, and your coach has been told.").wait_for()
    assert Apology.objects.filter(session=session, enrolment=world.enrolments["thandiwe"]).exists()
    accessible(page)
    shoot(page, "coachee-session")
    page.get_by_role("button", name="I can come after all").click()
    page.get_by_text("Your coach knows that you are coming.").wait_for()
    assert not Apology.objects.filter(session=session, enrolment=world.enrolments["thandiwe"]).exists()


def test_a_coachee_sends_apologies_without_javascript(busy, now, visit):
    page = visit(busy.thandiwe, scripts=False)
    page.goto("/home/")
    page.get_by_role("link", name="Send apologies").click()
    page.get_by_role("button", name="Send apologies").click()

    assert page.get_by_text("You have sent apologies, late").is_visible()
    assert Apology.objects.filter(session=busy.sessions["today"], in_time=False).count() == 1


def test_a_coachees_sessions_and_a_home_without_any(busy, now, visit, shoot, accessible):
    page = visit(busy.people["george"], zone="Europe/Athens")
    page.goto("/sessions/")
    accessible(page)
    shoot(page, "coachee-sessions")
    page.get_by_role("link").filter(has_text="Group 1, session 2").first.click()
    accessible(page)
    page.goto("/home/")
    accessible(page)
    shoot(page, "coachee-home-elsewhere")
    Enrolment.objects.filter(person=busy.xiuying).update(state="left", left_on=dt.date(2027, 3, 1))
    page = visit(busy.xiuying)
    page.goto("/home/")
    accessible(page)
    shoot(page, "coachee-home-empty")


def test_all_four_marks_can_be_touched_on_a_phone(busy, now, visit):
    now.at = AFTER
    page = visit(busy.ioana, width=360)
    page.goto("/today/")

    for word in ("here", "excused", "late cancel", "missed"):
        box = strip(page, "Pärt Tamm").get_by_role("radio", name=word).bounding_box()
        assert box["x"] + box["width"] <= 360
        assert box["width"] >= 44
        assert box["height"] >= 44
