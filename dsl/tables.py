"""Tables: rows as written, and as each version changes them → all the rows of each version.

A cell tests one argument; a lookup takes the one row that fits. A last row of stars is what
holds when no other does. Two rows that one lookup fits, and lookups that none fits, are found
here, over every version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from . import program as core
from . import syntax
from .diagnostics import Findings, Label
from .expressions import Elaborator
from .rows import gap, is_default, meet, overlaps, same_tests
from .scopes import Scope
from .source import Span
from .types import ORDERED, Type, Whatever
from .values import Amount, Duration
from .versions import Reforms, periods, written_of


class TableBuilder:
    """Builds the core of tables."""

    def __init__(self, elaborator: Elaborator, reforms: Reforms, findings: Findings) -> None:
        self.elaborator = elaborator
        self.reforms = reforms
        self.words = elaborator.words
        self.findings = findings

    def build(self, node: syntax.Table, modifications: Sequence[syntax.Modification]) -> core.Table:
        name = node.name.text
        columns = self.words.columns[name]
        found = written_of(
            f"la table `{name}`", node.name.span, node, modifications, self.reforms, self.findings
        )
        kind = self.words.tables[name].type
        optional = self.words.tables[name].optional
        versions: list[core.TableVersion] = []
        rows: list[core.TableRow] = []
        header: list[int] | None = None
        for period, version in periods(found, self.findings):
            written = version.node
            assert isinstance(written, syntax.TableVersion)
            notes = self.elaborator.notes(written.notes)
            lines = list(written.rows)
            if not written.modifies:
                header = self._header(lines.pop(0) if lines else None, columns, written)
                rows = []
            elif header is None:
                self.findings.error(
                    "V004", written.span, f"rien à modifier : `{name}` n'a pas de version avant celle-ci",
                    f"nothing to modify: `{name}` has no version before this one",
                )  # fmt: skip
                continue
            if header is None:
                continue
            new = [
                row
                for line in lines
                if (row := self._row(line, header, columns, kind, optional, period, notes, name))
            ]
            before, rows = rows, self._merge(rows, new, written.modifies, written.first_match)
            self._check_rows(rows, before, columns, written, name)
            versions.append(
                core.TableVersion(
                    period, tuple(rows), written.first_match, notes, span=written.span
                )
            )
        label = node.label.text if node.label else ""
        # What a reform changes on its very day was never in force as it stood.
        versions = [
            v for v in versions if v.period.since is None or v.period.since != v.period.until
        ]
        return core.Table(name, columns, kind, label, tuple(versions), span=node.span)

    def _header(
        self, row: syntax.Row | None, columns: tuple[core.Column, ...], version: syntax.TableVersion
    ) -> list[int] | None:
        """For each cell of a row, the column it tests; the last is the result."""
        names = [
            cell.values[0].name
            for cell in (row.cells if row else ())
            if isinstance(cell, syntax.CellValues)
            and len(cell.values) == 1
            and isinstance(cell.values[0], syntax.NameRef)
        ]
        expected = [column.name for column in columns]
        if row is None or len(names) != len(row.cells) or sorted(names[:-1]) != sorted(expected):
            wanted = " | ".join([*expected, "résultat"])
            self.findings.error(
                "R006", row.span if row else version.span, "la première ligne n'est pas l'en-tête de la table",
                "the first row is not the heading of the table",
                help=(f"écrire d'abord `| {wanted} |`", f"write first `| {wanted} |`"),
            )  # fmt: skip
            return None
        return [expected.index(name) for name in names[:-1]]

    def _row(
        self,
        row: syntax.Row,
        header: list[int],
        columns: tuple[core.Column, ...],
        kind: Type,
        optional: bool,
        period: core.Period,
        version_notes: core.Notes,
        table: str,
    ) -> core.TableRow | None:
        if row.is_open:
            return core.TableRow(
                tuple(core.AnyValue() for _ in columns),
                core.UnknownResult("les autres lignes de la table ne sont pas encodées"),
                period.since,
                period.attested,
                core.NO_NOTES,
                span=row.span,
            )
        if row.repetition is not None:
            self.findings.error(
                "R010",
                row.repetition.span,
                "une ligne de table ne se répète pas",
                "a row of a table is not repeated",
            )
        if len(row.cells) != len(header) + 1:
            report_width(row, len(header) + 1, self.findings)
            return None
        tests: list[core.CellTest] = [core.AnyValue()] * len(columns)
        for cell, column in zip(row.cells[:-1], header, strict=True):
            tests[column] = self._test(cell, columns[column])
        result = self._result(row.cells[-1], kind, optional, period)
        notes = self.elaborator.notes(row.notes)
        return core.TableRow(
            tuple(tests),
            result,
            period.since,
            period.attested,
            notes or version_notes,
            span=row.span,
        )

    def _constant(self, node: syntax.Expr, kind: Type, optional: bool = False) -> core.Value:
        typed = self.elaborator.expr(node, Scope(), kind)
        typed = self.elaborator.fit(typed, kind, node.span, optional=optional)
        expr = typed.expr
        if isinstance(expr, core.Negate) and isinstance(expr.operand, core.Constant):
            value = expr.operand.value
            if isinstance(value, (int, Fraction, Amount, Duration)):
                return -value
        if isinstance(expr, core.Constant):
            return expr.value
        self.findings.error(
            "R011", node.span, "une cellule tient une valeur, non un calcul", "a cell holds a value, not a calculation",
            help=("nommer le calcul par une décision", "name the calculation with a decision"),
        )  # fmt: skip
        return None

    def _test(self, cell: syntax.Cell, column: core.Column) -> core.CellTest:
        match cell:
            case syntax.CellAny():
                return core.AnyValue()
            case syntax.CellValues(values) if values:
                return core.OneOf(
                    tuple(self._constant(value, column.type, column.optional) for value in values)
                )
            case syntax.CellComparison(operator, value):
                found = self._constant(value, column.type)
                if operator != "=":
                    self._ordered(column, cell.span)
                match operator:
                    case "<":
                        return core.Bounded(None, found, False, False)
                    case "≤":
                        return core.Bounded(None, found, False, True)
                    case ">":
                        return core.Bounded(found, None, False, False)
                    case "≥":
                        return core.Bounded(found, None, True, False)
                    case "=":
                        return core.OneOf((found,))
            case syntax.CellRange(low, high):
                self._ordered(column, cell.span)
                return core.Bounded(
                    self._constant(low, column.type), self._constant(high, column.type), True, True
                )
        self.findings.error(
            "R011", cell.span, "cette cellule ne dit pas à quelles valeurs la ligne s'applique",
            "this cell does not say to which values the row applies",
            help=("écrire une valeur, `a ; b`, `≥ 5`, `de 1 à 4` ou `*`", "write a value, `a ; b`, `≥ 5`, `de 1 à 4` or `*`"),
        )  # fmt: skip
        return core.AnyValue()

    def _ordered(self, column: core.Column, span: Span) -> None:
        if column.type not in ORDERED and not isinstance(column.type, Whatever):
            self.findings.error(
                "T010", span, f"`{column.type}` n'a pas d'ordre", f"`{column.type}` has no order",
                help=("écrire les valeurs : `a ; b`", "write the values: `a ; b`"),
            )  # fmt: skip

    def _result(
        self, cell: syntax.Cell, kind: Type, optional: bool, period: core.Period
    ) -> core.RowResult:
        match cell:
            case syntax.CellNotApplicable():
                return core.NotApplicableResult()
            case syntax.CellUnknown():
                return core.UnknownResult("")
            case syntax.CellRepealed():
                return core.RepealedResult(period.since or date.min)
            case syntax.CellValues((syntax.Undetermined(reason),)):
                return core.UnknownResult(reason.text)
            case syntax.CellValues((value,)):
                return core.Constant(self._constant(value, kind, optional), span=cell.span)
        self.findings.error(
            "R011", cell.span, "la dernière cellule d'une ligne est son résultat", "the last cell of a row is its result",
            help=("écrire une seule valeur", "write one value"),
        )  # fmt: skip
        return core.UnknownResult("")

    def _merge(
        self,
        old: list[core.TableRow],
        new: list[core.TableRow],
        modifies: bool,
        first_match: bool,
    ) -> list[core.TableRow]:
        if not modifies:
            return new
        rows = list(old)
        for row in new:
            same = [place for place, kept in enumerate(rows) if same_tests(kept, row)]
            if same:
                rows[same[0]] = row
                continue
            parts = [kept for kept in rows if not is_default(kept) and meet(kept, row)]
            if parts and not is_default(row) and not first_match:
                self.findings.error(
                    "R007", row.span, "cette ligne change une partie d'une ligne qui tient plusieurs valeurs",
                    "this row changes a part of a row that holds several values",
                    labels=(Label(parts[0].span, "la ligne à couper"),),
                    help=(
                        "couper la ligne d'origine : une ligne par valeur qui peut changer seule",
                        "cut the original row: one row per value that may change alone",
                    ),
                )  # fmt: skip
                continue
            if rows and is_default(rows[-1]) and not is_default(row):
                rows.insert(len(rows) - 1, row)
            else:
                rows.append(row)
        return rows

    def _check_rows(
        self,
        rows: Sequence[core.TableRow],
        before: Sequence[core.TableRow],
        columns: Sequence[core.Column],
        version: syntax.TableVersion,
        table: str,
    ) -> None:
        """What is wrong between *rows*, those of a version; *before* are checked already."""
        known = {id(row) for row in before}
        for row in rows[:-1]:
            if is_default(row):
                self.findings.error(
                    "R004", row.span, "la ligne de `*` vient en dernier", "the row of `*` comes last",
                )  # fmt: skip
        if not version.first_match and any(id(row) not in known for row in rows):
            for row, other in overlaps(rows):
                if id(row) in known and id(other) in known:
                    continue
                self.findings.error(
                    "R004", row.span, f"deux lignes de `{table}` conviennent aux mêmes valeurs",
                    f"two rows of `{table}` fit the same values",
                    labels=(Label(other.span, "l'autre ligne"),),
                    help=(
                        "les rendre disjointes, ou écrire `première ligne applicable`",
                        "make them disjoint, or write `première ligne applicable`",
                    ),
                )  # fmt: skip
        shown = gap(rows, columns, self.words.enumerations)
        if shown:
            self.findings.warning(
                "R005", version.span, f"aucune ligne de `{table}` ne convient à {shown}",
                f"no row of `{table}` fits {shown}",
                help=(
                    "ajouter la ligne qui manque, une dernière ligne `| * | … |`, ou `| …` si la table n'est pas complète",
                    "add the missing row, a last row `| * | … |`, or `| …` if the table is not complete",
                ),
            )  # fmt: skip


def report_width(row: syntax.Row, columns: int, findings: Findings) -> None:
    """*row* has not as many cells as its table has columns."""
    cells = len(row.cells)
    findings.error(
        "R006", row.span, f"{cells} cellule{'s' if cells > 1 else ''} pour {columns} colonnes",
        f"{cells} cell{'s' if cells > 1 else ''} for {columns} columns",
        help=(
            "une cellule par colonne ; `*` si la colonne n'y compte pas, `absent` si le fait l'est",
            "one cell per column; `*` if the column does not count there, `absent` if the fact is",
        ),
    )  # fmt: skip
