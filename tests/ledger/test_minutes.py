import datetime as dt

import pytest

from cairn.engines.hours import Balance, Position
from cairn.ledger import actions, queries
from cairn.ledger.models import CoachTime, Entitlement, LedgerEntry
from cairn.people.queries import NotFound
from cairn.programmes.models import Adjustment, Enrolment

ON = dt.date(2027, 2, 10)
PLAN = {"source_kind": "test", "source_id": 1, "on": ON}


def balance(enrolment, kind="one_to_one"):
    return queries.entitlements_for([enrolment])[enrolment.pk][kind]


def coach_balance(engagement, kind="one_to_one"):
    return queries.coach_time_for([engagement])[engagement.pk][kind]


def settle(world, *, place, source_id=1, on=ON, kind="one_to_one", who=("thandiwe",), coach="ioana", at):
    return actions.settle(
        source_kind="session",
        source_id=source_id,
        on=on,
        entitlements={world.enrolments[name].pk: (kind, place) for name in who},
        coach_time={world.engagements[coach].pk: (kind, place)},
        description="One-to-one with Thandiwe Ndlovu, first of four",
        by=world.ioana,
        at=at,
    )


def test_a_session_is_booked_then_used_in_both_books(world, at):
    settle(world, place=Position(booked=60), at=at)
    settle(world, place=Position(used=60), at=at)

    assert balance(world.enrolments["thandiwe"]) == Balance(promised=210, used=60)
    assert coach_balance(world.engagements["ioana"]) == Balance(promised=12_000, used=60)


def test_settling_twice_posts_once(world, at):
    first = settle(world, place=Position(used=60), at=at)
    second = settle(world, place=Position(used=60), at=at)

    assert (first, second) == (2, 0)


def test_accounts_no_longer_named_go_back_to_nothing(world, at):
    settle(world, place=Position(booked=60), at=at)
    settle(world, place=Position(booked=60), who=("siobhan",), coach="malik", at=at)

    assert balance(world.enrolments["thandiwe"]) == Balance(promised=210)
    assert coach_balance(world.engagements["ioana"]) == Balance(promised=12_000)
    assert balance(world.enrolments["siobhan"]) == Balance(promised=210, booked=60)
    assert coach_balance(world.engagements["malik"]) == Balance(promised=12_000, booked=60)


def test_what_moves_to_another_day_is_reversed_on_its_own_day(world, at):
    settle(world, place=Position(used=60), at=at)
    later = ON + dt.timedelta(days=30)
    settle(world, place=Position(used=60), on=later, at=at)

    entries = LedgerEntry.objects.filter(coach_time__engagement=world.engagements["ioana"], source_kind="session")
    assert list(entries.order_by("revision").values_list("on", "minutes", "revision")) == [
        (ON, 60, 1),
        (ON, -60, 2),
        (later, 60, 3),
    ]


def test_more_than_is_left_is_refused_in_words_and_posts_nothing(world, at):
    before = LedgerEntry.objects.count()
    with pytest.raises(actions.NotEnoughMinutes) as refused:
        settle(world, place=Position(booked=240), at=at)

    assert str(refused.value) == "Thandiwe Ndlovu has 210 minutes of one-to-one coaching left; this needs 240."
    assert (refused.value.whose, refused.value.kind, refused.value.left, refused.value.wanted) == (
        "Thandiwe Ndlovu",
        "one_to_one",
        210,
        240,
    )
    assert LedgerEntry.objects.count() == before


def test_a_full_account_takes_a_correction_of_its_own_session(world, at):
    settle(world, place=Position(booked=210), at=at)
    settle(world, place=Position(used=210), at=at)
    settle(world, place=Position(booked=210), on=ON + dt.timedelta(days=1), at=at)

    assert balance(world.enrolments["thandiwe"]) == Balance(promised=210, booked=210)


def test_a_coach_who_is_not_commissioned_for_a_kind_has_nothing_left(world, at):
    with pytest.raises(actions.NotEnoughMinutes) as refused:
        settle(world, place=Position(booked=30), kind="topic", who=(), at=at)
    assert str(refused.value) == (
        "Ioana Pop has 0 minutes of topic session time left in their commission; this needs 30."
    )


def test_many_are_refused_together(world, at):
    with pytest.raises(actions.NotEnoughMinutes, match=r"It is the same for 1 more\.$"):
        settle(world, place=Position(booked=901), kind="group", who=("thandiwe", "part"), at=at)


@pytest.mark.parametrize("people", [("thandiwe",), ("thandiwe", "part", "siobhan", "xiuying")])
def test_a_group_session_costs_the_same_queries_however_many_are_in_it(world, at, people, django_assert_num_queries):
    with django_assert_num_queries(8):  # savepoint, turn, two locks, sums, revisions, entries, release
        settle(world, place=Position(used=90), kind="group", who=people, at=at)
    assert coach_balance(world.engagements["ioana"], "group") == Balance(promised=6000, used=90)


