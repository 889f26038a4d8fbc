"""Decisions that ask themselves of the element before."""

from __future__ import annotations

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
        wanted = np.unique(places[~self.done[places]])
        if len(wanted):
            self._work(wanted)
        if len(self.found) > 1:
            self.found = [concat(self.found)]
        return self.found[0].take(self.place[places])

    def _work(self, wanted: Array) -> None:
        before = self._before()
        # The rank of each along its list; all that come before those wanted are wanted too.
        needed = np.zeros(self.env.n, bool)
        front = wanted
        while len(front):
            needed[front] = True
            front = np.unique(np.concatenate([one[front] for one in before]))
            front = front[front >= 0]
            front = front[~needed[front] & ~self.done[front]]
        todo = needed & ~self.done
        while todo.any():
            ready = todo.copy()
            for one in before:
                ready &= (one < 0) | ~todo[one]
            if not ready.any():
                ready = todo  # two orders that cross: each asks what it needs
            lanes = np.flatnonzero(ready & ~self.done)
            if len(lanes):
                found = self.world.in_lanes(self.decision, self.env.take(lanes))
                self.place[lanes] = self.size + np.arange(len(lanes))
                self.size += len(lanes)
                self.found.append(found)
                self.done[lanes] = True
            todo &= ~ready

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
