import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines import dictating

TODAY = dt.date(2027, 3, 3)  # a Wednesday
ZONE = "Europe/London"


def read(line, today=TODAY, zone=ZONE, **answers):
    answers = {about.rstrip("_"): answer for about, answer in answers.items()}
    return dictating.parse(line, today=today, zone=zone, answers=answers)


def at(day, hour, minute=0, month=3, year=2027):
    return dt.datetime(year, month, day, hour, minute)


@pytest.mark.parametrize(
    ("line", "starts", "minutes", "mode", "where", "person"),
    [
        ("Tue 3pm, 45 min, phone", at(9, 15), 45, "phone", "", ""),
        ("tomorrow 15:00 with Ana", at(4, 15), None, None, "", "Ana"),
        ("12 Jan 9.30 online 1h", at(12, 9, 30, month=1, year=2028), 60, "online", "", ""),
        ("Friday week noon in person Library room 2", at(12, 12), None, "in_person", "Library room 2", ""),
        ("Tue quarter past 3 pm, phone", at(9, 15, 15), None, "phone", "", ""),
        ("Tue at half past three in the afternoon", at(9, 15, 30), None, None, "", ""),
        ("Tue three o'clock pm with Ana", at(9, 15), None, None, "", "Ana"),
        ("Tue 3 in the afternoon", at(9, 15), None, None, "", ""),
        ("Tue twenty to four pm", at(9, 15, 40), None, None, "", ""),
        ("Tue quarter to one", at(9, 12, 45), None, None, "", ""),
        ("Tue 3pm - 45 min - phone", at(9, 15), 45, "phone", "", ""),
        ("Tue 3 to 4 pm", at(9, 15), 60, None, "", ""),
        ("3 Feb 2027 14h00", at(3, 14, month=2), None, None, "", ""),
        ("with Pärt Tamm on 5/4 at 16.15 for half an hour", at(5, 16, 15, month=4), 30, None, "", "Pärt Tamm"),
        ("Thandiwe, Thursday week, 3-4pm", at(11, 15), 60, None, "", "Thandiwe"),
        ("April 6th 2027, 11am-12.30pm, teams", at(6, 11, month=4), 90, "online", "", ""),
        (
            "18.3.2027 from 13:00 to 13:45 https://meet.example/a-b",
            at(18, 13),
            45,
            "online",
            "https://meet.example/a-b",
            "",
        ),
        ("day after tomorrow 10h 1h30", at(5, 10), 90, None, "", ""),
        ("Fri 5 March 1 pm call +44 1632 960 000", at(5, 13), None, "phone", "+44 1632 960 000", ""),
        (
            "2027-03-10 17:30 1.5 h face to face: the Old Library",
            at(10, 17, 30),
            90,
            "in_person",
            "the Old Library",
            "",
        ),
        ("this Sunday 14:00, 1 h 15 min", at(7, 14), 75, None, "", ""),
        ("tomorrow at 09:00 in room 4", at(4, 9), None, "in_person", "room 4", ""),
        ("Shall we meet on Monday at 12 noon?", at(8, 12), None, None, "", ""),
        ("with 王秀英 tomorrow, 15:00", at(4, 15), None, None, "", "王秀英"),
    ],
)
def test_a_line_is_read(line, starts, minutes, mode, where, person):
    found = read(line)

    assert (found.asks, found.unread) == ((), ())
    assert (found.wall_starts, found.minutes, found.mode) == (starts, minutes, mode)
    assert (found.where, found.person) == (where, person)


