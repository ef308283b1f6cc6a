"""The first page of one's own journey: one question, what waits, open steps and goals. Three queries in all."""

import datetime as dt
from dataclasses import dataclass

from cairn.journey.queries.at_once import KEY, OPEN_GOALS, OPEN_STEPS, PICKS, SHARES_OF_ANSWERS, gather
from cairn.journey.queries.goals import OpenedGoal
from cairn.journey.queries.picks import OpenPick, title_of
from cairn.journey.queries.sharing import Readers
from cairn.journey.queries.steps import OpenedStep
from cairn.journey.queries.walking import PathMap, path_map
from cairn.journey.terms import PickKind
from cairn.people.models import Person

STEPS, GOALS = 5, 5
HOME = " UNION ALL ".join((KEY, OPEN_STEPS, OPEN_GOALS, PICKS, SHARES_OF_ANSWERS))


@dataclass(frozen=True)
class OwnHome:
    """What somebody finds when they come back. `more_steps`: there are open steps beyond those.

    `readers` are those with whom every answer is shared: what is said before somebody answers has to name them.
    """

    path: PathMap
    steps: tuple[OpenedStep, ...]
    more_steps: bool
    goals: tuple[OpenedGoal, ...]
    picks: tuple[OpenPick, ...]
    readers: Readers


def own_home(reader: Person, at: dt.datetime) -> OwnHome:
    """The reader's own, whatever they have begun. Three queries."""
    found = gather(HOME, reader, at=at, most=max(STEPS, GOALS) + 1)
    picks = found.of("pick")
    steps = tuple(found.steps)
    return OwnHome(
        path=path_map(reader, at, picked=tuple((row.word, row.other) for row in picks if row.flag)),
        steps=steps[:STEPS],
        more_steps=len(steps) > STEPS,
        goals=tuple(found.goals[:GOALS]),
        picks=tuple(
            OpenPick(row.id, kind, row.word, title_of(kind, row.word), row.other, row.made_at)
            for row in picks
            for kind in [PickKind.QUESTION.value if row.flag else PickKind.EXERCISE.value]
        ),
        readers=tuple((row.other, row.moment) for row in found.of("share")),
    )
