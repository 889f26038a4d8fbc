"""Walks over lists in machine code: loops over records that stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import attrs
from llvmlite import ir

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, DATE, DURATION, INT, PERIOD, EntityType, ListType

from ..environment import version_on
from ..lowering.layout import LOOSE, stretches
from ..periods import MAX_DAYS
from ..situation import MAX_ELEMENTS
from ..stretches import rules_of
from .code import FALSE, I1, I64, TRUE, Body, Code, Unwritten, number

if TYPE_CHECKING:
    from .writing import Scope, Writing

_COUNT_BITS = MAX_ELEMENTS.bit_length()
Each = Callable[[Code], None]


def walk(writing: Writing, expr: core.Walk, scope: Scope) -> Code:
    """What *expr*, of whatever word, comes to."""
    match expr.word:
        case "existe" | "tout" | "nombre":
            return _Tally(writing, expr, scope).code()
        case "somme" | "minimum" | "maximum":
            return _Fold(writing, expr, scope).code()
    raise Unwritten


def is_in(writing: Writing, operand: core.Expr, items: core.Expr, scope: Scope) -> Code:
    body, b = writing.body, writing.b
    value = writing.expr(operand, scope)
    body.odd_if(value.inapplicable)
    if isinstance(value.kind, EntityType):
        raise Unwritten
    if value.values and isinstance(items, core.Fact | core.Root):
        return _in_told(writing, value, items, scope)
    found = body.variable(FALSE)

    def one(item: Code) -> None:
        # The items are known: where a value is not, `value` says so.
        b.store(b.or_(b.load(found), writing.equals(value, item).value), found)

    unknown = each(writing, items, scope, one)
    return body.truth(b.load(found), body.any_of((value.unknown, unknown)))


def _in_told(writing: Writing, value: Code, items: core.Expr, scope: Scope) -> Code:
    """Whether *value* is in a list that is told: of plain values, none of which is unknown."""
    body, b = writing.body, writing.b
    code = writing.plain(items, scope)
    value = body.plain(value)
    if not isinstance(code.kind, ListType) or isinstance(code.kind.item, EntityType):
        raise Unwritten
    if value.den != 1 or len(value.values) > 1:
        raise Unwritten
    start, count = code.values
    count = b.select(body.spend(count), number(0), count)
    told = (body.heap, start, count, body.packed(value.with_(unknown=None))[0])
    found = b.trunc(b.call(_search(body.function.module), told), I1)
    return body.truth(found, body.any_of((code.unknown, value.unknown)))


def _search(module: Any) -> Any:
    """A function of the heap, a place, a length and a number: 1 if it is one of those there."""
    name = "is_one_of"
    if name in module.globals:
        return module.globals[name]
    kinds = [I64.as_pointer(), I64, I64, I64]
    function = ir.Function(module, ir.FunctionType(I64, kinds), name)
    function.linkage = "internal"
    heap, start, count, value = function.args
    body = Body(function)
    b = body.b

    def one(rank: Any) -> None:
        item = b.load(b.gep(heap, [b.add(start, rank)]))
        with b.if_then(body.equal(item, value)):
            b.ret(number(1))

    body.loop(count, one)
    b.ret(number(0))
    body.close()
    return function


# ── the items of a list ──────────────────────────────────────────────────────────────────


def each(writing: Writing, items: core.Expr, scope: Scope, write: Each) -> Any:
    """*write* for each item of *items*; whether the list is not known, or `None` for surely not.

    Of a list that is not known nothing is said, whatever items it surely has: what *write* comes
    to does not count then, unless it `is_told`: then it may have others.
    """
    body, b = writing.body, writing.b
    while isinstance(items, core.Noted):
        items = items.operand
    match items:
        case core.Walk("liste", variable, inner, condition, _, _):
            unsure = body.variable(FALSE)

            def kept(item: Code) -> None:
                inside = scope.inside(variable, item)
                if condition is None:
                    write(item)
                    return
                test = writing.truth(condition, inside)
                if test.unknown is not None:
                    b.store(b.or_(b.load(unsure), test.unknown), unsure)
                with b.if_then(test.value):
                    write(item)

            unknown = each(writing, inner, scope, kept)
            return body.any_of((unknown, b.load(unsure)))
        case core.Collection(members):
            constants = [_constant(value) for value, _ in members]
            if len(set(constants)) < len(constants):
                raise Unwritten  # one that is there twice counts once
            unknown = None
            for value, (_, holds) in zip(constants, members, strict=True):
                item = writing.constant(value)
                if holds is None:
                    write(item)
                    continue
                test = writing.truth(holds, scope)
                unknown = body.any_of((unknown, test.unknown))
                with b.if_then(test.value):
                    write(item)
            return unknown
        case core.Days((period,)):
            return _days(writing, period, scope, write)
        case core.DecisionValue(name, base):
            return _listed_by(writing, name, base, scope, write)
        case core.Root() | core.Fact():
            return _told(writing, items, scope, write)
    raise Unwritten


def is_told(items: core.Expr) -> bool:
    """Whether *items* are those of a fact."""
    while isinstance(items, core.Noted):
        items = items.operand
    return isinstance(items, core.Root | core.Fact)


def _constant(expr: core.Expr) -> core.Value:
    """The value that the law writes.

    Raises:
        Unwritten: it is worked out, or absent.
    """
    while isinstance(expr, core.Noted):
        expr = expr.operand
    if not isinstance(expr, core.Constant) or expr.value is None:
        raise Unwritten
    return expr.value


def _told(writing: Writing, items: core.Expr, scope: Scope, write: Each) -> Any:
    body, b = writing.body, writing.b
    code = writing.plain(items, scope)
    if not isinstance(code.kind, ListType) or len(code.values) != 2:
        raise Unwritten
    start, count = code.values
    count = b.select(body.spend(count), number(0), count)
    item = code.kind.item
    if isinstance(item, EntityType):
        size = writing.law.records.size[item.name]
        body.loop(
            count,
            lambda rank: write(Code(item, (b.add(start, b.mul(rank, number(size))),))),
        )
    elif item == DURATION or isinstance(item, ListType):
        raise Unwritten
    else:
        body.loop(
            count,
            lambda rank: write(
                body.unpacked(item, [body.load(b.add(start, rank))], unknown=False, bits=60)
            ),
        )
    return code.unknown


def _days(writing: Writing, period: core.Expr, scope: Scope, write: Each) -> Any:
    body, b = writing.body, writing.b
    code = writing.value(period, scope, PERIOD)
    first, last = code.values
    count = b.add(b.sub(last, first), number(1))
    wild = body.less(number(MAX_DAYS), count)
    if code.unknown is not None:
        wild = b.and_(wild, body.not_(code.unknown))
    body.odd_if(wild)
    none = body.any_of((wild, code.unknown, body.less(count, number(0))))
    count = b.select(none, number(0), count)
    count = b.select(body.spend(count), number(0), count)
    body.loop(count, lambda rank: write(Code(DATE, (b.add(first, rank),), bits=22)))
    return code.unknown


def _listed_by(
    writing: Writing, name: str, base: core.Expr | None, scope: Scope, write: Each
) -> Any:
    """The items of a decision that answers a list, by a general rule alone: written here."""
    decision = writing.program.decisions[name]
    if decision.exceptions or decision.applicable is not None or name in writing.program.chains:
        raise Unwritten
    body, b = writing.body, writing.b
    entity = decision.entity or ""
    here, day = number(writing.law.root), scope.on
    held = None
    if entity:
        assert base is not None
        held = writing.expr(base, scope)
        here = writing.pointer(held)
        if writing.program.entities[entity].event:
            day = writing.own_day(here)
    unsure = body.variable(FALSE)
    spans = stretches(writing.law.layout.days(rules_of(decision)))
    for since, until in spans:
        version = version_on(decision.general.versions, since)
        test = _between(writing, day, since, until)
        with b.if_then(test):
            if not isinstance(version, core.RuleVersion):
                body.odd()
                continue
            inner = attrs.evolve(
                scope, entity=entity, here=here, on=day, since=since, until=until,
                moved=False, variables={}, decision=decision, rule=decision.general,
            )  # fmt: skip
            unknown = each(writing, version.value, inner, write)
            if unknown is not None:
                b.store(unknown, unsure)
    return body.any_of((b.load(unsure), held.unknown if held is not None else None))


def _between(writing: Writing, day: Any, since: date, until: date | None) -> Any:
    body = writing.body
    test = body.at_most(number(since.toordinal()), day)
    if until is not None:
        test = writing.b.and_(test, body.less(day, number(until.toordinal())))
    return test


# ── words ────────────────────────────────────────────────────────────────────────────────


class _Tally:
    """``existe``, ``tout``, ``nombre``."""

    def __init__(self, writing: Writing, expr: core.Walk, scope: Scope) -> None:
        self.writing, self.expr, self.scope = writing, expr, scope
        self.body, self.b = writing.body, writing.b
        self.count = self.body.variable(number(0))
        self.unsure = self.body.variable(FALSE)

    def code(self) -> Code:
        body, b, expr = self.body, self.b, self.expr
        unknown = each(self.writing, expr.items, self.scope, self._one)
        count, unsure = b.load(self.count), b.load(self.unsure)
        if expr.word == "nombre":
            return Code(INT, (count,), 1, _COUNT_BITS, body.any_of((unsure, unknown)))
        some = body.less(number(0), count)
        # One that decides absorbs those of which it is not known; not a list that is not known.
        if unknown is not None and is_told(expr.items):
            unsure, unknown = b.or_(unsure, unknown), None
        found = body.kleene(some, body.not_(b.or_(some, unsure)))
        if expr.word == "tout":
            found = body.inverse(found)
        return self.writing.also(found, unknown)

    def _one(self, item: Code) -> None:
        """Counts what is; for ``tout``, what is not as it should be."""
        body, b, expr = self.body, self.b, self.expr
        inside = self.scope.inside(expr.variable, item)
        counts, unsure = TRUE, FALSE
        if expr.condition is not None:
            test = self.writing.truth(expr.condition, inside)
            counts = test.value
            unsure = FALSE if test.unknown is None else test.unknown
        if expr.word == "tout":
            assert expr.body is not None
            held = self.writing.truth(expr.body, inside)
            wrong = body.false(held)
            doubt = FALSE if held.unknown is None else held.unknown
            # An item that may count, and is not surely right.
            unsure = b.or_(b.and_(unsure, b.or_(wrong, doubt)), b.and_(counts, doubt))
            counts = b.and_(counts, wrong)
        b.store(b.add(b.load(self.count), b.zext(counts, number(0).type)), self.count)
        b.store(b.or_(b.load(self.unsure), unsure), self.unsure)


class _Fold:
    """``somme``, ``minimum``, ``maximum`` of a number or a day. What is not applicable is
    passed over."""

    def __init__(self, writing: Writing, expr: core.Walk, scope: Scope) -> None:
        self.writing, self.expr, self.scope = writing, expr, scope
        self.body, self.b = writing.body, writing.b
        if expr.type == DURATION:
            raise Unwritten
        self.whole = self.body.variable(number(0))
        self.some = self.body.variable(FALSE)
        self.unsure = self.body.variable(FALSE)
        self.den: int | None = None
        self.bits = 1

    def code(self) -> Code:
        b, expr = self.b, self.expr
        unknown = each(self.writing, expr.items, self.scope, self._one)
        unsure = b.load(self.unsure)
        if unknown is not None:
            unsure = b.or_(unsure, unknown)
        whole, some = b.load(self.whole), b.load(self.some)
        den = self.den or 1
        if expr.word == "somme":
            return Code(expr.type, (whole,), den, self.bits, unsure)
        return Code(expr.type, (whole,), den, self.bits, unsure, self.body.not_(some))

    def _one(self, item: Code) -> None:
        expr, b = self.expr, self.b
        inside = self.scope.inside(expr.variable, item)
        if expr.condition is None:
            self._term(inside)
            return
        test = self.writing.truth(expr.condition, inside)
        if test.unknown is not None:
            b.store(b.or_(b.load(self.unsure), test.unknown), self.unsure)
        with b.if_then(test.value):
            self._term(inside)

    def _term(self, scope: Scope) -> None:
        body, b, expr = self.body, self.b, self.expr
        assert expr.body is not None
        code = self.writing.expr(expr.body, scope)
        body.odd_if(code.absent)
        if code.den == LOOSE or (code.values and len(code.values) != 1) or code.kind == BOOL:
            raise Unwritten
        code = self.writing.of_kind(code, expr.type)
        if self.den not in (None, code.den):
            raise Unwritten  # items of a list that is written may each have their own
        first, self.den = self.den is None, code.den
        counts = TRUE if code.inapplicable is None else body.not_(code.inapplicable)
        if code.unknown is not None:
            b.store(b.or_(b.load(self.unsure), b.and_(code.unknown, counts)), self.unsure)
            # What is not known may be any number: it is not added up.
            counts = b.and_(counts, body.not_(code.unknown))
        whole = b.load(self.whole)
        if expr.word == "somme":
            term = b.select(counts, code.value, number(0))
            if first and code.bits + _COUNT_BITS <= 61:
                found, bits = b.add(whole, term), code.bits + _COUNT_BITS
            else:
                found, bits = body.plus(whole, 61, term, code.bits)
        else:
            bits = code.bits
            test = (
                body.less(code.value, whole)
                if expr.word == "minimum"
                else body.less(whole, code.value)
            )
            better = b.or_(test, body.not_(b.load(self.some)))
            found = b.select(b.and_(better, counts), code.value, whole)
            b.store(b.or_(b.load(self.some), counts), self.some)
        self.bits = max(self.bits, bits)
        b.store(found, self.whole)
