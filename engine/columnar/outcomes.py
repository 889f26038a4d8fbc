"""Outcomes, lane by lane: truths put together, what is one outcome, what bounds several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import numbers as math
from .columns import (
    ABSENT,
    NOT_APPLICABLE,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    Ends,
    inside,
    truths,
    unified,
    worst,
)

if TYPE_CHECKING:
    from .kernel import Kernel


def invert(column: Column) -> Column:
    """``non``."""
    if not column.parts:
        return column
    return truths(~column.parts[0], column.state, column.detail)


def any_of(operands: Sequence[Column]) -> Column:
    """``ou``: one that is true absorbs what is unknown, never what is worse."""
    state, detail = worst(operands)
    if state is None:
        value = operands[0].parts[0]
        for operand in operands[1:]:
            value = value | operand.parts[0]
        return truths(value)
    value = operands[0].truth
    for operand in operands[1:]:
        value = value | operand.truth
    return truths(value, np.where(value & (state <= UNKNOWN), np.uint8(VALUE), state), detail)


def same(kernel: Kernel, a: Column, b: Column) -> Array:
    """The lanes where two outcomes are one; two that are unknown are."""
    n = len(a)
    if a.state is None and b.state is None:
        return alike(kernel, a, b)
    left = np.zeros(n, np.uint8) if a.state is None else a.state
    right = np.zeros(n, np.uint8) if b.state is None else b.state
    found: Array = left == right
    values = found & (left == VALUE)
    if values.any():
        found &= ~values | alike(kernel, a, b)
    told = found & (left >= NOT_APPLICABLE)
    if told.any() and a.detail is not None and b.detail is not None:
        lanes = np.flatnonzero(told)
        found[lanes] = kernel.codes(a.detail[lanes]) == kernel.codes(b.detail[lanes])
    return found


def alike(kernel: Kernel, a: Column, b: Column) -> Array:
    """The lanes where two values that are there are equal."""
    if a.items is not None or b.items is not None:
        return _lists_alike(kernel, a, b)
    if isinstance(a.den, int) and isinstance(b.den, int) and a.den == b.den:
        left, right = a, b
    else:
        left, right = math._pair(a, b)
    found = np.ones(len(a), bool)
    for one, other in zip(left.parts, right.parts, strict=True):
        found &= np.asarray(one == other, dtype=bool)
    return found


def _lists_alike(kernel: Kernel, a: Column, b: Column) -> Array:
    n = len(a)
    both = a.is_(VALUE) & b.is_(VALUE)
    none = np.zeros(n, bool)
    found: Array = both & (a.parts[1] == b.parts[1])
    found &= (none if a.more is None else a.more) == (none if b.more is None else b.more)
    lanes = np.flatnonzero(found)
    one, other = inside(a.take(lanes)), inside(b.take(lanes))
    if one.size:
        differ = ~same(kernel, one.items, other.items)
        found[lanes[one.parent[differ]]] = False
    return found


def ordered(column: Column) -> bool:
    """Whether values of *column* have bounds: numbers, amounts and days."""
    return (
        len(column.parts) == 1
        and column.kind == ""
        and column.items is None
        and column.parts[0].dtype != bool
    )


def spread(n: int, columns: Sequence[Column], needed: Sequence[Array] | None = None) -> Column | None:  # fmt: skip
    """What is not known, between the bounds of all *columns*; `None` when it has no bound.

    *needed*: the lanes in which each column counts; all by default.
    """
    whole = [column for column in columns if column.parts]
    if not whole or not all(ordered(column) for column in whole):
        return None
    columns = unified(columns)
    if isinstance(columns[0].den, np.ndarray):
        # Each lane has its denominator: they are brought over a common one.
        den = columns[0].den
        for column in columns[1:]:
            den = math.times(den, column.den)
        columns = [math.over(column, den) for column in columns]
    has = np.ones(n, bool)
    low = high = None
    some = np.zeros(n, bool)
    for rank, column in enumerate(columns):
        ends = math.bounds(column)
        mask = np.ones(n, bool) if needed is None else needed[rank]
        has &= ends.has | ~mask
        if low is None or high is None:
            low, high = ends.low[0], ends.high[0]
        else:
            first = mask & ~some
            low = np.where(first, ends.low[0], np.where(mask, np.minimum(low, ends.low[0]), low))
            high = np.where(first, ends.high[0], np.where(mask, np.maximum(high, ends.high[0]), high))  # fmt: skip
        some |= mask
    assert low is not None and high is not None
    has &= some
    state = np.full(n, UNKNOWN, np.uint8)
    return Column((low,), columns[0].den, state, None, Ends((low,), (high,), has))


def equal(kernel: Kernel, left: Column, right: Column) -> Column:
    """``left = right``."""
    if left.items is None and right.items is None:
        return math.equal(left, right)
    state, detail = worst((left, right))
    if left.parts and right.parts:
        value = same(kernel, left, right)
    else:
        value = left.is_(ABSENT) & right.is_(ABSENT)
    if state is not None:
        state = np.where(state == ABSENT, np.uint8(VALUE), state)
    return truths(value, state, detail)
