"""A table gets the answers that each of its rows gets alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow")

import pandas as pd
import polars as pl
import pyarrow as pa

from lexald.dsl.program import Program
from lexald.dsl.types import Type
from lexald.engine.api import Law, SituationError
from lexald.engine.columnar import cutting
from lexald.engine.columnar.asking import Request
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.tables import TableResult, evaluate
from lexald.engine.rendering import outcome_to_json
from tests.engine.columnar.frames import TEXTS, TYPED, table_of
from tests.engine.columnar.laws import vocabulary
from tests.engine.columnar.reference import Reference
from tests.strategies import poorer, situations

DAY = date(2020, 1, 1)


def run(
    data: Any,
    *names: str,
    program: Program | None = None,
    on: date | None = DAY,
    key: str = "",
    lists: Any = None,
    keep: Sequence[str] = (),
    evaluator: Any = Kernel,
    rules: bool = False,
) -> TableResult:
    request = Request(
        program or vocabulary(), names, on, key, tuple(keep), rules, "en", 2, evaluator
    )
    return evaluate(request, data, lists or {})


def cell(value: Any, status: str) -> Any:
    """A cell and its status, as JSON answers say it."""
    if status == "absent":
        return {"value": None}
    if status != "value":
        assert value is None
        return status
    return {"value": _json(value)}


def _json(value: Any) -> Any:
    match value:
        case bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case list():
            return [_json(item) for item in value]
        case {"first": first, "last": last}:
            return f"{first}/{last or '..'}"
    return str(value)


def alone(law: Law, situation: Any, name: str, where: str, kind: Type) -> Any:
    """The answer of one situation, in the same shape."""
    told = outcome_to_json(law.program, law.evaluate(situation, on=DAY)[where], kind)
    [(state, value)] = told.items()
    return {"value": value} if state == "value" else state


@pytest.mark.parametrize("evaluator", [Reference, Kernel])
@pytest.mark.parametrize("types", [TEXTS, TYPED], ids=["text", "typed"])
@given(rows=st.lists(situations(vocabulary()).flatmap(poorer), min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_a_table_answers_as_each_row_alone(types: Any, evaluator: Any, rows: list[Any]) -> None:
    program = vocabulary()
    law = Law(program)
    table = table_of(program, rows, types)
    told = {field.name for field in table.schema}
    entities = {"Patient"} | ({"Soin"} if "soins" in told else set())
    entities |= {"Contrat"} if "contrat" in told else set()
    if table.schema.get_field_index("contrat") >= 0:
        entities.add("Garantie")
    if table.schema.get_field_index("patient") >= 0:
        entities.add("Affection")
    names = [n for n, d in program.decisions.items() if not d.entity or d.entity in entities]
    result = run(table, *names, evaluator=evaluator, rules=True)
    answers = result.answers.to_pylist()
    refused = {row["row"] for row in result.rejects.to_pylist()}
    assert len(answers) == len(rows)
    for number, (row, answer) in enumerate(zip(rows, answers, strict=True), 1):
        try:
            law.evaluate(row, on=DAY)
        except SituationError as wrong:
            assert number in refused
            assert all(value is None for value in answer.values())
            codes = {d.code for d in wrong.diagnostics}
            assert codes <= {r["code"] for r in result.rejects.to_pylist() if r["row"] == number}
            continue
        assert number not in refused
        for name in names:
            decision = program.decisions[name]
            short = name.rpartition(".")[2]
            found = list(_places(answer, row, decision.entity))
            for where, element in found:
                expected = alone(law, row, name, f"{where}{short}", decision.type)
                assert cell(element[short], element[f"{short}__status"]) == expected
                assert element[f"{short}__rules"] == explained(law, row, name, f"{where}{short}")


def explained(law: Law, situation: Any, name: str, where: str) -> list[str]:
    """The rules that the explanation of one situation says are applied, or conflict."""
    told = law.evaluate(situation, on=DAY, decisions=[name]).to_dict(explain=True)
    [proof] = [one for one in told["explanation"]["proofs"] if one["name"] == where]
    if proof["hypothesis"]:
        return ["hypothèse"]
    match proof["outcome"]:
        case {"unknown": _}:
            return []
        case {"conflict": {"rules": sides}}:
            return [side["label"] for side in sides]
    return [rule["label"] for rule in proof["applied"]]


def _places(answer: Any, row: Any, entity: str | None) -> Any:
    """The elements of *entity* in an answer, with their places in the row."""
    match entity:
        case None:
            yield "", answer
        case "Patient":
            yield "patient.", answer["patient"]
        case "Contrat" if row.get("contrat") is not None:
            yield "contrat.", answer["contrat"]
        case "Garantie" if row.get("contrat") is not None:
            yield from _listed(
                answer["contrat"]["garanties"], row["contrat"], "garanties", "contrat."
            )
        case "Affection" if "patient" in row:
            yield from _listed(
                answer["patient"]["affections"], row["patient"], "affections", "patient."
            )
        case "Soin":
            yield from _listed(answer["soins"], row, "soins", "")


def _listed(answers: Any, row: Any, name: str, prefix: str) -> Any:
    told = row.get(name)
    assert (answers is None) == (told is None)
    told = [item for item in told or () if item != "…"]
    assert len(answers or ()) == len(told)
    for rank, element in enumerate(answers or ()):
        yield f"{prefix}{name}[{rank}].", element


# ── what comes out ───────────────────────────────────────────────────────────────────────


def test_the_columns_of_an_answer() -> None:
    table = pa.table({"patient.enfants": [2], "soins": [[{"nature": "prélèvement"}]]})
    schema = run(table, "tranche", "geste", "plus_vieux_soin").answers.schema
    assert schema.names == [
        "plus_vieux_soin", "plus_vieux_soin__status",
        "patient.tranche", "patient.tranche__status", "soins",
    ]  # fmt: skip
    assert schema.field("plus_vieux_soin").type == pa.date32()
    assert schema.field("soins").type.value_type.field(0).type.value_type == pa.string()


def test_results_are_asked_when_nothing_is() -> None:
    answers = run(pa.table({"patient.score": ["3"], "patient.enfants": ["9"]})).answers
    assert answers.column_names == ["patient.tranche", "patient.tranche__status"]
    assert answers.to_pylist() == [{"patient.tranche": "1/3", "patient.tranche__status": "value"}]


def test_a_row_set_aside_keeps_its_place() -> None:
    table = pa.table({"nir": ["a", "b", "c"], "patient.revenu": ["1.00", "x", "3.00"]})
    result = run(table, "disputé", keep=["nir"])
    assert [str(row["patient.disputé"]) for row in result.answers.to_pylist()] == ["None"] * 3
    assert result.answers.column("nir").to_pylist() == ["a", "b", "c"]
    assert result.answers.column("patient.disputé__status").to_pylist() == [
        "unknown", None, "unknown"
    ]  # fmt: skip
    [reject] = result.rejects.to_pylist()
    assert (reject["row"], reject["column"], reject["code"]) == (2, "patient.revenu", "E103")


def test_a_situation_that_cannot_be_is_set_aside_with_the_words_of_the_law() -> None:
    table = pa.table({"soins": [[{"jour": date(1980, 1, 1)}], [{"jour": date(2000, 1, 1)}]]})
    result = run(table, "plus_vieux_soin")
    assert result.answers.column(0).to_pylist() == [None, date(2000, 1, 1)]
    [reject] = result.rejects.to_pylist()
    assert (reject["row"], reject["code"]) == (1, "E190")
    assert "1990" in reject["message"]


def test_each_row_at_its_own_day() -> None:
    days = [date(2020, 1, 1), date(2004, 1, 1), None, date(2020, 1, 1)]
    result = run(pa.table({"on": pa.array(days, pa.date32())}), "part", on=None)
    assert result.answers.to_pylist() == [
        {"part": "0.65", "part__status": "value"},
        {"part": None, "part__status": result.answers.column(1)[1].as_py()},
        {"part": None, "part__status": None},
        {"part": "0.65", "part__status": "value"},
    ]
    assert result.answers.column(1)[1].as_py() != "value"
    [reject] = result.rejects.to_pylist()
    assert (reject["row"], reject["column"], reject["code"]) == (3, "on", "E191")


def test_a_day_for_all_wins() -> None:
    table = pa.table({"on": [date(2004, 1, 1), None]})
    assert run(table, "part").answers.column("part").to_pylist() == ["0.65", "0.65"]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut in blocks of two rows, the same answers and the same rejects."""
    rows = ["1", "x", "3", "4", "5", "y", "7"]
    table = pa.table({"patient.enfants": ["2"] * 7, "patient.score": rows})
    whole = run(table)
    monkeypatch.setattr(cutting, "LANES", 2)
    monkeypatch.setattr(cutting, "LEAST", 2)
    cut = run(table)
    assert cut.answers.to_pylist() == whole.answers.to_pylist()
    assert cut.rejects.to_pylist() == whole.rejects.to_pylist()
    assert [row["row"] for row in cut.rejects.to_pylist()] == [2, 6]


