"""What a coordinator may know of people's answers for mixing groups: counts of five or more, and no way to subtract."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import Cohort, Enrolment, MixingAnswer, MixingAttribute

FLOOR = 5


@dataclass(frozen=True)
class MixingCounts:
    """One protected attribute of a cohort. `answered` and a count are None where they are below the floor or would
    let another be worked out."""

    label: str
    asked: int
    answered: int | None
    values: tuple[tuple[str, int | None], ...]


def mixing_counts(reader: Person, cohort: Cohort, at: dt.datetime) -> tuple[MixingCounts, ...]:
    """Per protected attribute: how many of those taking part answered with consent, and which answers, suppressed."""
    if not rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    asked = Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART).count()
    answers = MixingAnswer.objects.filter(
        attribute__cohort=cohort, consented=True, enrolment__state__in=rules.TAKING_PART
    ).exclude(value="")
    found: dict[int, Counter[str]] = {}
    for attribute_id, value in answers.values_list("attribute_id", "value"):
        found.setdefault(attribute_id, Counter())[value] += 1
    attributes = MixingAttribute.objects.filter(cohort=cohort, is_protected=True)
    return tuple(_counts(each, asked, found.get(each.pk, Counter())) for each in attributes)


def _counts(attribute: MixingAttribute, asked: int, found: Mapping[str, int]) -> MixingCounts:
    values = [str(choice) for choice in attribute.choices]
    values += sorted(value for value in found if value not in values)
    hidden = suppressed({value: found.get(value, 0) for value in values})
    answered = sum(found.values())
    return MixingCounts(
        label=attribute.label,
        asked=asked,
        answered=answered if answered >= FLOOR else None,
        values=tuple((value, None if value in hidden else found[value]) for value in values),
    )


def suppressed(counts: Mapping[str, int], floor: int = FLOOR) -> frozenset[str]:
    """The values whose counts stay hidden: all below the floor, nought too, and as many of the smallest others as it
    takes until at least two are hidden and those hidden add up to the floor, so that nothing follows from the total."""
    hidden = {value for value, count in counts.items() if count < floor}
    if not hidden:
        return frozenset()
    for value in sorted(counts, key=lambda each: (counts[each], each)):
        if len(hidden) >= 2 and sum(counts[each] for each in hidden) >= floor:
            break
        hidden.add(value)
    return frozenset(hidden)
