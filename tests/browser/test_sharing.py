"""Shared on a phone, read by the coach, seen to have been read, withdrawn; then the coach finds nothing."""

import re

import pytest

from cairn.foundation import clock
from cairn.journey import actions
from cairn.journey.models import Share
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "I call the mornings stolen. From whom?"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The moment of the cast."""
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


def test_shared_read_seen_to_be_read_and_withdrawn(world, visit, shoot, accessible):
    entry = actions.write_entry(text=WORDS, title="A week without", by=world.thandiwe, at=cast.AT)
    actions.write_note(about_id=world.thandiwe.pk, text="Bring the list.", is_shared=True, by=world.ioana, at=cast.AT)
    phone = visit(world.thandiwe, width=390)
    phone.goto(f"/sharing/entry/{entry.pk}/")
    phone.get_by_text("Only you").wait_for()
    accessible(phone)
    phone.get_by_label("Ioana Pop, your coach").check()
    phone.get_by_role("button", name="Share", exact=True).click()
    phone.get_by_text("You and Ioana Pop until 2 June 2027").wait_for()
    phone.get_by_text("Nobody but you.").wait_for()

    coach = visit(world.ioana)
    coach.goto(f"/coachees/{world.enrolments['thandiwe'].pk}/")
    coach.get_by_role("link", name="What they share").click()
    coach.get_by_role("heading", name="Shared with you").wait_for()
    assert WORDS not in coach.content()
    accessible(coach)
    shoot(coach, "beside")
    coach.get_by_role("link", name=re.compile("Journal entry")).click()
    coach.get_by_text(WORDS).wait_for()
    accessible(coach)
    shoot(coach, "beside-entry")
    read_at = coach.url

    phone.goto("/sharing/")
    phone.get_by_text("Ioana Pop: Journal entry").wait_for()
    phone.get_by_text("Bring the list.").wait_for()
    accessible(phone)
    shoot(phone, "sharing")
    phone.get_by_role("link", name="See it as Ioana Pop does").click()
    phone.get_by_role("heading", name="As Ioana Pop sees it").wait_for()
    accessible(phone)
    phone.goto(f"/sharing/entry/{entry.pk}/")
    phone.get_by_text("3 March 2027, 09:00").wait_for()
    phone.get_by_role("button", name="Withdraw now").click()
    phone.get_by_text("Nothing is shared with anybody.").wait_for()
    assert Share.objects.get().withdrawn_at == cast.AT

    assert coach.goto(read_at).status == 404
    coach.goto(f"/beside/{world.thandiwe.pk}/")
    coach.get_by_text("Nothing is shared now.").wait_for()
    coach.goto(f"/beside/{world.thandiwe.pk}/pick/")
    coach.get_by_role("button", name=re.compile("Pick this question")).first.click()
    coach.get_by_role("heading", name="Picked for next time").wait_for()
    accessible(coach)
