"""A law and a layout as one compiled loop."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from functools import cache
from typing import Any

import attrs
import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, DATE, EntityType, ListType, Type

from ..columnar.cells import read_cells
from ..columnar.columns import Texts
from ..columnar.layout import Layout
from ..lowering.layout import stretches
from .binding import Binder, told_facts
from .cells import Keep
from .code import (
    EFFORT,
    FLAGS,
    GUILT,
    I8,
    I64,
    ODD,
    SECOND,
    TOP,
    UNKNOWN,
    UNSURE,
    Body,
    Unwritten,
    number,
    width,
)  # fmt: skip
from .completions import Answers, Completions, Mark, Path, acquit, settle
from .filling import HEAP, Filler, Nodes, elements, sure_facts
from .law import FRACTION, NativeLaw
from .reader import TILE, Reader
from .records import DAY, LANE, Records
from .writing import Scope, Writing

# Numbers of the vector: where the marks of situations are, a byte each; of those that are decided
# again, whether they are answered, and whether it is judged if the law forbids them; where what may
# is noted; then the answers, two columns for each decision and place; then the columns of the table;
# then what no column tells.
_MARKS, _ANSWER, _JUDGE, _GUILT = range(4)
_FIRST_ANSWER = 4
# Bits that tell apart what may forbid a situation; beyond, some share one.
_RULES = 64
# Instructions of a function at most that is written in the loop itself.
INLINED = 512
# How many situations, date of law (0: that of each row), vector; whether there was memory.
_RUN = ir.FunctionType(I64, [I64, I64, I64.as_pointer()])
_CALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


@attrs.frozen(eq=False)
class Found:
    """What a batch came to.

    Attributes:
        odd: the situations that are not plain, of which nothing is said; `None`: there are none.
        doubtful: those that the law may say cannot be; `None`: there are none.
        answers: for each decision and place of its entity, one number for each lane that holds
            the place (two for durations and periods), as `code` says; a byte for what is true or
            not, the least of which are what the least of 64 bits are.
    """

    odd: np.ndarray[Any, Any] | None
    doubtful: np.ndarray[Any, Any] | None
    answers: Mapping[tuple[str, Path], tuple[np.ndarray[Any, Any], ...]]
    texts: Texts


class Machine:
    """Decides the plain situations of tables of one layout. Threads share it.

    Args:
        schema: the Arrow schema of the tables.
        names: whole names of decisions.
        like: a record batch such as those to come: where it has no nulls, they must not either.

    Raises:
        Unwritten: the layout tells what machine code does not read, or this computer has its bytes in
            another order.
    """

    def __init__(self, layout: Layout, schema: Any, names: Sequence[str], like: Any = None) -> None:
        if sys.byteorder != "little":
            raise Unwritten  # bits are read several bytes at once
        self.program = layout.program
        self.names = tuple(names)
        # Members are numbered first: their numbers are those of all batches.
        members = [m for e in layout.program.enumerations.values() for m in e.members]
        self.texts = Texts(members)
        self._members: list[Any] = []
        if any(isinstance(layout.program.decisions[n].type, ListType | EntityType) for n in names):
            raise Unwritten  # a list, or an element, is no number
        records = Records(told_facts(layout))
        binder = Binder(layout, schema, FRACTION)
        binder.take(_FIRST_ANSWER)
        self.day = binder.day()
        self.answers: dict[tuple[str, Path], int] = {}
        for name in names:
            for path in paths(layout, self.program.decisions[name].entity):
                self.answers[name, path] = binder.take(2)
        self.nodes: Nodes = binder.bind(records)
        self.slots = binder.slots
        if like is not None:
            self.nodes.fit(like.columns, len(like))
        sure = sure_facts(self.nodes)
        places = {place.entity for place in self.nodes.places()}
        self.law = NativeLaw(
            self.program, names, records, places, binder.bits, sure, self.texts.rank
        )
        if self.law.root + records.size[""] > HEAP:
            raise Unwritten
        self._write("first", first=True)
        self._write("again", first=False)
        self._library = compiled(str(self.law.module))
        self._first, self._again = (
            _CALL(self._library.get_function_address(name)) for name in ("first", "again")
        )

    # ── the loop ─────────────────────────────────────────────────────────────────────────

    def _write(self, name: str, *, first: bool) -> None:
        """The loop, as a function: over all situations the *first* time, which are answered and
        judged; later over those that have no mark, as the vector says."""
        law = self.law
        function = ir.Function(law.module, _RUN, name)
        size, on, vector = function.args
        vector.add_attribute("noalias")
        body = Body(function)
        body.on = on
        b = body.b
        # Its own memory: what is not read again is then not written at all. Of zeros: the record of
        # no one leads to itself.
        memory, bits, free = _allocated(b, number(HEAP + FLAGS), number(self.slots * TILE))
        body.heap = b.bitcast(memory, I64.as_pointer())
        body.flags = b.gep(body.heap, [number(HEAP)])
        reader = Reader(body, vector, bits)
        filler = Filler(self.program, law.records, law.untold, body, reader)

        def untold(rank: Any) -> None:
            value = b.load(b.gep(vector, [b.add(number(self.slots), rank)]))
            body.store(value, b.add(number(law.untold.first), rank))

        def situation(lane: Any) -> None:
            if first:  # nothing is passed over: several may be worked on at once
                reader.store(self._mark(filler, lane, first), _MARKS, lane)
                return
            mark = b.load(reader.at(_MARKS, lane, 8))
            with b.if_then(b.icmp_unsigned("==", mark, I8(0)), likely=True):
                reader.store(self._mark(filler, lane, first), _MARKS, lane)

        if law.untold.after > law.untold.first:
            body.loop(number(law.untold.after - law.untold.first), untold)
        reader.situations(size, situation)
        free()
        b.ret(number(1))
        body.close()

    def _mark(self, filler: Filler, lane: Any, first: bool) -> Any:
        """Decides the situation at *lane*; what is to be said of it, a `Mark`."""
        law, body, b = self.law, filler.body, filler.body.b
        root = number(law.root)
        for flag in (ODD, UNSURE, EFFORT):
            b.store(number(0), body.flag(flag))
        if self.day is not None:
            (day,) = self.day.cell.value(filler.reader, self.day.slot, lane, (number(0),))
            on = body.function.args[1]
            body.on = body.pick(body.is_(on, 0), day, on)
            body.odd_if(body.less(body.on, number(1)))
        b.store(number(law.root + law.records.size[""]), body.flag(TOP))
        filler.head("", root, number(0), number(0), number(0), lane, body.on)
        filler.facts(self.nodes, lane, root, {"": root})
        misread = b.load(body.flag(ODD))
        with nullcontext() if first else b.if_then(body.is_(filler.reader.parameter(_ANSWER), 1)):
            for name in self.names:
                self._answer(filler, name)
        odd, unsure = b.load(body.flag(ODD)), b.load(body.flag(UNSURE))
        if self.program.forbidden:
            with (
                nullcontext() if first else b.if_then(body.is_(filler.reader.parameter(_JUDGE), 1))
            ):
                # Of what is not read as it is told, anything may be forbidden.
                b.store(b.neg(misread), body.flag(GUILT))
                self._forbid(filler, odd)
                filler.reader.store(b.load(body.flag(GUILT)), _GUILT, lane)
        mark = b.or_(b.mul(odd, number(Mark.ODD)), b.mul(unsure, number(Mark.UNSURE)))
        return b.trunc(mark, I8)

    def _forbid(self, filler: Filler, odd: Any) -> None:
        """Notes what may forbid the situation: what is true, is not known to be false, or is not
        plain. *odd*: an answer is not."""
        body, b = filler.body, filler.body.b
        rules = self.program.forbidden
        bits = {rule: 1 << rank % _RULES for rank, rule in enumerate(rules)}
        # What is kept on the way to what is not plain may be wrong: it is asked for last, and
        # whatever comes after is in doubt.
        for rule in sorted(rules, key=_keeps):
            bit = number(bits[rule] - (1 << 64 if bits[rule] >> 63 else 0))
            b.store(odd if _keeps(rule) else number(0), body.flag(ODD))
            if rule.entity is None:
                self._forbidden(filler, rule, number(self.law.root), bit)
            else:
                elements(
                    filler, self.nodes, number(self.law.root), rule.entity,
                    lambda _, here, rule=rule, bit=bit: self._forbidden(filler, rule, here, bit),  # type: ignore[misc]
                )  # fmt: skip
            now = b.load(body.flag(ODD))
            self._note(body, body.not_(body.is_(now, 0)), bit)
            if _keeps(rule):
                odd = b.or_(odd, now)

    def _note(self, body: Body, test: Any, bit: Any) -> None:
        with body.b.if_then(test, likely=False):
            guilt = body.b.load(body.flag(GUILT))
            body.b.store(body.b.or_(guilt, bit), body.flag(GUILT))

    def _forbidden(self, filler: Filler, rule: core.Forbidden, here: Any, bit: Any) -> None:
        body, b = filler.body, filler.body.b
        writing = Writing(self.law, body)
        entity = rule.entity or ""
        dated = bool(entity and self.program.entities[entity].event)
        day = body.load(here, DAY) if dated else body.on
        with b.if_then(body.less(number(0), day)):
            for since, until in stretches(self.law.layout.days(rule.condition)):
                test = body.at_most(number(since.toordinal()), day)
                if until is not None:
                    test = b.and_(test, body.less(day, number(until.toordinal())))
                scope = Scope(entity, here, day, since, until)
                with b.if_then(test):
                    code = writing.truth(rule.condition, scope)
                    self._note(body, body.not_(body.false(code)), bit)

    def _answer(self, filler: Filler, name: str) -> None:
        """Decides *name* for the situation, or for each of its elements."""
        decision = self.program.decisions[name]
        entity = decision.entity or ""
        body, b = filler.body, filler.body.b
        unit = self.law.units[name]
        dated = bool(entity and self.program.entities[entity].event)

        def one(path: Path, here: Any) -> None:
            day = body.load(here, DAY) if dated else body.on
            if dated:
                body.odd_if(body.less(day, number(1)))
            inline = ("alwaysinline",) if _size(unit.function) <= INLINED else ()
            first = b.call(unit.function, [body.heap, body.flags, here, day], attrs=inline)
            if unit.unknown:
                with b.if_then(body.is_(first, UNKNOWN), likely=False):
                    b.store(number(1), body.flag(UNSURE))
            slot = self.answers[name, path]
            lane = body.load(here, LANE)
            values = [first]
            if width(decision.type) == 2:
                values.append(b.load(body.flag(SECOND)))
            for rank, value in enumerate(values):
                if decision.type == BOOL:  # of a byte too, the least numbers are what is no value
                    value = b.trunc(b.or_(value, b.lshr(value, number(56))), I8)
                filler.reader.store(value, slot + rank, lane)

        if entity:
            elements(filler, self.nodes, number(self.law.root), entity, one)
        else:
            one((), number(self.law.root))

    # ── running ──────────────────────────────────────────────────────────────────────────

    def run(
        self,
        arrays: Sequence[Any],
        size: int,
        on: date | None,
        lanes: Mapping[Path, int],
        situation_of: Callable[[Path], np.ndarray[Any, Any]],
    ) -> Found:
        """Decides *size* situations, whose columns are *arrays*.

        Args:
            on: the date of law; `None`: that of each row.
            lanes: how many lanes hold each place, or are in it if it is a list.
            situation_of: the situation of each of these.

        Raises:
            Unwritten: a column holds what machine code does not read.
            Unfit: one has nulls where the one that the code is for had none.
        """
        keep = Keep(self.program, Texts(self.texts.texts), self._members)
        columns = self.nodes.told(arrays, size, keep)
        untold = self.law.untold
        head = [0] * (self.slots - len(columns))
        told = np.array([*head, *columns, *untold.unknown], np.int64)
        if self.day is not None:
            found = self.day.cell.told(arrays[self.day.source], keep)
            told[self.day.slot : self.day.slot + len(found)] = found
        # The first time, what is said of each is written.
        marks = np.empty(size, np.uint8)
        answers = self._answers(told, size, lanes)
        guilt = np.empty(size if self.program.forbidden else 0, np.int64)
        told[_GUILT] = guilt.ctypes.data
        self._decide(self._first, told, size, on, marks)
        some_open, some_guilty = marks.any(), guilt.any()
        if some_open or some_guilty:
            gaps = (*self.nodes.gaps(), *untold.gaps(self.slots))
            seen = {slot: cells.numbers(keep) for slot, cells in keep.seen.items()}
            day = on or self._last(arrays)
            ways = Completions(self.program, gaps, day, self.texts.rank, seen)

        def judge(number: int, again: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
            ways.put(number, told, judged=True)
            found = np.zeros(size, np.int64)
            told[[_ANSWER, _JUDGE, _GUILT]] = 0, 1, found.ctypes.data
            self._decide(self._again, told, size, on, again)
            return found

        def decide(number: int, again: np.ndarray[Any, Any]) -> Answers:
            ways.put(number, told)
            told[[_ANSWER, _JUDGE]] = 1, 0
            found = self._answers(told, size, lanes)
            self._decide(self._again, told, size, on, again)
            return found

        if some_guilty:
            acquit(guilt, judge)
        if some_open:
            settle(marks, answers, decide, situation_of)
        odd = marks != 0 if some_open and marks.any() else None
        doubtful = guilt != 0 if some_guilty and guilt.any() else None
        return Found(odd, doubtful, answers, keep.texts)

    def _decide(
        self,
        run: Callable[[int, int, int], int],
        told: np.ndarray[Any, Any],
        size: int,
        on: date | None,
        marks: np.ndarray[Any, Any],
    ) -> None:
        """Decides the situations that the loop *run* does not pass over, and marks them.

        Raises:
            MemoryError: there is none.
        """
        told[_MARKS] = marks.ctypes.data
        if not run(size, 0 if on is None else on.toordinal(), told.ctypes.data):
            raise MemoryError

    def _last(self, arrays: Sequence[Any]) -> date:
        """The last date of law of the rows."""
        assert self.day is not None
        cells = read_cells(arrays[self.day.source], DATE, self.program, Texts())
        return date.fromordinal(int(np.max(cells.parts[0], initial=1, where=cells.told)))

    def _answers(self, told: np.ndarray[Any, Any], size: int, lanes: Mapping[Path, int]) -> Answers:
        """Columns for answers, where *told* says that they are."""
        found: dict[tuple[str, Path], tuple[np.ndarray[Any, Any], ...]] = {}
        for (name, path), slot in self.answers.items():
            kind = self.program.decisions[name].type
            # A situation always has its answer; an element that it may have, not always.
            made = tuple(
                np.zeros(lanes[path], cell(kind)) if path else np.empty(size, cell(kind))
                for _ in range(width(kind))
            )
            found[name, path] = made
            told[slot], told[slot + 1] = made[0].ctypes.data, made[-1].ctypes.data
        return found


def cell(kind: Type) -> type[np.signedinteger[Any]]:
    """What answers of *kind* are columns of."""
    return np.int8 if kind == BOOL else np.int64


def _keeps(rule: core.Forbidden) -> bool:
    """Whether its condition keeps something of what it works out."""
    kept = core.DecisionValue | core.Previous | core.AsOf
    return any(isinstance(node, kept) for node in core.parts(rule.condition))


def paths(layout: Layout, entity: str | None) -> list[Path]:
    """Where elements of *entity* stand; ``()`` for the situation."""
    if entity is None:
        return [()]
    found = [place.path for place in layout.root.places() if place.entity == entity]
    for name, field in layout.program.roots.items():
        is_one = getattr(field.type, "name", "") == entity and not field.optional
        if is_one and (name,) not in found and not hasattr(field.type, "item"):
            found.append((name,))
    return found


def _size(function: Any) -> int:
    """How many instructions it has."""
    return sum(len(block.instructions) for block in function.blocks)


def _allocated(b: Any, numbers: Any, bytes_: Any) -> tuple[Any, Any, Callable[[], None]]:
    """Memory for *numbers*, that are 0, and for *bytes_*, that are whatever; and what gives both
    back. Where there is none, the function ends, and gives 0."""
    pointer = I8.as_pointer()
    calloc = _external(b.module, "calloc", ir.FunctionType(pointer, [I64, I64]))
    malloc = _external(b.module, "malloc", ir.FunctionType(pointer, [I64]))
    free = _external(b.module, "free", ir.FunctionType(ir.VoidType(), [pointer]))
    both = b.call(calloc, [numbers, number(8)]), b.call(malloc, [bytes_])

    def given_back() -> None:
        for one in both:
            b.call(free, [one])

    none = ir.Constant(pointer, None)
    with b.if_then(b.or_(*(b.icmp_unsigned("==", one, none) for one in both)), likely=False):
        given_back()
        b.ret(number(0))
    return *both, given_back


def _external(module: Any, name: str, kind: Any) -> Any:
    return module.globals.get(name) or ir.Function(module, kind, name)


# ── LLVM ─────────────────────────────────────────────────────────────────────────────────


@cache
def _initialized() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _target() -> Any:
    """A target of its own: what is compiled for it owns it, and frees it."""
    _initialized()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=2
    )


def compiled(text: str) -> Any:
    machine = _target()
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    library = llvm.create_mcjit_compiler(module, machine)
    library.finalize_object()
    return library
