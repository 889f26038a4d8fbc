"""Generated code: on situations that are built, and through the door, from plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

import attrs
import pytest

from lexald import Law, Prepared, SituationError
from lexald.dsl.program import Program
from lexald.dsl.types import EntityType, ListType, Type
from lexald.engine.elements import Element, Elements, Situation, path_text
from lexald.engine.outcomes import FactPath
from lexald.engine.rendering import value_to_json

from .answers import Answer, Found, Refusal, answer_of
from .protocol import EVALUATIONS, Tells, asked


class _Laws:
    """The last law asked, with its generated code: writing that takes long."""

    def __init__(self) -> None:
        self.law: Law | None = None

    def of(self, program: Program) -> Law:
        if self.law is None or self.law.program is not program:
            self.law = Law(program)
        return self.law


_LAWS = _Laws()


@attrs.frozen
class Compiled:
    """Generated code, decision by decision. It says whether it refuses, and not why."""

    name: str = "compiled"
    tells: ClassVar[Tells] = Tells(places=True, reasons=False)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        return [self._one(program, on, situation, names) for situation in situations]

    def _one(self, program: Program, on: date, situation: Situation, names: Sequence[str]) -> Found:
        run = _LAWS.of(program).machine.of(situation)
        if run is None:
            return Found({}, left=True)  # numbers too large for it: the interpreter answers
        interpreted = EVALUATIONS.of(program, situation, on)
        if interpreted is not None:
            run._evaluations = {on: interpreted}
        answers: dict[tuple[str, FactPath], Answer] = {}
        for name, element in asked(program, situation, names):
            here = None if element is None else run.element(element.path)
            outcome = run.outcome(name, here, on)
            answers[name, element.path if element else ()] = answer_of(outcome)
        return Found(answers, frozenset([Refusal("", ())] if run.is_refused(on) else []))


@attrs.frozen
class Door:
    """`Law.evaluate(…, explain=False)`, from plain data. A situation refused is not answered."""

    name: str = "evaluate(explain=False)"
    tells: ClassVar[Tells] = Tells(places=True, reasons=False, refused=False)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        return [self._one(program, on, situation, names) for situation in situations]

    def _one(self, program: Program, on: date, situation: Situation, names: Sequence[str]) -> Found:
        wanted = {
            path_text((*element.path, name.rpartition(".")[2]), from_one=False)
            if element
            else name: (name, element.path if element else ())
            for name, element in asked(program, situation, names)
        }
        data = plain_data(program, situation)
        present = list(dict.fromkeys(name for name, _ in wanted.values()))
        try:
            result = _LAWS.of(program).evaluate(data, on=on, decisions=present, explain=False)
        except SituationError as refused:
            return Found({}, frozenset(Refusal(d.code, ()) for d in refused.diagnostics))
        if not present:
            return Found({}, left=True)  # asked nothing, it answers its results
        answers = {wanted[name]: answer_of(outcome) for name, outcome in result.decisions.items()}
        return Found(answers)


@attrs.frozen
class OneByOne:
    """`Law.prepare`, decision by decision, from plain data: at once, and read before it is decided."""

    name: str = "prepare"
    tells: ClassVar[Tells] = Tells(places=True, reasons=False, refused=False)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        law = _LAWS.of(program)
        ready = {name: law.prepare(name, on=on) for name in names}
        return [self._one(law, situation, ready) for situation in situations]

    def _one(self, law: Law, situation: Situation, ready: Mapping[str, Prepared]) -> Found:
        data = plain_data(law.program, situation)
        elements: dict[str, list[Element | None]] = {}
        for name, element in asked(law.program, situation, list(ready)):
            elements.setdefault(name, []).append(element)
        answers: dict[tuple[str, FactPath], Answer] = {}
        for name, held in elements.items():
            prepared = ready[name]
            if len(held) > 1:
                with pytest.raises((KeyError, SituationError)):
                    prepared.decide(data)
                places = {
                    path_text((*element.path, name.rpartition(".")[2]), from_one=False): element
                    for element in held
                    if element is not None
                }
                # The last by itself, and all: each situation is read again for each call.
                for paths in ([*places][-1:], [*places]):
                    try:
                        result = law.evaluate(data, on=prepared.on, decisions=paths, explain=False)
                    except SituationError as refused:
                        return Found(
                            {}, frozenset(Refusal(d.code, ()) for d in refused.diagnostics)
                        )
                    for path in paths:
                        where = name, places[path].path
                        answer = answer_of(result[path])
                        if answers.setdefault(where, answer) != answer:
                            raise AssertionError(f"{path}: {answers[where]}; with others: {answer}")
                continue
            try:
                answer = answer_of(prepared.decide(data))
                facts = prepared.read(data)
            except SituationError as refused:
                return Found({}, frozenset(Refusal(d.code, ()) for d in refused.diagnostics))
            again = answer_of(prepared.decide_read(facts))
            if again != answer:
                raise AssertionError(f"{name}: {answer}; read first: {again}")
            answers[name, held[0].path if held[0] else ()] = answer
        return Found(answers, left=not answers)


def plain_data(program: Program, situation: Situation) -> dict[str, Any]:
    """*situation* as a caller writes it: texts for amounts, dates and the like."""
    data = {
        name: _plain(program, value, program.roots[name].type)
        for name, value in situation.roots.items()
    }
    for (decision, path), value in situation.hypotheses.items():
        here: Any = data
        for step in path:
            here = here[step]
        kind = program.decisions[decision].type
        here[decision.rpartition(".")[2]] = _plain(program, value, kind)
    return data


def _plain(program: Program, value: Any, kind: Type) -> Any:
    match value:
        case Element():
            fields = program.entities[value.entity].fields
            return {
                name: _plain(program, fact, fields[name].type) for name, fact in value.facts.items()
            }
        case Elements():
            rows: list[Any] = [_plain(program, item, EntityType(item.entity)) for item in value]
            return rows if value.complete else [*rows, "…"]
        case Fraction():
            return value  # a third has no decimals
        case tuple() if isinstance(kind, ListType):
            return [_plain(program, item, kind.item) for item in value]
    return value_to_json(value, kind)
