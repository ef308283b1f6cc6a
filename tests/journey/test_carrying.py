"""Taking everything out, bringing it in elsewhere, and taking it out again: the same journey."""

import datetime as dt
import json
import uuid

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cairn.engines import carrying
from cairn.journey import actions, queries
from cairn.journey.models import Answer, AnswerVersion, JournalEntry, Portrait, Reading, Share
from cairn.journey.queries import taking_out
from cairn.people import actions as people_actions
from tests.journey import whole


@pytest.fixture
def fresh(world, at):
    """Somebody who has just begun."""
    return people_actions.sign_up(email="fresh@example.org", at=at)


def file_of(person, at):
    return carrying.written(queries.taken_out(person), at)


def nameless(value):
    """Without names of rows, and without what is told but not brought in."""
    if isinstance(value, dict):
        return {key: nameless(each) for key, each in value.items() if key not in ("name", "goal")}
    return [nameless(each) for each in value] if isinstance(value, list) else value


def carried(raw):
    found = json.loads(raw)
    return nameless({kind: found[kind] for kind in carrying.SHAPE})


def test_everything_comes_back_with_its_dates(world, at, fresh):
    made = whole.write(world.thandiwe, at, coach=world.ioana)
    first = file_of(world.thandiwe, at)
    later = at + dt.timedelta(days=40)
    actions.bring_in(journey=carrying.read(first), by=fresh, at=later)
    assert carried(file_of(fresh, later)) == carried(first)
    missing = [text for text in made.texts if text not in first.decode() and "note-private" not in text]
    assert missing == []
    assert b"note-private" not in first


def test_every_table_of_the_journey_is_taken_out_or_said_not_to_be():
    left = {"SealingKey", "Erasure", "JournalImport"}  # keys, receipts, and what is not taken in yet
    named = {each.__name__ for each in apps.get_app_config("journey").get_models()}
    assert {each for each in named if each not in left} == {each for each in named if hasattr(taking_out, each)} - left


def test_steps_and_reviews_stay_with_their_goals(world, at, fresh):
    whole.write(world.thandiwe, at)
    actions.bring_in(journey=carrying.read(file_of(world.thandiwe, at)), by=fresh, at=at)
    [goal] = [each for each in queries.goals(fresh) if each.state == "open"]
    theirs = queries.taken_out(fresh)
    [step] = [each for each in theirs["steps"] if each["goal"]]
    assert step["goal"] == next(each["name"] for each in theirs["goals"] if each["said"]["title"] == goal.title)
    assert [len(each["reviews"]) for each in theirs["goals"]] == [1, 0]


def test_bringing_in_twice_brings_nothing_more(world, at, fresh):
    whole.write(world.thandiwe, at, coach=world.ioana)
    journey = carrying.read(file_of(world.thandiwe, at))
    assert queries.coming(fresh, journey).is_nothing is False
    once = actions.bring_in(journey=journey, by=fresh, at=at)
    assert once["journal"] == 2 and once["answers"] == 4
    before = carried(file_of(fresh, at))
    assert queries.coming(fresh, journey).is_nothing is True
    again = actions.bring_in(journey=carrying.read(file_of(world.thandiwe, at)), by=fresh, at=at)
    assert set(again.values()) == {0}
    assert carried(file_of(fresh, at)) == before
    # and back to where it came from
    assert queries.coming(world.thandiwe, carrying.read(file_of(fresh, at))).is_nothing is True


def test_what_was_changed_after_it_came_is_not_doubled(world, at, fresh):
    entry = actions.write_entry(text="as it was", by=world.thandiwe, at=at)
    raw = file_of(world.thandiwe, at)
    actions.bring_in(journey=carrying.read(raw), by=fresh, at=at)
    [theirs] = queries.entries(fresh)
    seen = queries.entry(fresh, theirs.id).revision
    actions.save_entry(entry_id=theirs.id, words=actions.Words("as it is"), revision=seen, by=fresh, at=at)
    assert queries.coming(fresh, carrying.read(raw)).is_nothing is True
    assert queries.coming(world.thandiwe, carrying.read(raw)).is_nothing is True
    assert entry.pk != theirs.id


def test_where_both_sides_have_something_nothing_is_lost(world, at, fresh):
    whole.write(world.thandiwe, at, word="THEIRS")
    whole.write(fresh, at, word="MINE")
    actions.bring_in(journey=carrying.read(file_of(world.thandiwe, at)), by=fresh, at=at)
    raw = file_of(fresh, at).decode()
    assert Portrait.objects.filter(person=fresh).count() == 1
    texts = {each["question"]: each for each in queries.taken_out(fresh)["walks"][0]["answers"]}
    assert all("THEIRS" not in (each["text"] or "") for each in texts.values())
    assert raw.count("THEIRS-answer") == 2 and raw.count("MINE-answer") >= 2
    assert raw.count("THEIRS-portrait") == 1 or "THEIRS-portrait" in raw
    numbers = list(
        AnswerVersion.objects.filter(person=fresh).order_by("answer", "number").values_list("answer", "number")
    )
    assert len(numbers) == len(set(numbers))


