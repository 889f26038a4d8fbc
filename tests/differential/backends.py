"""The back ends, behind one small protocol; the interpreter is the meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

import attrs

from lexald.dsl.program import Program
from lexald.engine.elements import Element, Situation
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Failure

from .answers import Answer, Found, Refusal, answer_of


class Backend(Protocol):
    """One way to evaluate a law."""

    @property
    def name(self) -> str:
        """As people call it."""

    @property
    def tells(self) -> Tells:
        """What it says beside the answers."""

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        """What decisions *names* answer for each of *situations*, for each of their elements."""


@attrs.frozen
class Tells:
    """*places*: where in the law and of which element an error is. *bounds*: of unknowns.

    *reasons*: why a situation is refused, not only that it is.
    """

    places: bool = False
    bounds: bool = False
    reasons: bool = False


def asked(program: Program, situation: Situation, names: Sequence[str]) -> Iterator[tuple[str, Element | None]]:  # fmt: skip
    """Each decision with each element that it is about."""
    by_entity: dict[str, list[Element]] = {}
    for element in situation.elements():
        by_entity.setdefault(element.entity, []).append(element)
    for name in names:
        entity = program.decisions[name].entity
        if entity is None:
            yield name, None
        else:
            for element in by_entity.get(entity, ()):
                yield name, element


@attrs.frozen
class Interpreter:
    """The reference. *kind*: the evaluation, which a test spoils."""

    kind: type[Evaluation] = Evaluation
    name: str = "interpreter"
    tells: Tells = Tells(places=True, bounds=True, reasons=True)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        return [self._one(program, on, situation, names) for situation in situations]

    def _one(self, program: Program, on: date, situation: Situation, names: Sequence[str]) -> Found:
        evaluation = self.kind(program, situation, on)
        answers: dict[tuple[str, tuple[str | int, ...]], Answer] = {}
        for name, element in asked(program, situation, names):
            outcome = evaluation.decide(name, element).outcome
            answers[name, element.path if element else ()] = answer_of(outcome)
        refusals = frozenset(
            Refusal(
                rule.message,
                element.path if element else (),
                found.code if isinstance(found, Failure) else "",
            )
            for rule, element, found in evaluation.forbidden()
        )
        return Found(answers, bool(refusals), refusals)


# What every test and campaign compares with the interpreter.
OTHERS: tuple[Backend, ...] = ()
