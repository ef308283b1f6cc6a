"""The wheel: labels keep apart and on the plate, vertices lie where their values say."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.pictures import wheel
from cairn.engines.pictures.lettering import Box
from cairn.engines.pictures.wheel import Aspect

VALUES = st.one_of(st.none(), st.integers(0, 10))
NAMES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["Being of use", "工作與生活的平衡", "السلام في العمل", "Donaudampfschifffahrtsgesellschaft", "👩‍🔬🧪"]
    ),
)
ASPECTS = st.lists(
    st.builds(Aspect, name=NAMES, now=VALUES, wished=VALUES, importance=VALUES, note=st.just("10, wished 10")),
    max_size=16,
)


@given(ASPECTS)
@settings(max_examples=120, deadline=None)
def test_labels_stay_on_the_plate_and_apart(aspects):
    drawn = wheel.wide(aspects)

    plate = Box(0, drawn.top, drawn.width, drawn.top + drawn.height)
    assert [label.number for label in drawn.labels if not label.box.within(plate)] == []
    pairs = [(a, b) for i, a in enumerate(drawn.labels) for b in drawn.labels[i + 1 :]]
    assert [(a.number, b.number) for a, b in pairs if a.box.meets(b.box)] == []


@given(ASPECTS)
@settings(max_examples=60, deadline=None)
def test_labels_do_not_lie_on_the_wheel(aspects):
    drawn = wheel.wide(aspects)

    for label in drawn.labels:
        x = min(max(drawn.cx, label.box.left), label.box.right)
        y = min(max(drawn.cy, label.box.top), label.box.bottom)
        assert math.hypot(x - drawn.cx, y - drawn.cy) > drawn.radius


@given(ASPECTS)
@settings(max_examples=60, deadline=None)
def test_vertices_lie_at_the_radius_of_their_value(aspects):
    drawn = wheel.narrow(aspects)

    for aspect, spoke in zip(aspects, drawn.spokes, strict=True):
        for value, arc in ((aspect.now, spoke.now), (aspect.wished, spoke.wished)):
            if not value:
                assert arc is None
                continue
            far = drawn.radius * value / 10
            assert math.hypot(arc.x1 - drawn.cx, arc.y1 - drawn.cy) == pytest.approx(far)
            assert math.hypot(arc.x2 - drawn.cx, arc.y2 - drawn.cy) == pytest.approx(far)


def test_wedges_share_the_circle_by_what_matters():
    drawn = wheel.narrow([Aspect("a", importance=10), Aspect("b", importance=0)])

    assert [round(spoke.end - spoke.start, 3) for spoke in drawn.spokes] == [
        round(2 * math.pi * 3 / 4, 3),
        round(2 * math.pi / 4, 3),
    ]


@pytest.mark.parametrize("aspects", [[], [Aspect("", now=3)], [Aspect("Only one", now=10, wished=10)]])
def test_nothing_and_one_are_drawn(aspects):
    assert len(wheel.wide(aspects).spokes) == len(wheel.narrow(aspects).spokes) == len(aspects)


def test_earlier_wheels_are_laid_over():
    drawn = wheel.narrow([Aspect("a", now=5, then=(4, None, 9))])

    assert [arc and arc.radius for arc in drawn.spokes[0].then] == [64.0, None]
