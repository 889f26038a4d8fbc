"""Tables cut into blocks: enough lanes to forget what a block costs, no more than memory bears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .layout import Layout

# Lanes of a block at most: enough to forget what a block costs; more no longer pay.
LANES = 1 << 18
# Lanes of a block most of which is decided without its columns: those that are left then are enough.
QUICK = 1 << 19
# A block keeps a column for each decision on its way: a law of many nodes has fewer lanes, but no
# fewer than these: where facts are not known, many steps are of a few lanes, and cost what a step does.
NODES = 1 << 28
SMALL = 1 << 17
# Pairs of elements of one list that a block of a large law holds at most: it looks at a whole list
# for each of its elements now and then, some 350 bytes each.
PAIRS = 1 << 21
# Lanes that are worth sharing among threads.
SHARED = 1 << 15
# By how much of its room a block may pass it.
OVER = 0.25
# Rows of a block at least.
LEAST = 256


class Cutter(Protocol):
    """What decides blocks: of what layout, whether most of a block is decided without its columns
    being worked out, and whether so many lanes are worth sharing among threads."""

    layout: Layout

    @property
    def is_quick(self) -> bool: ...

    def is_shared(self, held: int) -> bool: ...


def blocks(table: Any, decider: Cutter, workers: int = 1) -> Iterator[Any]:
    """Record batches of *table* that make blocks, of as many lanes as there is `room` for, or about.

    *workers*: threads that share them; the table is cut in as many at least, unless that is not
    worth it.
    """
    fitted = decider.layout
    fair = max(-(-len(table) // workers), LEAST)
    batches = table.to_batches()
    if decider.is_quick and len(batches) > 1:
        whole = gathered(batches, table.schema, decider)
        batches = (batch for some in whole for batch in some.to_batches())
    for batch in batches:
        held, of_pairs = lanes(batch, fitted), _rows_of_pairs(batch, fitted)
        start = 0
        while start < len(batch):
            size = _rows(batch, held, room(fitted, decider.is_quick))
            if not decider.is_quick:
                size = min(size, of_pairs)
            if decider.is_shared(held):
                size = min(size, fair)
            yield batch.slice(start, size)
            start += size


def gathered(batches: Iterable[Any], schema: Any, decider: Cutter) -> Iterator[Any]:
    """Tables out of a stream, small batches together: a block costs as much, however small."""
    held: list[Any] = []
    size = 0
    for batch in batches:
        more = lanes(batch, decider.layout)
        if held and size + more > room(decider.layout, decider.is_quick):
            yield pa.Table.from_batches(held, schema).combine_chunks()
            held, size = [], 0
        held.append(batch)
        size += more
    if held:
        yield pa.Table.from_batches(held, schema).combine_chunks()


def pieces(batch: Any, fitted: Layout) -> Iterator[Any]:
    """*batch* in blocks whose columns are worked out."""
    size = min(_rows(batch, lanes(batch, fitted), room(fitted)), _rows_of_pairs(batch, fitted))
    for start in range(0, len(batch), size):
        yield batch.slice(start, size)


def _rows(batch: Any, held: int, most: int) -> int:
    """How many rows of *batch*, which has *held* lanes, make blocks of *most* lanes or about, all
    alike: a few rows left over would cost as much as a block."""
    count = max(1, ceil(held / most - OVER))
    return max(LEAST, -(-len(batch) // count))


def _rows_of_pairs(batch: Any, fitted: Layout) -> int:
    """How many rows of *batch* hold `PAIRS`, or about; all, of a small law."""
    if room(fitted) == LANES:
        return max(1, len(batch))
    pairs = 0
    for fact in fitted.root.told:
        array = batch.column(fact.source) if fact.is_list and fact.source is not None else None
        if hasattr(array, "flatten"):
            lengths = pc.fill_null(pc.list_value_length(array), 0)
            lengths = lengths.to_numpy(zero_copy_only=False).astype(np.int64)
            pairs += int((lengths * lengths).sum())
    return max(1, len(batch) // ceil(max(1, pairs) / PAIRS))


def room(fitted: Layout, is_quick: bool = False) -> int:
    """How many lanes a block has at most."""
    if is_quick:
        return QUICK
    return min(LANES, max(SMALL, NODES // max(1, fitted.program.size)))


def lanes(batch: Any, fitted: Layout) -> int:
    """How many situations, or elements of one list that situations have at their first level."""
    most = len(batch)
    for fact in fitted.root.told:
        if fact.is_list and fact.source is not None:
            array = batch.column(fact.source)
            most = max(most, len(array.flatten()) if hasattr(array, "flatten") else 0)
    return most
