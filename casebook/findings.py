"""What a run of cases found, as diagnostics: each at the place of what was expected."""

from __future__ import annotations

from collections.abc import Sequence

from lexald.dsl.diagnostics import Diagnostic, Label, Message
from lexald.dsl.source import Span

from .results import CaseResult


def findings(results: Sequence[CaseResult]) -> tuple[Diagnostic, ...]:
    """One finding for each expectation that is not met (K001), and for each case in error (K002),
    in the order of the cases."""
    found = []
    for result in results:
        name, head = result.case.name, first_line(result.case.span)
        if result.error:
            message = Message(f"cas « {name} » : {result.error}", f'case "{name}": {result.error}')
            found.append(Diagnostic("K002", message, head))
        for miss in result.misses:
            found.append(
                Diagnostic(
                    "K001",
                    Message(
                        f"cas « {name} » : `{miss.place}` : "
                        f"attendu {miss.expected}, obtenu {miss.got}",
                        f'case "{name}": `{miss.place}`: expected {miss.expected}, got {miss.got}',
                    ),
                    first_line(miss.expectation.span),
                    labels=(Label(head, f"cas « {name} »"),),
                )
            )
    return tuple(found)


def first_line(span: Span) -> Span:
    """The part of *span* that is on its first line: a whole case would be underlined."""
    end = span.file.text.find("\n", span.start, span.end)
    return span if end < 0 else Span(span.file, span.start, end)
