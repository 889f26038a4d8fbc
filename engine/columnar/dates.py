"""The forms that reckon with dates, and what is read at the law of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lexald.dsl import program as core

from . import calendar
from . import numbers as math
from .columns import UNKNOWN, VALUE, Array, Column, Ends, blend, of_state, spread_out, worst
from .lanes import Env

if TYPE_CHECKING:
    from .world import World


def moved(
    world: World, day: Column, duration: Column, sign: int, round_up: bool
) -> tuple[Column, Array]:
    """*day* plus or minus *duration*, and the lanes that leave the calendar."""
    n = len(day)
    if (nothing := math.void((day, duration))) is not None:
        return nothing, np.zeros(n, bool)
    state, detail = worst((day, duration))
    here = np.ones(n, bool) if state is None else state == VALUE
    start = np.where(here, day.parts[0], calendar.EPOCH)
    months, more = (np.asarray(part) * sign for part in duration.parts)
    reached, wrong = calendar.shifted(start, months, more, round_up=round_up)
    wrong &= here
    if state is None:
        return Column((reached,)), wrong
    ends = None
    if day.ends is not None and day.has_unknown and duration.state is None:
        low, low_wrong = calendar.shifted(day.ends.low[0], months, more, round_up=round_up)
        high, high_wrong = calendar.shifted(day.ends.high[0], months, more, round_up=round_up)
        has = day.ends.has & (state == UNKNOWN) & ~low_wrong & ~high_wrong
        ends = Ends((np.where(has, low, reached),), (np.where(has, high, reached),), has)
    elif day.ends is not None or duration.ends is not None:
        a, b = math.bounds(day), math.bounds(duration)
        one = np.ones(n, bool)
        for low_part, high_part in zip(b.low, b.high, strict=True):
            one &= low_part == high_part
        has = a.has & b.has & one & (state == UNKNOWN)
        moved = [np.asarray(part) * sign for part in b.low]
        low, low_wrong = calendar.shifted(a.low[0], *moved, round_up=round_up)
        high, high_wrong = calendar.shifted(a.high[0], *moved, round_up=round_up)
        has &= ~low_wrong & ~high_wrong
        ends = Ends((np.where(has, low, reached),), (np.where(has, high, reached),), has)
    return math.closed(Column((reached,), 1, state, detail, ends)), wrong


def shift(world: World, expr: core.Shift, env: Env) -> Column:
    found, wrong = moved(
        world, world.eval(expr.day, env), world.eval(expr.duration, env), expr.sign, expr.round_up
    )
    return world.wrong_where(found, wrong, world.kernel.overflow(expr)) if wrong.any() else found


def gap(world: World, expr: core.Gap, env: Env) -> Column:
    end, start = world.eval(expr.end, env), world.eval(expr.start, env)
    if (nothing := math.void((end, start))) is not None:
        return nothing
    state, detail = worst((end, start))
    last, first = end.parts[0], start.parts[0]
    if state is not None:
        here = state == VALUE
        last, first = np.where(here, last, calendar.EPOCH), np.where(here, first, calendar.EPOCH)
    none = np.zeros(env.n, np.int64)
    if expr.unit == "jours":
        parts = (none, last - first)
    elif expr.unit == "mois":
        parts = (calendar.months_between(first, last), none)
    else:
        parts = (calendar.years_between(first, last) * 12, none)
    return Column(parts, 1, state, detail)


def builtin(world: World, expr: core.Builtin, env: Env) -> Column:
    (day,) = (world.eval(argument, env) for argument in expr.arguments)
    if not day.parts:
        return day
    start = day.parts[0]
    if day.state is not None:
        start = np.where(day.state == VALUE, start, calendar.EPOCH)
    return Column((calendar.FUNCTIONS[expr.name](start),), 1, day.state, day.detail)


def working_day(world: World, step: core.WorkingDay, value: Column) -> Column:
    if not value.parts:
        return value
    start = value.parts[0]
    if value.state is not None:
        start = np.where(value.state == VALUE, start, calendar.EPOCH)
    found, wrong = calendar.working(start)
    column = Column((found,), 1, value.state, value.detail)
    return world.wrong_where(column, wrong, world.kernel.overflow(step))


def considered(world: World, expr: core.ConsideredDate, env: Env) -> Column:
    on = env.on
    days_ = np.broadcast_to(np.int64(on), env.n) if isinstance(on, int) else on
    undated = env.undated
    if undated is None or undated.state is None:
        return Column((days_,))
    state = np.where(undated.is_(UNKNOWN), np.uint8(UNKNOWN), np.uint8(VALUE))
    return Column((days_,), 1, state, ends=undated.ends)


def as_of(world: World, expr: core.AsOf, env: Env) -> Column:
    day = world.eval(expr.day, env)
    n = env.n
    known = day.is_(VALUE) if day.parts else np.zeros(n, bool)
    pieces: list[tuple[Array, Column]] = [(~known, Column((), 1, day.state, day.detail))] if day.state is not None else []  # fmt: skip
    if known.any():
        on: int | Array = day.parts[0]
        if isinstance(on, np.ndarray) and on.strides == (0,) and len(on):
            on = int(on[0])
        lanes = np.flatnonzero(known)
        inner = env if len(lanes) == n else env.take(lanes)
        dates = on if isinstance(on, int) or len(lanes) == n else on[lanes]
        found = world.eval(expr.content, inner.on_dates(dates, None))
        pieces.append((known, found if len(lanes) == n else spread_out(found, lanes, n)))
    unknown = day.is_(UNKNOWN)
    if unknown.any():
        lanes = np.flatnonzero(unknown)
        found = world.undated(
            env.take(lanes), day.take(lanes), lambda inner: world.eval(expr.content, inner),
            world.kernel.tried(expr.content),
        )  # fmt: skip
        pieces.append((unknown, spread_out(found, lanes, n)))
    return blend(pieces) if pieces else of_state(n, UNKNOWN)
