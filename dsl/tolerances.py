"""``tolérer Q001 "raison"``: a warning silenced in the statement that follows, with a reason."""

from __future__ import annotations

from collections.abc import Sequence

from . import catalogue, syntax
from .diagnostics import Diagnostic, Findings
from .parser import Parsed


def apply_tolerances(
    files: Sequence[Parsed], diagnostics: Sequence[Diagnostic], *, deep: bool = False
) -> tuple[Diagnostic, ...]:
    """*diagnostics* without the warnings tolerated; a tolerance that serves nothing is one.

    *deep*: what `lexald check --deep` finds is among them. Else nobody knows what a tolerance of
    it serves.
    """
    kept = list(diagnostics)
    extra = Findings()
    for parsed in files:
        statements = parsed.tree.statements
        for place, node in enumerate(statements):
            if not isinstance(node, syntax.Tolerance):
                continue
            target = next(
                (s for s in statements[place + 1 :] if not isinstance(s, syntax.Tolerance)), None
            )
            covered = [
                found
                for found in kept
                if target is not None
                and found.code == node.code
                and found.span is not None
                and found.span.file is parsed.file
                and target.span.start <= found.span.start <= target.span.end
            ]
            silenced = [found for found in covered if not found.is_error]
            if len(covered) > len(silenced):
                extra.error(
                    "Q003", node.span, f"{node.code} est une erreur : elle ne se tolère pas",
                    f"{node.code} is an error: it is not tolerated",
                )  # fmt: skip
            elif (
                not silenced
                and not any(found.is_error for found in diagnostics)
                and (deep or not _is_deep(node.code))
            ):
                extra.warning(
                    "Q002", node.span, f"`tolérer {node.code}` ne sert à rien ici", f"`tolérer {node.code}` serves nothing here",
                    help=("le retirer", "remove it"),
                )  # fmt: skip
            if not node.reason.text.strip():
                extra.error(
                    "Q004", node.span, "tolérance sans raison", "tolerance without a reason"
                )
            kept = [found for found in kept if found not in silenced]
    extra.add(kept)
    return extra.sorted()


def _is_deep(code: str) -> bool:
    entry = catalogue.find(code)
    return entry is not None and entry.is_deep
