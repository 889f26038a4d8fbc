"""The harness itself: it must shout at a planted fault, and tell it shortly."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from lexald.casebook.runner import run
from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile
from lexald.dsl.values import Rounding
from lexald.engine.contest import resolve_decision
from lexald.engine.environment import Decided, Env
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown
from tests.differential.backends import Interpreter
from tests.differential.comparison import Mismatch, compare
from tests.differential.laws import Law, law_of
from tests.differential.shrinking import shrunk, told
from tests.differential.situations import Edges, Situations


class RoundsDown(Evaluation):
    """`arrondi` always goes down."""

    def _step(
        self, expr: core.Staged, place: int, step: core.Step, value: Outcome, env: Env
    ) -> Outcome:
        if isinstance(step, core.Round):
            step = core.Round(step.unit, Rounding.DOWN, step.money, step.notes)
        return super()._step(expr, place, step, value, env)


class NeverGuesses(Evaluation):
    """Open conditions leave everything unknown."""

    def resolve(self, decision: core.Decision, env: Env) -> Decided:
        return resolve_decision(self, decision, env, 0)


class KnowsAbsent(Evaluation):
    """What is not told is absent."""

    def _untold(self, field: core.Field, path: tuple[str | int, ...]) -> Any:
        return None if field.optional else super()._untold(field, path)


class NamesOneRule(Evaluation):
    """Of several rules that give an answer, the first is told."""

    def decide(self, name: str, element: Any = None) -> Decided:
        decided = super().decide(name, element)
        return Decided(decided.outcome, decided.applied[:1])


class Swallows(Evaluation):
    """Another outcome in the place of one of the five that are no values."""

    lost: type = Conflict

    def decide(self, name: str, element: Any = None) -> Decided:
        decided = super().decide(name, element)
        return Decided(Unknown()) if isinstance(decided.outcome, self.lost) else decided


class SwallowsConflict(Swallows):
    lost = Conflict


class SwallowsFailure(Swallows):
    lost = Failure


class SwallowsNotApplicable(Swallows):
    lost = NotApplicable


class ForgetsBounds(Evaluation):
    """An unknown has no bounds at the end."""

    def decide(self, name: str, element: Any = None) -> Decided:
        decided = super().decide(name, element)
        if isinstance(decided.outcome, Unknown):
            return Decided(Unknown(decided.outcome.weights, decided.outcome.reasons))
        return decided


class AdmitsAll(Evaluation):
    """No situation is refused."""

    def forbidden(self) -> Any:
        return iter(())


class Falls(Evaluation):
    """It does not answer at all."""

    def decide(self, name: str, element: Any = None) -> Decided:
        raise ZeroDivisionError("planted")


FAULTS = [
    RoundsDown, NeverGuesses, KnowsAbsent, NamesOneRule, SwallowsConflict, SwallowsFailure,
    SwallowsNotApplicable, ForgetsBounds, AdmitsAll, Falls,
]  # fmt: skip


def mismatches(kind: type[Evaluation], seed: int) -> tuple[Law, list[Mismatch]]:
    """What random law *seed* shows of an evaluation."""
    law, program = law_of(seed)
    rng = Random(f"planted {seed}")
    make = Situations(program, Edges(program), rng)
    names = sorted(program.decisions)
    situations = [make.one() for _ in range(4)]
    spoilt = Interpreter(kind, kind.__name__)
    return law, compare(spoilt, program, make.day(), situations, names)


def first_mismatch(kind: type[Evaluation]) -> tuple[Law, Mismatch]:
    for seed in range(200):
        law, found = mismatches(kind, seed)
        if found:
            return law, found[0]
    raise AssertionError(f"{kind.__name__} is not found out")


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.__name__)
def test_a_planted_fault_is_found(kind: type[Evaluation]) -> None:
    first_mismatch(kind)


def test_the_interpreter_agrees_with_itself() -> None:
    for seed in range(10):
        assert mismatches(Evaluation, seed)[1] == []


def test_a_mismatch_is_told_as_a_short_law_and_a_case_that_passes_on_the_interpreter() -> None:
    law, found = first_mismatch(RoundsDown)
    small, small_law = shrunk(found, law)
    assert small_law is not None
    text = told(small, small_law)
    checked = check([SourceFile.of("loi.ald", text)])
    assert checked.program is not None, text
    assert [result.outcome for result in run(checked.program)] == ["passed"]
    assert len(small_law.statements) < len(law.statements) / 2
    assert small.backend.name in text


def test_a_mismatch_of_rules_is_told_with_those_that_are_right() -> None:
    law, found = first_mismatch(NamesOneRule)
    small, small_law = shrunk(found, law)
    assert ' ; "' in told(small, small_law).partition(" par ")[2]
