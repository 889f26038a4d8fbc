"""Arrow rows → a block of situations, whole columns at a time.

A block read from a table holds the facts that `build_situation` would read from the same rows as
plain data, and refuses the rows that it would refuse. A row with a fault is set aside with the
reasons; the others make the block.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl.program import Program
from lexald.dsl.types import BOOL, DATE, EntityType, ListType

from ..situation import MAX_ELEMENTS
from .block import Block, Table
from .cells import Cells, out_of_bounds, read_cells
from .columns import ABSENT, UNKNOWN, VALUE, Array, Column, Texts, concat, of_state, upto
from .layout import Layout, Place, Told, flag_of
from .settling import GARBLED, is_text, legible

# For the lanes inside a list of the row, the rank there of the element that each is in: worked out
# for faults alone.
Ranks = Callable[[], Array] | None


@attrs.frozen(eq=False)
class Fault:
    """What is wrong in some rows, in one column.

    Attributes:
        fact: what the column tells; `None` for the date of law.
        rows: the rows, by rank in what was read, each once.
        elements: in a list of the row, the rank of its first faulty element, from 0; -1 outside.
        fr, en: more than *code* says; empty for nothing.
        arrow: the type of the column.
    """

    column: str
    fact: Told | None
    rows: Array
    elements: Array
    code: str
    fr: str
    en: str
    arrow: Any


@attrs.frozen(eq=False)
class Reading:
    """A block, and the rows that are not in it.

    Attributes:
        block: the situations of the rows that are sound.
        rows: for each situation of the block, the rank of its row.
        days: the date of law of each situation, by its number; `None`: the table has none.
            0 where the row says none.
        parts: the elements of each place, in the tables of the block.
        faults: why the other rows are not in it.
    """

    block: Block
    rows: Array
    days: Array | None
    parts: Mapping[tuple[str, ...], Part]
    faults: tuple[Fault, ...]


@attrs.define(eq=False)
class Part:
    """The elements that stand at one place.

    Attributes:
        lanes: for each lane of what holds the place (a situation, or an element of *holder*), where
            its elements start among those of the part, and how many they are.
        is_known: the lanes that tell elements, or that there are none.
        one_each: each of these lanes has exactly one, by its rank.
        base: where the part starts in the table of its entity.
    """

    place: Place
    situation: Array
    holder: Part | None
    held_by: Array
    starts: Array
    lengths: Array
    is_list: bool
    is_known: Array
    complete: Array
    one_each: bool
    facts: dict[str, Column | Link]
    hypotheses: dict[str, Column]
    base: int = 0

    def __len__(self) -> int:
        return len(self.situation)


@attrs.frozen(eq=False)
class Link:
    """A fact that is an element, or a list of elements: those of *part*."""

    part: Part
    state: Array | None
    more: Array | None


def read(layout: Layout, batch: Any, *, wants_days: bool = True) -> Reading:
    """The situations of *batch*, whose schema is that of *layout*."""
    reader = _Reader(layout, len(batch))
    days = reader.all(batch, wants_days=wants_days)
    reader.faults += garbled_copies(layout, batch)
    if not reader.faults:
        return reader.reading(upto(len(batch)), days, ())
    sound = np.ones(len(batch), np.bool_)
    for fault in reader.faults:
        sound[fault.rows] = False
    rows = np.flatnonzero(sound)
    again = _Reader(layout, len(rows))
    days = again.all(batch.filter(pa.array(sound)), wants_days=wants_days)
    assert not again.faults, "a sound row is sound"
    return again.reading(rows, days, tuple(reader.faults))


def garbled_copies(layout: Layout, batch: Any) -> list[Fault]:
    """Faults of columns that tell nothing, and are copied: texts that are not UTF-8."""
    faults = []
    for rank in layout.other:
        array = _whole(batch.column(rank))
        _, wrong = legible(array)
        if wrong is not None:
            rows = np.flatnonzero(wrong)
            name, outside = batch.schema.field(rank).name, np.full(len(rows), -1)
            faults.append(
                Fault(name, None, rows, outside, "E103", GARBLED.fr, GARBLED.en, array.type)
            )
    return faults


def structure(layout: Layout, batch: Any, entities: Collection[str]) -> Reading:
    """Where the elements of *layout* stand, for all rows of *batch*, sound or not: faults are not
    told, and rows with one are not to be used. Of elements that every situation has, told or not,
    those of *entities*. The block holds no facts."""
    reader = _Reader(layout, len(batch))
    reader.all(batch, wants_days=False, always=entities)
    reader.placed()
    block = Block(len(batch), {}, {}, reader.texts)
    return Reading(block, upto(len(batch)), None, reader.parts, ())


class _Reader:
    def __init__(self, layout: Layout, size: int) -> None:
        self.layout = layout
        self.program: Program = layout.program
        self.size = size
        self.texts = Texts()
        self.parts: dict[tuple[str, ...], Part] = {}
        self.roots: dict[str, Column | Link] = {}
        self.hypotheses: dict[str, Column] = {}
        self.faults: list[Fault] = []

    def all(
        self, batch: Any, *, wants_days: bool, always: Collection[str] | None = None
    ) -> Array | None:
        """Reads every root; gives the dates of law. *always*: the entities of which an element
        that no column tells is made; `None`: all."""
        arrays = [_whole(column) for column in batch.columns]
        situations = upto(self.size)
        self.roots, self.hypotheses = self.facts(self.layout.root, arrays, None, situations, None)
        for name, field in self.program.roots.items():
            # An element that every situation has, told or not.
            kind = field.type
            if not isinstance(kind, EntityType) or field.optional or name in self.roots:
                continue
            if always is None or kind.name in always:
                place = Place(kind.name, (name,), ())
                part = self.part(place, situations, None, situations, None, False)
                self.roots[name] = Link(part, None, None)
        if self.layout.on is None:
            return None
        array = arrays[self.layout.on]
        cells = read_cells(array, DATE, self.program, self.texts)
        for wrong in cells.wrong:
            self.fault("on", None, wrong.lanes, situations, None, wrong.code, array.type)
        if not wants_days:
            return None
        return np.where(cells.told, cells.parts[0], 0)

    # ── facts ────────────────────────────────────────────────────────────────────────────

    def facts(
        self,
        place: Place,
        arrays: Sequence[Any],
        part: Part | None,
        situation: Array,
        ranks: Ranks,
    ) -> tuple[dict[str, Column | Link], dict[str, Column]]:
        """What *place* tells, from its columns. *situation* of each lane, and *ranks*: the
        element of a list of the row that it is in, by its rank."""
        found: dict[str, Column | Link] = {}
        set_: dict[str, Column] = {}
        for told in place.told:
            fact = self.fact(told, arrays, part, situation, ranks)
            if told.decision:
                assert isinstance(fact, Column)
                set_[told.decision] = fact
            else:
                found[told.name] = fact
        return found, set_

    def fact(
        self,
        told: Told,
        arrays: Sequence[Any],
        part: Part | None,
        situation: Array,
        ranks: Ranks,
    ) -> Column | Link:
        n = len(situation)
        array = None if told.source is None else arrays[told.source]
        absent = self.flag(told.absent, arrays, told, situation, ranks)
        more = self.flag(told.incomplete, arrays, told, situation, ranks)
        if isinstance(told.field.type, ListType):
            return self.items(told, array, part, situation, ranks, absent, more)
        if told.inner is not None:
            return self.element(told, told.inner, arrays, array, part, situation, ranks, absent)
        if array is None:
            array = pa.nulls(n)
        cells = read_cells(array, told.field.type, self.program, self.texts)
        self.check(told, cells, array.type, situation, ranks)
        self.not_both(told, cells.told, absent, situation, ranks)
        return Column(cells.parts, cells.den, _states(cells.told, absent))

    def element(
        self,
        told: Told,
        place: Place,
        arrays: Sequence[Any],
        array: Any,
        part: Part | None,
        situation: Array,
        ranks: Ranks,
        absent: Array | None,
    ) -> Link:
        """A struct, or columns with a dot, as at most one element for each lane."""
        n = len(situation)
        always = part is None and not told.field.optional
        is_told = _all(np.True_, n)
        if always and absent is None and not place.told:
            inner: list[Any] = []  # nothing is read of what every situation has
        elif place.flat:
            inner = list(arrays)
            is_told = np.zeros(n, np.bool_)
            for told_inside in _flat(place):
                if told_inside.source is not None:
                    is_told |= _valid(arrays[told_inside.source])
                for source in (told_inside.absent, told_inside.incomplete):
                    if source is not None:
                        cells = read_cells(arrays[source], BOOL, self.program, self.texts)
                        is_told |= cells.parts[0] & cells.told
        elif array is None or pa.types.is_null(array.type):
            inner, is_told = [], np.zeros(n, np.bool_)
        else:
            inner, is_told = _children(array), _valid(array)
        self.not_both(told, is_told, absent, situation, ranks)
        has = None if always else is_told if absent is None else is_told & ~absent
        lanes, inside, rank, lengths = upto(n), situation, ranks, None
        if has is not None and not has.all():
            lanes, lengths = np.flatnonzero(has), has.astype(np.int64)
            chosen = pa.array(lanes)
            inner = [column.take(chosen) for column in inner]
            inside = situation[lanes]
            rank = None if ranks is None else (lambda: ranks()[lanes])
        made = self.part(place, inside, part, lanes, lengths, False)
        made.facts, made.hypotheses = self.facts(place, inner, made, inside, rank)
        return Link(made, None if has is None else _states(has, absent), None)

    def items(
        self,
        told: Told,
        array: Any,
        part: Part | None,
        situation: Array,
        ranks: Ranks,
        absent: Array | None,
        more: Array | None,
    ) -> Column | Link:
        """A list, of elements or of plain values."""
        assert isinstance(told.field.type, ListType)
        n = len(situation)
        item = told.field.type.item
        if array is None or pa.types.is_null(array.type):
            array = pa.nulls(n, pa.list_(pa.null()))
        arrow = array.type
        if is_text(arrow):
            array = _split(array)
        is_told = _valid(array)
        lengths = _lengths(array)
        if absent is not None:
            self.not_both(told, is_told & (lengths > 0), absent, situation, ranks)
        self.mark(told, lengths > MAX_ELEMENTS, situation, ranks, "E109", arrow)
        absent_state = absent if told.field.optional else None
        if absent is not None and absent_state is None:
            is_told = is_told | absent  # of a list that cannot be absent, none is an empty one
        values = array.flatten()
        parent = np.repeat(upto(n), lengths)
        starts = np.cumsum(lengths) - lengths
        inside = situation[parent] if part is not None else parent

        def rank() -> Array:
            if ranks is not None:
                return np.asarray(ranks()[parent])
            return np.asarray(np.arange(len(parent)) - starts[parent])

        if values.null_count:
            self.mark(told, ~_valid(values), inside, rank, "E104", arrow)
        state = _states(is_told, absent_state)
        if not isinstance(item, EntityType):
            cells = read_cells(values, item, self.program, self.texts)
            self.check(told, cells, arrow, inside, rank)
            return Column((starts, lengths), 1, state, items=Column(cells.parts, cells.den))
        assert told.inner is not None
        made = self.part(told.inner, inside, part, parent, lengths, True, is_told)
        if more is not None:
            made.complete = ~more[parent]
        children = _children(values) if pa.types.is_struct(values.type) else []
        made.facts, made.hypotheses = self.facts(told.inner, children, made, inside, rank)
        return Link(made, state, more if more is not None and more.any() else None)

    def part(
        self,
        place: Place,
        situation: Array,
        holder: Part | None,
        held_by: Array,
        lengths: Array | None,
        is_list: bool,
        is_known: Array | None = None,
    ) -> Part:
        """*lengths*: how many elements each lane of the holder has; `None`: one each."""
        n = len(situation)
        one_each = lengths is None or (not is_list and bool(lengths.all()))
        if lengths is None:
            starts, lengths, is_known = upto(n), _all(np.int64(1), n), _all(np.True_, n)
        else:
            starts = np.cumsum(lengths) - lengths
            is_known = lengths > 0 if is_known is None else is_known
        made = Part(
            place, situation, holder, held_by, starts, lengths, is_list, is_known,
            _all(np.True_, n), one_each, {}, {},
        )  # fmt: skip
        self.parts[place.path] = made
        return made

    def flag(
        self,
        source: int | None,
        arrays: Sequence[Any],
        told: Told,
        situation: Array,
        ranks: Ranks,
    ) -> Array | None:
        """A column of booleans that says something of a fact; null is false. `None`: there is
        no such column."""
        if source is None:
            return None
        array = arrays[source]
        cells = read_cells(array, BOOL, self.program, self.texts)
        self.check(flag_of(told, source), cells, array.type, situation, ranks)
        return np.asarray(cells.parts[0] & cells.told)

    # ── faults ───────────────────────────────────────────────────────────────────────────

    def check(self, told: Told, cells: Cells, arrow: Any, situation: Array, ranks: Ranks) -> None:
        """Reports the cells that are not the fact's. *situation*: that of each cell."""
        bad = None
        for wrong in cells.wrong:
            bad = wrong.lanes if bad is None else bad | wrong.lanes
            self.mark(told, wrong.lanes, situation, ranks, wrong.code, arrow, wrong.fr, wrong.en)
        out = out_of_bounds(cells, told.field)
        if out is not None:
            out = out if bad is None else out & ~bad
            self.mark(told, out, situation, ranks, "E106", arrow)

    def not_both(
        self, told: Told, is_told: Array, absent: Array | None, situation: Array, ranks: Ranks
    ) -> None:
        """A fact that is told, and said to be absent."""
        if absent is not None:
            self.mark(told, is_told & absent, situation, ranks, "E111", None)

    def mark(
        self,
        told: Told,
        lanes: Array,
        situation: Array,
        ranks: Ranks,
        code: str,
        arrow: Any,
        fr: str = "",
        en: str = "",
    ) -> None:
        if lanes.any():
            self.fault(told.column, told, lanes, situation, ranks, code, arrow, fr, en)

    def fault(
        self,
        column: str,
        told: Told | None,
        lanes: Array,
        situation: Array,
        ranks: Ranks,
        code: str,
        arrow: Any,
        fr: str = "",
        en: str = "",
    ) -> None:
        places = np.flatnonzero(lanes)
        if not len(places):
            return
        rows, first = np.unique(situation[places], return_index=True)
        elements = np.full(len(rows), -1) if ranks is None else ranks()[places[first]]
        self.faults.append(Fault(column, told, rows, elements, code, fr, en, arrow))

    # ── the block ────────────────────────────────────────────────────────────────────────

    def placed(self) -> Mapping[str, Sequence[Part]]:
        """The parts of each entity, which are told where they start in its table: one after the
        other."""
        by_entity: dict[str, list[Part]] = {entity: [] for entity in self.program.entities}
        for part in self.parts.values():
            assert part.place.entity is not None
            group = by_entity[part.place.entity]
            part.base = sum(map(len, group))
            group.append(part)
        return by_entity

    def reading(self, rows: Array, days: Array | None, faults: tuple[Fault, ...]) -> Reading:
        by_entity = self.placed()
        items = {
            entity: Column((upto(sum(map(len, group))),), whole=True)
            for entity, group in by_entity.items()
        }
        tables = {entity: self.table(entity, group, items) for entity, group in by_entity.items()}
        hypotheses = {name: (column.is_known, column) for name, column in self.hypotheses.items()}
        for group in by_entity.values():
            hypotheses |= _hypotheses(group)
        roots = {name: _column(fact, items) for name, fact in self.roots.items()}
        block = Block(self.size, roots, tables, self.texts, hypotheses)
        return Reading(block, rows, days, self.parts, faults)

    def table(self, entity: str, group: Sequence[Part], items: Mapping[str, Column]) -> Table:
        names = dict.fromkeys(name for part in group for name in part.facts)
        facts = {}
        for name in names:
            facts[name] = concat(
                [
                    _column(part.facts[name], items)
                    if name in part.facts
                    else of_state(len(part), UNKNOWN)
                    for part in group
                ]
            )
        return Table(
            entity=entity,
            situation=_joined([part.situation for part in group]),
            owner=_joined([self.owners(part) for part in group]),
            start=_joined(
                [
                    _plus(
                        part.starts[part.held_by] if part.is_list else upto(len(part)),
                        part.base,
                    )
                    for part in group
                ]
            ),
            length=_joined(
                [
                    part.lengths[part.held_by] if part.is_list else _all(np.int64(0), len(part))
                    for part in group
                ]
            ),
            complete=_joined([part.complete for part in group], np.bool_),
            facts=facts,
            place=_joined(
                [np.broadcast_to(np.int64(rank), len(part)) for rank, part in enumerate(group)]
            ),
            places=tuple(part.place.path for part in group),
            holder=_joined(
                [_plus(part.held_by, part.holder.base if part.holder else 0) for part in group]
            ),
        )

    def owners(self, part: Part) -> Array:
        """The element that each of *part* belongs to: the nearest that holds it and is of the
        owner's entity, else the root of that entity."""
        assert part.place.entity is not None
        owner = self.program.entities[part.place.entity].owner
        if owner is None:
            return _all(np.int64(-1), len(part))
        held, holder = part.held_by, part.holder
        while holder is not None:
            if holder.place.entity == owner:
                return _plus(held, holder.base)
            held, holder = holder.held_by[held], holder.holder
        root = self.program.owner_root(part.place.entity)
        link = self.roots.get(root) if root else None
        if not isinstance(link, Link):
            return _all(np.int64(-1), len(part))
        if link.part.one_each:
            return _plus(part.situation, link.part.base)
        return _element(link)[part.situation]


