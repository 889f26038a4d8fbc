"""What no column tells, what the law leaves open, and elements of which something is not told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

pytest.importorskip("llvmlite")

import numpy as np
import pyarrow as pa

from lexald.engine.columnar.layout import layout
from lexald.engine.native import machine, plain

from .test_edges import alike, law
from .test_plain import NAMES, left, same, table
from .test_plain import law as whole_law

DAY = date(2024, 1, 1)
LAW = """
source code = loi "Code, art. 1"
  en vigueur à compter du 01/01/2000

énumération Nature : acte ; produit

situation
  patient : Patient
  soins : liste de Soin

entité Patient
  âge : entier de 0 à 120
  aidé : booléen
  décès : date facultatif
  naissance : date

entité Soin appartient à Patient fait générateur jour
  jour : date
  nature : Nature
  base : montant de 0,00 € à 100,00 €
  cher : booléen

table tarif(nature : Nature) : montant "tarif"
  à compter du 01/01/2000 [code]
    | nature  | tarif       |
    | acte    | 10,00 €     |
    | produit | indéterminé "la table ne le dit pas" |

décision ouvert : montant
  à compter du 01/01/2000 [code]
    en règle générale : si patient.âge ≥ 18 alors indéterminé "le code ne le dit pas" sinon 1,00 €

décision aidé_ou_pas : montant
  à compter du 01/01/2000 [code]
    en règle générale : si patient.aidé alors 1,00 € sinon 2,00 €

décision pareil : montant
  à compter du 01/01/2000 [code]
    en règle générale : si patient.aidé alors 3,00 € sinon 3,00 €

décision total : montant
  à compter du 01/01/2000 [code]
    en règle générale : somme de s.dû pour chaque s parmi soins

décision un_cher : booléen
  à compter du 01/01/2000 [code]
    vrai si il existe s parmi soins tel que s.cher et s.remboursé

décision Soin.remboursé : booléen
  à compter du 01/01/2010 [code]
    vrai si base > 1,00 €

décision Soin.dû : montant
  à compter du 01/01/2000 [code]
    en règle générale : tarif(nature)

décision Soin.au_prorata : montant
  à compter du 01/01/2000 [code]
    en règle générale : (0,00 € - base × 33 %) ÷ (patient.âge - 40) arrondi au centime

décision partagé : montant
  à compter du 01/01/2000 [code]
    en règle générale : somme de s.base ÷ (nombre de t parmi soins) pour chaque s parmi soins
      arrondi à l'euro supérieur

interdit "le décès précède la naissance"
  si patient.décès est présent et patient.décès < patient.naissance
interdit "un enfant aidé" si patient.aidé et patient.âge < 10
"""
CARE = pa.struct(
    {"jour": pa.date32(), "nature": pa.string(), "base": pa.decimal128(10, 2), "cher": pa.bool_()}
)
PATIENT = pa.struct({"âge": pa.int32(), "naissance": pa.date32()})
SCHEMA = pa.schema({"patient": PATIENT, "soins": pa.list_(CARE), "soins__incomplete": pa.bool_()})
ASKED = (
    "ouvert", "aidé_ou_pas", "pareil", "total", "un_cher", "Soin.remboursé", "Soin.dû", "partagé",
)  # fmt: skip


def care(**facts: Any) -> dict[str, Any]:
    return {"jour": date(2020, 1, 1), "nature": "acte", "base": 5, "cher": False, **facts}


def rows(*soins: dict[str, Any], incomplete: bool = False, **facts: Any) -> pa.Table:
    patient = {"âge": 40, "naissance": date(1980, 1, 1), **facts}
    row = {"patient": patient, "soins": list(soins), "soins__incomplete": incomplete}
    return pa.Table.from_pylist([row], SCHEMA)


def test_what_no_column_tells() -> None:
    """Two ways to tell it differ, or agree; and nobody is said to be forbidden for it."""
    made = law(LAW)
    data = rows(care())
    alike(LAW, data, *ASKED)
    assert left(made, data, ("aidé_ou_pas",), DAY) == 0
    assert left(made, data, ("pareil",), DAY) == 1
    assert made.evaluate_table(data, on=DAY, decisions=ASKED, native=True).rejects.num_rows == 0
    fitted = layout(made.program, SCHEMA)[0]
    assert fitted is not None
    found = plain.at_once(fitted, SCHEMA, ("total",))(data.to_batches()[0], DAY)
    assert found is not None and len(found.doubtful) == 0


def test_what_the_law_leaves_open() -> None:
    made = law(LAW)
    for data, name in (
        (rows(care()), "ouvert"),
        (rows(care(nature="produit")), "total"),
        (rows(care(nature="produit"), care(nature=None)), "Soin.dû"),
    ):
        alike(LAW, data, *ASKED)
        assert left(made, data, (name,), DAY) == 0, name


def test_a_list_that_may_have_others() -> None:
    """What one of those that are told decides is known."""
    made = law(LAW)
    data = rows(care(cher=True), care(cher=None), incomplete=True)
    alike(LAW, data, *ASKED)
    assert left(made, data, ("un_cher",), DAY) == 0
    alike(LAW, rows(care(), incomplete=True), *ASKED)
    alike(LAW, rows(incomplete=True), *ASKED)


def test_an_element_whose_day_is_not_known() -> None:
    """Before its law there is no answer: there is none for a day that is not known."""
    made = law(LAW)
    for cares in (
        [care(jour=None, cher=True)],
        [care(jour=None, cher=True), care(cher=True)],
        [care(jour=None, cher=False)],
        [care(jour=None, base=None, cher=None), care(jour=date(2005, 1, 1))],
    ):
        alike(LAW, rows(*cares), *ASKED)
    known = rows(care(jour=None, cher=True), care(cher=True))
    assert left(made, known, ("un_cher",), DAY) == 0
    unknown = rows(care(jour=None, cher=True))
    assert left(made, unknown, ("un_cher",), DAY) == 0


@pytest.mark.parametrize("age", [39, 40, 41, 43, 46, 54, None])
def test_a_quotient_that_is_rounded(age: int | None) -> None:
    """Of both signs, by zero, by what is not known."""
    for base in (0, 1, 5, 50, 100, None):
        data = rows(care(base=base), care(base=7), care(base=11), âge=age)
        alike(LAW, data, "Soin.au_prorata", "partagé")
    assert left(law(LAW), rows(care(), âge=43), ("Soin.au_prorata",), DAY) == 0
    alike(LAW, rows(), "Soin.au_prorata", "partagé")


def test_what_is_behind_a_list_that_is_null() -> None:
    """Arrow keeps values there; they are nobody's."""
    whole = pa.concat_tables([rows(care(base=base)) for base in (1, 2, 3)]).combine_chunks()
    given = whole.column("soins").chunk(0)
    lists = pa.ListArray.from_arrays(
        given.offsets, given.values, mask=pa.array([False, True, False])
    )
    assert len(lists.flatten()) < len(lists.values)
    data = whole.set_column(1, "soins", lists)
    alike(LAW, data, *ASKED)
    assert left(law(LAW), data, ("Soin.dû",), DAY) == 0


def test_what_is_acquitted_without_cause_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: nothing is forbidden as long as it is not sure."""

    def rash(guilt: Any, judge: Any) -> None:
        guilt[:] = np.where(guilt != 0, 0, guilt)

    same(whole_law(), table(), NAMES)
    monkeypatch.setattr(machine, "acquit", rash)
    monkeypatch.setattr(plain, "_kept", type(plain._kept)())
    with pytest.raises(AssertionError):
        same(whole_law(), table(), NAMES)
