"""Long answers that are made item by item when read, so that a million people need no million objects."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

import numpy as np
import numpy.typing as npt

Item = TypeVar("Item")


class Lazily(Sequence[Item]):
    """A sequence whose items are made when asked for; equal to any sequence of equal items."""

    def __init__(self, count: int, make: Callable[[int], Item]) -> None:
        self._count, self._make = count, make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, at: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(at, slice):
            return tuple(self._make(i) for i in range(*at.indices(self._count)))
        if not -self._count <= at < self._count:
            raise IndexError(at)
        return self._make(at % self._count)

    def __iter__(self) -> Iterator[Item]:
        return (self._make(i) for i in range(self._count))

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Sequence) and len(other) == self._count
        return same and all(mine == theirs for mine, theirs in zip(self, other, strict=True))  # type: ignore[call-overload]

    def __hash__(self) -> int:
        return hash(self._count)


class Seats(Mapping[str, str]):
    """Person to label (of a group, of a coach), read from arrays; `ids` are sorted, -1 is no label."""

    def __init__(
        self, ids: Sequence[str], places: npt.NDArray[np.int32], labels: Sequence[str], more: Mapping[str, str]
    ) -> None:
        self._ids, self._places, self._labels, self._more = ids, places, labels, dict(more)
        self._count = int((places >= 0).sum()) + len(self._more)

    def __getitem__(self, person: str) -> str:
        if person in self._more:
            return self._more[person]
        at = bisect_left(self._ids, person) if isinstance(person, str) else len(self._ids)
        if at == len(self._ids) or self._ids[at] != person or self._places[at] < 0:
            raise KeyError(person)
        return self._labels[int(self._places[at])]

    def __iter__(self) -> Iterator[str]:
        yield from (person for person, g in zip(self._ids, self._places.tolist(), strict=True) if g >= 0)
        yield from self._more

    def __len__(self) -> int:
        return self._count

    def arrays(self) -> tuple[Sequence[str], npt.NDArray[np.int32], Sequence[str], Mapping[str, str]]:
        """Ids, the position of each one's label, the labels, and entries besides: for reading a million at once."""
        return self._ids, self._places, self._labels, self._more
