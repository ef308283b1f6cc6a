"""Organisation, programme, cohort, people from a file, and how each of them joins."""

import datetime as dt
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from cairn.people import actions as people_actions
from cairn.people.models import Person
from cairn.programmes import actions, queries
from cairn.programmes.models import Enrolment
from tests.browser.walk.doing import Walk, box, come_in, link_for, said, upload
from tests.browser.walk.people import ADDRESS_OF, NORTHGATE, PART, ROWS, THANDIWE, participants_files


def set_up_house(walk: Walk, page: Page) -> None:
    """The host, a partner, the days on which nothing is planned."""
    page.get_by_role("link", name="Institutions and closed days").click()
    box(page, "Name").fill(NORTHGATE)
    box(page, "Short name, for tables").fill("Northgate")
    page.get_by_role("button", name="Add a partner").click()
    page.get_by_role("link", name=NORTHGATE).wait_for()
    box(page, "Closed days").fill("2027-01-26 Founders' Day\n2027-03-26 to 2027-03-29 Easter")
    page.get_by_role("button", name="Save the days").click()
    said(page, "Saved.")
    walk.see(page)


def set_up_programme(walk: Walk, page: Page) -> None:
    """A programme, first without contacts, so that it cannot go live, then with them."""
    page.goto("/programmes/")
    page.get_by_role("link", name="Found a programme").click()
    box(page, "Name of the programme").fill("Prosperous Minds")
    page.get_by_label("Facilitated cohort").check()
    page.get_by_label("Coaching only").check()
    walk.see(page, "programme")
    page.get_by_role("button", name="Found the programme").click()
    said(page, "The programme is founded.")


def set_up_cohort(walk: Walk, page: Page) -> None:
    """Twelve people, two coaches, two hours alone and three in a group, mixed three ways."""
    for label, value in (
        ("First day", "2027-01-04"),
        ("Last day", "2027-07-02"),
        ("People", "12"),
        ("Coaches", "2"),
        ("of them new", "2"),
        ("One-to-one, each person", "2 h"),
        ("Group, each person", "3:00"),
        ("An hour costs about", "60"),
    ):
        box(page, label).fill(value)
    walk.see(page, "cohort")
    page.get_by_role("button", name="Plan this cohort").click()
    said(page, "Now its groups.")
    box(page, "Fewest people in a group").fill("4")
    box(page, "Most people in a group").fill("7")
    for attribute in ("Discipline", "Institution", "Gender"):
        box(page, attribute).check()
    walk.see(page)
    page.get_by_role("button", name="Save and go on").click()
    box(page, "The agreement").wait_for()
    walk.see(page)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("heading", name="What the plan means").wait_for()
    walk.cohort = "/cohorts/" + page.url.split("/cohorts/")[1].removesuffix("plan/")


def go_live(walk: Walk, page: Page) -> None:
    """Not before somebody is named to whom people can turn."""
    page.get_by_role("link", name="Prosperous Minds").first.click()
    said(page, "The programme cannot go live before it names local support")
    walk.see(page)
    page.get_by_role("link", name="Name it now").click()
    box(page, "Whom people can turn to when coaching is not enough").fill("Wellbeing, 01632 960 000, day and night")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Go live").click()
    said(page, "Prosperous Minds is live.")


def import_people(walk: Walk, page: Page, folder: Path) -> None:
    """A file with two faults and a column that nobody could guess; then the mended file, read as the first one was."""
    faulty = list(ROWS)
    faulty[1] = (PART, "part at example.org", *ROWS[1][2:])
    faulty[8] = (ROWS[8][0], "olena@example.org", *ROWS[8][2:])
    files = participants_files(folder, {"people": tuple(faulty), "people mended": ROWS})
    page.get_by_role("link", name="Import people").first.click()
    walk.see(page)
    upload(page, files["people"])
    page.get_by_role("link", name="Change how the file is read").click()
    page.get_by_label("Column C holds").select_option(label="Institution")
    walk.see(page, "import-columns")
    page.get_by_role("button", name="Read it like this").click()
    said(page, "2 things stop this import")
    assert page.get_by_role("row").filter(has_text="part at example.org").get_by_text("B6").is_visible()
    walk.see(page, "import-problems")

    page.get_by_role("link", name="Upload another file").click()
    upload(page, files["people mended"])
    page.get_by_role("button", name="Enrol 12 people").wait_for()
    assert page.get_by_role("row").filter(has_text=THANDIWE).get_by_text("31 Dec 2027").is_visible()
    walk.see(page, "import-preview")
    page.get_by_label("Send invitations now").check()
    page.get_by_role("button", name="Enrol 12 people").click()
    page.get_by_role("heading", name="12 people are enrolled").wait_for()
    walk.see(page)


def import_again(walk: Walk, page: Page, folder: Path) -> None:
    """The same file once more changes nothing."""
    page.goto(f"{walk.cohort}import/")
    upload(page, folder / "people mended.ods")
    said(page, "All 12 people of this file are in the cohort already, with the same details.")


def join(walk: Walk, name: str, *, gender: str = "", picture: str = "", **options: Any) -> Page:
    """Follow the link, answer what groups are mixed by, accept the agreement."""
    page = come_in(walk, ADDRESS_OF[name], **options)
    page.get_by_role("heading", name="Mixing the groups").wait_for()
    questions = page.locator("#groups")
    if gender:
        questions.get_by_label(gender, exact=True).check()
        questions.get_by_role("button", name="Keep").click()
        page.locator("#groups").get_by_text("To use this answer Cairn needs your consent").first.wait_for()
        if picture:
            walk.see(page, picture)
        page.locator("#groups").get_by_label("I agree that this answer is used").check()
    page.locator("#groups").get_by_role("button", name="Keep").click()
    page.locator("#groups").get_by_text("answered").wait_for()
    page.get_by_role("button", name="I accept").click()
    said(page, "You accepted version 1 on 2 December 2026")
    return page


def join_without_a_browser(name: str, gender: str, at: dt.datetime) -> None:
    """The same through the actions, for those whom the walk does not follow."""
    secret = link_for(ADDRESS_OF[name]).split("/")[-2]
    person = people_actions.accept_invitation(secret=secret, at=at).person
    Person.objects.filter(pk=person.pk).update(last_login=at)
    enrolment = Enrolment.objects.select_related("cohort").get(person=person)
    questions = queries.joining(person, enrolment.pk, at).questions
    answers = {question.attribute_id: (gender, bool(gender)) for question in questions}
    actions.answer_mixing_questions(enrolment=enrolment, answers=answers, by=person, at=at)
    actions.accept_agreement(enrolment=enrolment, version=enrolment.cohort.agreement_version, by=person, at=at)
