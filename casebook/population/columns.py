"""What was drawn, as Arrow columns in the layout that tables of situations have.

A column is named by its root. An element is a structure, a list of elements a list of structures;
null is *unknown*, ``x__absent`` says that there is none, ``x__incomplete`` that a list goes on.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.program import Field
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar

from .elements import Elements, ranks_of
from .facts import Array, Fact, Lists

# Digits of the decimals of a column, and those after the point.
AMOUNT = (14, 2)
DECIMAL = (14, 2)
RATE = (9, 4)


@attrs.frozen(eq=False)
class Layout:
    """Which facts become columns, and how many of them are left unknown.

    Args:
        roots: those that become columns.
        fields: as (entity, fact), those that do; `None` for all.
        missing: of the facts that are drawn as told, the share that is made unknown. A list of
            elements is never unknown: that share of them is made incomplete.
    """

    roots: frozenset[str]
    fields: frozenset[tuple[str, str]] | None
    missing: float

    def columns(self, situations: Elements) -> pa.RecordBatch:
        """One row per situation."""
        named = list(self._children(situations))
        return pa.RecordBatch.from_arrays(
            [array for _, array in named], names=[name for name, _ in named]
        )

    def _children(self, elements: Elements) -> Iterator[tuple[str, pa.Array]]:
        for name, field in elements.fields().items():
            if elements.entity:
                if self.fields is not None and (elements.entity, name) not in self.fields:
                    continue
            elif name not in self.roots:
                continue
            yield from self._column(elements, name, field)

    def _column(
        self, elements: Elements, name: str, field: Field
    ) -> Iterator[tuple[str, pa.Array]]:
        drawn = elements.drawn(name)
        kind = field.type
        if isinstance(kind, EntityType):
            assert isinstance(drawn, Fact)
            there = drawn.array
            yield name, self._structures(elements.held(name, kind.name), ~there)
            if field.optional:
                yield f"{name}__absent", pa.array(~there)
            return
        if isinstance(drawn, Lists):
            assert isinstance(kind, ListType)
            offsets = np.zeros(elements.size + 1, np.int32)
            np.cumsum(drawn.counts, out=offsets[1:])
            if isinstance(kind.item, EntityType):
                held = self._structures(elements.held(name, kind.item.name), None)
                yield name, pa.ListArray.from_arrays(pa.array(offsets), held)
                if self.missing:
                    yield f"{name}__incomplete", pa.array(self._is_missing(elements, name))
                return
            assert drawn.items is not None
            members = _members(elements, field, drawn.items, None)
            lost = pa.array(self._is_missing(elements, name)) if self.missing else None
            yield name, pa.ListArray.from_arrays(pa.array(offsets), members, mask=lost)
            return
        told, absent = drawn.told, drawn.absent
        if self.missing:
            kept = ~self._is_missing(elements, name)
            told = kept if told is None else told & kept
            absent = None if absent is None else absent & kept
        if field.optional and told is not None and absent is not None:
            absent = absent & told
        valued = told
        if absent is not None:
            valued = ~absent if told is None else told & ~absent
        yield name, _values(elements, field, drawn, valued)
        if field.optional:
            nowhere = np.zeros(elements.size, np.bool_)
            yield f"{name}__absent", pa.array(nowhere if absent is None else absent)

    def _structures(self, elements: Elements, nowhere: Array | None) -> pa.StructArray:
        named = list(self._children(elements))
        mask = None if nowhere is None or not nowhere.any() else pa.array(nowhere)
        if not named:  # an element of which no fact is asked is there all the same
            return pa.array([{}] * elements.size, pa.struct([]), mask=nowhere)
        return pa.StructArray.from_arrays(
            [array for _, array in named], names=[name for name, _ in named], mask=mask
        )

    def _is_missing(self, elements: Elements, name: str) -> Array:
        drawn: Array = elements.stream(name, "missing").random(elements.size, np.float32)
        return drawn < self.missing


def _values(elements: Elements, field: Field, fact: Fact, valued: Array | None) -> pa.Array:
    kind = field.type
    unknown = None if valued is None or valued.all() else ~valued
    if isinstance(kind, EnumType):
        return _members(elements, field, fact.array, unknown)
    assert isinstance(kind, Scalar)
    match kind.kind:
        case Kind.BOOL:
            return pa.array(fact.array, mask=unknown)
        case Kind.INT:
            return pa.array(fact.array.astype(np.int64, copy=False), mask=unknown)
        case Kind.AMOUNT:
            return decimals(fact.array, AMOUNT, unknown)
        case Kind.DECIMAL:
            return decimals(fact.array, DECIMAL, unknown)
        case Kind.RATE:
            return decimals(fact.array, RATE, unknown)
        case Kind.DATE:
            return _days(fact.array, unknown)
        case Kind.PERIOD | Kind.OPEN_PERIOD:
            first, last = fact.values
            mask = None if unknown is None else pa.array(unknown)
            return pa.StructArray.from_arrays(
                [_days(first, unknown), _days(last, unknown)], names=["first", "last"], mask=mask
            )
        case Kind.TEXT | Kind.DURATION:
            ranks = pa.array(fact.array.astype(np.int32, copy=False), mask=unknown)
            return pa.array(fact.words).take(ranks)
        case Kind.EXACT:
            raise AssertionError("no fact is an exact amount")


def _days(days: Array, unknown: Array | None) -> pa.Array:
    return pa.array(days.astype(np.int32, copy=False), mask=unknown).view(pa.date32())


def _members(elements: Elements, field: Field, ranks: Array, unknown: Array | None) -> pa.Array:
    names = list(ranks_of(elements.program, field))
    return pa.DictionaryArray.from_arrays(
        pa.array(ranks.astype(np.int8 if len(names) < 128 else np.int16), mask=unknown), names
    )


def decimals(numbers: Array, form: tuple[int, int], unknown: Array | None = None) -> pa.Array:
    """Whole *numbers* of the last decimal place as decimals of *form*: digits, those after the
    point. Where *unknown*, null."""
    halves = np.empty((len(numbers), 2), np.int64)
    halves[:, 0] = numbers
    halves[:, 1] = halves[:, 0] >> 63
    bits = None
    if unknown is not None:
        bits = pa.py_buffer(np.packbits(~unknown, bitorder="little"))
    return pa.Array.from_buffers(
        pa.decimal128(*form), len(numbers), [bits, pa.py_buffer(halves.data)]
    )
