"""The type of an expression of the core program, as far as it shows."""

from __future__ import annotations

from collections.abc import Mapping

from lexald.dsl import program as core
from lexald.dsl.operations import FUNCTIONS
from lexald.dsl.types import BOOL, DATE, DURATION, EXACT, INT, EntityType, ListType, Type

Variables = Mapping[str, Type | None]


def type_of(expr: core.Expr, program: core.Program, variables: Variables) -> Type | None:
    """The type of *expr*, *variables* being those of the walks around it; `None` when it does not
    show."""
    match expr:
        case core.Current(entity):
            return EntityType(entity)
        case core.Previous(sequence):
            return EntityType(sequence.entity)
        case core.Variable(name):
            return variables.get(name)
        case core.Root(name):
            return program.roots[name].type
        case core.Owner(base):
            owned = type_of(base, program, variables)
            owner = program.entities[owned.name].owner if isinstance(owned, EntityType) else None
            return EntityType(owner) if owner else None
        case core.Fact(base, name):
            holder = type_of(base, program, variables)
            if not isinstance(holder, EntityType):
                return None
            field = program.entities[holder.name].fields.get(name)
            return field.type if field else None
        case core.DecisionValue(name):
            return program.decisions[name].type
        case core.ParameterValue(name):
            return program.parameters[name].type
        case core.TableValue(name):
            return program.tables[name].type
        case core.Noted(operand) | core.Negate(operand):
            return type_of(operand, program, variables)
        case core.Choice(_, then, otherwise):
            return type_of(then, program, variables) or type_of(otherwise, program, variables)
        case core.Staged(value, steps):
            return _staged(type_of(value, program, variables), steps)
        case core.Walk(_, _, items, _, _, _):
            if expr.word in ("premier", "dernier"):
                return item_of(type_of(items, program, variables))
            return expr.type
        case core.Groups(_, items):
            listed = type_of(items, program, variables)
            return ListType(listed) if listed else None
        case core.Arithmetic() | core.Extremum() | core.Supposing():
            return expr.type
        case core.AsOf(_, content):
            return type_of(content, program, variables)
        case core.Exact():
            return EXACT
        case core.Shift() | core.Edge() | core.ConsideredDate():
            return DATE
        case core.Days():
            return ListType(DATE)
        case core.Gap():
            return DURATION
        case core.Builtin(name):
            return FUNCTIONS[name].result
        case core.Collection(items):
            found = (type_of(value, program, variables) for value, _ in items)
            item = next((kind for kind in found if kind), None)
            return ListType(item) if item else None
        case (
            core.Not() | core.All() | core.Some() | core.Count() | core.Compare() | core.IsOneOf()
            | core.IsIn() | core.IsPresent() | core.IsApplicable() | core.Covers()
            | core.Overlaps()
        ):  # fmt: skip
            return BOOL
    return None


def item_of(kind: Type | None) -> Type | None:
    """The type of the items of a list of *kind*."""
    return kind.item if isinstance(kind, ListType) else None


def _staged(kind: Type | None, steps: tuple[core.Step, ...]) -> Type | None:
    for step in steps:
        match step:
            case core.Round(money=False):
                kind = INT
            case core.Cap() | core.Floor() | core.SharedCap():
                kind = step.type
    return kind
