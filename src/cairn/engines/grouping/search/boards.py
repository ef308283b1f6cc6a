"""The state of a search, flat: one long row of whole numbers for each thing, as `kernel.py` reads and changes it."""

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.figures import aims, fields
from cairn.engines.grouping.figures.fields import Row
from cairn.engines.grouping.problem.indexed import Indexed

KNOWN_LEAST = 2**31 - 1
GOALS = {"isolation": fields.ALONE, "mix": fields.MIX, "meetings": fields.MEETINGS, "style": fields.STYLE}


class Board(NamedTuple):
    """Everything the walk works on.

    Cells are the values of all attributes numbered through, then "not said" of each attribute, which weighs nothing.
    `meta` holds single numbers, `dice` the thresholds, `cells` the cells of each person, `counts` how many of each
    cell are in each group; `value` per cell its weight, weight times how many have it, and whether nobody should be
    alone of it; `limit` the least and the largest count without excess, per kind of group (of a size) and cell.
    `place` is each person's group, `spot` their seat in it, `seat` who sits there; `person`, `group` and `law` hold
    the fields named in `fields.py`; `left` is how many people more each coach can take. A block of groups is a
    stretch of `order`; `sore` lists those with something amiss, from where the block begins; `blocks` holds its
    beginning, how many are sore, the random state and the swaps tried. `best_place` is the best met.
    """

    meta: Row
    dice: Row
    cells: Row
    counts: Row
    value: Row
    limit: Row
    place: Row
    spot: Row
    seat: Row
    person: Row
    group: Row
    left: Row
    law: Row
    order: Row
    sore: Row
    blocks: Row
    best_place: Row


def dice() -> npt.NDArray[np.int64]:
    """-log of 1024 evenly spread chances, times 1024: the table from which thresholds are drawn."""
    return np.array([round(-1024 * log((k + 0.5) / 1024)) for k in range(1024)], dtype=np.int64)


def empty(ix: Indexed, sizes: Sequence[int], left: Sequence[int]) -> Board:
    """A board for groups of these sizes, all in one block, with nobody seated yet; its rows are arrays."""
    n, wide, widest = len(ix.members), len(ix.groups), max([1, *sizes])
    silent = [0] * len(ix.attributes)
    totals = [*(total for row in ix.totals for total in row), *silent]
    weights = [*(a.weight for a, values in zip(ix.attributes, ix.values, strict=True) for _ in values), *silent]
    shy = [*(int(flag) for row in aims.shy(ix, widest) for flag in row), *silent]
    kinds = Counter(sizes)
    law, slot_of = _law(ix)
    return Board(
        meta=_meta(ix, law, uneven=len(kinds) > 1, widest=widest, shy=any(shy), values=len(weights)),
        dice=dice(),
        cells=_cells(ix),
        counts=np.zeros(wide * len(weights), dtype=np.int32),
        value=np.array([(w, w * t, s) for w, t, s in zip(weights, totals, shy, strict=True)], dtype=np.int64).reshape(
            -1
        ),
        limit=aims.limits(ix, sorted(kinds.items())),
        place=np.full(n, -1, dtype=np.int32),
        spot=np.zeros(n, dtype=np.int32),
        seat=np.full(wide * widest, -1, dtype=np.int32),
        person=_person(ix),
        group=_group(ix, sizes, sorted(kinds), slot_of),
        left=np.array(left, dtype=np.int64),
        law=law,
        order=np.arange(wide, dtype=np.int32),
        sore=np.zeros(wide, dtype=np.int32),
        blocks=np.array([0, 0, 1, 0, wide, 0, 0, 0], dtype=np.int64),
        best_place=np.full(n, -1, dtype=np.int32),
    )


def copied(board: Board) -> Board:
    """The same board with rows of its own, as far as they change."""
    fixed = {"dice", "cells", "value", "limit", "person", "law"}
    return Board(*(part if name in fixed else part.copy() for name, part in zip(board._fields, board, strict=True)))


def seat_all(board: Board, places: npt.NDArray[np.int32]) -> None:
    """Seat everybody who has a place on an empty board; -1 is none."""
    group = board.group.reshape(-1, fields.GROUP)
    here = np.flatnonzero(places >= 0)
    here = here[np.argsort(places[here], kind="stable")]
    size = np.bincount(places[here], minlength=len(group))
    begins = np.cumsum(size) - size
    board.place[here] = places[here]
    board.spot[here] = np.arange(len(here)) - begins[places[here]]
    board.seat[places[here].astype(np.int64) * board.meta[fields.WIDEST] + board.spot[here]] = here
    group[:, fields.G_SIZE] = size
    _count(board, here)


