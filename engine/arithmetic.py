"""Operators on outcomes: exact where values are known, bounds where they are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl.diagnostics import Message
from lexald.dsl.program import Round
from lexald.dsl.rows import order
from lexald.dsl.types import AMOUNT, DECIMAL, DURATION, EXACT, RATE, Type
from lexald.dsl.values import Amount, Duration, round_to

from .outcomes import Failure, Outcome, Unknown, bounds, is_known, worst
from .periods import apart, is_period

# Digits that no law reaches; products stop here rather than grow without end.
MAX_BITS = 4096
INCOMPARABLE = "des mois et des jours ne se comparent qu'à partir d'une date"


def lift(
    function: Callable[..., Any],
    operands: Sequence[Outcome],
    monotone: Callable[[Sequence[tuple[Any, Any]]], tuple[Any, Any] | None] | None = None,
) -> Outcome:
    """*function* of *operands* if all are values; else what is worst among them.

    *monotone* gives the bounds of the result from those of the operands, or `None`.
    """
    wrong = worst(operands)
    if wrong is None:
        return function(*operands)
    if isinstance(wrong, Unknown) and monotone is not None:
        known = [bounds(operand) for operand in operands]
        if all(known):
            ends = monotone([pair for pair in known if pair is not None])
            if ends is not None and ends[0] == ends[1]:
                return ends[0]
            low, high = ends or (None, None)
            return attrs.evolve(wrong, low=low, high=high)
    return wrong


def failure(code: str, fr: str, en: str) -> Failure:
    """An error of evaluation, where it happened being added by the caller."""
    return Failure(code, Message(fr, en))


def _big(value: Any) -> bool:
    match value:
        case Amount(cents):
            return cents.bit_length() > MAX_BITS
        case Fraction():
            return max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
        case Duration(months, days):
            return max(months.bit_length(), days.bit_length()) > MAX_BITS
        case int():
            return value.bit_length() > MAX_BITS
    return False


def calculate(operator: str, left: Outcome, right: Outcome, kind: Type) -> Outcome:
    """``left operator right``; *kind* is the type of the result."""

    def apply(a: Any, b: Any) -> Outcome:
        value = _apply(operator, a, b, kind)
        return failure("E013", "nombre trop grand", "number too large") if _big(value) else value

    def corners(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
        (a, b), (c, d) = pairs
        if operator == "+":
            return _apply("+", a, c, kind), _apply("+", b, d, kind)
        if operator == "-":
            return _apply("-", a, d, kind), _apply("-", b, c, kind)
        every = [_apply(operator, x, y, kind) for x in (a, b) for y in (c, d)]
        return min(every), max(every)

    if operator == "÷" and is_known(right) and not right:
        return worst((left,)) or failure("E012", "division par zéro", "division by zero")
    if operator == "÷" and is_known(right) and isinstance(right, Amount) and right.cents == 0:
        return worst((left,)) or failure("E012", "division par zéro", "division by zero")
    exact = not (operator == "÷" and not is_known(right)) and kind != DURATION
    return lift(apply, (left, right), corners if exact else None)


def _apply(operator: str, a: Any, b: Any, kind: Type) -> Any:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "×":
            if isinstance(b, (Amount, Duration)) and isinstance(a, int):
                a, b = b, a
            return a * b
    if isinstance(a, Amount):
        a = a.exact
    if isinstance(b, Amount):
        b = b.exact
    return Fraction(a) / Fraction(b) if kind in (DECIMAL, RATE, EXACT) else Fraction(a, b)


def negate(value: Outcome) -> Outcome:
    return lift(lambda a: -a, (value,), lambda pairs: (-pairs[0][1], -pairs[0][0]))


def to_exact(value: Outcome) -> Outcome:
    """An amount as a fraction of cents."""
    return lift(_exact, (value,), lambda pairs: (_exact(pairs[0][0]), _exact(pairs[0][1])))


def _exact(value: Any) -> Any:
    return value.exact if isinstance(value, Amount) else value


def rounded(value: Outcome, step: Round) -> Outcome:
    """*value* to a multiple of the step's unit: an amount, or a whole number."""

    def one(number: Any) -> Any:
        whole = round_to(_exact(number), step.unit, step.rounding)
        return Amount(whole) if step.money else whole

    return lift(one, (value,), lambda pairs: (one(pairs[0][0]), one(pairs[0][1])))


