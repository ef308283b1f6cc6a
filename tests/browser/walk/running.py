"""Sessions held and written up; the spreadsheet of a coach; people who move on."""

import datetime as dt
import io
from pathlib import Path

import icalendar
import openpyxl
from playwright.sync_api import Locator, Page

from cairn.delivery import actions as delivery
from tests.browser.walk.doing import Walk, box, said, taken, upload
from tests.browser.walk.forming import open_row
from tests.browser.walk.hands import tab_to
from tests.browser.walk.people import IOANA, MALIK, NAMES, OLU, PART, PRIYANKA, THANDIWE, XIUYING


def strip(page: Page, name: str) -> Locator:
    """One person's four marks."""
    return page.get_by_role("group", name=f"Attendance of {name}")


def mark(page: Page, name: str, word: str) -> None:
    """One tap."""
    strip(page, name).last.get_by_role("radio", name=word).click()
    said(page, f"Saved. {name}: {word}.")


def mark_by_keyboard(page: Page, name: str, presses: int, word: str) -> None:
    """Tab to the marks, Space for the first of them, arrows for the others, Tab to go on."""
    tab_to(strip(page, name).get_by_role("radio").first)
    page.keyboard.press("Space")
    for _press in range(presses):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    said(page, f"Saved. {name}: {word}.")


def look_ahead(walk: Walk, page: Page) -> icalendar.Event:
    """A coachee sees the next session and the minutes, and takes the calendar file. Returns its event."""
    page.goto("/home/")
    assert page.get_by_role("heading", name="Next session").is_visible()
    walk.see(page, "home")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to calendar").first.click()
    file = icalendar.Calendar.from_ical(Path(download.value.path()).read_bytes())
    return file.events[0]


def send_apologies(walk: Walk, page: Page) -> None:
    """A coachee cannot come, and says so in time."""
    page.goto("/home/")
    page.get_by_role("link", name="Send apologies").click()
    page.get_by_role("dialog").get_by_role("button", name="Send apologies").click()
    said(page, "You have sent apologies, in time: they cost no minutes.")
    walk.see(page)


def familiarise(page: Page) -> None:
    """A coach notes the day on which they got to know the cohort."""
    page.goto("/today/")
    page.get_by_label("Day", exact=True).fill("2027-01-05")
    page.get_by_role("button", name="It took place").click()
    said(page, "Noted. It will be on your next invoice.")


def hold_first_session(walk: Walk, page: Page) -> None:
    """Six people, four kinds of mark, first by keyboard, then by tap; one is put right afterwards."""
    page.goto("/today/")
    walk.see(page, "today")
    mark_by_keyboard(page, OLU, 0, "here")
    mark_by_keyboard(page, PART, 3, "missed")
    mark(page, XIUYING, "excused")
    mark(page, PRIYANKA, "late cancel")
    page.get_by_role("button", name="Everybody else was here").click()
    said(page, "Saved. You can still correct it.")
    mark(page, PART, "here")
    page.get_by_role("link", name="Open", exact=True).first.click()
    page.get_by_role("heading", name="Corrections").wait_for()
    said(page, f"{PART}: missed")
    walk.see(page, "session")


def hold_one_to_one(page: Page, day: str, name: str) -> None:
    """A session of two, written up on its day."""
    page.goto(f"/today/?day={day}")
    mark(page, name, "here")


def hold_second_session(page: Page) -> None:
    """Thandiwe's apologies are filled in; the others were there."""
    page.goto("/today/?day=2027-01-28")
    assert strip(page, THANDIWE).get_by_role("radio", name="excused").is_checked()
    page.get_by_role("button", name="Everybody else was here").click()
    said(page, "Saved. You can still correct it.")


def hold_meeting(walk: Walk, page: Page) -> None:
    """The coordinator writes up the meeting of coaches: both came."""
    page.goto(f"{walk.cohort}timetable/")
    open_row(page, "Coach meetings", 1)
    for name in (IOANA, MALIK):
        page.get_by_role("group", name=name).get_by_role("radio", name="here").click()
    page.get_by_role("button", name="Save attendance").click()
    said(page, "Attendance is saved.")
    walk.see(page)


def look_over(walk: Walk, page: Page) -> None:
    """The coordinator's cohort, money, one person."""
    page.goto(walk.cohort)
    walk.see(page, "people")
    book = openpyxl.load_workbook(io.BytesIO(taken(page, "Export")))
    assert {row[0].value for row in book.worksheets[0].iter_rows(min_row=2)} >= set(NAMES)
    page.get_by_role("link", name="Minutes and money").click()
    said(page, "Commissioned")
    walk.see(page, "money")
    page.goto(walk.cohort)
    page.get_by_role("link", name=PART).click()
    said(page, "marked 2 times")
    walk.see(page)


def edited(data: bytes, changes: dict[tuple[str, str, str], dict[str, object]]) -> bytes:
    """The workbook with cells set by title, in the rows of (sheet, person, session)."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for (sheet, who, what), cells in changes.items():
        titles = [cell.value for cell in book[sheet][1]]
        rows = [row for row in book[sheet].iter_rows(min_row=2) if {who, what} <= {cell.value for cell in row}]
        for title, value in cells.items():
            rows[0][titles.index(title)].value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def work_in_a_spreadsheet(walk: Walk, page: Page, folder: Path) -> None:
    """Download, give one session a date, put one mark right, look at what would change, take it over."""
    page.goto("/coachees/")
    page.get_by_role("link", name="Workbook").click()
    walk.see(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the workbook").click()
    file = folder / "mine.xlsx"
    changes: dict[tuple[str, str, str], dict[str, object]] = {
        ("Sessions", THANDIWE, "2 of 2"): {"Date": dt.datetime(2027, 2, 9), "Start time": "10:00"},
        ("Attendance", PRIYANKA, "Group 1, session 2"): {"Attendance": "late cancelled"},
    }
    file.write_bytes(edited(Path(download.value.path()).read_bytes(), changes))
    upload(page, file, "Show what would change")
    page.get_by_role("heading", name="2 rows would change").wait_for()
    walk.see(page, "workbook")
    page.get_by_role("button", name="Take this over").click()
    said(page, "1 session dated")


def say_new_job(walk: Walk, page: Page, wish: str, day: str) -> None:
    """From when, and what the person would like."""
    box(page, "The new job begins on").fill(day)
    page.get_by_label(wish).check()
    walk.see(page)
    page.get_by_role("button", name="Tell the programme team").click()
    page.get_by_role("button", name="Take this back").wait_for()


def decide(walk: Walk, page: Page, name: str, outcome: str, picture: str = "") -> None:
    """The coordinator looks at what it would do and records it."""
    page.goto("/requests/")
    page.get_by_role("row").filter(has_text=name).get_by_role("link", name="Decide").click()
    page.get_by_role("heading", name=f"{name} has a new job").wait_for()
    walk.see(page, picture)
    page.get_by_role("button", name="Record this").click()
    said(page, f"Recorded for {name}: {outcome}")


def see_who_left(walk: Walk, page: Page) -> None:
    """On the day the nightly work takes the last step; what was promised and not used is free again."""
    delivery.leave_when_due(at=walk.now.at)
    page.goto(f"{walk.cohort}?state=left")
    page.get_by_role("link", name=OLU).click()
    said(page, "2 h released")
    walk.see(page)
