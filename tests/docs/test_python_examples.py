"""The Python examples of the integrator's book run, and print what the page says."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import pytest

from tests.docs.examples import DOCS, read_examples

PAGES = [DOCS / "integrateur" / name for name in ("python.md", "tables.md", "embedding.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_prints_what_it_says(page: Path) -> None:
    """Blocks run in order, in one module; a ``text`` block is what the one before it prints."""
    examples = list(read_examples(page))
    names: dict[str, Any] = {"__name__": "page"}
    written: list[tuple[str, str]] = []
    expected: list[tuple[str, str]] = []
    for place, example in enumerate(examples):
        if example.language != "python":
            continue
        printed = io.StringIO()
        # Padded with empty lines, so that a traceback names the line of the page.
        source = "\n" * (example.line - 1) + example.text
        with contextlib.redirect_stdout(printed):
            exec(compile(source, str(page), "exec"), names)  # noqa: S102 – our own page
        following = examples[place + 1] if place + 1 < len(examples) else None
        says = following.text if following is not None and following.language == "text" else ""
        written.append((str(example), printed.getvalue()))
        expected.append((str(example), says))
    assert written == expected
    assert any(says for _, says in expected)
