"""Rows of a population as plain data: what `Law.evaluate` takes of one situation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from lexald.dsl.program import Field, Program
from lexald.dsl.types import EntityType, Kind, ListType, Scalar


def plain_rows(program: Program, rows: pa.RecordBatch | pa.Table) -> Iterator[dict[str, Any]]:
    """Each row: what is unknown is left out, what is absent is `None`."""
    for row in rows.to_pylist():
        yield _told(program, program.roots, row)


def _told(program: Program, fields: Any, row: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, field in fields.items():
        if row.get(f"{name}__absent"):
            told[name] = None
        elif row.get(name) is not None:
            told[name] = _value(program, field, row[name])
            if row.get(f"{name}__incomplete"):
                told[name].append(...)
    return told


def _value(program: Program, field: Field, value: Any) -> Any:
    match field.type:
        case EntityType(name):
            return _told(program, program.entities[name].fields, value)
        case ListType(EntityType(name)):
            return [_told(program, program.entities[name].fields, item) for item in value]
        case Scalar(Kind.PERIOD | Kind.OPEN_PERIOD):
            return (value["first"], value["last"])
    return value
