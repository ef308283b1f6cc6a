"""Times of day and lengths in a line."""

import datetime as dt
import re
from collections.abc import Sequence

from cairn.engines.dictating.shapes import LEAST_MINUTES, MOST_MINUTES, Reading

CLOCK_FROM = 8  # "8.30" and "14h00" are times of day; "1h30" is a length, and "3.30" could be morning or afternoon
CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:([ap])\.?\s?m\b\.?)?"


def lengths(reading: Reading) -> None:
    words = {
        r"\b(?:an\s+hour\s+and\s+a\s+half|one\s+and\s+a\s+half\s+hours?)\b": 90,
        r"\bthree[\s-]quarters\s+of\s+an\s+hour\b": 45,
        r"\bhalf\s+an?\s+hour\b|\bhalf[\s-]hour\b": 30,
        r"\b(?:an|one)\s+hour\b": 60,
        r"\btwo\s+hours\b": 120,
    }
    for pattern, minutes in words.items():
        reading.each(pattern, lambda _found, minutes=minutes: reading.lengths.append(minutes))  # type: ignore[misc]
    unit = r"(hrs?|hours?|h)"
    reading.each(
        rf"(?<![^\s,;(])-\d{{1,4}}(?:[.,]?\d+)?\s*(?:{unit}|minutes?|mins?|m)\b\.?(?:\s*\d{{1,2}}\s*mins?\b)?",
        lambda found: reading.ask("minutes", "no_such_length", words=found[0].strip()),
    )
    reading.each(
        rf"(?<![\d:.])(\d{{1,2}})(?:([.,])(\d{{1,2}}))?\s*{unit}\b\.?\s*(?:(\d{{1,2}})\s*(?:m|mins?|minutes?)\b\.?)?",
        lambda found: _hours(reading, found),
    )
    reading.each(
        r"(?<![\d:.])(\d{1,2})\s*h\s*(\d{2})(?!\d)(?:\s*(?:m|mins?)\b)?", lambda found: _hours_minutes(reading, found)
    )
    reading.each(
        r"(?<![\d:.])(\d{1,4})\s*-?\s*(?:minutes?|mins?|m)\b\.?",
        lambda found: _add_length(reading, int(found[1]), found[0]),
    )


def _hours(reading: Reading, found: re.Match[str]) -> None:
    """ "1 h 30 min", "1.5 hours"; "14h" and "9.30 h" are times of day."""
    whole, fraction, rest = int(found[1]), found[3] or "", int(found[5] or 0)
    if whole >= CLOCK_FROM and found[4].lower() == "h" and found[5] is None and len(fraction) in (0, 2):
        _add_time(reading, whole, int(fraction or 0), found[0])
        return
    part = int(fraction) * 60 / 10 ** len(fraction) if fraction else 0
    _add_length(reading, round(whole * 60 + part + rest), found[0])


def _hours_minutes(reading: Reading, found: re.Match[str]) -> None:
    """ "1h30" is a length, "14h00" a time of day."""
    if int(found[1]) >= CLOCK_FROM:
        _add_time(reading, int(found[1]), int(found[2]), found[0])
    else:
        _add_length(reading, int(found[1]) * 60 + int(found[2]), found[0])


def _add_length(reading: Reading, minutes: int, words: str) -> None:
    if LEAST_MINUTES <= minutes <= MOST_MINUTES:
        reading.lengths.append(minutes)
    else:
        reading.ask("minutes", "no_such_length", words=words.strip())


def times(reading: Reading) -> None:
    reading.each(
        rf"(?:\bfrom\s+)?(?<![\d:.]){CLOCK}\s*(?:-|\bto\b|\buntil\b|\btill\b)\s*{CLOCK}(?![\d:]|\.\d)",
        lambda found: _span(reading, found),
    )
    reading.each(
        r"(?:\bat\s+)?(?<![\d:.])(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?\s?m\b\.?",
        lambda found: _half_said(reading, found),
    )
    reading.each(r"(?:\bat\s+)?\b(?:12\s+)?(?:noon|midday)\b", lambda _found: reading.times.append(dt.time(12)))
    reading.each(r"(?:\bat\s+)?\b(?:12\s+)?midnight\b", lambda found: _midnight(reading, found[0]))
    reading.each(
        r"(?:\bat\s+)?(?<![\d:.])(\d{1,2})[:.](\d{2})(?![\d:]|\.\d)",
        lambda found: _add_time(reading, int(found[1]), int(found[2]), found[0], is_padded=found[1].startswith("0")),
    )


