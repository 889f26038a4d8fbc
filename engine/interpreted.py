"""What a `Law` does by the core program: schemas, answers with their reasons, counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl.program import Program

from .elements import Situation
from .interpreter import Evaluation
from .naming import Asked, full_names, resolve, resolve_indicators, results
from .outcomes import WHOLE, Outcome, Unknown
from .population import Count, Counting
from .refusals import SituationError, bad_day, no_day, refusal
from .result import Result
from .scalars import read_day
from .schema import json_schema
from .situation import build_situation

if TYPE_CHECKING:
    from .api import Law


def schema(program: Program, decisions: Sequence[str]) -> dict[str, Any]:
    """As `Law.schema`."""
    if isinstance(decisions, str):
        raise TypeError("decisions: a sequence of names, such as ['total']")
    names, wrong = full_names(program, decisions)
    if wrong:
        raise SituationError(wrong)
    return json_schema(program, names)


def evaluate(law: Law, situation: Any, on: date | str | None, decisions: Sequence[str]) -> Result:
    """As `Law.evaluate`."""
    if isinstance(decisions, str):
        raise TypeError("decisions: a sequence of names, such as ['total']")
    built, day, wrong = build_situation(law.program, situation)
    if built is None:
        raise SituationError(wrong)
    if on is not None:
        day = day_of(on)
    if day is None:
        raise SituationError([no_day()])
    return decide(law, built, day, decisions)


def day_of(on: date | str) -> date:
    """The date of law that *on* is.

    Raises:
        SituationError: it is none.
    """
    day = read_day(on)
    if day is None:
        raise SituationError([bad_day(str(on))])
    return day


def whole_name(program: Program, decision: str) -> str:
    """The decision that *decision* means, whatever the situation.

    Raises:
        SituationError: none, or several.
        TypeError: it is not one text.
    """
    if not isinstance(decision, str):
        raise TypeError("decision: one name, such as 'total'")
    names, wrong = full_names(program, [decision])
    if wrong:
        raise SituationError(wrong)
    return names[0]


def count(
    program: Program, situations: Iterable[Any], on: date | str, indicators: Sequence[str]
) -> Count:
    """As `Law.count`."""
    if isinstance(indicators, str):
        raise TypeError("indicators: a sequence of names, such as ['patients']")
    if isinstance(situations, Mapping | str | bytes):
        raise TypeError("situations: several of them, such as [situation]")
    day = day_of(on)
    names, wrong = resolve_indicators(program, indicators)
    if wrong:
        raise SituationError(wrong)
    counting = Counting(program, day, names)
    for situation in situations:
        built, _, faults = build_situation(program, situation)
        if built is None:
            counting.refuse(faults)
            continue
        evaluation = Evaluation(program, built, day)
        refused = [refusal(*found) for found in evaluation.forbidden()]
        if refused:
            counting.refuse(refused)
        else:
            counting.add(counting.counter.of(evaluation))
    return counting.count()


def decide(law: Law, situation: Situation, on: date, decisions: Sequence[str]) -> Result:
    """As `Law.decide`."""
    evaluation = Evaluation(law.program, situation, on)
    refused = [refusal(*found) for found in evaluation.forbidden()]
    if refused:
        raise SituationError(refused)
    wanted: tuple[Asked, ...]
    if decisions:
        wanted, wrong = resolve(law.program, situation, decisions)
        if wrong:
            raise SituationError(wrong)
    else:
        wanted = results(law.program, situation)
    return Result(law, on, Interpreted(law.program, situation, evaluation, wanted))


@attrs.frozen(eq=False)
class Interpreted:
    """The interpreter's answers."""

    program: Program
    situation: Situation
    evaluation: Evaluation
    asked: tuple[Asked, ...]

    def outcome_of(self, asked: Asked) -> Outcome:
        if asked.missing:
            return Unknown({asked.missing: WHOLE})
        return self.evaluation.decide(asked.decision, asked.element).outcome

    def decisions(self) -> dict[str, Outcome]:
        return {wanted.name: self.outcome_of(wanted) for wanted in self.asked}

    def one(self, name: str) -> Outcome:
        return self.outcome_of(only(self.program, self.situation, name))


def only(program: Program, situation: Situation, name: str) -> Asked:
    """The one decision that *name* means.

    Raises:
        KeyError: no such decision, or one that several elements answer.
    """
    found, wrong = resolve(program, situation, [name])
    if wrong or len(found) != 1:
        reason = wrong[0].message.en if wrong else f"{len(found)} elements answer `{name}`"
        raise KeyError(reason)
    return found[0]
