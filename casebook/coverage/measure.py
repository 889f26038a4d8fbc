"""Measures what a casebook proves: each case is evaluated again while what it does is kept."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import date

from lexald.dsl import program as core
from lexald.engine.counting import Counter, measured
from lexald.engine.elements import Situation

from ..guarantees import borne_on
from ..runner import CaseError, answer_to, evaluations, is_run, situation_of
from . import units as u
from .obligations import Obligations
from .proving import Proven, Witness
from .reasons import why
from .tracing import Node, TracedEvaluation
from .units import Coverage, Measured

# Fewer cases are measured sooner in one process than shared out.
FEW = 100
# Cases handed to a process at a time.
SHARE = 25


def measure(
    program: core.Program, cases: Iterable[core.Case] | None = None, *, processes: int | None = None
) -> Coverage:
    """What *cases* (all of the program's by default) prove of *program*. They are taken to pass.

    Args:
        processes: how many share the work; by default, one per processor. The answer is the same.
    """
    owed = Obligations(program)
    chosen = [case for case in (program.cases if cases is None else cases) if is_run(case)]
    return gathered(owed, chosen, proven(owed, chosen, processes))


def proven(
    owed: Obligations, cases: Sequence[core.Case], processes: int | None = None
) -> Sequence[Proven]:
    """What each of *cases* proves."""
    number = processes or os.cpu_count() or 1
    can_fork = "fork" in multiprocessing.get_all_start_methods()
    if number < 2 or len(cases) < FEW or not can_fork:
        return [of_case(owed, case) for case in cases]
    global _work
    _work = owed, cases
    try:
        with multiprocessing.get_context("fork").Pool(number) as pool:
            return pool.map(_of_rank, range(len(cases)), chunksize=SHARE)
    finally:
        _work = None


# What a forked process finds in its memory; nothing is sent to it but the rank of a case.
_work: tuple[Obligations, Sequence[core.Case]] | None = None


def _of_rank(rank: int) -> Proven:
    assert _work is not None
    owed, cases = _work
    return of_case(owed, cases[rank])


def of_case(owed: Obligations, case: core.Case) -> Proven:
    """What *case* proves."""
    # A trace is hundreds of thousands of objects that all live until it is read: looking for
    # those that no longer do, again and again, would take most of the time.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _read(owed, case)
    finally:
        if collects:
            gc.enable()


def _read(owed: Obligations, case: core.Case) -> Proven:
    program = owed.program
    witness = Witness(owed)
    names = case.population or (case.name,)
    by_name = {one.name: one for one in program.cases} if case.population else {case.name: case}
    for name in names:
        try:
            situation = situation_of(program, by_name[name])
        except CaseError:
            continue
        if not case.population:
            _expected(witness, program, case, situation)
        if case.counted:
            _counted(witness, program, case, situation)
    return witness.found


def of_situation(owed: Obligations, case: core.Case, situation: Situation) -> Proven:
    """What *case* would prove, were its situation *situation*."""
    witness = Witness(owed)
    _expected(witness, owed.program, case, situation)
    return witness.found


def _expected(
    witness: Witness, program: core.Program, case: core.Case, situation: Situation
) -> None:
    for evaluation, expected in evaluations(program, case, situation, TracedEvaluation):
        refusals = [e.texts[0] for e in expected if e.state == "interdit"]
        with evaluation.recording() as steps:
            deque(evaluation.forbidden(), maxlen=0)
        witness.answer(steps, conditions_only=not refusals)
        if refusals:
            for message in refusals:
                witness.states("interdit", message)
            continue
        for expectation in expected:
            with evaluation.recording() as steps:
                name, _, _ = answer_to(program, evaluation, expectation.path)
            if name is not None:
                witness.answer(steps)
        for guarantee in borne_on(program, evaluation):
            with evaluation.recording() as steps:
                broken = list(evaluation.broken([guarantee]))
            witness.answer(steps, conditions_only=True)
            held = any(isinstance(step, Node) and step.outcome is True for step in steps)
            if held and not broken:
                witness.states("garantie", guarantee.message)


def _counted(
    witness: Witness, program: core.Program, case: core.Case, situation: Situation
) -> None:
    names = [wanted.indicator for wanted in case.counted]
    evaluation = TracedEvaluation(program, situation, case.day)
    counter = Counter(program, measured(program, names))
    with evaluation.recording() as steps:
        counter.of(evaluation)
    witness.answer(steps)
    for name in {*names, *counter.measures}:
        witness.states("indicateur", name)


def gathered(owed: Obligations, cases: Sequence[core.Case], each: Sequence[Proven]) -> Coverage:
    """What *cases* prove together, *each* of them proving its own."""
    covering: defaultdict[int, list[core.Case]] = defaultdict(list)
    seen: defaultdict[int, int] = defaultdict(int)
    effects: defaultdict[int, dict[tuple[bool, bool], core.Case]] = defaultdict(dict)
    # Those that prove least come first: they say most about each unit.
    pairs = sorted(zip(cases, each, strict=True), key=lambda pair: len(pair[1].covered))
    for case, one in pairs:
        for unit in one.covered:
            covering[unit].append(case)
        for unit, flags in one.seen.items():
            seen[unit] |= flags
        for unit, outcome, whole in sorted(one.effects):
            effects[unit].setdefault((outcome, whole), case)
    half: set[int] = set()
    for unit, shown in effects.items():
        for whole in (True, False):
            if (True, whole) in shown and (False, not whole) in shown:
                pair = shown[True, whole], shown[False, not whole]
                covering[unit] = [pair[0]] if pair[0] is pair[1] else list(pair)
                break
        else:
            half.add(unit)
    told = [
        Measured(unit, tuple(covering[number]) if number in covering else (),
                 "" if number in covering else why(unit, seen[number], number in half))
        for number, unit in enumerate(owed.units)
    ]  # fmt: skip
    order = {kind: rank for rank, kind in enumerate(u.KINDS)}
    told.sort(key=lambda one: (one.unit.file, one.unit.span.start, order[one.unit.kind],
                               one.unit.day or date.min, one.unit.name))  # fmt: skip
    return Coverage(tuple(told))
