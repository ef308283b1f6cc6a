"""Keeping labels apart and on the plate."""

from collections.abc import Iterable, Sequence

from cairn.engines.pictures.lettering import Box


def spread(wished: Sequence[float], sizes: Sequence[float], *, low: float, high: float, gap: float) -> list[float]:
    """Where spans of these sizes begin: as near as may be to where each wishes to begin, in their order, apart by the
    gap and between low and high. Where all together are too long for that, they run past high."""
    begins: list[float] = []
    edge = low
    for wish, size in zip(wished, sizes, strict=True):
        begins.append(max(wish, edge))
        edge = begins[-1] + size + gap
    edge = max(high, low + sum(sizes) + gap * max(len(sizes) - 1, 0))
    for index in range(len(begins) - 1, -1, -1):
        begins[index] = min(begins[index], edge - sizes[index])
        edge = begins[index] - gap
    return begins


def first_free(candidates: Iterable[Box], taken: Iterable[Box], plate: Box, gap: float = 2.0) -> Box | None:
    """The first candidate on the plate that meets nothing; None where there is none."""
    held = tuple(taken)
    for box in candidates:
        if box.within(plate) and not any(box.meets(other, gap) for other in held):
            return box
    return None
