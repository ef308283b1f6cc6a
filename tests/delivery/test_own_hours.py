"""A coach's own hours: saved, checked against another window, days that differ, places, and what coachees see of it."""

import datetime as dt

import pytest

from cairn.delivery import actions, queries
from cairn.delivery.models import Availability, AvailabilityException, MeetingPlace, WeeklyHours
from cairn.engines.availability import Differing, Hours
from cairn.foundation.models import AuditEntry
from tests.delivery import making

TERMS = actions.BookingTerms(time_zone="Europe/London", buffer_after_minutes=0)
MORNING = Hours(2, dt.time(9), dt.time(12))
NEXT_MONDAY = dt.date(2027, 3, 8)
WEDNESDAY = dt.date(2027, 3, 10)
AWAY = Differing(WEDNESDAY, WEDNESDAY)


def save(world, at, *hours, version=0, terms=TERMS):
    return actions.save_availability(terms=terms, hours=hours, expected_version=version, by=world.ioana, at=at)


def room(world, at, name="Room 12"):
    return actions.add_place(name=name, mode="in_person", where="Second floor", by=world.ioana, at=at)


def test_hours_are_saved_and_shown_as_they_are_typed(world, at):
    place = room(world, at)
    save(world, at, MORNING, Hours(2, dt.time(14), dt.time(0), place.pk))

    own = queries.own_hours(world.ioana, at)

    assert own.days == ("", "", "09:00-12:00, 14:00-24:00 at Room 12", "", "", "", "")
    assert (own.version, own.zone, [each.name for each in own.places]) == (1, "Europe/London", ["Room 12"])
    assert AuditEntry.objects.filter(action="save_availability", by_id=world.ioana.pk).count() == 1


def test_whoever_saves_second_is_told(world, at):
    save(world, at, MORNING)
    with pytest.raises(actions.HoursChangedMeanwhile) as refused:
        save(world, at)
    assert refused.value.version == 1
    assert WeeklyHours.objects.count() == 1
    assert save(world, at, version=1).version == 2
    assert WeeklyHours.objects.count() == 0


def test_saving_is_taken_back_to_the_former_hours_and_rules(world, at):
    place = room(world, at)
    save(world, at, MORNING, Hours(3, dt.time(14), dt.time(0), place.pk))
    save(world, at, version=1, terms=actions.BookingTerms(time_zone="Europe/Paris", most_per_day=2))

    kept = actions.restore_availability(expected_version=2, by=world.ioana, at=at)

    assert (kept.time_zone, kept.most_per_day, kept.buffer_after_minutes, kept.version) == ("Europe/London", None, 0, 3)
    own = queries.own_hours(world.ioana, at)
    assert own.days == ("", "", "09:00-12:00", "14:00-24:00 at Room 12", "", "", "")
    with pytest.raises(actions.NotPossibleNow):
        actions.restore_availability(expected_version=3, by=world.ioana, at=at)


def test_the_first_saving_is_taken_back_to_nothing(world, at):
    save(world, at, MORNING)

    assert actions.restore_availability(expected_version=1, by=world.ioana, at=at) is None
    assert not Availability.objects.filter(person=world.ioana).exists()


def test_saving_is_not_taken_back_over_what_came_after_it(world, at):
    place = room(world, at)
    save(world, at, Hours(3, dt.time(14), dt.time(0), place.pk))
    save(world, at, version=1)
    with pytest.raises(actions.HoursChangedMeanwhile):
        actions.restore_availability(expected_version=1, by=world.ioana, at=at)
    with pytest.raises(actions.NotPossibleNow):
        actions.restore_availability(expected_version=2, by=world.ioana, at=at + dt.timedelta(minutes=16))
    actions.remove_place(place_id=place.pk, by=world.ioana, at=at)
    with pytest.raises(actions.NotPossibleNow):
        actions.restore_availability(expected_version=2, by=world.ioana, at=at)
    assert WeeklyHours.objects.count() == 0


def test_hours_are_the_coachs_own(world, at):
    theirs = actions.add_place(name="Mine", mode="online", where="", by=world.malik, at=at)
    save(world, at, Hours(0, dt.time(9), dt.time(10), theirs.pk))
    assert WeeklyHours.objects.get().place is None
    for nobody in (world.thandiwe, world.halina, world.rosa):
        with pytest.raises(actions.NotAllowed):
            actions.save_availability(terms=TERMS, hours=(), expected_version=0, by=nobody, at=at)
        with pytest.raises(queries.NotFound):
            queries.own_hours(nobody, at)
    with pytest.raises(actions.NotAllowed):
        actions.change_place(place_id=theirs.pk, name="Yours", mode="online", where="", by=world.ioana, at=at)
    with pytest.raises(queries.NotFound):
        queries.own_place(world.ioana, theirs.pk, at)


def test_days_that_differ_are_added_once_and_taken_back(world, at):
    with pytest.raises(actions.NotPossibleNow):
        actions.add_exceptions(differing=[AWAY], by=world.ioana, at=at)
    save(world, at, MORNING)
    added = actions.add_exceptions(differing=[AWAY, AWAY], by=world.ioana, at=at)
    assert actions.add_exceptions(differing=[AWAY], by=world.ioana, at=at) == []
    assert [said for _id, said in queries.own_hours(world.ioana, at).exceptions] == [AWAY]
    assert actions.remove_exceptions(exception_ids=added, by=world.malik, at=at) == []
    assert actions.remove_exceptions(exception_ids=added, by=world.ioana, at=at) == [AWAY]
    assert not AvailabilityException.objects.exists()
    with pytest.raises(actions.DaysGoneBy):
        actions.add_exceptions(
            differing=[Differing(at.date(), at.date() - dt.timedelta(days=1))], by=world.ioana, at=at
        )


def test_places_are_told_apart_and_stay_while_hours_name_them(world, at):
    place = room(world, at)
    with pytest.raises(actions.PlaceNamedTwice):
        room(world, at, name=" room  12 ")
    with pytest.raises(actions.PlaceNameWithComma):
        room(world, at, name="Room 12, north wing")
    changed = actions.change_place(
        place_id=place.pk, name="Room 14", mode="phone", where="01632 960 001", by=world.ioana, at=at
    )
    assert (changed.name, changed.mode) == ("Room 14", "phone")
    save(world, at, Hours(0, dt.time(9), dt.time(10), place.pk))
    with pytest.raises(actions.PlaceInUse, match="Room 14"):
        actions.remove_place(place_id=place.pk, by=world.ioana, at=at)
    save(world, at, version=1)
    actions.remove_place(place_id=place.pk, by=world.ioana, at=at)
    assert not MeetingPlace.objects.exists()


def test_the_coach_sees_what_coachees_are_offered(world, at, django_assert_num_queries):
    save(world, at, MORNING)
    making.date(making.undated(world), dt.datetime(2027, 3, 10, 9, 30), by=world.ioana, at=at)
    queries.own_hours(world.ioana, at)

    with django_assert_num_queries(3):
        own = queries.own_hours(world.ioana, at)
        week = queries.offered_week(world.ioana, own, NEXT_MONDAY, at)

    assert [(day.on, [f"{start:%H:%M}" for start in day.starts]) for day in week.days if day.starts] == [
        (WEDNESDAY, ["10:30", "11:00"])
    ]
    assert (week.minutes, week.count) == (60, 2)
    Availability.objects.update(is_open=False)
    closed = queries.offered_week(world.ioana, queries.own_hours(world.ioana, at), NEXT_MONDAY, at)
    assert closed.count == 0
    assert queries.offered_week(world.ioana, own, dt.date(2028, 1, 3), at) is None
