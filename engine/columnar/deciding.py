"""A piece of a table → its answers: read as a block, evaluated, written; faulty rows set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from time import perf_counter
from typing import Any, Protocol

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.program import Program
from lexald.dsl.types import EntityType

from ..naming import full_names
from ..outcomes import Failure
from .block import Block
from .columns import Array, Column
from .cutting import SHARED, lanes, pieces
from .layout import Layout
from .reading import Fault, Reading, garbled_copies, read
from .writing import Writer, answer_schema, inner_places

# Laws of a day that are kept ready: rows may each have their own day.
_DAYS_KEPT = 64
# Seconds that lanes have to take one thread for others to help: these wait for each other wherever
# Python is at work.
WORTH_SHARING = 0.004


class Evaluator(Protocol):
    """What evaluates blocks at the law of one day; `kernel.Kernel` is it."""

    def evaluate(
        self, block: Block, names: Sequence[str], *, rules: bool = False
    ) -> Mapping[str, Column]: ...

    def forbidden(self, block: Block) -> Mapping[int, tuple[Array, Array]]: ...

    @property
    def details(self) -> Sequence[Any]: ...

    @property
    def rule_sets(self) -> Sequence[tuple[str, ...]]: ...


@attrs.frozen(eq=False)
class Decided:
    """The answers to one piece of a table: a record batch with a row for each row of the piece;
    those set aside are null there, and *faults* says why."""

    answers: Any
    faults: tuple[Fault, ...]


@attrs.frozen(eq=False)
class Shortcut:
    """What could be decided of a piece of a table without its columns being worked out.

    Attributes:
        answers: a record batch with a row for each row of the piece.
        left: the rows that are not decided, whatever *answers* says of them.
        doubtful: rows, decided or not, of which it is not known whether the law says that they
            cannot be; at their own dates of law, those that are left may be too.
    """

    answers: Any
    left: Array
    doubtful: Array


class Quick(Protocol):
    """Decides what it can of a piece of a table, at the law of a day (`None`: that of each row);
    `None`: nothing. Where each row has its day, no row is doubtful: it is left.

    Attributes:
        pace: seconds that a lane took lately, with the rows that were left; what a thread costs is
            seen from it, and no answer is.
    """

    pace: float

    def __call__(self, batch: Any, on: date | None) -> Shortcut | None: ...

    @property
    def is_ready(self) -> bool: ...


class Decider:
    """Decides pieces of tables that have one layout. Threads share it.

    Args:
        names: whole names of decisions.
        on: the date of law; `None`: each row has its own, in the column ``on``.
        evaluator: makes what evaluates at the law of a day.
        rules: the rules that gave the answers are told too.
        quick: what decides plain situations first.
    """

    def __init__(
        self,
        layout: Layout,
        names: Sequence[str],
        on: date | None,
        evaluator: Callable[[Program, date], Evaluator],
        rules: bool = False,
        quick: Quick | None = None,
    ) -> None:
        self.layout = layout
        self.program = layout.program
        self.names = tuple(names)
        self.on = on
        self.rules = rules
        self.quick = quick
        self.schema = answer_schema(layout, self.names, rules)
        self._at = lru_cache(_DAYS_KEPT)(lambda day: evaluator(self.program, day))

    def entity_at(self, path: tuple[str, ...]) -> str | None:
        """The entity of the elements at *path*, told or not."""
        for place in (*self.layout.root.places(), *inner_places(self.layout, self.layout.root)):
            if place.path == path:
                return place.entity
        return None

    @property
    def is_quick(self) -> bool:
        """Whether plain situations are decided without columns being worked out."""
        return self.quick is not None and self.quick.is_ready and not self.rules

    def is_shared(self, held: int) -> bool:
        """Whether *held* lanes are worth sharing among threads."""
        if held <= SHARED or self.quick is None or not self.is_quick:
            return held > SHARED
        return held * self.quick.pace > WORTH_SHARING

    def decide(self, batch: Any) -> Decided:
        """The answers to *batch*, whose schema is that of the layout."""
        quick = self.quick if not self.rules and len(batch) else None
        if quick is not None and not garbled_copies(self.layout, batch):
            began = perf_counter()
            found = quick(batch, self.on)
            if found is not None:
                decided = self._completed(found, batch)
                quick.pace = (perf_counter() - began) / lanes(batch, self.layout)
                return decided
        return self._in_columns(batch)

    def _completed(self, found: Shortcut, batch: Any) -> Decided:
        """*found*, with the rows that it leaves."""
        answers, faults, left = found.answers, [], found.left
        if len(found.doubtful):
            assert self.on is not None
            # Rows that do not fit are among those that are left, and told there.
            reading = read(self.layout, batch.take(pa.array(found.doubtful)), wants_days=False)
            refused, told = self._refused(self._at(self.on), reading)
            faults += [_moved(fault, found.doubtful) for fault in told]
            set_aside = found.doubtful[reading.rows[refused]]
            if len(set_aside):
                left = np.setdiff1d(left, set_aside)
                kept = np.arange(len(batch))
                kept[set_aside] = -1
                answers = answers.take(pa.array(kept, mask=kept < 0))
        if len(left):
            rest = self._in_columns(batch.take(pa.array(left)), is_judged=True)
            faults += [_moved(fault, left) for fault in rest.faults]
            place = np.arange(len(batch))
            place[left] = len(batch) + np.arange(len(left))
            both = pa.Table.from_batches([answers, rest.answers], self.schema)
            answers = one_batch(both.combine_chunks().take(pa.array(place)))
        return Decided(answers, tuple(faults))

    def _in_columns(self, batch: Any, *, is_judged: bool = False) -> Decided:
        """The answers to *batch*, in blocks whose columns are worked out. *is_judged*: at the one date
        of law, it forbids none of it."""
        if len(batch) == 0:
            return self._in_block(batch)
        done, faults, first = [], [], 0
        for piece in pieces(batch, self.layout):
            found = self._in_block(piece, is_judged=is_judged)
            rows = np.arange(first, first + len(piece))
            faults += [_moved(fault, rows) for fault in found.faults]
            done.append(found.answers)
            first += len(piece)
        if len(done) == 1:
            return Decided(done[0], tuple(faults))
        return Decided(one_batch(pa.Table.from_batches(done, self.schema)), tuple(faults))

    def _in_block(self, batch: Any, *, is_judged: bool = False) -> Decided:
        reading = read(self.layout, batch, wants_days=self.on is None)
        if self.on is not None:
            return self._at_one_day(reading, self.on, len(batch), is_judged=is_judged)
        return self._at_own_days(reading, batch)

    def _at_one_day(
        self, reading: Reading, day: date, size: int, *, is_judged: bool = False
    ) -> Decided:
        kernel = self._at(day)
        block = reading.block
        refused, faults = np.zeros(0, np.int64), list[Fault]()
        if not is_judged:
            refused, faults = self._refused(kernel, reading)
        found = kernel.evaluate(block, self.names, rules=self.rules)
        sets = kernel.rule_sets if self.rules else None
        writer = Writer(self.layout, self.names, reading, found, sets)
        answers = writer.batch(self.schema, size, refused)
        large = [_too_large(one.name, reading.rows[one.situations]) for one in writer.too_large]
        return Decided(answers, (*reading.faults, *faults, *large))

    def _at_own_days(self, reading: Reading, batch: Any) -> Decided:
        assert reading.days is not None
        faults = list(reading.faults)
        days, which = np.unique(reading.days, return_inverse=True)
        pieces, orders = [], []
        for rank, day in enumerate(days):
            rows = reading.rows[which == rank]
            if day == 0:
                faults.append(_no_day(rows))
                continue
            piece = batch.take(pa.array(rows))
            again = read(self.layout, piece)
            found = self._at_one_day(again, date.fromordinal(int(day)), len(piece))
            faults += [_moved(fault, rows) for fault in found.faults]
            pieces.append(found.answers)
            orders.append(rows)
        back = np.full(len(batch), -1)
        if orders:
            order = np.concatenate(orders)
            back[order] = np.arange(len(order))
        whole = pa.Table.from_batches(pieces, self.schema).combine_chunks()
        placed = whole.take(pa.array(back, mask=back < 0))
        return Decided(one_batch(placed), tuple(faults))

    def _refused(self, kernel: Evaluator, reading: Reading) -> tuple[Array, list[Fault]]:
        """The situations that the law says cannot be, and why."""
        faults = []
        every = [np.zeros(0, np.int64)]
        for rank, (situations, details) in kernel.forbidden(reading.block).items():
            rule = self.program.forbidden[rank]
            every.append(situations)
            for detail in np.unique(details):
                mine = np.unique(situations[details == detail])
                code, message = _refusal(rule.message, detail, kernel)
                faults.append(_fault(reading.rows[mine], code, message))
        return np.unique(np.concatenate(every)), faults


def _moved(fault: Fault, rows: Array) -> Fault:
    """*fault*, found in a piece made of *rows*."""
    return attrs.evolve(fault, rows=rows[fault.rows])


def _refusal(message: str, detail: int, kernel: Evaluator) -> tuple[str, Message]:
    if detail < 0:
        return "E190", Message(message, message)
    found = kernel.details[detail]
    assert isinstance(found, Failure)
    return "E193", Message(
        f"on ne peut pas juger si la situation est interdite ({message}) : "
        f"{found.code}, {found.message.fr}",
        f"whether the situation is forbidden cannot be judged ({message}): "
        f"{found.code}, {found.message.en}",
    )


def _fault(rows: Array, code: str, message: Message, column: str = "") -> Fault:
    return Fault(column, None, rows, np.full(len(rows), -1), code, message.fr, message.en, None)


def _no_day(rows: Array) -> Fault:
    message = Message("la date du droit n'est pas dite", "the date of law is not given")
    return _fault(rows, "E191", message, "on")


def _too_large(name: str, rows: Array) -> Fault:
    message = Message(
        f"la réponse de `{name}` est trop grande pour une colonne",
        f"the answer of `{name}` is too large for a column",
    )
    return _fault(rows, "E131", message, name)


def one_batch(table: Any) -> Any:
    """A table as one record batch."""
    batches = table.combine_chunks().to_batches()
    if len(batches) == 1:
        return batches[0]
    return pa.record_batch([pa.array([], field.type) for field in table.schema], table.schema)


def asked(
    program: Program,
    layout: Layout,
    names: Sequence[str],
    kept: Sequence[str] = (),
    *,
    rules: bool = False,
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """The whole names of the decisions asked for, and what is wrong with them: a column of *kept*
    may have the name of an answer.

    Without *names*: those marked ``résultat`` that the columns tell something about, as
    `Law.evaluate` chooses them for a situation.
    """
    wanted, wrong = _wanted(program, layout, names)
    if wrong or not kept:
        return wanted, wrong
    answers = set(answer_schema(layout, wanted, rules).names)
    return wanted, tuple(taken(name) for name in kept if name in answers)


def _wanted(
    program: Program, layout: Layout, names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    told = {place.entity for place in layout.root.places()}
    told |= {place.entity for place in inner_places(layout, layout.root)}
    if names:
        found, wrong = full_names(program, names)
        untold = [
            name for name in found if (program.decisions[name].entity or None) not in told | {None}
        ]
        return found, wrong or tuple(_untold(program, name) for name in untold)
    roots = {fact.name for fact in layout.root.told}
    results = []
    for name, reads in program.results.items():
        entity = program.decisions[name].entity
        if entity in told if entity else (not reads or not reads.isdisjoint(roots)):
            results.append(name)
    return tuple(results), ()


def taken(name: str) -> Diagnostic:
    """A column to keep is called as an answer is."""
    return Diagnostic(
        "E136",
        Message(
            f"la colonne `{name}`, à garder, a le nom d'une réponse",
            f"column `{name}`, which is kept, has the name of an answer",
        ),
        help=Message("la renommer, ou ne pas la garder", "rename it, or do not keep it"),
    )


def _untold(program: Program, name: str) -> Diagnostic:
    """No column tells the elements that *name* is decided of."""
    entity = program.decisions[name].entity
    homes = [
        ".".join((*path, field.name))
        for path, fields in (
            ((), program.roots),
            *(((root,), program.entities[found.type.name].fields)
              for root, found in program.roots.items() if isinstance(found.type, EntityType)),
        )
        for field in fields.values()
        if getattr(field.type, "item", field.type) == EntityType(entity or "")
    ]  # fmt: skip
    listed = ", ".join(f"`{home}`" for home in homes)
    return Diagnostic(
        "E132",
        Message(
            f"`{name}` se décide pour chaque {entity}, et aucune colonne n'en donne",
            f"`{name}` is decided for each {entity}, and no column tells any",
        ),
        help=Message(f"donner la colonne {listed}", f"give the column {listed}") if homes else None,
    )
