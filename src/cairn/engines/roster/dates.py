"""Reading a date from one cell, in the many ways in which people and programs write it."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Order = Literal["dmy", "mdy"]
DateFault = Literal["date_impossible", "date_unknown", "date_no_day"]
DateNotice = Literal["date_ambiguous", "date_other_order", "date_left_open"]

EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 18_264, 73_050  # 1950-01-01 and 2099-12-31 as spreadsheet programs number days
CENTURY_TURNS = 70

MONTH_WORDS = (
    "january jan januar janner janvier janv enero ene ionawr ion gennaio januari",
    "february feb februar fevrier fevr fev febrero chwefror chwe febbraio februari",
    "march mar marz mrz mars marzo mawrth maart",
    "april apr avril avr abril abr ebrill ebr aprile",
    "may mai mayo mei maggio",
    "june jun juni juin junio mehefin meh giugno",
    "july jul juli juillet juil julio gorffennaf gorff luglio",
    "august aug aout agosto ago awst augustus",
    "september sep sept septembre septiembre setiembre medi settembre",
    "october oct oktober okt octobre octubre hydref hyd ottobre",
    "november nov novembre noviembre tachwedd tach novembre",
    "december dec dezember dez decembre diciembre dic rhagfyr rhag dicembre",
)
MONTHS = {word: number for number, words in enumerate(MONTH_WORDS, 1) for word in words.split()}


def _among(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.split(","))


FILLERS = _among(
    "of, the, de, del, den, le, am, on, st, nd, rd, th, er, o,"
    "monday, mon, tuesday, tue, tues, wednesday, wed, thursday, thu, thur, thurs, friday, fri, saturday, sat, sunday,"
    "sun, montag, mo, dienstag, di, mittwoch, mi, donnerstag, do, freitag, fr, samstag, sa, sonntag, so,"
    "lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche,"
    "lunes, martes, miercoles, jueves, viernes, sabado, domingo,"
    "dydd, llun, mercher, iau, gwener, sadwrn, sul"
)
NO_END = _among(
    "permanent, open ended, openended, indefinite, none, no, n/a, na, not applicable, unbefristet, keine, cdi,"
    "indefini, indéfini, indefinido, parhaol, -, –, —, ., /, x"
)
LEFT_OPEN = _among(
    "tbc, tbd, tba, to be confirmed, to be decided, unknown, not known, ?, ??, unclear, offen, unbekannt"
)
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z")
THREE_NUMBERS = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|\d{2})\.?\Z")
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})\Z")
CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]m)?\s*(?:Z|[+-]\d{2}:?\d{2})?\Z", re.IGNORECASE)
WORDS = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True)
class ReadDate:
    """A day, or None with a fault, or None because the cell says that there is no date."""

    day: date | None
    fault: DateFault | None = None
    notice: DateNotice | None = None


def read_date(value: object, *, order: Order = "dmy") -> ReadDate:
    """A date cell, a day number, or text; `order` decides 03/04/2027, which then carries a notice."""
    if isinstance(value, datetime):
        return ReadDate(value.date())
    if isinstance(value, date):
        return ReadDate(value)
    if isinstance(value, bool):
        return ReadDate(None, "date_unknown")
    if isinstance(value, int | float):
        return _from_number(value)
    return _from_text(str(value), order)


def _from_number(number: float) -> ReadDate:
    if FIRST_SERIAL <= number <= LAST_SERIAL + 1:
        return ReadDate(EPOCH + timedelta(days=int(number)))
    compact = COMPACT.match(str(int(number))) if abs(number) < 1e9 else None
    if compact:
        return _day(*map(int, compact.groups()))
    return ReadDate(None, "date_no_day" if 1950 <= number <= 2100 else "date_unknown")


def _from_text(raw: str, order: Order) -> ReadDate:
    text = CLOCK.sub("", " ".join(raw.split())).strip(" ,;")
    lower = text.casefold()
    if not text or lower.replace("-", " ") in NO_END or lower in NO_END:
        return ReadDate(None)
    if lower in LEFT_OPEN:
        return ReadDate(None, notice="date_left_open")
    iso = ISO.match(text)
    if iso:
        return _day(*map(int, iso.groups()))
    numbers = THREE_NUMBERS.match(text)
    if numbers:
        first, mark, second, year = numbers.groups()
        return _from_three(int(first), int(second), _year(year), "dmy" if mark == "." else order, certain=mark == ".")
    if text.isdecimal():
        return _from_number(int(text)) if len(text) < 10 else ReadDate(None, "date_unknown")
    return _from_words(lower)


def _from_three(first: int, second: int, year: int, order: Order, *, certain: bool) -> ReadDate:
    day, month = (first, second) if order == "dmy" else (second, first)
    if month > 12 >= day and not certain:
        other = _day(year, day, month)
        return ReadDate(other.day, other.fault, "date_other_order" if other.day else None)
    found = _day(year, month, day)
    if found.day and not certain and day <= 12 and day != month:
        return ReadDate(found.day, notice="date_ambiguous")
    return found


def _from_words(lower: str) -> ReadDate:
    """31 January 2027, January 31st, 2027, 31-Jan-27, 31 de enero de 2027."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(char))
    words = WORDS.findall(plain)
    numbers = [word for word in words if word.isdecimal()]
    months = [MONTHS[word] for word in words if word in MONTHS]
    if any(not word.isdecimal() and word not in MONTHS and word not in FILLERS for word in words) or len(months) != 1:
        return ReadDate(None, "date_unknown")
    if len(numbers) == 1:
        return ReadDate(None, "date_no_day")
    if len(numbers) != 2 or max(map(len, numbers)) > 4:
        return ReadDate(None, "date_unknown")
    day, year = numbers if len(numbers[0]) < 4 else reversed(numbers)
    if len(year) not in (2, 4):
        return ReadDate(None, "date_unknown")
    return _day(_year(year), months[0], int(day))


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < CENTURY_TURNS else 1900)


def _day(year: int, month: int, day: int) -> ReadDate:
    try:
        return ReadDate(date(year, month, day))
    except ValueError:
        return ReadDate(None, "date_impossible")
