"""What else the grouping engine is told about people: times they can come, who met whom, who needs a smaller group.

Everything hangs on the rows that the facts of a cohort are made of, so that it costs no further query.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from cairn.engines import grouping
from cairn.programmes import rules
from cairn.programmes.models import Adjustment, Cohort, Enrolment, GroupPlace, GroupSlot, PairRule, SlotChoice
from cairn.programmes.terms import AdjustmentState, Need

if TYPE_CHECKING:
    from cairn.programmes.queries.grouping import GroupingFacts


def slot_key(slot_id: int) -> str:
    """The engine's id of a published time."""
    return f"s{slot_id}"


def of_people(cohort: Cohort) -> dict[str, Any]:
    """Annotations for enrolments: `cannot_come` (slot ids), `most_people`, and `sat` where old company is avoided."""
    cannot = SlotChoice.objects.filter(enrolment=OuterRef("pk"), can_come=False, slot__withdrawn_at=None)
    smaller = Adjustment.objects.filter(
        enrolment=OuterRef("pk"), need=Need.SMALLER_GROUP, state=AdjustmentState.AGREED
    ).order_by("most_people")
    found: dict[str, Any] = {
        "cannot_come": ArraySubquery(cannot.values("slot_id")),
        "most_people": Subquery(smaller.values("most_people")[:1]),
    }
    if cohort.avoids_meeting_again:
        sat = GroupPlace.objects.filter(
            enrolment__person=OuterRef("person"), group__cohort__programme=cohort.programme_id
        )
        found["sat"] = ArraySubquery(sat.values(found=JSONObject(group="group_id", since="from_on", until="to_on")))
    return found


def of_coaches(cohort: Cohort) -> dict[str, Any]:
    """Annotations for engagements: `offers`, the times a coach has published, each with the group that has it."""
    slots = GroupSlot.objects.filter(cohort=cohort.pk, engagement=OuterRef("pk"), withdrawn_at=None).order_by("pk")
    return {"offers": ArraySubquery(slots.values(found=JSONObject(id="pk", number="group__number")))}


def slots_of(facts: "GroupingFacts", number: int, engagement_id: int) -> tuple[str, ...]:
    """When a group may meet: at its own time if it has one, otherwise at any its coach published and no group has."""
    found: Iterable[Any] = facts.engagements
    offers: list[dict[str, Any]] = next((each.offers for each in found if each.pk == engagement_id), [])
    own = [each["id"] for each in offers if each["number"] == number]
    return tuple(slot_key(slot) for slot in own or [each["id"] for each in offers if each["number"] is None])


def can_come(facts: "GroupingFacts", enrolment: Enrolment) -> frozenset[str] | None:
    """The published times but those that somebody said they cannot come to; None when they named none."""
    if not enrolment.cannot_come:  # type: ignore[attr-defined]
        return None
    published = {each["id"] for held in facts.engagements for each in held.offers}  # type: ignore[attr-defined]
    return frozenset(slot_key(slot) for slot in published - set(enrolment.cannot_come))  # type: ignore[attr-defined]


def met(people: Iterable[Enrolment]) -> tuple[grouping.Pair, ...]:
    """Pairs who have sat in one group at the same time, in this cohort or an earlier one of the programme."""
    seats: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for each in people:
        for seat in each.sat:  # type: ignore[attr-defined]
            if seat["until"] != seat["since"]:
                seats[seat["group"]].append((each.pk, seat["since"], seat["until"] or "9999"))
    pairs = {
        (min(a, b), max(a, b))
        for own in seats.values()
        for (a, a_since, a_until), (b, b_since, b_until) in combinations(own, 2)
        if a != b and a_since < b_until and b_since < a_until
    }
    return tuple(grouping.Pair(str(a), str(b)) for a, b in sorted(pairs))


def smaller(facts: "GroupingFacts") -> dict[int, int]:
    """Enrolment id → the most people that may be in their group, of those for whom that was agreed."""
    return {
        each.pk: each.most_people  # type: ignore[attr-defined]
        for each in facts.people
        if each.most_people and not each.opts_out_of_groups  # type: ignore[attr-defined]
    }


def small_groups(facts: "GroupingFacts", groups: Mapping[int, int], pins: Mapping[int, int]) -> dict[int, int]:
    """A group for everybody who needs a smaller one: where they are pinned, else as few such groups as the rules allow.

    Whoever finds none is left out here, and the engine is not told of their need: see `without_small_group`.
    """
    people = {each.pk: each for each in facts.people}
    coaches = {each.pk: each for each in facts.engagements}
    most = smaller(facts)
    foes = _foes(facts)
    placed: dict[int, int] = {who: pins[who] for who in most if who in pins}
    for who in sorted(most.keys() - placed.keys(), key=lambda each: (most[each], each)):
        used = list(dict.fromkeys(placed.values()))
        for number in [*used, *(each for each in reversed(groups) if each not in used)]:
            inside = [other for other, seat in placed.items() if seat == number]
            limit = min([most[who], *(most[other] for other in inside)])
            apart = foes[who] & {other for other, seat in {**pins, **placed}.items() if seat == number}
            held = coaches.get(groups.get(number, 0))
            if held and len(inside) < limit and not apart and rules.may_coach_person(held, people[who]):
                placed[who] = number
                break
    return placed


def without_small_group(facts: "GroupingFacts", groups: Mapping[int, int], pins: Mapping[int, int]) -> list[int]:
    """Enrolment ids of those who need a smaller group and for whom none of these groups will do."""
    return sorted(smaller(facts).keys() - small_groups(facts, groups, pins).keys())


def caps_of(facts: "GroupingFacts", seats: Mapping[int, int]) -> dict[int, int]:
    """Group number → the limit that the people in it need, never above the cohort's own."""
    caps: dict[int, int] = {}
    for who, most in smaller(facts).items():
        if who in seats:
            caps[seats[who]] = min(most, caps.get(seats[who], facts.cohort.group_cap))
    return caps


def _foes(facts: "GroupingFacts") -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for pair in facts.pairs:
        if pair["rule"] == PairRule.Rule.APART:
            found[pair["first"]].add(pair["second"])
            found[pair["second"]].add(pair["first"])
    return found
