"""Findings as SARIF 2.1.0, as code-hosting sites take it.

What GitHub's code scanning asks beyond the standard, and `to_sarif` holds to: a result has a place
in a file, whose URI is relative to where the command runs; a rule has its texts, its level and the
severity of a problem, with the page of the code as help; columns are UTF-16 code units.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from lexald import __version__
from lexald.dsl.catalogue import find, markdown, page
from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.source import SourceFile, Span

# GitHub's limit on the description of a rule.
MAX_DESCRIPTION = 1024


def to_sarif(diagnostics: Sequence[Diagnostic], command: str, lang: str = "fr") -> dict[str, Any]:
    """A SARIF log of one run of *command*: ``check``, ``test``.

    A site keeps the findings of each command apart, by the category ``lexald-COMMAND/``. What has
    no place in a file is a notification of the run, since no site takes a result without one.
    """
    codes = sorted({diagnostic.code for diagnostic in diagnostics if diagnostic.span})
    again: Counter[str] = Counter()
    results = []
    notifications = []
    for diagnostic in diagnostics:
        if diagnostic.span is None:
            notifications.append(
                {
                    "descriptor": {"id": diagnostic.code},
                    "level": diagnostic.severity.value,
                    "message": {"text": _message(diagnostic, lang)},
                }
            )
            continue
        print_ = _fingerprint(diagnostic, diagnostic.span)
        again[print_] += 1
        result: dict[str, Any] = {
            "ruleId": diagnostic.code,
            "ruleIndex": codes.index(diagnostic.code),
            "level": diagnostic.severity.value,
            "message": {"text": _message(diagnostic, lang)},
            "locations": [_location(diagnostic.span)],
            "partialFingerprints": {"lexald/v1": f"{print_}:{again[print_]}"},
        }
        related = [
            {"id": rank, **_location(label.span), "message": {"text": label.text}}
            for rank, label in enumerate((one for one in diagnostic.labels if one.text), start=1)
        ]
        if related:
            result["relatedLocations"] = related
        results.append(result)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "lexald",
                "version": __version__,
                "rules": [_rule(code, lang) for code in codes],
            }
        },
        "automationDetails": {"id": f"lexald-{command}/"},
        "language": lang,
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    if notifications:
        run["invocations"] = [
            {"executionSuccessful": True, "toolExecutionNotifications": notifications}
        ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _message(diagnostic: Diagnostic, lang: str) -> str:
    message = diagnostic.message.in_language(lang)
    if diagnostic.path:
        message = f"{diagnostic.path}{':' if lang == 'en' else ' :'} {message}"
    if diagnostic.help is not None:
        message += f" ({diagnostic.help.in_language(lang)})"
    return message


def _rule(code: str, lang: str) -> dict[str, Any]:
    entry = find(code)
    assert entry is not None, code  # a test holds that every code has its entry
    title = entry.title_en if lang == "en" else entry.title_fr
    return {
        "id": code,
        "shortDescription": {"text": title},
        "fullDescription": {"text": entry.why[:MAX_DESCRIPTION]},
        "help": {"text": page(entry, lang), "markdown": markdown(entry, directives=False)},
        "defaultConfiguration": {"level": entry.severity.value},
        "properties": {"precision": "very-high", "problem.severity": entry.severity.value},
    }


def _fingerprint(diagnostic: Diagnostic, span: Span) -> str:
    """The same for a finding that only moved: its code, its file, its line without spaces."""
    line = "".join(span.file.line(span.line).split())
    told = "\0".join((diagnostic.code, _uri(span.file), line))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _location(span: Span) -> dict[str, Any]:
    line, column = _utf16(span.file, span.start)
    last, end = _utf16(span.file, span.end)
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.file)},
            "region": {
                "startLine": line,
                "startColumn": column,
                "endLine": last,
                "endColumn": end,
            },
        }
    }


def _utf16(file: SourceFile, offset: int) -> tuple[int, int]:
    """Line and column of *offset*, from 1, the column in UTF-16 code units."""
    line, column = file.position(offset)
    before = file.text[offset - column + 1 : offset]
    return line, 1 + sum(2 if ord(character) > 0xFFFF else 1 for character in before)


def _uri(file: SourceFile) -> str:
    path = PurePath(file.name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")
