"""What somebody needs: asked for on a phone by keyboard, answered at a desk, arranged on the coach's page."""

import datetime as dt

import pytest

from cairn.foundation import clock
from cairn.programmes.models import Adjustment, Enrolment
from tests import cast
from tests.browser.walk.hands import tab_to
from tests.web import running

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "A seat near the door, in my own words"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The moment of the cast."""
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


def test_asked_by_keyboard_on_a_phone_agreed_at_a_desk_and_read_by_the_coach(world, visit, shoot, accessible):
    coming = running.group_session(world, cast.AT + dt.timedelta(hours=2))
    phone = visit(world.thandiwe, width=390)
    phone.goto("/home/")
    link = phone.get_by_role("link", name="Do you need something arranged differently?")
    tab_to(link)
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="What you need").wait_for()
    accessible(phone)
    shoot(phone, "adjustments-ask")

    tab_to(phone.get_by_label("the camera off"))
    phone.keyboard.press("Space")
    tab_to(phone.get_by_label("Something else that is needed"))
    phone.keyboard.type(SECRET)
    tab_to(phone.get_by_role("button", name="Ask for this"))
    phone.keyboard.press("Enter")
    phone.get_by_text("Asked. A coordinator answers").wait_for()
    assert sorted(Adjustment.objects.values_list("need", "other")) == [("camera_off", ""), ("other", SECRET)]

    desk = visit(world.halina)
    desk.goto("/requests/")
    desk.get_by_role("link", name="Adjustments").click()
    desk.get_by_role("heading", name="Waiting for an answer").wait_for()
    accessible(desk)
    shoot(desk, "adjustments-waiting")
    desk.get_by_role("link", name="Answer Thandiwe Ndlovu, the camera off").click()
    desk.get_by_role("button", name="Agree").wait_for()
    assert desk.get_by_label("Everybody in the group reads").input_value() == "Cameras may be off in this group."
    accessible(desk)
    shoot(desk, "adjustments-answer")
    desk.get_by_role("button", name="Agree").click()
    desk.get_by_text("Agreed for Thandiwe Ndlovu.").wait_for()
    desk.get_by_role("link", name="Answer Thandiwe Ndlovu, something else").click()
    desk.get_by_label("The coach reads").fill("Keep a chair free by the door.")
    desk.get_by_label("Something is to be done after each session").check()
    desk.get_by_role("button", name="Agree").click()
    desk.get_by_text("Nothing waits").wait_for()
    accessible(desk)
    shoot(desk, "adjustments-answered")

    coach = visit(world.ioana)
    for name, url in (
        ("today", "/today/"),
        ("session", f"/coach/sessions/{coming.pk}/"),
        ("coachee", f"/coachees/{world.enrolments['thandiwe'].pk}/"),
    ):
        coach.goto(url)
        coach.get_by_text("Keep a chair free by the door.").wait_for()
        coach.get_by_text("The camera may be off.").wait_for()
        assert SECRET not in coach.content()
        accessible(coach)
        shoot(coach, f"adjustments-coach-{name}")

    other = visit(world.part, width=390)
    other.goto(f"/sessions/{coming.pk}/")
    other.get_by_text("Cameras may be off in this group.").wait_for()
    assert "Thandiwe" not in other.content()
    assert "chair" not in other.content()
    accessible(other)
    shoot(other, "adjustments-group")

    phone.reload()
    phone.get_by_text("Keep a chair free by the door.").wait_for()
    accessible(phone)
    shoot(phone, "adjustments-read")


def test_one_to_one_is_agreed_undone_and_ended_without_a_script(world, visit, accessible, shoot):
    phone = visit(world.thandiwe, width=390, scripts=False)
    phone.goto(f"/home/adjustments/{world.enrolments['thandiwe'].pk}/")
    phone.get_by_label("one-to-one coaching instead of a group").check()
    phone.get_by_role("button", name="Ask for this").click()

    desk = visit(world.halina, scripts=False)
    desk.goto(f"/cohorts/{world.cohort.pk}/requests/adjustments/")
    desk.get_by_role("link", name="Answer Thandiwe Ndlovu").click()
    desk.get_by_role("button", name="Agree").click()
    desk.get_by_role("button", name="Undo").click()
    desk.get_by_text("Taken back. It waits again.").wait_for()
    desk.get_by_role("button", name="Agree").click()
    assert opts_out(world) is True
    desk.get_by_role("link", name="Thandiwe Ndlovu").first.click()
    desk.get_by_text("Group minutes one-to-one").wait_for()

    phone.reload()
    phone.get_by_text("End this").click()
    phone.get_by_role("button", name="End it now").click()
    phone.get_by_text("Ended.").wait_for()
    assert opts_out(world) is False
    seen = visit(world.halina)
    seen.goto(f"/requests/adjustments/{Adjustment.objects.get().pk}/")
    accessible(seen)
    shoot(seen, "adjustments-ended")
    seen.goto(f"/cohorts/{world.cohort.pk}/people/{world.enrolments['thandiwe'].pk}/adjustments/")
    accessible(seen)
    shoot(seen, "adjustments-person")


def opts_out(world):
    return Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).opts_out_of_groups
