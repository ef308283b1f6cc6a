"""Invoices: one line per source, whole minor units, and quarters that never drift."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.engines.invoicing import (
    CURRENCIES,
    UNUSUAL_DIGITS,
    DayBeforeStart,
    Line,
    MixedCurrencies,
    MixedTaxRates,
    NoRate,
    NotMoney,
    Quarter,
    RatePeriod,
    TooManyDecimals,
    TooMuchMoney,
    Totals,
    TwoRatesOnOneDay,
    UnknownCurrency,
    UsedEntry,
    amount,
    format_money,
    lines,
    minor_digits,
    months_later,
    parse_money,
    quarter_of,
    quarters,
    rounded,
    tax_rate_of,
    totals,
)

EIGHTY_FIVE = RatePeriod(date(2026, 9, 1), 8500, "GBP")
NINETY_FROM_JANUARY = RatePeriod(date(2027, 1, 1), 9000, "GBP")


def used(id, minutes, on=date(2026, 10, 5), source_id=1, kind="group", description="Group 1, session 3"):
    return UsedEntry(id, "session", source_id, kind, on, minutes, description)


def line(amount_minor, currency="GBP", tax=None):
    return Line("session", 1, "group", date(2026, 10, 5), "", 60, amount_minor, amount_minor, currency, tax, (1,))


# Lines


def test_a_delivered_session_becomes_one_line():
    assert lines([used(1, 90)], [EIGHTY_FIVE]) == (
        Line(
            source_kind="session",
            source_id=1,
            kind="group",
            on=date(2026, 10, 5),
            description="Group 1, session 3",
            minutes=90,
            minor_per_hour=8500,
            amount_minor=12750,
            currency="GBP",
            tax_basis_points=None,
            entry_ids=(1,),
        ),
    )


def test_lines_come_in_order_of_date_and_source():
    entries = [
        used(1, 60, on=date(2026, 11, 2), source_id=5),
        used(2, 60, on=date(2026, 10, 1), source_id=9),
        used(3, 60, on=date(2026, 10, 1), source_id=4),
    ]

    assert [drawn.source_id for drawn in lines(entries, [EIGHTY_FIVE])] == [4, 9, 5]


def test_entries_of_one_source_are_netted_on_one_line():
    drawn = lines([used(1, 90), used(2, -90), used(3, 60)], [EIGHTY_FIVE])

    assert [(one.minutes, one.amount_minor, one.entry_ids) for one in drawn] == [(60, 8500, (1, 2, 3))]


def test_entries_that_cancel_out_make_no_line_and_need_no_rate():
    assert lines([used(1, 90), used(2, -90)], []) == ()


def test_a_correction_after_invoicing_is_a_credit_line():
    (credit,) = lines([used(9, -90)], [EIGHTY_FIVE])

    assert (credit.minutes, credit.amount_minor, credit.is_credit) == (-90, -12750, True)


def test_the_rate_is_that_of_the_day_of_the_session():
    entries = [
        used(1, 60, on=date(2026, 12, 31), source_id=1),
        used(2, 60, on=date(2027, 1, 1), source_id=2),
    ]

    drawn = lines(entries, [NINETY_FROM_JANUARY, EIGHTY_FIVE])

    assert [one.amount_minor for one in drawn] == [8500, 9000]


def test_a_session_corrected_to_another_day_before_invoicing_shows_its_true_day():
    may, june = date(2027, 5, 3), date(2027, 6, 7)

    (drawn,) = lines([used(1, 90, on=may), used(2, -90, on=may), used(3, 90, on=june)], [EIGHTY_FIVE])

    assert (drawn.on, drawn.minutes, drawn.entry_ids) == (june, 90, (3,))


def test_a_correction_across_a_change_of_rate_credits_the_old_rate_and_charges_the_new():
    entries = [used(8, -60, on=date(2026, 12, 30)), used(9, 60, on=date(2027, 1, 4))]

    drawn = lines(entries, [EIGHTY_FIVE, NINETY_FROM_JANUARY])

    assert [one.amount_minor for one in drawn] == [-8500, 9000]


def test_a_correction_to_another_day_at_the_same_rate_changes_nothing_owed():
    assert lines([used(8, -60), used(9, 60, on=date(2026, 10, 12))], [EIGHTY_FIVE]) == ()


def test_a_day_without_a_rate_is_named():
    with pytest.raises(NoRate) as refusal:
        lines([used(1, 60, on=date(2026, 8, 31))], [EIGHTY_FIVE])

    assert refusal.value.sentence == (
        "There is no rate in force on 31 August 2026. Enter a rate that starts on or before that day."
    )
    assert refusal.value.params == {"on": date(2026, 8, 31)}


def test_two_rates_from_one_day_are_refused():
    with pytest.raises(TwoRatesOnOneDay) as refusal:
        lines([used(1, 60)], [EIGHTY_FIVE, RatePeriod(date(2026, 9, 1), 9000, "GBP")])

    assert refusal.value.sentence == "Two rates start on 1 September 2026. Keep one of them."


def test_a_rate_is_in_a_known_currency_and_not_negative():
    with pytest.raises(UnknownCurrency):
        RatePeriod(date(2026, 9, 1), 8500, "QQQ")
    with pytest.raises(ValueError, match="not negative"):
        RatePeriod(date(2026, 9, 1), -1, "GBP")


many_entries = st.lists(
    st.builds(
        used,
        id=st.just(0),
        minutes=st.integers(-300, 300),
        on=st.dates(date(2026, 9, 1), date(2027, 8, 31)),
        source_id=st.integers(1, 4),
    ),
    max_size=15,
).map(lambda entries: [UsedEntry(**{**vars(entry), "id": n}) for n, entry in enumerate(entries)])


@given(many_entries)
def test_minutes_on_the_lines_add_up_to_the_minutes_of_the_entries(entries):
    drawn = lines(entries, [EIGHTY_FIVE, NINETY_FROM_JANUARY])

    for source_id in range(1, 5):
        of_source = [one for one in drawn if one.source_id == source_id]
        assert sum(one.minutes for one in of_source) == sum(e.minutes for e in entries if e.source_id == source_id)
    carried = [id for one in drawn for id in one.entry_ids]
    assert len(carried) == len(set(carried))


@given(many_entries)
def test_without_a_change_of_rate_a_source_has_at_most_one_line(entries):
    drawn = lines(entries, [EIGHTY_FIVE])

    assert len({one.source_id for one in drawn}) == len(drawn)
    assert all(one.minutes for one in drawn)


# Rounding and totals


@pytest.mark.parametrize(("minutes", "rate", "minor"), [(1, 30, 1), (1, 29, 0), (-1, 30, -1), (50, 8501, 7084)])
def test_amounts_round_half_away_from_zero(minutes, rate, minor):
    assert amount(minutes, rate) == minor


@given(st.integers(-(10**9), 10**9), st.sampled_from([60, 10_000, 7]))
def test_rounding_agrees_with_decimal_arithmetic(numerator, denominator):
    exact = Decimal(numerator) / Decimal(denominator)

    assert rounded(numerator, denominator) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert rounded(-numerator, denominator) == -rounded(numerator, denominator)


def test_totals_tax_the_net_as_a_whole():
    assert totals([line(333), line(334)], 2000) == Totals(667, 133, 800, "GBP")
    assert totals([line(12750), line(-2500)], None) == Totals(10250, 0, 10250, "GBP")
    assert totals([line(-12750)], 2000) == Totals(-12750, -2550, -15300, "GBP")
    assert totals([], 2000) == Totals(0, 0, 0, None)


def test_mixed_currencies_are_refused():
    with pytest.raises(MixedCurrencies) as refusal:
        totals([line(1), line(1, "EUR")], None)

    assert refusal.value.sentence == (
        "These lines are in several currencies (EUR, GBP). One invoice is in one currency."
    )


def test_the_tax_rate_of_lines_is_one_or_a_refusal():
    assert tax_rate_of([line(1, tax=2000), line(2, tax=2000)]) == 2000
    assert tax_rate_of([line(1)]) is None
    assert tax_rate_of([]) is None
    with pytest.raises(MixedTaxRates):
        tax_rate_of([line(1, tax=2000), line(1)])


# Money


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("GBP", 2), ("EUR", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4), ("HUF", 2), ("MRU", 2), ("XCG", 2)],
)
def test_currencies_have_their_own_number_of_decimals(currency, digits):
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("code", ["gbp", "BGN", "HRK", "XAU", "XXX", "", "£", "GBPX"])
def test_codes_not_in_use_are_refused(code):
    with pytest.raises(UnknownCurrency) as refusal:
        minor_digits(code)

    assert refusal.value.params == {"currency": code}


def test_the_table_of_currencies_is_consistent():
    assert len(CURRENCIES) == 165
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
    assert UNUSUAL_DIGITS.keys() <= CURRENCIES


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (123450, "GBP", "£1,234.50"),
        (5, "EUR", "€0.05"),
        (-1200, "USD", "−$12.00"),
        (1234, "JPY", "JPY\u00a01,234"),
        (1234567, "KWD", "KWD\u00a01,234.567"),
        (-8500, "CHF", "−CHF\u00a085.00"),
        (0, "GBP", "£0.00"),
    ],
)
def test_money_is_written_in_plain_british_style(minor, currency, written):
    assert format_money(minor, currency) == written


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("85", "GBP", 8500),
        ("85.50", "GBP", 8550),
        ("85.5", "GBP", 8550),
        ("1,234.50", "GBP", 123450),
        ("1234.50", "GBP", 123450),
        ("  £85 ", "GBP", 8500),
        ("gbp 85", "GBP", 8500),
        ("-85", "GBP", -8500),
        ("−£85", "GBP", -8500),
        ("007", "GBP", 700),
        ("0", "GBP", 0),
        ("0.00", "GBP", 0),
        ("1,234,567", "JPY", 1234567),
        ("1.234", "KWD", 1234),
        ("999,999,999,999.99", "GBP", 99999999999999),
    ],
)
def test_typed_money_is_understood(text, currency, minor):
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "abc", "1,23", "1234,50", "12,34,567", "1,2345", "85.", ".5", "8 5", "1e5", "--5", "NaN", "85 p"),
        *("€85", "٨٥", "８５", "=85", "85\n90", "£", "1.234,50", "+85"),
    ],
)
def test_nonsense_is_not_money(text):
    with pytest.raises(NotMoney) as refusal:
        parse_money(text, "GBP")

    assert refusal.value.sentence == f"“{text.strip()}” is not an amount. Write it like 1,234.00."


def test_decimals_beyond_the_currency_are_refused():
    with pytest.raises(TooManyDecimals) as refusal:
        parse_money("85.505", "GBP")
    with pytest.raises(TooManyDecimals):
        parse_money("85.50", "JPY")

    assert refusal.value.sentence == "“85.505” has more decimals than GBP allows, which is 2."


def test_absurd_amounts_are_refused_without_reading_them():
    with pytest.raises(TooMuchMoney):
        parse_money("9" * 10_000, "GBP")


@given(st.integers(-(10**13), 10**13), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_written_can_be_typed_again(minor, currency):
    assert parse_money(format_money(minor, currency), currency) == minor


@given(st.text(max_size=12))
def test_no_text_does_worse_than_a_refusal(text):
    try:
        assert isinstance(parse_money(text, "GBP"), int)
    except (NotMoney, TooManyDecimals, TooMuchMoney) as refusal:
        assert refusal.sentence


# Quarters


def test_quarters_are_counted_from_the_start_of_the_cohort():
    assert quarters(date(2026, 9, 14), date(2027, 9, 13)) == (
        Quarter(1, date(2026, 9, 14), date(2026, 12, 13)),
        Quarter(2, date(2026, 12, 14), date(2027, 3, 13)),
        Quarter(3, date(2027, 3, 14), date(2027, 6, 13)),
        Quarter(4, date(2027, 6, 14), date(2027, 9, 13)),
    )


def test_quarters_of_a_cohort_that_starts_at_a_month_end_do_not_drift():
    starts = [quarter.starts_on for quarter in quarters(date(2026, 8, 31), date(2027, 8, 30))]

    assert starts == [date(2026, 8, 31), date(2026, 11, 30), date(2027, 2, 28), date(2027, 5, 31)]


def test_the_last_quarter_is_cut_at_the_end():
    assert quarters(date(2026, 9, 1), date(2027, 1, 15))[-1] == Quarter(2, date(2026, 12, 1), date(2027, 1, 15))


def test_a_day_before_the_start_is_in_no_quarter():
    with pytest.raises(DayBeforeStart) as refusal:
        quarter_of(date(2026, 8, 31), date(2026, 9, 1))

    assert refusal.value.sentence == ("31 August 2026 is before the start on 1 September 2026, so it is in no quarter.")


def test_months_are_clipped_at_their_ends():
    assert months_later(date(2027, 11, 30), 3) == date(2028, 2, 29)
    assert months_later(date(2026, 12, 31), 2) == date(2027, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.integers(0, 1500))
def test_every_day_is_in_exactly_one_quarter(starts_on, days):
    day = starts_on + timedelta(days=days)

    found = quarter_of(day, starts_on)

    assert found.starts_on <= day <= found.ends_on
    assert [one for one in quarters(starts_on, day + timedelta(days=400)) if one.starts_on <= day <= one.ends_on] == [
        found
    ]
