"""What machine code must not answer, nor read: each was once answered otherwise than by columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

pytest.importorskip("llvmlite")

import pyarrow as pa

from lexald import Law
from tests.engine.laws import program_of

from .test_plain import left, same

DAY = date(2024, 1, 1)
CENTS = pa.decimal128(10, 2)


def law(text: str) -> Law:
    return Law(program_of(f'langage 1\n\npolitique "Essai" version "1"\n\n{text}'))


def alike(text: str, data: pa.Table, *names: str) -> None:
    """Both ways say the same of *data*, each decision asked alone, and all together."""
    made = law(text)
    for asked in (*[(name,) for name in names], names):
        same(made, data, asked, DAY)


# ── what is read ─────────────────────────────────────────────────────────────────────────

NATURE = """
énumération Nature : acte ; produit

situation
  n : Nature

décision est_un_acte : booléen
  vrai si n = acte
"""


BITS = """
situation
  a : booléen
  b : booléen

décision un_seul : booléen
  vrai si (a et non b) ou (b et non a)
"""


@pytest.mark.parametrize("size", [1, 31, 32, 63, 64, 95, 1023, 1024, 1025, 1087, 1088, 2049])
def test_bits_wherever_they_begin(size: int) -> None:
    """They are read some at a time: however many there are, and whatever bit comes first."""
    rng = Random(size)
    columns = {
        name: pa.array([rng.choice(values) for _ in range(size + 20)], pa.bool_())
        for name, values in (("a", [True, False]), ("b", [True, False, None]))
    }
    for first in (0, 1, 7, 8, 13):
        data = pa.table({name: column.slice(first, size) for name, column in columns.items()})
        alike(BITS, data, "un_seul")
        assert left(law(BITS), data, ("un_seul",), DAY) == 0


TWO_PLACES = """
situation
  premier : Acte
  second : Acte

entité Acte
  x : booléen

décision Acte.y : booléen
  vrai si non x
"""


def test_truths_about_elements_of_several_places() -> None:
    kind = pa.struct({"x": pa.bool_()})
    rng = Random(3)
    columns = {
        name: pa.array([{"x": rng.choice([True, False, None])} for _ in range(200)], kind)
        for name in ("premier", "second")
    }
    alike(TWO_PLACES, pa.table(columns), "Acte.y")
    assert left(law(TWO_PLACES), pa.table(columns), ("Acte.y",), DAY) == 0


def test_indices_without_a_sign() -> None:
    """A dictionary of more entries than a signed byte counts."""
    entries = pa.array(["acte", "produit", "autre"] * 70)
    indices = pa.array([0, 1, 2, 127, 128, 150, 207, None], pa.uint8())
    data = pa.table({"n": pa.DictionaryArray.from_arrays(indices, entries)})
    alike(NATURE, data, "est_un_acte")
    alike(NATURE, data.slice(3, 4), "est_un_acte")
    assert left(law(NATURE), data, ("est_un_acte",), DAY) < 0.5


def test_indices_outside_of_their_dictionary() -> None:
    """Arrow lets one make such an array; nothing beyond the dictionary is read."""
    wild = pa.DictionaryArray.from_arrays(
        pa.array([0, 1 << 30], pa.int32()), pa.array(["acte"]), safe=False
    )
    assert left(law(NATURE), pa.table({"n": wild}), ("est_un_acte",), DAY) == 1


def test_the_least_number_of_64_bits() -> None:
    """It has no absolute value."""
    text = """
situation
  x : décimal
  m : montant

décision plus_un : décimal
  en règle générale : x + 1

décision autant : montant
  en règle générale : m
"""
    least = Decimal(-(2**63))
    for wide in (pa.decimal128(38, 2), pa.decimal256(50, 2)):
        data = pa.table(
            {
                "x": pa.array([least, Decimal(1)], pa.decimal128(38, 0)),
                "m": pa.array([least / 100, Decimal(2)], wide),
            }
        )
        alike(text, data, "plus_un", "autant")
        rejects = law(text).evaluate_table(data, on=DAY, decisions=["autant"]).rejects
        assert len(rejects) == 1


def test_lists_of_nothing() -> None:
    """A list whose items are of the type of null."""
    text = """
situation
  soins : liste de Soin

entité Soin
  x : entier

décision combien : entier
  en règle générale : nombre de s parmi soins
"""
    for kind in (pa.list_(pa.null()), pa.large_list(pa.null())):
        alike(text, pa.table({"soins": pa.array([[], [None], None], kind)}), "combien")


def test_a_list_that_is_too_long() -> None:
    text = """
énumération Nature : acte ; produit

situation
  titres : liste de Nature

décision titré : booléen
  vrai si produit parmi titres
