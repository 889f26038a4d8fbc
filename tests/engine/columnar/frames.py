"""Situations as tables, and blocks as situations: the two ways round, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from lexald.dsl.dates import DateRange
from lexald.dsl.program import Field, Program
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Amount, Duration
from lexald.engine.columnar.block import Block, Table
from lexald.engine.columnar.columns import ABSENT, NEVER, UNKNOWN, VALUE, Column

# Types of Arrow for scalars: as text (CSV), and as a careful producer would have them.
TEXTS: Mapping[Kind, Any] = dict.fromkeys(Kind, pa.string())
TYPED: Mapping[Kind, Any] = {
    **TEXTS,
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int32(),
    Kind.DECIMAL: pa.decimal128(38, 10),
    Kind.RATE: pa.decimal128(5, 4),
    Kind.AMOUNT: pa.decimal128(18, 2),
    Kind.DATE: pa.date32(),
    Kind.PERIOD: pa.struct([("first", pa.date32()), ("last", pa.date32())]),
    Kind.OPEN_PERIOD: pa.struct([("first", pa.date32()), ("last", pa.date32())]),
}


def table_of(program: Program, situations: Sequence[Any], types: Mapping[Kind, Any] = TYPED) -> Any:
    """Plain situations (as JSON has them) as one table of nested columns."""
    told = dict.fromkeys(name for situation in situations for name in situation)
    fields = {name: program.roots[name] for name in told}
    kind = _struct(program, fields, types)
    rows = [_row(program, situation, fields, types) for situation in situations]
    if not len(kind):
        return pa.table({"on": pa.nulls(len(rows), pa.date32())})
    array = pa.array(rows, kind)
    return pa.Table.from_arrays(array.flatten(), schema=pa.schema(list(kind)))


def _struct(program: Program, fields: Mapping[str, Field], types: Mapping[Kind, Any]) -> Any:
    columns = []
    for field in fields.values():
        columns.append((field.name, _arrow(program, field.type, types)))
        if field.optional:
            columns.append((f"{field.name}__absent", pa.bool_()))
        if isinstance(field.type, ListType) and isinstance(field.type.item, EntityType):
            columns.append((f"{field.name}__incomplete", pa.bool_()))
    return pa.struct(columns)


def _arrow(program: Program, kind: Type, types: Mapping[Kind, Any]) -> Any:
    match kind:
        case ListType():
            return pa.list_(_arrow(program, kind.item, types))
        case EntityType():
            return _struct(program, program.entities[kind.name].fields, types)
        case EnumType():
            return pa.string() if types is TEXTS else pa.dictionary(pa.int8(), pa.string())
    assert isinstance(kind, Scalar)
    return types[kind.kind]


def _row(
    program: Program, data: Any, fields: Mapping[str, Field], types: Mapping[Kind, Any]
) -> dict[str, Any]:
    row = {}
    for name, value in data.items():
        field = fields[name]
        if value is None:
            row[f"{name}__absent"] = True
            continue
        if isinstance(value, list) and value and value[-1] in ("…", ...):
            row[f"{name}__incomplete"] = True
            value = value[:-1]
        row[name] = _cell(program, value, field.type, types)
    return row


def _cell(program: Program, value: Any, kind: Type, types: Mapping[Kind, Any]) -> Any:
    match kind:
        case ListType():
            return [_cell(program, item, kind.item, types) for item in value]
        case EntityType():
            return _row(program, value, program.entities[kind.name].fields, types)
        case EnumType():
            return value
    assert isinstance(kind, Scalar)
    if types[kind.kind] == pa.string():
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)
    match kind.kind:
        case Kind.DECIMAL | Kind.RATE | Kind.AMOUNT:
            return _decimal(value)
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.PERIOD | Kind.OPEN_PERIOD:
            first, _, last = value.partition("/")
            end = None if last == ".." else date.fromisoformat(last)
            return {"first": date.fromisoformat(first), "last": end}
    return value


def _decimal(value: Any) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(str(value))


# ── back ─────────────────────────────────────────────────────────────────────────────────


def plain_rows(program: Program, block: Block) -> list[dict[str, Any]]:
    """What each situation of a block tells, as `plain` writes it."""
    return [
        {
            name: value
            for name, column in block.roots.items()
            if (value := values_of(program, block, column, lane, program.roots[name].type))
            is not ...
        }
        for lane in range(block.size)
    ]


def values_of(program: Program, block: Block, column: Column, lane: int, kind: Type) -> Any:
    """The value of one lane; `...`: it is not told."""
    state = VALUE if column.state is None else int(column.state[lane])
    if state == UNKNOWN:
        return ...
    if state == ABSENT:
        return None
    assert state == VALUE
    match kind:
        case EntityType():
            return _element(program, block, block.tables[kind.name], int(column.parts[0][lane]))
        case ListType():
            assert column.items is not None
            start, length = (int(part[lane]) for part in column.parts)
            items = [
                values_of(program, block, column.items, start + rank, kind.item)
                for rank in range(length)
            ]
            if not isinstance(kind.item, EntityType):
                return tuple(items)
            more = column.more is not None and bool(column.more[lane])
            return [*items, ...] if more else items
        case EnumType():
            return block.texts.texts[int(column.parts[0][lane])]
    assert isinstance(kind, Scalar)
    values = [int(part[lane]) for part in column.parts]
    den = int(column.den[lane]) if isinstance(column.den, np.ndarray) else int(column.den)
    match kind.kind:
        case Kind.BOOL:
            return bool(values[0])
        case Kind.INT:
            return values[0]
        case Kind.DECIMAL | Kind.RATE:
            return Fraction(values[0], den)
        case Kind.AMOUNT:
            return Amount(values[0])
        case Kind.DATE:
            return date.fromordinal(values[0])
        case Kind.DURATION:
            return Duration(*values)
        case Kind.PERIOD | Kind.OPEN_PERIOD:
            first, last = values
            end = None if last == NEVER else date.fromordinal(last)
            return DateRange(date.fromordinal(first), end)
    return block.texts.texts[values[0]]


def _element(program: Program, block: Block, table: Table, place: int) -> dict[str, Any]:
    fields = program.entities[table.entity].fields
    return {
        name: value
        for name, column in table.facts.items()
        if (value := values_of(program, block, column, place, fields[name].type)) is not ...
    }


def paths(block: Block) -> dict[tuple[str, int], tuple[int, tuple[Any, ...]]]:
    """Where each element of a block stands: ``(entity, place in its table)`` → situation, path."""
    found: dict[tuple[str, int], tuple[int, tuple[Any, ...]]] = {}
    todo = [
        (table, place)
        for table in sorted(block.tables.values(), key=_depth)
        for place in range(len(table))
    ]
    entities = {path: table.entity for table in block.tables.values() for path in table.places}
    while todo:
        table, place = todo.pop(0)
        path = table.places[table.place[place]]
        held: tuple[Any, ...] = ()
        if len(path) > 1:
            holder = (entities[path[:-1]], int(table.holder[place]))
            if holder not in found:
                todo.append((table, place))
                continue
            held = found[holder][1]
        else:
            assert table.holder[place] == table.situation[place]
        whole = (*held, path[-1])
        if table.length[place]:
            whole = (*whole, int(place - table.start[place]))
        else:
            assert table.start[place] == place
        found[table.entity, place] = (int(table.situation[place]), whole)
    return found


def _depth(table: Table) -> int:
    return max(map(len, table.places), default=0)
