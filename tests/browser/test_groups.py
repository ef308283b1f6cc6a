import re

import pytest

from cairn.ledger import actions as ledger_actions
from cairn.programmes import actions
from cairn.programmes.models import GroupingProposal, GroupPlace
from tests import standing
from tests.gathering import ask_gender, gather

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the moment of the tests."""
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: at)


@pytest.fixture
def gathering(world, at):
    """53 people, five coaches, a gender question, some rules."""
    return standing.scene("53 people to group", lambda: gather_with_rules(world, at))


def gather_with_rules(world, at):
    found = gather(world, 53, 5)
    ask_gender(found)
    by = {"by": world.halina, "at": at}
    ledger_actions.open_entitlements(enrolments=found.people, **by)
    people = found.people
    actions.add_pair_rule(cohort=found.cohort, first=people[0], second=people[4], rule="apart", **by)
    actions.add_pair_rule(cohort=found.cohort, first=people[8], second=people[9], rule="together", **by)
    actions.declare_conflict(engagement=found.coaches[1], enrolment=people[0], **by)
    actions.set_opt_out(enrolment=people[20], opts_out=True, **by)
    ledger_actions.commission(engagement=found.coaches[0], minutes={"one_to_one": 2100}, **by)
    return found


def groups(gathering):
    return f"/cohorts/{gathering.cohort.pk}/groups/"


def seat(page, name):
    return page.locator(".seats > li", has=page.locator("bdi", has_text=name)).first


def number_of(page, name):
    return int(seat(page, name).locator("xpath=ancestor::section[1]").get_attribute("data-group"))


def score(page):
    return float(page.locator(".score b").inner_text())


def test_a_coordinator_forms_groups_by_menu_keyboard_and_mouse(world, gathering, at, visit, shoot, accessible):
    page = visit(world.halina)
    page.goto(groups(gathering))
    accessible(page)
    shoot(page, "groups-start")
    page.get_by_role("button", name="Propose groups").click()
    page.locator("[data-board]").wait_for()
    assert page.locator(".seats > li").count() == 52
    accessible(page)
    shoot(page, "groups-board")
    best = score(page)

    # the menu
    page.locator(".toast").get_by_role("button", name="Close").click()
    mover = seat(page, "Chukwuemeka Eze")
    mover.locator("summary").click()
    mover.locator(".menu__list form").first.wait_for()
    accessible(page)
    shoot(page, "groups-menu")
    was = number_of(page, "Chukwuemeka Eze")
    mover.locator(".menu__list form[data-to] button").first.click()
    page.get_by_text(re.compile("Chukwuemeka Eze moved to group")).wait_for()
    assert number_of(page, "Chukwuemeka Eze") != was
    assert score(page) <= best
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back.").wait_for()
    assert (number_of(page, "Chukwuemeka Eze"), score(page)) == (was, best)

    # the keyboard
    zofia = seat(page, "Zofia Wójcik")
    was = number_of(page, "Zofia Wójcik")
    zofia.locator("bdi").focus()
    page.keyboard.press("Space")
    page.locator(".group__hint", has_text="→").first.wait_for()
    page.keyboard.press("ArrowRight" if was < 5 else "ArrowLeft")
    there = was + 1 if was < 5 else was - 1
    page.locator(".group.is-over").wait_for()
    shoot(page, "groups-carry")
    page.keyboard.press("Escape")
    assert page.locator(".is-held, .group__hint").count() == 0
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight" if was < 5 else "ArrowLeft")
    page.keyboard.press("Space")
    page.get_by_text(re.compile("Zofia Wójcik moved to group")).wait_for()
    assert number_of(page, "Zofia Wójcik") == there
    page.wait_for_function("document.activeElement.textContent === 'Zofia Wójcik'")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('.seats > li') !== null")

    # the mouse
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back.").wait_for()
    was = number_of(page, "Bjørk Jónsdóttir")
    target = page.locator(f'[data-group="{1 if was != 1 else 2}"]')
    seat(page, "Bjørk Jónsdóttir").locator("bdi").hover()
    page.mouse.down()
    target.locator("header").hover()
    page.locator(".group__hint", has_text="→").first.wait_for()
    target.locator("header").hover(position={"x": 20, "y": 20})
    page.mouse.up()
    page.get_by_text(re.compile("Bjørk Jónsdóttir moved to group")).wait_for()
    assert number_of(page, "Bjørk Jónsdóttir") == (1 if was != 1 else 2)

    # pins, and another proposal that keeps them
    bjork = seat(page, "Bjørk Jónsdóttir")
    bjork.locator("summary").click()
    bjork.get_by_role("button", name="Pin here").click()
    page.get_by_text("Bjørk Jónsdóttir is pinned here.").wait_for()
    held = number_of(page, "Bjørk Jónsdóttir")
    page.get_by_role("button", name="Propose again").click()
    page.get_by_text("Proposed. Nothing holds until you adopt it.").wait_for()
    assert number_of(page, "Bjørk Jónsdóttir") == held
    assert seat(page, "Bjørk Jónsdóttir").get_attribute("class") == "pinned"
    page.get_by_text("The proof, as a table").click()
    accessible(page)
    shoot(page, "groups-proof")

    # why
    page.goto(f"{groups(gathering)}options/{gathering.people[0].pk}/")
    assert page.get_by_text("must not be coached by").count() >= 1
    accessible(page)
    shoot(page, "groups-person")

    # adopt
    page.goto(groups(gathering))
    page.get_by_role("link", name="Adopt these groups").click()
    accessible(page)
    shoot(page, "groups-adopt")
    page.get_by_role("button", name=re.compile("adopt", re.I)).click()
    page.get_by_text("Adopted. 53 people have a coach now.").wait_for()
    assert GroupPlace.objects.filter(group__cohort=gathering.cohort).count() == 52
    accessible(page)
    shoot(page, "groups-adopted")


def test_everything_works_without_a_script(world, gathering, at, visit):
    page = visit(world.halina, scripts=False)
    page.goto(groups(gathering))
    page.get_by_role("button", name="Propose groups").click()
    row = page.locator(".seats > li", has_text="Bjørk")
    name = row.locator("bdi").inner_text()
    row.locator("summary").click()
    row.get_by_role("link").click()
    page.get_by_role("button", name="→").first.click()
    assert page.get_by_text(re.compile(f"{re.escape(name)} moved to group")).is_visible()
    page.get_by_role("button", name="Undo the last move").click()
    assert page.get_by_text("Taken back.").is_visible()


def test_a_large_cohort_is_seen_to_finish(world, at, visit, shoot, accessible):
    gathering = gather(world, 85, 8)
    page = visit(world.halina)
    page.goto(groups(gathering))
    page.get_by_role("button", name="Propose groups").click()
    page.get_by_role("heading", name="Groups are being worked out").wait_for()
    accessible(page)
    shoot(page, "groups-working")
    actions.work_out_groups(proposal_id=GroupingProposal.objects.get().pk, at=at)
    page.locator("[data-board]").wait_for()
    assert page.locator(".seats > li").count() == 85


def test_rules_and_refusals(world, gathering, at, visit, shoot, accessible):
    page = visit(world.halina)
    page.goto(f"{groups(gathering)}rules/")
    accessible(page)
    shoot(page, "groups-rules")
    for held in gathering.coaches:
        if held != gathering.coaches[1]:
            actions.declare_conflict(engagement=held, enrolment=gathering.people[0], by=world.halina, at=at)
    page.goto(groups(gathering))
    page.get_by_role("button", name="Propose groups").click()
    page.get_by_text("Aoife Brennan cannot be placed").wait_for()
    accessible(page)
    shoot(page, "groups-impossible")


def test_two_hundred_groups_come_as_they_are_looked_at(world, at, visit, shoot, accessible):
    gathering = gather(world, 96, 24)
    type(gathering.cohort).objects.filter(pk=gathering.cohort.pk).update(group_cap=20)
    gathering.cohort.refresh_from_db()
    made = actions.propose_groups(
        cohort=gathering.cohort, group_coaches={held.pk: 1 for held in gathering.coaches}, by=world.halina, at=at
    )
    actions.work_out_groups(proposal_id=made.pk, at=at)
    made.refresh_from_db()
    page = visit(world.halina)
    page.goto(groups(gathering))
    assert page.locator("[data-group]").count() < 24
    while page.locator("[data-group]").count() < 24:
        page.locator("[data-more]").scroll_into_view_if_needed()
        page.wait_for_timeout(100)
    person = next(each for each in gathering.people if made.assignment[str(each.pk)][1] == 1)
    page.locator(f"#p{person.pk} bdi").focus()
    page.keyboard.press("Space")
    page.locator(f"#p{person.pk}.is-held").wait_for()
    for _step in range(23):
        page.keyboard.press("ArrowRight")
    last = page.locator('[data-group="24"]')
    last.locator(".group__hint", has_text="→").wait_for()
    page.keyboard.press("Space")
    page.get_by_text(re.compile("moved to group 24")).wait_for()
    page.get_by_label("Find somebody").fill(person.person.name)
    page.get_by_role("button", name="Find", exact=True).click()
    page.wait_for_function("document.location.hash.startsWith('#p') || document.title.startsWith('Find')")
    accessible(page)
    shoot(page, "groups-found")


def test_a_coordinator_sees_what_rules_cost(world, gathering, at, visit, shoot, accessible):
    actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
    page = visit(world.halina, scripts=False)
    page.goto(groups(gathering))
    page.get_by_role("button", name="What do the rules cost?").click()
    page.get_by_role("heading", name="Rules and what each costs").wait_for()
    assert page.locator(".rows__aside", has_text=re.compile("^costs ")).count() > 3
    page = visit(world.halina)
    page.goto(groups(gathering))
    accessible(page)
    shoot(page, "groups-prices")
