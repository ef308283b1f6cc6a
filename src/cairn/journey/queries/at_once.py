"""Rows of several kinds in one statement, with the key that opens them: for pages that show a little of much.

Every part is of one person (`reader`) and gives the same columns, so that they can stand one below the other.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from cairn.foundation import statements
from cairn.foundation.sealing import Box
from cairn.journey.queries.goals import OpenedGoal, opened_goal_data
from cairn.journey.queries.steps import OpenedStep, opened_step_data
from cairn.people.models import Person

KEY = """
(SELECT 'key' AS what, k.id, NULL::uuid AS name, k.wrapped AS sealed, NULL::int AS revision, NULL::int AS level,
    NULL::date AS due_on, k.made_at, NULL::timestamptz AS moment, '' AS other, NULL::bigint AS of,
    NULL::bigint AS to_id, false AS flag, 1 AS place, '' AS word
  FROM journey_sealingkey k WHERE k.person_id = %(reader)s)
"""
_STEPS = """
(SELECT 'step', s.id, s.name, s.sealed, NULL, NULL, s.due_on, s.made_at, s.done_at, coalesce(c.name, ''), s.session_id,
    s.goal_id, s.remind, row_number() OVER (ORDER BY s.done_at DESC NULLS FIRST, s.due_on NULLS LAST, s.id), ''
  FROM journey_actionstep s LEFT JOIN people_person c ON c.id = s.agreed_with_id
  WHERE s.person_id = %(reader)s AND {condition}
  ORDER BY s.done_at DESC NULLS FIRST, s.due_on NULLS LAST, s.id LIMIT %(most)s)
"""
OPEN_STEPS = _STEPS.format(condition="s.done_at IS NULL")
STEPS_OF_SESSION = _STEPS.format(
    condition="(s.session_id = %(session)s OR (s.agreed_with_id = %(coach)s AND s.done_at IS NULL))"
)
OPEN_GOALS = """
(SELECT 'goal', g.id, g.name, g.sealed, g.revision, last.level, g.target_on, g.made_at, last.at, '', last.session_id,
    g.weight, false, row_number() OVER (ORDER BY g.made_at, g.id), ''
  FROM journey_goal g LEFT JOIN LATERAL (
    SELECT r.level, r.at, r.session_id FROM journey_goalreview r WHERE r.goal_id = g.id
    ORDER BY r.at DESC, r.id DESC LIMIT 1) last ON true
  WHERE g.person_id = %(reader)s AND g.state = 'open' ORDER BY g.made_at, g.id LIMIT %(most)s)
"""
PREPARATION = """
(SELECT 'preparation', p.id, p.name, p.sealed, p.revision, NULL, NULL, p.saved_at, NULL, '', p.session_id,
    NULL, false, 1, ''
  FROM journey_preparation p WHERE p.person_id = %(reader)s AND p.session_id = %(session)s)
"""
PICKS = """
(SELECT 'pick', p.id, NULL, NULL, NULL, NULL, NULL, p.picked_at, NULL, coalesce(nullif(c.known_as, ''), c.name), NULL,
    NULL, p.kind = 'question', row_number() OVER (ORDER BY p.picked_at, p.id), p.key
  FROM journey_pick p JOIN people_person c ON c.id = p.coach_id
  WHERE p.person_id = %(reader)s AND p.closed_at IS NULL ORDER BY p.picked_at, p.id LIMIT 100)
"""
SHARES_OF_ANSWERS = """
(SELECT 'share', s.id, NULL, NULL, NULL, NULL, NULL, s.since, s.until, r.name, NULL,
    NULL, false, row_number() OVER (ORDER BY s.until, s.id), ''
  FROM journey_share s JOIN people_person r ON r.id = s.reader_id
  WHERE s.person_id = %(reader)s AND s.kind = 'answer' AND s.item_id IS NULL AND s.withdrawn_at IS NULL
    AND s.until > %(at)s)
"""


class Gathered:
    """What a statement of several parts found, and the key that opens it."""

    def __init__(self, rows: Iterable[Any], reader: Person) -> None:
        """Sort the rows by what they are. Without a key there is nothing to open."""
        self._rows: dict[str, list[Any]] = {}
        for row in sorted(rows, key=lambda each: each.place):
            self._rows.setdefault(row.what, []).append(row)
        keys = self._rows.get("key", [])
        wrapped = bytes(keys[0].sealed) if keys else None
        self.box = (
            Box(master=settings.CAIRN_MASTER_KEY, wrapped=wrapped, person_id=reader.pk) if wrapped is not None else None
        )

    def of(self, what: str) -> list[Any]:
        """The rows of one kind; none without a key where they are sealed."""
        return self._rows.get(what, [])

    def sealed(self, what: str) -> list[tuple[Box, Any]]:
        """The sealed rows of one kind with the key; none once it is gone."""
        return [(self.box, row) for row in self.of(what)] if self.box else []

    @property
    def steps(self) -> list[OpenedStep]:
        """The steps that were found."""
        return [
            opened_step_data(
                box,
                row,
                agreed_with=row.other,
                session_id=row.of,
                goal_id=row.to_id,
                remind=row.flag,
                done_at=row.moment,
            )
            for box, row in self.sealed("step")
        ]

    @property
    def goals(self) -> list[OpenedGoal]:
        """The open goals that were found."""
        return [
            opened_goal_data(box, row, level=row.level, reviewed_at=row.moment, weight=row.to_id, target_on=row.due_on)
            for box, row in self.sealed("goal")
        ]


def gather(statement: str, reader: Person, **values: Any) -> Gathered:
    """Run a statement of several parts for one reader. One query."""
    return Gathered(statements.rows(statement, reader=reader.pk, **values), reader)
