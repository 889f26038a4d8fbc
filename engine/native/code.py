"""What one expression comes to in machine code, and the function that is being written.

=================  ==========================================================
in the language    `Code.values`
=================  ==========================================================
booléen            one bit: true, and known to be
entier             a whole number
décimal, taux      a numerator over `Code.den`
montant            cents, or a numerator over `Code.den`
date               its number (`date.toordinal`)
durée              months, days
période            its first and last day; `NEVER`: without end
énumération, texte its number (`Texts`)
élément            where its record is in the heap
liste              where its first record or value is, and how many there are
=================  ==========================================================

What may not be a value says so in bits beside it. In the heap, and as what a function gives, one
number says all: the least three numbers of 64 bits are *unknown*, *absent* and *not applicable*.
Numbers stay below 2**61 in size: what may pass it is checked as it is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any
from weakref import WeakKeyDictionary

import attrs
from llvmlite import ir

from lexald.dsl.types import BOOL, DURATION, PERIODS, EntityType, ListType, Type

from ..lowering.layout import LOOSE, common
from .records import NO_ONE
from .records import UNKNOWN as UNKNOWN  # noqa: PLC0414  (exported)

I1, I8, I64 = ir.IntType(1), ir.IntType(8), ir.IntType(64)
ABSENT, INAPPLICABLE = UNKNOWN + 1, UNKNOWN + 2
# Numbers that a program may work with are of fewer bits than these.
MOST_BITS = 61
FALSE, TRUE = ir.Constant(I1, 0), ir.Constant(I1, 1)
# Places of the flags of a function: the situation is not plain; a second result; the first place
# of the heap that is free; a bit for each condition that may forbid it; how much was done for it
# again, or in loops; an answer is not known.
ODD, SECOND, TOP, GUILT, EFFORT, UNSURE = range(6)
FLAGS = 6
# A situation that takes more steps than this is not plain: some tenths of a second.
MOST_EFFORT = 1 << 24
# Every function of a law: heap, flags, element, the day that rules.
SIGNATURE = ir.FunctionType(I64, [I64.as_pointer(), I64.as_pointer(), I64, I64])


class Unwritten(Exception):
    """A form of the language that is not written in machine code: a situation that needs it is
    not plain."""


class Unfit(Exception):
    """A table has nulls where the code was written for one that has none."""


def number(value: int) -> Any:
    return ir.Constant(I64, value)


@attrs.frozen(eq=False)
class Code:
    """*bits*: the values are below 2**bits in size. *unknown*, *absent*, *inapplicable*: bits, or
    `None` where it cannot be; the values are then whatever."""

    kind: Type | None
    values: tuple[Any, ...] = ()
    den: int = 1
    bits: int = MOST_BITS
    unknown: Any = None
    absent: Any = None
    inapplicable: Any = None

    @property
    def value(self) -> Any:
        return self.values[0]

    def with_(self, **changes: Any) -> Code:
        return attrs.evolve(self, **changes)


# Instructions of a branch at most that is worked out whether it is taken or not.
LIGHT = 24
# Functions that leave no trace, and are of no more: how many they have.
_light: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
_FAR = LIGHT + 1


def _weight(instruction: Any) -> int:
    """How many instructions *instruction* counts for; too many where it leaves a trace."""
    match instruction:
        case ir.instructions.Branch() | ir.instructions.Ret():
            return 0
        case ir.instructions.CallInstr():
            name = str(instruction.callee.name)
            return 1 if name.startswith("llvm.") else _light.get(instruction.callee, _FAR)
        case ir.instructions.StoreInstr() | ir.instructions.AllocaInstr():
            return _FAR
    return 1


def _is_light(start: Any, end: Any) -> bool:
    return start is end and sum(map(_weight, start.instructions)) <= LIGHT


def width(kind: Type | None) -> int:
    """How many numbers a value of *kind* is."""
    return 2 if kind == DURATION or kind in PERIODS else 1


class Body:
    """A function of the law being written: its builder, and what it often needs."""

    heap: Any
    flags: Any
    element: Any
    on: Any

    def __init__(self, function: Any) -> None:
        self.function = function
        self.entry = function.append_basic_block("entry")
        start = function.append_basic_block("start")
        self.b = ir.IRBuilder(start)
        self.start = start

    @classmethod
    def of_law(cls, function: Any) -> Body:
        """A function of `SIGNATURE`, or that begins so."""
        body = cls(function)
        body.heap, body.flags, body.element, body.on = function.args[:4]
        return body

    def close(self) -> None:
        """Variables are all made: the function begins."""
        ir.IRBuilder(self.entry).branch(self.start)
        weights = [_weight(one) for block in self.function.blocks for one in block.instructions]
        if sum(weights) <= LIGHT:
            _light[self.function] = sum(weights)

    # ── memory ───────────────────────────────────────────────────────────────────────────

    def load(self, place: Any, offset: int = 0) -> Any:
        return self.b.load(self._at(place, offset))

    def store(self, value: Any, place: Any, offset: int = 0) -> None:
        self.b.store(value, self._at(place, offset))

    def _at(self, place: Any, offset: int) -> Any:
        if offset:
            place = self.b.add(place, number(offset))
        return self.b.gep(self.heap, [place])

    def flag(self, which: int) -> Any:
        return self.b.gep(self.flags, [number(which)])

    def variable(self, value: Any) -> Any:
        """A variable that begins as *value*."""
        made = ir.IRBuilder(self.entry).alloca(value.type)
        self.b.store(value, made)
        return made

    # ── what is not plain ────────────────────────────────────────────────────────────────

    def odd(self) -> None:
        """The situation is not plain."""
        self.b.store(number(1), self.flag(ODD))

    def odd_if(self, test: Any) -> None:
        if test is None or test is FALSE:
            return
        with self.b.if_then(test, likely=False):
            self.odd()

    def spend(self, steps: Any) -> Any:
        """Counts *steps* more; whether they are too many, which is not plain."""
        effort = self.b.add(self.b.load(self.flag(EFFORT)), steps)
        self.b.store(effort, self.flag(EFFORT))
        over = self.less(number(MOST_EFFORT), effort)
        self.odd_if(over)
        return over

    def unwritten(self, kind: Type | None) -> Code:
        """In place of what is not written."""
        self.odd()
        return self.nothing(kind)

    def mend(self, here: Any, before: int) -> None:
        """What was begun since *before* blocks, from *here*, and was given up: all of it leads to
        a block after it."""
        after = self.function.append_basic_block("after")
        for block in (here, *self.function.blocks[before:-1]):
            if not block.is_terminated:
                ir.IRBuilder(block).branch(after)
        self.b.position_at_end(after)

    def nothing(self, kind: Type | None) -> Code:
        """A value that no one looks at."""
        if kind == BOOL:
            return Code(kind, (FALSE,), bits=1)
        if isinstance(kind, EntityType):
            return Code(kind, (number(NO_ONE),))
        if isinstance(kind, ListType):
            return Code(kind, (number(NO_ONE), number(0)))
        return Code(kind, (number(0),) * width(kind), bits=1)

    # ── bits ─────────────────────────────────────────────────────────────────────────────

    def any_of(self, tests: Iterable[Any]) -> Any:
        found = None
        for test in tests:
            if test is not None:
                found = test if found is None else self.b.or_(found, test)
        return found

    def all_of(self, tests: Sequence[Any]) -> Any:
        found = tests[0]
        for test in tests[1:]:
            found = self.b.and_(found, test)
        return found

    def is_(self, value: Any, constant: int) -> Any:
        return self.b.icmp_signed("==", value, number(constant))

    def less(self, a: Any, b: Any) -> Any:
        return self.b.icmp_signed("<", a, b)

    def at_most(self, a: Any, b: Any) -> Any:
        return self.b.icmp_signed("<=", a, b)

    def equal(self, a: Any, b: Any) -> Any:
        return self.b.icmp_signed("==", a, b)

    def not_(self, test: Any) -> Any:
        return self.b.not_(test)

    def pick(self, test: Any, then: Any, otherwise: Any) -> Any:
        return self.b.select(test, then, otherwise)

    # ── truth ────────────────────────────────────────────────────────────────────────────

    def truth(self, value: Any, unknown: Any = None) -> Code:
        """What is true where *value* is, and *unknown* is not."""
        if unknown is not None:
            value = self.b.and_(value, self.b.not_(unknown))
        return Code(BOOL, (value,), bits=1, unknown=unknown)

    def false(self, code: Code) -> Any:
        """Whether *code*, a truth, is false and known to be."""
        return self.b.not_(
            code.value if code.unknown is None else self.b.or_(code.value, code.unknown)
        )

    def kleene(self, true: Any, false: Any) -> Code:
        return Code(BOOL, (true,), bits=1, unknown=self.b.not_(self.b.or_(true, false)))

    def inverse(self, code: Code) -> Code:
        return code.with_(values=(self.false(code),))

    # ── values ───────────────────────────────────────────────────────────────────────────

    def plain(self, code: Code) -> Code:
        """*code*, that has to be a value or unknown: anything else is not plain."""
        self.odd_if(self.any_of((code.absent, code.inapplicable)))
        return code.with_(absent=None, inapplicable=None)

    def packed(self, code: Code) -> tuple[Any, ...]:
        """*code* as the heap keeps it."""
        if code.kind == BOOL:
            first = self.b.zext(code.value, I64)
        else:
            first = code.values[0] if code.values else number(0)
        for bit, sentinel in (
            (code.inapplicable, INAPPLICABLE), (code.absent, ABSENT), (code.unknown, UNKNOWN),
        ):  # fmt: skip
            if bit is not None:
                first = self.pick(bit, number(sentinel), first)
        return (first, *code.values[1:])

    def unpacked(
        self,
        kind: Type | None,
        values: Sequence[Any],
        *,
        unknown: bool = True,
        absent: bool = False,
        inapplicable: bool = False,
        den: int = 1,
        bits: int = MOST_BITS,
    ) -> Code:
        """What the heap keeps as *values*, as a value again; what it may be is told."""
        first = values[0]
        found = tuple(values)
        if kind == BOOL:
            found = (self.is_(first, 1),)
            bits = 1
        return Code(
            kind, found, den, bits,
            self.is_(first, UNKNOWN) if unknown else None,
            self.is_(first, ABSENT) if absent else None,
            self.is_(first, INAPPLICABLE) if inapplicable else None,
        )  # fmt: skip

    # ── numbers ──────────────────────────────────────────────────────────────────────────

    def fitting(self, value: Any, bits: int) -> tuple[Any, int]:
        """*value*, of at most 63 bits, which is not plain where it has too many."""
        if bits <= MOST_BITS:
            return value, bits
        most = number(1 << MOST_BITS)
        small = self.b.and_(self.less(value, most), self.less(number(-(1 << MOST_BITS)), value))
        self.odd_if(self.not_(small))
        return self.pick(small, value, number(0)), MOST_BITS

    def times(self, value: Any, bits: int, by: Any, by_bits: int) -> tuple[Any, int]:
        if bits + by_bits <= 63:
            return self.fitting(self.b.mul(value, by), bits + by_bits)
        found = self.b.smul_with_overflow(value, by)
        over = self.b.extract_value(found, 1)
        self.odd_if(over)
        return self.fitting(self.b.extract_value(found, 0), 63)

    def plus(self, a: Any, a_bits: int, b: Any, b_bits: int) -> tuple[Any, int]:
        return self.fitting(self.b.add(a, b), max(a_bits, b_bits) + 1)

    def minus(self, a: Any, a_bits: int, b: Any, b_bits: int) -> tuple[Any, int]:
        return self.fitting(self.b.sub(a, b), max(a_bits, b_bits) + 1)

    def tame(self, code: Code, bits: int) -> Code:
        """*code*, a number that is about to become one of *bits* bits: where it is none, it stays
        small, and what is made of it passes no limit."""
        bad = self.any_of((code.unknown, code.absent, code.inapplicable))
        if bad is None or bits <= MOST_BITS:
            return code
        return code.with_(values=(self.pick(bad, number(0), code.value),))

    def over(self, code: Code, den: int) -> Code:
        """*code*, a number, over another denominator.

        Raises:
            Unwritten: it cannot be.
        """
        if code.den == den or not code.values:
            return code
        if LOOSE in (den, code.den) or den % code.den:
            raise Unwritten
        by = den // code.den
        code = self.tame(code, code.bits + by.bit_length())
        value, bits = self.times(code.value, code.bits, number(by), by.bit_length())
        return code.with_(values=(value,), den=den, bits=bits)

    def alike(self, codes: Sequence[Code]) -> list[Code]:
        """*codes* over one denominator."""
        den = 1
        for code in codes:
            if code.values:
                den = common(den, code.den)
        if den == LOOSE:
            raise Unwritten
        return [self.over(code, den) for code in codes]

    def floor(self, value: Any, by: Any) -> Any:
        """*value* over *by*, positive: the greatest whole number that is no greater."""
        quotient = self.b.sdiv(value, by)
        rest = self.b.srem(value, by)
        return self.b.add(quotient, self.b.sext(self.less(rest, number(0)), I64))

    # ── branches ─────────────────────────────────────────────────────────────────────────

    def choose(self, test: Any, then: Callable[[], Code], otherwise: Callable[[], Code]) -> Code:
        """What *then* writes where *test* is true, else what *otherwise* writes."""
        before = self.b.block
        starts = [self.function.append_basic_block(name) for name in ("then", "else")]
        ends = []
        for block, write in zip(starts, (then, otherwise), strict=True):
            self.b.position_at_end(block)
            code = write()
            ends.append((self.b.block, code))
        ends = self._of_one_shape(ends)
        if all(_is_light(start, end) for start, (end, _) in zip(starts, ends, strict=True)):
            # Both are worked out: less than a branch costs that is taken now and then.
            for block in starts:
                for instruction in block.instructions:
                    instruction.parent = before
                    before.instructions.append(instruction)
                self.function.blocks.remove(block)
            self.b.position_at_end(before)
            return self._joined(ends, lambda values: self.pick(test, *values))
        self.b.position_at_end(before)
        self.b.cbranch(test, *starts)
        merge = self.function.append_basic_block("merge")
        for block, _ in ends:
            ir.IRBuilder(block).branch(merge)
        self.b.position_at_start(merge)
        return self._joined(ends, lambda values: self._phi([block for block, _ in ends], values))

    def _of_one_shape(self, ends: Sequence[tuple[Any, Code]]) -> list[tuple[Any, Code]]:
        """What each block ends with, over one denominator, and with values of the same types."""
        full = [code for _, code in ends if code.values]
        # What stands in place of a value that is not written may be of no kind.
        kind = next((code.kind for code in full if code.kind is not None), None)
        model = [value.type for value in self.nothing(kind).values]
        den = 1
        for code in full:
            den = common(den, code.den)
        made: list[tuple[Any, Code]] = []
        for block, code in ends:
            self.b.position_at_end(block)
            if full and [value.type for value in code.values] != model:
                code = code.with_(values=self.nothing(kind).values, den=den, bits=1)
            elif den != LOOSE:
                code = self.over(code, den)
            else:
                code = self.unwritten(kind)
            made.append((self.b.block, code.with_(kind=kind, den=den or 1)))
        return made

    def _joined(
        self, ends: Sequence[tuple[Any, Code]], join: Callable[[Sequence[Any]], Any]
    ) -> Code:
        codes = [code for _, code in ends]
        count = max(len(code.values) for code in codes)
        values = tuple(join([code.values[rank] for code in codes]) for rank in range(count))

        def bit(name: str) -> Any:
            bits = [getattr(code, name) for code in codes]
            if all(one is None for one in bits):
                return None
            return join([FALSE if one is None else one for one in bits])

        return codes[0].with_(
            values=values, bits=max(code.bits for code in codes),
            unknown=bit("unknown"), absent=bit("absent"), inapplicable=bit("inapplicable"),
        )  # fmt: skip

    def _phi(self, blocks: Sequence[Any], values: Sequence[Any]) -> Any:
        phi = self.b.phi(values[0].type)
        for block, value in zip(blocks, values, strict=True):
            phi.add_incoming(value, block)
        return phi

    def loop(self, count: Any, write: Callable[[Any], None]) -> None:
        """*write* for each rank below *count*."""
        rank = self.variable(number(0))
        head = self.function.append_basic_block("loop")
        body = self.function.append_basic_block("body")
        done = self.function.append_basic_block("done")
        self.b.branch(head)
        self.b.position_at_end(head)
        here = self.b.load(rank)
        self.b.cbranch(self.less(here, count), body, done)
        self.b.position_at_end(body)
        write(here)
        self.b.store(self.b.add(here, number(1)), rank)
        self.b.branch(head)
        self.b.position_at_end(done)


def same_shape(a: Code, b: Code) -> bool:
    """Whether two values are of as many numbers, or bits."""
    return [value.type for value in a.values] == [value.type for value in b.values]


def scaled(value: Fraction | int, den: int) -> int:
    """*value* over *den*, which it fits."""
    found = Fraction(value) * den
    assert found.denominator == 1
    return found.numerator
