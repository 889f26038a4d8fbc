"""Exact values: money without floats, durations without a total order, texts that read back."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald.dsl import syntax
from lexald.dsl.dates import compare_from
from lexald.dsl.diagnostics import Findings
from lexald.dsl.parser import parse
from lexald.dsl.source import SourceFile
from lexald.dsl.values import (
    Amount,
    Duration,
    Rounding,
    decimal_text,
    french_decimal,
    french_rate,
    parse_decimal,
    round_to,
    terminates,
)

amounts = st.builds(Amount, st.integers(-(10**14), 10**14))
fractions = st.fractions(-(10**6), 10**6, max_denominator=10**4)
few = st.integers(0, 40)
durations = st.builds(Duration, few, few)
any_durations = st.builds(Duration, st.integers(-40, 40), st.integers(-40, 40))
terminating = st.builds(lambda n, places: Fraction(n, 10**places), st.integers(), st.integers(0, 9))


def read_literal(kind: str, text: str) -> object:
    """What the language reads where *text* is the value of a parameter."""
    findings = Findings()
    source = f"paramètre x : {kind}\n  à compter du 01/01/2005 : {text}\n"
    parsed = parse(SourceFile.of("x.ald", source), findings)
    assert not findings.sorted()
    (parameter,) = parsed.tree.statements
    assert isinstance(parameter, syntax.Parameter)
    value = parameter.versions[0].value
    assert isinstance(value, syntax.Literal)
    return value.value


# Rounding


@pytest.mark.parametrize(
    ("value", "nearest", "up", "down"),
    [
        ("1/2", 1, 1, 0),
        ("-1/2", -1, 0, -1),
        ("3/2", 2, 2, 1),
        ("-3/2", -2, -1, -2),
        ("-7/5", -1, -1, -2),
        ("7/5", 1, 2, 1),
        ("3", 3, 3, 3),
        ("-3", -3, -3, -3),
    ],
)
def test_half_rounds_away_from_zero(value: str, nearest: int, up: int, down: int) -> None:
    found = [round_to(Fraction(value), 1, rounding) for rounding in Rounding]
    assert found == [nearest, up, down]


@pytest.mark.parametrize(
    ("cents", "rounding", "euros"),
    [
        (34449, Rounding.NEAREST, 34400),
        (34450, Rounding.NEAREST, 34500),
        (-34450, Rounding.NEAREST, -34500),
        (34401, Rounding.UP, 34500),
        (-34499, Rounding.UP, -34400),
        (34499, Rounding.DOWN, 34400),
        (-34401, Rounding.DOWN, -34500),
    ],
)
def test_rounding_to_the_euro_gives_cents(cents: int, rounding: Rounding, euros: int) -> None:
    assert round_to(cents, 100, rounding) == euros


@given(fractions, st.sampled_from([1, 100]))
def test_rounding_gives_a_multiple_on_the_side_it_names(value: Fraction, unit: int) -> None:
    down, up = round_to(value, unit, Rounding.DOWN), round_to(value, unit, Rounding.UP)
    assert down % unit == up % unit == 0
    assert down <= value <= up
    assert up - down == (0 if value % unit == 0 else unit)


@given(fractions, st.sampled_from([1, 100]))
def test_nearest_is_at_most_half_a_unit_away_and_odd(value: Fraction, unit: int) -> None:
    found = round_to(value, unit, Rounding.NEAREST)
    assert found % unit == 0
    assert abs(found - value) * 2 <= unit
    if abs(found - value) * 2 == unit:
        assert abs(found) > abs(value)
    assert round_to(-value, unit, Rounding.NEAREST) == -found


# Amounts


@pytest.mark.parametrize(
    ("euros", "cents"),
    [
        ("344.10", 34410),
        ("344.1", 34410),
        ("344", 34400),
        ("-0.50", -50),
        ("+2.00", 200),
        (344, 34400),
        (-1, -100),
        (Decimal("344.10"), 34410),
        (Decimal("1E+2"), 10000),
        (Decimal("-0.5"), -50),
    ],
)
def test_amount_is_read_in_euros(euros: str | int | Decimal, cents: int) -> None:
    assert Amount.of(euros) == Amount(cents)


@pytest.mark.parametrize("euros", [344.10, 344.0, True, False, None, Fraction(1, 2), b"1"])
def test_amount_of_another_type_is_refused(euros: object) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Amount.of(euros)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1\n",
        "1,00",
        "1.",
        ".5",
        "1.005",
        "1e3",
        "--1",
        "1 000",
        "NaN",
        "1_0",
        "٣",
        "1" * 16,
    ],
)
def test_malformed_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Amount.of(text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "1.005", "1.000", "1E+999999", "1E-3"])
def test_decimal_that_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Amount.of(Decimal(text))


@pytest.mark.parametrize(
    ("cents", "machine", "french"),
    [
        (34410, "344.10", "344,10 €"),
        (-50, "-0.50", "-0,50 €"),
        (0, "0.00", "0,00 €"),
        (5, "0.05", "0,05 €"),
        (99999, "999.99", "999,99 €"),
        (123456, "1234.56", "1 234,56 €"),
        (-123456789, "-1234567.89", "-1 234 567,89 €"),
    ],
)
def test_amount_is_written(cents: int, machine: str, french: str) -> None:
    assert (str(Amount(cents)), Amount(cents).french()) == (machine, french)


@given(amounts)
def test_amount_machine_text_reads_back(amount: Amount) -> None:
    assert Amount.of(str(amount)) == amount


@pytest.mark.parametrize("cents", [0, 5, 34410, 123456, 123456789, -50, -123456])
def test_language_reads_the_amounts_it_writes(cents: int) -> None:
    assert read_literal("montant", Amount(cents).french()) == Amount(cents)


@given(amounts, amounts, st.integers(-1000, 1000))
def test_amounts_compute_as_their_cents(a: Amount, b: Amount, n: int) -> None:
    assert (a + b, a - b, -a, a * n) == (
        Amount(a.cents + b.cents),
        Amount(a.cents - b.cents),
        Amount(-a.cents),
        Amount(a.cents * n),
    )
    assert (a < b, a <= b) == (a.cents < b.cents, a.cents <= b.cents)
    assert hash(a) == hash(Amount(a.cents))


@given(amounts, st.sampled_from(Rounding))
def test_whole_cents_survive_any_rounding(amount: Amount, rounding: Rounding) -> None:
    assert amount.exact == amount.cents
    assert Amount.from_exact(amount.exact, rounding) == amount


def test_sixty_five_percent_is_rounded_once() -> None:
    exact = Amount.of("23.35").exact * Fraction(65, 100)  # 15.1775 €
    found = [str(Amount.from_exact(exact, rounding)) for rounding in Rounding]
    assert found == ["15.18", "15.18", "15.17"]


@pytest.mark.parametrize("factor", [Fraction(1, 2), 0.5])
def test_amount_times_a_fraction_is_no_amount(factor: object) -> None:
    with pytest.raises(TypeError):
        Amount(100) * factor  # type: ignore[operator]


# Durations


def test_years_fold_into_months_and_weeks_into_days() -> None:
    assert Duration.of(years=1, months=6, weeks=2, days=1) == Duration(18, 15)


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        (Duration(12, 0), Duration(6, 0), 1),
        (Duration(6, 0), Duration(12, 0), -1),
        (Duration.of(years=1), Duration.of(months=12), 0),
        (Duration(0, 30), Duration(0, 31), -1),
        (Duration.of(weeks=2), Duration.of(days=14), 0),
        (Duration(0, 0), Duration(1, 0), -1),
        (Duration(0, 1), Duration(0, 0), 1),
        (Duration(0, 0), Duration(0, 0), 0),
        (Duration(1, 0), Duration(0, 30), None),
        (Duration(1, 0), Duration(0, 1), None),
        (Duration(6, 0), Duration(0, 200), None),
        (Duration(6, 1), Duration(6, 0), 1),
        (Duration(6, -1), Duration(6, 0), -1),
        (Duration(6, 1), Duration(5, 40), None),
    ],
)
def test_months_and_days_do_not_compare(left: Duration, right: Duration, order: int | None) -> None:
    assert left.compare(right) == order


@given(any_durations, any_durations)
def test_comparison_is_antisymmetric_and_zero_only_of_equals(a: Duration, b: Duration) -> None:
    order, back = a.compare(b), b.compare(a)
    assert back == (None if order is None else -order)
    assert (order == 0) == (a == b)


@given(any_durations, any_durations, st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_comparison_holds_from_any_date(a: Duration, b: Duration, start: date) -> None:
    order = a.compare(b)
    if order is not None:
        assert compare_from(start, a, b) == order


@given(any_durations, any_durations, st.integers(-9, 9))
def test_durations_compute_by_components(a: Duration, b: Duration, n: int) -> None:
    assert a + b == Duration(a.months + b.months, a.days + b.days)
    assert a - b == Duration(a.months - b.months, a.days - b.days)
    assert -a == a * -1
    assert a * n == Duration(a.months * n, a.days * n)
    assert a.is_zero == (a == Duration(0, 0))
    assert hash(a) == hash(Duration(a.months, a.days))


def test_duration_times_a_fraction_is_refused() -> None:
    with pytest.raises(TypeError):
        Duration(1, 0) * Fraction(1, 2)  # type: ignore[operator]


def test_durations_have_no_order_operator() -> None:
    with pytest.raises(TypeError):
        assert Duration(1, 0) < Duration(2, 0)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("duration", "iso", "french"),
    [
        (Duration.of(years=3), "P3Y", "3 ans"),
        (Duration.of(years=1), "P1Y", "1 an"),
        (Duration(6, 0), "P6M", "6 mois"),
        (Duration(18, 0), "P1Y6M", "1 an et 6 mois"),
        (Duration(0, 30), "P30D", "30 jours"),
        (Duration(0, 1), "P1D", "1 jour"),
        (Duration(6, 1), "P6M1D", "6 mois et 1 jour"),
        (Duration(30, 2), "P2Y6M2D", "2 ans et 6 mois et 2 jours"),
        (Duration(0, 0), "P0D", "0 jour"),
        (Duration(0, -3), "-P3D", "-3 jours"),
        (Duration(-18, -1), "-P1Y6M1D", "-1 an et 6 mois et 1 jour"),
    ],
)
def test_duration_is_written(duration: Duration, iso: str, french: str) -> None:
    assert (duration.iso(), duration.french()) == (iso, french)


@pytest.mark.parametrize(
    ("duration", "french"),
    [
        (Duration(6, -1), "6 mois - 1 jour"),
        (Duration(-6, 1), "1 jour - 6 mois"),
        (Duration(18, -2), "1 an et 6 mois - 2 jours"),
    ],
)
def test_duration_of_opposite_signs_is_a_difference_without_iso(
    duration: Duration, french: str
) -> None:
    assert duration.french() == french
    with pytest.raises(ValueError, match="opposite signs"):
        duration.iso()


@given(durations, st.booleans())
def test_iso_text_reads_back(duration: Duration, negative: bool) -> None:
    duration = -duration if negative else duration
    assert Duration.parse_iso(duration.iso()) == duration


@pytest.mark.parametrize(
    ("months", "days"), list(itertools.product([0, 1, 6, 12, 18, 24], [0, 1, 15]))
)
def test_language_reads_the_durations_it_writes(months: int, days: int) -> None:
    duration = Duration(months, days)
    assert read_literal("durée", duration.french()) == duration
    if not duration.is_zero:
        assert read_literal("durée", (-duration).french()) == -duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P2W", Duration(0, 14)),
        ("P1Y2M3W4D", Duration(14, 25)),
        ("P18M", Duration(18, 0)),
        ("P0Y", Duration(0, 0)),
        ("P999999D", Duration(0, 999999)),
    ],
)
def test_other_iso_spellings_are_read(text: str, duration: Duration) -> None:
    assert Duration.parse_iso(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "6M",
        "P6",
        "p6m",
        "P1M1Y",
        "P-1D",
        "P6M-1D",
        "+P1D",
        "PT1H",
        "P1DT1H",
        "P1.5Y",
        "P0,5Y",
        "P1D\n",
        " P1D",
        "P1000000D",
        "P٣D",
    ],
)
def test_malformed_iso_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Duration.parse_iso(text)


# Numbers and rates


@pytest.mark.parametrize(
    ("number", "machine", "french"),
    [
        ("65/100", "0.65", "0,65"),
        ("5/2", "2.5", "2,5"),
        ("-5/2", "-2.5", "-2,5"),
        ("-1/8", "-0.125", "-0,125"),
        ("1/1024", "0.0009765625", "0,0009765625"),
        ("7", "7", "7"),
        ("0", "0", "0"),
        ("100", "100", "100"),
        ("2/3", "2/3", "2/3"),
        ("-1/30", "-1/30", "-1/30"),
    ],
)
def test_number_is_written_exactly(number: str, machine: str, french: str) -> None:
    assert (decimal_text(Fraction(number)), french_decimal(Fraction(number))) == (machine, french)


@pytest.mark.parametrize(
    ("rate", "french"),
    [
        (Fraction(65, 100), "65 %"),
        (Fraction(3, 8), "37,5 %"),
        (Fraction(2, 3), "200/3 %"),
        (Fraction(1), "100 %"),
        (Fraction(0), "0 %"),
        (1, "100 %"),
    ],
)
def test_rate_is_written_in_percent(rate: Fraction | int, french: str) -> None:
    assert french_rate(rate) == french


@given(terminating)
def test_decimal_text_reads_back(number: Fraction) -> None:
    assert terminates(number)
    text = decimal_text(number)
    assert Fraction(text) == number
    assert not (text.endswith("0") and "." in text)
    if sum(map(str.isdigit, text)) <= 30:
        assert parse_decimal(text) == number


@given(fractions)
def test_number_without_end_is_written_as_a_fraction(number: Fraction) -> None:
    text = decimal_text(number)
    assert Fraction(text) == number
    assert ("/" in text) == (not terminates(number))


@pytest.mark.parametrize("number", ["0.65", "2.5", "0.05"])
def test_language_reads_the_numbers_and_rates_it_writes(number: str) -> None:
    value = parse_decimal(number)
    assert read_literal("décimal", french_decimal(value)) == value
    assert read_literal("taux", french_rate(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.65", Fraction(13, 20)),
        ("-0.5", Fraction(-1, 2)),
        ("+12", Fraction(12)),
        ("007", Fraction(7)),
        ("-" + "1" * 29 + ".5", Fraction("-" + "1" * 29 + ".5")),
    ],
)
def test_decimal_is_read(text: str, value: Fraction) -> None:
    assert parse_decimal(text) == value


@pytest.mark.parametrize(
    "text",
    ["", ".5", "5.", "0,65", "1e3", "1/2", "NaN", "inf", " 1", "1\n", "1_0", "- 1", "٣", "1" * 31],
)
def test_malformed_decimal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a decimal number"):
        parse_decimal(text)


def test_31_digits_are_refused_though_30_with_sign_and_point_pass() -> None:
    with pytest.raises(ValueError, match="not a decimal number"):
        parse_decimal("1" * 30 + ".1")
