"""Coaches, groups, timetable: everything between the people and the first session."""

import re

from playwright.sync_api import Locator, Page

from tests.browser.walk.doing import Walk, box, come_in, said
from tests.browser.walk.hands import tab_to
from tests.browser.walk.people import IOANA, OLU, PART, PRIYANKA, THANDIWE, XIUYING


def engage(walk: Walk, page: Page, name: str, rate: str, picture: str = "") -> None:
    """Ask somebody to coach; the minutes are as the plan has them."""
    page.get_by_role("link", name="Engage a coach").click()
    box(page, "Name").fill(name)
    box(page, "E-mail address").fill(coach_address(name))
    box(page, "Rate for an hour").fill(rate)
    box(page, "Tax in per cent").fill("20")
    for label, words in (
        ("One-to-one", "12 h"),
        ("Group", "3 h"),
        ("Coach meetings", "3 h"),
        ("Familiarisation", "4 h"),
    ):
        assert box(page, label).input_value() == words
    if picture:
        walk.see(page, picture)
    page.get_by_role("button", name="Ask them").click()
    said(page, f"{name} was asked by mail.")


def coach_address(name: str) -> str:
    """ioana@example.org for Ioana Pop."""
    return f"{name.split(maxsplit=1)[0].lower()}@example.org"


def accept_engagement(walk: Walk, name: str, picture: str = "") -> Page:
    """A coach follows the link, reads the terms, accepts."""
    page = come_in(walk, coach_address(name))
    page.get_by_role("heading", name="Would you coach in Prosperous Minds, Cohort 1?").wait_for()
    if picture:
        walk.see(page, picture)
    page.get_by_role("button", name="Accept").click()
    said(page, "Accepted.")
    return page


def declare_conflict(walk: Walk, page: Page, name: str) -> None:
    """A coach names somebody whom they must not coach; nobody asks why."""
    box(page, "A person").select_option(label=name)
    page.get_by_role("button", name="Declare").click()
    said(page, "Noted. Every later step keeps to it.")
    walk.see(page)


def seat(page: Page, name: str) -> Locator:
    """Somebody's place on the board."""
    return page.locator(".seats > li", has=page.locator("bdi", has_text=name)).first


def group_of(page: Page, name: str) -> int:
    """The number of the group they sit in on the board."""
    return int(seat(page, name).locator("xpath=ancestor::section[1]").get_attribute("data-group") or 0)


def group_with(page: Page, coach: str) -> int:
    """The number of the group that this coach has on the board."""
    found = page.locator(".group", has=page.locator(".group__who", has_text=coach)).first
    return int(found.get_attribute("data-group") or 0)


def move_by_menu(walk: Walk, page: Page, name: str, picture: str = "") -> int:
    """Move somebody into the other group by the menu beside their name."""
    seat(page, name).locator("summary").click()
    choice = seat(page, name).locator(".menu__list form[data-to]").first
    choice.wait_for()
    if picture:
        walk.see(page, picture)
    choice.get_by_role("button").click()
    said(page, re.compile(f"{re.escape(name)} moved to group"))
    return group_of(page, name)


def move_by_keyboard(page: Page, name: str) -> int:
    """Tab to the board, walk to the name, hold it, carry it across, set it down. No mouse."""
    tab_to(page.locator(".seats [tabindex='0']").first)
    at = int(page.evaluate("document.activeElement.closest('[data-group]').dataset.group"))
    if at != group_of(page, name):
        page.keyboard.press("ArrowRight" if at < group_of(page, name) else "ArrowLeft")
    for _press in range(12):
        page.keyboard.press("ArrowUp")
    for _press in range(12):
        if page.evaluate("document.activeElement.textContent") == name:
            break
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == name
    page.keyboard.press("Space")
    page.locator(".group__hint", has_text="→").first.wait_for()
    page.keyboard.press("ArrowRight" if group_of(page, name) == 1 else "ArrowLeft")
    page.keyboard.press("Space")
    said(page, re.compile(f"{re.escape(name)} moved to group"))
    return group_of(page, name)


def take_back(page: Page) -> None:
    """Undo the last thing, by the toast."""
    page.locator(".toast").get_by_role("button", name="Undo").click()
    said(page, "Taken back.")


def pin(page: Page, name: str) -> None:
    """Nobody moves this person any more."""
    seat(page, name).locator("summary").click()
    seat(page, name).get_by_role("button", name="Pin here").click()
    said(page, f"{name} is pinned here.")


