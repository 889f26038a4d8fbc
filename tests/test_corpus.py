"""Every law of the corpus of the language is sound, meets its cases, and is laid out.

`tests/corpus/langage` holds one small law per hard rule of the domain (``regle_…``) and per point
of the language's definition (``point_…``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lexald.casebook.runner import is_run, run
from lexald.dsl.checker import check
from lexald.dsl.formatter import format_source
from lexald.dsl.source import SourceFile

LAWS = sorted((Path(__file__).parent / "corpus" / "langage").glob("*.ald"))


def source_of(path: Path) -> SourceFile:
    return SourceFile.of(path.name, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_law_has_nothing_to_say_against_it(path: Path) -> None:
    found = check([source_of(path)]).diagnostics
    assert [(d.code, d.message.fr, d.span and d.span.text) for d in found] == []


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_cases_pass(path: Path) -> None:
    program = check([source_of(path)]).program
    assert program is not None
    cases = [case for case in program.cases if is_run(case)]
    assert cases, "a law proves nothing without a case"
    missed = [
        (result.case.name, result.error, [(m.place, m.expected, m.got) for m in result.misses])
        for result in run(program, cases)
        if result.outcome != "passed"
    ]
    assert missed == []


@pytest.mark.parametrize("path", LAWS, ids=lambda path: path.stem)
def test_layout_is_settled(path: Path) -> None:
    source = source_of(path)
    assert format_source(source).text == path.read_text(encoding="utf-8")
