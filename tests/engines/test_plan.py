"""Plans: the two cohorts whose figures are known, and every warning."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.cadence import Rhythm
from cairn.engines.invoicing import UnknownCurrency
from cairn.engines.plan import (
    EndBeforeStart,
    MoreNewCoachesThanCoaches,
    NotAPlan,
    PlanInputs,
    group_sizes,
    plan,
)


def cohort(**changes):
    """The first cohort: 53 people, five new coaches, 3.5 hours alone and 15 in a group each, over a year."""
    inputs = {
        "people": 53,
        "coaches": 5,
        "new_coaches": 5,
        "starts_on": date(2026, 9, 7),
        "ends_on": date(2027, 9, 6),
        "one_to_one_minutes": 210,
        "one_to_one_session_minutes": 60,
        "group_minutes": 900,
        "group_session_minutes": 90,
        "group_cap": 11,
        "group_minimum": 6,
    }
    return PlanInputs(**(inputs | changes))


def warned(**changes):
    return [(warning.key, dict(warning.params), warning.sentence) for warning in plan(cohort(**changes)).warnings]


def hours(found):
    parts = (found.one_to_one_minutes, found.group_minutes, found.meeting_minutes, found.familiarisation_minutes)
    return found.total_minutes / 60, tuple(part / 60 for part in parts)


def test_the_first_cohort_takes_310_and_a_half_coach_hours():
    found = plan(cohort(meetings=4))

    assert hours(found) == (310.5, (185.5, 75, 30, 20))
    assert found.group_sizes == (11, 11, 11, 10, 10)
    assert found.group_sessions_each == (90,) * 10
    assert found.one_to_one_sessions_each == (60, 60, 60, 30)
    assert found.warnings == ()


def test_the_second_cohort_takes_210_coach_hours():
    found = plan(cohort(people=75, new_coaches=0, one_to_one_minutes=60, groups=7))

    assert hours(found) == (210, (75, 105, 30, 0))
    assert found.group_sizes == (11, 11, 11, 11, 11, 10, 10)
    assert found.warnings == ()


@pytest.mark.parametrize(("people", "groups"), [(53, 5), (75, 7), (55, 5), (56, 6), (1, 1), (0, 0)])
def test_without_a_number_there_are_as_few_groups_as_the_cap_allows(people, groups):
    assert plan(cohort(people=people)).groups == groups


def test_meetings_are_one_per_quarter_unless_a_number_is_given():
    assert len(plan(cohort()).meeting_dates) == 4
    assert plan(cohort(meetings=6)).meeting_minutes == 5 * 6 * 90
    assert len(plan(cohort(meetings=6)).meeting_dates) == 6
    assert plan(cohort(meetings=0)).meeting_minutes == 0


def test_a_plan_shows_its_dates():
    found = plan(cohort())

    assert (found.first_group_session_on, found.last_group_session_on) == (date(2026, 9, 7), date(2027, 4, 5))
    assert found.meeting_dates == (date(2026, 11, 30), date(2027, 3, 1), date(2027, 5, 31), date(2027, 9, 6))


def test_closed_days_move_dates_and_are_reported():
    found = plan(cohort(closed=frozenset({date(2026, 9, 7)})))

    assert [moved.sentence for moved in found.group_timetable.problems] == [
        "Session 1 would fall on 7 September 2026, a closed day. It is on 8 September 2026 instead."
    ]


def test_a_rate_gives_a_cost_in_minor_units():
    assert plan(cohort(rate_minor_per_hour=8500)).cost_minor == 2_639_250
    assert plan(cohort(rate_minor_per_hour=8501, currency="JPY")).cost_minor == 2_639_561
    assert plan(cohort()).cost_minor is None


def test_a_cohort_without_group_coaching_has_no_groups():
    found = plan(cohort(group_minutes=0))

    assert (found.groups, found.group_minutes, found.group_dates, found.warnings) == (0, 0, (), ())
    assert found.first_group_session_on is None
    assert found.last_group_session_on is None


def test_too_few_groups_are_over_the_cap():
    assert warned(groups=4, coaches=4, new_coaches=0) == [
        (
            "plan.groups_over_cap",
            {"people": 53, "groups": 4, "size": 14, "cap": 11, "needed": 5},
            "53 people in 4 groups means groups of 14, over the limit of 11. Plan 5 groups.",
        )
    ]


def test_too_many_groups_are_below_the_minimum():
    assert warned(groups=9) == [
        (
            "plan.group_below_minimum",
            {"people": 53, "groups": 9, "size": 5, "minimum": 6},
            "53 people in 9 groups means a group of 5, below the minimum of 6.",
        )
    ]


def test_more_groups_than_people_leave_a_group_empty():
    assert plan(cohort(people=2, groups=3, coaches=3, new_coaches=0)).group_sizes == (1, 1, 0)


def test_a_cap_below_the_minimum_warns_whatever_the_number_of_groups():
    keys = {plan(cohort(group_cap=5, groups=groups)).warnings[0].key for groups in (5, 11)}

    assert keys == {"plan.groups_over_cap", "plan.group_below_minimum"}


def test_sessions_that_do_not_fit_are_counted():
    assert warned(ends_on=date(2026, 12, 31)) == [
        (
            "plan.sessions_do_not_fit",
            {"fit": 6, "wanted": 10, "starts_on": date(2026, 9, 7), "ends_on": date(2026, 12, 31)},
            "There is room for 6 of the 10 group sessions between 7 September 2026 and 31 December 2026 "
            "in this rhythm.",
        )
    ]
    assert plan(cohort(ends_on=date(2026, 12, 31))).last_group_session_on == date(2026, 12, 14)


def test_a_quarter_without_a_free_day_is_told():
    closed = frozenset(date(2026, 12, 7) + timedelta(days=n) for n in range(90))

    assert warned(closed=closed, group_minutes=90, meetings=4) == [
        (
            "plan.meetings_do_not_fit",
            {"starts_on": date(2026, 12, 7), "ends_on": date(2027, 3, 6)},
            "There is no free day for a coach meeting from 7 December 2026 to 6 March 2027.",
        )
    ]


def test_a_plan_needs_a_coach():
    assert warned(coaches=0, new_coaches=0) == [
        ("plan.no_coach", {}, "Nobody can be coached without a coach. Plan at least one.")
    ]


def test_coaches_without_a_group_are_told():
    assert warned(coaches=6) == [
        (
            "plan.coaches_without_group",
            {"coaches": 6, "groups": 5},
            "There are 6 coaches for 5 groups, so that not every coach has a group.",
        )
    ]


def test_group_minutes_that_do_not_divide_are_told():
    assert warned(group_session_minutes=120) == [
        (
            "plan.group_minutes_uneven",
            {"total": 900, "length": 120, "last": 60},
            "900 group minutes do not divide into sessions of 120: the last one has 60.",
        )
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [("people", -1), ("group_cap", 0), ("groups", 0), ("group_session_minutes", 0), ("meetings", 1000)],
)
def test_figures_that_no_plan_can_have_are_refused(field, value):
    with pytest.raises(NotAPlan) as refusal:
        cohort(**{field: value})

    assert refusal.value.sentence == f"“{field}” cannot be {value}."


def test_a_period_ends_after_it_starts():
    with pytest.raises(EndBeforeStart) as refusal:
        cohort(ends_on=date(2026, 9, 6))

    assert refusal.value.sentence == "The last day, 6 September 2026, is before the first, 7 September 2026."


def test_new_coaches_are_among_the_coaches():
    with pytest.raises(MoreNewCoachesThanCoaches) as refusal:
        cohort(new_coaches=6)

    assert refusal.value.sentence == "6 coaches cannot be new when there are 5."


def test_a_plan_is_in_a_known_currency():
    with pytest.raises(UnknownCurrency):
        cohort(currency="ABC")


@given(st.integers(0, 500), st.integers(1, 60))
def test_everybody_is_in_a_group_and_groups_differ_by_one_at_most(people, groups):
    sizes = group_sizes(people, groups)

    assert (sum(sizes), len(sizes)) == (people, groups)
    assert max(sizes) - min(sizes) <= 1


@settings(max_examples=40)
@given(
    people=st.integers(0, 120),
    coaches=st.integers(0, 8),
    days=st.integers(0, 800),
    one_to_one=st.integers(0, 600),
    group=st.integers(0, 1200),
    groups=st.none() | st.integers(1, 15),
    weeks=st.integers(1, 6),
)
def test_any_plan_adds_up(people, coaches, days, one_to_one, group, groups, weeks):
    inputs = cohort(
        people=people,
        coaches=coaches,
        new_coaches=coaches // 2,
        ends_on=date(2026, 9, 7) + timedelta(days=days),
        one_to_one_minutes=one_to_one,
        group_minutes=group,
        groups=groups,
        rhythm=Rhythm((), weeks),
    )

    found = plan(inputs)

    assert sum(found.group_sizes) == (people if group else 0)
    assert found.one_to_one_minutes == people * sum(found.one_to_one_sessions_each)
    assert found.group_minutes == found.groups * sum(found.group_sessions_each)
    assert all(inputs.starts_on <= day <= inputs.ends_on for day in found.group_dates + found.meeting_dates)
    assert all(warning.sentence for warning in found.warnings)
