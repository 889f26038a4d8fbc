"""Facts without which a condition is never true.

Most of what the law forbids of an element is asked of facts that its situation does not tell: a test of
these is a hundredth of what it takes to find, operand by operand, that the answer is unknown.
"""

from __future__ import annotations

from lexald.dsl import program as core


def needed(condition: core.Expr) -> frozenset[str]:
    """Facts of the element at hand: where one is not known, and has no bounds, *condition* is not true.

    Nor is it, then, whatever truth is supposed of what is open in it.
    """
    match condition:
        case core.Noted(operand):
            return needed(operand)
        case core.All(operands):
            return frozenset().union(*map(needed, operands))
        case core.Choice(test, then, core.Constant(False)):
            return needed(test) | needed(then)  # `et` after a test of presence
        case core.Not(operand):
            return _needed_against(operand)
        case core.IsPresent(operand):
            return _read(operand)
    return _atom(condition)


def _needed_against(condition: core.Expr) -> frozenset[str]:
    """The same, for *condition* to be false."""
    match condition:
        case core.Noted(operand):
            return _needed_against(operand)
        case core.Some(operands):
            return frozenset().union(*map(_needed_against, operands))
        case core.Choice(test, core.Constant(True), otherwise):
            return _needed_against(test) | _needed_against(otherwise)
        case core.Not(operand):
            return needed(operand)
        case core.IsPresent(operand):
            return _read(operand)
    return _atom(condition)


def _atom(condition: core.Expr) -> frozenset[str]:
    match condition:
        case core.Compare(_, left, right, None):
            return _read(left) | _read(right)
        case core.IsOneOf(operand):
            return _read(operand)
        case core.Fact():
            return _read(condition)
    return frozenset()


def _read(expr: core.Expr) -> frozenset[str]:
    """Facts that make *expr* unknown, without bounds, where they are so."""
    match expr:
        case core.Noted(operand) | core.Negate(operand) | core.Exact(operand):
            return _read(operand)
        case core.Fact(core.Current(), name):
            return frozenset({name})
        case core.Arithmetic("+" | "-", left, right):
            return _read(left) | _read(right)
        case core.Shift(day, duration):
            return _read(day) | _read(duration)
        case core.Gap(end, start):
            return _read(end) | _read(start)
        case core.Builtin(_, arguments):
            return frozenset().union(*map(_read, arguments))
    return frozenset()
