"""Numbers as generated code keeps them: whole over a static denominator, else fractions."""

from __future__ import annotations

from .runtime import INAPPLICABLE, Not, Open, Slow
from .truth import lift, num3, unbound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def add(a: Any, b: Any) -> Any:
    return a + b


def sub(a: Any, b: Any) -> Any:
    return a - b


def mul(a: Any, b: Any) -> Any:
    return a * b


def neg(a: Any) -> Any:
    return -a


def times(a: Any, n: int) -> Any:
    return a * n


_fractions: dict[tuple[int, int], Any] = {}


def fraction(n: Any, d: int = 1) -> Any:
    """The fraction *n* over *d*."""
    if n.__class__ is Not:
        raise Open
    from fractions import Fraction

    if n.__class__ is not int or len(_fractions) > 10_000:
        return Fraction(n, d)
    found = _fractions.get((n, d))
    if found is None:
        found = _fractions[n, d] = Fraction(n, d)
    return found


def scaled(value: Any, by: int) -> Any:
    """*value*, that may be absent or not be one, over another denominator."""
    if value.__class__ is Not:
        return num3(mul, value, by)
    return value if value is None else value * by


def loosened(value: Any, d: int) -> Any:
    """*value* over *d*, that may be absent or not be one, as a fraction."""
    if value.__class__ is Not:
        return num3(fraction, value, d)
    return value if value is None else fraction(value, d)


def divide(a: Any, b: Any, over: int, under: int) -> Any:
    """``(a / over) / (b / under)``, as a fraction."""
    if not b:
        raise Slow
    return fraction(a * under, 1) / fraction(b * over, 1)


def divide3(a: Any, b: Any, over: int, under: int) -> Any:
    """`divide`; bounds are kept where what divides is known."""
    if b.__class__ is Not:
        return lift(divide, a, b, over, under)
    return num3(divide, a, b, over, under)


MAX_BITS = 4096


def checked(value: Any) -> Any:
    """*value*, unless it has more digits than any law reaches."""
    if value.__class__ is int:
        big = value.bit_length() > MAX_BITS
    else:
        big = max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
    if big:
        raise Slow
    return value


def nearest(n: int, d: int) -> int:
    """*n* over *d*, to the nearest whole number; a half goes away from zero."""
    return (2 * n + d) // (2 * d) if n >= 0 else -((d - 2 * n) // (2 * d))


def up(n: int, d: int) -> int:
    return -(-n // d)


def down(n: int, d: int) -> int:
    return n // d


def nearest_of(f: Any, unit: int) -> int:
    return nearest(f.numerator, f.denominator * unit)


def up_of(f: Any, unit: int) -> int:
    return up(f.numerator, f.denominator * unit)


def down_of(f: Any, unit: int) -> int:
    return down(f.numerator, f.denominator * unit)


def cap(value: Any, limit: Any) -> Any:
    """A limit that is not applicable does not limit."""
    if limit.__class__ is Not and limit.rank == INAPPLICABLE:
        return value
    return min(value, limit)


def cap3(value: Any, limit: Any) -> Any:
    if value.__class__ is Not and value.rank >= INAPPLICABLE:
        return unbound(value)
    if limit.__class__ is Not and limit.rank == INAPPLICABLE:
        return value
    return num3(min, value, limit)


def floor3(value: Any, limit: Any) -> Any:
    if value.__class__ is Not and value.rank >= INAPPLICABLE:
        return unbound(value)
    return num3(max, value, limit)


def eq(a: Any, b: Any) -> bool:
    return bool(a == b)
