"""Whatever a table holds, it gives an answer or says what is wrong: by columns and in machine code
alike, in one piece or many, from memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pandas as pd
import pyarrow as pa

from lexald import Law, LawError
from lexald.engine.columnar.layout import layout
from lexald.engine.columnar.settling import settled_schema
from tests.engine.laws import program_of

from .laws import vocabulary
from .odd import N, Owned, arrays, malformed, text

DAY = dt.date(2020, 1, 1)
ODD = dict(arrays())
# A list, an element, what says that there is none, a decision, a date of law, no fact.
COLUMNS = (
    "remarque", "patient", "contrat", "soins", "on", "remarque__absent", "soins__incomplete", "part",
    "inconnue",
)  # fmt: skip
# A fact of each type.
OF_PATIENT = (
    "naissance", "enfants", "compte", "revenu", "score", "attente", "séjour", "droits", "natures",
    "affections",
)  # fmt: skip


def tables(array: Any) -> Iterator[Any]:
    """Tables that have *array* wherever its type is read: alone, by names with a dot, in structs,
    in lists of structs."""
    for name in COLUMNS:
        if fits(name, array.type):
            yield pa.table({name: array})
    facts = [name for name in OF_PATIENT if fits(f"patient.{name}", array.type)]
    if facts:
        yield pa.table({f"patient.{name}": array for name in facts})
        yield pa.table({"patient": pa.StructArray.from_arrays([array] * len(facts), facts)})
    facts = [
        name
        for name in ("jour", "nature", "base")
        if fits("soins", pa.list_(pa.struct([(name, array.type)])))
    ]
    if facts:
        care = pa.StructArray.from_arrays([array] * len(facts), facts)
        yield pa.table(
            {"soins": pa.ListArray.from_arrays(pa.array(range(N + 1), pa.int32()), care)}
        )


def fits(name: str, kind: Any) -> bool:
    """Whether a column is read; what is not is said."""
    fitted, wrong = layout(vocabulary(), settled_schema(pa.schema([(name, kind)])))
    assert (fitted is None) == bool(wrong)
    return fitted is not None


def told(law: Law, table: Any, **asked: Any) -> Any:
    """Answers and rejects as plain data; or the codes of what does not fit."""
    try:
        found = law.evaluate_table(table, lang="en", jobs=1, **asked)
    except LawError as wrong:
        assert wrong.diagnostics
        return [d.code for d in wrong.diagnostics]
    answers, rejects = found.answers, found.rejects
    if isinstance(answers, pa.RecordBatchReader):
        answers, rejects = answers.read_all(), rejects.read_all()
    for one in (answers, rejects):
        one.validate(full=True)
    return answers.to_pylist(), rejects.to_pylist()


@pytest.mark.parametrize("name", ODD)
def test_an_answer_or_what_is_wrong(name: str) -> None:
    law = Law(vocabulary())
    for table in tables(ODD[name]):
        asked = {} if table.column_names == ["on"] else {"on": DAY}
        whole = told(law, table, **asked)
        if isinstance(whole, tuple):
            answers, rejects = whole
            # In pieces, and as a stream, each row has what it has in one piece.
            parts = pa.concat_tables([table[:2], table[2:5], table[5:]])
            assert told(law, parts, **asked) == whole
            assert told(law, table.to_reader(2), **asked) == whole
            part = told(law, table.slice(1, 4), **asked)
            assert part[0] == answers[1:5]
            assert [{**r, "row": r["row"] + 1} for r in part[1]] == [r for r in rejects if 1 < r["row"] < 6]  # fmt: skip
    copied = law.evaluate_table(pa.table({"x": ODD[name]}), on=DAY, keep=["x"], decisions=["part"])
    assert len(copied.answers) == N


@pytest.mark.parametrize("name", ODD)
def test_keys_and_joined_lists(name: str) -> None:
    law = Law(vocabulary())
    array = ODD[name]
    rows = pa.table({"id": array, "remarque": ["a"] * N})
    plain = pa.table({"id": range(N)})
    for main, care in (
        (rows, pa.table({"id": array, "nature": ["consultation"] * N})),
        (rows, plain.append_column("nature", pa.array(["consultation"] * N))),
        (plain, pa.table({"id": array, "nature": ["consultation"] * N})),
        (plain, plain.append_column("nature", array)),
    ):
        try:
            law.evaluate_table(main, on=DAY, key="id", lists={"soins": care})
        except LawError as wrong:
            assert wrong.diagnostics


LAW = """langage 1

