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
    return _chained({name: tuple(asked(decision)) for name, decision in decisions.items()})


def _chained(every: Mapping[str, Sequence[Asked]]) -> dict[str, str]:
    asks = {name: {found.name for found in asking} for name, asking in every.items()}
    return {
        name: min(circle)
        for circle in _together(asks)
        for name in circle
        if len(circle) > 1 or name in asks[name]
    }


# Longer than any law's; it bounds how deep an evaluation goes.
MAX_CHAIN = 150


@attrs.frozen
class Askings:
    """How the decisions of a law ask one another.

    *circle*: decisions that go round without end, from the first back to it; else *lengths* are
    those of the chains that end with each decision. *rounds*: what each decision asks of those
    that go round with it, by *chains*, which ends since they go back along a list.
    """

    circle: list[str]
    lengths: Mapping[str, int]
    chains: Mapping[str, str]
    rounds: Mapping[str, tuple[Asked, ...]]


def askings(decisions: Mapping[str, Decision]) -> Askings:
    """How *decisions* ask one another."""
    every = {name: tuple(asked(decision)) for name, decision in decisions.items()}
    chains = _chained(every)
    asks: dict[str, set[str]] = {name: set() for name in decisions}
    rounds: dict[str, tuple[Asked, ...]] = {}
    for name, asking in every.items():
        for found in asking:
            is_round = name in chains and chains[name] == chains.get(found.name)
            if is_round:
                rounds[name] = (*rounds.get(name, ()), found)
            if not (is_round and found.whose == BEFORE):
                asks[name].add(found.name)
    order, circle = in_order({name: sorted(found) for name, found in asks.items()})
    lengths: dict[str, int] = {}
    for name in order:
        lengths[name] = 1 + max((lengths[found] for found in asks.get(name, ())), default=0)
    return Askings(circle, lengths, chains, rounds)


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
