"""Exercises on their pages: for everybody who is signed in, with no role and no organisation."""

import datetime as dt
import json
import re

import pytest
from django.urls import reverse

from cairn.foundation import clock
from cairn.journey import actions, queries
from cairn.journey.models import Share
from cairn.library import queries as library
from tests import cast

WHEEL = {"aspects": [{"aspect": "Variety", "now": 4, "wished": 7, "importance": 8}]}


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    return cast.person("solo@example.org", "Solveig")


@pytest.fixture
def page(client, alone, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)
    client.force_login(alone)
    return client


def begun(who, exercise="wheel", **more):
    return actions.begin_run(exercise=exercise, by=who, at=cast.AT, **more)


def finished(who, values, exercise="wheel", at=cast.AT):
    run = actions.begin_run(exercise=exercise, by=who, at=at)
    actions.finish_run(run_id=run.pk, values=values, revision=1, by=who, at=at)
    return run


def url(run, name="exercise_run"):
    return reverse(name, args=[run.exercise, run.pk])


def form_of(page, run):
    """The fields of the page as a browser would send them."""
    text = page.get(url(run) + "?change").content.decode()
    hidden = {name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("revision", "seen")}
    return {**hidden, "seen": hidden["seen"].replace("&quot;", '"')}


def test_the_list_says_what_each_is_for(page):
    text = page.get(reverse("exercises")).content.decode()
    for each in library.exercises().values():
        assert each.title in text
        assert each.purpose in text


@pytest.mark.parametrize("key", sorted(library.exercises()))
def test_every_exercise_can_be_begun_and_tells_no_coachs_notes(page, alone, key):
    exercise = library.exercises()[key]
    response = page.post(reverse("exercise_begin", args=[key]))
    run = queries.runs(alone, key)[0]
    assert response.url == reverse("exercise_run", args=[key, run.id])
    note = exercise.facilitator.split(".")[0]
    for address in (reverse("exercise", args=[key]), response.url, reverse("exercises")):
        text = page.get(address).content.decode()
        assert note not in text
    for part in exercise.parts:
        assert f'id="{part.key}"' in page.get(response.url).content.decode()


@pytest.mark.parametrize("key", sorted(library.exercises()))
def test_every_exercise_is_read_when_it_is_done(page, alone, key):
    exercise = library.exercises()[key]
    run = finished(alone, {**full(exercise), "_words": "My own words.", "_confirmed": True}, key)
    text = page.get(url(run)).content.decode()
    assert "My own words." in text
    assert "Nothing new, one thing confirmed" in text
    assert exercise.facilitator.split(".")[0] not in text


def full(exercise, rows=2, words="Something of my own"):
    """Values for every part, as many rows as are asked for."""
    values = {}
    for part in exercise.parts:
        if part.kind == "rows":
            number = min(rows, part.most)
            values[part.key] = [
                {column.key: cell(column, f"{words} {place}") for column in part.columns} for place in range(number)
            ]
        elif part.kind == "sort":
            values[part.key] = dict.fromkeys(part.cards, next(iter(part.piles)))
        elif part.kind == "scale":
            values[part.key] = part.high
        else:
            values[part.key] = words
    return values


def cell(column, words):
    if column.kind in ("scale", "number"):
        return max(column.low, min(column.high, 2020)) if column.kind == "number" else column.high
    if column.kind == "choice":
        return next(iter(column.options))
    return "2027-03-03" if column.kind == "date" else words


def test_what_is_typed_without_a_script_is_kept(page, alone):
    run = begun(alone, "line")
    sent = {
        **form_of(page, run),
        "moments-0-year": "2012",
        "moments-0-what": "First summer",
        "moments-0-height": "4",
        "moments-2-what": "Last",
        "repeat-1-what": "Teaching",
        "_words": "High.",
        "do": "rows-moments",
    }
    response = page.post(url(run), sent)
    assert response.url == url(run) + "?change#moments"
    assert queries.run(alone, run.pk).values == {
        "moments": [{"year": 2012, "what": "First summer", "height": 4}, {"what": "Last"}],
        "repeat": [{"what": "Teaching"}],
        "_words": "High.",
    }


