"""Durations, dates and periods as generated code keeps them: pairs, and days."""

from __future__ import annotations

from .runtime import BOUNDED, INAPPLICABLE, UNKNOWN, Not, Open, Slow, U, V, W, date
from .truth import apart, unbound, worst

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How far a walk over the days of a period may go; beyond, the interpreter says the error.
MAX_DAYS = 40_000


def order(a: Any, b: Any) -> int:
    """-1, 0, 1; where only a date would compare two durations, the interpreter says so."""
    months, days = a[0] - b[0], a[1] - b[1]
    if months * days < 0:
        raise Slow
    whole: int = months or days
    return (whole > 0) - (whole < 0)


def dlt(a: Any, b: Any) -> bool:
    return order(a, b) < 0


def deq(a: Any, b: Any) -> bool:
    return order(a, b) == 0


def dlt3(a: Any, b: Any) -> Any:
    return apart(a, b) if a.__class__ is Not or b.__class__ is Not else dlt(a, b)


def deq3(a: Any, b: Any) -> Any:
    return apart(a, b) if a.__class__ is Not or b.__class__ is Not else deq(a, b)


def dmin(*values: Any) -> Any:
    chosen = values[0]
    for value in values[1:]:
        if order(value, chosen) < 0:
            chosen = value
    return chosen


def dmax(*values: Any) -> Any:
    chosen = values[0]
    for value in values[1:]:
        if order(value, chosen) > 0:
            chosen = value
    return chosen


def dcap(value: Any, limit: Any) -> Any:
    if limit.__class__ is Not and limit.rank == INAPPLICABLE:
        return value
    return dmin(value, limit)


def dadd(a: Any, b: Any) -> Any:
    return (a[0] + b[0], a[1] + b[1])


def dsub(a: Any, b: Any) -> Any:
    return (a[0] - b[0], a[1] - b[1])


def dmul(a: Any, n: int) -> Any:
    return (a[0] * n, a[1] * n)


def dneg(a: Any) -> Any:
    return (-a[0], -a[1])


_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _last(year: int, month: int) -> int:
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def shift(day: Any, duration: Any, sign: int, round_up: bool) -> Any:
    """The day *duration* after (or, *sign* -1, before) *day*, as `dates.add_duration` reckons."""
    months, days = duration
    if sign < 0:
        months, days = -months, -days
    if months:
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        month += 1
        if not 1 <= year <= 9999:
            raise Slow
        last = _last(year, month)
        if day.day <= last:
            day = date(year, month, day.day)
        else:
            day = date(year, month, last)
            if round_up:
                days += 1
                # The next day is the first of a month: a day more is a day more.
    elif day.__class__ is Not:
        raise Open
    if days:
        number = day.toordinal() + days
        if not 1 <= number <= 3652059:
            raise Slow
        return date.fromordinal(number)
    return day


def lt_from(start: Any, a: Any, b: Any) -> bool:
    return bool(shift(start, a, 1, False) < shift(start, b, 1, False))


def eq_from(start: Any, a: Any, b: Any) -> bool:
    return bool(shift(start, a, 1, False) == shift(start, b, 1, False))


def in_days(end: Any, start: Any) -> Any:
    return (0, end.toordinal() - start.toordinal())


def _months(start: Any, end: Any) -> int:
    if end < start:
        return -_months(end, start)
    months: int = (end.year - start.year) * 12 + end.month - start.month
    if shift(start, (months, 0), 1, False) > end:
        months -= 1
    return months


def in_months(end: Any, start: Any) -> Any:
    return (_months(start, end), 0)


