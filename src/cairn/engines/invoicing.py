"""Invoice lines from used minutes, money in minor units, and the quarters a cohort is invoiced in.

Money is an integer number of minor units (pence, cents, whole yen) beside an ISO 4217 alphabetic code; no float touches
it. Tax rates are basis points: 2000 is 20 %. An amount falls on whole minor units by rounding half away from zero, so
that a charge and the credit that takes it back always cancel.
"""

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from cairn.engines.wording import Refusal, gettext_noop

MINUTES_PER_HOUR = 60
BASIS_POINTS = 10_000
MONTHS_PER_QUARTER = 3
MOST_MINOR = 10**15  # far above any invoice, and safely inside a 64-bit column

# Codes in force in ISO 4217 list one up to amendment 180 (Bulgaria's move to the euro). Left out are metals, testing
# codes and composite units, which have no minor unit and in which nobody is paid.
IN_FORCE = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
    GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
    KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
    MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """
USUAL_DIGITS = 2
DIGITLESS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
FOUR_DIGITS = "CLF UYW"
CURRENCIES = frozenset(IN_FORCE.split())
UNUSUAL_DIGITS = (
    dict.fromkeys(DIGITLESS.split(), 0) | dict.fromkeys(THREE_DIGITS.split(), 3) | dict.fromkeys(FOUR_DIGITS.split(), 4)
)
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
MINUS = "−"
NO_BREAK_SPACE = "\u00a0"


class UnknownCurrency(Refusal):
    key = "invoicing.unknown_currency"
    template = gettext_noop("“{currency}” is not a currency code in use. Codes have three letters, such as GBP or EUR.")


class MixedCurrencies(Refusal):
    key = "invoicing.mixed_currencies"
    template = gettext_noop("These lines are in several currencies ({currencies}). One invoice is in one currency.")


class MixedTaxRates(Refusal):
    key = "invoicing.mixed_tax_rates"
    template = gettext_noop("These lines carry different tax rates. Put them on separate invoices.")


class NoRate(Refusal):
    key = "invoicing.no_rate"
    template = gettext_noop("There is no rate in force on {on}. Enter a rate that starts on or before that day.")


class TwoRatesOnOneDay(Refusal):
    key = "invoicing.two_rates_on_one_day"
    template = gettext_noop("Two rates start on {on}. Keep one of them.")


class NotMoney(Refusal):
    key = "invoicing.not_money"
    template = gettext_noop("“{text}” is not an amount. Write it like {example}.")


class TooManyDecimals(Refusal):
    key = "invoicing.too_many_decimals"
    template = gettext_noop("“{text}” has more decimals than {currency} allows, which is {digits}.")


class TooMuchMoney(Refusal):
    key = "invoicing.too_much_money"
    template = gettext_noop("“{text}” is a larger amount than can be kept here.")


class DayBeforeStart(Refusal):
    key = "invoicing.day_before_start"
    template = gettext_noop("{day} is before the start on {starts_on}, so it is in no quarter.")


@dataclass(frozen=True)
class UsedEntry:
    """Used minutes of a coach that no invoice has yet: signed, dated by the session and not by the posting."""

    id: int
    source_kind: str
    source_id: int
    kind: str
    on: date
    minutes: int
    description: str


@dataclass(frozen=True)
class RatePeriod:
    """A rate in force from a day on, until the next period starts. `tax_basis_points` None: no tax is charged."""

    from_on: date
    minor_per_hour: int
    currency: str
    tax_basis_points: int | None = None

    def __post_init__(self) -> None:
        minor_digits(self.currency)
        if self.minor_per_hour < 0 or (self.tax_basis_points or 0) < 0:
            raise ValueError("rates and taxes are not negative")


@dataclass(frozen=True)
class Line:
    """One source on an invoice. Negative minutes and amount: a credit. `entry_ids` are the entries it accounts for."""

    source_kind: str
    source_id: int
    kind: str
    on: date
    description: str
    minutes: int
    minor_per_hour: int
    amount_minor: int
    currency: str
    tax_basis_points: int | None
    entry_ids: tuple[int, ...]

    @property
    def is_credit(self) -> bool:
        return self.minutes < 0


@dataclass(frozen=True)
class Totals:
    """What an invoice comes to. `currency` is None when there are no lines; `tax_minor` is 0 without tax."""

    net_minor: int
    tax_minor: int
    gross_minor: int
    currency: str | None


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months counted from a cohort's start; the first is number 1, both days belong to it."""

    number: int
    starts_on: date
    ends_on: date


