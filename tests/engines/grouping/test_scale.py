"""Many people: the same answer on any number of threads, by columns or one by one, compiled or not."""

import random
from dataclasses import replace

import numpy as np
import pytest

from cairn.engines import grouping
from cairn.engines.grouping import Attribute, Budget, Coach, Group, Infeasible, Pair, People, Problem, Progress
from cairn.engines.grouping.figures import fields, sizes
from cairn.engines.grouping.figures.sizes import PLENTY
from cairn.engines.grouping.problem.indexed import index
from cairn.engines.grouping.search import boards, compiled
from cairn.engines.grouping.search import swapping as search

SLOTS = ("mon", "tue", "wed", "thu")
LITTLE = Budget(evaluations=3_000_000)


def crowd(count: int, seed: int = 1, size: int = 11) -> Problem:
    """A crowd with four attributes, two intersections, pairs, conflicts and times, by columns."""
    rng = random.Random(seed)
    ids = [f"p{i:06}" for i in range(count)]
    kinds = {"discipline": 6, "gender": 3, "ethnicity": 5, "institution": 4}
    values = {
        key: [None if rng.random() < 0.03 else f"v{min(rng.randrange(many), rng.randrange(many))}" for _ in ids]
        for key, many in kinds.items()
    }
    attributes = (
        *(Attribute(key, 2) for key in kinds),
        Attribute("discipline and gender", 1, of=("discipline", "gender")),
        Attribute("gender and ethnicity", 1, of=("gender", "ethnicity")),
    )
    groups = tuple(Group(f"g{g:05}", f"c{g // 2:05}", slots=(SLOTS[g % len(SLOTS)],)) for g in range(-(-count // size)))
    open_to = [None, None, frozenset(SLOTS[:3]), frozenset(SLOTS[1:])]
    people = People.from_columns(
        ids,
        values=values,
        slots=[open_to[rng.randrange(4)] for _ in ids],
        blocked_coaches=[frozenset({"c00000"}) if i % 40 == 3 else frozenset() for i in range(count)],
    )
    apart = tuple(Pair(ids[i], ids[i + 1]) for i in range(0, count - 1, 50))
    together = tuple(Pair(ids[i], ids[i + 2]) for i in range(5, count - 2, 200))
    return Problem(people, groups, attributes, cap=size, apart=apart, together=together)


@pytest.mark.parametrize("count", [300, 2_000])
def test_the_answer_is_the_same_on_one_two_and_eight_threads(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, seen = crowd(count), []

    for many in (1, 2, 8):
        monkeypatch.setattr(search, "threads", lambda many=many: many)
        seen.append(grouping.solve(problem, seed=3, budget=LITTLE))

    assert dict(seen[0].assignment) == dict(seen[1].assignment) == dict(seen[2].assignment)
    assert seen[0].evaluations == seen[1].evaluations == seen[2].evaluations


def test_interpreted_and_compiled_walks_are_the_same_to_the_last_seat() -> None:
    ix = index(crowd(60))
    board = boards.empty(ix, sizes.even_sizes(ix) or [], [PLENTY] * len(ix.coaches))
    boards.seat_rest(board, np.bincount(np.arange(60) % len(ix.groups)))
    unit = 2 * len(ix.members)
    board.meta[fields.PRICE : fields.PRICE + 5] = [1, 2 * unit, unit, 1, 1]
    plain, fast = boards.listed(board), boards.copied(board)

    for kernel, one in ((compiled.interpreted(), plain), (compiled.compiled(), fast)):
        rows = (one.meta, one.counts, one.value, one.limit, one.place, one.seat, one.person, one.group, one.law)
        kernel.open_blocks(*rows, one.order, one.sore, one.blocks, 0, 1)
        kernel.walk(*one, 0, 5_000, unit // 4, True)

    assert list(fast.place) == plain.place
    assert list(fast.meta) == plain.meta


def test_a_crowd_is_mixed_as_well_as_anybody_could_and_every_rule_holds() -> None:
    problem = crowd(4_004)

    result = grouping.solve(problem)

    assert (result.violations, result.gap) == ((), 0.0)
    assert grouping.verify(problem, result).violations == ()


def test_people_by_columns_and_one_by_one_are_the_same_people() -> None:
    by_columns = crowd(300)
    one_by_one = replace(by_columns, people=tuple(by_columns.people))

    assert grouping.solve(one_by_one, budget=LITTLE) == grouping.solve(by_columns, budget=LITTLE)


def test_whoever_looks_on_hears_how_it_goes_and_may_stop_it() -> None:
    heard: list[Progress] = []

    def watch(progress: Progress) -> bool:
        heard.append(progress)
        return False

    result = grouping.solve(crowd(3_000), watch=watch)

    assert (len(heard), result.stopped, len(result.assignment)) == (1, True, 3_000)


def test_the_clock_ends_the_work_with_the_best_so_far() -> None:
    result = grouping.solve(crowd(3_000), budget=Budget(seconds=0.0))

    assert (result.stopped, len(result.assignment)) == (True, 3_000)


def test_a_crowd_of_one_value_is_nothing_to_mix() -> None:
    ids = [f"p{i}" for i in range(20_000)]
    people = People.from_columns(ids, values={"a": ["x"] * len(ids)})
    problem = Problem(people, tuple(Group(f"g{g}", "c") for g in range(2_000)), (Attribute("a"),), cap=10)

    result = grouping.solve(problem)

    assert (result.score, result.gap, result.proof) == (100.0, 0.0, "closed_form")


def test_a_crowd_for_whom_the_minutes_leave_too_few_seats_is_told_so() -> None:
    problem = replace(crowd(1_200), minutes_per_person=10)
    coaches = tuple(Coach(f"c{c:05}", minutes=10 * 21 if c % 5 == 0 else None) for c in range(55))

    with pytest.raises(Infeasible) as caught:
        grouping.solve(replace(problem, coaches=coaches))

    assert str(caught.value) == "With the minutes of their coaches the groups hold 1199 people, and 1200 need a place."


def test_minutes_of_coaches_hold_for_a_crowd() -> None:
    problem = crowd(1_200)
    coaches = tuple(Coach(f"c{c:05}", minutes=10 * 21 if c % 7 == 0 else None) for c in range(55))

    result = grouping.solve(replace(problem, coaches=coaches, minutes_per_person=10), budget=LITTLE)

    assert result.violations == ()
