"""Network, overlap and week: nothing leaves the plate, nothing lies on something else."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cairn.engines.pictures import lettering, network, overlap, week
from cairn.engines.pictures.lettering import Box
from cairn.engines.pictures.network import Contact
from cairn.engines.pictures.week import Block

WORDS = st.one_of(st.text(max_size=60), st.sampled_from(["王秀英", "محمد", "Marisol de la Fuente", "x" * 80]))
CONTACTS = st.lists(
    st.builds(Contact, who=WORDS, nearness=st.one_of(st.none(), st.floats(0, 1)), next=st.booleans()), max_size=30
)


def _met(boxes):
    return [(i, j) for i in range(len(boxes)) for j in range(i + 1, len(boxes)) if boxes[i].meets(boxes[j])]


@given(CONTACTS)
@settings(max_examples=60, deadline=None)
def test_everybody_is_on_the_map_and_nobody_on_another(contacts):
    drawn = network.wide(contacts)

    assert [dot.number for dot in drawn.dots] == list(range(1, len(contacts) + 1))
    plate = Box(0, 0, drawn.width, drawn.height)
    boxes = [label.box for label in drawn.labels]
    assert [box for box in boxes + [dot.box for dot in drawn.dots] if not box.within(plate)] == []
    assert _met(boxes) == []
    assert [1 for box in boxes for dot in drawn.dots if box.meets(dot.box)] == []


def test_the_nearer_person_is_drawn_nearer():
    drawn = network.narrow([Contact("far", 0.0), Contact("near", 1.0), Contact("between", 0.5)])

    far, near, between = (math.hypot(dot.x - drawn.cx, dot.y - drawn.cy) for dot in drawn.dots)
    assert near < between < far


@given(st.tuples(*[st.lists(WORDS, max_size=24)] * 3))
@settings(max_examples=60, deadline=None)
def test_things_stay_in_their_part_of_the_overlap(things):
    drawn = overlap.wide(("only mine", "both", "only theirs"), things)

    assert _met([heap.box for heap in drawn.heaps]) == []
    for heap in drawn.heaps:
        assert [line for line in heap.lines if not heap.box.top < line.y <= heap.box.bottom] == []
        wide = (line for line in heap.lines if lettering.width(line.text, lettering.SERIF) > 152.001)
        assert [line.text for line in wide if "\u2068" not in line.text] == []


BLOCKS = st.lists(st.builds(Block, day=st.integers(0, 6), time=st.integers(0, 2), what=WORDS, note=WORDS), max_size=30)


@given(BLOCKS)
@settings(max_examples=60, deadline=None)
def test_stretches_of_the_week_keep_apart(blocks):
    drawn = week.wide(list("MTWTFSS"), ["morning", "afternoon", "evening"], blocks)

    plate = Box(0, 0, drawn.width, drawn.height)
    assert len(drawn.cells) == len(blocks)
    assert [cell for cell in drawn.cells if not cell.box.within(plate)] == []
    assert _met([cell.box for cell in drawn.cells]) == []


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_and_one_are_drawn(count):
    assert len(network.wide([Contact("Ada", 0.4)] * count).dots) == count
    assert len(overlap.wide(("a", "b", "c"), (["x"] * count, [], [])).heaps[0].lines) == count
    assert len(week.wide(["Mon"], ["morning"], [Block(0, 0, "read")] * count).cells) == count
