"""The pipeline: check, presolve, settle coaches and times, search, and where the bound is not met, the exact solver.

Which way a problem goes depends on its size and the budget alone, never on the clock or on what is compiled already.
Up to `QUICK_PEOPLE` people the search first runs without a compiler for a moment, which is enough for most cohorts;
what is left open goes to the exact solver, and only what that leaves open to the compiled search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from cairn.engines.grouping.figures import fields, goals, holds, measure, presolve, rarity, reports
from cairn.engines.grouping.figures.goals import Places
from cairn.engines.grouping.figures.sizes import PLENTY, even_sizes
from cairn.engines.grouping.problem.indexed import Indexed, index
from cairn.engines.grouping.problem.shapes import Budget, Goal, Infeasible, Problem, Result, Watch
from cairn.engines.grouping.problem.watching import Guard
from cairn.engines.grouping.search import boards
from cairn.engines.grouping.search import swapping as search

if TYPE_CHECKING:
    from cairn.engines.grouping.proofs.shares import Shares

# Above these sizes (people times groups) the exact solver is not asked: to prove the least D, or to find any answer.
MOST_TO_PROVE = 5_000
MOST_TO_PLACE = 30_000
QUICK_PEOPLE = 200
QUICK_PER_PERSON = 600
PLENTIFUL = 40_000_000
PER_PERSON = 4_000
LISTED = 5_000_000
FEWEST_TO_LIST = 24
# Evaluations once D is proven and only later goals are open.
LAST_GOALS = 1_000_000


def solve(problem: Problem, *, seed: int = 0, budget: Budget | None = None, watch: Watch | None = None) -> Result:
    """Form the groups.

    The same problem in any order, the same seed and the same budget give the same answer, on any number of threads.
    Sizes are settled first (as even as the rules allow), then the goals in their order are met as far as can be for
    these sizes; of the search's and the exact solver's answers the better is kept. `watch` is told a few times a
    second how things stand; when it returns False, or the budget's seconds are up, the best so far is returned with
    `stopped`. Raises BadProblem for input that makes no sense and Infeasible when the rules cannot hold. When the
    budget ends before any assignment holds every rule, the best one is returned with its `violations` and proof
    "none".
    """
    budget = budget or Budget()
    ix = index(problem)
    conflicts = presolve.conflicts(ix)
    if conflicts:
        raise Infeasible(conflicts)
    chosen = not ix.settled
    if chosen:
        from cairn.engines.grouping.proofs import arrange

        ix = index(arrange.settle(ix, seed=seed, budget=budget))
    guard = Guard(budget.seconds, watch)
    if problem.mode != "mixed":
        from cairn.engines.grouping.proofs import modes

        return modes.solve(ix, seed=seed, budget=budget, guard=guard)
    return _Run(ix, seed, budget, guard, chosen=chosen).result()


class _Run:
    """One solve: the best so far and what has been proven.

    Where times and coaches were `chosen` here, what an exact model shows for these says nothing about other choices.
    Only bounds that heed neither times nor coaches are then claimed.
    """

    def __init__(self, ix: Indexed, seed: int, budget: Budget, guard: Guard, *, chosen: bool) -> None:
        self.ix, self.seed, self.budget, self.guard, self.chosen = ix, seed, budget, guard, chosen
        self.places: Places | None = None
        self.rank: tuple[int, ...] = (0,)
        self.opt_out_coach: tuple[int, ...] = ()
        self.scaled_proven, self.exhausted = 0, False
        self.shares: dict[tuple[int, ...], Shares] = {}
        self.proven_goals: dict[Goal, Fraction] = {}
        self.work = len(ix.members) * len(ix.groups)

    def result(self) -> Result:
        if len(self.ix.members):
            self._settle_down()
            if self.chosen:
                self._claim_for_every_choice()
        else:
            self.offer(np.zeros(0, dtype=np.int32), None)
        places = self.places if self.places is not None else np.full(len(self.ix.members), -1, dtype=np.int32)
        return reports.report(
            self.ix,
            places,
            one_to_one=holds.one_to_one(self.ix, places, self.opt_out_coach),
            violations=holds.broken(self.ix, places, self.opt_out_coach),
            scaled_proven=self.scaled_proven,
            exhausted=self.exhausted,
            proven_goals=self.proven_goals,
            evaluations=self.guard.evaluations,
            stopped=self.guard.stopped,
        )

    def _settle_down(self) -> None:
        """Search and prove by turns, until nothing can be better or the budget is spent."""
        quick, sizes = len(self.ix.members) <= QUICK_PEOPLE, even_sizes(self.ix)
        allowed = self.budget.evaluations
        if allowed is None:
            allowed = PLENTIFUL + PER_PERSON * len(self.ix.members)
        if sizes is None and self.work > MOST_TO_PLACE:
            raise Infeasible((presolve.seats_short(self.ix),))
        if sizes is None:
            self.rank = (1,)
        else:
            shares = None if quick else self._share_out(sizes)
            self._search(sizes, None, min(self._quick(), allowed) if quick else allowed, quick=quick, shares=shares)
        if self.places is not None and not self.rank[0] and not self._meets_bound():
            self._sharpen(self._share_out(self.sizes()))
        more = quick and allowed > self._quick()
        self._exact(searched=not more)
        if more and self._open():
            before = self.rank
            rest = allowed - self._quick()
            self._search(self.sizes(), self.places, min(rest, LAST_GOALS) if self.exhausted else rest, quick=False)
            if self.rank < before or not self.exhausted:
                self._exact(searched=True)

    def _claim_for_every_choice(self) -> None:
        """Keep of the proofs what holds whatever times and coaches are chosen, and look for one that does."""
        self.proven_goals, self.exhausted, self.scaled_proven = {}, False, 0
        if self.rank[0]:
            return
        self._sharpen(self._share_out(self.sizes()))
        counted = measure.count(self.ix, self.places if self.places is not None else np.zeros(0, dtype=np.int32))
        alone_at_least = goals.alone(self.ix, counted) == goals.least_alone(self.ix, self.sizes())
        if alone_at_least and not self.exhausted and not self._meets_bound() and self.work <= MOST_TO_PROVE:
            self._prove_without_choices()

    def _prove_without_choices(self) -> None:
        """A bound on D from the problem without times and coaches, which every choice of them obeys."""
        from cairn.engines.grouping.proofs import ladder

        places = self.places.tolist() if self.places is not None else []
        free = index(_without_choices(self.ix))
        climb = ladder.Ladder(free, places, (), seed=self.seed, known=self.scaled_proven, by_cores=True)
        seconds = self.guard.left() / 2
        reached = climb.climb(effort=self.budget.effort, seconds=seconds, pulse=self.guard.proving)
        self.scaled_proven = max(self.scaled_proven, min(self._scaled(), reached.scaled_proven))
        self.exhausted = self._scaled() == self.scaled_proven

    def _share_out(self, sizes: Sequence[int]) -> Shares | None:
        """A sharper bound, where sizes differ or people stay together."""
        if len(set(sizes)) < 2 and not self.ix.units:
            return None
        key = tuple(sorted(sizes))
        if key not in self.shares:
            from cairn.engines.grouping.proofs import shares

            self.shares[key] = shares.share_out(self.ix, sizes, seconds=self.guard.left() / 4, seed=self.seed)
        return self.shares[key]

    def _sharpen(self, shares: Shares | None) -> None:
        if shares is not None:
            self.scaled_proven = max(self.scaled_proven, shares.scaled)
            self.exhausted = self.exhausted or self._scaled() == shares.scaled

    def _exact(self, *, searched: bool) -> None:
        if self.rank[0] and self.work <= MOST_TO_PLACE and not self.guard.late():
            self._find_any()
        if self._several_goals():
            self._climb()
        mixing = self.work <= MOST_TO_PROVE and not any(self.ix.alone) and not self.exhausted
        if mixing and not self.rank[0] and not self._meets_bound() and not self.guard.late():
            if len(self.ix.members) < FEWEST_TO_LIST or not rarity.worth_listing(self.ix, self.sizes()):
                self._prove()
            elif searched:
                self._by_whole_groups()

    def _several_goals(self) -> bool:
        """Whether goals besides mix are still open, in a problem small enough for the exact solver."""
        if self.rank[0] or self.work > MOST_TO_PROVE or self.guard.late():
            return False
        asked = any(self.ix.alone) or bool(self.ix.met) or bool(self.ix.members.styles.labels)
        return asked and self._open()

    def _climb(self) -> None:
        """Take the goals in their order with the exact solver."""
        from cairn.engines.grouping.proofs import ladder

        places = self.places.tolist() if self.places is not None else []
        climb = ladder.Ladder(self.ix, places, self.opt_out_coach, seed=self.seed, known=self.scaled_proven)
        seconds = self.guard.left() / 4
        reached = climb.climb(effort=self.budget.effort / 2, seconds=seconds, pulse=self.guard.proving)
        self.offer(reached.places, reached.opt_out_coach)
        self.proven_goals = reached.proven
        self.scaled_proven = max(self.scaled_proven, reached.scaled_proven)
        self.exhausted = reached.exhausted or self._scaled() == self.scaled_proven

    def _by_whole_groups(self) -> None:
        """Many attributes: better what the search found, and prove how far down it goes, group by group."""
        from cairn.engines.grouping.listing import wholes

        places, work = self.places.tolist() if self.places is not None else [], int(self.budget.effort * LISTED)
        cohort = wholes.Wholes(self.ix, places, seed=self.seed, late=self.guard.late)
        standing = cohort.refine(work)
        if standing.scaled > standing.bound:
            standing = cohort.prove(work)
        self.offer(standing.places, None)
        self.scaled_proven = max(self.scaled_proven, standing.bound)
        self.exhausted = standing.exhausted or self._scaled() == self.scaled_proven

    def _quick(self) -> int:
        return QUICK_PER_PERSON * len(self.ix.members)

    def _open(self) -> bool:
        """Whether something could still be better, as far as is known."""
        if self.places is None or self.guard.late():
            return self.places is not None and not self.guard.stopped
        totals = list(goals.totals(self.ix, self.places, goals.aim(self.ix, self.sizes())))
        if self.exhausted:
            totals[fields.MIX] = 0
        totals[fields.STYLE] -= goals.least_unstyled(self.ix)
        counted: dict[Goal, int] = {"isolation": fields.ALONE, "meetings": fields.MEETINGS, "style": fields.STYLE}
        shown = goals.totals(self.ix, self.places, goals.Aim(0, 0))
        for goal, at in counted.items():
            if self.proven_goals.get(goal) == shown[at]:
                totals[at] = 0
        return any(totals)

    def offer(self, places: Sequence[int] | Places, opt_out_coach: Sequence[int] | None) -> None:
        """Keep this assignment if it is better than the best so far."""
        seats = np.asarray(places, dtype=np.int32)
        counted = measure.count(self.ix, seats)
        coaches = holds.match_opt_outs(self.ix, holds.spare_minutes(self.ix, counted.sizes.tolist()))
        if min(coaches, default=0) < 0 and opt_out_coach is not None:
            coaches = list(opt_out_coach)
        totals = list(goals.totals(self.ix, seats, goals.Aim(0, 0)))
        totals[fields.MIX] = measure.scaled_objective_of(self.ix, counted)
        order = [totals[k] for k in boards.ranking(self.ix) if k != fields.BROKEN]
        rank = (len(holds.broken(self.ix, seats, coaches)), int((counted.sizes**2).sum()), *order)
        if self.places is None or rank < self.rank:
            self.places, self.rank, self.opt_out_coach = seats, rank, tuple(coaches)

    def sizes(self) -> list[int]:
        places = self.places if self.places is not None else np.zeros(0, dtype=np.int32)
        return [int(size) for size in np.bincount(places[places >= 0], minlength=len(self.ix.groups))]

    def _scaled(self) -> int:
        places = self.places if self.places is not None else np.zeros(0, dtype=np.int32)
        return measure.scaled_objective_of(self.ix, measure.count(self.ix, places))

    def _bound(self) -> int:
        return goals.aim(self.ix, self.sizes()).scaled

    def _meets_bound(self) -> bool:
        return self._scaled() == self._bound()

    def _search(
        self,
        sizes: Sequence[int],
        start: Places | None,
        evaluations: int,
        *,
        quick: bool,
        shares: Shares | None = None,
    ) -> None:
        self.guard.score_of = _scores(self.ix, sizes)
        left = self._seats_left(sizes)
        found = search.run(
            self.ix,
            sizes,
            left,
            seed=self.seed,
            evaluations=evaluations,
            guard=self.guard,
            quick=quick,
            shares=shares,
            start=start.tolist() if start is not None else None,
        )
        self.offer(found.places, None)

    def _seats_left(self, sizes: Sequence[int]) -> list[int]:
        """How many people more each coach can take, when those who opted out have theirs."""
        spare, each = holds.spare_minutes(self.ix, sizes), self.ix.problem.minutes_per_person
        for c in holds.match_opt_outs(self.ix, spare):
            left = spare[c]
            if c >= 0 and left is not None:
                spare[c] = left - self.ix.problem.minutes_per_opt_out
        return [PLENTY if left is None or each == 0 else left // each for left in spare]

    def _find_any(self) -> None:
        """The search broke a rule: ask for the evenest assignment that breaks none, or why there is none."""
        from cairn.engines.grouping.proofs import core, exact

        seconds = self.guard.left() / 2
        answer, placed = exact.evenest(self.ix, effort=self.budget.effort, seconds=seconds, seed=self.seed)
        if placed is not None:
            self.places = None
            self.offer(placed.places, placed.opt_out_coach)
            if not self._meets_bound():
                quick = len(self.ix.members) <= QUICK_PEOPLE
                self._search(self.sizes(), self.places, self._quick() if quick else PLENTIFUL, quick=quick)
        elif answer.status == "infeasible" and not self.chosen:
            conflicts = core.smallest_conflict(
                self.ix, effort=self.budget.effort, seconds=self.guard.left(), seed=self.seed
            )
            raise Infeasible(conflicts, jointly=True)
        elif self.places is None:
            self.offer([g % len(self.ix.groups) for g in range(len(self.ix.members))], None)

    def _prove(self) -> None:
        """Meet the bound with every count rounded, or find the least D and how far down it provably goes."""
        from cairn.engines.grouping.proofs import exact

        sizes, effort = self.sizes(), self.budget.effort
        places = self.places.tolist() if self.places is not None else []
        mix = exact.Mix(self.ix, sizes, self._bound())
        mix.hint(places, self.opt_out_coach)
        seconds = self.guard.left() / 4
        answer = mix.model.solve(effort=effort / 4, seconds=seconds, seed=self.seed, pulse=self.guard.proving)
        if answer.found:
            placed = mix.read(answer)
            self.offer(placed.places, placed.opt_out_coach)
            return
        mix = exact.Mix(self.ix, sizes, self._scaled())
        mix.hint_all(places, self.opt_out_coach)
        mix.minimise()
        seconds = self.guard.left() / 2
        answer = mix.model.solve(effort=effort, seconds=seconds, seed=self.seed, pulse=self.guard.proving)
        if answer.found:
            placed = mix.read(answer)
            self.offer(placed.places, placed.opt_out_coach)
        proven = answer.bound * mix.unit**2 if answer.status in ("optimal", "feasible", "unknown") else 0
        self.scaled_proven = max(self.scaled_proven, proven)
        self.exhausted = answer.status == "optimal"


def _without_choices(ix: Indexed) -> Problem:
    """Only what concerns who sits with whom: sizes, pairs, pins and values."""
    problem = ix.problem
    people = tuple(
        replace(person, slots=None, blocked_coaches=frozenset(), styles=frozenset())
        for person in problem.people
        if not person.opted_out
    )
    groups = tuple(replace(group, coach="", slots=()) for group in problem.groups)
    present = {person.id for person in people}
    apart, together, met = (
        tuple(pair for pair in pairs if {pair.a, pair.b} <= present)
        for pairs in (problem.apart, problem.together, problem.met)
    )
    return replace(
        problem,
        people=people,
        groups=groups,
        coaches=(),
        apart=apart,
        together=together,
        met=met,
        minutes_per_group=0,
        minutes_per_person=0,
        minutes_per_opt_out=0,
    )


class _scores:  # noqa: N801  called like a function
    """Turns an excess of n*D over the bound into a score, for groups of these sizes."""

    def __init__(self, ix: Indexed, sizes: Sequence[int]) -> None:
        n, kinds = len(ix.members), measure.kinds_of(sizes)
        self.aim = goals.aim(ix, sizes).scaled
        self.people, self.bound = n, measure.scaled_bound(ix, ix.totals, sizes)
        self.baseline = sum(
            (
                attribute.weight * measure.value_baseline(n, total, kinds)
                for attribute, totals in zip(ix.attributes, ix.totals, strict=True)
                for total in totals
            ),
            Fraction(0),
        )

    def __call__(self, excess: int) -> float:
        square = self.people**2
        d = Fraction(excess * self.people + self.aim, square)
        return measure.score_of(d, Fraction(self.bound, square), self.baseline)
