"""Files to write, whole or not at all: each is drafted beside its place and moved there at the end."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from cairn.cli.group.wording import BadInput, named


class Target:
    """One file to be: `draft` is where to write it."""

    def __init__(self, name: str, kinds: tuple[str, ...]) -> None:
        self.name = name
        self.path = Path(name)
        self.draft: Path | None = None
        if self.path.is_dir():
            raise BadInput(f"{name} is a folder, not a file.")
        if self.path.suffix.lower() not in kinds:
            raise BadInput(f"{name} cannot be written: its name must end with {named(kinds)}.")
        if self.path.exists() and not stat.S_ISREG(self.path.stat().st_mode):
            raise BadInput(f"{name} is not an ordinary file, so it is left alone.")

    def begin(self) -> None:
        """Make the draft, so that a folder that takes no files is known before the work. Raises `BadInput`."""
        self.path = self.path.resolve()
        try:
            number, draft = tempfile.mkstemp(prefix=".cairn-", suffix=self.path.suffix, dir=self.path.parent)
        except OSError as problem:
            raise self.refusal(problem) from problem
        os.close(number)
        self.draft = Path(draft)

    def refusal(self, problem: OSError) -> BadInput:
        """Why the file cannot be written."""
        return BadInput(f"{self.name} cannot be written: {problem.strerror or problem}.")

    def settle(self) -> None:
        """Move the draft to its place, with the rights an ordinary new file has."""
        if self.draft is not None:
            self.draft.chmod(self._mode())
            self.draft.replace(self.path)
            self.draft = None

    def drop(self) -> None:
        """Remove the draft."""
        if self.draft is not None:
            self.draft.unlink(missing_ok=True)
            self.draft = None

    def _mode(self) -> int:
        if self.path.exists():
            return stat.S_IMODE(self.path.stat().st_mode)
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


class Targets:
    """All files of one run: none appears unless all are ready."""

    def __init__(self, targets: Iterable[Target], *, sources: Iterable[str | None]) -> None:
        self.targets = tuple(targets)
        paths = [target.path.resolve() for target in self.targets]
        if len(set(paths)) < len(paths):
            raise BadInput(f"{self.targets[0].name} cannot be both the groups and the certificate.")
        for source in filter(None, sources):
            for target in self.targets:
                if target.path.exists() and Path(source).exists() and target.path.samefile(source):
                    raise BadInput(f"{target.name} is one of the files that are read. Give another name.")

    def __enter__(self) -> Targets:
        try:
            for target in self.targets:
                target.begin()
        except BaseException:
            self._drop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._drop()

    def settle(self) -> None:
        """Move everything to its place."""
        for target in self.targets:
            try:
                target.settle()
            except OSError as problem:
                raise target.refusal(problem) from problem

    def _drop(self) -> None:
        for target in self.targets:
            target.drop()
