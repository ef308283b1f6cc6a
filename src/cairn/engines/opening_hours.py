"""Hours of a day as people type them: “09:00-12:30, 14:00-17:00 at Room 12”, read forgivingly and never guessed.

Times are read as 9, 09:00, 9.30, 0930, 9h30, 9am, 2:30 pm, noon and midnight; spans are joined by a dash, “to” or
“until” and set apart by commas, semicolons, lines or “and”. Minutes count from midnight; 1440 is the end of the day.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cairn.engines.wording import Refusal, gettext_noop

END_OF_DAY = 24 * 60
NOON = 12 * 60
MORNING = 7 * 60  # a bare hour before this one may as well be in the afternoon
MOST_SPANS = 12
NOTHING = frozenset({"", "-", "–", "—", "no", "none", "closed", "off", "away", "nothing", "not"})

_TIME = r"(?:\d{1,4}(?:\s*[:.h]\s*\d{0,2})?\s*(?:[ap]\.?\s?m\.?)?|noon|midday|midnight)"
_JOINED = r"(?:-|–|—|−|\bto\b|\buntil\b|\btill\b)"
_SPAN = re.compile(rf"(?:from\s+)?({_TIME})\s*{_JOINED}\s*({_TIME})(?:\s*(?:\bat\b|\bin\b|@)\s*(.+))?", re.IGNORECASE)
_APART = re.compile(r"[,;\n]|&|\band\b(?=\s*(?:from\s+)?(?:\d|noon|midday|midnight))", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(?:\s*[:.h]\s*(\d{2})?)?\s*(?:([ap])\.?\s?m\.?)?")
_DIGITS = re.compile(r"(\d{1,2})(\d{2})\s*(?:([ap])\.?\s?m\.?)?")


class NotASpan(Refusal):
    key = "opening_hours.not_a_span"
    template = gettext_noop("“{text}” is not a span of time. Write hours like 09:00-12:30, 14:00-17:00.")


class NotATime(Refusal):
    key = "opening_hours.not_a_time"
    template = gettext_noop("“{text}” is not a time of day. Write times like 9:00, 14:30 or 2.30 pm.")


class EndsBeforeItBegins(Refusal):
    key = "opening_hours.ends_before_it_begins"
    template = gettext_noop("“{text}” ends before it begins. Write the end on the 24-hour clock, such as {meant}.")


class EndsNextDay(Refusal):
    key = "opening_hours.ends_next_day"
    template = gettext_noop("“{text}” goes past midnight. Write {first} here, and {second} on the day after.")


class MorningOrAfternoon(Refusal):
    key = "opening_hours.morning_or_afternoon"
    template = gettext_noop("“{text}” could be {first} or {second}. Write the one you mean.")


class NoSuchPlace(Refusal):
    key = "opening_hours.no_such_place"
    template = gettext_noop("“{text}” is none of your places. They are: {places}.")


class NoPlacesYet(Refusal):
    key = "opening_hours.no_places_yet"
    template = gettext_noop("“{text}” is none of your places: you have none yet. Add it first, or leave it out.")


class TooManySpans(Refusal):
    key = "opening_hours.too_many_spans"
    template = gettext_noop("These are more than {most} spans in one day. Put some of them together.")


@dataclass(frozen=True, order=True)
class Opening:
    """Open from minute to minute of a day, at a place by its name; "" is any place."""

    starts: int
    ends: int
    place: str = ""


def read(text: str, places: Sequence[str] = ()) -> tuple[Opening, ...]:
    """What was typed for one day, in order, without overlaps at one place. Nothing typed is a day without hours.

    A span that reads as well twelve hours later, such as 2-5, is asked about. Raises NotASpan, NotATime,
    EndsBeforeItBegins, EndsNextDay, MorningOrAfternoon, NoSuchPlace, NoPlacesYet, TooManySpans.
    """
    plain = " ".join(line.strip() for line in _for_lines(text))
    if plain.strip().casefold().rstrip(".") in NOTHING:
        return ()
    parts = [part.strip() for part in _APART.split(plain) if part.strip()]
    typed: list[Opening] = []
    for part in parts:
        typed.append(_opening(part, places, typed))
    found = tidy(typed)
    if len(found) > MOST_SPANS:
        raise TooManySpans(most=MOST_SPANS)
    return found


def tidy(openings: Iterable[Opening]) -> tuple[Opening, ...]:
    """The same hours in order, those that touch or overlap at one place put together."""
    kept: dict[str, list[Opening]] = {}
    for each in sorted(openings):
        of_place = kept.setdefault(each.place, [])
        if of_place and each.starts <= of_place[-1].ends:
            of_place[-1] = Opening(of_place[-1].starts, max(of_place[-1].ends, each.ends), each.place)
        else:
            of_place.append(each)
    return tuple(sorted(each for of_place in kept.values() for each in of_place))


def write(openings: Iterable[Opening]) -> str:
    """Hours as they are read again: “09:00-12:30, 14:00-17:00 at Room 12”."""
    return ", ".join(
        f"{clock(each.starts)}-{clock(each.ends)}{f' at {each.place}' if each.place else ''}" for each in openings
    )


def clock(minute: int) -> str:
    """Minutes from midnight as 09:00; the end of the day is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _for_lines(text: str) -> list[str]:
    """Lines are set apart like spans."""
    return [f"{line}," for line in text.splitlines()[:-1]] + text.splitlines()[-1:]


