"""Reading what somebody shares, as SQL: who may, what there is, and that it was read, each in one statement.

LIVE holds the grants of one author to one reader at a moment. A grant of a whole kind shows what its author is done
with: a text still being typed, or an exercise not finished, is shown only where it was shared by itself.
"""

LIVE = """
  SELECT kind, item_id, until FROM journey_share
  WHERE person_id = %(author)s AND reader_id = %(reader)s
    AND since <= %(at)s AND until > %(at)s AND (withdrawn_at IS NULL OR withdrawn_at > %(at)s)
"""

# Who may read some of one's own items of a kind: stands on every page with a text of one's own.
READERS = """
SELECT s.item_id, s.reader_id, p.name, s.until FROM journey_share s JOIN people_person p ON p.id = s.reader_id
WHERE s.person_id = %(author)s AND s.kind = %(kind)s AND s.withdrawn_at IS NULL AND s.until > %(at)s
    AND (s.item_id IS NULL OR s.item_id = ANY(%(items)s))
"""

# kind → (table, when it is from, the library's word for it, the session it belongs to, head, body, is it done)
TABLES = {
    "entry": ("journey_journalentry", "i.written_at", "''", "NULL::bigint", "i.sealed_head", "i.sealed", "true"),
    "answer": (
        "journey_answer",
        "coalesce(i.answered_at, i.saved_at)",
        "i.question",
        "NULL::bigint",
        "NULL::bytea",
        "i.sealed",
        "i.state = 'answered'",
    ),
    "exercise": (
        "journey_exerciserun",
        "coalesce(i.finished_at, i.saved_at)",
        "i.exercise",
        "NULL::bigint",
        "NULL::bytea",
        "i.sealed",
        "i.state = 'finished'",
    ),
    "portrait": ("journey_portrait", "i.saved_at", "''", "NULL::bigint", "NULL::bytea", "i.sealed", "true"),
    "goal": ("journey_goal", "i.made_at", "''", "NULL::bigint", "NULL::bytea", "i.sealed", "true"),
    "preparation": ("journey_preparation", "i.saved_at", "''", "i.session_id", "NULL::bytea", "i.sealed", "true"),
}

_LISTED = """(
  SELECT '{kind}' AS kind, i.id, {moment} AS moment, {word} AS word, {session} AS session_id, max(live.until) AS until
  FROM {table} i JOIN live ON live.kind = '{kind}' AND (live.item_id = i.id OR live.item_id IS NULL AND {done})
  WHERE i.person_id = %(author)s AND {body} IS NOT NULL
  GROUP BY i.id ORDER BY 3 DESC, i.id DESC LIMIT %(most)s
)"""

_ITEM = """
  SELECT i.id, i.name, {moment} AS moment, {word} AS word, {session} AS session_id, {head} AS head, {body} AS body,
    {version} AS version, k.wrapped, max(live.until) AS until
  FROM {table} i JOIN journey_sealingkey k ON k.person_id = i.person_id
    JOIN live ON live.kind = '{kind}' AND (live.item_id = i.id OR live.item_id IS NULL AND {done})
  WHERE i.id = %(item)s AND i.person_id = %(author)s AND {body} IS NOT NULL
  GROUP BY i.id, k.id
"""

# The reading is written by the statement that hands out the sealed text: without the row there is no text.
_READ = """
WITH live AS ({live}), item AS ({item}), reading AS (
  INSERT INTO journey_reading (person_id, reader_id, kind, item_id, at)
  SELECT %(author)s, %(reader)s, '{kind}', item.id, %(at)s FROM item RETURNING item_id
)
SELECT item.* FROM item JOIN reading ON reading.item_id = item.id
"""
_LOOK = "WITH live AS ({live}), item AS ({item}) SELECT * FROM item"


_ITEMS = """
WITH live AS ({live}) SELECT * FROM ({listed}) items
ORDER BY moment DESC, kind, id DESC OFFSET %(skip)s LIMIT %(page)s
"""


def _of(template: str, kind: str) -> str:
    """A template filled with the table and the columns of a kind: constants of this module, never a value."""
    table, moment, word, session, head, body, done = TABLES[kind]
    return template.format(
        kind=kind,
        table=table,
        moment=moment,
        word=word,
        session=session,
        head=head,
        body=body,
        done=done,
        version="i.exercise_version" if kind == "exercise" else "0",
    )


def _of_all(template: str) -> str:
    return " UNION ALL ".join(_of(template, kind) for kind in TABLES)


