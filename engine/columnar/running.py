"""A run: files of a population → their answers, all cores at work, in a bounded memory.

The main thread reads pieces and writes what comes back, in the order of the rows; it and others
decide them, one block each at a time (`workers`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.diagnostics import Diagnostic, LawError, Message

from ..files import shown
from .asking import Request
from .cutting import blocks
from .deciding import Decided, Decider
from .feeding import Piece, feed
from .joining import check_keys, nested_schema
from .reading import Fault
from .rejects import SCHEMA, Origin, Rows, rejects
from .settling import copied
from .sinks import Sink, sink
from .sources import Files
from .workers import in_order
from .writing import STATUS_SUFFIX, STATUSES


class Stopped(LawError):
    """A row is faulty, and the run was told to stop there."""


@attrs.frozen(eq=False)
class Order:
    """What is to be run.

    Attributes:
        lists: the tables of lists, joined by the key of *request*.
        stop: stop at the first row that is set aside.
    """

    request: Request
    main: Files
    lists: tuple[Files, ...]
    stop: bool


@attrs.define(eq=False)
class Tally:
    """What a run came to.

    Attributes:
        rows: situations read; *refused* of them are set aside.
        faults: by code, how many faults, of rows of any table.
        reasons: the same, by code, column and message.
        decisions: by decision and status, how many answers.
        peak: bytes of memory that the process had at most.
    """

    rows: int = 0
    refused: int = 0
    faults: dict[str, int] = attrs.field(factory=dict)
    reasons: dict[tuple[str, str, str], int] = attrs.field(factory=dict)
    decisions: dict[str, dict[str, int]] = attrs.field(factory=dict)
    peak: int = 0
    seconds: float = 0.0
    blocks: int = 0


class Run:
    """One run, made ready: the schemas are known and fit.

    Raises:
        LawError: a table does not fit, or a decision asked for does not exist.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.schema = order.main.schema
        if order.lists:
            lists = {files.name: files.schema for files in order.lists}
            check_keys({"": self.schema, **lists}, order.request.key)
            self.schema = nested_schema(self.schema, lists, order.request.key)
        self.decider = order.request.decider(self.schema)
        kept = [order.main.schema.field(name) for name in order.request.kept]
        self.answers = pa.schema([*kept, *self.decider.schema])
        self.tally = Tally(
            decisions={name: dict.fromkeys(STATUSES, 0) for name in self.decider.names}
        )
        self._broken: list[tuple[str, int]] = []
        self._lists = {shown(path) for files in order.lists for path in files.paths}

    def __call__(
        self, output: Path, refused: Path, progress: Callable[[Tally], None] = lambda _: None
    ) -> Tally:
        """Runs; both files are there at the end, or neither.

        Raises:
            LawError: a file cannot be read, or a row is faulty and the run is told to stop.
            OSError: a file cannot be written.
        """
        began = time.monotonic()
        sinks: list[Sink] = []
        try:
            sinks.append(sink(refused, SCHEMA))
            sinks.append(sink(output, self.answers))
            self._work(sinks[1], sinks[0], progress)
            for made in sinks:
                made.finish()
            for made in sinks:  # the answers last: where they are, so are the rejects
                made.commit()
        finally:
            for made in sinks:
                made.drop()
        self.tally.peak = peak_memory()
        self.tally.seconds = time.monotonic() - began
        return self.tally

    def _work(self, answers: Sink, refused: Sink, progress: Callable[[Tally], None]) -> None:
        for (piece, start, end), done in in_order(
            self._decide, self._cut(), self.order.request.workers
        ):
            self._rejects(piece, start, end, done, refused)
            self._write(piece, start, end, done.decided.answers, answers)
            self.tally.blocks += 1
            progress(self.tally)
        self._check_lists()
        self._broken_lines(refused)

    def _cut(self) -> Iterator[tuple[tuple[Piece, int, int], Any]]:
        """Blocks, each with its piece and its place there."""
        order = self.order
        for piece in feed(order.main, order.lists, order.request.key, self._is_broken):
            self._check_lists()
            start = 0
            if not len(piece.nested):
                yield (piece, 0, 0), None
                continue
            for batch in blocks(piece.nested.table, self.decider):
                yield (piece, start, start + len(batch)), batch
                start += len(batch)

    def _decide(self, batch: Any) -> _Done:
        """In whatever thread."""
        decider = self.decider
        if batch is None:
            empty = pa.record_batch([pa.array([], f.type) for f in decider.schema], decider.schema)
            return _Done(Decided(empty, ()), {})
        decided = decider.decide(batch)
        return _Done(decided, _counts(decider, decided.answers))

    def _is_broken(self, file: str, row: int) -> None:
        self._broken.append((file, row))

    def _check_lists(self) -> None:
        """Whose a broken line of a list is, nobody knows: without it a situation would be another.

        Raises:
            LawError: there is one.
        """
        for file, row in self._broken:
            if file in self._lists:
                raise _of_no_one(file, row)

    def _write(self, piece: Piece, start: int, end: int, batch: Any, sink_: Sink) -> None:
        """The answers of a block, and at the end of its piece those of rows that did not join."""
        given = piece.given.table
        whole = len(piece.kept) == len(given)
        first = start if whole else (0 if start == 0 else int(piece.kept[start - 1]) + 1)
        last = (
            end
            if whole
            else (len(given) if end == len(piece.kept) else int(piece.kept[end - 1]) + 1)
        )
        self.tally.rows += last - first
        if last == first:
            return
        if not whole:
            back = np.full(last - first, -1)
            back[piece.kept[start:end] - first] = np.arange(end - start)
            table = pa.Table.from_batches([batch], self.decider.schema)
            batch = table.take(pa.array(back, mask=back < 0))
        columns = [
            *(
                copied(given.column(name).slice(first, last - first))
                for name in self.order.request.kept
            ),
            *batch.columns,
        ]
        sink_.write(pa.Table.from_arrays(columns, schema=self.answers))

    def _rejects(self, piece: Piece, start: int, end: int, done: _Done, sink_: Sink) -> None:
        for name, counts in done.counts.items():
            held = self.tally.decisions[name]
            for status, count in zip(STATUSES, counts, strict=True):
                held[status] += count
        found = []
        if start == 0:
            for rows, fault in piece.faults:
                found.append(self._told([fault], rows, {}))
            self.tally.refused += len(piece.given) - len(piece.kept)
        if done.decided.faults:
            rows = piece.nested.rows.take(np.arange(start, end))
            origins = {
                name: Origin(origin.rows, origin.starts[start:end])
                for name, origin in piece.origins.items()
            }
            found.append(self._told(done.decided.faults, rows, origins))
            refused = np.unique(np.concatenate([fault.rows for fault in done.decided.faults]))
            self.tally.refused += len(refused)
        for table in found:
            sink_.write(table)

    def _told(self, faults: Sequence[Fault], rows: Rows, origins: Mapping[str, Origin]) -> Any:
        table = rejects(self.order.request.program, faults, rows, origins, self.order.request.lang)
        told = table.select(["code", "column", "message"]).to_pydict().values()
        for reason, count in Counter(zip(*told, strict=True)).items():
            self.tally.reasons[reason] = self.tally.reasons.get(reason, 0) + count
            code = reason[0]
            self.tally.faults[code] = self.tally.faults.get(code, 0) + count
        if self.order.stop:
            raise _stopped(table)
        return table

    def _broken_lines(self, sink_: Sink) -> None:
        """Lines of CSV that have not the cells of their table: no row of the answers is theirs."""
        by_file: dict[str, list[int]] = {}
        for file, row in self._broken:
            by_file.setdefault(file, []).append(row)
        for file, numbers in by_file.items():
            rows = Rows((file,), (np.zeros(len(numbers), np.int64), np.array(numbers)))
            fault = Fault("", None, np.arange(len(numbers)), np.full(len(numbers), -1), "E135", _CELLS.fr, _CELLS.en, None)  # fmt: skip
            sink_.write(self._told([fault], rows, {}))
            self.tally.rows += len(numbers)
            self.tally.refused += len(numbers)


