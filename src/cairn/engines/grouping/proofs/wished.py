"""Groups by wishes: everybody as near to their first wish as all can be at once, under the same hard rules.

What is minimised is the sum of ranks: 1 for somebody's first wish, 2 for the second and so on, and the number of
groups plus 1 for whoever gets none of their wishes. People without wishes cost nothing anywhere.

One person, one group, limits on groups and on coaches: that is a flow, and the cheapest one is found and proven by
the minimum cost flow of OR-Tools (cost scaling, Goldberg 1997) for thousands of people. Pairs who must be together or
apart are not a flow; with these the exact model decides.

Between answers with the same sum, groups of even size count more than lots, and then lots decide, one for each person
and group, drawn from the seed alone: they are shuffled over the people, so that neither ids nor the order of the input
favour anybody. A person without wishes who could sit in a group smaller by two is always moved there, since a square is
then worth more than any lot.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.figures import holds, sizes
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.proofs.exact import Exact, squared_sizes

LOTS = 1_000
MOST_TO_PLACE = 30_000

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wished:
    """Places by wish, the coaches of people who opted out, the least sum of ranks, and whether that is proven."""

    places: list[int]
    opt_out_coach: list[int]
    least: int
    exhausted: bool


def ranks(ix: Indexed) -> Numbers:
    """What each group costs each member."""
    wide = len(ix.groups)
    table = np.zeros((len(ix.members), wide), dtype=np.int64)
    for i, code in enumerate(ix.members.wishes.codes.tolist()):
        named = ix.members.wishes.labels[code] if code >= 0 else ()
        wishes = [ix.group_at[group] for group in named if group in ix.group_at]
        if wishes:
            table[i] = wide + 1
            for rank, g in reversed(list(enumerate(wishes, start=1))):
                table[i, g] = rank
    return table


def spent(ix: Indexed, places: Sequence[int]) -> int:
    """The sum of ranks of an assignment."""
    seats = np.array(places, dtype=np.int64)
    return int(ranks(ix)[np.arange(len(seats)), seats].sum())


def lots(ix: Indexed, seed: int) -> Numbers:
    """A lot for each person and group."""
    rng = random.Random(f"wishes {seed}")  # noqa: S311  lots that can be drawn again, not secrets
    drawn = [[rng.randrange(LOTS) for _ in ix.groups] for _ in ix.members]
    rng.shuffle(drawn)
    return np.array(drawn, dtype=np.int64).reshape(len(ix.members), len(ix.groups))


def _weight_of_wishes(ix: Indexed) -> int:
    """More than all lots and all squares together."""
    return LOTS * (len(ix.members) * (max(ix.caps, default=0) + 1) + 1)


def by_flow(ix: Indexed, seed: int) -> Wished | None:
    """The least sum of ranks where only people, groups and coaches matter; None where no flow seats everybody."""
    from ortools.graph.python import min_cost_flow

    n, wide = len(ix.members), len(ix.groups)
    open_to = np.array([[ix.may_join(i, g) for g in range(wide)] for i in range(n)], dtype=bool)
    cost = ranks(ix) * _weight_of_wishes(ix) + lots(ix, seed)
    who, where = np.nonzero(open_to)
    coach = np.array(ix.coach_of, dtype=np.int64)
    least, caps = np.array(ix.minimums, dtype=np.int64), np.array(ix.caps, dtype=np.int64)
    seats = np.minimum(np.array(_seats(ix), dtype=np.int64), n)
    groups, coaches, sink = n + np.arange(wide), n + wide + np.arange(len(ix.coaches)), n + wide + len(ix.coaches)
    # A group's first places, up to its minimum, earn more than any wishes are worth, so that they are filled first. The
    # k-th place costs as much as the square of k is above that of k - 1.
    reward = int(cost.max(initial=0) + 1) * (n + 1)
    place = np.concatenate([np.arange(cap) for cap in caps.tolist()] or [np.arange(0)])
    seated = np.repeat(np.arange(wide), caps)
    price = LOTS * (2 * place + 1) - np.where(place < least[seated], reward, 0)
    arcs = [
        (who, groups[where], np.ones(len(who)), cost[who, where]),
        (groups[seated], coaches[coach[seated]], np.ones(len(place)), price),
        (coaches, np.full(len(coaches), sink), np.maximum(seats, 0), np.zeros(len(coaches))),
    ]
    flow = min_cost_flow.SimpleMinCostFlow()
    tails, heads, room, prices = (np.concatenate(column).astype(np.int64) for column in zip(*arcs, strict=True))
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, room, prices)
    nodes = np.arange(sink + 1)
    flow.set_nodes_supplies(nodes, np.concatenate([np.ones(n), np.zeros(sink - n), [-n]]).astype(np.int64))
    if flow.solve() != flow.OPTIMAL:
        return None
    taken = flow.flows(np.arange(len(who))) > 0
    places = np.full(n, -1, dtype=np.int64)
    places[who[taken]] = where[taken]
    counted = np.bincount(places, minlength=wide)
    if (counted < least).any():
        return None
    opted = holds.match_opt_outs(ix, holds.spare_minutes(ix, counted.tolist()))
    return Wished(places.tolist(), opted, spent(ix, places.tolist()), exhausted=True)


def _seats(ix: Indexed) -> list[int]:
    """How many people each coach can take, when those who opted out have theirs."""
    problem, seats = ix.problem, sizes.coach_seats(ix)
    if not ix.opt_outs or not problem.minutes_per_person:
        return seats
    spare = [
        None if minutes is None else minutes - problem.minutes_per_group * ix.coach_of.count(c)
        for c, minutes in enumerate(ix.minutes)
    ]
    seen = holds.match_opt_outs(ix, spare)
    return [
        left
        if ix.minutes[c] is None
        else ((spare[c] or 0) - seen.count(c) * problem.minutes_per_opt_out) // problem.minutes_per_person
        for c, left in enumerate(seats)
    ]


def by_model(ix: Indexed, start: Sequence[int] | None, *, effort: float, seconds: float, seed: int) -> Wished | None:
    """The same with pairs of people, by the exact model; None if it found no answer."""
    exact, table, drawn = Exact(ix, None), ranks(ix), lots(ix, seed)
    scale = _weight_of_wishes(ix)
    wishes = (
        (seat, int(sum(table[i, g] * scale + drawn[i, g] for i in ix.blocks[b]))) for (b, g), seat in exact.seat.items()
    )
    exact.model.minimise([*wishes, *((cost, LOTS) for cost in squared_sizes(exact))])
    if start is not None:
        exact.hint(start, [-1] * len(ix.opt_outs))
    answer = exact.model.solve(effort=effort, seconds=seconds, seed=seed)
    if not answer.found:
        return None
    placed = exact.read(answer)
    value = spent(ix, placed.places)
    least = value if answer.status == "optimal" else max(0, answer.bound // scale)
    return Wished(list(placed.places), list(placed.opt_out_coach), least, least == value)
