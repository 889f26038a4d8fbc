"""Calendar arithmetic: one rounding per step, whole months, working days (CPC art. 641, 642)."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald.dsl.dates import (
    DateOverflow,
    add_duration,
    compare_from,
    days_between,
    first_of_year,
    french_date,
    is_working_day,
    last_of_year,
    months_between,
    next_working_day,
    parse_french_date,
    subtract_duration,
    years_between,
)
from lexald.dsl.values import Duration

days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
any_days = st.dates()
counts = st.integers(0, 1200)


def on(text: str) -> date:
    return parse_french_date(text)


# Adding


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("31/01/2025", Duration.of(months=1), "28/02/2025"),
        ("31/01/2024", Duration.of(months=1), "29/02/2024"),
        ("29/02/2020", Duration.of(years=10), "28/02/2030"),
        ("29/02/2020", Duration.of(years=4), "29/02/2024"),
        ("31/12/2024", Duration.of(months=2), "28/02/2025"),
        ("15/03/2025", Duration.of(years=1, months=6), "15/09/2026"),
        ("31/01/2025", Duration.of(months=1, days=1), "01/03/2025"),
        ("30/01/2025", Duration.of(months=6, days=1), "31/07/2025"),
        ("28/02/2025", Duration.of(weeks=2), "14/03/2025"),
        ("15/03/2025", Duration(0, 0), "15/03/2025"),
        ("31/03/2025", Duration.of(months=-1), "28/02/2025"),
    ],
)
def test_months_stop_at_the_last_day_then_days_are_added(
    start: str, duration: Duration, end: str
) -> None:
    assert french_date(add_duration(on(start), duration)) == end


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("31/01/2025", Duration.of(months=1), "01/03/2025"),
        ("29/02/2004", Duration.of(years=18), "01/03/2022"),
        ("29/02/2004", Duration.of(years=16), "29/02/2020"),
        ("31/01/2025", Duration.of(months=1, days=1), "02/03/2025"),
        ("15/03/2025", Duration.of(months=1), "15/04/2025"),
    ],
)
def test_rounding_up_gives_the_first_of_the_next_month(
    start: str, duration: Duration, end: str
) -> None:
    assert french_date(add_duration(on(start), duration, round_up=True)) == end


def test_two_steps_of_one_month_are_not_one_of_two() -> None:
    start, month = on("31/01/2025"), Duration.of(months=1)
    assert add_duration(add_duration(start, month), month) == on("28/03/2025")
    assert add_duration(start, month * 2) == on("31/03/2025")


@pytest.mark.parametrize(
    ("start", "duration", "round_up", "end"),
    [
        ("31/03/2025", Duration.of(months=1), False, "28/02/2025"),
        ("31/03/2025", Duration.of(months=1), True, "01/03/2025"),
        ("29/02/2024", Duration.of(years=1), False, "28/02/2023"),
        ("31/03/2025", Duration.of(months=1, days=1), False, "27/02/2025"),
        ("01/01/2025", Duration.of(days=1), False, "31/12/2024"),
    ],
)
def test_subtraction_rounds_months_then_takes_days_away(
    start: str, duration: Duration, round_up: bool, end: str
) -> None:
    assert french_date(subtract_duration(on(start), duration, round_up=round_up)) == end


@given(days, st.integers(-1200, 1200))
def test_the_month_reached_is_exact_and_the_day_never_greater(start: date, n: int) -> None:
    end = add_duration(start, Duration(n, 0))
    assert (end.year - start.year) * 12 + end.month - start.month == n
    assert end.day == start.day or (end.day < start.day and (end + timedelta(1)).day == 1)


@given(days, st.integers(-1200, 1200))
def test_rounding_up_is_the_day_after_when_the_day_is_missing(start: date, n: int) -> None:
    down = add_duration(start, Duration(n, 0))
    up = add_duration(start, Duration(n, 0), round_up=True)
    assert up == (down if down.day == start.day else down + timedelta(1))


@given(days, days, counts)
def test_adding_keeps_the_order_of_days(a: date, b: date, n: int) -> None:
    first, last = sorted((a, b))
    for round_up in (False, True):
        assert add_duration(first, Duration(n, 0), round_up=round_up) <= add_duration(
            last, Duration(n, 0), round_up=round_up
        )


@pytest.mark.parametrize(
    ("start", "duration"),
    [
        (date(9999, 12, 31), Duration(0, 1)),
        (date(9999, 12, 1), Duration(1, 0)),
        (date(1, 1, 1), Duration(0, -1)),
        (date(1, 1, 1), Duration(-1, 0)),
        (date(2025, 1, 1), Duration(12 * 10**6, 0)),
        (date(2025, 1, 1), Duration(0, 10**15)),
        (date(2025, 1, 1), Duration(0, -(10**30))),
    ],
)
def test_leaving_the_years_1_to_9999_is_refused(start: date, duration: Duration) -> None:
    with pytest.raises(DateOverflow):
        add_duration(start, duration)
    with pytest.raises(OverflowError):
        subtract_duration(start, -duration)


# Differences


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("31/01/2025", "28/02/2025", 1),
        ("31/01/2024", "28/02/2024", 0),
        ("31/01/2024", "29/02/2024", 1),
        ("28/02/2025", "31/03/2025", 1),
        ("28/02/2025", "27/03/2025", 0),
        ("15/01/2025", "14/02/2025", 0),
        ("15/01/2025", "15/02/2025", 1),
        ("28/02/2025", "31/01/2025", -1),
        ("15/02/2025", "16/01/2025", 0),
        ("15/02/2025", "15/02/2025", 0),
    ],
)
def test_whole_months(start: str, end: str, months: int) -> None:
    assert months_between(on(start), on(end)) == months


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("29/02/2020", "28/02/2021", 1),
        ("29/02/2020", "27/02/2021", 0),
        ("29/02/2020", "28/02/2024", 3),
        ("29/02/2020", "29/02/2024", 4),
        ("03/02/1954", "02/02/2016", 61),
        ("03/02/1954", "03/02/2016", 62),
        ("28/02/2021", "29/02/2020", -1),
        ("01/06/2021", "01/07/2020", 0),
    ],
)
def test_whole_years(start: str, end: str, years: int) -> None:
    assert years_between(on(start), on(end)) == years


@given(days, counts)
def test_months_added_are_the_months_between(start: date, n: int) -> None:
    assert months_between(start, add_duration(start, Duration(n, 0))) == n


@given(days, st.integers(0, 100))
def test_years_added_are_the_years_between(start: date, n: int) -> None:
    assert years_between(start, add_duration(start, Duration.of(years=n))) == n


@given(days, days)
def test_whole_months_are_the_most_that_do_not_pass_the_end(a: date, b: date) -> None:
    start, end = sorted((a, b))
    n = months_between(start, end)
    assert add_duration(start, Duration(n, 0)) <= end < add_duration(start, Duration(n + 1, 0))


@given(any_days, any_days)
def test_differences_change_sign_with_their_direction(a: date, b: date) -> None:
    for between in (days_between, months_between, years_between):
        assert between(a, b) == -between(b, a)


@given(days, days)
def test_years_are_twelve_months_and_days_add_back(a: date, b: date) -> None:
    start, end = sorted((a, b))
    assert years_between(start, end) == months_between(start, end) // 12
    assert add_duration(a, Duration(0, days_between(a, b))) == b


@pytest.mark.parametrize(
    ("start", "order"), [("01/02/2025", -1), ("01/04/2025", 0), ("01/01/2025", 1)]
)
def test_one_month_against_thirty_days_depends_on_the_start(start: str, order: int) -> None:
    assert compare_from(on(start), Duration.of(months=1), Duration.of(days=30)) == order


# Working days


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("15/03/2025", "17/03/2025"),  # Saturday
        ("16/03/2025", "17/03/2025"),  # Sunday
        ("14/03/2025", "14/03/2025"),  # Friday
        ("14/07/2025", "15/07/2025"),  # national day, a Monday
        ("18/04/2025", "18/04/2025"),  # Good Friday: a holiday in Alsace-Moselle only
        ("19/04/2025", "22/04/2025"),  # Saturday before Easter Monday
        ("29/05/2025", "30/05/2025"),  # Ascension
        ("26/12/2025", "26/12/2025"),  # St Stephen: a holiday in Alsace-Moselle only
        ("01/11/2025", "03/11/2025"),  # All Saints, a Saturday: no day in lieu
        ("30/04/2027", "30/04/2027"),
        ("01/01/2022", "03/01/2022"),
        ("31/12/2022", "02/01/2023"),  # across the year
    ],
)
def test_limit_moves_to_the_next_working_day(day: str, moved: str) -> None:
    assert french_date(next_working_day(on(day))) == moved


def test_refusal_limit_ends_on_a_working_day() -> None:
    limit = add_duration(on("31/12/2024"), Duration.of(months=2))
    assert limit == next_working_day(limit) == on("28/02/2025")


def test_limit_of_two_months_that_ends_on_a_saturday_moves_to_monday() -> None:
    limit = add_duration(on("14/01/2026"), Duration.of(months=2))
    assert limit == on("14/03/2026")
    assert next_working_day(limit) == on("16/03/2026")


def test_eleven_holidays_a_year() -> None:
    # 2024 has its eleven on distinct days; 14 July alone is a Sunday.
    weekdays = [d for n in range(366) if (d := date(2024, 1, 1) + timedelta(n)).weekday() < 5]
    off = [french_date(d)[:5] for d in weekdays if not is_working_day(d)]
    assert off == [
        "01/01", "01/04", "01/05", "08/05", "09/05", "20/05", "15/08", "01/11", "11/11", "25/12",
    ]  # fmt: skip


@given(days)
def test_next_working_day_is_the_first_from_the_day_on(day: date) -> None:
    found = next_working_day(day)
    assert is_working_day(found)
    assert 0 <= days_between(day, found) <= 5
    passed = [day + timedelta(n) for n in range(days_between(day, found))]
    assert not any(map(is_working_day, passed))


def test_outside_the_known_years_only_weekends_count() -> None:
    assert is_working_day(date(2101, 7, 14))
    assert not is_working_day(date(2100, 7, 14))
    assert is_working_day(date(9999, 12, 31))


def test_holidays_are_imported_only_when_a_weekday_is_asked_about() -> None:
    program = (
        "import sys; from datetime import date; from lexald.dsl import dates;"
        "dates.is_working_day(date(2025, 3, 15)); assert 'holidays' not in sys.modules;"
        "dates.is_working_day(date(2025, 3, 14)); assert 'holidays' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# Texts and years


@given(any_days)
def test_french_date_reads_back(day: date) -> None:
    assert parse_french_date(french_date(day)) == day


def test_french_date_is_padded() -> None:
    assert french_date(date(2017, 4, 6)) == "06/04/2017"
    assert french_date(date(812, 1, 2)) == "02/01/0812"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6/4/2017",
        "06/04/17",
        "2017-04-06",
        "06-04-2017",
        "31/02/2005",
        "00/01/2005",
        "01/13/2005",
        "01/01/0000",
        " 06/04/2017",
        "06/04/2017\n",
        "10/2016",
        "٠٦/04/2017",
    ],
)
def test_malformed_or_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_french_date(text)


@given(any_days)
def test_ends_of_the_year_surround_the_day(day: date) -> None:
    first, last = first_of_year(day), last_of_year(day)
    assert first <= day <= last
    assert (first.year, first.month, first.day) == (day.year, 1, 1)
    assert (last.year, last.month, last.day) == (day.year, 12, 31)
