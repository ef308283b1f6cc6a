"""A coach takes the workbook, edits it, brings it back; people say that they move on, and a coordinator decides."""

import datetime as dt
import io

import openpyxl
import pytest

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.foundation import clock
from cairn.foundation.models import MailMessage
from cairn.programmes.models import NewPosition
from tests import standing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(world, at, monkeypatch):
    """The tests' moment; one-to-ones that wait, a group session whose attendance can be marked, some to come."""
    monkeypatch.setattr(clock, "now", lambda: at)
    return standing.scene("a desk", lambda: prepared(world, at))


def prepared(world, at):
    earlier = at - dt.timedelta(days=20)
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=earlier)
    for when in (dt.datetime(2027, 3, 1, 10), dt.datetime(2027, 3, 15, 10), dt.datetime(2027, 4, 12, 10)):
        actions.add_session(
            cohort=world.cohort, kind="group", group=world.groups[1], wall_starts=when, by=world.halina, at=earlier
        )
    date(world, "thandiwe", 1, dt.datetime(2027, 3, 9, 10), at=earlier)
    date(world, "thandiwe", 2, dt.datetime(2027, 4, 9, 10), at=earlier)
    return world


def date(world, who, position, when, *, at):
    session = CoachingSession.objects.get(enrolment=world.enrolments[who], position=position)
    return actions.date_session(
        session=session,
        wall_starts=when,
        mode="online",
        where="",
        expected_version=session.version,
        by=world.ioana,
        at=at,
    )


def edit(data: bytes, changes: dict[tuple[str, str, str], dict[str, object]]) -> bytes:
    """Set cells by title in the row of (sheet, who, what)."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for (sheet, who, what), cells in changes.items():
        titles = [cell.value for cell in book[sheet][1]]
        for row in book[sheet].iter_rows(min_row=2):
            if {who, what} <= {cell.value for cell in row}:
                for title, value in cells.items():
                    row[titles.index(title)].value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def bring(page, data: bytes) -> None:
    page.get_by_label("Your edited workbook").set_input_files(
        {"name": "mine.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.get_by_role("button", name="Show what would change").click()


def test_a_workbook_is_downloaded_edited_and_taken_over(desk, visit, shoot, accessible, at):
    page = visit(desk.ioana)
    page.goto("/coachees/")
    page.get_by_role("link", name="Workbook").click()
    accessible(page)
    shoot(page, "workbook")
    with page.expect_download() as begun:
        page.get_by_role("link", name="Download the workbook").click()
    downloaded = begun.value.path().read_bytes()
    file = edit(
        downloaded,
        {
            ("Sessions", "Pärt Tamm", "1 of 4"): {"Date": dt.datetime(2027, 5, 5), "Start time": "14:30"},
            ("Sessions", "Thandiwe Ndlovu", "1 of 4"): {"Date": dt.datetime(2027, 3, 10)},
            ("Attendance", "Pärt Tamm", "Group 1, session 1"): {"Attendance": "attended"},
        },
    )

    wrong = edit(
        file,
        {
            ("Sessions", "Pärt Tamm", "2 of 4"): {"Date": "some day", "Start time": "14:30"},
            ("Coachees", "Pärt Tamm", "Physics"): {"Group: minutes promised": 1200},
        },
    )
    bring(page, wrong)
    assert page.get_by_text("2 cells cannot be taken over").is_visible()
    accessible(page)
    shoot(page, "workbook-refused")
    page.get_by_role("link", name="Upload another file").click()

    date(desk, "thandiwe", 1, dt.datetime(2027, 3, 11, 9), at=at)
    bring(page, file)
    assert page.get_by_text("Changed in Cairn since you downloaded the file").is_visible()
    accessible(page)
    shoot(page, "workbook-preview")
    page.get_by_text("Wed 10 Mar 2027, 10:00 (London time), online").click()
    page.get_by_role("button", name="Take this over").click()
    assert page.get_by_text("1 session dated, 1 moved, 1 mark set.").is_visible()
    moved = CoachingSession.objects.get(enrolment=desk.enrolments["thandiwe"], position=1)
    assert moved.wall_time == dt.datetime(2027, 3, 10, 10)

    bring(page, file)
    assert page.get_by_text("Nothing to change").is_visible()
    accessible(page)


def test_a_new_job_is_said_looked_at_recorded_and_taken_back(desk, visit, shoot, accessible, at):
    page = visit(desk.thandiwe, width=390)
    page.goto("/home/")
    page.get_by_role("link", name="Are you moving to a new job?").click()
    accessible(page)
    page.get_by_label("The new job begins on").fill("2027-04-01")
    page.get_by_label("Leave the cohort").check()
    shoot(page, "new-position")
    page.get_by_role("button", name="Tell the programme team").click()
    assert page.get_by_role("button", name="Take this back").is_visible()
    accessible(page)
    shoot(page, "new-position-said")

    MailMessage.objects.create(
        key="failed",
        to_id=desk.part.pk,
        address="part@example.org",
        organisation_id=desk.eastmere.pk,
        subject="One-to-one session 1: Wednesday 5 May 2027",
        body="x",
        state="failed",
        problem="SMTPRecipientsRefused",
        queued_at=at,
    )
    page = visit(desk.halina)
    page.goto("/requests/")
    accessible(page)
    shoot(page, "requests")
    page.get_by_role("button", name="Try again").click()
    assert page.get_by_text("It is being tried again.").is_visible()
    page.get_by_role("link", name="Decide").click()
    assert page.get_by_text("Group sessions without them").is_visible()
    accessible(page)
    shoot(page, "request")
    page.get_by_label("Stays on in own time").check()
    page.get_by_role("button", name="Record this").click()
    assert page.get_by_text("This is not what you looked at.").first.is_visible()
    page.get_by_label("Leaves the cohort").check()
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("button", name="Record this").click()
    assert page.get_by_text("Recorded for Thandiwe Ndlovu: leaves the cohort.").is_visible()
    accessible(page)
    page.get_by_role("link", name="Thandiwe Ndlovu").click()
    accessible(page)
    shoot(page, "request-decided")
    page.get_by_role("button", name="Take this decision back").click()
    assert page.get_by_text("Taken back; it waits to be decided again.").is_visible()
    assert NewPosition.objects.get().state == "waiting"


def test_a_coach_says_it_for_a_coachee(desk, visit, accessible):
    page = visit(desk.ioana)
    page.goto("/coachees/")
    page.get_by_role("link", name="Pärt Tamm").click()
    page.get_by_role("link", name="They have a new job").click()
    accessible(page)
    page.get_by_label("The new job begins on").fill("2027-04-01")
    page.get_by_role("button", name="Tell the programme team").click()
    assert page.get_by_text("Ioana Pop").first.is_visible()
