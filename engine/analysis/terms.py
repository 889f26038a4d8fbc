"""Truths and numbers that are known in Python, or terms of the solver; folded where they can be.

Most of a law is constant on most paths: a term is made only where a fact decides.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import z3

# `bool`, or a Boolean term.
Truth = Any
# `int` and `Fraction`, or a term of whole numbers and of reals (which are exact fractions).
Number = Any
# Leaves of a choice between constants beyond which a product is left to the solver.
MOST_LEAVES = 64


def _kept(parts: tuple[Truth, ...], neutral: bool) -> list[Truth] | None:
    """*parts* that count, each once; `None` when one decides."""
    kept: dict[int, Truth] = {}
    for part in parts:
        if isinstance(part, bool):
            if part is not neutral:
                return None
        else:
            kept[part.get_id()] = part
    return list(kept.values())


def conj(*parts: Truth) -> Truth:
    kept = _kept(parts, True)
    if kept is None:
        return False
    if len(kept) < 2:
        return kept[0] if kept else True
    return z3.And(kept)


def disj(*parts: Truth) -> Truth:
    kept = _kept(parts, False)
    if kept is None:
        return True
    if len(kept) < 2:
        return kept[0] if kept else False
    return z3.Or(kept)


def neg(part: Truth) -> Truth:
    if isinstance(part, bool):
        return not part
    if z3.is_not(part):
        return part.arg(0)
    return z3.Not(part)


def iff(left: Truth, right: Truth) -> Truth:
    if isinstance(left, bool):
        return right if left else neg(right)
    if isinstance(right, bool):
        return left if right else neg(left)
    return True if left.eq(right) else left == right


def is_term(value: object) -> bool:
    return isinstance(value, z3.ExprRef)


def is_real(number: Number) -> bool:
    return isinstance(number, Fraction) or (is_term(number) and bool(z3.is_real(number)))


def real(number: Number) -> Number:
    """*number*, as a fraction or a real."""
    if is_term(number):
        return number if z3.is_real(number) else z3.ToReal(number)
    return Fraction(number)


def term(value: Any) -> Any:
    """A constant of Python as a term."""
    if is_term(value):
        return value
    if isinstance(value, bool):
        return z3.BoolVal(value)
    if isinstance(value, Fraction):
        return z3.RealVal(f"{value.numerator}/{value.denominator}")
    return z3.IntVal(value)


def _aligned(left: Number, right: Number) -> tuple[Number, Number]:
    if is_real(left) is not is_real(right):
        return real(left), real(right)
    return left, right


def pick(condition: Truth, then: Any, otherwise: Any) -> Any:
    """*then* if *condition*, else *otherwise*: truths or numbers."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    if isinstance(then, bool) or isinstance(otherwise, bool) or z3.is_bool(then):
        if isinstance(then, bool) and isinstance(otherwise, bool):
            if then == otherwise:
                return then
            return condition if then else neg(condition)
        if isinstance(then, bool):
            return disj(condition, otherwise) if then else conj(neg(condition), otherwise)
        if isinstance(otherwise, bool):
            return disj(neg(condition), then) if otherwise else conj(condition, then)
        return then if then.eq(otherwise) else z3.If(condition, then, otherwise)
    then, otherwise = _aligned(then, otherwise)
    if same_number(then, otherwise):
        return then
    return z3.If(condition, term(then), term(otherwise))


def same_number(left: Number, right: Number) -> bool:
    """Whether two numbers are one, as they are written."""
    if is_term(left) and is_term(right):
        return bool(left.eq(right))
    return not is_term(left) and not is_term(right) and bool(left == right)


def add(left: Number, right: Number) -> Number:
    left, right = _aligned(left, right)
    if not is_term(left) and not is_term(right):
        return left + right
    if not is_term(left) and left == 0:
        return right
    if not is_term(right) and right == 0:
        return left
    return term(left) + term(right)


def minus(number: Number) -> Number:
    return -number


def sub(left: Number, right: Number) -> Number:
    left, right = _aligned(left, right)
    if not is_term(left) and not is_term(right):
        return left - right
    if not is_term(right) and right == 0:
        return left
    return term(left) - term(right)


def is_choice(value: Number) -> bool:
    """Whether *value* is one of a few constants."""
    leaves, todo = 0, [value]
    while todo:
        one = todo.pop()
        if z3.is_app_of(one, z3.Z3_OP_ITE):
            todo += [one.arg(1), one.arg(2)]
        elif z3.is_app_of(one, z3.Z3_OP_TO_REAL):
            todo.append(one.arg(0))
        elif z3.is_int_value(one) or z3.is_rational_value(one):
            leaves += 1
        else:
            return False
        if leaves > MOST_LEAVES:
            return False
    return True


def through(value: Number, function: Any, choose: Any = None) -> Any:
    """*function* of each constant that *value* chooses between; *choose* puts results together."""
    choose = choose or pick
    if z3.is_app_of(value, z3.Z3_OP_ITE):
        return choose(
            value.arg(0),
            through(value.arg(1), function, choose),
            through(value.arg(2), function, choose),
        )
    if z3.is_app_of(value, z3.Z3_OP_TO_REAL):
        return through(value.arg(0), lambda n: function(real(n)), choose)
    if z3.is_int_value(value):
        return function(value.as_long())
    return function(value.as_fraction())


def mul(left: Number, right: Number) -> Number:
    """A product; one by a choice of constants is a choice of products by constants."""
    left, right = _aligned(left, right)
    if not is_term(left) and not is_term(right):
        return left * right
    for one, other in ((left, right), (right, left)):
        if not is_term(one):
            if one == 0:
                return one
            return other if one == 1 else term(one) * other
        if is_term(other) and is_choice(one):
            return through(one, lambda n, by=other: mul(n, by))
    return left * right


def div(left: Number, right: Number) -> Number:
    """A quotient, as a real; the divisor is not zero."""
    left, right = real(left), real(right)
    if not is_term(right):
        return mul(left, 1 / right) if right else left
    if is_choice(right):
        return through(right, lambda n: mul(left, 1 / real(n)) if n else real(0))
    return term(left) / right


def floor_div(left: Number, by: int) -> Number:
    """The whole quotient of whole numbers, downwards; *by* is positive."""
    return term(left) / by if is_term(left) else left // by


def mod(left: Number, by: int) -> Number:
    return left % by


def floor(number: Number) -> Number:
    """The whole number at or below *number*."""
    if not is_real(number):
        return number
    return z3.ToInt(number) if is_term(number) else number.numerator // number.denominator


def less(left: Number, right: Number) -> Truth:
    left, right = _aligned(left, right)
    if not is_term(left) and not is_term(right):
        return bool(left < right)
    return term(left) < term(right)


def at_most(left: Number, right: Number) -> Truth:
    return neg(less(right, left))


def equal(left: Number, right: Number) -> Truth:
    left, right = _aligned(left, right)
    if not is_term(left) and not is_term(right):
        return bool(left == right)
    if same_number(left, right):
        return True
    return term(left) == term(right)


def smaller(left: Number, right: Number) -> Number:
    return pick(less(right, left), right, left)


def larger(left: Number, right: Number) -> Number:
    return pick(less(left, right), right, left)


def total(parts: list[Number]) -> Number:
    whole: Number = 0
    for part in parts:
        whole = add(whole, part)
    return whole
