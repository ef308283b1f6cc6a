"""Writing in a browser: nothing typed is lost, whatever the line and the windows do; and it works without a script."""

import pytest

from cairn.journey import queries
from tests import cast
from tests.walking import use_small_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('cairn-writing:')).length"


@pytest.fixture
def alone(db, monkeypatch):
    """Somebody with no role and no organisation, on a small path."""
    use_small_path(monkeypatch)
    return cast.person("ines@example.org", "Inés")


def written(person, at, key="life"):
    return queries.question_page(person, key, at).written


def told(page, words):
    page.locator("[data-savestate]").get_by_text(words, exact=False).wait_for()


def test_what_is_typed_is_kept_online_offline_and_from_two_windows(alone, at, visit, accessible, figure):
    page = visit(alone)
    page.goto("/path/life/")
    accessible(page)
    box = page.locator("#answer")

    # saved as one types, with a slow line that is not felt
    page.route("**/save/", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.evaluate(
        """() => { window.slow = 0; let last = 0;
        document.querySelector('#answer').addEventListener('keydown', () => { last = performance.now(); });
        document.querySelector('#answer').addEventListener('input', () => requestAnimationFrame(() => {
          window.slow = Math.max(window.slow, performance.now() - last); })); }"""
    )
    box.press_sequentially("Early light and nobody in a hurry.", delay=40)
    told(page, "as you type")
    slowest = page.evaluate("window.slow")
    figure(f"typing while it is saved over 300 ms: slowest key to paint {slowest:.0f} ms")
    assert slowest < 100
    assert written(alone, at) == "Early light and nobody in a hurry."
    assert page.locator("[data-word-count]").inner_text() == "7 words"
    page.unroute("**/save/")

    # the line goes: what is typed stays on the device, and is sent when it is back
    page.context.set_offline(True)
    box.press_sequentially("\n\nThe train has no line.")
    told(page, "Kept on this device")
    assert page.evaluate(KEPT) == 1
    page.context.set_offline(False)
    told(page, "as you type")
    assert written(alone, at).endswith("The train has no line.")
    assert page.evaluate(KEPT) == 0

    # it goes again, and the page is left: opening it again brings the words back, beside those from elsewhere
    page.route("**/save/", lambda route: route.abort())
    box.press_sequentially("\n\nWritten in a tunnel.")
    told(page, "Kept on this device")
    page.goto("/path/")
    page.unroute("**/save/")
    other = visit(alone)
    other.goto("/path/life/")
    other.locator("#answer").press("Control+End")
    with other.expect_response("**/save/"):
        other.locator("#answer").press_sequentially("\n\nFrom the other window.")
    page.goto("/path/life/")
    told(page, "in another window")
    for words in ("Written in a tunnel.", "From the other window.", "The train has no line."):
        assert words in box.input_value()
        assert words in written(alone, at)

    # Ctrl Enter is done, and signing out sends what waits and leaves nothing behind
    page.locator("#answer").press("Control+Enter")
    page.wait_for_url("**/path/values/")
    page.route("**/save/", lambda route: route.abort())
    page.locator("#answer").press_sequentially("Not sent")
    told(page, "Kept on this device")
    page.goto("/me/")
    page.unroute("**/save/")
    assert page.evaluate(KEPT) == 1
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: not url.endswith("/me/"))
    assert page.evaluate(KEPT) == 0
    assert written(alone, at, "values") == "Not sent"


def test_the_caret_stays_where_it_was_when_another_window_joins(alone, at, visit):
    page, other = visit(alone), visit(alone)
    for each in (page, other):
        each.goto("/path/life/")
    other.locator("#answer").fill("From elsewhere.")
    told(other, "as you type")
    box = page.locator("#answer")
    box.press_sequentially("Mine, written here.")
    told(page, "in another window")
    box.press_sequentially(" And on.")
    told(page, "as you type")
    assert written(alone, at) == "From elsewhere.\n\nMine, written here. And on."


def test_without_a_script_one_reads_and_answers(alone, at, visit, accessible):
    page = visit(alone, width=390, scripts=False)
    page.goto("/path/")
    page.get_by_role("link", name="To the first question").click()
    page.get_by_label("What does a good day look like?").fill("A slow one.")
    page.get_by_role("button", name="Done for now").click()
    page.get_by_text("Kept. You can change it any time.").wait_for()
    page.get_by_text("A slow one.").wait_for()
    page.get_by_role("button", name="Skip, without penalty").click()
    page.get_by_role("link", name="The whole path", exact=True).click()
    assert "answered on" in page.locator("main").inner_text()
    assert written(alone, at) == "A slow one."