def _count(board: Board, here: npt.NDArray[np.int64]) -> None:
    attributes, values = int(board.meta[fields.ATTRIBUTES]), int(board.meta[fields.VALUES])
    cells = board.cells.reshape(-1, attributes) if attributes else np.zeros((len(board.place), 0), dtype=np.int32)
    for a in range(attributes):
        at = board.place[here].astype(np.int64) * values + cells[here, a]
        board.counts[:] += np.bincount(at, minlength=len(board.counts)).astype(np.int32)


def seat_rest(board: Board, sizes: npt.NDArray[np.int64]) -> None:
    """Seat whoever is left in the groups that still have room, whatever the rules say."""
    left = np.flatnonzero(board.place < 0)
    if len(left):
        room = sizes - board.group.reshape(-1, fields.GROUP)[:, fields.G_SIZE]
        places = board.place.copy()
        places[left] = np.repeat(np.arange(len(sizes)), room)[: len(left)]
        board.counts[:] = 0
        seat_all(board, places)


def listed(board: Board) -> Board:
    """The same board on plain lists, for running without a compiler."""
    return Board(*(part.tolist() for part in board))


def ranking(ix: Indexed) -> list[int]:
    """The five totals in the order in which they count: rules first, then the goals asked for, then the rest."""
    asked = [GOALS[goal] for goal in ix.problem.goals if goal in GOALS]
    return list(dict.fromkeys([fields.BROKEN, *asked, *GOALS.values()]))


def _meta(ix: Indexed, law: Row, *, uneven: bool, widest: int, shy: bool, values: int) -> npt.NDArray[np.int64]:
    meta = np.zeros(fields.META, dtype=np.int64)
    meta[fields.PEOPLE], meta[fields.ATTRIBUTES], meta[fields.VALUES] = len(ix.members), len(ix.attributes), values
    meta[fields.WIDEST], meta[fields.UNEVEN], meta[fields.ANY_SHY] = widest, uneven, shy
    meta[fields.ANY_PAIRS] = bool(ix.apart or ix.together or ix.met)
    meta[fields.ANY_RULES] = meta[fields.ANY_PAIRS] or law[fields.BAR_COACH] < law[fields.MISSING]
    meta[fields.ANY_RULES] |= not law[law[fields.SLOT_OPEN] : law[fields.BAR_START]].all()
    meta[fields.ANY_RULES] |= law[law[fields.MISSING] : law[fields.NEAR_START]].any()
    meta[fields.ANY_HEADS] = law[fields.HEAD] < len(law)
    meta[fields.RANKING : fields.RANKING + 5] = ranking(ix)
    return meta


def _person(ix: Indexed) -> npt.NDArray[np.int32]:
    rows = np.zeros((len(ix.members), fields.PERSON), dtype=np.int32)
    rows[:, fields.FIXED] = ix.pin_of >= 0
    # Codes count from 1 here; row 0 of each table is for people who have no such rule.
    rows[:, fields.P_SLOTS] = ix.members.slots.codes + 1
    rows[:, fields.P_BARS] = ix.members.blocked.codes + 1
    rows[:, fields.P_STYLES] = ix.members.styles.codes + 1
    return rows.reshape(-1)


def _group(ix: Indexed, sizes: Sequence[int], kinds: Sequence[int], slot_of: Row) -> npt.NDArray[np.int32]:
    rows = np.zeros((len(ix.groups), fields.GROUP), dtype=np.int32)
    rows[:, fields.G_KIND] = np.searchsorted(np.array(kinds), np.array(sizes))
    rows[:, fields.G_CAP] = ix.caps
    rows[:, fields.G_LEAST] = np.minimum(np.array(ix.minimums, dtype=np.int64), KNOWN_LEAST)
    rows[:, fields.G_COACH] = ix.coach_of
    rows[:, fields.G_SLOT] = slot_of
    rows[:, fields.G_SORE] = -1
    return rows.reshape(-1)


