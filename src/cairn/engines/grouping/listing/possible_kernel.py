# ruff: noqa: PLR0917  arrays come one by one: a compiled call takes no objects
"""The inner loops of listing possible groups, compiled. Masks are rows of 64-bit words, one bit for each person.

A row of `excess` gives the price of every count of one value in the group; the last row is the group's size. The
listing goes depth first: one person at a time is in or out, and after each decision whatever must follow does, until
no row can go further over the budget. See `possible` for what is listed and why, and for the compiler.
"""

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

NEVER = 2**45


def bits(word: np.uint64) -> int:
    """How many bits of a 64-bit word are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


def common(left: Words, right: Words) -> int:
    """How many bits two masks share."""
    found = 0
    for word in range(left.shape[0]):
        both = left[word] & right[word]
        if both != 0:
            found += bits(both)
    return found


def has(mask: Words, i: int) -> bool:
    return bool((mask[i >> 6] >> np.uint64(i & 63)) & np.uint64(1))


def take(mask: Words, i: int) -> None:
    mask[i >> 6] &= ~(np.uint64(1) << np.uint64(i & 63))


def put(mask: Words, i: int) -> None:
    mask[i >> 6] |= np.uint64(1) << np.uint64(i & 63)


def seat(chosen: Words, open_to: Words, counts: Numbers, i: int, rows_of: Numbers, foes: Words) -> None:
    """Put person i in; whoever must not meet them is out."""
    put(chosen, i)
    take(open_to, i)
    for k in range(rows_of.shape[1]):
        if rows_of[i, k] >= 0:
            counts[rows_of[i, k]] += 1
    for word in range(foes.shape[1]):
        open_to[word] &= ~foes[i, word]


def narrow(  # noqa: PLR0912  the one hot loop; split up, the compiler makes it slower
    chosen: Words,
    open_to: Words,
    counts: Numbers,
    rows_of: Numbers,
    holders: Words,
    excess: Numbers,
    foes: Words,
    budget: Numbers,
) -> tuple[bool, int]:
    """Follow what must be. Returns whether it is possible, and the row to branch on (-1 when all is settled)."""
    rows, people, tables = holders.shape[0], rows_of.shape[0], excess.shape[0]
    left = np.empty(rows, np.int64)
    least = np.empty((tables, rows), np.int64)
    spent = np.empty(tables, np.int64)
    while True:
        again = False
        spent[:] = 0
        for r in range(rows):
            left[r] = common(open_to, holders[r])
            for t in range(tables):
                best = NEVER * 4
                for count in range(counts[r], counts[r] + left[r] + 1):
                    if excess[t, r, count] > best:
                        break
                    best = excess[t, r, count]
                least[t, r] = best
                spent[t] += best
                if spent[t] > budget[t]:
                    return False, -1
        branch, tightest = -1, 2**62
        for r in range(rows):
            if again:
                left[r] = common(open_to, holders[r])
            if left[r] == 0:
                continue
            low, high = counts[r], counts[r] + left[r]
            for t in range(tables):
                room = budget[t] - spent[t] + least[t, r]
                while low <= high and excess[t, r, low] > room:
                    low += 1
                while high >= low and excess[t, r, high] > room:
                    high -= 1
            if low > high:
                return False, -1
            if high == counts[r]:
                for word in range(open_to.shape[0]):
                    open_to[word] &= ~holders[r, word]
                again = True
            elif low == counts[r] + left[r]:
                for i in range(people):
                    if has(holders[r], i) and has(open_to, i):
                        seat(chosen, open_to, counts, i, rows_of, foes)
                again = True
            else:
                need = low - counts[r]
                if need > 0 and (left[r] - need) * 4 + need < tightest:
                    tightest, branch = (left[r] - need) * 4 + need, r
        if again:
            continue
        for r in range(rows):
            if branch < 0 and left[r] > 0:
                branch = r
        return True, branch


def list_all(
    start: Words,
    rows_of: Numbers,
    holders: Words,
    excess: Numbers,
    foes: Words,
    budget: Numbers,
    most_nodes: int,
    found: Words,
    cost: Numbers,
) -> tuple[int, int]:
    """Depth-first: in or out for one person at a time. Returns (number found or -1 when cut short, nodes)."""
    words, rows = start.shape[0], holders.shape[0]
    deep = rows_of.shape[0] + 2
    chosen_at = np.zeros((deep, words), np.uint64)
    open_at = np.zeros((deep, words), np.uint64)
    counts_at = np.zeros((deep, rows), np.int64)
    open_at[0] = start
    top, nodes, have = 0, 0, 0
    chosen, open_to, counts = chosen_at[0].copy(), open_at[0].copy(), counts_at[0].copy()
    while top >= 0:
        chosen[:], open_to[:], counts[:] = chosen_at[top], open_at[top], counts_at[top]
        top -= 1
        nodes += 1
        if nodes > most_nodes:
            return -1, nodes
        possible, row = narrow(chosen, open_to, counts, rows_of, holders, excess, foes, budget)
        if not possible:
            continue
        if row < 0:
            if have >= found.shape[0]:
                return -1, nodes
            total = 0
            for r in range(rows):
                total += excess[0, r, counts[r]]
            found[have], cost[have] = chosen, total
            have += 1
            continue
        pick = 0
        while not (has(holders[row], pick) and has(open_to, pick)):
            pick += 1
        take(open_to, pick)
        top += 1
        chosen_at[top], open_at[top], counts_at[top] = chosen, open_to, counts
        put(open_to, pick)
        top += 1
        chosen_at[top], open_at[top], counts_at[top] = chosen, open_to, counts
        seat(chosen_at[top], open_at[top], counts_at[top], pick, rows_of, foes)
    return have, nodes
