"""When the rules cannot hold together: a smallest set of them that already cannot.

Every rule gets a switch. The solver names switches that cannot all be on, and each is then tried without: what
remains is irreducible, so relaxing any one of the named rules lets the others hold.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cairn.engines.grouping.cpsat import Model
from cairn.engines.grouping.indexed import Indexed
from cairn.engines.grouping.shapes import Conflict


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
    model, rules = Model(), {}
    wide, count = range(len(ix.groups)), len(ix.members)
    x = [[model.boolean() for _ in wide] for _ in range(count)]
    for row in x:
        model.exactly_one(row)

    def switch(conflict: Conflict) -> list[int]:
        literal = model.boolean()
        rules[literal] = conflict
        return [literal]

    all_groups = tuple(group.id for group in ix.groups)
    cap = switch(Conflict("cap", "rule_cap", groups=all_groups, remedy="more_groups"))
    minimum = switch(Conflict("minimum", "rule_minimum", groups=all_groups, remedy="fewer_groups"))
    for g in wide:
        size = [(x[i][g], 1) for i in range(count)]
        model.between(size, 0, ix.caps[g], cap)
        model.between(size, ix.minimums[g], count, minimum)
    for i, person in enumerate(ix.members):
        blocked = [g for g in wide if ix.groups[g].coach in person.blocked_coaches]
        if blocked:
            names = tuple(sorted({ix.groups[g].coach for g in blocked}))
            on = switch(Conflict("coach_conflict", "rule_coach_conflict", (person.id,), (), names, remedy="drop_one"))
            model.between([(x[i][g], 1) for g in blocked], 0, 0, on)
        if ix.pins[i] >= 0:
            on = switch(Conflict("pin", "rule_pin", (person.id,), (ix.groups[ix.pins[i]].id,), remedy="unpin"))
            model.between([(x[i][ix.pins[i]], 1)], 1, 1, on)
    for i, j in ix.apart:
        on = switch(Conflict("apart", "rule_apart", (ix.members[i].id, ix.members[j].id), remedy="drop_pair"))
        for g in wide:
            model.between([(x[i][g], 1), (x[j][g], 1)], 0, 1, on)
    for i, j in ix.together:
        on = switch(Conflict("together", "rule_together", (ix.members[i].id, ix.members[j].id), remedy="drop_pair"))
        for g in wide:
            model.between([(x[i][g], 1), (x[j][g], -1)], 0, 0, on)
    _add_minutes(ix, model, x, switch)
    return Switched(model, rules)


def _add_minutes(ix: Indexed, model: Model, x: list[list[int]], switch: Callable[[Conflict], list[int]]) -> None:
    problem = ix.problem
    sees: dict[int, list[int]] = {c: [] for c in range(len(ix.coaches))}
    for person in ix.opt_outs:
        row = [model.boolean() for _ in ix.coaches]
        model.exactly_one(row)
        blocked = [c for c, coach in enumerate(ix.coaches) if coach in person.blocked_coaches]
        for c, literal in enumerate(row):
            sees[c].append(literal)
        if blocked:
            names = tuple(ix.coaches[c] for c in blocked)
            on = switch(Conflict("coach_conflict", "rule_coach_conflict", (person.id,), (), names, remedy="drop_one"))
            model.between([(row[c], 1) for c in blocked], 0, 0, on)
    for c, minutes in enumerate(ix.minutes):
        if minutes is None:
            continue
        own = [g for g, coach in enumerate(ix.coach_of) if coach == c]
        groups, numbers = tuple(ix.groups[g].id for g in own), {"available": minutes}
        on = switch(
            Conflict(
                "coach_minutes", "rule_coach_minutes", (), groups, (ix.coaches[c],), numbers, remedy="more_minutes"
            )
        )
        terms = [(row[g], problem.minutes_per_person) for row in x for g in own]
        terms += [(literal, problem.minutes_per_opt_out) for literal in sees[c]]
        model.between(terms, min(0, minutes), minutes - len(own) * problem.minutes_per_group, on)