def test_nothing_is_shared_by_bringing_in(world, at, fresh):
    whole.write(world.thandiwe, at, coach=world.ioana)
    before = Share.objects.count(), Reading.objects.count()
    actions.bring_in(journey=carrying.read(file_of(world.thandiwe, at)), by=fresh, at=at)
    assert (Share.objects.count(), Reading.objects.count()) == before
    assert queries.shared_items(world.ioana, fresh.pk, at + dt.timedelta(days=2)).items == ()


def test_somebody_elses_rows_are_not_touched(world, at, fresh):
    entry = actions.write_entry(text="hers", by=world.thandiwe, at=at)
    stolen = {"name": str(entry.name), "text": "not hers", "head": None, "written_at": at, "saved_at": None}
    raw = carrying.written({"journal": [stolen]}, at)
    actions.bring_in(journey=carrying.read(raw), by=fresh, at=at)
    assert queries.entry(world.thandiwe, entry.pk).text == "hers"
    assert [each.text for each in queries.entries(fresh)] == ["not hers"]


def test_taking_out_costs_the_same_queries_at_any_size(world, at, fresh):
    def queries_for(person):
        with CaptureQueriesContext(connection) as captured:
            queries.taken_out(person)
        return len(captured)

    whole.write(world.thandiwe, at, coach=world.ioana)
    few = queries_for(world.thandiwe)
    for number in range(30):
        actions.write_entry(text=f"entry {number}", by=world.thandiwe, at=at)
    assert (few, queries_for(world.thandiwe)) == (few, few)
    assert few <= 18
    assert queries_for(fresh) <= 8


def test_an_answer_without_its_moment_comes_as_a_draft(at, fresh):
    answer = {"name": str(uuid.uuid4()), "question": "q", "state": "answered", "text": "x", "saved_at": at}
    walk = {"name": str(uuid.uuid4()), "path": "cairn", "path_version": 1, "begun_at": at, "answers": [answer]}
    actions.bring_in(journey=carrying.read(carrying.written({"walks": [walk]}, at)), by=fresh, at=at)
    assert Answer.objects.get(person=fresh).state == "draft"


ENTRY = {"name": str(uuid.uuid4()), "text": "x", "written_at": "2027-03-03T09:00:00+00:00"}


def file_with(**parts):
    return json.dumps({"format": carrying.FORMAT, "version": 1, **parts}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff\xfe",
        b"null",
        b'{"format": "cairn-journey"}',
        b'{"format": "cairn-journey", "version": true}',
        b'{"format": "cairn-journey", "version": "1"}',
        b"[" * 100_000,
        b'{"format": "cairn-journey", "version": 1, "journal": NaN}',
        file_with(journal={}),
        file_with(journal=[1]),
        file_with(journal=[{**ENTRY, "name": "no name"}]),
        file_with(journal=[{**ENTRY, "text": 7}]),
        file_with(journal=[{**ENTRY, "text": "x" * 200_001}]),
        file_with(journal=[{**ENTRY, "text": "\ud800"}]),
        file_with(journal=[{**ENTRY, "written_at": "yesterday"}]),
        file_with(journal=[{**ENTRY, "written_at": "2027-03-03T09:00:00"}]),
        file_with(journal=[{**ENTRY, "written_at": "0001-01-01T00:00:00+14:00"}]),
        file_with(journal=[{**ENTRY, "head": {"title": 4}}]),
        file_with(journal=[{**ENTRY, "head": {"tags": "one"}}]),
        file_with(journal=[ENTRY] * 50_001),
        file_with(goals=[{"name": str(uuid.uuid4()), "said": {}, "weight": 1, "state": "open"}]),
        file_with(goals=[{"name": str(uuid.uuid4()), "said": {"title": "t"}, "weight": 99, "state": "open"}]),
        file_with(portrait=[{"name": str(uuid.uuid4()), "sections": {"sections": {"keeps": [{}]}}}]),
        file_with(walks=[{"name": str(uuid.uuid4()), "path": "../../etc", "path_version": 1}]),
        file_with(rhythm=[{"pace": "hourly"}]),
    ],
)
def test_what_no_cairn_wrote_is_refused_as_a_whole(raw):
    with pytest.raises(carrying.NotAJourney):
        carrying.read(raw)


def test_a_newer_file_says_so():
    with pytest.raises(carrying.FromTheFuture):
        carrying.read(file_with(version=2))


def test_naught_characters_and_odd_scripts_come_through(world, at, fresh):
    text = "\x00 \u202e 今日は 🪨\u200d \u200b ’’ = @SUM(1)"
    entry = {**ENTRY, "text": text}
    actions.bring_in(journey=carrying.read(file_with(journal=[entry])), by=fresh, at=at)
    assert JournalEntry.objects.filter(person=fresh).count() == 1
    assert [each.text for each in queries.entries(fresh)] == [text]
