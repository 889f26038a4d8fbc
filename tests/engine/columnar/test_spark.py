"""On Spark, several executors give the answers that one process gives.

Skipped without pyspark: `make spark` runs it in an environment of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

pytest.importorskip("pyspark")

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lexald.casebook.bench.whole_law import drawn
from lexald.casebook.bench.works import TEN_LINES
from lexald.engine.api import Law, SituationError
from lexald.engine.columnar import spark as lexald_spark
from lexald.engine.columnar.partitions import plain
from tests.engine.columnar.laws import vocabulary
from tests.engine.laws import packaged_program

DAY = "2025-06-01"
N = 300
DECISIONS = ("disputé", "tranche", "plus_vieux_soin", "geste", "part", "reçus", "clos", "suite")


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    """Two executors, each a process of its own."""
    path = os.pathsep.join(path for path in sys.path if path)
    made = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.executorEnv.PYTHONPATH", path)
        .config("spark.pyspark.python", sys.executable)
        .getOrCreate()
    )
    yield made
    made.stop()


def situations() -> Any:
    ranks = range(N)
    soin = pa.struct(
        [("jour", pa.date32()), ("nature", pa.string()), ("base", pa.decimal128(9, 2))]
    )
    care = [
        [
            {"jour": date(2020, 1, 1 + k), "nature": ["consultation", None][k % 2]}
            for k in range(n % 5)
        ]
        for n in ranks
    ]
    return pa.table(
        {
            "nir": [f"{rank:04}" for rank in ranks],
            "patient.enfants": pa.array([rank % 9 for rank in ranks], pa.int32()),
            "patient.score": ["secret" if rank % 50 == 7 else "1.5" for rank in ranks],
            "patient.séjour": [f"2020-01-01/2020-02-{1 + rank % 28:02}" for rank in ranks],
            "patient.attente": ["P2M"] * N,
            "soins": pa.array(care, pa.list_(soin)),
        }
    )


def by_key(frame: DataFrame) -> dict[str, Any]:
    return {row["nir"]: row for row in frame.toArrow().to_pylist()}


def in_one_process(law: Law, table: Any, **asked: Any) -> dict[str, Any]:
    """What `evaluate_table` says, by key, faults beside their rows."""
    found = law.evaluate_table(table, keep=["nir"], native=False, **asked)
    rows = {row["nir"]: {**row, "rejects": []} for row in found.answers.to_pylist()}
    keys = list(rows)
    for fault in found.rejects.to_pylist():
        rows[keys[fault["row"] - 1]]["rejects"].append(
            {name: fault[name] for name in ("column", "element", "code", "message")}
        )
    return rows


def test_the_same_answers_as_one_process(session: SparkSession) -> None:
    law = Law(vocabulary())
    table = situations()
    asked: Any = {"on": DAY, "decisions": DECISIONS, "rules": True}
    frame = session.createDataFrame(table).repartition(6)
    found = by_key(lexald_spark.evaluate(law, frame, keep=["nir"], **asked))
    assert found == in_one_process(law, table, **asked)
    assert len(found) == N
    assert sum(bool(row["rejects"]) for row in found.values()) == 6


@pytest.fixture(scope="module")
def population() -> Any:
    """Patients of the packaged law, a fact in twenty not told, and three faulty rows."""
    law = Law(packaged_program())
    table = pa.Table.from_batches(drawn(law, 0.05, ("total_remboursé",)).blocks(1_500))
    fields = [field.with_type(plain(field.type)) for field in table.schema]
    rows = table.cast(pa.schema(fields)).to_pylist()
    for rank in (5, 700, 1_400):
        rows[rank]["soins"] = [{"nature": "un secret"}]
    table = pa.Table.from_pylist(rows, pa.schema(fields))
    return table.append_column("nir", pa.array([f"{rank:04}" for rank in range(len(table))]))


@pytest.mark.parametrize("native", [True, False])
def test_the_packaged_law_in_machine_code_or_not(
    session: SparkSession, population: Any, native: bool
) -> None:
    law = Law(packaged_program())
    asked: Any = {"on": "2025-12-31", "decisions": ["total_remboursé"]}
    frame = session.createDataFrame(population).repartition(4)
    found = by_key(lexald_spark.evaluate(law, frame, keep=["nir"], native=native, **asked))
    assert found == in_one_process(law, population, **asked)
    assert sum(bool(row["rejects"]) for row in found.values()) == 3
    statuses = {row["total_remboursé__status"] for row in found.values()}
    assert {"value", "unknown", None} <= statuses


def test_workers_keep_their_machine_code(session: SparkSession) -> None:
    """Each compiles it once, for all the partitions and jobs that come to it."""
    law = TEN_LINES.law()
    table = TEN_LINES.population(law).table(400)
    fields = [field.with_type(plain(field.type)) for field in table.schema]
    frame = session.createDataFrame(table.cast(pa.schema(fields))).repartition(6)
    on, decisions = TEN_LINES.on, [TEN_LINES.decision]
    expected = law.evaluate_table(table, on=on, decisions=decisions, native=False).answers
    seen: list[set[tuple[int, int]]] = []
    for _ in range(2):
        answers = lexald_spark.evaluate(law, frame, on=on, decisions=decisions, native=True)
        found = answers.drop("rejects").toArrow()
        order = [(name, "ascending") for name in found.column_names]
        assert found.sort_by(order).to_pylist() == (
            expected.cast(found.schema).sort_by(order).to_pylist()
        )
        told = frame.mapInArrow(compiled, "pid long, code long").collect()
        seen.append({(row["pid"], row["code"]) for row in told})
    assert seen[0] == seen[1]
    pids = [pid for pid, _ in seen[0]]
    assert len(pids) == len(set(pids)) == 2, "a worker for each executor, a machine for each worker"


def compiled(batches: Iterator[Any]) -> Iterator[Any]:
    """In a worker: which machine code it has for lines of care of the bench."""
    from lexald.engine.native import plain as machines

    for _ in batches:
        pass
    found = [
        id(kept._plain)
        for kept in machines._kept.values()
        if kept._plain is not None and len(kept._plain.program.decisions) < 20
    ]
    yield pa.record_batch({"pid": [os.getpid()] * len(found), "code": found})


def test_the_work_is_done_by_several_executors(session: SparkSession) -> None:
    law = Law(vocabulary())
    frame = session.createDataFrame(situations()).repartition(6)
    answers = lexald_spark.evaluate(law, frame, on=DAY, decisions=["part"], keep=["nir"])
    partitions = answers.withColumn("partition", f.spark_partition_id()).toArrow()
    assert len(set(partitions.column("partition").to_pylist())) == 6
    context = session.sparkContext
    executors = context._jsc.sc().getExecutorMemoryStatus().size() - 1
    assert executors == 2


def test_lists_that_are_tables_of_their_own(session: SparkSession) -> None:
    law = Law(vocabulary())
    table = situations()
    nested = session.createDataFrame(table)
    care = nested.select("nir", f.explode("soins").alias("s")).select("nir", "s.*")
    patients = nested.drop("soins")
    frame = lexald_spark.nest(patients, {"soins": (care.repartition(5), ["jour"])}, "nir")
    decisions = ["plus_vieux_soin", "geste"]
    found = by_key(lexald_spark.evaluate(law, frame, on=DAY, decisions=decisions, keep=["nir"]))
    expected = law.evaluate_table(table, on=DAY, decisions=decisions, keep=["nir"])
    for row in expected.answers.to_pylist():
        assert {**found[row["nir"]], "rejects": None} == {**row, "rejects": None}


def test_lists_of_a_struct_and_rows_without_a_key(session: SparkSession) -> None:
    patients = session.createDataFrame(
        pa.table({"n.ir": ["a", "b", None], "patient": [{"enfants": 1}, {"enfants": 2}, {}]})
    )
    notes = session.createDataFrame(
        pa.table({"n.ir": ["a", "a", "z"], "no`te": ["2", "1", "3"], "grave": [True, None, None]})
    )
    frame = lexald_spark.nest(patients, {"patient.affections": (notes, ["no`te"])}, "n.ir")
    rows = {row["n.ir"]: row["patient"] for row in frame.toArrow().to_pylist()}
    assert rows == {
        "a": {
            "enfants": 1,
            "affections": [{"no`te": "1", "grave": None}, {"no`te": "2", "grave": True}],
        },
        "b": {"enfants": 2, "affections": []},
        None: {"enfants": None, "affections": None},
    }


def refused(work: Callable[[], Any]) -> list[str]:
    with pytest.raises(SituationError) as found:
        work()
    return [diagnostic.code for diagnostic in found.value.diagnostics]


@pytest.mark.parametrize(
    ("column", "kind", "code"),
    [
        ("patient.enfant", "1", "E102"),
        ("patient.revenu", "1.5D", "E130"),
        ("patient.naissance", "current_timestamp()", "E130"),
        ("patient.attente", "make_interval(1)", "E130"),
        ("soins", "array()", "E130"),
        ("nir", "'again'", "E111"),
        ("rejects", "1", "E136"),
        ("patient.tranche__status", "'value'", "E136"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_before_anything_runs(
    session: SparkSession, column: str, kind: str, code: str
) -> None:
    told = ["'a' AS nir", "2 AS `patient.rang`", f"{kind} AS `{column}`"]
    frame = session.range(1).selectExpr(*told)
    keep = ["nir", column] if code in {"E111", "E136"} else ["nir"]
    law = Law(vocabulary())
    assert refused(
        lambda: lexald_spark.evaluate(law, frame, on=DAY, decisions=["tranche"], keep=keep)
    ) == [code]


def test_what_is_asked_is_looked_at_before_anything_runs(session: SparkSession) -> None:
    law = Law(vocabulary())
    frame = session.range(1).selectExpr("'a' AS nir", "1 AS `patient.enfants`")

    def asked(**options: Any) -> list[str]:
        return refused(lambda: lexald_spark.evaluate(law, frame, **{"on": DAY, **options}))

    assert asked(keep=["NIR"]) == ["E134"]
    assert asked(keep=["nir"], on=None) == ["E191"]
    assert asked(keep=["nir"], on="2025-06-31") == ["E192"]
    assert asked(keep=["nir"], decisions=["tranches"]) == ["X010"]
    with pytest.raises(TypeError):
        lexald_spark.evaluate(law, frame, on=DAY, keep="nir")


def test_lists_that_do_not_fit_are_refused_before_anything_runs(session: SparkSession) -> None:
    patients = session.range(1).selectExpr("'a' AS nir")
    care = session.range(1).selectExpr("'a' AS nir", "current_date() AS jour")

    def nested(care: DataFrame, key: str = "nir", order: str = "jour") -> list[str]:
        return refused(lambda: lexald_spark.nest(patients, {"soins": (care, [order])}, key))

    assert nested(care, key="NIR") == ["E134"]
    assert nested(care.drop("nir")) == ["E134"]
    assert nested(care, order="jours") == ["E134"]
    assert nested(care.withColumn("nir", f.lit(1))) == ["E130"]
    twice = patients.withColumn("soins", f.array(f.lit(1)))
    assert refused(lambda: lexald_spark.nest(twice, {"soins": (care, [])}, "nir")) == ["E111"]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("quand", "timestamp'2024-01-02 03:04:05'"),
        ("jour", "timestamp_ntz'2024-01-02 03:04:05'"),
        ("paire", "named_struct('a', 1, 'b', array('x', null))"),
        ("compte", "map('a', 1)"),
        ("somme", "CAST(1.50 AS DECIMAL(9, 2))"),
        ("rien", "CAST(null AS string)"),
        ("octets", "CAST('a' AS binary)"),
    ],
)
def test_columns_are_kept_as_they_are(session: SparkSession, column: str, kind: str) -> None:
    frame = session.range(2).selectExpr(f"{kind} AS `{column}`", "1 AS `patient.enfants`")
    answers = lexald_spark.evaluate(
        Law(vocabulary()), frame, on=DAY, decisions=["tranche"], keep=[column]
    )
    assert answers.schema[0] == frame.schema[0]
    assert answers.select(column).collect() == frame.select(column).collect()
