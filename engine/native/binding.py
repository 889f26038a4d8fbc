"""The layout of a table → nodes: what each of its columns tells, and where that stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import pyarrow as pa

from lexald.dsl.program import Field
from lexald.dsl.types import DATE, EntityType, ListType, Type

from ..columnar.layout import Layout, Place, Told
from .cells import Cell, ReadCell, cell_of
from .code import Unwritten
from .filling import ElementNode, ElementsNode, ListNode, Node, Nodes, ValueNode
from .records import Records, fact_width


def told_facts(layout: Layout) -> dict[str, dict[str, Type]]:
    """The facts that *layout* tells, by entity, and the elements that every situation has.

    Raises:
        Unwritten: it tells what machine code does not read.
    """
    program = layout.program
    found: dict[str, dict[str, Type]] = {"": {}}
    for entity in program.entities:
        found[entity] = {}
    for place in (layout.root, *layout.root.places()):
        for told in place.told:
            if told.decision:
                raise Unwritten  # a value that is set
            found[place.entity or ""][told.name] = told.field.type
    for name, field in program.roots.items():
        if isinstance(field.type, EntityType) and not field.optional:
            found[""][name] = field.type
    return found


@attrs.frozen
class Day:
    """Where each row has its date of law: column *source*, read by *cell*, from *slot* on."""

    source: int
    cell: Cell
    slot: int


_DAY = Field("on", DATE, False, None, "", "", "")


class Binder:
    """Makes the nodes of a layout. *fraction*: over what facts that are fractions are kept."""

    def __init__(self, layout: Layout, schema: Any, fraction: int) -> None:
        self.layout = layout
        self.program = layout.program
        self.fraction = fraction
        self.records: Records | None = None
        self.bits: dict[tuple[str, str], int] = {}
        self._slots = 0
        self._kinds = [field.type for field in schema]
        self.root: Nodes | None = None

    def take(self, slots: int) -> int:
        """The first of *slots* places of the vector."""
        first, self._slots = self._slots, self._slots + slots
        return first

    def day(self) -> Day | None:
        """The date of law that each row has; `None`: it has none."""
        source = self.layout.on
        if source is None:
            return None
        cell = cell_of(self._kinds[source], _DAY, DATE, self.fraction)
        return Day(source, cell, self.take(cell.slots))

    @property
    def slots(self) -> int:
        return self._slots

    def bind(self, records: Records) -> Nodes:
        self.records = records
        return self._nodes(self.layout.root, self._kinds)

    def _nodes(self, place: Place, kinds: Sequence[Any]) -> Nodes:
        made = [self._node(told, place.entity or "", kinds) for told in place.told]
        if place.entity is None:
            named = {told.name for told in place.told}
            for name, field in self.program.roots.items():
                always = isinstance(field.type, EntityType) and not field.optional
                if always and name not in named:
                    made.append(self._untold(name, field))
        return Nodes(place.entity or "", tuple(made))

    def _untold(self, name: str, field: Field) -> Node:
        assert isinstance(field.type, EntityType)
        slot = self.take(ElementNode.SLOTS)
        inner = Nodes(field.type.name, ())
        return ElementNode(field, "", self._place("", name), None, slot, inner, True, False)

    def _place(self, entity: str, name: str) -> int:
        assert self.records is not None
        place = self.records.fact(entity, name)
        assert place is not None
        return place

    def _node(self, told: Told, entity: str, kinds: Sequence[Any]) -> Node:
        field, kind = told.field, told.field.type
        arrow = pa.null() if told.source is None else kinds[told.source]
        base = (field, entity, self._place(entity, told.name), told.source)
        if isinstance(kind, ListType):
            if told.absent is not None:
                raise Unwritten
            if isinstance(kind.item, EntityType):
                assert told.inner is not None
                slot = self.take(ElementsNode.SLOTS)
                inner = self._nodes(told.inner, _item_kinds(arrow))
                return ElementsNode(*base, slot, inner, told.incomplete)
            if not _is_list(arrow):
                raise Unwritten
            return ListNode(*base, self.take(ListNode.SLOTS), 1)
        if told.inner is not None:
            slot = self.take(ElementNode.SLOTS)
            flat = told.inner.flat
            always = entity == "" and not field.optional
            if flat and not always:
                raise Unwritten
            inner = self._nodes(told.inner, kinds if flat else _child_kinds(arrow))
            return ElementNode(*base, slot, inner, always, flat, told.absent)
        cell: Cell
        if told.absent is None:
            cell = cell_of(arrow, field, kind, self.fraction)
        else:
            cell = ReadCell(field, kind, fact_width(kind), self.fraction, 60)
        known = self.bits.get((entity, told.name), 0)
        self.bits[entity, told.name] = max(known, cell.bits)
        return ValueNode(*base, self.take(cell.slots + fact_width(kind)), cell, told.absent)


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _item_kinds(kind: Any) -> list[Any]:
    if pa.types.is_null(kind):
        return []
    if not _is_list(kind):
        raise Unwritten
    return _child_kinds(kind.value_type)


def _child_kinds(kind: Any) -> list[Any]:
    return [field.type for field in kind] if pa.types.is_struct(kind) else []
