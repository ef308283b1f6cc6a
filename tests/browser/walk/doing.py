"""What every step of the walk needs: the moment, a page as somebody, the control with a label, a file taken."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from cairn.foundation.models import MailMessage
from tests.browser.walk.hands import tab_to

LINK = re.compile(r"https?://[^/\s]+(/invitation/[\w-]+/)")


class Now:
    """The moment at which every page opens; `now.at = …` moves on."""

    at = dt.datetime(2026, 12, 1, 9, 0, tzinfo=dt.UTC)


@dataclass
class Walk:
    """What the functions need: the moment, a way to open pages as somebody, two ways to look hard
    at a page; once it is planned, the address of the cohort."""

    now: Now
    visit: Callable[..., Page]
    look: Callable[[Page], None]
    shoot: Callable[[Page, str], None]
    cohort: str = ""

    def see(self, page: Page, name: str = "") -> None:
        """Axe, no overflow on a phone; with a name also four pictures."""
        self.look(page)
        if name:
            self.shoot(page, f"walk-{name}")


def link_for(address: str) -> str:
    """Where the newest mail to this address with an invitation leads."""
    bodies = MailMessage.objects.filter(address=address).order_by("-pk").values_list("body", flat=True)
    return next(found[1] for body in bodies if (found := LINK.search(body)))


def come_in(walk: Walk, address: str, **options: Any) -> Page:
    """Follow the link of a mail, as somebody new to this browser."""
    page = walk.visit(**options)
    page.goto(link_for(address))
    page.get_by_role("button", name="Come in").click()
    return page


def code_for(address: str) -> str:
    """The sign-in code in the newest mail to this address."""
    mail = MailMessage.objects.filter(address=address).order_by("-pk").first()
    assert mail is not None
    found = re.search(r"^([A-Z0-9-]{6,9})$", mail.body, re.MULTILINE)
    assert found is not None
    return found[1]


def box(page: Page, label: str) -> Locator:
    """The control with this label, whether it may stay empty or not."""
    words = re.compile(rf"^{re.escape(label)}( optional)?$")
    return page.get_by_label(words).and_(page.locator("input, select, textarea"))


def said(page: Page, words: str | re.Pattern[str]) -> None:
    """The page says this."""
    page.get_by_text(words).first.wait_for()


def upload(page: Page, file: Path, button: str = "Show what would happen") -> None:
    """Choose a file and send it."""
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=button).click()


def taken(page: Page, link: str) -> bytes:
    """The file behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link, exact=True).click()
    return Path(download.value.path()).read_bytes()


def sign_in_by_keyboard(walk: Walk, address: str) -> Page:
    """With a code from one's mail, and no mouse."""
    page = walk.visit()
    page.goto("/")
    tab_to(page.get_by_role("link", name="Sign in"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_label("E-mail address").first)
    page.keyboard.type(address)
    page.keyboard.press("Enter")
    page.get_by_label("Code").wait_for()
    walk.see(page)
    if not page.get_by_label("Code").evaluate("it => it === document.activeElement"):
        tab_to(page.get_by_label("Code"))
    page.keyboard.type(code_for(address))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()
    return page