def least(operands: Sequence[Outcome]) -> Outcome:
    """The smallest; with unknowns, known when a bound decides."""
    return _pick(operands, -1)


def greatest(operands: Sequence[Outcome]) -> Outcome:
    return _pick(operands, 1)


def _pick(operands: Sequence[Outcome], sign: int) -> Outcome:
    def best(values: Sequence[Any]) -> Any:
        chosen = values[0]
        for value in values[1:]:
            found = order(value, chosen)
            if found is None:
                return Unknown(reasons=frozenset({INCOMPARABLE}))
            if found * sign > 0:
                chosen = value
        return chosen

    def ends(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, Any] | None:
        found = best([low for low, _ in pairs]), best([high for _, high in pairs])
        return found if all(map(is_known, found)) else None

    return lift(lambda *values: best(values), operands, ends)


def less(left: Outcome, right: Outcome) -> Outcome:
    """``left < right``: true, false, or what is worst."""
    wrong = worst((left, right))
    if wrong is None:
        found = order(left, right)
        if found is None:
            return Unknown(reasons=frozenset({INCOMPARABLE}))
        return found < 0
    if isinstance(wrong, Unknown):
        a, b = bounds(left), bounds(right)
        if a and b:
            if order(a[1], b[0]) == -1:
                return True
            if order(a[0], b[1]) in (0, 1):
                return False
        return Unknown(wrong.weights, wrong.reasons)
    return wrong


def equal(left: Outcome, right: Outcome) -> Outcome:
    """``left = right``."""
    wrong = worst((left, right))
    if wrong is None:
        if isinstance(left, Duration) and isinstance(right, Duration):
            found = left.compare(right)
            return found == 0 if found is not None else Unknown(reasons=frozenset({INCOMPARABLE}))
        return left == right
    if isinstance(wrong, Unknown):
        a, b = bounds(left), bounds(right)
        if any(pair and is_period(pair[0]) for pair in (a, b)):
            return False if apart(left, right) else Unknown(wrong.weights, wrong.reasons)
        if a and b and (order(a[1], b[0]) == -1 or order(b[1], a[0]) == -1):
            return False
        return Unknown(wrong.weights, wrong.reasons)
    return wrong


def zero(kind: Type) -> Any:
    """Nothing, in *kind*."""
    if kind == AMOUNT:
        return Amount(0)
    if kind == DURATION:
        return Duration(0, 0)
    return Fraction(0) if kind in (DECIMAL, RATE, EXACT) else 0


def total(operands: Sequence[Outcome], kind: Type) -> Outcome:
    """The sum; unknown if an operand is, with the bounds that add up."""
    wrong = worst(operands)
    if wrong is not None and not isinstance(wrong, Unknown):
        return wrong
    nothing = zero(kind)
    pairs = [pair for operand in operands if (pair := bounds(operand)) is not None]
    whole = None
    if len(pairs) == len(operands):
        low = sum((pair[0] for pair in pairs), start=nothing)
        high = sum((pair[1] for pair in pairs), start=nothing)
        if _big(low) or _big(high):
            return failure("E013", "nombre trop grand", "number too large")
        whole = low, high
    if wrong is None or (whole is not None and whole[0] == whole[1]):
        assert whole is not None
        return whole[0]
    low, high = whole or (None, None)
    return Unknown(wrong.weights, wrong.reasons, low, high)


def invert(outcome: Outcome) -> Outcome:
    """``non``."""
    return (not outcome) if isinstance(outcome, bool) else outcome


def any_of(outcomes: Sequence[Outcome]) -> Outcome:
    """``ou`` of truths: one that is true absorbs what is unknown, never what is worse."""
    wrong = worst(outcomes)
    if wrong is not None and not isinstance(wrong, Unknown):
        return wrong
    if True in outcomes:
        return True
    return False if wrong is None else Unknown(wrong.weights, wrong.reasons)
