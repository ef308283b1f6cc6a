"""What can be seen to be impossible before any search, with people, rule and remedy."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from cairn.engines.grouping.figures.sizes import coach_seats
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Conflict


def conflicts(ix: Indexed) -> tuple[Conflict, ...]:
    """Conflicts each of which alone makes the problem impossible; empty when nothing is seen."""
    return tuple(
        conflict
        for part in (_limits, _people, _pins, _blocks, _apart_cliques, _coaches, _minutes)
        for conflict in part(ix)
    )


def _ids(ix: Indexed, positions: Iterable[int]) -> tuple[str, ...]:
    return tuple(sorted(ix.members[i].id for i in positions))


def _limits(ix: Indexed) -> Iterable[Conflict]:
    count, all_groups = len(ix.members), tuple(group.id for group in ix.groups)
    for g, group in enumerate(ix.groups):
        cap = group.cap if group.cap is not None else ix.problem.cap
        if cap is not None and ix.minimums[g] > cap:
            numbers = {"minimum": ix.minimums[g], "cap": cap}
            yield Conflict("minimum", "minimum_over_cap", groups=(group.id,), numbers=numbers, remedy="fix_limits")
    if sum(ix.caps) < count:
        numbers = {"people_count": count, "places": sum(ix.caps)}
        yield Conflict(
            "cap", "too_many_people", _ids(ix, range(count)), all_groups, numbers=numbers, remedy="more_groups"
        )
    if sum(ix.minimums) > count:
        numbers = {"people_count": count, "needed": sum(ix.minimums)}
        yield Conflict("minimum", "too_few_people", groups=all_groups, numbers=numbers, remedy="fewer_groups")


def _people(ix: Indexed) -> Iterable[Conflict]:
    yield from _nowhere_to_go(ix)
    for person in ix.opt_outs:
        if set(ix.coaches) <= person.blocked_coaches:
            yield Conflict(
                "coach_conflict", "no_coach_for_opt_out", (person.id,), coaches=ix.coaches, remedy="engage_coach"
            )
    out = {person.id for person in ix.opt_outs}
    for pair in ix.problem.together:
        if {pair.a, pair.b} & out:
            people = tuple(sorted((pair.a, pair.b)))
            yield Conflict("together", "together_opted_out", people, remedy="drop_pair")


def _nowhere_to_go(ix: Indexed) -> Iterable[Conflict]:
    """People for whom there is no group, by coach or by time; people with the same limits are looked at once."""
    slots, blocked, wide = ix.members.slots, ix.members.blocked, range(len(ix.groups))
    asked = np.flatnonzero((slots.codes >= 0) | (blocked.codes >= 0)).tolist()
    known: dict[tuple[int, int], Conflict | None] = {}
    for i in asked:
        key = int(slots.codes[i]), int(blocked.codes[i])
        if key not in known:
            coaches = tuple(sorted(coach for coach in blocked[i] or () if coach in ix.coach_at))
            if not any(ix.has_coach(i, g) for g in wide):
                known[key] = Conflict("coach_conflict", "no_coach_left", coaches=coaches, remedy="other_coach")
            elif not any(ix.has_slot(i, g) for g in wide):
                known[key] = Conflict("slot", "no_slot_left", remedy="other_slot")
            elif not any(ix.has_coach(i, g) and ix.has_slot(i, g) for g in wide):
                known[key] = Conflict("slot", "no_slot_with_coach", coaches=coaches, remedy="other_slot")
            else:
                known[key] = None
        found = known[key]
        if found is not None:
            yield replace(found, people=(ix.members.ids[i],))


def _pins(ix: Indexed) -> Iterable[Conflict]:
    for person in ix.opt_outs:
        if person.pinned_group is not None:
            yield Conflict("pin", "pin_opted_out", (person.id,), (person.pinned_group,), remedy="unpin")
    pinned = np.flatnonzero(ix.pin_of >= 0).tolist()
    in_group: dict[int, list[int]] = {}
    for i in pinned:
        g = int(ix.pin_of[i])
        in_group.setdefault(g, []).append(i)
        who, group = ix.members.ids[i], ix.groups[g]
        if not ix.has_coach(i, g):
            yield Conflict("pin", "pin_against_coach", (who,), (group.id,), (group.coach,), remedy="unpin")
        elif not ix.has_slot(i, g):
            yield Conflict("pin", "pin_against_slot", (who,), (group.id,), remedy="unpin")
    for g, people in sorted(in_group.items()):
        if len(people) > ix.caps[g]:
            numbers = {"pinned": len(people), "cap": ix.caps[g]}
            ids = _ids(ix, people)
            yield Conflict("pin", "pins_over_cap", ids, (ix.groups[g].id,), numbers=numbers, remedy="unpin")
    for i, j in ix.apart:
        if ix.pin_of[i] == ix.pin_of[j] >= 0:
            yield Conflict(
                "pin", "pins_join_apart", _ids(ix, (i, j)), (ix.groups[int(ix.pin_of[i])].id,), remedy="unpin"
            )


def _blocks(ix: Indexed) -> Iterable[Conflict]:
    unit_of, wide = {i: u for u, unit in enumerate(ix.units) for i in unit}, range(len(ix.groups))
    for i, j in ix.apart:
        if i in unit_of and unit_of[i] == unit_of.get(j):
            yield Conflict("apart", "block_apart", _ids(ix, (i, j)), remedy="drop_pair")
    for unit in ix.units:
        pinned = sorted({int(ix.pin_of[i]) for i in unit} - {-1})
        if len(pinned) > 1:
            people = _ids(ix, (i for i in unit if ix.pin_of[i] >= 0))
            yield Conflict("pin", "pins_split_together", people, tuple(ix.groups[g].id for g in pinned), remedy="unpin")
        elif any(len(unit) <= ix.caps[g] and ix.block_may_join(unit, g) for g in wide):
            continue
        elif any(ix.block_may_join(unit, g) for g in wide):
            numbers = {"size": len(unit)}
            yield Conflict("together", "block_over_cap", _ids(ix, unit), numbers=numbers, remedy="split_block")
        elif all(any(ix.may_join(i, g) for g in wide) for i in unit):
            yield Conflict("together", "block_no_group", _ids(ix, unit), remedy="split_block")


def _apart_cliques(ix: Indexed) -> Iterable[Conflict]:
    """More people who are all apart from each other than there are groups (found greedily)."""
    near: dict[int, set[int]] = {}
    for i, j in ix.apart:
        near.setdefault(i, set()).add(j)
        near.setdefault(j, set()).add(i)
    best: list[int] = []
    for start in sorted(i for i, mates in near.items() if len(mates) >= len(ix.groups)):
        clique, open_to = [start], set(near[start])
        while open_to:
            pick = min(open_to, key=lambda i: (-len(near[i] & open_to), i))
            clique.append(pick)
            open_to &= near[pick]
        if len(clique) > len(best):
            best = clique
    if len(best) > len(ix.groups):
        people = _ids(ix, sorted(best)[: len(ix.groups) + 1]) if len(best) > len(ix.groups) + 1 else _ids(ix, best)
        yield Conflict(
            "apart", "apart_over_groups", people, numbers={"group_count": len(ix.groups)}, remedy="more_groups"
        )


def _minutes(ix: Indexed) -> Iterable[Conflict]:
    fixed, groups_of = 0, _groups_of(ix)
    pinned = np.bincount(ix.pin_of[ix.pin_of >= 0], minlength=len(ix.groups))
    for c, available in enumerate(ix.minutes):
        own = groups_of[c]
        least = sum(max(ix.minimums[g], int(pinned[g])) for g in own)
        needed = len(own) * ix.problem.minutes_per_group + least * ix.problem.minutes_per_person
        fixed += len(own) * ix.problem.minutes_per_group
        if available is not None and needed > available:
            numbers = {"available": available, "needed": needed}
            groups = tuple(ix.groups[g].id for g in own)
            yield Conflict(
                "coach_minutes",
                "coach_over_minutes",
                (),
                groups,
                (ix.coaches[c],),
                numbers=numbers,
                remedy="more_minutes",
            )
    needed = fixed + len(ix.members) * ix.problem.minutes_per_person
    needed += len(ix.opt_outs) * ix.problem.minutes_per_opt_out
    limits = [available for available in ix.minutes if available is not None]
    if len(limits) == len(ix.coaches) and sum(limits) < needed:
        numbers = {"available": sum(limits), "needed": needed}
        yield Conflict("coach_minutes", "minutes_short", coaches=ix.coaches, numbers=numbers, remedy="more_minutes")


def _coaches(ix: Indexed) -> Iterable[Conflict]:
    """Coaches with too many groups, with two at once, or with one at a time that is not theirs."""
    groups_of = _groups_of(ix)
    for c, coach in enumerate(ix.coach_limits):
        own = [ix.groups[g] for g in groups_of[c]]
        if coach.most_groups is not None and len(own) > coach.most_groups:
            ids, numbers = tuple(group.id for group in own), {"held": len(own), "most": coach.most_groups}
            yield Conflict("coach_groups", "coach_over_groups", (), ids, (coach.id,), numbers, "fewer_per_coach")
        at: dict[str, list[str]] = {}
        for group in own:
            if group.slots and coach.slots is not None and coach.slots.isdisjoint(group.slots):
                yield Conflict("slot", "coach_slot_missed", (), (group.id,), (coach.id,), remedy="move_slot")
            if len(group.slots) == 1:
                at.setdefault(group.slots[0], []).append(group.id)
        for clash in at.values():
            if len(clash) > 1:
                yield Conflict("slot", "coach_twice_at_once", (), tuple(clash), (coach.id,), remedy="move_slot")


def _groups_of(ix: Indexed) -> list[list[int]]:
    """The groups of each coach."""
    found: list[list[int]] = [[] for _ in ix.coaches]
    for g, c in enumerate(ix.coach_of):
        if c >= 0:
            found[c].append(g)
    return found


def seats_short(ix: Indexed) -> Conflict:
    """The conflict when caps and coaches' minutes together leave fewer seats than there are people."""
    caps = [sum(ix.caps[g] for g in groups) for groups in _groups_of(ix)]
    places = sum(max(0, min(seats, cap)) for seats, cap in zip(coach_seats(ix), caps, strict=True))
    numbers = {"places": places, "people_count": len(ix.members)}
    limited = tuple(coach for coach, minutes in zip(ix.coaches, ix.minutes, strict=True) if minutes is not None)
    return Conflict("coach_minutes", "seats_short", coaches=limited, numbers=numbers, remedy="more_minutes")
