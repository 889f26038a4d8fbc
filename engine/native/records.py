"""Where the facts of one situation, and what is worked out of them, stand in the heap.

Each element has a record: a head, the facts that the table tells and the law reads, then a place
for each decision that is kept. The situation as a whole is an element too, of no entity (``""``).
The elements of one list stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from lexald.dsl.types import DURATION, PERIODS, EntityType, ListType, Type

# Head of a record: the day that rules the element; its owner; the first record of the list that
# it is in, and how many this has; which lane of its place it is.
DAY, OWNER, FIRST, COUNT, LANE = range(5)
HEAD = 5
# What is read of an element that is not there: a record of no one. Whatever it holds is its own:
# its owner and the elements in its facts are no one too, its lists are empty.
NO_ONE = 0


def fact_width(kind: Type) -> int:
    """How many places a fact of *kind* takes: a list takes its start and its length."""
    return 2 if isinstance(kind, ListType) or kind == DURATION or kind in PERIODS else 1


@attrs.frozen
class Kept:
    """Where a decision, a ceiling or an order is kept: the day that it was worked out for (-1:
    it was not), then the result."""

    day: int

    @property
    def result(self) -> int:
        return self.day + 1


class Records:
    """Places by entity. *told*: the facts that tables tell, by entity, with their types.

    Facts that say where other records are come first, and nothing is kept at their places in a
    record of whatever entity: the record of no one serves all, and has to lead nowhere.
    """

    def __init__(self, told: Mapping[str, Mapping[str, Type]]) -> None:
        self.facts: dict[str, dict[str, int]] = {}
        self.kept: dict[str, dict[object, Kept]] = {}
        self.size: dict[str, int] = {}
        first_kept = HEAD
        for entity, facts in told.items():
            places = self.facts[entity] = {}
            free = HEAD
            for name, kind in sorted(facts.items(), key=lambda fact: not _leads(fact[1])):
                places[name] = free
                free += fact_width(kind)
                if _leads(kind):
                    first_kept = max(first_kept, free)
            self.size[entity] = free
            self.kept[entity] = {}
        for entity, size in self.size.items():
            self.size[entity] = max(size, first_kept)

    def fact(self, entity: str, name: str) -> int | None:
        """Where fact *name* stands; `None` if no table tells it."""
        return self.facts[entity].get(name)

    def keep(self, entity: str, key: object, width: int) -> Kept:
        """A place for *key*, of *width* numbers and a day."""
        found = self.kept[entity].get(key)
        if found is None:
            found = self.kept[entity][key] = Kept(self.size[entity])
            self.size[entity] += 1 + width
        return found

    def days(self, entity: str) -> Iterable[int]:
        """The places that say that something was not worked out yet."""
        return [kept.day for kept in self.kept[entity].values()]

    @property
    def largest(self) -> int:
        return max(self.size.values())


def _leads(kind: Type) -> bool:
    """Whether a fact of *kind* says where something else is."""
    return isinstance(kind, ListType | EntityType)


def entity_of(kind: Type | None) -> str | None:
    """The entity of *kind*, or of its items."""
    while isinstance(kind, ListType):
        kind = kind.item
    return kind.name if isinstance(kind, EntityType) else None
