import datetime as dt
import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cairn.delivery import actions
from cairn.delivery.models import Attendance, CoachingSession
from cairn.foundation import clock
from cairn.programmes.models import Cohort
from tests.delivery import making

TEN = dt.datetime(2027, 3, 10, 10, 0)


@pytest.fixture(autouse=True)
def present(monkeypatch, at):
    """The moment of the tests is now."""
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture
def page(client, world):
    """Halina at the timetable of cohort 1, with room for a whole series."""
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2028, 3, 31))
    world.cohort.refresh_from_db()
    client.force_login(world.halina)
    return client


def address(name, world, *more):
    """An address within cohort 1."""
    return reverse(name, args=[world.cohort.pk, *more])


def series(world, **changes):
    """What a coordinator types for group 1."""
    typed = {
        "whom": world.groups[1].pk,
        "weekday": 2,
        "wall_time": "10:00",
        "starts_on": "2027-03-10",
        "mode": "online",
        "where": "https://meet.example/LEAK-LINK",
    }
    return typed | changes


def test_an_empty_timetable_says_what_to_do(page, world):
    shown = page.get(address("cohort_timetable", world)).content.decode()
    assert "Group 1 has no dates." in shown
    assert "The coaches have no meetings." in shown
    assert "Some coaches have no one-to-one sessions to date yet." in shown


def test_a_series_is_looked_at_and_then_made(page, world):
    looked = page.post(address("timetable_plan", world), series(world, do="look"))
    assert looked.content.decode().count("<tr><td") == 10
    assert CoachingSession.objects.count() == 0

    expected = looked.context["preview"]["expected"]
    made = page.post(address("timetable_plan", world), series(world, do="make", expected=expected))

    assert made.status_code == 302
    assert CoachingSession.objects.filter(group=world.groups[1]).count() == 10


def test_dates_that_changed_since_the_look_are_not_made(page, world, at):
    looked = page.post(address("timetable_plan", world), series(world, do="look"))
    making.date(making.undated(world), dt.datetime(2027, 3, 24, 10, 0), by=world.ioana, at=at)

    refused = page.post(
        address("timetable_plan", world), series(world, do="make", expected=looked.context["preview"]["expected"])
    )

    assert "these dates are not the ones you saw" in refused.content.decode()
    assert CoachingSession.objects.filter(kind="group").count() == 0


def test_coach_meetings_are_planned_from_the_same_page(page, world):
    Cohort.objects.filter(pk=world.cohort.pk).update(ends_on=dt.date(2027, 9, 6))
    typed = series(world, whom="meetings", starts_on="", do="look")
    looked = page.post(address("timetable_plan", world), typed)
    page.post(
        address("timetable_plan", world),
        typed | {"do": "make", "expected": looked.context["preview"]["expected"]},
    )
    assert CoachingSession.objects.filter(kind="coach_meeting").count() == 3


def test_bad_input_is_answered_in_place_and_kept(page, world):
    shown = page.post(
        address("timetable_plan", world), series(world, starts_on="2027-02-01", where="Room 7", do="look")
    ).content.decode()
    assert "1 February 2027 has gone by. Choose today or a later day." in shown
    assert 'value="Room 7"' in shown


def test_one_session_is_added_without_the_others(page, world):
    typed = {"whom": world.groups[1].pk, "on": "2027-03-10", "wall_time": "10:00", "mode": "phone", "where": ""}
    page.post(address("timetable_add", world), typed)
    added = CoachingSession.objects.get()
    assert (added.wall_time, added.mode, added.minutes) == (TEN, "phone", 90)


def test_a_time_that_happens_twice_is_asked_about(page, world):
    typed = {"whom": world.groups[1].pk, "on": "2027-10-31", "wall_time": "01:30", "mode": "phone", "where": ""}
    asked = page.post(address("timetable_add", world), typed).content.decode()
    assert "01:30 happens twice on 31 October 2027 in London," in asked
    assert "London time, BST" in asked

    page.post(address("timetable_add", world), typed | {"fold": "1"})
    assert CoachingSession.objects.get().starts_at == dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC)


