"""The portrait's page: read, change a section, take in, leave out, without a script."""

import pytest
from django.urls import reverse

from cairn.foundation import clock
from cairn.journey import actions, queries
from tests import cast

HERE = "/portrait/"


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


@pytest.fixture
def own(client, world):
    """A browser in which Thandiwe is signed in, who has finished an exercise."""
    values = {"aspects": [{"what": "Explaining <b>it</b>", "wish": "keep"}, {"what": "Forms", "wish": "change"}]}
    run = actions.begin_run(exercise="keep_and_change", by=world.thandiwe, at=cast.AT)
    actions.finish_run(run_id=run.pk, values=values, revision=1, by=world.thandiwe, at=cast.AT)
    client.force_login(world.thandiwe)
    return client


def _keep(own, world, section, lines, do="keep"):
    seen = queries.portrait(world.thandiwe).seen[section]
    data = {"seen": seen, "do": do, "id": [line_id for line_id, _ in lines], "text": [text for _, text in lines]}
    return own.post(f"{HERE}?section={section}", data)


def _texts(world, section):
    return [line.text for line in queries.portrait(world.thandiwe).sections[section]]


def test_an_empty_portrait_says_what_to_do(client, world):
    client.force_login(world.part)

    page = client.get(HERE).content.decode()

    assert reverse("exercises") in page
    assert "Only you" in page


def test_an_offered_line_is_escaped_taken_in_and_gone_from_the_offers(own, world):
    assert "Explaining &lt;b&gt;it&lt;/b&gt;" in own.get(HERE).content.decode()
    offer = queries.portrait(world.thandiwe).offers[0]

    answer = own.post(HERE, {"take": offer.mark})

    assert answer.url == f"{HERE}#keeps"
    assert _texts(world, "keeps") == ["Explaining <b>it</b>"]
    assert offer.mark not in own.get(HERE).content.decode()


def test_a_line_left_out_is_gone(own, world):
    offer = queries.portrait(world.thandiwe).offers[0]

    own.post(HERE, {"leave": offer.mark})

    assert [each.text for each in queries.portrait(world.thandiwe).offers] == ["Forms"]


def test_lines_are_written_moved_and_removed(own, world):
    _keep(own, world, "values", [("", "Fairness"), ("", "Time")])
    first, second = (line.id for line in queries.portrait(world.thandiwe).sections["values"])

    answer = _keep(own, world, "values", [(first, "Fairness"), (second, "Time\nof my own")], do=f"up:{second}")
    assert (answer.url, _texts(world, "values")) == (f"{HERE}?section=values#values", ["Time of my own", "Fairness"])
    _keep(own, world, "values", [(second, "Time"), (first, "Fairness")], do=f"remove:{second}")
    assert _texts(world, "values") == ["Fairness"]


def test_another_window_is_not_overwritten_and_what_was_typed_stays(own, world):
    stale = queries.portrait(world.thandiwe).seen["values"]
    _keep(own, world, "values", [("", "Fairness")])

    data = {"seen": stale, "do": "keep", "id": [""], "text": ["Time"]}
    page = own.post(f"{HERE}?section=values", data).content.decode()

    assert "changed in another window meanwhile" in page
    assert ">Time</textarea>" in page
    assert "Fairness" in page
    assert _texts(world, "values") == ["Fairness"]


def test_nobody_elses_offer_can_be_taken(client, own, world):
    mark = queries.portrait(world.thandiwe).offers[0].mark
    client.force_login(world.part)

    assert client.post(HERE, {"take": mark}).status_code == 404
    assert client.post(f"{HERE}?section=gossip", {"do": "keep"}).status_code == 404


def test_the_page_costs_at_most_eight_queries(own, world, django_assert_max_num_queries):
    _keep(own, world, "values", [("", "Fairness")])
    own.get(HERE)

    with django_assert_max_num_queries(8):
        own.get(HERE)
