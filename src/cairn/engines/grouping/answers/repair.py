"""Repairing an assignment with few changes: requests met, broken rules mended, newcomers seated.

Few changes come before mix here, so the answer is a curve: for each number of people who move, the best there is.
"Best" is in the order of the engine: sizes as even as can be, then (where the goals ask for it) fewest people alone,
then D. A point is on the curve only if it is better in that order than every point with fewer moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from cairn.engines.grouping.answers import cases
from cairn.engines.grouping.answers.desk import standing
from cairn.engines.grouping.answers.ejection import Chains, Rank, State, Task
from cairn.engines.grouping.answers.permits import Flags, Permits
from cairn.engines.grouping.problem.indexed import Indexed, index
from cairn.engines.grouping.problem.shapes import (
    BadProblem,
    Budget,
    Conflict,
    Infeasible,
    Person,
    Problem,
    Proof,
    Repair,
    Request,
    Rule,
)

WIDTH = 5
MOST_TO_PROVE = 5_000


def repair(
    problem: Problem,
    previous: Mapping[str, str],
    requests: Sequence[Request] = (),
    *,
    max_moves: int = 6,
    seed: int = 0,
    budget: Budget | None = None,
    coaches: Mapping[str, str] | None = None,
    slots: Mapping[str, str] | None = None,
) -> tuple[Repair, ...]:
    """The curve of moves against score while every request is met and every hard rule holds, fewest moves first.

    `previous` maps people to groups. People of the problem who are not in it (or were in a group that is gone) are
    seated without counting as moved; people who are not in the problem any more are passed over. A swap moves two.
    Groups keep their coach and time, those of `coaches` and `slots` where given. An empty tuple of requests asks for
    what a few moves could mend or better. `budget.effort` is spread over the points; with 0 nothing is proven that
    cannot be by counting cases, and the answer comes at once.

    Raises BadProblem for input that makes no sense, and Infeasible when no repair with so many moves was found: its
    conflicts name the people who asked and the kind of rule that stands against it, and nobody else.
    """
    if max_moves < 0:
        raise BadProblem("bad_limit", name="max_moves")
    stands = standing(problem, coaches, slots)
    ix = index(stands)
    wishes = _wishes(ix, previous, requests)
    seated = _seated(ix, previous)
    task = Task(stands, seated, wishes)
    if any(not task.allowed(i).any() for i in (*task.wishes, *task.newcomers)):
        raise Infeasible(_own_rules(task))
    least = task.least_moves()
    if least > max_moves:
        numbers = {"moves": max_moves, "needed": least}
        raise Infeasible((Conflict("moves", "request_moves", tuple(sorted(wishes)), numbers=numbers),))
    curve = _Curve(task, max_moves, seed, budget or Budget())
    points = curve.points()
    if not points:
        raise Infeasible(_against(stands, seated, wishes, max_moves))
    return points


def _seated(ix: Indexed, previous: Mapping[str, str]) -> dict[str, str]:
    return {one: previous[one] for one in ix.members.ids if previous.get(one) in ix.group_at}


def _wishes(ix: Indexed, previous: Mapping[str, str], requests: Sequence[Request]) -> dict[str, Flags]:
    """For everybody who asks, the groups that would do. Raises BadProblem."""
    wishes: dict[str, Flags] = {}
    out = {person.id for person in ix.opt_outs}
    for request in requests:
        if request.person not in ix.member_at:
            known = request.person in out
            raise BadProblem("person_not_placed" if known else "unknown_person", id=request.person)
        for group in request.groups:
            if group not in ix.group_at:
                raise BadProblem("unknown_group", id=group)
        named = [not request.groups or group.id in request.groups for group in ix.groups]
        away = [request.away_from_coach is None or group.coach != request.away_from_coach for group in ix.groups]
        fine = np.array(named, dtype=np.bool_) & np.array(away, dtype=np.bool_)
        if not request.groups and request.away_from_coach is None and previous.get(request.person) in ix.group_at:
            fine[ix.group_at[previous[request.person]]] = False
        wishes[request.person] = wishes[request.person] & fine if request.person in wishes else fine
    return wishes


class _Curve:
    """The points, found by chains and proven where they can be."""

    def __init__(self, task: Task, most: int, seed: int, budget: Budget) -> None:
        self.task, self.most, self.seed = task, most, seed
        self.budget = replace(budget, effort=budget.effort / max(most, 1), seconds=budget.seconds / max(most, 1))
        self.lowest: Rank = cases.floor(task)
        self.score_before = task.desk.score
        self.small = self.budget.effort > 0 and len(task.home) * task.counts.wide <= MOST_TO_PROVE

    def points(self) -> tuple[Repair, ...]:
        """The curve; empty when no repair was found."""
        known = Chains(self.task, width=WIDTH, most=self.most).run(self.lowest)
        bottom = self._bottom(known)
        kept: list[Repair] = []
        best: State | None = None
        last: State | None = None
        for moves in range(self.most + 1):
            if moves in known and (best is None or known[moves].rank < best.rank):
                best = known[moves]
            best, proof = self._prove(moves, best, bottom)
            if best is not None and (last is None or best.rank < last.rank):
                kept.append(self._point(best, proof))
                last = best
            if best is not None and best.rank <= max(self.lowest, bottom or self.lowest):
                break
        return tuple(kept)

    def _bottom(self, known: Mapping[int, State]) -> Rank | None:
        """What no repair with the most moves beats, if one proof is likely to settle the end of the curve."""
        if not self.small or not known:
            return None
        least = min(known, key=lambda moves: (known[moves].rank, moves))
        if least == self.most or known[least].rank <= self.lowest:
            return None
        state, proof = self._solve(self.most, known[least])
        return state.rank if state is not None and proof != "none" else None

    def _prove(self, moves: int, best: State | None, bottom: Rank | None) -> tuple[State | None, Proof]:
        if best is not None and best.rank <= self.lowest:
            return best, "closed_form"
        if moves == 0 and not self.task.newcomers:
            return best, "enumerated"
        if best is not None and bottom is not None and best.rank <= bottom:
            return best, "cp_sat"
        case = cases.by_cases(self.task, moves)
        if case is not None:
            return (case if best is None or case.rank < best.rank else best), "enumerated"
        if not self.small or len(self.task.must) > moves:
            return best, "none"
        return self._solve(moves, best)

    def _solve(self, moves: int, best: State | None) -> tuple[State | None, Proof]:
        from cairn.engines.grouping.answers import limited

        found = limited.by_solver(self.task, moves, best, self.lowest, budget=self.budget, seed=self.seed)
        return (found.state if found.state is not None else best), found.proof

    def _point(self, state: State, proof: Proof) -> Repair:
        task, ix = self.task, self.task.ix
        task.apply(state.changes)
        scaled, score = task.counts.scaled, task.counts.score(task.counts.scaled, task.counts.limits())
        people, alone = max(task.counts.n, 1), task.counts.alone()
        task.undo(state.changes)
        return Repair(
            moves={ix.members.ids[i]: ix.groups[g].id for i, g in state.changes},
            D=Fraction(scaled, people**2),
            score=score,
            change=score - self.score_before,
            proof=proof,
            placed=tuple(ix.members.ids[i] for i, _ in state.changes if task.home[i] < 0),
            alone=alone,
        )


# ------------------------------------------------------------------ why not

REASONS: tuple[tuple[Rule, str, str], ...] = (
    ("apart", "request_apart", "drop_pair"),
    ("together", "request_together", "drop_pair"),
    ("cap", "request_cap", "more_groups"),
    ("minimum", "request_minimum", "fewer_groups"),
    ("coach_minutes", "request_minutes", "more_minutes"),
    ("pin", "request_other_pins", "unpin"),
    ("coach_conflict", "request_other_coaches", "other_coach"),
    ("slot", "request_other_slots", "other_slot"),
)


def _own_rules(task: Task) -> tuple[Conflict, ...]:
    """Rules about the people themselves that close every group which would do."""
    found = []
    for i in (*task.wishes, *task.newcomers):
        if not task.allowed(i).any():
            found += _closed_by(task.ix, task.permits, i, task.wishes.get(i))
    return tuple(found)


def _closed_by(ix: Indexed, permits: Permits, i: int, wish: Flags | None) -> list[Conflict]:
    who, wide = (ix.members.ids[i],), len(ix.groups)
    wanted = np.ones(wide, dtype=np.bool_) if wish is None else wish
    if not wanted.any():
        return [Conflict("moves", "request_no_group", people=who, remedy="more_groups")]
    pinned = np.arange(wide) == permits.pin[i] if permits.pin[i] >= 0 else np.ones(wide, dtype=np.bool_)
    on_time = permits.fits[permits.habit[i], permits.times]
    friendly = ~np.isin(permits.coach, permits.barred_coach[permits.barred_person == i])
    found = []
    if not (wanted & pinned).any():
        found.append(Conflict("pin", "request_pin", people=who, remedy="unpin"))
    elif not (wanted & friendly).any():
        found.append(Conflict("coach_conflict", "request_coach", people=who, remedy="other_coach"))
    elif not (wanted & on_time).any():
        found.append(Conflict("slot", "request_slot", people=who, remedy="other_slot"))
    return found or [Conflict("slot", "request_slot_or_coach", people=who, remedy="other_slot")]


def _against(
    problem: Problem, seated: Mapping[str, str], wishes: Mapping[str, Flags], max_moves: int
) -> tuple[Conflict, ...]:
    """What to relax for the requests to be met: more moves, or one kind of rule; all of them if no one is enough."""
    who = tuple(sorted(wishes))
    more = Chains(Task(problem, seated, wishes), width=WIDTH, most=2 * max_moves + 2).run((0, 0, 0, 0))
    if more:
        numbers = {"moves": max_moves, "needed": min(more)}
        return (Conflict("moves", "request_moves", people=who, numbers=numbers),)
    found = []
    for rule, key, remedy in REASONS:
        eased = _without(problem, rule, who)
        if eased is not None:
            task = Task(eased, seated, wishes)
            if all(task.allowed(i).any() for i in task.wishes) and Chains(task, width=WIDTH, most=max_moves).run(
                (0, 0, 0, 0)
            ):
                found.append(Conflict(rule, key, people=who, remedy=remedy))
    return tuple(found) or (Conflict("moves", "request_rules", people=who, remedy="drop_one"),)


def _without(problem: Problem, rule: Rule, who: Sequence[str]) -> Problem | None:
    """The problem without this kind of rule, None if it has none; rules about those in `who` alone stay."""
    if rule == "apart":
        return replace(problem, apart=()) if problem.apart else None
    if rule == "together":
        return replace(problem, together=()) if problem.together else None
    if rule == "cap":
        groups = tuple(replace(group, cap=None) for group in problem.groups)
        eased = replace(problem, cap=None, groups=groups)
        return eased if eased != problem else None
    if rule == "minimum":
        groups = tuple(replace(group, minimum=None) for group in problem.groups)
        eased = replace(problem, minimum=None, groups=groups)
        return eased if eased != problem else None
    if rule == "coach_minutes":
        eased = replace(problem, coaches=tuple(replace(coach, minutes=None) for coach in problem.coaches))
        return eased if eased != problem else None
    return _without_others(problem, rule, frozenset(who))


def _without_others(problem: Problem, rule: Rule, who: frozenset[str]) -> Problem | None:
    def eased(one: Person) -> Person:
        if one.id in who:
            return one
        if rule == "pin":
            return replace(one, pinned_group=None)
        return replace(one, blocked_coaches=frozenset()) if rule == "coach_conflict" else replace(one, slots=None)

    people = tuple(eased(one) for one in problem.people)
    return replace(problem, people=people) if people != tuple(problem.people) else None