def _midnight(reading: Reading, words: str) -> None:
    reading.assume("midnight", words=words.strip())
    reading.times.append(dt.time(0))


def _span(reading: Reading, found: re.Match[str]) -> bool | None:
    """ "3-4pm", "15:00 to 15:45": the beginning and the length."""
    first, second = found.groups()[:3], found.groups()[3:]
    if not any((first[1], first[2], second[1], second[2])):
        return False
    ends = _on_the_clock(second)
    begins = _on_the_clock(first)
    if begins is None or ends is None:
        reading.ask("time", "no_such_time", words=found[0].strip())
        return None
    if first[2] is None and second[2] is not None and int(first[0]) <= 12:
        begins = _before((*first[:2], second[2]), ends) or begins
        reading.assume("same_half", words=found[0].strip(), time=begins, until=ends)
    elif second[2] is None and first[2] is not None and ends <= begins and ends.hour < 12:
        ends = ends.replace(hour=ends.hour + 12)
    length = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
    if first[2] is None and second[2] is None and 0 < begins.hour < CLOCK_FROM and not first[0].startswith("0"):
        later = begins.replace(hour=begins.hour + 12)
        reading.ask("time", "half_of_day", (begins, later), words=found[0].strip())
    else:
        reading.times.append(begins)
    _add_length(reading, length, found[0])
    return None


def _before(first: tuple[str | None, ...], ends: dt.time) -> dt.time | None:
    """The beginning in the same half of the day as the end; in the other half where it would lie after it."""
    same = _on_the_clock(first)
    if same is not None and same < ends:
        return same
    return _on_the_clock((*first[:2], "a"))


def _on_the_clock(parts: Sequence[str | None]) -> dt.time | None:
    hour, minute, half = int(parts[0] or 0), int(parts[1] or 0), (parts[2] or "").lower()
    if half and hour == 12:
        hour = 12 if half == "p" else 0
    elif half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour > 12:
        return None
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def _half_said(reading: Reading, found: re.Match[str]) -> None:
    read = _on_the_clock(found.groups())
    words = found[0].strip()
    if read is None or (found[3] and int(found[1]) == 0):
        reading.ask("time", "no_such_time", words=words)
        return
    if int(found[1]) == 12:
        reading.assume("noon", words=words, time=read)
    reading.times.append(read)


def _add_time(reading: Reading, hour: int, minute: int, words: str, *, is_padded: bool = False) -> None:
    """A time without am or pm. From eight to noon it is read as written, and said unless it is written like 09:30 or
    10:15; earlier hours are asked about.
    """
    said = re.sub(r"^at\s+", "", words.strip(), flags=re.IGNORECASE)
    if hour > 23 or minute > 59:
        reading.ask("time", "no_such_time", words=said)
    elif is_padded or hour == 0 or hour > 12:
        reading.times.append(dt.time(hour, minute))
    elif hour >= CLOCK_FROM:
        if hour < 12 and ":" not in said:
            reading.assume("morning", words=said, time=dt.time(hour, minute))
        reading.times.append(dt.time(hour, minute))
    else:
        reading.ask("time", "half_of_day", (dt.time(hour, minute), dt.time(hour + 12, minute)), words=said)


def bare_hours(reading: Reading) -> None:
    """ "at 3", "3 o'clock", or a lone number: an hour, which is asked about unless it can only be one."""
    if reading.times or "time" in reading.asks:
        return

    def take(found: re.Match[str]) -> bool | None:
        hour = int(found[1])
        if reading.times or "time" in reading.asks or hour > 23:
            return False
        if 0 < hour <= 12:
            both = (dt.time(hour), dt.time((hour + 12) % 24))
            reading.ask("time", "half_of_day", sorted(both), words=found[0].strip())
        else:
            reading.times.append(dt.time(hour))
        return None

    for pattern in (r"\bat\s+(\d{1,2})(?:\s*o['’]?clock\b)?(?!\d)", r"\b(\d{1,2})\s*o['’]?clock\b", r"\b(\d{1,2})\b"):
        reading.each(pattern, take)
