"""The proof that a cohort's groups could not be mixed better, for everybody in the cohort.

It counts only what is no secret within the programme: disciplines, departments, institutions. Nothing that somebody
answered in confidence enters any figure here, so that no figure can be turned round to tell what they answered.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from cairn.engines import grouping
from cairn.people import rules as people_rules
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.people.terms import Role
from cairn.programmes.models import Cohort, GroupPlace
from cairn.programmes.queries.access import engagements_of, enrolments_of
from cairn.programmes.queries.grouping import GroupingFacts, group_key, mixing_facts, places_on

FLOOR = 5  # a value that fewer people have is not named
MOST_VALUES = 60


@dataclass(frozen=True)
class Spread:
    """Of the groups of one size: how many hold how many people with a value, as (groups, people) in rising order."""

    size: int
    share: Fraction
    held: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ValueProof:
    """One value: how many people have it, how they are spread, and the sum of squared differences."""

    value: str
    people: int
    spreads: tuple[Spread, ...]
    total: Fraction


@dataclass(frozen=True)
class AttributeProof:
    """One attribute. `folded` values are counted in the sums but not listed, being rare or too many to print."""

    label: str
    weight: int
    values: tuple[ValueProof, ...]
    folded: int
    total: Fraction
    least: Fraction
    lots: Fraction
    score: float


@dataclass(frozen=True)
class GroupsProof:
    """A cohort's groups as they stand today; without `sizes` (size, how many groups) there are none yet.

    `asked` are labels of what people answered in confidence: mixed by, but in none of these figures.
    """

    cohort: Cohort
    on: dt.date
    people: int
    sizes: tuple[tuple[int, int], ...]
    attributes: tuple[AttributeProof, ...]
    asked: tuple[str, ...]
    total: Fraction
    least: Fraction
    lots: Fraction
    score: float

    @property
    def has_groups(self) -> bool:
        """Somebody sits in a group."""
        return bool(self.sizes)

    @property
    def is_least(self) -> bool:
        """Nobody can come below it."""
        return self.total == self.least


def groups_proof(reader: Person, cohort_id: int, at: dt.datetime) -> GroupsProof:
    """The proof for a cohort that the reader coordinates, coaches in or takes part in. Raises NotFound otherwise."""
    cohort = _cohort_shared_with(reader, cohort_id, at)
    on = at.astimezone(cohort.zone).date()
    facts = mixing_facts(cohort)
    present = {each.pk for each in facts.people}
    rows = GroupPlace.objects.filter(places_on(on), group__cohort=cohort, from_on__lte=on)
    seats = {who: number for who, number in rows.values_list("enrolment_id", "group__number") if who in present}
    return _proof(facts, seats, on)


def _cohort_shared_with(reader: Person, cohort_id: int, at: dt.datetime) -> Cohort:
    run = people_rules.organisations_as(reader, Role.COORDINATOR, at=at)
    found = (
        Cohort.objects.filter(pk=cohort_id)
        .filter(
            Q(programme__organisation__in=run)
            | Q(pk__in=engagements_of(reader, at).values("cohort"))
            | Q(pk__in=enrolments_of(reader, at).values("cohort"))
        )
        .select_related("programme__organisation")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _proof(facts: GroupingFacts, seats: dict[int, int], on: dt.date) -> GroupsProof:
    asked = tuple(each.label for each in facts.attributes if each.is_protected)
    if not seats:
        nothing = Fraction(0)
        return GroupsProof(facts.cohort, on, 0, (), (), asked, nothing, nothing, nothing, 100.0)
    problem = facts.plain_problem(seats)
    result = grouping.rescore(problem, {str(who): group_key(number) for who, number in seats.items()})
    sizes = Counter(group_key(number) for number in seats.values())
    labels = {each.key: each.label for each in facts.attributes}
    cells: dict[str, dict[str, list[grouping.Row]]] = {}
    for row in result.certificate.rows:
        cells.setdefault(row.attribute, {}).setdefault(row.value, []).append(row)
    return GroupsProof(
        cohort=facts.cohort,
        on=on,
        people=len(seats),
        sizes=tuple(sorted(Counter(sizes.values()).items(), reverse=True)),
        attributes=tuple(
            _attribute(report, labels[report.key], cells.get(report.key, {}), facts.label, sizes)
            for report in result.per_attribute
        ),
        asked=asked,
        total=result.D,
        least=result.bound,
        lots=result.baseline,
        score=result.score,
    )


def _attribute(
    report: grouping.AttributeReport,
    label: str,
    cells: Mapping[str, Sequence[grouping.Row]],
    name: Callable[[str, str], str],
    sizes: Mapping[str, int],
) -> AttributeProof:
    values = [_value(name(report.key, value), rows, sizes) for value, rows in cells.items()]
    named = sorted((each for each in values if each.people >= FLOOR), key=lambda each: (-each.people, each.value))
    return AttributeProof(
        label=label,
        weight=report.weight,
        values=tuple(named[:MOST_VALUES]),
        folded=len(values) - len(named[:MOST_VALUES]),
        total=report.D,
        least=report.bound,
        lots=report.baseline,
        score=report.score,
    )


def _value(name: str, rows: Sequence[grouping.Row], sizes: Mapping[str, int]) -> ValueProof:
    by_size: dict[int, list[grouping.Row]] = {}
    for row in rows:
        by_size.setdefault(sizes[row.group], []).append(row)
    spreads = tuple(
        Spread(
            size,
            same[0].target,
            tuple((groups, count) for count, groups in sorted(Counter(row.count for row in same).items())),
        )
        for size, same in sorted(by_size.items(), reverse=True)
    )
    return ValueProof(
        name, sum(row.count for row in rows), spreads, sum((row.squared_error for row in rows), Fraction(0))
    )
