"""What ``check`` found, as JUnit (a test for each file) and as a summary in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.render import plain

from . import junit
from .markdown import code, escaped, others, sentence, table, within

# A table is read, not scrolled: beyond, a reader wants the log.
MOST_ROWS = 200


def to_junit(
    files: Sequence[str], found: Sequence[Diagnostic], lang: str = "fr", *, warnings_fail: bool
) -> str:
    """Each of *files* is a test, which fails by the errors found in it, and by the warnings if
    *warnings_fail*; what does not fail is told as its output."""
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in files}
    for diagnostic in found:
        name = diagnostic.span.file.name if diagnostic.span else "lexald"
        by_file.setdefault(name, []).append(diagnostic)
    suites = []
    for name, here in sorted(by_file.items()):
        failing = [one for one in here if one.is_error or warnings_fail]
        others = [one for one in here if one not in failing]
        trouble = None
        if failing:
            first = next((one for one in failing if one.is_error), failing[0])
            trouble = junit.Trouble(
                "failure",
                first.code,
                first.message.in_language(lang),
                "\n".join(plain(one, lang) for one in failing),
            )
        output = "\n".join(plain(one, lang) for one in others)
        suites.append(junit.Suite(name, [junit.Test("check", trouble=trouble, output=output)]))
    return junit.to_junit("lexald check", suites)


def to_markdown(summary: str, found: Sequence[Diagnostic], lang: str = "fr") -> str:
    """*summary* (a sentence), then a table of the findings, errors first."""
    if not found:
        return f"✓ {escaped(summary)}\n"
    english = lang == "en"
    ordered = sorted(found, key=lambda one: not one.is_error)
    rows = [f"{_row(diagnostic, lang)}\n" for diagnostic in ordered]
    head = table(["", "place", "finding"] if english else ["", "où", "ce qui ne va pas"], [])
    return within(
        f"### ✗ {escaped(summary)}\n\n{head}\n",
        rows,
        lambda rest: others(rest, lang),
        most=MOST_ROWS,
    )


def _row(diagnostic: Diagnostic, lang: str) -> str:
    place = ""
    if diagnostic.span is not None:
        line, _ = diagnostic.span.file.position(diagnostic.span.start)
        place = code(f"{diagnostic.span.file.name}:{line}", in_table=True)
    message = sentence(diagnostic.message.in_language(lang), in_table=True)
    if diagnostic.path:
        message = f"{code(diagnostic.path, in_table=True)} {message}"
    if diagnostic.help is not None:
        message += f"<br>→ {sentence(diagnostic.help.in_language(lang), in_table=True)}"
    sign = "✗" if diagnostic.is_error else "⚠"
    return f"| {sign} {code(diagnostic.code)} | {place} | {message} |"
