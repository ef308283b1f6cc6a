"""The pipeline: check, presolve, search, and where the search does not meet the bound, the exact solver."""

from collections.abc import Sequence

from cairn.engines.grouping import holds, measure, presolve
from cairn.engines.grouping.indexed import Indexed, index
from cairn.engines.grouping.shapes import Budget, Infeasible, Problem, Result

# Above these sizes (people times groups) the exact solver is not asked: to prove the least D, or to find any answer.
MOST_TO_PROVE = 5_000
MOST_TO_PLACE = 30_000


def solve(problem: Problem, *, seed: int = 0, budget: Budget | None = None) -> Result:
    """Form the groups.

    The same problem in any order, the same seed and the same budget give the same answer. Sizes are settled first
    (as even as the rules allow), then D is made as small as possible for these sizes; of the search's and the exact
    solver's answers the better is kept. Raises BadProblem for input that makes no sense and Infeasible when the rules
    cannot hold. When the budget ends before any assignment holds every rule, the best one is returned with its
    `violations` and proof "none".
    """
    ix = index(problem)
    conflicts = presolve.conflicts(ix)
    if conflicts:
        raise Infeasible(conflicts)
    if not ix.settled:
        from cairn.engines.grouping import arrange

        ix = index(arrange.settle(ix, seed=seed, budget=budget or Budget()))
    return _Run(ix, seed, budget or Budget()).result()


class _Run:
    """One solve: the best so far and what has been proven."""

    def __init__(self, ix: Indexed, seed: int, budget: Budget) -> None:
        self.ix, self.seed, self.budget = ix, seed, budget
        self.places: tuple[int, ...] | None = None
        self.rank: tuple[int, int] = (0, 0)
        self.opt_out_coach: tuple[int, ...] = ()
        self.scaled_proven, self.exhausted = 0, False

    def result(self) -> Result:
        if self.ix.members:
            self._search_even_sizes()
            work = len(self.ix.members) * len(self.ix.groups)
            if self.rank[0] and work <= MOST_TO_PLACE:
                self._find_any()
            if not self.rank[0] and not self._meets_bound() and work <= MOST_TO_PROVE:
                self._prove()
        else:
            self.offer((), None)
        places = self.places or ()
        violations = holds.broken(self.ix, places, self.opt_out_coach)
        return measure.report(
            self.ix,
            places,
            one_to_one=holds.one_to_one(self.ix, places, self.opt_out_coach),
            violations=violations,
            scaled_proven=self.scaled_proven,
            exhausted=self.exhausted,
        )

    def offer(self, places: Sequence[int], opt_out_coach: Sequence[int] | None) -> None:
        """Keep this assignment if it is better than the best so far."""
        counted = measure.tally(self.ix, places)
        coaches = holds.match_opt_outs(self.ix, holds.spare_minutes(self.ix, counted.sizes))
        if min(coaches, default=0) < 0 and opt_out_coach is not None:
            coaches = list(opt_out_coach)
        rank = len(holds.broken(self.ix, places, coaches)), measure.scaled_objective(self.ix, counted)
        if self.places is None or rank < self.rank:
            self.places, self.rank, self.opt_out_coach = tuple(places), rank, tuple(coaches)

    def sizes(self) -> list[int]:
        places = self.places or ()
        return [places.count(g) for g in range(len(self.ix.groups))]

    def _bound(self) -> int:
        totals = measure.tally(self.ix, self.places or ()).totals
        return measure.scaled_bound(self.ix, totals, self.sizes())

    def _meets_bound(self) -> bool:
        return self.rank[1] == self._bound()

    def _search_even_sizes(self) -> None:
        from cairn.engines.grouping import search

        sizes = search.even_sizes(self.ix)
        if sizes is None:
            self.rank = (1, 0)
        else:
            self._search(sizes, None)

    def _search(self, sizes: Sequence[int], start: Sequence[int] | None) -> None:
        from cairn.engines.grouping import search

        found = search.run(self.ix, sizes, seed=self.seed, steps=self.budget.steps, start=start)
        self.offer(found.places, None)

    def _find_any(self) -> None:
        """The search broke a rule: ask for the evenest assignment that breaks none, or why there is none."""
        from cairn.engines.grouping import core, exact

        answer, placed = exact.evenest(
            self.ix, effort=self.budget.effort, seconds=self.budget.seconds / 2, seed=self.seed
        )
        if placed is not None:
            self.places = None
            self.offer(placed.places, placed.opt_out_coach)
            if not self._meets_bound():
                self._search(self.sizes(), placed.places)
        elif answer.status == "infeasible":
            conflicts = core.smallest_conflict(
                self.ix, effort=self.budget.effort, seconds=self.budget.seconds / 2, seed=self.seed
            )
            raise Infeasible(conflicts, jointly=True)
        elif self.places is None:
            self.offer([g % len(self.ix.groups) for g in range(len(self.ix.members))], None)

    def _prove(self) -> None:
        """Meet the bound with every count rounded, or find the least D and how far down it provably goes."""
        from cairn.engines.grouping import exact

        sizes = self.sizes()
        mix = exact.Mix(self.ix, sizes, self._bound())
        mix.hint(self.places or (), self.opt_out_coach)
        answer = mix.model.solve(effort=self.budget.effort / 4, seconds=self.budget.seconds / 4, seed=self.seed)
        if answer.found:
            placed = mix.read(answer)
            self.offer(placed.places, placed.opt_out_coach)
            return
        mix = exact.Mix(self.ix, sizes, self.rank[1])
        mix.hint_all(self.places or (), self.opt_out_coach)
        mix.minimise()
        answer = mix.model.solve(effort=self.budget.effort, seconds=self.budget.seconds / 2, seed=self.seed)
        if answer.found:
            placed = mix.read(answer)
            self.offer(placed.places, placed.opt_out_coach)
        self.scaled_proven = answer.bound * mix.unit**2 if answer.status in ("optimal", "feasible", "unknown") else 0
        self.exhausted = answer.status == "optimal"
