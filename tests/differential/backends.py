"""The back ends, behind one small protocol; the interpreter is the meaning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import attrs

from lexald.dsl.program import Program
from lexald.engine.elements import Situation
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Failure

from .answers import Answer, Found, Refusal, answer_of, rules_of
from .columnar import Columnar
from .compiled import Compiled, Door, OneByOne
from .native import Native
from .protocol import EVALUATIONS, Backend, Tells, asked


@attrs.frozen
class Interpreter:
    """The reference. *kind*: the evaluation, which a test spoils."""

    kind: type[Evaluation] = Evaluation
    name: str = "interpreter"
    tells: ClassVar[Tells] = Tells(places=True, bounds=True, rules=True)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        evaluations = [self.kind(program, situation, on) for situation in situations]
        if self.kind is Evaluation:
            EVALUATIONS.keep(evaluations)
        return [self._one(program, one, names) for one in evaluations]

    def _one(self, program: Program, evaluation: Evaluation, names: Sequence[str]) -> Found:
        situation = evaluation.situation
        answers: dict[tuple[str, tuple[str | int, ...]], Answer] = {}
        for name, element in asked(program, situation, names):
            decided = evaluation.decide(name, element)
            path = element.path if element else ()
            rules = rules_of(decided, name, path)
            answers[name, path] = answer_of(decided.outcome, rules)
        refusals = frozenset(
            Refusal(
                rule.message,
                element.path if element else (),
                found.code if isinstance(found, Failure) else "",
            )
            for rule, element, found in evaluation.forbidden()
        )
        return Found(answers, refusals)


# What every test and campaign compares with the interpreter.
OTHERS: tuple[Backend, ...] = (Compiled(), Door(), OneByOne(), Columnar(), Native())
