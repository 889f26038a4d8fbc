"""Plain values as generated readers take them: strictly, and nothing explained.

What is not plainly right raises `Odd`. The situation then goes through `build_situation`, which
either says what is wrong, or finds it right all the same (a date with spaces that Unicode knows,
an attrs object) and hands it over.
"""

from __future__ import annotations

from .runtime import N, Not, U, V, date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# As in `situation`; above the last, numbers are left to the interpreter.
MAX_ELEMENTS = 100_000
MAX_TEXT = 10_000
MAX_WHOLE = 10**18
MAX_CENTS = 2**62
MAX_DEPTH = 30
# Texts already read, each as what it says: the same days and amounts come again and again.
MAX_KEPT = 20_000

# A text of characters before this one is in normal form C, whatever they are.
FIRST_COMBINING = "\u0300"

INCOMPLETE = (..., "…", "...")


class Odd(Exception):
    """Something that generated readers do not take."""


_days: dict[str, date] = {}
_amounts: dict[str, int] = {}
_others: dict[tuple[str, str], Any] = {}


def blank(size: int, facts: int, bounded: tuple[Any, ...], dated: bool) -> list[Any]:
    """An element of which nothing is told. *bounded*: the places of facts that have bounds, with them. *dated*: it
    has a day of its own."""
    made: list[Any] = [None] * 9 + [U] * facts + [N] * (size - 9 - facts)
    made[7] = made[8] = N
    made[5] = 9 + facts
    made[6] = None if dated else made
    for place, low, high in bounded:
        made[place] = V if low is None else Not(2, low=low, high=high)
    return made


def read_bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise Odd


def read_int(value: Any) -> int:
    if value.__class__ is int and -MAX_WHOLE < value < MAX_WHOLE:
        return int(value)
    raise Odd


def read_date(value: Any) -> date:
    if value.__class__ is str:
        found = _days.get(value)
        if found is not None:
            return found
        if len(value) != 10 or value[4] != "-" or value[7] != "-" or not value.isascii():
            raise Odd
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise Odd from None
        if len(_days) < MAX_KEPT:
            _days[value] = found
        return found
    if value.__class__ is date:
        return value
    raise Odd


def read_amount(value: Any) -> int:
    """In cents."""
    if value.__class__ is str:
        found = _amounts.get(value)
        if found is not None:
            return found
        euros, point, cents = value.partition(".")
        if not (value.isascii() and euros.isdigit() and len(euros) <= 15):
            raise Odd
        if point and not (cents.isdigit() and len(cents) <= 2):
            raise Odd
        found = int(euros) * 100 + int(cents.ljust(2, "0") or 0)
        if len(_amounts) < MAX_KEPT:
            _amounts[value] = found
        return found
    if value.__class__ is int:
        if -(10**15) < value < 10**15:
            return int(value) * 100
        raise Odd
    from lexald.dsl.quantities import Amount

    if value.__class__ is Amount:
        if value.cents.__class__ is int and -MAX_CENTS < value.cents < MAX_CENTS:
            return int(value.cents)
        raise Odd
    return int(_typed("montant", value).cents)


def read_fraction(value: Any) -> Any:
    if value.__class__ is str:
        return _kept("décimal", value)
    return _typed("décimal", value)


def read_duration(value: Any) -> tuple[int, int]:
    """In months and days."""
    found = _kept("durée", value) if value.__class__ is str else _typed("durée", value)
    if abs(found.months) > MAX_WHOLE or abs(found.days) > MAX_WHOLE:
        raise Odd
    return (found.months, found.days)


def read_period(value: Any) -> tuple[date, date]:
    found = _kept("période", value) if value.__class__ is str else _typed("période", value)
    return (found.first, found.last)


def read_open_period(value: Any) -> tuple[date, date | None]:
    kind = "période avec ou sans fin"
    found = _kept(kind, value) if value.__class__ is str else _typed(kind, value)
    return (found.first, found.last)


def read_text(value: Any) -> str:
    if value.__class__ is str and len(value) <= MAX_TEXT and value.strip():
        if not value.isascii() and max(value) >= FIRST_COMBINING:
            from unicodedata import is_normalized

            if not is_normalized("NFC", value):
                raise Odd
        return str(value)
    raise Odd


def _kept(kind: str, text: str) -> Any:
    key = (kind, text)
    found = _others.get(key)
    if found is None:
        if not text.isascii() or not text.strip():
            raise Odd
        found = _typed(kind, text)
        if len(_others) < MAX_KEPT and len(text) < 100:
            _others[key] = found
    return found


def _typed(kind: str, value: Any) -> Any:
    """*value* as the reader of situations takes it."""
    from ..scalars import scalar

    found = scalar(kind, value)
    if found is None:
        raise Odd
    return found


def between(value: Any, low: tuple[int, int], high: tuple[int, int]) -> bool:
    """Whether a fraction is between two, both in."""
    n, d = value.numerator, value.denominator
    return bool(low[0] * d <= n * low[1] and n * high[1] <= high[0] * d)


def long_between(value: tuple[int, int], low: tuple[int, int], high: tuple[int, int]) -> bool:
    """Whether a duration is; what does not compare without a date is not out of bounds."""
    return not _shorter(value, low) and not _shorter(high, value)


def _shorter(a: tuple[int, int], b: tuple[int, int]) -> bool:
    months, days = a[0] - b[0], a[1] - b[1]
    return months * days >= 0 and (months or days) < 0


def dated(e: list[Any], day: Any, eras: Any) -> None:
    """The day that rules *e*, that of its event."""
    e[0] = day
    if day.__class__ is Not:
        e[1] = eras.undated
    elif day is None:
        raise Odd
    else:
        e[1] = eras.at(day)


def told(element: Any) -> Any:
    """An owner; `None` when it is not told that there is one."""
    return element if element.__class__ is list else None


def later(_: Any) -> Any:
    """What holds elements is read after the facts."""
    return U
