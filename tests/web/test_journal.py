import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cairn.journey import actions, queries
from cairn.library import queries as library

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def post(client):
    """Send a form as somebody, and follow."""

    def send(person, path, **data):
        client.force_login(person)
        return client.post(path, data, follow=True)

    return send


@pytest.fixture
def alone(db):
    """Somebody with no role and no organisation."""
    from tests import cast

    return cast.person("alone@example.org", "Sam")


def written(response):
    return response.content.decode()


def test_somebody_without_any_role_writes_reads_and_takes_away(alone, post, page):
    text = written(post(alone, "/journal/", title="First", text="Line one.\r\nLine two.", tags="work, quiet"))
    [entry] = queries.entries(alone)
    assert (entry.title, entry.text, entry.tags) == ("First", "Line one.\nLine two.", ("work", "quiet"))
    assert f'href="/journal/{entry.id}/"' in text
    post(alone, f"/journal/{entry.id}/", revision=1, title="First", text="Better.", tags="")
    assert queries.entry(alone, entry.id).text == "Better."
    post(alone, f"/journal/{entry.id}/delete/")
    assert queries.entries(alone) == []
    assert "Nothing here yet." in page(alone, "/journal/")[1]


def test_nothing_written_is_said_and_nothing_kept(alone, post):
    response = post(alone, "/journal/", title="", text="   ", tags="work")
    assert "There is nothing to keep yet." in written(response)
    assert 'value="work"' in written(response)
    assert queries.entries(alone) == []


def test_too_long_a_title_keeps_what_was_typed(alone, post):
    response = post(alone, "/journal/", title="x" * 201, text="Text stays.")
    assert "Text stays." in written(response)
    assert "at most 200 characters" in written(response)


def test_too_long_a_text_is_said_and_not_cut_while_it_is_pasted(alone, page, post):
    assert [f'maxlength="{n}"' in page(alone, "/journal/")[1] for n in (200, 100000)] == [True, False]
    response = written(post(alone, "/journal/", text="x" * 100_001))
    assert ("That is more than fits into one entry." in response, "x" * 100_001 in response) == (True, True)
    assert "maxlength" not in page(alone, "/path/life_now/")[1]


def test_a_prompt_is_offered_another_one_or_a_blank_page(alone, page, post):
    keys = list(library.prompts())
    text = page(alone, f"/journal/?prompt={keys[0]}")[1]
    assert library.prompts()[keys[0]] in text
    assert f'href="?prompt={keys[1]}"' in text
    assert not any(prompt in page(alone, "/journal/?prompt=blank")[1] for prompt in library.prompts().values())
    post(alone, "/journal/", prompt=keys[0], text="An answer of sorts.")
    [entry] = queries.entries(alone)
    assert entry.prompt == library.prompts()[keys[0]]
    assert entry.prompt in page(alone, f"/journal/{entry.id}/")[1]


def test_the_first_saving_gives_an_entry_its_id_and_the_next_goes_on(alone, post):
    name = str(uuid.uuid4())
    first = post(alone, "/journal/save/", name=name, revision=0, text="Hello").json()
    assert (first["revision"], first["merged"], first["saved"]) == (1, False, "Saved at 09:00 London time")
    second = post(alone, "/journal/save/", entry=first["id"], name=name, revision=1, text="Hello again ").json()
    assert (second["id"], second["revision"], "text" in second) == (first["id"], 2, False)
    assert [each.text for each in queries.entries(alone)] == ["Hello again "]


def test_a_second_window_is_told_what_stands_now(alone, post):
    entry = actions.write_entry(text="One.", title="T", by=alone, at=queries_at())
    post(alone, "/journal/save/", entry=entry.pk, revision=1, title="T", text="One.\n\nTwo.")
    late = post(alone, "/journal/save/", entry=entry.pk, revision=1, title="T", text="One.\n\nOther.").json()
    assert (late["revision"], late["merged"], late["text"]) == (3, True, "One.\n\nTwo.\n\nOther.")
    page = written(post(alone, f"/journal/{entry.pk}/", revision=1, title="T", text="Late, without a script."))
    assert "Both texts are kept below" in page
    assert "Late, without a script." in page and "Two." in page


def queries_at():
    from tests import cast

    return cast.AT


