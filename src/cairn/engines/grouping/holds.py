"""Which hard rules an assignment breaks, and which coach sees the people who opted out."""

from collections.abc import Mapping, Sequence

from cairn.engines.grouping.indexed import Indexed
from cairn.engines.grouping.shapes import Conflict


def spare_minutes(ix: Indexed, sizes: Sequence[int]) -> list[int | None]:
    """Minutes each coach has left after groups of these sizes; None is no limit, below 0 is too little."""
    spare = list(ix.minutes)
    for g, size in enumerate(sizes):
        left = spare[ix.coach_of[g]]
        if left is not None:
            spare[ix.coach_of[g]] = left - ix.problem.minutes_per_group - size * ix.problem.minutes_per_person
    return spare


def match_opt_outs(ix: Indexed, spare: Sequence[int | None]) -> list[int]:
    """A coach (position) for each person who opted out, -1 where there is none, as evenly spread as is simple.

    Augmenting paths in a bipartite graph: a person may push another on to a coach with room.
    """
    each = ix.problem.minutes_per_opt_out
    room = [
        len(ix.opt_outs) if left is None or (each == 0 and left >= 0) else max(0, left) // max(each, 1)
        for left in spare
    ]
    coach_of = [-1] * len(ix.opt_outs)
    seen_by: list[list[int]] = [[] for _ in ix.coaches]

    def place(o: int, tried: set[int]) -> bool:
        blocked = ix.opt_outs[o].blocked_coaches
        open_coaches = [c for c, coach in enumerate(ix.coaches) if coach not in blocked and c not in tried and room[c]]
        for c in sorted(open_coaches, key=lambda c: (len(seen_by[c]) >= room[c], len(seen_by[c]), c)):
            if c in tried:
                continue
            tried.add(c)
            if len(seen_by[c]) < room[c] or _push_on(c, tried):
                seen_by[c].append(o)
                coach_of[o] = c
                return True
        return False

    def _push_on(c: int, tried: set[int]) -> bool:
        for other in list(seen_by[c]):
            if place(other, tried):
                seen_by[c].remove(other)
                return True
        return False

    for o in range(len(ix.opt_outs)):
        place(o, set())
    return coach_of


def one_to_one(ix: Indexed, places: Sequence[int], opt_out_coach: Sequence[int]) -> dict[str, str]:
    """Everybody's coach for one-to-one coaching: the group's coach, or the one found for who opted out."""
    coaches = {person.id: ix.groups[g].coach for person, g in zip(ix.members, places, strict=True) if g >= 0}
    coaches |= {person.id: ix.coaches[c] for person, c in zip(ix.opt_outs, opt_out_coach, strict=True) if c >= 0}
    return dict(sorted(coaches.items()))


def broken(ix: Indexed, places: Sequence[int], opt_out_coach: Sequence[int]) -> tuple[Conflict, ...]:
    """Every hard rule the assignment breaks."""
    return (
        *_broken_by_people(ix, places),
        *_broken_by_pairs(ix, places),
        *_broken_by_sizes(ix, places),
        *_broken_by_minutes(ix, places, opt_out_coach),
    )


def _broken_by_people(ix: Indexed, places: Sequence[int]) -> list[Conflict]:
    found = []
    for i, (person, g) in enumerate(zip(ix.members, places, strict=True)):
        if g < 0:
            found.append(Conflict("unplaced", "unplaced", people=(person.id,)))
            continue
        found += person_rules(ix, i, g)
    return found


def person_rules(ix: Indexed, i: int, g: int) -> list[Conflict]:
    """Rules about member `i` alone which group `g` would break."""
    person, group, found = ix.members[i], ix.groups[g], []
    if ix.pins[i] not in (-1, g):
        pinned = ix.groups[ix.pins[i]].id
        found.append(Conflict("pin", "pin_broken", people=(person.id,), groups=(pinned,), remedy="unpin"))
    if not ix.has_coach(i, g):
        found.append(
            Conflict(
                "coach_conflict", "coach_conflict", people=(person.id,), groups=(group.id,), coaches=(group.coach,)
            )
        )
    if not ix.has_slot(i, g):
        found.append(Conflict("slot", "slot_missed", people=(person.id,), groups=(group.id,), remedy="other_slot"))
    return found


def _broken_by_pairs(ix: Indexed, places: Sequence[int]) -> list[Conflict]:
    found = [apart_broken(ix, i, j, places[i]) for i, j in ix.apart if places[i] == places[j] >= 0]
    return found + [
        together_broken(ix, i, j, places[i], places[j])
        for i, j in ix.together
        if places[i] != places[j] and min(places[i], places[j]) >= 0
    ]


def apart_broken(ix: Indexed, i: int, j: int, g: int) -> Conflict:
    """Two people who must be apart share a group."""
    people = tuple(sorted((ix.members[i].id, ix.members[j].id)))
    return Conflict("apart", "apart_broken", people=people, groups=(ix.groups[g].id,), remedy="drop_pair")


def together_broken(ix: Indexed, i: int, j: int, g: int, h: int) -> Conflict:
    """Two people who must share a group do not."""
    people = tuple(sorted((ix.members[i].id, ix.members[j].id)))
    groups = tuple(sorted((ix.groups[g].id, ix.groups[h].id)))
    return Conflict("together", "together_broken", people=people, groups=groups, remedy="drop_pair")


def _broken_by_sizes(ix: Indexed, places: Sequence[int]) -> list[Conflict]:
    found = []
    for g in range(len(ix.groups)):
        size = sum(place == g for place in places)
        if size > ix.caps[g]:
            found.append(over_cap(ix, g, size))
        if size < ix.minimums[g]:
            found.append(under_minimum(ix, g, size))
    return found


def over_cap(ix: Indexed, g: int, size: int) -> Conflict:
    """A group holds more than its cap."""
    numbers = {"size": size, "cap": ix.caps[g]}
    return Conflict("cap", "over_cap", groups=(ix.groups[g].id,), numbers=numbers, remedy="more_groups")


def under_minimum(ix: Indexed, g: int, size: int) -> Conflict:
    """A group holds fewer than its minimum."""
    numbers = {"size": size, "minimum": ix.minimums[g]}
    return Conflict("minimum", "under_minimum", groups=(ix.groups[g].id,), numbers=numbers, remedy="fewer_groups")


def over_minutes(ix: Indexed, c: int, spare: int) -> Conflict:
    """A coach would give more minutes than there are."""
    available = ix.minutes[c] or 0
    return Conflict(
        "coach_minutes",
        "coach_over_minutes",
        groups=tuple(group.id for g, group in enumerate(ix.groups) if ix.coach_of[g] == c),
        coaches=(ix.coaches[c],),
        numbers={"available": available, "needed": available - spare},
        remedy="more_minutes",
    )


def _broken_by_minutes(ix: Indexed, places: Sequence[int], opt_out_coach: Sequence[int]) -> list[Conflict]:
    sizes = [sum(place == g for place in places) for g in range(len(ix.groups))]
    found = [
        over_minutes(ix, c, left) for c, left in enumerate(spare_minutes(ix, sizes)) if left is not None and left < 0
    ]
    for person, c in zip(ix.opt_outs, opt_out_coach, strict=True):
        if c < 0:
            found.append(Conflict("opt_out", "opt_out_without_coach", people=(person.id,), remedy="more_minutes"))
    return found


def places_from(ix: Indexed, assignment: Mapping[str, str]) -> list[int]:
    """Positions from ids; members who are missing in the assignment get -1."""
    return [ix.group_at[assignment[person.id]] if person.id in assignment else -1 for person in ix.members]
