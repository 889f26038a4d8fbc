"""Findings as workflow commands: GitHub shows each beside its line in a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from lexald.dsl.catalogue import find
from lexald.dsl.diagnostics import Diagnostic


def to_github(diagnostics: Sequence[Diagnostic], lang: str = "fr") -> str:
    """One ``::error file=…,line=…,col=…,title=…::message`` a line; empty when nothing was found.

    Errors come first: a site shows the first ten of a step.
    """
    ordered = sorted(diagnostics, key=lambda found: not found.is_error)
    return "".join(f"{_command(diagnostic, lang)}\n" for diagnostic in ordered)


def _command(diagnostic: Diagnostic, lang: str) -> str:
    entry = find(diagnostic.code)
    title = diagnostic.code
    if entry is not None:
        title += f" {entry.title_en if lang == 'en' else entry.title_fr}"
    properties = {}
    if diagnostic.span is not None:
        span = diagnostic.span
        line, column = span.file.position(span.start)
        properties = {
            "file": PurePath(span.file.name).as_posix(),
            "line": str(line),
            "col": str(column),
        }
    properties["title"] = title
    message = diagnostic.message.in_language(lang)
    if diagnostic.path:
        message = f"{diagnostic.path}: {message}"
    if diagnostic.help is not None:
        message += f"\n{diagnostic.help.in_language(lang)}"
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{diagnostic.severity.value} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