def lines(entries: Iterable[UsedEntry], rates: Sequence[RatePeriod]) -> tuple[Line, ...]:
    """Invoice lines for entries that no invoice has yet, in order of date and source.

    One line for each source with the net of its entries, at the rate in force on the day of the session. Entries that
    cancel out make no line, and can safely be offered again with later ones. Only when a correction moves a session
    from one rate to another does a source get two lines: a credit at the old rate and a charge at the new.

    Raises NoRate for a day that no rate covers, TwoRatesOnOneDay when the rates contradict each other.
    """
    ordered = _ordered_rates(rates)
    per_source: dict[tuple[str, int], dict[RatePeriod, list[UsedEntry]]] = defaultdict(lambda: defaultdict(list))
    for entry in _without_cancelled_days(entries):
        per_source[entry.source_kind, entry.source_id][_rate_on(entry.on, ordered)].append(entry)
    drawn = [_line(rate, group) for source in per_source.values() for rate, group in source.items()]
    return tuple(sorted((line for line in drawn if line.minutes), key=_reading_order))


def totals(invoice_lines: Iterable[Line], tax_basis_points: int | None) -> Totals:
    """Net, tax on the net as a whole, and gross. Raises MixedCurrencies."""
    counted = tuple(invoice_lines)
    currencies = sorted({line.currency for line in counted})
    if len(currencies) > 1:
        raise MixedCurrencies(currencies=", ".join(currencies))
    net = sum(line.amount_minor for line in counted)
    tax = rounded(net * (tax_basis_points or 0), BASIS_POINTS)
    return Totals(net, tax, net + tax, currencies[0] if currencies else None)


def tax_rate_of(invoice_lines: Iterable[Line]) -> int | None:
    """The tax rate that all these lines carry, for `totals`; None without tax. Raises MixedTaxRates."""
    found = {line.tax_basis_points for line in invoice_lines}
    if len(found) > 1:
        raise MixedTaxRates
    return found.pop() if found else None


def amount(minutes: int, minor_per_hour: int) -> int:
    """What so many minutes cost, in minor units."""
    return rounded(minutes * minor_per_hour, MINUTES_PER_HOUR)


def rounded(numerator: int, denominator: int) -> int:
    """A fraction as a whole number, halves away from zero; the denominator is positive."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def minor_digits(currency: str) -> int:
    """How many decimals a currency has. Raises UnknownCurrency for anything but an active ISO 4217 code."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(currency=currency)
    return UNUSUAL_DIGITS.get(currency, USUAL_DIGITS)


def format_money(minor: int, currency: str) -> str:
    """An amount as it is written in Britain: £1,234.50; with the code where the symbol is not unmistakable."""
    mark = SYMBOLS.get(currency, currency + NO_BREAK_SPACE)
    return f"{MINUS if minor < 0 else ''}{mark}{_grouped(abs(minor), minor_digits(currency))}"


def parse_money(text: str, currency: str) -> int:
    """What somebody typed, in minor units: 85, 85.50, 1,234.50, £85, GBP 85, -85. Commas only between thousands.

    Raises NotMoney, TooManyDecimals or TooMuchMoney with a sentence for the person who typed.
    """
    digits = minor_digits(currency)
    found = AMOUNT.fullmatch(_without_mark(text, currency))
    if found is None:
        raise NotMoney(text=text.strip(), example=_grouped(1234 * 10**digits, digits))
    decimals = found["decimals"] or ""
    if len(decimals) > digits:
        raise TooManyDecimals(text=text.strip(), currency=currency, digits=digits)
    whole = found["whole"].replace(",", "").lstrip("0")
    if len(whole) + digits > len(str(MOST_MINOR)) - 1:
        raise TooMuchMoney(text=text.strip())
    minor = int((whole + decimals.ljust(digits, "0")) or "0")
    return -minor if found["sign"] else minor


