import datetime as dt

import pytest

from cairn.foundation.models import MailMessage
from cairn.journey import actions, queries
from cairn.journey.models import Answer, Walk
from tests import cast

NINE = dt.datetime(2027, 3, 3, 9, 0, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def choose(world):
    """What somebody chooses at nine in London."""

    def with_(who="thandiwe", pace="never", steps=False, look_backs=False):
        actions.set_rhythm(pace=pace, remind_steps=steps, remind_look_backs=look_backs, by=world.people[who], at=NINE)

    return with_


def send(at):
    return actions.send_due(address="https://cairn.example", at=at)


def bodies():
    return list(MailMessage.objects.order_by("pk").values_list("body", flat=True))


def look_back(who, on):
    walk = Walk.objects.create(person=who, path="cairn", path_version=1, begun_at=NINE)
    return Answer.objects.create(
        person=who,
        walk=walk,
        question="x",
        state="answered",
        sealed=b"x",
        saved_at=NINE,
        answered_at=NINE,
        look_back_on=on,
    )


def test_nobody_hears_anything_unasked(world):
    actions.add_step(text="x", due_on=NINE.date(), by=world.thandiwe, at=NINE)
    look_back(world.thandiwe, NINE.date())
    assert queries.rhythm(world.thandiwe) == queries.OwnRhythm()
    assert send(NINE) == 0


@pytest.mark.parametrize(
    ("pace", "days"),
    [("weekly", [10, 17, 24]), ("fortnightly", [17, 31]), ("monthly", [34, 64])],
)
def test_a_nudge_comes_at_its_pace_and_once_a_day(choose, pace, days):
    choose(pace=pace)
    came = []
    for day in range(3, 66):
        at = NINE + dt.timedelta(days=day - 3)
        came += [day] * (send(at) + send(at + dt.timedelta(hours=1)))
    assert came[: len(days)] == days


def test_a_month_ends_where_it_ends():
    assert actions.rhythm._after(dt.date(2027, 1, 31), "monthly") == dt.date(2027, 2, 28)
    assert actions.rhythm._after(dt.date(2027, 12, 31), "monthly") == dt.date(2028, 1, 31)


def test_it_comes_in_the_morning_of_ones_own_zone(world, choose):
    choose("xiuying", "weekly")  # in Auckland, thirteen hours ahead
    due = dt.datetime(2027, 3, 10, tzinfo=dt.UTC)
    came = [hour for hour in range(-24, 24) if send(due + dt.timedelta(hours=hour))]
    assert [(due + dt.timedelta(hours=hour)).astimezone(world.xiuying.zone).hour for hour in came] == [8]


def test_the_mail_holds_no_word_of_theirs_and_the_way_to_change_it(world, choose):
    choose(pace="weekly", steps=True, look_backs=True)
    actions.add_step(text="LEAK-step", due_on=(NINE + WEEK).date(), by=world.thandiwe, at=NINE)
    look_back(world.thandiwe, (NINE + WEEK).date())
    send(NINE + WEEK)
    [body] = bodies()
    assert "LEAK" not in body
    assert "one question is waiting" in body
    assert "One of your steps has its day:" in body
    assert "look back on one of your answers" in body
    assert "https://cairn.example/rhythm/" in body
    assert MailMessage.objects.get().subject == "One question is waiting"


def test_a_step_may_ask_to_be_reminded_of_by_itself(world):
    for text, remind in (("with", True), ("without", False)):
        actions.add_step(text=text, due_on=NINE.date(), remind=remind, by=world.thandiwe, at=NINE)
    assert send(NINE) == 1
    assert MailMessage.objects.get().subject == "You asked to be reminded"
    assert send(NINE + dt.timedelta(days=1)) == 0


def test_what_is_done_or_looked_back_on_is_not_mailed(world, choose):
    choose(steps=True, look_backs=True)
    step = actions.add_step(text="x", due_on=NINE.date(), by=world.thandiwe, at=NINE)
    actions.finish_step(step_id=step.pk, by=world.thandiwe, at=NINE)
    answer = look_back(world.thandiwe, NINE.date())
    Answer.objects.filter(pk=answer.pk).update(looked_back_at=NINE)
    assert send(NINE) == 0


def test_a_step_that_is_moved_is_reminded_of_on_its_new_day(world, choose):
    choose(steps=True)
    step = actions.add_step(text="x", due_on=NINE.date(), by=world.thandiwe, at=NINE)
    assert send(NINE) == 1
    actions.move_step(step_id=step.pk, due_on=(NINE + WEEK).date(), by=world.thandiwe, at=NINE)
    assert (send(NINE + dt.timedelta(days=1)), send(NINE + WEEK)) == (0, 1)


def test_a_missed_morning_is_made_up_for_but_not_a_missed_week(world, choose):
    choose(steps=True, look_backs=True)
    actions.add_step(text="x", due_on=NINE.date(), by=world.thandiwe, at=NINE)
    look_back(world.part, NINE.date())
    choose("part", look_backs=True)
    assert send(NINE + dt.timedelta(days=1)) == 2
    look_back(world.siobhan, NINE.date())
    choose("siobhan", look_backs=True)
    assert send(NINE + WEEK) == 0


@pytest.mark.parametrize("jump", [1, 2, 3, 400])
def test_a_clock_that_jumps_sends_nothing_twice(world, choose, jump):
    choose(pace="weekly", steps=True, look_backs=True)
    due = NINE + WEEK
    actions.add_step(text="x", due_on=due.date(), by=world.thandiwe, at=NINE)
    look_back(world.thandiwe, due.date())
    send(due)
    ahead = send(due + dt.timedelta(days=jump))
    for day in range(1, 6):
        assert send(due - dt.timedelta(days=2) + dt.timedelta(days=day)) == 0, day
    assert ahead == (1 if jump == 400 else 0)


def test_after_a_clock_ran_far_ahead_nudges_come_again(world, choose):
    choose(pace="weekly")
    assert send(NINE + dt.timedelta(days=400)) == 1
    assert [day for day in range(20) if send(NINE + dt.timedelta(days=day))] == [7, 14]


def test_a_reminder_that_a_fast_clock_sent_early_is_not_sent_again(world, choose):
    choose(look_backs=True)
    look_back(world.thandiwe, NINE.date())
    assert (send(NINE + dt.timedelta(days=2)), send(NINE), send(NINE + dt.timedelta(days=1))) == (1, 0, 0)


def test_whoever_is_not_active_any_more_hears_nothing(world, choose):
    choose(pace="weekly")
    world.thandiwe.is_active = False
    world.thandiwe.save(update_fields=["is_active"])
    assert send(NINE + WEEK) == 0


def test_the_same_pace_chosen_again_goes_on_and_another_begins_anew(world, choose):
    choose(pace="weekly")
    actions.set_rhythm(
        pace="weekly", remind_steps=True, remind_look_backs=False, by=world.thandiwe, at=NINE + dt.timedelta(days=5)
    )
    own = queries.rhythm(world.thandiwe)
    assert (own.next_nudge_on, own.remind_steps) == (dt.date(2027, 3, 10), True)
    choose(pace="never")
    assert queries.rhythm(world.thandiwe).next_nudge_on is None


@pytest.mark.parametrize("rows", [1, 3])
def test_a_morning_with_nobody_to_mail_costs_two_queries(world, django_assert_num_queries, rows):
    for number in range(rows):
        someone = cast.person(f"p{number}@example.org", "P")
        actions.set_rhythm(pace="weekly", remind_steps=True, remind_look_backs=True, by=someone, at=NINE)
    with django_assert_num_queries(2):
        send(NINE)


def test_whoever_erased_everything_hears_nothing(world, choose):
    choose(pace="weekly", steps=True, look_backs=True)
    actions.add_step(text="x", due_on=(NINE + WEEK).date(), remind=True, by=world.thandiwe, at=NINE)
    look_back(world.thandiwe, (NINE + WEEK).date())
    actions.erase_everything(by=world.thandiwe, at=NINE)
    assert send(NINE + WEEK) == 0