def test_a_series_is_settled_in_as_many_queries_as_one_session(world, at, django_assert_num_queries):
    series = [
        actions.Standing(
            "session",
            number,
            ON + dt.timedelta(days=number),
            {world.enrolments[name].pk: ("group", Position(booked=90)) for name in ("thandiwe", "part")},
            {world.engagements["ioana"].pk: ("group", Position(booked=90))},
        )
        for number in range(10)
    ]
    with django_assert_num_queries(8):
        posted = actions.settle_all(standings=series, by=world.halina, at=at)
    assert posted == 30
    assert balance(world.enrolments["part"], "group") == Balance(promised=900, booked=900)


def test_opening_promises_the_plan_once(world, at, django_assert_num_queries):
    made = [
        Enrolment.objects.create(cohort=world.cohort, person=world.people[key], institution=world.host, enrolled_at=at)
        for key in ("tomasz", "ada")
    ]
    assert actions.open_entitlements(enrolments=made, by=world.halina, at=at) == 4
    assert actions.open_entitlements(enrolments=made, by=world.halina, at=at) == 0
    assert balance(made[0]) == Balance(promised=210)
    assert balance(made[1], "group") == Balance(promised=900)


def test_who_opts_out_of_groups_takes_the_rest_of_the_minutes_one_to_one(world, at):
    enrolment = world.enrolments["thandiwe"]
    settle(world, place=Position(used=90), kind="group", at=at)
    enrolment.opts_out_of_groups = True

    actions.open_entitlements(enrolments=[enrolment], by=world.halina, at=at)

    assert balance(enrolment) == Balance(promised=210 + 810)
    assert balance(enrolment, "group") == Balance(promised=90, used=90)


def test_a_promise_stands_at_what_its_source_says(world, at):
    enrolment = world.enrolments["thandiwe"]
    promise = {"enrolment": enrolment, "kind": "one_to_one", **PLAN, "by": world.halina, "at": at}

    differences = [actions.promise(minutes=minutes, **promise) for minutes in (60, 60, 30, 0)]

    assert differences == [60, 0, -30, -30]
    assert balance(enrolment) == Balance(promised=210)


def test_a_promise_is_not_taken_back_below_what_is_booked(world, at):
    enrolment = world.enrolments["thandiwe"]
    promise = {"enrolment": enrolment, "kind": "one_to_one", **PLAN, "by": world.halina, "at": at}
    actions.promise(minutes=60, **promise)
    settle(world, place=Position(booked=240), at=at)

    with pytest.raises(actions.LessThanBooked) as refused:
        actions.promise(minutes=0, **promise)
    assert (refused.value.kind, refused.value.least, refused.value.wanted) == ("one_to_one", 240, 210)


def test_what_is_left_is_released_and_can_be_taken_back(world, at):
    enrolment = world.enrolments["thandiwe"]
    release = {"enrolment": enrolment, "kind": "one_to_one", **PLAN, "by": world.halina, "at": at}
    settle(world, place=Position(used=60), at=at)

    assert actions.release(minutes=None, **release) == 150
    assert actions.release(minutes=None, **release) == 0
    assert balance(enrolment) == Balance(promised=210, used=60, released=150)
    assert actions.release(minutes=0, **release) == -150
    with pytest.raises(actions.NotEnoughMinutes):
        actions.release(minutes=151, **release)


def test_a_commission_stands_at_what_was_said_and_not_below_what_is_booked(world, at):
    engagement = world.engagements["ioana"]
    settle(world, place=Position(booked=60), at=at)

    actions.commission(engagement=engagement, minutes={"one_to_one": 600, "topic": 90}, by=world.halina, at=at)

    assert coach_balance(engagement) == Balance(promised=600, booked=60)
    assert coach_balance(engagement, "topic") == Balance(promised=90)
    with pytest.raises(actions.LessThanBooked) as refused:
        actions.commission(engagement=engagement, minutes={"one_to_one": 59}, by=world.halina, at=at)
    assert str(refused.value) == (
        "60 minutes of one-to-one time are booked, used or released already, so it cannot be 59."
    )


def test_the_rest_of_a_commission_is_released(world, at):
    engagement = world.engagements["malik"]
    released = actions.release_commission(engagement=engagement, on=ON, by=world.halina, at=at)
    assert released == 12_000 + 6_000 + 360 + 240
    assert {each.left for each in CoachTime.objects.filter(engagement=engagement)} == {0}


def test_only_the_cohorts_coordinator_promises(world, at):
    enrolment, engagement = world.enrolments["thandiwe"], world.engagements["ioana"]
    for stranger in (world.gwen, world.ioana, world.otto):
        with pytest.raises(NotFound):
            actions.promise(enrolment=enrolment, kind="group", minutes=1, **PLAN, by=stranger, at=at)
        with pytest.raises(NotFound):
            actions.release(enrolment=enrolment, kind="group", minutes=1, **PLAN, by=stranger, at=at)
        with pytest.raises(NotFound):
            actions.commission(engagement=engagement, minutes={"group": 1}, by=stranger, at=at)
        with pytest.raises(NotFound):
            actions.open_entitlements(enrolments=[enrolment], by=stranger, at=at)
    assert Entitlement.objects.get(enrolment=enrolment, kind="group").promised == 900