def test_three_blank_rows_follow_what_is_filled(page, alone):
    run = begun(alone, "line")
    assert page.get(url(run)).content.decode().count('name="moments-') == 3 * 5
    actions.save_run(run_id=run.pk, values={"moments": [{"what": "A"}]}, revision=1, by=alone, at=cast.AT)
    assert page.get(url(run)).content.decode().count('name="moments-') == 4 * 5


def test_a_sort_is_kept_card_by_card(page, alone):
    run = begun(alone, "values")
    page.post(url(run), {**form_of(page, run), "cards-order": "heart", "cards-play": "less", "do": "save"})
    assert queries.run(alone, run.pk).values == {"cards": {"order": "heart", "play": "less"}}


def test_being_done_leads_to_the_reading_page(page, alone):
    run = begun(alone)
    response = page.post(url(run), {**form_of(page, run), "aspects-0-aspect": "Quiet", "do": "finish"}, follow=True)
    assert queries.run(alone, run.pk).state == "finished"
    assert "Change it" in response.content.decode()


def test_nothing_new_can_be_ticked(page, alone):
    run = begun(alone, "mission")
    page.post(url(run), {**form_of(page, run), "_confirmed": "on", "do": "finish"})
    opened = queries.run(alone, run.pk)
    assert (opened.state, opened.values) == ("finished", {"_confirmed": True})


def test_what_is_too_long_stays_on_the_page(page, alone):
    run = begun(alone, "self_140")
    long = "é" * 141
    response = page.post(url(run), {**form_of(page, run), "as_i_am": long, "do": "finish"})
    text = response.content.decode()
    assert (response.status_code, long in text, "longer than 140 characters" in text) == (422, True, True)
    opened = queries.run(alone, run.pk)
    assert (opened.state, opened.values) == ("begun", {"as_i_am": long})


def test_what_is_no_number_stays_where_it_was_typed(page, alone):
    run = begun(alone, "line")
    sent = {**form_of(page, run), "moments-0-what": "", "moments-1-what": "First"}
    sent |= {"moments-1-year": "spring", "do": "finish"}
    response = page.post(url(run), sent)
    text = response.content.decode()
    assert response.status_code == 422
    assert 'name="moments-1-year" type="number" min="1930" max="2100" value="spring"' in text
    assert "You typed “spring”." in text
    assert queries.run(alone, run.pk).values == {"moments": [{"what": "First"}]}


def test_a_blank_one_stays_open_and_says_so(page, alone):
    run = begun(alone, "mission")
    response = page.post(url(run), {**form_of(page, run), "do": "finish"})
    assert (response.status_code, queries.run(alone, run.pk).state) == (422, "begun")
    assert "There is nothing in it yet." in response.content.decode()


def test_skipping_is_kept_quietly(page, alone):
    run = begun(alone, "mission")
    response = page.post(url(run), {**form_of(page, run), "for_whom": "Readers", "do": "skip"}, follow=True)
    assert "nothing follows from skipping" in response.content.decode()
    opened = queries.run(alone, run.pk)
    assert (opened.state, opened.values) == ("skipped", {"for_whom": "Readers"})


def test_typing_is_kept_and_answered_with_what_the_page_needs_next(page, alone):
    run = begun(alone, "mission")
    first = page.post(url(run, "exercise_run_save"), {**form_of(page, run), "for_whom": "Readers"}).json()
    assert (first["merged"], first["revision"], first["problems"]) == (False, 2, [])
    again = {"revision": first["revision"], "seen": first["seen"], "for_whom": "Readers and writers"}
    assert page.post(url(run, "exercise_run_save"), again).json()["revision"] == 3
    assert queries.run(alone, run.pk).values == {"for_whom": "Readers and writers"}


