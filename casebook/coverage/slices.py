"""Which of the steps of an evaluation its outcome rests on.

A step counts when another outcome of it could have given another answer: the false operands of an
``et`` that is false, the true ones of an ``ou`` that is true, the branch that was taken. Where the
whole is not known, it rests on what is not known: the rest has proved nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lexald.dsl import program as core
from lexald.engine.outcomes import Outcome, Unknown, same

from .tracing import Frame, LookedUp, Node, Shared, Step


def counting(node: Node) -> Iterator[tuple[Step, bool]]:
    """What was evaluated for *node*, each with whether *node* rests on it."""
    expr, outcome = node.expr, node.outcome
    match expr:
        case core.All() if outcome is False:
            decisive: Any = False
        case core.Some() if outcome is True:
            decisive = True
        case core.Walk("existe", condition=condition) if outcome is True:
            for step in node.below:
                yield step, not _is(step, condition) or _outcome(step) is True
            return
        case core.Walk("tout", body=body) if outcome is False:
            for step in node.below:
                yield step, not _is(step, body) or _outcome(step) is False
            return
        case core.All() | core.Some() | core.Not() | core.Count():
            decisive = None
        case core.Choice(condition):
            yield from _branches(node, condition)
            return
        case _ if isinstance(outcome, Unknown):
            for step in node.below:
                yield step, isinstance(step, LookedUp) or isinstance(_outcome(step), Unknown)
            return
        case _:
            decisive = None
    for step in node.below:
        yield step, decisive is None or _outcome(step) is decisive


def _branches(node: Node, condition: core.Expr) -> Iterator[tuple[Step, bool]]:
    tests = [step for step in node.below if _is(step, condition)]
    is_open = bool(tests) and isinstance(_outcome(tests[0]), Unknown)
    for step in node.below:
        if not is_open or step in tests:
            yield step, True
        else:
            # Either branch may be taken: both count where they agree.
            found = _outcome(step)
            yield step, isinstance(found, Unknown) or same(found, node.outcome)


def _is(step: Step, expr: core.Expr | None) -> bool:
    return isinstance(step, Node) and step.expr is expr


def _outcome(step: Step) -> Outcome:
    match step:
        case Node():
            return step.outcome
        case Frame():
            return step.decided.outcome
        case Shared([alone]):  # one expression at the law of a day
            return _outcome(alone)
    return None
