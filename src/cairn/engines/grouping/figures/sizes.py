"""Group sizes as even as cap, minimum, pins and coaches' minutes allow."""

import heapq

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.indexed import Indexed

PLENTY = 2**60


def coach_seats(ix: Indexed) -> list[int]:
    """How many people each coach can take in all their groups together, by their minutes; may be below 0."""
    problem, seats = ix.problem, []
    groups = np.bincount(np.array([c for c in ix.coach_of if c >= 0], dtype=np.int64), minlength=len(ix.coaches))
    for held, minutes in zip(groups.tolist(), ix.minutes, strict=True):
        left = PLENTY if minutes is None else minutes - held * problem.minutes_per_group
        if minutes is None or (problem.minutes_per_person == 0 and left >= 0):
            seats.append(PLENTY)
        else:
            seats.append(left // max(1, problem.minutes_per_person))
    return seats


def even_sizes(ix: Indexed) -> list[int] | None:
    """Sizes for all members, as even as can be; None when filling up gets stuck."""
    count, wide = len(ix.members), len(ix.groups)
    pinned = np.bincount(ix.pin_of[ix.pin_of >= 0], minlength=wide)
    least = np.maximum(np.array(ix.minimums, dtype=np.int64), pinned)
    caps = np.array(ix.caps, dtype=np.int64)
    seats, coach_of = np.array(coach_seats(ix), dtype=np.int64), np.array(ix.coach_of, dtype=np.int64)
    if int(least.sum()) > count:
        return None
    level = _level(count, least, caps, seats, coach_of)
    sizes = np.maximum(least, np.minimum(level, caps))
    seats = seats - np.bincount(coach_of, sizes, minlength=len(seats)).astype(np.int64)
    return _top_up(count - int(sizes.sum()), sizes.tolist(), caps.tolist(), seats.tolist(), ix.coach_of)


def _level(
    count: int,
    least: npt.NDArray[np.int64],
    caps: npt.NDArray[np.int64],
    seats: npt.NDArray[np.int64],
    coach_of: npt.NDArray[np.int64],
) -> int:
    """The highest level to which all groups can be filled at once."""
    low, high = 0, count + 1
    while high - low > 1:
        middle = (low + high) // 2
        sizes = np.maximum(least, np.minimum(middle, caps))
        held = np.bincount(coach_of, sizes, minlength=len(seats))
        if int(sizes.sum()) <= count and bool((held <= seats).all()):
            low = middle
        else:
            high = middle
    return low


def _top_up(
    left: int, sizes: list[int], caps: list[int], seats: list[int], coach_of: tuple[int, ...]
) -> list[int] | None:
    """Seat the rest one by one: in the smallest group, of these in that of the coach with most seats left."""
    heap = [(size, -seats[coach_of[g]], g) for g, size in enumerate(sizes) if size < caps[g]]
    heapq.heapify(heap)
    while left and heap:
        _, _, g = heapq.heappop(heap)
        if seats[coach_of[g]] > 0:
            sizes[g] += 1
            seats[coach_of[g]] -= 1
            left -= 1
            if sizes[g] < caps[g]:
                heapq.heappush(heap, (sizes[g], -seats[coach_of[g]], g))
    return None if left else sizes
