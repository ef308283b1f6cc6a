"""Where something that somebody wrote stands, in words and as an address: for what is found, and what is mirrored."""

from cairn.journey.terms import ItemKind
from cairn.library import queries as library
from cairn.web import addresses
from cairn.web.coachee.languages import language


def address(kind: str, item_id: int, key: str) -> str:
    """The page on which one's own item stands. `key` names the question or the exercise."""
    if kind == ItemKind.ANSWER:
        return addresses.to("question", key)
    if kind == ItemKind.RUN:
        return addresses.to("exercise_run", key, item_id)
    if kind == ItemKind.GOAL:
        return addresses.to("goal", item_id)
    return addresses.to("journal_entry", item_id)


def label(kind: str, key: str) -> str:
    """What stood above it: the question, the title of the exercise, or the kind of thing it is."""
    if kind == ItemKind.ANSWER:
        found = library.path(language=language()).question(key)
        return found.text if found else key
    if kind == ItemKind.RUN:
        exercise = library.exercises(language()).get(key)
        return exercise.title if exercise else key
    return str(ItemKind(kind).label)