def test_a_time_that_clocks_skip_names_the_one_that_takes_its_place(page, world):
    typed = {"whom": world.groups[1].pk, "on": "2027-03-28", "wall_time": "01:30", "mode": "phone", "where": ""}
    shown = page.post(address("timetable_add", world), typed).content.decode()
    assert "There is no 01:30 on 28 March 2027 in London," in shown
    assert "28 March 2027, 02:30" in shown


def test_promised_sessions_are_prepared_with_one_button(page, world):
    page.post(address("timetable_prepare", world))
    assert CoachingSession.objects.filter(state="undated").count() == 14


def test_moving_one_leaves_the_others_and_keeps_the_link(page, world, at):
    first, second = (making.group_session(world, TEN + dt.timedelta(days=days), at=at) for days in (0, 14))
    typed = {"do": "move", "version": 1, "on": "2027-03-11", "wall_time": "11:00", "mode": "online", "where": ""}

    page.post(address("cohort_session", world, first.pk), typed)

    moved, other = CoachingSession.objects.get(pk=first.pk), CoachingSession.objects.get(pk=second.pk)
    assert (moved.wall_time, moved.where) == (dt.datetime(2027, 3, 11, 11, 0), first.where)
    assert (other.wall_time, other.version) == (TEN + dt.timedelta(days=14), 1)


def test_undoing_a_move_brings_the_place_back_too(page, world, at):
    session = making.group_session(world, TEN, at=at)
    typed = {"do": "move", "version": 1, "on": "2027-03-11", "wall_time": "11:00"}
    page.post(address("cohort_session", world, session.pk), typed | {"mode": "in_person", "where": "Room 7"})
    assert CoachingSession.objects.get().where == "Room 7"

    page.post(address("cohort_session_restore", world, session.pk, 2) + f"?was={TEN.isoformat()}&fold=0")

    back = CoachingSession.objects.get()
    assert (back.wall_time, back.mode, back.where) == (TEN, "online", session.where)


def test_the_later_of_two_is_told_what_changed(page, world, at):
    session = making.group_session(world, TEN, at=at)
    making.date(session, TEN + dt.timedelta(days=1), by=world.ioana, at=at)
    typed = {"do": "move", "version": 1, "on": "2027-03-15", "wall_time": "11:00", "mode": "online", "where": ""}

    shown = page.post(address("cohort_session", world, session.pk), typed, follow=True).content.decode()

    assert "It is now on Thursday 11 March 2027, 10:00 to 11:30 (London time)" in shown


def test_a_taken_time_is_refused_in_place(page, world, at):
    making.group_session(world, TEN, at=at)
    other = making.group_session(world, TEN + dt.timedelta(days=1), at=at)
    typed = {"do": "move", "version": 1, "on": "2027-03-10", "wall_time": "10:30", "mode": "online", "where": ""}
    shown = page.post(address("cohort_session", world, other.pk), typed).content.decode()
    assert "The coach is no longer free" in shown
    assert 'value="10:30"' in shown


def test_a_cancellation_can_be_undone(page, world, at):
    session = making.group_session(world, TEN, at=at)
    page.post(address("cohort_session", world, session.pk), {"do": "cancel", "version": 1, "reason": "coach"})
    assert CoachingSession.objects.get().state == "cancelled"

    page.post(address("cohort_session_restore", world, session.pk, 2))

    assert CoachingSession.objects.get().state == "booked"


def test_attendance_is_corrected_and_its_history_shown(page, world, at, monkeypatch):
    session = making.group_session(world, TEN, at=at)
    later = TEN.replace(tzinfo=dt.UTC) + dt.timedelta(hours=3)
    part = world.enrolments["part"].pk
    actions.record_attendance(session=session, marks={part: "missed"}, by=world.ioana, at=later)
    monkeypatch.setattr(clock, "now", lambda: later)

    page.post(address("cohort_session", world, session.pk), {"do": "attendance", f"mark-{part}": "excused"})
    shown = page.get(address("cohort_session", world, session.pk)).content.decode()

    assert Attendance.objects.get().mark == "excused"
    assert "<bdi>Pärt Tamm</bdi>: missed" in shown
    assert "LEAK-LINK" not in shown