"""
    data = pa.table({"titres": [["acte"] * 100_001, ["acte"] * 100_000, ["produit"]]})
    alike(text, data, "titré")


# ── what is not there ────────────────────────────────────────────────────────────────────


def test_what_is_kept_of_no_one_leads_nowhere() -> None:
    """The amounts of one that is not told stand where another has its elements."""
    text = """
situation
  patient : Patient

entité Patient
  caisse : Caisse
  contrat : Contrat

entité Caisse
  a : montant
  b : montant

entité Contrat
  soins : liste de Soin
  x : montant
  annexe : Annexe
  y : montant

entité Soin
  prix : montant

entité Annexe
  prix : montant

décision Caisse.un : montant
  en règle générale : 90 000 000 000,00 €

décision Caisse.deux : montant
  en règle générale : 80 000 000 000,00 € + un

décision Caisse.trois : montant
  en règle générale : 70 000 000 000,00 € + deux

décision Soin.prix_retenu : montant
  en règle générale : prix

décision Annexe.prix_retenu : montant
  en règle générale : prix

décision Contrat.total : montant
  en règle générale : somme de s.prix_retenu pour chaque s parmi soins

décision Contrat.annexé : montant
  en règle générale : annexe.prix_retenu

décision somme : montant
  en règle générale :
    patient.caisse.trois + patient.contrat.total + patient.contrat.annexé
"""
    of_caisse = pa.struct({"a": CENTS, "b": CENTS})
    priced = pa.struct({"prix": CENTS})
    of_contrat = pa.struct({"soins": pa.list_(priced), "x": CENTS, "annexe": priced, "y": CENTS})
    kind = pa.struct({"caisse": of_caisse, "contrat": of_contrat})
    data = pa.table({"patient": pa.array([{}, None, {"caisse": {"a": 1}}] * 2, kind)})
    alike(text, data, "somme")


UNSURE = """
énumération Nature : acte ; produit

situation
  c : booléen
  m : montant
  n : Nature
  soins : liste de Soin

entité Soin
  prévu : booléen
  nature : Nature

table tarif(n : Nature) : montant
  à compter du 01/01/2000
    | n       | tarif      |
    | acte    | sans objet |
    | produit | 5,00 €     |

décision plafonné : montant
  en règle générale : m
    dans la limite de (si c alors 5,00 € sinon tarif(n))

décision total : montant
  en règle générale :
    somme de (si s.prévu alors 5,00 € sinon tarif(s.nature)) pour chaque s parmi soins
"""


def test_what_is_not_known_is_not_said_not_to_apply() -> None:
    """Of two ends, one of which does not apply, it is not known which is meant."""
    care = pa.struct({"prévu": pa.bool_(), "nature": pa.string()})
    rows = [[{"prévu": said, "nature": "acte"}] for said in (None, True, False)]
    data = pa.table(
        {
            "c": [None, True, False],
            "m": pa.array([Decimal(10)] * 3, CENTS),
            "n": ["acte"] * 3,
            "soins": pa.array(rows, pa.list_(care)),
        }
    )
    alike(UNSURE, data, "plafonné", "total")
    # Both ends are looked at: they differ, so that it is not known.
    assert left(law(UNSURE), data, ("plafonné", "total"), DAY) == 0


def test_an_absent_ground_competes_with_none() -> None:
    text = """
situation
  a : booléen
  b : booléen
  x : montant facultatif
  y : montant facultatif

décision r : montant facultatif
  en cas de concours : le plus élevé
  en règle générale : 0,00 €

exception "un" à r
  si a : x

exception "deux" à r
  si b : y
"""
    told = [None, Decimal(2), Decimal(5), None, None]
    data = pa.table(
        {
            "a": [True] * 5,
            "b": [True] * 4 + [False],
            "x": pa.array(told, CENTS),
            "x__absent": [one is None for one in told],
            "y": pa.array(told[::-1], CENTS),
            "y__absent": [one is None for one in told[::-1]],
        }
    )
    alike(text, data, "r")


# ── lists ────────────────────────────────────────────────────────────────────────────────

UNION = """
énumération Pièce : a ; b ; x

situation
  c : booléen
  d : booléen
  u : Pièce
  v : Pièce

décision deux_fois : liste de Pièce
  en règle générale : la réunion de :
    - a si c
    - a si d
    - b

décision lues : liste de Pièce
  en règle générale : la réunion de :
    - u si c
    - v

décision écrites : liste de Pièce
  en règle générale : la réunion de :
    - a si c
    - b
"""
QUESTIONS = """
décision combien_{0} : entier
  en règle générale : nombre de p parmi {0}