def test_two_windows_lose_nothing(page, alone):
    run = begun(alone, "line")
    first, second = form_of(page, run), form_of(page, run)
    page.post(url(run), {**first, "moments-0-what": "First", "do": "save"})
    response = page.post(url(run), {**second, "moments-0-what": "Second", "do": "save"}, follow=True)
    assert queries.run(alone, run.pk).values == {"moments": [{"what": "First"}, {"what": "Second"}]}
    assert "Another window had written here" in response.content.decode()
    late = page.post(url(run, "exercise_run_save"), {**second, "moments-0-what": "Third"}).json()
    assert late == {"merged": True, "problems": []}


@pytest.mark.parametrize("marks", ["", "[]", "{", json.dumps({"moments": 3}), "null"])
def test_marks_that_are_none_lose_nothing(page, alone, marks):
    run = begun(alone, "line")
    actions.save_run(run_id=run.pk, values={"moments": [{"what": "A"}]}, revision=1, by=alone, at=cast.AT)
    page.post(url(run), {"revision": "x", "seen": marks, "moments-0-what": "B"})
    assert queries.run(alone, run.pk).values == {"moments": [{"what": "A"}, {"what": "B"}]}


def test_it_can_be_done_again_from_the_last_one(page, alone):
    first = finished(alone, WHEEL)
    page.post(reverse("exercise_begin", args=["wheel"]), {"like": first.pk})
    newest = queries.runs(alone, "wheel")[0]
    assert (newest.id != first.pk, newest.values) == (True, WHEEL)


def test_two_wheels_are_laid_over_one_another_and_told_apart_in_words(page, alone):
    finished(alone, WHEEL, at=cast.BEFORE)
    later = finished(alone, {"aspects": [{"aspect": "variety", "now": 6, "wished": 7, "importance": 8}]})
    text = page.get(url(later, "exercise_compare")).content.decode()
    assert "variety, Now: up from 4 to 6" in text
    assert "1 September 2026 and 3 March 2027" in text


def test_two_selves_stand_side_by_side(page, alone):
    finished(alone, {"as_i_am": "Builder"}, "self_140", at=cast.BEFORE)
    later = finished(alone, {"as_i_am": "Teacher"}, "self_140")
    text = page.get(url(later, "exercise_compare")).content.decode()
    assert "As I am: from “Builder” to “Teacher”" in text


def test_two_of_one_day_are_told_apart_by_their_time(page, alone):
    finished(alone, WHEEL)
    later = finished(alone, WHEEL, at=cast.AT + dt.timedelta(minutes=50))
    heading = re.search(r"<h1>(.*?)</h1>", page.get(url(later, "exercise_compare")).content.decode())[1]
    first, second = heading.split(" and ")
    assert (first != second, first.rsplit(", ", 1)[0] == second.rsplit(", ", 1)[0]) == (True, True)


def test_without_an_earlier_one_there_is_nothing_to_compare(page, alone):
    assert page.get(url(finished(alone, WHEEL), "exercise_compare")).status_code == 404


def test_together_shows_what_the_others_hold(page, alone):
    finished(alone, {"moments": [{"what": "First summer"}]}, "line")
    text = page.get(url(begun(alone, "together"))).content.decode()
    assert "Pinnacles and foothills" in text
    assert "First summer" in text


def test_what_a_coach_picked_is_offered_until_it_is_done(page, alone, world):
    actions.pick(person_id=alone.pk, kind="exercise", key="fear", by=world.ioana, at=cast.AT)
    assert f"{world.ioana.name} picked it for you." in page.get(reverse("exercises")).content.decode()
    finished(alone, {"protects": "My sleep"}, "fear")
    assert "picked it for you" not in page.get(reverse("exercises")).content.decode()


def test_who_may_read_it_stands_before_it(page, alone, world):
    run = begun(alone)
    assert "Only you" in page.get(url(run)).content.decode()
    until = cast.AT.replace(month=5)
    Share.objects.create(person=alone, reader=world.ioana, kind="exercise", item_id=run.pk, since=cast.AT, until=until)
    text = page.get(url(run)).content.decode()
    assert (world.ioana.name in text, "3 May" in text) == (True, True)


