"""Cells of Arrow arrays in machine code: how the buffers of a column are read, one lane at a time.

A *cell* has places in the vector that the code is told: addresses and offsets, which `told` gives
for an array. What cannot be read in place is read by `columnar.cells` first, to numbers in which
the least four of 64 bits say *unknown*, *absent*, *not applicable* and *not plain*.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl.program import Field, Program
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    INT,
    RATE,
    EnumType,
    ListType,
    Scalar,
    Type,
)

from ..columnar.cells import EPOCH, exact, out_of_bounds, read_cells
from ..columnar.columns import NEVER, Texts
from ..columnar.settling import is_text
from ..scalars import MAX_WHOLE
from .code import ABSENT, UNKNOWN, Unwritten, number, width
from .reader import Reader

# In a column read beforehand: a cell that makes its situation not plain.
ODD_CELL = UNKNOWN + 3
_MOST_CENTS = 10**17 - 1
_MOST_KEPT = 64
_MOST_SEEN = 8
Vector = list[int]


@attrs.frozen(eq=False)
class Seen:
    """Some cells of a column: values of *kind*, told of *field*."""

    array: Any
    field: Field
    kind: Type
    fraction: int

    def numbers(self, keep: Keep) -> list[tuple[int, ...]]:
        """Values that stand there, as the heap keeps them."""
        parts = numbers(self.array.drop_null(), self.field, self.kind, self.fraction, keep)
        told = zip(*(part.tolist() for part in parts), strict=True)
        return list(dict.fromkeys(one for one in told if one[0] > ODD_CELL))[:_MOST_SEEN]


@attrs.frozen(eq=False)
class Keep:
    """What one batch is read with: its texts, and the buffers that have to live as long."""

    program: Program
    texts: Texts
    # Dictionaries of members met before, and their numbers, which do not change: copies, and
    # words of the law alone.
    members: list[tuple[Any, Type, np.ndarray[Any, Any]]] = attrs.field(factory=list)
    alive: list[Any] = attrs.field(factory=list)
    # Some cells of each column that may have nulls, by the place of what stands for these.
    seen: dict[int, Seen] = attrs.field(factory=dict)
    in_list: bool = False

    def inside(self) -> Keep:
        """The same, for what is in a list."""
        return attrs.evolve(self, in_list=True)

    def address(self, array: Any) -> int:
        self.alive.append(array)
        return int(array.ctypes.data) if isinstance(array, np.ndarray) else int(array.address)

    def bits(self, buffer: Any, size: int, first: int = 0, *, default: int) -> int:
        """Where *size* bits are, from the *first* of *buffer*, as `Reader.bit` wants them; `None`:
        all are *default*. Of situations, the number of the first among all bits of the memory; of
        what is in a list, where they are as bytes: they are read one by one."""
        each = 1 if self.in_list else 8
        if buffer is None:
            if size <= each * len(_ALIKE[default]):
                return each * _AT[default]
            buffer, first = np.full(size, -default, np.int8), 0
        elif self.in_list:
            skipped, first = divmod(first, 8)
            held = np.frombuffer(buffer, np.uint8)[skipped : -(-(8 * skipped + first + size) // 8)]
            return self.address(np.unpackbits(held, bitorder="little")[first:])
        return each * self.address(buffer) + first


# As many bits as blocks have lanes, or about: most columns of most blocks have no nulls. As bytes they
# are 0, or not. Code is told where they are: they stay there.
_ALIKE = [np.full(1 << 20, -bit, np.int8) for bit in (0, 1)]
_AT = [int(one.ctypes.data) for one in _ALIKE]


def data(array: Any, keep: Keep) -> int:
    """Where the values of *array* are."""
    buffer = array.buffers()[1]
    if buffer is None:  # it has none
        buffer = np.zeros(len(array) + 1, np.int64)
    return keep.address(buffer)


def validity(array: Any, keep: Keep) -> int:
    """Where a bit for each lane of *array* says that it is not null, 1, or that it is, 0."""
    if not array.null_count:
        return keep.bits(None, len(array), default=1)
    if pa.types.is_null(array.type):  # it has no bits, and all of it is null
        return keep.bits(None, len(array), default=0)
    return keep.bits(array.buffers()[0], len(array), array.offset, default=0)


# Each cell has *slots*, how many numbers of the vector it takes; *bits*, its values being below
# 2**bits; `told`, those numbers for an array; `value`, what the heap keeps of a lane: one that is
# not plain sets the flag. *open*: what it keeps where that is not known; `None`: it always is.
Open = tuple[Any, ...] | None


@attrs.frozen(eq=False)
class BitCell:
    """A boolean."""

    slots: int = 2
    bits: int = 1

    def told(self, array: Any, keep: Keep) -> Vector:
        bits = keep.bits(array.buffers()[1], len(array), array.offset, default=0)
        return [bits, validity(array, keep)]

    def value(self, reader: Reader, slot: int, lane: Any, open: Open) -> tuple[Any, ...]:
        found = reader.bit(slot, lane)
        if open is None:
            return (found,)
        return (reader.body.pick(reader.is_null(slot + 1, lane), open[0], found),)


@attrs.frozen(eq=False)
class NumberCell:
    """A number of *width* bits, *step* of them apart; *shift* is added, and it is between *low*
    and *high* or not plain. *high_limb*: the number beside it only says its sign."""

    width: int
    step: int
    shift: int
    low: int
    high: int
    high_limb: bool
    bits: int
    slots: int = 2

    def told(self, array: Any, keep: Keep) -> Vector:
        start = data(array, keep) + array.offset * self.width * self.step // 8
        return [start, validity(array, keep)]

    def value(self, reader: Reader, slot: int, lane: Any, open: Open) -> tuple[Any, ...]:
        body, b = reader.body, reader.body.b
        rank = lane if self.step == 1 else b.mul(lane, number(self.step))
        found = reader.load(slot, rank, self.width)
        wild = None
        if self.high_limb:
            sign = reader.load(slot, b.add(rank, number(1)), self.width)
            wild = b.icmp_signed("!=", sign, b.ashr(found, number(63)))
        if self.shift:
            found = b.add(found, number(self.shift))
        size = 1 << (self.width - 1)
        if self.low > -size + self.shift:
            wild = body.any_of((wild, body.less(found, number(self.low))))
        if self.high < size - 1 + self.shift:
            wild = body.any_of((wild, body.less(number(self.high), found)))
        if open is None:
            body.odd_if(wild)
            return (found,)
        null = reader.is_null(slot + 1, lane)
        if wild is not None:
            body.odd_if(b.and_(wild, body.not_(null)))
        return (b.select(null, open[0], found),)


@attrs.frozen(eq=False)
class MemberCell:
    """A member of an enumeration, or a text, in a dictionary whose indices have *width* bits."""

    kind: Type
    width: int
    signed: bool
    slots: int = 3
    bits: int = 32

    def told(self, array: Any, keep: Keep) -> Vector:
        ranks = _ranks(array.dictionary, self.kind, keep)
        ends = pc.min_max(array.indices).as_py()
        if ends["min"] is not None and not 0 <= ends["min"] <= ends["max"] < len(array.dictionary):
            raise Unwritten  # Arrow does not look whether they are in the dictionary
        start = data(array.indices, keep) + array.indices.offset * self.width // 8
        return [start, validity(array, keep), keep.address(ranks)]

    def value(self, reader: Reader, slot: int, lane: Any, open: Open) -> tuple[Any, ...]:
        body, b = reader.body, reader.body.b
        null = None if open is None else reader.is_null(slot + 1, lane)
        index = reader.load(slot, lane, self.width, signed=self.signed)
        if null is not None:
            index = b.select(null, number(0), index)
        found = reader.load(slot + 2, index, 64)
        body.odd_if(body.is_(found, ODD_CELL))
        return (found,) if open is None else (b.select(null, open[0], found),)


@attrs.frozen(eq=False)
class ReadCell:
    """A column that is read beforehand, to *width* columns of numbers."""

    field: Field
    kind: Type
    width: int
    fraction: int
    bits: int
    slots: int = 2

    def told(self, array: Any, keep: Keep) -> Vector:
        found = numbers(array, self.field, self.kind, self.fraction, keep)
        return [keep.address(found[0]), keep.address(found[-1])]

    def value(self, reader: Reader, slot: int, lane: Any, open: Open) -> tuple[Any, ...]:
        body = reader.body
        values = tuple(reader.load(slot + rank, lane, 64) for rank in range(self.width))
        body.odd_if(body.is_(values[0], ODD_CELL))
        if open is None:
            return values
        null = body.is_(values[0], UNKNOWN)
        return tuple(body.pick(null, a, b) for a, b in zip(open, values, strict=True))


Cell = BitCell | NumberCell | MemberCell | ReadCell


def numbers(
    array: Any, field: Field, kind: Type, fraction: int, keep: Keep, absent: Any = None
) -> list[np.ndarray[Any, Any]]:
    """The cells of *array*, values of *kind*, as the heap keeps them."""
    cells = read_cells(array, kind, keep.program, keep.texts)
    parts = [np.asarray(part) for part in cells.parts]
    odd = np.zeros(len(array), np.bool_)
    if kind in (DECIMAL, RATE):
        small = not _beyond(parts[0], 2**40).any()
        whole = (parts[0] if small else parts[0].astype(object)) * fraction
        odd |= (whole % cells.den != 0).astype(np.bool_)
        parts = [whole // cells.den]
    for wrong in cells.wrong:
        odd |= wrong.lanes
    if not isinstance(field.type, ListType):
        out = out_of_bounds(cells, field)
        if out is not None:
            odd |= out
    made = []
    for part in parts:
        if part.dtype != np.bool_:
            wild = _beyond(part, 2**60)
            odd |= wild
            part = np.where(wild, 0, part)
        made.append(part.astype(np.int64))
    odd &= cells.told
    first = np.where(cells.told, made[0], UNKNOWN)
    if absent is not None:
        odd |= cells.told & absent
        first = np.where(absent, ABSENT, first)
    made[0] = np.where(odd, ODD_CELL, first)
    return [np.ascontiguousarray(part) for part in made]


def _beyond(numbers: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
    """Those that are as large as *size*; the least of 64 bits has no absolute value."""
    return np.asarray((numbers >= size) | (numbers <= -size), np.bool_)


def has_nulls(array: Any) -> bool:
    """Whether a lane of *array* may be null; so may be an entry of a dictionary."""
    if pa.types.is_dictionary(array.type) and array.dictionary.null_count:
        return True
    return bool(array.null_count)


def _ranks(dictionary: Any, kind: Type, keep: Keep) -> np.ndarray[Any, Any]:
    """The number of each entry of a dictionary."""
    for known, told, ranks in keep.members:
        if told == kind and known.equals(dictionary):
            return ranks
    cells = read_cells(dictionary, kind, keep.program, keep.texts)
    ranks = np.where(cells.told, cells.parts[0], UNKNOWN)
    are_members = True
    for wrong in cells.wrong:
        ranks = np.where(wrong.lanes, ODD_CELL, ranks)
        are_members &= not wrong.lanes.any()
    ranks = np.ascontiguousarray(ranks if len(ranks) else np.zeros(1, np.int64), np.int64)
    if are_members and len(keep.members) < _MOST_KEPT:
        keep.members.append((pa.array(dictionary.to_pylist(), dictionary.type), kind, ranks))
    return ranks


def cell_of(arrow: Any, field: Field, kind: Type, fraction: int) -> Cell:
    """How a column of *arrow* is read as values of *kind*."""
    low, high = _bounds(field, kind)
    types = pa.types
    if kind == BOOL and types.is_boolean(arrow):
        return BitCell()
    if kind == DATE and types.is_date32(arrow):
        low, high = max(low, 1), min(high, NEVER - 1)
        return NumberCell(32, 1, EPOCH, low, high, False, 22)
    if kind == INT and types.is_signed_integer(arrow):
        size = 1 << (arrow.bit_width - 1)
        most = min(MAX_WHOLE - 1, size)
        low, high = max(low, -most), min(high, most)
        return NumberCell(arrow.bit_width, 1, 0, low, high, False, _bits(low, high))
    if kind == AMOUNT and types.is_decimal128(arrow) and arrow.scale == 2:
        most = min(_MOST_CENTS, 10**arrow.precision - 1)
        low, high = max(low, -most), min(high, most)
        return NumberCell(64, 2, 0, low, high, arrow.precision > 18, _bits(low, high))
    if isinstance(kind, EnumType) and types.is_dictionary(arrow) and is_text(arrow.value_type):
        index = arrow.index_type
        return MemberCell(kind, index.bit_width, bool(types.is_signed_integer(index)))
    return ReadCell(field, kind, width(kind), fraction, 60)


def _bits(low: int, high: int) -> int:
    return max(1, abs(low).bit_length(), abs(high).bit_length())


def _bounds(field: Field, kind: Type) -> tuple[int, int]:
    """The least and the greatest value of the fact, both in."""
    whole = 1 << 62
    if field.bounds is None or isinstance(field.type, ListType):
        return -whole, whole
    if not isinstance(kind, Scalar) or kind not in (AMOUNT, DATE, INT):
        return -whole, whole
    low, high = (exact(end, kind) for end in field.bounds)
    return ceil(low), floor(high)
