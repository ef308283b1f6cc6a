"""Which of the published times become groups, where people chose themselves: one group for each time that is used."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery

from cairn.programmes.models import Cohort, Enrolment, SlotChoice
from cairn.programmes.queries.choosing import open_seats
from cairn.programmes.terms import GroupMode, SlotState

if TYPE_CHECKING:
    from cairn.programmes.queries.grouping import GroupingFacts

OUT_OF_REACH = 1_000  # what it costs somebody to be left with times they cannot come to; more than any rank


class TooFewTimes(Exception):
    """So many people need more groups than there are times."""

    def __init__(self, *, people: int, groups: int, times: int) -> None:
        self.people, self.groups, self.times = people, groups, times
        super().__init__()


@dataclass(frozen=True)
class Used:
    """Groups (number → engagement id), the time of each (number → slot id), and who has a seat (enrolment → number)."""

    groups: dict[int, int]
    slots: dict[int, int]
    seats: dict[int, int]


def is_self_chosen(cohort: Cohort) -> bool:
    """Whether people choose their group themselves."""
    return cohort.group_mode == GroupMode.SELF_CHOSEN


def of_people(cohort: Cohort) -> dict[str, Any]:
    """Annotations for enrolments, where people choose: `wished` (slot ids, best first) and `sits` (slot id)."""
    if not is_self_chosen(cohort):
        return {}
    own = SlotChoice.objects.filter(enrolment=OuterRef("pk"), slot__withdrawn_at=None)
    waits = own.filter(state=SlotState.WAITING).order_by("said_at", "pk")
    return {
        "wished": ArraySubquery(own.filter(rank__isnull=False).order_by("rank").values("slot_id")),
        "waits_for": ArraySubquery(waits.values("slot_id")),
        "sits": Subquery(own.filter(state=SlotState.SEATED).values("slot_id")[:1]),
    }


def times_in(answer: Mapping[str, Any]) -> dict[int, int]:
    """Number → slot id, of the groups of a proposal for which a published time was found."""
    return {int(number): slot for number, slot in (answer.get("slots") or {}).items()}


def wishes_of(enrolment: Any, slots: Mapping[int, int]) -> tuple[int, ...]:
    """Group numbers in the order in which somebody wishes for their times."""
    numbers = {slot: number for number, slot in slots.items()}
    wished = [*getattr(enrolment, "wished", ()), *getattr(enrolment, "waits_for", ())]
    return tuple(numbers[slot] for slot in dict.fromkeys(wished) if slot in numbers)


def used_times(
    facts: "GroupingFacts", standing: Iterable[tuple[int, int]], *, seed: int, group_coaches: Mapping[int, int] | None
) -> Used | None:
    """The times to form groups at; None where people do not choose, or nothing is published.

    `group_coaches` (engagement id → groups) says how many of each coach's times; None: as many groups as fit the
    people best, dealt out among the coaches. Where a coach has more times than groups, those stay with which the
    people are best served: the seats taken first, then the wishes. Equals are drawn by the seed.
    Raises TooFewTimes.
    """
    cohort = facts.cohort
    offers = {each["id"]: (held.pk, each["number"]) for held in facts.engagements for each in held.offers}  # type: ignore[attr-defined]
    if not is_self_chosen(cohort) or not offers:
        return None
    people = [each for each in facts.people if not each.opts_out_of_groups]
    most = _most_each(cohort, len(people), offers, group_coaches)
    chosen = _best_served(people, offers, most, _how_many(cohort, len(people), most, offers, group_coaches), seed)
    return _numbered(people, {slot: offers[slot] for slot in chosen}, standing, group_coaches or {})


def _how_many(
    cohort: Cohort,
    people: int,
    most: Mapping[int, int],
    offers: Mapping[int, tuple[int, int | None]],
    asked: Mapping[int, int] | None,
) -> int:
    """How many times are used; whoever asks for more groups than there are times gets groups without one."""
    room = sum(min(most[coach], sum(1 for held, _n in offers.values() if held == coach)) for coach in most)
    tight = max(1, -(-people // cohort.group_cap))
    if asked is None and room < tight:
        raise TooFewTimes(people=people, groups=tight, times=room)
    return room


def _most_each(
    cohort: Cohort, people: int, offers: Mapping[int, tuple[int, int | None]], asked: Mapping[int, int] | None
) -> dict[int, int]:
    """Engagement id → most groups. Not asked for: one each, more where the cap needs it, fewer where the minimum."""
    times: dict[int, int] = {}
    for held, _number in offers.values():
        times[held] = times.get(held, 0) + 1
    if asked is not None:
        return {held: asked.get(held, 0) for held in times if asked.get(held, 0)}
    roomy = -(-people // max(1, open_seats(cohort)))
    tight = -(-people // cohort.group_cap)
    needed = max(1, roomy if roomy <= len(offers) else tight)
    wanted = max(needed, min(len(times), max(1, people // max(1, cohort.group_minimum))))
    most = dict.fromkeys(times, 0)
    while sum(most.values()) < min(wanted, len(offers)):
        held = min((each for each in times if most[each] < times[each]), key=lambda each: (most[each], each))
        most[held] += 1
    return most


def _best_served(
    people: list[Enrolment],
    offers: Mapping[int, tuple[int, int | None]],
    most: Mapping[int, int],
    count: int,
    seed: int,
) -> list[int]:
    """Slots one by one, each time the one with which people are served best; seats and standing groups come first."""
    draw = random.Random(seed)  # noqa: S311  lots that anybody can draw again
    lots = {slot: draw.random() for slot in sorted(offers)}
    sits = {getattr(each, "sits", None) for each in people}
    cost = {slot: [_cost(each, slot, len(offers)) for each in people] for slot in offers}
    best = [OUT_OF_REACH * 2] * len(people)
    chosen: list[int] = []
    left = dict(most)
    firm = sorted((slot for slot in offers if slot in sits or offers[slot][1] is not None), key=lambda each: lots[each])
    while len(chosen) < count or set(firm) - set(chosen):
        firm_left = [slot for slot in firm if slot not in chosen]
        free = [slot for slot in offers if slot not in chosen and left.get(offers[slot][0], 0) > 0]
        candidates = firm_left or free
        if not candidates:
            break
        pick = min(candidates, key=lambda each: (sum(map(min, best, cost[each])), lots[each]))
        best = list(map(min, best, cost[pick]))
        left[offers[pick][0]] = left.get(offers[pick][0], 0) - 1
        chosen.append(pick)
    return chosen


def _cost(person: Any, slot: int, offered: int) -> int:
    """How far down somebody's wishes a time is: 0 for their seat, past all wishes when they said nothing of it."""
    if slot == person.sits:
        return 0
    if slot in person.cannot_come:
        return OUT_OF_REACH
    wished = [*person.wished, *person.waits_for]
    return wished.index(slot) + 1 if slot in wished else offered + 1


