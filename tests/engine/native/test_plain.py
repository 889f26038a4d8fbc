"""Machine code gives a table the answers that columns give it, and says nothing of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pytest.importorskip("llvmlite")

import numpy as np
import pyarrow as pa

from lexald import Law
from lexald.casebook.bench import works
from lexald.casebook.bench.whole_law import drawn
from lexald.engine.columnar.layout import layout
from lexald.engine.native import numbers, plain
from lexald.engine.native.plain import Native, Plain, native
from tests.engine.laws import packaged_program, program_of

DAY = date(2025, 1, 1)
LAW = """langage 1

politique "Essai" version "1"

source code = loi "Code, art. 1"
  en vigueur à compter du 01/01/2000

énumération Nature : acte ; produit ; transport

situation
  patient : Patient
  soins : liste de Soin
  contrat : Contrat facultatif
  titres : liste de Nature

entité Patient
  naissance : date
  revenu : montant de 0,00 € à 90 000,00 €
  taux : taux de 0 % à 100 %
  note : texte facultatif

entité Contrat appartient à Patient
  effet : date
  durée : durée

entité Soin appartient à Patient fait générateur jour
  jour : date
  nature : Nature
  base : montant
  prévu : booléen
  heures : décimal
  présence : période facultatif

paramètre forfait : montant "forfait"
  à compter du 01/01/2000 : 1,00 €  [code]
  à compter du 15/05/2024 : 2,00 €  [code]

décision Soin.part : montant
  à compter du 01/01/2000 [code]
    en règle générale : base × (si prévu alors 100 % sinon patient.taux)
      arrondi au centime

exception "transport" à Soin.part
  à compter du 01/01/2010 [code]
    si nature = transport : 0,00 €

décision Soin.forfait_retenu : montant
  à compter du 01/01/2000 [code]
    en règle générale : forfait
      dans la limite de 5,00 € par année(jour) dans l'ordre de jour

décision Soin.rang : entier
  dans l'ordre de jour
  à compter du 01/01/2000 [code]
    en règle générale : si précédent est présent alors précédent.rang + 1 sinon 1

décision Soin.jours : entier
  applicable si nature ≠ produit
  à compter du 01/01/2000 [code]
    en règle générale :
      si présence est présent alors nombre de j parmi jours de (présence) sinon 0

décision Contrat.fin : date
  à compter du 01/01/2000 [code]
    en règle générale : effet + durée

décision Contrat.court : booléen
  à compter du 01/01/2000 [code]
    vrai si fin > effet + 1 an

décision majeur : booléen
  à compter du 01/01/2000 [code]
    vrai si patient.naissance + 18 ans ≤ à la date considérée

décision total : montant résultat
  à compter du 01/01/2000 [code]
    en règle générale : somme de s.part - s.forfait_retenu pour chaque s parmi soins

décision a_le_titre : booléen
  à compter du 01/01/2000 [code]
    vrai si transport parmi titres

décision étiquette : texte facultatif
  à compter du 01/01/2000 [code]
    en règle générale : patient.note