@pytest.mark.parametrize(
    ("line", "about", "choices", "sentence"),
    [
        (
            "Tue 3",
            "time",
            (dt.time(3), dt.time(15)),
            "“3” could be in the morning or in the afternoon. Which is meant?",
        ),
        ("Tue 3.30, 1h", "time", (dt.time(3, 30), dt.time(15, 30)), "“3.30” could be in the morning or"),
        ("Tue at 12", "time", (dt.time(0), dt.time(12)), "“at 12” could be"),
        ("Tue 3-4.30", "time", (dt.time(3), dt.time(15)), "“3-4.30” could be"),
        (
            "Wed 3pm",
            "day",
            (TODAY, dt.date(2027, 3, 10)),
            "Today is a Wednesday. Is today meant, or the Wednesday after",
        ),
        ("3pm", "day", (), "On which day?"),
        (
            "next Friday 3pm",
            "day",
            (dt.date(2027, 3, 5), dt.date(2027, 3, 12)),
            "“next Friday” can be the coming one or the one after it.",
        ),
        ("next Monday 3pm", "day", (dt.date(2027, 3, 8), dt.date(2027, 3, 15)), "“next Monday” can be"),
        ("Tue quarter past three", "time", (dt.time(3, 15), dt.time(15, 15)), "“quarter past three” could be"),
        ("Tue at three", "time", (dt.time(3), dt.time(15)), "“three” could be in the morning or"),
        ("Tue at half three", "time", (), "“half three” was not understood as a time."),
        ("Tue ten to eleven", "time", (), "“ten to eleven” was not understood as a time."),
        ("Tue 3pm -30 min", "minutes", (), "“-30 min” cannot be the length of a session."),
        ("Tue 3pm, −1.5 h", "minutes", (), "“-1.5 h” cannot be the length of a session."),
        ("tomorrow, phone", "time", (), "At what time?"),
        ("tomorrow or Friday 3pm", "day", (dt.date(2027, 3, 4), dt.date(2027, 3, 5)), "4 March 2027 is a Thursday"),
        ("Tue 3pm or 4pm", "time", (dt.time(15), dt.time(16)), "The line names several times."),
        ("Tue 3pm 45 min 60 min", "minutes", (45, 60), "The line names several lengths."),
        ("Tue 3pm phone or online", "mode", ("online", "phone"), "The line names several ways"),
        ("30 Feb 3pm", "day", (), "There is no day “30 Feb”."),
        ("31/4/2027 3pm", "day", (), "There is no day “31/4/2027”."),
        ("Tue 25:30", "time", (), "There is no time “25:30”."),
        ("Tue 15 am", "time", (), "There is no time “15 am”."),
        ("Tue 3pm 1000 min", "minutes", (), "“1000 min” cannot be the length of a session."),
        ("28 March 1:30 am", "time", (dt.time(0, 30), dt.time(2, 30)), "There is no 01:30 on 28 March 2027 in London,"),
        ("Tue 3pm EST", "zone", ("America/New_York", "UTC-05:00"), "“EST” can stand for several clocks."),
        ("Tue 3pm ist", "zone", ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"), "“ist” can stand for"),
        ("Tue 3pm in Auckland", "zone", ("Pacific/Auckland", "here"), "“in Auckland”: is the time meant"),
        ("Tue 3pm with Ana, Tokyo", "zone", ("Asia/Tokyo", "here"), "“Tokyo”: is the time meant"),
        ("Tue 3pm with Ana, São Paulo", "zone", ("America/Sao_Paulo", "here"), "“São Paulo”: is the time meant"),
        ("Tue 3pm Gondor time", "zone", (), "Which clock is “Gondor time”?"),
        ("Tue 3pm her time", "zone", (), "Which clock is “her time”?"),
        ("Tue 3pm GMT+25", "zone", (), "Which clock is “GMT+25”?"),
        ("Tue 3pm XYZT", "zone", (), "Which clock is “XYZT”?"),
        ("Tue 3pm Tokyo time or Auckland time", "zone", ("Asia/Tokyo", "Pacific/Auckland"), "The line names several"),
        ("31 October 01:30", "fold", (0, 1), "01:30 happens twice on 31 October 2027"),
        (
            "Tue 18 March 3pm",
            "day",
            (dt.date(2027, 3, 16), dt.date(2027, 3, 18), dt.date(2027, 3, 23)),
            "18 March 2027 is a Thursday, not a Tuesday.",
        ),
    ],
)
def test_what_cannot_be_told_is_asked_with_the_answers_that_are_possible(line, about, choices, sentence):
    asks = {ask.about: ask for ask in read(line).asks}

    assert list(asks) == [about]
    assert asks[about].choices == choices
    assert asks[about].wording.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("12 Jan 15:00", ["12 January 2027 has gone by, so 12 January 2028 is meant."]),
        ("5/4/27 15:00", ["“5/4/27” is read as 5 April 2027: the day comes before the month."]),
        ("3/4 15:00", ["“3/4” is read as 3 April 2027: the day comes before the month."]),
        ("15/4/27 15:00", ["“15/4/27” is read as 15 April 2027."]),
        ("4/4 15:00", []),
        ("next Wed 15:00", []),
        ("Tue 10:15", []),
        ("Tue half past nine", ["“half past nine” is read on the 24-hour clock: 09:30."]),
        ("this Monday 15:00", ["“this Monday” has gone by in this week, so 8 March 2027 is meant."]),
        ("Tue 9.30", ["“9.30” is read on the 24-hour clock: 09:30."]),
        ("Tue 12am", ["“12am” is read as 00:00."]),
        ("Tue 11-1pm", ["“11-1pm” is read as 11:00 to 13:00."]),
        ("Ana Tue 3pm", ["“Ana” is read as the person."]),
        ("Tue 3pm in the Old Library", ["“the Old Library” is read as the place, so you meet in person."]),
        ("Tue 3pm https://meet.example/x", ["There is a link, so you meet online."]),
        ("Tue 3pm 01632 960 000", ["There is a number, so you meet by phone."]),
        ("tomorrow 15:00", []),
        ("Tue midnight", ["“midnight” is read as 00:00, when that day begins."]),
        ("in 2 weeks 3pm", ["“in 2 weeks” is read as 17 March 2027."]),
        ("Tue 3pm Auckland", ["9 March 2027, 15:00 in Auckland is 9 March 2027, 02:00 in London."]),
        ("Tue 3pm in London", ["“London” is read as the place, so you meet in person."]),
        ("Tue 3pm London time", []),
    ],
)
def test_what_was_assumed_is_said(line, sentences):
    found = read(line)

    assert found.asks == ()
    assert [wording.sentence for wording in found.assumed] == sentences