def form_groups(walk: Walk, page: Page) -> int:
    """Propose, move by menu and by keyboard, take back, pin, propose again, adopt. Returns the number of Ioana's group.

    Whom the walk follows later is put into Ioana's group and pinned there; the conflict keeps Pärt there by itself.
    """
    page.get_by_role("link", name="Groups", exact=True).click()
    walk.see(page)
    page.get_by_role("button", name="Propose groups").click()
    page.locator("[data-board]").wait_for()
    walk.see(page, "groups")
    was = group_of(page, OLU)
    assert move_by_keyboard(page, OLU) != was
    take_back(page)
    assert group_of(page, OLU) == was
    ours = group_with(page, IOANA)
    assert group_of(page, PART) == ours
    for name in (THANDIWE, XIUYING, PRIYANKA, OLU):
        if group_of(page, name) != ours:
            assert move_by_menu(walk, page, name) == ours
        pin(page, name)
    page.get_by_role("button", name="Propose again").click()
    said(page, "Proposed. Nothing holds until you adopt it.")
    assert {group_of(page, name) for name in (THANDIWE, PART, XIUYING, PRIYANKA, OLU)} == {ours}
    page.get_by_text("The proof, as a table").click()
    walk.see(page, "groups-proof")
    page.get_by_role("link", name="Adopt these groups").click()
    box(page, "The groups hold from").fill("2027-01-04")
    walk.see(page)
    page.get_by_role("button", name="Adopt").click()
    said(page, "Adopted. 12 people have a coach now.")
    walk.see(page)
    return ours


def plan_series(walk: Walk, page: Page, begin: str, *, time: str, where: str = "", picture: str = "") -> None:
    """Look at the dates of a series, then make it. `begin` is the link under “Still to do”."""
    page.get_by_role("listitem").filter(has_text=begin).get_by_role("link").click()
    if begin.startswith("Group"):
        box(page, "Day of the week").select_option(label="Tuesday")
        box(page, "Not before").fill("2027-01-11")
    else:
        box(page, "Day of the week").select_option(label="Wednesday")
    box(page, "Begins at").fill(time)
    box(page, "Link, place or number").fill(where)
    page.get_by_role("button", name="Look at the dates").click()
    page.get_by_role("heading", name="2 dates").wait_for()
    if picture:
        assert page.get_by_text("One day had to give way").is_visible()
        walk.see(page, picture)
    page.get_by_role("button", name="Make these 2 sessions").click()
    said(page, "2 sessions have a date.")


def open_row(page: Page, section: str, row: int) -> None:
    """A session of the timetable, by its section and number."""
    page.get_by_role("region", name=section, exact=True).locator("tbody tr").nth(row - 1).get_by_role("link").click()


def plan_timetable(walk: Walk, page: Page) -> None:
    """Two series and the coaches' meetings; one occurrence moved, one cancelled, the others untouched."""
    page.get_by_role("link", name="Timetable", exact=True).click()
    plan_series(walk, page, "Group 1 has no dates", time="10:00", where="https://meet.example/one", picture="series")
    plan_series(walk, page, "Group 2 has no dates", time="14:00", where="https://meet.example/two")
    plan_series(walk, page, "The coaches have no meetings", time="13:00", where="https://meet.example/coaches")
    page.get_by_role("button", name="Prepare what is promised").click()
    said(page, "Prepared: 0 one-to-one sessions, 2 familiarisation sessions.")
    open_row(page, "Group 1", 2)
    walk.see(page)
    box(page, "Date").fill("2027-01-28")
    box(page, "Begins at").fill("11:00")
    page.get_by_role("button", name="Save and tell those in it").click()
    said(page, "It is on Thursday 28 January 2027, 11:00 to 12:30 (London time) now.")
    page.get_by_role("link", name="Timetable", exact=True).first.click()
    open_row(page, "Group 2", 2)
    page.get_by_role("button", name="Cancel this session").click()
    said(page, "Cancelled. The minutes are free again.")
    page.goto(f"{walk.cohort}timetable/")
    assert dates(page) == {
        "Group 1": ["Tue 12 Jan, 10:00 to 11:30 GMT", "Thu 28 Jan, 11:00 to 12:30 GMT"],
        "Group 2": ["Tue 12 Jan, 14:00 to 15:30 GMT", "Wed 27 Jan, 14:00 to 15:30 GMT"],
        "Coach meetings": ["Wed 31 Mar, 13:00 to 14:30 BST", "Wed 30 Jun, 13:00 to 14:30 BST"],
    }
    walk.see(page, "timetable")


def dates(page: Page) -> dict[str, list[str]]:
    """What stands in each section of the timetable."""
    sections = ("Group 1", "Group 2", "Coach meetings")
    rows = {name: page.get_by_role("region", name=name, exact=True).locator("tbody tr th") for name in sections}
    return {name: found.all_inner_texts() for name, found in rows.items()}


def date_one_to_one(walk: Walk, page: Page, name: str, day: str, time: str) -> None:
    """A coach gives somebody's next one-to-one session a date."""
    page.goto("/today/")
    page.get_by_role("link", name=f"Give it a date with {name}").click()
    box(page, "Day").fill(day)
    box(page, "Begins at").fill(time)
    box(page, "Link, place or number").fill("https://meet.example/alone")
    page.get_by_role("button", name="Book it").click()


def date_two(walk: Walk, page: Page) -> None:
    """One is booked; the other would fall into a group session, is refused, and takes the first free time offered."""
    date_one_to_one(walk, page, THANDIWE, "2027-01-19", "15:00")
    said(page, "Saved. Everybody in it has been told.")
    date_one_to_one(walk, page, XIUYING, "2027-01-12", "11:00")
    said(page, "Just taken: you are in another session then. Choose one of the next free times, or another.")
    walk.see(page, "taken")
    page.locator("button[name=instead]").first.click()
    said(page, "Saved. Everybody in it has been told.")
    walk.see(page)
