"""What is worked out for the lanes that ask, and kept; decisions that ask themselves of the element
before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lexald.dsl import program as core

from ..stretches import rules_of
from .columns import UNKNOWN, VALUE, Array, Column, concat, of_state
from .lanes import Env

if TYPE_CHECKING:
    from .world import World


class Asked:
    """What *work* gives in lanes of *env*, a whole table: in those that were asked for, each once."""

    def __init__(self, env: Env, work: Callable[[Env], Column]) -> None:
        self.env = env
        self.work = work
        self.done = np.zeros(env.n, bool)
        self.number = 0  # of lanes done
        self.place = np.zeros(env.n, np.int64)
        self.found: list[Column] = []

    def wanted(self, places: Array) -> Array:
        """Those of *places* that are not done, each once and in order."""
        return self._marked(places[~self.done[places]])

    def ask(self, places: Array, wanted: Array | None = None) -> Column:
        """What the lanes at *places* come to. *wanted*: as `wanted` says."""
        if not len(places):
            return of_state(0, UNKNOWN)
        if wanted is None:
            wanted = self.wanted(places)
        if len(wanted):
            for lanes in self._levels(wanted):
                found = self.work(self.env.take(lanes))
                self.place[lanes] = self.number + np.arange(len(lanes))
                self.number += len(lanes)
                self.found.append(found)
                self.done[lanes] = True
        if len(self.found) > 1:
            self.found = [concat(self.found)]
        return self.found[0].take(self.place[places])

    def _marked(self, places: Array) -> Array:
        """*places*, each once and in order."""
        marks = np.zeros(self.env.n, bool)
        marks[places] = True
        return np.flatnonzero(marks)

    def _levels(self, wanted: Array) -> Iterator[Array]:
        """*wanted*, cut in what may be worked out together, one after the other."""
        yield wanted


class Chained(Asked):
    """A decision that asks itself of the element before, worked out along each list.

    Elements are taken in the order of their ranks in their sequences: what an element asks of the
    one before is then known, and nothing goes deeper however long the list.
    """

    def __init__(self, world: World, decision: core.Decision, env: Env) -> None:
        super().__init__(env, lambda inner: world.in_lanes(decision, inner))
        self.world = world
        self.decision = decision

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
