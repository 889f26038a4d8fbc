"""Cases on the columnar back end: those of one date are one block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property

import attrs

from lexald.dsl import program as core
from lexald.engine.columnar.answers import Reader, paths_of
from lexald.engine.columnar.block import Block
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.situations import block_of
from lexald.engine.columnar.world import World
from lexald.engine.elements import Element, Situation
from lexald.engine.outcomes import FactPath, Outcome


class Population:
    """The situations of one date, decided as one block once all are known."""

    def __init__(self, program: core.Program, on: date) -> None:
        self.program = program
        self.on = on
        self.situations: list[Situation] = []

    @cached_property
    def block(self) -> Block:
        return block_of(self.program, self.situations)

    @cached_property
    def kernel(self) -> Kernel:
        return Kernel(self.program, self.on)

    @cached_property
    def world(self) -> World:
        return World(self.kernel, self.block, frozenset(self.program.decisions))

    @cached_property
    def refused(self) -> frozenset[int]:
        """The situations that the law declares impossible."""
        found = self.kernel.forbidden(self.block).values()
        return frozenset(int(rank) for ranks, _ in found for rank in ranks)

    @cached_property
    def places(self) -> Mapping[tuple[str, int, FactPath], int]:
        """Where each element is in the table of its entity: by situation and path."""
        return {
            (entity, int(table.situation[place]), path): place
            for entity, table in self.block.tables.items()
            for place, path in enumerate(paths_of(self.program, self.block, entity))
        }


@attrs.frozen
class Lane:
    """One situation of a population."""

    population: Population
    rank: int

    @property
    def is_refused(self) -> bool:
        return self.rank in self.population.refused

    def answer(self, name: str, element: Element | None) -> Outcome:
        of = self.population
        return self._reader(name).outcome(of.world.decided(name), self._lane(name, element))

    def rules(self, name: str, element: Element | None) -> tuple[str, ...]:
        of = self.population
        return self._reader(name).rules(of.world.decided(name), self._lane(name, element))

    def _reader(self, name: str) -> Reader:
        of = self.population
        return Reader(of.kernel, of.block, of.program.decisions[name].type)

    def _lane(self, name: str, element: Element | None) -> int:
        of = self.population
        entity = of.program.decisions[name].entity
        if entity is None:
            return self.rank
        assert element is not None
        return of.places[entity, self.rank, element.path]


def sitting(program: core.Program) -> Callable[[Situation, date], Lane]:
    """What seats situations of *program*. All of one date are decided together, so they sit
    before any is asked."""
    populations: dict[date, Population] = {}

    def sit(situation: Situation, on: date) -> Lane:
        population = populations.setdefault(on, Population(program, on))
        population.situations.append(situation)
        return Lane(population, len(population.situations) - 1)

    return sit
