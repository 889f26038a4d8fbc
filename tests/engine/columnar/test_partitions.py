"""What a worker of Spark does of its partitions: the answers of one process, made ready once.

Nothing here is of Spark: `test_spark` runs it there.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date
from typing import Any

import attrs
import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa

from lexald import Law, LawError, __version__
from lexald.casebook.bench import works
from lexald.engine import tabled
from lexald.engine.columnar import cutting, partitions
from lexald.engine.columnar.partitions import REJECTS, Sent, decided

WORK = works.TEN_LINES
ROWS = 600


def law() -> Law:
    return WORK.law()


def population() -> Any:
    """With facts that are not told, as Spark hands it over, and a row that is set aside."""
    drawn = WORK.population(law(), missing=0.05).table(ROWS)
    fields = [field.with_type(partitions.plain(field.type)) for field in drawn.schema]
    told = drawn.cast(pa.schema(fields)).to_pylist()
    told[41]["soins"][3]["nature"] = "un secret"
    table = pa.Table.from_pylist(told, pa.schema(fields))
    return table.append_column("nir", pa.array([f"{rank:04}" for rank in range(ROWS)]))


def sent(made: Law, table: Any, native: bool | None = False) -> Sent:
    return Sent(
        made, made.hash, __version__, tuple(table.column_names), (WORK.decision,), WORK.on,
        ("nir",), False, native, "fr",
    )  # fmt: skip


def batches(table: Any, size: int) -> Any:
    """As Spark names their columns: by rank."""
    names = [str(rank) for rank in range(table.num_columns)]
    return table.rename_columns(names).combine_chunks().to_batches(max_chunksize=size)


def told(asked: Sent, table: Any, size: int) -> list[dict[str, Any]]:
    return [row for batch in decided(asked, batches(table, size)) for row in batch.to_pylist()]


def in_one_process(made: Law, table: Any, on: date | None = WORK.on) -> list[dict[str, Any]]:
    """What `evaluate_table` says, faults beside their rows."""
    found = made.evaluate_table(table, on=on, decisions=[WORK.decision], keep=["nir"], native=False)
    rows: list[dict[str, Any]] = [{**row, REJECTS: []} for row in found.answers.to_pylist()]
    for fault in found.rejects.to_pylist():
        rows[fault["row"] - 1][REJECTS].append(
            {name: fault[name] for name in ("column", "element", "code", "message")}
        )
    return rows


@pytest.mark.parametrize("native", [False, True, None])
@pytest.mark.parametrize("size", [7, 250, ROWS])
def test_the_answers_of_one_process(native: bool | None, size: int) -> None:
    if native:
        pytest.importorskip("llvmlite")
    table = population()
    expected = in_one_process(law(), table)
    assert told(sent(law(), table, native), table, size) == expected
    assert [rank for rank, row in enumerate(expected) if row[REJECTS]] == [41]
    statuses = {row[f"{WORK.decision}__status"] for row in expected}
    assert statuses == {"value", "unknown", None}


def test_small_batches_are_decided_together(monkeypatch: pytest.MonkeyPatch) -> None:
    table = population()
    asked = sent(law(), table)
    assert len(list(decided(asked, batches(table, 10)))) == 1
    monkeypatch.setattr(cutting, "LANES", 1_000)
    monkeypatch.setattr(cutting, "SMALL", 1_000)
    monkeypatch.setattr(cutting, "LEAST", 10)
    sizes = [len(batch) for batch in decided(asked, batches(table, 10))]
    assert sum(sizes) == ROWS
    assert max(sizes) <= 100 <= 10 * min(sizes), "ten lines each, a thousand lanes a block"


@pytest.mark.parametrize("native", [False, True])
def test_each_row_has_its_day(native: bool) -> None:
    if native:
        pytest.importorskip("llvmlite")
    days = [WORK.on, date(2024, 5, 14), None]
    table = population().append_column("on", pa.array([days[rank % 3] for rank in range(ROWS)]))
    asked = attrs.evolve(sent(law(), table, native), on=None)
    expected = in_one_process(law(), table, on=None)
    assert told(asked, table, 250) == expected
    without = [rank for rank, row in enumerate(expected) if row[REJECTS]]
    assert without == list(range(2, ROWS, 3)), "the row that is set aside is one of these"


def test_a_partition_without_rows_has_no_answers() -> None:
    table = population()
    assert list(decided(sent(law(), table), [])) == []
    assert told(sent(law(), table), table.slice(0, 0), 10) == []


def test_machine_code_is_made_once_for_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each partition brings the law and the columns anew, as a worker is sent them."""
    pytest.importorskip("llvmlite")
    from lexald.engine.native import plain

    made: list[Any] = []

    class Counted(plain.Plain):
        def __init__(self, *args: Any, **options: Any) -> None:
            made.append(options.get("like"))
            super().__init__(*args, **options)

    monkeypatch.setattr(plain, "Plain", Counted)
    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    partitions._decider.cache_clear()
    table = population()
    asked = sent(law(), table, native=True)
    answers = [told(pickle.loads(pickle.dumps(asked)), table, 250) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2] == in_one_process(law(), table)
    assert len(made) == 1
    partitions._decider.cache_clear()


def test_machine_code_begins_when_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, once a worker has decided as many lanes, in whatever partitions they came."""
    pytest.importorskip("llvmlite")
    from lexald.engine.native import plain

    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    monkeypatch.setattr(plain, "WORTH", 15 * ROWS)
    partitions._decider.cache_clear()
    table = population()
    asked = sent(law(), table, native=None)
    for ready in (False, True):
        told(pickle.loads(pickle.dumps(asked)), table, 250)
        (kept,) = plain._kept.values()
        assert kept.is_ready is ready
    partitions._decider.cache_clear()


def test_a_worker_without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns do, unless machine code is asked for."""
    monkeypatch.setattr(tabled, "find_spec", lambda name: None if name == "llvmlite" else name)
    partitions._decider.cache_clear()
    table = population()
    assert told(sent(law(), table, None), table, 250) == in_one_process(law(), table)
    with pytest.raises(LawError) as refused:
        told(sent(law(), table, True), table, 250)
    assert [found.code for found in refused.value.diagnostics] == ["X035"]
    partitions._decider.cache_clear()


@pytest.mark.parametrize("other", [{"hash": "0" * 64}, {"version": "0.0.1"}], ids=["law", "engine"])
def test_a_worker_that_decides_otherwise_says_so(other: Any) -> None:
    table = population()
    asked = attrs.evolve(sent(law(), table), **other)
    with pytest.raises(LawError) as refused:
        told(asked, table, 250)
    assert [found.code for found in refused.value.diagnostics] == ["X077"]


def test_without_spark_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from lexald.engine.columnar import spark

    monkeypatch.setattr(tabled, "find_spec", lambda name: None if name == "pyspark" else name)
    frame: Any = None
    asked: tuple[Callable[[], Any], ...] = (
        lambda: spark.evaluate(law(), frame),
        lambda: spark.nest(frame, {}, "nir"),
    )
    for ask in asked:
        with pytest.raises(LawError) as refused:
            ask()
        assert [found.code for found in refused.value.diagnostics] == ["X035"]
        assert "lexald[spark]" in str(refused.value.diagnostics[0].help)