@pytest.mark.parametrize(
    "data", [{}, {"text": " "}, {"text": "x", "entry": "x"}, {"text": "x", "name": "x"}, {"text": "x" * 100_001}]
)
def test_what_cannot_be_saved_is_answered_with_a_sentence(alone, client, data):
    client.force_login(alone)
    response = client.post("/journal/save/", data)
    assert response.status_code == 422
    assert response.json()["error"]


def test_somebody_elses_entry_is_not_there(world, client):
    entry = actions.write_entry(text="mine", by=world.part, at=queries_at())
    client.force_login(world.thandiwe)
    assert client.get(f"/journal/{entry.pk}/").status_code == 404
    assert client.post("/journal/save/", {"entry": entry.pk, "revision": 1, "text": "x"}).status_code == 404
    assert client.post(f"/journal/{entry.pk}/delete/").status_code == 404


def test_words_are_escaped_wherever_they_stand(alone, page, post):
    post(alone, "/journal/", title="<b>T</b>", text="<script>x</script>", tags="<i>")
    [entry] = queries.entries(alone)
    for text in (
        page(alone, "/journal/")[1],
        page(alone, f"/journal/{entry.id}/")[1],
        written(post(alone, "/journal/search/", q="script")),
    ):
        assert "<script>x" not in text and "<b>T</b>" not in text and "<i>" not in text


def test_search_finds_and_marks(alone, post):
    entry = actions.write_entry(text="The week I did not check my inbox.", tags=("work",), by=alone, at=queries_at())
    text = written(post(alone, "/journal/search/", q="INB week"))
    assert "Found in one place" in text
    assert f'href="/journal/{entry.pk}/"' in text
    assert "The <mark>week</mark> I did not check my <mark>inb</mark>ox." in text
    assert "Not in these words." in written(post(alone, "/journal/search/", q="outbox"))
    assert "Found in one place" in written(post(alone, "/journal/search/", q='tag:"work"'))


def test_what_is_looked_for_stands_in_no_address(alone, page):
    actions.write_entry(text="kingfisher", by=alone, at=queries_at())
    assert "kingfisher" not in page(alone, "/journal/search/?q=kingfisher")[1]


def test_a_search_shows_fifty_at_a_time(alone, post):
    for number in range(53):
        actions.write_entry(text=f"heron {number}", by=alone, at=queries_at())
    first = written(post(alone, "/journal/search/", q="heron"))
    assert (first.count("<mark>"), "1 to 50 are shown" in first) == (50, True)
    second = written(post(alone, "/journal/search/", q="heron", skip=50))
    assert (second.count("<mark>"), "Older matches" in second) == (3, False)


@pytest.mark.parametrize("asked", ["x" * 201, "“", "tag:", "!!!", "  "])
def test_any_query_is_answered(alone, post, asked):
    assert post(alone, "/journal/search/", q=asked).status_code == 200


def test_pages_cost_the_same_with_one_entry_and_with_many(alone, client):
    client.force_login(alone)
    costs = {}
    for number in range(1, 4):
        entry = actions.write_entry(text=f"word {number}", title="T", tags=("a",), by=alone, at=queries_at())
        for path in ("/journal/", f"/journal/{entry.pk}/"):
            client.get(path)
            with CaptureQueriesContext(connection) as captured:
                client.get(path)
            costs.setdefault(path if path == "/journal/" else "entry", set()).add(len(captured))
        with CaptureQueriesContext(connection) as captured:
            client.post("/journal/search/", {"q": "word"})
        costs.setdefault("search", set()).add(len(captured))
    assert all(len(each) == 1 and max(each) <= 8 for each in costs.values()), costs


def test_pages_stay_light_with_many_long_entries(alone, client):
    client.force_login(alone)
    for number in range(60):
        text = f"{number} heron and heron again, " * 100
        actions.write_entry(text=text, title=f"{'heron ' * 30}{number}", tags=("heron",) * 3, by=alone, at=queries_at())
    sizes = {
        "list": len(client.get("/journal/").content),
        "search": len(client.post("/journal/search/", {"q": "heron"}).content),
        "mirror": len(client.get("/mirror/").content),
    }
    assert {name: size for name, size in sizes.items() if size > 60_000} == {}
