"""Facts without which a condition is not true: a situation that tells none of them is soon judged."""

from __future__ import annotations

from typing import Any

import pytest

from lexald import Law, SituationError
from lexald.engine.compiled.untold import needed
from tests.engine.laws import program_of

LAW = """langage 1
politique "Interdits" version "1"
situation
  patient : Patient
  soins : liste de Soin
entité Patient
  séjours : liste de Soin
entité Soin
  a : booléen
  b : booléen
  n : entier
  m : entier de 0 à 9
  p : entier facultatif
  q : montant
décision Soin.x : booléen
  en règle générale : a et b et n > m et p est présent et q > 0,00 €
interdit dans Soin "impossible" si {condition}
"""


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        ("a et b", "ab"),
        ("a ou b", ""),
        ("non (a ou b)", "ab"),
        ("non (a et b)", ""),
        ("(a et b) ou (non a et b)", ""),
        ("a et (b ou n > 3)", "a"),
        ("n > m", "nm"),
        ("n + m = 3 et non b", "nmb"),
        ("n × m = 0", ""),
        ("p est présent et p < n", "pn"),
        ("non (p est présent)", "p"),
        ("q < 0,00 €", "q"),
        ("n parmi (1 ; 2)", "n"),
        ("x", ""),
    ],
)
def test_they_are_those_that_each_part_reads(condition: str, facts: str) -> None:
    (rule,) = program_of(LAW.format(condition=condition)).forbidden
    assert needed(rule.condition) == set(facts)


@pytest.mark.parametrize("where", ["soins", "séjours"])
def test_what_is_forbidden_is_found_wherever_it_stands(where: str) -> None:
    law = Law(program_of(LAW.format(condition="a et n = 3 et m > 4")))

    def refused(*elements: dict[str, Any]) -> bool:
        listed = list(elements)
        told = {"soins": listed} if where == "soins" else {"patient": {"séjours": listed}}
        try:
            law.evaluate(told, on="2024-01-01", explain=False)
        except SituationError:
            return True
        return False

    fits = {"a": True, "n": 3, "m": 5}
    assert refused({}, fits)
    assert refused(fits, {"a": False})
    assert not refused()
    assert not refused({}, {"a": True, "n": 3}, {"n": 3, "m": 5}, {**fits, "m": 4}, {"m": 5})
