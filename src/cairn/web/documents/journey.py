"""A whole journey as one file: Markdown and pictures to read without Cairn, and JSON to bring it in elsewhere.

Built in memory and handed over; nothing of it touches a disk here.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cairn.engines import carrying
from cairn.engines.carrying import Item
from cairn.engines.exercises.shapes import CONFIRMED, WORDS, Exercise, Part
from cairn.journey.terms import AnswerState, GoalState, ItemKind, RunState
from cairn.library import queries as library
from cairn.web.documents import around
from cairn.web.pictures import picture
from cairn.web.shared import SECTIONS

JSON_NAME = "journey.json"
Journey = Mapping[str, list[Item]]


def package(journey: Journey, said: around.Around, zone: dt.tzinfo, at: dt.datetime) -> bytes:
    """The zip: the journey, and what was `said` around sessions. Days are those of `zone`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in chain(_files(journey, zone, at), around.files(said)):
            archive.writestr(name, content)
    return buffer.getvalue()


def _files(journey: Journey, zone: dt.tzinfo, at: dt.datetime) -> Iterator[tuple[str, str | bytes]]:
    pen = _Pen(zone)
    yield "README.md", pen.readme(journey, at)
    yield JSON_NAME, carrying.written(journey, at)
    texts = (
        ("path.md", pen.path),
        ("portrait.md", pen.portrait),
        ("journal.md", pen.journal),
        ("goals.md", pen.goals),
        ("sessions.md", pen.sessions),
        ("sharing.md", pen.sharing),
    )
    for name, write in texts:
        if text := write(journey):
            yield name, text
    known = library.exercises()
    for number, run in enumerate(journey["exercises"], start=1):
        stem = f"exercises/{number:03d}-{run['exercise']}-{pen.local(run['begun_at']).date().isoformat()}"
        yield f"{stem}.md", pen.exercise(known.get(run["exercise"]), run)
        if drawn := _drawn(known.get(run["exercise"]), run):
            yield f"{stem}.svg", drawn


def _drawn(exercise: Exercise | None, run: Item) -> str:
    if exercise is None or not exercise.picture or not run["values"]:
        return ""
    return str(picture(exercise, run["values"], standalone=True))


