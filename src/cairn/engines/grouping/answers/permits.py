"""Who may sit where while an assignment stands: as arrays for choosing, as conflicts for saying why not.

A move or a swap is permitted when it breaks no rule about the people who move and none about the sizes of their
groups. Rules which others break already are not held against them.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.answers.counts import Counts, Numbers
from cairn.engines.grouping.figures import holds
from cairn.engines.grouping.problem.indexed import Indexed
from cairn.engines.grouping.problem.shapes import Conflict

Flags = npt.NDArray[np.bool_]


class Permits:
    """The rules of a problem against the present places."""

    def __init__(self, ix: Indexed, counts: Counts) -> None:
        self.ix, self.counts = ix, counts
        self.pin = ix.pin_of.astype(np.int64)
        self.coach = np.array(ix.coach_of, dtype=np.int64)
        self.caps, self.minimums = np.array(ix.caps), np.array(ix.minimums)
        self.barred_person, self.barred_coach = _coach_conflicts(ix)
        self.times, self.habit, self.fits = _slots(ix)
        self.apart, self.together = _both_ways(ix.apart), _both_ways(ix.together)
        self._foes, self._friends = _neighbours(ix.apart), _neighbours(ix.together)
        self._spare: tuple[int, list[int | None]] = (-1, [])

    def groups_for(self, i: int) -> Flags:
        """Groups that member `i` may join by pin, coach and slot; of others and of sizes nothing is asked."""
        fine = self.fits[self.habit[i], self.times]
        fine &= ~np.isin(self.coach, self.barred_coach[self.barred_person == i])
        if self.pin[i] >= 0:
            fine &= np.arange(len(self.coach)) == self.pin[i]
        return np.asarray(fine)

    def people_for(self, g: int) -> Flags:
        """Members who may join group `g`, by the same rules."""
        fine = self.fits[self.habit, self.times[g]] & ((self.pin < 0) | (self.pin == g))
        fine[self.barred_person[self.barred_coach == self.coach[g]]] = False
        return np.asarray(fine)

    def friendly_groups(self, i: int) -> Flags:
        """Groups that hold nobody whom member `i` must not meet, and everybody who must be with them."""
        places, wide = self.counts.places, len(self.coach)
        fine: Flags = np.ones(wide, dtype=np.bool_)
        for foe in self._foes.get(i, ()):
            if places[foe] >= 0:
                fine[places[foe]] = False
        for friend in self._friends.get(i, ()):
            if places[friend] >= 0:
                fine &= np.arange(wide) == places[friend]
        return fine

    def swap_partners(self, i: int) -> Flags:
        """Members with whom seated member `i` may trade places."""
        places, g = self.counts.places, int(self.counts.places[i])
        fine: Flags = self.people_for(g) & (places >= 0) & (places != g)
        fine &= self.groups_for(i)[places]
        self._heed_own_pairs(i, fine)
        mine, theirs = self.apart
        fine[mine[(places[theirs] == g) & (theirs != i)]] = False
        mine, theirs = self.together
        fine[mine[(places[theirs] >= 0) & ((places[theirs] != g) | (theirs == i))]] = False
        return fine

    def _heed_own_pairs(self, i: int, fine: Flags) -> None:
        places = self.counts.places
        foes = [j for j in self._foes.get(i, ()) if places[j] >= 0]
        if foes:
            met = np.bincount(places[foes], minlength=len(self.coach))[places]
            met[foes] -= 1
            fine &= met == 0
        for friend in self._friends.get(i, ()):
            if places[friend] >= 0:
                fine &= places == places[friend]
                fine[friend] = False

    def reasons(self, moves: Mapping[int, int]) -> tuple[Conflict, ...]:
        """Rules about the people who move which their new places would break, those on sizes included."""
        ix, places, found = self.ix, self.counts.places, []
        for i, g in moves.items():
            found += holds.person_rules(ix, i, g)
            for j in self._foes.get(i, ()):
                if moves.get(j, int(places[j])) == g:
                    found.append(holds.apart_broken(ix, i, j, g))
            for j in self._friends.get(i, ()):
                other = moves.get(j, int(places[j]))
                if other >= 0 and other != g:
                    found.append(holds.together_broken(ix, i, j, g, other))
        if len(moves) == 1:
            found += self._size_reasons(*next(iter(moves.items())))
        return tuple(found)

    def _size_reasons(self, i: int, g: int) -> list[Conflict]:
        ix, old, size, found = self.ix, int(self.counts.places[i]), self.counts.size, []
        if size[g] + 1 > self.caps[g]:
            found.append(holds.over_cap(ix, g, int(size[g]) + 1))
        if old >= 0 and size[old] - 1 < self.minimums[old]:
            found.append(holds.under_minimum(ix, old, int(size[old]) - 1))
        c = int(self.coach[g])
        if (old < 0 or c != self.coach[old]) and ix.minutes[c] is not None and ix.problem.minutes_per_person:
            left = self.spare()[c]
            after = None if left is None else left - ix.problem.minutes_per_person
            lacking = self._opt_outs_lost(old, g)
            if after is not None and after < 0:
                found.append(holds.over_minutes(ix, c, after))
            elif lacking:
                found.append(Conflict("opt_out", "opt_out_without_coach", people=lacking, remedy="more_minutes"))
        return found

    def spare(self) -> list[int | None]:
        """Minutes each coach has left for people who opted out."""
        if self._spare[0] != self.counts.version:
            self._spare = self.counts.version, holds.spare_minutes(self.ix, self.counts.size.tolist())
        return self._spare[1]

    def _opt_outs_lost(self, old: int, new: int) -> tuple[str, ...]:
        """People who opted out, have a coach now and would have none after somebody's move between these groups."""
        if not self.ix.opt_outs:
            return ()
        sizes = self.counts.size.tolist()
        now = holds.match_opt_outs(self.ix, holds.spare_minutes(self.ix, sizes))
        if old >= 0:
            sizes[old] -= 1
        sizes[new] += 1
        then = holds.match_opt_outs(self.ix, holds.spare_minutes(self.ix, sizes))
        if sum(c < 0 for c in then) <= sum(c < 0 for c in now):
            return ()
        return tuple(person.id for person, c in zip(self.ix.opt_outs, then, strict=True) if c < 0)


