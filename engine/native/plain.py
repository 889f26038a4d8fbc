"""The plain situations of a piece of a table: decided in machine code, written as columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import date
from math import inf
from threading import Lock
from typing import Any

import attrs
import numpy as np

from lexald.dsl.types import BOOL, Type

from ..columnar.columns import ABSENT as IS_ABSENT
from ..columnar.columns import NOT_APPLICABLE, UNKNOWN, VALUE, Array, Column
from ..columnar.cutting import lanes
from ..columnar.deciding import Shortcut
from ..columnar.layout import Layout, Place
from ..columnar.reading import Part, Reading, structure
from ..columnar.writing import Writer, answer_schema
from .code import Unfit, Unwritten, width
from .completions import unknown_of
from .machine import Found, Machine, cell

# Lanes that columns decide in about the time that it takes to write and compile machine code,
# whatever the law: from there on it pays.
WORTH = 1 << 20
# Layouts of laws whose machine code is kept.
KEPT = 8


class Native:
    """Decides what is plain of the pieces of tables of one layout, once they are many enough.

    Threads share it. It says nothing of any piece if the layout tells what machine code does not
    read.
    """

    def __init__(self, layout: Layout, schema: Any, names: Sequence[str]) -> None:
        self._about = layout, schema, tuple(names)
        self._plain: Plain | None = None
        self._never = False
        self._at_once = False
        self._seen = 0
        self._lock = Lock()
        self.pace = inf

    @property
    def is_ready(self) -> bool:
        return not self._never and (self._at_once or self._seen >= WORTH)

    def at_once(self) -> None:
        """The code is written and compiled for the first piece."""
        self._at_once = True

    def __call__(self, batch: Any, on: date | None) -> Shortcut | None:
        if self._plain is None:
            self._seen += lanes(batch, self._about[0])
            # One thread compiles; the others go on with columns, unless it is wanted at once.
            if not self.is_ready or (self._lock.locked() and not self._at_once):
                return None
            with self._lock:  # so that an interrupt does not leave it taken
                self._compile(batch)
        plain = self._plain
        if plain is None:
            return None
        try:
            return plain(batch, on)
        except Unfit:
            with self._lock:
                if self._plain is plain:
                    self._plain = Plain(*self._about)
                general = self._plain
            assert general is not None, "what was read once is read"
            return general(batch, on)

    def _compile(self, batch: Any) -> None:
        """Code for tables that have nulls where *batch* has."""
        if self._plain is None and not self._never:
            try:
                self._plain = Plain(*self._about, like=batch)
            except Unwritten:
                self._never = True


_kept: OrderedDict[object, Native] = OrderedDict()
_lock = Lock()


def at_once(layout: Layout, schema: Any, names: Sequence[str]) -> Native:
    """`native`, which does not wait for there to be many."""
    found = native(layout, schema, names)
    found.at_once()
    return found


def native(layout: Layout, schema: Any, names: Sequence[str]) -> Native:
    """What decides tables of *layout*: the same as before, if it was asked for lately."""
    read = tuple(
        (rank, field.name, field.type)
        for rank, field in enumerate(schema)
        if rank not in layout.other
    )
    key = (layout.program.hash, read, tuple(names))
    with _lock:
        found = _kept.pop(key, None) or Native(layout, schema, names)
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


class Plain:
    """Decides what is plain of the pieces of tables of one layout. Threads share it.

    *like*: a piece such as those to come: where it has no nulls, they must not either.

    Raises:
        Unwritten: the layout tells what machine code does not read.
    """

    def __init__(self, layout: Layout, schema: Any, names: Sequence[str], like: Any = None) -> None:
        self.machine = Machine(layout, schema, names, like)
        self.program = layout.program
        self.names = tuple(names)
        self.schema = answer_schema(layout, names)
        entities = {self.program.decisions[name].entity for name in names}
        self.entities = {entity for entity in entities if entity is not None}
        root = _skeleton(layout.root, entities)
        self.layout = attrs.evolve(layout, root=root)

    def __call__(self, batch: Any, on: date | None) -> Shortcut | None:
        """The answers to *batch*, and the rows that are left; `None` if all are.

        Raises:
            Unfit: *batch* has nulls where *like* had none.
        """
        try:
            found, reading, columns = self.decided(batch, on)
        except Unwritten:
            return None
        left, doubtful = _rows(found.odd), _rows(found.doubtful)
        if on is None:  # whether the law forbids it is asked at its own date
            left, doubtful = np.union1d(left, doubtful), doubtful[:0]
        if len(left) == len(batch):
            return None
        writer = Writer(self.layout, self.names, reading, columns)
        answers = writer.batch(self.schema, len(batch), np.zeros(0, np.int64))
        return Shortcut(answers, left, doubtful)

    def decided(self, batch: Any, on: date | None) -> tuple[Found, Reading, Mapping[str, Column]]:
        """What machine code finds, where elements stand, and what decisions come to: whatever, in
        situations that are odd.

        Raises:
            Unwritten: *batch* holds what machine code does not read.
        """
        size = len(batch)
        reading = structure(self.layout, batch, self.entities)
        held = {path: _lanes(part, size) for path, part in reading.parts.items()}

        def situation_of(path: tuple[str, ...]) -> Array:
            return _situations(reading.parts[path], size) if path else np.arange(size)

        found = self.machine.run(batch.columns, size, on, held, situation_of)
        reading = attrs.evolve(reading, block=attrs.evolve(reading.block, texts=found.texts))
        return found, reading, self._columns(found, reading)

    def _columns(self, found: Found, reading: Reading) -> Mapping[str, Column]:
        made = {}
        for name in self.names:
            decision = self.program.decisions[name]
            den = self.machine.law.layout.denominators[name]
            if decision.entity is None:
                made[name] = _column(found.answers[name, ()], found.odd, decision.type, den)
                continue
            parts = [
                part for part in reading.parts.values() if part.place.entity == decision.entity
            ]
            arrays = [_of_part(found.answers[name, part.place.path], part) for part in parts]
            if len(parts) == 1:
                values = arrays[0]
            else:
                none = np.zeros(0, cell(decision.type))
                values = tuple(
                    np.concatenate([none, *(array[rank] for array in arrays)])
                    for rank in range(width(decision.type))
                )
            odd = None
            if found.odd is not None and parts:
                odd = np.concatenate([found.odd[part.situation] for part in parts])
            made[name] = _column(values, odd, decision.type, den)
        return made


def _rows(mask: Array | None) -> Array:
    """The rows of *mask*; `None`: none."""
    return np.zeros(0, np.int64) if mask is None else np.flatnonzero(mask)


def _skeleton(place: Place, entities: set[str | None]) -> Place:
    """*place* with the elements that lead to *entities*, and nothing else."""
    told = []
    for fact in place.told:
        if fact.inner is not None:
            inner = _skeleton(fact.inner, entities)
            if inner.entity in entities or inner.told:
                told.append(attrs.evolve(fact, inner=inner))
    return attrs.evolve(place, told=tuple(told))


def _lanes(part: Part, size: int) -> int:
    """How many lanes machine code writes for *part*: those of the list that it is in, or of the
    situations, whether they have such an element or not."""
    if part.is_list:
        return len(part)
    return size if part.holder is None else _lanes(part.holder, size)


def _situations(part: Part, size: int) -> Array:
    """The situation of each of these lanes."""
    if part.is_list:
        return part.situation
    return np.arange(size) if part.holder is None else _situations(part.holder, size)


def _of_part(values: tuple[Array, ...], part: Part) -> tuple[Array, ...]:
    """*values* of lanes that may hold an element, for the elements of *part* alone."""
    if part.is_list:
        return values
    if part.holder is not None:
        values = _of_part(values, part.holder)
    if part.one_each:
        return values
    held = np.flatnonzero(part.lengths)
    return tuple(array[held] for array in values)


def _column(values: tuple[Array, ...], odd: Array | None, kind: Type, den: int) -> Column:
    """*values*, as `code` says them, as a column; those of *odd* lanes are whatever."""
    first = values[0]
    state = None
    none = unknown_of(first)
    if odd is not None or (len(first) and first.min() <= none + 2):
        state = np.full(len(first), VALUE, np.uint8)
        state[first <= none + 2] = UNKNOWN
        state[first == none + 1] = IS_ABSENT
        state[first == none + 2] = NOT_APPLICABLE
        if odd is not None:
            state[odd] = UNKNOWN
    if kind == BOOL:
        return Column((first.view(np.bool_) if state is None else first == 1,), 1, state)
    return Column(values, den or 1, state)
