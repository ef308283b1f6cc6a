"""A picture in a sentence or two, for those who hear it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.engines.exercises.shapes import Exercise
from cairn.engines.pictures.lettering import plain
from cairn.web.pictures import reading
from cairn.web.pictures.reading import Rows

MOST = 3


def described(exercise: Exercise, found: Rows) -> str:
    """What the picture shows; the numbers are in its table."""
    said = _SAID[exercise.picture](found)
    return " ".join([*(each for each in said if each), _("Everything is in the table below.")])


def note_pattern() -> str:
    """The words under an aspect's name, with {now} and {wished} to be filled in while a slider moves."""
    return _("%(now)s, wished %(wished)s") % {"now": "{now}", "wished": "{wished}"}


def _wheel(found: Rows) -> list[str]:
    count = len(found.rows)
    apart = sorted((row for row in found.rows if _gap(row)), key=lambda row: -_gap(row))[:MOST]
    names = ", ".join(f"{plain(found.name(row))} ({reading.aspect_note(row['now'], row['wished'])})" for row in apart)
    return [
        ngettext("%(count)s aspect.", "%(count)s aspects.", count) % {"count": count},
        _("Furthest from what is wished for: %(names)s.") % {"names": names} if apart else "",
    ]


def _gap(row: Mapping[str, Any]) -> int:
    now, wished = row.get("now"), row.get("wished")
    return abs(wished - now) if isinstance(now, int) and isinstance(wished, int) else 0


def _line(found: Rows) -> list[str]:
    rows = reading.by_time(found)
    heights = _named(found, [row for row in rows if (row.get("height") or 0) > 0])
    lows = _named(found, [row for row in rows if (row.get("height") or 0) < 0])
    return [
        _("Heights: %(names)s.") % {"names": heights} if heights else "",
        _("Low places: %(names)s.") % {"names": lows} if lows else "",
    ]


def _named(found: Rows, rows: list[Mapping[str, Any]]) -> str:
    names = [" ".join(str(each) for each in (plain(found.name(row)), row.get("year", "")) if each) for row in rows]
    return ", ".join(names)


def _network(found: Rows) -> list[str]:
    contacts = reading.contacts(found)
    coming = [plain(contact.who) for contact in contacts if contact.next]
    return [
        ngettext("%(count)s person around you.", "%(count)s people around you.", len(contacts))
        % {"count": len(contacts)},
        _("Next: %(names)s.") % {"names": ", ".join(coming)} if coming else "",
    ]


def _overlap(found: Rows) -> list[str]:
    words = reading.options(found, "lies")
    return [
        f"{words.get(heap, heap)}: {len(things)}."
        for heap, things in zip(reading.HEAPS, reading.heaps(found), strict=True)
    ]


def _week(found: Rows) -> list[str]:
    blocks = reading.blocks(found)
    days = len({block.day for block in blocks})
    return [ngettext("%(count)s day of the week.", "%(count)s days of the week.", days) % {"count": days}]


_SAID = {"wheel": _wheel, "line": _line, "network": _network, "overlap": _overlap, "week": _week}
