"""The page on which a coach says when coachees may book."""

import datetime as dt

import pytest
from django.test import Client

from cairn.delivery import actions, queries
from cairn.delivery.models import Availability, AvailabilityException, MeetingPlace, WeeklyHours
from cairn.engines.availability import Hours
from cairn.foundation import clock

PAGE, PLACES = "/availability/", "/availability/places/"
TERMS = {
    "is_open": "on",
    "time_zone": "Europe/London",
    "buffer_before_minutes": "0",
    "buffer_after_minutes": "15",
    "notice_hours": "24",
    "cut_off_hours": "24",
    "horizon_days": "60",
    "step_minutes": "30",
    "most_per_day": "",
    "most_per_week": "",
    "version": "0",
}


@pytest.fixture
def coach(world, at, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at)
    client = Client()
    client.force_login(world.ioana)
    return client


def save(coach, do="save", **typed):
    return coach.post(PAGE, TERMS | {"do": do} | typed)


def saved(weekday):
    return [(f"{each.starts:%H:%M}", f"{each.ends:%H:%M}") for each in WeeklyHours.objects.filter(weekday=weekday)]


def test_before_the_first_hours_the_page_says_what_to_do(coach):
    page = coach.get(PAGE).content.decode()
    assert "Nothing can be booked yet" in page
    assert "Days that differ" not in page


def test_typed_hours_are_kept_and_next_week_is_shown(coach, world):
    answer = save(coach, day_2="9-12.30, 2pm to 5pm", most_per_day="3")
    assert answer.status_code == 302
    assert saved(2) == [("09:00", "12:30"), ("14:00", "17:00")]
    kept = Availability.objects.get(person=world.ioana)
    assert (kept.most_per_day, kept.buffer_after_minutes, kept.version) == (3, 15, 1)
    page = coach.get(PAGE).content.decode()
    assert "09:00-12:30, 14:00-17:00" in page
    assert '<time datetime="2027-03-10T09:00">09:00</time>' in page
    assert "Hours are London time" in page


def test_what_cannot_be_read_is_said_beside_it_and_kept(coach):
    answer = save(coach, day_0="9-5", day_1="10-12", version="0")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write the end on the 24-hour clock, such as 09:00-17:00." in page
    assert 'value="9-5"' in page
    assert not WeeklyHours.objects.exists()


def test_saving_is_undone_from_the_page(coach):
    save(coach, day_0="9-12")
    save(coach, day_0="13-14", version="1")
    page = coach.get(PAGE).content.decode()
    assert f'action="{PAGE}?do=back-2"' in page

    undone = coach.post(f"{PAGE}?do=back-2", follow=True).content.decode()
    late = coach.post(f"{PAGE}?do=back-2", follow=True).content.decode()

    assert "It is as it was before." in undone
    assert "so this can no longer be taken back" in late
    assert saved(0) == [("09:00", "12:00")]


def test_numbers_that_cannot_be_are_answered_plainly(coach):
    page = save(coach, buffer_before_minutes="-1", notice_hours="soon", step_minutes="", horizon_days="999")
    text = page.content.decode()
    assert page.status_code == 422
    for sentence in ("Write 0 or more.", "Write a whole number, such as 15.", "Write a number here.", "400 or less."):
        assert sentence in text
    assert "Ensure" not in text


def test_monday_is_copied_without_a_script(coach):
    page = save(coach, do="copy", day_0="9-12", day_5="10-11").content.decode()
    assert page.count('value="9-12"') == 5
    assert page.count('value="10-11"') == 1
    assert "Press Save to keep them." in page
    assert page.count('<span class="small" data-unsaved>Not saved yet.') == 2
    assert not Availability.objects.exists()


def test_another_window_is_not_overwritten_unawares(coach):
    save(coach, day_0="9-12")
    answer = save(coach, day_0="13-14", version="0")
    assert answer.status_code == 422
    assert "on another device. Save again to put these in their place." in answer.content.decode()
    assert saved(0) == [("09:00", "12:00")]
    assert 'name="version" value="1"' in answer.content.decode()


