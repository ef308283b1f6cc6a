"""The line: through its places, without swinging past them, its words apart and on the plate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.pictures import line
from cairn.engines.pictures.lettering import Box
from cairn.engines.pictures.line import Place

WORDS = st.one_of(
    st.text(max_size=50), st.sampled_from(["First summer in the field", "読書会が始まる", "بداية جديدة", "Two bosses"])
)
PLACES = st.lists(
    st.builds(
        Place,
        what=WORDS,
        height=st.integers(-5, 5),
        year=st.one_of(st.none(), st.integers(1930, 2100)),
        gave=st.booleans(),
        drained=st.booleans(),
    ),
    max_size=30,
)


@given(PLACES)
@settings(max_examples=100, deadline=None)
def test_words_keep_apart_and_on_the_plate(places):
    drawn = line.wide(places)

    plate = Box(0, 0, drawn.width, drawn.height)
    assert [label.number for label in drawn.labels if not label.box.within(plate)] == []
    boxes = [label.box for label in drawn.labels] + [marker.box for marker in drawn.markers]
    labels = len(drawn.labels)
    met = [(i, j) for i in range(labels) for j in range(i + 1, len(boxes)) if boxes[i].meets(boxes[j])]
    assert met == []


@given(PLACES)
@settings(max_examples=60, deadline=None)
def test_the_ridge_passes_through_every_place_and_stays_between_neighbours(places):
    drawn = line.narrow(places)

    assert [round(drawn.curve.at(m.x) - m.y, 6) for m in drawn.markers] == [0.0] * len(drawn.markers)
    for a, b in zip(drawn.markers, drawn.markers[1:], strict=False):
        assert b.x > a.x
        for share in (0.2, 0.5, 0.8):
            y = drawn.curve.at(a.x + share * (b.x - a.x))
            assert min(a.y, b.y) - 1e-6 <= y <= max(a.y, b.y) + 1e-6


@given(PLACES)
@settings(max_examples=40, deadline=None)
def test_markers_stand_on_the_plate_in_time(places):
    drawn = line.wide(places)

    assert [m.number for m in drawn.markers if not 0 < m.x < drawn.width or not 0 < m.y < drawn.height] == []
    years = [places[m.source].year for m in drawn.markers if places[m.source].year is not None]
    assert years == sorted(years)


def test_years_decide_how_far_apart_places_lie():
    drawn = line.wide([Place("a", 1, 2000), Place("b", 2, 2010), Place("c", -1, 2020)])

    first, middle, last = (marker.x for marker in drawn.markers)
    assert middle - first == pytest.approx(last - middle)
    assert [text.text for text in drawn.years] == ["2000", "2010", "2020"]


def test_a_few_well_spaced_places_all_get_their_words():
    heights = (4, -4, 5, -5, -2, 4, -3, 4)
    places = [Place(f"Place number {i}", height, 2010 + 2 * i) for i, height in enumerate(heights)]

    assert len(line.wide(places).labels) == len(places)


@pytest.mark.parametrize("places", [[], [Place("Only", 3, 2020)], [Place("", 0), Place("", 0)]])
def test_nothing_and_one_are_drawn(places):
    assert len(line.wide(places).markers) == len(line.narrow(places).markers) == len(places)
