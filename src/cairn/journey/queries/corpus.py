"""Everything that somebody wrote, opened at once: to be searched or mirrored, and let go of again.

One statement fetches journal, answers, exercises and goals, and the key is unwrapped once, so that 5,000 entries cost
no more round trips than one.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from cairn.engines.exercises.shapes import Exercise
from cairn.foundation import statements
from cairn.foundation.sealing import Box
from cairn.journey.queries.journal import HEAD, TEXT
from cairn.journey.queries.opening import identity
from cairn.journey.queries.walked import ANSWER
from cairn.journey.terms import ItemKind
from cairn.library import queries as library
from cairn.people.models import Person

KINDS = {"entry": ItemKind.ENTRY, "answer": ItemKind.ANSWER, "run": ItemKind.RUN, "goal": ItemKind.GOAL}
EVERYTHING = """
WITH own AS (SELECT wrapped FROM journey_sealingkey WHERE person_id = %(reader)s)
SELECT 'key' AS kind, 0 AS id, '' AS name, '' AS key, now() AS at, wrapped AS sealed, NULL::bytea AS head FROM own
UNION ALL SELECT 'entry', id, name::text, '', written_at, sealed, sealed_head
    FROM journey_journalentry WHERE person_id = %(reader)s
UNION ALL SELECT 'answer', id, name::text, question, coalesce(answered_at, saved_at), sealed, NULL
    FROM journey_answer WHERE person_id = %(reader)s AND sealed IS NOT NULL
UNION ALL SELECT 'run', id, name::text, exercise, saved_at, sealed, NULL
    FROM journey_exerciserun WHERE person_id = %(reader)s AND sealed IS NOT NULL
UNION ALL SELECT 'goal', id, name::text, '', made_at, sealed, NULL
    FROM journey_goal WHERE person_id = %(reader)s
"""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that somebody wrote. `key` names the question or the exercise; `text` is in their own words only."""

    kind: str
    id: int
    key: str
    at: dt.datetime
    title: str
    tags: tuple[str, ...]
    text: str


def everything(reader: Person) -> list[Said]:
    """All that the reader wrote in journal, answers, exercises and goals, in no order. One query."""
    rows = statements.rows(EVERYTHING, reader=reader.pk)
    wrapped = next((bytes(row[5]) for row in rows if row[0] == "key"), None)
    if wrapped is None:
        return []
    box = Box(master=settings.CAIRN_MASTER_KEY, wrapped=wrapped, person_id=reader.pk)
    definitions = library.exercises(_language())
    return [_opened(box, row, definitions) for row in rows if row[0] != "key"]


def _opened(box: Box, row: tuple[Any, ...], definitions: dict[str, Exercise]) -> Said:
    kind, pk, name, key, at, sealed, head = row
    if kind == "entry":
        title, tags = _head(box, head, name)
        return Said(ItemKind.ENTRY, pk, key, at, title, tags, box.open(sealed, identity(TEXT, name)))
    if kind == "answer":
        return Said(ItemKind.ANSWER, pk, key, at, "", (), box.open(sealed, identity(ANSWER, name)))
    data = json.loads(box.open(sealed, identity(KINDS[kind], name)))
    if kind == "goal":
        said = [data.get("why", ""), *data.get("levels", ())]
        return Said(ItemKind.GOAL, pk, key, at, data.get("title", ""), (), _joined(said))
    return Said(ItemKind.RUN, pk, key, at, "", (), _joined(own_words(definitions.get(key), data)))


def _head(box: Box, head: Any, name: str) -> tuple[str, tuple[str, ...]]:
    if head is None:
        return "", ()
    data = json.loads(box.open(head, identity(HEAD, name)))
    return data.get("title", ""), tuple(data.get("tags", ()))


def own_words(exercise: Exercise | None, values: dict[str, Any]) -> Iterator[str]:
    """What somebody wrote into an exercise themselves: no choices, no cards, nothing that stood there beforehand."""
    for part in exercise.parts if exercise else ():
        value = values.get(part.key)
        if part.kind in ("text", "short") and isinstance(value, str):
            yield value
        elif part.kind == "rows" and isinstance(value, list):
            given = {(key, text) for row in part.start for key, text in row.items() if isinstance(text, str)}
            columns = [column.key for column in part.columns if column.kind in ("text", "long")]
            for row in value:
                yield from (row[key] for key in columns if _is_own(row, key, given))


def _is_own(row: Any, key: str, given: set[tuple[str, str]]) -> bool:
    return isinstance(row, dict) and isinstance(row.get(key), str) and (key, row[key]) not in given


def _joined(said: Any) -> str:
    return "\n".join(each for each in said if isinstance(each, str) and each.strip())


def _language() -> str:
    return (get_language() or library.LANGUAGE).partition("-")[0]
