"""A stream of record batches → a stream of answers: the table is never whole in memory.

Two streams come out of one, answers and rejects. A block is decided when either of them is asked
for more, and what the other has of it waits: who reads the answers holds no more than the
faults, which are few, or are what is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

import pyarrow as pa

from .asking import Request
from .cutting import blocks, gathered
from .deciding import Decider
from .rejects import SCHEMA, Rows, rejects
from .settling import legible, settled, settled_schema
from .tables import TableResult
from .workers import in_order


def is_stream(data: Any) -> bool:
    """Whether *data* is read once, batch by batch."""
    return isinstance(data, pa.RecordBatchReader)


def evaluate(request: Request, data: Any) -> TableResult:
    """See `Law.evaluate_table`; *data* is a `pyarrow.RecordBatchReader`, and nothing is joined."""
    schema = settled_schema(data.schema)
    kept = request.kept
    decider = request.decider(schema)
    answers = pa.schema([*(schema.field(name) for name in kept), *decider.schema])
    batches = gathered(map(settled, data), schema, decider)
    split = _Split(_decided(decider, batches, answers, request))
    return TableResult(
        pa.RecordBatchReader.from_batches(answers, split.each(split.answers)),
        pa.RecordBatchReader.from_batches(SCHEMA, split.each(split.rejects)),
    )


def _decided(
    decider: Decider,
    tables: Iterator[Any],
    schema: Any,
    request: Request,
) -> Iterator[tuple[Any, Any]]:
    """The answers and the rejects of each block, as record batches, in order."""
    cut = ((batch, batch) for table in tables for batch in blocks(table, decider))
    first = 1
    for batch, decided in in_order(decider.decide, cut, request.workers):
        columns = [
            *(legible(batch.column(name))[0] for name in request.kept),
            *decided.answers.columns,
        ]
        rows = Rows.counted(len(batch), first=first)
        found = rejects(decider.program, decided.faults, rows, lang=request.lang)
        first += len(batch)
        yield pa.RecordBatch.from_arrays(columns, schema=schema), found.to_batches()


class _Split:
    """Two streams out of one, each read when it likes, by whatever thread."""

    def __init__(self, blocks: Iterator[tuple[Any, Sequence[Any]]]) -> None:
        self.blocks = blocks
        self.answers: deque[Any] = deque()
        self.rejects: deque[Any] = deque()
        self.failure: BaseException | None = None
        self.lock = Lock()

    def each(self, held: deque[Any]) -> Iterator[Any]:
        """What there is for the one stream whose batches wait in *held*."""
        while True:
            with self.lock:
                while not held:
                    if not self._advance():
                        return
                batch = held.popleft()
            yield batch

    def _advance(self) -> bool:
        """Decides one block more, if there is one."""
        if self.failure is not None:  # a stream that broke is not one that ended
            raise self.failure
        try:
            found = next(self.blocks, None)
        except BaseException as failure:
            self.failure = failure
            raise
        if found is None:
            return False
        answers, faults = found
        self.answers.append(answers)
        self.rejects.extend(faults)
        return True
