"""The packaged law over a synthetic population, as it is drawn: rates and memory.

Nothing by hand does this work: it says how fast a real law goes, not how near that is to the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from sys import platform
from time import perf_counter, process_time
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lexald.engine.api import Law

from ..population.ald import LINES, habits
from ..population.population import Population

# The date of law, if none is given.
ON = date(2025, 12, 31)
# What is decided, if nothing is asked: nearly all that is said of admission and of care bears on it.
DECISIONS = ("total_remboursé",)
# Blocks of a population that are decided at once.
AT_ONCE = 4
# Patients that machine code is written for.
_SAMPLE = 1 << 13


@attrs.frozen
class LawRun:
    """What deciding a population took.

    Args:
        affections, lines: how many decisions of admission and lines of care the patients have.
        lines_each: lines of care of a patient, on average.
        deciding, processor: seconds, by the clock and of processor; *drawing* and *compiling*,
            which are in neither, by the clock.
        native: whether machine code decided what is plain.
        peak: the most memory that the process took since its start, in bytes.
        refused: patients that the law refuses, or whose row does not fit.
    """

    patients: int
    affections: int
    lines: int
    lines_each: int
    missing: float
    decisions: tuple[str, ...]
    drawing: float
    compiling: float
    native: bool
    deciding: float
    processor: float
    peak: int
    refused: int


def drawn(
    law: Law, missing: float, decisions: Sequence[str], *, on: date = ON, lines: int = LINES
) -> Population:
    """Patients of *law*, with the facts that *decisions* may ask for."""
    return Population(law.program, habits(lines), on, missing=missing, decisions=tuple(decisions))


def write(population: Population, size: int, path: Path) -> None:
    """*size* patients as a Parquet file; a block at a time."""
    blocks = population.blocks(size)
    first = next(blocks)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_batch(first)
        for block in blocks:
            writer.write_batch(block)


def run(law: Law, population: Population, size: int, *, lines: int = LINES) -> LawRun:
    """Decide the first *size* patients of *population*, which is of *law*."""
    told = {"affections": 0, "lines": 0, "refused": 0}
    drawing = deciding = processor = compiling = 0.0
    native = find_spec("llvmlite") is not None
    mark = perf_counter()
    for table in _tables(population, size):
        drawing += perf_counter() - mark
        if native and not compiling:
            # Twice some patients: the first time, the code is written too.
            sample = table.slice(0, _SAMPLE)
            marks = [perf_counter()]
            for _ in range(2):
                _decide(law, population, sample, native)
                marks.append(perf_counter())
            compiling = (marks[1] - marks[0]) - (marks[2] - marks[1])
        told["affections"] += _elements(table, "patient", "affections")
        told["lines"] += _elements(table, "soins")
        mark, busy = perf_counter(), process_time()
        found = _decide(law, population, table, native)
        processor += process_time() - busy
        deciding += perf_counter() - mark
        told["refused"] += len(pc.unique(found.rejects.column("row")))
        mark = perf_counter()
    return LawRun(
        patients=size,
        lines_each=lines,
        missing=population.missing,
        decisions=population.decisions,
        drawing=drawing,
        compiling=compiling,
        native=native,
        deciding=deciding,
        processor=processor,
        peak=peak_memory(),
        **told,
    )


def _decide(law: Law, population: Population, table: pa.Table, native: bool) -> Any:
    names = population.decisions
    return law.evaluate_table(table, on=population.on, decisions=names, native=native)


def peak_memory() -> int:
    """The most memory that this process took since its start, in bytes."""
    kept = getrusage(RUSAGE_SELF).ru_maxrss
    return kept if platform == "darwin" else kept * 1024


def _tables(population: Population, size: int) -> Iterator[pa.Table]:
    blocks: list[pa.RecordBatch] = []
    for block in population.blocks(size):
        blocks.append(block)
        if len(blocks) == AT_ONCE:
            yield pa.Table.from_batches(blocks)
            blocks = []
    if blocks:
        yield pa.Table.from_batches(blocks)


def _elements(table: pa.Table, *path: str) -> int:
    """How many elements the lists at *path* hold; none if the table does not tell them."""
    name, *inner = path
    if name not in table.column_names:
        return 0
    column = table.column(name)
    for step in inner:
        if step not in [field.name for field in column.type]:
            return 0
        column = pc.struct_field(column, step)
    return pc.sum(pc.list_value_length(column)).as_py() or 0
