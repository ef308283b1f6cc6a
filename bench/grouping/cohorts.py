"""Random cohorts by seed: the same seed gives the same cohort on every machine.

Values are unevenly common, a few are not said, and rules come as often as in a real programme: one person in twenty has
a conflict with a coach, one in ten is in a pair to be kept apart, and two in five cannot come to every slot. Where
pairs must be together, one person in twenty-five is in one; such a pair often shares a value so rare that the bound,
which heeds no rules, cannot be met.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from cairn.engines import grouping

CAP = 11
EIGHT = {
    "discipline": 6,
    "gender": 3,
    "ethnicity": 6,
    "career": 4,
    "institution": 5,
    "contract": 3,
    "age": 4,
    "campus": 4,
}
FOUR = dict(itertools.islice(EIGHT.items(), 4))
PRODUCTS = (("gender", "ethnicity"), ("gender", "discipline"))
SLOTS = 8
NOT_SAID = 0.03


def attributes(kinds: Iterable[str], *, lonely: str | None = None) -> tuple[grouping.Attribute, ...]:
    """Attributes and two intersections; nobody should be alone with a value of `lonely`."""
    plain = (
        grouping.Attribute(
            key, weight=2 if key == "discipline" else 1, not_alone=frozenset({"*"} if key == lonely else ())
        )
        for key in kinds
    )
    return (*plain, *(grouping.Attribute("*".join(of), of=of) for of in PRODUCTS))


def values(rng: np.random.Generator, count: int, kinds: dict[str, int]) -> dict[str, list[str | None]]:
    """A column for each attribute; how common its values are is drawn as well."""
    return {
        key: _picked(
            [*(f"{key} {number}" for number in range(options)), None],
            rng.choice(options + 1, size=count, p=_shares(rng, options)),
        )
        for key, options in kinds.items()
    }


def _shares(rng: np.random.Generator, options: int) -> list[float]:
    return [*(rng.dirichlet([2.0] * options) * (1 - NOT_SAID)).tolist(), NOT_SAID]


def _picked(labels: Sequence[object], codes: np.ndarray) -> list:
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array[codes].tolist()


def _slots(rng: np.random.Generator, count: int, times: Sequence[str]) -> list[frozenset[str] | None]:
    """None for those who can always come; others miss one or two of the times."""
    most = min(2, len(times) - 1)
    missed = [()] if most < 1 else [(), *((time,) for time in times)]
    if most == 2:
        missed += list(itertools.combinations(times, 2))
    labels = [frozenset(times) - set(some) if some else None for some in missed]
    kind = rng.choice(3, size=count, p=[0.6, 0.3, 0.1])
    one, two = 1 + len(times), len(missed)
    codes = np.where(kind == 0, 0, rng.integers(1, max(2, one), count) if most else 0)
    if most == 2:
        codes = np.where(kind == 2, rng.integers(one, two, count), codes)
    return _picked(labels, codes)


def _blocked(rng: np.random.Generator, count: int, coaches: Sequence[str]) -> list[frozenset[str]]:
    labels = [frozenset(), *(frozenset({coach}) for coach in coaches)]
    return _picked(labels, np.where(rng.random(count) < 0.05, rng.integers(1, len(labels), count), 0))


def _pairs(rng: np.random.Generator, ids: Sequence[str]) -> tuple[tuple[grouping.Pair, ...], tuple[grouping.Pair, ...]]:
    """Pairs apart and pairs together, nobody in two of them."""
    apart, together = len(ids) // 20, len(ids) // 50
    drawn = rng.permutation(len(ids))[: 2 * (apart + together)].tolist()
    pairs = [grouping.Pair(ids[a], ids[b]) for a, b in zip(drawn[::2], drawn[1::2], strict=True)]
    return tuple(pairs[:apart]), tuple(pairs[apart:])


def with_pairs_together(count: int, seed: int) -> grouping.Problem:
    """As `with_rules`, and some pairs must share a group."""
    problem = with_rules(count, seed)
    _apart, together = _pairs(np.random.default_rng([seed, 1]), list(problem.people.ids))
    apart = {frozenset((pair.a, pair.b)) for pair in problem.apart}
    return replace(problem, together=tuple(pair for pair in together if frozenset((pair.a, pair.b)) not in apart))


def with_rules(count: int, seed: int) -> grouping.Problem:
    """Four attributes and two intersections, pairs apart, availability and conflicts; groups have coach and slot."""
    rng = np.random.default_rng(seed)
    ids = [f"p{number:07}" for number in range(count)]
    wide = math.ceil(count / (CAP - 1))
    times = [f"s{number}" for number in range(min(SLOTS, wide))]
    groups = tuple(
        grouping.Group(f"g{number:06}", coach=f"c{number // 2:06}", slots=(times[number % len(times)],))
        for number in range(wide)
    )
    apart, _together = _pairs(rng, ids)
    return grouping.Problem(
        people=grouping.People.from_columns(
            ids,
            values=values(rng, count, FOUR),
            slots=_slots(rng, count, times),
            blocked_coaches=_blocked(rng, count, sorted({group.coach for group in groups})),
        ),
        groups=groups,
        attributes=attributes(FOUR),
        cap=CAP,
        minimum=min(8, count // wide),
        apart=apart,
    )


def all_rules(count: int, seed: int) -> grouping.Problem:
    """Every rule at once: slots and coaches to choose, minutes, opt-outs, pins, pairs, conflicts, nobody alone."""
    rng = np.random.default_rng(seed)
    ids = [f"p{number:03}" for number in range(count)]
    opted_out = (rng.random(count) < 0.03).tolist()
    seated = [person for person, out in zip(ids, opted_out, strict=True) if not out]
    wide = math.ceil(len(seated) / CAP)
    times = [f"s{number}" for number in range(5)]
    coaches = tuple(
        grouping.Coach(
            f"c{number}",
            minutes=900 + 210 * CAP + 1110 * math.ceil(sum(opted_out) / wide),
            slots=frozenset(rng.choice(times, size=3, replace=False).tolist()),
        )
        for number in range(wide + 1)
    )
    apart, together = _pairs(rng, seated)
    pinned = {person: f"g{number}" for number, person in enumerate(seated[:2]) if number < wide}
    return grouping.Problem(
        people=grouping.People.from_columns(
            ids,
            values=values(rng, count, FOUR),
            opted_out=opted_out,
            slots=_slots(rng, count, times),
            blocked_coaches=_blocked(rng, count, [coach.id for coach in coaches]),
            pinned=[pinned.get(person) for person in ids],
        ),
        groups=tuple(grouping.Group(f"g{number}", slots=tuple(times)) for number in range(wide)),
        attributes=attributes(FOUR, lonely="gender"),
        cap=CAP,
        minimum=min(7, len(seated) // wide),
        apart=apart,
        together=together,
        coaches=coaches,
        minutes_per_group=900,
        minutes_per_person=210,
        minutes_per_opt_out=1110,
    )


def hard_zone(count: int, seed: int) -> grouping.Problem:
    """Few people, eight attributes and two intersections: the bound is often out of reach."""
    rng = np.random.default_rng(seed)
    ids = [f"p{number:03}" for number in range(count)]
    return grouping.Problem(
        people=grouping.People.from_columns(ids, values=values(rng, count, EIGHT)),
        groups=tuple(grouping.Group(f"g{number:02}") for number in range(math.ceil(count / CAP))),
        attributes=attributes(EIGHT),
        cap=CAP,
    )
