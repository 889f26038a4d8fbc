"""Diagnostics as people and programs read them: drawn under the source, one a line, JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs

from .diagnostics import Diagnostic, Severity
from .source import SourceFile

if TYPE_CHECKING:
    from rich.text import Text

FORMAT = 1
WIDTH = 100  # a source line longer than this is shown around the fault only
_WORDS = {
    "fr": {"error": "erreur", "warning": "avertissement", "help": "aide", ":": " : "},
    "en": {"error": "error", "warning": "warning", "help": "help", ":": ": "},
}


@attrs.frozen
class _Mark:
    """Columns ``[start, end)`` of one line, from 0, and what is said under them."""

    start: int
    end: int
    text: str
    primary: bool


def draw(diagnostic: Diagnostic, lang: str = "fr") -> Text:
    """The diagnostic with its source line underlined, as styled text without a final newline."""
    from rich.text import Text

    words = _WORDS[lang]
    colour = "red" if diagnostic.severity is Severity.ERROR else "yellow"
    out = Text()
    out.append(f"{words[diagnostic.severity.value]}[{diagnostic.code}]", f"bold {colour}")
    subject = f"{diagnostic.path}{words[':']}" if diagnostic.path else ""
    said = f"{words[':']}{subject}{diagnostic.message.in_language(lang)}"
    out.append(_visible(said), "bold")
    places = _places(diagnostic)
    gutter = max((len(str(line)) for _, line in places), default=1)
    shown_file: SourceFile | None = None
    for (file, line), marks in places.items():
        column = min(mark.start for mark in marks) + 1
        if file is not shown_file:
            out.append("\n" + " " * (gutter + 1) + "┌─ ", "blue")
            out.append(f"{file.name}:{line}:{column}")
            out.append("\n" + " " * (gutter + 1) + "│", "blue")
            shown_file = file
        else:
            out.append("\n" + " " * (gutter + 1) + "·", "blue")
        text, marks = _window(_visible(file.line(line)), marks)
        out.append(f"\n{line:>{gutter}} │ ", "blue")
        out.append(text)
        for row in _underlines(marks, colour):
            out.append("\n" + " " * (gutter + 1) + "│ ", "blue")
            out.append_text(row)
    if diagnostic.help is not None:
        out.append("\n" + " " * (gutter + 1) + "= ", "blue")
        out.append(words["help"], "bold")
        out.append(f"{words[':']}{diagnostic.help.in_language(lang)}")
    return out


def plain(diagnostic: Diagnostic, lang: str = "fr") -> str:
    """One line, ``file:line:column: severity code message``, for tools and screen readers."""
    where = ""
    if diagnostic.span is not None:
        line, column = diagnostic.span.file.position(diagnostic.span.start)
        where = f"{diagnostic.span.file.name}:{line}:{column}: "
    path = f"{diagnostic.path}{_WORDS[lang][':']}" if diagnostic.path else ""
    message = diagnostic.message.in_language(lang)
    return f"{where}{diagnostic.severity.value} {diagnostic.code} {path}{message}"


def to_json(diagnostics: Iterable[Diagnostic], lang: str = "fr") -> dict[str, Any]:
    """``{"format": 1, "diagnostics": […]}``; line and column from 1, null without a place."""
    return {
        "format": FORMAT,
        "diagnostics": [_as_json(diagnostic, lang) for diagnostic in diagnostics],
    }


def _as_json(diagnostic: Diagnostic, lang: str) -> dict[str, Any]:
    line = column = None
    file = ""
    if diagnostic.span is not None:
        file = diagnostic.span.file.name
        line, column = diagnostic.span.file.position(diagnostic.span.start)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message.in_language(lang),
        "file": file or None,
        "line": line,
        "column": column,
        "path": diagnostic.path or None,
        "help": diagnostic.help.in_language(lang) if diagnostic.help else None,
    }


def _places(diagnostic: Diagnostic) -> dict[tuple[SourceFile, int], list[_Mark]]:
    """What to draw, by line; the place of the fault first, then those of its file."""
    found: dict[tuple[SourceFile, int], list[_Mark]] = {}
    if diagnostic.span is None:
        return found
    spans = [(diagnostic.span, "", True)]
    spans += [(label.span, label.text, False) for label in diagnostic.labels]
    home = diagnostic.span.file
    for span, text, primary in spans:
        line, column = span.file.position(span.start)
        whole = span.file.line(line)
        width = max(1, min(span.end - span.start, len(whole) - column + 1))
        mark = _Mark(column - 1, column - 1 + width, text, primary)
        marks = found.setdefault((span.file, line), [])
        if not any(m.start == mark.start and m.primary and not mark.text for m in marks):
            marks.append(mark)
    return dict(
        sorted(
            found.items(), key=lambda item: (item[0][0] is not home, item[0][0].name, item[0][1])
        )
    )


def _visible(line: str) -> str:
    """*line* with one printable character for each: control characters would act."""
    return "".join(
        " " if c == "\t" else "\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c
        for c in line
    )


def _window(text: str, marks: list[_Mark]) -> tuple[str, list[_Mark]]:
    if len(text) <= WIDTH:
        return text, marks
    start = max(0, min(mark.start for mark in marks) - WIDTH // 3)
    end = min(len(text), start + WIDTH)
    left, right = ("…" if start else ""), ("…" if end < len(text) else "")
    shift = len(left) - start
    moved = [
        attrs.evolve(m, start=m.start + shift, end=max(m.start + 1, min(m.end, end)) + shift)
        for m in marks
        if m.start <= end
    ]
    return f"{left}{text[start:end]}{right}", moved


def _underlines(marks: list[_Mark], colour: str) -> list[Text]:
    """The line of dashes and carets, the rightmost words on it; then the other words below."""
    from rich.text import Text

    marks = sorted(marks, key=lambda mark: (mark.start, mark.primary))
    width = max(mark.end for mark in marks)
    cells, styles = [" "] * width, [""] * width
    for mark in sorted(marks, key=lambda mark: mark.start - mark.end):  # small ones on top
        for place in range(mark.start, mark.end):
            cells[place] = "^" if mark.primary else "-"
            styles[place] = f"bold {colour}" if mark.primary else "cyan"
    first = Text()
    for cell, style in zip(cells, styles, strict=True):
        first.append(cell, style)
    said = [mark for mark in marks if mark.text]
    if said and said[-1].end == width:
        first.append(f" {said.pop().text}", "cyan")
    rows = [first]
    while said:
        bars = Text()
        for mark in said:
            bars.append(" " * (mark.start - len(bars)) + "│", "cyan")
        rows.append(bars)
        last = said.pop()
        words = Text()
        for mark in said:
            words.append(" " * (mark.start - len(words)) + "│", "cyan")
        words.append(" " * (last.start - len(words)) + last.text, "cyan")
        rows.append(words)
    return rows
