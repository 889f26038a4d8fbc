"""Where the facts of one situation, and what is worked out of them, stand in the heap.

Each element has a record: a head, the facts that the table tells and the law reads, then a place
for each decision that is kept. The situation as a whole is an element too, of no entity (``""``).
The elements of one list stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from lexald.dsl.program import Field
from lexald.dsl.types import DURATION, PERIODS, EntityType, ListType, Type

# Head of a record: the day that rules the element; its owner; the first record of the list that
# it is in, and how many this has; which lane of its place it is.
DAY, OWNER, FIRST, COUNT, LANE = range(5)
HEAD = 5
# What is read of an element that is not there: a record of no one. Whatever it holds is its own:
# its owner and the elements in its facts are no one too, its lists are empty.
NO_ONE = 0
# Added to how many a list has: it may have others. More than a list may have.
MORE = 1 << 24
# What the heap keeps of what is not known.
UNKNOWN = -(1 << 63)


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


@attrs.frozen
class Gap:
    """What stands for *field* where it is not known: *width* numbers of the vector, from *slot*
    on; a fraction is kept over *fraction*. Of a list it is how many it has, of an element whether
    there is one."""

    field: Field
    slot: int
    width: int
    fraction: int = 1


class Untold:
    """What no column tells: a number, or two, in the heap stand for it, whatever the element.

    Args:
        facts: with their entities.
        kinds: types of which the law leaves some value open; what it does not say of one type
            is one value.
        first: where in the heap.

    Attributes:
        first, after: the first place of all, and the one after the last.
    """

    def __init__(
        self, facts: Iterable[tuple[str, Field]], kinds: Iterable[Type], first: int, fraction: int
    ) -> None:
        self._facts: dict[tuple[str, str], Gap] = {}
        self._open: dict[Type, Gap] = {}
        self.first = self.after = first
        for entity, field in facts:
            self._facts[entity, field.name] = self._gap(field, fraction)
        for kind in kinds:
            field = Field("", kind, False, None, "", "", "")
            self._open[kind] = self._gap(field, 1)

    def _gap(self, field: Field, fraction: int) -> Gap:
        width = fact_width(field.type)
        found = Gap(field, self.after, width, fraction)
        if isinstance(field.type, ListType):
            # Where it starts is whatever: it has nothing.
            found = Gap(field, self.after + 1, 1)
        self.after += width
        return found

    def fact(self, entity: str, name: str) -> int | None:
        """Where fact *name* stands; `None` if it has no place."""
        gap = self._facts.get((entity, name))
        if gap is None:
            return None
        return gap.slot - isinstance(gap.field.type, ListType)

    def open(self, kind: Type) -> int | None:
        """Where a value of *kind* stands that the law leaves open, over 1; `None` if it has no
        place."""
        gap = self._open.get(kind)
        return None if gap is None else gap.slot

    @property
    def unknown(self) -> list[int]:
        """What stands there as long as nothing is told."""
        return [UNKNOWN] * (self.after - self.first)

    def gaps(self, slot: int) -> Iterator[Gap]:
        """All of them, in a vector that has what stands there from *slot* on."""
        for gap in (*self._facts.values(), *self._open.values()):
            yield attrs.evolve(gap, slot=slot + gap.slot - self.first)


def _leads(kind: Type) -> bool:
    """Whether a fact of *kind* says where something else is."""
    return isinstance(kind, ListType | EntityType)


def entity_of(kind: Type | None) -> str | None:
    """The entity of *kind*, or of its items."""
    while isinstance(kind, ListType):
        kind = kind.item
    return kind.name if isinstance(kind, EntityType) else None
