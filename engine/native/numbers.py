"""Numbers in machine code, and the steps that they go through."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DURATION,
    EXACT,
    INT,
    Type,
)
from lexald.dsl.values import Amount, Rounding

from ..lowering.layout import LOOSE
from .code import FALSE, MOST_BITS, Code, Unwritten, number, same_shape

if TYPE_CHECKING:
    from .writing import Scope, Writing


def arithmetic(writing: Writing, expr: core.Arithmetic, scope: Scope) -> Code:
    body = writing.body
    left, right = writing.plain(expr.left, scope), writing.plain(expr.right, scope)
    unknown = body.any_of((left.unknown, right.unknown))
    kind = expr.type
    if kind == DURATION:
        if expr.operator == "×":
            if right.kind == DURATION:
                left, right = right, left
            left, right = writing.of_kind(left, DURATION), writing.of_kind(right, INT)
        else:
            left, right = writing.of_kind(left, DURATION), writing.of_kind(right, DURATION)
        if expr.operator == "×":
            pairs = [body.times(v, left.bits, right.value, right.bits) for v in left.values]
        else:
            join = body.plus if expr.operator == "+" else body.minus
            pairs = [
                join(x, left.bits, y, right.bits)
                for x, y in zip(left.values, right.values, strict=True)
            ]
        return Code(kind, tuple(value for value, _ in pairs), 1, pairs[0][1], unknown)
    left, right = a_number(writing, left), a_number(writing, right)
    if expr.operator == "×":
        most = left.bits + right.bits
        left, right = body.tame(left, most), body.tame(right, most)
        den = left.den * right.den
        if den > 10**12:
            raise Unwritten
        value, bits = body.times(left.value, left.bits, right.value, right.bits)
        return Code(kind, (value,), den, bits, unknown)
    if expr.operator == "÷":
        return divide(writing, expr, left, kind)
    left, right = body.alike((left, right))
    most = max(left.bits, right.bits) + 1
    left, right = body.tame(left, most), body.tame(right, most)
    join = body.plus if expr.operator == "+" else body.minus
    value, bits = join(left.value, left.bits, right.value, right.bits)
    return Code(kind, (value,), left.den, bits, unknown)


def a_number(writing: Writing, code: Code) -> Code:
    """*code*, which has to be one number."""
    if code.den == LOOSE or code.kind == BOOL:
        raise Unwritten
    return writing.of_kind(code, code.kind or INT)


def divide(writing: Writing, expr: core.Arithmetic, left: Code, kind: Type) -> Code:
    """By a constant alone: (n / d) ÷ (p / q) is n × q over d × p."""
    by = expr.right
    while isinstance(by, core.Noted | core.Exact):
        by = by.operand
    if not isinstance(by, core.Constant) or by.value is None:
        raise Unwritten
    value = by.value.exact if isinstance(by.value, Amount) else Fraction(by.value)  # type: ignore[arg-type]
    if value <= 0 or left.den * value.numerator > 10**12:
        raise Unwritten
    times = value.denominator
    found, bits = writing.body.times(left.value, left.bits, number(times), times.bit_length())
    return Code(kind, (found,), left.den * value.numerator, bits, left.unknown)


def extremum(writing: Writing, expr: core.Extremum, scope: Scope) -> Code:
    codes = [writing.plain(operand, scope) for operand in expr.operands]
    if len(codes) == 1:
        return codes[0]
    if expr.type == DURATION and expr.word == "somme":
        raise Unwritten
    codes = writing.body.alike([writing.of_kind(code, expr.type) for code in codes])
    found = codes[0]
    for code in codes[1:]:
        if expr.word == "somme":
            value, bits = writing.body.plus(found.value, found.bits, code.value, code.bits)
            unknown = writing.body.any_of((found.unknown, code.unknown))
            found = found.with_(values=(value,), bits=bits, unknown=unknown)
        else:
            found = extreme(writing, found, code, expr.word == "minimum")
    return found.with_(kind=expr.type)


def extreme(writing: Writing, a: Code, b: Code, least: bool) -> Code:
    """The lesser or the greater of two durations, or numbers over one denominator."""
    first, second = (b, a) if least else (a, b)
    if a.kind == DURATION:
        test = writing.durations(first, second, "<")
    else:
        test = writing.body.less(first.value, second.value)
    values = tuple(writing.b.select(test, y, x) for x, y in zip(a.values, b.values, strict=True))
    unknown = writing.body.any_of((a.unknown, b.unknown))
    return a.with_(values=values, bits=max(a.bits, b.bits), unknown=unknown)


def staged(writing: Writing, expr: core.Staged, upto: int, scope: Scope) -> Code:
    """*expr* after its first *upto* steps."""
    steps = expr.steps[:upto]
    quotient = _quotient(expr.value)
    if quotient is not None and steps and isinstance(steps[0], core.Round):
        code = _divided(writing, steps[0], quotient, scope)
        steps = steps[1:]
    else:
        code = writing.expr(expr.value, scope)
    rank = 0
    for step in steps:
        if isinstance(step, core.SharedCap):
            from .peers import shared

            code = shared(writing, step, rank, code, scope)
            rank += 1
        else:
            code = after(writing, step, code, scope)
    return code


def _quotient(expr: core.Expr) -> tuple[core.Expr, core.Expr] | None:
    """The two sides of *expr*, if it is a quotient, or a sum of some by one number; `None` if it
    is not, or if that number is written."""
    while isinstance(expr, core.Noted | core.Exact):
        expr = expr.operand
    match expr:
        case core.Arithmetic("÷", left, right):
            written = right
            while isinstance(written, core.Noted | core.Exact):
                written = written.operand
            return None if isinstance(written, core.Constant) else (left, right)
        case core.Walk("somme", variable, body=core.Arithmetic("÷", left, right) as body):
            # What is the same for all terms divides their sum.
            each = any(
                isinstance(node, core.Variable) and node.name == variable
                for node in core.parts(right)
            )
            if _quotient(body) is None or each:
                return None
            return attrs.evolve(expr, body=left), right
    return None


def _divided(
    writing: Writing, step: core.Round, sides: tuple[core.Expr, core.Expr], scope: Scope
) -> Code:
    """A quotient, rounded. By what is not above zero, or not whole, it is not plain."""
    body = writing.body
    left, right = (a_number(writing, writing.plain(side, scope)) for side in sides)
    if right.den != 1 or right.kind != INT:
        raise Unwritten
    wild = body.less(right.value, number(1))
    body.odd_if(wild if right.unknown is None else writing.b.and_(wild, body.not_(right.unknown)))
    none = body.any_of((wild, right.unknown))
    by = writing.b.select(none, number(1), right.value)
    unknown = body.any_of((left.unknown, right.unknown))
    left = body.tame(left, MOST_BITS + 1)
    kind = AMOUNT if step.money else INT
    return rounded(
        writing, left.with_(unknown=unknown), step.unit, step.rounding, kind, (by, right.bits)
    )


def after(writing: Writing, step: core.Step, code: Code, scope: Scope) -> Code:
    match step:
        case core.Widen():
            return code.with_(kind=EXACT)
        case core.Round(unit, rounding, money):
            return rounded(
                writing, writing.body.plain(code), unit, rounding, AMOUNT if money else INT
            )
        case core.Cap(limit) | core.Floor(limit):
            return bounded(writing, step, writing.body.plain(code), writing.expr(limit, scope))
    raise Unwritten


def rounded(
    writing: Writing,
    code: Code,
    unit: int,
    rounding: Rounding,
    kind: Type,
    over: tuple[Any, int] | None = None,
) -> Code:
    """*code*, by *over* if it is told: a number above zero, and its bits."""
    b, body = writing.b, writing.body
    code = a_number(writing, code)
    whole_by = code.den * unit
    if whole_by == 1 and over is None:
        return code.with_(kind=kind)
    if whole_by.bit_length() > MOST_BITS:
        raise Unwritten
    by: Any = number(whole_by)
    if over is not None:
        by, _ = body.times(over[0], over[1], by, whole_by.bit_length())
        by = b.select(body.less(by, number(1)), number(1), by)  # where it is too large, and odd
    value, bits = code.value, code.bits
    match rounding:
        case Rounding.DOWN:
            found = body.floor(value, by)
        case Rounding.UP:
            found = b.neg(body.floor(b.neg(value), by))
        case _:
            # A half goes away from zero: the sizes are rounded.
            negative = body.less(value, number(0))
            size = b.select(negative, b.neg(value), value)
            twice = b.add(b.mul(size, number(2)), by)
            whole = b.udiv(twice, b.mul(by, number(2)))
            found = b.select(negative, b.neg(whole), whole)
    bits = max(1, bits - whole_by.bit_length() + 2)
    if unit != 1:
        found, bits = body.times(found, bits, number(unit), unit.bit_length())
    return Code(kind, (found,), 1, bits, code.unknown)


def bounded(writing: Writing, step: core.Cap | core.Floor, code: Code, limit: Code) -> Code:
    body, b = writing.body, writing.b
    is_cap = isinstance(step, core.Cap)
    unlimited = limit.inapplicable if is_cap else None
    if is_cap:
        body.odd_if(limit.absent)
        limit = limit.with_(inapplicable=None, absent=None)
    else:
        limit = body.plain(limit)
    if not code.values or not same_shape(code, limit):
        raise Unwritten
    first, second = body.alike((code, limit))
    found = extreme(writing, first, second, is_cap)
    if unlimited is None:
        return found.with_(kind=code.kind)
    unknown = None
    if found.unknown is not None:
        mine = FALSE if code.unknown is None else code.unknown
        unknown = b.select(unlimited, mine, found.unknown)
    values = tuple(
        b.select(unlimited, mine, least)
        for mine, least in zip(first.values, found.values, strict=True)
    )
    return found.with_(values=values, kind=code.kind, unknown=unknown)
