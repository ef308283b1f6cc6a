"""Two ways to use a page: the keyboard alone, and a finger on a phone."""

from typing import Protocol

from playwright.sync_api import Locator, Page

TABS_MOST = 400
WAY = """it => {
    const here = document.activeElement;
    if (it === here) return "here";
    if (!it.isConnected) return "gone";
    const behind = here !== document.body && here.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_PRECEDING;
    return behind ? "back" : "on";
}"""
# The menus above the content, as long as nothing has the focus and the control lies in the content.
MENU_BEFORE = """it => {
    const isFresh = document.activeElement === document.body && document.getElementById("main").contains(it);
    return isFresh ? document.querySelector(".top")?.innerText ?? "" : null;
}"""


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
    """Reaches everything with Tab; never touches the mouse. Menus that it has walked through before it skips."""

    def __init__(self) -> None:
        """Nothing was walked through yet."""
        self._menus: set[str] = set()

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
        page = control.page
        menu = control.evaluate(MENU_BEFORE)
        if menu in self._menus:
            page.keyboard.press("Tab")
            if not page.evaluate("location.hash"):  # what is sent from #main leads back there
                page.keyboard.press("Enter")
                assert page.evaluate("document.activeElement.id") == "main"
        tab_to(control, TABS_MOST)
        if menu is not None:
            self._menus.add(menu)
        return page


def tab_to(control: Locator, most: int = 60) -> None:
    """Press Tab, or Shift and Tab where it lies behind, until this has the focus."""
    element = control.element_handle()
    for _press in range(most):
        way = element.evaluate(WAY)
        if way == "here":
            return
        if way == "gone":  # the page has put another in its place
            element = control.element_handle()
            continue
        control.page.keyboard.press("Tab" if way == "on" else "Shift+Tab")
    raise AssertionError(f"{control} is not reached with the Tab key")
