"""A real browser on a real server: `visit(person, width=…, scheme=…)` opens a page as somebody, signed in."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's loop runs in the thread of the test

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
SHOTS = os.environ.get("SCREENSHOTS", "")
# What a browser also complains about when a test means it: refusals, and a line that was cut.
MEANT = ("404 (Not Found)", "422", "net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
AXE = Axe()
LOOK = "options => axe.run(document, options).then(result => result.violations)"
WIDTHS = {"desktop": 1280, "phone": 390}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run of a worker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Open a context as a person (None: nobody), at a width, in light or dark, with or without JavaScript.

    Anything that the browser complains about on its console fails the test: the strict policy holds on every page.
    """
    contexts, complaints = [], []

    def open_as(
        person: Any = None,
        *,
        width: int = 1280,
        scheme: str = "light",
        zone: str = "Europe/London",
        scripts: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",  # a colour that is still changing has no contrast to measure
            timezone_id=zone,
            locale="en-GB",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
            cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert [line for line in complaints if not any(word in line for word in MEANT)] == []


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Write `<name>-{desktop,phone}-{light,dark}.png` of the page as it stands into the folder that SCREENSHOTS names.

    Without it nothing is drawn: a picture is for somebody who looks at it.
    """

    def take(page: Page, name: str) -> None:
        page.wait_for_load_state("load")
        if not SHOTS:
            return
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for word, width in WIDTHS.items():
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=Path(SHOTS) / f"{name}-{word}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)

    return take


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Axe finds nothing wrong (WCAG 2.2 A and AA, best practices); nothing runs off a phone.

    In dark only the contrast is looked at again: nothing but colours differs there.
    """

    def check(page: Page) -> None:
        page.wait_for_load_state("load")  # a click on a link does not wait for what it leads to
        page.locator("main").wait_for()
        page.evaluate(AXE.axe_script)
        for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            page.emulate_media(color_scheme=scheme)
            violations = page.evaluate(LOOK, {"resultTypes": ["violations"], "preload": False, **rules})
            found = [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations]
            assert found == [], (page.url, scheme)
        page.emulate_media(color_scheme="light")
        before = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
        page.set_viewport_size(before)

    return check
