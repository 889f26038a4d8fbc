"""The calendar that the solver reasons of is that of the language."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald.dsl import dates
from lexald.dsl.values import Duration
from lexald.engine.analysis import calendar
from lexald.engine.analysis.calendar import Day, number_in, value_of
from lexald.engine.analysis.terms import sub, term

DAYS = st.one_of(
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.sampled_from(
        [date(1900, 2, 28), date(2000, 2, 29), date(2024, 2, 29), date(2100, 2, 28),
         date(2023, 1, 31), date(2023, 12, 31), date(1900, 1, 1), date(2100, 12, 31)]
    ),
)  # fmt: skip


class Told:
    """A solver, and dates that it is told only as what holds of them."""

    def __init__(self) -> None:
        self.solver = z3.Solver()

    def day(self, name: str, value: date) -> Day:
        found, rules = calendar.made(z3.Int, name, 1900, 2100)
        self.solver.add(*map(term, rules))
        self.solver.add(found.month == 12 * value.year + value.month - 1, found.day == value.day)
        return found

    def number(self, name: str, value: int) -> Any:
        self.solver.add(z3.Int(name) == value)
        return z3.Int(name)

    def model(self) -> z3.ModelRef:
        assert self.solver.check() == z3.sat
        return self.solver.model()


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(-400, 400), st.booleans(), st.booleans())
def test_months_are_added_as_the_language_does(
    start: date, months: int, is_fixed: bool, round_up: bool
) -> None:
    told = Told()
    day = told.day("début", start)
    number = months if is_fixed else told.number("mois", months)
    moved = calendar.add_months(day, number, round_up=round_up)
    wanted = dates.add_duration(start, Duration(months, 0), round_up=round_up)
    assert value_of(told.model(), moved) == wanted


@settings(max_examples=60, deadline=None)
@given(DAYS, st.integers(-800, 800) | st.integers(-30, 30), st.booleans())
def test_days_are_added_as_the_language_does(start: date, days: int, is_fixed: bool) -> None:
    told = Told()
    day = told.day("début", start)
    number = days if is_fixed else told.number("jours", days)
    moved = calendar.add_days(day, number, z3.Int, lambda t: told.solver.add(term(t)), "fin")
    assert value_of(told.model(), moved) == start + timedelta(days=days)


@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS)
def test_times_between_are_those_of_the_language(start: date, end: date) -> None:
    told = Told()
    first, last = told.day("début", start), told.day("fin", end)
    months = calendar.months_between(first, last)
    years = calendar.years_between(first, last)
    days = sub(last.ordinal, first.ordinal)
    model = told.model()
    assert number_in(model, months) == dates.months_between(start, end)
    assert number_in(model, years) == dates.years_between(start, end)
    assert number_in(model, days) == dates.days_between(start, end)


@settings(max_examples=60, deadline=None)
@given(DAYS, DAYS)
def test_the_order_of_keys_is_that_of_dates(one: date, other: date) -> None:
    assert (Day.of(one).key < Day.of(other).key) == (one < other)


def test_no_other_day_is_made() -> None:
    solver = z3.Solver()
    day, rules = calendar.made(z3.Int, "jour", 1900, 2100)
    solver.add(*map(term, rules))
    solver.add(day.day == 29, day.month % 12 == 1, day.year % 4 != 0)
    assert solver.check() == z3.unsat


def test_a_month_that_is_not_cut_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "smaller", lambda left, right: left)
    with pytest.raises((AssertionError, ValueError)):
        test_months_are_added_as_the_language_does.hypothesis.inner_test(  # type: ignore[attr-defined]
            date(2023, 1, 31), 1, True, False
        )