def _all(value: Any, n: int) -> Array:
    """*value*, *n* times, not to be written to."""
    return np.broadcast_to(value, n)


def _column(fact: Column | Link, items: Mapping[str, Column]) -> Column:
    if isinstance(fact, Column):
        return fact
    part = fact.part
    if not part.is_list:
        return Column((_element(fact),), 1, fact.state)
    assert part.place.entity is not None
    inside = items[part.place.entity]
    starts = _plus(part.starts, part.base)
    return Column((starts, part.lengths), 1, fact.state, items=inside, more=fact.more)


def _element(link: Link) -> Array:
    """The element that each lane has, in the table of its entity; -1 for none."""
    part = link.part
    if part.one_each:
        return _plus(part.starts, part.base)
    return np.where(part.lengths > 0, part.starts + part.base, -1)


def _states(told: Array, absent: Array | None) -> Array | None:
    if told.all():
        return None
    states = np.where(told, np.uint8(VALUE), np.uint8(UNKNOWN))
    if absent is not None:
        states[absent & ~told] = ABSENT
    return states


def _lengths(array: Any) -> Array:
    """How long each list is; 0 for null."""
    if pa.types.is_list(array.type) and not array.null_count:
        return np.asarray(np.diff(array.offsets.to_numpy(zero_copy_only=False)), np.int64)
    found = pc.fill_null(pc.list_value_length(array), 0)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def _plus(places: Array, base: int) -> Array:
    return places + base if base else places


def _joined(arrays: Sequence[Array], kind: Any = np.int64) -> Array:
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)


def _hypotheses(group: Sequence[Part]) -> Iterator[tuple[str, tuple[Array, Column]]]:
    """Those of one entity, over its whole table."""
    for name in dict.fromkeys(name for part in group for name in part.hypotheses):
        column = concat(
            [part.hypotheses.get(name) or of_state(len(part), UNKNOWN) for part in group]
        )
        yield name, (column.is_known, column)


# ── Arrow ────────────────────────────────────────────────────────────────────────────────


def _whole(column: Any) -> Any:
    """One array: a column of a table may be in pieces."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def _valid(array: Any) -> Array:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))


def _children(array: Any) -> list[Any]:
    """The columns of a struct; what a null struct holds is null."""
    return list(array.flatten())


def _flat(place: Place) -> Iterator[Told]:
    """The facts of flat columns, those of flat elements inside it too."""
    for told in place.told:
        yield told
        if told.inner is not None and told.inner.flat:
            yield from _flat(told.inner)


def _split(array: Any) -> Any:
    """Texts ``a ; b`` as lists of texts."""
    return pc.split_pattern_regex(array.cast(pa.string()), r"\s*;\s*")
