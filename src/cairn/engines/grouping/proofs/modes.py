"""The two modes in which mix is not what counts most: groups of people who are alike, and groups by wishes.

Either goal is met as far as the hard rules allow, and proven where the exact model or the flow can. Then people are
swapped in pairs for the sake of the mix, as long as what was reached stays as it is: people of the same kind, or
people whose ranks add up to the same after the swap.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from cairn.engines.grouping.figures import holds, measure, reports
from cairn.engines.grouping.figures.sizes import even_sizes
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Budget, Conflict, Goal, GoalReport, Infeasible, Proof, Result
from cairn.engines.grouping.problem.watching import Guard

MOST_TO_PROVE = 5_000
MOST_TO_PLACE = 30_000
SWAPS = 400
Same = Callable[[int, int], bool]


@dataclass
class Chosen:
    """Places by the mode's own goal, with what it counts and the least it can be."""

    places: list[int]
    opt_out_coach: list[int]
    goal: Goal
    value: int
    least: int


def solve(ix: Indexed, *, seed: int, budget: Budget, guard: Guard) -> Result:
    """An answer for the modes "alike" and "self_chosen". Raises Infeasible when the rules cannot hold."""
    chosen = _alike(ix, seed, budget) if ix.problem.mode == "alike" else _by_wishes(ix, seed, budget)
    tried = _mix(ix, chosen, seed, guard)
    counted = [chosen.places.count(g) for g in range(len(ix.groups))]
    coaches = holds.match_opt_outs(ix, holds.spare_minutes(ix, counted))
    if min(coaches, default=0) < 0:
        coaches = chosen.opt_out_coach
    result = reports.report(
        ix,
        chosen.places,
        one_to_one=holds.one_to_one(ix, chosen.places, coaches),
        violations=holds.broken(ix, chosen.places, coaches),
        evaluations=tried,
        stopped=guard.stopped,
    )
    return replace(result, goals=_with_goal(ix, result.goals, chosen))


def _with_goal(ix: Indexed, known: Sequence[GoalReport], chosen: Chosen) -> tuple[GoalReport, ...]:
    how: Proof = "cp_sat" if chosen.value == chosen.least else "none"
    mine = GoalReport(chosen.goal, Fraction(chosen.value), Fraction(chosen.least), how)
    found = {report.goal: report for report in (*known, mine)}
    first = [goal for goal in ix.problem.goals if goal in found]
    return tuple(found[goal] for goal in dict.fromkeys([*first, chosen.goal]))


def _alike(ix: Indexed, seed: int, budget: Budget) -> Chosen:
    from cairn.engines.grouping.proofs import alike

    work, sizes = len(ix.members) * len(ix.groups), even_sizes(ix)
    places = alike.in_a_row(ix, sizes) if sizes is not None else []
    opted: list[int] = [-1] * len(ix.opt_outs)
    if sizes is None or (work <= MOST_TO_PLACE and holds.broken(ix, places, _opted(ix, places))):
        places, opted = _any(ix, seed, budget)
    least = 0
    if work <= MOST_TO_PROVE:
        gathered = alike.gather(ix, places, opted, effort=budget.effort, seconds=budget.seconds / 2, seed=seed)
        places, opted, least = gathered.places, gathered.opt_out_coach, gathered.least
    return Chosen(places, opted, "likeness", alike.differing(ix, places), least)


def _opted(ix: Indexed, places: Sequence[int]) -> list[int]:
    sizes = [list(places).count(g) for g in range(len(ix.groups))]
    return holds.match_opt_outs(ix, holds.spare_minutes(ix, sizes))


def _any(ix: Indexed, seed: int, budget: Budget) -> tuple[list[int], list[int]]:
    """Any assignment that holds every rule. Raises Infeasible."""
    from cairn.engines.grouping.proofs import core, exact

    answer, placed = exact.evenest(ix, effort=budget.effort, seconds=budget.seconds / 4, seed=seed)
    if placed is None:
        conflicts: tuple[Conflict, ...] = ()
        if answer.status == "infeasible":
            conflicts = core.smallest_conflict(ix, effort=budget.effort, seconds=budget.seconds / 4, seed=seed)
        raise Infeasible(conflicts or (_limits(ix),), jointly=True)
    return list(placed.places), list(placed.opt_out_coach)


def _limits(ix: Indexed) -> Conflict:
    return Conflict("cap", "rule_cap", groups=tuple(group.id for group in ix.groups), remedy="more_groups")