def _coach_conflicts(ix: Indexed) -> tuple[Numbers, Numbers]:
    """Conflicts as two arrays: a member's position, and that of a coach they must not have.

    Whoever must not have any coach is also in conflict with -1, a coach still to be chosen.
    """
    blocked, everybody, found = ix.members.blocked, set(ix.coaches), []
    for i in np.flatnonzero(blocked.codes >= 0).tolist():
        mine = blocked[i]
        found += [(i, ix.coach_at[coach]) for coach in mine if coach in ix.coach_at]
        found += [(i, -1)] if everybody <= mine else []
    pairs = np.array(sorted(found), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _slots(ix: Indexed) -> tuple[Numbers, Numbers, Flags]:
    """Each group's times, each member's habit (who can come to the same slots shares one), and habit against times.

    Groups with the same times share a number. One time that suits is enough; to no times everybody can come, and the
    last habit is that of people who can always come.
    """
    kinds: dict[tuple[str, ...], int] = {}
    times = np.array([kinds.setdefault(group.slots, len(kinds)) for group in ix.groups], dtype=np.int64)
    column = ix.members.slots
    fits = np.ones((len(column.labels) + 1, len(kinds)), dtype=np.bool_)
    for h, slots in enumerate(column.labels):
        fits[h] = [not kind or not slots.isdisjoint(kind) for kind in kinds]
    return times, column.codes.astype(np.int64), fits


def _both_ways(pairs: tuple[tuple[int, int], ...] | Numbers) -> tuple[Numbers, Numbers]:
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return np.concatenate([table[:, 0], table[:, 1]]), np.concatenate([table[:, 1], table[:, 0]])


def _neighbours(pairs: tuple[tuple[int, int], ...] | Numbers) -> dict[int, tuple[int, ...]]:
    near: dict[int, set[int]] = {}
    for i, j in pairs:
        near.setdefault(int(i), set()).add(int(j))
        near.setdefault(int(j), set()).add(int(i))
    return {i: tuple(sorted(others)) for i, others in near.items()}