def test_answers_settle_what_was_asked():
    assert read("Tue 3", time=dt.time(15)).wall_starts == at(9, 15)
    assert read("Wed 3pm", day=dt.date(2027, 3, 10)).wall_starts == at(10, 15)
    assert read("Tue 3pm 45 min 60 min", minutes=60).minutes == 60
    assert read("Tue 3pm phone or online", mode="phone").mode == "phone"
    twice = read("31 October 01:30", fold=1)
    assert (twice.fold, twice.is_whole) == (1, True)


def test_words_that_mean_nothing_here_are_said_to_be_left_out():
    assert read("Tue 3pm, bring the blue folder").unread == ("bring the blue folder",)


def test_the_zone_decides_which_times_are_missing():
    assert read("28 March 1:30 am", zone="America/Sao_Paulo").is_whole
    assert [ask.about for ask in read("26 Sept 2:30 am", zone="Pacific/Auckland").asks] == ["time"]


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        ("3pm Auckland time", at(9, 2)),
        ("3pm New York", at(9, 20)),
        ("3pm San Francisco", at(9, 23)),
        ("15:00 Europe/Paris", at(9, 14)),
        ("Auckland time 9am", at(8, 20)),
        ("3pm GMT+2", at(9, 13)),
        ("3pm UTC-03:30", at(9, 18, 30)),
        ("15:00 utc+0530", at(9, 9, 30)),
        ("3pm GMT", at(9, 15)),
        ("3-4pm Sao Paulo", at(9, 18)),
    ],
)
def test_a_zone_that_is_named_is_read_on_its_own_clock(words, starts):
    found = read(f"Tue {words}, with Ana")

    assert (found.wall_starts, found.asks, found.unread, found.person) == (starts, (), (), "Ana")


def test_a_zone_is_settled_by_an_answer():
    assert read("Tue 3pm EST", zone_="UTC-05:00").wall_starts == at(9, 20)
    assert read("Tue 3pm EST", zone_="here").wall_starts == at(9, 15)
    there = read("Tue 3pm in Auckland", zone_="Pacific/Auckland")
    assert (there.wall_starts, there.where, there.mode) == (at(9, 2), "", None)
    place = read("Tue 3pm in Auckland", zone_="here")
    assert (place.wall_starts, place.where, place.mode) == (at(9, 15), "Auckland", "in_person")


