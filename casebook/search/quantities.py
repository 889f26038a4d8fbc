"""Values beside a value: what stands just before and after, and sums turned round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from lexald.dsl.dates import (
    DateRange,
)
from lexald.dsl.values import Amount, Duration
from lexald.engine.elements import Elements
from lexald.engine.outcomes import Outcome, is_known


def same_value(a: Any, b: Any) -> bool:
    if not is_known(a) or not is_known(b):
        return False
    return isinstance(a, bool) is isinstance(b, bool) and bool(a == b)


def items_of(listed: Outcome) -> Sequence[Any]:
    if isinstance(listed, Elements):
        return listed.items
    return listed if isinstance(listed, tuple) else ()


def later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def moved(value: Any, by: int) -> Any:
    """*value* one unit further; `None` for what has no unit."""
    match value:
        case bool():
            return None
        case date():
            return later(value, by)
        case int():
            return value + by
        case Fraction():
            return value + Fraction(by, 100)
        case Amount(cents):
            return Amount(cents + by)
        case Duration(months, days):
            if value.is_zero or (months and days == 0):
                return Duration(months + by, 0)
            return Duration(months, days + by)
        case DateRange(first, last):
            return DateRange(later(first, by), last and later(last, by))
    return None


def beside(value: Any, operator: str, wanted: bool, is_left: bool) -> list[Any]:
    """Values that stand to *value* as *operator* says, nearest first; then those just around."""
    around = [value, moved(value, 1), moved(value, -1)]
    if operator == "=":
        first = value if wanted else around[1]
    elif wanted:
        first = around[2] if is_left else around[1]
    else:
        first = value
    found = [first, *around]
    return [v for n, v in enumerate(found) if v is not None and v not in found[:n]]


def number(value: Any) -> Fraction | Duration | None:
    match value:
        case bool():
            return None
        case Amount(cents):
            return Fraction(cents)
        case int() | Fraction():
            return Fraction(value)
        case Duration():
            return value
    return None


def solved(operator: str, goal: Any, other: Any, is_left: bool) -> Any:
    """What the other side of ``goal = … operator …`` must be."""
    try:
        match operator:
            case "+":
                return goal - other
            case "-":
                return goal + other if is_left else other - goal
            case "×":
                return goal / other
            case "÷":
                return goal * other if is_left else other / goal
    except (TypeError, AttributeError, ZeroDivisionError):
        return None
    return None
