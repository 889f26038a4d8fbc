"""What columns must get right by ways of their own: fractions, big numbers, long lists, copies.

That they answer as the interpreter does is held at large by `tests/differential`.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from lexald.dsl.program import Program
from lexald.dsl.values import Amount
from lexald.engine.columnar.columns import FAILURE, UNKNOWN, VALUE, Column
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.situations import block_of
from lexald.engine.elements import Situation
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Failure, Unknown
from lexald.engine.situation import build_situation
from tests.engine.laws import program_of

ON = date(2024, 1, 1)
SOURCE = 'source essai = loi "Code d\'essai, art. 1" en vigueur à compter du 01/01/2000\n'


def situations_of(program: Program, rows: list[dict[str, Any]]) -> list[Situation]:
    made = []
    for row in rows:
        situation, _, wrong = build_situation(program, row)
        assert situation is not None, wrong
        made.append(situation)
    return made


def decided(program: Program, situations: list[Situation], name: str) -> tuple[Kernel, Column]:
    kernel = Kernel(program, ON)
    return kernel, kernel.evaluate(block_of(program, situations), [name])[name]


def state(column: Column, lane: int) -> int:
    return VALUE if column.state is None else int(column.state[lane])


FRACTIONS = (
    SOURCE
    + """
situation
  montant_dû : montant
  parts : entier de 0 à 1000000000000

décision part : montant
  en règle générale : montant_dû ÷ parts
    arrondi au centime

décision deux_parts : montant
  en règle générale : montant_dû ÷ parts + montant_dû ÷ 7
    arrondi au centime supérieur

décision grand : décimal
  en règle générale : parts × parts × parts ÷ 3
"""
)


def test_each_situation_has_its_own_denominator() -> None:
    program = program_of(FRACTIONS)
    rows = [{"montant_dû": str(Amount(1000 + n)), "parts": n % 13 + 1} for n in range(200)]
    situations = situations_of(program, rows)
    for name in ("part", "deux_parts"):
        _, column = decided(program, situations, name)
        expected = [Evaluation(program, s, ON).decide(name).outcome.cents for s in situations]
        assert list(column.parts[0]) == expected


def test_numbers_past_64_bits_stay_exact() -> None:
    program = program_of(FRACTIONS)
    parts = [10**12, 999_999_999_999, 3, 0]
    situations = situations_of(program, [{"parts": n} for n in parts])
    _, column = decided(program, situations, "grand")
    found = [Fraction(int(num), int(den)) for num, den in zip(
        column.parts[0], np.broadcast_to(column.den, len(parts)), strict=True)]  # fmt: skip
    assert found == [Fraction(n**3, 3) for n in parts]


def test_a_division_by_zero_is_an_error_of_its_own_lane_only() -> None:
    program = program_of(FRACTIONS)
    rows: list[dict[str, Any]] = [
        {"montant_dû": "10.00", "parts": 4},
        {"montant_dû": "10.00", "parts": 0},
        {"parts": 0},
    ]
    kernel, column = decided(program, situations_of(program, rows), "part")
    assert [state(column, lane) for lane in range(3)] == [VALUE, FAILURE, UNKNOWN]
    assert column.detail is not None
    found = kernel.details[column.detail[1]]
    assert isinstance(found, Failure)
    assert found.code == "E012"
    assert found.span is not None


CHAIN = (
    SOURCE
    + """
situation
  arrêts : liste de Arrêt

entité Arrêt fait générateur début
  début : date
  nouveau : booléen

décision Arrêt.ouverture : date
  dans l'ordre de début
  à compter du 01/01/2000 [essai]
    en règle générale : si précédent est présent alors précédent.ouverture sinon début

exception "nouveau" à Arrêt.ouverture
  à compter du 01/01/2000 [essai]
    si nouveau : début
"""
)


@pytest.mark.parametrize("length", [1, 2, 3000])
def test_a_long_list_is_worked_out_along_its_order(length: int) -> None:
    """Nothing goes deeper at each element; the order of writing does not count."""
    program = program_of(CHAIN)
    days = [date(2001, 1, 1) + timedelta(days=n) for n in range(length)]
    rows = [{"début": day.isoformat(), "nouveau": n == length // 2} for n, day in enumerate(days)]
    situations = situations_of(program, [{"arrêts": rows[::-1]}])
    _, column = decided(program, situations, "Arrêt.ouverture")
    middle = days[length // 2]
    expected = [days[0] if day < middle else middle for day in days][::-1]
    assert [date.fromordinal(int(number)) for number in column.parts[0]] == expected


SUPPOSED = (
    SOURCE
    + """
situation
  patient : Patient
  actes : liste de Acte

entité Patient
  abattement : montant

entité Acte appartient à Patient
  prix : montant

décision Acte.dû : montant
  en règle générale : prix dans la limite de 50,00 €

décision total : montant
  en règle générale : somme de a.dû pour chaque a parmi actes

décision Acte.apport : montant
  en règle générale : total - (à supposer (dû = 0,00 €) (total))
"""
)


def test_each_element_supposes_of_a_copy_of_its_own_situation() -> None:
    """Ten acts of three patients each suppose something of themselves: no one sees another's."""
    program = program_of(SUPPOSED)
    prices = [["10.00", "60.00", "5.00"], [], ["50.00", "50.00", "1.00", "2.00", "3.00", "4.00"]]
    rows = [{"actes": [{"prix": price} for price in patient]} for patient in prices]
    situations = situations_of(program, rows)
    _, column = decided(program, situations, "Acte.apport")
    cents = [min(Amount.of(price).cents, 5000) for patient in prices for price in patient]
    assert list(column.parts[0]) == cents


OPEN = (
    SOURCE
    + """
situation
  a : booléen
  b : booléen
  c : booléen
  prix : montant de 0,00 € à 100,00 €

décision certain : montant
  en règle générale : si a et b alors 10,00 € sinon (si a et non b alors 10,00 € sinon (si non a ou c alors 10,00 € sinon 10,00 €))

décision borné : booléen
  vrai si prix + (si c alors 5,00 € sinon 7,00 €) < 200,00 €

exception "cas a" à ouvert
  si a : 20,00 €

décision ouvert : montant
  en règle générale : 30,00 €
"""
)


def test_open_conditions_are_tried_lane_by_lane() -> None:
    """Each lane has conditions of its own open; what all truths give is known."""
    program = program_of(OPEN)
    facts: list[dict[str, Any]] = [
        {},
        {"a": True},
        {"b": False},
        {"a": False, "c": True},
        {"a": True, "b": True},
    ]
    situations = situations_of(program, facts)
    for name in ("certain", "borné", "ouvert"):
        _, column = decided(program, situations, name)
        for lane, situation in enumerate(situations):
            expected = Evaluation(program, situation, ON).decide(name).outcome
            assert (state(column, lane) == UNKNOWN) == isinstance(expected, Unknown), (name, lane)
    _, column = decided(program, situations, "ouvert")
    assert column.ends is not None
    assert (int(column.ends.low[0][0]), int(column.ends.high[0][0])) == (2000, 3000)


def test_an_empty_block_answers_for_no_one() -> None:
    program = program_of(SUPPOSED)
    for name in program.decisions:
        _, column = decided(program, [], name)
        assert len(column) == 0
