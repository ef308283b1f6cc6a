"""Proof for repairs by CP-SAT, with a limit on how many people may be elsewhere than before.

What is compared is, in this order: sizes as even as can be, people alone where the goals ask for it, then D.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cairn.engines.grouping.answers.ejection import Rank, State, Task
from cairn.engines.grouping.problem.indexed import index
from cairn.engines.grouping.problem.shapes import Budget, Proof
from cairn.engines.grouping.proofs.exact import Exact, Mix


@dataclass(frozen=True)
class Proven:
    """The best state with at most so many moves, None if there is none, and how far that is proven."""

    state: State | None
    proof: Proof


def by_solver(task: Task, moves: int, known: State | None, lowest: Rank, *, budget: Budget, seed: int) -> Proven:
    """The best clean state with at most so many moves by CP-SAT, starting from what is known.

    The proof is "cp_sat" only when it covers sizes, people alone and D; a state of None with that proof means that
    there is none at all.
    """
    sizes_proven = known is not None and known.rank[1] == lowest[1]
    if not sizes_proven:
        exact = Exact(task.ix, None)
        _limit(exact, task, moves)
        _ask_for_even_sizes(exact)
        answer = exact.model.solve(effort=budget.effort / 2, seconds=budget.seconds / 2, seed=seed)
        if answer.status == "infeasible":
            return Proven(None, "cp_sat")
        if answer.found:
            known = _better(known, _read(task, exact.read(answer).places))
        sizes_proven = answer.status == "optimal"
    if known is None:
        return Proven(None, "none")
    return _least(task, moves, known, sizes_proven, budget=budget, seed=seed)


def _least(task: Task, moves: int, known: State, sizes_proven: bool, *, budget: Budget, seed: int) -> Proven:
    """The least D with the sizes of a known state, nobody more alone than can be."""
    sizes = _sizes(task, known)
    if task.heeds_alone and known.rank[2]:
        exact = Exact(task.ix, sizes)
        _limit(exact, task, moves)
        lonely = _lonely(exact, task, known.rank[2])
        exact.model.minimise([(one, 1) for one in lonely])
        answer = exact.model.solve(effort=budget.effort / 2, seconds=budget.seconds / 2, seed=seed)
        if answer.found:
            known = _better(known, _read(task, exact.read(answer).places))
        sizes_proven = sizes_proven and answer.status == "optimal"
    weighed = tuple(attribute for attribute in task.ix.problem.attributes if attribute.weight or not attribute.of)
    counted = tuple(one for one in weighed if one.weight or any(one.key in other.of for other in weighed))
    plain = index(replace(task.ix.problem, attributes=tuple(replace(one, not_alone=frozenset()) for one in counted)))
    mix = Mix(plain, sizes, known.rank[3])
    _limit(mix, task, moves)
    if task.heeds_alone:
        _lonely(mix, task, known.rank[2])
    mix.hint_all(_places(task, known), [-1] * len(task.ix.opt_outs))
    mix.minimise()
    answer = mix.model.solve(effort=budget.effort / 2, seconds=budget.seconds / 2, seed=seed)
    if answer.found:
        known = _better(known, _read(task, mix.read(answer).places))
    even = max(sizes) - min(sizes) <= 1
    return Proven(known, "cp_sat" if answer.status == "optimal" and sizes_proven and even else "none")


def _ask_for_even_sizes(exact: Exact) -> None:
    """Minimise the sum of squared sizes, each square by its chords between whole numbers."""
    costs = []
    for g, cap in enumerate(exact.ix.caps):
        sizes = [(seat, len(exact.ix.blocks[b])) for (b, h), seat in exact.seat.items() if h == g]
        cost = exact.model.integer(0, cap * cap)
        for size in range(cap):
            slope = 2 * size + 1
            terms = [(cost, 1), *((seat, -slope * times) for seat, times in sizes)]
            exact.model.between(terms, size * size - slope * size, 2**40)
        costs.append((cost, 1))
    exact.model.minimise(costs)


def _limit(exact: Exact, task: Task, moves: int) -> None:
    """Only groups that are open to people, and at most so many of them elsewhere than before."""
    opened = [task.allowed(i) for i in range(len(task.home))]
    leaving = []
    for (b, g), seat in exact.seat.items():
        block = task.ix.blocks[b]
        if not all(opened[i][g] for i in block):
            exact.model.between([(seat, 1)], 0, 0)
        left = sum(int(task.home[i]) not in (-1, g) for i in block)
        if left:
            leaving.append((seat, left))
    exact.model.between(leaving, 0, moves)


def _lonely(exact: Exact, task: Task, most: int) -> list[int]:
    """Variables that are 1 where somebody is alone, at most so many of them."""
    model, found = exact.model, []
    for v in np.flatnonzero(task.counts.shy[:-1]).tolist():
        holders = Counter(exact.block_of[i] for i in np.flatnonzero((task.counts.row == v).any(axis=0)).tolist())
        for g in range(task.counts.wide):
            terms = [(exact.seat[b, g], times) for b, times in holders.items() if (b, g) in exact.seat]
            none, one, more = model.boolean(), model.boolean(), model.boolean()
            model.exactly_one([none, one, more])
            model.between(terms, 0, 0, [none])
            model.between(terms, 1, 1, [one])
            model.between(terms, 2, len(task.home), [more])
            found.append(one)
    model.between([(one, 1) for one in found], 0, most)
    return found


def _places(task: Task, state: State) -> list[int]:
    places: list[int] = task.home.tolist()
    for i, g in state.changes:
        places[i] = g
    return places


def _sizes(task: Task, state: State) -> list[int]:
    sizes: list[int] = np.bincount(_places(task, state), minlength=task.counts.wide).tolist()
    return sizes


def _read(task: Task, places: Sequence[int]) -> State:
    changes = tuple((i, int(g)) for i, g in enumerate(places) if int(task.home[i]) != g)
    task.apply(changes)
    state = task.state(changes)
    task.undo(changes)
    return state


def _better(known: State | None, found: State) -> State:
    return found if known is None or (found.clean and found.rank < known.rank) else known
