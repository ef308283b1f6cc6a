"""Goals in their order, each as far as those before it allow, with proof by the exact model.

For each goal in turn the least of what it counts is asked for while all earlier goals keep what they have reached. An
answer that ran out of time still gives a bound, valid given the earlier goals' values.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from cairn.engines.grouping.figures import aims, goals, measure
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Goal
from cairn.engines.grouping.proofs.cpsat import Pulse, Term
from cairn.engines.grouping.proofs.exact import Mix

CLIMBED: tuple[Goal, ...] = ("isolation", "mix", "meetings", "style")


@dataclass
class Reached:
    """The best places, what each goal is proven to be at least, and whether D is proven the least it can be."""

    places: list[int]
    opt_out_coach: list[int]
    proven: dict[Goal, Fraction] = field(default_factory=dict)
    scaled_proven: int = 0
    exhausted: bool = False


class Ladder:
    """One climb, for groups of the sizes of the assignment in hand."""

    def __init__(
        self,
        ix: Indexed,
        places: Sequence[int],
        opt_out_coach: Sequence[int],
        *,
        seed: int,
        known: int = 0,
        by_cores: bool = False,
    ) -> None:
        """`known` is a bound on D (times n^2) from elsewhere; `by_cores` is for when the bound is what is wanted."""
        self.ix, self.seed, self.known, self.by_cores = ix, seed, known, by_cores
        self.best = Reached(list(places), list(opt_out_coach))
        self.sizes = [self.best.places.count(g) for g in range(len(ix.groups))]
        self.held: dict[Goal, int] = {}

    def climb(self, *, effort: float, seconds: float, pulse: Pulse | None = None) -> Reached:
        """Take the goals in order; `effort` and `seconds` are for each of them. See the model on `pulse`."""
        for goal in self.ix.problem.goals:
            if goal in CLIMBED:
                value, least = self._value(goal), self._least(goal)
                if value > least:
                    self._improve(goal, effort, seconds, pulse)
                elif goal == "mix":
                    self.best.scaled_proven, self.best.exhausted = least, True
                self.held[goal] = self._value(goal)
        return self.best

    def _value(self, goal: Goal) -> int:
        seats = np.array(self.best.places, dtype=np.int32)
        counted = measure.count(self.ix, seats)
        if goal == "mix":
            return measure.scaled_objective_of(self.ix, counted)
        if goal == "isolation":
            return goals.alone(self.ix, counted)
        return goals.meetings(self.ix, seats) if goal == "meetings" else goals.unstyled(self.ix, seats)

    def _least(self, goal: Goal) -> int:
        if goal == "mix":
            return max(self.known, aims.scaled_bound(self.ix, self.sizes, nobody_alone=self._nobody_alone()))
        if goal == "isolation":
            return goals.least_alone(self.ix, self.sizes)
        return 0 if goal == "meetings" else goals.least_unstyled(self.ix)

    def _nobody_alone(self) -> bool:
        """Whether an earlier goal keeps everybody from being alone who need not be."""
        return self.held.get("isolation") == goals.least_alone(self.ix, self.sizes) and any(self.ix.alone)

    def _improve(self, goal: Goal, effort: float, seconds: float, pulse: Pulse | None) -> None:
        """Ask for the least of one goal, and keep the better of answer and assignment in hand."""
        model = self._model(goal)
        steps = Steps(model)
        for earlier, value in self.held.items():
            if earlier != "mix":
                steps.at_most(earlier, value)
        steps.minimise(goal)
        model.hint_all(self.best.places, self.best.opt_out_coach)
        steps.hint(self.best.places)
        before = self._value(goal)
        answer = model.model.solve(effort=effort, seconds=seconds, seed=self.seed, by_cores=self.by_cores, pulse=pulse)
        if answer.found:
            placed = model.read(answer)
            old = self.best.places, self.best.opt_out_coach
            self.best.places, self.best.opt_out_coach = list(placed.places), list(placed.opt_out_coach)
            if self._value(goal) > before:
                self.best.places, self.best.opt_out_coach = old
        bound = answer.bound if answer.status in ("optimal", "feasible", "unknown") else 0
        if goal == "mix":
            self.best.scaled_proven, self.best.exhausted = bound * model.unit**2, answer.status == "optimal"
        else:
            self.best.proven[goal] = Fraction(max(bound, 0))

    def _model(self, goal: Goal) -> Mix:
        """The exact model; D is looked at once it counts."""
        if goal != "mix" and "mix" not in self.held:
            return Mix(self.ix, self.sizes, None)
        return Mix(self.ix, self.sizes, self._value("mix"), nobody_alone=self._nobody_alone())


class Steps:
    """What the goals besides D count, as terms over one model."""

    def __init__(self, model: Mix) -> None:
        self.exact, self.ix, self.cp = model, model.ix, model.model
        self.alone: dict[tuple[int, int, int], tuple[int, int, int]] = {}
        self.again: dict[tuple[int, int], int] = {}

    def minimise(self, goal: Goal) -> None:
        """Ask for the least of this goal."""
        if goal == "mix":
            self.exact.minimise()
        else:
            self.cp.minimise(self._terms(goal))

    def at_most(self, goal: Goal, value: int) -> None:
        """Keep what an earlier goal has reached."""
        terms = self._terms(goal)
        if terms:
            self.cp.between(terms, 0, value)

    def _terms(self, goal: Goal) -> list[Term]:
        if goal == "isolation":
            return self._isolation()
        return self._meetings() if goal == "meetings" else self._style()

    def _isolation(self) -> list[Term]:
        """One literal for each cell: exactly one person of the value sits in the group."""
        for a, codes in enumerate(self.ix.alone):
            for v in sorted(codes):
                for g in range(len(self.ix.groups)):
                    self._lonely(a, v, g)
        return [(one, 1) for _, one, _ in self.alone.values()]

    def _lonely(self, a: int, v: int, g: int) -> None:
        counted = self.exact.counted(a, v, g)
        none, one, more = (self.cp.boolean() for _ in range(3))
        self.cp.exactly_one([none, one, more])
        for literal, low, high in ((none, 0, 0), (one, 1, 1), (more, 2, len(self.ix.members))):
            self.cp.between([(counted, 1)], low, high, [literal])
        self.alone[a, v, g] = none, one, more

    def _meetings(self) -> list[Term]:
        """One literal for each pair who have met: they share a group."""
        for i, j in self.ix.met:
            again = self.again[i, j] = self.cp.boolean()
            a, b = self.exact.block_of[i], self.exact.block_of[j]
            for g in range(len(self.ix.groups)):
                if (a, g) in self.exact.seat and (b, g) in self.exact.seat:
                    terms = [(self.exact.seat[a, g], 1), (self.exact.seat[b, g], 1), (again, -1)]
                    self.cp.between(terms, -1, 1)
        return [(again, 1) for again in self.again.values()]

    def _style(self) -> list[Term]:
        """Seats of people whose group's coach has none of the styles they would like."""
        terms = []
        for (b, g), seat in self.exact.seat.items():
            c = self.ix.coach_of[g]
            offered = self.ix.coach_limits[c].styles if c >= 0 else frozenset()
            missed = sum(
                bool(person.styles) and person.styles.isdisjoint(offered)
                for person in (self.ix.members[i] for i in self.ix.blocks[b])
            )
            if missed:
                terms.append((seat, missed))
        return terms

    def hint(self, places: Sequence[int]) -> None:
        """Name the literals of an assignment."""
        counted = measure.tally(self.ix, places)
        for (a, v, g), literals in self.alone.items():
            have = min(counted.counts[a][v][g], 2)
            for k, literal in enumerate(literals):
                self.cp.hint(literal, int(k == have))
        for (i, j), again in self.again.items():
            self.cp.hint(again, int(places[i] == places[j]))
