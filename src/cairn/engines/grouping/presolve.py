"""What can be seen to be impossible before any search, with people, rule and remedy."""

from collections.abc import Iterable

from cairn.engines.grouping.indexed import Indexed
from cairn.engines.grouping.shapes import Conflict


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
    wide = range(len(ix.groups))
    for i, person in enumerate(ix.members):
        if not person.blocked_coaches and person.slots is None:
            continue
        blocking = tuple(sorted(set(ix.coaches) & person.blocked_coaches))
        if not any(ix.has_coach(i, g) for g in wide):
            yield Conflict("coach_conflict", "no_coach_left", (person.id,), coaches=blocking, remedy="other_coach")
        elif not any(ix.has_slot(i, g) for g in wide):
            yield Conflict("slot", "no_slot_left", (person.id,), remedy="other_slot")
        elif not any(ix.has_coach(i, g) and ix.has_slot(i, g) for g in wide):
            yield Conflict("slot", "no_slot_with_coach", (person.id,), coaches=blocking, remedy="other_slot")
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


def _pins(ix: Indexed) -> Iterable[Conflict]:
    for person in ix.opt_outs:
        if person.pinned_group is not None:
            yield Conflict("pin", "pin_opted_out", (person.id,), (person.pinned_group,), remedy="unpin")
    for person in ix.members:
        if person.pinned_group is not None:
            group = ix.groups[ix.group_at[person.pinned_group]]
            i, g = ix.member_at[person.id], ix.group_at[group.id]
            if not ix.has_coach(i, g):
                yield Conflict("pin", "pin_against_coach", (person.id,), (group.id,), (group.coach,), remedy="unpin")
            elif not ix.has_slot(i, g):
                yield Conflict("pin", "pin_against_slot", (person.id,), (group.id,), remedy="unpin")
    for g, group in enumerate(ix.groups):
        pinned = [i for i, pin in enumerate(ix.pins) if pin == g]
        if len(pinned) > ix.caps[g]:
            numbers = {"pinned": len(pinned), "cap": ix.caps[g]}
            yield Conflict("pin", "pins_over_cap", _ids(ix, pinned), (group.id,), numbers=numbers, remedy="unpin")
    for i, j in ix.apart:
        if ix.pins[i] == ix.pins[j] >= 0:
            yield Conflict("pin", "pins_join_apart", _ids(ix, (i, j)), (ix.groups[ix.pins[i]].id,), remedy="unpin")


def _blocks(ix: Indexed) -> Iterable[Conflict]:
    block_of = {i: b for b, block in enumerate(ix.blocks) for i in block}
    for i, j in ix.apart:
        if block_of[i] == block_of[j]:
            yield Conflict("apart", "block_apart", _ids(ix, (i, j)), remedy="drop_pair")
    for block in ix.blocks:
        if len(block) == 1:
            continue
        pinned = sorted({ix.pins[i] for i in block} - {-1})
        if len(pinned) > 1:
            people = _ids(ix, (i for i in block if ix.pins[i] >= 0))
            yield Conflict("pin", "pins_split_together", people, tuple(ix.groups[g].id for g in pinned), remedy="unpin")
            continue
        open_to = [g for g in range(len(ix.groups)) if ix.block_may_join(block, g)]
        if not open_to and all(any(ix.may_join(i, g) for g in range(len(ix.groups))) for i in block):
            yield Conflict("together", "block_no_group", _ids(ix, block), remedy="split_block")
        elif open_to and len(block) > max(ix.caps[g] for g in open_to):
            numbers = {"size": len(block)}
            yield Conflict("together", "block_over_cap", _ids(ix, block), numbers=numbers, remedy="split_block")


def _apart_cliques(ix: Indexed) -> Iterable[Conflict]:
    """More people who are all apart from each other than there are groups (found greedily)."""
    near: dict[int, set[int]] = {}
    for i, j in ix.apart:
        near.setdefault(i, set()).add(j)
        near.setdefault(j, set()).add(i)
    best: list[int] = []
    for start in sorted(near):
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
    fixed = 0
    for c, available in enumerate(ix.minutes):
        own = [g for g, coach in enumerate(ix.coach_of) if coach == c]
        least = sum(max(ix.minimums[g], sum(pin == g for pin in ix.pins)) for g in own)
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
    for c, coach in enumerate(ix.coach_limits):
        own = [group for g, group in enumerate(ix.groups) if ix.coach_of[g] == c]
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
