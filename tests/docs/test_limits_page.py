"""The page of limits says the limits of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lexald.dsl import cases, chains, expression_builder
from lexald.engine import (
    arithmetic,
    contest,
    files,
    interpreter,
    periods,
    reading,
    scalars,
    situation,
)
from lexald.engine.bundle import codec, container

PAGE = Path("docs/integrateur/limits-and-privacy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ("a file of law", files.MAX_BYTES // 1_000_000),
        ("a bundle", container.MAX_BYTES // 1_000_000),
        ("nesting of what a bundle holds", codec.MAX_DEPTH),
        ("parts of what a bundle holds, shared ones counted each time", codec.MAX_PARTS),
        ("a number written in a law", expression_builder.MAX_DIGITS),
        ("nesting of an expression in a law", expression_builder.MAX_DEPTH),
        ("decisions that read one another in a chain", chains.MAX_CHAIN),
        ("rows of a list in a case", cases.MAX_ROWS),
        ("a situation document, or a line of a population", reading.MAX_BYTES // 1_000_000),
        ("items of a situation document", reading.MAX_NODES),
        ("nesting of a situation document", scalars.MAX_DEPTH),
        ("digits of a whole number in JSON", reading.MAX_DIGITS),
        ("elements of one list", situation.MAX_ELEMENTS),
        ("characters of one text", scalars.MAX_TEXT),
        ("days of one period that are walked", periods.MAX_DAYS),
        ("a number during evaluation", arithmetic.MAX_BITS),
        ("open conditions of one decision that are guessed", contest.MAX_GUESSES),
    ],
)
def test_row(row: str, limit: int) -> None:
    found = re.search(rf"^\| {re.escape(row)} \| ([\d,]+)", PAGE, re.MULTILINE)
    assert found is not None
    assert int(found[1].replace(",", "")) == limit


def test_recursion() -> None:
    assert f"{interpreter.FRAMES:,}" in PAGE
