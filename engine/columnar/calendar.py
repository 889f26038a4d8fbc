"""The calendar on columns: days by their number, as `lexald.dsl.dates` reckons them one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from lexald.dsl.dates import DateOverflow, next_working_day

from .columns import Array
from .keys import dense

FIRST, LAST = 1, date.max.toordinal()
# A day that stands for those that there are not: it costs nothing to reckon with.
EPOCH = date(1970, 1, 1).toordinal()


# Days of nearly all law are looked up: the month of each, and the first day of each month.
_FROM, _TO = date(1900, 1, 1).toordinal(), date(2100, 1, 1).toordinal()
_FIRST_MONTH, _LAST_MONTH = 1900 * 12, 2100 * 12


def _months_of(days: Array) -> Array:
    """Twelve times the year, plus the rank of the month from 0."""
    months = (days - EPOCH).astype("datetime64[D]").astype("datetime64[M]")
    number: Array = months.astype(np.int64) + 1970 * 12
    return number


def _firsts_of(numbers: Array) -> Array:
    """The first day of a month, by its number."""
    months = (numbers - 1970 * 12).astype("datetime64[M]")
    days: Array = months.astype("datetime64[D]").astype(np.int64) + EPOCH
    return days


_MONTHS = _months_of(np.arange(_FROM, _TO))
_FIRSTS = _firsts_of(np.arange(_FIRST_MONTH, _LAST_MONTH + 1))


def _within(array: Array, low: int, high: int) -> bool:
    return bool(len(array)) and int(array.min()) >= low and int(array.max()) < high


def _first_of_month(number: Array) -> Array:
    if _within(number, _FIRST_MONTH, _LAST_MONTH):
        return _FIRSTS.take(number - _FIRST_MONTH)
    return _firsts_of(number)


def _month_number(days: Array) -> tuple[Array, Array]:
    """The number of the month, and the day of the month."""
    number = _MONTHS.take(days - _FROM) if _within(days, _FROM, _TO) else _months_of(days)
    return number, days - _first_of_month(number) + 1


def civil(days: Array) -> tuple[Array, Array, Array]:
    """Year, month and day of the month."""
    number, day = _month_number(days)
    return number // 12, number % 12 + 1, day


def shifted(days: Array, months: Array, more: Array, *, round_up: bool) -> tuple[Array, Array]:
    """The days reached, as `add_duration` says, and the lanes past year 9999 or before year 1."""
    small = np.abs(months) < 120_000
    number, day = _month_number(days)
    number = number + np.where(small, months, 0).astype(np.int64)
    inside = small & (number >= 12) & (number < 120_000)
    number = np.where(inside, number, 24_000)
    first = _first_of_month(number)
    length = _first_of_month(number + 1) - first
    within = day <= length
    reached = first + np.where(within, day, length + (1 if round_up else 0)) - 1
    near = np.abs(more) < 4_000_000
    wrong = ~inside | (reached > LAST) | ~near
    found = reached + np.where(near, more, 0).astype(np.int64)
    wrong |= (found < FIRST) | (found > LAST)
    return np.where(wrong, FIRST, found).astype(np.int64), wrong


def months_between(start: Array, end: Array) -> Array:
    """Whole months, as `lexald.dsl.dates.months_between`."""
    first, last = np.minimum(start, end), np.maximum(start, end)
    a, day = _month_number(first)
    b, other = _month_number(last)
    # The day of the month reached, at most its last.
    length = _first_of_month(b + 1) - _first_of_month(b)
    months = b - a - (np.minimum(day, length) > other)
    return np.asarray(np.where(end < start, -months, months))


def years_between(start: Array, end: Array) -> Array:
    """Whole years, as `lexald.dsl.dates.years_between`."""
    months = months_between(start, end)
    return np.where(months < 0, -(-months // 12), months // 12)


def working(days: Array) -> tuple[Array, Array]:
    """The next working days, and the lanes past year 9999."""
    back = dense(days)
    unique = np.zeros(int(back.max(initial=-1)) + 1, np.int64)
    unique[back] = days
    found = np.array([_working(int(day)) for day in unique], np.int64)[back]
    return np.where(found == 0, FIRST, found), found == 0


def _working(day: int) -> int:
    try:
        return next_working_day(date.fromordinal(day)).toordinal()
    except DateOverflow:
        return 0


def _end_of_month(days: Array) -> Array:
    number, _ = _month_number(days)
    return _first_of_month(number + 1) - 1


def _first_of_year(days: Array) -> Array:
    year, _, _ = civil(days)
    return _first_of_month(year * 12)


# The built-in functions of `lexald.dsl.operations`, on columns.
FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "année": lambda days: civil(days)[0],
    "mois": lambda days: civil(days)[1],
    "début_de_l_année": _first_of_year,
    "fin_de_l_année": lambda days: _first_of_month((civil(days)[0] + 1) * 12) - 1,
    "fin_du_mois": _end_of_month,
}
