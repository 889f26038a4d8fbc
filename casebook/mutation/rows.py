"""Tables that say something else: a row removed, its result or one of its cells changed."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from lexald.dsl import program as core
from lexald.dsl.rows import is_default, passes
from lexald.engine.prover import cells_text

from .neighbours import around, others, written


@attrs.frozen
class RowChange:
    """*row* as first written, and the *table* in which it reads otherwise, or is not."""

    kind: str
    row: core.TableRow
    phrase: str
    table: core.Table


def row_changes(table: core.Table, program: core.Program) -> Iterator[RowChange]:
    """The changes of each row, in the order of versions; a row kept by later versions changes in
    all of them."""
    seen: set[int] = set()
    for version in table.versions:
        for row in version.rows:
            if id(row) in seen:
                continue
            seen.add(id(row))
            yield from _changes(table, version, row, program)


def cells(row: core.TableRow) -> tuple[str, str]:
    """The cells of *row* as written, and its result."""
    text = cells_text(row.span)
    *tests, result = text.split(" · ")
    return " · ".join(tests) or "*", result


def _changes(
    table: core.Table, version: core.TableVersion, row: core.TableRow, program: core.Program
) -> Iterator[RowChange]:
    tests, result = cells(row)
    name = f"la ligne `{tests}`"
    if not _falls_back(table, row):
        yield RowChange("row-dropped", row, f"{name} est retirée", _replaced(table, row, None))
    if isinstance(row.result, core.Constant):
        value = row.result.value
        values = around(value, table.type, result) or others(
            value, table.type, program.enumerations
        )
        for other in values:
            new = attrs.evolve(row, result=attrs.evolve(row.result, value=other))
            shown = written(other, table.type, result)
            phrase = f"{name} donne `{shown}` au lieu de `{result}`"
            yield RowChange("row-result", row, phrase, _replaced(table, row, new))
    for place, (column, test) in enumerate(zip(table.columns, row.tests, strict=True)):
        for new_test, words in _cells(test, column):
            new = attrs.evolve(row, tests=(*row.tests[:place], new_test, *row.tests[place + 1 :]))
            if _hidden(version, row, new, place):
                continue
            phrase = f"{name} vaut, pour `{column.name}`, {words}"
            yield RowChange("row-cell", row, phrase, _replaced(table, row, new))


def _replaced(table: core.Table, row: core.TableRow, new: core.TableRow | None) -> core.Table:
    instead = () if new is None else (new,)
    versions = []
    for version in table.versions:
        places = [place for place, one in enumerate(version.rows) if one is row]
        for place in places:
            rows = (*version.rows[:place], *instead, *version.rows[place + 1 :])
            version = attrs.evolve(version, rows=rows)
        versions.append(version)
    return attrs.evolve(table, versions=tuple(versions))


def _falls_back(table: core.Table, row: core.TableRow) -> bool:
    """Whether the row that holds when no other does says what *row* says, in every version."""
    for version in table.versions:
        if not any(one is row for one in version.rows):
            continue
        last = version.rows[-1]
        if version.first_match or last is row or not is_default(last) or last.result != row.result:
            return False
    return True


def _cells(test: core.CellTest, column: core.Column) -> Iterator[tuple[core.CellTest, str]]:
    """Other tests that the cell may have held, with their words."""
    match test:
        case core.OneOf(values) if len(values) > 1:
            for value in values:
                kept = tuple(one for one in values if one is not value)
                words = " ; ".join(written(one, column.type) for one in kept)
                old = " ; ".join(written(one, column.type) for one in values)
                yield core.OneOf(kept), f"`{words}` et non `{old}`"
        case core.Bounded(low, high, low_in, high_in):
            old = _bounds(test, column)
            changed: list[core.Bounded] = []
            if low is not None:
                changed.append(attrs.evolve(test, low_in=not low_in))
                changed += _moved(test, "low", low, column, skip=1 if low_in else -1)
            if high is not None:
                changed.append(attrs.evolve(test, high_in=not high_in))
                changed += _moved(test, "high", high, column, skip=-1 if high_in else 1)
            for new in changed:
                yield new, f"`{_bounds(new, column)}` et non `{old}`"


def _moved(
    test: core.Bounded, end: str, bound: core.Value, column: core.Column, skip: int
) -> list[core.Bounded]:
    pair = around(bound, column.type) or ()
    moved = [value for step, value in zip((-1, 1), pair, strict=False) if step != skip]
    if end == "low":
        return [attrs.evolve(test, low=value) for value in moved]
    return [attrs.evolve(test, high=value) for value in moved]


def _bounds(test: core.Bounded, column: core.Column) -> str:
    low, high = (
        written(end, column.type) if end is not None else "" for end in (test.low, test.high)
    )
    if low and high and test.low_in and test.high_in:
        return f"de {low} à {high}"
    parts = []
    if low:
        parts.append(f"{'≥' if test.low_in else '>'} {low}")
    if high:
        parts.append(f"{'≤' if test.high_in else '<'} {high}")
    return " et ".join(parts)


def _hidden(version: core.TableVersion, row: core.TableRow, new: core.TableRow, place: int) -> bool:
    """Whether what *new* fits and *row* does not is fitted by a row before it: nothing changes.

    Only looked at where the cell takes one more value.
    """
    old_test, new_test = row.tests[place], new.tests[place]
    if not isinstance(old_test, core.Bounded) or not isinstance(new_test, core.Bounded):
        return False
    gained = [
        value
        for bound in (old_test.low, old_test.high, new_test.low, new_test.high)
        if bound is not None
        for value in (bound, *(around(bound, None) or ()))
        if passes(new_test, value) is True and passes(old_test, value) is not True
    ]
    lost = any(
        passes(old_test, value) is True and passes(new_test, value) is not True
        for bound in (old_test.low, old_test.high)
        if bound is not None
        for value in (bound, *(around(bound, None) or ()))
    )
    if lost or not gained:
        return False
    earlier = version.rows[: next(n for n, one in enumerate(version.rows) if one is row)]
    return all(any(_covers(one, new, place, value) for one in earlier) for value in gained)


def _covers(one: core.TableRow, new: core.TableRow, place: int, value: core.Value) -> bool:
    for column, (a, b) in enumerate(zip(one.tests, new.tests, strict=True)):
        if column == place:
            if passes(a, value) is not True:
                return False
        elif not isinstance(a, core.AnyValue) and a != b:
            return False
    return True
