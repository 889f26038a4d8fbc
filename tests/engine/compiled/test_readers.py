"""Generated readers take what `build_situation` takes as it takes it, and leave it all the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald import Amount, Duration, Law, SituationError
from lexald.engine.compiled.machine import compiled
from lexald.engine.compiled.runtime import Not
from lexald.engine.situation import build_situation
from tests import strategies
from tests.engine.compiled.test_meaning import asked
from tests.engine.laws import packaged_program, program_of, small_law

TYPES = """langage 1
politique "Types" version "1"
énumération Couleur : rouge ; bleu
situation
  chose : Chose
  choses : liste de Chose
entité Chose
  vrai_ou_faux : booléen
  nombre : entier de -3 à 10
  grand : entier
  part : taux de 0 % à 100 %
  décimale : décimal
  somme_due : montant de 0,00 € à 1 000,00 €
  jour : date de 01/01/2000 à 31/12/2030
  fait_le : date facultatif
  durée_prévue : durée de 1 mois à 10 ans
  période_due : période
  depuis_quand : période avec ou sans fin
  nom : texte facultatif
  couleur : Couleur
  couleurs : liste de Couleur
  parties : liste de Chose
décision Chose.même : booléen
  en règle générale : vrai_ou_faux
"""
VALUES: list[Any] = [
    True, False, None, 0, 1, 10, 11, -3, -4, 1.5, float("nan"), 10**18, 10**18 - 1, -(10**30),
    "vrai", "true", "1", "1.00", "-1.00", "+2.5", "1000.00", "1000.01", "1.234", "1,5", "", " ",
    "0.65", "65 %", "1e3", "0" * 40, "2016-06-01", "2016-6-1", "20160601", "2016-W01-1", "2016-02-30",
    "1999-12-31", "2031-01-01", "01/06/2016", "P1M", "P3Y", "P11Y", "P10D", "P", "-P1M", "p1m",
    "2024-01-01/2024-02-01", "2024-02-01/2024-01-01", "2024-01-01/..", "2024-01-01/", "rouge", "vert",
    "é", "e\u0301", "x" * 10_001, b"1", [], ["rouge"], ["rouge", "vert"], ["rouge", "…"], [None], ("bleu",), "…",
    {}, {"nombre": 1}, [{}], [{"nombre": 99}], [{}, "…"], [{}, ...], date(2016, 6, 1), Decimal("1.10"),
    Decimal("NaN"), Fraction(1, 3), Amount(100), Amount(2**70), Duration(6, 0), Duration(1, -1), ..., object(),
]  # fmt: skip
PROGRAM = program_of(TYPES)
MACHINE = compiled(PROGRAM)
FIELDS = [*PROGRAM.entities["Chose"].fields, "même", "inconnue", "de\u0301cimale"]


@pytest.mark.parametrize("name", FIELDS)
def test_a_value_is_read_as_by_the_other_reader(name: str) -> None:
    for value in VALUES:
        data = {"chose": {name: value}}
        built, _, _ = build_situation(PROGRAM, data)
        run = MACHINE.read(data)
        if run is None:
            continue  # left to the other reader, which says why
        assert built is not None, (name, value)
        mine, theirs = run, MACHINE.of(built)
        assert theirs is not None
        assert alike(mine.root[9], theirs.root[9]), (name, value)


N_FACTS = len(PROGRAM.entities["Chose"].fields)


def alike(a: list[Any], b: list[Any]) -> bool:
    """Whether two things hold the same facts. Elements hold their lists, which hold them: no ``==``."""
    for x, y in zip(a[9 : 9 + N_FACTS], b[9 : 9 + N_FACTS], strict=True):
        if type(x) is not type(y):
            return False
        if isinstance(x, Not):
            if x.rank != y.rank:
                return False
        elif isinstance(x, list):
            if len(x) != len(y) or not all(map(alike, x, y)):
                return False
        elif x != y:
            return False
    return True


def test_what_is_plainly_right_is_not_left() -> None:
    plain = {
        "vrai_ou_faux": True, "nombre": 3, "grand": -5, "part": "0.65", "décimale": "2.5", "somme_due": "12.30",
        "jour": "2016-06-01", "fait_le": None, "durée_prévue": "P6M", "période_due": "2024-01-01/2024-02-01",
        "depuis_quand": "2024-01-01/..", "nom": "é", "couleur": "rouge", "couleurs": ["bleu"], "parties": [{}],
    }  # fmt: skip
    for name, value in plain.items():
        assert MACHINE.read({"chose": {name: value}}) is not None, name
    assert MACHINE.read({"chose": plain, "choses": [plain, {}]}) is not None


@pytest.mark.parametrize(
    "data",
    [
        {"patient": {"exonéré": "oui"}},
        {"patient": {"exonere": True}},
        {"patien": {}},
        {"patient": []},
        {"soins": [{"base": 1.5}]},
        [],
        None,
    ],
)
def test_what_is_wrong_is_told_alike(data: Any) -> None:
    law = Law(program_of(small_law()))
    with pytest.raises(SituationError) as slow:
        law.evaluate(data, on="2016-06-01")
    with pytest.raises(SituationError) as quick:
        law.evaluate(data, on="2016-06-01", explain=False)
    assert quick.value.diagnostics == slow.value.diagnostics


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_situations_of_the_packaged_law(data: st.DataObject) -> None:
    program = packaged_program()
    told = data.draw(strategies.situations(program))
    built, _, wrong = build_situation(program, told)
    run = _packaged().read(told)
    if run is None:
        return
    assert built is not None, wrong
    theirs = _packaged().of(built)
    assert theirs is not None
    for name, element in list(asked(program, built))[::7]:
        path = () if element is None else element.path
        x = run.found(name, run.element(path) if path else None, date(2024, 1, 1))
        y = theirs.found(name, theirs.element(path) if path else None, date(2024, 1, 1))
        assert type(x) is type(y)


def _packaged() -> Any:
    if not hasattr(_packaged, "machine"):
        _packaged.machine = compiled(packaged_program())  # type: ignore[attr-defined]
    return _packaged.machine  # type: ignore[attr-defined]
