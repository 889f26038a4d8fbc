"""Tables on columns: the row that fits each lane, when some arguments are not known too.

A column of a table cuts its type in classes that its cells do not tell apart. The row of each
combination of classes is worked out once for the law; a lane whose arguments are known is then a
class in each column, and one place in an array.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.rows import is_default, passes
from lexald.dsl.types import AMOUNT, BOOL, DATE, DURATION, NUMBERS, PERIODS, ListType
from lexald.dsl.values import Amount

from . import numbers as math
from .columns import (
    ABSENT,
    FAILURE,
    NOT_APPLICABLE,
    TEXT,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    blend,
    concat,
    of_state,
    spread_out,
    worst,
)
from .lanes import Env
from .outcomes import equal, same, spread
from .versions import in_force, out_of_force

if TYPE_CHECKING:
    from .world import World

# Combinations of classes beyond which rows are tried one after the other.
MOST_CELLS = 200_000
NO_ROW = -1
# Rows by lanes that are tried at once.
MOST_TRIED = 1 << 23
# Numbers so close together that the class of each is worked out once.
SMALL_RANGE = 4096


def look_up(world: World, expr: core.TableValue, env: Env) -> Column:
    """What the table of *expr* says of its arguments, in each lane."""
    table = world.program.tables[expr.name]
    arguments = [world.eval(argument, env) for argument in expr.arguments]
    state, detail = worst(arguments)
    pieces: list[tuple[Array, Column]] = []
    for found, mask in in_force(table.versions, env):
        if isinstance(found, core.TableVersion):
            column = _in_version(world, table, found, arguments, state, env, expr)
        else:
            column = out_of_force(
                world, found, table.versions, f"la table `{table.name}`", expr, env, mask
            )
        pieces.append((mask, column))
    whole = blend(pieces)
    if state is None or not (wrong := state > UNKNOWN).any():
        return whole
    return blend([(~wrong, whole), (wrong, Column((), 1, state, detail))])


def _in_version(
    world: World,
    table: core.Table,
    version: core.TableVersion,
    arguments: Sequence[Column],
    state: Array | None,
    env: Env,
    at: core.TableValue,
) -> Column:
    n = env.n
    known = np.ones(n, bool) if state is None else state <= ABSENT
    if known.all():
        return _known(world, table, version, arguments, env, at)
    pieces: list[tuple[Array, Column]] = []
    if known.any():
        lanes = np.flatnonzero(known)
        inner = env.take(lanes)
        found = _known(world, table, version, [a.take(lanes) for a in arguments], inner, at)
        pieces.append((known, spread_out(found, lanes, n)))
    assert state is not None
    lanes = np.flatnonzero(state == UNKNOWN)
    if len(lanes):
        found = _unsure(world, table, version, [a.take(lanes) for a in arguments], env.take(lanes), at)  # fmt: skip
        pieces.append((state == UNKNOWN, spread_out(found, lanes, n)))
    return blend(pieces) if pieces else of_state(n, UNKNOWN)


# ── rows ─────────────────────────────────────────────────────────────────────────────────


def _results(
    world: World, table: core.Table, version: core.TableVersion, at: core.TableValue
) -> Column:
    """What each row gives: one lane a row."""
    key = (id(version), id(at))
    if key not in world.rows:
        # Texts are numbered block by block; other results are the same for all.
        if any(isinstance(_value_of(row), str | tuple) for row in version.rows):
            world.rows[key] = _worked_out(world, table, version, at)
        else:
            world.rows[key] = world.kernel.prepare(
                ("rows", *key), lambda: (_worked_out(world, table, version, at), version, at)
            )[0]
    return world.rows[key]


def _value_of(row: core.TableRow) -> core.Value:
    return row.result.value if isinstance(row.result, core.Constant) else None


def _worked_out(
    world: World, table: core.Table, version: core.TableVersion, at: core.TableValue
) -> Column:
    made = []
    for row in version.rows:
        match row.result:
            case core.Constant(value):
                made.append(world.constant(value, 1))
            case core.NotApplicableResult():
                made.append(of_state(1, NOT_APPLICABLE, world.kernel.not_applicable(table.name)))
            case core.UnknownResult():
                made.append(of_state(1, UNKNOWN))
            case core.RepealedResult(since):
                number = world.kernel.failed(
                    "E002", f"cette ligne de `{table.name}` est abrogée depuis le {french_date(since)}",
                    f"this row of `{table.name}` is repealed since {since}", at,
                )  # fmt: skip
                made.append(of_state(1, FAILURE, number))
    return concat(made) if made else of_state(0, UNKNOWN)


@attrs.frozen(eq=False)
class _Classes:
    """How a column of a table cuts its type: in points, and in what lies between them.

    *values*: the points, as numbers; the class of the k-th is 2 k + 2, that of what lies just
    below it 2 k + 1; of absent, 0. Where order does not count (*loose*), all that is no point is
    of class 1.
    """

    values: tuple[Any, ...]
    loose: bool
    size: int


@attrs.frozen(eq=False)
class _Plan:
    """*rows*: by classes; `NO_ROW` where none fits. *passes*: for each column, whether each row
    takes each class; *takes_all*: whether it takes whatever there is."""

    columns: tuple[_Classes, ...]
    rows: Array
    passes: tuple[Array, ...]
    takes_all: tuple[Array, ...]


def _plan(table: core.Table, version: core.TableVersion) -> _Plan | None:
    """`None` where rows must be tried: durations, lists, too many combinations."""
    columns = []
    samples: list[list[Any]] = []
    for place, column in enumerate(table.columns):
        kind = column.type
        if kind == DURATION or kind in PERIODS or isinstance(kind, ListType):
            return None
        points: set[Any] = set()
        loose = True
        for row in version.rows:
            match row.tests[place]:
                case core.OneOf(values):
                    points |= {value for value in values if value is not None}
                case core.Bounded(low, high):
                    loose = False
                    points |= {value for value in (low, high) if value is not None}
        if not (kind in NUMBERS or kind in (AMOUNT, DATE, BOOL)):
            ordered: list[Any] = sorted(points)
            assert loose
        else:
            ordered = sorted(points)
        columns.append(_Classes(tuple(ordered), loose, 2 * len(ordered) + 2))
        samples.append(_samples(ordered, loose))
    if prod(column.size for column in columns) > MOST_CELLS:
        return None
    shape = tuple(column.size for column in columns)
    rows = np.full(shape, NO_ROW, np.int32)
    passes = tuple(np.ones((len(version.rows), size), bool) for size in shape)
    takes_all = tuple(
        np.array([isinstance(row.tests[k], core.AnyValue) for row in version.rows], bool)
        for k in range(len(shape))
    )
    for rank in range(len(version.rows) - 1, -1, -1):
        row = version.rows[rank]
        fits = np.ones(shape, bool)
        for place, test in enumerate(row.tests):
            passed = np.array(
                [isinstance(test, core.AnyValue) or _passes(test, s) for s in samples[place]], bool
            )
            passes[place][rank] = passed
            fits &= passed.reshape([-1 if k == place else 1 for k in range(len(shape))])
        rows[fits] = rank
    return _Plan(tuple(columns), rows, passes, takes_all)


def _plan_of(world: World, table: core.Table, version: core.TableVersion) -> _Plan | None:
    found: _Plan | None = world.kernel.prepare(
        ("table", id(version)), lambda: (_plan(table, version), version)
    )[0]
    return found


class _Other:
    """A value that no cell names."""


_OTHER = _Other()


def _passes(test: core.CellTest, sample: Any) -> bool:
    if isinstance(sample, _Other):
        return False
    return passes(test, sample) is True


def _samples(points: Sequence[Any], loose: bool) -> list[Any]:
    """A value of each class."""
    made: list[Any] = [None]
    for rank, point in enumerate(points):
        made.append(_OTHER if loose else _just_below(point, points[rank - 1] if rank else None))
        made.append(point)
    made.append(_OTHER if loose else _above(points[-1]) if points else _OTHER)
    return made


def _just_below(point: Any, before: Any) -> Any:
    match point:
        case bool():
            return _OTHER
        case date():
            low = date.min if before is None else before
            return point - timedelta(days=1) if point > low else _OTHER
        case Amount(cents):
            return Amount(cents - 1)
    if before is None:
        return Fraction(point) - 1
    return (Fraction(point) + Fraction(before)) / 2


def _above(point: Any) -> Any:
    match point:
        case bool():
            return _OTHER
        case date():
            return point + timedelta(days=1) if point < date.max else _OTHER
        case Amount(cents):
            return Amount(cents + 1)
    return Fraction(point) + 1


def _number(value: Any, world: World) -> tuple[Any, int]:
    """A point as a numerator and a denominator."""
    match value:
        case bool():
            return int(value), 1
        case Fraction():
            return value.numerator, value.denominator
        case Amount():
            return value.cents, 1
        case date():
            return value.toordinal(), 1
        case str():
            return world.block.texts.rank(value), 1
    return value, 1


def _class_of(world: World, classes: _Classes, column: Column) -> Array:
    """The class of each lane."""
    n = len(column)
    if not column.parts:
        return np.zeros(n, np.int64)
    value: Array = column.parts[0]
    last = 2 * len(classes.values) + 1
    if column.kind == TEXT:
        return _by_text(world, classes, column, value, last)
    if classes.loose:
        if len(classes.values) > 2 and value.dtype == np.int64 and column.den == 1:
            found = _by_number(world, classes, value, last)
        else:
            found = np.full(n, last)
            for rank, point in enumerate(classes.values):
                found[_is(value, column.den, _number(point, world))] = 2 * rank + 2
    else:
        found = _by_order([_number(point, world) for point in classes.values], value, column.den)
    if column.state is not None:
        found = np.where(column.state == ABSENT, 0, found)
    return found


def _by_order(points: Sequence[tuple[Any, int]], value: Array, den: Any) -> Array:
    """The class of each lane, where order counts."""
    n = len(value)
    whole = all(own == 1 and abs(num) < math.LIMIT for num, own in points)
    if not points or not whole or value.dtype != np.int64 or not isinstance(den, int) or den != 1:
        found = np.ones(n, np.int64)
        for num, own in points:
            left = math.times(value, own) if own != 1 else value
            right = den * num
            found += np.asarray(left >= right, dtype=np.int64)
            found += np.asarray(left > right, dtype=np.int64)
        return found
    edges = np.array([num for num, _ in points], np.int64)

    def among(numbers: Array) -> Array:
        return np.searchsorted(edges, numbers) + np.searchsorted(edges, numbers, "right") + 1

    if not n:
        return np.zeros(0, np.int64)
    low, high = int(value.min()), int(value.max())
    if high - low > SMALL_RANGE:
        return among(value)
    # Few different numbers: the class of each is worked out once.
    return among(np.arange(low, high + 1)).take(value - low if low else value)


def _by_text(world: World, classes: _Classes, column: Column, value: Array, last: int) -> Array:
    """By the number of each text: one place in an array."""
    numbers = [_number(point, world)[0] for point in classes.values]
    by = np.full(len(world.block.texts.texts), last, np.int64)
    by[numbers] = 2 * np.arange(len(numbers)) + 2
    if column.state is None:
        return np.asarray(by[value])
    return np.where(column.state == ABSENT, 0, by[np.where(column.state == VALUE, value, 0)])


def _by_number(world: World, classes: _Classes, value: Array, last: int) -> Array:
    numbers = [_number(point, world) for point in classes.values]
    whole = [(num, rank) for rank, (num, den) in enumerate(numbers) if den == 1]
    whole.sort()
    points = np.array([num for num, _ in whole], np.int64)
    ranks = np.array([rank for _, rank in whole], np.int64)
    if not len(points):
        return np.full(len(value), last)
    top = int(points[-1])
    if points[0] >= 0 and top < 4096:
        # Small numbers, as those of members are: the class is one place in an array.
        by = np.full(top + 2, last, np.int64)
        by[points] = 2 * ranks + 2
        at = np.where((value < 0) | (value > top), top + 1, value)
        return by[at]
    at = np.minimum(np.searchsorted(points, value), len(points) - 1)
    return np.where(points[at] == value, 2 * ranks[at] + 2, last)


def _is(value: Array, den: Any, point: tuple[Any, int]) -> Array:
    num, own = point
    left = math.times(value, own) if own != 1 else value
    return np.asarray(left == den * num, dtype=bool)


# ── lanes whose arguments are known ──────────────────────────────────────────────────────


def _known(
    world: World,
    table: core.Table,
    version: core.TableVersion,
    arguments: Sequence[Column],
    env: Env,
    at: core.TableValue,
) -> Column:
    plan = _plan_of(world, table, version)
    if plan is None:
        return _unsure(world, table, version, arguments, env, at)
    results = _results(world, table, version, at)
    if len(arguments) == 1 and arguments[0].kind == TEXT and arguments[0].state is None:
        # One text: the result of each is worked out once, and looked up by its number.
        key = (id(version), -1)
        if key not in world.rows:
            numbers = Column((np.arange(len(world.block.texts.texts)),), kind=TEXT)
            rows = plan.rows[_class_of(world, plan.columns[0], numbers)]
            if (rows != NO_ROW).all() and len(results):
                world.rows[key] = results.take(rows)
        by_text = world.rows.get(key)
        if by_text is not None and len(by_text) >= len(world.block.texts.texts):
            return by_text.take(arguments[0].parts[0])
    place: Any = 0
    for classes, argument in zip(plan.columns, arguments, strict=True):
        place = place * classes.size + _class_of(world, classes, argument)
    row = plan.rows.reshape(-1)[place] if len(plan.columns) else np.zeros(env.n, np.int32)
    if not len(plan.columns) and not len(version.rows):
        row = np.full(env.n, NO_ROW)
    missing = row == NO_ROW
    if not missing.any():
        return results.take(row)
    pieces: list[tuple[Array, Column]] = []
    if len(version.rows) and not missing.all():
        pieces.append((~missing, results.take(np.where(missing, 0, row))))
    lanes = np.flatnonzero(missing)
    none = _no_row(world, table, [a.take(lanes) for a in arguments], env.take(lanes), at)
    pieces.append((missing, spread_out(none, lanes, env.n)))
    return blend(pieces)


def _no_row(
    world: World,
    table: core.Table,
    arguments: Sequence[Column],
    env: Env,
    at: core.TableValue,
) -> Column:
    """Not found, not yet in force, or without proof before: three answers."""
    n = env.n
    number = world.kernel.failed(
        "E003", f"aucune ligne de `{table.name}` ne convient",
        f"no row of `{table.name}` fits", at,
    )  # fmt: skip
    found = of_state(n, FAILURE, number)
    open_ = np.ones(n, bool)
    on = np.full(n, env.on) if isinstance(env.on, int) else env.on
    for version in table.versions:
        since = version.period.since
        if since is None:
            continue
        later = open_ & (on < since.toordinal())
        if not later.any():
            continue
        # As `engine.lookup.fitting` goes: up to the row that surely fits.
        going = later
        for row in version.rows:
            possible, sure = _fits(world, row, arguments, n)
            here = going & possible & sure
            going = going & ~(possible & sure)
            if is_default(row):
                continue
            mask = here & open_
            if mask.any():
                found = blend([(~mask, found), (mask, _later_row(world, table, row, n, at))])
                open_ = open_ & ~mask
    return found


def _later_row(
    world: World, table: core.Table, row: core.TableRow, n: int, at: core.TableValue
) -> Column:
    day = row.since
    if row.attested and day is not None:
        return of_state(n, UNKNOWN)
    number = world.kernel.failed(
        "E001",
        f"cette ligne de `{table.name}` n'est en vigueur que depuis le {french_date(day) if day else '?'}",
        f"this row of `{table.name}` is in force only since {day}", at,
    )  # fmt: skip
    return of_state(n, FAILURE, number)


# ── lanes of which an argument is not known ──────────────────────────────────────────────


def _unsure(
    world: World,
    table: core.Table,
    version: core.TableVersion,
    arguments: Sequence[Column],
    env: Env,
    at: core.TableValue,
) -> Column:
    """Rows tried one after the other, up to one that surely fits."""
    n = env.n
    state, _ = worst(arguments)
    known = np.ones(n, bool) if state is None else state <= ABSENT
    results = _results(world, table, version, at)
    going = np.ones(n, bool)  # no row fits surely yet
    count = np.zeros(n, np.int64)
    first = np.full(n, NO_ROW)
    last_sure = np.zeros(n, bool)
    alike = np.ones(n, bool)
    parts: list[Column] = []
    counted: list[Array] = []
    every = _all_fits(world, table, version, arguments, n)
    for rank, row in enumerate(version.rows):
        if every is None:
            possible, sure = _fits(world, row, arguments, n)
        else:
            possible, sure = every[0][rank], every[1][rank]
        here = going & possible
        if not here.any():
            continue
        result = results.take(np.full(n, rank))
        fresh = here & (count == 0)
        first = np.where(fresh, rank, first)
        others = here & (count > 0)
        if others.any():
            alike &= ~others | same(world.kernel, result, results.take(np.maximum(first, 0)))
        count += here
        last_sure = np.where(here, sure, last_sure)
        parts.append(result)
        counted.append(here)
        going = going & ~(here & sure)
    none = (count == 0) & known
    chosen = results.take(np.maximum(first, 0)) if len(version.rows) else of_state(n, UNKNOWN)
    one = (count == 1) & last_sure & known
    is_closed = (count > 0) & last_sure
    settled = one | (is_closed & alike & ~chosen.is_(UNKNOWN))
    bounded = spread(n, parts, counted) if parts else None
    if bounded is not None:
        assert bounded.ends is not None
        bounded = attrs.evolve(
            bounded, ends=attrs.evolve(bounded.ends, has=bounded.ends.has & is_closed)
        )
    pieces: list[tuple[Array, Column]] = [(~settled, bounded or of_state(n, UNKNOWN))]
    if settled.any():
        pieces.append((settled, chosen))
    if none.any():
        lanes = np.flatnonzero(none)
        found = _no_row(world, table, [a.take(lanes) for a in arguments], env.take(lanes), at)
        pieces.append((none, spread_out(found, lanes, n)))
    return blend(pieces)


def _all_fits(
    world: World,
    table: core.Table,
    version: core.TableVersion,
    arguments: Sequence[Column],
    n: int,
) -> tuple[Array, Array] | None:
    """As `_fits`, for all rows at once; `None` where bounds count, or rows must be tried."""
    if len(version.rows) * n > MOST_TRIED or any(a.ends is not None for a in arguments):
        return None
    plan = _plan_of(world, table, version)
    if plan is None:
        return None
    possible = np.ones((len(version.rows), n), bool)
    sure = possible.copy()
    for classes, argument, by_class, takes_all in zip(
        plan.columns, arguments, plan.passes, plan.takes_all, strict=True
    ):
        passed = by_class[:, _class_of(world, classes, argument)]
        unknown = argument.is_(UNKNOWN)
        possible &= passed | unknown
        sure &= np.where(unknown, takes_all[:, np.newaxis], passed)
    return possible, sure & possible


def _fits(
    world: World, row: core.TableRow, arguments: Sequence[Column], n: int
) -> tuple[Array, Array]:
    """The lanes that *row* may fit, and those that it surely does."""
    possible = np.ones(n, bool)
    sure = np.ones(n, bool)
    for test, argument in zip(row.tests, arguments, strict=True):
        if isinstance(test, core.AnyValue):
            continue
        maybe, certain = _cell(world, test, argument, n)
        possible &= maybe
        sure &= certain
    return possible, sure & possible


def _cell(
    world: World, test: core.OneOf | core.Bounded, argument: Column, n: int
) -> tuple[Array, Array]:
    unknown = argument.is_(UNKNOWN)
    if not argument.parts:
        absent = argument.is_(ABSENT)
        ok = absent & (isinstance(test, core.OneOf) and None in test.values)
        return ok | unknown, ok
    if isinstance(test, core.OneOf):
        passed = np.zeros(n, bool)
        outside = np.ones(n, bool)
        for value in test.values:
            if value is None:
                passed |= argument.is_(ABSENT)
                continue
            point = world.constant(value, n)
            passed |= (
                argument.is_(VALUE) & equal(world.kernel, argument.in_state(None), point).truth
            )
            if argument.ends is not None:
                outside &= math.surely_apart(argument, point)
        known = ~unknown
        away = unknown & outside if argument.ends is not None else np.zeros(n, bool)
        return (known & passed) | (unknown & ~away), known & passed
    here = argument.is_(VALUE)
    maybe, certain = here.copy(), here.copy()
    low_out, high_out = np.zeros(n, bool), np.zeros(n, bool)
    bare = argument.in_state(None)
    ends = argument.ends
    both = unknown & ends.has if ends is not None else np.zeros(n, bool)
    lowest = highest = None
    if ends is not None:
        lowest = Column(ends.low, argument.den)
        highest = Column(ends.high, argument.den)
    inside_both = both.copy()
    for bound, inside, is_low in ((test.low, test.low_in, True), (test.high, test.high_in, False)):
        if bound is None:
            continue
        point = world.constant(bound, n)
        ok, open_ = _beyond(bare, point, inside, is_low)
        maybe &= ok | open_
        certain &= ok & ~open_
        if lowest is None or highest is None:
            continue
        far, near = (highest, lowest) if is_low else (lowest, highest)
        out = math.less(far, point) if is_low else math.less(point, far)
        low_out |= out.truth
        for end in (near, far):
            ok, open_ = _beyond(end, point, inside, is_low)
            inside_both &= ok & ~open_
    del high_out
    away = both & low_out
    return (here & maybe) | (unknown & ~away), (here & certain) | (inside_both & ~away)


def _beyond(column: Column, point: Column, inside: bool, is_low: bool) -> tuple[Array, Array]:
    """The lanes on the right side of a bound, and those where only a date can tell."""
    before = math.less(column, point) if is_low else math.less(point, column)
    open_ = before.is_(UNKNOWN)
    ok = ~before.truth
    if not inside:
        ok = ok & ~math.equal(column, point).truth
    return ok & ~open_, open_
