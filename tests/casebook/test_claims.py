"""Every affirmation of the source documents is carried by the project, or left with a reason."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest

from lexald.casebook.claims import (
    Affirmation,
    Carriers,
    Reference,
    carriers,
    disagreements,
    faults,
    register,
)
from lexald.casebook.runner import run
from lexald.dsl.program import Program

from ..engine.laws import packaged_program, program_of

LEAST_CARRIED = 0.95
Met = Mapping[Reference, Carriers]


@pytest.fixture(scope="module")
def packaged() -> Program:
    return packaged_program()


@pytest.fixture(scope="module")
def met(packaged: Program) -> Met:
    return carriers(packaged, run(packaged))


def test_the_register_and_the_project_agree(met: Met) -> None:
    assert faults(register(), met) == []


def test_nearly_all_that_can_be_computed_is_carried(
    met: Met,
) -> None:
    computable = [one for one in register().values() if one.computable]
    carried = [one for one in computable if met.get(one.reference)]
    assert len(carried) >= LEAST_CARRIED * len(computable)


def test_documents_of_the_register_are_sources_of_the_law(packaged: Program) -> None:
    assert {source for source, _ in register()} <= packaged.sources.keys()


def test_every_conflict_of_the_documents_is_seen_in_a_case_or_a_rule(
    met: Met,
) -> None:
    told = register()
    for one in disagreements():
        assert set(one.references) <= told.keys(), one.name
        computable = [r for r in one.references if told[r].computable]
        assert not computable or any(met.get(r) for r in computable), one.name


LAW = """
source guide = guide "Guide"
source fiche = guide "Fiche"
situation
  n : entier
décision double : entier
  en règle générale : n + n  [fiche "002"]
cas "deux" d'après guide "001" au 01/01/2020
  soit n = 1
  attendu double = 2
  source affirme guide "003" double = 3
  source affirme fiche "004" double = 2
"""


def told(*entries: Affirmation) -> dict[tuple[str, str], Affirmation]:
    return {one.reference: one for one in entries}


def test_what_carries_an_affirmation_and_what_the_law_denies() -> None:
    program = program_of(LAW)
    met = carriers(program, run(program))
    assert {reference for reference, by in met.items() if by.cases} == {
        ("guide", "001"),
        ("guide", "003"),
        ("fiche", "004"),
    }
    assert [case.name for case in met["guide", "003"].against] == ["deux"]
    assert met["fiche", "004"].against == ()
    assert [piece.name for piece in met["fiche", "002"].pieces] == ["double"]


def test_each_way_the_register_and_the_project_part_is_told() -> None:
    program = program_of(LAW)
    met = carriers(program, run(program))
    one = Affirmation("guide", "001", "le double", True, "")
    other = attrs.evolve(one, number="003")
    assert faults(told(one, other), met) == []
    assert faults(told(one), met) == ['guide "003" : cité, mais absent du registre']
    orphan = attrs.evolve(one, number="009")
    assert faults(told(one, other, orphan), met) == [
        'guide "009" : ni portée, ni laissée avec une raison (le double)'
    ]
    assert faults(told(one, other, attrs.evolve(orphan, left="sans objet")), met) == []
    assert faults(told(one, other, attrs.evolve(orphan, computable=False)), met) == []
    assert faults(told(attrs.evolve(one, left="trop vague"), other), met) == [
        'guide "001" : portée, et pourtant laissée (trop vague)'
    ]
