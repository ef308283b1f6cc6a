"""People by columns: what a million of them need is a few arrays, not a million objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast, overload

import numpy as np
import numpy.typing as npt

from cairn.engines.grouping.problem.shapes import BadProblem, Person

Codes = npt.NDArray[np.int32]

Cells = Sequence[Any] | None


@dataclass(frozen=True, eq=False)
class Column:
    """One entry per person: a position among `labels`, or -1 for none."""

    codes: Codes
    labels: tuple[Any, ...]

    @classmethod
    def of(cls, cells: Cells, count: int, name: str, none: Any = None) -> Column:
        """A column of hashable entries. `none` stands for no entry besides None. Raises BadProblem."""
        if cells is None:
            return cls(np.full(count, -1, dtype=np.int32), ())
        if len(cells) != count:
            raise BadProblem("bad_column", key=name)
        try:
            labels = dict.fromkeys(cells)
        except TypeError:
            raise BadProblem("bad_column", key=name) from None
        labels.pop(None, None)
        labels.pop(none, None)
        at: dict[Any, int] = {label: code for code, label in enumerate(labels)}
        at[None] = at[none] = -1
        return cls(np.fromiter(map(at.__getitem__, cells), dtype=np.int32, count=count), tuple(labels))

    def __getitem__(self, i: int) -> Any:
        code = int(self.codes[i])
        return None if code < 0 else self.labels[code]

    def take(self, order: npt.NDArray[np.int64]) -> Column:
        """The column for these people in this order, with the same labels."""
        return Column(self.codes[order], self.labels)


@dataclass(frozen=True, eq=False)
class People(Sequence[Person]):
    """Many people as columns; reads as a sequence of Person, each made when asked for."""

    ids: Sequence[str]
    values: Mapping[str, Column]
    opted_out: npt.NDArray[np.bool_]
    blocked: Column
    pinned: Column
    slots: Column
    styles: Column
    wishes: Column

    @classmethod
    def from_columns(
        cls,
        ids: Sequence[str],
        *,
        values: Mapping[str, Cells] | None = None,
        opted_out: Cells = None,
        blocked_coaches: Cells = None,
        pinned: Cells = None,
        slots: Cells = None,
        styles: Cells = None,
        wishes: Cells = None,
    ) -> People:
        """People from equally long sequences, each as the field of Person of that name; None leaves one out.

        `values` holds one sequence of texts (None: not said) for each attribute. Entries of `blocked_coaches`, `slots`
        and `styles` are frozensets, best shared between people who have the same. Raises BadProblem when lengths
        differ.
        """
        count = len(ids)
        if opted_out is not None and len(opted_out) != count:
            raise BadProblem("bad_column", key="opted_out")
        out = np.zeros(count, dtype=bool) if opted_out is None else np.fromiter(map(bool, opted_out), bool, count)
        return cls(
            ids=ids,
            values={key: Column.of(cells, count, key) for key, cells in (values or {}).items()},
            opted_out=out,
            blocked=Column.of(blocked_coaches, count, "blocked_coaches", frozenset()),
            pinned=Column.of(pinned, count, "pinned"),
            slots=Column.of(slots, count, "slots"),
            styles=Column.of(styles, count, "styles", frozenset()),
            wishes=Column.of(wishes, count, "wishes", ()),
        )

    @classmethod
    def of(cls, people: Sequence[Person], keys: Sequence[str]) -> People:
        """The same people as columns, with the values of these attributes."""
        if isinstance(people, People):
            return people

        def column(entry: Callable[[Person], Any], none: Any = None) -> Cells:
            found = [entry(person) for person in people]
            return found if any(x is not None and x != none for x in found) else None

        said = [person.values for person in people]
        return cls.from_columns(
            [person.id for person in people],
            values={key: [one.get(key) for one in said] for key in keys},
            opted_out=[person.opted_out for person in people],
            blocked_coaches=column(lambda person: person.blocked_coaches, frozenset()),
            pinned=column(lambda person: person.pinned_group),
            slots=column(lambda person: person.slots),
            styles=column(lambda person: person.styles, frozenset()),
            wishes=column(lambda person: person.wishes, ()),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Person: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Person, ...]: ...
    def __getitem__(self, at: int | slice) -> Person | tuple[Person, ...]:
        if isinstance(at, slice):
            return tuple(self[i] for i in range(*at.indices(len(self.ids))))
        return Person(
            id=self.ids[at],
            values={key: column[at] for key, column in self.values.items()},
            opted_out=bool(self.opted_out[at]),
            blocked_coaches=self.blocked[at] or frozenset(),
            pinned_group=self.pinned[at],
            slots=self.slots[at],
            styles=self.styles[at] or frozenset(),
            wishes=self.wishes[at] or (),
        )

    def __iter__(self) -> Iterator[Person]:
        return (self[i] for i in range(len(self.ids)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Sequence)
            and len(self) == len(other)
            and all(a == b for a, b in zip(self, other, strict=True))
        )

    def __hash__(self) -> int:
        return hash((len(self.ids), *self.ids[:3]))

    def take(self, order: npt.NDArray[np.int64]) -> People:
        """These people in this order."""
        return People(
            ids=[self.ids[i] for i in order.tolist()],
            values={key: column.take(order) for key, column in self.values.items()},
            opted_out=self.opted_out[order],
            blocked=self.blocked.take(order),
            pinned=self.pinned.take(order),
            slots=self.slots.take(order),
            styles=self.styles.take(order),
            wishes=self.wishes.take(order),
        )

    def in_order(self) -> People:
        """The same people sorted by id. Raises BadProblem for an id that is not text or comes twice."""
        ids = self.ids
        strange = next((i for i in ids if not isinstance(i, str)), None)
        if strange is not None:
            raise BadProblem("bad_id", id=str(strange))
        order = sorted(range(len(ids)), key=ids.__getitem__)
        twice = next((ids[j] for i, j in pairwise(order) if ids[i] == ids[j]), None)
        if twice is not None:
            raise BadProblem("duplicate_person", id=twice)
        if order == list(range(len(ids))):
            return self
        return self.take(cast("npt.NDArray[np.int64]", np.array(order, dtype=np.int64)))
