"""Slots and coaches still to be chosen, as part of the exact model: who meets when, and with whom."""

from collections.abc import Sequence
from itertools import combinations

from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.proofs.cpsat import Model, Term


class Choices:
    """A literal for each slot and each coach a group may get; None in their place where there is no choice."""

    def __init__(self, ix: Indexed, model: Model) -> None:
        self.ix, self.model = ix, model
        self.at: dict[tuple[int, str], int] = {}
        self.held: dict[tuple[int, int], int] = {}
        for g, group in enumerate(ix.groups):
            slots = self.slots_of(g)
            if len(group.slots) > 1:
                self.at |= {(g, slot): model.boolean() for slot in slots}
                model.exactly_one([self.at[g, slot] for slot in slots])
            if ix.coach_of[g] < 0:
                self.held |= {(g, c): model.boolean() for c in range(len(ix.coaches)) if self._may_hold(c, g)}
                model.exactly_one([x for (h, _), x in self.held.items() if h == g])
        self._coaches_times()
        self._never_twice_at_once()
        self._most_groups()

    def slots_of(self, g: int) -> tuple[str, ...]:
        """Times the group may meet at; with a coach of its own, only when that coach can."""
        slots, c = self.ix.groups[g].slots, self.ix.coach_of[g]
        if c < 0:
            return slots
        mine = self.ix.coach_limits[c].slots
        return tuple(slot for slot in slots if mine is None or slot in mine)

    def _may_hold(self, c: int, g: int) -> bool:
        coach, slots = self.ix.coach_limits[c], self.ix.groups[g].slots
        return coach.most_groups != 0 and (not slots or coach.slots is None or not coach.slots.isdisjoint(slots))

    def coaches_of(self, g: int) -> list[tuple[int, int | None]]:
        """Every coach the group may have, with the literal that says so (None: it is certain)."""
        if self.ix.coach_of[g] >= 0:
            return [(self.ix.coach_of[g], None)]
        return [(c, x) for (h, c), x in self.held.items() if h == g]

    def time(self, g: int, slot: str) -> list[Term] | None:
        """The literal that group g meets then as a term; no term if that is certain, None if it never does."""
        if len(self.ix.groups[g].slots) == 1:
            return [] if self.ix.groups[g].slots[0] == slot else None
        literal = self.at.get((g, slot))
        return None if literal is None else [(literal, 1)]

    def _coaches_times(self) -> None:
        """A coach chosen for a group can come when it meets."""
        for (g, c), held in self.held.items():
            mine = self.ix.coach_limits[c].slots
            for slot in self.ix.groups[g].slots if mine is not None else ():
                literal = self.at.get((g, slot))
                if literal is not None and mine is not None and slot not in mine:
                    self.model.at_most_one([held, literal])

    def _never_twice_at_once(self) -> None:
        for g, h in combinations(range(len(self.ix.groups)), 2):
            theirs = dict(self.coaches_of(h))
            shared = sorted(set(self.ix.groups[g].slots) & set(self.ix.groups[h].slots))
            for c, one in self.coaches_of(g):
                for slot in shared if c in theirs else ():
                    times = self.time(g, slot), self.time(h, slot)
                    if times[0] is None or times[1] is None:
                        continue
                    literals = [x for x in (one, theirs[c]) if x is not None]
                    terms = [*((x, 1) for x in literals), *times[0], *times[1]]
                    self.model.between(terms, -1 if not terms else 0, len(terms) - 1)

    def _most_groups(self) -> None:
        for c, coach in enumerate(self.ix.coach_limits):
            if coach.most_groups is not None:
                own = sum(d == c for d in self.ix.coach_of)
                mine = [(x, 1) for (_, d), x in self.held.items() if d == c]
                if len(mine) + own > coach.most_groups:
                    self.model.between(mine, min(0, coach.most_groups - own), coach.most_groups - own)

    def join(self, block: Sequence[int], g: int, seat: int) -> None:
        """People who sit in the group can come when it meets, and have no conflict with its coach."""
        people = [self.ix.members[i] for i in block]
        known = [person.slots for person in people if person.slots is not None]
        if known and len(self.ix.groups[g].slots) > 1:
            can = [self.at[g, slot] for slot in self.slots_of(g) if all(slot in slots for slots in known)]
            self.model.between([(seat, -1), *((x, 1) for x in can)], 0, len(can))
        for (h, c), held in self.held.items() if any(person.blocked_coaches for person in people) else ():
            if h == g and any(self.ix.coaches[c] in person.blocked_coaches for person in people):
                self.model.at_most_one([seat, held])

    def load(self, g: int, c: int, size: Sequence[Term], most: int) -> list[Term]:
        """Minutes that group g takes of coach c, as terms; `size` counts its people, `most` is the largest size."""
        problem = self.ix.problem
        if self.ix.coach_of[g] >= 0:
            return [(x, times * problem.minutes_per_person) for x, times in size] if self.ix.coach_of[g] == c else []
        held = self.held.get((g, c))
        if held is None:
            return []
        terms = [(held, problem.minutes_per_group)]
        if problem.minutes_per_person:
            people = self.model.integer(0, most)
            self.model.between([(people, 1), *((x, -times) for x, times in size)], 0, most, [held])
            terms.append((people, problem.minutes_per_person))
        return terms

    def read(self, values: Sequence[int]) -> tuple[dict[int, str], dict[int, int]]:
        """The slot and the coach of each group for which there was a choice."""
        slots = {g: slot for (g, slot), x in self.at.items() if values[x]}
        return slots, {g: c for (g, c), x in self.held.items() if values[x]}
