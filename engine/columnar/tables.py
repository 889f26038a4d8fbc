"""`Law.evaluate_table`: a table in memory → its answers, in the kind of table that was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.diagnostics import Diagnostic, Message

from ..refusals import SituationError
from .asking import Request
from .cutting import blocks
from .deciding import one_batch
from .joining import Joined, Source, check_keys, join, told_twice
from .rejects import rejects
from .settling import copied, settled
from .workers import in_order

# The rows kept of a table that joins nothing: nobody asks.
_ALL = np.zeros(0, np.int64)


@attrs.frozen(eq=False)
class TableResult:
    """The answers for a table.

    Attributes:
        answers: a row for each row given, in order, in the kind of table that was given. The
            columns kept come first; then, for each decision ``d``, ``d`` and ``d__status``, and
            ``d__rules`` if rules are asked for. A row that is set aside is null in all of these.
        rejects: the rows that are set aside, in the same kind of table, a row for each fault:
            ``file`` (the list, for a joined table), ``row`` (from 1), ``column``, ``element`` (in a
            list, from 1), ``code``, ``message``.
    """

    answers: Any
    rejects: Any


def evaluate(request: Request, data: Any, lists: Mapping[str, Any]) -> TableResult:
    """See `Law.evaluate_table`."""
    main = Source.of(to_arrow(data))
    program, key, kept = request.program, request.key, request.kept
    if lists:
        sources = {name: Source.of(to_arrow(one), name) for name, one in lists.items()}
        check_keys({name: one.table.schema for name, one in {"": main, **sources}.items()}, key)
        joined = join(main, sources, key)
    else:
        joined = Joined(main, _ALL, {}, (), {})
    nested = joined.source
    decider = request.decider(nested.table.schema)
    found = [rejects(program, joined.faults, main.rows, lang=request.lang)]
    for name, faults in joined.orphans.items():
        found.append(rejects(program, faults, sources[name].rows, lang=request.lang))
    pieces, first = [], 0
    cut = ((None, batch) for batch in blocks(nested.table, decider, request.workers))
    for _, decided in in_order(decider.decide, cut, request.workers):
        pieces.append(decided.answers)
        moved = [attrs.evolve(fault, rows=fault.rows + first) for fault in decided.faults]
        found.append(rejects(program, moved, nested.rows, joined.origins, request.lang))
        first += len(decided.answers)
    answers = pa.Table.from_batches(pieces, decider.schema)
    if joined.faults:
        back = np.full(len(main), -1)
        back[joined.kept] = np.arange(len(joined.kept))
        answers = answers.take(pa.array(back, mask=back < 0))
    for rank, name in enumerate(kept):
        answers = answers.add_column(rank, name, copied(main.table.column(name)))
    refused = like(data, pa.concat_tables(found))
    answers = like(data, answers)
    if _home(data) == "pandas":
        answers.index = data.index
    return TableResult(answers, refused)


# ── kinds of tables ──────────────────────────────────────────────────────────────────────


def to_arrow(data: Any) -> Any:
    """*data* as an Arrow table.

    Raises:
        TypeError: it is no table that Arrow can read.
    """
    if isinstance(data, pa.Table):
        table = data
    elif isinstance(data, pa.RecordBatch):
        table = pa.Table.from_batches([data])
    elif isinstance(data, pa.RecordBatchReader):
        table = data.read_all()
    elif _home(data) == "pandas":
        table = _from_pandas(data)
    elif hasattr(data, "__arrow_c_stream__"):  # Polars, DuckDB and others
        table = pa.table(data)
    else:
        raise TypeError("data: a table of Arrow, pandas, Polars, or with an Arrow stream")
    return settled(table)


def _from_pandas(frame: Any) -> Any:
    names = [str(name) for name in frame.columns]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    if twice:
        raise SituationError([told_twice(name) for name in twice])
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except _NOT_HELD:
        for rank, name in enumerate(names):
            try:
                pa.Array.from_pandas(frame.iloc[:, rank])
            except _NOT_HELD:
                raise SituationError([_of_no_type(name)]) from None
        raise


# What Arrow raises of objects that are not of one type, or beyond it.
_NOT_HELD = (pa.ArrowException, TypeError, ValueError, OverflowError)


def like(data: Any, table: Any) -> Any:
    """*table* as the same kind of table as *data*."""
    if isinstance(data, pa.RecordBatch):
        return one_batch(table)
    if isinstance(data, pa.RecordBatchReader):
        return table.to_reader()
    match _home(data):
        case "pandas":
            import pandas

            # Types of Arrow: decimals, dates and lists stay what they are.
            return table.to_pandas(types_mapper=pandas.ArrowDtype)
        case "polars":
            import polars

            return polars.from_arrow(table)
    return table


def _home(data: Any) -> str:
    """The library that *data* comes from."""
    return type(data).__module__.partition(".")[0]


# ── what does not fit ────────────────────────────────────────────────────────────────────


def _of_no_type(column: str) -> Diagnostic:
    return Diagnostic(
        "E130",
        Message(
            f"colonne `{column}` : ses objets ne sont pas tous d'un type d'Arrow",
            f"column `{column}`: its objects are not all of one type of Arrow",
        ),
    )
