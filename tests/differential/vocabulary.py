"""What a law under construction declares, and what an expression of it may read where it stands.

Texts stand for what they say: two reads that are written alike are one, as they are for the
checker, so that a test of presence governs what is read after it.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from lexald.dsl.names import owner_name
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    INT,
    OPEN_PERIOD,
    PERIOD,
    RATE,
    TEXT,
    EntityType,
    ListType,
    Type,
)

SCALAR_TYPES = (BOOL, INT, DECIMAL, RATE, AMOUNT, DATE, DURATION, PERIOD, OPEN_PERIOD, TEXT)
ORDERED_TYPES = (INT, DECIMAL, RATE, AMOUNT, DATE, DURATION)
# Elements reached through elements: an owner's contract's owner is far enough.
MAX_PATH = 3


@attrs.frozen
class FieldSpec:
    name: str
    type: Type
    optional: bool = False


@attrs.define
class EntitySpec:
    name: str
    owner: str | None = None
    event: str | None = None
    fields: list[FieldSpec] = attrs.field(factory=list)


@attrs.frozen
class TableSpec:
    name: str
    columns: tuple[tuple[Type, bool], ...]
    type: Type
    absent: bool
    inapplicable: bool


@attrs.frozen
class DecisionSpec:
    name: str
    entity: str | None
    type: Type
    optional: bool = False
    inapplicable: bool = False


@attrs.define
class World:
    """All that is declared so far."""

    enumerations: dict[str, tuple[str, ...]] = attrs.field(factory=dict)
    entities: dict[str, EntitySpec] = attrs.field(factory=dict)
    roots: list[FieldSpec] = attrs.field(factory=list)
    parameters: list[FieldSpec] = attrs.field(factory=list)
    tables: list[TableSpec] = attrs.field(factory=list)
    decisions: list[DecisionSpec] = attrs.field(factory=list)


@attrs.frozen
class Thing:
    """Something to read: how it is written, its type, and whether it may be absent or not apply.

    *dated*: the law of the day changes it. *decision*: it is the answer of one.
    """

    text: str
    type: Type
    absent: bool = False
    inapplicable: bool = False
    dated: bool = False
    decision: bool = False

    @property
    def is_sure(self) -> bool:
        return not self.absent and not self.inapplicable

    @property
    def test(self) -> str:
        """What is asked before it is read."""
        asked = [f"{self.text} est applicable"] if self.inapplicable else []
        asked += [f"{self.text} est présent"] if self.absent else []
        return " et ".join(asked)


@attrs.frozen
class Scope:
    """Where an expression stands.

    Args:
        entity: that of the decision; its names are read bare.
        variables: what walks name.
        sure: texts that a test has shown to be there and to apply.
        sequence: whether the decision says in which order it reads `précédent`.
        chain: the decisions that go round with this one, itself included: read of the same element
            or of the one before, never of another, never under a supposition.
        later: those of the chain that are read of the element before only.
        supposing: inside a supposition.
    """

    entity: str | None = None
    variables: tuple[tuple[str, Type], ...] = ()
    sure: frozenset[str] = frozenset()
    sequence: bool = False
    chain: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    supposing: bool = False

    def knowing(self, thing: Thing) -> Scope:
        return attrs.evolve(self, sure=self.sure | {thing.text})

    def with_variable(self, name: str, kind: Type) -> Scope:
        return attrs.evolve(self, variables=(*self.variables, (name, kind)))

    def supposed(self) -> Scope:
        return attrs.evolve(self, sure=frozenset(), supposing=True)


def things(world: World, scope: Scope) -> list[Thing]:
    """Everything that may be read in *scope*."""
    return list(_Things(world, scope).all())


@attrs.frozen
class _Things:
    world: World
    scope: Scope

    def all(self) -> Iterator[Thing]:
        if self.scope.entity is not None:
            yield from self.members("", self.scope.entity, 1, same=True)
        for name, kind in self.scope.variables:
            yield from self.thing(Thing(name, kind), 1)
        if self.scope.sequence:
            before = Thing("précédent", EntityType(str(self.scope.entity)), absent=True)
            yield from self.thing(before, 1, same=True)
        for root in self.world.roots:
            yield from self.thing(Thing(root.name, root.type, root.optional), 1)
        for decision in self.world.decisions:
            if decision.entity is None:
                yield from self.answer("", decision, same=True)
        for parameter in self.world.parameters:
            yield Thing(parameter.name, parameter.type, dated=True)

    def thing(self, found: Thing, depth: int, *, same: bool = False) -> Iterator[Thing]:
        """*found*, and what is read of it if it is an element."""
        if found.text in self.scope.sure:
            found = attrs.evolve(found, absent=False, inapplicable=False)
        yield found
        if isinstance(found.type, EntityType) and found.is_sure and depth < MAX_PATH:
            yield from self.members(f"{found.text}.", found.type.name, depth + 1, same=same)

    def members(self, base: str, entity: str, depth: int, *, same: bool) -> Iterator[Thing]:
        spec = self.world.entities[entity]
        for field in spec.fields:
            yield from self.thing(Thing(base + field.name, field.type, field.optional), depth)
        if spec.owner is not None:
            owner = Thing(base + owner_name(spec.owner), EntityType(spec.owner))
            yield from self.thing(owner, depth)
        for decision in self.world.decisions:
            if decision.entity == entity:
                yield from self.answer(base, decision, same=same)

    def answer(self, base: str, decision: DecisionSpec, *, same: bool) -> Iterator[Thing]:
        short = decision.name.rpartition(".")[2]
        if decision.name in self.scope.chain and (
            self.scope.supposing or not same or (base == "" and decision.name in self.scope.later)
        ):
            return
        yield from self.thing(
            Thing(
                base + short,
                decision.type,
                decision.optional,
                decision.inapplicable,
                dated=True,
                decision=True,
            ),
            MAX_PATH,
        )


def item_of(kind: Type) -> Type | None:
    """What a list of type *kind* holds."""
    return kind.item if isinstance(kind, ListType) else None
