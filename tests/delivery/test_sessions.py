import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cairn.delivery import actions, queries
from cairn.delivery.models import CoachingSession, PersonTime
from cairn.programmes.models import Enrolment, GroupPlace
from tests.delivery import making

TEN = dt.datetime(2027, 3, 10, 10, 0)
THEN = TEN.replace(tzinfo=dt.UTC)
LINK = "https://meet.example/LEAK-LINK"


def counted(fetch) -> int:
    """How many queries a read takes."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        fetch()
    return len(captured)


@pytest.fixture
def session(world, at):
    """A session of group 1, online."""
    return making.group_session(world, TEN, at=at)


def test_coach_and_coordinator_see_everybody_a_coachee_only_themselves(world, session, at):
    seen = {who: queries.session_for(getattr(world, who), session.pk, at) for who in ("ioana", "halina", "part")}

    assert {who: each.part for who, each in seen.items()} == {
        "ioana": "coach",
        "halina": "coordinator",
        "part": "coachee",
    }
    assert [seat.name for seat in seen["ioana"].seats] == ["Pärt Tamm", "Thandiwe Ndlovu"]
    assert [seat.minutes_left for seat in seen["halina"].seats] == [810, 810]
    assert [seat.name for seat in seen["part"].seats] == ["Pärt Tamm"]


@pytest.mark.parametrize("stranger", ["malik", "rosa", "siobhan", "xiuying", "otto", "sabine", "gwen", "lena", "nia"])
def test_nobody_else_finds_it(world, session, at, stranger):
    with pytest.raises(queries.NotFound):
        queries.session_for(getattr(world, stranger), session.pk, at)


def test_who_left_or_moved_to_another_group_no_longer_finds_it(world, session, at):
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(state="left", left_on=dt.date(2027, 4, 1))
    GroupPlace.objects.filter(enrolment=world.enrolments["thandiwe"]).update(to_on=TEN.date())
    for gone in (world.part, world.thandiwe):
        with pytest.raises(queries.NotFound):
            queries.session_for(gone, session.pk, at)
        assert queries.upcoming_sessions(gone, at) == []


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(-16, ""), (-15, "https://meet.example/LEAK-LINK"), (89, "https://meet.example/LEAK-LINK"), (90, "")],
)
def test_the_link_is_shown_near_its_time_to_those_in_it(world, session, minutes, shown):
    moment = THEN + dt.timedelta(minutes=minutes)
    assert queries.session_for(world.part, session.pk, moment).join_link(moment) == shown
    assert queries.session_for(world.ioana, session.pk, moment).join_link(moment) == shown
    assert queries.session_for(world.halina, session.pk, moment).join_link(moment) == ""


def test_a_coachee_sees_own_sessions_of_both_kinds_soonest_first(world, session, at):
    making.date(making.undated(world), TEN - dt.timedelta(days=1), by=world.ioana, at=at)
    making.undated(world)
    making.group_session(world, TEN, at=at, number=2)

    mine = queries.coachee_sessions(world.thandiwe, at)

    assert [each.session.kind for each in mine.upcoming] == ["one_to_one", "group"]
    assert len(mine.undated) == 1
    assert mine.upcoming[0].coach == "Ioana Pop"


def test_a_session_cancelled_late_is_listed_where_its_date_is(world, at):
    tomorrow = making.date(making.undated(world), dt.datetime(2027, 3, 4, 8), by=world.ioana, at=at)
    actions.cancel_own(session=tomorrow, expected_version=tomorrow.version, by=world.thandiwe, at=at)

    before, after = (queries.coachee_sessions(world.thandiwe, moment) for moment in (at, at + dt.timedelta(days=2)))

    assert [[each.id for each in found] for found in (before.upcoming, before.past)] == [[tomorrow.pk], []]
    assert [[each.id for each in found] for found in (after.upcoming, after.past)] == [[], [tomorrow.pk]]


def test_own_marks_stand_with_past_sessions(world, session):
    actions.record_attendance(session=session, marks={world.enrolments["part"].pk: "missed"}, by=world.ioana, at=THEN)
    past = queries.coachee_sessions(world.part, THEN + dt.timedelta(days=1)).past
    assert [(each.title, each.mine.mark) for each in past] == [("Group 1, session 1", "missed")]


def test_a_coachs_day_is_the_day_on_their_own_wall(world, session, at):
    type(world.ioana).objects.filter(pk=world.ioana.pk).update(time_zone="Pacific/Auckland")
    world.ioana.refresh_from_db()
    later = making.group_session(world, dt.datetime(2027, 3, 10, 14, 0), at=at)

    tenth = queries.sessions_of_day(world.ioana, dt.date(2027, 3, 10), at)
    eleventh = queries.sessions_of_day(world.ioana, dt.date(2027, 3, 11), at)

    assert ([each.id for each in tenth], [each.id for each in eleventh]) == ([session.pk], [later.pk])


def test_who_marked_what_is_kept_for_those_who_run_it(world, session):
    for mark, by in (("missed", world.ioana), ("excused", world.halina)):
        actions.record_attendance(session=session, marks={world.enrolments["part"].pk: mark}, by=by, at=THEN)

    made = queries.marks_made(queries.session_for(world.ioana, session.pk, THEN))

    assert [(each.name, each.mark, each.by) for each in made] == [
        ("Pärt Tamm", "excused", "Halina Nowak"),
        ("Pärt Tamm", "missed", "Ioana Pop"),
    ]


def test_reads_take_the_same_queries_at_one_and_at_many_rows(world, session, at):
    reads = {
        "session_for": (2, lambda: queries.session_for(world.halina, session.pk, at)),
        "sessions_of_day": (3, lambda: queries.sessions_of_day(world.ioana, TEN.date(), at)),
        "undated_sessions": (2, lambda: queries.undated_sessions(world.ioana, at)),
        "coachee_sessions": (3, lambda: queries.coachee_sessions(world.thandiwe, at)),
        "cohort_timetable": (4, lambda: queries.cohort_timetable(world.halina, world.cohort, at)),
    }
    for person in (world.halina, world.ioana):
        queries.session_for(person, session.pk, at)  # roles stay on a loaded person
    making.undated(world)
    for hours in (0, 20):
        if hours:
            for hour in range(2, 8, 2):
                making.group_session(world, TEN + dt.timedelta(hours=hour), at=at)
                making.undated(world, "part")
        for name, (expected, fetch) in reads.items():
            assert (name, counted(fetch)) == (name, expected)


def test_no_list_is_longer_than_a_hundred(world, at):
    CoachingSession.objects.bulk_create(
        CoachingSession(
            cohort=world.cohort,
            kind="group",
            group=world.groups[1],
            engagement=world.engagements["ioana"],
            position=number,
            minutes=5,
            state="booked",
            wall_starts=THEN + dt.timedelta(minutes=5 * number),
            time_zone="Europe/London",
            starts_at=THEN + dt.timedelta(minutes=5 * number),
            ends_at=THEN + dt.timedelta(minutes=5 * number + 5),
        )
        for number in range(1, 131)
    )
    assert len(queries.sessions_of_day(world.ioana, TEN.date(), at)) == 100
    assert len(queries.coachee_sessions(world.part, at).upcoming) == 80
    page = queries.cohort_sessions(world.halina, world.cohort, at)
    assert (len(page), page.paginator.count) == (100, 130)


def test_a_timetable_counts_what_is_planned_and_who_came(world, session, at):
    actions.prepare_sessions(cohort=world.cohort, by=world.halina, at=at)
    actions.record_attendance(
        session=session,
        marks={world.enrolments["part"].pk: "missed", world.enrolments["thandiwe"].pk: "attended"},
        by=world.ioana,
        at=THEN,
    )

    timetable = queries.cohort_timetable(world.halina, world.cohort, at)

    first, second = timetable.groups
    assert (first.coach, first.people, first.planned_minutes, first.missing_minutes) == ("Ioana Pop", 2, 90, 810)
    assert (second.planned_minutes, second.missing_minutes) == (0, 900)
    assert [(row.came, row.marked) for row in timetable.of_group(first.id)] == [(1, 2)]
    assert [(coach.name, coach.people, coach.undated, coach.familiarisation) for coach in timetable.coaches] == [
        ("Ioana Pop", 2, 8, "undated"),
        ("Malik Rahman", 1, 4, "undated"),
    ]


def test_a_timetable_is_for_coordinators_of_the_cohort(world, at):
    for stranger in (world.ioana, world.otto, world.gwen):
        with pytest.raises(queries.NotFound):
            queries.cohort_timetable(stranger, world.cohort, at)


def test_free_times_keep_clear_of_both_and_of_closed_hours(world, session, at):
    found = queries.next_free(
        engagement=world.engagements["ioana"],
        enrolment=world.enrolments["thandiwe"],
        after=THEN - dt.timedelta(minutes=30),
        minutes=60,
    )
    assert found == tuple(THEN + dt.timedelta(minutes=minutes) for minutes in (90, 120, 150))
    evening = queries.next_free(
        engagement=world.engagements["ioana"], enrolment=None, after=THEN.replace(hour=17, minute=30), minutes=60
    )
    assert evening[0] == dt.datetime(2027, 3, 11, 9, 0, tzinfo=dt.UTC)


def test_the_database_itself_refuses_a_person_in_two_sessions(world, session, at):
    other = making.undated(world)
    during = PersonTime.objects.filter(session=session).first().during
    with pytest.raises(IntegrityError, match="nobody_is_double_booked"), transaction.atomic():
        PersonTime.objects.create(person=world.ioana, session=other, during=during)


def test_the_database_allows_one_session_after_another(world, session):
    other = making.undated(world)
    during = PersonTime.objects.filter(session=session).first().during
    PersonTime.objects.create(
        person=world.ioana, session=other, during=(during.upper, during.upper + dt.timedelta(hours=1))
    )
    assert PersonTime.objects.filter(person=world.ioana).count() == 2
