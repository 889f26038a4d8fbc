"""Answers of generated code, for one situation or for many.

What is asked is resolved once for a law; a name that is not plain, a situation that is not plainly
right, one that the law may forbid: all that goes by the interpreter's way, which says why.
"""

from __future__ import annotations

from ..result import Result
from .machine import Machine, Run
from .readers import Odd, read_date
from .runtime import U, date, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from ..api import Law
    from ..elements import Situation
    from ..interpreter import Evaluation
    from ..naming import Asked
    from ..outcomes import Outcome
    from ..refusals import SituationError


def answering(law: Law, *, prepares: bool = True) -> Callable[..., Result]:
    """What answers for *law*, as `Law.evaluate` without reasons: *situation*, *on*, *decisions*.

    *prepares*: one decision that is asked for often is prepared, if the program is in memory.
    """
    machine = law.machine
    read, plain = machine.read_into, machine.plain
    has_forbidden = machine.has_forbidden
    once = _once(law, machine) if prepares and law.is_read else None

    def answer(situation: Any, on: date | str | None, decisions: Sequence[str]) -> Result:
        if situation.__class__ is dict and decisions.__class__ is not str:
            if once is not None and decisions.__class__ in (tuple, list) and len(decisions) == 1:
                found = once(situation, on, decisions[0])
                if found is not None:
                    return found
            run = Quick(machine, situation, None)
            try:
                read(situation, run.root)
                day = (
                    on if on.__class__ is date else read_date(situation["on"] if on is None else on)
                )
            except (Odd, KeyError):
                day = None
            if day is None:
                return _explained(law, machine, situation, on, decisions)
            if has_forbidden and run.is_refused(day):
                return _interpreted(law, situation, on, decisions)
            names = plain(decisions)
            if names is None or (not decisions and not run.told()):
                return Result(law, day, Named(run, day, decisions))
            run.day = day
            run.names = names
            return Result(law, day, run)
        return _explained(law, machine, situation, on, decisions)

    return answer


def _once(law: Law, machine: Machine) -> Callable[[Any, Any, str], Result | None]:
    """What answers one decision, where it is prepared and the situation plain."""
    # A new process that decides one thing has no use for it.
    from .prepared.warm import MISSED, Warm

    warm = Warm(law)

    def once(situation: Any, on: Any, name: str) -> Result | None:
        if on.__class__ is date:
            day = on
        else:
            try:
                day = read_date(situation["on"] if on is None else on)
            except (Odd, KeyError):
                return None
        decide = warm.ready.get((name, day)) or warm.prepare(name, day)
        found = decide(situation, day)
        if found is MISSED:
            return None
        return Result(law, day, Ready(machine, situation, day, name, found))

    return once


def evaluate_many(
    law: Law, situations: Iterable[Any], on: date | str | None, decisions: Sequence[str]
) -> Iterator[Result | SituationError]:
    """As `Law.evaluate_many`."""
    from ..refusals import SituationError

    if isinstance(decisions, str):
        raise TypeError("decisions: a sequence of names, such as ['total']")
    answer = law.answer
    for situation in situations:
        try:
            yield answer(situation, on, decisions)
        except SituationError as wrong:
            yield wrong


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


