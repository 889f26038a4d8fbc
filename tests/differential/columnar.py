"""The columnar back end: situations as one block, columns read back as answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

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
from lexald.engine.columnar.block import Block
from lexald.engine.columnar.columns import ABSENT, NEVER, UNKNOWN, VALUE, Column
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.situations import block_of
from lexald.engine.elements import Situation
from lexald.engine.outcomes import FactPath, Outcome, Unknown

from .answers import Answer, Found, Refusal, answer_of
from .protocol import Tells


@attrs.frozen
class Columnar:
    """All situations at once. An error has no element, a conflict neither."""

    name: str = "columnar"
    tells: ClassVar[Tells] = Tells(bounds=True)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        block = block_of(program, situations)
        kernel = Kernel(program, on)
        columns = kernel.evaluate(block, names)
        found: list[dict[tuple[str, FactPath], Answer]] = [{} for _ in situations]
        paths = {entity: paths_of(program, block, entity) for entity in program.entities}
        for name, column in columns.items():
            decision = program.decisions[name]
            reader = _Reader(kernel, block, decision.type)
            for lane in range(len(column)):
                answer = answer_of(reader.outcome(column, lane))
                if decision.entity is None:
                    found[lane][name, ()] = answer
                else:
                    rank = int(block.tables[decision.entity].situation[lane])
                    found[rank][name, paths[decision.entity][lane]] = answer
        refusals: list[set[Refusal]] = [set() for _ in situations]
        for place, (ranks, details) in kernel.forbidden(block).items():
            for rank, detail in zip(ranks, details, strict=True):
                code = "" if detail < 0 else getattr(kernel.details[detail], "code", "")
                refusals[rank].add(Refusal(program.forbidden[place].message, (), code))
        return [Found(a, frozenset(r)) for a, r in zip(found, refusals, strict=True)]


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
class _Reader:
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
