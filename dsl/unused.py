"""What is declared and never read."""

from __future__ import annotations

from . import program as core
from .diagnostics import Findings
from .source import Span


def find_unused(program: core.Program, used: set[tuple[str, str]], findings: Findings) -> None:
    """Report declarations that nothing reads; *used* is what the expressions and cases named.

    A decision is asked from outside, so it is never unused; a source of the register says that a
    text exists, whether or not the law rests on it yet.
    """

    def report(kind: str, english: str, name: str, span: Span) -> None:
        findings.warning(
            "Q001", span, f"{kind} `{name}` ne sert nulle part", f"{english} `{name}` is used nowhere",
            help=("s'en servir, ou retirer la déclaration", "use it, or remove the declaration"),
        )  # fmt: skip

    for name, parameter in program.parameters.items():
        if ("parameter", name) not in used:
            report("le paramètre", "parameter", name, parameter.span)
    for name, table in program.tables.items():
        if ("table", name) not in used:
            report("la table", "table", name, table.span)
    typed = {str(f.type).removeprefix("liste de ") for f in _fields(program)}
    typed |= {str(d.type).removeprefix("liste de ") for d in program.decisions.values()}
    typed |= {str(c.type) for t in program.tables.values() for c in t.columns}
    typed |= {str(t.type) for t in program.tables.values()}
    typed |= {str(p.type) for p in program.parameters.values()}
    for name, enumeration in program.enumerations.items():
        if name not in typed:
            report("l'énumération", "enumeration", name, enumeration.span)
    held = {f.type for f in _fields(program)}
    for name, entity in program.entities.items():
        if not any(str(t).removeprefix("liste de ") == name for t in held):
            report("l'entité", "entity", name, entity.span)
        for field in entity.fields.values():
            if ("field", f"{name}.{field.name}") not in used and field.name != entity.event:
                report("le fait", "fact", f"{name}.{field.name}", field.span)


def _fields(program: core.Program) -> list[core.Field]:
    nested = [f for entity in program.entities.values() for f in entity.fields.values()]
    return [*program.roots.values(), *nested]
