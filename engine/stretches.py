"""The stretches of time over which a piece of law, and all that it asks, stays the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from weakref import WeakKeyDictionary

import attrs

from lexald.dsl import program as core

# A program is read by many evaluations, and is kept by none.
_KEPT: WeakKeyDictionary[core.Program, dict[str, tuple[date, ...]]] = WeakKeyDictionary()
_TRIED: WeakKeyDictionary[core.Program, dict[str, Tried]] = WeakKeyDictionary()


@attrs.frozen
class Tried:
    """The days that stand for all, when a piece of law is read at one that is not known.

    Args:
        days: one in each stretch over which the piece itself is the same. Decisions of elements
            that have a day of their own are not among what changes: they are asked at that day.
        is_one: nothing that it asks ever changes, these decisions included.
    """

    days: tuple[date, ...]
    is_one: bool


def rules_of(decision: core.Decision) -> object:
    """The core nodes that *decision* is made of."""
    return decision.applicable, decision.general, decision.exceptions


def days_of(program: core.Program, start: object) -> tuple[date, ...]:
    """One day in each stretch of time over which *start*, and all that it asks, is the same."""
    return _with_one_before(_changes(program, reached(program, start)))


def tried(program: core.Program, start: object) -> Tried:
    """The days at which *start* is read when its own is not known."""
    every = days_of(program, start)
    days = _with_one_before(_changes(program, reached(program, start, at_their_own=False)))
    # Where nothing of its own changes, any day will do: the latest law is the one to quote.
    return Tried(days if len(days) > 1 else every[-1:], len(every) == 1)


def tried_of(program: core.Program, name: str) -> Tried:
    """As `tried` the rules of decision *name*: worked out once for a program."""
    kept = _TRIED.setdefault(program, {})
    if name not in kept:
        kept[name] = tried(program, rules_of(program.decisions[name]))
    return kept[name]


def _changes(program: core.Program, nodes: Iterator[object]) -> list[date]:
    """The days on which some of *nodes* changes."""
    found: set[date] = set()
    for node in nodes:
        periods: list[core.Period] = []
        match node:
            case core.ParameterValue(name):
                periods = [v.period for v in program.parameters[name].versions]
            case core.TableValue(name):
                periods = [v.period for v in program.tables[name].versions]
            case core.RuleVersion(period):
                periods = [period]
        found |= {d for p in periods for d in (p.since, p.until) if d}
    return sorted(found)


def _with_one_before(days: list[date]) -> tuple[date, ...]:
    before = days[0] - timedelta(days=1) if days and days[0] > date.min else date.min
    return (before, *days)


def boundaries(program: core.Program, name: str) -> tuple[date, ...]:
    """As `days_of` the rules of decision *name*: worked out once for a program."""
    kept = _KEPT.setdefault(program, {})
    if name not in kept:
        kept[name] = days_of(program, rules_of(program.decisions[name]))
    return kept[name]


def reached(program: core.Program, start: object, *, at_their_own: bool = True) -> Iterator[object]:
    """The nodes of *start*, and of the decisions that it asks.

    *at_their_own*: those of elements with a day of their own included.
    """
    met: set[str] = set()
    todo = [start]
    while todo:
        for node in core.parts(todo.pop()):
            yield node
            if isinstance(node, core.DecisionValue) and node.name not in met:
                met.add(node.name)
                decision = program.decisions[node.name]
                entity = program.entities[decision.entity] if decision.entity else None
                if at_their_own or entity is None or entity.event is None:
                    todo.append(rules_of(decision))
