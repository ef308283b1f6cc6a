# ruff: noqa: PLR0917  rows come one by one, for the reason given in kernel.py
"""The inner loop of the search: swaps priced by counts alone, in whole numbers.

Every function here is plain Python on flat rows of numbers, written so that numba can compile it as it stands: small
problems run it as it is (on lists, without waiting for a compiler), large ones compiled (on arrays, see
`compiled.py`). Only whole numbers below 2^63 occur, so both ways give the same answer to the last bit. Functions take
the rows they need one by one, since a compiled call that hands over a bundle of fifty costs more than what it does.
The rows and the names of their fields are in `boards.py`.

What a swap changes is five numbers: D (times n), broken rules, people who are alone of a value, pairs who meet again,
and people without a style they would like. A walk accepts by their priced sum, in the manner of simulated annealing
(Kirkpatrick and others 1983) with the threshold drawn first, so that most swaps are refused before rules are looked
at. It starts from groups in which something is amiss, as WalkSAT does (Selman and others 1994), because a count that
is already its share rounded down or up can only get worse.
"""

from cairn.engines.grouping.figures.fields import (
    APART,
    ATTRIBUTES,
    BAR_COACH,
    BAR_START,
    BEST,
    COACHES,
    G_BLOCK,
    G_CAP,
    G_COACH,
    G_KIND,
    G_LEAST,
    G_SIZE,
    G_SLOT,
    G_SORE,
    GROUP,
    HEAD,
    HEAD_START,
    MISSING,
    NEAR,
    NEAR_START,
    P_BARS,
    P_SLOTS,
    P_STYLES,
    PEOPLE,
    PERSON,
    RANKING,
    SLOT_OPEN,
    SLOTS,
    TOGETHER,
    TOTALS,
    VALUES,
    WIDEST,
    Row,
)

MASK = 0xFFFFFFFF
CHOICE = 16


def roll(state: int) -> int:
    """The next of a row of pseudo-random 32-bit numbers (xorshift, Marsaglia 2003); never 0."""
    state ^= (state << 13) & MASK
    state ^= state >> 17
    state ^= (state << 5) & MASK
    return state


def barred(law: Row, person: Row, group: Row, i: int, g: int) -> int:
    """1 when the time or the coach of group g is out of the question for person i."""
    slot = group[g * GROUP + G_SLOT]
    if slot >= 0 and law[law[SLOT_OPEN] + person[i * PERSON + P_SLOTS] * law[SLOTS] + slot] == 0:
        return 1
    start = law[BAR_START] + person[i * PERSON + P_BARS]
    for k in range(law[start], law[start + 1]):
        if law[law[BAR_COACH] + k] == group[g * GROUP + G_COACH]:
            return 1
    return 0


def unstyled(law: Row, person: Row, group: Row, i: int, g: int) -> int:
    """1 when the coach of group g has none of the styles that person i would like."""
    return int(law[law[MISSING] + person[i * PERSON + P_STYLES] * law[COACHES] + group[g * GROUP + G_COACH]])


def mixing(meta: Row, cells: Row, counts: Row, value: Row, i: int, g: int, j: int, h: int, wider: int) -> int:
    """Change of n*D when i of g and j of h trade places; h is larger than g by `wider`."""
    near, far, values, attributes = 0, 0, meta[VALUES], meta[ATTRIBUTES]
    for a in range(attributes):
        u, v = cells[i * attributes + a], cells[j * attributes + a]
        # Reckoned also where both have the same value, and then left out: a branch here costs more than the sum.
        apart = 1 if u != v else 0
        moved = value[3 * u] * (counts[h * values + u] - counts[g * values + u] + 1)
        moved += value[3 * v] * (counts[g * values + v] - counts[h * values + v] + 1)
        near += apart * moved
        far += value[3 * u + 1] - value[3 * v + 1]
    return int(2 * (meta[PEOPLE] * near - wider * far))


def lonelier(meta: Row, cells: Row, counts: Row, value: Row, i: int, g: int, j: int, h: int) -> int:
    """How many more people are alone of a value when i goes from g to h and j (if not -1) comes the other way."""
    more, values, attributes = 0, meta[VALUES], meta[ATTRIBUTES]
    for a in range(attributes):
        u = cells[i * attributes + a]
        v = cells[j * attributes + a] if j >= 0 else -1
        if u != v:
            if value[3 * u + 2]:
                more += one(counts[g * values + u] - 1, counts[g * values + u])
                more += one(counts[h * values + u] + 1, counts[h * values + u])
            if v >= 0 and value[3 * v + 2]:
                more += one(counts[g * values + v] + 1, counts[g * values + v])
                more += one(counts[h * values + v] - 1, counts[h * values + v])
    return more


def one(after: int, before: int) -> int:
    """1 when a count becomes one, -1 when it ceases to be."""
    return (1 if after == 1 else 0) - (1 if before == 1 else 0)


