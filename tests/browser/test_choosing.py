import datetime as dt

import pytest

from cairn.ledger import actions as ledger_actions
from cairn.programmes.models import Cohort, GroupPlace, GroupSlot, SlotChoice
from tests import standing
from tests.gathering import gather
from tests.programmes import choosing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def now(monkeypatch, at):
    """The doors' clock, moved on by hand."""
    moment = {"at": at}
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: moment["at"])
    return moment


@pytest.fixture
def gathering(world, at):
    """12 people and two coaches; people choose by rank."""
    return standing.scene("12 people who choose", lambda: gather_to_choose(world, at))


def gather_to_choose(world, at):
    found = gather(world, 12, 2)
    choosing.open_up(found.cohort, group_cap=7, coaching_styles=["quiet", "brisk"])
    ledger_actions.open_entitlements(enrolments=found.people, by=world.halina, at=at)
    return found


def order(page):
    """Times as they stand, with their numbers."""
    rows = page.locator("[data-wishes] > li").all()
    return [(row.locator("strong").inner_text(), row.locator("input[type=number]").input_value()) for row in rows]


def test_a_group_is_chosen_from_the_first_offer_to_its_timetable(world, gathering, now, at, visit, shoot, accessible):
    # a coach offers two times
    coach = gathering.coaches[0]
    page = visit(coach.person)
    page.goto(f"/engagements/{coach.pk}/")
    page.get_by_role("link", name="Times for groups").click()
    for day, time in (("Tuesday", "16:00"), ("Thursday", "09:00")):
        page.get_by_label("Day of the week").select_option(day)
        page.get_by_label("Begins at").fill(time)
        page.get_by_label("Link or place").fill("https://meet.example/room")
        page.get_by_role("button", name="Offer this time").click()
        page.get_by_text("Offered. People see it").wait_for()
    page.get_by_label("brisk").check()
    page.get_by_role("button", name="Keep").click()
    accessible(page)
    shoot(page, "times-coach")

    # the coordinator offers one for the other coach
    page = visit(world.halina)
    page.goto(f"/cohorts/{gathering.cohort.pk}/groups/")
    page.get_by_role("link", name="Times to choose from").click()
    accessible(page)
    page.locator("aside").get_by_role("link", name=gathering.coaches[1].person.name).click()
    page.get_by_label("Day of the week").select_option("Wednesday")
    page.get_by_label("Begins at").fill("18:00")
    page.get_by_role("button", name="Offer this time").click()
    accessible(page)
    page.goto(f"/cohorts/{gathering.cohort.pk}/groups/times/settings/")
    accessible(page)
    shoot(page, "times-settings")

    # a coachee ranks with the keyboard alone, at the width of a phone
    first = gathering.people[0]
    page = visit(first.person, width=390, zone="Pacific/Auckland")
    page.goto("/home/")
    page.get_by_role("link", name="See the times").click()
    accessible(page)
    up = page.get_by_role("button", name="Up Wednesdays, 18:00 to 19:30")
    up.focus()
    page.keyboard.press("Enter")
    page.get_by_text("Wednesdays, 18:00 to 19:30 is number 1.").wait_for()
    page.get_by_role("button", name="Up Thursdays, 09:00 to 10:30").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert order(page) == [
        ("Thursdays, 09:00 to 10:30", "1"),
        ("Wednesdays, 18:00 to 19:30", "2"),
        ("Tuesdays, 16:00 to 17:30", ""),
    ]
    page.get_by_role("button", name="Keep this order").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Kept. You can change it until choosing closes.").wait_for()
    assert [number for _when, number in order(page)] == ["1", "2", ""]
    shoot(page, "times-rank")

    # another drags
    page = visit(gathering.people[1].person)
    page.goto(f"/choose/{gathering.people[1].pk}/")
    rows = page.locator("[data-wishes] > li")
    rows.nth(2).drag_to(rows.nth(0), target_position={"x": 100, "y": 4})
    assert [number for _when, number in order(page)] == ["1", "", ""]
    page.get_by_role("button", name="Keep this order").click()
    page.get_by_text("Kept.", exact=False).first.wait_for()
    assert SlotChoice.objects.filter(enrolment=gathering.people[1], rank=1).count() == 1

    # the coordinator reminds, closes, looks and adopts
    page = visit(world.halina)
    page.goto(f"/cohorts/{gathering.cohort.pk}/groups/times/")
    page.get_by_role("button", name="Remind them").click()
    page.get_by_text("10 mails are on their way.").wait_for()
    accessible(page)
    shoot(page, "times-overview")
    page.get_by_role("button", name="Close and settle now").click()
    page.locator("[data-board]").wait_for()
    assert page.locator(".seats > li").count() == 12
    page.get_by_role("link", name="Adopt these groups").click()
    page.locator("main form button.btn--main").click()
    page.get_by_text("Adopted.").wait_for()
    assert GroupPlace.objects.filter(group__cohort=gathering.cohort).count() == 12

    # and the timetable begins from the chosen time
    given = GroupSlot.objects.filter(group__isnull=False).select_related("group").order_by("pk").first()
    page.goto(f"/cohorts/{gathering.cohort.pk}/timetable/plan/?for={given.group_id}")
    assert page.get_by_label("Begins at").input_value()[:5] == f"{given.starts:%H:%M}"
    page.goto(f"/cohorts/{gathering.cohort.pk}/groups/times/")
    accessible(page)
    shoot(page, "times-closed")