def in_years(end: Any, start: Any) -> Any:
    months = _months(start, end)
    return (12 * (-(-months // 12) if months < 0 else months // 12), 0)


def period(first: Any, last: Any) -> Any:
    """``du first au last``; its last day may be the eve of the first, no earlier."""
    if last is not None and last.toordinal() - first.toordinal() < -1:
        raise Slow
    if first.__class__ is not date:
        raise Open
    return (first, last)


def period3(first: Any, last: Any) -> Any:
    found = worst((first, last))
    if found is None:
        return period(first, last)
    if found is V:
        return V
    return W if found.rank < INAPPLICABLE else found


def covers(p: Any, day: Any) -> bool:
    first, last = p
    return first <= day and (last is None or day <= last)


def covers3(p: Any, day: Any) -> Any:
    if p.__class__ is Not or day.__class__ is Not:
        found = apart(p, day)
        if p.__class__ is tuple and p[0] == date.min:
            raise Slow
        return found
    return covers(p, day)


def encloses(p: Any, q: Any) -> bool:
    if p.__class__ is Not:
        raise Open
    if q[1] is not None and q[1] < q[0]:
        return True
    return p[0] <= q[0] and (p[1] is None or (q[1] is not None and q[1] <= p[1]))


def overlap(p: Any, q: Any) -> bool:
    """Two periods have a day in common."""
    first = max(p[0], q[0])
    return (p[1] is None or first <= p[1]) and (q[1] is None or first <= q[1])


def edge(which: str, p: Any) -> Any:
    """A day of a period; that of one without a day is an error."""
    first, last = p
    if which == "premier jour après":
        if last is None:
            return None
        if last == date.max:
            raise Slow
        return date.fromordinal(last.toordinal() + 1)
    if last is not None and last < first:
        raise Slow
    return first if which == "premier jour" else last


def edge3(which: str, p: Any) -> Any:
    if p.__class__ is Not:
        if p.rank == BOUNDED:
            raise Slow  # the end that is known decides
        if p.rank != UNKNOWN:
            return unbound(p)
        # It starts on some day; whether it ends, one does not know.
        return Not(BOUNDED, low=date.min, high=date.max) if which == "premier jour" else U
    return edge(which, p)


def encloses3(p: Any, q: Any) -> Any:
    if p.__class__ is not Not and q.__class__ is not Not:
        return encloses(p, q)
    found = apart(p, q)
    for known in (p, q):
        if known.__class__ is tuple and (known[0] == date.min or _is_empty(known)):
            raise Slow  # what ends are known decides
    return found


def overlap3(p: Any, q: Any) -> Any:
    if p.__class__ is not Not and q.__class__ is not Not:
        return overlap(p, q)
    found = apart(p, q)
    if any(known.__class__ is tuple and _is_empty(known) for known in (p, q)):
        raise Slow
    return found


def _is_empty(p: Any) -> bool:
    return p[1] is not None and bool(p[1] < p[0])


def days(*periods: Any) -> Any:
    """The days that *periods* have in common, in order."""
    first, last = periods[0]
    for other in periods[1:]:
        first = max(first, other[0])
        if last is None or (other[1] is not None and other[1] < last):
            last = other[1]
    start, number = first.toordinal(), last.toordinal() - first.toordinal() + 1
    if number > MAX_DAYS:
        raise Slow
    return tuple(map(date.fromordinal, range(start, start + max(number, 0))))


def working_day(day: Any) -> Any:
    if day.__class__ is not date:
        raise Open
    from lexald.dsl.dates import DateOverflow, next_working_day

    try:
        return next_working_day(day)
    except DateOverflow:
        raise Slow from None


def built_in(name: str, day: Any) -> Any:
    """A function of `operations` that is not an attribute of a date."""
    if name == "début_de_l_année":
        return date(day.year, 1, 1)
    if name == "fin_de_l_année":
        return date(day.year, 12, 31)
    assert name == "fin_du_mois", name
    return date(day.year, day.month, _last(day.year, day.month))


def part_of(day: Any, name: str) -> Any:
    return getattr(day, name)


def dsum(*operands: Any) -> Any:
    whole = operands[0]
    for one in operands[1:]:
        whole = dadd(whole, one)
    return whole
