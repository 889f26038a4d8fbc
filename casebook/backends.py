"""Cases on other back ends than the interpreter: their values and their states.

Questions are the interpreter's alone: a case that expects them expects, of another back end, the
answer only; and the rules that gave a value (``par``), of columns. A back end that misses what the interpreter meets is at fault, not the
law: the line says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

import attrs

from lexald.dsl import program as core
from lexald.engine.compiled.machine import Machine, Run, compiled
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Decided
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Outcome, Unknown, is_known
from lexald.engine.tabled import need_tables

from .results import CaseResult, Miss
from .runner import (
    CaseError,
    asked_at,
    dated,
    evaluations,
    expected_text,
    got_text,
    is_run,
    meets,
    place_text,
    run_case,
    situation_of,
)

INTERPRETER = "interpreter"
ALL = "all"


class Sitting(Protocol):
    """One situation at one date, on a back end."""

    @property
    def is_refused(self) -> bool:
        """Whether the law declares that the situation cannot be."""

    def answer(self, name: str, element: Element | None) -> Outcome:
        """What decision *name* answers; of an unknown, it may say no more than that it is."""

    def rules(self, name: str, element: Element | None) -> tuple[str, ...] | None:
        """The labels of the rules that gave this answer, if it is a value; `None`: they are not
        told."""


# A back end is given a program, then asked for one sitting after the other.
Backend = Callable[[core.Program], Callable[[Situation, date], Sitting]]


@attrs.frozen
class _Generated:
    """Generated code; numbers too large for it are left to the interpreter."""

    machine: Machine
    run: Run | None
    evaluation: Evaluation
    on: date

    @property
    def is_refused(self) -> bool:
        if self.run is None:
            return any(True for _ in self.evaluation.forbidden())
        return self.run.is_refused(self.on)

    def answer(self, name: str, element: Element | None) -> Outcome:
        if self.run is None:
            return self.evaluation.decide(name, element).outcome
        mine = None if element is None else self.run.element(element.path)
        return self.run.outcome(name, mine, self.on)

    def rules(self, name: str, element: Element | None) -> None:
        return None


def _compiled(program: core.Program) -> Callable[[Situation, date], Sitting]:
    machine = compiled(program)

    def sit(situation: Situation, on: date) -> Sitting:
        evaluation = Evaluation(program, situation, on)
        return _Generated(machine, machine.of(situation), evaluation, on)

    return sit


def _columnar(program: core.Program) -> Callable[[Situation, date], Sitting]:
    need_tables()
    from .columns import sitting  # numpy: an extra, and slow to import

    return sitting(program)


BACKENDS: Mapping[str, Backend] = {"compiled": _compiled, "columnar": _columnar}


def run_on(
    program: core.Program, cases: Iterable[core.Case], chosen: Sequence[str]
) -> tuple[CaseResult, ...]:
    """Run *cases* on the back ends *chosen*; what each misses is told under its name.

    The interpreter, if it is one of them, also says its reasons, judges guarantees, and answers
    what sources affirm. Cases that count others are its own.
    """
    ready = {name: BACKENDS[name](program) for name in chosen if name != INTERPRETER}
    runnable = [case for case in cases if is_run(case)]
    # All sit before any is asked: a back end may decide them together.
    seated = {
        case.name: {name: _seats(program, case, sit) for name, sit in ready.items()}
        for case in runnable
        if not case.population
    }
    found = []
    for case in runnable:
        if INTERPRETER in chosen or case.population:
            result = run_case(program, case)
        else:
            result = CaseResult(case, "passed")
        for name, seats in seated.get(case.name, {}).items():
            result = _with(result, name, program, case, seats)
        found.append(result)
    return tuple(found)


@attrs.frozen
class _Seat:
    """What a case expects at one date, and the sitting that is to answer."""

    situation: Situation
    sitting: Sitting
    expected: Sequence[core.Expectation]


def _seats(
    program: core.Program, case: core.Case, sit: Callable[[Situation, date], Sitting]
) -> tuple[_Seat, ...] | CaseError:
    try:
        situation = situation_of(program, case)
    except CaseError as wrong:
        return wrong
    return tuple(
        _Seat(situation, sit(situation, evaluation.on), tuple(expected))
        for evaluation, expected in evaluations(program, case, situation, Evaluation)
    )


def _with(
    result: CaseResult,
    name: str,
    program: core.Program,
    case: core.Case,
    seats: tuple[_Seat, ...] | CaseError,
) -> CaseResult:
    """*result*, and what the back end *name* misses."""
    if result.outcome == "error":
        return result
    if isinstance(seats, CaseError):
        return CaseResult(case, "error", error=str(seats))
    misses: list[Miss] = []
    for seat in seats:
        for one in seat.expected:
            miss = _missed(program, case, seat.situation, seat.sitting, one)
            if miss is not None:
                misses.append(attrs.evolve(miss, place=f"{miss.place} ({name})"))
    if not misses:
        return result
    return attrs.evolve(result, outcome="failed", misses=(*result.misses, *misses))


def _missed(
    program: core.Program,
    case: core.Case,
    situation: Situation,
    sitting: Sitting,
    wanted: core.Expectation,
) -> Miss | None:
    refused = sitting.is_refused
    if refused or wanted.state == "interdit":
        if refused and wanted.state == "interdit":
            return None
        expected = "interdit" if wanted.state == "interdit" else "une réponse"
        got = "interdit" if refused else "rien d'interdit"
        return Miss(wanted, dated(case, wanted, "situation"), expected, got)
    place = dated(case, wanted, place_text(wanted.path))
    try:
        name, element, fact = asked_at(program, situation, wanted.path)
    except CaseError as wrong:
        return Miss(wanted, place, expected_text(program, wanted), str(wrong))
    outcome = fact if name is None else sitting.answer(name, element)
    rules = None if name is None or not is_known(outcome) else sitting.rules(name, element)
    decided = Decided(outcome, rules or ())
    plain = attrs.evolve(wanted, missing=None)
    if rules is None:
        plain = attrs.evolve(plain, reasons=None)
    if wanted.state in ("inconnu", "indéterminé"):
        met = isinstance(outcome, Unknown)
    else:
        met = meets(decided, plain)
    if met:
        return None
    expected, got = expected_text(program, plain), got_text(program, decided, plain)
    return Miss(wanted, place, expected, got)
