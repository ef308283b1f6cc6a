"""Hours of a day as people type them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines import opening_hours
from cairn.engines.opening_hours import Opening, read, tidy, write
from cairn.engines.wording import Refusal

PLACES = ("Room 12", "Video")
NINE, NOON, FIVE = 540, 720, 1020
MORNING = Opening(NINE, 750)


@pytest.mark.parametrize(
    "text",
    [
        *("09:00-12:30", "9-12.30", "0900-1230", "9h–12h30", "9 to 12:30", "from 9am until 12:30 pm", "9 - 12:30."),
        *("09:00—12:30", "9:00-11, 11-12:30", "10-12:30; 9-11", " 9 a.m. till 12.30 p.m. ", "9-11 and 11-12:30"),
        *("9-11\n11-12:30", "9 am-noon, noon-12:30", "9-12:30, 10-11"),
    ],
)
def test_one_morning_is_read_however_it_is_written(text):
    assert read(text) == (MORNING,)


@pytest.mark.parametrize("text", ["", "  ", "-", "closed", "None", "Away."])
def test_a_day_without_hours_is_said_in_many_ways(text):
    assert read(text) == ()


@pytest.mark.parametrize("text", ["02:00-05:00", "2am-5am", "2am-05:00", "2-5 am", "0200-0500", "2 to 5 a.m.", "02-5"])
def test_nights_are_read_where_they_are_meant(text):
    assert read(text) == (Opening(120, 300),)


def test_hours_that_go_on_into_the_afternoon_are_not_asked_about():
    assert read("6-14, 5-12.30, 9-5pm, 6-12:30") == (Opening(300, FIVE),)
    assert read("11-12, 9-11:30") == (Opening(NINE, NOON),)


def test_a_day_ends_at_midnight():
    evening = (Opening(22 * 60, 1440),)
    assert read("22-24") == read("22:00-00:00") == read("10pm-midnight") == evening
    assert read("0-24") == read("midnight to midnight") == (Opening(0, 1440),)
    assert write(evening) == "22:00-24:00"


def test_places_are_named_in_full_or_by_their_beginning():
    assert read("9-17 at room 12", PLACES) == (Opening(NINE, FIVE, "Room 12"),)
    assert read("9-12 @vid, 12-5 pm in Room 12", PLACES) == (
        Opening(NINE, NOON, "Video"),
        Opening(NOON, FIVE, "Room 12"),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nine", "“nine” is not a span of time. Write hours like 09:00-12:30, 14:00-17:00."),
        ("9-12, 14", "“14” is not a span of time. Write hours like 09:00-12:30, 14:00-17:00."),
        ("9-5", "“9-5” ends before it begins. Write the end on the 24-hour clock, such as 09:00-17:00."),
        ("22-2", "“22-2” goes past midnight. Write 22:00-24:00 here, and 00:00-02:00 on the day after."),
        ("9-12 and 2-5", "“2-5” could be 02:00-05:00 or 14:00-17:00. Write the one you mean."),
        ("1:30-3:00", "“1:30-3:00” could be 01:30-03:00 or 13:30-15:00. Write the one you mean."),
        ("2-5pm", "“2-5pm” could be 02:00-17:00 or 14:00-17:00. Write the one you mean."),
        ("8-midnight", "“8-midnight” could be 08:00-24:00 or 20:00-24:00. Write the one you mean."),
        ("12-5 pm, 8-10", "“8-10” could be 08:00-10:00 or 20:00-22:00. Write the one you mean."),
        ("9-25", "“25” is not a time of day. Write times like 9:00, 14:30 or 2.30 pm."),
        ("9:75-12", "“9:75” is not a time of day. Write times like 9:00, 14:30 or 2.30 pm."),
        ("13 pm-15", "“13 pm” is not a time of day. Write times like 9:00, 14:30 or 2.30 pm."),
        ("9-12 at the library", "“the library” is none of your places. They are: Room 12, Video."),
        (
            ", ".join(f"{hour:02}-{hour:02}:30" for hour in range(13)),
            "These are more than 12 spans in one day. Put some of them together.",
        ),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_would_be(text, sentence):
    with pytest.raises(Refusal) as refused:
        read(text, PLACES)
    assert refused.value.sentence == sentence


def test_without_places_none_can_be_named():
    with pytest.raises(opening_hours.NoPlacesYet):
        read("9-12 at Video")


minutes = st.integers(0, 1440)
openings = st.lists(
    st.tuples(minutes, minutes, st.sampled_from(["", *PLACES]))
    .filter(lambda span: span[0] < span[1])
    .map(lambda span: Opening(*span)),
    max_size=8,
)


@given(openings)
@settings(max_examples=50)
def test_what_is_written_is_read_the_same(some):
    assert read(write(tidy(some)), PLACES) == tidy(some)


@given(st.text(alphabet="0123456789-:.,;hapmto @—\n", max_size=25))
@settings(max_examples=50)
def test_whatever_is_typed_is_read_or_refused(text):
    try:
        found = read(text, PLACES)
    except Refusal as refused:
        assert refused.sentence
    else:
        assert read(write(found), PLACES) == found
