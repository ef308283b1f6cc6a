"""Days in a line: dates, weekdays, tomorrow."""

import datetime as dt
import re

from cairn.engines.dictating.shapes import Reading, one
from cairn.engines.wording import MONTHS

COUNTED = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
YEARS = range(1970, 2200)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = r"(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day|s)?"
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)


def dates(reading: Reading) -> None:
    def iso(found: re.Match[str]) -> None:
        _add_day(reading, int(found[3]), int(found[2]), found[1], found[0])

    def british(found: re.Match[str]) -> None:
        _add_day(reading, int(found[1]), int(found[2]), found[3] or "", found[0])

    def named(found: re.Match[str]) -> None:
        _add_day(reading, int(found[1]), _month(found[2]), found[3] or "", found[0])

    def month_first(found: re.Match[str]) -> None:
        _add_day(reading, int(found[2]), _month(found[1]), found[3] or "", found[0])

    year = r"(?:,?\s+(20\d{2})(?![:.]?\d))?"
    reading.each(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)", iso)
    reading.each(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])", british)
    reading.each(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", british)
    reading.each(rf"(?<![\d:.])(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH}\b\.?{year}", named)
    reading.each(rf"\b{MONTH}\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?(?![:.]?\d|\s*[ap]\.?m\b|\s*h\b|\s*m){year}", month_first)


def _month(word: str) -> int:
    return next(number for number, name in enumerate(MONTHS, 1) if name.lower().startswith(word.lower()[:3]))


def _add_day(reading: Reading, day: int, month: int, year: str, words: str) -> None:
    """A date of the calendar; without a year the next one, and said when that is not of this year."""
    said = words.strip(" ,.")
    if year:
        whole = int(year) + (2000 if len(year) == 2 else 0)
        found = _date(whole, month, day)
    else:
        years = (reading.today.year + more for more in range(9))  # eight years on, every day has come once
        known = [each for each in (_date(one, month, day) for one in years) if each is not None]
        found = next((each for each in known if each >= reading.today), None)
        if found is not None and known[0] < reading.today:
            reading.assume("next_year", gone=known[0], day=found)
    if found is None:
        reading.ask("day", "no_such_day", words=said)
        return
    if "/" in said and day != month and max(day, month) <= 12:
        reading.assume("day_first", words=said, day=found)
    elif len(year) == 2:
        reading.assume("century", words=said, day=found)
    reading.days.append(found)


def _date(year: int, month: int, day: int) -> dt.date | None:
    """A day in the years in which sessions are held; None for any other."""
    try:
        return dt.date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def weekdays(reading: Reading) -> None:
    """ "Tue", "next Friday", "this Friday", "Tuesday week"; beside a date it is only compared with it."""

    def take(found: re.Match[str]) -> None:
        number = next(n for n, name in enumerate(DAYS) if name.startswith(found[2].lower()[:3]))
        kind = "week" if found[3] else (found[1] or "").lower()
        reading.weekdays.append((number, kind, re.sub(r"^on\s+", "", found[0].strip(), flags=re.IGNORECASE)))

    reading.each(rf"(?:\bon\s+)?\b(?:(next|this)\s+)?{WEEKDAY}\b\.?(\s+week\b)?", take)


def relative_days(reading: Reading) -> None:
    for pattern, days in ((r"\b(?:the\s+)?day\s+after\s+tomorrow\b", 2), (r"\btomorrow\b", 1), (r"\btoday\b", 0)):
        reading.each(
            pattern,
            lambda _found, days=days: reading.days.append(reading.today + dt.timedelta(days=days)),  # type: ignore[misc]
        )

    reading.each(
        rf"\b(?:in\s+)?({'|'.join(COUNTED)}|\d{{1,2}})\s+(days?|weeks?|fortnights?)(?:['’]\s*time|\s+time|\s+from\s+(?:today|now))?\b",
        lambda found: _in_so_long(reading, found),
    )


def _in_so_long(reading: Reading, found: re.Match[str]) -> bool | None:
    """ "in 2 weeks", "three days from now"; "2 weeks" alone says nothing."""
    words = found[0].strip()
    if not re.match(r"in\b", words, re.IGNORECASE) and not re.search(r"(time|today|now)$", words, re.IGNORECASE):
        return False
    count = COUNTED.get(found[1].lower()) or int(found[1])
    days = {"d": 1, "w": 7, "f": 14}[found[2][0].lower()]
    day = reading.today + dt.timedelta(days=count * days)
    reading.assume("from_today", words=words, day=day)
    reading.days.append(day)
    return None


def one_day(reading: Reading) -> dt.date | None:
    for number, kind, words in reading.weekdays:
        if reading.days:
            _compare(reading, number)
        else:
            _of_weekday(reading, number, kind, words)
    return one(reading, "day", reading.days)


def _compare(reading: Reading, number: int) -> None:
    day = reading.days[0]
    if len(reading.days) == 1 and day.weekday() != number:
        near = sorted(day + dt.timedelta(days=(number - day.weekday()) % 7 - back) for back in (0, 7))
        choices = [day, *(each for each in near if each >= reading.today)]
        said, is_in_truth = DAYS[number].capitalize(), DAYS[day.weekday()].capitalize()
        reading.ask("day", "other_weekday", sorted(choices), day=day, weekday=is_in_truth, said=said)


def _of_weekday(reading: Reading, number: int, kind: str, words: str) -> None:
    today = reading.today
    coming = today + dt.timedelta(days=(number - today.weekday()) % 7)
    monday, week = today - dt.timedelta(days=today.weekday()), dt.timedelta(days=7)
    if kind == "next" and coming > today:
        reading.ask("day", "which_next", (coming, coming + week), words=words)
    elif kind == "next":
        reading.days.append(today + week)
    elif kind == "week":
        reading.days.append((coming if coming > today else today + week) + week)
    elif coming == today and kind != "this":
        reading.ask("day", "today_or_next", (today, today + week), weekday=DAYS[number].capitalize())
    else:
        if kind == "this" and coming != monday + dt.timedelta(days=number):
            reading.assume("this_gone", words=words, day=coming)
        reading.days.append(coming)