interdit dans Soin "un soin de plus de 1 000 €" si base > 1 000,00 €
"""
NAMES = (
    "Soin.part", "Soin.forfait_retenu", "Soin.rang", "Soin.jours", "Contrat.fin", "Contrat.court",
    "majeur", "total", "a_le_titre", "étiquette",
)  # fmt: skip


def law() -> Law:
    return Law(program_of(LAW))


def table(size: int = 400, seed: int = 0) -> pa.Table:
    """Rows of all kinds: told in full or not, sound or faulty."""
    rng = np.random.default_rng(seed)

    def some(value: Any, rate: float = 0.05) -> Any:
        return None if rng.random() < rate else value

    def day(first: int = 2019, last: int = 2025) -> date:
        low, high = date(first, 1, 1).toordinal(), date(last, 1, 1).toordinal()
        return date.fromordinal(int(rng.integers(low, high)))

    def care() -> dict[str, Any]:
        first = day()
        last = date.fromordinal(first.toordinal() + int(rng.integers(0, 12)))
        return {
            "jour": some(day(), 0.02),
            "nature": some(["acte", "produit", "transport"][rng.integers(3)], 0.02),
            "base": some(works_amount(rng), 0.02),
            "prévu": some(bool(rng.integers(2)), 0.02),
            "heures": some(int(rng.integers(0, 9)), 0.02),
            "présence": some({"first": first, "last": last}, 0.3),
            "présence__absent": None,
        }

    rows = []
    for _ in range(size):
        cares = [some(care(), 0.005) for _ in range(int(rng.integers(0, 6)))]
        for one in cares:
            if one is not None and one["présence"] is None:
                one["présence__absent"] = True
        contract = {"effet": some(day()), "durée": some(f"P{rng.integers(1, 30)}M")}
        rows.append(
            {
                "patient": some(
                    {
                        "naissance": some(day(1950, 2020)),
                        "revenu": some(works_amount(rng)),
                        "taux": some(["0.5", "0.65", "0.3333", "1.2"][rng.integers(4)], 0.1),
                        "note": some(["a", "b", "é"][rng.integers(3)]),
                        "note__absent": None,
                    },
                    0.02,
                ),
                "soins": some(cares, 0.03),
                "soins__incomplete": bool(rng.random() < 0.03),
                "contrat": some(contract, 0.4),
                "contrat__absent": None,
                "titres": some([["acte"], ["produit", "transport"], []][rng.integers(3)]),
            }
        )
    for row in rows:
        row["contrat__absent"] = row["contrat"] is None and bool(rng.integers(2))
        if row["patient"] is not None and row["patient"]["note"] is None:
            row["patient"]["note__absent"] = bool(rng.integers(2))
    return pa.Table.from_pylist(rows, SCHEMA)


def works_amount(rng: np.random.Generator) -> Any:
    from decimal import Decimal

    return Decimal(int(rng.integers(0, 102_000))) / 100


MEMBER = pa.dictionary(pa.int8(), pa.string())
CARE = pa.struct(
    {
        "jour": pa.date32(), "nature": MEMBER, "base": pa.decimal128(12, 2), "prévu": pa.bool_(),
        "heures": pa.decimal128(6, 2),
        "présence": pa.struct({"first": pa.date32(), "last": pa.date32()}),
        "présence__absent": pa.bool_(),
    }
)  # fmt: skip
PATIENT = pa.struct(
    {
        "naissance": pa.date32(), "revenu": pa.decimal128(20, 2), "taux": pa.string(),
        "note": pa.string(), "note__absent": pa.bool_(),
    }
)  # fmt: skip
SCHEMA = pa.schema(
    {
        "patient": PATIENT, "soins": pa.list_(CARE), "soins__incomplete": pa.bool_(),
        "contrat": pa.struct({"effet": pa.date32(), "durée": pa.string()}),
        "contrat__absent": pa.bool_(), "titres": pa.list_(pa.string()),
    }
)  # fmt: skip


def same(made: Law, data: pa.Table, names: tuple[str, ...], on: date | None = DAY) -> None:
    """Both ways give one table, and one of rejects."""
    ours = made.evaluate_table(data, on=on, decisions=names, native=True, lang="en")
    theirs = made.evaluate_table(data, on=on, decisions=names, native=False, lang="en")
    assert ours.answers.schema == theirs.answers.schema
    assert ours.answers.to_pylist() == theirs.answers.to_pylist()
    assert sorted(map(str, ours.rejects.to_pylist())) == sorted(
        map(str, theirs.rejects.to_pylist())
    )


def left(made: Law, data: pa.Table, names: tuple[str, ...], on: date | None = DAY) -> float:
    """The share of rows that machine code leaves."""
    fitted, _ = layout(made.program, data.schema)
    assert fitted is not None
    (batch,) = data.combine_chunks().to_batches()
    # What `same` compiled is compiled.
    found = plain.at_once(fitted, data.schema, names)(batch, on)
    return 1.0 if found is None else len(found.left) / len(data)


def test_rows_of_all_kinds() -> None:
    data = table()
    same(law(), data, NAMES)
    for name in NAMES:
        same(law(), data, (name,))
        assert left(law(), data, (name,)) < 0.6, name


def test_pieces_of_tables() -> None:
    """Slices, pieces, and tables that tell less."""
    data = table(300)
    same(law(), data.slice(37, 111), NAMES)
    same(law(), pa.concat_tables([data.slice(5, 90), data.slice(200), data.slice(0, 1)]), NAMES)
    same(law(), data.slice(0, 0), NAMES)
    without = tuple(name for name in NAMES if not name.startswith("Contrat"))
    same(law(), data.drop_columns(["contrat", "contrat__absent"]), without)
    same(law(), data.drop_columns(["patient"]), ("total", "majeur", "Soin.rang"))
    same(law(), data.select(["soins"]), ("total", "Soin.part"))
    flat = pa.table({"patient.naissance": [date(2000, 1, 1), None], "patient.taux": ["0.5", "2"]})
    same(law(), flat, ("majeur", "total"))


DAYS = (DAY, date(2024, 1, 1), date(2005, 3, 1), date(1999, 12, 31), date(1, 1, 1), None)


@pytest.mark.parametrize("on", [None, DAY], ids=["its own", "that of all"])
@pytest.mark.parametrize("kind", [pa.date32(), pa.string(), pa.timestamp("s")], ids=str)
def test_each_row_has_its_day(kind: Any, on: date | None) -> None:
    """Days before the law, that are not told, or that are none; and a day for all beside them."""
    data = table(300, seed=3)
    days = pa.array([DAYS[rank % len(DAYS)] for rank in range(300)]).cast(kind)
    if kind == pa.date32():  # beyond the calendar too
        numbers = [
            10_000_000 if rank % 13 == 0 else day
            for rank, day in enumerate(days.cast(pa.int32()).to_pylist())
        ]
        days = pa.array(numbers, pa.int32()).cast(kind)
    if kind == pa.string():
        words = ["le 3 mai" if rank % 11 == 0 else day for rank, day in enumerate(days.to_pylist())]
        days = pa.array(words, kind)
    dated = data.append_column("on", days)
    same(law(), dated, NAMES, on)
    if kind == pa.date32() and on is None:
        for name in NAMES:
            same(law(), dated, (name,), on)
        told = table(300, seed=4).append_column("on", pa.array([DAYS[r % 3] for r in range(300)]))
        assert left(law(), told, ("Soin.part",), None) < 0.6


@pytest.mark.parametrize("missing", [0.0, 0.05])
@pytest.mark.parametrize("work", [works.CRITERIA, works.TEN_LINES], ids=lambda work: work.name)
def test_the_works_of_the_bench(work: Any, missing: float) -> None:
    made = work.law()
    data = work.population(made, missing).table(2_000)
    same(made, data, (work.decision,), work.on)
    if not missing:
        assert left(made, data, (work.decision,), work.on) == 0


def test_the_law_of_the_package() -> None:
    """Over a population: most of it is plain."""
    made = Law(packaged_program())
    names = ("total_remboursé", "Soin.taux", "Affection.fin")
    population = drawn(made, 0.0, names)
    data = pa.Table.from_batches(population.blocks(1_000))
    same(made, data, names, population.on)
    assert left(made, data, names, population.on) < 0.2


def test_a_rounding_that_is_wrong_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above is one that can fail."""
    rounded = numbers.rounded

    def down(writing: Any, code: Any, unit: int, rounding: Any, kind: Any) -> Any:
        return rounded(writing, code, unit, type(rounding).DOWN, kind)

    monkeypatch.setattr(numbers, "rounded", down)
    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    with pytest.raises(AssertionError):
        same(law(), table(), ("total",))