def tipping(meta: Row, cells: Row, counts: Row, value: Row, i: int, g: int, h: int) -> int:
    """Change of n*D when i goes from g to h, which has one person less: the sizes trade places."""
    step, values, attributes = 0, meta[VALUES], meta[ATTRIBUTES]
    for v in range(values):
        step -= 2 * value[3 * v + 1] * (counts[h * values + v] - counts[g * values + v])
    for a in range(attributes):
        v = cells[i * attributes + a]
        step += 2 * meta[PEOPLE] * value[3 * v] * (counts[h * values + v] - counts[g * values + v] + 1)
        step -= 2 * value[3 * v + 1]
    return step


def may_tip(group: Row, left: Row, g: int, h: int) -> bool:
    """Whether g may lose a person to h, one smaller."""
    size = group[g * GROUP + G_SIZE]
    if group[h * GROUP + G_SIZE] != size - 1 or size > group[h * GROUP + G_CAP] or size <= group[g * GROUP + G_LEAST]:
        return False
    mine, theirs = group[g * GROUP + G_COACH], group[h * GROUP + G_COACH]
    return bool(mine == theirs or left[theirs] > 0)


def pairing(law: Row, place: Row, i: int, g: int, h: int, other: int) -> tuple[int, int]:
    """Change of broken pairs and of pairs met again when i goes from g to h while `other` comes the other way."""
    broken, met = 0, 0
    start = law[NEAR_START] + i
    for k in range(law[start], law[start + 1]):
        mate, kind = law[law[NEAR] + 2 * k], law[law[NEAR] + 2 * k + 1]
        if mate == other:
            continue
        joins = (1 if place[mate] == h else 0) - (1 if place[mate] == g else 0)
        if kind == APART:
            broken += joins
        elif kind == TOGETHER:
            broken -= joins
        else:
            met += joins
    return broken, met


def recount(meta: Row, cells: Row, counts: Row, i: int, g: int, h: int) -> None:
    """Take person i out of the counts of g and into those of h."""
    values, attributes = meta[VALUES], meta[ATTRIBUTES]
    for a in range(attributes):
        v = cells[i * attributes + a]
        counts[g * values + v] -= 1
        counts[h * values + v] += 1


def trade(meta: Row, place: Row, spot: Row, seat: Row, i: int, g: int, j: int, h: int) -> None:
    """Let i of g and j of h trade seats."""
    at, to = spot[i], spot[j]
    seat[g * meta[WIDEST] + at] = j
    seat[h * meta[WIDEST] + to] = i
    spot[i] = to
    spot[j] = at
    place[i] = h
    place[j] = g


def shift(meta: Row, place: Row, spot: Row, seat: Row, group: Row, left: Row, i: int, g: int, h: int) -> None:
    """Move i from g to h, one smaller; the two trade their sizes."""
    widest, size = meta[WIDEST], group[g * GROUP + G_SIZE]
    mover, at = seat[g * widest + size - 1], spot[i]
    seat[g * widest + at] = mover
    spot[mover] = at
    seat[h * widest + size - 1] = i
    spot[i] = size - 1
    place[i] = h
    group[g * GROUP + G_SIZE] = size - 1
    group[h * GROUP + G_SIZE] = size
    kind = group[g * GROUP + G_KIND]
    group[g * GROUP + G_KIND] = group[h * GROUP + G_KIND]
    group[h * GROUP + G_KIND] = kind
    left[group[g * GROUP + G_COACH]] += 1
    left[group[h * GROUP + G_COACH]] -= 1


def excess(meta: Row, counts: Row, value: Row, limit: Row, group: Row, g: int) -> int:
    """How many cells of group g could be better."""
    amiss, values = 0, meta[VALUES]
    kind = group[g * GROUP + G_KIND] * values
    for v in range(values):
        count = counts[g * values + v]
        if count < limit[2 * (kind + v)] or count > limit[2 * (kind + v) + 1] or (count == 1 and value[3 * v + 2]):
            amiss += 1
    return amiss


def excused(meta: Row, counts: Row, limit: Row, group: Row, seat: Row, law: Row, g: int) -> int:
    """How many cells of group g have more than they should only because people who stay together share a value.

    Such a group of people is entered with one of them, its head, by cell and how many of them have it.
    """
    found, kind = 0, group[g * GROUP + G_KIND] * meta[VALUES]
    for at in range(group[g * GROUP + G_SIZE]):
        start = law[HEAD_START] + seat[g * meta[WIDEST] + at]
        for k in range(law[start], law[start + 1]):
            cell, many = law[law[HEAD] + 2 * k], law[law[HEAD] + 2 * k + 1]
            if counts[g * meta[VALUES] + cell] == many and many > limit[2 * (kind + cell) + 1]:
                found += 1
    return found