def test_no_row_gives_no_answer() -> None:
    result = run(pa.table({"patient.enfants": pa.array([], pa.int8())}), "tranche")
    assert result.answers.num_rows == 0
    assert result.answers.column_names == ["patient.tranche", "patient.tranche__status"]


# ── joined tables ────────────────────────────────────────────────────────────────────────


def test_lists_joined_by_a_key() -> None:
    patients = pa.table(
        {"id": [1, 2, 3], "patient.enfants": [1, 2, 3], "soins__incomplete": [None, None, True]}
    )
    soins = pa.table(
        {
            "id": [2, 1, 2, 9],
            "jour": ["2021-01-01", "2020-01-01", "2019-01-01", "2018-01-01"],
            "nature": ["prélèvement", "consultation", "consultation", "consultation"],
        }
    )
    result = run(patients, "plus_vieux_soin", "geste", key="id", lists={"soins": soins})
    rows = result.answers.to_pylist()
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert [row["plus_vieux_soin"] for row in rows] == [date(2020, 1, 1), date(2019, 1, 1), None]
    assert [row["plus_vieux_soin__status"] for row in rows] == ["value", "value", "unknown"]
    assert [[s["geste"] for s in row["soins"]] for row in rows] == [
        ["consultation"], ["prélèvement", "consultation"], []
    ]  # fmt: skip
    [orphan] = result.rejects.to_pylist()
    assert (orphan["file"], orphan["row"], orphan["code"]) == ("soins", 4, "E133")


