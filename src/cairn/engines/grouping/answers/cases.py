"""What no repair can beat, and repairs by one move, one swap or one exchange of three with every case looked at.

What is compared is, in this order: sizes as even as can be, people alone where the goals ask for it, then D.
"""

from collections import Counter

import numpy as np

from cairn.engines.grouping.answers.counts import limits_of
from cairn.engines.grouping.answers.ejection import Changes, Rank, State, Task

MOST_CASES = 2_000_000
MOST_CHECKS = 300
Case = tuple[tuple[int, int, int], Changes]


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
    """The best clean state with so many moves: every case looked at. None when that proves nothing.

    More than one move is a proof only when all groups are of one size: two moves then leave even sizes only by
    trading places, and three only by going round. When newcomers have to be seated it is none at all.
    """
    if task.newcomers or len(task.must) > 1 or moves not in (1, 2, 3):
        return None
    if moves > 1 and len(set(task.counts.size.tolist())) > 1:
        return None
    people, wide = len(task.home), task.counts.wide
    who = sorted(task.must) if task.must else list(range(people))
    if len(who) * (wide, people, people * people)[moves - 1] > MOST_CASES:
        return None
    cases: list[Case] = []
    for i in who:
        cases += _move_cases(task, i) if moves == 1 else _swap_cases(task, i)
        cases += _round_cases(task, i) if moves == 3 else []
    for _, changes in sorted(cases)[:MOST_CHECKS]:
        task.apply(changes)
        state = task.state(tuple(sorted(changes)))
        task.undo(changes)
        if state.clean:
            return state
    return None


def _move_cases(task: Task, i: int) -> list[Case]:
    counts, old = task.counts, int(task.home[i])
    fine = task.allowed(i) & task.permits.friendly_groups(i) & (counts.size < task.permits.caps)
    fine[old] = False
    at = np.flatnonzero(fine)
    alone = counts.move_alone(i)[at] if task.heeds_alone else np.zeros(len(at), dtype=np.int64)
    uneven = counts.size[at] - int(counts.size[old])
    ranks = zip(uneven.tolist(), alone.tolist(), counts.move_changes(i)[at].tolist(), strict=True)
    return [(rank, ((i, g),)) for rank, g in zip(ranks, at.tolist(), strict=True)]


def _swap_cases(task: Task, i: int) -> list[Case]:
    counts, old = task.counts, int(task.home[i])
    fine = task.permits.swap_partners(i) & task.welcome(old) & task.allowed(i)[counts.places]
    if not task.must:
        fine[:i] = False
    at = np.flatnonzero(fine)
    alone = counts.swap_alone(i, at) if task.heeds_alone else np.zeros(len(at), dtype=np.int64)
    ranks = zip([0] * len(at), alone.tolist(), counts.swap_changes(i, at).tolist(), strict=True)
    return [(rank, ((i, int(task.home[j])), (j, old))) for rank, j in zip(ranks, at.tolist(), strict=True)]


def _round_cases(task: Task, i: int) -> list[Case]:
    """Member `i` takes the place of j, who takes that of l, who takes that of `i`: three groups, each one for one."""
    counts, home = task.counts, task.home
    d, alone = counts.takeover_changes(heed_alone=task.heeds_alone)
    fine = np.array([task.allowed(k) for k in range(len(home))])[:, home]
    cost = d[i, :, None] + d + d[None, :, i]
    lonely = alone[i, :, None] + alone + alone[None, :, i]
    elsewhere = home != home[i]
    open_to = fine & (home[:, None] != home[None, :]) & elsewhere[:, None] & elsewhere[None, :]
    open_to &= (fine[i] & elsewhere)[:, None] & fine[:, i][None, :]
    j, other = np.nonzero(open_to)
    order = np.lexsort((cost[j, other], lonely[j, other]))[:MOST_CHECKS]
    found: list[Case] = []
    for a, b in zip(j[order].tolist(), other[order].tolist(), strict=True):
        rank = 0, int(lonely[a, b]), int(cost[a, b])
        found.append((rank, ((i, int(home[a])), (a, int(home[b])), (b, int(home[i])))))
    return found
