"""Slips of analysts: each gives the message that helps, at its line, and no other.

A file of the corpus holds a sound law with one slip (or two). Its first line says what is
expected: ``# attendu : CODE "words of the message or of its help" l. 12 ; …``, the line being
optional.
"""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.source import SourceFile

FAULTS = Path(__file__).resolve().parents[1] / "corpus" / "fautes"
_EXPECTED = re.compile(r'(?P<code>[A-Z]\d{3}) "(?P<words>[^"]*)"(?: l\. (?P<line>\d+))?')


@attrs.frozen
class Expected:
    """*line* counts from 1; 0 when the file does not say it."""

    code: str
    words: str
    line: int


def expected_of(text: str) -> list[Expected]:
    head = text.split("\n", 1)[0]
    assert head.startswith("# attendu : "), head
    found = []
    for part in head.removeprefix("# attendu : ").split(" ; "):
        match = _EXPECTED.fullmatch(part.strip())
        assert match is not None, part
        found.append(Expected(match["code"], match["words"], int(match["line"] or 0)))
    return found


def said(found: Diagnostic) -> str:
    return f"{found.message.fr} {found.help.fr if found.help else ''}"


def line_of(found: Diagnostic) -> int:
    assert found.span is not None
    return found.span.file.position(found.span.start)[0]


def faults() -> list[object]:
    return [pytest.param(path, id=path.stem) for path in sorted(FAULTS.rglob("*.ald"))]


@pytest.mark.parametrize("path", faults())
def test_a_slip_gives_its_message_and_no_other(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = sorted(expected_of(text), key=lambda expected: expected.code)
    found = sorted(check([SourceFile.of(path.name, text)]).diagnostics, key=lambda d: d.code)
    assert [d.code for d in found] == [expected.code for expected in wanted]
    for diagnostic, expected in zip(found, wanted, strict=True):
        assert expected.words in said(diagnostic)
        assert expected.line in (0, line_of(diagnostic))


def test_names_of_files_are_ascii() -> None:
    assert all(str(path.relative_to(FAULTS)).isascii() for path in FAULTS.rglob("*.ald"))
