import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cairn.journey import actions, queries
from tests import cast

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    return cast.person("alone@example.org", "Sam")


def write(person, text, days=0, **more):
    return actions.write_entry(text=text, by=person, at=cast.AT - dt.timedelta(days=days), **more)


def test_an_empty_mirror_says_so(alone, page):
    write(alone, "One lonely page.")
    status, text = page(alone, "/mirror/")
    assert status == 200
    assert "There is too little yet" in text


def test_words_are_shown_with_their_places_and_two_sentences_with_a_question(alone, page):
    first = write(alone, "I love the laboratory at night. Quiet there.", days=300)
    write(alone, "The laboratory again.", days=100)
    last = write(alone, "I hate the laboratory by day.")
    goal = actions.set_goal(title="Another laboratory", why="For the <quiet>.", by=alone, at=cast.AT)
    text = page(alone, "/mirror/")[1]
    assert "in 4 places" in text
    said = "You wrote “I love the laboratory at night.” in May 2026 and “I hate the laboratory by day.” today."
    assert said in text and "What changed?" in text
    for path in (f"/journal/{first.pk}/", f"/journal/{last.pk}/", f"/goals/{goal.pk}/"):
        assert f'href="{path}"' in text
    assert "<quiet>" not in text


def test_answers_and_exercises_are_mirrored_in_their_own_words_only(alone, page):
    walk_text = "The harbour calls me."
    question = next(iter(each.key for each in library_questions()))
    actions.save_answer(question=question, text=walk_text, revision=0, by=alone, at=cast.AT)
    run = actions.begin_run(exercise="mission", by=alone, at=cast.AT).pk
    part = next(part for part in library_exercise("mission").parts if part.kind in ("text", "short"))
    actions.save_run(run_id=run, values={part.key: "A harbour for others."}, revision=1, by=alone, at=cast.AT)
    write(alone, "By the harbour.")
    text = page(alone, "/mirror/")[1]
    assert "harbour" in text and "in 3 places" in text
    assert f'href="/path/{question}/"' in text
    assert f'href="/exercises/mission/{run}/"' in text


def library_questions():
    from cairn.library import queries as library

    return library.path().questions


def library_exercise(key):
    from cairn.library import queries as library

    return library.exercises()[key]


def test_nobody_elses_words_are_in_it(world, page):
    for number in range(4):
        write(world.part, "kingfisher kingfisher", days=number)
    assert "kingfisher" not in page(world.thandiwe, "/mirror/")[1]


def test_it_writes_nothing_and_asks_once(alone, client):
    for number in range(5):
        write(alone, f"I love the garden. Page {number}.", days=number * 30)
    client.force_login(alone)
    client.get("/mirror/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/mirror/").status_code == 200
    asked = [query["sql"].lstrip().upper() for query in captured.captured_queries]
    assert [sql for sql in asked if sql.startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert len(asked) <= 8
    with CaptureQueriesContext(connection) as captured:
        queries.reflection(alone)
    assert len(captured) == 1