def test_a_fault_in_a_joined_table_names_its_row_there() -> None:
    patients = pa.table({"id": ["a", "b"], "patient": [{"enfants": 1}, {"enfants": 2}]})
    affections = pa.table({"id": ["b", "a", "b"], "grave": ["true", "false", "oui"]})
    result = run(patients, "disputé", key="id", lists={"patient.affections": affections})
    [fault] = result.rejects.to_pylist()
    assert (fault["file"], fault["row"], fault["column"]) == (
        "patient.affections", 3, "patient.affections.grave"
    )  # fmt: skip
    assert [row["patient"] is None for row in result.answers.to_pylist()] == [False, True]


def test_a_key_is_there_and_is_one_row() -> None:
    patients = pa.table({"id": ["a", None, "a"], "patient.enfants": [1, 2, 3]})
    soins = pa.table({"id": ["a"], "jour": ["2020-01-01"]})
    result = run(patients, "plus_vieux_soin", key="id", lists={"soins": soins})
    assert [(r["row"], r["code"]) for r in result.rejects.to_pylist()] == [(2, "E133"), (3, "E133")]
    assert result.answers.column("plus_vieux_soin").to_pylist() == [date(2020, 1, 1), None, None]
    with pytest.raises(SituationError) as refused:
        run(patients, "part", key="nir", lists={"soins": soins})
    assert [d.code for d in refused.value.diagnostics] == ["E134"]


def test_a_column_kept_has_not_the_name_of_an_answer() -> None:
    rows = pa.table({"patient.score": ["1"], "part__status": ["x"], "part__rules": ["x"]})
    for rules, taken in ((False, 1), (True, 2)):
        with pytest.raises(SituationError) as refused:
            run(rows, "part", keep=["part__status", "part__rules"], rules=rules)
        assert [d.code for d in refused.value.diagnostics] == ["E136"] * taken
    with pytest.raises(SituationError) as refused:
        run(rows, "part", key="part__status", keep=["part__rules"])
    assert [d.code for d in refused.value.diagnostics] == ["E136"]
    found = run(rows, "tranche", keep=["part__status", "part__rules"])
    assert found.answers.column_names[:2] == ["part__status", "part__rules"]


# ── kinds of tables ──────────────────────────────────────────────────────────────────────

ROWS = {"patient.enfants": [4, 2], "patient.score": ["1", "10"]}