def test_it_begins_when_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once as many lanes were seen as it is worth, whatever calls they came in."""
    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    monkeypatch.setattr(plain, "WORTH", 1_000)
    made, data = law(), table(300, seed=1)
    fitted, _ = layout(made.program, data.schema)
    assert fitted is not None
    kept = native(fitted, data.schema, ("total",))
    theirs = made.evaluate_table(data, on=DAY, decisions=["total"], native=False).answers
    for ready in (False, True, True):
        found = made.evaluate_table(data, on=DAY, decisions=["total"])
        assert found.answers.to_pylist() == theirs.to_pylist()
        if not ready:
            assert not kept.is_ready
    assert kept.is_ready
    assert native(fitted, data.schema, ("total",)) is kept
    assert isinstance(kept, Native)


def test_nulls_that_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is written for what has nulls in the first piece: others have it written again."""
    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    work = works.TEN_LINES
    made = work.law()
    told = work.population(made, 0.0).table(500)
    rows = told.to_pylist()
    rows[3]["patient"]["exonéré"] = None
    rows[7]["soins"] = None
    rows[9]["soins"][0]["nature"] = None
    missing = pa.Table.from_pylist(rows, told.schema)
    fitted, _ = layout(made.program, told.schema)
    assert fitted is not None
    kept = native(fitted, told.schema, (work.decision,))
    written: list[Any] = []
    for data in (told, told, missing, told):
        same(made, data, (work.decision,), work.on)
        written.append(kept._plain)
    assert written[0] is written[1] is not written[2] is written[3] is not None
    assert not list(written[0].machine.nodes.gaps())
    assert list(written[2].machine.nodes.gaps())


def test_words_that_are_no_members_are_not_kept() -> None:
    """What is kept from a table to the next is words of the law."""
    made = law()
    kind = pa.struct({"nature": MEMBER})

    def cares(*natures: str) -> pa.Table:
        return pa.table({"soins": pa.array([[{"nature": one} for one in natures]], pa.list_(kind))})

    data = cares("acte", "Jean Dupont")
    fitted, _ = layout(made.program, data.schema)
    assert fitted is not None
    code = Plain(fitted, data.schema, ("Soin.jours",))
    for one in (data, cares("produit")):
        (batch,) = one.combine_chunks().to_batches()
        code(batch, DAY)
    kept = [dictionary.to_pylist() for dictionary, _, _ in code.machine._members]
    assert kept == [["produit"]]
    same(made, data, ("Soin.jours",))
