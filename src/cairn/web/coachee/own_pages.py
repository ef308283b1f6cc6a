"""Where one's own item of a kind is written and read: the address of its own page."""

from django.urls import NoReverseMatch, reverse

from cairn.journey.terms import ItemKind


def address(kind: str, item_id: int, word: str = "", session_id: int | None = None) -> str:
    """The item's own page; `word` is the key of its question or exercise."""
    to: dict[str, tuple[str, tuple[object, ...]]] = {
        ItemKind.ENTRY: ("journal_entry", (item_id,)),
        ItemKind.ANSWER: ("question", (word,)),
        ItemKind.RUN: ("exercise_run", (word, item_id)),
        ItemKind.PORTRAIT: ("portrait", ()),
        ItemKind.GOAL: ("goal", (item_id,)),
        ItemKind.PREPARATION: ("preparation", (session_id,)),
    }
    name, args = to[ItemKind(kind)]
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
