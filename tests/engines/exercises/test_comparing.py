from cairn.engines.exercises.comparing import Difference, compare
from tests.engines.exercises.making import EXERCISE


def test_the_same_has_no_differences():
    values = {"note": "a", "rows": [{"what": "Variety", "height": 2}]}
    assert compare(EXERCISE, values, values) == ()


def test_rows_rise_fall_come_and_go():
    earlier = {
        "rows": [
            {"what": "Variety", "height": 2},
            {"what": "Quiet", "height": 1, "wish": "change"},
            {"what": "Old"},
        ]
    }
    later = {
        "rows": [
            {"what": "quiet", "height": -1, "wish": "keep"},
            {"what": "Variety", "height": 4},
            {"what": "New"},
        ]
    }
    assert compare(EXERCISE, earlier, later) == (
        Difference("rows", "fell", "quiet", "Height", 1, -1),
        Difference("rows", "changed", "quiet", "Wish", "change it", "keep it"),
        Difference("rows", "rose", "Variety", "Height", 2, 4),
        Difference("rows", "came", "New"),
        Difference("rows", "went", "Old"),
    )


def test_cards_lie_elsewhere():
    assert compare(EXERCISE, {"cards": {"order": "heart"}}, {"cards": {"order": "less", "play": "heart"}}) == (
        Difference("cards", "changed", "order", was="at the heart", now="less"),
        Difference("cards", "came", "play", was=None, now="at the heart"),
    )


def test_single_parts_are_named_by_their_label():
    earlier, later = {"far": 3, "mood": "fair", "note": "a"}, {"far": 2, "mood": "good", "self": "me"}
    assert compare(EXERCISE, earlier, later) == (
        Difference("note", "went", "Note", was="a", now=None),
        Difference("self", "came", "Self", was=None, now="me"),
        Difference("far", "fell", "How far", was=3, now=2),
        Difference("mood", "changed", "Mood", was="fair", now="good"),
    )


def test_rows_of_one_name_are_kept_apart():
    earlier = {"rows": [{"what": "A", "height": 1}, {"what": "A", "height": 2}]}
    later = {"rows": [{"what": "A", "height": 1}, {"what": "A", "height": 5}]}
    assert compare(EXERCISE, earlier, later) == (Difference("rows", "rose", "A", "Height", 2, 5),)
