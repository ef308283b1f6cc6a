import re

import pytest

from cairn.foundation.models import MailMessage

pytestmark = pytest.mark.django_db(transaction=True)


def test_somebody_signs_in_with_a_code_from_their_mail(world, visit, shoot, accessible):
    page = visit()
    page.goto("/")
    accessible(page)
    shoot(page, "welcome")
    page.get_by_role("link", name="Sign in").click()
    accessible(page)
    shoot(page, "sign-in")
    page.get_by_label("E-mail address").first.fill("thandiwe@example.org")
    page.get_by_role("button", name="Send me a sign-in code").click()
    accessible(page)
    shoot(page, "sign-in-code")
    code = re.search(r"^([A-Z0-9-]{6,9})$", MailMessage.objects.get().body, re.MULTILINE)[1]
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()
    page.goto("/me/")
    assert page.get_by_role("heading", level=1).inner_text() == "Thandiwe Ndlovu"
    accessible(page)
    shoot(page, "me")


def test_an_unknown_address_learns_nothing(world, visit):
    page = visit()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").first.fill("nobody@example.org")
    page.get_by_role("button", name="Send me a sign-in code").click()
    assert page.get_by_label("Code").is_visible()


def test_a_journal_is_written_read_changed_and_taken_away(world, visit, shoot, accessible):
    page = visit(world.thandiwe)
    page.goto("/journal/")
    accessible(page)
    page.get_by_label("What is on your mind").fill("The week I did not check my inbox.")
    page.get_by_role("button", name="Done for now").click()
    accessible(page)
    shoot(page, "journal")
    page.get_by_role("link", name="The week I did not check my inbox.").click()
    accessible(page)
    page.get_by_label("What is on your mind").fill("Better said.")
    page.get_by_role("button", name="Done for now").click()
    page.get_by_role("link", name="Better said.").click()
    page.get_by_text("Take this entry away").click()
    page.get_by_role("button", name="Take it away for good").click()
    assert page.get_by_text("Nothing here yet.").is_visible()


@pytest.mark.parametrize("path", ["/me/details/", "/who-sees-what/", "/organisation/", "/accounts/2fa/"])
def test_quiet_pages_are_accessible(world, visit, accessible, shoot, path):
    page = visit(world.otto)
    page.goto(path)
    accessible(page)
    shoot(page, path.strip("/").replace("/", "-"))
