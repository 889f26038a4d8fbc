"""What cannot but fail on a day: a rule that reads, whatever the situation, what has not begun.

A rule that begins a day early answers nothing on that day when what it reads begins with it: the
answer is the same error, "not yet in force", as without the rule. No situation tells such a mutant
from the law, so it is not made.
"""

from __future__ import annotations

from datetime import date

from lexald.dsl import program as core


def not_begun(program: core.Program, expr: core.Expr, day: date) -> bool:
    """Whether *expr* can only come to "not yet in force" on *day*.

    Errors win over all else, and every operand is evaluated but the branches of a choice and what
    a walk makes of each element: so one operand that fails is enough. What may not apply, or
    stands on another day, is not counted on.
    """
    match expr:
        case core.ParameterValue(name):
            return _begins_later(program.parameters[name].versions, day)
        case core.TableValue(name, arguments):
            plain = (core.Constant, core.Fact, core.Root, core.Current)
            return all(isinstance(one, plain) for one in arguments) and _begins_later(
                program.tables[name].versions, day
            )
        case core.DecisionValue(name, base):
            return _decision(program, name, base, day)
        case core.All(operands) | core.Some(operands) | core.Count(_, _, operands):
            return any(not_begun(program, one, day) for one in operands)
        case core.Compare(_, left, right, _) | core.Arithmetic(_, left, right, _):
            return not_begun(program, left, day) or not_begun(program, right, day)
        case core.Shift(left, right) | core.Gap(left, right):
            return not_begun(program, left, day) or not_begun(program, right, day)
        case core.Extremum(_, operands, _) | core.Builtin(_, operands):
            return any(not_begun(program, one, day) for one in operands)
        case core.IsOneOf(operand, choices):
            return any(not_begun(program, one, day) for one in (operand, *choices))
        case core.IsIn(operand, items):
            return not_begun(program, operand, day) or not_begun(program, items, day)
        case (
            core.Not(operand) | core.Negate(operand) | core.Exact(operand) | core.Noted(operand)
            | core.IsPresent(operand) | core.IsApplicable(operand)
        ):  # fmt: skip
            return not_begun(program, operand, day)
        case core.Staged(value):
            return not_begun(program, value, day)
        case core.Choice(condition):
            return not_begun(program, condition, day)
        case core.Walk(items=items):
            return not_begun(program, items, day)
    return False


def _decision(program: core.Program, name: str, base: core.Expr | None, day: date) -> bool:
    """Of the element itself, or of no element: another element may have a day of its own."""
    decision = program.decisions[name]
    if decision.applicable is not None or not isinstance(base, core.Current | None):
        return False
    if any(rule.versions[0].period.since is None for rule in decision.exceptions):
        return False
    if any(rule.versions[0].period.contains(day) or not _begins_later(rule.versions, day)
           for rule in decision.exceptions):  # fmt: skip
        return False
    return _begins_later(decision.general.versions, day)


Versions = (
    tuple[core.RuleVersion, ...] | tuple[core.ParameterVersion, ...] | tuple[core.TableVersion, ...]
)


def _begins_later(versions: Versions, day: date) -> bool:
    """Whether the first of *versions* begins after *day*, and is known to."""
    first = versions[0].period
    return first.since is not None and day < first.since and not first.attested


def is_foretold(program: core.Program, decision: core.Decision, rule: core.Rule, day: date) -> bool:
    """Whether *decision* answers the same on *day*, the eve of the first version of *rule*, with
    that version or without."""
    first = rule.versions[0]
    if rule is decision.general:
        return not_begun(program, first.value, day)
    return (
        first.guard is not None
        and not_begun(program, first.guard, day)
        and _begins_later(decision.general.versions, day)
    )
