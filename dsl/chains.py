"""Which decisions ask which, and where they may go round.

Decisions form no circle, save one that stays finite: a decision may ask, of the element before,
a decision that asks it in turn. Those that go round together are a *chain*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import attrs

from . import forms

if TYPE_CHECKING:
    from .program import Decision

# Of which element a decision is asked: the one in hand, the one before it, or another; or of any,
# supposing something else.
SAME, BEFORE, OTHER, SUPPOSED = "same", "before", "other", "supposed"


@attrs.frozen
class Asked:
    """A decision that another asks, of which element, and where that is written."""

    name: str
    whose: str
    at: forms.DecisionValue


def asked(decision: Decision) -> Iterator[Asked]:
    """The decisions that *decision* may ask. Its order is read of every element of the list."""
    rules = (decision.applicable, decision.general, decision.exceptions)
    for node in forms.parts(rules):
        match node:
            case forms.DecisionValue(name, forms.Previous()):
                yield Asked(name, BEFORE, node)
            case forms.DecisionValue(name, forms.Current()):
                yield Asked(name, SAME, node)
            case forms.DecisionValue(name):
                yield Asked(name, OTHER, node)
            case forms.Supposing(content=content):
                for inside in forms.parts(content):
                    if isinstance(inside, forms.DecisionValue):
                        yield Asked(inside.name, SUPPOSED, inside)
    if decision.sequence is not None:
        for node in forms.parts((decision.sequence.order, decision.sequence.keys)):
            if isinstance(node, forms.DecisionValue):
                yield Asked(node.name, OTHER, node)


def chained(decisions: Mapping[str, Decision]) -> dict[str, str]:
    """The decisions that go round with themselves or others → the name of their chain."""
    asks = {name: {a.name for a in asked(decision)} for name, decision in decisions.items()}
    return {
        name: min(circle)
        for circle in _together(asks)
        for name in circle
        if len(circle) > 1 or name in asks[name]
    }


def in_order(edges: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], list[str]]:
    """Nodes, those that others lead to first; or a circle, from its first name back to it."""
    try:
        return tuple(TopologicalSorter(edges).static_order()), []
    except CycleError as error:
        circle = error.args[1][-1:0:-1]  # from a node to one that it leads to
        start = circle.index(min(circle))
        circle = circle[start:] + circle[:start]
        return (), [*circle, circle[0]]


def _together(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """The nodes by those that lead to one another (Kosaraju's two passes)."""
    back: dict[str, list[str]] = {name: [] for name in edges}
    for name, found in edges.items():
        for other in found:
            if other in back:
                back[other].append(name)
    left: list[str] = []  # in the order in which one is done with them
    met: set[str] = set()
    for start in edges:
        todo = [(start, False)]
        while todo:
            name, done = todo.pop()
            if done:
                left.append(name)
            elif name not in met:
                met.add(name)
                todo.append((name, True))
                todo += [(other, False) for other in sorted(edges[name]) if other in edges]
    groups = []
    met.clear()
    for start in reversed(left):
        group = []
        todo_back = [start]
        while todo_back:
            name = todo_back.pop()
            if name not in met:
                met.add(name)
                group.append(name)
                todo_back += back[name]
        if group:
            groups.append(group)
    return groups
