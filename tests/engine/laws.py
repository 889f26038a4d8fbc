"""Small laws for tests: a text becomes a program, a case of it an evaluation."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lexald.casebook.runner import situation_of
from lexald.dsl.checker import check
from lexald.dsl.program import Case, Program
from lexald.dsl.source import SourceFile
from lexald.engine.files import gather
from lexald.engine.interpreter import Evaluation

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
SMALL_LAW = CORPUS / "portes" / "petite_loi.ald"


def program_of(text: str, name: str = "loi.ald") -> Program:
    """The program that *text* is. Its errors fail the test that asked for it."""
    checked = check([SourceFile.of(name, text)])
    errors = [d for d in checked.diagnostics if d.is_error]
    assert checked.program is not None, errors
    return checked.program


@cache
def packaged_program() -> Program:
    """The law of the package, with its casebook."""
    read = gather([], [], casebook=True)
    program = check(read.law, read.cases).program
    assert program is not None
    return program


def small_law() -> str:
    return SMALL_LAW.read_text(encoding="utf-8")


def case_of(program: Program, name: str) -> Case:
    return next(case for case in program.cases if case.name == name)


def evaluation_of(program: Program, name: str) -> Evaluation:
    """The evaluation of the case called *name*."""
    case = case_of(program, name)
    return Evaluation(program, situation_of(program, case), case.day)