def _opening(text: str, places: Sequence[str], before: Sequence[Opening]) -> Opening:
    """One span, of which those typed `before` it say whether it can be meant as it stands."""
    found = _SPAN.fullmatch(text.rstrip("."))
    if found is None:
        raise NotASpan(text=text)
    starts, ends = _minute(found[1]), _minute(found[2], is_end=True)
    if ends <= starts:
        _refuse_backwards(text, starts, ends, found[2])
    is_out_of_order = any(ends <= each.starts for each in before)
    if _is_bare(found[1]) and (later := _later(starts, ends, found[2], is_out_of_order=is_out_of_order)):
        raise MorningOrAfternoon(text=text, first=f"{clock(starts)}-{clock(ends)}", second=later)
    return Opening(starts, ends, _place(found[3], places) if found[3] else "")


def _refuse_backwards(text: str, starts: int, ends: int, typed_end: str) -> None:
    in_the_afternoon = ends + NOON
    if starts < in_the_afternoon < END_OF_DAY and "m" not in typed_end.casefold():
        raise EndsBeforeItBegins(text=text, meant=f"{clock(starts)}-{clock(in_the_afternoon)}")
    raise EndsNextDay(text=text, first=f"{clock(starts)}-24:00", second=f"00:00-{clock(ends)}")


def _is_bare(typed: str) -> bool:
    """An hour from 1 to 11 without am or pm, and without the 0 in front that the 24-hour clock has."""
    word = typed.strip().casefold()
    found = _CLOCK.fullmatch(word) or _DIGITS.fullmatch(word)
    return found is not None and found[3] is None and found[1][0] != "0" and int(found[1]) < 12


def _later(starts: int, ends: int, typed_end: str, *, is_out_of_order: bool) -> str:
    """What a span that begins with a bare hour may mean as well: the same in the afternoon; "" where it may not.

    Without am or pm nobody means 2-5 at night for certain; 9-12 is the morning, unless it is typed after the afternoon.
    """
    word = typed_end.strip().casefold()
    if "p" in word or word == "midnight":
        return f"{clock(starts + NOON)}-{clock(ends)}" if starts + NOON < ends else ""
    is_open_ended = _is_bare(typed_end) or word.startswith("12")
    if not is_open_ended or "m" in word or ends > NOON or not (starts < MORNING or is_out_of_order):
        return ""
    return f"{clock(starts + NOON)}-{clock(ends + NOON)}"


def _minute(text: str, *, is_end: bool = False) -> int:
    """Minutes from midnight. Midnight, 00:00 and 24:00 as an end are the end of the day."""
    word = text.strip().casefold()
    if word in {"noon", "midday"}:
        return NOON
    if word == "midnight":
        return END_OF_DAY if is_end else 0
    found = _CLOCK.fullmatch(word) or _DIGITS.fullmatch(word)
    if found is None:
        raise NotATime(text=text)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        raise NotATime(text=text)
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    total = hour * 60 + minute
    if minute > 59 or total > END_OF_DAY or (total == END_OF_DAY and not is_end):
        raise NotATime(text=text)
    return END_OF_DAY if is_end and total == 0 else total


def _place(text: str, places: Sequence[str]) -> str:
    """The place that is meant: by its name, or by the only one whose name begins so."""
    wanted = " ".join(text.split()).casefold().rstrip(".")
    if not places:
        raise NoPlacesYet(text=text)
    named = [name for name in places if name.casefold() == wanted]
    begun = [name for name in places if name.casefold().startswith(wanted)]
    if len(named) == 1 or len(begun) == 1:
        return (named or begun)[0]
    raise NoSuchPlace(text=text, places=", ".join(places))