class _Pen:
    """Writes Markdown. Texts of the person stand as they wrote them."""

    def __init__(self, zone: dt.tzinfo) -> None:
        self._zone = zone

    def local(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self._zone)

    def day(self, when: dt.date | dt.datetime | None) -> str:
        if when is None:
            return ""
        return str(date_format(self.local(when) if isinstance(when, dt.datetime) else when, "j F Y"))

    def readme(self, journey: Journey, at: dt.datetime) -> str:
        lines = [
            f"# {_('What is in this folder')}",
            _("Everything you wrote in Cairn, taken out on %(day)s. You need no Cairn to read it.")
            % {"day": self.day(at)},
            "\n".join(
                f"- `{name}`: {what}"
                for name, what in (
                    ("path.md", _("the questions and your answers, with how they changed")),
                    ("exercises/", _("each exercise as you did it; pictures as .svg, which any browser opens")),
                    ("portrait.md", _("what you know about yourself so far")),
                    ("journal.md", _("your journal, oldest first")),
                    ("goals.md", _("goals, reviews and steps")),
                    ("sessions.md", _("what you brought to sessions, and notes that coaches shared with you")),
                    ("sharing.md", _("who could read what, and who did")),
                    (JSON_NAME, _("the same for machines: any Cairn can take it in")),
                    (around.NAME, _("what you asked and answered around sessions, reminders, your own calendars")),
                    (around.JSON_NAME, _("the same for machines")),
                )
            ),
            _("A part in which you wrote nothing has no file."),
            _(
                "The files ending in .md are plain text. They are not sealed any more: "
                "whoever has this folder can read them. Keep it where you keep your letters."
            ),
        ]
        return _joined(lines)

    def path(self, journey: Journey) -> str:
        parts: list[str] = []
        for walk in journey["walks"]:
            parts += self._walk(walk)
        return _joined([f"# {_('The path')}", *parts]) if parts else ""

    def _walk(self, walk: Item) -> Iterator[str]:
        path = library.path()
        asked = {question.key: question.text for question in path.questions}
        intake = walk["intake"] or {}
        labels = {topic.key: topic.label for topic in path.topics}
        brought = [labels.get(key, key) for key in (*intake.get("topics", ()), *intake.get("situations", ()))]
        yield f"## {_('What brought you here')} ({self.day(walk['begun_at'])})"
        yield "\n".join(f"- {each}" for each in brought)
        yield intake.get("words", "")
        order = {key: number for number, key in enumerate(asked)}
        for answer in sorted(walk["answers"], key=lambda each: order.get(each["question"], len(order))):
            yield from self._answer(asked.get(answer["question"], answer["question"]), answer)
        titles = {stage.key: stage.title for stage in path.stages}
        for stage, found in (walk["homework"] or {}).items():
            yield f"## {_('Found out for')} “{titles.get(stage, stage)}”"
            yield str(found.get("text", ""))

    def _answer(self, question: str, answer: Item) -> Iterator[str]:
        yield f"## {question}"
        state = str(AnswerState(answer["state"]).label)
        yield f"*{state}, {self.day(answer['answered_at'] or answer['saved_at'])}*"
        yield answer["text"] or ""
        if answer["look_back_on"]:
            yield f"*{_('To look back at on')} {self.day(answer['look_back_on'])}*"
        earlier = [each for each in answer["versions"] if each["text"] != answer["text"]]
        for version in earlier:
            yield f"### {_('As you wrote it on')} {self.day(version['written_at'])}"
            yield version["text"]

    def exercise(self, definition: Exercise | None, run: Item) -> str:
        title = definition.title if definition else run["exercise"]
        state = str(RunState(run["state"]).label)
        lines = [f"# {title}", f"*{state}, {self.day(run['finished_at'] or run['saved_at'])}*"]
        values = dict(run["values"] or {})
        for part in definition.parts if definition else ():
            if part.key in values:
                lines += [f"## {part.label}", _part(part, values.pop(part.key))]
        if words := values.pop(WORDS, ""):
            lines += [f"## {_('In your own words')}", str(words)]
        if values.pop(CONFIRMED, False):
            lines.append(_("Nothing was new, and one thing was confirmed."))
        lines += [f"## {key}\n\n{_plain(value)}" for key, value in values.items()]
        return _joined(lines)

    def portrait(self, journey: Journey) -> str:
        lines = []
        for kept in journey["portrait"]:
            sections = kept["sections"].get("sections", {})
            for key, found in sections.items():
                if found:
                    lines += [f"## {SECTIONS.get(key, key)}", "\n".join(f"- {each['text']}" for each in found)]
        return _joined([f"# {_('What you know about yourself so far')}", *lines]) if lines else ""

    def journal(self, journey: Journey) -> str:
        lines = []
        for entry in journey["journal"]:
            head = entry["head"] or {}
            lines.append(" · ".join(filter(None, [f"## {self.day(entry['written_at'])}", head.get("title", "")])))
            lines.append(f"*{head['prompt']}*" if head.get("prompt") else "")
            lines.append(entry["text"])
            lines.append(", ".join(f"#{tag}" for tag in head.get("tags", ())))
        return _joined([f"# {_('Journal')}", *lines]) if lines else ""

    def goals(self, journey: Journey) -> str:
        lines: list[str] = []
        titles = {}
        for goal in journey["goals"]:
            said = goal["said"]
            titles[goal["name"]] = said.get("title", "")
            lines += [f"## {said.get('title', '')}", f"*{GoalState(goal['state']).label}, {self.day(goal['made_at'])}*"]
            lines.append(said.get("why", ""))
            levels = zip(("−2", "−1", "0", "+1", "+2"), said.get("levels") or (), strict=False)
            lines.append("\n".join(f"- {level}: {words}" for level, words in levels if words))
            lines += [f"### {self.day(each['at'])}: {each['level']:+d}\n\n{each['text']}" for each in goal["reviews"]]
        if journey["steps"]:
            lines.append(f"## {_('Steps')}")
            lines.append("\n".join(self._step(each, titles) for each in journey["steps"]))
        return _joined([f"# {_('Goals and steps')}", *lines]) if lines else ""

    def _step(self, step: Item, titles: Mapping[Any, str]) -> str:
        told = [
            titles.get(step["goal"], ""),
            _("until %(day)s") % {"day": self.day(step["due_on"])} if step["due_on"] else "",
            _("with %(name)s") % {"name": step["agreed_with"]} if step["agreed_with"] else "",
            _("done on %(day)s") % {"day": self.day(step["done_at"])} if step["done_at"] else "",
        ]
        mark = "x" if step["done_at"] else " "
        return f"- [{mark}] {step['said'].get('text', '')}" + "".join(f"; {each}" for each in told if each)

    def sessions(self, journey: Journey) -> str:
        lines = []
        for kept in journey["preparations"]:
            said = kept["said"]
            lines.append(f"## {self.day(kept['saved_at'])}")
            for key, label in (("bring", _("What I bring")), ("take_away", _("What I take away"))):
                if said.get(key):
                    lines += [f"### {label}", said[key]]
        for note in journey["notes"]:
            lines += [f"## {note['coach']}, {self.day(note['written_at'])}", note["text"]]
        return _joined([f"# {_('Sessions')}", *lines]) if lines else ""

    def sharing(self, journey: Journey) -> str:
        lines = []
        kinds = {kind.value: str(kind.label) for kind in ItemKind}
        for each in journey["shares"]:
            what = _("everything of the kind “%(kind)s”") if each["all"] else _("one of the kind “%(kind)s”")
            until = each["withdrawn_at"] or each["until"]
            what = what % {"kind": kinds.get(each["kind"], each["kind"])}
            lines.append(f"- {each['reader']}: {what}, {self.day(each['since'])} – {self.day(until)}")
        read = [f"- {self.day(e['at'])}: {e['reader']}, {kinds.get(e['kind'], e['kind'])}" for e in journey["readings"]]
        asked = [f"- {e['address']}, {self.day(e['invited_at'])}" for e in journey["companions"]]
        parts = ((_("Who could read what"), lines), (_("Who read"), read), (_("Coaches whom you asked"), asked))
        found = [f"## {title}\n\n" + "\n".join(rows) for title, rows in parts if rows]
        return _joined([f"# {_('Sharing')}", *found]) if found else ""


def _part(part: Part, value: Any) -> str:
    if part.kind == "choice":
        return (part.options or {}).get(value, str(value))
    if part.kind == "sort" and isinstance(value, dict):
        piles: dict[str, list[str]] = {}
        for card, pile in value.items():
            named = (part.cards or {}).get(str(card), str(card))
            piles.setdefault((part.piles or {}).get(str(pile), str(pile)), []).append(named)
        return "\n".join(f"- {pile}: {', '.join(cards)}" for pile, cards in piles.items())
    if part.kind == "rows" and isinstance(value, list):
        return "\n".join(_row(part, row) for row in value)
    return _plain(value)


def _row(part: Part, row: Mapping[str, Any]) -> str:
    cells = []
    for key, value in row.items():
        column = part.column(key)
        shown = (column.options or {}).get(value, value) if column else value
        cells.append(f"{column.label if column else key}: {shown}")
    return "- " + "; ".join(cells)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"- {key}: {_plain(each)}" for key, each in value.items())
    return "\n".join(f"- {_plain(each)}" for each in value) if isinstance(value, list) else str(value)


def _joined(lines: list[str]) -> str:
    return "\n\n".join(str(line).strip("\n") for line in lines if str(line).strip()) + "\n"
