"""Generated code answers as the interpreter does, on every file of law that we have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from lexald.casebook.runner import CaseError, is_run, situation_of
from lexald.dsl.checker import check
from lexald.dsl.program import Case, Program
from lexald.dsl.source import SourceFile
from lexald.engine.compiled.machine import Machine, compiled
from lexald.engine.compiled.module import generate
from lexald.engine.elements import Element, Situation
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Unknown, is_known, same
from tests.engine.laws import CORPUS, packaged_program, program_of, small_law

BANC = sorted((Path(__file__).parents[3] / "casebook" / "banc").glob("*.ald"))
FILES = [
    file
    for file in [*sorted(CORPUS.glob("langage/*.ald")), *sorted(CORPUS.glob("portes/*.ald")), *BANC]
    # The others are parts of a law, laid over one.
    if "\nsituation\n" in file.read_text(encoding="utf-8")
]


def asked(program: Program, situation: Situation) -> Iterator[tuple[str, Element | None]]:
    """Every decision of every element."""
    elements = list(situation.elements())
    for name, decision in program.decisions.items():
        if decision.entity is None:
            yield name, None
        else:
            yield from ((name, e) for e in elements if e.entity == decision.entity)


def differences(machine: Machine, situation: Situation, day: date) -> list[str]:
    """Where generated code says something else than the interpreter."""
    program = machine.program
    evaluation = Evaluation(program, situation, day)
    run = machine.of(situation)
    assert run is not None
    found = []
    for name, element in asked(program, situation):
        want = evaluation.decide(name, element).outcome
        mine = None if element is None else run.element(element.path)
        got = run.outcome(name, mine, day)
        # Which facts are asked first is the interpreter's to say.
        alike = isinstance(got, Unknown) if isinstance(want, Unknown) else same(got, want)
        if not alike or is_known(got) != is_known(want):
            found.append(f"{name} {element and element.path}: {got}, not {want}")
    refused = any(True for _ in evaluation.forbidden())
    if run.is_refused(day) != refused:
        found.append(f"refused: {not refused}, not {refused}")
    return found


def sittings(program: Program, case: Case) -> Iterator[tuple[Situation, date]]:
    try:
        situation = situation_of(program, case)
    except CaseError:
        return
    for day in dict.fromkeys([case.day, *(e.day for e in case.expected)]):
        yield situation, day


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_decision_of_every_case(file: Path) -> None:
    program = check([SourceFile.of(file.name, file.read_text(encoding="utf-8"))]).program
    assert program is not None
    machine = compiled(program)
    found = [
        f"{case.name}: {difference}"
        for case in program.cases
        if not case.population
        for situation, day in sittings(program, case)
        for difference in differences(machine, situation, day)
    ]
    assert found == []


def test_packaged_law() -> None:
    program = packaged_program()
    machine = compiled(program)
    cases = [case for case in program.cases if is_run(case) and not case.population]
    found = [
        f"{case.name}: {difference}"
        for case in cases[::100]
        for situation, day in sittings(program, case)
        for difference in differences(machine, situation, day)
    ]
    assert found == []


def test_the_text_is_the_same_for_the_same_program() -> None:
    assert generate(program_of(small_law())) == generate(program_of(small_law()))
