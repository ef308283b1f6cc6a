"""A request to change group from its asking to its undoing: on a phone, with the mouse, with the keyboard alone."""

import datetime as dt

import pytest

from cairn.delivery import actions
from cairn.ledger import actions as ledger_actions
from cairn.programmes import actions as programme_actions
from cairn.programmes.models import Enrolment, GroupPlace, MoveRequest
from tests import standing
from tests.delivery import making
from tests.gathering import gather

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the moment of the tests."""
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: at)


@pytest.fixture
def gathering(world, at):
    """24 people in three groups that meet, one of them with a one-to-one that has a date."""
    return standing.scene("24 people in groups", lambda: gather_in_groups(world, at))


def gather_in_groups(world, at):
    found = gather(world, 24, 3)
    by = {"by": world.halina, "at": at}
    ledger_actions.open_entitlements(enrolments=found.people, **by)
    proposal = actions.propose_groups(cohort=found.cohort, **by)
    actions.adopt_grouping(proposal=proposal, expected_version=1, from_on=at.date(), **by)
    for number in (1, 2, 3):
        group = found.cohort.groups.get(number=number)
        for week in range(3):
            first = dt.datetime(2027, 3, 9, 9 + number)
            actions.add_session(
                cohort=found.cohort, kind="group", group=group, wall_starts=first + dt.timedelta(weeks=week), **by
            )
    mover = Enrolment.objects.get(pk=found.people[0].pk)
    undated = mover.sessions.filter(state="undated").earliest("position")
    making.date(undated, dt.datetime(2027, 3, 18, 15), **by)
    return found


def number_of(enrolment):
    return GroupPlace.objects.get(enrolment=enrolment, to_on=None).group.number


def test_a_coachee_asks_on_a_phone_and_a_coordinator_approves_and_takes_back(
    world, gathering, visit, shoot, accessible
):
    mover = gathering.people[0]
    was = number_of(mover)
    phone = visit(mover.person, width=390)
    phone.goto("/home/")
    phone.get_by_role("link", name="Would another group or coach suit you better?").click()
    accessible(phone)
    shoot(phone, "move-ask")
    phone.get_by_label("Another group; the coach does not matter").check()
    phone.get_by_role("button", name="Ask the programme team").click()
    phone.get_by_text("The programme team looks for the best way.").wait_for()
    accessible(phone)
    shoot(phone, "move-waits")

    page = visit(world.halina)
    page.goto("/requests/")
    page.get_by_role("link", name="Changes of group").click()
    accessible(page)
    shoot(page, "moves")
    page.get_by_role("link", name=mover.person.name, exact=True).click()
    accessible(page)
    shoot(page, "move-request")
    assert page.get_by_label("From this day on").input_value() == "2027-03-10"
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("button", name="Approve this").or_(page.get_by_role("button", name="more and approve")).wait_for()
    accessible(page)
    shoot(page, "move-effects")
    page.get_by_role("button", name="approve").click()
    page.get_by_text(f"Approved for {mover.person.name}.").wait_for()
    assert number_of(mover) != was
    shoot(page, "move-approved")

    now = Enrolment.objects.select_related("engagement__person").get(pk=mover.pk)
    coach = visit(now.engagement.person)
    coach.goto("/coachees/")
    coach.get_by_role("link", name=mover.person.name, exact=True).click()
    coach.get_by_role("link", name="Ask for another group").click()
    accessible(coach)
    shoot(coach, "move-coach")
    phone.goto("/home/")
    phone.get_by_role("link", name="See what changes").click()
    phone.get_by_text(f"with {now.engagement.person.name} for the group and one-to-one").wait_for()
    accessible(phone)
    shoot(phone, "move-answer")

    page.get_by_role("link", name=mover.person.name, exact=True).click()
    accessible(page)
    shoot(page, "move-answered")
    page.get_by_role("button", name="Take this back").click()
    page.get_by_text("Taken back: seats, coaches, sessions and minutes are as before.").wait_for()
    assert (number_of(mover), MoveRequest.objects.get().state) == (was, "undone")


def test_the_keyboard_alone_answers_and_no_script_is_needed(world, gathering, at, visit, accessible):
    mover = gathering.people[0]
    request = programme_actions.ask_to_move(enrolment=mover, wish="coach", by=mover.person, at=at)
    page = visit(world.halina, scripts=False)
    page.goto(f"/requests/moves/{request.pk}/")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Show what it would do").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="approve").focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"Approved for {mover.person.name}.").wait_for()
    request.refresh_from_db()
    assert request.state == "approved"

    other = programme_actions.ask_to_move(
        enrolment=gathering.people[1], wish="coach", by=gathering.people[1].person, at=at
    )
    page.goto(f"/requests/moves/{other.pk}/")
    page.get_by_role("button", name="Answer that it cannot be met").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Answered. Whoever asked is told by mail.").wait_for()
    other.refresh_from_db()
    assert other.state == "declined"
