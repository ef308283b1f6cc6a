"""A date in one line: nothing is written before a yes."""

import datetime as dt
import re

import pytest

from cairn.delivery import actions
from cairn.delivery.models import CoachingSession
from cairn.people.models import Person
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")
LINE = "/calendar/line/"


@pytest.fixture
def write(client, world, at):
    """Send a line as Ioana, with everything the page then carries along and what is chosen there."""
    actions.prepare_one_to_ones(cohort=world.cohort, by=world.halina, at=at)
    client.force_login(world.ioana)

    def send(line="", **more):
        return client.post(LINE, {"line": line, "do": "look", **more}, follow=True).content.decode()

    return send


def carried(text):
    form = text[text.index('id="read-h"') :]
    return {
        name.replace("answer-", "answer-"): value
        for name, value in re.findall(r'type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', form)
    }


def booked():
    return CoachingSession.objects.filter(state="booked")


def test_a_line_is_shown_as_it_was_understood_and_booked_after_a_yes(world, write):
    Person.objects.filter(pk=world.thandiwe.pk).update(time_zone="America/Sao_Paulo")

    text = write("Tue 3pm with Thandiwe, 45 min, phone 01632 960 000")

    assert "Tuesday 9 March 2027, 15:00 to 15:45" in text
    assert "London time, GMT" in text
    assert "for whom it begins at 12:00 in Sao Paulo" in text
    assert "planned were 60 min" in text
    assert not booked().exists()

    text = write(**carried(text) | {"do": "book"})

    assert "Booked. Your coachee has been told." in text
    session = booked().get()
    assert (session.wall_time, session.minutes, session.mode) == (dt.datetime(2027, 3, 9, 15, 0), 45, "phone")
    assert session.where == "01632 960 000"
    assert f'action="/calendar/line/undo/{session.pk}/{session.version}/"' in text


def test_an_hour_that_has_gone_by_is_said_to_be_before_it_is_written_down(write):
    text = write("3 March 2027 8am with Thandiwe, phone")
    assert "This time has gone by: the session is written down, and nobody is told of it." in text

    text = write(**carried(text) | {"do": "book"})

    assert "Booked. Its time has gone by, so nobody was told." in text


def test_it_can_be_taken_back(world, write, client):
    text = write("Tue 3pm with Thandiwe, 45 min, phone")
    write(**carried(text) | {"do": "book"})
    session = booked().get()

    client.post(f"/calendar/line/undo/{session.pk}/{session.version}/")

    assert not booked().exists()
    session.refresh_from_db()
    assert (session.state, session.minutes) == ("undated", 60)


def test_what_cannot_be_told_is_asked_and_the_answers_are_kept(write):
    text = write("Wed 3 with Thandiwe")
    assert "“3” could be in the morning or in the afternoon." in text
    assert "Today is a Wednesday." in text
    assert "Book it" not in text

    text = write(**carried(text) | {"answer-time": "15:00:00"})
    assert "could be in the morning" not in text
    assert "Book it" not in text
    text = write(**carried(text) | {"answer-day": "2027-03-10"})
    assert "Wednesday 10 March 2027, 15:00 to 16:00" in text
    write(**carried(text) | {"do": "book"})

    assert booked().get().wall_time == dt.datetime(2027, 3, 10, 15, 0)


def test_who_is_meant_is_asked_where_several_are(world, write):
    text = write("Tue 3pm with a")

    assert "Several of your coachees are called “a”." in text
    text = write(**carried(text) | {"who": str(world.enrolments["part"].pk)})
    assert "Book it" in text


def test_without_a_name_what_was_understood_stands_there_and_a_list_has_the_coachees(world, write):
    Person.objects.filter(pk=world.ioana.pk).update(time_zone="America/Sao_Paulo")

    text = write("Tue 3pm, 45 min, phone")

    assert "Tuesday 9 March 2027, 15:00 <small>London time</small>" in text
    assert ">45 min<" in text
    assert ">by phone<" in text
    chosen = world.enrolments["thandiwe"]
    assert f'<option value="{chosen.pk}">Thandiwe' in text
    assert "Book it" not in text

    text = write(**carried(text) | {"whom": str(chosen.pk)})
    assert "Tuesday 9 March 2027, 15:00 to 15:45" in text
    write(**carried(text) | {"do": "book"})

    session = booked().get()
    assert (session.enrolment_id, session.wall_time.hour, session.minutes, session.mode) == (chosen.pk, 15, 45, "phone")


@pytest.mark.parametrize("line", ["Tue 3pm, 45 min, phone", "Tue 3pm with Thandiwe"])
def test_the_page_costs_few_questions(write, client, line, django_assert_max_num_queries):
    write(line)
    with django_assert_max_num_queries(8):
        client.get(LINE)


def test_whom_nobody_knows_is_chosen_from_the_list_and_stays_chosen(world, write):
    text = write("Tue 3pm with Siobhán")
    assert "None of your coachees is called “Siobhán”. With whom?" in text

    text = write(**carried(text) | {"whom": str(world.enrolments["part"].pk)})
    assert "Book it" in text
    write(**carried(text) | {"do": "book"})

    assert booked().get().enrolment_id == world.enrolments["part"].pk


