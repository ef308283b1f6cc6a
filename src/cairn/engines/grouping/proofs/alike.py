"""Groups of people who are alike: as few pairs within groups as can be who differ in what they should share.

What is minimised is the number of pairs of people in one group who both said a value of an attribute in `alike_by`
and said different ones, added up over these attributes. With m people who said something in a group, c of each value,
that is the sum over groups of (m^2 - sum of c^2) / 2.

The bound leaves out everything about single people: it only counts how many of each kind (combination of values) sit
in each group. Since kinds are few, the exact model can prove the least number of pairs there, and the answer with all
rules often reaches it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.proofs.cpsat import Model, Term
from cairn.engines.grouping.proofs.exact import Exact

MOST_KINDS = 60
MOST_CELLS = 5_000
Kind = tuple[int, ...]


@dataclass(frozen=True)
class Gathered:
    """Places, the coaches of people who opted out, and how many differing pairs there are at least."""

    places: list[int]
    opt_out_coach: list[int]
    least: int


def kinds(ix: Indexed) -> list[Kind]:
    """Each member's values of the attributes that groups should share, as codes; -1 is not said."""
    columns = [_column(ix, key) for key in ix.problem.alike_by]
    return list(zip(*columns, strict=True)) if columns else [()] * len(ix.members)


def _column(ix: Indexed, key: str) -> list[int]:
    """One attribute's codes; an intersection's are made from its parts, not said where one of them is not."""
    parts = next((attribute.of for attribute in ix.problem.attributes if attribute.key == key), ()) or (key,)
    columns = [ix.members.values[part].codes.tolist() for part in parts if part in ix.members.values]
    found: dict[Kind, int] = {}
    return [-1 if min(codes) < 0 else found.setdefault(codes, len(found)) for codes in zip(*columns, strict=True)] or [
        -1
    ] * len(ix.members)


def differing(ix: Indexed, places: Sequence[int]) -> int:
    """Pairs within groups who differ, over all attributes in `alike_by`."""
    found, mine = 0, kinds(ix)
    for k in range(len(ix.problem.alike_by)):
        counts = Counter((g, kind[k]) for g, kind in zip(places, mine, strict=True) if g >= 0 and kind[k] >= 0)
        said = Counter(g for g, kind in zip(places, mine, strict=True) if g >= 0 and kind[k] >= 0)
        found += (sum(m * m for m in said.values()) - sum(c * c for c in counts.values())) // 2
    return found


def in_a_row(ix: Indexed, sizes: Sequence[int]) -> list[int]:
    """A first answer: people in order of kind, blocks together, each into the first group with room that is open."""
    mine, room, places = kinds(ix), list(sizes), [-1] * len(ix.members)
    foes: dict[int, set[int]] = {}
    for i, j in ix.apart:
        foes.setdefault(i, set()).add(j)
        foes.setdefault(j, set()).add(i)
    order = sorted(
        ix.blocks, key=lambda block: (ix.pins[block[0]] < 0, -len(block) if len(block) > 1 else 0, mine[block[0]])
    )
    for block in order:
        fits = [
            g
            for g in range(len(room))
            if room[g] >= len(block)
            and ix.block_may_join(block, g)
            and not any(places[foe] == g for i in block for foe in foes.get(i, ()))
        ] or [max(range(len(room)), key=lambda g: room[g])]
        for i in block:
            places[i] = fits[0]
            room[fits[0]] -= 1
    return places


def _squares(model: Model, terms: Sequence[Term], most: int) -> list[Term]:
    """The square of a sum up to `most` as terms: with y_k saying "at least k", it is the sum of (2k - 1) y_k."""
    steps = [model.boolean() for _ in range(most)]
    model.between([*terms, *((step, -1) for step in steps)], 0, 0)
    for here, ahead in pairwise(steps):
        model.between([(here, 1), (ahead, -1)], 0, 1)
    return [(step, 2 * k + 1) for k, step in enumerate(steps)]


def _objective(model: Model, seats: dict[tuple[int, Kind], list[Term]], sizes: Sequence[int], parts: int) -> list[Term]:
    """Twice the number of differing pairs; `seats` holds who of each kind sits in each group, as terms."""
    found: list[Term] = []
    for k in range(parts):
        for g, size in enumerate(sizes):
            said = [(kind, terms) for (h, kind), terms in seats.items() if h == g and kind[k] >= 0]
            found += _squares(model, [term for _, terms in said for term in terms], size)
            for value in sorted({kind[k] for kind, _ in said}):
                mine = [term for kind, terms in said if kind[k] == value for term in terms]
                found += [(step, -weight) for step, weight in _squares(model, mine, size)]
    return found


def least_differing(ix: Indexed, sizes: Sequence[int], *, effort: float, seconds: float, seed: int) -> int:
    """A bound on differing pairs for groups of these sizes: counts of kinds alone, no rule about single people."""
    mine = Counter(kinds(ix))
    if len(mine) > MOST_KINDS or len(mine) * len(sizes) > MOST_CELLS // max(sizes, default=1):
        return 0
    model = Model()
    cells = {
        (g, kind): model.integer(0, min(times, sizes[g])) for kind, times in mine.items() for g in range(len(sizes))
    }
    for kind, times in mine.items():
        model.between([(cells[g, kind], 1) for g in range(len(sizes))], times, times)
    for g, size in enumerate(sizes):
        model.between([(cells[g, kind], 1) for kind in mine], size, size)
    seats = {at: [(cell, 1)] for at, cell in cells.items()}
    model.minimise(_objective(model, seats, sizes, len(ix.problem.alike_by)))
    answer = model.solve(effort=effort, seconds=seconds, seed=seed)
    return max(0, -(-answer.bound // 2)) if answer.status in ("optimal", "feasible", "unknown") else 0


def gather(
    ix: Indexed, start: Sequence[int], opt_out_coach: Sequence[int], *, effort: float, seconds: float, seed: int
) -> Gathered:
    """The fewest differing pairs for groups of the sizes in hand, with every rule; never more than at the start."""
    sizes = [list(start).count(g) for g in range(len(ix.groups))]
    least = least_differing(ix, sizes, effort=effort, seconds=seconds / 2, seed=seed)
    best = Gathered(list(start), list(opt_out_coach), least)
    if differing(ix, start) <= least:
        return best
    exact = _Fixed(ix, sizes)
    objective = exact.objective()
    exact.model.minimise(objective)
    exact.model.between(objective, 2 * least, 2 * differing(ix, start))
    exact.hint(start, opt_out_coach)
    answer = exact.model.solve(effort=effort, seconds=seconds, seed=seed)
    if answer.status == "infeasible":
        return best
    least = max(least, -(-answer.bound // 2))
    if not answer.found:
        return Gathered(best.places, best.opt_out_coach, least)
    placed = exact.read(answer)
    return Gathered(list(placed.places), list(placed.opt_out_coach), least)


class _Fixed(Exact):
    """The exact model with every group at the size it has."""

    def __init__(self, ix: Indexed, sizes: Sequence[int]) -> None:
        super().__init__(ix, None)
        self.group_sizes = list(sizes)
        for g, size in enumerate(sizes):
            self.model.between(self._size_terms(g), size, size)

    def objective(self) -> list[Term]:
        """Twice the number of differing pairs."""
        mine = kinds(self.ix)
        seats: dict[tuple[int, Kind], list[Term]] = {}
        for (b, g), seat in self.seat.items():
            for kind, times in Counter(mine[i] for i in self.ix.blocks[b]).items():
                seats.setdefault((g, kind), []).append((seat, times))
        return _objective(self.model, seats, self.group_sizes, len(self.ix.problem.alike_by))
