"""What no case of the casebook may break, whatever the law says of one item of care.

Money is neither made nor lost between the scheme, the complementary cover and the patient; and to be
exempt for one's affection never costs more.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lexald.casebook.runner import situation_of
from lexald.dsl.program import Case, Program
from lexald.dsl.values import Amount
from lexald.engine.elements import Element, Elements
from lexald.engine.interpreter import Evaluation

from ..engine.laws import packaged_program

PARTS = ("remboursé", "part_complémentaire", "reste_final")
# An item of care that lacks one of these has no known cost: most cases look at one step only.
NEEDED = {"date_de_remboursement", "nature", "base", "prix"}
# Cases that suppose a step of the reckoning: their other steps say nothing.
NOT_SUPPOSED = "Soin."


@pytest.fixture(scope="module")
def packaged() -> Program:
    return packaged_program()


def items_of_care(program: Program) -> Iterator[tuple[Case, Evaluation, Element]]:
    for case in program.cases:
        situation = situation_of(program, case)
        care = situation.roots.get("soins")
        if not isinstance(care, Elements):
            continue
        if any(name.startswith(NOT_SUPPOSED) for name, _ in situation.hypotheses):
            continue
        evaluation = Evaluation(program, situation, case.day)
        yield from ((case, evaluation, item) for item in care.items if item.facts.keys() >= NEEDED)


def test_what_is_paid_is_paid_by_someone(packaged: Program) -> None:
    checked = 0
    for case, evaluation, item in items_of_care(packaged):
        if "contrat" not in evaluation.situation.roots:
            continue
        price = item.facts.get("prix")
        parts = [evaluation.decide(f"Soin.{part}", item).outcome for part in PARTS]
        charge = evaluation.decide("Soin.forfait_restant", item).outcome
        known = [part for part in (*parts, charge, price) if isinstance(part, Amount)]
        if len(known) < len(PARTS) + 2:
            continue
        checked += 1
        assert sum(part.cents for part in known[:3]) == price.cents + charge.cents, (  # type: ignore[union-attr]
            case.name,
            item.path,
        )
    assert checked > 20


def test_an_exemption_never_costs(packaged: Program) -> None:
    checked = 0
    for case, evaluation, item in items_of_care(packaged):
        saved = evaluation.decide("Soin.économie", item).outcome
        if isinstance(saved, Amount):
            checked += 1
            assert saved.cents >= 0, (case.name, item.path)
    assert checked > 100