class Quick(Run):
    """A run, with its answers: at *day*, those of *names*, whole names of decisions."""

    day: date
    names: Sequence[str]

    @property
    def evaluation(self) -> Evaluation:
        return self.evaluated(self.day)

    @property
    def asked(self) -> Sequence[Asked]:
        from ..naming import resolve, results

        program = self.machine.program
        if self.names:
            return resolve(program, self.situation, self.names)[0]
        return results(program, self.situation)

    def outcome_of(self, asked: Asked) -> Outcome:
        return outcome_of(self, asked, self.day)

    def decisions(self) -> dict[str, Outcome]:
        on = self.day
        answers: dict[str, Outcome] = {}
        told = None if self.names else self.told()
        results = self.machine.module.RESULTS
        for name in self.names or results:
            entity = self.machine.plans[name].entity
            if not entity:
                roots = results.get(name, ())
                if told is None or not roots or not told.isdisjoint(roots):
                    answers[name] = self.outcome(name, None, on)
                continue
            found = self.of_entity(entity)
            if not found and self.names:
                return {wanted.name: self.outcome_of(wanted) for wanted in self.asked}
            last = name.rpartition(".")[2]
            for e in found:
                if told is None or path_of(e)[0] in told:
                    answers[f"{_path(path_of(e))}.{last}"] = self.outcome(name, e, on)
        return answers

    def one(self, name: str) -> Outcome:
        if name in self.machine.module.DECISIONS:
            plan = self.machine.plans[name]
            e: Any = None
            if plan.single is not None:
                e = self.root[plan.single]
            elif plan.entity:
                found = self.of_entity(plan.entity)
                e = found[0] if len(found) == 1 else U
            if e is None or e.__class__ is list:
                return self.told_as(plan, self.decided(plan, e, self.day), e, self.day)
        return one_of(self, name, self.day)


class Ready:
    """One answer, and where it came from: the others are worked out if they are asked for."""

    __slots__ = ("_day", "_found", "_machine", "_name", "_run", "_situation")

    def __init__(
        self, machine: Machine, situation: Any, day: date, name: str, found: Outcome
    ) -> None:
        self._machine = machine
        self._situation = situation
        self._day = day
        self._name = name
        self._found = found
        self._run: Quick | None = None

    @property
    def run(self) -> Quick:
        if self._run is None:
            run = self._run = Quick(self._machine, self._situation, None)
            self._machine.read_into(self._situation, run.root)
            run.day = self._day
            run.names = self._machine.plain((self._name,)) or ()
        return self._run

    @property
    def situation(self) -> Situation:
        return self.run.situation

    @property
    def evaluation(self) -> Evaluation:
        return self.run.evaluation

    @property
    def asked(self) -> Sequence[Asked]:
        return self.run.asked

    def outcome_of(self, asked: Asked) -> Outcome:
        return self.run.outcome_of(asked)

    def decisions(self) -> dict[str, Outcome]:
        return self.run.decisions()

    def one(self, name: str) -> Outcome:
        return self._found if name == self._name else self.run.one(name)


class Named:
    """The answers of a run, where what is asked is for the interpreter's resolution to find."""

    def __init__(self, run: Run, on: date, names: Sequence[str]) -> None:
        from ..naming import resolve, results
        from ..refusals import SituationError

        self.run = run
        self.on = on
        program = run.machine.program
        if names:
            found, wrong = resolve(program, run.situation, names)
            if wrong:
                raise SituationError(wrong)
            self.asked: Sequence[Asked] = found
        else:
            self.asked = results(program, run.situation)

    @property
    def situation(self) -> Situation:
        return self.run.situation

    @property
    def evaluation(self) -> Evaluation:
        return self.run.evaluated(self.on)

    def outcome_of(self, asked: Asked) -> Outcome:
        return outcome_of(self.run, asked, self.on)

    def decisions(self) -> dict[str, Outcome]:
        return {wanted.name: self.outcome_of(wanted) for wanted in self.asked}

    def one(self, name: str) -> Outcome:
        return one_of(self.run, name, self.on)


def outcome_of(run: Run, asked: Asked, on: date) -> Outcome:
    """The answer of a decision that was asked for as people name it."""
    if asked.missing:
        from ..outcomes import WHOLE, Unknown

        return Unknown({asked.missing: WHOLE})
    element = None if asked.element is None else run.element(asked.element.path)
    return run.outcome(asked.decision, element, on)


def one_of(run: Run, name: str, on: date) -> Outcome:
    """As `Result.__getitem__`."""
    from ..interpreted import only

    return outcome_of(run, only(run.machine.program, run.situation, name), on)


def _path(path: Any) -> str:
    """As `elements.path_text`, ranks from 0."""
    text = ""
    for part in path:
        if part.__class__ is int:
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


__all__ = ["Named", "Quick", "answering", "evaluate_many"]
