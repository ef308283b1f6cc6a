"""Which hard rules an assignment breaks, and which coach sees the people who opted out."""

import heapq
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.lazily import Seats
from cairn.engines.grouping.problem.people import Column
from cairn.engines.grouping.problem.shapes import Conflict

Places = npt.NDArray[np.int32]

MANY = 20_000


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

    Each takes the coach with the fewest so far; who finds none pushes others on to coaches with room (augmenting
    paths in a bipartite graph).
    """
    each, many = ix.problem.minutes_per_opt_out, len(ix.opt_outs)
    room = [
        many if left is None or (each == 0 and left >= 0) else min(many, max(0, left) // max(each, 1)) for left in spare
    ]
    match = _Match(ix, room)
    heap = [(0, c) for c in range(len(ix.coaches)) if room[c]]
    late = [o for o in range(many) if not match.take_first(o, heap)]
    for o in late:
        match.place(o, set())
    return match.coach_of


class _Match:
    """Who sees whom, while people who opted out are given coaches."""

    def __init__(self, ix: Indexed, room: Sequence[int]) -> None:
        self.ix, self.room = ix, room
        self.coach_of = [-1] * len(ix.opt_outs)
        self.seen_by: list[list[int]] = [[] for _ in ix.coaches]

    def take_first(self, o: int, heap: list[tuple[int, int]]) -> bool:
        """Give person o the coach with the fewest so far; `heap` holds coaches with room by how many they see."""
        blocked, passed, taken = self.ix.opt_outs[o].blocked_coaches, [], -1
        while heap and taken < 0:
            held, c = heapq.heappop(heap)
            if self.ix.coaches[c] in blocked:
                passed.append((held, c))
                continue
            taken = c
            self._give(o, c)
            if held + 1 < self.room[c]:
                passed.append((held + 1, c))
        for entry in passed:
            heapq.heappush(heap, entry)
        return taken >= 0

    def _give(self, o: int, c: int) -> None:
        self.seen_by[c].append(o)
        self.coach_of[o] = c

    def place(self, o: int, tried: set[int]) -> bool:
        """Give person o a coach, pushing others on if need be."""
        blocked = self.ix.opt_outs[o].blocked_coaches
        for c, coach in enumerate(self.ix.coaches):
            if c in tried or not self.room[c] or coach in blocked:
                continue
            tried.add(c)
            if len(self.seen_by[c]) < self.room[c] or self._push_on(c, tried):
                self._give(o, c)
                return True
        return False

    def _push_on(self, c: int, tried: set[int]) -> bool:
        for other in list(self.seen_by[c]):
            if self.place(other, tried):
                self.seen_by[c].remove(other)
                return True
        return False


def one_to_one(ix: Indexed, places: Sequence[int] | Places, opt_out_coach: Sequence[int]) -> Mapping[str, str]:
    """Everybody's coach for one-to-one coaching: the group's coach, or the one found for who opted out."""
    found = {person.id: ix.coaches[c] for person, c in zip(ix.opt_outs, opt_out_coach, strict=True) if c >= 0}
    seats = np.asarray(places, dtype=np.int32)
    if not len(ix.coach_of):
        return found
    coach = np.where(seats >= 0, np.array(ix.coach_of, dtype=np.int32)[seats], -1).astype(np.int32)
    if len(coach) > MANY:
        return Seats(ix.members.ids, coach, ix.coaches, found)
    found |= {person: ix.coaches[c] for person, c in zip(ix.members.ids, coach.tolist(), strict=True) if c >= 0}
    return dict(sorted(found.items()))


def broken(ix: Indexed, places: Sequence[int] | Places, opt_out_coach: Sequence[int]) -> tuple[Conflict, ...]:
    """Every hard rule the assignment breaks."""
    seats = np.asarray(places, dtype=np.int32)
    sizes = np.bincount(seats[seats >= 0], minlength=len(ix.groups)).tolist()
    return (
        *_broken_by_people(ix, seats),
        *_broken_by_pairs(ix, seats),
        *_broken_by_sizes(ix, sizes),
        *_broken_by_minutes(ix, sizes, opt_out_coach),
    )


def _broken_by_people(ix: Indexed, places: Places) -> list[Conflict]:
    found = []
    for i in np.flatnonzero((places < 0) | barred(ix, places)).tolist():
        if places[i] < 0:
            found.append(Conflict("unplaced", "unplaced", people=(ix.members.ids[i],)))
        else:
            found += person_rules(ix, i, int(places[i]))
    return found


def barred(ix: Indexed, places: Places) -> npt.NDArray[np.bool_]:
    """For each member whether the coach, the time or the pin speaks against their place."""
    found: npt.NDArray[np.bool_] = (ix.pin_of >= 0) & (places != ix.pin_of) & (places >= 0)
    for column, fits in ((ix.members.slots, ix.has_slot), (ix.members.blocked, ix.has_coach)):
        asked = np.flatnonzero((column.codes >= 0) & (places >= 0))
        if len(asked):
            found[asked] |= _misfits(ix, places, asked, column, fits)
    return found


def _misfits(
    ix: Indexed, places: Places, asked: npt.NDArray[np.int64], column: Column, fits: Callable[[int, int], bool]
) -> npt.NDArray[np.bool_]:
    """For whom of those asked the group does not do; people with the same entry in alike groups are looked at once."""
    alike: dict[object, int] = {}
    sorts = [
        alike.setdefault(group.slots if column is ix.members.slots else c, len(alike))
        for group, c in zip(ix.groups, ix.coach_of, strict=True)
    ]
    keys = column.codes[asked].astype(np.int64) * len(alike) + np.array(sorts, dtype=np.int64)[places[asked]]
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.diff(keys[order], prepend=-1))
    verdicts = [not fits(int(asked[at]), int(places[asked[at]])) for at in order[first].tolist()]
    found = np.zeros(len(asked), dtype=bool)
    found[order] = np.repeat(np.array(verdicts, dtype=bool), np.diff(np.append(first, len(asked))))
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


def _broken_by_pairs(ix: Indexed, places: Places) -> list[Conflict]:
    at = [(i, j, int(places[i]), int(places[j])) for i, j in ix.apart]
    found = [apart_broken(ix, i, j, g) for i, j, g, h in at if g == h >= 0]
    at = [(i, j, int(places[i]), int(places[j])) for i, j in ix.together]
    return found + [together_broken(ix, i, j, g, h) for i, j, g, h in at if g != h and min(g, h) >= 0]


def apart_broken(ix: Indexed, i: int, j: int, g: int) -> Conflict:
    """Two people who must be apart share a group."""
    people = tuple(sorted((ix.members[i].id, ix.members[j].id)))
    return Conflict("apart", "apart_broken", people=people, groups=(ix.groups[g].id,), remedy="drop_pair")


def together_broken(ix: Indexed, i: int, j: int, g: int, h: int) -> Conflict:
    """Two people who must share a group do not."""
    people = tuple(sorted((ix.members[i].id, ix.members[j].id)))
    groups = tuple(sorted((ix.groups[g].id, ix.groups[h].id)))
    return Conflict("together", "together_broken", people=people, groups=groups, remedy="drop_pair")


def _broken_by_sizes(ix: Indexed, sizes: Sequence[int]) -> list[Conflict]:
    found = []
    for g, size in enumerate(sizes):
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


def _broken_by_minutes(ix: Indexed, sizes: Sequence[int], opt_out_coach: Sequence[int]) -> list[Conflict]:
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