def test_a_time_that_another_zone_shows_twice_is_asked_about_there():
    line = "7 Nov 1:30 am New York"
    asked = read(line)
    assert ([ask.about for ask in asked.asks], asked.wall_starts) == (["fold"], None)
    assert [read(line, fold=fold).wall_starts for fold in (0, 1)] == [at(7, 5, 30, 11), at(7, 6, 30, 11)]
    assert read("31 Oct 2:30 pm Auckland time").fold == 1


@pytest.mark.parametrize(
    "line", ["Thandiwe urgently Tue 3pm", "Hi Thandiwe, urgently Tue 3pm", "urgently Thandiwe 3pm Tue"]
)
def test_a_name_beside_words_that_mean_nothing_is_still_a_name(line):
    assert (read(line).person, read(line).unread) == ("Thandiwe", ("urgently",))


@pytest.mark.parametrize(
    "line", ["ſun 3pm", "frı 3pm", "Tue half past fıve", "Tue at ſix", "in ſix days 3pm", "3 ſept 3pm"]
)
def test_letters_that_only_look_like_ours_are_not_ours(line):
    assert not read(line).is_whole
    assert read("Tue 3pm with Işıl İpek").person == "Işıl İpek"


def test_tel_is_a_way_to_meet():
    found = read("Tue 3pm tel. +44 1632 960 000")
    assert (found.mode, found.where, found.unread) == ("phone", "+44 1632 960 000", ())


MODES = {
    "online": ["online", "by video", "Teams"],
    "phone": ["phone", "by phone", "over the phone"],
    "in_person": ["in person", "face to face"],
}


@st.composite
def sessions(draw):
    """A session, and one of the ways in which people write it down."""
    day = draw(st.dates(TODAY + dt.timedelta(days=8), TODAY + dt.timedelta(days=350)))
    hour, minute = draw(st.integers(8, 19)), draw(st.sampled_from((0, 5, 15, 30, 45)))
    minutes = draw(st.one_of(st.none(), st.sampled_from((15, 30, 45, 60, 75, 90, 120))))
    mode = draw(st.sampled_from(("", *MODES)))
    person = draw(st.sampled_from(("", "Ana", "Pärt Tamm", "Siobhán")))
    name = f"{day:%B}"
    days = (
        f"{day.isoformat()}",
        f"{day.day} {name[:3]} {day.year}",
        f"{day.day} {name} {day.year}",
        f"{day:%a} {day.day} {name}",
        f"{day:%d/%m/%Y}",
        f"{name} {day.day}, {day.year}",
    )
    half, twelve = "am" if hour < 12 else "pm", hour % 12 or 12
    times = (
        f"{hour:02}:{minute:02}",
        f"{twelve}.{minute:02} {half}",
        f"at {twelve}:{minute:02}{half}",
        f"{hour:02}h{minute:02}",
    )
    parts = [draw(st.sampled_from(days)), draw(st.sampled_from(times))]
    if minutes:
        lengths = [f"{minutes} min", f"{minutes} minutes", f"{minutes // 60}h{minutes % 60:02}"]
        parts.append(draw(st.sampled_from(lengths if minutes >= 60 else lengths[:2])))
    if mode:
        parts.append(draw(st.sampled_from(MODES[mode])))
    if person:
        parts.append(f"with {person}")
    if draw(st.booleans()):
        parts[0], parts[1] = parts[1], parts[0]
    line = draw(st.sampled_from((", ", "; "))).join(parts)
    return line, (dt.datetime.combine(day, dt.time(hour, minute)), minutes, mode or None, person)


@settings(max_examples=120, deadline=None)
@given(sessions())
def test_what_is_written_down_is_read_back(session):
    line, said = session
    found = read(line)

    assert (found.asks, found.unread, found.where) == ((), (), "")
    assert (found.wall_starts, found.minutes, found.mode, found.person) == said


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from("0123456789:./-hapmtue "), st.characters()), max_size=60))
def test_no_line_breaks_it_and_nothing_is_both_known_and_asked(line):
    found = read(line)
    known = {"day": found.day, "time": found.time, "minutes": found.minutes, "mode": found.mode}

    assert all(known.get(ask.about) is None for ask in found.asks)
    assert found.is_whole == (found.wall_starts is not None and not found.asks)