def test_the_page_can_be_come_back_to_and_its_address_holds_no_name(write, client):
    answer = client.post(LINE, {"line": "Tue 3pm with Thandiwe, phone", "do": "look"})
    assert (answer.status_code, answer["Location"]) == (302, LINE)
    text = client.get(LINE).content.decode()
    assert "Tuesday 9 March 2027, 15:00 to 16:00" in text
    write(**carried(text) | {"do": "book"})

    after = client.get(LINE).content.decode()
    assert "This is booked" in after
    assert "Thandiwe" not in after


@pytest.mark.parametrize("path", ["/today/", "/calendar/", LINE])
def test_on_which_clock_a_line_is_read_is_said_before_anything_is_typed(world, write, page, path):
    Person.objects.filter(pk=world.ioana.pk).update(time_zone="America/Sao_Paulo")
    assert "Times are London time, unless you name another clock." in page(world.ioana, path)[1]


def test_a_time_that_happens_twice_is_asked_about(world, write):
    world.cohort.ends_on = dt.date(2027, 12, 1)
    world.cohort.save(update_fields=["ends_on"])
    text = write("31 October 01:30 with Thandiwe")
    assert "the second, an hour later, GMT" in text

    text = write(**carried(text) | {"answer-fold": "1"})
    write(**carried(text) | {"do": "book"})

    assert booked().get().starts_at == dt.datetime(2027, 10, 31, 1, 30, tzinfo=dt.UTC)


def test_a_time_that_was_taken_offers_others(world, write):
    running.one_to_one(world, dt.datetime(2027, 3, 9, 15, 0), "part")

    text = write("Tue 3pm with Thandiwe, phone")

    assert "You are in another session then." in text
    assert "Book it" not in text
    instead = re.findall(r'name="instead" value="([^"]+)"', text)
    assert instead[0] == "2027-03-09T16:00"
    text = write(**carried(text) | {"instead": instead[0]})
    assert "16:00 to 17:00" in text


def test_a_zone_in_the_line_is_converted_or_asked_about_and_never_left_out(world, write):
    text = write("Tue 3pm Auckland time with Thandiwe, phone")
    assert "9 March 2027, 15:00 in Auckland is 9 March 2027, 02:00 in London." in text
    assert "Tuesday 9 March 2027, 02:00 to 03:00" in text

    text = write("Tue 3pm EST with Thandiwe, phone")
    assert "“EST” can stand for several clocks. Which is meant?" in text
    assert "Book it" not in text
    text = write(**carried(text) | {"answer-zone": "America/New_York"})
    write(**carried(text) | {"do": "book"})
    assert booked().get().wall_time == dt.datetime(2027, 3, 9, 20, 0)


def test_a_time_that_is_skipped_leaves_two_others_and_the_line(world, write):
    text = write("28 March 1:30 am with Thandiwe")

    assert "There is no 01:30 on 28 March 2027 in London, because" in text
    assert 'value="00:30:00"' in text
    assert 'value="02:30:00"' in text
    assert "Or write another time in the line." in text


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1 Sept 2028 3pm with Thandiwe", "The cohort runs from 7 September 2026 to "),
        ("Tue 3pm with Thandiwe, 45 min", "210 now, 165 once this is booked"),
        ("Tue 3pm with Thandiwe, 8 hours", "This takes 8 h, and 3 h 30 min are left."),
        ("Tue 3pm with Thandiwe, online: my usual room", "was not understood and is left out."),
        ("Tue 3pm with Thandiwe, online 01632 960 000", "is not a link."),
        ("", "Write it as you would in an e-mail"),
    ],
)
def test_what_stands_in_the_way_is_said(write, line, sentence):
    assert sentence in write(line)


@pytest.mark.parametrize(
    "line",
    [
        "with A\x00b tomorrow 3pm",
        "31/12/9999 23:59 with Thandiwe",
        "0001-01-01 00:30 with Thandiwe",
        "99999999999999999999 with Thandiwe",
        "with %_\\ \ud83d tomorrow 15:00",
        "¦⌂¦ with Thandiwe ¦ 3pm tomorrow",
        "'; DROP TABLE people; -- tomorrow 3pm",
    ],
)
def test_strange_lines_are_answered(write, line):
    assert "A date in one line" in write(line.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


@pytest.mark.parametrize("answers", [{"answer-day": "0001-01-01"}, {"answer-day": "9999-12-31"}, {"answer-fold": "²"}])
def test_strange_answers_are_asked_again(write, answers):
    assert "A date in one line" in write("tomorrow 3pm with Thandiwe", **answers, who="²")


def test_the_field_stands_where_dates_are_made(world, write, page):
    for path in ("/today/", "/calendar/", f"/coachees/{world.enrolments['thandiwe'].pk}/"):
        assert 'action="/calendar/line/"' in page(world.ioana, path)[1]
