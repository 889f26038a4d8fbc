"""What cases expect of indicators: a number, a number under one key, or a table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import program as core
from . import syntax
from .diagnostics import Findings
from .names import Constants
from .source import Span
from .tables import report_width
from .types import BOOL, INT, Type, Whatever

_TRUTHS = {"vrai": True, "faux": False}


class CountBuilder:
    """Builds what cases say of *indicators*."""

    def __init__(
        self, indicators: Mapping[str, core.Indicator], constants: Constants, findings: Findings
    ) -> None:
        self.indicators = indicators
        self.constants = constants
        self.findings = findings

    def is_about(self, path: syntax.Path) -> bool:
        """Whether *path* leads to an indicator."""
        return bool(path.steps) and path.steps[0].name in self.indicators

    def expected(self, node: syntax.Expected) -> list[core.CountExpected]:
        """``attendu patients = 3``; nothing after an error."""
        indicator = self.indicators[node.path.steps[0].name]
        if not self._suits(node, indicator):
            return []
        apart = core.Apart()
        if node.apart is not None:
            numbers = {"inconnu": 0, "conflit": 0, "erreur": 0}
            for part in node.apart:
                numbers[part.state] += part.number
            apart = core.Apart(numbers["inconnu"], numbers["conflit"], numbers["erreur"])
        if node.state == "liste":
            lines, complete = self._rows(node, indicator)
        else:
            key = self._key(node.path, indicator)
            if key is None:
                return []
            value: core.Value = None
            if node.state == "valeur" and node.value is not None:
                value = self.constants.of(node.value, indicator.type)
            lines, complete = [core.CountLine(key, node.state, value, span=node.span)], False
        return [
            core.CountExpected(
                indicator.name, node.path.text, tuple(lines), complete, apart, span=node.span
            )
        ]

    def claimed(self, node: syntax.Claimed, citation: core.Citation) -> list[core.CountClaim]:
        """``source affirme … patients = 3``; nothing after an error."""
        indicator = self.indicators[node.path.steps[0].name]
        key = self._key(node.path, indicator)
        if key is None:
            return []
        value = self.constants.of(node.value, indicator.type)
        return [
            core.CountClaim(
                citation, indicator.name, node.path.text, key, value, span=node.span
            )
        ]  # fmt: skip

    def _suits(self, node: syntax.Expected, indicator: core.Indicator) -> bool:
        """Whether what is expected is something that an indicator may come to."""
        is_ratio = isinstance(indicator.measure, core.Ratio)
        states = {"valeur", "liste"} | ({"inconnu", "sans objet"} if is_ratio else set())
        if node.day is not None:
            self.findings.error(
                "R021", node.span, "un indicateur se compte à la date du cas",
                "an indicator is counted at the date of the case",
                help=("écrire un cas à cette date", "write a case at that date"),
            )  # fmt: skip
            return False
        if node.state in states and node.reasons is None and node.missing is None:
            if node.apart is None or not is_ratio:
                return True
            self.findings.error(
                "R021", node.span, "un rapport est inconnu dès qu'un dossier ne se compte pas",
                "a ratio is unknown as soon as one situation cannot be counted",
                help=("attendre `inconnu`", "expect `inconnu`"),
            )  # fmt: skip
            return False
        self.findings.error(
            "R021", node.span, f"un indicateur n'est pas `{node.state}`" if node.state not in states
            else "un indicateur n'a ni raison ni fait manquant",
            "an indicator does not come to that",
            help=(
                "attendre un nombre ; les dossiers inconnus, en conflit ou en erreur se disent par `sauf`",
                "expect a number; situations unknown, in conflict or in error are told by `sauf`",
            ),
        )  # fmt: skip
        return False

    # ── keys ─────────────────────────────────────────────────────────────────────────────

    def _keys(self, indicator: core.Indicator) -> tuple[core.Key, ...]:
        measure = indicator.measure
        if isinstance(measure, core.Ratio):
            return self._keys(self.indicators[measure.numerator])
        return measure.keys

    def _key(self, path: syntax.Path, indicator: core.Indicator) -> tuple[core.Value, ...] | None:
        """The key that *path* means, ``[8]`` or ``["ald_30"]``; `None` after an error."""
        keys, index = self._keys(indicator), path.steps[0].index
        if len(path.steps) == 1 and index is None and not keys:
            return ()
        if len(path.steps) == 1 and index is not None and len(keys) == 1:
            return (self._index(index, keys[0].type, path.span),)
        names = " | ".join([*(key.name for key in keys), "nombre"])
        self.findings.error(
            "T010", path.span, f"`{path.text}` ne désigne pas un nombre de l'indicateur `{indicator.name}`",
            f"`{path.text}` is not one number of the indicator `{indicator.name}`",
            help=(f"écrire un tableau : `| {names} |`", f"write a table: `| {names} |`")
            if keys else ("l'indicateur n'est pas réparti : écrire son nom seul", "the indicator is not broken down: write its name alone"),
        )  # fmt: skip
        return None

    def _index(self, index: int | str, kind: Type, span: Span) -> core.Value:
        node: Any
        if isinstance(index, int):
            node = syntax.Literal("entier", index, span=span)
        elif kind == BOOL and index in _TRUTHS:
            return _TRUTHS[index]
        elif kind in (BOOL, INT) or not hasattr(kind, "name"):
            node = syntax.Literal("texte", index, span=span)
        else:
            node = syntax.NameRef(index, span=span)
        return self.constants.of(node, kind)

    # ── tables ───────────────────────────────────────────────────────────────────────────

    def _rows(
        self, node: syntax.Expected, indicator: core.Indicator
    ) -> tuple[list[core.CountLine], bool]:
        keys = self._keys(indicator)
        rows = [row for row in node.rows if not row.is_open]
        names = [key.name for key in keys]
        if not rows or not keys or _header(rows[0]) != names or len(rows[0].cells) != len(keys) + 1:
            wanted = " | ".join([*names, "nombre"])
            self.findings.error(
                "R006", rows[0].span if rows else node.span, "la première ligne n'est pas l'en-tête de l'indicateur",
                "the first row is not the heading of the indicator",
                help=(f"écrire d'abord `| {wanted} |`", f"write first `| {wanted} |`")
                if keys else ("l'indicateur n'est pas réparti : `attendu … = …`", "the indicator is not broken down: `attendu … = …`"),
            )  # fmt: skip
            return [], False
        made: list[core.CountLine] = []
        for row in rows[1:]:
            if len(row.cells) != len(keys) + 1:
                report_width(row, len(keys) + 1, self.findings)
                continue
            key = tuple(
                self._cell(cell, k.type) for cell, k in zip(row.cells, keys, strict=False)
            )  # fmt: skip
            if any(line.key == key for line in made):
                self.findings.error(
                    "R004", row.span, "cette clé a déjà sa ligne", "this key has a row already"
                )
            last = row.cells[-1]
            state, value = "valeur", None
            is_ratio = isinstance(indicator.measure, core.Ratio)
            if is_ratio and isinstance(last, syntax.CellUnknown):
                state = "inconnu"
            elif is_ratio and isinstance(last, syntax.CellNotApplicable):
                state = "sans objet"
            else:
                value = self._cell(last, indicator.type)
            made.append(core.CountLine(key, state, value, span=row.span))
        return made, len(rows) == len(node.rows)

    def _cell(self, cell: syntax.Cell, kind: Type) -> core.Value:
        match cell:
            case syntax.CellValues((syntax.Literal() | syntax.NameRef() as value,)):
                return self.constants.of(value, kind)
        if not isinstance(kind, Whatever):
            self.findings.error(
                "R011", cell.span, "une cellule d'un cas tient une valeur", "a cell of a case holds a value",
            )  # fmt: skip
        return None


def _header(row: syntax.Row) -> Sequence[str]:
    """The names that a heading gives to the keys; its last column may have any name."""
    return [
        cell.values[0].name
        for cell in row.cells[:-1]
        if isinstance(cell, syntax.CellValues)
        and len(cell.values) == 1
        and isinstance(cell.values[0], syntax.NameRef)
    ]