ITEMS = _ITEMS.format(live=LIVE, listed=_of_all(_LISTED))
ONE = {kind: _of(_ITEM, kind) for kind in TABLES}
READ = {kind: _READ.format(live=LIVE, item=ONE[kind], kind=kind) for kind in TABLES}
LOOK = {kind: _LOOK.format(live=LIVE, item=ONE[kind]) for kind in TABLES}

# One's own open grants with what each is of; what was taken away meanwhile is shared with nobody.
_GRANTED = """(
  SELECT s.id AS share_id, {moment} AS moment, {word} AS word, {session} AS session_id,
    i.name, {head} AS head, CASE WHEN '{kind}' = 'goal' THEN {body} END AS body
  FROM journey_share s JOIN {table} i ON i.id = s.item_id AND i.person_id = s.person_id
  WHERE s.kind = '{kind}' AND s.person_id = %(author)s AND s.withdrawn_at IS NULL AND s.until > %(at)s
)"""
_GRANTS = """
WITH items AS ({granted})
SELECT s.id, s.kind, s.item_id, s.reader_id, p.name AS reader, s.since, s.until, items.moment, items.word,
  items.session_id, items.name, items.head, items.body, k.wrapped
FROM journey_share s JOIN people_person p ON p.id = s.reader_id LEFT JOIN items ON items.share_id = s.id
  LEFT JOIN journey_sealingkey k ON k.person_id = s.person_id
WHERE s.person_id = %(author)s AND s.withdrawn_at IS NULL AND s.until > %(at)s
  AND (s.item_id IS NULL OR items.share_id IS NOT NULL)
ORDER BY p.name, s.reader_id, s.item_id IS NOT NULL, items.moment DESC NULLS FIRST, s.id
OFFSET %(skip)s LIMIT %(most)s
"""
_OWN = """
SELECT i.id, i.name, {moment} AS moment, {word} AS word, {session} AS session_id, {head} AS head,
  CASE WHEN '{kind}' = 'goal' THEN {body} END AS body, k.wrapped
FROM {table} i LEFT JOIN journey_sealingkey k ON k.person_id = i.person_id
WHERE i.id = %(item)s AND i.person_id = %(author)s
"""
GRANTS = _GRANTS.format(granted=_of_all(_GRANTED))
OWN = {kind: _of(_OWN, kind) for kind in TABLES}

# Who may read one item, or a whole kind, now; and who has read that one item.
ACCESS = """
(SELECT 'share' AS what, s.id, s.item_id, s.reader_id, p.name AS reader, s.since AS moment, s.until
  FROM journey_share s JOIN people_person p ON p.id = s.reader_id
  WHERE s.person_id = %(author)s AND s.kind = %(kind)s AND s.withdrawn_at IS NULL AND s.until > %(at)s
    AND (s.item_id IS NULL OR s.item_id = %(item)s)
  ORDER BY p.name, s.id LIMIT %(most)s)
UNION ALL
(SELECT 'reading', r.id, r.item_id, r.reader_id, p.name, r.at, NULL
  FROM journey_reading r JOIN people_person p ON p.id = r.reader_id
  WHERE r.person_id = %(author)s AND r.kind = %(kind)s AND r.item_id = %(item)s
  ORDER BY r.at DESC, r.id DESC LIMIT %(most)s)
"""

# Who has read what, newest first, with the library's word for each thing and whether its author still has it.
_STILL_THERE = """
  SELECT {word} AS word FROM {table} i
  WHERE found.kind = '{kind}' AND i.id = found.item_id AND i.person_id = %(author)s
"""
_READINGS = """
SELECT found.kind, found.item_id, found.reader_id, p.name AS reader, found.at,
  coalesce(items.word, '') AS word, items.word IS NOT NULL AS is_there
FROM (
  SELECT r.id, r.kind, r.item_id, r.reader_id, r.at FROM journey_reading r
  WHERE r.person_id = %(author)s AND (%(item)s::bigint IS NULL OR r.kind = %(kind)s AND r.item_id = %(item)s)
  ORDER BY r.at DESC, r.id DESC OFFSET %(skip)s LIMIT %(most)s
) found JOIN people_person p ON p.id = found.reader_id LEFT JOIN LATERAL ({items}) items ON true
ORDER BY found.at DESC, found.id DESC
"""
READINGS = _READINGS.format(items=_of_all(_STILL_THERE))
