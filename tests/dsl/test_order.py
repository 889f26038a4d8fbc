"""The order of files, and of statements in a file, is of no consequence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexald.casebook.runner import run
from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Findings
from lexald.dsl.parser import parse
from lexald.dsl.program import Case
from lexald.dsl.source import SourceFile
from lexald.dsl.syntax import Tolerance
from lexald.engine.elements import Situation
from lexald.engine.explain.to_json import to_json
from lexald.engine.interpreter import Evaluation
from lexald.engine.prover import Prover

SMALL = [Path("tests/corpus/portes/petite_loi.ald")]
SEQUENCES = [Path("tests/corpus/langage/point_06_sequences.ald")]
WHOLE = sorted([*Path("policies").rglob("*.ald"), *Path("casebook/cas").rglob("*.ald")])


# One case in so many is run on a whole law: what parts by the order of writing parts widely.
EVERY = 4


@cache
def statements(path: Path) -> tuple[str, ...]:
    """The texts of the statements of a file, each with the tolerance that goes before it."""
    source = SourceFile.of(str(path), path.read_text(encoding="utf-8"))
    texts: list[str] = []
    before = ""
    for statement in parse(source, Findings()).tree.statements:
        before += source.text[statement.span.start : statement.span.end] + "\n"
        if not isinstance(statement, Tolerance):
            texts.append(before)
            before = ""
    return tuple(texts)


def placeless(found: Any) -> Any:
    """*found* without the file and the line that an error names."""
    if isinstance(found, list):
        return [placeless(item) for item in found]
    if isinstance(found, dict):
        return {k: placeless(v) for k, v in found.items() if k not in ("file", "line")}
    return found


def outcomes(texts: list[str]) -> Any:
    """What the cases come to, whatever the places of things, and the proofs of the first."""
    checked = check([SourceFile.of(f"{rank}.ald", text) for rank, text in enumerate(texts)])
    program = checked.program
    assert program is not None, checked.diagnostics
    results = sorted(
        (r.case.name, r.outcome, [(m.place, m.got) for m in r.misses], [(c.place, c.answer) for c in r.claims])
        for r in run(program, some(program.cases))
    )  # fmt: skip
    evaluation = Evaluation(program, Situation({}), min(case.day for case in program.cases))
    proofs = [
        placeless(to_json(program, [Prover(evaluation).prove(name)]))
        for name, decision in sorted(program.decisions.items())
        if decision.entity is None
    ]
    return results, proofs, sorted(d.code for d in checked.diagnostics)


def some(cases: Sequence[Case]) -> Sequence[Case]:
    """Those that are run, which do not depend on how cases are ordered."""
    named = sorted(cases, key=lambda case: case.name)
    return named[::EVERY] if len(named) > 100 else named


def shuffled(seed: int, paths: list[Path]) -> list[str]:
    """The texts of files, and their statements, in another order: a whole law is too many draws."""
    chance = Random(seed)
    files = [[*statements(path)] for path in paths]
    chance.shuffle(files)
    for file in files:
        chance.shuffle(file)
    return ["\n\n".join(file) for file in files]


@pytest.mark.parametrize(
    ("paths", "examples"),
    [(SMALL, 40), (SEQUENCES, 10), (WHOLE, 2)],
    ids=["small", "sequences", "whole"],
)
def test_order_of_writing_changes_nothing(paths: list[Path], examples: int) -> None:
    straight = outcomes(["\n\n".join(statements(path)) for path in paths])

    @settings(max_examples=examples)
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        assert outcomes(shuffled(seed, paths)) == straight

    holds()


def test_an_exception_may_stand_in_another_file() -> None:
    pieces = statements(SMALL[0])
    assert outcomes([*pieces[::-1]]) == outcomes(["\n\n".join(pieces)])
