"""Which decisions may be unknown, or not apply, though every fact is told.

Found in the law alone, and never too little: what is not found here cannot happen.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import DURATION, Type
from lexald.dsl.values import Duration

from ..stretches import rules_of


@attrs.frozen
class Possible:
    """*open*: decisions that a text may leave open; *idle*: those that may not apply."""

    open: frozenset[str]
    idle: frozenset[str]

    def is_closed(self, program: core.Program, expr: core.Expr) -> bool:
        """Whether *expr* is known as soon as every fact is."""
        return not any(
            is_open(program, node)
            or (isinstance(node, core.DecisionValue) and node.name in self.open)
            for node in core.parts(expr)
        )


def possible(program: core.Program) -> Possible:
    open_: set[str] = set()
    idle: set[str] = set()
    calls: dict[str, set[str]] = {}
    for name, decision in program.decisions.items():
        called: set[str] = set()
        calls[name] = called
        if decision.applicable is not None:
            idle.add(name)
        for node in core.parts(rules_of(decision)):
            if isinstance(node, core.DecisionValue):
                called.add(node.name)
            if is_open(program, node):
                open_.add(name)
            if isinstance(node, core.TableValue) and any(
                isinstance(row.result, core.NotApplicableResult)
                for row in _rows(program.tables[node.name])
            ):
                idle.add(name)
    for found in (open_, idle):
        grown = True
        while grown:
            more = {name for name, called in calls.items() if name not in found and called & found}
            found |= more
            grown = bool(more)
    return Possible(frozenset(open_), frozenset(idle))


def is_open(program: core.Program, node: object) -> bool:
    """Whether *node* by itself may be unknown when all that it reads is known."""
    match node:
        case core.Undetermined():
            return True
        case core.TableValue(name):
            table = program.tables[name]
            return (
                any(v.period.attested for v in table.versions)
                or any(
                    isinstance(row.result, core.UnknownResult) or row.attested
                    for row in _rows(table)
                )
                or any(column.type == DURATION for column in table.columns)
            )
        case core.ParameterValue(name):
            return any(v.period.attested for v in program.parameters[name].versions)
        case core.RuleVersion(period):
            return period.attested
        case core.Compare(_, left, right, None):
            return DURATION in (type_of(program, left), type_of(program, right))
        case core.IsOneOf(operand):
            return type_of(program, operand) == DURATION
        case core.Extremum(_, _, kind) | core.Cap(_, kind) | core.Floor(_, kind):
            return kind == DURATION
        case core.Walk(word=word, type=kind):
            return kind == DURATION and word in ("maximum", "minimum")
    return False


def _rows(table: core.Table) -> Iterator[core.TableRow]:
    for version in table.versions:
        yield from version.rows


def type_of(program: core.Program, expr: core.Expr) -> Type | None:
    """The type of *expr*, where it says it; enough to tell a duration."""
    match expr:
        case core.Constant(value):
            return DURATION if isinstance(value, Duration) else None
        case core.Gap():
            return DURATION
        case core.Arithmetic(type=kind) | core.Extremum(type=kind) | core.Walk(type=kind):
            return kind
        case core.Noted(operand) | core.Negate(operand) | core.Staged(operand):
            return type_of(program, operand)
        case core.Choice(_, then, otherwise):
            return type_of(program, then) or type_of(program, otherwise)
        case core.AsOf(content=content):
            return type_of(program, content)
        case core.DecisionValue(name):
            return program.decisions[name].type
        case core.ParameterValue(name):
            return program.parameters[name].type
        case core.TableValue(name):
            return program.tables[name].type
        case core.Root(name):
            return program.roots[name].type
        case core.Fact(_, name):
            kinds = {e.fields[name].type for e in program.entities.values() if name in e.fields}
            return DURATION if DURATION in kinds else next(iter(kinds))
    return None