def test_days_away_are_added_undone_removed_and_put_back(coach, world, at):
    save(coach, day_0="9-12")
    coach.post(PAGE, {"do": "differ", "first_on": "2027-04-01", "last_on": "2027-04-03", "what": "away", "hours": ""})
    kept = AvailabilityException.objects.get()
    page = coach.get(PAGE).content.decode()
    assert "away all 3 days" in page
    assert f"{PAGE}?do=remove-{kept.pk}" in page

    coach.post(PAGE, {"do": f"remove-{kept.pk}"})
    assert not AvailabilityException.objects.exists()
    address = f"{PAGE}?do=again&first=2027-04-01&last=2027-04-03&starts=&ends=&open="
    assert address.replace("&", "&amp;") in coach.get(PAGE).content.decode()
    coach.post(address)
    assert AvailabilityException.objects.count() == 1
    assert coach.post(f"{PAGE}?do=again&first=2027-04-03&last=2027-04-01").status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"what": "open", "hours": ""}, "Say at which hours, such as 14:00-16:00."),
        ({"what": "away", "hours": "noonish"}, "is not a span of time"),
        ({"what": "away", "first_on": "2027-01-01"}, "These days have gone by."),
        ({"what": "away", "last_on": "2027-03-30"}, "This lies before the first day."),
    ],
)
def test_days_that_cannot_be_kept_say_why(coach, typed, sentence):
    save(coach, day_0="9-12")
    answer = coach.post(PAGE, {"do": "differ", "first_on": "2027-04-01", "last_on": ""} | typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_days_that_differ_are_the_same_at_all_places(coach):
    coach.post(PLACES, {"do": "keep", "name": "Online", "mode": "online", "where": ""})
    save(coach, day_0="9-12")
    answer = coach.post(
        PAGE, {"do": "differ", "first_on": "2027-04-01", "last_on": "", "what": "open", "hours": "14-16 at Online"}
    )
    assert "Days that differ are the same at all your places. Leave “Online” out." in answer.content.decode()


def test_places_are_added_changed_removed_and_named_in_hours(coach, world, at):
    coach.post(PLACES, {"do": "keep", "name": "Room 12", "mode": "in_person", "where": "Second floor"})
    place = MeetingPlace.objects.get()
    coach.post(f"{PLACES}?place={place.pk}", {"do": "keep", "name": "Room 14", "mode": "in_person", "where": ""})
    save(coach, day_0="9-12 at room 14")
    assert WeeklyHours.objects.get().place_id == place.pk
    assert "09:00-12:00 at Room 14" in coach.get(PAGE).content.decode()
    coach.post(PLACES, {"do": f"remove-{place.pk}"})
    assert "Your weekly hours name “Room 14”." in coach.get(PLACES).content.decode()
    save(coach, version="1")
    coach.post(PLACES, {"do": f"remove-{place.pk}"})
    coach.post(f"{PLACES}?do=again&name=Room+14&mode=in_person&where=")
    assert MeetingPlace.objects.get().name == "Room 14"
    answer = coach.post(PLACES, {"do": "keep", "name": "room 14", "mode": "online", "where": "meet"})
    assert answer.status_code == 422
    assert "beginning with https://" in answer.content.decode()


def test_a_place_of_another_coach_is_not_found(coach, world, at):
    theirs = actions.add_place(name="Mine", mode="online", where="", by=world.malik, at=at)
    assert coach.get(f"{PLACES}?place={theirs.pk}").status_code == 404
    assert coach.post(PLACES, {"do": f"remove-{theirs.pk}"}).status_code == 404


def test_a_full_page_reads_little(coach, world, at, django_assert_max_num_queries):
    hours = [Hours(day, dt.time(8), dt.time(18)) for day in range(7)]
    terms = actions.BookingTerms(time_zone="Europe/London", step_minutes=15)
    actions.save_availability(terms=terms, hours=hours, expected_version=0, by=world.ioana, at=at)
    queries.own_hours(world.ioana, at)
    with django_assert_max_num_queries(8):
        page = coach.get(PAGE)
    assert len(page.content) < 60_000
