"""Past one machine: the same kernels on each partition of a Spark table.

A partition is decided as a table in memory is, block by block, by the Python worker of its
executor (`partitions`); nothing is gathered. Rows are whole situations, so that none needs another:
lists that come as tables of their own are first nested under the key, which is the one shuffle.

What is wrong with the table itself is raised here, before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from inspect import signature
from typing import TYPE_CHECKING, Any

from lexald.dsl.diagnostics import Diagnostic, Message

from ..refusals import SituationError, bad_day
from ..scalars import read_day
from ..tabled import need_spark, quicken

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ..api import Law
    from .partitions import Sent


def evaluate(
    law: Law,
    frame: DataFrame,
    *,
    on: date | str | None = None,
    decisions: Sequence[str] = (),
    keep: Sequence[str] = (),
    rules: bool = False,
    native: bool | None = None,
    lang: str = "fr",
) -> DataFrame:
    """Decide every row of *frame*, one for each situation, as `Law.evaluate_table` does.

    Args:
        keep: columns that tell nothing, to be copied: the key.
        rules: also answer which rules gave each answer, in ``d__rules``.
        native: decide in machine code what can be; `None`: in each Python worker, once what it
            decided is long enough for it to pay. It changes no answer.

    Returns:
        the columns kept, those of the answers, and ``rejects``: why a row is set aside, the
        answers being null; empty for the others. Rows are as Spark has them, in no order.

    Raises:
        SituationError: the table does not fit, has no date, or a decision asked for does not exist.
        LawError: the extra ``lexald[spark]`` is not installed here, or ``lexald[native]`` that is
            asked for. An executor that has not the same stops the job, when Spark runs it.
        TypeError: *decisions* or *keep* is one text.
    """
    if isinstance(decisions, str) or isinstance(keep, str):
        raise TypeError("decisions, keep: sequences of names, such as ['total']")
    need_spark()
    day = None if on is None else read_day(on)
    if on is not None and day is None:
        raise SituationError([bad_day(str(on))])
    quicken(native)

    import pyarrow as pa
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType

    from lexald import __version__

    from .asking import Request
    from .deciding import taken
    from .partitions import FAULTS, REJECTS, Sent, plain

    kept = tuple(dict.fromkeys(keep))
    schema = _arrow(frame)
    decider = Request(law.program, tuple(decisions), day, keep=kept, rules=rules).decider(schema)
    if REJECTS in kept:
        raise SituationError([taken(REJECTS)])
    answers = from_arrow_schema(
        pa.schema(
            [
                *(field.with_type(plain(field.type)) for field in decider.schema),
                pa.field(REJECTS, FAULTS),
            ]
        )
    )
    copied = [field for name in kept for field in frame.schema if field.name == name]
    names = tuple(schema.names)
    sent = Sent(
        law, law.hash, __version__, names, decider.names, day, kept, rules, native, lang
    )  # fmt: skip
    # By their ranks: Spark takes a dot in a name for a field of a struct.
    ranked = frame.toDF(*map(str, range(len(names))))
    return ranked.mapInArrow(_work(sent), StructType([*copied, *answers]))


def _work(sent: Sent) -> Callable[[Iterator[Any]], Iterator[Any]]:
    def work(batches: Iterator[Any]) -> Iterator[Any]:
        from .partitions import decided

        return decided(sent, batches)

    return work


def nest(
    frame: DataFrame, lists: Mapping[str, tuple[DataFrame, Sequence[str]]], key: str
) -> DataFrame:
    """*frame* with *lists* in it, by *key*: a row of *frame* that no row of a list has the key of
    has an empty one, and a row without a key one that is not known.

    Args:
        lists: by the name of the list (``soins``, ``patient.affections``): its table, and the
            columns that order its elements. Rows that are equal in these are in no order that one
            may count on.

    Raises:
        SituationError: a table has not the key, or has it in another type than the others; or not
            the columns that order it; or *frame* has the list already.
        LawError: the extra ``lexald[spark]`` is not installed here.
    """
    need_spark()
    from .joining import check_keys, no_column, told_twice

    schemas = {name: _arrow(elements) for name, (elements, _) in lists.items()}
    check_keys({"": _arrow(frame), **schemas}, key)
    for name, (_, order) in lists.items():
        missing = [column for column in order if column not in schemas[name].names]
        if missing:
            raise SituationError([no_column(column, name) for column in missing])
        if name in frame.columns:
            raise SituationError([told_twice(name)])
    for name, (elements, order) in lists.items():
        frame = _with(frame, name, elements, order, key)
    return frame


def _with(
    whole: DataFrame, name: str, elements: DataFrame, order: Sequence[str], key: str
) -> DataFrame:
    """*whole* with one list: in the struct that holds it, if there is one."""
    from pyspark.sql import functions as f

    facts = [column for column in elements.columns if column != key]
    row = f.struct(
        f.struct(*(f.col(_quoted(c)) for c in order)).alias("order"),
        f.struct(*(f.col(_quoted(c)) for c in facts)).alias("row"),
    )
    grouped = elements.groupBy(f.col(_quoted(key)).alias(_KEY)).agg(
        f.transform(f.array_sort(f.collect_list(row)), lambda item: item["row"]).alias(_LIST)
    )
    joined = whole.join(grouped, f.col(_quoted(key)) == f.col(_KEY), "left")
    told = f.coalesce(f.col(_LIST), f.when(f.col(_quoted(key)).isNotNull(), f.array()))
    head, _, last = name.rpartition(".")
    if head in whole.columns:
        joined = joined.withColumn(head, f.col(_quoted(head)).withField(_quoted(last), told))
    else:
        joined = joined.withColumn(name, told)
    return joined.drop(_KEY, _LIST)


# Columns on the way, which no table of facts has.
_KEY, _LIST = "__lexald_key", "__lexald_list"


def _quoted(name: str) -> str:
    """The name of a column whatever signs it has."""
    return "`" + name.replace("`", "``") + "`"


def _arrow(frame: DataFrame) -> Any:
    """The schema of the batches that Spark hands over.

    Raises:
        SituationError: a column is of a type that Arrow has not.
    """
    import pyarrow as pa
    from pyspark.errors import PySparkTypeError
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    # Spark asks for the zone of timestamps since 4.3.
    told = {"timezone": "UTC"} if "timezone" in signature(to_arrow_schema).parameters else {}
    fields: list[Any] = []
    for field in frame.schema:
        try:
            fields += to_arrow_schema(StructType([field]), **told)
        except (PySparkTypeError, ValueError):  # Arrow raises the second: void, in some places
            raise SituationError([_no_arrow(field.name, field.dataType.simpleString())]) from None
    return pa.schema(fields)


def _no_arrow(column: str, kind: str) -> Diagnostic:
    return Diagnostic(
        "E130",
        Message(
            f"colonne `{column}` : Spark ne donne pas les `{kind}` par Arrow",
            f"column `{column}`: Spark does not hand `{kind}` over by Arrow",
        ),
        help=Message("la convertir, ou la retirer", "cast it, or drop it"),
    )
