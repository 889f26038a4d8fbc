"""What a run of cases found, as diagnostics: each at the place of what was expected, or guaranteed."""

from __future__ import annotations

from collections.abc import Sequence

from lexald.dsl import program as core
from lexald.dsl.diagnostics import Diagnostic, Label, Message
from lexald.dsl.source import Span

from .results import CaseResult, Miss


def findings(results: Sequence[CaseResult]) -> tuple[Diagnostic, ...]:
    """One finding for each expectation that is not met (K001), for each case in error (K002) and
    for each guarantee broken (K003), in the order of the cases."""
    found = []
    for result in results:
        name, head = result.case.name, first_line(result.case.span)
        if result.error:
            message = Message(f"cas « {name} » : {result.error}", f'case "{name}": {result.error}')
            found.append(Diagnostic("K002", message, head))
        for miss in result.misses:
            if isinstance(miss.expectation, core.Guarantee):
                found.append(_broken(miss, name, head))
                continue
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


def _broken(miss: Miss, name: str, case: Span) -> Diagnostic:
    """A guarantee that the situation of case *name* breaks: its place is in the law."""
    return Diagnostic(
        "K003",
        Message(f"cas « {name} » : {miss.place} rompue", f'case "{name}": broken, {miss.place}'),
        first_line(miss.expectation.span),
        labels=(Label(case, f"cas « {name} »"),),
    )


def first_line(span: Span) -> Span:
    """The part of *span* that is on its first line: a whole case would be underlined."""
    end = span.file.text.find("\n", span.start, span.end)
    return span if end < 0 else Span(span.file, span.start, end)
