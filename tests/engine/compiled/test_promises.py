"""What generated code promises, whatever the situation: no depth, steps in line with the lists."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from lexald.dsl.values import Amount
from lexald.engine.compiled.machine import Machine, Run, compiled
from tests.engine.laws import program_of

LISTS = """langage 1
politique "Listes" version "1"
situation
  patient : Patient
  soins : liste de Soin
entité Patient
  exonéré : booléen
entité Soin appartient à Patient fait générateur jour
  jour : date
  base : montant
décision Soin.cumul : montant
  dans l'ordre de jour
  en règle générale : si précédent est présent alors précédent.cumul + base sinon base
décision Soin.retenu : montant
  en règle générale : base
    dans la limite de 50,00 € par année(jour) dans l'ordre de jour
décision total : montant
  en règle générale : somme de s.retenu pour chaque s parmi soins
décision Patient.droits : montant
  en règle générale : si exonéré alors 2,00 € sinon 1,00 €
décision par_jour : montant
  en règle générale : somme de s.patient.droits pour chaque s parmi soins
"""
ON = date(2024, 6, 1)


def read(machine: Machine, n: int) -> Run:
    """A situation of *n* acts, one a day."""
    start = date(2000, 1, 1)
    acts = [
        {"jour": (start + timedelta(days=rank)).isoformat(), "base": "1.00"} for rank in range(n)
    ]
    run = machine.read({"patient": {"exonéré": True}, "soins": acts})
    assert run is not None
    return run


@pytest.fixture(scope="module")
def machine() -> Machine:
    return compiled(program_of(LISTS))


def calls(work: Callable[[], Any]) -> int:
    """How many functions of Python *work* calls."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def test_a_long_list_goes_no_deeper(machine: Machine) -> None:
    n = 20_000
    run = read(machine, n)
    last = run.element(("soins", n - 1))
    limit = sys.getrecursionlimit()
    deep = 0
    frame: Any = sys._getframe()
    while frame is not None:
        deep, frame = deep + 1, frame.f_back
    sys.setrecursionlimit(deep + 60)
    try:
        found = run.outcome("Soin.cumul", last, ON)
    finally:
        sys.setrecursionlimit(limit)
    assert found == Amount(100 * n)
    assert run.slowed == 0


NO_LIMIT = """langage 1
politique "Plafonds" version "1"
énumération Nature : acte ; transport ; boîte
situation
  soins : liste de Soin
entité Soin
  jour : date
  rang : entier
  nature : Nature
  base : montant
table plafond(nature : Nature) : montant
  à compter du 01/01/2000
    | nature    | plafond    |
    | acte      | 2,00 €     |
    | transport | 4,00 €     |
    | *         | sans objet |
table nombre(nature : Nature) : entier
  à compter du 01/01/2000
    | nature | nombre     |
    | acte   | 1          |
    | *      | sans objet |
décision Soin.du_jour : montant
  en règle générale : base
    dans la limite de plafond(nature) par (jour ; nature) dans l'ordre de rang
décision Soin.par_nombre : montant
  en règle générale : base
    dans la limite de (nombre(nature)) éléments par (jour ; nature) dans l'ordre de rang
"""


@pytest.mark.parametrize("name", ["Soin.du_jour", "Soin.par_nombre"])
def test_elements_without_a_limit_leave_nothing_to_the_interpreter(name: str) -> None:
    """Their list is worked out by generated code, and comes to the same."""
    program = program_of(NO_LIMIT)
    care = [
        {"jour": "2024-06-01", "rang": rank, "nature": nature, "base": "3.00"}
        for rank, nature in enumerate(["acte", "boîte", "acte", "transport", "boîte", "transport"])
    ]
    run = compiled(program).read({"soins": care})
    assert run is not None
    evaluation = run.evaluated(ON)
    for element in evaluation.situation.elements():
        found = run.outcome(name, run.element(element.path), ON)
        assert found == evaluation.decide(name, element).outcome
    assert run.slowed == 0


@pytest.mark.parametrize("name", ["Soin.cumul", "Soin.retenu", "total", "par_jour"])
def test_steps_grow_as_the_list_does(machine: Machine, name: str) -> None:
    def steps(n: int) -> int:
        run = read(machine, n)
        element = run.element(("soins", n - 1)) if "." in name else None
        return calls(lambda: run.outcome(name, element, ON))

    steps(10)  # what is imported and kept once
    few, many = steps(300), steps(600)
    assert many <= 2.1 * few


def test_reading_grows_as_the_list_does(machine: Machine) -> None:
    few, many = (calls(lambda n=n: read(machine, n)) for n in (300, 600))  # type: ignore[misc]
    assert many <= 2.1 * few


def test_what_is_kept_is_bounded(machine: Machine) -> None:
    start = date(1, 1, 1)
    for rank in range(10_000):
        machine.eras.at(start + timedelta(days=rank))
    assert len(machine.eras._kept) <= 4_096


def test_a_run_forgets_the_one_before(machine: Machine) -> None:
    first, second = read(machine, 3), read(machine, 2)
    assert first.outcome("total", None, ON) == Amount(300)
    assert second.outcome("total", None, ON) == Amount(200)


def test_each_date_has_its_answers(machine: Machine) -> None:
    run = read(machine, 2)
    days = [date(2024, 1, 1), date(2010, 1, 1), date(2024, 1, 1)]
    assert [run.outcome("par_jour", None, day) for day in days] == [Amount(400)] * 3
