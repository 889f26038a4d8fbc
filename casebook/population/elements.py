"""The elements of one entity in one block, whose facts are drawn when they are asked for.

Each fact has a random stream of its own, keyed by the seed, the rank of the block and the name of
the fact. So a fact is the same whether others are drawn or not, and a block whether the blocks
before it are.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import date

import attrs
import numpy as np

from lexald.dsl.program import Field, Program
from lexald.dsl.types import EnumType, ListType

from .facts import Array, Fact, Lists

# A day of 1970 in `date.toordinal`.
EPOCH = date(1970, 1, 1).toordinal()


@attrs.frozen(eq=False)
class Draws:
    """The random streams of one block."""

    seed: int
    block: int

    def stream(self, *names: str) -> np.random.Generator:
        """The stream of what is called *names*; each call starts it anew."""
        key = zlib.crc32("/".join(names).encode())
        return np.random.Generator(np.random.SFC64([self.seed, self.block, key]))


Habit = Callable[["Elements", np.random.Generator], Fact | Lists]


@attrs.frozen(eq=False)
class HabitTable:
    """What draws which facts, kept as it is declared."""

    facts: dict[tuple[str, str], Habit] = attrs.field(factory=dict)

    def of(self, entity: str, *names: str) -> Callable[[Habit], Habit]:
        """Keep what is decorated as what draws *names*. A name in brackets is of no fact of the
        law: other habits read it."""

        def keep(habit: Habit) -> Habit:
            self.facts.update(((entity, name), habit) for name in names)
            return habit

        return keep


@attrs.frozen(eq=False)
class Habits:
    """What is drawn for the facts of a law.

    Args:
        facts: (entity, fact) → what draws it; ``""`` for the roots of the situation, whose
            presence or length is drawn: `Lists` for a list, `Fact` of booleans for an element.
        others: what draws a fact that is not in *facts*.
    """

    facts: Mapping[tuple[str, str], Habit]
    others: Callable[[Elements, Field, np.random.Generator], Fact | Lists]


@attrs.define(eq=False)
class Elements:
    """Elements of one entity; ``""`` stands for the situations themselves.

    Args:
        on: the date of law, in days since 1970: what is drawn comes before it, or near it.
        size: how many.
        holder: the elements that hold them, and *of* the one that holds each; `None` for the
            situations.
        path: the names that lead to them, from the situation.
    """

    program: Program
    habits: Habits
    draws: Draws
    on: int
    entity: str
    size: int
    path: tuple[str, ...] = ()
    holder: Elements | None = None
    of: Array = attrs.field(factory=lambda: np.empty(0, np.int64))
    _drawn: dict[str, Fact | Lists] = attrs.field(factory=dict, init=False)
    _held: dict[str, Elements] = attrs.field(factory=dict, init=False)

    def fields(self) -> Mapping[str, Field]:
        if not self.entity:
            return self.program.roots
        return self.program.entities[self.entity].fields

    def stream(self, *names: str) -> np.random.Generator:
        return self.draws.stream(*self.path, *names)

    def drawn(self, name: str) -> Fact | Lists:
        """What the fact *name* comes to."""
        found = self._drawn.get(name)
        if found is None:
            stream = self.stream(name)
            habit = self.habits.facts.get((self.entity, name))
            if habit is not None:
                found = habit(self, stream)
            else:
                found = self.habits.others(self, self.fields()[name], stream)
            self._drawn[name] = found
        return found

    def fact(self, name: str) -> Fact:
        """The fact *name*, which is no list."""
        found = self.drawn(name)
        assert isinstance(found, Fact), name
        return found

    def values(self, name: str) -> Array:
        return self.fact(name).array

    def is_member(self, name: str, *members: str) -> Array:
        """Where the fact *name*, of an enumeration, is one of *members*."""
        ranks = ranks_of(self.program, self.fields()[name])
        return np.isin(self.values(name), [ranks[member] for member in members])

    def held(self, name: str, entity: str) -> Elements:
        """The elements that the list *name*, or the fact *name* that is one, holds."""
        found = self._held.get(name)
        if found is None:
            drawn = self.drawn(name)
            if isinstance(drawn, Lists):
                of = np.repeat(np.arange(self.size), drawn.counts)
            else:
                of = np.arange(self.size)
            found = self._held[name] = attrs.evolve(
                self, entity=entity, size=len(of), path=(*self.path, name), holder=self, of=of
            )
        return found

    def situations(self) -> Elements:
        """The situations of the block."""
        return self if self.holder is None else self.holder.situations()

    def situation_of(self) -> Array:
        """The situation of each element."""
        if self.holder is None:
            return np.arange(self.size)
        return self.holder.situation_of()[self.of]

    def rank_in_list(self) -> Array:
        """The rank of each element among those of one holder, from 0."""
        starts = np.searchsorted(self.of, self.of, side="left")
        return np.arange(self.size) - starts


def ranks_of(program: Program, field: Field) -> Mapping[str, int]:
    """The ranks of the members that *field* may have."""
    kind = field.type.item if isinstance(field.type, ListType) else field.type
    assert isinstance(kind, EnumType), field
    return {member: rank for rank, member in enumerate(program.enumerations[kind.name].members)}
