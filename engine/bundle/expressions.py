"""The types of core expressions, worked out anew: every name resolves, every place is held to the
type that it asks for, and a value that may be absent or not applicable is read under a test of it.

The checker types what was written; this types what a bundle says, without the syntax.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, KeysView, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeVar, assert_never, cast

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.operations import FUNCTIONS, result_type
from lexald.dsl.scopes import Known, implied, steady
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    NUMBERS,
    OPEN_PERIOD,
    ORDERED,
    PERIOD,
    PERIODS,
    RATE,
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


class Answer(NamedTuple):
    """The type of an expression, and whether it may be absent, or not applicable."""

    kind: Found
    absent: bool = False
    inapplicable: bool = False


_Asked = Generator["tuple[core.Expr, Scope]", Answer, Answer]
_Done = Generator["tuple[core.Expr, Scope]", Answer, None]

ADDABLE = frozenset({INT, *NUMBERS, AMOUNT, EXACT, DURATION})
# Numbers that make one kind: a fraction that is written is a decimal or a rate.
_NUMBERS = ({INT, DECIMAL}, {DECIMAL, RATE})
# What is not one of the second, though both are of one kind.
_NARROWER = {(DECIMAL, INT), (RATE, INT), (INT, RATE), (OPEN_PERIOD, PERIOD)}
T = TypeVar("T")
_EDGES = ("premier jour", "dernier jour", "premier jour après")
# Durations compare only from a date: they make no order.
_RANKED = frozenset({*ORDERED, TEXT}) - {DURATION}
_UNITS = ("jours", "mois", "années")


@attrs.frozen
class Scope:
    """Where an expression stands: of which entity, the variables of the walks around it, and what
    is known there to be present and applicable."""

    entity: str | None = None
    variables: Mapping[str, Found] = attrs.field(factory=dict)
    known: Known = attrs.field(factory=Known)

    def with_variable(self, name: str, kind: Found) -> Scope:
        return Scope(self.entity, {**self.variables, name: kind}, self.known)

    def if_(self, condition: core.Expr | None, truth: bool = True) -> Scope:
        """Where *condition* is *truth*; `None` says nothing."""
        shown = implied(condition, truth) if condition is not None else None
        return Scope(self.entity, self.variables, self.known.and_(shown)) if shown else self

    def at_another_date(self) -> Scope:
        return attrs.evolve(self, known=steady(self.known))


def wrong(what: str) -> Misshapen:
    """The fault that *what* says."""
    return Misshapen(what)


class Typing:
    """Types the expressions of *program*. Nothing is evaluated."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self._ceilings: frozenset[int] = frozenset()
        self._apart: dict[str, frozenset[core.RowResult]] = {}

    def expect(
        self,
        expr: core.Expr | None,
        kind: Found,
        scope: Scope,
        *,
        optional: bool = False,
        inapplicable: bool = False,
        ceilings: frozenset[int] = frozenset(),
    ) -> None:
        """Hold *expr* to the type *kind*; `None` is no expression at all.

        Args:
            optional: it may be absent there; *inapplicable*: not applicable.
            ceilings: the `id` of the shared ceilings that may stand in it.

        Raises:
            Misshapen: it has another type, or names what is not there.
        """
        if expr is not None:
            self._ceilings = ceilings
            answer = self.type_of(expr, scope)
            self.there(answer, optional=optional, inapplicable=inapplicable)
            self.fits(answer.kind, kind)

    def type_of(self, expr: core.Expr, scope: Scope) -> Answer:
        """The type of *expr*. A stack, no recursion: expressions nest as deep as they like.

        Raises:
            Misshapen: it is not well typed.
        """
        stack = [self._type(expr, scope)]
        answer = Answer(None)
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

    def there(self, answer: Answer, *, optional: bool = False, inapplicable: bool = False) -> Found:
        """The type of what is there: neither absent (save *optional*) nor not applicable."""
        if answer.absent and not optional:
            raise wrong("a value that may be absent, read without a test")
        if answer.inapplicable and not inapplicable:
            raise wrong("a value that may be not applicable, read without a test")
        return answer.kind

    def fits(self, found: Found, wanted: Found) -> None:
        """*found* may stand where *wanted* is asked for: a whole number for a decimal, a period
        with an end for one that may be without."""
        one, other = found, wanted
        while isinstance(one, ListType) and isinstance(other, ListType):
            one, other = one.item, other.item
        if (one, other) in _NARROWER:
            raise wrong(f"{_said(found)} where {_said(wanted)} is asked for")
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
            case _ if {one, other} <= PERIODS:
                return OPEN_PERIOD
            case _ if {one, other} in _NUMBERS:
                return DECIMAL
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
                return OPEN_PERIOD if value.last is None else PERIOD
            case str():
                return Words(frozenset([value]))
            case tuple():
                raise wrong("a list and a value in one list")
        assert_never(value)

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def _type(self, expr: core.Expr, scope: Scope) -> _Asked:
        answer = yield from self._of(expr, scope)
        if not (answer.absent or answer.inapplicable):
            return answer
        return Answer(
            answer.kind,
            answer.absent and expr not in scope.known.present,
            answer.inapplicable and expr not in scope.known.applicable,
        )

    def _of(self, expr: core.Expr, scope: Scope) -> _Asked:
        program = self.program
        match expr:
            case core.Constant(value):
                return Answer(self.value(value), absent=value is None)
            case core.Current(entity):
                if entity != scope.entity:
                    raise wrong(f"the element of {entity!r} in a rule of {scope.entity!r}")
                return Answer(EntityType(entity))
            case core.Variable(name):
                if name not in scope.variables:
                    raise wrong(f"no variable {name!r}")
                return Answer(scope.variables[name])
            case core.Previous(sequence):
                if sequence.entity != scope.entity:
                    raise wrong(f"the element before of {sequence.entity!r} in another rule")
                inside = Scope(scope.entity)
                yield from self._keys(sequence.keys, inside)
                yield from self._order(sequence.order, inside)
                return Answer(EntityType(sequence.entity), absent=True)
            case core.Root(name):
                field = _named(program.roots, name, "root")
                return Answer(field.type, absent=field.optional)
            case core.Owner(base):
                owner = self._entity(self.there((yield base, scope))).owner
                if owner is None:
                    raise wrong("the owner of what belongs to nothing")
                return Answer(EntityType(owner))
            case core.Fact(base, name):
                entity_ = self._entity(self.there((yield base, scope)))
                field = _named(entity_.fields, name, f"fact of {entity_.name!r}")
                return Answer(field.type, absent=field.optional)
            case core.DecisionValue():
                return (yield from self._decision(expr, scope))
            case core.ParameterValue(name):
                return Answer(_named(program.parameters, name, "parameter").type)
            case core.TableValue(name, arguments):
                table = _named(program.tables, name, "table")
                if len(arguments) != len(table.columns):
                    raise wrong(f"table {name!r} has {len(table.columns)} columns")
                for argument, column in zip(arguments, table.columns, strict=True):
                    found = yield argument, scope
                    self.fits(self.there(found, optional=column.optional), column.type)
                results = self._results(table)
                return Answer(
                    table.type,
                    core.Constant(None) in results,
                    core.NotApplicableResult() in results,
                )
            case core.Not(operand):
                yield from self._all((operand,), BOOL, scope)
                return Answer(BOOL)
            case core.All(operands) | core.Some(operands):
                yield from self._all(operands, BOOL, scope)
                return Answer(BOOL)
            case core.Count(minimum, maximum, operands):
                if minimum < 0 or (maximum is not None and maximum < minimum):
                    raise wrong("a count between no two numbers")
                yield from self._all(operands, BOOL, scope)
                return Answer(BOOL)
            case core.Compare():
                yield from self._compare(expr, scope)
                return Answer(BOOL)
            case core.IsOneOf(operand, choices):
                kind = self.there((yield operand, scope))
                for choice in choices:
                    kind = self.common(kind, self.there((yield choice, scope)))
                return Answer(BOOL)
            case core.IsIn(operand, items):
                one = self.there((yield operand, scope))
                self.common(one, self._item(self.there((yield items, scope))))
                return Answer(BOOL)
            case core.IsPresent(operand):
                self.there((yield operand, scope), optional=True)
                return Answer(BOOL)
            case core.IsApplicable(operand):
                if not isinstance(operand, core.DecisionValue | core.TableValue):
                    raise wrong("only a decision or a table is applicable")
                yield operand, scope
                return Answer(BOOL)
            case core.Arithmetic():
                return (yield from self._arithmetic(expr, scope))
            case core.Negate(operand):
                return Answer(_one_of(self.there((yield operand, scope)), ADDABLE))
            case core.Exact(operand):
                yield from self._all((operand,), AMOUNT, scope)
                return Answer(EXACT)
            case core.Shift(day, duration, sign):
                if sign not in (1, -1):
                    raise wrong("a shift neither forward nor back")
                yield from self._all((day,), DATE, scope)
                yield from self._all((duration,), DURATION, scope)
                return Answer(DATE)
            case core.Gap(end, start, unit):
                _word(unit, _UNITS)
                yield from self._all((end, start), DATE, scope)
                return Answer(DURATION)
            case core.Range(first, last):
                yield from self._all((first,) if last is None else (first, last), DATE, scope)
                return Answer(OPEN_PERIOD if last is None else PERIOD)
            case core.Covers(period, item, of_period):
                yield from self._all((period,), OPEN_PERIOD, scope)
                yield from self._all((item,), OPEN_PERIOD if of_period else DATE, scope)
                return Answer(BOOL)
            case core.Overlaps(left, right):
                yield from self._all((left, right), OPEN_PERIOD, scope)
                return Answer(BOOL)
            case core.Edge(which, period):
                _word(which, _EDGES)
                held = self.there((yield period, scope))
                self.fits(held, OPEN_PERIOD)
                may_end = which != "premier jour" and held != PERIOD
                return Answer(DATE, absent=may_end and not _has_end(period, scope))
            case core.Days(periods):
                yield from self._days(periods, scope)
                return Answer(ListType(DATE))
            case core.Builtin(name, arguments):
                function = _named(FUNCTIONS, name, "function")
                if len(arguments) != len(function.parameters):
                    raise wrong(f"function {name!r} takes {len(function.parameters)} arguments")
                for argument, parameter in zip(arguments, function.parameters, strict=True):
                    yield from self._all((argument,), parameter, scope)
                return Answer(function.result)
            case core.Choice(condition, then, otherwise):
                yield from self._all((condition,), BOOL, scope)
                a = yield then, scope.if_(condition)
                b = yield otherwise, scope.if_(condition, False)
                return Answer(
                    self.common(a.kind, b.kind),
                    a.absent or b.absent,
                    a.inapplicable or b.inapplicable,
                )
            case core.Walk():
                return (yield from self._walk(expr, scope))
            case core.Groups(variable, items, keys):
                one = self._item(self.there((yield items, scope)))
                yield from self._keys(keys, scope.with_variable(variable, one))
                return Answer(ListType(ListType(_plain(one))))
            case core.Extremum(word, operands, kind):
                _word(word, ("somme", "maximum", "minimum"))
                _one_of(kind, ADDABLE if word == "somme" else ORDERED)
                yield from self._all(operands, kind, scope)
                return Answer(kind)
            case core.Collection(members):
                return (yield from self._collection(members, scope))
            case core.AsOf(day, content):
                yield from self._all((day,), DATE, scope)
                return (yield content, scope.at_another_date())
            case core.Supposing(decision, value, content, kind):
                supposed = yield from self._decision(decision, scope)
                given = yield value, scope
                self.fits(self.there(given, optional=supposed.absent), supposed.kind)
                found = yield content, attrs.evolve(scope, known=Known())
                self.fits(found.kind, kind)
                return found._replace(kind=kind)
            case core.ConsideredDate():
                return Answer(DATE)
            case core.Undetermined():
                return Answer(None)
            case core.Noted(operand):
                return (yield operand, scope)
            case core.Staged():
                return (yield from self._staged(expr, scope))
        assert_never(expr)

    def _all(self, operands: Iterable[core.Expr], kind: Found, scope: Scope) -> _Done:
        for operand in operands:
            self.fits(self.there((yield operand, scope)), kind)

    def _keys(self, keys: Iterable[core.Expr], scope: Scope) -> _Done:
        for key in keys:
            self.there((yield key, scope), optional=True)

    def _order(self, order: Iterable[core.Expr], scope: Scope) -> _Done:
        for key in order:
            _one_of(self.there((yield key, scope)), _RANKED)

    def _days(self, periods: Iterable[core.Expr], scope: Scope) -> _Done:
        ends = False
        for period in periods:
            held = self.there((yield period, scope))
            self.fits(held, OPEN_PERIOD)
            ends = ends or held in (PERIOD, None) or _has_end(period, scope)
        if not ends:
            raise wrong("the days of a period that may be without end")

    def _results(self, table: core.Table) -> frozenset[core.RowResult]:
        """What the rows of *table* come to, that is no plain value."""
        found = self._apart.get(table.name)
        if found is None:
            rows = (row for version in table.versions for row in version.rows)
            found = self._apart[table.name] = frozenset(
                row.result
                for row in rows
                if not isinstance(row.result, core.Constant) or row.result.value is None
            )
        return found

    def _decision(self, expr: core.DecisionValue, scope: Scope) -> _Asked:
        decision = _named(self.program.decisions, expr.name, "decision")
        if (decision.entity is None) != (expr.base is None):
            raise wrong(f"decision {expr.name!r} of what it is not of")
        if expr.base is not None and decision.entity is not None:
            yield from self._all((expr.base,), EntityType(decision.entity), scope)
        return Answer(decision.type, decision.optional, decision.applicable is not None)

    def _compare(self, expr: core.Compare, scope: Scope) -> _Done:
        _word(expr.operator, ("<", "="))
        left = self.there((yield expr.left, scope))
        kind = self.common(left, self.there((yield expr.right, scope)))
        if expr.start is not None:
            yield from self._all((expr.start,), DATE, scope)
            self.fits(kind, DURATION)
        elif expr.operator == "<":
            _one_of(kind, ORDERED)

    def _arithmetic(self, expr: core.Arithmetic, scope: Scope) -> _Asked:
        _word(expr.operator, ("+", "-", "×", "÷"))
        left = self.there((yield expr.left, scope))
        right = self.there((yield expr.right, scope))
        _one_of(expr.type, ADDABLE)
        if left is None or right is None:
            return Answer(expr.type)
        if isinstance(left, Words) or isinstance(right, Words):
            raise wrong("arithmetic on texts")
        if left in NUMBERS and right in NUMBERS:
            found: Type | None = INT if left == right == INT and expr.operator != "÷" else DECIMAL
        else:
            found = result_type(expr.operator, left, right)
        if found is None or found == DATE:
            raise wrong(f"{left} {expr.operator} {right}")
        if EXACT in (found, left, right) and AMOUNT in (left, right):
            raise wrong("an amount among exact amounts, not seen as one")
        self.fits(found, expr.type)
        return Answer(expr.type)

    def _collection(
        self, members: Iterable[tuple[core.Expr, core.Expr | None]], scope: Scope
    ) -> _Asked:
        kind: Found = None
        for member, condition in members:
            if condition is not None:
                yield from self._all((condition,), BOOL, scope)
            kind = self.common(kind, self.there((yield member, scope.if_(condition))))
        return Answer(ListType(_plain(kind)))

    def _walk(self, expr: core.Walk, scope: Scope) -> _Asked:
        item = self._item(self.there((yield expr.items, scope)))
        inside = scope.with_variable(expr.variable, item)
        if expr.condition is not None:
            yield from self._all((expr.condition,), BOOL, inside)
            inside = inside.if_(expr.condition)
        if expr.order is not None:
            yield from self._order((expr.order,), inside)
        folds = expr.word in ("somme", "maximum", "minimum")
        body: Found = None
        if expr.body is not None:
            # A term that is not applicable is skipped, by the meaning of these words.
            body = self.there((yield expr.body, inside), inapplicable=folds)
        if (folds or expr.word == "tout") != (expr.body is not None):
            raise wrong(f"the body of a walk {expr.word!r}")
        absent = False
        match expr.word:
            case "somme":
                self.fits(body, _one_of(expr.type, ADDABLE))
            case "maximum" | "minimum":
                self.fits(body, _one_of(expr.type, ORDERED))
                absent = True
            case "tout" | "existe":
                self.fits(body, BOOL)
                self.fits(expr.type, BOOL)
            case "nombre":
                self.fits(expr.type, INT)
            case "premier" | "dernier":
                self.fits(item, expr.type)
                absent = True
            case "liste":
                self.fits(item, self._item(expr.type))
            case word:
                raise wrong(f"no walk {word!r}")
        return Answer(expr.type, absent)

    def _staged(self, expr: core.Staged, scope: Scope) -> _Asked:
        answer = yield expr.value, scope
        if not expr.steps:
            return answer
        kind = self.there(answer)
        for step in expr.steps:
            match step:
                case core.Cap(limit, declared) | core.Floor(limit, declared):
                    _one_of(kind, ORDERED)
                    self.fits(kind, declared)
                    found = yield limit, scope
                    limits_not = isinstance(step, core.Cap)
                    self.fits(self.there(found, inapplicable=limits_not), declared)
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
                    yield from self._shared(step, kind, scope)
                case _:
                    assert_never(step)
        return Answer(kind)

    def _shared(self, step: core.SharedCap, kind: Found, scope: Scope) -> _Done:
        if scope.entity is None or id(step) not in self._ceilings:
            raise wrong("a shared ceiling on less than a rule of a list")
        _one_of(step.type, ADDABLE)
        self.fits(kind, step.type)
        counted = INT if step.counts else step.type
        self.fits(self.there((yield step.limit, scope), inapplicable=True), counted)
        if step.already is not None:
            yield from self._all((step.already,), counted, scope)
        yield from self._keys(step.keys, scope)
        yield from self._order(step.order, scope)
        if step.counts and not step.order:
            raise wrong("a ceiling in number without an order")

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


def _has_end(period: core.Expr, scope: Scope) -> bool:
    """Whether a test shows that *period* has an end."""
    return any(core.Edge(which, period) in scope.known.present for which in _EDGES[1:])


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
