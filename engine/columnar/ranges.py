"""Periods on columns: `engine.periods`, lane by lane, with what is known of their ends."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import attrs
import numpy as np

from lexald.dsl import program as core

from ..periods import MAX_DAYS
from . import numbers as math
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
    blend,
    of_state,
    truths,
    worst,
)
from .lanes import Env

if TYPE_CHECKING:
    from .world import World

LATEST = date.max.toordinal()


@attrs.frozen(eq=False)
class _Known:
    """The earliest and the latest that each end of a period may be, lane by lane."""

    first_low: Array
    first_high: Array
    last_low: Array
    last_high: Array


def _day_bounds(column: Column, last: int) -> tuple[Array, Array]:
    """The earliest and the latest that a day may be; `NEVER` where it is absent."""
    n = len(column)
    if not column.parts:
        low, high = np.full(n, 1), np.full(n, last)
    else:
        ends = math.bounds(column)
        low = np.where(ends.has, ends.low[0], 1)
        high = np.where(ends.has, ends.high[0], last)
    if column.state is not None:
        absent = column.state == ABSENT
        low, high = np.where(absent, NEVER, low), np.where(absent, NEVER, high)
    return low, high


def _known(column: Column) -> _Known:
    n = len(column)
    if not column.parts:
        return _Known(np.full(n, 1), np.full(n, NEVER - 1), np.full(n, 1), np.full(n, NEVER))
    ends = math.bounds(column)
    return _Known(
        np.where(ends.has, ends.low[0], 1), np.where(ends.has, ends.high[0], NEVER - 1),
        np.where(ends.has, ends.low[1], 1), np.where(ends.has, ends.high[1], NEVER),
    )  # fmt: skip


def make(world: World, expr: core.Range, env: Env) -> Column:
    """``du first au last``; without a last, ``à partir du first``."""
    first = world.eval(expr.first, env)
    last = None if expr.last is None else world.eval(expr.last, env)
    n = len(first)
    state, detail = worst((first,) if last is None else (first, last))
    if last is None:
        last = of_state(n, ABSENT)
    begins_low, begins_high = _day_bounds(first, LATEST)
    ends_low, ends_high = _day_bounds(last, LATEST)
    parts = (begins_low, ends_low)
    known = np.ones(n, bool) if state is None else state <= ABSENT
    backwards = known & (ends_low < begins_low - 1)
    column = Column(parts, kind=PERIOD)
    if state is not None:
        open_ = state == UNKNOWN
        low = (begins_low, np.maximum(ends_low, begins_low - 1))
        ends = Ends(low, (begins_high, ends_high), open_) if open_.any() else None
        column = Column(
            parts, 1, np.where(known, np.uint8(VALUE), state), detail, ends, kind=PERIOD
        )
    if not backwards.any():
        return column
    number = world.kernel.failed(
        "E021", "la période finit avant de commencer", "the period ends before it starts", expr
    )
    return world.wrong_where(column, backwards, number)


def covers(world: World, expr: core.Covers, env: Env) -> Column:
    """``period contient item``: known as soon as the known ends decide."""
    period, item, of_period = (
        world.eval(expr.period, env),
        world.eval(expr.item, env),
        expr.of_period,
    )
    state, detail = worst((period, item))
    outer = _known(period)
    if of_period:
        held = _known(item)
    else:
        low, high = _day_bounds(item, LATEST)
        held = _Known(low, high, low, high)
    yes = (outer.first_high <= held.first_low) & (held.last_high <= outer.last_low)
    if of_period:
        yes |= held.last_high < held.first_low
    no = (held.first_high < outer.first_low) | (outer.last_high < held.last_low)
    if of_period:
        no &= held.first_high <= held.last_low
    return _decided(yes, no, state, detail)


def overlaps(world: World, expr: core.Overlaps, env: Env) -> Column:
    """``left chevauche right``: known as soon as the known ends decide."""
    left, right = world.eval(expr.left, env), world.eval(expr.right, env)
    state, detail = worst((left, right))
    a, b = _known(left), _known(right)
    yes = np.maximum(a.first_high, b.first_high) <= np.minimum(a.last_low, b.last_low)
    no = np.maximum(a.first_low, b.first_low) > np.minimum(a.last_high, b.last_high)
    return _decided(yes, no, state, detail)


def _decided(yes: Array, no: Array, state: Array | None, detail: Array | None) -> Column:
    if state is None:
        return truths(yes)
    settled = (yes | no) & (state <= UNKNOWN)
    return truths(yes, np.where(settled, np.uint8(VALUE), state), detail)


def edge(world: World, expr: core.Edge, env: Env) -> Column:
    """``premier jour de``, ``dernier jour de`` or ``premier jour après``."""
    period = world.eval(expr.period, env)
    n = len(period)
    which = expr.which
    if not period.parts:
        if which != "premier jour" or not period.has_unknown:
            return period
        # Of a period of which nothing is known, the first day is a day all the same.
        any_day = Ends((np.ones(n, np.int64),), (np.full(n, LATEST),), period.is_(UNKNOWN))
        return Column(any_day.low, 1, period.state, period.detail, any_day)
    first, last = period.parts
    here = period.is_(VALUE)
    unknown = period.is_(UNKNOWN)
    day = first if which == "premier jour" else last
    after = 1 if which == "premier jour après" else 0
    state = np.zeros(n, np.uint8) if period.state is None else period.state
    known = _known(period)
    low, high = (
        (known.first_low, known.first_high)
        if which == "premier jour"
        else (known.last_low, known.last_high)
    )
    endless = here & (day == NEVER) & (which != "premier jour")
    never = unknown & (low == NEVER)
    bounded = unknown & (high != NEVER) & ~(bool(after) & (high == LATEST))
    ends = None
    if bounded.any():
        reached = day + after
        ends = Ends(
            (np.where(bounded, low + after, reached),), (np.where(bounded, high + after, reached),),
            bounded,
        )  # fmt: skip
    found = math.closed(Column((day + after,), 1, state, period.detail, ends))
    pieces: list[tuple[Array, Column]] = [(np.ones(n, bool), found)]
    gone = endless | never
    if gone.any():
        pieces.append((gone, of_state(n, ABSENT)))
    if after:
        over = here & (last == LATEST)
        if over.any():
            pieces.append((over, of_state(n, FAILURE, world.kernel.overflow(expr))))
    else:
        empty = here & (last < first)
        if empty.any():
            number = world.kernel.failed(
                "E024", "une période sans jour n'a ni premier ni dernier jour",
                "a period of no day has neither a first nor a last day", expr,
            )  # fmt: skip
            pieces.append((empty, of_state(n, FAILURE, number)))
    return _tidy(blend(pieces))


def _tidy(column: Column) -> Column:
    if column.state is not None and not column.state.any():
        return attrs.evolve(column, state=None, detail=None, ends=None)
    return column


def days(world: World, expr: core.Days, env: Env) -> Column:
    """The days that periods have in common, as lists."""
    periods = [world.eval(period, env) for period in expr.periods]
    n = len(periods[0])
    state, detail = worst(periods)
    if any(not period.parts for period in periods):
        return Column((), 1, state, detail)
    first, last = periods[0].parts
    for period in periods[1:]:
        first = np.maximum(first, period.parts[0])
        # No day in common: none of them, from the later first day.
        last = np.maximum(np.minimum(last, period.parts[1]), first - 1)
    here = np.ones(n, bool) if state is None else state == VALUE
    length = np.where(here, last - first + 1, 0)
    long = length > MAX_DAYS
    length = np.where(long, 0, length)
    used = length > 0
    low = int(first[used].min()) if used.any() else 1
    high = int((first + length)[used].max()) if used.any() else 1
    column = Column(
        (np.where(used, first - low, 0), length), 1, state, detail, None, Column((np.arange(low, high),)),
    )  # fmt: skip
    if not long.any():
        return column
    shown = f"{MAX_DAYS:,}"
    number = world.kernel.failed(
        "E023", f"une période de plus de {shown.replace(',', ' ')} jours ne se parcourt pas",
        f"a period of more than {shown} days is not walked", expr,
    )  # fmt: skip
    return world.wrong_where(column, long, number)
