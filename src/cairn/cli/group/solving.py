"""One solve at the terminal: progress where it takes long, and Ctrl-C to keep the best so far."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from cairn.cli.group.telling import points
from cairn.cli.group.wording import note
from cairn.engines import grouping

FIRST_WORD_SECONDS = 2.0
BETWEEN_SECONDS = 1.0
BETWEEN_LINES_SECONDS = 10.0
DOING = {"search": "searching", "prove": "looking for a proof", "place": "looking for any groups that keep the rules"}


class Watcher:
    """What the engine reports to: it tells the person how far it is, and the engine when to stop."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.stopped = False
        self.live = sys.stderr.isatty()
        self.began = time.monotonic()
        self.next_word = self.began + FIRST_WORD_SECONDS
        self.has_spoken = False

    def __call__(self, progress: grouping.Progress) -> bool:
        now = time.monotonic()
        if now >= self.next_word and not self.quiet:
            self.next_word = now + (BETWEEN_SECONDS if self.live else BETWEEN_LINES_SECONDS)
            self._speak(progress, now - self.began)
        return not self.stopped

    def _speak(self, progress: grouping.Progress, seconds: float) -> None:
        broken = f", {progress.violations:,} rules broken" if progress.violations else ""
        best = f"{points(progress.score)} of at most {points(progress.bound_score)}"
        best = best if progress.evaluations else "nothing yet"
        text = f"cairn: {seconds:.0f} s, {DOING[progress.doing]}: {best}{broken}"
        print(f"\r{text:<78}" if self.live else text, end="" if self.live else "\n", file=sys.stderr, flush=True)
        self.has_spoken = True

    def finish(self) -> None:
        """Leave the line of progress."""
        if self.live and self.has_spoken:
            print(file=sys.stderr, flush=True)

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """The first Ctrl-C asks for the best so far, the second leaves."""
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
        note("stopping; the best groups so far are kept. Press Ctrl-C again to leave without them.")


@contextmanager
def _interruptible(watcher: Watcher) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, watcher.interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        watcher.finish()


def solve(problem: grouping.Problem, *, seed: int, seconds: float, quiet: bool) -> grouping.Result:
    """Form the groups. Raises the engine's `BadProblem` and `Infeasible`."""
    watcher = Watcher(quiet=quiet)
    budget = grouping.Budget(seconds=seconds, effort=seconds)
    with _interruptible(watcher):
        result = grouping.solve(problem, seed=seed, budget=budget, watch=watcher)
    if watcher.stopped:
        note("stopped before the end: these are the best groups found until then.")
    return result