def _by_wishes(ix: Indexed, seed: int, budget: Budget) -> Chosen:
    from cairn.engines.grouping.proofs import wished

    work, found = len(ix.members) * len(ix.groups), wished.by_flow(ix, seed)
    if work <= MOST_TO_PLACE and (found is None or ix.apart or ix.units):
        start = found.places if found else None
        found = wished.by_model(ix, start, effort=budget.effort, seconds=budget.seconds / 2, seed=seed)
    if found is None and work <= MOST_TO_PLACE:
        places, opted = _any(ix, seed, budget)
        found = wished.Wished(places, opted, 0, exhausted=False)
    if found is None:
        raise Infeasible((_limits(ix),), jointly=True)
    return Chosen(found.places, found.opt_out_coach, "wishes", wished.spent(ix, found.places), found.least)


def _mix(ix: Indexed, chosen: Chosen, seed: int, guard: Guard) -> int:
    """Swap people for the mix, where the mode's goal stays as it is. Returns how many swaps were looked at."""
    if chosen.goal == "likeness":
        from cairn.engines.grouping.proofs import alike

        mine = alike.kinds(ix)

        def same(i: int, j: int) -> bool:
            return mine[i] == mine[j]
    else:
        from cairn.engines.grouping.proofs import wished

        cost, places = wished.ranks(ix).tolist(), chosen.places

        def same(i: int, j: int) -> bool:
            g, h = places[i], places[j]
            return bool(cost[i][g] + cost[j][h] == cost[i][h] + cost[j][g])

    return Swaps(ix, chosen.places, same, seed).descend(SWAPS * len(ix.members), guard)


class Swaps:
    """Swaps of two people drawn by lot, taken when the rules hold and the mix gets no worse."""

    def __init__(self, ix: Indexed, places: list[int], same: Same, seed: int) -> None:
        self.ix, self.places, self.same = ix, places, same
        self.rng = random.Random(f"swaps {seed}")  # noqa: S311  repeatable on purpose; no secret depends on it
        self.tally = measure.tally(ix, places)
        fixed = {i for unit in ix.units for i in unit} | {i for i, pin in enumerate(ix.pins) if pin >= 0}
        self.free = [i for i in range(len(places)) if i not in fixed and places[i] >= 0]
        self.foes: dict[int, set[int]] = {}
        for i, j in ix.apart:
            self.foes.setdefault(i, set()).add(j)
            self.foes.setdefault(j, set()).add(i)

    def descend(self, tries: int, guard: Guard) -> int:
        """So many tries; places are changed where they are."""
        if len(self.free) < 2 or not any(attribute.weight for attribute in self.ix.attributes):
            return 0
        for tried in range(tries):
            if tried % 4096 == 0 and guard.late():
                return tried
            i, j = self.rng.choice(self.free), self.rng.choice(self.free)
            if self.places[i] != self.places[j] and self.same(i, j) and self._change(i, j) <= 0 and self._may(i, j):
                self._swap(i, j)
        return tries

    def _change(self, i: int, j: int) -> int:
        """Change of n*D/2 by swapping; the formula is that of swaps by counts."""
        g, h, n, found = self.places[i], self.places[j], self.tally.placed, 0
        sizes = self.tally.sizes
        for a, attribute in enumerate(self.ix.attributes):
            mine, theirs = self.ix.codes[a][i], self.ix.codes[a][j]
            if mine == theirs:
                continue
            for v, old, new in ((mine, g, h), (theirs, h, g)):
                if v >= 0:
                    counts, total = self.tally.counts[a][v], self.tally.totals[a][v]
                    off = n * (counts[new] - counts[old] + 1) - total * (sizes[new] - sizes[old])
                    found += attribute.weight * off
        return found

    def _may(self, i: int, j: int) -> bool:
        g, h = self.places[i], self.places[j]
        if not (self.ix.may_join(i, h) and self.ix.may_join(j, g)):
            return False
        ours = all(self.places[foe] != h or foe == j for foe in self.foes.get(i, ()))
        return ours and all(self.places[foe] != g or foe == i for foe in self.foes.get(j, ()))

    def _swap(self, i: int, j: int) -> None:
        g, h = self.places[i], self.places[j]
        self.places[i], self.places[j] = h, g
        for a, codes in enumerate(self.ix.codes):
            for v, old, new in ((codes[i], g, h), (codes[j], h, g)):
                if v >= 0:
                    self.tally.counts[a][v][old] -= 1
                    self.tally.counts[a][v][new] += 1
