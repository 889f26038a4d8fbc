"""A block read from a table holds the facts that the interpreter reads from the same rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow")

import pyarrow as pa

from lexald.dsl.program import Program
from lexald.engine.columnar.layout import Layout, layout
from lexald.engine.columnar.reading import Reading, read
from lexald.engine.columnar.rejects import Rows, rejects
from lexald.engine.columnar.situations import block_of
from lexald.engine.elements import plain
from lexald.engine.situation import build_situation
from tests.engine.columnar.frames import TEXTS, TYPED, paths, plain_rows, table_of
from tests.engine.columnar.laws import vocabulary
from tests.engine.laws import packaged_program
from tests.strategies import poorer, situations


def fitted(program: Program, table: Any) -> Layout:
    found, wrong = layout(program, table.schema)
    assert found is not None, wrong
    return found


def read_table(program: Program, table: Any) -> Reading:
    return read(fitted(program, table), table)


def codes(program: Program, table: Any) -> list[tuple[int, str, str]]:
    """What is set aside: row, column, code."""
    reading = read_table(program, table)
    found = rejects(program, reading.faults, Rows.counted(len(table))).to_pylist()
    assert len(reading.rows) == len(table) - len({row["row"] for row in found})
    return [(row["row"], row["column"], row["code"]) for row in found]


@pytest.mark.parametrize("types", [TEXTS, TYPED], ids=["text", "typed"])
@given(rows=st.lists(situations(vocabulary()).flatmap(poorer), min_size=1, max_size=4))
@settings(deadline=None)
def test_a_block_tells_what_the_rows_tell(types: Any, rows: list[Any]) -> None:
    check_same(vocabulary(), rows, table_of(vocabulary(), rows, types))


@pytest.mark.parametrize("types", [TEXTS, TYPED], ids=["text", "typed"])
@given(data=st.data())
@settings(deadline=None, max_examples=8)
def test_a_block_of_the_law_tells_what_the_rows_tell(types: Any, data: st.DataObject) -> None:
    program = packaged_program()
    row = data.draw(situations(program).flatmap(poorer), label="row")
    check_same(program, [row], table_of(program, [row], types))


def check_same(program: Program, rows: list[Any], table: Any) -> None:
    reading = read_table(program, table)
    kept = []
    for rank, row in enumerate(rows):
        built, _, wrong = build_situation(program, row)
        assert (built is None) == (rank not in reading.rows), wrong
        if built is not None:
            kept.append(built)
    assert plain_rows(program, reading.block) == [
        {name: value for name, value in plain(built).items()} for built in kept
    ]
    # Elements belong to those that they belong to.
    where = paths(reading.block)
    for (entity, place), (situation, path) in where.items():
        owner = program.entities[entity].owner
        element = next(e for e in kept[situation].elements() if e.path == path)
        number = int(reading.block.tables[entity].owner[place])
        if element.owner is None:
            assert number == -1
        else:
            assert owner is not None
            assert where[owner, number] == (situation, element.owner.path)
        complete = element.peers.complete if element.peers is not None else True
        assert bool(reading.block.tables[entity].complete[place]) == complete
    assert len(where) == sum(len(list(built.elements())) for built in kept)


# ── the same facts, in other columns ─────────────────────────────────────────────────────


def facts(table: Any) -> list[dict[str, Any]]:
    program = vocabulary()
    reading = read_table(program, table)
    assert not reading.faults
    return plain_rows(program, reading.block)


def patient(name: str, array: Any) -> Any:
    """A table of patients with one fact."""
    return pa.table({"patient": pa.StructArray.from_arrays([array], [name])})


def values(name: str, array: Any) -> list[Any]:
    return [row["patient"].get(name, "unknown") for row in facts(patient(name, array))]


def test_null_is_unknown_and_absent_is_said_beside() -> None:
    table = pa.table(
        {
            "patient": pa.array(
                [
                    {"décès": None, "décès__absent": None},
                    {"décès": None, "décès__absent": True, "rang__absent": True},
                    {"décès": date(2020, 1, 2), "décès__absent": False, "rang__absent": False},
                    None,
                ],
                pa.struct(
                    [(name, pa.bool_()) for name in ("décès__absent", "rang__absent")]
                    + [("décès", pa.date32())]
                ),
            )
        }
    )
    told = [{}, {"décès": None, "rang": None}, {"décès": date(2020, 1, 2)}, {}]
    assert facts(table) == [{"patient": row} for row in told]


def test_columns_with_a_dot_are_a_struct() -> None:
    table = pa.table(
        {
            "patient.enfants": ["2", None, None],
            "contrat.taux": ["0.65", None, None],
            "contrat__absent": [None, None, "vrai"],
        }
    )
    assert facts(table) == [
        {"patient": {"enfants": 2}, "contrat": {"taux": Decimal("0.65")}},
        {"patient": {}},
        {"patient": {}, "contrat": None},
    ]


def test_a_list_may_be_empty_incomplete_or_unknown() -> None:
    kind = pa.list_(pa.struct([("base", pa.int16())]))
    table = pa.table(
        {
            "soins": pa.array([[{"base": 3}, {"base": None}], [], None, None], kind),
            "soins__incomplete": [True, False, None, None],
            "soins__absent": [None, None, None, True],
        }
    )
    told = [row.get("soins", "unknown") for row in facts(table)]
    assert [len(row) for row in told] == [3, 0, 7, 0]
    assert told[0][-1] is ...
    assert told[2] == "unknown"


def test_members_in_one_cell_are_separated() -> None:
    table = pa.table({"patient.natures": ["consultation ; prélèvement", "prélèvement", None]})
    told = [row["patient"].get("natures") for row in facts(table)]
    assert told == [("consultation", "prélèvement"), ("prélèvement",), None]


def test_accents_may_be_coded_in_two_ways() -> None:
    table = pa.table({"patient.natures": ["pre\u0301le\u0300vement"]})
    assert facts(table)[0]["patient"] == {"natures": ("prélèvement",)}
    table = pa.table({"patient.de\u0301ce\u0300s": ["2020-01-02"]})
    assert facts(table)[0]["patient"] == {"décès": date(2020, 1, 2)}


@pytest.mark.parametrize(
    ("name", "array", "expected"),
    [
        ("enfants", pa.array([3, None], pa.uint64()), [3, "unknown"]),
        ("enfants", pa.array(["3", None]).dictionary_encode(), [3, "unknown"]),
        ("enfants", pa.nulls(1), ["unknown"]),
        ("enfants", pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), ["3", None]), [3, "unknown"]),
        ("score", pa.array([Decimal("2.50"), None], pa.decimal256(60, 20)), [Decimal("2.5"), "unknown"]),
        ("score", pa.array(["9.99999999999999999999999999999", "+1"]), [Decimal("9.99999999999999999999999999999"), 1]),
        ("score", pa.array([2], pa.int8()), [2]),
        ("naissance", pa.array(["2024-02-29", "0001-01-01", "9999-12-31"], pa.large_string()), [date(2024, 2, 29), date.min, date.max]),
        ("naissance", pa.array(["1900-03-01"], pa.string_view()), [date(1900, 3, 1)]),
        ("naissance", pa.array([0, -86400], pa.timestamp("s")), [date(1970, 1, 1), date(1969, 12, 31)]),
        ("naissance", pa.array([date(1954, 2, 3)], pa.date64()), [date(1954, 2, 3)]),
    ],
)  # fmt: skip
def test_other_types_of_arrow(name: str, array: Any, expected: list[Any]) -> None:
    assert values(name, array) == expected


@given(day=st.dates())
def test_every_day_is_read_from_text(day: date) -> None:
    assert values("naissance", pa.array([day.isoformat()])) == [day]
    assert values("naissance", pa.array([day])) == [day]


@given(cents=st.integers(-(10**5), 10**5), scale=st.integers(0, 6))
def test_amounts_are_cents(cents: int, scale: int) -> None:
    """Euros with more decimals than two are read when they are zeros."""
    table = pa.table({"soins": [[{"base": Decimal(cents) / 100}]]})
    cast = table.column("soins").combine_chunks()
    amount = cast.flatten().field("base").cast(pa.decimal128(30, max(scale, 2)))
    kind = pa.ListArray.from_arrays([0, 1], pa.StructArray.from_arrays([amount], ["base"]))
    [row] = facts(pa.table({"soins": kind}))
    assert row["soins"][0]["base"].cents == cents


def test_slices_are_read_where_they_are() -> None:
    rows = [{"patient": {"revenu": str(n), "naissance": "2000-01-01"}} for n in range(9)]
    program = vocabulary()
    whole = table_of(program, rows, TEXTS)
    assert plain_rows(program, read_table(program, whole.slice(3, 4)).block) == facts(whole)[3:7]


def test_a_column_that_names_a_decision_is_a_hypothesis() -> None:
    kind = pa.list_(pa.struct([("base", pa.int16()), ("retenue", pa.string())]))
    table = pa.table(
        {
            "soins": pa.array([[{"base": 1, "retenue": "2.00"}, {"base": 2}], []], kind),
            "part": pa.array([None, Decimal("0.5")], pa.decimal128(3, 2)),
            "part__absent": [True, None],
        }
    )
    block = read_table(vocabulary(), table).block
    is_set, column = block.hypotheses["Soin.retenue"]
    assert is_set.tolist() == [True, False]
    assert column.parts[0][0] == 200
    is_set, column = block.hypotheses["part"]
    assert is_set.tolist() == [True, True]
    assert column.state is not None
    assert column.state.tolist() == [1, 0]


def test_each_row_may_have_its_day() -> None:
    reading = read_table(vocabulary(), pa.table({"on": ["2016-06-01", None, "2016-02-30"]}))
    assert reading.days is not None
    assert reading.days.tolist() == [date(2016, 6, 1).toordinal(), 0]
    assert [(f.column, f.code) for f in reading.faults] == [("on", "E103")]


# ── rows with a fault ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "array", "code"),
    [
        ("naissance", pa.array(["2023-02-29"]), "E103"),
        ("naissance", pa.array(["03/02/1954"]), "E103"),
        ("naissance", pa.array(["2023-1-1"]), "E103"),
        ("naissance", pa.array(["０２２３-01-01"]), "E103"),
        ("naissance", pa.array(["2023-01-01\n"]), "E103"),
        ("naissance", pa.array([10**8], pa.int32()).cast(pa.date32()), "E103"),
        ("naissance", pa.array([1], pa.timestamp("ns")), "E103"),
        ("naissance", pa.array(["  "]), "E105"),
        ("enfants", pa.array(["3.0"]), "E103"),
        ("enfants", pa.array([31]), "E106"),
        ("enfants", pa.array([2**64 - 1], pa.uint64()), "E103"),
        ("revenu", pa.array(["1.234"]), "E103"),
        ("revenu", pa.array(["1,23"]), "E103"),
        ("revenu", pa.array([Decimal("1.234")]), "E103"),
        ("revenu", pa.array(["1000.01"]), "E106"),
        ("revenu", pa.array([Decimal("-0.01")]), "E106"),
        ("revenu", pa.array([10**15]), "E103"),
        ("score", pa.array(["0.49999999999999999999"]), "E106"),
        ("score", pa.array(["1e3"]), "E103"),
        ("score", pa.array(["1" * 31]), "E103"),
        ("score", pa.array(["10.1"]), "E106"),
        ("attente", pa.array(["P1"]), "E103"),
        ("attente", pa.array(["P"]), "E103"),
        ("attente", pa.array(["P401D"]), "E106"),
        ("attente", pa.array(["P0D"]), "E106"),
        ("séjour", pa.array(["2024-01-02/2024-01-01"]), "E121"),
        ("séjour", pa.array(["2024-01-02/.."]), "E103"),
        ("séjour", pa.array(["2024-01-02"]), "E103"),
        ("natures", pa.array(["autre"]), "E103"),
        ("natures", pa.array([["consultation", None]]), "E104"),
        ("natures", pa.array([["consultation", ""]]), "E105"),
        ("affections", pa.array([[{"grave": "oui"}]]), "E103"),
        ("affections", pa.array([[{"note": "x" * 10_001}]]), "E103"),
        ("affections", pa.array([[{"note": ""}]]), "E105"),
        ("affections", pa.array([[None]], pa.list_(pa.struct([("note", pa.string())]))), "E104"),
        ("affections", pa.array([[{}] * 100_001], pa.list_(pa.struct([("note", pa.string())]))), "E109"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_set_aside(name: str, array: Any, code: str) -> None:
    """Sound rows around it are read; the reason names the column, and nothing of the cell."""
    nothing = pa.nulls(1, array.type)
    table = patient(name, pa.concat_arrays([nothing, array, nothing]))
    program = vocabulary()
    reading = read_table(program, table)
    found = rejects(program, reading.faults, Rows.counted(3, "patients.parquet")).to_pylist()
    assert [(row["row"], row["code"]) for row in found] == [(2, code)]
    assert found[0]["file"] == "patients.parquet"
    assert found[0]["column"].startswith(f"patient.{name}")
    assert found[0]["message"]
    if array.type == pa.string():
        cell = array[0].as_py().strip()
        assert len(cell) < 3 or cell not in found[0]["message"]
    assert plain_rows(program, reading.block) == [{"patient": {}}, {"patient": {}}]
    assert reading.rows.tolist() == [0, 2]


def test_a_fact_is_not_told_and_absent() -> None:
    table = pa.table({"remarque": ["a", None, None], "remarque__absent": [True, True, None]})
    assert codes(vocabulary(), table) == [(1, "remarque", "E111")]


def test_a_flag_is_a_column_of_its_own() -> None:
    table = pa.table({"patient.rang": ["3"], "patient.rang__absent": ["peut-être"]})
    reading = read_table(vocabulary(), table)
    [row] = rejects(vocabulary(), reading.faults, Rows.counted(1), lang="en").to_pylist()
    assert (row["column"], row["code"]) == ("patient.rang__absent", "E103")
    assert "true or false" in row["message"]


def test_a_reject_says_which_element() -> None:
    table = pa.table({"soins": [[{"base": "1"}], [{"base": "2"}, {"base": "x"}, {"base": "y"}]]})
    reading = read_table(vocabulary(), table)
    rows = Rows.counted(len(table), first=11)
    [row] = rejects(vocabulary(), reading.faults, rows, lang="en").to_pylist()
    assert (row["row"], row["column"], row["element"]) == (12, "soins.base", 2)
    assert "amount" in row["message"]
    assert "string" in row["message"]


# ── tables that do not fit ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("table", "code", "word"),
    [
        (pa.table({"patient": [{"décéss": 1}]}), "E102", "décès"),
        (pa.table({"pation": [1]}), "E102", "patient"),
        (pa.table({"patient.enfants": [1], "patient": [{"enfants": 1}]}), "E111", "patient"),
        (pa.table({"patient.enfants__absent": [True]}), "E104", "enfants"),
        (pa.table({"patient.natures__incomplete": [True]}), "E110", "natures"),
        (pa.table({"patient.revenu": [1.5]}), "E130", "DECIMAL"),
        (pa.table({"patient.enfants": [1.0]}), "E130", "flottant"),
        (pa.table({"patient.naissance": [3]}), "E130", "date"),
        (pa.table({"patient.naissance": pa.array([0], pa.timestamp("s", "UTC"))}), "E130", "fuseau"),
        (pa.table({"patient.naissance": pa.array([0], pa.time32("s"))}), "E130", "date"),
        (pa.table({"soins": ["x"]}), "E130", "list"),
        (pa.table({"soins.base": [1]}), "E130", "list"),
        (pa.table({"patient": ["x"]}), "E130", "struct"),
        (pa.table({"patient.attente": [3]}), "E130", "ISO"),
        (pa.table({"on": [3]}), "E130", "date"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_says_so_once(table: Any, code: str, word: str) -> None:
    found, wrong = layout(vocabulary(), table.schema)
    assert found is None
    [diagnostic] = wrong
    assert diagnostic.code == code
    told = diagnostic.message.fr + (diagnostic.help.fr if diagnostic.help else "")
    assert word in told


def test_columns_that_tell_nothing_are_named() -> None:
    schema = pa.schema([("nir", pa.string()), ("patient.enfants", pa.int8())])
    assert layout(vocabulary(), schema)[0] is None
    found, _ = layout(vocabulary(), schema, other=["nir"])
    assert found is not None
    assert found.other == (0,)


def test_what_says_that_a_fact_is_absent_has_not_its_bounds() -> None:
    """The rank of an affection goes from 1 to 30, and `false` is no rank."""
    line = {"rang": 8, "rang__absent": False}
    table = pa.Table.from_pylist([{"patient": {"affections": [line]}}])
    assert codes(packaged_program(), table) == []


@given(rows=st.lists(situations(vocabulary()).flatmap(poorer), min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_a_table_and_built_situations_make_the_same_block(rows: list[Any]) -> None:
    program = vocabulary()
    built = [build_situation(program, row)[0] for row in rows]
    sound = [rank for rank, one in enumerate(built) if one is not None]
    block = block_of(program, [one for one in built if one is not None])
    reading = read_table(program, table_of(program, rows))
    assert reading.rows.tolist() == sound
    assert plain_rows(program, reading.block) == plain_rows(program, block)
    assert sorted(paths(reading.block).values(), key=str) == sorted(paths(block).values(), key=str)
