"""Diagnostics as they are drawn: the place is always shown, whatever the line."""

from __future__ import annotations

import pytest

from lexald.dsl.diagnostics import Diagnostic, Label, Message
from lexald.dsl.render import draw, plain
from lexald.dsl.source import SourceFile, Span


def drawn(text: str, start: int, end: int, *labels: Label) -> list[str]:
    span = Span(SourceFile.of("loi.ald", text), start, end)
    found = Diagnostic("T001", Message("faux"), span, labels=labels)
    return draw(found).plain.splitlines()


def test_the_fault_is_underlined() -> None:
    lines = drawn("un deux trois\n", 3, 7)
    assert lines[1:] == ["  ┌─ loi.ald:1:4", "  │", "1 │ un deux trois", "  │    ^^^^"]


@pytest.mark.parametrize("length", [5, 100, 101, 150, 1000])
def test_a_place_at_the_end_of_any_line_is_shown(length: int) -> None:
    lines = drawn("x" * length, length, length)
    assert lines[-1].rstrip().endswith("^")
    assert max(map(len, lines)) < 120


@pytest.mark.parametrize("place", [0, 60, 500, 998])
def test_a_long_line_is_shown_around_the_fault(place: int) -> None:
    text = "".join(chr(97 + n % 26) for n in range(1000))
    lines = drawn(text, place, place + 2)
    shown, marks = lines[-2][4:], lines[-1][4:]
    assert shown[marks.index("^") :][:2] == text[place : place + 2]


def test_control_characters_do_not_act() -> None:
    lines = drawn("a\x1b[31mb\u202ec\n", 0, 1)
    assert "\x1b" not in "".join(lines)
    assert "\u202e" not in "".join(lines)


def test_plain_is_one_line() -> None:
    span = Span(SourceFile.of("loi.ald", "un\ndeux\n"), 3, 7)
    found = Diagnostic("T001", Message("faux", "wrong"), span)
    assert plain(found) == "loi.ald:2:1: error T001 faux"
    assert plain(found, "en") == "loi.ald:2:1: error T001 wrong"
