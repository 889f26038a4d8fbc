"""Every way in which one expression may be written wrong: each edit of each of its nodes, with
the expression that it makes of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.source import Span
from lexald.dsl.types import BOOL, DATE, DURATION, Type

from .edits import LONGEST, Context, Edit, edits_of, is_implied, plain, said
from .kinds_of import Variables, item_of, type_of

# A child: the node again with another in its place, the child, where it stands, its variables.
Child = tuple[Callable[[Any], core.Expr], core.Expr, Context, Variables]


@attrs.frozen
class Rewriting:
    """*edit* made somewhere in an expression, which becomes *whole*. *shown*: the piece of text
    in which a reader sees it."""

    edit: Edit
    whole: core.Expr
    shown: Span


def rewritings(
    expr: core.Expr, kind: Type | None, program: core.Program, *, is_guard: bool
) -> Iterator[Rewriting]:
    """The rewritings of *expr*, which is of type *kind*; *is_guard*: a condition, or the whole of
    a yes-or-no rule, which may be inverted."""
    if is_guard and not isinstance(expr, core.Constant):
        phrase = f"la condition `{said(expr)}` est inversée"
        edit = Edit("negation", expr, core.Not(expr, span=expr.span), phrase=phrase)
        yield Rewriting(edit, edit.new, expr.span)
    yield from _Trees(program).rewritings(expr, Context(kind), {}, None)
    yield from _exchanges(expr, program)


class _Trees:
    def __init__(self, program: core.Program) -> None:
        self.program = program

    def rewritings(
        self, node: core.Expr, context: Context, variables: Variables, shown: Span | None
    ) -> Iterator[Rewriting]:
        if shown is None and 0 < len(plain(node.span.text)) <= LONGEST:
            shown = node.span
        for edit in edits_of(node, context, self.program):
            yield Rewriting(edit, edit.new, shown or node.span)
        for put, child, inside, known in self._children(node, context, variables):
            for found in self.rewritings(child, inside, known, shown):
                yield attrs.evolve(found, whole=put(found.whole))

    def _type(self, expr: core.Expr, variables: Variables) -> Type | None:
        return type_of(expr, self.program, variables)

    def _children(self, node: core.Expr, context: Context, variables: Variables) -> Iterator[Child]:
        def put(name: str, place: int | None = None) -> Callable[[Any], core.Expr]:
            def made(new: Any) -> core.Expr:
                value = new
                if place is not None:
                    held = getattr(node, name)
                    value = (*held[:place], new, *held[place + 1 :])
                changed: core.Expr = attrs.evolve(node, **{name: value})
                return changed

            return made

        def one(name: str, inside: Context, known: Variables = variables) -> Iterator[Child]:
            child = getattr(node, name)
            if child is not None:
                yield put(name), child, inside, known

        def several(name: str, inside: Context) -> Iterator[Child]:
            for place, child in enumerate(getattr(node, name)):
                yield put(name, place), child, inside, variables

        condition = Context(BOOL)
        match node:
            case core.Not(core.Compare() as compared):
                # The comparison as a whole is edited with its `Not`.
                for side, child, inside, known in self._sides(compared, variables):
                    yield _negated(node, side), child, inside, known
            case core.Compare():
                yield from self._sides(node, variables)
            case core.Not() | core.Noted() | core.Negate() | core.Exact():
                yield from one("operand", context)
            case core.All() | core.Some() | core.Count():
                yield from several("operands", condition)
            case core.Extremum():
                yield from several("operands", Context(node.type))
            case core.IsOneOf():
                yield from one("operand", Context())
            case core.IsIn(_, items):
                kind = item_of(self._type(items, variables))
                yield from one("operand", Context(kind))
                yield from one("items", Context())
            case core.Choice():
                yield from one("condition", condition)
                branch = condition if is_implied(node) else context
                yield from one("then", branch)
                yield from one("otherwise", branch)
            case core.Arithmetic():
                yield from one("left", Context())
                yield from one("right", Context())
            case core.TableValue(name, arguments):
                for place, column in enumerate(self.program.tables[name].columns):
                    yield put("arguments", place), arguments[place], Context(column.type), variables
            case core.Builtin():
                yield from several("arguments", Context())
            case core.Shift():
                yield from one("day", Context(DATE))
                yield from one("duration", Context(DURATION))
            case core.Walk(_, variable, items):
                item = {**variables, variable: item_of(self._type(items, variables))}
                body = condition if node.word == "tout" else Context(node.type)
                yield from one("items", Context())
                yield from one("condition", condition, item)
                yield from one("body", body, item)
            case core.Groups(variable, items):
                yield from one("items", Context())
            case core.Collection():
                yield from self._members(node, item_of(context.kind), variables)
            case core.AsOf():
                yield from one("day", Context(DATE))
                yield from one("content", context)
            case core.Supposing(decision):
                yield from one("value", Context(self.program.decisions[decision.name].type))
                yield from one("content", context)
            case core.Staged(value, steps):
                yield from one("value", Context(self._type(value, variables) or context.kind))
                yield from self._in_steps(node, steps, variables)
            case core.Fact() | core.DecisionValue() | core.Owner():
                yield from one("base", Context())
            case core.IsPresent() | core.IsApplicable():
                yield from one("operand", Context())
            case core.Gap():
                yield from one("end", Context(DATE))
                yield from one("start", Context(DATE))
            case core.Range():
                yield from one("first", Context(DATE))
                yield from one("last", Context(DATE))
            case core.Covers():
                yield from one("period", Context())
                yield from one("item", Context(DATE))
            case core.Overlaps():
                yield from one("left", Context())
                yield from one("right", Context())
            case core.Edge():
                yield from one("period", Context())
            case core.Days():
                yield from several("periods", Context())

    def _members(
        self, node: core.Collection, kind: Type | None, variables: Variables
    ) -> Iterator[Child]:
        def put(place: int, value: core.Expr, test: core.Expr | None) -> core.Expr:
            pairs = (*node.items[:place], (value, test), *node.items[place + 1 :])
            return attrs.evolve(node, items=pairs)

        for place, (value, test) in enumerate(node.items):

            def valued(new: Any, place: int = place, test: core.Expr | None = test) -> core.Expr:
                return put(place, new, test)

            def tested(new: Any, place: int = place, value: core.Expr = value) -> core.Expr:
                return put(place, value, new)

            yield valued, value, Context(kind), variables
            if test is not None:
                yield tested, test, Context(BOOL), variables

    def _sides(self, node: core.Compare, variables: Variables) -> Iterator[Child]:
        kinds = self._type(node.left, variables), self._type(node.right, variables)
        kind = kinds[0] or kinds[1]
        skips = (-1, 1) if node.operator == "<" else (-1, -1)
        for name, skip in zip(("left", "right"), skips, strict=True):

            def put(new: Any, name: str = name) -> core.Expr:
                return attrs.evolve(node, **{name: new})

            yield put, getattr(node, name), Context(kind, True, skip), variables

    def _in_steps(
        self, node: core.Staged, steps: tuple[core.Step, ...], variables: Variables
    ) -> Iterator[Child]:
        for place, step in enumerate(steps):
            if not isinstance(step, core.Cap | core.Floor | core.SharedCap):
                continue
            names = ["limit"] + (["already"] if isinstance(step, core.SharedCap) else [])
            for name in names:
                child = getattr(step, name)
                if child is None:
                    continue

                def put(
                    new: Any, place: int = place, name: str = name, step: Any = step
                ) -> core.Expr:
                    changed = attrs.evolve(step, **{name: new})
                    return attrs.evolve(node, steps=(*steps[:place], changed, *steps[place + 1 :]))

                counts = isinstance(step, core.SharedCap) and step.counts
                yield put, child, Context(None if counts else step.type), variables


def _negated(node: core.Not, side: Callable[[Any], core.Expr]) -> Callable[[Any], core.Expr]:
    return lambda new: attrs.evolve(node, operand=side(new))


# ── inputs of one type ───────────────────────────────────────────────────────────────────


def _exchanges(expr: core.Expr, program: core.Program) -> Iterator[Rewriting]:
    """*expr* with two inputs of one type, read of one element, taken one for the other."""
    inputs: dict[object, dict[core.Expr, None]] = {}
    for node in _inputs(expr):
        kind = _input_type(node, program)
        if kind is None or kind == BOOL:
            continue
        key = (type(node), getattr(node, "base", None), kind)
        inputs.setdefault(key, {})[node] = None
    before = normal(expr)
    for group in inputs.values():
        for one, other in combinations(group, 2):
            new = _swapped(expr, {one: other, other: one})
            if normal(new) != before:
                phrase = (
                    f"`{said(one)}` et `{said(other)}` sont pris l'un pour l'autre dans {{shown}}"
                )
                edit = Edit("exchange", expr, new, phrase=phrase)
                yield Rewriting(edit, new, expr.span)


def _inputs(expr: object) -> Iterator[core.Expr]:
    todo = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(reversed(node))
        elif isinstance(node, core.Fact | core.DecisionValue | core.ParameterValue):
            yield node
        elif isinstance(node, core.Spanned) and not isinstance(node, core.Sequence):
            fields = [f.name for f in attrs.fields(type(node)) if f.name not in ("span", "notes")]
            todo.extend(getattr(node, name) for name in reversed(fields))


def _input_type(node: core.Expr, program: core.Program) -> Type | None:
    if not isinstance(node, core.Fact):
        return type_of(node, program, {})
    found = type_of(node, program, {})
    if found is not None:
        return found
    # Of a variable: the type that every entity gives to a field of this name.
    kinds = {e.fields[node.name].type for e in program.entities.values() if node.name in e.fields}
    return kinds.pop() if len(kinds) == 1 else None


def _swapped(node: Any, pairs: dict[core.Expr, core.Expr]) -> Any:
    if isinstance(node, tuple):
        return tuple(_swapped(one, pairs) for one in node)
    if not isinstance(node, core.Spanned) or isinstance(node, core.Sequence):
        return node
    if isinstance(node, core.Fact | core.DecisionValue | core.ParameterValue) and node in pairs:
        return pairs[node]
    changed = {}
    for field in attrs.fields(type(node)):
        if field.name in ("span", "notes"):
            continue
        old = getattr(node, field.name)
        new = _swapped(old, pairs)
        if new is not old and new != old:
            changed[field.name] = new
    return attrs.evolve(node, **changed) if changed else node


def normal(node: Any) -> Any:
    """*node* as nested tuples, notes left out and the order of operands where it does not count:
    two expressions of one normal form say the same."""
    if isinstance(node, tuple):
        return tuple(normal(one) for one in node)
    if not isinstance(node, core.Spanned):
        return (type(node).__name__, node)
    if isinstance(node, core.Noted):
        return normal(node.operand)
    if isinstance(node, core.Staged):
        return _through(node)
    parts = [
        normal(getattr(node, field.name))
        for field in attrs.fields(type(node))
        if field.name not in ("span", "notes")
    ]
    loose = isinstance(node, core.All | core.Some | core.Count | core.Extremum | core.IsOneOf)
    if loose:
        parts = [
            tuple(sorted(part, key=repr))
            if isinstance(part, tuple) and part and isinstance(part[0], tuple)
            else part
            for part in parts
        ]
    elif (isinstance(node, core.Arithmetic) and node.operator in "+×") or (
        isinstance(node, core.Compare) and node.operator == "="
    ):
        parts = sorted(parts, key=repr)
    return (type(node).__name__, *parts)


def _through(node: core.Staged) -> Any:
    """A value and its steps: the smaller of two is that of the other two."""
    form = normal(node.value)
    for step in node.steps:
        match step:
            case core.Cap(limit) | core.Floor(limit):
                form = (type(step).__name__, *sorted((form, normal(limit)), key=repr))
            case _:
                parts = (getattr(step, field.name) for field in attrs.fields(type(step)))
                names = [field.name for field in attrs.fields(type(step))]
                kept = [
                    p for p, name in zip(parts, names, strict=True) if name not in ("span", "notes")
                ]
                form = (type(step).__name__, form, *map(normal, kept))
    return form
