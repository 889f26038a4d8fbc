"""A block out of situations that are built: for small numbers of them, as tests and cases have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

import attrs
import numpy as np

from lexald.dsl.dates import DateRange
from lexald.dsl.program import Program
from lexald.dsl.types import BOOL, DURATION, PERIODS, EntityType, ListType, Type
from lexald.dsl.values import Amount, Duration

from ..elements import Element, Elements, Situation
from .block import Block, Table
from .columns import ABSENT, NEVER, UNKNOWN, VALUE, Column, Texts, of_state

_UNTOLD = object()


@attrs.define(eq=False)
class _Rows:
    """The elements of one entity met so far, each with its situation and its place."""

    elements: list[Element] = attrs.field(factory=list)
    situation: list[int] = attrs.field(factory=list)
    start: list[int] = attrs.field(factory=list)
    length: list[int] = attrs.field(factory=list)
    complete: list[bool] = attrs.field(factory=list)
    holder: list[int] = attrs.field(factory=list)
    place: list[int] = attrs.field(factory=list)
    places: list[tuple[str, ...]] = attrs.field(factory=list)


def block_of(program: Program, situations: Sequence[Situation]) -> Block:
    """A block of *situations*, in their order."""
    return _Builder(program, situations).block()


class _Builder:
    def __init__(self, program: Program, situations: Sequence[Situation]) -> None:
        self.program = program
        self.situations = situations
        self.texts = Texts()
        self.rows = {entity: _Rows() for entity in program.entities}
        self.at: dict[int, int] = {}  # an element, by its id → its place in the table

    def block(self) -> Block:
        for rank, situation in enumerate(self.situations):
            for name, value in situation.roots.items():
                self.meet(value, rank, rank, (name,))
        tables = {entity: self.table(entity, rows) for entity, rows in self.rows.items()}
        roots = {}
        for name, field in self.program.roots.items():
            told = [situation.roots.get(name, _UNTOLD) for situation in self.situations]
            if any(value is not _UNTOLD for value in told):
                roots[name] = self.column(told, field.type)
        return Block(len(self.situations), roots, tables, self.texts, self.hypotheses())

    def meet(self, value: Any, situation: int, holder: int, place: tuple[str, ...]) -> None:
        """Give their places to the elements of *value*, and to those inside."""
        if isinstance(value, Element):
            self.add([value], value.entity, situation, holder, place, 0, True)
        elif isinstance(value, Elements) and value.items:
            first = value.items[0]
            self.add(
                value.items, first.entity, situation, holder, place, len(value.items), value.complete
            )  # fmt: skip

    def add(
        self,
        elements: Sequence[Element],
        entity: str,
        situation: int,
        holder: int,
        place: tuple[str, ...],
        length: int,
        complete: bool,
    ) -> None:
        rows = self.rows[entity]
        if place not in rows.places:
            rows.places.append(place)
        start = len(rows.elements)
        for element in elements:
            self.at[id(element)] = len(rows.elements)
            rows.elements.append(element)
            rows.situation.append(situation)
            rows.start.append(start)
            rows.length.append(length)
            rows.complete.append(complete)
            rows.holder.append(holder)
            rows.place.append(rows.places.index(place))
        for element in elements:
            for name, fact in element.facts.items():
                self.meet(fact, situation, self.at[id(element)], (*place, name))

    def table(self, entity: str, rows: _Rows) -> Table:
        facts = {}
        for name, field in self.program.entities[entity].fields.items():
            told = [element.facts.get(name, _UNTOLD) for element in rows.elements]
            if any(value is not _UNTOLD for value in told):
                facts[name] = self.column(told, field.type)
        owners = [-1 if e.owner is None else self.at[id(e.owner)] for e in rows.elements]
        return Table(
            entity, np.array(rows.situation, np.int64), np.array(owners, np.int64),
            np.array(rows.start, np.int64), np.array(rows.length, np.int64),
            np.array(rows.complete, bool), facts, np.array(rows.place, np.int64),
            tuple(rows.places), np.array(rows.holder, np.int64),
        )  # fmt: skip

    def hypotheses(self) -> dict[str, tuple[Any, Column]]:
        by_path: dict[tuple[int, Any], int] = {}
        for entity, rows in self.rows.items():
            del entity
            for place, element in enumerate(rows.elements):
                by_path[rows.situation[place], element.path] = place
        given: dict[str, dict[int, Any]] = {}
        for rank, situation in enumerate(self.situations):
            for (name, path), value in situation.hypotheses.items():
                where = by_path[rank, path] if path else rank
                given.setdefault(name, {})[where] = value
        found = {}
        for name, values in given.items():
            decision = self.program.decisions[name]
            n = (
                len(self.rows[decision.entity].elements)
                if decision.entity
                else len(self.situations)
            )
            told = [values.get(place, _UNTOLD) for place in range(n)]
            set_ = np.array([value is not _UNTOLD for value in told], bool)
            found[name] = set_, self.column(told, decision.type)
        return found

    # ── values ───────────────────────────────────────────────────────────────────────────

    def column(self, values: Sequence[Any], kind: Type) -> Column:
        """A column of *values*: `None` is absent, `_UNTOLD` unknown."""
        states = np.array(
            [UNKNOWN if v is _UNTOLD else ABSENT if v is None else VALUE for v in values], np.uint8
        )
        state = states if states.any() else None
        here = [None if v is _UNTOLD else v for v in values]
        if isinstance(kind, ListType):
            return self.lists(here, kind, state)
        if isinstance(kind, EntityType):
            return Column((_array([0 if v is None else self.at[id(v)] for v in here]),), 1, state)
        if kind == BOOL:
            return Column((np.array([bool(v) for v in here], bool),), 1, state)
        if kind in PERIODS:
            ranges = [v if isinstance(v, DateRange) else DateRange(date.min, None) for v in here]
            last = [NEVER if r.last is None else r.last.toordinal() for r in ranges]
            return Column((_array([r.first.toordinal() for r in ranges]), _array(last)), 1, state)
        if kind == DURATION:
            durations = [v if isinstance(v, Duration) else Duration(0, 0) for v in here]
            return Column(
                (_array([d.months for d in durations]), _array([d.days for d in durations])), 1, state
            )  # fmt: skip
        numbers = [self.number(v) for v in here]
        den = lcm(*(number.denominator for number in numbers))
        return Column((_array([int(number * den) for number in numbers]),), den, state)

    def number(self, value: Any) -> int | Fraction:
        match value:
            case None:
                return 0
            case Amount():
                return value.cents
            case date():
                return value.toordinal()
            case str():
                return self.texts.rank(value)
        assert isinstance(value, int | Fraction)
        return value

    def lists(self, values: Sequence[Any], kind: ListType, state: Any) -> Column:
        items: list[Any] = []
        starts, lengths, more = [], [], []
        for value in values:
            found = list(value.items if isinstance(value, Elements) else value or ())
            starts.append(len(items))
            lengths.append(len(found))
            more.append(isinstance(value, Elements) and not value.complete)
            items += found
        held = self.column(items, kind.item) if items else of_state(0, UNKNOWN)
        return Column(
            (_array(starts), _array(lengths)), 1, state, items=held,
            more=np.array(more, bool) if any(more) else None,
        )  # fmt: skip


def _array(numbers: Sequence[int]) -> Any:
    if any(abs(number) >= 2**62 for number in numbers):
        return np.array(numbers, dtype=object)
    return np.array(numbers, np.int64)