def test_somebody_elses_is_not_found(page, world):
    run = actions.begin_run(exercise="wheel", by=world.thandiwe, at=cast.AT)
    names = ("exercise_run", "exercise_run_save", "exercise_run_delete")
    assert [page.post(url(run, name)).status_code for name in names] == [404, 404, 404]
    assert page.get(url(run)).status_code == 404


def test_rows_are_read_as_list_table_or_one_after_another(page, alone):
    values = {
        "moments": [{"what": "First summer", "height": -3, "gave": "air"}],
        "repeat": [{"what": "Teaching"}],
    }
    text = page.get(url(finished(alone, values, "line"))).content.decode()
    assert "<li>Teaching</li>" in text
    text = page.get(url(finished(alone, {"reasons": [{"drive": "Being of use", "felt": "on Monday"}]}, "drives")))
    assert "<dt>When I last felt it</dt><dd>on Monday</dd>" in text.content.decode()
    people = {"people": [{"who": "A. B.", "closeness": 4, "date": "2027-03-03"}]}
    text = page.get(url(finished(alone, people, "network"))).content.decode()
    assert ("A. B." in text, "3 March 2027" in text) == (True, True)


def test_the_address_must_name_the_right_exercise(page, alone):
    run = begun(alone)
    assert page.get(reverse("exercise_run", args=["line", run.pk])).status_code == 404
    assert page.get(reverse("exercise", args=["nowhere"])).status_code == 404
    assert page.post(reverse("exercise_begin", args=["nowhere"])).status_code == 404


def test_one_can_be_taken_away(page, alone):
    run = begun(alone)
    assert page.post(url(run, "exercise_run_delete")).url == reverse("exercise", args=["wheel"])
    assert queries.runs(alone, "wheel") == []


def test_the_microphone_plays_only_from_this_device(page, alone):
    policy = page.get(url(begun(alone, "introduction")))["Content-Security-Policy"]
    assert "media-src blob:" in policy
    assert "connect-src 'self'" in policy


def test_what_is_typed_is_not_run(page, alone):
    run = begun(alone, "line")
    hostile = '"><script>alert(1)</script>'
    values = {"moments": [{"what": hostile, "gave": hostile}], "_words": hostile}
    actions.finish_run(run_id=run.pk, values=values, revision=1, by=alone, at=cast.AT)
    for address in (url(run), url(run) + "?change", reverse("exercise", args=["line"])):
        assert "<script>alert" not in page.get(address).content.decode()


@pytest.mark.parametrize("key", sorted(library.exercises()))
def test_a_full_page_stays_light(page, alone, key):
    exercise = library.exercises()[key]
    values = full(exercise, rows=30, words="A line of about forty characters, all mine")
    finished(alone, values, key, at=cast.BEFORE)
    run = finished(alone, values, key)
    sizes = {
        name: len(page.get(address).content)
        for name, address in {"read": url(run), "change": url(run) + "?change"}.items()
    }
    assert {name: size for name, size in sizes.items() if size > 60_000} == {}


def test_a_long_history_stays_light(page, alone):
    for _number in range(50):
        finished(alone, {"aspects": [{"aspect": "Long words " * 30}] * 16})
    assert len(page.get(reverse("exercise", args=["wheel"])).content) <= 60_000


def test_a_card_can_be_taken_off_its_pile(page, alone):
    run = begun(alone, "values")
    page.post(url(run), {**form_of(page, run), "cards-order": "heart"})
    page.post(url(run), {**form_of(page, run), "cards-order": ""})
    assert queries.run(alone, run.pk).values == {}


def test_pages_cost_few_queries_however_many_lie_behind(page, alone, django_assert_max_num_queries):
    wheel = [finished(alone, WHEEL) for _number in range(3)][-1]
    finished(alone, {"protects": "My sleep"}, "fear")
    run = begun(alone, "together")
    for address in (
        reverse("exercises"),
        reverse("exercise", args=["wheel"]),
        url(run),
        url(wheel),
        url(wheel, "exercise_compare"),
    ):
        page.get(address)
        with django_assert_max_num_queries(8):
            page.get(address)