def test_pandas_in_and_out() -> None:
    frame = pd.DataFrame(ROWS, index=[7, 8])
    result = run(frame, "tranche")
    assert isinstance(result.answers, pd.DataFrame)
    assert result.answers["patient.tranche"].tolist() == ["0.25", "5"]
    assert result.answers.index.tolist() == [7, 8]
    assert len(result.rejects) == 0


def test_polars_in_and_out() -> None:
    result = run(pl.DataFrame(ROWS), "tranche")
    assert isinstance(result.answers, pl.DataFrame)
    assert result.answers["patient.tranche"].to_list() == ["0.25", "5"]


def test_polars_with_nested_columns_texts_and_joined_lists() -> None:
    """Its texts are views, which Arrow cannot pick rows of."""
    patients = pl.DataFrame(
        {
            "id": ["a", "b", "c"],
            "patient": [
                {"natures": ["prélèvement"], "affections": [{"note": "x", "grave": True}]},
                {"natures": ["?"], "affections": []},
                {"natures": None, "affections": None},
            ],
        }
    )
    soins = pl.DataFrame(
        {
            "id": ["c", "a"],
            "jour": [DAY, DAY],
            "nature": pl.Series(["consultation", "prélèvement"], dtype=pl.Categorical),
        }
    )
    result = run(patients, "mention", "geste", key="id", lists={"soins": soins})
    assert result.answers["soins"].to_list() == [
        [{"geste": "prélèvement", "geste__status": "value"}],
        None,
        [{"geste": "consultation", "geste__status": "value"}],
    ]
    assert result.answers["patient"].to_list()[0]["affections"] == [
        {"mention": "x", "mention__status": "value"}
    ]
    assert result.rejects["row"].to_list() == [2]


@pytest.mark.parametrize("kind", [pa.RecordBatch, pa.Table, pa.RecordBatchReader])
def test_arrow_in_and_out(kind: Any) -> None:
    table = pa.table(ROWS)
    given = {
        pa.RecordBatch: lambda: table.to_batches()[0],
        pa.Table: lambda: table,
        pa.RecordBatchReader: table.to_reader,
    }[kind]()
    result = run(given, "tranche")
    assert isinstance(result.answers, kind)
    answers = result.answers if kind is not pa.RecordBatchReader else result.answers.read_all()
    assert answers.column("patient.tranche").to_pylist() == ["0.25", "5"]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(TypeError):
        run([{"patient": {}}])


@pytest.mark.parametrize("jobs", [0, -1])
def test_somebody_has_to_work(jobs: int) -> None:
    with pytest.raises(ValueError, match="jobs"):
        Law(vocabulary()).evaluate_table(pa.table({"patient.score": [3]}), on=DAY, jobs=jobs)


# ── what does not fit ────────────────────────────────────────────────────────────────────


def test_a_decision_of_elements_that_no_column_tells() -> None:
    with pytest.raises(SituationError) as refused:
        run(pa.table({"patient.enfants": [1]}), "Garantie.reste")
    [found] = refused.value.diagnostics
    assert found.code == "E132"
    assert found.help is not None
    assert "contrat.garanties" in found.help.fr


def test_there_is_no_implicit_day() -> None:
    with pytest.raises(SituationError) as refused:
        run(pa.table({"patient.enfants": [1]}), on=None)
    assert [d.code for d in refused.value.diagnostics] == ["E191"]


@pytest.mark.parametrize("digits", [0, 1, 9], ids=["alike", "near", "far apart"])
def test_values_written_as_text_are_each_their_own(digits: int) -> None:
    ranks = range(300)
    scores = [f"{1 + rank % 9}.{rank % 7:0{digits}}" if digits else "2" for rank in ranks]
    children = [1 + rank % 11 for rank in ranks]
    found = run(pa.table({"patient.score": scores, "patient.enfants": children}), "tranche")
    expected = [str(Fraction(s) / n) for s, n in zip(scores, children, strict=True)]
    assert [
        str(Fraction(text)) for text in found.answers["patient.tranche"].to_pylist()
    ] == expected


def test_an_answer_too_large_for_a_column_sets_its_row_aside() -> None:
    result = run(pa.table({"patient.compte": [3, 10**10, -4]}), "carré")
    assert result.answers.column("patient.carré").to_pylist() == [9, None, 16]
    assert result.answers.column("patient.carré__status")[1].as_py() is None
    [reject] = result.rejects.to_pylist()
    assert (reject["row"], reject["column"], reject["code"]) == (2, "Patient.carré", "E131")
