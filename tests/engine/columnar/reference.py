"""The interpreter, in the place of what evaluates blocks: what tables must answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import attrs
import numpy as np

from lexald.dsl.dates import DateRange
from lexald.dsl.program import Program
from lexald.dsl.values import Amount, Duration
from lexald.engine.columnar.block import Block
from lexald.engine.columnar.columns import (
    ABSENT,
    CONFLICT,
    FAILURE,
    NEVER,
    NOT_APPLICABLE,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    of_state,
)
from lexald.engine.elements import Element, Situation, assemble
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown
from tests.differential.answers import rules_of
from tests.engine.columnar.frames import paths, plain_rows, values_of


class Reference:
    """`Kernel`, by the interpreter, one situation at a time."""

    def __init__(self, program: Program, on: date) -> None:
        self.program = program
        self.on = on
        self.details: list[Any] = []
        self.rule_sets: list[tuple[str, ...]] = [()]

    def _evaluations(self, block: Block) -> tuple[list[Evaluation], dict[tuple[str, int], Any]]:
        rows = plain_rows(self.program, block)
        where = paths(block)
        found = []
        elements: dict[tuple[int, Any], Element] = {}
        for rank, row in enumerate(rows):
            situation = assemble(self.program, row)
            elements |= {(rank, e.path): e for e in situation.elements()}
            found.append(self._evaluation(situation, rank, block, where))
        places = {key: elements[standing] for key, standing in where.items()}
        return found, places

    def _evaluation(
        self, situation: Situation, rank: int, block: Block, where: Mapping[tuple[str, int], Any]
    ) -> Evaluation:
        hypotheses: dict[Any, Any] = {}
        for name, (is_set, column) in block.hypotheses.items():
            decision = self.program.decisions[name]
            for lane in np.flatnonzero(is_set):
                path: Any = ()
                if decision.entity:
                    situated, path = where[decision.entity, int(lane)]
                else:
                    situated = int(lane)
                if situated == rank:
                    value = values_of(self.program, block, column, int(lane), decision.type)
                    hypotheses[name, path] = value
        return Evaluation(self.program, attrs.evolve(situation, hypotheses=hypotheses), self.on)

    def evaluate(
        self, block: Block, names: Sequence[str], *, rules: bool = False
    ) -> Mapping[str, Column]:
        evaluations, places = self._evaluations(block)
        where = paths(block)
        found = {}
        for name in names:
            entity = self.program.decisions[name].entity
            if entity is None:
                decided = [(e.decide(name, None), ()) for e in evaluations]
            else:
                decided = [
                    (
                        evaluations[where[entity, lane][0]].decide(name, places[entity, lane]),
                        where[entity, lane][1],
                    )
                    for lane in range(len(block.tables[entity]))
                ]
            column = self._column([one.outcome for one, _ in decided], block)
            if rules:
                numbers = [self._numbered(rules_of(one, name, path)) for one, path in decided]
                column = attrs.evolve(column, rules=np.array(numbers, np.int32))
            found[name] = column
        return found

    def _numbered(self, labels: tuple[str, ...]) -> int:
        if labels not in self.rule_sets:
            self.rule_sets.append(labels)
        return self.rule_sets.index(labels)

    def forbidden(self, block: Block) -> Mapping[int, tuple[Array, Array]]:
        found: dict[int, tuple[list[int], list[int]]] = {}
        for rank, evaluation in enumerate(self._evaluations(block)[0]):
            for rule, _, outcome in evaluation.forbidden():
                situations, details = found.setdefault(
                    self.program.forbidden.index(rule), ([], [])
                )  # fmt: skip
                situations.append(rank)
                details.append(self._detail(outcome) if isinstance(outcome, Failure) else -1)
        return {rule: (np.array(a), np.array(b)) for rule, (a, b) in found.items()}

    def _detail(self, outcome: Any) -> int:
        self.details.append(outcome)
        return len(self.details) - 1

    def _column(self, outcomes: Sequence[Outcome], block: Block) -> Column:
        states = np.array([_STATES.get(type(o), VALUE) for o in outcomes], np.uint8)
        known = [o for o, s in zip(outcomes, states, strict=True) if s == VALUE]
        if not known:
            return attrs.evolve(of_state(len(states), UNKNOWN), state=states)
        if isinstance(known[0], tuple):
            lengths = np.array([len(o) if isinstance(o, tuple) else 0 for o in outcomes])
            flat = [item for o in known for item in o]
            return Column(
                (np.cumsum(lengths) - lengths, lengths), 1, states, items=self._column(flat, block)
            )
        parts = [self._parts(o, block) for o in known]
        wide = np.zeros((len(outcomes), len(parts[0][0])), object)
        wide[states == VALUE] = [part for part, _ in parts]
        dens = np.ones(len(outcomes), object)
        dens[states == VALUE] = [den for _, den in parts]
        columns = [_narrow(wide[:, rank]) for rank in range(wide.shape[1])]
        return Column(tuple(columns), _narrow(dens), states)

    def _parts(self, value: Any, block: Block) -> tuple[tuple[Any, ...], int]:
        match value:
            case bool() | int():
                return (value,), 1
            case Amount():
                return (value.cents,), 1
            case Fraction():
                return (value.numerator,), value.denominator
            case Duration():
                return (value.months, value.days), 1
            case DateRange():
                last = NEVER if value.last is None else value.last.toordinal()
                return (value.first.toordinal(), last), 1
            case date():
                return (value.toordinal(),), 1
        return (block.texts.rank(value),), 1


_STATES = {
    type(None): ABSENT,
    Unknown: UNKNOWN,
    NotApplicable: NOT_APPLICABLE,
    Conflict: CONFLICT,
    Failure: FAILURE,
}


def _narrow(array: Array) -> Array:
    try:
        return array.astype(np.int64)
    except OverflowError:
        return array
