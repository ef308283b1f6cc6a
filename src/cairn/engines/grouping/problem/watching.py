"""Who looks on while the engine works: the wall-clock guard, and a caller who wants progress and may say stop."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import replace
from typing import Literal, TypeVar

from cairn.engines.grouping.problem.shapes import Progress, Watch

Doing = Literal["search", "prove", "place"]
OFTEN = 0.25

Item = TypeVar("Item")


class Guard:
    """Counts evaluations, keeps an eye on the clock and tells the caller how things stand, a few times a second.

    `score_of` turns an excess of n*D over the bound into a score. Once the time is up or the caller has said stop,
    `stopped` stays True. Only that can make an answer depend on the machine.
    """

    def __init__(self, seconds: float, watch: Watch | None) -> None:
        self.until = time.monotonic() + seconds
        self.watch = watch
        self.evaluations = 0
        self.stopped = False
        self.score_of: Callable[[int], float] = lambda excess: 100.0
        self._last = Progress("search", 0.0, 100.0, 0, 0)
        self._next = 0.0

    def left(self) -> float:
        """Seconds until the guard strikes."""
        return max(0.0, self.until - time.monotonic())

    def late(self) -> bool:
        """Whether work should end now."""
        if time.monotonic() > self.until:
            self.stopped = True
        return self.stopped

    def count(self, evaluations: int) -> None:
        """Add to the work done."""
        self.evaluations += evaluations

    def tell(self, doing: Doing, excess: int, violations: int, bound_score: float = 100.0) -> bool:
        """Say how things stand; returns whether work should end now."""
        self._last = Progress(doing, self.score_of(excess), bound_score, self.evaluations, violations)
        return self.pulse() or self.late()

    def proving(self) -> bool:
        """Say that a proof is being looked for; returns whether to stop."""
        self._last = replace(self._last, doing="prove")
        return self.pulse()

    def pulse(self) -> bool:
        """Call the caller if it is time; returns whether work should end now."""
        now = time.monotonic()
        if self.watch is not None and now >= self._next and not self.stopped:
            self._next = now + OFTEN
            self.stopped = not self.watch(self._last)
        return self.stopped

    def over(self, pool: Executor | None, work: Callable[[Item], None], items: Sequence[Item]) -> None:
        """Do the work for each item, in the pool if there is one, and keep telling the caller meanwhile."""
        if pool is None or self.watch is None:
            for _ in map(work, items) if pool is None else pool.map(work, items):
                pass
            return
        waiting: Iterable[Future[None]] = [pool.submit(work, item) for item in items]
        while waiting:
            done, waiting = wait(waiting, timeout=OFTEN)
            for each in done:
                each.result()
            self.pulse()
