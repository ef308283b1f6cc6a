"""Minutes: where a session stands in entitlements and coach time, and what has to be posted to get there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.hours import (
    Balance,
    Mark,
    MarkWithoutPlace,
    Movement,
    Movements,
    Policy,
    Position,
    SessionFacts,
    balance,
    entitlement_kind,
    given_up_for,
    instead_of_group,
    movements,
    position,
    settle,
)

MARKS: list[Mark] = ["attended", "excused", "late_cancelled", "missed"]
LENIENT = Policy(
    late_cancelled_uses=False,
    missed_uses=False,
    coach_paid_when_late_cancelled=False,
    coach_paid_when_missed=False,
)


def one_to_one(state="booked", minutes=60):
    return SessionFacts("one_to_one", minutes, state, frozenset({1}), frozenset({7}))


def group(state="booked", people=(1, 2, 3)):
    return SessionFacts("group", 90, state, frozenset(people), frozenset({7}))


@pytest.mark.parametrize("state", ["booked", "held"])
def test_a_dated_session_without_marks_is_booked_for_everyone(state):
    result = movements(group(state), {}, {})

    booked = Position(booked=90)
    assert result == Movements({1: booked, 2: booked, 3: booked}, {7: booked})


@pytest.mark.parametrize("state", ["undated", "cancelled"])
@pytest.mark.parametrize("marks", [{}, {1: "attended"}])
def test_an_undated_or_cancelled_session_stands_nowhere(state, marks):
    result = movements(one_to_one(state), marks, {})

    assert result == Movements({1: Position()}, {7: Position()})


def test_a_group_session_draws_from_each_coachee_and_once_from_the_coach():
    result = movements(group("held"), {1: "attended", 2: "attended", 3: "attended"}, {})

    used = Position(used=90)
    assert result == Movements({1: used, 2: used, 3: used}, {7: used})


def test_each_of_two_coaches_of_a_session_gives_the_whole_time():
    session = SessionFacts("group", 90, "held", frozenset({1}), frozenset({7, 8}))

    assert movements(session, {1: "attended"}, {}).coach_time == {7: Position(used=90), 8: Position(used=90)}


def test_the_unmarked_stay_booked_when_others_are_marked():
    result = movements(group("held"), {1: "attended", 2: "excused"}, {})

    assert result.entitlements == {1: Position(used=90), 2: Position(), 3: Position(booked=90)}
    assert result.coach_time == {7: Position(used=90)}


@pytest.mark.parametrize(
    ("mark", "policy", "coachee", "coach"),
    [
        ("attended", Policy(), 60, 60),
        ("excused", Policy(), 0, 0),
        ("late_cancelled", Policy(), 60, 60),
        ("missed", Policy(), 60, 60),
        ("attended", LENIENT, 60, 60),
        ("excused", LENIENT, 0, 0),
        ("late_cancelled", LENIENT, 0, 0),
        ("missed", LENIENT, 0, 0),
        ("late_cancelled", Policy(late_cancelled_uses=False), 0, 60),
        ("late_cancelled", Policy(coach_paid_when_late_cancelled=False), 60, 0),
        ("missed", Policy(missed_uses=False), 0, 60),
        ("missed", Policy(coach_paid_when_missed=False), 60, 0),
    ],
)
def test_a_mark_uses_minutes_and_pays_the_coach_as_the_policy_says(mark, policy, coachee, coach):
    result = movements(one_to_one("held"), {1: mark}, {}, policy)

    assert result == Movements({1: Position(used=coachee)}, {7: Position(used=coach)})


def test_coach_time_stays_booked_until_the_last_apology_is_in():
    session = group("held", people=(1, 2))

    assert movements(session, {1: "excused"}, {}).coach_time == {7: Position(booked=90)}
    assert movements(session, {1: "excused", 2: "excused"}, {}).coach_time == {7: Position()}


def test_a_group_session_with_nobody_in_it_leaves_coach_time_booked():
    assert movements(group("held", people=()), {}, {}) == Movements({}, {7: Position(booked=90)})


def test_coach_meetings_pay_those_who_came():
    meeting = SessionFacts("coach_meeting", 90, "held", engagements=frozenset({7, 8, 9}))

    result = movements(meeting, {}, {7: "attended", 8: "missed"})

    assert result == Movements({}, {7: Position(used=90), 8: Position(), 9: Position(booked=90)})


def test_an_absent_coach_is_not_paid_for_a_coach_meeting_whatever_the_policy_for_coachees():
    meeting = SessionFacts("coach_meeting", 90, "held", engagements=frozenset({7}))

    assert movements(meeting, {}, {7: "late_cancelled"}, Policy()).coach_time == {7: Position()}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("undated", Position()),
        ("booked", Position(booked=240)),
        ("held", Position(used=240)),
        ("cancelled", Position()),
    ],
)
def test_familiarisation_is_used_once_held(state, expected):
    session = SessionFacts("familiarisation", 240, state, engagements=frozenset({7}))

    assert movements(session, {}, {}) == Movements({}, {7: expected})


def test_a_topic_session_draws_from_no_entitlement_but_is_coach_time():
    session = SessionFacts("topic", 60, "held", frozenset({1, 2}), frozenset({7}))

    assert movements(session, {1: "attended"}, {}) == Movements({}, {7: Position(used=60)})


def test_an_open_topic_session_is_used_once_held():
    session = SessionFacts("topic", 60, "held", engagements=frozenset({7}))

    assert movements(session, {}, {}) == Movements({}, {7: Position(used=60)})


@pytest.mark.parametrize("kind", ["topic", "drop_in"])
@pytest.mark.parametrize("mark", MARKS)
def test_who_came_to_an_open_session_makes_no_difference_to_its_coach(kind, mark):
    booked = SessionFacts(kind, 60, "booked", frozenset({1}), frozenset({7}))
    held = SessionFacts(kind, 60, "held", frozenset({1}), frozenset({7}))

    assert movements(booked, {}, {}).coach_time == {7: Position(booked=60)}
    assert movements(held, {1: mark}, {}, LENIENT) == Movements({}, {7: Position(used=60)})


def test_a_celebration_pays_the_coaches_who_came_whoever_else_did():
    celebration = SessionFacts("celebration", 120, "held", frozenset({1, 2}), frozenset({7, 8, 9}))

    result = movements(celebration, {1: "attended"}, {7: "attended", 8: "missed"})

    assert result == Movements({}, {7: Position(used=120), 8: Position(), 9: Position(booked=120)})


@pytest.mark.parametrize(("marks", "coach_marks"), [({99: "attended"}, {}), ({}, {99: "attended"})])
def test_a_mark_for_a_stranger_is_refused(marks, coach_marks):
    with pytest.raises(MarkWithoutPlace) as refusal:
        movements(one_to_one(), marks, coach_marks)

    assert refusal.value.strangers == (99,)
    assert refusal.value.sentence == (
        "Attendance was given for somebody who is not in this session. Nothing was changed."
    )


def test_a_session_has_minutes():
    with pytest.raises(ValueError, match="positive number of minutes, not 0"):
        one_to_one(minutes=0)


def test_only_coaching_draws_from_an_entitlement():
    kinds = ["one_to_one", "group", "coach_meeting", "familiarisation", "topic", "drop_in", "celebration"]

    assert [entitlement_kind(kind) for kind in kinds] == ["one_to_one", "group", *[None] * 5]


def test_settling_posts_only_differences():
    assert settle(Position(booked=90), Position(used=90)) == (Movement("book", -90), Movement("use", 90))
    assert settle(Position(used=90), Position(booked=90)) == (Movement("use", -90), Movement("book", 90))
    assert settle(Position(), Position(booked=60)) == (Movement("book", 60),)
    assert settle(Position(used=60), Position()) == (Movement("use", -60),)
    assert settle(Position(used=60), Position(used=60)) == ()


def test_a_balance_sums_four_kinds_and_derives_what_is_left():
    entries = [Movement("promise", 210), Movement("book", 120), Movement("book", -60), Movement("use", 60)]

    result = balance([*entries, Movement("release", 30)])

    assert result == Balance(promised=210, booked=60, used=60, released=30)
    assert result.left == 60


def test_more_booked_than_promised_shows_as_less_than_nothing_left():
    assert balance([Movement("promise", 60), Movement("book", 90)]).left == -30


positions = st.builds(Position, st.integers(0, 1000), st.integers(0, 1000))


@given(positions, positions)
def test_settling_gets_there_and_then_has_nothing_to_do(current, wanted):
    posted = settle(current, wanted)

    booked = current.booked + sum(m.minutes for m in posted if m.kind == "book")
    used = current.used + sum(m.minutes for m in posted if m.kind == "use")
    assert Position(booked, used) == wanted
    assert settle(Position(booked, used), wanted) == ()


policies = st.builds(Policy, st.booleans(), st.booleans(), st.booleans(), st.booleans())
steps = st.lists(
    st.tuples(
        st.sampled_from(["undated", "booked", "held", "cancelled"]),
        st.dictionaries(st.sampled_from([1, 2, 3]), st.sampled_from(MARKS)),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=80)
@given(steps, policies)
def test_whatever_happens_to_a_session_the_ledger_stands_where_the_last_decision_put_it(history, policy):
    ledgers = {who: [Movement("promise", 90)] for who in (1, 2, 3)}

    for state, marks in history:
        wanted = movements(group(state), marks, {}, policy)
        for who, target in wanted.entitlements.items():
            for movement in settle(position(ledgers[who]), target):
                ledgers[who].append(movement)
                assert balance(ledgers[who]).left >= 0
            sums = balance(ledgers[who])
            assert sums.promised == sums.booked + sums.used + sums.released + sums.left
            assert position(ledgers[who]) == target
            assert target.booked + target.used in (0, 90)


@given(st.dictionaries(st.sampled_from([1, 2, 3]), st.sampled_from(MARKS)), policies)
def test_a_coach_is_never_paid_twice_for_one_session(marks, policy):
    time = movements(group("held"), marks, {}, policy).coach_time[7]

    assert time in (Position(), Position(booked=90), Position(used=90))


@settings(max_examples=80)
@given(st.sampled_from(["topic", "drop_in", "celebration"]), steps, policies)
def test_an_open_session_never_draws_from_a_coachee_and_pays_its_coach_once(kind, history, policy):
    account = [Movement("promise", 90)]

    for state, marks in history:
        session = SessionFacts(kind, 90, state, frozenset({1, 2, 3}), frozenset({7}))
        coach_marks = {7: marks[1]} if kind == "celebration" and 1 in marks else {}
        wanted = movements(session, marks, coach_marks, policy)
        account += settle(position(account), wanted.coach_time[7])
        assert wanted.entitlements == {}
        assert balance(account).left in (0, 90)
        assert position(account) == wanted.coach_time[7]


@pytest.mark.parametrize(("minutes", "percent", "gets"), [(900, 100, 900), (900, 50, 450), (855, 50, 428), (900, 0, 0)])
def test_group_minutes_become_a_share_of_them_one_to_one(minutes, percent, gets):
    assert instead_of_group(minutes, percent) == gets


@given(st.integers(0, 5000), st.integers(1, 100))
def test_one_to_one_minutes_stand_for_no_fewer_group_minutes_than_were_given_up(minutes, percent):
    assert given_up_for(instead_of_group(minutes, percent), percent) >= minutes
