"""The examples of the documentation, as data: read from its Markdown, ready to be run.

An example is a fenced block; a comment of Markdown (a line that starts with ``%``), just before
it, says what a reader need not see:

- ``% nom : soins``: other examples may start from this one;
- ``% suite : soins ; jean``: this one goes on from those, in that order;
- ``% faute : T014``: the codes that checking it gives (several: ``T014 ; N001``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(
    r"^(?P<notes>(?:%[^\n]*\n)*)"
    r"(?P<fence>`{3,})(?P<language>[\w-]+)\n"
    r"(?P<text>.*?)"
    r"^(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_NOTE = re.compile(r"^%\s*(?P<key>\w+)\s*:\s*(?P<value>.*?)\s*$", re.MULTILINE)


@attrs.frozen
class Example:
    """A block of a page. *line* is that of its first line of text, from 1."""

    page: str
    line: int
    language: str
    text: str
    name: str = ""
    after: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def read_examples(page: Path) -> Iterator[Example]:
    """The blocks of *page*, in order."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        notes = {note["key"]: note["value"] for note in _NOTE.finditer(found["notes"])}
        yield Example(
            page=str(page.relative_to(DOCS)),
            line=text.count("\n", 0, found.start("text")) + 1,
            language=found["language"],
            text=found["text"],
            name=notes.get("nom", ""),
            after=_listed(notes.get("suite", "")),
            faults=_listed(notes.get("faute", "")),
        )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def pages() -> list[Path]:
    """The pages that are written by hand."""
    return sorted(
        page
        for page in DOCS.rglob("*.md")
        if not {"_build", "diagnostics", "droit"} & set(page.relative_to(DOCS).parts)
    )


def every_example() -> list[Example]:
    return [example for page in pages() for example in read_examples(page)]


def whole_texts(example: Example, named: dict[str, Example]) -> list[str]:
    """The texts that *example* goes on from, then its own."""
    texts: dict[str, None] = {}
    for name in example.after:
        texts.update(dict.fromkeys(whole_texts(named[name], named)))
    texts[example.text] = None
    return list(texts)
