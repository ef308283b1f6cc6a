"""The few groups of another size than the rest, composed first and for good.

When a thousand groups of 11 leave five of 10, the best D asks of each of these five an exact number of every value:
too much to come about by swaps, and easily done at the start, when everybody is still free to be chosen. Each is a
small whole-number program over kinds of people (those with the same values): CP-SAT picks how many of each kind.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.proofs.cpsat import Model
from cairn.engines.grouping.proofs.shares import Shares

MOST_ODD = 40
LOOKED_AT = (3_000, 60_000)
EFFORT = 0.5


def compose(ix: Indexed, sizes: Sequence[int], shares: Shares, rng: np.random.Generator) -> dict[int, list[int]]:
    """People for each group of a size that is not the commonest, by group; groups that cannot be composed are left."""
    counted = Counter(sizes)
    usual = max(counted, key=lambda size: (counted[size], size))
    odd = [g for g, size in enumerate(sizes) if size != usual and size in shares.held]
    if len(odd) > MOST_ODD or 2 * sum(sizes[g] for g in odd) > len(ix.members):
        return {}
    free = ix.pin_of < 0
    free[[i for unit in ix.units for i in unit]] = False
    pinned, left = set(ix.pin_of.tolist()), dict(counted)
    rest = {size: [list(row) for row in held] for size, held in shares.held.items()}
    found: dict[int, list[int]] = {}
    for g in odd:
        people: list[int] = []
        for many in LOOKED_AT:
            if not people and g not in pinned:
                open_to = _open_to(ix, g, rng.permutation(np.flatnonzero(free))[:many])
                people = _choose(ix, sizes[g], open_to, rest[sizes[g]], left[sizes[g]])
        left[sizes[g]] -= 1
        if people:
            found[g] = people
            free[people] = False
            for a, row in enumerate(ix.table):
                for i in people:
                    rest[sizes[g]][a][row[i]] -= 1
    return found


def _open_to(ix: Indexed, g: int, people: npt.NDArray[np.int64]) -> list[int]:
    """Those of these people who may join group g; who has the same limits is looked at once."""
    slots, blocked = ix.members.slots.codes[people].tolist(), ix.members.blocked.codes[people].tolist()
    known: dict[tuple[int, int], bool] = {}
    for i, *key in zip(people.tolist(), slots, blocked, strict=True):
        if (at := (key[0], key[1])) not in known:
            known[at] = ix.has_slot(i, g) and ix.has_coach(i, g)
    return [i for i, *key in zip(people.tolist(), slots, blocked, strict=True) if known[key[0], key[1]]]


def _choose(ix: Indexed, size: int, open_to: Sequence[int], rest: Sequence[Sequence[int]], groups: int) -> list[int]:
    """People who together have, of each value, what is left to share out among so many groups, rounded."""
    kinds: dict[tuple[int, ...], list[int]] = {}
    for i, values in zip(open_to, ix.table[:, open_to].T.tolist(), strict=True):
        kinds.setdefault(tuple(values), []).append(i)
    model = Model()
    taken = {kind: model.integer(0, min(size, len(people))) for kind, people in kinds.items()}
    model.between([(x, 1) for x in taken.values()], size, size)
    for a, row in enumerate(rest):
        for v, held in enumerate(row):
            code = v if v < len(row) - 1 else -1
            terms = [(x, 1) for kind, x in taken.items() if kind[a] == code]
            model.between(terms, held // groups, -(-held // groups))
    answer = model.solve(effort=EFFORT, seconds=5.0, seed=0)
    if not answer.found:
        return []
    return _without_pairs_apart(ix, kinds, {kind: answer.values[x] for kind, x in taken.items()})


def _without_pairs_apart(
    ix: Indexed, kinds: Mapping[tuple[int, ...], Sequence[int]], wanted: Mapping[tuple[int, ...], int]
) -> list[int]:
    """So many of each kind, none of them to be apart from another or met before; none at all if that fails."""
    chosen: list[int] = []
    foes = ix.foes
    for kind, many in wanted.items():
        for _ in range(many):
            fit = next((i for i in kinds[kind] if i not in chosen and not foes.get(i, set()) & set(chosen)), None)
            if fit is None:
                return []
            chosen.append(fit)
    return chosen
