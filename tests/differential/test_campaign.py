"""A campaign says how much it compared, goes on where it stopped, and fails on a fault."""

from __future__ import annotations

from typing import Any

import pytest

from lexald.casebook.runner import run
from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from lexald.dsl.values import Amount
from lexald.engine.environment import Decided
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Unknown
from tests.differential.__main__ import main
from tests.differential.backends import OTHERS, Interpreter
from tests.differential.campaign import Campaign, Plan, work
from tests.engine.laws import SMALL_LAW, program_of, small_law

LAW = str(SMALL_LAW)


class KnowsLess(Evaluation):
    """Amounts are never known."""

    def decide(self, name: str, element: Any = None) -> Decided:
        decided = super().decide(name, element)
        return Decided(Unknown()) if isinstance(decided.outcome, Amount) else decided


def small_plan(*backends: Any) -> Plan:
    return Plan(program_of(small_law()), backends, seed=5, laws=4)


def test_it_compares_as_many_as_asked_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--policies", LAW, "--situations", "1505", "--jobs", "1", "--laws", "4"]) == 0
    said = capsys.readouterr().out
    assert "1510 random situations" in said
    assert "0 mismatches" in said
    assert all(backend.name in said for backend in OTHERS)


def test_a_batch_is_the_same_by_itself() -> None:
    plan = small_plan(*OTHERS)
    for number in (2, 3):  # of the law, of a random law
        one, other = work(plan, number), work(plan, number)
        assert (one.tally.outcomes, one.tally.answers) == (
            other.tally.outcomes,
            other.tally.answers,
        )


def test_processes_change_nothing() -> None:
    plan = small_plan(*OTHERS)
    tallies = []
    for jobs in (1, 2):
        campaign = Campaign(plan, plan.numbers(3, 200), jobs)
        campaign.go(lambda text: None, lambda text: None)
        tallies.append((campaign.tally.outcomes, campaign.tally.situations, campaign.next))
    assert tallies[0] == tallies[1]


def test_a_fault_is_told_as_a_case() -> None:
    plan = small_plan(Interpreter(KnowsLess, "knows less"))
    campaign = Campaign(plan, plan.numbers(0, 100), 1)
    faults: list[str] = []
    campaign.go(lambda text: None, faults.append)
    assert campaign.mismatches >= len(faults) > 0
    checked = check([SourceFile.of("loi.ald", f"{small_law()}\n{faults[0]}")])
    assert checked.program is not None
    names = {case.name for case in check([SourceFile.of("l.ald", small_law())]).program.cases}  # type: ignore[union-attr]
    told: list[core.Case] = [case for case in checked.program.cases if case.name not in names]
    assert [result.outcome for result in run(checked.program, told)] == ["passed"]
