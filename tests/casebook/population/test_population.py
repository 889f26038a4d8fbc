"""A population is repeatable, as frequent as published, and made of situations that the law admits."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from lexald import load
from lexald.casebook.population.ald import LINES, habits
from lexald.casebook.population.plain import plain_rows
from lexald.casebook.population.population import SIZE, Population
from lexald.casebook.population.published import AFFECTIONS, LIST
from lexald.engine.columnar.layout import layout
from lexald.engine.columnar.reading import read
from lexald.engine.interpreter import Evaluation
from lexald.engine.reach import reach
from lexald.engine.situation import build_situation

ON = date(2025, 12, 31)
PROGRAM = load().program


def population(**changed: Any) -> Population:
    return Population(PROGRAM, habits(), ON, **changed)


@pytest.fixture(scope="module")
def block() -> pa.RecordBatch:
    return population().block(0)


def children(column: pa.Array) -> dict[str, pa.Array]:
    return dict(zip((f.name for f in column.type), column.flatten(), strict=True))


def test_a_block_of_a_seed_is_the_same_whatever_was_drawn_before() -> None:
    one = population(missing=0.1)
    assert one.block(3, 500).equals(list(one.blocks(3 * SIZE + 500))[3])


def test_another_seed_another_rank_give_other_patients() -> None:
    first = population().block(0, 100)
    assert not first.equals(population(seed=2).block(0, 100))
    assert not first.equals(population().block(1, 100))


def test_a_fact_is_the_same_when_fewer_become_columns(block: pa.RecordBatch) -> None:
    few = population(decisions=("Patient.exonéré",)).block(0)
    assert set(few.schema.names) < set(block.schema.names)
    wanted = {
        name for entity, name in reach(PROGRAM, ["Patient.exonéré"]).fields if entity == "Patient"
    }
    for name, column in children(few.column("patient")).items():
        assert name in wanted
        if name != "affections":
            assert column.equals(children(block.column("patient"))[name])


def test_a_size_is_what_it_says() -> None:
    sizes = [one.num_rows for one in population(decisions=("Patient.exonéré",)).blocks(SIZE + 7)]
    assert sizes == [SIZE, 7]


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_every_row_is_a_situation_that_the_law_admits(missing: float) -> None:
    refused: Counter[str] = Counter()
    for row in plain_rows(PROGRAM, population(seed=7, missing=missing).block(1, 250)):
        situation, _, wrong = build_situation(PROGRAM, row)
        refused.update(f"{found.code} {found.path}: {found.message.fr}" for found in wrong)
        if situation is not None:
            found = Evaluation(PROGRAM, situation, ON).forbidden()
            refused.update(rule.message for rule, _, _ in found)
    assert not refused


def test_affections_are_as_frequent_as_published(block: pa.RecordBatch) -> None:
    affections = children(block.column("patient"))["affections"]
    of = affections.value_parent_indices().to_pylist()
    facts = children(affections.values)
    names = facts["nom"].to_pylist()
    patients = [set() for _ in range(block.num_rows)]  # type: list[set[str]]
    for patient, name in zip(of, names, strict=True):
        patients[patient].add(name)
    sick = [names for names in patients if names]
    assert sum(map(len, sick)) / len(sick) == pytest.approx(AFFECTIONS, abs=0.02)
    # Two affections of one person are never the same, so the frequent ones lose a little.
    whole = sum(one.share for one in LIST)
    for one in LIST:
        share = sum(one.name in names for names in sick) / len(sick)
        expected = one.share / whole * AFFECTIONS
        assert share == pytest.approx(expected, rel=0.12, abs=0.004), one.name


def test_ages_are_those_of_the_living(block: pa.RecordBatch) -> None:
    born = children(block.column("patient"))["date_naissance"]
    assert pc.min(born).as_py() > date(1921, 1, 1)
    assert pc.max(born).as_py() < ON.replace(year=2025)
    middle = ON.year - sorted(day.year for day in born.to_pylist())[block.num_rows // 2]
    assert 60 <= middle <= 72


def test_care_is_of_the_year_before_with_prices_no_lower_than_tariffs(
    block: pa.RecordBatch,
) -> None:
    care = block.column("soins")
    facts = children(care.values)
    assert len(care.values) / block.num_rows == pytest.approx(LINES, rel=0.03)
    assert pc.min(facts["date_des_soins"]).as_py() == date(2025, 1, 1)
    assert pc.max(facts["date_des_soins"]).as_py() == ON
    assert pc.all(pc.greater_equal(facts["prix"], facts["base"])).as_py()
    assert pc.min(facts["base"]).as_py() == Decimal("0.00")


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.5])
def test_facts_are_missing_at_the_rate_asked_for(missing: float) -> None:
    block = population(missing=missing).block(0, 4000)
    facts = children(block.column("soins").values)
    for name in ("date_des_soins", "nature", "base", "prévu_au_protocole", "rang"):
        column = facts[name]
        assert column.null_count / len(column) == pytest.approx(missing, abs=0.01), name
    told = children(children(block.column("patient"))["affections"].values)
    for name in ("durée_notifiée", "rang"):  # absent is told
        unknown = pc.and_(pc.is_null(told[name]), pc.invert(told[f"{name}__absent"]))
        assert pc.mean(unknown).as_py() == pytest.approx(missing, abs=0.03), name
    if missing:
        assert pc.mean(block.column("soins__incomplete")).as_py() == pytest.approx(
            missing, abs=0.02
        )


def test_nothing_is_both_told_and_absent() -> None:
    def look(column: pa.Array) -> None:
        if pa.types.is_list(column.type):
            column = column.values
        if not pa.types.is_struct(column.type):
            return
        held = children(column)
        for name, child in held.items():
            look(child)
            if (absent := held.get(f"{name}__absent")) is not None:
                both = pc.and_(pc.is_valid(child), absent)
                assert not pc.any(both).as_py(), name

    rows = population(missing=0.1).block(0)
    look(pa.StructArray.from_arrays(rows.columns, names=rows.schema.names))


def test_criteria_are_told_of_their_own_rank_only(block: pa.RecordBatch) -> None:
    facts = children(children(block.column("patient"))["affections"].values)
    told = pc.is_valid(facts["ischémie_myocardique_documentée"])
    assert told.equals(pc.fill_null(pc.equal(facts["rang"], 13), False))
    assert pc.any(told).as_py()


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_no_row_is_set_aside_when_the_table_is_read(missing: float) -> None:
    rows = population(missing=missing).block(2, 2000)
    fitted, wrong = layout(PROGRAM, rows.schema)
    assert fitted is not None, wrong
    assert not read(fitted, rows).faults