def _cells(ix: Indexed) -> npt.NDArray[np.int32]:
    """The cells of person i at i * attributes and on."""
    first = np.cumsum([0, *(len(values) for values in ix.values)])
    cells = np.zeros((len(ix.members), len(ix.attributes)), dtype=np.int32)
    for a, row in enumerate(ix.table):
        cells[:, a] = np.where(row >= 0, row + first[a], first[-1] + a)
    return cells.reshape(-1)


def _law(ix: Indexed) -> tuple[npt.NDArray[np.int32], Row]:
    """All tables of rules in one row, with where each begins, and the time of each group."""
    slot_of, slot_open, slots = _slots(ix)
    bar_start, bar_coach = _barred(ix)
    near_start, near = _near(ix)
    tables = [slot_open, bar_start, bar_coach, _missing(ix), near_start, near, *_heads(ix)]
    begins = np.cumsum([fields.LAW, *(len(table) for table in tables[:-1])])
    head = np.array([slots, max(1, len(ix.coaches)), *begins], dtype=np.int32)
    return np.concatenate([head, *tables]).astype(np.int32), slot_of


def _slots(ix: Indexed) -> tuple[Row, Row, int]:
    """Each group's time, and which times are open in each row of people (row 0: all)."""
    asked, times = ix.members.slots, [group.slots[0] if group.slots else None for group in ix.groups]
    names = list(dict.fromkeys(slot for slot in times if slot is not None)) if asked.labels else []
    at: dict[str | None, int] = {slot: k for k, slot in enumerate(names)}
    rows = np.ones((len(asked.labels) + 1, max(1, len(names))), dtype=np.int32)
    rows[1:] = 0 if names else 1
    for k, slots in enumerate(asked.labels):
        rows[k + 1, [at[slot] for slot in slots if slot in at]] = 1
    return np.array([at.get(slot, -1) for slot in times], dtype=np.int32), rows.reshape(-1), max(1, len(names))


def _barred(ix: Indexed) -> tuple[Row, Row]:
    """Where the coaches barred in each row of people begin (row 0: none), and these coaches."""
    rows = [sorted(ix.coach_at[c] for c in label if c in ix.coach_at) for label in ix.members.blocked.labels]
    start = np.cumsum([0, 0, *(len(row) for row in rows)])
    return start.astype(np.int32), np.array([c for row in rows for c in row], dtype=np.int32)


def _missing(ix: Indexed) -> Row:
    """For which coaches each row of people finds no style it likes (row 0: none)."""
    column = ix.members.styles
    missing = np.zeros((len(column.labels) + 1, max(1, len(ix.coaches))), dtype=np.int32)
    if "style" in ix.problem.goals:
        for k, liked in enumerate(column.labels):
            missing[k + 1] = [liked.isdisjoint(coach.styles) for coach in ix.coach_limits]
    return missing.reshape(-1)


def _heads(ix: Indexed) -> tuple[Row, Row]:
    """For the first person of each unit the cells that several of it have, and how many."""
    first = np.cumsum([0, *(len(values) for values in ix.values)]).tolist()
    count, found = np.zeros(len(ix.members) + 1, dtype=np.int32), []
    for unit in ix.units:
        cells = Counter(first[a] + int(row[i]) for a, row in enumerate(ix.table) for i in unit if row[i] >= 0)
        shared = [(cell, many) for cell, many in sorted(cells.items()) if many > 1]
        count[unit[0] + 1] = len(shared)
        found += shared
    return np.cumsum(count), np.array(found, dtype=np.int32).reshape(-1)


def _near(ix: Indexed) -> tuple[Row, Row]:
    """For each person where their pairs begin, and the other of each with the kind of the pair."""
    met = ix.met if "meetings" in ix.problem.goals else ()
    pairs = [np.array(found, dtype=np.int64).reshape(-1, 2) for found in (ix.apart, ix.together, met)]
    kinds = np.concatenate([np.full(len(found), kind) for kind, found in enumerate(pairs)])
    both = np.concatenate(pairs)
    ends, mates = both.T.reshape(-1), both[:, ::-1].T.reshape(-1)
    order = np.argsort(ends, kind="stable")
    start = np.zeros(len(ix.members) + 1, dtype=np.int32)
    start[1:] = np.cumsum(np.bincount(ends, minlength=len(ix.members)))
    return start, np.stack([mates[order], np.tile(kinds, 2)[order]], axis=1).reshape(-1)
