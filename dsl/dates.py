"""Calendar arithmetic as French procedure counts it: months by their number, not by days."""

from __future__ import annotations

from datetime import date, timedelta

from .quantities import Duration, Frozen


class DateOverflow(OverflowError):
    """A date outside the years 1 to 9999."""


_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_in_month(year: int, month: int) -> int:
    """How many days *month* (from 1) has; `calendar` knows too, at the price of its import."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _LENGTHS[month - 1]


def _shift_months(start: date, months: int, *, round_up: bool) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    if not 1 <= year <= 9999:
        raise DateOverflow(f"year {year}")
    last = days_in_month(year, month)
    if start.day <= last:
        return date(year, month, start.day)
    return _shift_days(date(year, month, last), 1 if round_up else 0)


def _shift_days(start: date, days: int) -> date:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise DateOverflow(f"{start} + {days} days") from None


def add_duration(start: date, duration: Duration, *, round_up: bool = False) -> date:
    """Day that *duration* after *start* falls on.

    Years and months are one step with one rounding, to the last day of the month reached (or
    to the day after it, *round_up*: the way ages are reckoned); days are added after that. So
    two steps of one month may differ from one of two.

    Raises:
        DateOverflow: outside the years 1 to 9999.

    Source: CPC art. 641.
    """
    return _shift_days(_shift_months(start, duration.months, round_up=round_up), duration.days)


def subtract_duration(start: date, duration: Duration, *, round_up: bool = False) -> date:
    """Day that *duration* before *start* falls on; as `add_duration`."""
    return add_duration(start, -duration, round_up=round_up)


def days_between(start: date, end: date) -> int:
    """Days from *start* to *end*."""
    return (end - start).days


def months_between(start: date, end: date) -> int:
    """Whole months from *start* to *end*: the most that *start* takes without passing *end*.

    So one from 31 January to 28 February. When *end* is before *start*, minus the months from
    *end* to *start*.
    """
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    if _shift_months(start, months, round_up=False) > end:
        months -= 1
    return months


def years_between(start: date, end: date) -> int:
    """Whole years from *start* to *end*; one from 29 February to the next 28 February."""
    months = months_between(start, end)
    return -(-months // 12) if months < 0 else months // 12


def compare_from(start: date, first: Duration, second: Duration) -> int:
    """-1, 0 or 1: the order of two durations counted from *start*.

    Raises:
        DateOverflow: one of them ends outside the years 1 to 9999.
    """
    a, b = add_duration(start, first), add_duration(start, second)
    return (a > b) - (a < b)


_of_year: dict[int, frozenset[date]] = {}


def _holidays(year: int) -> frozenset[date]:
    found = _of_year.get(year)
    if found is None:
        # Imported late: 110 to 200 ms, as every country is read whichever name is asked for
        # (`holidays.countries.france.France` costs the same, and is untyped). A year then takes
        # 0.2 ms.
        from holidays.utils import country_holidays

        found = _of_year[year] = frozenset(country_holidays("FR", years=year))
    return found


def is_working_day(day: date) -> bool:
    """Neither Saturday nor Sunday nor a French public holiday.

    Holidays are those of the whole of metropolitan France: not the two of Alsace-Moselle, not
    those of overseas. The library knows them from 1803 to 2100; outside, only weekends count.
    """
    return day.weekday() < 5 and day not in _holidays(day.year)


def next_working_day(day: date) -> date:
    """*day*, or the first working day after it.

    Raises:
        DateOverflow: past year 9999.

    Source: CPC art. 642.
    """
    while not is_working_day(day):
        day = _shift_days(day, 1)
    return day


def parse_french_date(text: str) -> date:
    """Read ``06/04/2017``: two digits, two digits, four digits.

    Raises:
        ValueError: not such a text, or no such day.
    """
    import re

    found = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text, re.ASCII)
    if found is None:
        raise ValueError(f"not a date: {text[:40]!r}")
    return date(int(found[3]), int(found[2]), int(found[1]))


def french_date(day: date) -> str:
    """``06/04/2017``."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def first_of_year(day: date) -> date:
    """1 January of its year."""
    return day.replace(month=1, day=1)


def last_of_year(day: date) -> date:
    """31 December of its year."""
    return day.replace(month=12, day=31)


class DateRange(Frozen):
    """A ``période``: the days from *first* to *last*, both in; *last* `None`: no end.

    It may hold no day, when *last* is the eve of *first*: so ``du d au d + n jours - 1 jour`` holds
    *n* days, zero included. It never ends earlier than that. Ranges are equal when their ends are.

    Raises:
        ValueError: *last* is before the eve of *first*.
    """

    __slots__ = ("first", "last")
    __match_args__ = ("first", "last")
    first: date
    last: date | None

    def __init__(self, first: date, last: date | None) -> None:
        if last is not None and (last - first).days < -1:
            raise ValueError("a range ends before it starts")
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "last", last)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DateRange):
            return NotImplemented
        return self.first == other.first and self.last == other.last

    def __hash__(self) -> int:
        return hash((DateRange, self.first, self.last))

    @property
    def is_empty(self) -> bool:
        """Whether it holds no day."""
        return self.last is not None and self.last < self.first

    @property
    def n_days(self) -> int | None:
        """How many days it holds; `None`: without end."""
        return None if self.last is None else (self.last - self.first).days + 1

    def days(self) -> tuple[date, ...]:
        """Its days, in order. Only of one that ends."""
        assert self.n_days is not None
        start = self.first.toordinal()
        return tuple(map(date.fromordinal, range(start, start + self.n_days)))

    def common(self, other: DateRange) -> DateRange:
        """The days that both hold; none of them, from the later first day, if there are none."""
        first = max(self.first, other.first)
        ends = [end for end in (self.last, other.last) if end is not None]
        if not ends:
            return DateRange(first, None)
        last = min(ends)
        return DateRange(first, last if last >= first else first - timedelta(days=1))

    def iso(self) -> str:
        """ISO 8601: ``2024-02-01/2025-03-03``; without end, ``2024-02-01/..``."""
        return f"{self.first}/{self.last or '..'}"

    def french(self) -> str:
        """``du 01/02/2024 au 03/03/2025``, ``à partir du 01/02/2024``."""
        if self.last is None:
            return f"à partir du {french_date(self.first)}"
        return f"du {french_date(self.first)} au {french_date(self.last)}"