def quarter_of(day: date, starts_on: date) -> Quarter:
    """The quarter a day falls in, counted from the cohort's start. Raises DayBeforeStart."""
    if day < starts_on:
        raise DayBeforeStart(day=day, starts_on=starts_on)
    months = (day.year - starts_on.year) * 12 + day.month - starts_on.month
    number = months // MONTHS_PER_QUARTER + 1
    if day < _quarter_start(number, starts_on):  # the day is in the right month, but before the day of the month
        number -= 1
    return _quarter(number, starts_on)


def quarters(starts_on: date, ends_on: date) -> tuple[Quarter, ...]:
    """All quarters from the first day to the last, the last one cut at `ends_on`. Raises DayBeforeStart."""
    last = quarter_of(ends_on, starts_on)
    whole = (_quarter(number, starts_on) for number in range(1, last.number))
    return (*whole, Quarter(last.number, last.starts_on, ends_on))


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


AMOUNT = re.compile(r"(?P<sign>[-−]?)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<decimals>[0-9]+))?")


def _without_cancelled_days(entries: Iterable[UsedEntry]) -> list[UsedEntry]:
    """Entries in order of posting, less those of a source's day that net to nothing: no rate need exist for them."""
    per_day: dict[tuple[str, int, date], list[UsedEntry]] = defaultdict(list)
    for entry in entries:
        per_day[entry.source_kind, entry.source_id, entry.on].append(entry)
    standing = (group for group in per_day.values() if sum(entry.minutes for entry in group))
    return sorted((entry for group in standing for entry in group), key=lambda entry: entry.id)


def _line(rate: RatePeriod, group: Sequence[UsedEntry]) -> Line:
    minutes = sum(entry.minutes for entry in group)
    # The entry that speaks for the source is the last that points the way of the net, not a reversal on the way there.
    spokesman = next((entry for entry in reversed(group) if entry.minutes * minutes > 0), group[-1])
    return Line(
        source_kind=spokesman.source_kind,
        source_id=spokesman.source_id,
        kind=spokesman.kind,
        on=spokesman.on,
        description=spokesman.description,
        minutes=minutes,
        minor_per_hour=rate.minor_per_hour,
        amount_minor=amount(minutes, rate.minor_per_hour),
        currency=rate.currency,
        tax_basis_points=rate.tax_basis_points,
        entry_ids=tuple(entry.id for entry in group),
    )


def _reading_order(line: Line) -> tuple[date, str, int, bool]:
    return line.on, line.source_kind, line.source_id, not line.is_credit


def _ordered_rates(rates: Sequence[RatePeriod]) -> list[RatePeriod]:
    ordered = sorted(rates, key=lambda rate: rate.from_on)
    for earlier, later in pairwise(ordered):
        if earlier.from_on == later.from_on:
            raise TwoRatesOnOneDay(on=later.from_on)
    return ordered


def _rate_on(day: date, ordered: Sequence[RatePeriod]) -> RatePeriod:
    in_force = next((rate for rate in reversed(ordered) if rate.from_on <= day), None)
    if in_force is None:
        raise NoRate(on=day)
    return in_force


def _without_mark(text: str, currency: str) -> str:
    """What was typed without spaces around it, and without the symbol or code of the currency it is meant in."""
    typed = text.replace(NO_BREAK_SPACE, " ").strip()
    sign, rest = (typed[:1], typed[1:].lstrip()) if typed[:1] in ("-", MINUS) else ("", typed)
    for mark in (SYMBOLS.get(currency), currency):
        if mark and rest.upper().startswith(mark):
            return sign + rest[len(mark) :].lstrip()
    return sign + rest


def _grouped(minor: int, digits: int) -> str:
    whole, part = divmod(minor, 10**digits)
    return f"{whole:,}.{part:0{digits}d}" if digits else f"{whole:,}"


def _quarter_start(number: int, starts_on: date) -> date:
    return months_later(starts_on, (number - 1) * MONTHS_PER_QUARTER)


def _quarter(number: int, starts_on: date) -> Quarter:
    next_start = _quarter_start(number + 1, starts_on)
    return Quarter(number, _quarter_start(number, starts_on), next_start - timedelta(days=1))
