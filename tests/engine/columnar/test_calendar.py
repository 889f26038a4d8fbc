"""The calendar of columns is that of `lexald.dsl.dates`, day for day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald.dsl.dates import (
    DateOverflow,
    add_duration,
    months_between,
    next_working_day,
    years_between,
)
from lexald.dsl.operations import FUNCTIONS
from lexald.dsl.values import Duration
from lexald.engine.columnar import calendar

EDGES = [
    date.min,
    date(1, 2, 1),
    date(2000, 2, 29),
    date(2023, 1, 31),
    date(9999, 11, 30),
    date.max,
]
DAYS = st.sampled_from(EDGES) | st.dates() | st.dates(date(1995, 1, 1), date(2030, 12, 31))


def numbers(days: list[date]) -> np.ndarray:
    return np.array([day.toordinal() for day in days], np.int64)


@given(
    st.lists(
        st.tuples(
            DAYS,
            st.integers(-60, 60) | st.integers(-(10**6), 10**6),
            st.integers(-400, 400) | st.integers(-(10**8), 10**8),
        ),
        min_size=1,
    ),
    st.booleans(),
)
def test_a_duration_is_added_as_one_by_one(
    found: list[tuple[date, int, int]], round_up: bool
) -> None:
    days, months, more = zip(*found, strict=True)
    reached, wrong = calendar.shifted(
        numbers(list(days)), np.array(months), np.array(more), round_up=round_up
    )
    for rank, (day, m, d) in enumerate(found):
        try:
            expected = add_duration(day, Duration(m, d), round_up=round_up)
        except DateOverflow:
            assert wrong[rank]
        else:
            assert not wrong[rank]
            assert reached[rank] == expected.toordinal()


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1))
def test_months_and_years_between(pairs: list[tuple[date, date]]) -> None:
    first, last = (numbers(list(days)) for days in zip(*pairs, strict=True))
    assert list(calendar.months_between(first, last)) == [months_between(*pair) for pair in pairs]
    assert list(calendar.years_between(first, last)) == [years_between(*pair) for pair in pairs]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@given(days=st.lists(DAYS, min_size=1))
def test_functions_of_dates(name: str, days: list[date]) -> None:
    meant = [FUNCTIONS[name].meaning(day) for day in days]
    expected = [one if isinstance(one, int) else one.toordinal() for one in meant]
    assert list(calendar.FUNCTIONS[name](numbers(days))) == expected


@given(st.lists(st.dates(date(1990, 1, 1), date(2050, 1, 1)) | st.just(date(9999, 12, 31))))
def test_working_days(days: list[date]) -> None:
    found, wrong = calendar.working(numbers(days))
    for rank, day in enumerate(days):
        if not wrong[rank]:
            assert found[rank] == next_working_day(day).toordinal()


def test_no_working_day_after_the_last_weekend() -> None:
    _, wrong = calendar.working(numbers([date.max]))
    assert bool(wrong[0]) == (date.max.weekday() >= 5)
