"""What makes no sense as a problem, found before anything else: a BadProblem with one sentence."""

from collections.abc import Iterable, Sequence

from cairn.engines.grouping.problem.people import People
from cairn.engines.grouping.problem.shapes import Attribute, BadProblem, Problem

MOST_WEIGHT = 1000
MOST_LIMIT = 10**12


def check(problem: Problem) -> None:
    """Look at everything but the people themselves."""
    if not len(problem.people):
        raise BadProblem("no_people")
    if not problem.groups:
        raise BadProblem("no_groups")
    _ids("duplicate_group", (group.id for group in problem.groups))
    _ids("duplicate_coach", (coach.id for coach in problem.coaches))
    keys: set[str] = set()
    for attribute in problem.attributes:
        if attribute.key in keys:
            raise BadProblem("duplicate_attribute", key=attribute.key)
        keys.add(attribute.key)
    for attribute in problem.attributes:
        _attribute(attribute, problem)
    _limits(problem)


def check_people(problem: Problem, people: People, keys: Sequence[str]) -> None:
    """Look at people, sorted by id, and at the pairs between them. `keys` are the attributes whose values are given."""
    known = {group.id for group in problem.groups}
    for pinned in people.pinned.labels:
        if pinned not in known:
            raise BadProblem("unknown_group", id=str(pinned))
    for key in keys:
        column = people.values.get(key)
        strange = [code for code, label in enumerate(column.labels) if not isinstance(label, str)] if column else []
        if column and strange:
            raise BadProblem("bad_value", key=key, id=people.ids[column.codes.tolist().index(strange[0])])
    for field, column in (("slots", people.slots), ("blocked_coaches", people.blocked), ("styles", people.styles)):
        for code, label in enumerate(column.labels):
            if not isinstance(label, frozenset | set | tuple):
                raise BadProblem("bad_person", field=field, id=people.ids[column.codes.tolist().index(code)])
    _pairs(problem, people)


def _attribute(attribute: Attribute, problem: Problem) -> None:
    if not _is_count(attribute.weight) or attribute.weight > MOST_WEIGHT:
        raise BadProblem("bad_weight", key=attribute.key)
    if attribute.of:
        plain, parts = {other.key for other in problem.attributes if not other.of}, set(attribute.of)
        if not 2 <= len(parts) == len(attribute.of) or not plain.issuperset(parts):
            raise BadProblem("bad_intersection", key=attribute.key)


def _limits(problem: Problem) -> None:
    limits: list[tuple[str, object]] = [
        ("cap", problem.cap),
        ("minimum", problem.minimum),
        ("minutes_per_person", problem.minutes_per_person),
        ("minutes_per_opt_out", problem.minutes_per_opt_out),
        ("minutes_per_group", problem.minutes_per_group),
    ]
    limits += [(f"cap of {group.id}", group.cap) for group in problem.groups]
    limits += [(f"minimum of {group.id}", group.minimum) for group in problem.groups]
    limits += [(f"minutes of {coach.id}", coach.minutes) for coach in problem.coaches]
    limits += [(f"most groups of {coach.id}", coach.most_groups) for coach in problem.coaches]
    for name, limit in limits:
        if limit is not None and not _is_count(limit):
            raise BadProblem("bad_limit", name=name)


def _pairs(problem: Problem, people: People) -> None:
    pairs = (*problem.apart, *problem.together, *problem.met)
    if not pairs:
        return
    wanted = {person for pair in pairs for person in (pair.a, pair.b)}
    known = wanted.intersection(people.ids)
    for pair in pairs:
        for person in (pair.a, pair.b):
            if person not in known:
                raise BadProblem("unknown_person", id=str(person))
        if pair.a == pair.b:
            raise BadProblem("self_pair", id=pair.a)
    both = {frozenset((p.a, p.b)) for p in problem.apart} & {frozenset((p.a, p.b)) for p in problem.together}
    if both:
        a, b = min(sorted(pair) for pair in both)
        raise BadProblem("contradictory_pair", a=a, b=b)


def _ids(key: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in ids:
        if not isinstance(item, str):
            raise BadProblem("bad_id", id=str(item))
        if item in seen:
            raise BadProblem(key, id=item)
        seen.add(item)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_LIMIT
