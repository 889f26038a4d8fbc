"""A population at a time, small: what ``lexald bench --population`` measures at any size.

Figures of one group stand side by side: only their ratios travel from a machine to another.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from lexald import load
from lexald.casebook.bench import whole_law
from lexald.casebook.bench.by_hand import duckdb_sql, numpy_blocks, polars_frames
from lexald.casebook.bench.works import CRITERIA, TEN_LINES, Work
from lexald.casebook.population.ald import habits
from lexald.casebook.population.population import Population
from lexald.engine.api import Law

SIZE = 50_000
PATIENTS = 2_000
LAW = load()
LAWS = {work.name: work.law() for work in (CRITERIA, TEN_LINES)}
TABLES = {
    (work.name, missing): work.population(LAWS[work.name], missing).table(SIZE).combine_chunks()
    for work in (CRITERIA, TEN_LINES)
    for missing in (0.0, 0.05)
}


def decided(work: Work, law: Law, table: pa.Table, native: bool) -> Any:
    return law.evaluate_table(table, on=work.on, decisions=[work.decision], native=native)


@pytest.mark.parametrize("who", ["numpy", "polars", "duckdb", "columns", "native"])
@pytest.mark.parametrize("missing", [0.0, 0.05])
@pytest.mark.parametrize("work", [CRITERIA, TEN_LINES], ids=lambda work: work.name)
def test_population(benchmark: Any, work: Work, missing: float, who: str) -> None:
    benchmark.group = f"{work.name}, {missing:.0%} unknown"
    table = TABLES[work.name, missing]
    if who in ("columns", "native"):
        native = who == "native"
        decided(work, LAWS[work.name], table, native)  # compiled before the clock starts
        benchmark(decided, work, LAWS[work.name], table, native)
        return
    module: Any = {"numpy": numpy_blocks, "polars": polars_frames, "duckdb": duckdb_sql}[who]
    benchmark(module.criteria if work == CRITERIA else module.care_lines, table)


@pytest.mark.benchmark(group="the packaged law")
@pytest.mark.parametrize("decision", ["Patient.exonéré", "total_remboursé"])
def test_packaged_law(benchmark: Any, decision: str) -> None:
    population = whole_law.drawn(LAW, 0.0, [decision])
    table = population.table(PATIENTS)
    benchmark.pedantic(
        lambda: LAW.evaluate_table(table, on=population.on, decisions=[decision]),
        rounds=3,
        warmup_rounds=1,
    )


@pytest.mark.benchmark(group="drawing a block")
@pytest.mark.parametrize("decisions", [(), ("Patient.exonéré",)], ids=["all facts", "exonéré"])
def test_draw(benchmark: Any, decisions: tuple[str, ...]) -> None:
    population = Population(LAW.program, habits(), date(2025, 12, 31), decisions=decisions)
    benchmark(population.block, 0)
