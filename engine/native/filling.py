"""Rows of Arrow → the records of one situation: what a table tells, bound to the heap.

A *node* is what one column tells: a value, a list of values, an element, a list of elements. It
has its places in the vector that the code is told; it writes how a lane is read into a record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.program import Field, Program
from lexald.dsl.types import BOOL, ListType, Type

from ..columnar.cells import read_cells
from ..columnar.settling import is_text
from ..situation import MAX_ELEMENTS
from .cells import Cell, Keep, Open, ReadCell, Seen, Vector, has_nulls, numbers, validity
from .code import ABSENT, TOP, UNKNOWN, Body, Unfit, Unwritten, number
from .reader import Reader
from .records import COUNT, DAY, FIRST, LANE, MORE, NO_ONE, OWNER, Gap, Records, Untold, fact_width

# Numbers that a heap holds: a situation that needs more is not plain.
HEAP = 1 << 17
# Cells of a column of which some may stand where it has none.
_SEEN = 64
Arrays = Sequence[Any]


class Filler:
    """Writes the records of the situation in hand."""

    def __init__(
        self, program: Program, records: Records, untold: Untold, body: Body, reader: Reader
    ) -> None:
        self.program = program
        self.records = records
        self.untold = untold
        self.body = body
        self.reader = reader

    def room(self, size: Any) -> tuple[Any, Any]:
        """*size* places of the heap: where, and whether there is room."""
        body, b = self.body, self.body.b
        top = b.load(body.flag(TOP))
        after = b.add(top, size)
        fits = body.at_most(after, number(HEAP))
        body.odd_if(body.not_(fits))
        b.store(b.select(fits, after, top), body.flag(TOP))
        return top, fits

    def head(
        self, entity: str, here: Any, owner: Any, first: Any, count: Any, lane: Any, day: Any = None
    ) -> None:
        body = self.body
        body.store(number(UNKNOWN) if day is None else day, here, DAY)
        body.store(lane, here, LANE)
        body.store(owner, here, OWNER)
        body.store(first, here, FIRST)
        body.store(count, here, COUNT)
        for place in self.records.days(entity):
            body.store(number(-1), here, place)

    def facts(self, nodes: Nodes, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        """The facts of the element at *here*: those that no column tells are not known."""
        entity = nodes.entity
        for name, place in self.records.facts[entity].items():
            if name not in nodes.names:
                kind = self._kind(entity, name)
                for rank in range(fact_width(kind)):
                    self.body.store(number(UNKNOWN), here, place + rank)
        for node in sorted(nodes.nodes, key=self._order):
            node.fill(self, lane, here, owners)
        event = self.program.entities[entity].event if entity else None
        if event is not None:
            told, untold = self.records.fact(entity, event), self.untold.fact(entity, event)
            day = number(UNKNOWN)
            if told is not None:
                day = self.body.load(here, told)
            elif untold is not None:
                day = self.body.load(number(untold))
            self.body.store(day, here, DAY)

    def _order(self, node: Node) -> int:
        """An element comes before those that may belong to it."""
        if not isinstance(node, ElementNode | ElementsNode):
            return 0
        depth = int(isinstance(node, ElementsNode))
        owner: str | None = node.inner.entity
        while owner is not None and depth < len(self.program.entities):
            depth += 1
            owner = self.program.entities[owner].owner
        return depth

    def _kind(self, entity: str, name: str) -> Type:
        fields = self.program.entities[entity].fields if entity else self.program.roots
        return fields[name].type


@attrs.frozen(eq=False)
class Nodes:
    """What is told of the elements of one place. *nodes*: with the column that each is."""

    entity: str
    nodes: tuple[Node, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(node.name for node in self.nodes)

    def told(self, arrays: Arrays, lanes: int, keep: Keep) -> Vector:
        return [one for node in self.nodes for one in node.told(arrays, lanes, keep)]

    def places(self) -> Iterator[Nodes]:
        """This one and those in it."""
        yield self
        for node in self.nodes:
            if isinstance(node, ElementNode | ElementsNode):
                yield from node.inner.places()

    def gaps(self) -> Iterator[Gap]:
        """What may not be known."""
        for place in self.places():
            yield from (node.gap for node in place.nodes if node.gap is not None)

    def fit(self, arrays: Arrays, lanes: int) -> None:
        """What has no nulls in the columns *arrays* will have none: else `told` raises `Unfit`."""
        for node in self.nodes:
            node.fit(arrays, lanes)


@attrs.define(eq=False)
class Node(ABC):
    """*source*: the column, among those of its place; `None` where there is none. *may_lack*: it
    may not be known."""

    field: Field
    entity: str
    place: int
    source: int | None
    slot: int
    may_lack: bool = attrs.field(default=True, kw_only=True)

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def gap(self) -> Gap | None:
        """What its last numbers of the vector stand for; `None` if it is always known."""
        return None

    def fit(self, arrays: Arrays, lanes: int) -> None:
        """See `Nodes.fit`."""
        self.may_lack = has_nulls(self._array(arrays, lanes))

    def _met(self, array: Any) -> Any:
        """*array*, its column.

        Raises:
            Unfit: it has nulls, and must not.
        """
        if not self.may_lack and has_nulls(array):
            raise Unfit
        return array

    @abstractmethod
    def told(self, arrays: Arrays, lanes: int, keep: Keep) -> Vector:
        """Its numbers of the vector, for the columns *arrays* of *lanes* lanes."""

    @abstractmethod
    def fill(self, filler: Filler, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        """Writes how *lane* is read into the record at *here*."""

    def _array(self, arrays: Arrays, lanes: int) -> Any:
        return pa.nulls(lanes) if self.source is None else arrays[self.source]


@attrs.define(eq=False)
class ValueNode(Node):
    """A plain value. *absent*: the column that says where there is none."""

    cell: Cell
    absent: int | None = None

    def told(self, arrays: Arrays, lanes: int, keep: Keep) -> Vector:
        array = self._met(self._array(arrays, lanes))
        gap = self.gap
        if gap is not None:
            kind = self.field.type
            keep.seen[gap.slot] = Seen(array.slice(0, _SEEN), self.field, kind, gap.fraction)
        open_ = [UNKNOWN] * fact_width(self.field.type)
        if self.absent is None:
            return [*self.cell.told(array, keep), *open_]
        assert isinstance(self.cell, ReadCell)
        none = _flags(arrays[self.absent], keep)
        found = numbers(array, self.field, self.cell.kind, self.cell.fraction, keep, none)
        return [keep.address(found[0]), keep.address(found[-1]), *open_]

    @property
    def gap(self) -> Gap | None:
        if not self.may_lack:
            return None
        fraction = self.cell.fraction if isinstance(self.cell, ReadCell) else 1
        return Gap(self.field, self.slot + self.cell.slots, fact_width(self.field.type), fraction)

    def fit(self, arrays: Arrays, lanes: int) -> None:
        # What is read beforehand may not be known for other reasons.
        if not isinstance(self.cell, ReadCell):
            super().fit(arrays, lanes)

    def fill(self, filler: Filler, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        gap, reader = self.gap, filler.reader
        open_: Open = None
        if gap is not None:
            open_ = tuple(reader.parameter(gap.slot + rank) for rank in range(gap.width))
        for rank, value in enumerate(self.cell.value(reader, self.slot, lane, open_)):
            filler.body.store(value, here, self.place + rank)


@attrs.define(eq=False)
class ListNode(Node):
    """A list of plain values: where it starts, its validity, its values, read beforehand."""

    width: int
    SLOTS: ClassVar[int] = 4

    @property
    def gap(self) -> Gap | None:
        return Gap(self.field, self.slot + 3, 1) if self.may_lack else None

    def told(self, arrays: Arrays, lanes: int, keep: Keep) -> Vector:
        array = self._met(self._array(arrays, lanes))
        assert isinstance(self.field.type, ListType)
        if is_text(array.type) or pa.types.is_null(array.type):
            raise Unwritten
        values = array.flatten()
        offsets = _offsets(array)
        if len(values) != offsets[-1]:
            raise Unwritten
        found = numbers(values, self.field, self.field.type.item, 1, keep)
        # A null among values is a fault.
        odd = np.where(found[0] == UNKNOWN, np.int64(UNKNOWN + 3), found[0])
        items = keep.address(np.append(odd, 0))
        return [keep.address(offsets), validity(array, keep), items, UNKNOWN]

    def fill(self, filler: Filler, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        body, b, reader = filler.body, filler.body.b, filler.reader
        first = reader.load(self.slot, lane, 64)
        count = b.sub(reader.load(self.slot, b.add(lane, number(1)), 64), first)
        body.odd_if(body.less(number(MAX_ELEMENTS), count))
        start, fits = filler.room(count)
        count = b.select(fits, count, number(0))
        body.store(start, here, self.place)
        count_told = count
        if self.may_lack:
            null = reader.is_null(self.slot + 1, lane)
            count_told = b.select(null, reader.parameter(self.slot + 3), count)
        body.store(count_told, here, self.place + 1)

        def one(rank: Any) -> None:
            value = reader.load(self.slot + 2, b.add(first, rank), 64)
            body.odd_if(body.is_(value, UNKNOWN + 3))
            body.store(value, b.add(start, rank))

        body.loop(count, one)


@attrs.define(eq=False)
class ElementNode(Node):
    """An element. *always*: every situation has it, told or not; *flat*: its columns are those
    of what holds it."""

    inner: Nodes
    always: bool
    flat: bool
    absent: int | None = None
    SLOTS: ClassVar[int] = 3

    @property
    def gap(self) -> Gap | None:
        return Gap(self.field, self.slot + 2, 1) if self.may_lack else None

    def fit(self, arrays: Arrays, lanes: int) -> None:
        array = self._array(arrays, lanes)
        if self.flat:
            self.inner.fit(arrays, lanes)
        elif pa.types.is_struct(array.type):
            self.inner.fit(array.flatten(), lanes)
        self.may_lack = not self.always and (self.absent is not None or has_nulls(array))

    def told(self, arrays: Arrays, lanes: int, keep: Keep) -> Vector:
        if self.flat:
            return [0, 0, UNKNOWN, *self.inner.told(arrays, lanes, keep)]
        array = self._array(arrays, lanes)
        if not self.always:
            self._met(array)
        is_struct = pa.types.is_struct(array.type)
        children = array.flatten() if is_struct else []
        none = 0
        if self.absent is not None:
            none = keep.address(_flags(arrays[self.absent], keep).astype(np.int64))
        nulls = 0
        if not self.always:
            nulls = validity(array if is_struct else pa.nulls(lanes), keep)
        return [nulls, none, UNKNOWN, *self.inner.told(children, lanes, keep)]

    def fill(self, filler: Filler, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        body, b, reader = filler.body, filler.body.b, filler.reader
        if self.always or not self.may_lack:
            self._made(filler, lane, here, owners)
            return
        null = reader.is_null(self.slot, lane)
        sentinel: Any = reader.parameter(self.slot + 2)
        if self.absent is not None:
            is_none = body.is_(reader.load(self.slot + 1, lane, 64), 1)
            body.odd_if(b.and_(is_none, body.not_(null)))
            sentinel = b.select(is_none, number(ABSENT), sentinel)
        body.store(sentinel, here, self.place)
        with b.if_then(body.not_(null)):
            self._made(filler, lane, here, owners)

    def _made(self, filler: Filler, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        body, b = filler.body, filler.body.b
        entity = self.inner.entity
        start, fits = filler.room(number(filler.records.size[entity]))
        body.store(b.select(fits, start, number(NO_ONE)), here, self.place)
        with b.if_then(fits, likely=True):
            filler.head(entity, start, _owner(filler, entity, owners), number(0), number(0), lane)
            filler.facts(self.inner, lane, start, {**owners, entity: start})


@attrs.define(eq=False)
class ElementsNode(Node):
    """A list of elements: where it starts, its validity, whether it has others, null items."""

    inner: Nodes
    more: int | None = None
    SLOTS: ClassVar[int] = 5

    @property
    def gap(self) -> Gap | None:
        return Gap(self.field, self.slot + 4, 1) if self.may_lack else None

    def fit(self, arrays: Arrays, lanes: int) -> None:
        array = self._array(arrays, lanes)
        if pa.types.is_null(array.type) or is_text(array.type):
            return
        values = array.flatten()
        if pa.types.is_struct(values.type):
            self.inner.fit(values.flatten(), len(values))
        self.may_lack = bool(self.more is not None or has_nulls(array) or values.null_count)

    def told(self, arrays: Arrays, lanes: int, keep: Keep) -> Vector:
        array = self._met(self._array(arrays, lanes))
        if pa.types.is_null(array.type):
            array = pa.nulls(lanes, pa.list_(pa.struct([])))
        if is_text(array.type):
            raise Unwritten
        values = array.flatten()
        self._met(values)
        offsets = _offsets(array)
        if len(values) != offsets[-1]:
            raise Unwritten
        more = 0
        if self.more is not None:
            more = keep.address(_flags(arrays[self.more], keep).astype(np.int64))
        is_struct = pa.types.is_struct(values.type)
        children, inside = values.flatten() if is_struct else [], keep.inside()
        return [
            keep.address(offsets), validity(array, keep), more, validity(values, inside), UNKNOWN,
            *self.inner.told(children, len(values), inside),
        ]  # fmt: skip

    def fill(self, filler: Filler, lane: Any, here: Any, owners: Mapping[str, Any]) -> None:
        body, b, reader = filler.body, filler.body.b, filler.reader
        entity = self.inner.entity
        size = filler.records.size[entity]
        first = reader.load(self.slot, lane, 64)
        count = b.sub(reader.load(self.slot, b.add(lane, number(1)), 64), first)
        body.odd_if(body.less(number(MAX_ELEMENTS), count))
        start, fits = filler.room(b.mul(count, number(size)))
        count = b.select(fits, count, number(0))
        body.store(start, here, self.place)
        count_told = count
        if self.more is not None:
            open_ = body.is_(reader.parameter(self.slot + 4), UNKNOWN)
            others = body.is_(reader.load(self.slot + 2, lane, 64), 1)
            more = b.select(b.and_(open_, others), number(MORE), number(0))
            count_told = b.add(count, more)
        whole = count_told
        if self.may_lack:
            unknown = reader.is_null(self.slot + 1, lane)
            count_told = b.select(unknown, reader.parameter(self.slot + 4), count_told)
        body.store(count_told, here, self.place + 1)
        owner = _owner(filler, entity, owners)

        def one(rank: Any) -> None:
            record = b.add(start, b.mul(rank, number(size)))
            inner = b.add(first, rank)
            if self.may_lack:
                body.odd_if(reader.is_null(self.slot + 3, inner))
            filler.head(entity, record, owner, start, whole, inner)
            filler.facts(self.inner, inner, record, {**owners, entity: record})

        body.loop(count, one)


def _owner(filler: Filler, entity: str, owners: Mapping[str, Any]) -> Any:
    """The element that one of *entity* belongs to: what holds it, else the root of that entity."""
    owner = filler.program.entities[entity].owner
    if owner is None:
        return number(UNKNOWN)
    if owner in owners:
        return owners[owner]
    root = filler.program.owner_root(entity)
    place = filler.records.fact("", root) if root else None
    if place is None:
        return number(UNKNOWN)
    return filler.body.load(owners[""], place)


def _flags(array: Any, keep: Keep) -> np.ndarray[Any, Any]:
    cells = read_cells(array, BOOL, keep.program, keep.texts)
    if any(wrong.lanes.any() for wrong in cells.wrong):
        raise Unwritten
    return np.asarray(cells.parts[0] & cells.told)


def _offsets(array: Any) -> np.ndarray[Any, Any]:
    """Where each list of *array* starts among the values of all, and where the last one ends.

    Raises:
        Unwritten: one ends before it starts. Arrow does not look.
    """
    offsets = array.offsets.to_numpy(zero_copy_only=False)
    found = np.asarray(np.subtract(offsets, offsets[0], dtype=np.int64))
    if (found[1:] < found[:-1]).any():
        raise Unwritten
    if array.null_count:  # what is behind a list that is null is no value of any
        lengths = np.diff(found) * np.asarray(array.is_valid())
        found = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return found


def elements(
    filler: Filler, nodes: Nodes, here: Any, entity: str, write: Callable[[tuple[str, ...], Any], None],
    path: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """*write* for each element of *entity*, of whatever place, in the record at *here*; in the
    order of the table."""
    body, b = filler.body, filler.body.b
    for node in nodes.nodes:
        if not isinstance(node, ElementNode | ElementsNode) or not _holds(node, entity):
            continue
        inside = (*path, node.name)

        def one(record: Any, node: Any = node, inside: tuple[str, ...] = inside) -> None:
            if node.inner.entity == entity:
                write(inside, record)
            elements(filler, node.inner, record, entity, write, inside)

        if isinstance(node, ElementNode):
            record = body.load(here, node.place)
            with b.if_then(body.less(number(0), record)):
                one(record)
        else:
            start = body.load(here, node.place)
            count = body.load(here, node.place + 1)
            count = b.select(body.less(count, number(0)), number(0), count)
            count = b.and_(count, number(MORE - 1))
            size = filler.records.size[node.inner.entity]
            body.loop(count, lambda rank, one=one, start=start, size=size: one(  # type: ignore[misc]
                b.add(start, b.mul(rank, number(size)))
            ))  # fmt: skip


def sure_facts(nodes: Nodes) -> frozenset[tuple[str, str]]:
    """The facts, by entity and name, that each element is told, wherever it stands."""
    found: dict[str, set[str]] = {}
    for place in nodes.places():
        told = {node.name for node in place.nodes if not node.may_lack}
        found[place.entity] = found.get(place.entity, told) & told
    return frozenset((entity, name) for entity, names in found.items() for name in names)


def _holds(node: ElementNode | ElementsNode, entity: str) -> bool:
    return node.inner.entity == entity or any(
        isinstance(one, ElementNode | ElementsNode) and _holds(one, entity)
        for one in node.inner.nodes
    )
