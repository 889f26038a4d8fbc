"""Lanes read back as outcomes, and where the elements of a block stand: for tests and for cases.

A population is written column by column (`writing`); this is for one lane at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl.dates import DateRange
from lexald.dsl.program import Program
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    INT,
    PERIODS,
    RATE,
    EntityType,
    ListType,
    Type,
)
from lexald.dsl.values import Amount, Duration

from ..outcomes import FactPath, Outcome, Unknown
from .block import Block
from .columns import ABSENT, NEVER, UNKNOWN, VALUE, Column
from .kernel import Kernel


def paths_of(program: Program, block: Block, entity: str) -> list[FactPath]:
    """Where each element of *entity* stands in its situation."""
    table = block.tables[entity]
    found = []
    for lane in range(len(table)):
        *holders, name = table.places[table.place[lane]]
        path: FactPath = (name,)
        if table.length[lane]:
            path = (name, int(lane - table.start[lane]))
        if holders:
            held_by = _entity_at(program, holders)
            path = (*paths_of(program, block, held_by)[table.holder[lane]], *path)
        found.append(path)
    return found


def _entity_at(program: Program, names: Sequence[str]) -> str:
    """The entity of the elements at a place."""
    fields = program.roots
    for name in names:
        kind = fields[name].type
        kind = kind.item if isinstance(kind, ListType) else kind
        assert isinstance(kind, EntityType)
        fields = program.entities[kind.name].fields
    assert isinstance(kind, EntityType)
    return kind.name


@attrs.frozen(eq=False)
class Reader:
    """Lanes of a column of one type, as outcomes."""

    kernel: Kernel
    block: Block
    type: Type

    def outcome(self, column: Column, lane: int) -> Outcome:
        state = VALUE if column.state is None else int(column.state[lane])
        if state == VALUE:
            return self.value(column, column.parts, lane, self.type)
        if state == ABSENT:
            return None
        if state == UNKNOWN:
            if column.ends is None or not column.ends.has[lane]:
                return Unknown()
            low, high = (
                self.bound(column, parts, lane) for parts in (column.ends.low, column.ends.high)
            )
            return Unknown(low=low, high=high)
        assert column.detail is not None
        return self.kernel.details[int(column.detail[lane])]

    def rules(self, column: Column, lane: int) -> tuple[str, ...]:
        """The labels of the rules that gave the answer; none of what is not known."""
        if column.rules is None or (column.state is not None and column.state[lane] == UNKNOWN):
            return ()
        return self.kernel.rule_sets[int(column.rules[lane])]

    def bound(self, column: Column, parts: Sequence[Any], lane: int) -> Any:
        if self.type in PERIODS:
            return tuple(int(part[lane]) for part in parts)
        return self.value(column, parts, lane, self.type)

    def value(self, column: Column, parts: Sequence[Any], lane: int, kind: Type) -> Any:
        if isinstance(kind, ListType):
            assert column.items is not None
            start, length = (int(part[lane]) for part in parts)
            items = column.items
            return tuple(
                self.value(items, items.parts, place, kind.item)
                for place in range(start, start + length)
            )
        if kind == BOOL:
            return bool(parts[0][lane])
        first = int(parts[0][lane])
        if kind in (INT, DECIMAL, RATE, AMOUNT):
            den = column.den if isinstance(column.den, int) else int(column.den[lane])
            exact = Fraction(first, den)
            if kind in (DECIMAL, RATE):
                return exact
            assert exact.denominator == 1, "neither cents nor whole numbers are cut"
            return Amount(exact.numerator) if kind == AMOUNT else exact.numerator
        if kind == DATE:
            return date.fromordinal(first)
        if kind == DURATION:
            return Duration(first, int(parts[1][lane]))
        if kind in PERIODS:
            last = int(parts[1][lane])
            days = date.fromordinal(first), None if last == NEVER else date.fromordinal(last)
            return DateRange(*days)
        return self.block.texts.texts[first]
