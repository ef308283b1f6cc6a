"""Two ways to use a page: the keyboard alone, and a finger on a phone."""

from typing import Protocol

from playwright.sync_api import Locator, Page

TABS_MOST = 400


class Hand(Protocol):
    """What somebody does to a page, whichever way."""

    def fill(self, control: Locator, text: str) -> None:
        """Replace what stands in a control."""

    def press(self, control: Locator) -> None:
        """Follow a link, press a button, open what is folded, tick a box."""

    def choose(self, control: Locator, label: str) -> None:
        """Take an option by its name."""


class Finger:
    """Taps what can be seen."""

    def fill(self, control: Locator, text: str) -> None:
        """Type into it."""
        control.fill(text)

    def press(self, control: Locator) -> None:
        """Tap it."""
        control.click()

    def choose(self, control: Locator, label: str) -> None:
        """Take it from the list that the phone shows."""
        control.select_option(label=label)


class Keyboard:
    """Reaches everything with Tab; never touches the mouse."""

    def fill(self, control: Locator, text: str) -> None:
        """Mark all that is there and type over it; dates take digits only, so those are set as a whole."""
        page = self._reach(control)
        if control.get_attribute("type") == "date":
            control.fill(text)
            return
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(text)

    def press(self, control: Locator) -> None:
        """Enter for links and buttons, the space bar for boxes."""
        page = self._reach(control)
        ticks = control.evaluate("element => ['checkbox', 'radio'].includes(element.type)")
        page.keyboard.press("Space" if ticks else "Enter")

    def choose(self, control: Locator, label: str) -> None:
        """Type the first letters of it, as lists answer to that."""
        page = self._reach(control)
        page.keyboard.type(label)

    def _reach(self, control: Locator) -> Page:
        control.wait_for(state="attached")
        for _step in range(TABS_MOST):
            if control.evaluate("element => element === document.activeElement"):
                return control.page
            control.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {control}")
