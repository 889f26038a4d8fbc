"""Tables: rows as written, and as each version changes them → all the rows of each version.

A cell tests one argument; a lookup takes the one row that fits. A last row of stars is what
holds when no other does. Two rows that one lookup fits, and lookups that none fits, are found
here, over every version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

import attrs

from . import program as core
from . import syntax
from .diagnostics import Findings, Label
from .expressions import Elaborator
from .scopes import Scope
from .types import BOOL, EnumType, ListType, Type, Whatever
from .values import Amount, Duration
from .versions import Dated, periods

MAX_REGIONS = 20_000


class TableBuilder:
    """Builds the core of tables."""

    def __init__(self, elaborator: Elaborator, findings: Findings) -> None:
        self.elaborator = elaborator
        self.words = elaborator.words
        self.findings = findings

    def build(self, node: syntax.Table, modifications: Sequence[syntax.Modification]) -> core.Table:
        name = node.name.text
        columns = self.words.columns[name]
        dated = [Dated(v.since, v) for v in node.versions]
        ends = [node.end] if node.end else []
        for modification in modifications:
            dated.extend(Dated(v.since, v) for v in modification.versions if isinstance(v, syntax.TableVersion))  # fmt: skip
            if modification.end:
                ends.append(modification.end)
        kind = self.words.tables[name].type
        optional = self.words.tables[name].optional
        versions: list[core.TableVersion] = []
        rows: list[core.TableRow] = []
        header: list[int] | None = None
        for period, version in periods(
            f"la table `{name}`", node.name.span, dated, ends, self.findings
        ):
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
            rows = self._merge(rows, new, written.modifies, name)
            self._overlaps(rows, columns, written.first_match, name)
            versions.append(
                core.TableVersion(
                    period, tuple(rows), written.first_match, notes, span=written.span
                )
            )
        self._gaps(versions, columns, node)
        label = node.label.text if node.label else ""
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
            case syntax.CellValues(values):
                return core.OneOf(
                    tuple(self._constant(value, column.type, column.optional) for value in values)
                )
            case syntax.CellComparison(operator, value):
                found = self._constant(value, column.type)
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
                return core.Bounded(
                    self._constant(low, column.type), self._constant(high, column.type), True, True
                )
        self.findings.error(
            "R011", cell.span, "cette cellule ne dit pas à quelles valeurs la ligne s'applique",
            "this cell does not say to which values the row applies",
            help=("écrire une valeur, `a ; b`, `≥ 5`, `de 1 à 4` ou `*`", "write a value, `a ; b`, `≥ 5`, `de 1 à 4` or `*`"),
        )  # fmt: skip
        return core.AnyValue()

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
        self, old: list[core.TableRow], new: list[core.TableRow], modifies: bool, table: str
    ) -> list[core.TableRow]:
        if not modifies:
            return new
        rows = list(old)
        for row in new:
            same = [place for place, kept in enumerate(rows) if kept.tests == row.tests]
            if same:
                rows[same[0]] = row
                continue
            parts = [kept for kept in rows if not is_default(kept) and _covers_more(kept, row)]
            if parts and not is_default(row):
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

    def _overlaps(
        self,
        rows: list[core.TableRow],
        columns: tuple[core.Column, ...],
        first_match: bool,
        table: str,
    ) -> None:
        if first_match:
            return
        for place, row in enumerate(rows):
            if is_default(row) and place + 1 < len(rows):
                self.findings.error(
                    "R004", row.span, "la ligne de `*` vient en dernier", "the row of `*` comes last",
                )  # fmt: skip
            for other in rows[:place]:
                if is_default(row) or is_default(other):
                    continue
                if all(_meet(a, b) for a, b in zip(row.tests, other.tests, strict=True)):
                    self.findings.error(
                        "R004", row.span, f"deux lignes de `{table}` conviennent aux mêmes valeurs",
                        f"two rows of `{table}` fit the same values",
                        labels=(Label(other.span, "l'autre ligne"),),
                        help=(
                            "les rendre disjointes, ou écrire `première ligne applicable`",
                            "make them disjoint, or write `première ligne applicable`",
                        ),
                    )  # fmt: skip

    def _gaps(
        self,
        versions: list[core.TableVersion],
        columns: tuple[core.Column, ...],
        node: syntax.Table,
    ) -> None:
        """A lookup that no row fits, found by trying one value of each kind that cells tell apart."""
        for version in versions:
            if not version.rows or is_default(version.rows[-1]):
                continue
            samples = [
                _samples(
                    column, [row.tests[place] for row in version.rows], self.words.enumerations
                )
                for place, column in enumerate(columns)
            ]
            total = 1
            for found in samples:
                total *= max(len(found), 1)
            if total > MAX_REGIONS:
                continue
            for values in product(*samples):
                if not any(_fits(row, values) for row in version.rows):
                    shown = " ; ".join(
                        f"{column.name} : {_show(value)}"
                        for column, value in zip(columns, values, strict=True)
                    )
                    self.findings.warning(
                        "R005", version.span, f"aucune ligne de `{node.name.text}` ne convient à {shown}",
                        f"no row of `{node.name.text}` fits {shown}",
                        help=(
                            "ajouter la ligne qui manque, une dernière ligne `| * | … |`, ou `| …` si la table n'est pas complète",
                            "add the missing row, a last row `| * | … |`, or `| …` if the table is not complete",
                        ),
                    )  # fmt: skip
                    break


@attrs.frozen
class Other:
    """Any value that no cell of the column names."""


def _show(value: object) -> str:
    match value:
        case Other():
            return "autre valeur"
        case None:
            return "absent"
        case bool():
            return "vrai" if value else "faux"
        case Amount() | Duration():
            return value.french()
    return str(value)


def _samples(
    column: core.Column,
    tests: Sequence[core.CellTest],
    enumerations: Mapping[str, core.Enumeration],
) -> list[object]:
    values: list[object] = [None] if column.optional else []
    if isinstance(column.type, EnumType):
        return [*values, *enumerations[column.type.name].members]
    if column.type == BOOL:
        return [*values, True, False]
    if isinstance(column.type, ListType | Whatever):
        return [*values, Other()]
    points: list[object] = []
    for test in tests:
        match test:
            case core.OneOf(found):
                points.extend(found)
            case core.Bounded(low, high):
                points.extend(p for p in (low, high) if p is not None)
    bounded = any(isinstance(test, core.Bounded) for test in tests)
    unique = list(dict.fromkeys(p for p in points if p is not None))
    if bounded:
        for point in list(unique):
            unique.extend(_around(point))
        return [*values, *dict.fromkeys(unique)]
    return [*values, *unique, Other()]


def _around(point: object) -> Iterator[object]:
    match point:
        case bool():
            return
        case int():
            yield point - 1
            yield point + 1
        case Fraction():
            yield point - Fraction(1, 1000)
            yield point + Fraction(1, 1000)
        case Amount(cents):
            yield Amount(cents - 1)
            yield Amount(cents + 1)
        case date():
            yield point - timedelta(days=1)
            yield point + timedelta(days=1)
        case Duration(months, days):
            yield Duration(months, days + 1)
            yield Duration(months, days - 1)


def is_default(row: core.TableRow) -> bool:
    """Whether *row* is the one that holds when no other does."""
    return all(isinstance(test, core.AnyValue) for test in row.tests)


def _fits(row: core.TableRow, values: Sequence[object]) -> bool:
    return all(
        isinstance(test, core.AnyValue)
        or (not isinstance(value, Other) and passes(test, value) is True)
        for test, value in zip(row.tests, values, strict=True)
    )


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


def order(left: object, right: object) -> int | None:
    """-1, 0 or 1; `None` for two durations that only a date can compare."""
    if isinstance(left, Duration) and isinstance(right, Duration):
        return left.compare(right)
    return int(left > right) - int(left < right)  # type: ignore[operator]


def passes(test: core.CellTest, value: object) -> bool | None:
    """Whether a known *value* passes *test*; `None` where durations do not compare."""
    match test:
        case core.AnyValue():
            return True
        case core.OneOf(values):
            return value in values
        case core.Bounded(low, high, low_in, high_in):
            if value is None:
                return False
            for bound, inside, sign in ((low, low_in, 1), (high, high_in, -1)):
                if bound is None:
                    continue
                found = order(value, bound)
                if found is None:
                    return None
                if found * sign < 0 or (found == 0 and not inside):
                    return False
            return True


def _meet(a: core.CellTest, b: core.CellTest) -> bool:
    """Whether some value passes both tests."""
    match a, b:
        case (core.AnyValue(), _) | (_, core.AnyValue()):
            return True
        case (core.OneOf(values), other) | (other, core.OneOf(values)):
            return any(passes(other, value) is not False for value in values)
        case core.Bounded(), core.Bounded():
            low, low_in = _tighter(a.low, a.low_in, b.low, b.low_in, 1)
            high, high_in = _tighter(a.high, a.high_in, b.high, b.high_in, -1)
            if low is None or high is None:
                return True
            found = order(low, high)
            return found is None or found < 0 or (found == 0 and low_in and high_in)
    return True


def _tighter(
    a: core.Value, a_in: bool, b: core.Value, b_in: bool, sign: int
) -> tuple[core.Value, bool]:
    if a is None:
        return b, b_in
    if b is None:
        return a, a_in
    found = order(a, b)
    if found is None or found == 0:
        return a, a_in and b_in
    return (a, a_in) if found * sign > 0 else (b, b_in)


def _covers_more(kept: core.TableRow, row: core.TableRow) -> bool:
    """Whether *row* would change only a part of *kept*."""
    return all(_meet(a, b) for a, b in zip(kept.tests, row.tests, strict=True))