décision b_dans_{0} : booléen
  vrai si il existe p parmi {0} tel que p = b

décision que_x_{0} : booléen
  vrai si tout p parmi {0} vérifie p = x

décision b_parmi_{0} : booléen
  vrai si b parmi {0}
"""


@pytest.mark.parametrize("listed", ["deux_fois", "lues", "écrites"])
def test_a_union_holds_each_once_or_is_not_known(listed: str) -> None:
    """One that surely is in it says nothing of a list that is not known."""
    three: list[Any] = [True, False, None]
    data = pa.table(
        {
            "c": three * 3,
            "d": [one for one in three for _ in range(3)],
            "u": ["a", None, "b"] * 3,
            "v": ["b"] * 6 + ["a", None, "x"],
        }
    )
    asked = [f"{what}_{listed}" for what in ("combien", "b_dans", "que_x", "b_parmi")]
    alike(UNION + QUESTIONS.format(listed), data, *asked)
    if listed == "écrites":
        assert left(law(UNION + QUESTIONS.format(listed)), data, (asked[1],), DAY) < 0.5


def test_what_is_under_ceilings_may_pass_64_bits() -> None:
    text = """
situation
  soins : liste de Soin

entité Soin
  prix : montant
  borné : booléen

décision Soin.plafond : montant
  applicable si borné
  en règle générale : 5,00 €

décision Soin.retenu : montant
  en règle générale : prix
    dans la limite de plafond par année(01/01/2020)
"""
    most = Decimal(999_999_999_999_999)
    cares = [{"prix": most, "borné": False}] * 100 + [{"prix": Decimal(7), "borné": True}]
    kind = pa.list_(pa.struct({"prix": pa.decimal128(17, 2), "borné": pa.bool_()}))
    alike(text, pa.table({"soins": pa.array([cares, cares[-3:]], kind)}), "Soin.retenu")


# ── what takes long ──────────────────────────────────────────────────────────────────────


def test_days_that_take_turns_come_to_an_end() -> None:
    """One day is kept: two that take turns, forty decisions deep, would be asked 2**40 times."""
    text = "situation\n  x : entier\n\ndécision d0 : entier\n  en règle générale : x\n"
    for rank in range(1, 41):
        text += f"""
décision d{rank} : entier
  en règle générale :
    minimum de (au droit du (01/01/2021) (d{rank - 1}) ; au droit du (01/01/2022) (d{rank - 1}))
"""
    alike(text, pa.table({"x": [1, 2]}), "d40")


def test_one_inside_one_that_may_not_be_there() -> None:
    """Its answers are written at the lane of the row, whatever holds it."""
    text = """
situation
  contrat : Contrat facultatif
  lignes : liste de Ligne

entité Contrat
  x : entier
  base : Base

entité Base
  x : entier
  ajout : Ajout facultatif

entité Ajout
  x : entier

entité Ligne
  contrat : Contrat facultatif

décision Contrat.y : entier
  en règle générale : x + 1

décision Base.y : entier
  en règle générale : x + 2

décision Ajout.y : entier
  en règle générale : x + 3
"""
    whole = pa.int32()
    base = pa.struct({"x": whole, "ajout": pa.struct({"x": whole})})
    kind = pa.struct({"x": whole, "base": base})
    full = {"x": 2, "base": {"x": 6, "ajout": {"x": 8}}}
    some = [{"x": 1, "base": {"x": 5, "ajout": None}}, {"x": 1, "base": None}, full, None]
    contracts = [None] * 10_000 + some * 3
    lines = [[{"contrat": one} for one in some[rank % 4 :]] for rank in range(len(contracts))]
    data = pa.table(
        {
            "contrat": pa.array(contracts, kind),
            "contrat__absent": [one is None for one in contracts],
            "lignes": pa.array(lines, pa.list_(pa.struct({"contrat": kind}))),
        }
    )
    names = ("Contrat.y", "Base.y", "Ajout.y")
    alike(text, data.slice(9_990), *names)
    alike(text, data.select(["contrat", "contrat__absent"]), *names)
    assert left(law(text), data.select([0, 1]), ("Ajout.y",), DAY) == 0


def test_offsets_that_go_back() -> None:
    """Arrow lets one make such an array; no record is written before the heap."""
    made = law(
        """
situation
  soins : liste de Soin

entité Soin
  x : entier

décision combien : entier
  en règle générale : nombre de s parmi soins
"""
    )
    cares = pa.array([{"x": rank} for rank in range(3)], pa.struct({"x": pa.int32()}))
    for offsets in ([0, 3, 2, 3], [1, 0, 3]):
        lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), cares)
        assert left(made, pa.table({"soins": lists}), ("combien",), DAY) == 1
