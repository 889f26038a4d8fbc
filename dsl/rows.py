"""Rows of one table side by side: two that fit the same values, values that no row fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import attrs

from . import program as core
from .dates import french_date
from .types import BOOL, EnumType, ListType, Whatever
from .values import Amount, Duration, french_decimal

# Beyond this many combinations of sample values, gaps are not looked for.
MAX_REGIONS = 20_000


def overlaps(rows: Sequence[core.TableRow]) -> Iterator[tuple[core.TableRow, core.TableRow]]:
    """Pairs of *rows*, the later first, that some values fit both; the row of ``*`` is set apart."""
    index = _Index(rows)
    for row in rows:
        if is_default(row):
            continue
        for other in index.near(row):
            if meet(row, other):
                yield row, other
        index.add(row)


def gap(
    rows: Sequence[core.TableRow],
    columns: Sequence[core.Column],
    enumerations: Mapping[str, core.Enumeration],
) -> str:
    """Values that no row fits, as ``rang : 31``; empty when every combination tried has one.

    One value of each kind that the cells tell apart is tried.
    """
    if not rows or is_default(rows[-1]):
        return ""
    samples = [
        _samples(column, [row.tests[place] for row in rows], enumerations)
        for place, column in enumerate(columns)
    ]
    total = 1
    for found in samples:
        total *= max(len(found), 1)
    if total > MAX_REGIONS:
        return ""
    index = _Index(rows)
    for row in rows:
        index.add(row)
    for values in product(*samples):
        if not any(_fits(row, values) for row in index.at(values)):
            return " ; ".join(
                f"{column.name} : {_show(value)}"
                for column, value in zip(columns, values, strict=True)
            )
    return ""


class _Index:
    """Rows by the values of the column that tells most of them apart."""

    def __init__(self, rows: Sequence[core.TableRow]) -> None:
        width = len(rows[0].tests) if rows else 0
        listed = [
            sum(isinstance(row.tests[place], core.OneOf) for row in rows) for place in range(width)
        ]
        self.place = listed.index(max(listed)) if listed else 0
        self.by: dict[object, list[core.TableRow]] = {}
        self.loose: list[core.TableRow] = []
        self.all: list[core.TableRow] = []

    def add(self, row: core.TableRow) -> None:
        self.all.append(row)
        test = row.tests[self.place] if row.tests else core.AnyValue()
        if isinstance(test, core.OneOf):
            for value in test.values:
                self.by.setdefault(value, []).append(row)
        else:
            self.loose.append(row)

    def at(self, values: Sequence[object]) -> Iterable[core.TableRow]:
        """The rows that may fit *values*."""
        if not values:
            return self.all
        return [*self.by.get(values[self.place], ()), *self.loose]

    def near(self, row: core.TableRow) -> Iterable[core.TableRow]:
        """The rows that *row* may meet."""
        test = row.tests[self.place] if row.tests else core.AnyValue()
        if not isinstance(test, core.OneOf):
            return self.all
        found = {id(near): near for value in test.values for near in self.by.get(value, ())}
        return [*found.values(), *self.loose]


@attrs.frozen
class Other:
    """Any value that no cell of the column names."""


def _show(value: object) -> str:
    match value:
        case Other():
            return "autre valeur"
        case None:
            return "absent"
        case bool():
            return "vrai" if value else "faux"
        case Amount() | Duration():
            return value.french()
        case date():
            return french_date(value)
        case Fraction():
            return french_decimal(value)
    return str(value)


def _samples(
    column: core.Column,
    tests: Sequence[core.CellTest],
    enumerations: Mapping[str, core.Enumeration],
) -> list[object]:
    values: list[object] = [None] if column.optional else []
    if isinstance(column.type, EnumType):
        return [*values, *enumerations[column.type.name].members]
    if column.type == BOOL:
        return [*values, True, False]
    if isinstance(column.type, ListType | Whatever):
        return [*values, Other()]
    points: list[object] = []
    for test in tests:
        match test:
            case core.OneOf(found):
                points.extend(found)
            case core.Bounded(low, high):
                points.extend(p for p in (low, high) if p is not None)
    bounded = any(isinstance(test, core.Bounded) for test in tests)
    unique = list(dict.fromkeys(p for p in points if p is not None))
    if bounded:
        for point in list(unique):
            unique.extend(_around(point))
        return [*values, *dict.fromkeys(unique)]
    return [*values, *unique, Other()]


def _around(point: object) -> Iterator[object]:
    match point:
        case bool():
            return
        case int():
            yield point - 1
            yield point + 1
        case Fraction():
            yield point - Fraction(1, 1000)
            yield point + Fraction(1, 1000)
        case Amount(cents):
            yield Amount(cents - 1)
            yield Amount(cents + 1)
        case date():
            if point > date.min:
                yield point - timedelta(days=1)
            if point < date.max:
                yield point + timedelta(days=1)
        case Duration(months, days):
            yield Duration(months, days + 1)
            yield Duration(months, days - 1)


def is_default(row: core.TableRow) -> bool:
    """Whether *row* is the one that holds when no other does."""
    return all(isinstance(test, core.AnyValue) for test in row.tests)


def _fits(row: core.TableRow, values: Sequence[object]) -> bool:
    return all(
        isinstance(test, core.AnyValue)
        or (not isinstance(value, Other) and passes(test, value) is True)
        for test, value in zip(row.tests, values, strict=True)
    )


def order(left: object, right: object) -> int | None:
    """-1, 0 or 1; `None` for two durations that only a date can compare."""
    if isinstance(left, Duration) and isinstance(right, Duration):
        return left.compare(right)
    return int(left > right) - int(left < right)  # type: ignore[operator]


def passes(test: core.CellTest, value: object) -> bool | None:
    """Whether a known *value* passes *test*; `None` where durations do not compare."""
    match test:
        case core.AnyValue():
            return True
        case core.OneOf(values):
            return value in values
        case core.Bounded(low, high, low_in, high_in):
            if value is None:
                return False
            for bound, inside, sign in ((low, low_in, 1), (high, high_in, -1)):
                if bound is None:
                    continue
                found = order(value, bound)
                if found is None:
                    return None
                if found * sign < 0 or (found == 0 and not inside):
                    return False
            return True


def _meet(a: core.CellTest, b: core.CellTest) -> bool:
    """Whether some value passes both tests."""
    match a, b:
        case (core.AnyValue(), _) | (_, core.AnyValue()):
            return True
        case (core.OneOf(values), other) | (other, core.OneOf(values)):
            return any(passes(other, value) is not False for value in values)
        case core.Bounded(), core.Bounded():
            low, low_in = _tighter(a.low, a.low_in, b.low, b.low_in, 1)
            high, high_in = _tighter(a.high, a.high_in, b.high, b.high_in, -1)
            if low is None or high is None:
                return True
            found = order(low, high)
            return found is None or found < 0 or (found == 0 and low_in and high_in)
    return True


def _tighter(
    a: core.Value, a_in: bool, b: core.Value, b_in: bool, sign: int
) -> tuple[core.Value, bool]:
    if a is None:
        return b, b_in
    if b is None:
        return a, a_in
    found = order(a, b)
    if found is None or found == 0:
        return a, a_in and b_in
    return (a, a_in) if found * sign > 0 else (b, b_in)


def meet(row: core.TableRow, other: core.TableRow) -> bool:
    """Whether some values fit both rows."""
    return all(_meet(a, b) for a, b in zip(row.tests, other.tests, strict=True))


def same_tests(row: core.TableRow, other: core.TableRow) -> bool:
    """Whether the two rows are for the same values, in whatever order they are written."""
    return [_unordered(test) for test in row.tests] == [_unordered(test) for test in other.tests]


def _unordered(test: core.CellTest) -> object:
    return frozenset(test.values) if isinstance(test, core.OneOf) else test
