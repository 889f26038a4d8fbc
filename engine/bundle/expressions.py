"""The types of core expressions, worked out anew: every name resolves, every place is held to the
type that it asks for.

The checker types what was written; this types what a bundle says, without the syntax. It is
looser where evaluation cannot tell: numbers stand for one another, and so do periods.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, KeysView, Mapping
from datetime import date
from fractions import Fraction
from typing import TypeVar, assert_never, cast

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.operations import FUNCTIONS, result_type
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    NUMBERS,
    ORDERED,
    PERIOD,
    PERIODS,
    TEXT,
    EntityType,
    EnumType,
    ListType,
    Type,
    Whatever,
)
from lexald.dsl.values import Amount, Duration

from .shapes import Misshapen


@attrs.frozen
class Words:
    """The type of a text in the law: a text, or a member of any enumeration that has them all."""

    said: frozenset[str]


# `None` is the type of what fits any place: absent, undetermined.
Found = Type | Words | None
_Asked = Generator["tuple[core.Expr, Scope]", Found, Found]

ADDABLE = frozenset({INT, *NUMBERS, AMOUNT, EXACT, DURATION})
T = TypeVar("T")
_EDGES = ("premier jour", "dernier jour", "premier jour après")
_UNITS = ("jours", "mois", "années")


@attrs.frozen
class Scope:
    """Where an expression stands: of which entity, and the variables of the walks around it."""

    entity: str | None = None
    variables: Mapping[str, Found] = attrs.field(factory=dict)

    def with_variable(self, name: str, kind: Found) -> Scope:
        return Scope(self.entity, {**self.variables, name: kind})


def wrong(what: str) -> Misshapen:
    """The fault that *what* says."""
    return Misshapen(what)


class Typing:
    """Types the expressions of *program*. Nothing is evaluated."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self._ceilings: frozenset[int] = frozenset()

    def expect(
        self,
        expr: core.Expr | None,
        kind: Found,
        scope: Scope,
        *,
        ceilings: frozenset[int] = frozenset(),
    ) -> None:
        """Hold *expr* to the type *kind*; `None` is no expression at all.

        Args:
            ceilings: the `id` of the shared ceilings that may stand in it.

        Raises:
            Misshapen: it has another type, or names what is not there.
        """
        if expr is not None:
            self._ceilings = ceilings
            self.fits(self.type_of(expr, scope), kind)

    def type_of(self, expr: core.Expr, scope: Scope) -> Found:
        """The type of *expr*. A stack, no recursion: expressions nest as deep as they like.

        Raises:
            Misshapen: it is not well typed.
        """
        stack = [self._type(expr, scope)]
        answer: Found = None
        starting = True
        while stack:
            try:
                inner, where = next(stack[-1]) if starting else stack[-1].send(answer)
            except StopIteration as done:
                stack.pop()
                answer, starting = done.value, False
            else:
                stack.append(self._type(inner, where))
                starting = True
        return answer

    # ── types ────────────────────────────────────────────────────────────────────────────

    def fits(self, found: Found, wanted: Found) -> None:
        """*found* may stand where *wanted* is asked for."""
        self.common(found, wanted)

    def common(self, one: Found, other: Found) -> Found:
        """The type of what is *one* or *other*."""
        if isinstance(one, Whatever) or one is None:
            return other
        if isinstance(other, Whatever) or other is None or one == other:
            return one
        match one, other:
            case Words(a), Words(b):
                return Words(a | b)
            case (Words(said), EnumType(name) as kind) | (EnumType(name) as kind, Words(said)):
                if said <= self.members(name):
                    return kind
            case (Words(), kind) | (kind, Words()) if kind == TEXT:
                return TEXT
            case ListType(a), ListType(b):
                self.common(a, b)
                return one
            case _ if {one, other} <= NUMBERS or {one, other} <= PERIODS:
                return one
        raise wrong(f"{_said(one)} where {_said(other)} is asked for")

    def members(self, name: str) -> KeysView[str]:
        if name not in self.program.enumerations:
            raise wrong(f"no enumeration {name!r}")
        return self.program.enumerations[name].members.keys()

    def value(self, value: core.Value) -> Found:
        """The type of a value."""
        todo: list[core.Value] = [value]
        kind: Found = None
        depth = 0
        while todo and isinstance(todo[0], tuple):  # a list is of values of one type
            todo, depth = [inside for one in todo for inside in self._items(one)], depth + 1
        for one in todo:
            kind = self.common(kind, self._scalar(one))
        for _ in range(depth):
            kind = ListType(_plain(kind))
        return kind

    def _items(self, value: core.Value) -> tuple[core.Value, ...]:
        if not isinstance(value, tuple):
            raise wrong("a list and a value in one list")
        return value

    def _scalar(self, value: core.Value) -> Found:
        match value:
            case None:
                return None
            case bool():
                return BOOL
            case int():
                return INT
            case Fraction():
                return DECIMAL
            case Amount():
                return AMOUNT
            case Duration():
                return DURATION
            case date():
                return DATE
            case DateRange():
                return PERIOD
            case str():
                return Words(frozenset([value]))
            case tuple():
                raise wrong("a list and a value in one list")
        assert_never(value)

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _type(self, expr: core.Expr, scope: Scope) -> _Asked:
        program = self.program
        match expr:
            case core.Constant(value):
                return self.value(value)
            case core.Current(entity):
                if entity != scope.entity:
                    raise wrong(f"the element of {entity!r} in a rule of {scope.entity!r}")
                return EntityType(entity)
            case core.Variable(name):
                if name not in scope.variables:
                    raise wrong(f"no variable {name!r}")
                return scope.variables[name]
            case core.Previous(sequence):
                if sequence.entity != scope.entity:
                    raise wrong(f"the element before of {sequence.entity!r} in another rule")
                yield from self._keys(sequence.keys, scope)
                yield from self._order(sequence.order, scope)
                return EntityType(sequence.entity)
            case core.Root(name):
                return _named(program.roots, name, "root").type
            case core.Owner(base):
                owner = self._entity((yield base, scope)).owner
                if owner is None:
                    raise wrong("the owner of what belongs to nothing")
                return EntityType(owner)
            case core.Fact(base, name):
                entity_ = self._entity((yield base, scope))
                return _named(entity_.fields, name, f"fact of {entity_.name!r}").type
            case core.DecisionValue():
                return (yield from self._decision(expr, scope))
            case core.ParameterValue(name):
                return _named(program.parameters, name, "parameter").type
            case core.TableValue(name, arguments):
                table = _named(program.tables, name, "table")
                if len(arguments) != len(table.columns):
                    raise wrong(f"table {name!r} has {len(table.columns)} columns")
                for argument, column in zip(arguments, table.columns, strict=True):
                    self.fits((yield argument, scope), column.type)
                return table.type
            case core.Not(operand):
                self.fits((yield operand, scope), BOOL)
                return BOOL
            case core.All(operands) | core.Some(operands):
                yield from self._all(operands, BOOL, scope)
                return BOOL
            case core.Count(minimum, maximum, operands):
                if minimum < 0 or (maximum is not None and maximum < minimum):
                    raise wrong("a count between no two numbers")
                yield from self._all(operands, BOOL, scope)
                return BOOL
            case core.Compare():
                yield from self._compare(expr, scope)
                return BOOL
            case core.IsOneOf(operand, choices):
                kind = yield operand, scope
                for choice in choices:
                    kind = self.common(kind, (yield choice, scope))
                return BOOL
            case core.IsIn(operand, items):
                self.common((yield operand, scope), self._item((yield items, scope)))
                return BOOL
            case core.IsPresent(operand):
                yield operand, scope
                return BOOL
            case core.IsApplicable(operand):
                yield operand, scope
                return BOOL
            case core.Arithmetic():
                return (yield from self._arithmetic(expr, scope))
            case core.Negate(operand):
                return _one_of((yield operand, scope), ADDABLE)
            case core.Exact(operand):
                self.fits((yield operand, scope), AMOUNT)
                return EXACT
            case core.Shift(day, duration, sign):
                if sign not in (1, -1):
                    raise wrong("a shift neither forward nor back")
                self.fits((yield day, scope), DATE)
                self.fits((yield duration, scope), DURATION)
                return DATE
            case core.Gap(end, start, unit):
                _word(unit, _UNITS)
                yield from self._all((end, start), DATE, scope)
                return DURATION
            case core.Range(first, last):
                yield from self._all((first,) if last is None else (first, last), DATE, scope)
                return PERIOD
            case core.Covers(period, item, of_period):
                self.fits((yield period, scope), PERIOD)
                self.fits((yield item, scope), PERIOD if of_period else DATE)
                return BOOL
            case core.Overlaps(left, right):
                yield from self._all((left, right), PERIOD, scope)
                return BOOL
            case core.Edge(which, period):
                _word(which, _EDGES)
                self.fits((yield period, scope), PERIOD)
                return DATE
            case core.Days(periods):
                yield from self._all(periods, PERIOD, scope)
                return ListType(DATE)
            case core.Builtin(name, arguments):
                function = _named(FUNCTIONS, name, "function")
                if len(arguments) != len(function.parameters):
                    raise wrong(f"function {name!r} takes {len(function.parameters)} arguments")
                for argument, parameter in zip(arguments, function.parameters, strict=True):
                    self.fits((yield argument, scope), parameter)
                return function.result
            case core.Choice(condition, then, otherwise):
                self.fits((yield condition, scope), BOOL)
                return self.common((yield then, scope), (yield otherwise, scope))
            case core.Walk():
                return (yield from self._walk(expr, scope))
            case core.Groups(variable, items, keys):
                one = self._item((yield items, scope))
                yield from self._keys(keys, scope.with_variable(variable, one))
                return ListType(ListType(_plain(one)))
            case core.Extremum(word, operands, kind):
                _word(word, ("somme", "maximum", "minimum"))
                _one_of(kind, ADDABLE if word == "somme" else ORDERED)
                yield from self._all(operands, kind, scope)
                return kind
            case core.Collection(members):
                kind = None
                for member, only_if in members:
                    if only_if is not None:
                        self.fits((yield only_if, scope), BOOL)
                    kind = self.common(kind, (yield member, scope))
                return ListType(_plain(kind))
            case core.AsOf(day, content):
                self.fits((yield day, scope), DATE)
                return (yield content, scope)
            case core.Supposing(decision, value, content, kind):
                self.fits((yield value, scope), (yield from self._decision(decision, scope)))
                self.fits((yield content, scope), kind)
                return kind
            case core.ConsideredDate():
                return DATE
            case core.Undetermined():
                return None
            case core.Noted(operand):
                return (yield operand, scope)
            case core.Staged():
                return (yield from self._staged(expr, scope))
        assert_never(expr)

    def _all(self, operands: Iterable[core.Expr], kind: Found, scope: Scope) -> _Asked:
        for operand in operands:
            self.fits((yield operand, scope), kind)
        return kind

    def _keys(self, keys: Iterable[core.Expr], scope: Scope) -> _Asked:
        for key in keys:
            yield key, scope
        return None

    def _order(self, order: Iterable[core.Expr], scope: Scope) -> _Asked:
        for key in order:
            _one_of((yield key, scope), ORDERED)
        return None

    def _decision(self, expr: core.DecisionValue, scope: Scope) -> _Asked:
        decision = _named(self.program.decisions, expr.name, "decision")
        if (decision.entity is None) != (expr.base is None):
            raise wrong(f"decision {expr.name!r} of what it is not of")
        if expr.base is not None and decision.entity is not None:
            self.fits((yield expr.base, scope), EntityType(decision.entity))
        return decision.type

    def _compare(self, expr: core.Compare, scope: Scope) -> _Asked:
        _word(expr.operator, ("<", "="))
        left = yield expr.left, scope
        right = yield expr.right, scope
        kind = self.common(left, right)
        if expr.start is not None:
            self.fits((yield expr.start, scope), DATE)
            self.fits(kind, DURATION)
        elif expr.operator == "<":
            _one_of(kind, ORDERED)
        return BOOL

    def _arithmetic(self, expr: core.Arithmetic, scope: Scope) -> _Asked:
        _word(expr.operator, ("+", "-", "×", "÷"))
        left = yield expr.left, scope
        right = yield expr.right, scope
        _one_of(expr.type, ADDABLE)
        if left is None or right is None:
            return expr.type
        if left in NUMBERS and right in NUMBERS:
            self.fits(expr.type, DECIMAL)
            return expr.type
        if isinstance(left, Words) or isinstance(right, Words):
            raise wrong("arithmetic on texts")
        found = result_type(expr.operator, left, right)
        if found is None or found == DATE:
            raise wrong(f"{left} {expr.operator} {right}")
        self.fits(found, expr.type)
        return expr.type

    def _walk(self, expr: core.Walk, scope: Scope) -> _Asked:
        item = self._item((yield expr.items, scope))
        inside = scope.with_variable(expr.variable, item)
        if expr.condition is not None:
            self.fits((yield expr.condition, inside), BOOL)
        if expr.order is not None:
            _one_of((yield expr.order, inside), ORDERED)
        body = None if expr.body is None else (yield expr.body, inside)
        match expr.word:
            case "somme" | "maximum" | "minimum":
                _one_of(expr.type, ADDABLE if expr.word == "somme" else ORDERED)
                self.fits(body, expr.type)
            case "tout" | "existe":
                self.fits(body, BOOL)
                self.fits(expr.type, BOOL)
            case "nombre":
                self.fits(expr.type, INT)
            case "premier" | "dernier":
                self.fits(item, expr.type)
            case "liste":
                self.fits(item, self._item(expr.type))
            case word:
                raise wrong(f"no walk {word!r}")
        needs_body = expr.word in ("somme", "maximum", "minimum", "tout")
        if needs_body != (expr.body is not None):
            raise wrong(f"the body of a walk {expr.word!r}")
        return expr.type

    def _staged(self, expr: core.Staged, scope: Scope) -> _Asked:
        kind = yield expr.value, scope
        for step in expr.steps:
            match step:
                case core.Cap(limit, declared) | core.Floor(limit, declared):
                    _one_of(kind, ORDERED)
                    self.fits(kind, declared)
                    self.fits((yield limit, scope), declared)
                case core.Widen():
                    self.fits(kind, AMOUNT)
                    kind = EXACT
                case core.Round(unit, _, money):
                    if unit < 1:
                        raise wrong("rounded to a multiple of nothing")
                    if kind is not None:
                        _one_of(kind, {AMOUNT, EXACT} if money else NUMBERS)
                    kind = AMOUNT if money else INT
                case core.WorkingDay():
                    self.fits(kind, DATE)
                case core.SharedCap():
                    if scope.entity is None or id(step) not in self._ceilings:
                        raise wrong("a shared ceiling on less than a rule of a list")
                    _one_of(step.type, ADDABLE)
                    self.fits(kind, step.type)
                    counted = INT if step.counts else step.type
                    self.fits((yield step.limit, scope), counted)
                    if step.already is not None:
                        self.fits((yield step.already, scope), counted)
                    yield from self._keys(step.keys, scope)
                    yield from self._order(step.order, scope)
                    if step.counts and not step.order:
                        raise wrong("a ceiling in number without an order")
                case _:
                    assert_never(step)
        return kind

    def _entity(self, found: Found) -> core.Entity:
        if not isinstance(found, EntityType):
            raise wrong(f"{_said(found)} where an element is asked for")
        return _named(self.program.entities, found.name, "entity")

    def _item(self, found: Found) -> Found:
        if found is None:
            return None
        if not isinstance(found, ListType):
            raise wrong(f"{_said(found)} where a list is asked for")
        return None if isinstance(found.item, Whatever) else found.item


def _plain(kind: Found) -> Type:
    """*kind* as the item of a list. Here, a list may be of `Words`."""
    return Whatever() if kind is None else cast(Type, kind)


def _said(kind: Found) -> str:
    if isinstance(kind, Words):
        return f"« {', '.join(sorted(kind.said)[:3])} »"
    return "nothing known" if kind is None else str(kind)


def _one_of(found: Found, allowed: Iterable[Type]) -> Found:
    if found is not None and not any(found == kind for kind in allowed):
        listed = ", ".join(sorted(str(kind) for kind in allowed))
        raise wrong(f"{_said(found)} where one of {listed} is asked for")
    return found


def _word(word: str, allowed: Iterable[str]) -> None:
    if word not in allowed:
        raise wrong(f"{word!r} where one of {', '.join(allowed)} is asked for")


def _named(known: Mapping[str, T], name: str, what: str) -> T:
    if name not in known:
        raise wrong(f"no {what} {name!r}")
    return known[name]
