"""Answers of generated code, for one situation or for many.

What is asked is resolved once for a law; a name that is not plain, a situation that is not plainly
right, one that the law may forbid: all that goes by the interpreter's way, which says why.
"""

from __future__ import annotations

from datetime import date

from ..result import Result
from .machine import Machine, Run
from .readers import Odd, read_date
from .runtime import PATH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from ..api import Law
    from ..elements import Situation
    from ..interpreter import Evaluation
    from ..naming import Asked
    from ..outcomes import Outcome
    from ..refusals import SituationError


def evaluate(law: Law, situation: Any, on: date | str | None, decisions: Sequence[str]) -> Result:
    """As `Law.evaluate`, without reasons."""
    machine = law.machine
    run = machine.read(situation)
    day = None
    if run is not None:
        day = on if on.__class__ is date else _day(on if on is not None else situation.get("on"))
    if run is None or day is None or decisions.__class__ is str:
        return _explained(law, machine, situation, on, decisions)
    if machine.has_forbidden and run.is_refused(day):
        return _interpreted(law, situation, on, decisions)
    names = machine.plain(decisions)
    if names is None or (not decisions and not run.told()):
        return Result(law, day, Named(run, day, decisions))
    return Result(law, day, Quick(run, day, names))


def evaluate_many(
    law: Law, situations: Iterable[Any], on: date | str | None, decisions: Sequence[str]
) -> Iterator[Result | SituationError]:
    """As `Law.evaluate_many`."""
    from ..refusals import SituationError

    if isinstance(decisions, str):
        raise TypeError("decisions: a sequence of names, such as ['total']")
    for situation in situations:
        try:
            yield evaluate(law, situation, on, decisions)
        except SituationError as wrong:
            yield wrong


def _day(on: Any) -> date | None:
    try:
        return read_date(on)
    except Odd:
        return None


def _interpreted(law: Law, situation: Any, on: Any, decisions: Sequence[str]) -> Result:
    from ..interpreted import evaluate as interpret

    return interpret(law, situation, on, decisions)


def _explained(
    law: Law, machine: Machine, situation: Any, on: Any, decisions: Sequence[str]
) -> Result:
    """What is not plainly right is read as the interpreter reads it: with all that is wrong."""
    found = _interpreted(law, situation, on, decisions)
    run = machine.of(found.situation)
    if run is None:
        return found
    return Result(law, found.on, Named(run, found.on, decisions))


class Quick:
    """The answers of one run, *names* being whole names of decisions that it can answer."""

    __slots__ = ("_names", "_on", "_run")

    def __init__(self, run: Run, on: date, names: Sequence[str]) -> None:
        self._run = run
        self._on = on
        self._names = names

    @property
    def situation(self) -> Situation:
        return self._run.situation

    @property
    def evaluation(self) -> Evaluation:
        return self._run.evaluation(self._on)

    @property
    def asked(self) -> Sequence[Asked]:
        from ..naming import resolve, results

        program = self._run.machine.program
        if self._names:
            return resolve(program, self.situation, self._names)[0]
        return results(program, self.situation)

    def outcome(self, asked: Asked) -> Outcome:
        if asked.missing:
            from ..outcomes import WHOLE, Unknown

            return Unknown({asked.missing: WHOLE})
        run = self._run
        element = None if asked.element is None else run.element(asked.element.path)
        return run.outcome(asked.decision, element, self._on)

    def decisions(self) -> dict[str, Outcome]:
        run, on = self._run, self._on
        answers: dict[str, Outcome] = {}
        told = None if self._names else run.told()
        for name in self._names or run.machine.module.RESULTS:
            entity = run.machine.plans[name].entity
            if not entity:
                roots = run.machine.module.RESULTS.get(name, ())
                if told is None or not roots or not told.isdisjoint(roots):
                    answers[name] = run.outcome(name, None, on)
                continue
            found = run.of_entity(entity)
            if not found and self._names:
                return {wanted.name: self.outcome(wanted) for wanted in self.asked}
            last = name.rpartition(".")[2]
            for e in found:
                if told is None or e[PATH][0] in told:
                    answers[f"{_path(e[PATH])}.{last}"] = run.outcome(name, e, on)
        return answers

    def one(self, name: str) -> Outcome:
        run = self._run
        plan = run.machine.plans.get(name)
        if plan is not None:
            if not plan.entity:
                return run.outcome(name, None, self._on)
            if plan.single is not None:
                e = run.root[plan.single]
                if e.__class__ is list:
                    return run.outcome(name, e, self._on)
            else:
                found = run.of_entity(plan.entity)
                if len(found) == 1:
                    return run.outcome(name, found[0], self._on)
        from ..interpreted import only

        return self.outcome(only(run.machine.program, self.situation, name))


class Named(Quick):
    """The same, where what is asked is for the interpreter's resolution to find."""

    __slots__ = ("_asked",)

    def __init__(self, run: Run, on: date, names: Sequence[str]) -> None:
        super().__init__(run, on, names)
        from ..naming import resolve, results
        from ..refusals import SituationError

        program = run.machine.program
        if names:
            found, wrong = resolve(program, run.situation, names)
            if wrong:
                raise SituationError(wrong)
            self._asked: tuple[Asked, ...] = found
        else:
            self._asked = results(program, run.situation)

    @property
    def asked(self) -> Sequence[Asked]:
        return self._asked

    def decisions(self) -> dict[str, Outcome]:
        return {wanted.name: self.outcome(wanted) for wanted in self._asked}


def _path(path: Any) -> str:
    """As `elements.path_text`, ranks from 0."""
    text = ""
    for part in path:
        if part.__class__ is int:
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


__all__ = ["Named", "Quick", "evaluate", "evaluate_many"]
