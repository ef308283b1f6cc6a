"""When the rules cannot hold together: a smallest set of them that already cannot.

Every rule gets a switch. The solver names switches that cannot all be on, and each is then tried without: what
remains is irreducible, so relaxing any one of the named rules lets the others hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Conflict
from cairn.engines.grouping.proofs.cpsat import Model, Term

Key = TypeVar("Key")


@dataclass
class Switched:
    """The hard rules with a switch each; no goals."""

    model: Model
    rules: dict[int, Conflict]


def smallest_conflict(ix: Indexed, *, effort: float, seconds: float, seed: int) -> tuple[Conflict, ...]:
    """The rules of an irreducible conflict, in a stable order; empty when none could be shown within the effort."""
    switched = _build(ix)
    kept = list(switched.rules)
    switched.model.assume(kept)
    answer = switched.model.solve(effort=effort, seconds=seconds, seed=seed)
    if answer.status != "infeasible":
        return ()
    kept = [literal for literal in kept if literal in set(answer.core)] if answer.core else kept
    for literal in list(kept):
        without = [other for other in kept if other != literal]
        switched.model.assume(without)
        answer = switched.model.solve(effort=effort / 4, seconds=seconds / 4, seed=seed)
        if answer.status == "infeasible":
            kept = [other for other in without if other in set(answer.core)] if answer.core else without
    return tuple(switched.rules[literal] for literal in kept)


def _build(ix: Indexed) -> Switched:
    rules = _Rules(ix)
    rules.sizes()
    for i in range(len(ix.members)):
        rules.person(i)
    rules.pairs()
    rules.coaches()
    rules.minutes()
    return Switched(rules.model, rules.rules)


class _Rules:
    """Every rule with its switch, over a literal for each person in each group and for each choice that is open.

    Without any rule a group meets at one of its times with one of the coaches; everything else can be switched off.
    """

    def __init__(self, ix: Indexed) -> None:
        self.ix, self.model = ix, Model()
        self.rules: dict[int, Conflict] = {}
        self.wide = range(len(ix.groups))
        self.x = [[self.model.boolean() for _ in self.wide] for _ in ix.members]
        for row in self.x:
            self.model.exactly_one(row)
        self.at = [self._one_of(group.slots) for group in ix.groups]
        self.held = [self._one_of(range(len(ix.coaches)) if c < 0 else [c]) for c in ix.coach_of]

    def _one_of(self, choices: Iterable[Key]) -> dict[Key, int]:
        literals = {choice: self.model.boolean() for choice in choices}
        if literals:
            self.model.exactly_one(list(literals.values()))
        return literals

    def switch(self, conflict: Conflict) -> list[int]:
        """A literal under which the rule holds."""
        literal = self.model.boolean()
        self.rules[literal] = conflict
        return [literal]

    def sizes(self) -> None:
        """Cap and minimum."""
        groups, count = tuple(group.id for group in self.ix.groups), len(self.ix.members)
        cap = self.switch(Conflict("cap", "rule_cap", groups=groups, remedy="more_groups"))
        minimum = self.switch(Conflict("minimum", "rule_minimum", groups=groups, remedy="fewer_groups"))
        for g in self.wide:
            size = [(row[g], 1) for row in self.x]
            self.model.between(size, 0, self.ix.caps[g], cap)
            self.model.between(size, self.ix.minimums[g], count, minimum)

    def person(self, i: int) -> None:
        """Coach conflicts, times and the pin of one member."""
        person, ids = self.ix.members[i], (self.ix.members.ids[i],)
        blocked = [c for c, coach in enumerate(self.ix.coaches) if coach in person.blocked_coaches]
        if blocked:
            names = tuple(self.ix.coaches[c] for c in blocked)
            on = self.switch(Conflict("coach_conflict", "rule_coach_conflict", ids, (), names, remedy="drop_one"))
            for g in self.wide:
                for c in blocked:
                    if c in self.held[g]:
                        self.model.between([(self.x[i][g], 1), (self.held[g][c], 1)], 0, 1, on)
        if person.slots is not None and any(self.at):
            on = self.switch(Conflict("slot", "rule_slot", ids, remedy="other_slot"))
            for g in self.wide:
                for slot, literal in self.at[g].items():
                    if slot not in person.slots:
                        self.model.between([(self.x[i][g], 1), (literal, 1)], 0, 1, on)
        pin = self.ix.pins[i]
        if pin >= 0:
            on = self.switch(Conflict("pin", "rule_pin", ids, (self.ix.groups[pin].id,), remedy="unpin"))
            self.model.between([(self.x[i][pin], 1)], 1, 1, on)

    def pairs(self) -> None:
        """People to keep apart or together."""
        ids = self.ix.members.ids
        for i, j in self.ix.apart:
            on = self.switch(Conflict("apart", "rule_apart", (ids[i], ids[j]), remedy="drop_pair"))
            for g in self.wide:
                self.model.between([(self.x[i][g], 1), (self.x[j][g], 1)], 0, 1, on)
        for i, j in self.ix.together:
            on = self.switch(Conflict("together", "rule_together", (ids[i], ids[j]), remedy="drop_pair"))
            for g in self.wide:
                self.model.between([(self.x[i][g], 1), (self.x[j][g], -1)], 0, 0, on)

    def coaches(self) -> None:
        """When coaches can come, not to two groups at once, and how many groups they take."""
        for c, coach in enumerate(self.ix.coach_limits):
            mine = [g for g in self.wide if c in self.held[g]]
            if any(self.at[g] for g in mine) and (coach.slots is not None or len(mine) > 1):
                on = self.switch(Conflict("slot", "rule_coach_times", coaches=(coach.id,), remedy="move_slot"))
                self._times(c, mine, on)
            if coach.most_groups is not None and coach.most_groups < len(mine):
                numbers = {"most": coach.most_groups}
                on = self.switch(
                    Conflict("coach_groups", "rule_most_groups", (), (), (coach.id,), numbers, "fewer_per_coach")
                )
                self.model.between([(self.held[g][c], 1) for g in mine], 0, coach.most_groups, on)

    def _times(self, c: int, mine: list[int], on: list[int]) -> None:
        slots = self.ix.coach_limits[c].slots
        for g in mine:
            for slot, literal in self.at[g].items() if slots is not None else ():
                if slot not in (slots or ()):
                    self.model.between([(self.held[g][c], 1), (literal, 1)], 0, 1, on)
        for g, h in combinations(mine, 2):
            for slot in sorted(set(self.at[g]) & set(self.at[h])):
                literals = (self.held[g][c], self.held[h][c], self.at[g][slot], self.at[h][slot])
                self.model.between([(literal, 1) for literal in literals], 0, 3, on)

    def minutes(self) -> None:
        """Coaches' minutes, and people who opted out each with a coach whom they may have."""
        ix, problem = self.ix, self.ix.problem
        sees = [self._one_of(range(len(ix.coaches))) for _ in ix.opt_outs]
        for person, row in zip(ix.opt_outs, sees, strict=True):
            blocked = [c for c, coach in enumerate(ix.coaches) if coach in person.blocked_coaches]
            if blocked:
                names = tuple(ix.coaches[c] for c in blocked)
                on = self.switch(
                    Conflict("coach_conflict", "rule_coach_conflict", (person.id,), (), names, remedy="drop_one")
                )
                self.model.between([(row[c], 1) for c in blocked], 0, 0, on)
        for c, minutes in enumerate(ix.minutes):
            if minutes is None:
                continue
            mine = [g for g in self.wide if c in self.held[g]]
            terms = [term for g in mine for term in self._load(g, c)]
            terms += [(row[c], problem.minutes_per_opt_out) for row in sees]
            groups = tuple(ix.groups[g].id for g in mine if ix.coach_of[g] == c)
            numbers = {"available": minutes}
            on = self.switch(
                Conflict("coach_minutes", "rule_coach_minutes", (), groups, (ix.coaches[c],), numbers, "more_minutes")
            )
            self.model.between(terms, 0, minutes, on)

    def _load(self, g: int, c: int) -> list[Term]:
        """Minutes of coach c for group g: none unless the group is theirs."""
        problem, count = self.ix.problem, len(self.ix.members)
        held, people = self.held[g][c], self.model.integer(0, count)
        self.model.between([(people, 1), *((row[g], -1) for row in self.x)], 0, count, [held])
        return [(held, problem.minutes_per_group), (people, problem.minutes_per_person)]
