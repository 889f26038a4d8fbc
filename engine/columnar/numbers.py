"""Exact arithmetic on columns: whole numbers, fractions over a denominator, months and days.

Numbers of 64 bits are enough for almost all law. Before an operation could pass them, the operands
become Python's whole numbers, which have no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import lcm
from typing import Any

import attrs
import numpy as np

from lexald.dsl.values import Rounding

from ..arithmetic import MAX_BITS
from .columns import (
    ABSENT,
    FAILURE,
    NEVER,
    PERIOD,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    Ends,
    truths,
    unified,
    worst,
)

# Beyond it, 64 bits are not enough for a sum of two.
LIMIT = 2**62

Parts = tuple[Array, ...]


def peak(column: Column) -> int:
    """No numerator of *column* is greater, in size."""
    found = column.peak
    if found is None:
        found = highest(column.parts[0])
        # Of a frozen column: it is no change, only what one did not look at yet.
        object.__setattr__(column, "peak", found)
    return found


def highest(array: Array) -> int:
    if not array.size:
        return 0
    if array.strides == (0,):
        return abs(int(array[0]))
    return max(abs(int(array.max())), abs(int(array.min())))


def _den_peak(den: Any) -> int:
    return highest(den) if isinstance(den, np.ndarray) else abs(int(den))


def _wide(array: Any) -> Any:
    return (
        array.astype(object) if isinstance(array, np.ndarray) and array.dtype != object else array
    )


def times(array: Array, number: Any, known_peak: int | None = None) -> Array:
    """*array* × *number* (a whole number or an array of them), of 64 bits if that is enough."""
    if isinstance(number, int) and number == 1:
        return array
    top = highest(array) if known_peak is None else known_peak
    factor = _den_peak(number)
    if factor >= LIMIT or (top * factor >= LIMIT and highest(array) * factor >= LIMIT):
        return np.asarray(_wide(array) * _wide(number))
    if array.strides == (0,) and isinstance(number, int):
        return np.broadcast_to(array[:1] * number, len(array))  # one value for all stays one
    return np.asarray(array * number)


def plus(a: Array, b: Array) -> Array:
    """*a* + *b*, of 64 bits if that is enough."""
    if highest(a) + highest(b) >= LIMIT:
        return np.asarray(_wide(a) + _wide(b))
    return np.asarray(a + b)


def over(column: Column, den: Any) -> Column:
    """*column* over the denominator *den*, a multiple of its own."""
    if isinstance(column.den, int) and isinstance(den, int):
        factor: Any = den // column.den
        if factor == 1:
            return column
    else:
        factor = den // column.den
    top = None if column.peak is None else column.peak * _den_peak(factor)
    ends = column.ends and Ends(
        tuple(times(part, factor) for part in column.ends.low),
        tuple(times(part, factor) for part in column.ends.high),
        column.ends.has,
    )
    parts = (times(column.parts[0], factor, column.peak), *column.parts[1:])
    return attrs.evolve(column, parts=parts, den=den, ends=ends, peak=top)


def reduced(num: Array, den: Any) -> tuple[Array, Any]:
    """The same fractions, smaller where they can be, of 64 bits again if that is enough."""
    common = np.gcd(num, den)
    common = np.where(common == 0, 1, common)
    num = num // common
    return narrow(num), narrow(np.asarray(den) // common)


def narrow(array: Array) -> Array:
    """*array* of 64 bits again, if they are enough."""
    if array.dtype == object and highest(array) < LIMIT:
        return array.astype(np.int64)
    return array


# ── bounds ───────────────────────────────────────────────────────────────────────────────


def bounds(column: Column) -> Ends:
    """Least and greatest value of each lane; *has* is false where one does not know."""
    if column.state is None:
        return Ends(column.parts, column.parts, np.ones(len(column), bool))
    here = column.state == VALUE
    if column.ends is None:
        return Ends(column.parts, column.parts, here)
    return Ends(column.ends.low, column.ends.high, here | (column.ends.has & ~here))


def closed(column: Column) -> Column:
    """*column*, of which a lane that has one possible value is known."""
    if column.ends is None or column.state is None:
        return column
    one = column.ends.has & (column.state == UNKNOWN)
    for low, high in zip(column.ends.low, column.ends.high, strict=True):
        one &= low == high
    if not one.any():
        return column
    parts = tuple(
        np.where(one, low, part) for low, part in zip(column.ends.low, column.parts, strict=True)
    )
    state = np.where(one, np.uint8(VALUE), column.state)
    return attrs.evolve(
        column, parts=parts, state=state if state.any() else None, peak=None,
        ends=attrs.evolve(column.ends, has=column.ends.has & ~one),
    )  # fmt: skip


def lifted(
    parts: Parts, den: Any, operands: Sequence[Column], ends: Ends | None = None, top: int | None = None
) -> Column:  # fmt: skip
    """A result whose values are *parts* where all *operands* are known; else what is worst."""
    state, detail = worst(operands)
    if state is None:
        return Column(parts, den, peak=top)
    if ends is not None:
        here = ends.has & (state == UNKNOWN)
        if not here.any():
            ends = None
        else:
            known = state <= ABSENT
            ends = Ends(
                tuple(np.where(known, p, e) for p, e in zip(parts, ends.low, strict=True)),
                tuple(np.where(known, p, e) for p, e in zip(parts, ends.high, strict=True)),
                here,
            )
            return closed(Column(parts, den, state, detail, ends))
    return Column(parts, den, state, detail, None, peak=top)


def _bounded(operands: Sequence[Column]) -> tuple[Ends, ...] | None:
    """The bounds of each operand, if some lane that is not known has some."""
    if all(operand.ends is None for operand in operands):
        return None
    found = [bounds(operand) for operand in operands]
    both = found[0].has
    for one in found[1:]:
        both = both & one.has
    return tuple(attrs.evolve(one, has=both) for one in found)


# ── operators ────────────────────────────────────────────────────────────────────────────


def void(operands: Sequence[Column]) -> Column | None:
    """What comes of *operands* when one of them has no value in any lane."""
    if all(operand.parts for operand in operands):
        return None
    state, detail = worst(operands)
    return Column((), 1, state, detail)


def add(left: Column, right: Column, sign: int = 1) -> Column:
    """*left* plus, or minus (*sign* -1), *right*: numbers, amounts or durations."""
    if (nothing := void((left, right))) is not None:
        return nothing
    if not (isinstance(left.den, int) and isinstance(right.den, int) and left.den == right.den):
        left, right = unified((left, right))
        if isinstance(left.den, np.ndarray):
            return _add_own(left, right, sign)
    top = peak(left) + peak(right)
    if len(left.parts) == 2:
        top = max(top, highest(left.parts[1]) + highest(right.parts[1]))
    if top >= LIMIT:
        left, right = widened(left), widened(right)

    def both(a: Parts, b: Parts, way: int) -> Parts:
        return tuple(np.asarray(x + y if way > 0 else x - y) for x, y in zip(a, b, strict=True))

    ends = None
    pairs = _bounded((left, right))
    if pairs is not None:
        a, b = pairs
        low, high = (b.low, b.high) if sign > 0 else (b.high, b.low)
        ends = Ends(both(a.low, low, sign), both(a.high, high, sign), a.has)
    return lifted(both(left.parts, right.parts, sign), left.den, (left, right), ends, top)


def _add_own(left: Column, right: Column, sign: int) -> Column:
    """The sum of fractions that each have their denominator."""

    def one(a: Array, b: Array) -> Array:
        return plus(times(a, right.den), times(b, left.den) * sign)

    den = times(np.asarray(left.den), np.asarray(right.den))
    ends = None
    pairs = _bounded((left, right))
    if pairs is not None:
        a, b = pairs
        low, high = (b.low, b.high) if sign > 0 else (b.high, b.low)
        ends = Ends((one(a.low[0], low[0]),), (one(a.high[0], high[0]),), a.has)
    return lifted((one(left.parts[0], right.parts[0]),), den, (left, right), ends)


def widened(column: Column) -> Column:
    """*column* in whole numbers without limit."""
    return attrs.evolve(
        column,
        parts=tuple(map(_wide, column.parts)),
        ends=column.ends
        and Ends(
            tuple(map(_wide, column.ends.low)), tuple(map(_wide, column.ends.high)), column.ends.has
        ),
    )


def multiply(left: Column, right: Column) -> Column:
    """A number, amount or duration × a number."""
    if (nothing := void((left, right))) is not None:
        return nothing
    if len(right.parts) == 2:
        left, right = right, left
    top = peak(left) * peak(right)
    if len(left.parts) == 2:
        top = max(top, highest(left.parts[1]) * peak(right))
    if top >= LIMIT:
        left, right = widened(left), widened(right)
    dens = left.den, right.den
    if all(isinstance(den, int) for den in dens):
        den: Any = left.den * right.den
    else:
        den = times(np.asarray(left.den), np.asarray(right.den))
    parts = tuple(np.asarray(part * right.parts[0]) for part in left.parts)
    ends = None
    pairs = _bounded((left, right)) if len(left.parts) == 1 else None
    if pairs is not None:
        ends = _corners(pairs, lambda a, b: a * b)
    return lifted(parts, den, (left, right), ends, top)


def _corners(pairs: tuple[Ends, ...], apply: Callable[[Array, Array], Array]) -> Ends:
    a, b = pairs
    every = [apply(x[0], y[0]) for x in (a.low, a.high) for y in (b.low, b.high)]
    low = high = every[0]
    for one in every[1:]:
        low, high = np.minimum(low, one), np.maximum(high, one)
    return Ends((low,), (high,), a.has)


def divide(left: Column, right: Column, failure: int) -> Column:
    """*left* ÷ *right*, as a fraction; by zero, the error *failure*."""
    if not right.parts:
        state, detail = worst((left, right))
        return Column((), 1, state, detail)
    zero = right.is_(VALUE) & (right.parts[0] == 0)
    if not left.parts:
        quotient = Column((), 1, *worst((left, right)))
    else:
        bottom = np.where(right.parts[0] == 0, 1, right.parts[0])
        constant = right.state is None and len(right) and bottom.strides == (0,)
        number: Any = int(bottom[0]) if constant else bottom
        sign: Any = (1 if number > 0 else -1) if constant else np.sign(bottom)
        num_factor = right.den * sign
        if isinstance(left.den, int) and constant:
            den: Any = left.den * abs(number)
        else:
            den = times(np.asarray(np.abs(number)), np.asarray(left.den))

        def one(a: Array) -> Array:
            return times(a, num_factor)

        ends = None
        pairs = _bounded((left, right))
        if pairs is not None:
            # By what is not known, a quotient has no bounds.
            certain = pairs[0].has & right.is_(VALUE)
            x, y = one(pairs[0].low[0]), one(pairs[0].high[0])
            ends = Ends((np.minimum(x, y),), (np.maximum(x, y),), certain)
        num = one(left.parts[0])
        if isinstance(den, np.ndarray) and ends is None:
            num, den = reduced(num, den)
        quotient = lifted((num,), den, (left, right), ends)
    if not zero.any():
        return quotient
    # By zero: the error, unless what is divided is worse than a value already.
    n = len(left)
    wrong = zero & left.is_known
    state = np.zeros(n, np.uint8) if quotient.state is None else quotient.state
    own = np.zeros(n, np.uint8) if left.state is None else left.state
    detail = np.zeros(n, np.int32) if quotient.detail is None else quotient.detail
    ends = quotient.ends and attrs.evolve(quotient.ends, has=quotient.ends.has & ~zero)
    return attrs.evolve(
        quotient, ends=ends,
        state=np.where(wrong, np.uint8(FAILURE), np.where(zero, own, state)),
        detail=np.where(wrong, np.int32(failure), detail),
    )  # fmt: skip


def negate(column: Column) -> Column:
    """Minus *column*."""
    if not column.parts:
        return column
    ends = column.ends and Ends(
        tuple(-part for part in column.ends.high),
        tuple(-part for part in column.ends.low),
        column.ends.has,
    )
    return closed(attrs.evolve(column, parts=tuple(-part for part in column.parts), ends=ends))


def too_large(column: Column, failure: int) -> Column:
    """*column*, in which numbers that no law reaches are the error *failure*."""
    wide = [part for part in column.parts if part.dtype == object]
    if isinstance(column.den, np.ndarray) and column.den.dtype == object:
        wide.append(column.den)
    if not wide:
        return column
    if len(column.parts) == 1:
        num, den = column.parts[0], column.den
        if not isinstance(den, int) or den != 1:
            num, den = reduced(num, den)
            if column.ends is None:
                column = attrs.evolve(column, parts=(num,), den=den, peak=None)
            wide = [num, den]
    limit = 1 << MAX_BITS
    wrong = np.zeros(len(column), bool)
    for part in wide:
        if part.dtype == object:
            wrong |= np.asarray(abs(part) >= limit, dtype=bool)
    if column.state is not None:
        wrong &= column.state == VALUE
    if not wrong.any():
        return column
    state = np.zeros(len(column), np.uint8) if column.state is None else column.state
    detail = np.zeros(len(column), np.int32) if column.detail is None else column.detail
    return attrs.evolve(
        column.bare(), state=np.where(wrong, np.uint8(FAILURE), state),
        detail=np.where(wrong, np.int32(failure), detail),
    )  # fmt: skip


# ── rounding ─────────────────────────────────────────────────────────────────────────────


def rounded(column: Column, unit: int, rounding: Rounding) -> Column:
    """To a multiple of *unit*, as `lexald.dsl.values.round_to` does."""
    if not column.parts:
        return column
    den = column.den
    if isinstance(den, int):
        step: Any = den * unit
        if step == 1:
            return closed(column)
    else:
        step = times(np.asarray(den), unit)

    def one(num: Array) -> Array:
        match rounding:
            case Rounding.DOWN:
                whole = num // step
            case Rounding.UP:
                whole = -((-num) // step)
            case Rounding.NEAREST:
                if highest(num) + _den_peak(step) >= LIMIT // 2:
                    num = _wide(num)
                if num.size and num.min() >= 0:
                    whole = (2 * num + step) // (2 * step)
                else:
                    size = (2 * np.abs(num) + step) // (2 * step)
                    whole = np.where(num < 0, -size, size)
        whole = narrow(np.asarray(whole))
        return whole if unit == 1 else whole * unit

    ends = column.ends and Ends(
        (one(column.ends.low[0]),), (one(column.ends.high[0]),), column.ends.has
    )
    found = attrs.evolve(column, parts=(one(column.parts[0]),), den=1, ends=ends, peak=None)
    return closed(found)


# ── order ────────────────────────────────────────────────────────────────────────────────


def _pair(left: Column, right: Column) -> tuple[Column, Column]:
    """Both, so that numerators compare."""
    if isinstance(left.den, int) and isinstance(right.den, int):
        if left.den == right.den:
            return left, right
        den = lcm(left.den, right.den)
        return over(left, den), over(right, den)
    return (
        _scaled(left, right.den),
        _scaled(right, left.den),
    )


def _scaled(column: Column, factor: Any) -> Column:
    """The numerators of *column* times *factor*, whatever they are over."""
    ends = column.ends and Ends(
        tuple(times(part, factor) for part in column.ends.low),
        tuple(times(part, factor) for part in column.ends.high),
        column.ends.has,
    )
    parts = tuple(times(part, factor) for part in column.parts)
    return attrs.evolve(column, parts=parts, den=1, ends=ends, peak=None)


def less(left: Column, right: Column) -> Column:
    """``left < right``."""
    if (nothing := void((left, right))) is not None:
        return nothing
    left, right = _pair(left, right)
    state, detail = worst((left, right))
    if len(left.parts) == 2:
        return _less_durations(left, right, state, detail)
    value = np.asarray(left.parts[0] < right.parts[0], dtype=bool)
    if state is None:
        return truths(value)
    pairs = _bounded((left, right))
    if pairs is not None:
        a, b = pairs
        open_ = a.has & (state == UNKNOWN)
        yes = np.asarray(a.high[0] < b.low[0], dtype=bool) & open_
        no = np.asarray(a.low[0] >= b.high[0], dtype=bool) & open_
        value = np.where(open_, yes, value)
        state = np.where(yes | no, np.uint8(VALUE), state)
    return truths(value, state, detail)


def compared(left: Parts, right: Parts) -> tuple[Array, Array]:
    """The sign of *left* − *right*, durations both, and where only a date can tell."""
    months, days = left[0] - right[0], left[1] - right[1]
    apart = np.asarray(months * days < 0, dtype=bool)
    return np.sign(np.where(months != 0, months, days)), apart


def _less_durations(
    left: Column, right: Column, state: Array | None, detail: Array | None
) -> Column:
    sign, apart = compared(left.parts, right.parts)
    value = np.asarray(sign < 0, dtype=bool)
    known = np.ones(len(left), bool) if state is None else state <= ABSENT
    if state is None and not apart.any():
        return truths(value)
    state = np.zeros(len(left), np.uint8) if state is None else state
    state = np.where(known & apart, np.uint8(UNKNOWN), state)
    pairs = _bounded((left, right))
    if pairs is not None:
        a, b = pairs
        open_ = a.has & ~known & (state == UNKNOWN)
        first, first_apart = compared(a.high, b.low)
        last, last_apart = compared(a.low, b.high)
        yes = open_ & ~first_apart & (first == -1)
        no = open_ & ~last_apart & (last >= 0)
        value = np.where(open_, yes, value)
        state = np.where(yes | (no & ~yes), np.uint8(VALUE), state)
    return truths(value, state, detail)


def equal(left: Column, right: Column) -> Column:
    """``left = right``, of values that are not lists."""
    if (nothing := void((left, right))) is not None:
        state, detail = nothing.state, nothing.detail
        if state is not None and (state == ABSENT).any():
            # Two that are absent are equal; one alone is not the other.
            same = left.is_(ABSENT) & right.is_(ABSENT)
            known = state <= ABSENT
            return truths(same, np.where(known, np.uint8(VALUE), state), detail)
        return nothing
    left, right = _pair(left, right)
    state, detail = worst((left, right))
    value = np.ones(len(left), bool)
    for a, b in zip(left.parts, right.parts, strict=True):
        value &= np.asarray(a == b, dtype=bool)
    if state is not None:
        absent = left.is_(ABSENT), right.is_(ABSENT)
        value = np.where(absent[0] | absent[1], absent[0] & absent[1], value)
        state = np.where(state == ABSENT, np.uint8(VALUE), state)
    if len(left.parts) == 2 and left.kind != PERIOD:
        _, apart = compared(left.parts, right.parts)
        if state is not None:
            apart &= left.is_(VALUE) & right.is_(VALUE)
        if apart.any():
            was = np.zeros(len(left), np.uint8) if state is None else state
            state = np.where(apart, np.uint8(UNKNOWN), was)
    if state is None:
        return truths(value)
    # What only a date could compare stays open, whatever its bounds.
    open_ = state == UNKNOWN
    if open_.any() and (left.ends is not None or right.ends is not None):
        differ = open_ & (periods_apart if left.kind == PERIOD else surely_apart)(left, right)
        value = np.where(differ, False, value)
        state = np.where(differ, np.uint8(VALUE), state)
    return truths(value, state, detail)


def periods_apart(left: Column, right: Column) -> Array:
    """The lanes whose bounds show that two periods differ in an end."""
    a, b = bounds(left), bounds(right)
    apart = np.zeros(len(left), bool)
    for k in (0, 1):
        low, high = _period_end(left, a, k)
        other_low, other_high = _period_end(right, b, k)
        apart |= (high < other_low) | (other_high < low)
    return apart


def _period_end(column: Column, ends: Ends, k: int) -> tuple[Array, Array]:
    """The earliest and the latest that an end may be, in each lane."""
    earliest, latest = ((1, NEVER - 1), (1, NEVER))[k]
    return np.where(ends.has, ends.low[k], earliest), np.where(ends.has, ends.high[k], latest)


def surely_apart(left: Column, right: Column) -> Array:
    """The lanes, not known, whose bounds show that the two differ."""
    left, right = _pair(left, right)
    a, b = bounds(left), bounds(right)
    both = a.has & b.has
    if len(left.parts) == 2:
        one, one_apart = compared(a.high, b.low)
        other, other_apart = compared(b.high, a.low)
        apart = ((one == -1) & ~one_apart) | ((other == -1) & ~other_apart)
    else:
        apart = (a.high[0] < b.low[0]) | (b.high[0] < a.low[0])
    return np.asarray(both & apart.astype(bool))


def pick(operands: Sequence[Column], sign: int) -> Column:
    """The least (*sign* -1) or the greatest of *operands*."""
    found = operands[0]
    for other in operands[1:]:
        found = _pick(found, other, sign)
    return found


def _pick(left: Column, right: Column, sign: int) -> Column:
    if (nothing := void((left, right))) is not None:
        return nothing
    left, right = unified((left, right))
    den = left.den
    one, two = (left, right) if isinstance(den, int) else _pair(left, right)
    if len(left.parts) == 2:
        return _pick_durations(left, right, sign)

    def best(a: Array, b: Array, x: Array, y: Array) -> tuple[Array, Array]:
        """The better of a and b, and which it is, as x and y compare."""
        takes = np.asarray(y < x if sign < 0 else y > x, dtype=bool)
        return np.where(takes, b, a), takes

    if isinstance(den, int):
        pair = np.minimum if sign < 0 else np.maximum
        parts: Parts = (np.asarray(pair(left.parts[0], right.parts[0])),)
        ends = None
        pairs = _bounded((left, right))
        if pairs is not None:
            a, b = pairs
            ends = Ends((pair(a.low[0], b.low[0]),), (pair(a.high[0], b.high[0]),), a.has)
        tops = left.peak, right.peak
        top = None if None in tops else max(tops)  # type: ignore[type-var]
        return lifted(parts, den, (left, right), ends, top)
    value, takes = best(left.parts[0], right.parts[0], one.parts[0], two.parts[0])
    own = np.where(takes, right.den, left.den)
    found = lifted((value,), own, (left, right))
    pairs = _bounded((left, right))
    if pairs is None or not found.has_unknown:
        return found
    # Over two denominators: bounds are brought over their product.
    product = times(np.asarray(left.den), np.asarray(right.den))
    a, b = bounds(one), bounds(two)
    pair = np.minimum if sign < 0 else np.maximum
    ends = Ends((pair(a.low[0], b.low[0]),), (pair(a.high[0], b.high[0]),), a.has & b.has)
    return lifted((pair(one.parts[0], two.parts[0]),), product, (left, right), ends)


def _pick_durations(left: Column, right: Column, sign: int) -> Column:
    def best(a: Parts, b: Parts) -> tuple[Parts, Array]:
        order, apart = compared(b, a)
        takes = order * sign > 0
        return tuple(np.where(takes, y, x) for x, y in zip(a, b, strict=True)), apart

    parts, apart = best(left.parts, right.parts)
    ends = None
    pairs = _bounded((left, right))
    if pairs is not None:
        a, b = pairs
        low, low_apart = best(a.low, b.low)
        high, high_apart = best(a.high, b.high)
        ends = Ends(low, high, a.has & ~low_apart & ~high_apart)
    found = lifted(parts, 1, (left, right), ends)
    if not apart.any():
        return found
    both = np.ones(len(left), bool)
    for operand in (left, right):
        if operand.state is not None:
            both &= operand.state == VALUE
    state = np.zeros(len(left), np.uint8) if found.state is None else found.state
    wrong = both & apart
    ends = found.ends and attrs.evolve(found.ends, has=found.ends.has & ~wrong)
    return attrs.evolve(found, state=np.where(wrong, np.uint8(UNKNOWN), state), ends=ends)
