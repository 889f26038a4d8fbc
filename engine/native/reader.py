"""What the columns of a table hold, loaded in machine code: where they are, the vector tells.

Bits of situations are read 1,024 at a time, to bytes: then LLVM may work on several situations at
once, and no column is written anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from llvmlite import ir

from .code import I1, I8, I64, Body, number

# Situations whose bits are read at once.
TILE = 1 << 10
_WORD = 32
_BITS, _BYTES = ir.VectorType(I1, _WORD), ir.VectorType(I8, _WORD)


@attrs.define(eq=False)
class _Tile:
    """Some situations that are next to each other.

    Attributes:
        first: the lane of the first one.
        left: how many lanes there are from there on, in this tile and after it.
        ahead: where it is written what comes before them.
        spread: the places of the vector whose bits are read there.
        rank: that of the situation in hand.
    """

    first: Any
    left: Any
    ahead: Any
    spread: set[int] = attrs.field(factory=set)
    rank: Any = None


class Reader:
    """Loads what the vector tells. *bits*: memory for `TILE` bytes for each number of the vector."""

    def __init__(self, body: Body, vector: Any, bits: Any) -> None:
        self.body = body
        self.vector = vector
        self._bits = bits
        self._loaded: dict[int, Any] = {}
        self._tile: _Tile
        # That of the situation in hand.
        self._lane: Any = None

    def situations(self, size: Any, write: Callable[[Any], None]) -> None:
        """*write* for each of *size* lanes, those of situations."""
        body, b = self.body, self.body.b

        def tile(rank: Any) -> None:
            first = b.mul(rank, number(TILE))
            left = b.sub(size, first)
            ahead = body.function.append_basic_block("ahead")
            inside = body.function.append_basic_block("tile")
            self._tile = _Tile(first, left, ahead)
            b.branch(ahead)
            b.position_at_end(inside)
            body.loop(_most(body, left), situation)
            ir.IRBuilder(ahead).branch(inside)

        def situation(rank: Any) -> None:
            self._tile.rank = rank
            self._lane = b.add(self._tile.first, rank)
            write(self._lane)

        body.loop(b.udiv(b.add(size, number(TILE - 1)), number(TILE)), tile)

    def parameter(self, slot: int) -> Any:
        """A number of the vector, loaded once."""
        found = self._loaded.get(slot)
        if found is None:
            b = ir.IRBuilder(self.body.entry)
            found = b.load(b.gep(self.vector, [number(slot)]))
            self._loaded[slot] = found
        return found

    def load(self, slot: int, rank: Any, bits: int, *, signed: bool = True) -> Any:
        """Number *rank* of the buffer of numbers of *bits* bits at *slot*."""
        b = self.body.b
        found = self._told(b.load(self.at(slot, rank, bits)))
        if bits == 64:
            return found
        return b.sext(found, I64) if signed else b.zext(found, I64)

    def store(self, value: Any, slot: int, rank: Any) -> None:
        """Writes number *rank* of the buffer at *slot*: one that nothing else is loaded from."""
        b = self.body.b
        stored = b.store(value, self.at(slot, rank, value.type.width))
        stored.set_metadata("noalias", _scope(b.module))

    def at(self, slot: int, rank: Any, bits: int) -> Any:
        """Where it is."""
        b = self.body.b
        pointer = b.inttoptr(self.parameter(slot), ir.IntType(bits).as_pointer())
        return b.gep(pointer, [rank])

    def bit(self, slot: int, rank: Any) -> Any:
        """Bit *rank* of those at *slot*, see `Keep.bits`: 0 or 1; of validity, 0 or not."""
        if rank is not self._lane:
            return self.load(slot, rank, 8)
        b, tile = self.body.b, self._tile
        if slot not in tile.spread:
            tile.spread.add(slot)
            before = ir.IRBuilder(tile.ahead)
            place = before.add(self.parameter(slot), tile.first)
            before.call(_spread(b.module), [place, tile.left, self._bytes(before, slot)])
        return b.zext(self._told(b.load(b.gep(self._bytes(b, slot), [tile.rank]))), I64)

    def _bytes(self, b: Any, slot: int) -> Any:
        """Where the bits at *slot* are as bytes."""
        return b.gep(self._bits, [number(slot * TILE)])

    def is_null(self, slot: int, rank: Any) -> Any:
        """Whether the lane is null: see `validity`, for what is at *slot*."""
        return self.body.is_(self.bit(slot, rank), 0)

    def _told(self, load: Any) -> Any:
        load.set_metadata("alias.scope", _scope(self.body.b.module))
        return load


def _scope(module: Any) -> Any:
    """What is loaded from columns: no answer is written there, so that the loop may work on several
    situations at once."""
    every = module.add_metadata(["lexald"])
    return module.add_metadata([module.add_metadata(["told", every])])


def _most(body: Body, left: Any) -> Any:
    """How many of those that are *left* are in a tile."""
    return body.pick(body.less(left, number(TILE)), left, number(TILE))


def _spread(module: Any) -> Any:
    """The function that writes the bits of a tile as bytes: from what bit of the memory, how many
    are left, to where. It reads no byte in which there is none of them."""
    name = "spread"
    if name in module.globals:
        return module.globals[name]
    kind = ir.FunctionType(ir.VoidType(), [I64, I64, I8.as_pointer()])
    function = ir.Function(module, kind, name)
    function.linkage = "internal"
    place, left, into = function.args
    body = Body(function)
    b = body.b
    byte, shift = b.lshr(place, number(3)), b.and_(place, number(7))

    def word(rank: Any) -> None:
        start = b.add(byte, b.mul(rank, number(_WORD // 8)))
        # Wherever the first bit is in its byte, these hold as many as wanted.
        held = b.load(b.inttoptr(start, I64.as_pointer()))
        held.align = 1
        bits = b.bitcast(b.trunc(b.lshr(held, shift), ir.IntType(_WORD)), _BITS)
        there = b.bitcast(b.gep(into, [b.mul(rank, number(_WORD))]), _BYTES.as_pointer())
        stored = b.store(b.zext(bits, _BYTES), there)
        stored.align = 1

    def bit_alone(rank: Any) -> None:
        rank = b.add(done, rank)
        at = b.add(place, rank)
        held = b.load(b.inttoptr(b.lshr(at, number(3)), I8.as_pointer()))
        bit = b.lshr(held, b.trunc(b.and_(at, number(7)), I8))
        b.store(b.and_(bit, I8(1)), b.gep(into, [rank]))

    # So many words that 64 bits are there for each; the last bits are read one by one.
    count = _most(body, left)
    words = b.sub(b.ashr(left, number(5)), number(1))
    most = b.lshr(count, number(5))
    words = body.pick(body.less(words, most), words, most)
    words = body.pick(body.less(words, number(0)), number(0), words)
    done = b.mul(words, number(_WORD))
    body.loop(words, word)
    body.loop(b.sub(count, done), bit_alone)
    b.ret_void()
    body.close()
    return function