def test_familiarisation_is_noted_on_its_day(page, world, at):
    actions.prepare_sessions(cohort=world.cohort, by=world.halina, at=at)
    session = CoachingSession.objects.get(kind="familiarisation", engagement=world.engagements["ioana"])
    page.post(address("cohort_session", world, session.pk), {"do": "hold", "on": "2026-09-08"})
    assert making.coach_time(world, "ioana", "familiarisation") == (240, 0, 240)


def test_the_timetable_goes_into_a_spreadsheet(page, world, at):
    making.group_session(world, TEN, at=at)
    making.undated(world)
    book = openpyxl.load_workbook(io.BytesIO(page.get(address("timetable_export", world)).content))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("Group 1, session 1", "Group 1", TEN),
        ("One-to-one session 1", "Thandiwe Ndlovu", None),
    ]


@pytest.mark.parametrize("stranger", ["ioana", "thandiwe", "otto", "gwen"])
def test_nobody_else_finds_any_of_it(client, world, at, stranger):
    session = making.group_session(world, TEN, at=at)
    client.force_login(getattr(world, stranger))
    for name, more in (
        ("cohort_timetable", ()),
        ("timetable_plan", ()),
        ("timetable_add", ()),
        ("timetable_export", ()),
        ("cohort_session", (session.pk,)),
    ):
        assert client.get(address(name, world, *more)).status_code == 404
    assert client.post(address("timetable_prepare", world)).status_code == 404
    assert client.post(address("cohort_session_restore", world, session.pk, 1)).status_code == 404


def test_a_session_of_another_cohort_is_not_found_here(page, world, at):
    other = CoachingSession.objects.create(
        cohort=world.other_cohort, kind="coach_meeting", position=1, minutes=90, time_zone="Europe/London"
    )
    assert page.get(address("cohort_session", world, other.pk)).status_code == 404


def test_the_page_takes_eight_queries_at_one_and_at_a_hundred_rows(page, world, at):
    for count in (1, 130):
        CoachingSession.objects.all().delete()
        CoachingSession.objects.bulk_create(
            CoachingSession(
                cohort=world.cohort,
                kind="group",
                group=world.groups[1],
                engagement=world.engagements["ioana"],
                position=number,
                minutes=90,
                state="cancelled",
                time_zone="Europe/London",
                wall_starts=TEN.replace(tzinfo=dt.UTC),
                starts_at=TEN.replace(tzinfo=dt.UTC),
                ends_at=TEN.replace(tzinfo=dt.UTC) + dt.timedelta(minutes=90),
            )
            for number in range(1, count + 1)
        )
        with CaptureQueriesContext(connection) as captured:
            shown = page.get(address("cohort_timetable", world))
        assert (count, len(captured)) == (count, 8)
        assert len(shown.content) <= 60_000
        session = CoachingSession.objects.first()
        with CaptureQueriesContext(connection) as captured:
            page.get(address("cohort_session", world, session.pk))
        assert len(captured) <= 8


def test_the_page_says_the_zone_in_which_sessions_were_agreed_not_that_of_the_cohort(page, world, at):
    making.group_session(world, TEN, at=at)
    actions.change_cohort(cohort=world.cohort, values={"time_zone": "America/Sao_Paulo"}, by=world.halina, at=at)
    html = page.get(address("cohort_timetable", world)).content.decode()
    assert "All times are London time. New dates are Sao Paulo time." in html

    world.cohort.refresh_from_db()
    making.group_session(world, TEN + dt.timedelta(days=7), at=at)
    for name in ("cohort_timetable", "cohort_meetings"):
        html = page.get(address(name, world)).content.decode()
        assert ("All times are" in html) == (name == "cohort_meetings")
    html = page.get(address("cohort_timetable", world)).content.decode()
    assert "The zone of each time stands beside it. New dates are Sao Paulo time." in html
    assert ("London time, GMT" in html, "Sao Paulo time, UTC−03:00" in html) == (True, True)
