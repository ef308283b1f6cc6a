"""``cairn group`` from its first word to its exit code."""

from __future__ import annotations

import argparse
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import FrameType

from cairn.cli.group import asking, options, solving, telling, writing
from cairn.cli.group.targets import Target, Targets
from cairn.cli.group.wording import (
    BAD_INPUT,
    DONE,
    INFEASIBLE,
    INTERRUPTED,
    NOT_ALL_RULES,
    BadInput,
    note,
)
from cairn.engines import grouping
from cairn.foundation import certificates
from cairn.foundation.sheets import plain


def group(words: Sequence[str]) -> int:
    """Form groups from a spreadsheet; returns the exit code that `cairn group --help` explains."""
    began = time.perf_counter()
    asked = options.parse(words)
    before = signal.signal(signal.SIGTERM, _leave)  # so that an ended process leaves no draft behind
    try:
        return _answer(asked, began)
    except (BadInput, grouping.BadProblem) as problem:
        return _fail(asked, str(problem), BAD_INPUT)
    except grouping.Infeasible as problem:
        return _fail(asked, telling.infeasible(problem), INFEASIBLE, problem.conflicts)
    except MemoryError:
        return _fail(asked, "There is not enough memory for so many people on this machine.", BAD_INPUT)
    except KeyboardInterrupt:
        note("stopped; nothing is written.")
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _fail(asked: argparse.Namespace, sentence: str, code: int, conflicts: tuple[grouping.Conflict, ...] = ()) -> int:
    if asked.json:
        print(telling.failure_as_json(sentence, conflicts), flush=True)
    note(sentence)
    return code


def _answer(asked: argparse.Namespace, began: float) -> int:
    out = Target(asked.out, plain.KINDS)
    certificate = Target(asked.certificate, (".xlsx",)) if asked.certificate else None
    sources = (asked.people, asked.apart, asked.together, asked.met, asked.coaches, asked.groups)
    with Targets(filter(None, (out, certificate)), sources=sources) as targets:
        task = asking.read(asked)
        writing.check_room(out.path, len(task.ids))
        result = solving.solve(task.problem, seed=asked.seed, seconds=asked.seconds, quiet=asked.quiet)
        seats = dict(result.assignment)
        _write(out, asked, task, result, seats)
        if certificate is not None:
            _write_certificate(certificate, asked, task, result)
        targets.settle()
    sizes = {group.id: 0 for group in task.problem.groups} | Counter(seats.values())
    spent = time.perf_counter() - began
    tell = telling.as_json if asked.json else telling.summary
    print(tell(result, sizes, seconds=spent), flush=True)
    return NOT_ALL_RULES if result.violations else DONE


def _write(
    out: Target, asked: argparse.Namespace, task: asking.Asked, result: grouping.Result, seats: Mapping[str, str]
) -> None:
    """Write everybody's row with the group, and with slot and coach where the engine settled them."""
    found = {asked.column: seats}
    if result.slots:
        found["slot"] = {person: result.slots.get(group, "") for person, group in seats.items()}
    if any(group.coach for group in task.problem.groups) or task.problem.coaches:
        found["coach"] = result.one_to_one_coach
    assert out.draft is not None
    try:
        writing.write_groups(out.draft, task.table, task.ids, found)
    except OSError as problem:
        raise out.refusal(problem) from problem


def _write_certificate(
    certificate: Target, asked: argparse.Namespace, task: asking.Asked, result: grouping.Result
) -> None:
    """Write the certificate, or say why there is none: the groups are worth having without it."""
    from cairn.cli.group import proving

    assert certificate.draft is not None
    try:
        certificate.draft.write_bytes(proving.workbook(asked, task, result))
    except certificates.TooLarge as problem:
        note(f"{certificate.name} is not written. {problem}")
        certificate.drop()
    except OSError as problem:
        raise certificate.refusal(problem) from problem
