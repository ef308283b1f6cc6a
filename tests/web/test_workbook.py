"""The coach's pages for the workbook: download, upload, preview, taking over, letting go."""

import datetime as dt
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession, WorkbookUpload
from cairn.foundation import clock


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the tests' moment."""
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.fixture
def desk(world, at):
    """One-to-one sessions that wait for a date."""
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    return world


def page_of(world) -> str:
    return f"/workbook/{world.engagements['ioana'].pk}/"


def edited(client, world, *dates: tuple[int, dt.datetime, str], **cells: object) -> SimpleUploadedFile:
    """The downloaded workbook with these dates in these rows of the sheet of sessions."""
    response = client.get(page_of(world) + "download/")
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    for row, day, start in dates:
        book["Sessions"].cell(row, 7).value = day
        book["Sessions"].cell(row, 8).value = start
    for place, value in cells.items():
        book["Coachees"][place] = value
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile("mine.xlsx", target.getvalue())


def upload(client, world, file):
    return client.post(page_of(world), {"file": file}, follow=True)


MAY = dt.datetime(2027, 5, 5)


def test_an_edited_workbook_is_previewed_and_taken_over(client, desk):
    client.force_login(desk.ioana)
    response = upload(client, desk, edited(client, desk, (2, MAY, "10:00")))
    assert response.redirect_chain[0][0] == f"/workbook/preview/{WorkbookUpload.objects.get().pk}/"
    assert "Wed 5 May 2027, 10:00 (London time), online" in response.content.decode()
    assert "−60" in response.content.decode()
    assert CoachingSession.objects.filter(state="booked").count() == 0

    response = client.post(response.redirect_chain[0][0], {"do": "apply"}, follow=True)
    assert "1 session dated." in response.content.decode()
    assert CoachingSession.objects.filter(state="booked").count() == 1


def test_refused_cells_are_listed_and_nothing_can_be_taken_over(client, desk):
    client.force_login(desk.ioana)
    response = upload(client, desk, edited(client, desk, (2, MAY, "10:00"), C2="Other"))
    text = response.content.decode()
    assert "One cell cannot be taken over" in text
    assert "Coachees!C2" in text
    assert "Take this over" not in text


def test_a_clash_at_the_last_moment_is_shown_and_the_preview_kept(client, desk, at):
    client.force_login(desk.ioana)
    response = upload(client, desk, edited(client, desk, (2, MAY, "10:00")))
    where = response.redirect_chain[0][0]
    actions.add_session(
        cohort=desk.cohort,
        kind="group",
        group=desk.groups[1],
        wall_starts=dt.datetime(2027, 5, 5, 10),
        by=desk.halina,
        at=at,
    )
    response = client.post(where, {"do": "apply"})
    assert response.status_code == 422
    assert "The coach is no longer free on Wednesday 5 May 2027, 10:00 (London time)." in response.content.decode()
    assert "Try once more" in client.get(where).content.decode()


def test_a_conflict_is_decided_row_by_row(client, desk, at):
    client.force_login(desk.ioana)
    session = CoachingSession.objects.filter(enrolment=desk.enrolments["part"]).order_by("position").first()
    file = edited(client, desk, (2, MAY, "10:00"))
    actions.date_session(
        session=session,
        wall_starts=dt.datetime(2027, 5, 6, 11),
        mode="online",
        where="",
        expected_version=1,
        by=desk.ioana,
        at=at,
    )
    response = upload(client, desk, file)
    where = response.redirect_chain[0][0]
    assert "Changed in Cairn since you downloaded the file" in response.content.decode()
    stale = client.post(where, {"do": "apply", f"seen-s{session.pk}": "1", f"take-s{session.pk}": "workbook"})
    assert (stale.status_code, "look once more" in stale.content.decode()) == (422, True)
    client.post(where, {"do": "apply", f"seen-s{session.pk}": "2", f"take-s{session.pk}": "workbook"})
    session.refresh_from_db()
    assert session.wall_time == dt.datetime(2027, 5, 5, 10)


def test_a_preview_can_be_let_go(client, desk):
    client.force_login(desk.ioana)
    response = upload(client, desk, edited(client, desk, (2, MAY, "10:00")))
    where = response.redirect_chain[0][0]
    assert "Nothing was changed" in client.post(where, {"do": "discard"}, follow=True).content.decode()
    assert client.get(where).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.xlsx", b"", "The file is empty."),
        ("list.csv", b"Name,Date\nLi,3", "the hidden key columns are missing"),
        ("photo.png", b"\x89PNG\r\n", "not a spreadsheet that Cairn can read"),
    ],
)
def test_what_is_no_workbook_is_refused_in_place(client, desk, name, content, sentence):
    client.force_login(desk.ioana)
    response = client.post(page_of(desk), {"file": SimpleUploadedFile(name, content)})
    assert sentence in response.content.decode()


@pytest.mark.parametrize("who", ["malik", "lena", "halina", "thandiwe"])
def test_others_find_nothing(client, desk, who):
    client.force_login(desk.ioana)
    where = upload(client, desk, edited(client, desk)).redirect_chain[0][0]
    client.force_login(desk.people[who])
    found = [client.get(address).status_code for address in (page_of(desk), page_of(desk) + "download/", where)]
    assert [*found, client.post(where, {"do": "apply"}).status_code] == [404, 404, 404, 404]


def test_a_preview_costs_the_same_with_one_row_and_with_many(client, desk, django_assert_num_queries):
    client.force_login(desk.ioana)
    one = upload(client, desk, edited(client, desk, (2, MAY, "10:00"))).redirect_chain[0][0]
    with django_assert_num_queries(6):
        client.get(one)
    rows = [(row, MAY + dt.timedelta(days=row), "10:00") for row in range(2, 10)]
    many = upload(client, desk, edited(client, desk, *rows)).redirect_chain[0][0]
    with django_assert_num_queries(6):
        client.get(many)
