"""The small protocol that every back end is compared through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

import attrs

from lexald.dsl.program import Program
from lexald.engine.elements import Element, Situation
from lexald.engine.interpreter import Evaluation

from .answers import Found


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
    """What a back end says beside the answers.

    Args:
        places: where in the law, and of which element, an error or a refusal is.
        bounds: those of unknowns.
        reasons: why it refuses a situation, and not only that it does.
        refused: what decisions answer of a situation that it refuses.
        rules: which rules gave the answers.
        inapplicable: which decision, of those asked on the way, is not applicable.
        whole: what each decision answers that is asked.
    """

    places: bool = False
    bounds: bool = False
    reasons: bool = True
    refused: bool = True
    rules: bool = False
    inapplicable: bool = True
    whole: bool = True


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


class Evaluations:
    """The interpreter's, of the situations at hand: what another back end leaves to the interpreter
    is what it has answered already, and is not worked out again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, date], Evaluation] = {}

    def keep(self, evaluations: Sequence[Evaluation]) -> None:
        """*evaluations*, in place of those before."""
        self._kept = {(id(e.situation), e.on): e for e in evaluations}

    def of(self, program: Program, situation: Situation, on: date) -> Evaluation | None:
        found = self._kept.get((id(situation), on))
        same = found is not None and found.situation is situation and found.program is program
        return found if same else None


EVALUATIONS = Evaluations()
