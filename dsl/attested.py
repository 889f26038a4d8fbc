"""Versions that are only attested, after earlier ones: what stands in between was not read.

``attesté depuis le D`` says that a source shows a value from D on, not that it began on D. Before
the first version one does not know; but a version that came earlier goes on until D, as if the
change had been read. Where the two differ, some day before D the earlier value was no longer right.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any

import attrs

from . import program as core
from .dates import french_date
from .diagnostics import Findings, Label
from .rows import meet, same_tests
from .source import Span


def find_unread(
    parameters: Iterable[core.Parameter],
    tables: Iterable[core.Table],
    decisions: Iterable[core.Decision],
    findings: Findings,
) -> None:
    """A warning (V005) for each version, rule or row that an attested one with another value
    follows; none where the earlier one already says that it is not known."""
    for parameter in parameters:
        for before, after in pairwise(parameter.versions):
            if after.period.attested and before.value != after.value:
                _warn(f"`{parameter.name}`", before.period.since, before, after.period.since, after, findings)  # fmt: skip
    for table in tables:
        _in_table(table, findings)
    for decision in decisions:
        for rule in (decision.general, *decision.exceptions):
            of = "" if rule.label == core.GENERAL else f"« {rule.label} » de "
            for old, new in pairwise(rule.versions):
                if (
                    new.period.attested
                    and not _says_unknown(old.value)
                    and (_bare(old.guard), _bare(old.value)) != (_bare(new.guard), _bare(new.value))
                ):
                    _warn(f"{of}`{decision.name}`", old.period.since, old, new.period.since, new, findings)  # fmt: skip


def _in_table(table: core.Table, findings: Findings) -> None:
    for before, after in pairwise(table.versions):
        if not after.period.attested:
            continue
        fresh = [row for row in after.rows if row.since == after.period.since]
        for row in fresh:
            for old in before.rows:
                alike = same_tests(old, row) if after.first_match else meet(old, row)
                if (
                    alike
                    and isinstance(old.result, core.Constant | core.NotApplicableResult)
                    and _bare(old.result) != _bare(row.result)
                ):
                    _warn(f"cette ligne de `{table.name}`", old.since, old, row.since, row, findings)  # fmt: skip
                    break


def _warn(
    what: str,
    earlier: date | None,
    old: core.Spanned,
    later: date | None,
    new: core.Spanned,
    findings: Findings,
) -> None:
    assert earlier is not None  # a version without a date stands alone
    assert later is not None
    since, until = french_date(earlier), french_date(later)
    english = what.replace("cette ligne de", "this row of").replace(" de `", " of `")
    findings.warning(
        "V005",
        _first_line(new.span),
        f"{what} n'est attesté que depuis le {until}, mais répond jusque-là par la version du {since}",
        f"{english} is attested only since {later}, yet answers until then by the version of {earlier}",
        labels=(Label(_first_line(old.span), "court jusque-là, sans que rien ne le montre"),),
        help=(
            'fermer la version d\'avant (`indéterminé "…"`, une ligne `inconnu`), ou dire par `tolérer V005 "…"` ce qui montre qu\'elle a couru jusque-là',
            'close the earlier version (`indéterminé "…"`, a row `inconnu`), or say by `tolérer V005 "…"` what shows that it ran until then',
        ),
    )  # fmt: skip


def _says_unknown(value: core.Expr) -> bool:
    while isinstance(value, core.Noted | core.Staged):
        value = value.operand if isinstance(value, core.Noted) else value.value
    return isinstance(value, core.Undetermined)


def _bare(node: Any) -> Any:
    """*node* without its notes: another citation is not another rule."""
    while isinstance(node, core.Noted):
        node = node.operand
    if isinstance(node, tuple):
        return tuple(_bare(one) for one in node)
    if attrs.has(type(node)) and isinstance(node, core.Spanned):
        kept = [field.name for field in attrs.fields(type(node)) if field.eq]
        return type(node), tuple(
            _bare(getattr(node, name)) for name in kept if name not in ("notes", "span")
        )
    return node


def _first_line(span: Span) -> Span:
    end = span.file.text.find("\n", span.start, span.end)
    return span if end < 0 else Span(span.file, span.start, end)
