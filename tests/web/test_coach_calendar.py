import datetime as dt

import pytest

from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)


def test_the_month_shows_every_kind_of_session_and_nobody_elses(world, page):
    running.group_session(world, TEN)
    running.one_to_one(world, TEN + dt.timedelta(days=1))
    running.meeting(world, TEN + dt.timedelta(days=2))
    running.group_session(world, TEN + dt.timedelta(days=3), number=2)

    text = page(world.ioana, "/calendar/")[1]

    assert "March 2027" in text
    assert "3 sessions" in text
    assert "Thandiwe Ndlovu" in text
    assert "Coach meeting 1" in text
    assert "Group 2" not in text
    assert running.LINK not in text


def test_a_week_lists_its_seven_days(world, page):
    running.group_session(world, TEN)

    text = page(world.ioana, "/calendar/?view=week&day=2027-03-12")[1]

    assert text.count('<section class="entry') == 7
    assert "8 March to 14 March 2027" in text
    assert "10:00 to 11:30" in text


def test_days_are_those_of_the_coachs_own_wall(world, page):
    world.ioana.time_zone = "Pacific/Auckland"
    world.ioana.save(update_fields=["time_zone"])
    running.group_session(world, dt.datetime(2027, 3, 31, 15, 0, tzinfo=dt.UTC))

    assert "0 sessions" in page(world.ioana, "/calendar/?day=2027-03-01")[1]
    assert "1 session" in page(world.ioana, "/calendar/?day=2027-04-01")[1]


def test_hours_are_those_of_the_coachs_own_wall_with_the_sessions_beside(world, page):
    world.ioana.time_zone = world.thandiwe.time_zone = "Pacific/Auckland"
    for person in (world.ioana, world.thandiwe):
        person.save(update_fields=["time_zone"])
    running.one_to_one(world, dt.datetime(2027, 3, 12, 12, 0, tzinfo=dt.UTC))

    text = page(world.ioana, "/calendar/?view=week&day=2027-03-13")[1]

    assert "01:00 to 02:00</time> <small>NZDT</small>" in text
    assert '<small class="when__yours">Fri 12 Mar, 12:00 in London</small>' in text
    assert "in Auckland" not in text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "soon", ""])
def test_odd_days_in_the_address_do_no_harm(world, page, day):
    assert page(world.ioana, f"/calendar/?day={day}")[0] == 200
    assert page(world.ioana, f"/calendar/?day={day}&view=week")[0] == 200
    assert page(world.ioana, f"/today/?day={day}")[0] == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_calendar_costs_the_same_number_of_queries(world, client, django_assert_num_queries, rows):
    for number in range(rows):
        running.group_session(world, TEN + dt.timedelta(days=number))
    client.force_login(world.ioana)

    with django_assert_num_queries(6):
        client.get("/calendar/")


@pytest.mark.parametrize("path", ["/calendar/", "/today/"])
def test_a_printed_sheet_says_whose_it_is_and_holds_no_form_to_type_a_date(world, page, path):
    running.one_to_one(world, TEN)
    running.undated(world)
    text = page(world.ioana, path)[1]

    assert f'print-head" aria-hidden="true"><strong>{world.ioana.name}</strong>' in text
    assert '<details class="more no-print"><summary>A date in one line' in text