politique "Essai" version "1"

énumération Nature : consultation ; prélèvement

situation
  patient : Patient
  soins : liste de Soin
  remarque : texte facultatif

entité Patient
  revenu : montant de 0,00 € à 1 000,00 €
  natures : liste de Nature

entité Soin appartient à Patient
  jour : date
  nature : Nature
  base : montant

décision dite : booléen
  en règle générale : remarque est présent

décision total : montant
  en règle générale : somme de s.base pour chaque s parmi soins

décision consultations : entier
  en règle générale : nombre de s parmi soins tel que s.nature = consultation

décision Patient.plus : montant
  en règle générale : revenu + 1,00 €

décision Patient.reçues : entier
  en règle générale : nombre de n parmi natures tel que n = consultation
"""
ASKED = {
    "remarque": "dite", "patient.revenu": "Patient.plus", "patient.natures": "Patient.reçues",
    "soins": "total", "soins.nature": "consultations",
}  # fmt: skip


@pytest.mark.parametrize("column", ASKED)
def test_machine_code_says_the_same(column: str) -> None:
    pytest.importorskip("llvmlite")
    law = Law(program_of(LAW))
    head, _, last = column.partition(".")
    n_answers = 0
    for name, array in ODD.items():
        if head == "soins" and last:
            care = pa.StructArray.from_arrays([array], [last])
            array = pa.ListArray.from_arrays(pa.array(range(N + 1), pa.int32()), care)
        table = pa.table({head if head == "soins" else column: array})
        # Nothing is compiled of what does not fit; of the others, one of each type is.
        both = [
            told(law, table, on=DAY, decisions=[ASKED[column]], native=native)
            for native in (False, True)
        ]
        assert both[0] == both[1], name
        n_answers += isinstance(both[0], tuple)
    assert n_answers > 5


# ── what is said ─────────────────────────────────────────────────────────────────────────


def rejected(**columns: Any) -> list[Any]:
    found = Law(vocabulary()).evaluate_table(pa.table(columns), on=DAY, lang="en")
    return [(r["row"], r["column"], r["element"], r["code"], r["message"]) for r in found.rejects.to_pylist()]  # fmt: skip


NOT_UTF8 = "the text is not UTF-8: write the file as UTF-8"


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_a_text_that_is_not_utf8_sets_its_row_aside(kind: Any) -> None:
    array = text(kind, [b"ok", b"\xff\xfe", "é".encode(), b"caf\xe9"])
    assert rejected(remarque=array) == [(row, "remarque", None, "E103", NOT_UTF8) for row in (2, 4)]


def test_in_a_dictionary_only_rows_that_have_it_are_set_aside() -> None:
    words = text(pa.string(), [b"consultation", b"pr\xe9l\xe8vement"])
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0]), words)
    assert rejected(remarque=array) == [(2, "remarque", None, "E103", NOT_UTF8)]


def test_in_a_list_it_is_told_which() -> None:
    words = text(pa.string(), [b"consultation", b"pr\xe9l\xe8vement", b"consultation"])
    array = pa.ListArray.from_arrays(pa.array([0, 0, 2, 3], pa.int32()), words)
    held = pa.StructArray.from_arrays([array], ["natures"])
    assert rejected(patient=held) == [(2, "patient.natures", 2, "E103", NOT_UTF8)]


@pytest.mark.parametrize("kind", [pa.list_view, pa.large_list_view])
def test_views_of_structs_are_read(kind: Any) -> None:
    rows = [[{"jour": dt.date(2019, 5, 1)}, {"jour": dt.date(2018, 5, 1)}], [], None]
    data = pa.table({"soins": pa.array(rows, kind(pa.struct([("jour", pa.date32())])))})
    found = Law(vocabulary()).evaluate_table(data, on=DAY, decisions=["plus_vieux_soin"])
    assert found.answers.column(0).to_pylist() == [dt.date(2018, 5, 1), None, None]
    assert found.answers.column(1).to_pylist() == ["value", "absent", "unknown"]


@pytest.mark.parametrize("kind", [pa.decimal64(5, -2), pa.decimal128(5, -2), pa.decimal256(40, -2)])
def test_a_scale_below_zero_is_that_of_the_column(kind: Any) -> None:
    """Whatever is null beside."""
    data = pa.table({"patient.disputé": pa.array([Decimal("1E+2"), None], kind)})
    found = Law(vocabulary()).evaluate_table(data, on=DAY, decisions=["Patient.disputé"])
    assert found.answers.column(0).to_pylist() == [Decimal("100.00"), None]


def test_a_copied_text_that_is_not_utf8() -> None:
    """It is null in the answers, which are UTF-8, and its row is set aside."""
    data = pa.table({"id": text(pa.string(), [b"a", b"\xff"]), "remarque": ["a", "b"]})
    found = Law(vocabulary()).evaluate_table(data, on=DAY, keep=["id"], decisions=["part"])
    assert found.answers.column("id").to_pylist() == ["a", None]
    assert found.answers.column("part__status").to_pylist() == ["value", None]
    assert found.rejects.column("column").to_pylist() == ["id"]


@pytest.mark.parametrize("name", dict(malformed()))
def test_what_is_malformed_is_refused(name: str) -> None:
    """Arrow would read beyond its arrays."""
    array = dict(malformed())[name]
    law = Law(vocabulary())
    for table in (
        pa.table({"x": array}),
        pa.table({"x": pa.StructArray.from_arrays([array], ["y"])}),
    ):
        with pytest.raises(LawError) as caught:
            law.evaluate_table(table, on=DAY, keep=["x"])
        assert [found.code for found in caught.value.diagnostics] == ["E130"]
        stream = law.evaluate_table(table.to_reader(), on=DAY, keep=["x"], decisions=["part"])
        with pytest.raises(LawError, match="mal formée"):
            stream.answers.read_all()


def test_keys_of_any_width_join() -> None:
    law = Law(vocabulary())
    large = 2**63 + 5
    care = pa.table({"id": pa.array([300, 1, large], pa.uint64()), "jour": [DAY] * 3})
    for kind, keys in ((pa.int8(), [1, 2]), (pa.int64(), [1, -1]), (pa.uint64(), [1, large])):
        data = pa.table({"id": pa.array(keys, kind)})
        found = law.evaluate_table(data, on=DAY, key="id", lists={"soins": care}, decisions=["Soin.retenue"])  # fmt: skip
        counts = [len(soins) for soins in found.answers.column("soins").to_pylist()]
        assert counts == [1, int(large in keys)]


def test_machine_code_bears_a_copied_column_of_any_type() -> None:
    pytest.importorskip("llvmlite")
    own = pa.ExtensionArray.from_storage(Owned(pa.int64()), pa.array([1, 2]))
    data = pa.table({"mien": own, "remarque": ["a", "b"]})
    found = Law(vocabulary()).evaluate_table(data, on=DAY, keep=["mien"], decisions=["part"], native=True)  # fmt: skip
    assert found.answers.column("mien").combine_chunks().storage.to_pylist() == [1, 2]


@pytest.mark.parametrize("cells", [[1, "a"], [2**70, 1], ["caf\udce9", "b"], [{1: 2}, [3]]])
def test_a_frame_that_arrow_cannot_hold(cells: list[Any]) -> None:
    frame = pd.DataFrame({"remarque": pd.Series(cells, dtype=object)})
    with pytest.raises(LawError) as caught:
        Law(vocabulary()).evaluate_table(frame, on=DAY)
    [found] = caught.value.diagnostics
    assert found.code == "E130"
    assert "`remarque`" in found.message.en


def test_a_frame_that_has_a_column_twice() -> None:
    frame = pd.DataFrame([["a", "b"]], columns=["remarque", "remarque"])
    with pytest.raises(LawError) as caught:
        Law(vocabulary()).evaluate_table(frame, on=DAY)
    assert [found.code for found in caught.value.diagnostics] == ["E111"]
