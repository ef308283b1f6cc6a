# ruff: noqa: PLR0917  arrays come one by one: a compiled call takes no objects
"""The inner loop of long annealing at one temperature, compiled; see `annealing`."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


def draw(state: Numbers) -> int:
    """The next number below 2^62, by xorshift (Marsaglia 2003); the state is changed."""
    x = state[0]
    x ^= (x << 13) & 0x3FFFFFFFFFFFFFFF
    x ^= x >> 7
    x ^= (x << 17) & 0x3FFFFFFFFFFFFFFF
    state[0] = x
    return int(x)


def change(i: int, j: int, places: Numbers, rows_of: Numbers, counts: Numbers, weight: Numbers, sizes: Numbers) -> int:
    """Half the change of n*D by swapping two people, from the counts of their groups; the size row has weight 0."""
    g, h, found, n = places[i], places[j], 0, sizes[-1]
    for k in range(rows_of.shape[1]):
        mine, theirs = rows_of[i, k], rows_of[j, k]
        if mine == theirs:
            continue
        if mine >= 0:
            total = counts[mine, -1]
            found += weight[mine] * (n * (counts[mine, h] - counts[mine, g] + 1) - total * (sizes[h] - sizes[g]))
        if theirs >= 0:
            total = counts[theirs, -1]
            found += weight[theirs] * (n * (counts[theirs, g] - counts[theirs, h] + 1) - total * (sizes[g] - sizes[h]))
    return found


def may(i: int, h: int, other: int, places: Numbers, allowed: Numbers, foes: Numbers) -> bool:
    """Whether person i may sit in group h once `other` has left it."""
    if not allowed[i, h]:
        return False
    for k in range(foes.shape[1]):
        foe = foes[i, k]
        if foe >= 0 and foe != other and places[foe] == h:
            return False
    return True


def anneal(
    places: Numbers,
    best: Numbers,
    free: Numbers,
    rows_of: Numbers,
    counts: Numbers,
    weight: Numbers,
    sizes: Numbers,
    allowed: Numbers,
    foes: Numbers,
    thresholds: Numbers,
    state: Numbers,
    over: int,
    tries: int,
) -> int:
    """So many swaps drawn by lot, taken when their price is below a threshold drawn too. Returns the least met.

    `over` and what is returned are half of n*D above the bound; `best` gets the places of the least.
    """
    least = over
    for _ in range(tries):
        i, j = free[draw(state) % free.shape[0]], free[draw(state) % free.shape[0]]
        g, h = places[i], places[j]
        if g == h:
            continue
        price = change(i, j, places, rows_of, counts, weight, sizes)
        if price > thresholds[draw(state) % thresholds.shape[0]]:
            continue
        if not (may(i, h, j, places, allowed, foes) and may(j, g, i, places, allowed, foes)):
            continue
        for k in range(rows_of.shape[1]):
            mine, theirs = rows_of[i, k], rows_of[j, k]
            if mine >= 0:
                counts[mine, g] -= 1
                counts[mine, h] += 1
            if theirs >= 0:
                counts[theirs, h] -= 1
                counts[theirs, g] += 1
        places[i], places[j] = h, g
        over += price
        if over < least:
            least = over
            best[:] = places
            if least <= 0:
                break
    return least
