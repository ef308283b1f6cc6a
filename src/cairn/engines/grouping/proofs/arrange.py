"""Choosing when groups meet and who coaches them, before people are seated.

Small problems are settled together with the seats, by the exact model, so that nothing is lost by deciding first: it
is asked for slots and coaches under which every count can be its share rounded down or up.

Large ones are settled by numbers alone. People fall into habits (the slots they can come to and the coaches they must
not have), groups and coaches into kinds; the model counts how many groups of a kind meet at which slot with which
kind of coach, and how many people of a habit go there. It asks for choices that suit as many people as can be, with
sizes as even as can be. What it leaves out are pairs and pins of single people, which the search then sees to.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Budget, Coach, Conflict, Infeasible, Problem
from cairn.engines.grouping.proofs.cpsat import Model

MOST_TOGETHER = 5_000


def settle(ix: Indexed, *, seed: int, budget: Budget) -> Problem:
    """The problem with one coach and at most one slot for every group. Raises Infeasible where that cannot be."""
    chosen: tuple[dict[int, str], dict[int, str]] | None = None
    if len(ix.members) * len(ix.groups) <= MOST_TOGETHER:
        chosen = _together(ix, seed=seed, budget=budget)
    return _with(ix, *(chosen or Numbers(ix).choose(seed=seed, budget=budget)))


def _with(ix: Indexed, slots: dict[int, str], coaches: dict[int, str]) -> Problem:
    groups = tuple(
        replace(group, coach=coaches.get(g, group.coach), slots=(slots[g],) if g in slots else group.slots)
        for g, group in enumerate(ix.groups)
    )
    return replace(ix.problem, groups=groups)


def _together(ix: Indexed, *, seed: int, budget: Budget) -> tuple[dict[int, str], dict[int, str]] | None:
    """Choices that go with a possible, and if it can be had with a best, assignment; None if none came in time."""
    from cairn.engines.grouping.figures import measure
    from cairn.engines.grouping.proofs import core, exact

    answer, placed = exact.evenest(ix, effort=budget.effort, seconds=budget.seconds / 2, seed=seed)
    if answer.status == "infeasible":
        conflicts = core.smallest_conflict(ix, effort=budget.effort, seconds=budget.seconds / 2, seed=seed)
        raise Infeasible(conflicts, jointly=True)
    if placed is None:
        return None
    sizes = [placed.places.count(g) for g in range(len(ix.groups))]
    mix = exact.Mix(ix, sizes, measure.scaled_bound(ix, ix.totals, sizes))
    mix.hint(placed.places, placed.opt_out_coach)
    best = mix.model.solve(effort=budget.effort / 4, seconds=budget.seconds / 4, seed=seed)
    if best.found:
        placed = mix.read(best)
    return placed.slots, {g: ix.coaches[c] for g, c in placed.coaches.items()}


@dataclass(frozen=True)
class Offer:
    """Groups of one kind that meet at one slot with one kind of coach; `how_many` is a variable."""

    kind: int
    slot: str
    coach: int
    how_many: int


class Numbers:
    """The model that counts groups and people by kind and habit."""

    def __init__(self, ix: Indexed) -> None:
        self.ix, self.model = ix, Model()
        self.held = Counter(c for c in ix.coach_of if c >= 0)
        everybody = [*ix.members.blocked.labels, *(person.blocked_coaches for person in ix.opt_outs)]
        self.disputed = frozenset().union(*everybody)
        self.coaches = _alike(self._coach_key(c) for c in range(len(ix.coaches)))
        self.kind_of_coach = {c: k for k, mine in enumerate(self.coaches) for c in mine}
        self.groups = _alike(self._group_key(g) for g in range(len(ix.groups)))
        self.habits = Counter(zip(ix.members.slots.codes.tolist(), self._blocked_codes(), strict=True))
        self.offers: list[Offer] = []
        self._offer()
        self._limit_coaches()
        self.seats: dict[tuple[int, tuple[int, int]], int] = {}

    def _blocked_codes(self) -> list[int]:
        return [int(code) for code in self.ix.members.blocked.codes]

    def _coach_key(self, c: int) -> object:
        """Coaches who differ in nothing that matters here; whoever has a conflict or a group already stands alone."""
        coach = self.ix.coach_limits[c]
        if coach.id in self.disputed or self.held[c] > (0 if min(self.ix.coach_of) < 0 else 1):
            return c
        return (coach.slots, coach.minutes, coach.most_groups, self.held[c])

    def _group_key(self, g: int) -> object:
        ix, c = self.ix, self.ix.coach_of[g]
        coach = -1 if c < 0 else self.kind_of_coach[c]
        alone = g if c >= 0 and self.held[c] > 1 else -1
        return (ix.groups[g].slots, coach, alone, ix.caps[g], ix.minimums[g])

    def _offer(self) -> None:
        for kind, groups in enumerate(self.groups):
            g = groups[0]
            own = self.ix.coach_of[g]
            coaches = range(len(self.coaches)) if own < 0 else [self.kind_of_coach[own]]
            offers = [
                Offer(kind, slot, coach, self.model.integer(0, len(groups)))
                for coach in coaches
                for slot in self.ix.groups[g].slots or ("",)
                if not slot or self._comes(coach, slot)
            ]
            self.model.between([(offer.how_many, 1) for offer in offers], len(groups), len(groups))
            self.offers += offers

    def _one(self, coach: int) -> Coach:
        return self.ix.coach_limits[self.coaches[coach][0]]

    def _comes(self, coach: int, slot: str) -> bool:
        mine = self._one(coach).slots
        return mine is None or slot in mine

    def _limit_coaches(self) -> None:
        for coach, alike in enumerate(self.coaches):
            own = [offer for offer in self.offers if offer.coach == coach]
            for slot in sorted({offer.slot for offer in own if offer.slot}):
                self.model.between([(o.how_many, 1) for o in own if o.slot == slot], 0, len(alike))
            most = self._most(self._one(coach))
            if most is not None:
                self.model.between([(offer.how_many, 1) for offer in own], 0, most * len(alike))

    def _most(self, coach: Coach) -> int | None:
        """Groups the coach may hold; minutes count with groups of the even size, one-to-one coaching included."""
        problem, most = self.ix.problem, coach.most_groups
        people = -(-len(self.ix.members) // len(self.ix.groups))
        each = problem.minutes_per_group + people * problem.minutes_per_person
        if coach.minutes is not None and each:
            by_minutes = coach.minutes // each
            most = by_minutes if most is None else min(most, by_minutes)
        return most

    def choose(self, *, seed: int, budget: Budget) -> tuple[dict[int, str], dict[int, str]]:
        """Slot and coach by group. Raises Infeasible naming people who cannot all be placed."""
        count, wide = len(self.ix.members), len(self.ix.groups)
        self._seat_people()
        even = count // wide, -(-count // wide)
        for sizes in (even, (0, count)):
            model = self.model.copy()
            self._fill(model, *sizes)
            self._suit(model)
            answer = model.solve(effort=budget.effort, seconds=budget.seconds / 3, seed=seed)
            if answer.found:
                return self._read(answer.values)
            if answer.status != "infeasible":
                break
        raise Infeasible(self._lost(), jointly=True)

    def _seat_people(self) -> None:
        for habit, times in sorted(self.habits.items()):
            for o, offer in enumerate(self.offers):
                if self._suits(habit, offer):
                    self.seats[o, habit] = self.model.integer(0, times)
            mine = [(x, 1) for (_, other), x in self.seats.items() if other == habit]
            self.model.between(mine, times, times)

    def _suits(self, habit: tuple[int, int], offer: Offer) -> bool:
        members = self.ix.members
        slots = members.slots.labels[habit[0]] if habit[0] >= 0 else None
        blocked = members.blocked.labels[habit[1]] if habit[1] >= 0 else frozenset()
        timely = slots is None or not offer.slot or offer.slot in slots
        return timely and self._one(offer.coach).id not in blocked

    def _fill(self, model: Model, least: int, most: int) -> None:
        people: dict[int, list[tuple[int, int]]] = {}
        for (o, _), x in self.seats.items():
            people.setdefault(o, []).append((x, 1))
        for o, offer in enumerate(self.offers):
            g = self.groups[offer.kind][0]
            low, high = max(self.ix.minimums[g], min(least, self.ix.caps[g])), min(self.ix.caps[g], max(most, 0))
            high = max(high, low)
            mine, count = people.get(o, []), len(self.ix.members)
            model.between([*mine, (offer.how_many, -high)], -count * high - high, 0)
            model.between([*mine, (offer.how_many, -low)], 0, count)

    def _suit(self, model: Model) -> None:
        """As many pairs of a person and a group at a time that suits them as can be."""
        total = len(self.ix.members)
        model.minimise(
            [
                (offer.how_many, total - sum(n for habit, n in self.habits.items() if self._suits(habit, offer)))
                for offer in self.offers
            ]
        )

    def _read(self, values: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
        """Names for numbers: coaches of a kind take turns, slot by slot, so that nobody has two groups at once."""
        slots: dict[int, str] = {}
        coaches: dict[int, str] = {}
        waiting = [list(groups) for groups in self.groups]
        turns = [cycle(alike) for alike in self.coaches]
        for offer in sorted(self.offers, key=lambda offer: (offer.coach, offer.slot, offer.kind)):
            for _ in range(values[offer.how_many]):
                g = waiting[offer.kind].pop(0)
                if offer.slot:
                    slots[g] = offer.slot
                if self.ix.coach_of[g] < 0:
                    coaches[g] = self.ix.coaches[next(turns[offer.coach])]
        return slots, coaches

    def _lost(self) -> tuple[Conflict, ...]:
        """The rules that clash: the habits of people who can come to the fewest places, and the groups' limits."""
        reach = {
            habit: len({o for o, offer in enumerate(self.offers) if self._suits(habit, offer)}) for habit in self.habits
        }
        hardest = min(self.habits, key=lambda habit: (reach[habit], -self.habits[habit]))
        at = zip(self.ix.members.slots.codes.tolist(), self._blocked_codes(), strict=True)
        people = tuple(self.ix.members.ids[i] for i, habit in enumerate(at) if habit == hardest)
        groups = tuple(group.id for group in self.ix.groups)
        return (
            Conflict("slot", "rule_slot", people, remedy="other_slot"),
            Conflict("cap", "rule_cap", groups=groups, remedy="more_groups"),
            Conflict("coach_groups", "rule_coach_times", coaches=self.ix.coaches, remedy="engage_coach"),
        )


def _alike(keys: Iterable[object]) -> list[list[int]]:
    """Positions with equal keys, in order of first appearance."""
    found: dict[object, list[int]] = {}
    for position, key in enumerate(keys):
        found.setdefault(key, []).append(position)
    return list(found.values())
