"""Reasons and what-ifs for an assignment that stands: its score, every other place for a person, and why not."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from cairn.engines.grouping import holds, measure
from cairn.engines.grouping.indexed import Indexed, index
from cairn.engines.grouping.shapes import BadProblem, Conflict, Explanation, MoveOption, Problem, Result


def rescore(problem: Problem, assignment: Mapping[str, str]) -> Result:
    """Score, bound, certificate and broken rules of an assignment made or edited by hand, without any search.

    People missing from the assignment are reported as unplaced and do not count. The proof is "closed_form" if the
    assignment happens to meet the bound and breaks nothing, otherwise "none". Raises BadProblem for unknown ids.
    """
    ix, places = _read(problem, assignment)
    coaches = _opt_out_coaches(ix, places)
    violations = (*_grouped_opt_outs(ix, assignment), *holds.broken(ix, places, coaches))
    return measure.report(ix, places, one_to_one=holds.one_to_one(ix, places, coaches), violations=violations)


def options(problem: Problem, assignment: Mapping[str, str], person: str) -> tuple[MoveOption, ...]:
    """For every other group: what a plain move gives or which rules forbid it, and the best permitted swap."""
    ix, places = _read(problem, assignment)
    i = _placed_member(ix, places, person)
    desk = _Desk(ix, places)
    return tuple(desk.option(i, g) for g in range(len(ix.groups)) if g != places[i])


def explain(problem: Problem, assignment: Mapping[str, str], person: str) -> Explanation:
    """Why this person is here: the cells they count in, and every other group with its price or its rule."""
    ix, places = _read(problem, assignment)
    i = _placed_member(ix, places, person)
    group = ix.groups[places[i]].id
    mine = {(attribute.key, ix.members[i].values.get(attribute.key)) for attribute in ix.attributes}
    table = measure.rows(ix, measure.tally(ix, places))
    return Explanation(
        person=person,
        group=group,
        pinned=ix.pins[i] >= 0,
        cells=tuple(row for row in table if row.group == group and (row.attribute, row.value) in mine),
        alternatives=options(problem, assignment, person),
    )


def _read(problem: Problem, assignment: Mapping[str, str]) -> tuple[Indexed, list[int]]:
    ix = index(problem)
    known = {person.id for person in problem.people}
    for person, group in assignment.items():
        if person not in known:
            raise BadProblem("unknown_person", id=person)
        if group not in ix.group_at:
            raise BadProblem("unknown_group", id=group)
    return ix, holds.places_from(ix, assignment)


def _placed_member(ix: Indexed, places: Sequence[int], person: str) -> int:
    if person not in {one.id for one in ix.problem.people}:
        raise BadProblem("unknown_person", id=person)
    if person not in ix.member_at or places[ix.member_at[person]] < 0:
        raise BadProblem("person_not_placed", id=person)
    return ix.member_at[person]


def _grouped_opt_outs(ix: Indexed, assignment: Mapping[str, str]) -> tuple[Conflict, ...]:
    return tuple(
        Conflict("opt_out", "opt_out_grouped", people=(person.id,), groups=(assignment[person.id],))
        for person in ix.opt_outs
        if person.id in assignment
    )


def _opt_out_coaches(ix: Indexed, places: Sequence[int]) -> list[int]:
    sizes = measure.tally(ix, places).sizes
    return holds.match_opt_outs(ix, holds.spare_minutes(ix, sizes))


class _Desk:
    """An assignment laid out so that single changes can be priced quickly and exactly."""

    def __init__(self, ix: Indexed, places: Sequence[int]) -> None:
        self.ix, self.places = ix, list(places)
        self.tally = measure.tally(ix, places)
        self.scaled = measure.scaled_objective(ix, self.tally)
        self.foes: dict[int, set[int]] = {}
        self.friends: dict[int, set[int]] = {}
        for pairs, near in ((ix.apart, self.foes), (ix.together, self.friends)):
            for i, j in pairs:
                near.setdefault(i, set()).add(j)
                near.setdefault(j, set()).add(i)
        self.bound, self.baseline = self._limits(self.tally)
        self.score = self._score(self.scaled, self.bound, self.baseline)

    def _limits(self, t: measure.Tally) -> tuple[int, Fraction]:
        bound = measure.scaled_bound(self.ix, t.totals, t.sizes)
        baseline = sum(
            (
                attribute.weight * measure.value_baseline(t.placed, total, t.sizes)
                for a, attribute in enumerate(self.ix.attributes)
                for total in t.totals[a]
            ),
            Fraction(0),
        )
        return bound, baseline

    def _score(self, scaled: int, bound: int, baseline: Fraction) -> float:
        square = self.tally.placed**2
        return measure.score_of(Fraction(scaled, square), Fraction(bound, square), baseline)

    def option(self, i: int, g: int) -> MoveOption:
        """Everything about member i going to group g."""
        after = measure.tally(self.ix, [g if k == i else place for k, place in enumerate(self.places)])
        scaled = measure.scaled_objective(self.ix, after)
        score = self._score(scaled, *self._limits(after))
        swap = self._best_swap(i, g)
        swapped = None if swap is None else self.scaled + swap[0]
        swap_score = None if swapped is None else self._score(swapped, self.bound, self.baseline)
        square = self.tally.placed**2
        return MoveOption(
            group=self.ix.groups[g].id,
            blocked=self._blocked({i: g}),
            D=Fraction(scaled, square),
            score=score,
            change=score - self.score,
            swap_with=None if swap is None else self.ix.members[swap[1]].id,
            swap_D=None if swapped is None else Fraction(swapped, square),
            swap_score=swap_score,
            swap_change=None if swap_score is None else swap_score - self.score,
        )

    def _best_swap(self, i: int, g: int) -> tuple[int, int] | None:
        permitted = [
            (self._swap_change(i, j), j)
            for j, place in enumerate(self.places)
            if place == g and not self._blocked({i: g, j: self.places[i]})
        ]
        return min(permitted, default=None)

    def _swap_change(self, i: int, j: int) -> int:
        """Exact change of scaled D when two people trade places: only the counts of their own values move."""
        ix, t, n = self.ix, self.tally, self.tally.placed
        g, h, change = self.places[i], self.places[j], 0
        for a, codes in enumerate(ix.codes):
            for code, leaves, joins in ((codes[i], g, h), (codes[j], h, g)):
                if code < 0 or codes[i] == codes[j]:
                    continue
                off = [n * t.counts[a][code][k] - t.sizes[k] * t.totals[a][code] for k in (leaves, joins)]
                change += ix.attributes[a].weight * 2 * n * (off[1] - off[0] + n)
        return change

    def _blocked(self, moves: Mapping[int, int]) -> tuple[Conflict, ...]:
        """Rules about the people who move which their new places would break."""
        found: list[Conflict] = []
        for i, g in moves.items():
            found += holds.person_rules(self.ix, i, g)
            for j in sorted(self.foes.get(i, ())):
                if moves.get(j, self.places[j]) == g:
                    found.append(holds.apart_broken(self.ix, i, j, g))
            for j in sorted(self.friends.get(i, ())):
                other = moves.get(j, self.places[j])
                if other >= 0 and other != g:
                    found.append(holds.together_broken(self.ix, i, j, g, other))
        if len(moves) == 1:
            found += self._blocked_by_size(*next(iter(moves.items())))
        return tuple(found)

    def _blocked_by_size(self, i: int, g: int) -> list[Conflict]:
        ix, old, found = self.ix, self.places[i], []
        sizes = list(self.tally.sizes)
        sizes[old] -= 1
        sizes[g] += 1
        if sizes[g] > ix.caps[g]:
            found.append(holds.over_cap(ix, g, sizes[g]))
        if sizes[old] < ix.minimums[old]:
            found.append(holds.under_minimum(ix, old, sizes[old]))
        c = ix.coach_of[g]
        spare = holds.spare_minutes(ix, sizes)
        left = spare[c]
        if c != ix.coach_of[old] and left is not None and ix.problem.minutes_per_person:
            lacking = self._opt_outs_lost(spare)
            if left < 0:
                found.append(holds.over_minutes(ix, c, left))
            elif lacking:
                found.append(Conflict("opt_out", "opt_out_without_coach", people=lacking, remedy="more_minutes"))
        return found

    def _opt_outs_lost(self, spare: Sequence[int | None]) -> tuple[str, ...]:
        """People who opted out, have a coach now and would have none."""
        now = holds.match_opt_outs(self.ix, holds.spare_minutes(self.ix, self.tally.sizes))
        then = holds.match_opt_outs(self.ix, spare)
        if sum(c < 0 for c in then) <= sum(c < 0 for c in now):
            return ()
        return tuple(person.id for person, c in zip(self.ix.opt_outs, then, strict=True) if c < 0)
