"""Periods whose ends may not be known, and what can be said of them all the same.

A period that is not known has, as `Unknown.low` and `Unknown.high`, its earliest and its latest
ends: pairs of days by their numbers, the last one being `NEVER` when there may be no end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from lexald.dsl.dates import DateOverflow, DateRange
from lexald.dsl.diagnostics import Message

from .outcomes import Failure, Outcome, Unknown, bounds, worst

# A limit of ours, of more than a century.
MAX_DAYS = 40_000
# Days by their number; later than any: the last day of a period without end.
NEVER = date.max.toordinal() + 1


@attrs.frozen
class _Ends:
    """What is known of the two ends of a period: the earliest and the latest that each may be."""

    first: tuple[int, int]
    last: tuple[int, int]

    @property
    def surely_empty(self) -> bool:
        return self.last[1] < self.first[0]

    @property
    def surely_holds_a_day(self) -> bool:
        return self.first[1] <= self.last[0]


def _number(day: date | None) -> int:
    return NEVER if day is None else day.toordinal()


def _days(outcome: Outcome) -> tuple[int, int]:
    """The earliest and the latest that a day may be; `NEVER` for `None`."""
    low, high = bounds(outcome) or (date.min, date.max)
    return _number(low), _number(high)


def _ends(outcome: Outcome) -> _Ends:
    if isinstance(outcome, DateRange):
        first, last = _number(outcome.first), _number(outcome.last)
        return _Ends((first, first), (last, last))
    low, high = bounds(outcome) or ((1, 1), (NEVER - 1, NEVER))
    return _Ends((low[0], high[0]), (low[1], high[1]))


def make(first: Outcome, last: Outcome) -> Outcome:
    """``du first au last``; *last* `None`: ``à partir du first``."""
    wrong = worst((first, last))
    if wrong is None:
        try:
            return DateRange(first, last)
        except ValueError:
            return _failure(
                "E021",
                "la période finit avant de commencer",
                "the period ends before it starts",
            )
    if not isinstance(wrong, Unknown):
        return wrong
    begins, ends = _days(first), _days(last)
    # It ends on the eve of its first day at the earliest, or it is an error.
    low = begins[0], max(ends[0], begins[0] - 1)
    return Unknown(wrong.weights, wrong.reasons, low, (begins[1], ends[1]))


def covers(period: Outcome, item: Outcome, *, of_period: bool) -> Outcome:
    """``period contient item``: known as soon as the known ends decide.

    *of_period*: *item* is a period, all of whose days must be held; else it is a day.
    """
    wrong = worst((period, item))
    if wrong is not None and not isinstance(wrong, Unknown):
        return wrong
    outer = _ends(period)
    if of_period:
        inner = _ends(item)
    else:
        days = _days(item)
        inner = _Ends(days, days)
    within = outer.first[1] <= inner.first[0] and inner.last[1] <= outer.last[0]
    if within or (of_period and inner.surely_empty):
        return True
    sticks_out = inner.first[1] < outer.first[0] or outer.last[1] < inner.last[0]
    if sticks_out and (not of_period or inner.surely_holds_a_day):
        return False
    assert wrong is not None
    return Unknown(wrong.weights, wrong.reasons)


def overlaps(left: Outcome, right: Outcome) -> Outcome:
    """``left chevauche right``: known as soon as the known ends decide."""
    wrong = worst((left, right))
    if wrong is not None and not isinstance(wrong, Unknown):
        return wrong
    a, b = _ends(left), _ends(right)
    if max(a.first[1], b.first[1]) <= min(a.last[0], b.last[0]):
        return True
    if max(a.first[0], b.first[0]) > min(a.last[1], b.last[1]):
        return False
    assert wrong is not None
    return Unknown(wrong.weights, wrong.reasons)


def is_period(bound: Any) -> bool:
    """Whether *bound*, one of those of an outcome, is of a period."""
    return isinstance(bound, DateRange | tuple)


def apart(left: Outcome, right: Outcome) -> bool:
    """Whether two periods surely differ in an end, though one of them is not known."""
    a, b = _ends(left), _ends(right)
    pairs = ((a.first, b.first), (a.last, b.last))
    return any(one[1] < other[0] or other[1] < one[0] for one, other in pairs)


def edge(which: str, period: Outcome) -> Outcome:
    """``premier jour de``, ``dernier jour de`` or ``premier jour après``.

    Raises:
        DateOverflow: there is no day after the last.
    """
    if isinstance(period, DateRange):
        if which == "premier jour après":
            return None if period.last is None else _after(period.last)
        if period.is_empty:
            return _failure(
                "E024", "une période sans jour n'a ni premier ni dernier jour",
                "a period of no day has neither a first nor a last day",
            )  # fmt: skip
        return period.first if which == "premier jour" else period.last
    if not isinstance(period, Unknown):
        return period
    ends = _ends(period)
    low, high = ends.first if which == "premier jour" else ends.last
    if high == NEVER:
        # It may have no end: absent, so without bounds.
        return None if low == NEVER else Unknown(period.weights, period.reasons)
    found = date.fromordinal(low), date.fromordinal(high)
    if which == "premier jour après":
        if found[1] == date.max:
            return Unknown(period.weights, period.reasons)
        found = _after(found[0]), _after(found[1])
    if low == high:
        return found[0]
    return Unknown(period.weights, period.reasons, *found)


def days(periods: Sequence[Outcome], spend: Callable[[int], None]) -> Outcome:
    """The days that *periods* have in common.

    *spend* is told their number before they are listed: it may stop the evaluation.
    """
    wrong = worst(periods)
    if wrong is not None:
        return wrong
    whole: DateRange = periods[0]
    for period in periods[1:]:
        whole = whole.common(period)
    number = whole.n_days
    assert number is not None, "the checker lets no period without end be walked"
    if number > MAX_DAYS:
        shown = f"{MAX_DAYS:,}"
        return _failure(
            "E023", f"une période de plus de {shown.replace(',', ' ')} jours ne se parcourt pas",
            f"a period of more than {shown} days is not walked",
        )  # fmt: skip
    spend(number)
    return whole.days()


def runs(found: Sequence[tuple[date, Any]], alike: Callable[[Any, Any], bool]) -> list[Run]:
    """Days one after the other that come to the same, put together; *found* is in order."""
    told: list[Run] = []
    for day, outcome in found:
        if told and told[-1].last == day - timedelta(days=1) and alike(told[-1].outcome, outcome):
            told[-1] = attrs.evolve(told[-1], last=day)
        else:
            told.append(Run(day, day, outcome))
    return told


@attrs.frozen
class Run:
    """Days from *first* to *last*, both in, each of which comes to *outcome*."""

    first: date
    last: date
    outcome: Outcome

    @property
    def n_days(self) -> int:
        return (self.last - self.first).days + 1


def _after(day: date) -> date:
    if day == date.max:
        raise DateOverflow("after the last day")
    return day + timedelta(days=1)


def _failure(code: str, fr: str, en: str) -> Failure:
    return Failure(code, Message(fr, en))