def test_minutes_are_shown_to_whoever_may_know(world, at):
    everybody = [enrolment.pk for enrolment in world.enrolments.values()]

    def seen(reader):
        found = queries.minutes_of(reader, everybody, at)
        return {key for key, enrolment in world.enrolments.items() if enrolment.pk in found}

    assert seen(world.thandiwe) == {"thandiwe"}
    assert seen(world.ioana) == {"thandiwe", "part"}
    assert seen(world.halina) == {"thandiwe", "part", "siobhan", "xiuying", "tomasz"}
    assert seen(world.rosa) == set()
    assert seen(world.gwen) == {"nia"}


def test_the_forecast_counts_what_is_still_to_come(world, at, django_assert_num_queries):
    settle(world, place=Position(used=60), source_id=1, at=at)
    settle(world, place=Position(booked=60), source_id=2, at=at)
    settle(world, place=Position(used=90), source_id=3, kind="group", who=("thandiwe",), at=at)

    with django_assert_num_queries(2):
        found = queries.forecast([world.engagements["ioana"], world.engagements["malik"]], ON)

    by_kind = {each.kind: each for each in found[world.engagements["ioana"].pk]}
    one_to_one, group = by_kind["one_to_one"], by_kind["group"]
    assert (one_to_one.delivered, one_to_one.booked, one_to_one.to_come) == (60, 60, 90 + 210)
    assert one_to_one.forecast == 420
    assert (group.delivered, group.to_come, group.forecast) == (90, 810, 900)  # Thandiwe has 810 left
    assert (by_kind["coach_meeting"].forecast, by_kind["familiarisation"].forecast) == (360, 240)
    assert group.over == 0


def agree_one_to_one(world, *, percent, who="thandiwe", at):
    """One-to-one instead of a group, as it stands when it was agreed at this share."""
    enrolment = world.enrolments[who]
    Enrolment.objects.filter(pk=enrolment.pk).update(opts_out_of_groups=True)
    enrolment.opts_out_of_groups = True
    by = {"asked_by": world.people[who], "asked_at": at, "answered_by": world.halina, "answered_at": at}
    return Adjustment.objects.create(
        enrolment=enrolment, need="one_to_one", state="agreed", group_percent=percent, arrangement="One-to-one.", **by
    )


def open_again(world, at, who="thandiwe"):
    actions.open_entitlements(enrolments=[world.enrolments[who]], by=world.halina, at=at)
    return balance(world.enrolments[who]).promised, balance(world.enrolments[who], "group").promised


@pytest.mark.parametrize(
    ("percent", "used", "promised"),
    [
        (100, 0, (210 + 900, 0)),
        (50, 0, (210 + 450, 0)),
        (100, 90, (210 + 810, 90)),
        (50, 90, (210 + 405, 90)),  # half of the 810 that were not used
        (0, 90, (210, 90)),
    ],
)
def test_the_share_that_was_agreed_turns_group_minutes_into_one_to_one(world, at, percent, used, promised):
    if used:
        settle(world, place=Position(used=used), kind="group", at=at)
    agree_one_to_one(world, percent=percent, at=at)
    assert open_again(world, at) == promised


def test_the_cohorts_share_holds_for_new_agreements_only(world, at):
    agree_one_to_one(world, percent=100, at=at)
    assert open_again(world, at) == (1110, 0)
    type(world.cohort).objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=50)
    world.enrolments["thandiwe"].cohort.one_to_one_for_group_percent = 50

    assert open_again(world, at) == (1110, 0)


@pytest.mark.parametrize(
    ("percent", "promised"),
    [
        (100, (300, 810)),  # 90 beyond the plan stood for 90 in a group
        (50, (300, 720)),  # at half, they stood for 180
    ],
)
def test_who_comes_back_keeps_what_they_took_one_to_one(world, at, percent, promised):
    adjustment = agree_one_to_one(world, percent=percent, at=at)
    open_again(world, at)
    settle(world, place=Position(used=300), at=at)
    Adjustment.objects.filter(pk=adjustment.pk).update(state="ended", ended_at=at)
    world.enrolments["thandiwe"].opts_out_of_groups = False

    assert open_again(world, at) == promised
    assert open_again(world, at) == promised


def test_who_comes_back_having_taken_nothing_stands_as_before(world, at):
    adjustment = agree_one_to_one(world, percent=50, at=at)
    settle(world, place=Position(used=60), at=at)
    open_again(world, at)
    Adjustment.objects.filter(pk=adjustment.pk).update(state="ended", ended_at=at)
    world.enrolments["thandiwe"].opts_out_of_groups = False

    assert open_again(world, at) == (210, 900)
