"""What of an exercise is offered to the portrait."""

from cairn.engines.exercises.feeding import lines
from cairn.engines.exercises.shapes import Column, Exercise, Feeds, Part

ROWS = Part(
    key="aspects",
    kind="rows",
    label="Aspects",
    columns=(Column("what", "text", "What"), Column("now", "scale", "Now"), Column("wish", "choice", "Wish")),
)
SORT = Part(key="cards", kind="sort", label="Cards", cards={"a": "Autonomy", "b": "Order"}, piles={"heart": "Heart"})
TEXT = Part(key="self", kind="short", label="As I am")


def exercise(*feeds):
    return Exercise("x", 1, "en", "X", "", 5, (ROWS, SORT, TEXT), feeds=feeds)


def test_rows_flow_where_their_condition_holds():
    found = exercise(
        Feeds("keeps", "aspects", "what", {"now": 7}), Feeds("changes", "aspects", "what", {"wish": "change"})
    )
    values = {"aspects": [{"what": "a", "now": 7}, {"what": "b", "now": 6, "wish": "change"}, {"what": "c"}]}

    assert lines(found, values) == (("keeps", "a"), ("changes", "b"))


def test_cards_flow_from_the_named_pile():
    found = exercise(Feeds("values", "cards", when={"pile": "heart"}))

    assert lines(found, {"cards": {"a": "heart", "b": "other"}}) == (("values", "Autonomy"),)


def test_a_text_flows_line_by_line_without_bullets_and_none_twice():
    found = exercise(Feeds("energisers", "self"))

    assert lines(found, {"self": "- being outdoors\n\n* a team of four\nBeing  outdoors"}) == (
        ("energisers", "being outdoors"),
        ("energisers", "a team of four"),
    )


def test_what_is_not_there_does_not_flow():
    found = exercise(Feeds("keeps", "gone"), Feeds("gossip", "self"), Feeds("keeps", "aspects", "what"))

    assert lines(found, {"self": "x"}) == ()


def test_a_long_line_is_offered_shortened():
    ((_section, line),) = lines(exercise(Feeds("energisers", "self")), {"self": "x" * 400})

    assert (len(line), line[-2:]) == (280, "x…")
