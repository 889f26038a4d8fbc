"""Lists on columns: the items of all lists are lanes, and each list puts its own together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from lexald.dsl import program as core
from lexald.dsl.types import DURATION

from . import numbers as math
from .columns import (
    ABSENT,
    CONFLICT,
    FAILURE,
    NOT_APPLICABLE,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    Ends,
    Inside,
    blend,
    concat,
    inside,
    of_state,
    spread_out,
    truths,
    worst,
)
from .keys import combined, numbered, sort_key
from .lanes import Env
from .outcomes import ordered, same

if TYPE_CHECKING:
    from .world import World


def walk(world: World, expr: core.Walk, env: Env) -> Column:
    """What a walk comes to in each lane."""
    lists = world.eval(expr.items, env)
    held = inside(lists)
    found = _over(world, expr, env, lists, held)
    if lists.state is None or not (wrong := lists.state != VALUE).any():
        return found
    return blend([(~wrong, found), (wrong, Column((), 1, lists.state, lists.detail))])


def _over(world: World, expr: core.Walk, env: Env, lists: Column, held: Inside) -> Column:
    n = env.n
    inner = env.inside(held, expr.variable)
    total = held.size
    if expr.condition is None or not total:
        fits = truths(np.ones(total, bool))
    else:
        fits = world.eval(expr.condition, inner)
    more = lists.more
    wrong_state, wrong_detail = _worst_of(fits, held, n, above=UNKNOWN)
    doubtful = _any(fits.is_(UNKNOWN), held, n) if fits.state is not None else np.zeros(n, bool)
    if more is not None:
        doubtful = doubtful | more
    match expr.word:
        case "existe":
            found = _exists(fits.truth, doubtful, held, n)
        case "tout":
            assert expr.body is not None
            body = world.eval(expr.body, inner) if total else truths(np.zeros(0, bool))
            found = _for_all(body, doubtful, held, n)
            found = _worse(found, _worst_of(body, held, n, above=UNKNOWN))
        case "nombre":
            found = _number(fits, more, doubtful, held, n)
        case "liste":
            found = _kept(fits, held, n)
            if doubtful.any():
                found = blend([(~doubtful, found), (doubtful, of_state(n, UNKNOWN))])
        case "premier" | "dernier":
            found = _first(world, expr, inner, held, fits, n)
            if doubtful.any():
                found = blend([(~doubtful, found), (doubtful, of_state(n, UNKNOWN))])
        case _:
            found = _fold(world, expr, inner, held, fits, doubtful, more, n)
    if wrong_state is None:
        return found
    wrong = wrong_state > UNKNOWN
    if not wrong.any():
        return found
    return blend([(~wrong, found), (wrong, Column((), 1, wrong_state, wrong_detail))])


# ── what segments come to ────────────────────────────────────────────────────────────────


def _any(mask: Array, held: Inside, n: int) -> Array:
    """The lists one of whose items is in *mask*."""
    found = np.zeros(n, bool)
    found[held.parent[mask]] = True
    return found


def _sum(values: Array, held: Inside) -> Array:
    """The sum over each list."""
    if not len(values):
        return np.zeros(len(held.start), np.int64)
    if values.dtype != object and math.highest(values) * len(values) >= math.LIMIT:
        values = values.astype(object)
    if held.length.all():
        return np.asarray(np.add.reduceat(values, held.start))
    upto = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
    return np.asarray(upto[held.start + held.length] - upto[held.start])


def _count(mask: Array, held: Inside, n: int) -> Array:
    return np.bincount(held.parent[mask], minlength=n) if len(mask) else np.zeros(n, np.int64)


def _first_lane(mask: Array, held: Inside, n: int) -> tuple[Array, Array]:
    """The first item of each list that is in *mask*, and the lists that have one."""
    lanes = np.flatnonzero(mask)
    first = np.zeros(n, np.int64)
    # Written from the last to the first: the first stays.
    first[held.parent[lanes[::-1]]] = lanes[::-1]
    has = np.zeros(n, bool)
    has[held.parent[lanes]] = True
    return first, has


def _worst_of(
    column: Column, held: Inside, n: int, above: int = ABSENT
) -> tuple[Array | None, Array | None]:
    """The state that wins over each list, above *above*, and the detail of its first item."""
    if column.state is None or not (column.state > above).any():
        return None, None
    state = np.zeros(n, np.uint8)
    detail = np.zeros(n, np.int32)
    for one in (UNKNOWN, NOT_APPLICABLE, CONFLICT, FAILURE):
        if one <= above:
            continue
        mask = column.state == one
        if not mask.any():
            continue
        first, has = _first_lane(mask, held, n)
        state = np.where(has, np.uint8(one), state)
        if column.detail is not None:
            detail = np.where(has, column.detail[first], detail)
    return state, detail


# ── words ────────────────────────────────────────────────────────────────────────────────


def _exists(true: Array, doubtful: Array, held: Inside, n: int) -> Column:
    found = _any(true, held, n)
    open_ = doubtful & ~found
    if not open_.any():
        return truths(found)
    return truths(found, np.where(open_, np.uint8(UNKNOWN), np.uint8(VALUE)))


def _for_all(body: Column, doubtful: Array, held: Inside, n: int) -> Column:
    broken = _any(body.falsity, held, n)
    open_ = doubtful
    if body.state is not None:
        open_ = open_ | _any(body.state == UNKNOWN, held, n)
    open_ = open_ & ~broken
    if not open_.any():
        return truths(~broken)
    return truths(~broken, np.where(open_, np.uint8(UNKNOWN), np.uint8(VALUE)))


def _worse(found: Column, wrong: tuple[Array | None, Array | None]) -> Column:
    state, detail = wrong
    if state is None:
        return found
    mask = state > UNKNOWN
    return blend([(~mask, found), (mask, Column((), 1, state, detail))])


def _number(fits: Column, more: Array | None, doubtful: Array, held: Inside, n: int) -> Column:
    low = _count(fits.truth, held, n)
    if not doubtful.any():
        return Column((low,))
    high = low + _count(fits.is_(UNKNOWN), held, n)
    has = doubtful if more is None else doubtful & ~more
    state = np.where(doubtful, np.uint8(UNKNOWN), np.uint8(VALUE))
    return Column((low,), 1, state, None, Ends((low,), (high,), has))


def _kept(fits: Column, held: Inside, n: int) -> Column:
    """The items that fit, as lists."""
    kept = np.flatnonzero(fits.truth)
    length = np.bincount(held.parent[kept], minlength=n)
    return Column((np.cumsum(length) - length, length), items=held.items.take(kept))


def _first(world: World, expr: core.Walk, inner: Env, held: Inside, fits: Column, n: int) -> Column:
    kept = np.flatnonzero(fits.truth)
    parent = held.parent[kept]
    number = np.bincount(parent, minlength=n)
    wrong: tuple[Array | None, Array | None] = None, None
    order = np.arange(len(kept))
    if expr.order is not None and len(kept):
        keys = world.eval(expr.order, inner.take(kept))
        start = np.cumsum(number) - number
        within = Inside(keys, start, number, parent)
        wrong = _worst_of(keys, within, n)
        if keys.parts:
            key = sort_key(world, keys)
            order = np.lexsort((order, key, parent))
    place = held.items.take(kept[order])
    ends = np.cumsum(number)
    which = ends - number if expr.word == "premier" else ends - 1
    none = number == 0
    if none.all():
        return of_state(n, ABSENT)
    found = place.take(np.where(none, 0, which))
    pieces = [(~none, found), (none, of_state(n, ABSENT))]
    state, detail = wrong
    if state is not None:
        # One alone needs no order.
        bad = (state > ABSENT) & (number > 1)
        pieces.append((bad, Column((), 1, state, detail)))
    return blend(pieces)


def _fold(
    world: World,
    expr: core.Walk,
    inner: Env,
    held: Inside,
    fits: Column,
    doubtful: Array,
    more: Array | None,
    n: int,
) -> Column:
    """``somme``, ``minimum`` and ``maximum``."""
    assert expr.body is not None
    total = held.size
    if expr.condition is None and more is None and total and expr.word == "somme":
        plain = world.eval(expr.body, inner)
        if plain.state is None and not isinstance(plain.den, np.ndarray):
            parts = tuple(_sum(part, held) for part in plain.parts)
            return world.kernel.not_too_large(Column(parts, plain.den), expr)
    zero = Column((np.zeros(n, np.int64),))
    if not total:
        terms: Column = of_state(0, VALUE)
        counts = np.zeros(0, bool)
    else:
        needed = ~fits.falsity
        terms = world.where(needed, inner, lambda e: world.eval(expr.body, e), expr.body)  # type: ignore[arg-type]
        counts = needed & ~terms.is_(NOT_APPLICABLE)
        if fits.has_unknown:
            terms = _perhaps(expr, fits, terms)
    masked = terms
    if terms.state is not None and not counts.all():
        masked = terms.in_state(np.where(counts, terms.state, np.uint8(VALUE)), terms.detail)
        masked = attrs.evolve(masked, ends=terms.ends)
    state, detail = _worst_of(masked, held, n)
    state = np.zeros(n, np.uint8) if state is None else state
    if expr.word == "somme":
        found = (
            _total(world, expr, masked, counts, held, state, n) if total and terms.parts else None
        )
        if found is None:
            found = _nothing(expr, n, terms, zero)
    else:
        found = _best(expr, masked, counts, held, n)
        if doubtful.any():
            found = blend([(~doubtful, found), (doubtful, of_state(n, UNKNOWN))])
    pieces: list[tuple[Array, Column]] = [(np.ones(n, bool), found)]
    if not masked.parts:
        open_ = state == UNKNOWN
        pieces.append((open_, of_state(n, UNKNOWN)))
    if more is not None and more.any():
        pieces.append((more, of_state(n, UNKNOWN)))
    worse = state > UNKNOWN
    if worse.any():
        pieces.append((worse, Column((), 1, state, detail)))
    return blend(pieces)


def _nothing(expr: core.Walk, n: int, terms: Column, zero: Column) -> Column:
    """The sum of nothing."""
    if expr.type == DURATION:
        nothing = np.zeros(n, np.int64)
        return Column((nothing, nothing))
    return zero


def _perhaps(expr: core.Walk, fits: Column, terms: Column) -> Column:
    """Terms that may not count: between nothing and themselves."""
    maybe = fits.is_(UNKNOWN)
    bare = of_state(len(terms), UNKNOWN)
    if expr.word == "somme" and ordered(terms):
        ends = math.bounds(terms)
        low, high = np.minimum(ends.low[0], 0), np.maximum(ends.high[0], 0)
        state = np.full(len(terms), UNKNOWN, np.uint8)
        bare = Column(terms.parts, terms.den, state, None, Ends((low,), (high,), ends.has & maybe))
    kept = maybe & ~terms.is_(NOT_APPLICABLE)
    return blend([(~kept, terms), (kept, bare)])


def _total(
    world: World,
    expr: core.Walk,
    terms: Column,
    counts: Array,
    held: Inside,
    state: Array,
    n: int,
) -> Column:
    if isinstance(terms.den, np.ndarray):
        terms = _one_den(terms, held)
    den = terms.den
    if isinstance(den, np.ndarray):
        first, has = _first_lane(np.ones(held.size, bool), held, n)
        den = np.where(has, den[first], 1)

    def added(part: Array, use: Array) -> Array:
        return _sum(part if use.all() else np.where(use, part, 0), held)

    use = counts if terms.state is None else counts & (terms.state == VALUE)
    parts = tuple(added(part, use) for part in terms.parts)
    unknown = state == UNKNOWN
    if not unknown.any():
        return world.kernel.not_too_large(Column(parts, den), expr)
    ends = None
    if terms.ends is not None and terms.state is not None:
        bounds = math.bounds(terms)
        has = unknown & ~_any(counts & ~bounds.has, held, n)
        if has.any():
            low = tuple(added(part, counts) for part in bounds.low)
            high = tuple(added(part, counts) for part in bounds.high)
            ends = Ends(low, high, has)
    states = np.where(unknown, np.uint8(UNKNOWN), np.uint8(VALUE))
    return math.closed(Column(parts, den, states, None, ends))


def _one_den(terms: Column, held: Inside) -> Column:
    """Fractions over the least common multiple of the denominators of their list."""
    filled = np.flatnonzero(held.length)
    if not len(filled):
        return terms
    common = np.lcm.reduceat(terms.den, held.start[filled])
    whole = np.ones(len(held.start), common.dtype)
    whole[filled] = common
    return math.over(terms, whole[held.parent])


def _best(expr: core.Walk, terms: Column, counts: Array, held: Inside, n: int) -> Column:
    """The least or the greatest of each list; absent for none."""
    lanes = np.flatnonzero(counts)
    if not len(lanes) or not terms.parts:
        return of_state(n, ABSENT)
    parent = held.parent[lanes]
    number = np.bincount(parent, minlength=n)
    start = np.cumsum(number) - number
    sign = -1 if expr.word == "minimum" else 1
    has = number > 0
    filled = np.flatnonzero(has)
    values = terms.take(lanes)
    if values.state is None and len(values.parts) == 1 and isinstance(values.den, int):
        pick = np.minimum if sign < 0 else np.maximum
        found = Column((pick.reduceat(values.parts[0], start[filled]),), values.den)
    else:
        found = _by_rank(values, start[filled], number[filled], sign)
    found = attrs.evolve(found, kind=values.kind)
    return blend([(has, spread_out(found, filled, n)), (~has, of_state(n, ABSENT))])


def _by_rank(values: Column, start: Array, number: Array, sign: int) -> Column:
    """The best of each list, one item of every list at a time, the longest first."""
    longest = np.argsort(-number, kind="stable")
    start, number = start[longest], number[longest]
    left = np.bincount(number)[::-1].cumsum()[::-1]
    best = values.take(start)
    done: list[Column] = []
    for rank, count in enumerate(left[2:], start=1):
        done.append(best.take(np.arange(count, len(best))))
        mine = best.take(np.arange(count))
        best = math.pick([mine, values.take(start[:count] + rank)], sign)
    back = np.empty(len(start), np.int64)
    back[longest] = np.arange(len(start))
    return concat([best, *reversed(done)]).take(back)


# ── groups ───────────────────────────────────────────────────────────────────────────────


def group(world: World, expr: core.Groups, env: Env) -> Column:
    """Each list cut into lists of equal keys, in the order of their first items."""
    lists = world.eval(expr.items, env)
    held = inside(lists)
    n = env.n
    inner = env.inside(held, expr.variable)
    keys = [world.eval(key, inner) for key in expr.keys] if inner.n else []
    codes = [held.parent, *(numbered(key) for key in keys)]
    if inner.n:
        back = combined(codes)
        first = np.zeros(int(back.max()) + 1, np.int64)
        first[back[::-1]] = np.arange(len(back))[::-1]
        # Groups by their first items, items by their groups.
        order = np.argsort(first, kind="stable")
        rank = np.empty(len(first), np.int64)
        rank[order] = np.arange(len(first))
        of = rank[back]
        by_group = np.argsort(of, kind="stable")
        length = np.bincount(of, minlength=len(first))
        groups = Column((np.cumsum(length) - length, length), items=held.items.take(by_group))
        number = np.bincount(held.parent[first[order]], minlength=n)
    else:
        groups = Column((np.zeros(0, np.int64), np.zeros(0, np.int64)), items=held.items)
        number = np.zeros(n, np.int64)
    found = Column((np.cumsum(number) - number, number), items=groups)
    pieces: list[tuple[Array, Column]] = [(np.ones(n, bool), found)]
    state, detail = worst(keys) if keys else (None, None)
    if state is not None and (bad := state > ABSENT).any():
        # The first item whose keys are not known says why.
        first_bad, has = _first_lane(bad, held, n)
        details = None if detail is None else detail[first_bad]
        pieces.append((has, Column((), 1, state[first_bad], details)))
    if lists.more is not None:
        pieces.append((lists.more, of_state(n, UNKNOWN)))
    if lists.state is not None:
        pieces.append((lists.state != VALUE, Column((), 1, lists.state, lists.detail)))
    return blend(pieces)


def collect(world: World, expr: core.Collection, env: Env) -> Column:
    """The members whose condition holds, each once, as lists."""
    n = env.n
    values: list[Column] = []
    masks: list[Array] = []
    wrongs: list[Column] = []
    for value, condition in expr.items:
        if condition is None:
            holds = None
            needed = np.ones(n, bool)
        else:
            holds = world.eval(condition, env)
            needed = holds.truth
        outcome = (
            world.where(needed, env, lambda e, v=value: world.eval(v, e), value)  # type: ignore[misc]
            if needed.any()
            else of_state(n, ABSENT)
        )
        here = needed & outcome.is_known
        for other, mask in zip(values, masks, strict=True):
            both = here & mask
            if both.any():
                here = here & ~(both & same(world.kernel, outcome, other))
        values.append(outcome)
        masks.append(here)
        if holds is not None and holds.state is not None:
            bad = holds.state > ABSENT
            wrongs.append(Column((), 1, np.where(bad, holds.state, np.uint8(VALUE)), holds.detail))
        if outcome.state is not None:
            bad = needed & (outcome.state > ABSENT)
            wrongs.append(Column((), 1, np.where(bad, outcome.state, np.uint8(VALUE)), outcome.detail))  # fmt: skip
    table = np.stack(masks, axis=1) if masks else np.zeros((n, 0), bool)
    lane, which = np.nonzero(table)
    every = concat(values) if values else of_state(0, UNKNOWN)
    length = table.sum(axis=1)
    found = Column((np.cumsum(length) - length, length), items=every.take(which * n + lane))
    state, detail = worst(wrongs) if wrongs else (None, None)
    if state is None:
        return found
    bad = state > ABSENT
    return blend([(~bad, found), (bad, Column((), 1, state, detail))])
