import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from cairn.delivery import actions
from cairn.programmes.models import Enrolment
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 3, 10, 10, 0, tzinfo=dt.UTC)
EARLIER = dt.datetime(2027, 2, 24, 10, 0, tzinfo=dt.UTC)


def left(world, who):
    Enrolment.objects.filter(pk=world.enrolments[who].pk).update(state="left", left_on=dt.date(2027, 3, 1))


def test_the_table_shows_own_coachees_with_minutes_and_sessions(world, page):
    running.group_session(world, TEN)
    running.undated(world)

    text = page(world.ioana, "/coachees/")[1]

    assert "Thandiwe Ndlovu" in text
    assert "Pärt Tamm" in text
    assert "Siobhán" not in text
    assert text.count("Wed 10 Mar, 10:00 to 11:30") == 2
    assert text.count("90 booked, 810 left of 900 minutes") == 2


def test_people_are_searched_filtered_and_sorted(world, page):
    running.undated(world, "part")
    left(world, "thandiwe")

    assert "Pärt Tamm" in page(world.ioana, "/coachees/?q=phys")[1]
    assert "Nobody fits what you chose." in page(world.ioana, "/coachees/?q=zzz")[1]
    assert "Thandiwe" not in page(world.ioana, "/coachees/")[1]
    assert "Thandiwe" in page(world.ioana, "/coachees/?state=left")[1]
    assert "Pärt Tamm" in page(world.ioana, "/coachees/?state=undated")[1]
    for sort in ("name", "-group", "one_to_one", "group_minutes", "-last", "next", "-undated", "nonsense"):
        status, text = page(world.ioana, f"/coachees/?state=everybody&sort={sort}")
        assert (status, text.count('<th scope="row">')) == (200, 2)


def test_the_page_of_somebody_shows_their_address_until_they_leave(world, page):
    path = f"/coachees/{world.enrolments['thandiwe'].pk}/"
    session = running.group_session(world, EARLIER)
    marks = {world.enrolments["thandiwe"].pk: "attended"}
    actions.record_attendance(session=session, marks=marks, by=world.ioana, at=EARLIER)

    assert "thandiwe@example.org" in page(world.ioana, path)[1]
    left(world, "thandiwe")

    status, text = page(world.ioana, path)
    assert status == 200
    assert "thandiwe@example.org" not in text
    assert "Left on 1 March 2027." in text
    assert "attended" in text


@pytest.mark.parametrize("who", ["malik", "rosa", "lena", "part", "halina"])
def test_nobody_elses_coachee_is_found(world, page, who):
    assert page(world.people[who], f"/coachees/{world.enrolments['thandiwe'].pk}/")[0] == 404


def test_a_former_coach_has_no_coachees_left(world, page):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(engagement=world.engagements["rosa"])

    assert page(world.rosa, "/coachees/")[0] == 404
    assert page(world.rosa, f"/coachees/{world.enrolments['thandiwe'].pk}/")[0] == 404


def test_the_spreadsheet_holds_those_who_take_part(world, client):
    left(world, "part")
    client.force_login(world.ioana)

    response = client.get("/coachees/export/")

    rows = list(load_workbook(io.BytesIO(response.content)).worksheets[0].values)
    assert [row[0] for row in rows] == ["Coachee", "Thandiwe Ndlovu"]
    assert rows[1][1] == "thandiwe@example.org"
    assert rows[1][6:8] == (210, 900)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_table_costs_the_same_number_of_queries(world, client, django_assert_num_queries, rows):
    people = [world.enrolments[who] for who in ("thandiwe", "part", "siobhan")]
    Enrolment.objects.filter(pk__in=[each.pk for each in people]).update(engagement=None)
    Enrolment.objects.filter(pk__in=[each.pk for each in people[:rows]]).update(engagement=world.engagements["ioana"])
    running.undated(world)
    client.force_login(world.ioana)

    with django_assert_num_queries(6):
        client.get("/coachees/")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_one_person_costs_the_same_number_of_queries(world, client, django_assert_num_queries, rows):
    for days in range(rows):
        running.group_session(world, TEN + dt.timedelta(days=days))
    client.force_login(world.ioana)

    with django_assert_num_queries(7):
        client.get(f"/coachees/{world.enrolments['thandiwe'].pk}/")
