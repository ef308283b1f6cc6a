"""Pictures as pages and files get them: escaped, well-formed, with a table, empty where nothing is filled in."""

from xml.etree import ElementTree

import pytest
from django.utils import translation

from cairn.library import queries
from cairn.web.pictures import picture, table

HARSH = '<script>alert("x")</script> & محمد 王 👩‍🔬 ' + "w" * 90 + "\ud800\x08\u202e"
FILLED = {
    "wheel": {"aspects": [{"aspect": HARSH, "now": 3, "wished": 10, "importance": 5}, {"aspect": "Rest", "now": 0}]},
    "line": {"moments": [{"year": 2010, "what": HARSH, "height": -5, "gave": HARSH}, {"what": "Later", "height": 5}]},
    "network": {"people": [{"who": HARSH, "closeness": 5, "next": HARSH}, {"who": "Ada"}]},
    "changing_organisation": {"overlap": [{"what": HARSH, "lies": "both"}, {"what": "unplaced"}]},
    "week": {"blocks": [{"day": "mon", "what": HARSH, "where": "home"}, {"what": "some day"}]},
}


def exercise(key):
    return queries.exercises()[key]


@pytest.mark.parametrize("key", FILLED)
def test_texts_are_escaped_and_the_file_stands_alone(key):
    drawn = picture(exercise(key), FILLED[key], standalone=True)

    root = ElementTree.fromstring(drawn.encode())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert [each.tag for each in root.iter() if each.tag.endswith(("script", "image", "use"))] == []
    assert drawn.count("http") == 1
    assert "var(" not in drawn


@pytest.mark.parametrize("key", FILLED)
def test_a_figure_names_itself_and_brings_its_table(key):
    drawn = picture(exercise(key), FILLED[key])

    assert "<script" not in drawn and " style=" not in drawn and "<style" not in drawn
    assert 'role="img" aria-labelledby="' in drawn
    assert drawn.count("<table") == 1
    assert table(exercise(key), FILLED[key]) in drawn


def test_a_wheel_says_its_distances_and_an_earlier_wheel():
    now = {"aspects": [{"aspect": "Rest", "now": 3, "wished": 8}]}
    then = {"aspects": [{"aspect": "rest", "now": 6}]}

    drawn = picture(exercise("wheel"), now, earlier=(("3 May", then),))

    assert "Furthest from what is wished for: Rest (3, wished 8)." in drawn
    assert '<td class="num">+5</td><td class="num">6</td>' in drawn
    assert drawn.count('<path class="then"') == 3


def test_the_line_numbers_its_places_by_time_in_picture_and_table():
    values = {"moments": [{"year": 2020, "what": "Second", "height": 1}, {"year": 2001, "what": "First", "height": 2}]}

    drawn = table(exercise("line"), values)

    assert drawn.index("First") < drawn.index("Second")


@pytest.mark.parametrize("key", FILLED)
def test_nothing_filled_in_draws_nothing(key):
    assert picture(exercise(key), {}) == ""


def test_a_wheel_that_is_only_begun_is_drawn_when_asked_for():
    begun = {"aspects": [{"aspect": "Rest"}]}

    assert picture(exercise("wheel"), begun) == ""
    assert '<svg class="wheel' in picture(exercise("wheel"), begun, blank=True)


def test_an_exercise_without_a_picture_has_none():
    assert picture(exercise("mission"), {"text": "x"}) == ""


def test_lengths_are_written_with_a_point_in_every_language():
    values = FILLED["wheel"]
    with translation.override("de"):
        german = picture(exercise("wheel"), values, standalone=True)

    assert ElementTree.fromstring(german.encode()).attrib["viewBox"].count(",") == 0
    assert 'd="M330 245L' in german
