"""Past one machine: the same kernel on each partition of a Spark table.

A partition is decided as a table in memory is, block by block, by the Python worker of its
executor; nothing is gathered. Rows are whole situations, so that none needs another: lists that
come as tables of their own are first nested under the key, which is the one shuffle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache, reduce
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from ..api import Law
from ..refusals import SituationError, bad_day
from ..scalars import read_day
from .asking import Request
from .cutting import blocks
from .deciding import Decider
from .rejects import Rows, rejects
from .settling import legible

# The faults of a row that is set aside, in a column of the answers.
REJECTS = "rejects"
_FAULT = pa.struct(
    [("column", pa.string()), ("element", pa.int64()), ("code", pa.string()), ("message", pa.string())]
)  # fmt: skip


def evaluate(
    law: Law,
    frame: DataFrame,
    *,
    on: date | str | None = None,
    decisions: Sequence[str] = (),
    keep: Sequence[str] = (),
    rules: bool = False,
    lang: str = "fr",
) -> DataFrame:
    """Decide every row of *frame*, one for each situation, as `Law.evaluate_table` does.

    Args:
        keep: columns that tell nothing, to be copied: the key.
        rules: also answer which rules gave each answer, in ``d__rules``.

    Returns:
        the columns kept, those of the answers, and ``rejects``: why a row is set aside, the
        answers being null; empty for the others. Rows are as Spark has them, in no order.

    Raises:
        SituationError: the table does not fit, has no date, or a decision asked for does not exist.
    """
    day = None if on is None else read_day(on)
    if on is not None and day is None:
        raise SituationError([bad_day(str(on))])
    kept, names = tuple(keep), tuple(decisions)
    schema = to_arrow_schema(frame.schema)
    decider = Request(law.program, names, day, keep=kept, rules=rules).decider(schema)
    answers = pa.schema(
        [
            *(schema.field(name) for name in kept),
            *(field.with_type(_plain(field.type)) for field in decider.schema),
            (REJECTS, pa.list_(_FAULT)),
        ]
    )
    work = _partition(law, schema.names, decider.names, day, kept, rules, lang)
    # By their ranks: Spark takes a dot in a name for a field of a struct.
    ranked = frame.toDF(*(str(rank) for rank in range(len(schema.names))))
    return ranked.mapInArrow(work, from_arrow_schema(answers))


def nest(
    frame: DataFrame, lists: Mapping[str, tuple[DataFrame, Sequence[str]]], key: str
) -> DataFrame:
    """*frame* with *lists* in it, by *key*: a row of *frame* that no row of a list has the key of
    has an empty one.

    Args:
        lists: by the name of the list (``soins``): its table, and the columns that order its
            elements. Rows that are equal in these are in no order that one may count on.
    """

    def one(whole: DataFrame, item: tuple[str, tuple[DataFrame, Sequence[str]]]) -> DataFrame:
        name, (elements, order) = item
        facts = [column for column in elements.columns if column != key]
        row = f.struct(
            f.struct(*order).alias("order"),
            f.struct(*(f.col(f"`{c}`") for c in facts)).alias("row"),
        )
        listed = f.array_sort(f.collect_list(row))
        grouped = elements.groupBy(key).agg(
            f.transform(listed, lambda item: item["row"]).alias(name)
        )
        joined = whole.join(grouped, key, "left")
        return joined.withColumn(name, f.coalesce(f.col(f"`{name}`"), f.array()))

    return reduce(one, lists.items(), frame)


def _partition(
    law: Law,
    columns: Sequence[str],
    names: tuple[str, ...],
    day: date | None,
    kept: tuple[str, ...],
    rules: bool,
    lang: str,
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What an executor does of its partition."""

    def work(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            table = pa.Table.from_batches([batch.rename_columns(columns)])
            decider = _decider(_Held(law), table.schema, names, day, kept, rules)
            first = 0
            for block in blocks(table, decider):
                yield _answers(decider, block, kept, lang)
                first += len(block)

    return work


class _Held:
    """A law as a key: two that are read from one text are one."""

    def __init__(self, law: Law) -> None:
        self.law = law

    def __hash__(self) -> int:
        return hash(self.law.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.law.hash == self.law.hash


@lru_cache(maxsize=8)
def _decider(
    held: _Held,
    schema: Any,
    names: tuple[str, ...],
    day: date | None,
    kept: tuple[str, ...],
    rules: bool,
) -> Decider:
    """Kept by the worker, which Spark uses again for other partitions."""
    return Request(held.law.program, names, day, keep=kept, rules=rules).decider(schema)


def _answers(decider: Decider, batch: Any, kept: Sequence[str], lang: str) -> Any:
    decided = decider.decide(batch)
    found = rejects(decider.program, decided.faults, Rows.counted(len(batch), first=0), lang=lang)
    counts = np.bincount(found.column("row").to_numpy(), minlength=len(batch))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    faults = pa.StructArray.from_arrays(
        [_whole(found.column(field.name), field.type) for field in _FAULT], fields=list(_FAULT)
    )
    arrays = [
        *(legible(batch.column(name))[0] for name in kept),
        *(array.cast(_plain(array.type)) for array in decided.answers.columns),
        pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), faults),
    ]
    names = [*kept, *decided.answers.schema.names, REJECTS]
    return pa.RecordBatch.from_arrays(arrays, names)


def _whole(column: Any, kind: Any) -> Any:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], kind)


def _plain(kind: Any) -> Any:
    """The type, without dictionaries: Spark has none."""
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in kind])
    return kind
