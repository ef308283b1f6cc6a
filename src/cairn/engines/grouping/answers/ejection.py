"""Few changes to an assignment that meet some wishes, hold every rule and mix best: a search over chains of moves.

Somebody is put where they are to be, which may overfill their new group or part a pair; whoever is in the way moves
on, and so forth (ejection chains, Glover 1996). States are kept by how many people have left their seat, the best few
of each number are extended by one move or one swap, and everything is priced from counts. Every answer is exact in
what it claims to give; that nothing better exists with so many changes is for others to prove.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cairn.engines.grouping.answers.counts import Counts, Numbers
from cairn.engines.grouping.answers.desk import Desk
from cairn.engines.grouping.answers.permits import Flags, Permits
from cairn.engines.grouping.figures import holds
from cairn.engines.grouping.problem.shapes import Problem

MANY = 2_000
FEW, AT_LEAST = 12, 2
NO_LIMIT = 2**60
Changes = tuple[tuple[int, int], ...]
Rank = tuple[int, int, int, int]


@dataclass(frozen=True)
class State:
    """Changes against the seats people had: `rank` is faults, unevenness of sizes, people alone, scaled D."""

    changes: Changes
    moved: int
    rank: Rank

    @property
    def clean(self) -> bool:
        """Whether every rule holds and every wish is met."""
        return self.rank[0] == 0


class Task:
    """An assignment to be repaired: who sat where, who may sit where, and what is wrong in a given state."""

    def __init__(self, problem: Problem, seated: Mapping[str, str], wishes: Mapping[str, Flags]) -> None:
        """`wishes` maps people to the groups that would meet their request, as flags in order of group."""
        self.desk = Desk(problem, seated)
        self.ix = self.desk.ix
        self.counts: Counts = self.desk.counts
        self.permits: Permits = self.desk.permits
        self.home: Numbers = self.counts.places.copy()
        self.wishes = {self.ix.member_at[person]: groups for person, groups in wishes.items()}
        self.newcomers = [int(i) for i in np.flatnonzero(self.home < 0)]
        self.heeds_alone = "isolation" in problem.goals and bool(self.counts.shy.any())
        self._limit = np.array([NO_LIMIT if m is None else m for m in self.ix.minutes], dtype=np.int64)
        self._seen_by: Numbers | None = None
        self.must = self._out_of_place()

    def allowed(self, i: int) -> Flags:
        """Groups open to member `i` by the rules about them alone and by their own request."""
        fine = self.permits.groups_for(i)
        return fine & self.wishes[i] if i in self.wishes else fine

    def welcome(self, g: int) -> Flags:
        """Members to whom group `g` is open in this sense."""
        fine = self.permits.people_for(g)
        for i, groups in self.wishes.items():
            fine[i] &= groups[g]
        return fine

    def _out_of_place(self) -> frozenset[int]:
        """Seated people whose seat is not open to them."""
        permits, home = self.permits, self.home
        wrong = ~permits.fits[permits.habit, permits.times[home]] | ((permits.pin >= 0) & (permits.pin != home))
        wrong[permits.barred_person[permits.coach[home[permits.barred_person]] == permits.barred_coach]] = True
        for i, groups in self.wishes.items():
            wrong[i] |= not groups[home[i]]
        return frozenset(np.flatnonzero(wrong & (home >= 0)).tolist())

    def least_moves(self) -> int:
        """So many people must move at the very least for all that is wrong to be mended."""
        size, pairs = self.counts.size, 0
        parted: set[int] = set()
        for i, j in self.pairs_wrong():
            if not {i, j} & parted:
                parted |= {i, j}
                pairs += 1
        over = int(np.maximum(size - self.permits.caps, 0).sum())
        return max(len(self.must), pairs, over)

    def apply(self, changes: Iterable[tuple[int, int]]) -> None:
        """Go from the seats people had to this state."""
        for i, g in changes:
            self.counts.put(i, g)

    def undo(self, changes: Iterable[tuple[int, int]]) -> None:
        """Go back to the seats people had."""
        for i, _ in changes:
            self.counts.put(i, int(self.home[i]))

    def state(self, changes: Changes) -> State:
        """The state as it is now, these changes having been applied."""
        moved = sum(self.home[i] >= 0 for i, _ in changes)
        faults = len(self.persons_wrong(changes)) + len(self.pairs_wrong())
        faults += self._sizes_wrong() + self._minutes_wrong()
        size = self.counts.size
        alone = self.counts.alone() if self.heeds_alone else 0
        return State(changes, int(moved), (faults, int((size * size).sum()), alone, self.counts.scaled))

    def persons_wrong(self, changes: Changes) -> list[int]:
        """Members without a seat, or in one that is not open to them."""
        places = self.counts.places
        unmet = sorted(self.must - {i for i, _ in changes})
        return unmet + [i for i in self.newcomers if places[i] < 0]

    def pairs_wrong(self) -> list[tuple[int, int]]:
        """Pairs together who must be apart, or apart who must be together."""
        places, found = self.counts.places, []
        for (mine, theirs), bad_when_same in ((self.permits.apart, True), (self.permits.together, False)):
            here, there = places[mine], places[theirs]
            bad = (here >= 0) & (there >= 0) & ((here == there) == bad_when_same) & (mine < theirs)
            found += list(zip(mine[bad].tolist(), theirs[bad].tolist(), strict=True))
        return found

    def overfull(self) -> list[int]:
        """Groups over their cap."""
        return [int(g) for g in np.flatnonzero(self.counts.size > self.permits.caps)]

    def underfull(self) -> list[int]:
        """Groups under their minimum."""
        return [int(g) for g in np.flatnonzero(self.counts.size < self.permits.minimums)]

    def _sizes_wrong(self) -> int:
        size = self.counts.size
        over, under = size - self.permits.caps, self.permits.minimums - size
        return int(np.maximum(over, 0).sum() + np.maximum(under, 0).sum())

    def _minutes_wrong(self) -> int:
        """Coaches who would give more minutes than they have, and people who opted out and would have no coach."""
        if all(minutes is None for minutes in self.ix.minutes):
            return 0
        spare = self._spare()
        short = int((spare < 0).sum())
        if not self.ix.opt_outs or (self._seen_by is not None and (spare >= self._seen_by).all()):
            return short
        coaches = holds.match_opt_outs(self.ix, self.permits.spare())
        lost = sum(c < 0 for c in coaches)
        if not lost and not short:
            seen = np.bincount(np.array(coaches), minlength=len(spare))
            self._seen_by = seen * self.ix.problem.minutes_per_opt_out
        return short + lost

    def _spare(self) -> Numbers:
        """Minutes each coach has left for people who opted out; very many where there is no limit."""
        problem, coach, size = self.ix.problem, self.permits.coach, self.counts.size
        known = coach >= 0
        spent = problem.minutes_per_person * size[known] + problem.minutes_per_group
        spare = self._limit.copy()
        np.subtract.at(spare, coach[known], spent)
        return spare

    def pressed(self) -> list[int]:
        """Groups of the coach with the fewest minutes left, when minutes are short for somebody."""
        if not self._minutes_wrong():
            return []
        return [int(g) for g in np.flatnonzero(self.permits.coach == int(self._spare().argmin()))]


class Chains:
    """The search itself: the best states known for each number of people who moved."""

    def __init__(self, task: Task, *, width: int, most: int) -> None:
        self.task, self.most = task, most
        self.big = len(task.home) > MANY
        self.width = min(width, 4) if self.big else width
        self.levels: list[dict[frozenset[tuple[int, int]], State]] = [{} for _ in range(most + 1)]
        self.best: dict[int, State] = {}

    def run(self, floor: Rank) -> dict[int, State]:
        """The best clean state for each number of moves, stopping at one that is as good as `floor`."""
        self._start()
        for level in range(self.most + 1):
            known = sorted(self.levels[level].values(), key=lambda state: (state.rank, state.changes))
            clean = [state for state in known if state.clean]
            if clean:
                self.best[level] = clean[0]
                if clean[0].rank <= floor:
                    break
            rest = [state for state in known if not state.clean]
            if level < self.most:
                for state in clean[: self.width] + rest[: self.width]:
                    self._extend(state)
        return self.best

    def offer(self, changes: Iterable[tuple[int, int]]) -> None:
        """Note the state that is applied now."""
        told = tuple(sorted((i, g) for i, g in changes if self.task.home[i] != g))
        state = self.task.state(told)
        if state.moved <= self.most:
            self.levels[state.moved].setdefault(frozenset(told), state)

    def _start(self) -> None:
        """Newcomers take a seat first: each the best there is, the most choosy first; for a few, also others."""
        task = self.task
        order = sorted(task.newcomers, key=lambda i: (int(task.allowed(i).sum()), i))
        placed: list[tuple[int, int]] = []
        for i in order:
            seats = self._seats(i)
            if not seats:
                continue
            if i == order[-1]:
                for g in seats[1 : self.width]:
                    task.counts.put(i, g)
                    self.offer([*placed, (i, g)])
            task.counts.put(i, seats[0])
            placed.append((i, seats[0]))
        self.offer(placed)
        task.undo(placed)

    def _seats(self, i: int) -> list[int]:
        """Groups for somebody without a seat, best first: with room, friendly, small, and wanting their values."""
        task, counts = self.task, self.task.counts
        full = counts.size >= task.permits.caps
        hostile = ~task.permits.friendly_groups(i)
        mine = counts.row[:, i]
        want = counts.pull[mine].sum(axis=0) if len(mine) else np.zeros(counts.wide, dtype=np.int64)
        order = np.lexsort((want, counts.size, hostile, full))
        fine = task.allowed(i)
        return [int(g) for g in order if fine[g]]

    def _extend(self, state: State) -> None:
        task, seen = self.task, {i for i, _ in state.changes}
        task.apply(state.changes)
        focus = self._focus(state, seen)
        tries = self.width if len(focus) <= FEW else AT_LEAST
        for i, targets, may_swap in focus:
            if i in seen and task.home[i] >= 0:
                continue
            self._moves(state, i, targets, tries)
            if may_swap and state.moved + 2 <= self.most and task.counts.places[i] >= 0 and i not in seen:
                self._swaps(state, i, seen, tries)
        task.undo(state.changes)

    def _focus(self, state: State, seen: set[int]) -> list[tuple[int, Sequence[int] | None, bool]]:
        """Whom to move next: (person, groups to consider or None for all, whether to try swaps)."""
        task, places = self.task, self.task.counts.places
        wrong = [i for i in task.persons_wrong(state.changes) if places[i] >= 0]
        if wrong:
            return [(wrong[0], None, True)]
        pairs = task.pairs_wrong()
        if pairs:
            return [(i, None, True) for i in pairs[0]]
        crowded = task.overfull() or task.pressed()
        if crowded:
            return [(int(i), None, False) for i in np.flatnonzero(np.isin(places, crowded))]
        short = task.underfull()
        if short:
            givers = np.flatnonzero(task.counts.size > task.permits.minimums)
            return [(int(i), short[:1], False) for i in np.flatnonzero(np.isin(places, givers))]
        return [(i, None, True) for i in self._restless(state, seen)]

    def _restless(self, state: State, seen: set[int]) -> list[int]:
        """Members whose move could mend the mix: everybody if few, else those of the groups that were touched."""
        task, places = self.task, self.task.counts.places
        if not self.big and len(places) <= 30:
            return [i for i in range(len(places)) if i not in seen]
        touched = {g for _, g in state.changes} | {int(task.home[i]) for i, _ in state.changes} - {-1}
        if not touched:
            off = np.abs(task.counts.pull).sum(axis=0).astype(float)
            touched = set(np.argsort(-off, kind="stable")[:2].tolist())
        near = [int(i) for i in np.flatnonzero(np.isin(places, sorted(touched))) if int(i) not in seen]
        return near[: 8 if self.big else 60]

    def _moves(self, state: State, i: int, targets: Sequence[int] | None, tries: int) -> None:
        """Try the best single moves of member `i`."""
        task, counts, old = self.task, self.task.counts, int(self.task.counts.places[i])
        if state.moved + 1 > self.most and task.home[i] >= 0:
            return
        fine = task.allowed(i)
        fine[old] = False
        if targets is not None:
            inside = np.zeros(len(fine), dtype=np.bool_)
            inside[list(targets)] = True
            fine &= inside
        open_to = np.flatnonzero(fine)
        hostile = ~task.permits.friendly_groups(i)[open_to]
        over = counts.size[open_to] + 1 > task.permits.caps[open_to]
        change = counts.move_changes(i)[open_to]
        order = np.lexsort((change, counts.size[open_to], over | hostile))
        mixing = np.lexsort((change, over | hostile))
        picked = dict.fromkeys([*order[:tries].tolist(), *mixing[:tries].tolist()])
        for at in picked:
            g = int(open_to[at])
            counts.put(i, g)
            self.offer([*(pair for pair in state.changes if pair[0] != i), (i, g)])
            counts.put(i, old)

    def _swaps(self, state: State, i: int, seen: set[int], tries: int) -> None:
        """Try the best swaps of member `i` with people who have not moved."""
        task, counts, g = self.task, self.task.counts, int(self.task.counts.places[i])
        fine = task.welcome(g) & (counts.places >= 0) & (counts.places != g) & (task.home >= 0)
        fine &= task.allowed(i)[counts.places]
        fine[sorted(seen)] = False
        partners = np.flatnonzero(fine)
        if not len(partners):
            return
        permitted = task.permits.swap_partners(i)[partners]
        alone = counts.swap_alone(i, partners) if task.heeds_alone else np.zeros(len(partners), dtype=np.int64)
        order = np.lexsort((counts.swap_changes(i, partners), alone, ~permitted))
        for at in order[:tries].tolist():
            j, h = int(partners[at]), int(counts.places[partners[at]])
            counts.put(i, h)
            counts.put(j, g)
            self.offer([*state.changes, (i, h), (j, g)])
            counts.put(i, g)
            counts.put(j, h)
