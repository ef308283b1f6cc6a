"""A self-guider's whole journey in a browser: sign up, walk, do exercises, write, aim, look back, take out, bring in,
erase. Once by the keyboard alone, once on a phone; and reading and answering once without a script."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from cairn.foundation import clock
from cairn.journey.models import Answer, Erasure, ExerciseRun, JournalEntry, SealingKey
from cairn.people.models import Person
from tests.browser.walk import doing
from tests.browser.walk.hands import Finger, Hand, Keyboard

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ADDRESS, OTHER = "marek@example.org", "marek.again@example.org"
# (stage, question, answer): ten of different stages, chosen on the map.
ANSWERS = (
    ("self", "life_matters", "Being home when the children come in."),
    ("self", "look_forward", "Quarter to six, before the first lorry."),
    ("self", "comes_easily", "Seeing what will go wrong."),
    ("seen", "stayed_with_you", "You are the calm one, said the driver."),
    ("seen", "whom_to_ask", "Jana, who was there on the bad day."),
    ("keep", "carry_on", "Planning a day with thirty people in it."),
    ("keep", "leave_behind", "Nights."),
    ("out_there", "ruled_out", "Schools, because my mother taught in one."),
    ("choose", "must_be_true", "That I can cycle there."),
    ("start", "first_step", "Ring Petr on Thursday."),
)
# Pauses of the page, so that what is typed is saved sooner; `test_writing` waits for them as they are.
QUICKLY = "{ const later = setTimeout; setTimeout = (run, wait, ...more) => later(run, wait / 10, ...more); }"
KNOW, BY = "know_it_was_right", dt.date(2027, 3, 1)


@pytest.fixture
def now(monkeypatch):
    """1 December 2026, nine in the morning; `now.at = …` moves on."""
    moment = doing.Now()
    moment.at = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment.at)
    return moment


@pytest.mark.parametrize(("hand", "width"), [(Keyboard(), 1280), (Finger(), 390)], ids=["keyboard", "phone"])
def test_somebody_guides_themselves_from_the_first_page_to_the_receipt(
    db, now, visit, accessible, shoot, tmp_path, hand, width
):
    page = visit(width=width)
    page.add_init_script(QUICKLY)
    look = accessible if width == 390 else _no_look

    sign_up(page, hand, ADDRESS, look)
    say_what_brings_them(page, hand, look)
    answer_ten(page, hand, look)
    do_five_exercises(page, hand, look)
    write_into_journal(page, hand, look)
    set_goal(page, hand, look)
    look_back(page, hand, look, now)
    if width == 390:
        shoot_quiet_pages(page, look, shoot)
    file = take_out(page, hand, look, tmp_path)
    erase(page, hand, look)
    assert (Answer.objects.count(), JournalEntry.objects.count(), SealingKey.objects.count()) == (0, 0, 0)
    assert (Erasure.objects.count(), Person.objects.filter(email=ADDRESS).count()) == (1, 0)

    fresh = visit(width=width)
    sign_up(fresh, hand, OTHER, _no_look)
    bring_in(fresh, hand, look, file)
    assert (Answer.objects.filter(state="answered").count(), ExerciseRun.objects.count()) == (11, 5)


def test_reading_and_answering_need_no_script(world, visit, now):
    page = visit(world.thandiwe, scripts=False)
    page.goto("/path/life_now/")
    page.get_by_role("textbox").fill("Bread, the tram, a table.")
    page.get_by_role("button", name="Done for now").click()
    page.goto("/path/life_now/")
    expect(page.get_by_role("textbox").first).to_have_value("Bread, the tram, a table.")
    page.get_by_role("link", name="The whole path").click()
    expect(page.get_by_role("link", name=re.compile("good ordinary day"))).to_be_visible()

    page.goto("/exercises/self_140/")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("textbox", name="As I am", exact=True).fill("I see what will go wrong.")
    page.get_by_role("button", name="Done for now").click()
    expect(page.get_by_text("I see what will go wrong.")).to_be_visible()

    page.goto("/journal/")
    page.get_by_label("What is on your mind").fill("Written without a script.")
    page.get_by_role("button", name="Done for now").click()
    page.get_by_role("searchbox").fill("script")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("main").locator("mark", has_text="script")).to_be_visible()


# ------------------------------------------------------------------ steps of the walk


def _no_look(page: Page) -> None:
    """The other way through looks at the same pages."""


def sign_up(page: Page, hand: Hand, address: str, look) -> None:
    page.goto("/")
    hand.press(page.get_by_role("link", name="Begin on your own"))
    look(page)
    hand.fill(page.get_by_label("E-mail address"), address)
    hand.press(page.get_by_role("button", name="Send me a code"))
    expect(page.get_by_label("Code")).to_be_visible()
    look(page)
    hand.fill(page.get_by_label("Code"), doing.code_for(address))
    hand.press(page.get_by_role("button", name="Confirm"))
    page.wait_for_url("**/home/")


def say_what_brings_them(page: Page, hand: Hand, look) -> None:
    look(page)
    page.goto("/intake/")
    look(page)
    hand.fill(page.get_by_label("What brings you here, in your own words?"), "The firm has closed.")
    hand.press(page.get_by_label("I have lost my job and am beginning afresh."))
    hand.press(page.get_by_label("I am between jobs."))
    with page.expect_navigation():
        hand.press(page.get_by_role("button", name=re.compile("^(Begin|Keep|Done|Show)")).first)


def answer_ten(page: Page, hand: Hand, look) -> None:
    page.goto("/path/")
    look(page)
    for number, (_stage, question, text) in enumerate(ANSWERS):
        page.goto(f"/path/{question}/")
        if number == 0:
            look(page)
        hand.fill(page.locator("textarea.writing"), text)
        expect(page.locator(".savestate").first).to_contain_text("Saved")
        hand.press(page.get_by_role("button", name="Done for now"))
        page.wait_for_url(lambda url, left=question: f"/path/{left}/" not in url)
    page.goto(f"/path/{KNOW}/")
    hand.fill(page.locator("textarea.writing"), "I will whistle on the stairs.")
    hand.fill(page.get_by_label("Look back on"), BY.isoformat())
    hand.press(page.get_by_role("button", name="Done for now"))
    page.wait_for_url(lambda url: f"/path/{KNOW}/" not in url)
    assert Answer.objects.filter(state="answered").count() == 11


def do_five_exercises(page: Page, hand: Hand, look) -> None:
    begin(page, hand, "wheel")
    first = page.get_by_role("group", name=re.compile("aspects of my working life 1$"))
    hand.fill(first.get_by_role("spinbutton", name="Now"), "3")
    hand.fill(first.get_by_role("spinbutton", name="Wished for"), "8")
    hand.fill(first.get_by_role("spinbutton", name="How much it matters"), "9")
    look(page)
    finish(page, hand, look)

    begin(page, hand, "keep_and_change")
    row = page.get_by_role("group", name=re.compile("part of my work now 1$"))
    hand.fill(row.get_by_label("What", exact=True), "The plan for the day")
    hand.choose(row.get_by_label("I would"), "keep it")
    finish(page, hand, _no_look)

    begin(page, hand, "self_140")
    hand.fill(page.get_by_role("textbox", name="As I am", exact=True), "I see what will go wrong.")
    expect(page.locator("output").first).to_have_text("25")
    finish(page, hand, _no_look)

    begin(page, hand, "line")
    row = page.get_by_role("group", name=re.compile(" 1$")).first
    hand.fill(row.get_by_label(re.compile("^Year|^When")), "2019")
    hand.fill(row.get_by_label(re.compile("^What")).first, "The new hall")
    hand.fill(row.get_by_role("spinbutton").last, "4")
    finish(page, hand, look)

    begin(page, hand, "fear")
    row = page.get_by_role("group", name=re.compile("Fears and tests 1$"))
    hand.fill(row.get_by_label("What I am afraid of"), "A room full of strangers")
    finish(page, hand, _no_look)
    assert ExerciseRun.objects.filter(state="finished").count() == 5


def begin(page: Page, hand: Hand, exercise: str) -> None:
    page.goto(f"/exercises/{exercise}/")
    hand.press(page.get_by_role("button", name="Begin"))
    page.wait_for_url(re.compile(rf"/exercises/{exercise}/\d+/"))


def finish(page: Page, hand: Hand, look) -> None:
    with page.expect_navigation():
        hand.press(page.get_by_role("button", name="Done for now"))
    expect(page.get_by_role("button", name="Done for now")).to_have_count(0)
    look(page)


def write_into_journal(page: Page, hand: Hand, look) -> None:
    page.goto("/journal/")
    look(page)
    hand.fill(page.get_by_label("What is on your mind"), "I got up at five all the same.")
    hand.fill(page.get_by_label("Title"), "First Monday")
    hand.press(page.get_by_role("button", name="Done for now"))
    expect(page.get_by_role("link", name=re.compile("First Monday"))).to_be_visible()
    assert JournalEntry.objects.count() == 1


def set_goal(page: Page, hand: Hand, look) -> None:
    page.goto("/goals/")
    hand.fill(page.get_by_label("The goal"), "Work that I can cycle to")
    hand.press(page.get_by_role("button", name="Set this goal"))
    page.wait_for_url(re.compile(r"/goals/\d+/"))
    for text in ("Ring Petr", "Look at the map of the two valleys"):
        hand.press(page.locator("summary", has_text="Add a step"))
        hand.fill(page.get_by_label("The next step"), text)
        hand.press(page.get_by_role("button", name="Add", exact=True))
        expect(page.get_by_role("link", name=text)).to_be_visible()
    look(page)
    page.goto("/home/")
    hand.press(page.get_by_role("button", name="Done: Ring Petr"))
    expect(page.get_by_role("button", name="Done: Ring Petr")).to_have_count(0)
    look(page)


def look_back(page: Page, hand: Hand, look, now) -> None:
    now.at = dt.datetime(2027, 3, 2, 9, 0, tzinfo=dt.UTC)
    page.goto("/path/next/")
    expect(page.get_by_text("I will whistle on the stairs.").first).to_be_visible()
    look(page)
    hand.fill(page.locator("textarea.writing"), "I whistled twice, and I noticed the second time.")
    with page.expect_navigation():
        hand.press(page.get_by_role("button", name="Done for now"))
    page.goto(f"/path/{KNOW}/versions/")
    expect(page.get_by_text("I will whistle on the stairs.")).to_be_visible()
    expect(page.get_by_text("I whistled twice")).to_be_visible()


def shoot_quiet_pages(page: Page, look, shoot) -> None:
    """Every other page of one's own, as it stands after all this."""
    for place in ("/exercises/", "/exercises/wheel/", "/portrait/", "/mirror/", "/steps/", "/sharing/", "/rhythm/",
                  "/beside-me/", "/take-out/", "/bring-in/", "/journal/search/", "/me/"):  # fmt: skip
        page.goto(place)
        look(page)
    for name, place in (("own-home", "/home/"), ("own-path", "/path/"), ("own-portrait", "/portrait/")):
        page.goto(place)
        shoot(page, name)