_CELLS = Message(
    "la ligne n'a pas autant de cellules que la première",
    "the line has not as many cells as the first",
)


def _stopped(table: Any) -> Stopped:
    row = table.to_pylist()[0]
    column = f", colonne `{row['column']}`" if row["column"] else ""
    column_en = f", column `{row['column']}`" if row["column"] else ""
    where = f"`{row['file']}`, ligne {row['row']}{column}"
    where_en = f"`{row['file']}`, row {row['row']}{column_en}"
    message = Message(f"{where} : {row['message']}", f"{where_en}: {row['message']}")
    help_ = Message(
        "`--on-reject continue` met la ligne à part, et continue",
        "`--on-reject continue` sets the row aside, and goes on",
    )
    return Stopped([Diagnostic(row["code"], message, help=help_)])


def _of_no_one(file: str, row: int) -> LawError:
    message = Message(
        f"`{file}`, ligne {row} : {_CELLS.fr}, et l'on ne sait pas de quel dossier elle est",
        f"`{file}`, row {row}: {_CELLS.en}, and whose it is nobody knows",
    )
    help_ = Message(
        'mettre entre guillemets une cellule qui contient le séparateur : `"60,00"`',
        'put a cell that holds the separator between quotes: `"60,00"`',
    )
    return LawError([Diagnostic("E135", message, help=help_)])


# ── what comes back ──────────────────────────────────────────────────────────────────────


@attrs.frozen(eq=False)
class _Done:
    """*counts*: for each decision, how many answers of each status."""

    decided: Decided
    counts: Mapping[str, Sequence[int]]


def _counts(decider: Decider, answers: Any) -> dict[str, list[int]]:
    """How many answers of each status, by decision."""
    found = {name: np.zeros(len(STATUSES), np.int64) for name in decider.names}
    by_entity: dict[str | None, dict[str, str]] = {}
    for name in decider.names:
        entity = decider.program.decisions[name].entity
        by_entity.setdefault(entity, {})[name.rpartition(".")[2]] = name

    def walk(name: str, column: Any, path: tuple[str, ...]) -> None:
        if pa.types.is_list(column.type):
            column = column.flatten()
        if pa.types.is_struct(column.type):
            for field, child in zip(column.type, column.flatten(), strict=True):
                walk(field.name, child, (*path, *name.split(".")))
        elif name.endswith(STATUS_SUFFIX):
            *head, last = name.removesuffix(STATUS_SUFFIX).split(".")
            whole = (*path, *head)
            entity = decider.entity_at(whole) if whole else None
            decision = by_entity[entity][last]
            states = column.indices.drop_null().to_numpy(zero_copy_only=False)
            found[decision] += np.bincount(states, minlength=len(STATUSES))

    for field, column in zip(answers.schema, answers.columns, strict=True):
        walk(field.name, column, ())
    return {name: counts.tolist() for name, counts in found.items()}


def peak_memory() -> int:
    """Bytes that this process had in memory at most."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        import resource
        import sys

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
