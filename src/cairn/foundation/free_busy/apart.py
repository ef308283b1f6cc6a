"""Reading what others wrote in a process of its own, which may not take more than so much time and memory.

A calendar file is a program of sorts: rules that never come true turn for hours. So it is read where nothing else is:
no database, no settings, no keys, and an end that the system itself enforces.
"""

import datetime as dt
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from xml.etree.ElementTree import ParseError

from cairn.foundation.free_busy import dav
from cairn.foundation.free_busy.scanning import Unread
from cairn.foundation.free_busy.spans import Found, Question, of_texts

CPU_SECONDS = 10
PATIENCE = 60.0  # on a busy machine CPU seconds take longer
MEMORY = 1 << 30


def read(texts: Sequence[str], question: Question, *, multistatus: bool = False) -> Found:
    """The busy spans of calendar files, or of a CalDAV server's answers with such files in them. Raises Unread."""
    asked = {"texts": list(texts), "multistatus": multistatus, "question": _plain(question)}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "cairn.foundation.free_busy.apart"],
            input=json.dumps(asked).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a failing parser says quotes what it read
            env={"LANG": "C.UTF-8"},
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unread("rule") from error
    if done.returncode:
        raise Unread("rule")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise Unread(answer["refused"])
    spans = tuple((dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)) for start, end in answer["spans"])
    return Found(spans, answer["unread"])


def _plain(question: Question) -> dict[str, Any]:
    return asdict(question) | {
        "first": question.first.isoformat(),
        "last": question.last.isoformat(),
        "owners": sorted(question.owners),
    }


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    given = asked["question"]
    question = Question(
        dt.datetime.fromisoformat(given["first"]),
        dt.datetime.fromisoformat(given["last"]),
        given["zone"],
        frozenset(given["owners"]),
        given["host"],
    )
    try:
        texts = asked["texts"]
        if asked["multistatus"]:
            texts = [text for answer in texts for text in dav.calendars_in(answer)]
        found = of_texts(texts, question)
    except Unread as error:
        return {"refused": error.key}
    except ParseError:
        return {"refused": "not_calendar"}
    return {"spans": [[start.isoformat(), end.isoformat()] for start, end in found.spans], "unread": found.unread}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    json.dump(_answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    _main()
