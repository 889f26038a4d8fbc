"""What an executor does of a partition of a table: small batches gathered, decided block by block.

Nothing here knows Spark, which gives record batches and takes record batches. What is costly is
made once by a worker and kept for its other partitions: the law, what reads the table, and the
machine code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import attrs
import numpy as np
import pyarrow as pa

from lexald import __version__
from lexald.dsl.diagnostics import Diagnostic, LawError, Message

from ..api import Law
from ..tabled import quicken
from .asking import Request
from .cutting import blocks, gathered
from .deciding import Decider
from .rejects import Rows, rejects
from .settling import legible

# The faults of a row that is set aside, in a column of the answers.
REJECTS = "rejects"
FAULTS = pa.list_(
    pa.struct(
        [("column", pa.string()), ("element", pa.int64()), ("code", pa.string()), ("message", pa.string())]
    )
)  # fmt: skip
# Tables of one schema, and what is asked of them, that a worker keeps ready.
_KEPT = 8


@attrs.frozen
class Sent:
    """What the driver asks of executors.

    Attributes:
        hash: that of the law as the driver has it. An executor reads the packaged law where it is.
        version: that of Lexald on the driver.
        columns: the names of the columns, in order.
        names: whole names of decisions.
        native: as for `Law.evaluate_table`.
    """

    law: Law = attrs.field(eq=False)
    hash: str
    version: str
    columns: tuple[str, ...]
    names: tuple[str, ...]
    on: date | None
    kept: tuple[str, ...]
    rules: bool
    native: bool | None
    lang: str


def decided(sent: Sent, batches: Iterable[Any]) -> Iterator[Any]:
    """The answers to the rows of *batches*, in order: the columns kept, those of the answers, and
    the faults of rows that are set aside.

    Raises:
        LawError: this process has another law, or another Lexald, than the driver; or machine code
            is asked for, and it has not llvmlite.
    """
    _check_same(sent)
    named = (batch.rename_columns(list(sent.columns)) for batch in batches)
    first = next(named, None)
    if first is None:
        return
    decider = _decider(sent, first.schema)
    for table in gathered(_all(first, named), first.schema, decider):
        for block in blocks(table, decider):
            yield _answers(decider, block, sent)


def plain(kind: Any) -> Any:
    """The type, without dictionaries: Spark has none."""
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, plain(field.type)) for field in kind])
    return kind


def _all(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest


@lru_cache(_KEPT)
def _decider(sent: Sent, schema: Any) -> Decider:
    """Laws of one hash are one law: that of the first partition serves the others."""
    request = Request(
        sent.law.program, sent.names, sent.on, keep=sent.kept, rules=sent.rules,
        quick=quicken(sent.native),
    )  # fmt: skip
    return request.decider(schema)


def _answers(decider: Decider, batch: Any, sent: Sent) -> Any:
    found = decider.decide(batch)
    arrays = [
        *(legible(batch.column(name))[0] for name in sent.kept),
        *(array.cast(plain(array.type)) for array in found.answers.columns),
        _faults(decider, found.faults, len(batch), sent.lang),
    ]
    names = [*sent.kept, *found.answers.schema.names, REJECTS]
    return pa.RecordBatch.from_arrays(arrays, names)


def _faults(decider: Decider, faults: Any, size: int, lang: str) -> Any:
    """The faults of each row: none, for most."""
    found = rejects(decider.program, faults, Rows.counted(size, first=0), lang=lang)
    counts = np.bincount(found.column("row").to_numpy(), minlength=size)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    kind = FAULTS.value_type
    columns = [_whole(found.column(field.name), field.type) for field in kind]
    told = pa.StructArray.from_arrays(columns, fields=list(kind))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), told)


def _whole(column: Any, kind: Any) -> Any:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], kind)


def _check_same(sent: Sent) -> None:
    """Whether this process decides as the driver would: a law or an engine that is not the same
    would change answers, and nobody would see it."""
    if sent.version == __version__ and sent.law.hash == sent.hash:
        return
    if sent.version != __version__:
        here, there = __version__, sent.version
        fr, en = (
            f"Lexald {here}, et celui qui demande, {there}",
            f"Lexald {here}, and the driver {there}",
        )
    else:
        fr, en = "un autre droit que celui qui demande", "another law than the driver"
    raise LawError(
        [
            Diagnostic(
                "X077",
                Message(f"un exécuteur a {fr}", f"an executor has {en}"),
                help=Message(
                    "installer le même paquet partout", "install the same package everywhere"
                ),
            )
        ]
    )
