"""The stretches of time over which a piece of law, and all that it asks, stays the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from weakref import WeakKeyDictionary

from lexald.dsl import program as core

# A program is read by many evaluations, and is kept by none.
_KEPT: WeakKeyDictionary[core.Program, dict[str, tuple[date, ...]]] = WeakKeyDictionary()


def rules_of(decision: core.Decision) -> object:
    """The core nodes that *decision* is made of."""
    return decision.applicable, decision.general, decision.exceptions


def days_of(program: core.Program, start: object) -> tuple[date, ...]:
    """One day in each stretch of time over which *start*, and all that it asks, is the same."""
    found: set[date] = set()
    for node in reached(program, start):
        periods: list[core.Period] = []
        match node:
            case core.ParameterValue(name):
                periods = [v.period for v in program.parameters[name].versions]
            case core.TableValue(name):
                periods = [v.period for v in program.tables[name].versions]
            case core.RuleVersion(period):
                periods = [period]
        found |= {d for p in periods for d in (p.since, p.until) if d}
    days = sorted(found)
    before = days[0] - timedelta(days=1) if days and days[0] > date.min else date.min
    return (before, *days)


def boundaries(program: core.Program, name: str) -> tuple[date, ...]:
    """As `days_of` the rules of decision *name*: worked out once for a program."""
    kept = _KEPT.setdefault(program, {})
    if name not in kept:
        kept[name] = days_of(program, rules_of(program.decisions[name]))
    return kept[name]


def reached(program: core.Program, start: object) -> Iterator[object]:
    """The nodes of *start*, and of the decisions that it asks."""
    met: set[str] = set()
    todo = [start]
    while todo:
        for node in core.parts(todo.pop()):
            yield node
            if isinstance(node, core.DecisionValue) and node.name not in met:
                met.add(node.name)
                todo.append(rules_of(program.decisions[node.name]))