def complaints(meta: Row, law: Row, person: Row, group: Row, place: Row, seat: Row, g: int) -> int:
    """People of group g against whom a rule or a wish does not hold, and their pairs of which that is true."""
    found = 0
    for at in range(group[g * GROUP + G_SIZE]):
        i = seat[g * meta[WIDEST] + at]
        found += barred(law, person, group, i, g) + unstyled(law, person, group, i, g)
        start = law[NEAR_START] + i
        for k in range(law[start], law[start + 1]):
            here = place[law[law[NEAR] + 2 * k]] == g
            if here != (law[law[NEAR] + 2 * k + 1] == TOGETHER):
                found += 1
    return found


def note(group: Row, sore: Row, blocks: Row, g: int, amiss: int) -> None:
    """Keep the list of groups in which something is amiss: `sore` from the block's start, G_SORE the way back."""
    at = group[g * GROUP + G_SORE]
    if (amiss > 0) == (at >= 0):
        return
    block = group[g * GROUP + G_BLOCK]
    start, count = blocks[4 * block], blocks[4 * block + 1]
    if amiss > 0:
        sore[start + count] = g
        group[g * GROUP + G_SORE] = count
        blocks[4 * block + 1] = count + 1
    else:
        last = sore[start + count - 1]
        sore[start + at] = last
        group[last * GROUP + G_SORE] = at
        group[g * GROUP + G_SORE] = -1
        blocks[4 * block + 1] = count - 1


def tell(meta: Row, place: Row, best_place: Row) -> None:
    """Keep a copy of the places when the running totals are the best so far."""
    for at in range(5):
        k = meta[RANKING + at]
        if meta[TOTALS + k] != meta[BEST + k]:
            if meta[TOTALS + k] < meta[BEST + k]:
                for m in range(5):
                    meta[BEST + m] = meta[TOTALS + m]
                for i in range(len(place)):
                    best_place[i] = place[i]
            return


def deal(
    meta: Row,
    cells: Row,
    counts: Row,
    value: Row,
    place: Row,
    spot: Row,
    seat: Row,
    person: Row,
    group: Row,
    law: Row,
    units: Row,
    queue: Row,
    room: Row,
    rooms: Row,
    tries: int,
) -> int:
    """Seat units of people (unit u is queue[units[u]:units[u + 1]]) one after the other, each in an open group.

    `rooms` lists the groups in dealing order, `room` how many seats are free in each group. Of the next `tries` groups
    a unit looks at the first few that have room for it and break no rule, and takes the one with fewest people like
    them. Returns how many people are left without a place.
    """
    at, count, left = 0, len(rooms), 0
    for u in range(len(units) - 1):
        first, last = units[u], units[u + 1]
        chosen, fits, looked, least = -1, -1, 0, 0
        for t in range(min(count, tries)):
            k = (at + t) % count
            if room[rooms[k]] >= last - first:
                if fits < 0:
                    fits = k
                if welcome(law, person, group, place, queue, first, last, rooms[k]):
                    looked += 1
                    crowd = crowding(meta, cells, counts, value, queue, first, last, rooms[k])
                    if chosen < 0 or crowd < least:
                        chosen, least = k, crowd
                    if looked == CHOICE or least == 0:
                        break
        if chosen < 0:
            chosen = fits
        if chosen < 0:
            left += last - first
            continue
        g = rooms[chosen]
        for m in range(first, last):
            sit(meta, cells, counts, place, spot, seat, group, queue[m], g)
        room[g] -= last - first
        at += 1
        if room[g] == 0:
            count -= 1
            rooms[chosen] = rooms[count]
    return left


def crowding(meta: Row, cells: Row, counts: Row, value: Row, queue: Row, first: int, last: int, g: int) -> int:
    """How many in group g have values of these people, weighted."""
    found, attributes = 0, meta[ATTRIBUTES]
    for m in range(first, last):
        for a in range(attributes):
            v = cells[queue[m] * attributes + a]
            found += value[3 * v] * counts[g * meta[VALUES] + v]
    return found


def welcome(law: Row, person: Row, group: Row, place: Row, queue: Row, first: int, last: int, g: int) -> bool:
    """Whether no rule about single people or pairs apart speaks against these people in g."""
    for m in range(first, last):
        i = queue[m]
        if barred(law, person, group, i, g):
            return False
        start = law[NEAR_START] + i
        for k in range(law[start], law[start + 1]):
            if law[law[NEAR] + 2 * k + 1] == APART and place[law[law[NEAR] + 2 * k]] == g:
                return False
    return True


def sit(meta: Row, cells: Row, counts: Row, place: Row, spot: Row, seat: Row, group: Row, i: int, g: int) -> None:
    """Give person i, who has no place yet, one in g."""
    for a in range(meta[ATTRIBUTES]):
        counts[g * meta[VALUES] + cells[i * meta[ATTRIBUTES] + a]] += 1
    size = group[g * GROUP + G_SIZE]
    place[i] = g
    seat[g * meta[WIDEST] + size] = i
    spot[i] = size
    group[g * GROUP + G_SIZE] = size + 1
