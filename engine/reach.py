"""The facts that a decision may ask for: those that its rules can read, whatever the situation.

They are found in the law alone, so a service knows them before it has any data. What is found is
enough: no other fact can change the answer. It may be more than one situation needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, ListType, Type

from .stretches import rules_of


@attrs.frozen
class Reach:
    """*roots* of the situation, *fields* as (entity, name), and *decisions* that may be read."""

    roots: frozenset[str]
    fields: frozenset[tuple[str, str]]
    decisions: frozenset[str]


def reach(program: core.Program, names: Iterable[str]) -> Reach:
    """What the decisions *names* may read, and what leads to it in a situation."""
    search = _Search(program)
    for name in names:
        search.decision(name)
    search.holders()
    return Reach(frozenset(search.roots), frozenset(search.fields), frozenset(search.decisions))


Variables = Mapping[str, str | None]


class _Search:
    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.roots: set[str] = set()
        self.fields: set[tuple[str, str]] = set()
        self.decisions: set[str] = set()
        self.entities: set[str] = set()
        self.todo: list[str] = []

    def decision(self, name: str) -> None:
        """Follow *name* and all that it reads."""
        self._call(name)
        while self.todo:
            decision = self.program.decisions[self.todo.pop()]
            self._read(rules_of(decision), {})

    def _call(self, name: str) -> None:
        if name not in self.decisions:
            self.decisions.add(name)
            self.todo.append(name)
            self._meet(self.program.decisions[name].entity)

    def _meet(self, entity: str | None) -> None:
        if entity is not None and entity not in self.entities:
            self.entities.add(entity)
            event = self.program.entities[entity].event
            if event is not None:
                self.fields.add((entity, event))

    def holders(self) -> None:
        """What holds the elements that were met, up to the roots."""
        todo = list(self.entities)
        while todo:
            entity = todo.pop()
            for name, field in self.program.roots.items():
                if _item(field.type) == entity:
                    self.roots.add(name)
            for holder in self.program.entities.values():
                for field in holder.fields.values():
                    if _item(field.type) == entity and (holder.name, field.name) not in self.fields:
                        self.fields.add((holder.name, field.name))
                        if holder.name not in self.entities:
                            self._meet(holder.name)
                            todo.append(holder.name)

    # Expressions: what is read, and the entity of what it comes to.

    def _read(self, node: Any, variables: Variables) -> str | None:
        """Note what *node* reads. Returns the entity of its value, or of the items of its value."""
        match node:
            case tuple():
                for part in node:
                    self._read(part, variables)
                return None
            case core.Current(current):
                self._meet(current)
                return current
            case core.Variable(name):
                return variables.get(name)
            case core.Root(name):
                self.roots.add(name)
                held = _item(self.program.roots[name].type)
                self._meet(held)
                return held
            case core.Owner(base):
                owned = self._read(base, variables)
                owner = self.program.entities[owned].owner if owned else None
                self._meet(owner)
                return owner
            case core.Fact(base, name):
                holder = self._read(base, variables)
                return self._field(holder, name)
            case core.DecisionValue(name, base):
                self._read(base, variables)
                self._call(name)
                return None
            case core.Walk(_, variable, items, condition, order, body):
                item = self._read(items, variables)
                inside = {**variables, variable: item}
                for part in (condition, order, body):
                    self._read(part, inside)
                return item
            case core.Groups(variable, items, keys):
                item = self._read(items, variables)
                self._read(keys, {**variables, variable: item})
                return item
            case core.Spanned():
                found = [
                    self._read(getattr(node, field.name), variables)
                    for field in attrs.fields(type(node))
                    if field.name != "span"
                ]
                return next((entity for entity in found if entity is not None), None)
        return None

    def _field(self, holder: str | None, name: str) -> str | None:
        """Fact *name* of *holder*; of every entity that has one, where the holder is not known."""
        holders = [holder] if holder is not None else list(self.program.entities)
        entity = None
        for candidate in holders:
            field = self.program.entities[candidate].fields.get(name)
            if field is not None:
                self._meet(candidate)
                self.fields.add((candidate, name))
                entity = entity or _item(field.type)
        self._meet(entity)
        return entity


def _item(kind: Type) -> str | None:
    if isinstance(kind, ListType):
        kind = kind.item
    return kind.name if isinstance(kind, EntityType) else None
