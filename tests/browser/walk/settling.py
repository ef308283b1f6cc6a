"""The quarter's invoice: drafted, issued, questioned, answered, approved, paid."""

from playwright.sync_api import Page

from tests.browser.walk.doing import Walk, box, said


def lines_of(page: Page) -> list[str]:
    """The lines of an invoice as they stand on the page: date, what, minutes, amount."""
    rows = page.locator("main table tbody tr").all()
    return [" | ".join(" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()) for row in rows]


def draft(walk: Walk, page: Page) -> list[str]:
    """The coach opens the quarter's draft. Returns its lines and sums."""
    page.goto("/invoices/")
    walk.see(page)
    page.get_by_role("button", name="Draft").first.click()
    page.get_by_role("heading", name="Draft invoice, not issued").wait_for()
    walk.see(page, "draft")
    return lines_of(page)


def issue(page: Page, number: str) -> None:
    """Under the coach's own number."""
    box(page, "Your invoice number").fill(number)
    page.get_by_role("button", name="Issue this invoice").click()
    said(page, "Sent to the coordinator.")


def query(walk: Walk, page: Page, number: str, text: str) -> None:
    """The coordinator asks before approving."""
    page.goto("/invoices/to-approve/")
    walk.see(page)
    page.get_by_role("link", name=number).click()
    page.get_by_role("textbox").fill(text)
    page.get_by_role("button", name="Ask the coach").click()
    said(page, "Sent to the coach.")


def answer(walk: Walk, page: Page, text: str) -> None:
    """The coach answers, which issues the invoice again."""
    page.goto("/invoices/")
    page.get_by_role("link", name="4 Jan 2027").click()
    box(page, "Your answer").fill(text)
    walk.see(page)
    page.get_by_role("button", name="Answer").click()
    said(page, "Sent to the coordinator.")


def approve_and_settle(walk: Walk, page: Page, number: str) -> None:
    """Approved for payment, then paid."""
    page.goto("/invoices/to-approve/")
    page.get_by_role("link", name=number).click()
    walk.see(page)
    page.get_by_role("button", name="Approve for payment").click()
    said(page, "Approved for payment.")
    walk.see(page, "approved")
    page.get_by_role("button", name="It has been paid").click()
    said(page, "Settled.")
