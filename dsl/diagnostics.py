"""What is wrong, where, and how to mend it: the one shape that every message to a user has.

Nothing here prints; `render` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import attrs

from .source import Span


class Severity(Enum):
    """How much a finding weighs: an error stops the law from loading, a warning does not."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def french(self) -> str:
        return {"error": "erreur", "warning": "avertissement"}[self.value]


@attrs.frozen
class Label:
    """A place and what is to be said of it."""

    span: Span
    text: str = ""


@attrs.frozen
class Message:
    """One sentence in both languages. *en* falls back on *fr* where it is empty."""

    fr: str
    en: str = ""

    def in_language(self, lang: str) -> str:
        return self.en if lang == "en" and self.en else self.fr


@attrs.frozen
class Diagnostic:
    """One finding.

    Args:
        code: a stable code of `catalogue`; never reused.
        message: lower case, no full stop, the user's words between backticks.
        span: the place it is about; `None` when it is about a situation or the command line.
        path: the place in a situation (``patient.affections[1].rang``), counted from 1.
        labels: related places.
        help: what to write instead, computed from the fault when it can be.
    """

    code: str
    message: Message
    span: Span | None = None
    path: str = ""
    labels: tuple[Label, ...] = ()
    help: Message | None = None
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def sort_key(self) -> tuple[str, int, str, str, str]:
        file = self.span.file.name if self.span else ""
        start = self.span.start if self.span else 0
        return (file, start, self.path, self.code, self.message.fr)


class Findings:
    """Diagnostics as a pass collects them; the one mutable thing that passes share."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def error(
        self,
        code: str,
        span: Span | None,
        fr: str,
        en: str = "",
        *,
        help: str | tuple[str, str] = "",
        labels: Iterable[Label] = (),
    ) -> None:
        self._add(code, span, fr, en, help, labels, Severity.ERROR)

    def warning(
        self,
        code: str,
        span: Span | None,
        fr: str,
        en: str = "",
        *,
        help: str | tuple[str, str] = "",
        labels: Iterable[Label] = (),
    ) -> None:
        self._add(code, span, fr, en, help, labels, Severity.WARNING)

    def _add(
        self,
        code: str,
        span: Span | None,
        fr: str,
        en: str,
        help: str | tuple[str, str],
        labels: Iterable[Label],
        severity: Severity,
    ) -> None:
        hint = Message(*help) if isinstance(help, tuple) else Message(help)
        found = Diagnostic(
            code,
            Message(fr, en),
            span,
            labels=tuple(labels),
            help=hint if hint.fr else None,
            severity=severity,
        )
        self._found.setdefault(found)

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        for found in diagnostics:
            self._found.setdefault(found)

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self._found)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """In the order of files and lines, whatever the order they were found in."""
        return tuple(sorted(self._found, key=Diagnostic.sort_key))


class LawError(Exception):
    """The law, or a situation, cannot be used; `diagnostics` say why. Never a bug of ours."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(
            "\n".join(
                f"{found.code}: {found.path + ': ' if found.path else ''}{found.message.fr}"
                for found in self.diagnostics
            )
        )

    def __reduce__(self) -> tuple[type, tuple[tuple[Diagnostic, ...]]]:
        return type(self), (self.diagnostics,)