def take_out(page: Page, hand: Hand, look, folder: Path) -> Path:
    page.goto("/take-out/")
    with page.expect_download() as coming:
        hand.press(page.get_by_role("button", name="Make the file"))
    file = folder / "journey.zip"
    coming.value.save_as(file)
    with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".md", ".svg"))}
    everything = "\n".join(texts.values())
    for said in (*(text for _stage, _question, text in ANSWERS), "I got up at five", "I will whistle", "Ring Petr"):
        assert said in everything
    assert any(name.endswith(".svg") for name in texts)
    return file


def erase(page: Page, hand: Hand, look) -> None:
    page.goto("/erase/")
    if page.get_by_label("Code").count():  # signed in too long ago for something that cannot be undone
        hand.fill(page.get_by_label("Code"), doing.code_for(ADDRESS))
        hand.press(page.get_by_role("button", name=re.compile("Confirm")))
    look(page)
    hand.fill(page.get_by_role("textbox"), "erase")
    with page.expect_navigation():
        hand.press(page.get_by_role("button", name=re.compile("^Erase")))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Erase everything")
    look(page)


def bring_in(page: Page, hand: Hand, look, file: Path) -> None:
    page.goto("/bring-in/")
    page.get_by_label("The zip file").set_input_files(file)
    with page.expect_event("load"):
        hand.press(page.get_by_role("button", name="Look at it first"))
    look(page)
    with page.expect_event("load"):
        hand.press(page.get_by_role("button", name="Bring it in"))
    page.goto("/journal/")
    expect(page.get_by_role("link", name=re.compile("First Monday"))).to_be_visible()
