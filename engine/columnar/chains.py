"""Decisions that ask themselves of the element before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lexald.dsl import program as core

from ..stretches import rules_of
from .columns import UNKNOWN, VALUE, Array, Column, concat, of_state
from .lanes import Env

if TYPE_CHECKING:
    from .world import World


class Chained:
    """A decision that asks itself of the element before, worked out along each list.

    Elements are taken in the order of their ranks in their sequences: what an element asks of the
    one before is then known, and nothing goes deeper however long the list.
    """

    def __init__(self, world: World, decision: core.Decision, env: Env) -> None:
        self.world = world
        self.decision = decision
        self.env = env
        self.done = np.zeros(env.n, bool)
        self.place = np.zeros(env.n, np.int64)
        self.found: list[Column] = []
        self.size = 0

    def ask(self, places: Array | None) -> Column:
        """What the decision comes to for the elements at *places*."""
        assert places is not None
        if not len(places):
            return of_state(0, UNKNOWN)
        wanted = self._marked(places[~self.done[places]])
        if len(wanted):
            self._work(wanted)
        if len(self.found) > 1:
            self.found = [concat(self.found)]
        return self.found[0].take(self.place[places])

    def _marked(self, places: Array) -> Array:
        """*places*, each once and in order."""
        marks = np.zeros(self.env.n, bool)
        marks[places] = True
        return np.flatnonzero(marks)

    def _work(self, wanted: Array) -> None:
        for lanes in self._levels(wanted):
            found = self.world.in_lanes(self.decision, self.env.take(lanes))
            self.place[lanes] = self.size + np.arange(len(lanes))
            self.size += len(lanes)
            self.found.append(found)
            self.done[lanes] = True

    def _levels(self, wanted: Array) -> Iterator[Array]:
        """The elements wanted, and all that come before them, those that have none left before
        them first."""
        before = self._before()
        needed = self._marked(wanted)
        todo = np.zeros(self.env.n, bool)
        todo[needed] = True
        front = needed
        while len(front):
            front = np.concatenate([one[front] for one in before])
            front = front[front >= 0]
            front = self._marked(front[~todo[front] & ~self.done[front]])
            todo[front] = True
        lanes = np.flatnonzero(todo)
        depth = np.zeros(self.env.n, np.int64)
        # How many stand before each: the way back is doubled at each turn.
        (back, *others) = (np.where(todo[one] & (one >= 0), one, -1) for one in before)
        if others:
            # Two orders, which may cross: each element when all that stand before it are done.
            yield from self._by_turns(todo, [back, *others])
            return
        steps = (back >= 0).astype(np.int64)
        while (going := back >= 0).any():
            at = np.where(going, back, 0)
            steps = np.where(going, steps + steps[at], steps)
            back = np.where(going, back[at], -1)
        depth = steps[lanes]
        order = np.argsort(depth, kind="stable")
        sizes = np.bincount(depth)
        start = 0
        for size in sizes:
            yield lanes[order[start : start + size]]
            start += size

    def _by_turns(self, todo: Array, before: Sequence[Array]) -> Iterator[Array]:
        while todo.any():
            ready = todo.copy()
            for one in before:
                ready &= (one < 0) | ~todo[one]
            if not ready.any():
                ready = todo.copy()
            lanes = np.flatnonzero(ready & ~self.done)
            todo &= ~ready
            if len(lanes):
                yield lanes

    def _before(self) -> list[Array]:
        """For each sequence of the chain, the element before each; -1 for none, or not known."""
        world = self.world
        chains = world.program.chains
        chain = chains[self.decision.name]
        sequences: dict[core.Sequence, None] = {}
        for name, held in chains.items():
            if held == chain:
                for node in core.parts(rules_of(world.program.decisions[name])):
                    if isinstance(node, core.Previous):
                        sequences[node.sequence] = None
        found = []
        for sequence in sequences:
            column = world.before(sequence, self.env)[0]
            if not column.parts:
                found.append(np.full(self.env.n, -1))
            else:
                found.append(np.where(column.is_(VALUE), column.parts[0], -1))
        return found
