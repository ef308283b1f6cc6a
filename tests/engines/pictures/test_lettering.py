"""Lettering: what is cut fits, and nothing undrawable is left."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.engines.pictures import curve, lettering, placing


@given(st.text(max_size=200), st.floats(60, 300), st.integers(1, 4))
def test_wrapped_lines_fit_their_room(text, room, most):
    lines = lettering.wrapped(text, room=room, size=15, most=most)

    assert len(lines) <= most
    assert [line for line in lines if lettering.width(line, 15) > room + 0.001] == []


def test_a_short_text_is_left_whole():
    assert lettering.wrapped("Life outside  work", room=500, size=15, most=2) == ("Life outside work",)


def test_what_does_not_fit_ends_in_an_ellipsis():
    (line,) = lettering.wrapped("one two three four", room=60, size=15, most=1)

    assert line.startswith("one") and line.endswith("…")


def test_marks_that_turn_the_line_are_dropped():
    assert lettering.plain("a\u202eb\x00c\ud800") == "abc"


def test_texts_from_right_to_left_are_held_apart():
    assert lettering.isolated("שלום 3") == "\u2068שלום 3\u2069"
    assert lettering.isolated("peace") == "peace"


SPANS = st.lists(st.tuples(st.floats(0, 400), st.floats(5, 40)), max_size=12)


@given(SPANS)
def test_spread_spans_keep_apart_and_inside(spans):
    sizes = [size for _, size in spans]
    begins = placing.spread([wish for wish, _ in spans], sizes, low=0, high=600, gap=4)

    ends = [begin + size for begin, size in zip(begins, sizes, strict=True)]
    assert [i for i in range(1, len(begins)) if begins[i] < ends[i - 1] + 4 - 1e-6] == []
    assert not begins or (begins[0] >= -1e-6 and ends[-1] <= 600 + 1e-6)


XS = st.lists(st.floats(1, 60), min_size=1, max_size=30)


@given(XS, st.data())
def test_the_curve_passes_through_its_points_and_never_past_its_neighbours(steps, data):
    ys = data.draw(st.lists(st.floats(-100, 100), min_size=len(steps), max_size=len(steps)))
    xs = [sum(steps[: i + 1]) for i in range(len(steps))]
    points = list(zip(xs, ys, strict=True))
    drawn = curve.through(points)

    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        for share in (0, 0.1, 0.25, 0.5, 0.75, 0.9):
            y = drawn.at(x0 + share * (x1 - x0))
            assert min(y0, y1) - 1e-6 <= y <= max(y0, y1) + 1e-6
    assert [round(drawn.at(x) - y, 6) for x, y in points] == [0.0] * len(points)


@pytest.mark.parametrize("text", ["word " * 40_000, "x" * 200_000])
def test_what_is_not_drawn_is_not_measured(text):
    began = time.process_time()
    lines = lettering.wrapped(text, room=120, size=12, most=2)
    assert time.process_time() - began < 0.5
    assert (len(lines), lines[-1][-1]) == (2, "…")
