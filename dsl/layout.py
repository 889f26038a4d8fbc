"""Where lines break and how far they are indented: a syntax tree gives its tokens a layout.

Tokens stay as they are, in their order; a layout only says which of them open a line, at which
column, and how many spaces stand before the others. So a layout can change what is said only
where white space means something: a dash first on its line is an item, and a word that opens
statements may not come first in the middle of one. `Lines.open_line` refuses both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from . import syntax
from .lexer import Token
from .lines import STEP, Laid, Notes

_SOURCE_LINES = frozenset({"en vigueur à compter du", "attesté depuis le", "lu au", "version du"})

_Version = (
    syntax.ParameterVersion | syntax.TableVersion | syntax.DecisionVersion | syntax.ExceptionVersion
)


def lay_out(
    tree: syntax.File, tokens: Sequence[Token], words: Sequence[str], remarked: frozenset[int]
) -> Laid:
    """Lay *tokens* out as *tree* asks.

    Args:
        tree: what *tokens* were read as.
        tokens: those of the file, in order.
        words: the canonical text of each token.
        remarked: tokens that a comment stands before; no line is joined across one.
    """
    layout = _Layout(tokens, words, remarked)
    for statement in tree.statements:
        layout.statement(statement)
    return layout.done()


class _Expressions(Notes):
    """Expressions: on one line if they hold, else broken at their outermost word."""

    def calculation(self, calculation: syntax.Calculation, head: int) -> None:
        """What stands after a colon, on a line at *head*: a value, then a line for each step."""
        value = calculation.value
        start = self.first(value)
        is_list = isinstance(value, syntax.Quantity) and not value.inline
        if not is_list and not self.fits(start - 1, self.last(value)):
            head += STEP
            self.open_line(start, head)
        self.expression(value)
        self.steps(calculation, head + STEP)

    def steps(self, calculation: syntax.Calculation, indent: int) -> None:
        self.notes(calculation.notes, indent)
        for step in calculation.steps:
            self.open_line(self.first(step), indent)
            self.step(step.step, indent)
            self.notes(step.notes, indent + STEP)

    def step(self, step: syntax.Step, indent: int) -> None:
        start, end = self.first(step), self.last(step)
        match step:
            case syntax.Cap() | syntax.Floor():
                self.expression(step.limit)
            case syntax.SharedCap():
                if self.fits(start, end):
                    return
                self.expression(step.limit)
                for words in ("par", "dans l'ordre de", "déjà retenu"):
                    found = self.find([words], self.last(step.limit) + 1, end)
                    if found and not self.fits(found - 1, end):
                        self.open_line(found, indent + STEP)
                if step.already:
                    self.expression(step.already)
            case syntax.Round() | syntax.WorkingDay():
                pass
            case _:
                assert_never(step)

    def inner(self, calculation: syntax.Calculation) -> None:
        """A calculation between parentheses."""
        start = self.first(calculation)
        if self.fits(start, self.last(calculation)):
            return
        self.expression(calculation.value)
        self.steps(calculation, self.indent(start) + STEP)

    def expression(self, node: syntax.Expr) -> None:
        start, end = self.first(node), self.last(node)
        if self.fits(start, end):
            return
        match node:
            case (
                syntax.Literal()
                | syntax.NameRef()
                | syntax.ConsideredDate()
                | syntax.Previous()
                | syntax.Undetermined()
            ):
                pass
            case syntax.Access():
                self.expression(node.base)
            case syntax.Negative() | syntax.Not() | syntax.State() | syntax.Difference():
                self.expression(node.operand)
            case syntax.Parenthesis():
                if self.words[start] == "(":
                    self.between(start, [node.content], end)
                else:
                    self.inner(node.content)  # an item of a list, with steps
            case syntax.Call():
                if node.arguments:
                    self.between(start + 1, node.arguments, end)
            case syntax.Extremum():
                self.between(start + 1, node.values, end)
            case syntax.Measure():
                self.between(start + 1, node.periods, end)
            case syntax.Range():
                hang = self.hang(start)
                self.expression(node.first)
                if node.last:
                    to = self.last(node.first) + 1
                    if self.opener(to) > start or not self.fits(to - 1, end):
                        self.open_line(to, hang)
                    self.expression(node.last)
            case syntax.AsOf():
                self.inner(node.day)
                self.between(self.first(node.content) - 1, [node.content], end)
            case syntax.Supposing():
                self.expression(node.decision)
                self.inner(node.value)
                self.between(self.first(node.content) - 1, [node.content], end)
            case syntax.Arithmetic():
                self.arithmetic(node)
            case syntax.Comparison():
                hang = self.hang(start)
                self.expression(node.left)
                operator = self.last(node.left) + 1
                if not self.fits(operator - 1, self.last(node.right)):
                    self.open_line(operator, hang)
                self.expression(node.right)
                if node.start and not self.fits(self.last(node.right), end):
                    self.open_line(self.first(node.start) - 1, hang)
            case syntax.Membership():
                self.expression(node.operand)
                if isinstance(node.choices, tuple):
                    self.between(self.last(node.operand) + 2, node.choices, end)
                else:
                    self.expression(node.choices)
            case syntax.Junction():
                hang = self.hang(start)
                self.expression(node.operands[0])
                for operand in node.operands[1:]:
                    self.open_line(self.first(operand) - 1, hang)
                    self.expression(operand)
            case syntax.Quantity():
                self.quantity(node)
            case syntax.Choice():
                self.choice(node, self.hang(start), isinstance(node.otherwise, syntax.Choice))
            case syntax.Aggregate():
                self.aggregate(node)
            case _:
                assert_never(node)

    def between(
        self, left: int, contents: Sequence[syntax.Calculation | syntax.Expr], right: int
    ) -> None:
        """What stands between the parentheses *left* and *right*: further in, on its own lines."""
        indent = self.indent(left)
        values = [c.value if isinstance(c, syntax.Calculation) else c for c in contents]
        names_only = all(isinstance(v, syntax.Literal | syntax.NameRef) for v in values)
        for n, content in enumerate(contents):
            start = self.first(content)
            if not (n and names_only and self.fits(start - 1, self.last(content))):
                self.open_line(start, indent + STEP)
            if isinstance(content, syntax.Calculation):
                self.inner(content)
            else:
                self.expression(content)
        self.open_line(right, indent)

    def arithmetic(self, node: syntax.Arithmetic) -> None:
        """``a + b - c``: each operator ends its line, since a dash first on a line is an item."""
        level = ("+", "-") if node.operator in ("+", "-") else ("×", "÷")
        operands: list[syntax.Expr] = []
        left: syntax.Expr = node
        while isinstance(left, syntax.Arithmetic) and left.operator in level:
            operands.append(left.right)
            left = left.left
        hang = self.hang(self.first(node))
        self.expression(left)
        for operand in reversed(operands):
            start = self.first(operand)
            if not self.fits(start - 1, self.last(operand)):
                self.open_line(start, hang)
            self.expression(operand)

    def choice(self, node: syntax.Choice, hang: int, is_chain: bool) -> None:
        """A line for each of ``si``, ``alors`` and ``sinon``; ``si … alors`` is one in a chain."""
        self.expression(node.condition)
        then = self.first(node.then) - 1
        if not (is_chain and self.fits(self.first(node), self.last(node.then))):
            self.open_line(then, hang)
        self.expression(node.then)
        self.open_line(self.first(node.otherwise) - 1, hang)
        if isinstance(node.otherwise, syntax.Choice):
            self.choice(node.otherwise, hang, is_chain)
        else:
            self.expression(node.otherwise)

    def aggregate(self, node: syntax.Aggregate) -> None:
        start, end = self.first(node), self.last(node)
        indent = self.indent(start) + STEP
        condition = node.among.condition
        if node.word == "tout" and node.body:
            self.expression(node.among.walked.list)
            self.open_line(self.first(node.body), indent)
            self.expression(node.body)
            return
        head = self.first(condition) - 1 if condition else end
        if condition and self.fits(start, head):
            self.open_line(head + 1, indent)
            self.expression(condition)
            return
        if node.body:
            self.expression(node.body)
            self.open_line(self.last(node.body) + 1, indent)
        self.expression(node.among.walked.list)
        if condition:
            if not self.fits(self.last(node.among.walked), end):
                self.open_line(head, indent)
            self.expression(condition)

    def quantity(self, node: syntax.Quantity) -> None:
        start, end = self.first(node), self.last(node)
        if node.inline:
            left = self.find("(", start, end)
            assert left is not None
            self.between(left, [item.value for item in node.items], end)
            return
        dash = self.indent(start) + STEP
        self.notes(node.notes, dash, gap=1)
        for item in node.items:
            self.open_line(self.first(item), dash)
            self.expression(item.value)
            if item.condition:
                if not self.fits(self.first(item), self.last(item.condition)):
                    self.open_line(self.first(item.condition) - 1, dash + 2 * STEP)
                self.expression(item.condition)
            self.notes(item.notes, dash + STEP)
        self.align(item.notes for item in node.items)
        if end + 1 < len(self.tokens) and self.tokens[end + 1].type != "BULLET":
            # The list ends with the first word that opens a line at its dashes, or before them.
            self.open_line(end + 1, dash)


class _Layout(_Expressions):
    """Statements and what they are made of."""

    def statement(self, node: syntax.Statement) -> None:
        start, end = self.first(node), self.last(node)
        self.open_line(start, 0, spaced=True)
        match node:
            case syntax.Language() | syntax.PolicyName() | syntax.Tolerance():
                pass
            case syntax.Reform():
                self.notes(node.notes, STEP)
            case syntax.SourceDeclaration():
                self.source(node)
            case syntax.Situation():
                self.fields(node.fields)
            case syntax.Entity():
                head = self.first(node.fields[0]) - 1 if node.fields else end
                event = self.find(["fait générateur"], start, head)
                if event and not self.fits(start, head):
                    self.open_line(event, 2 * STEP)
                self.fields(node.fields)
            case syntax.Enumeration():
                if any(m.label for m in node.members) or not self.fits(start, end):
                    for member in node.members:
                        self.open_line(self.first(member), STEP)
            case syntax.Parameter():
                self.header(start, node.label, self.first(node.versions[0]) - 1)
                self.versions(node.versions, node.end)
            case syntax.Table():
                last = self.first(node.versions[0]) - 1
                if not self.fits(start, last) and node.label:
                    self.open_line(self.first(node.label), 2 * STEP)
                    last = self.first(node.label) - 1
                if not self.fits(start, last):
                    for column in node.columns:
                        self.open_line(self.first(column), 2 * STEP)
                    self.open_line(self.last(node.columns[-1]) + 1, STEP)
                self.versions(node.versions, node.end)
            case syntax.Decision():
                self.decision(node)
            case syntax.ExceptionRule():
                head = self.first(node.versions[0]) - 1
                if not self.fits(start, head):
                    prime = self.find(["prime sur"], self.last(node.target), head)
                    if prime:
                        self.open_line(prime, 2 * STEP)
                    if not self.fits(start, (prime or head + 1) - 1):
                        self.open_line(self.last(node.label) + 1, 2 * STEP)
                self.versions(node.versions, node.end)
            case syntax.Modification():
                self.versions(node.versions, node.end)
            case syntax.Forbidden():
                self.open_line(self.last(node.message) + 1, STEP)
                self.expression(node.condition)
                self.notes(node.notes, 2 * STEP)
            case syntax.Guarantee():
                head = self.last(node.message) + 1  # the colon
                if not self.fits(start, end):
                    self.open_line(head + 1, STEP)
                self.expression(node.condition)
                self.notes(node.notes, 2 * STEP)
            case syntax.Indicator():
                self.indicator(node)
            case syntax.Case():
                self.case(node)
            case _:
                assert_never(node)

    def header(self, start: int, label: syntax.Text | None, end: int) -> None:
        """The first line of a statement; its label takes the second when both do not hold."""
        if label and not self.fits(start, end):
            self.open_line(self.first(label), self.indents[start] + 2 * STEP)

    def source(self, node: syntax.SourceDeclaration) -> None:
        end = self.last(node)
        in_force = False
        for n in range(self.last(node.title) + 1, end + 1):
            if self.words[n] in _SOURCE_LINES:
                self.open_line(n, STEP)
                in_force = self.words[n] not in ("lu au", "version du")
            elif self.words[n] in ("abrogé à compter du", "succède à"):
                # The dates of a source, and what it follows, are one line of a register.
                clause = n + 1
                while clause + 1 <= end and self.tokens[clause + 1].type in ("TEXTE", "POUR"):
                    clause += 1
                if not (in_force and self.fits(n - 1, clause)):
                    self.open_line(n, STEP)

    def fields(self, fields: Sequence[syntax.Field]) -> None:
        for field in fields:
            start, end = self.first(field), self.last(field)
            self.open_line(start, STEP, spaced=True)
            clauses = [
                n
                for n in range(self.last(field.type) + 1, end + 1)
                if self.words[n] == "question" or self.words[n].startswith("appréciation ")
            ]
            self.header(start, field.label, clauses[0] - 1 if clauses else end)
            for n in clauses:
                self.open_line(n, 2 * STEP)

    # ── rules ────────────────────────────────────────────────────────────────────────────

    def decision(self, node: syntax.Decision) -> None:
        start, body = self.first(node), self.first(node.versions[0])
        head = self.last(node.label or node.type)
        while self.words[head + 1] in ("facultatif", "résultat"):
            head += 1
        self.header(start, node.label, head)
        late = self.find(["résultat"], head + 1, body)
        if late:
            self.open_line(late, STEP)
        if node.applicable:
            self.open_line(self.first(node.applicable), STEP)
            self.expression(node.applicable.condition)
            self.notes(node.applicable.notes, 2 * STEP)
        if node.concurrence:
            self.open_line(self.first(node.concurrence), STEP)
            self.notes(node.concurrence.notes, 2 * STEP)
        if node.sequence:
            self.sequence(node.sequence)
        self.versions(node.versions, node.end)

    def sequence(self, node: syntax.Sequence) -> None:
        start, end = self.first(node), self.last(node)
        self.open_line(start, STEP)
        if self.fits(start, end):
            return
        for key in node.order[1:]:
            if not self.fits(self.first(key) - 1, self.last(key)):
                self.open_line(self.first(key) - 1, 2 * STEP)
        by = self.find(["par"], start, end)
        if by and not self.fits(by - 1, end):
            self.open_line(by, 2 * STEP)
            for key in node.keys[1:]:
                if not self.fits(self.first(key) - 1, self.last(key)):
                    self.open_line(self.first(key), 3 * STEP)

    def versions(self, versions: Sequence[_Version], end: syntax.End | None) -> None:
        self.rows([r for v in versions if isinstance(v, syntax.TableVersion) for r in v.rows])
        for version in versions:
            self.open_line(self.first(version), STEP)
            match version:
                case syntax.ParameterVersion():
                    self.value(version.value, 2 * STEP)
                    self.notes(version.notes, 2 * STEP)
                case syntax.TableVersion():
                    self.notes(version.notes, 2 * STEP, gap=1)
                    for row in version.rows:
                        self.row(row)
                case syntax.DecisionVersion():
                    self.body(version.body, self.since(version))
                case syntax.ExceptionVersion():
                    self.guard(version.guard, self.since(version))
                case _:
                    assert_never(version)
        self.align(v.notes for v in versions if isinstance(v, syntax.ParameterVersion))
        if end:
            self.open_line(self.first(end), STEP)
            self.notes(end.notes, 2 * STEP, gap=1)

    def since(self, version: syntax.DecisionVersion | syntax.ExceptionVersion) -> int:
        """Lay the date of *version* out; what it says is at the indent that comes back."""
        if version.since is None:
            return STEP
        self.notes(version.notes, 2 * STEP, gap=1)
        return 2 * STEP

    def body(self, body: syntax.Body, indent: int) -> None:
        self.open_line(self.first(body), indent)
        if body.is_condition:
            self.expression(body.calculation.value)
            self.notes(body.calculation.notes, indent + STEP)
        else:
            self.calculation(body.calculation, indent)

    def guard(self, guard: syntax.Guard, indent: int) -> None:
        self.open_line(self.first(guard), indent)
        if guard.condition is None:
            self.calculation(guard.calculation, indent)
            return
        self.expression(guard.condition)
        colon = self.last(guard.condition) + 1
        if colon in self.indents:
            self.open_line(colon, indent)
        elif self.opener(colon) != self.first(guard):
            # Further in than the conditions that it hangs on.
            value = guard.calculation
            self.open_line(self.first(value), indent + 2 * STEP)
            self.expression(value.value)
            self.steps(value, indent + 3 * STEP)
            return
        self.calculation(guard.calculation, indent)

    # ── rows ─────────────────────────────────────────────────────────────────────────────

    def rows(self, rows: Sequence[syntax.Row]) -> None:
        """Bring the bars of *rows*, those of one table or of one list, to the same columns."""
        widths: dict[int, int] = {}
        for row in rows:
            for column, cell in enumerate(row.cells):
                widths[column] = max(widths.get(column, 0), self.cell_width(cell))
        for row in rows:
            for column, cell in enumerate(row.cells):
                self.spaces[self.last(cell) + 1] = 1 + widths[column] - self.cell_width(cell)

    def cell_width(self, cell: syntax.Cell) -> int:
        start, end = self.first(cell), self.last(cell)
        width = sum(len(self.words[n]) + self.spaces[n] for n in range(start, end + 1))
        return width - self.spaces[start]

    def row(self, row: syntax.Row) -> None:
        self.open_line(self.first(row), 2 * STEP)
        self.notes(row.notes, 3 * STEP, gap=1)

    # ── indicators ───────────────────────────────────────────────────────────────────────

    def indicator(self, node: syntax.Indicator) -> None:
        measure = node.measure
        body = self.first(measure)
        self.header(self.first(node), node.label, body - 1)
        self.open_line(body, STEP)
        if isinstance(measure, syntax.Addition):
            if measure.value:
                self.expression(measure.value)
            if measure.among:
                self.among(measure.among, body)
            if measure.keys:
                self.open_line(self.first(measure.keys[0]) - self._opening(measure), STEP)
        self.notes(node.notes, 2 * STEP)

    def _opening(self, measure: syntax.Addition) -> int:
        """How many tokens before its first key ``par`` stands: one, or two with a parenthesis."""
        return 2 if self.words[self.first(measure.keys[0]) - 1] == "(" else 1

    def among(self, among: syntax.Among, start: int) -> None:
        """``x parmi liste tel que condition``, at the end of a line that begins at *start*."""
        if self.fits(start, self.last(among)):
            return
        self.expression(among.walked.list)
        if among.condition:
            self.open_line(self.first(among.condition) - 1, 2 * STEP)
            self.expression(among.condition)

    # ── cases ────────────────────────────────────────────────────────────────────────────

    def case(self, node: syntax.Case) -> None:
        start, end = self.first(node), self.last(node)
        on = self.find(["au"], start, end)
        assert on is not None
        if not self.fits(start, on + 1):
            self.case_header(node, start, on)
        clauses: list[syntax.Given | syntax.Expected | syntax.Claimed]
        clauses = [*node.given, *node.expected, *node.claimed]
        for clause in sorted(clauses, key=lambda c: c.span.start):
            self.clause(clause)

    def case_header(self, node: syntax.Case, start: int, on: int) -> None:
        base = self.find(["comme"], start, on)
        population = self.find(["population"], start, on)
        after = self.find(["d'après"], start, on)
        if base and not self.fits(start, (population or after or on) - 1):
            self.open_line(base, STEP)
        if population and not self.fits(start, (after or on) - 1):
            self.open_line(population, STEP)
            for member in node.population[1:]:
                if not self.fits(self.first(member) - 1, self.last(member)):
                    self.open_line(self.first(member), 2 * STEP)
        if after:
            self.open_line(after, STEP)
            for reference in node.references[1:]:
                if not self.fits(self.first(reference) - 1, self.last(reference)):
                    self.open_line(self.first(reference), 2 * STEP)
        if not self.fits(on - 1, on + 1):
            self.open_line(on, STEP)

    def clause(self, clause: syntax.Given | syntax.Expected | syntax.Claimed) -> None:
        start, end = self.first(clause), self.last(clause)
        self.open_line(start, STEP, spaced=True)
        if isinstance(clause, syntax.Claimed):
            if not self.fits(start, end):
                self.open_line(self.first(clause.path), 2 * STEP)
            self.value(clause.value, 2 * STEP)
            return
        self.rows(clause.rows)
        for row in clause.rows:
            self.row(row)
        if clause.value:
            self.value(clause.value, 2 * STEP)
        if clause.rows:
            end = self.first(clause.rows[0]) - 1
        if isinstance(clause, syntax.Expected) and not self.fits(start, end):
            word = self.find(["manque", "par", "sauf"], self.last(clause.path) + 1, end)
            if word:
                self.open_line(word, 2 * STEP)
                for part in (clause.missing or clause.reasons or clause.apart or ())[1:]:
                    if not self.fits(self.first(part) - 1, self.last(part)):
                        self.open_line(self.first(part), 3 * STEP)

    def value(self, value: syntax.CaseValue, indent: int) -> None:
        if not isinstance(value, syntax.ValueList) or not value.values:
            return
        start, end = self.first(value), self.last(value)
        if self.fits(start, end):
            return
        for n, inside in enumerate(value.values):
            if not n or not self.fits(self.first(inside) - 1, self.last(inside)):
                self.open_line(self.first(inside), indent)
            self.value(inside, indent + STEP)
        self.open_line(end, indent - STEP)