def _numbered(
    people: list[Enrolment],
    chosen: Mapping[int, tuple[int, int | None]],
    standing: Iterable[tuple[int, int]],
    asked: Mapping[int, int],
) -> Used:
    """A time that has a group keeps it; others take a number of their coach's that is free, or a new one.

    Groups that were asked for beyond the times come last, without one.
    """
    known = list(standing)
    slots = {number: slot for slot, (_held, number) in chosen.items() if number is not None}
    spare = [(number, held) for number, held in known if number not in slots]
    fresh = iter(range(max((number for number, _held in known), default=0) + 1, 10_000))

    def take(held: int) -> int:
        own = next((each for each, coach in spare if coach == held), None)
        spare[:] = [each for each in spare if each[0] != own]
        return own if own is not None else next(fresh)

    slots |= {take(held): slot for slot, (held, number) in sorted(chosen.items()) if number is None}
    groups = {number: chosen[slot][0] for number, slot in slots.items()}
    for held, wanted in asked.items():
        groups |= {take(held): held for _more in range(wanted - list(groups.values()).count(held))}
    groups = dict(sorted(groups.items()))
    numbers = {slot: number for number, slot in slots.items()}
    seats = {each.pk: numbers[each.sits] for each in people if each.sits in numbers}  # type: ignore[attr-defined]
    return Used(groups, dict(sorted(slots.items())), seats)