def test_seats_are_taken_and_waited_for_on_a_phone_without_a_script(
    world, gathering, now, at, visit, shoot, accessible
):
    Cohort.objects.filter(pk=gathering.cohort.pk).update(choosing="pick", group_cap=2, group_minimum=1)
    slots = [choosing.slot(held, 2 + number) for number, held in enumerate(gathering.coaches)]
    SlotChoice.objects.bulk_create(
        SlotChoice(slot=slots[0], enrolment=each, state="seated", said_at=at) for each in gathering.people[4:6]
    )
    page = visit(gathering.people[0].person, width=390, scripts=False)
    page.goto(f"/choose/{gathering.people[0].pk}/")
    page.get_by_role("button", name="Take a seat Wednesdays").click()
    page.get_by_text("The seat is yours.", exact=False).first.wait_for()
    page.get_by_role("button", name="Wait for a seat Tuesdays").click()
    page.get_by_text("You wait for a seat here.").wait_for()

    page = visit(gathering.people[0].person, width=390)
    page.goto(f"/choose/{gathering.people[0].pk}/")
    accessible(page)
    shoot(page, "times-pick")
    now["at"] = at + dt.timedelta(minutes=1)
    other = visit(gathering.people[4].person)
    other.goto(f"/choose/{gathering.people[4].pk}/")
    other.get_by_role("button", name="Give it back").click()
    other.get_by_text("Your seat is free again.").wait_for()
    page.reload()
    row = page.locator(".rows--times > li.is-mine")
    assert "Tuesdays" in row.inner_text()


def test_in_mixed_groups_people_say_when_they_cannot_come(world, gathering, now, visit, shoot, accessible):
    Cohort.objects.filter(pk=gathering.cohort.pk).update(group_mode="mixed")
    for number, held in enumerate(gathering.coaches):
        choosing.slot(held, 2 + number)
    page = visit(gathering.people[0].person, width=390)
    page.goto(f"/choose/{gathering.people[0].pk}/")
    page.get_by_label("Tuesdays, 16:00").check()
    page.get_by_role("button", name="Keep").first.click()
    page.get_by_text("Kept. You can change it", exact=False).first.wait_for()
    assert page.get_by_label("Tuesdays, 16:00").is_checked()
    accessible(page)
    shoot(page, "times-when")
