"""What no repair can beat, and repairs by one move or one swap with every case looked at.

What is compared is, in this order: sizes as even as can be, people alone where the goals ask for it, then D.
"""

from collections import Counter

import numpy as np

from cairn.engines.grouping.counts import limits_of
from cairn.engines.grouping.ejection import Rank, State, Task

MOST_CASES = 2_000_000
MOST_CHECKS = 300


def floor(task: Task) -> Rank:
    """No clean state with everybody placed can be better than this: even sizes, nobody alone, the closed-form bound."""
    counts = task.counts
    people, wide = len(task.home), counts.wide
    share, rest = divmod(people, wide)
    sizes = Counter({share + 1: rest, share: wide - rest})
    totals = np.bincount(counts.row.ravel(), minlength=counts.blank + 1)[: counts.blank]
    bound, _ = limits_of(people, totals, counts.weight[:-1], sizes)
    return 0, sum(times * size * size for size, times in sizes.items()), 0, bound


def by_cases(task: Task, moves: int) -> State | None:
    """The best clean state with exactly one move, or one swap: every case looked at. None when that proves nothing.

    For swaps this is a proof only when all groups are of one size, since two moves then leave even sizes only by
    trading places; and when newcomers have to be seated it is none at all.
    """
    if task.newcomers or moves not in (1, 2) or (moves == 2 and len(set(task.counts.size.tolist())) > 1):
        return None
    who = sorted(task.must) if task.must else list(range(len(task.home)))
    reach = len(task.home) if moves == 2 else task.counts.wide
    if len(task.must) > 1 or len(who) * reach > MOST_CASES:
        return None
    cases: list[tuple[int, int, int, int, int]] = []
    for i in who:
        cases += _swap_cases(task, i) if moves == 2 else _move_cases(task, i)
    cases.sort()
    for _, _, _, i, other in cases[:MOST_CHECKS]:
        here, there = int(task.home[i]), int(task.home[other]) if moves == 2 else other
        changes = ((i, there), (other, here)) if moves == 2 else ((i, there),)
        task.apply(changes)
        state = task.state(tuple(sorted(changes)))
        task.undo(changes)
        if state.clean:
            return state
    return None


def _move_cases(task: Task, i: int) -> list[tuple[int, int, int, int, int]]:
    counts, old = task.counts, int(task.home[i])
    fine = task.allowed(i) & task.permits.friendly_groups(i) & (counts.size < task.permits.caps)
    fine[old] = False
    at = np.flatnonzero(fine)
    alone = counts.move_alone(i)[at] if task.heeds_alone else np.zeros(len(at), dtype=np.int64)
    uneven = counts.size[at] - int(counts.size[old])
    change = counts.move_changes(i)[at]
    return [
        (u, lonely, d, i, g)
        for u, lonely, d, g in zip(uneven.tolist(), alone.tolist(), change.tolist(), at.tolist(), strict=True)
    ]


def _swap_cases(task: Task, i: int) -> list[tuple[int, int, int, int, int]]:
    counts, old = task.counts, int(task.home[i])
    fine = task.permits.swap_partners(i) & task.welcome(old) & task.allowed(i)[counts.places]
    if not task.must:
        fine[:i] = False
    at = np.flatnonzero(fine)
    alone = counts.swap_alone(i, at) if task.heeds_alone else np.zeros(len(at), dtype=np.int64)
    change = counts.swap_changes(i, at)
    return [(0, lonely, d, i, j) for lonely, d, j in zip(alone.tolist(), change.tolist(), at.tolist(), strict=True)]
