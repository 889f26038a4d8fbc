"""On Spark, several executors give the answers that one process gives.

Skipped without pyspark: `make spark` runs it in an environment of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

pytest.importorskip("pyspark")

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from lexald.engine.api import Law, SituationError
from lexald.engine.columnar import spark as lexald_spark
from tests.engine.columnar.laws import vocabulary

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


def test_the_same_answers_as_one_process(session: SparkSession) -> None:
    law = Law(vocabulary())
    table = situations()
    asked: Any = {"on": DAY, "decisions": DECISIONS, "keep": ["nir"], "rules": True}
    expected = law.evaluate_table(table, **asked)
    frame = session.createDataFrame(table).repartition(6)
    found = by_key(lexald_spark.evaluate(law, frame, **asked))
    assert len(found) == N
    for row in expected.answers.to_pylist():
        told = {name: value for name, value in found[row["nir"]].items() if name != "rejects"}
        assert told == row
    refused = {row["row"]: row for row in expected.rejects.to_pylist()}
    assert len(refused) == 6
    for rank, key in enumerate(sorted(found), 1):
        faults = [(r["column"], r["code"], r["message"]) for r in found[key]["rejects"]]
        row = refused.get(rank)
        assert faults == ([(row["column"], row["code"], row["message"])] if row else [])


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


def test_a_table_that_does_not_fit_is_refused_before_anything_runs(session: SparkSession) -> None:
    frame = session.createDataFrame(pa.table({"patient.enfant": [1]}))
    with pytest.raises(SituationError) as refused:
        lexald_spark.evaluate(Law(vocabulary()), frame, on=DAY)
    assert [d.code for d in refused.value.diagnostics] == ["E102"]
