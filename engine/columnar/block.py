"""A block: some thousands of situations as columns, one table for each entity.

Lists that belong to elements are laid end to end: the elements of one list stand side by side in
the table of their entity, in the order of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import numpy as np

from .columns import VALUE, Array, Column, Texts, inside


@attrs.frozen(eq=False)
class Table:
    """The elements of one entity, whatever holds them.

    Args:
        entity: its name.
        situation: the situation of each element, by its rank in the block.
        owner: the element that each belongs to, in the table of the owner's entity; -1 for none.
        start: where the list that holds each element starts in this table; its own place when no
            list holds it.
        length: how many elements this list holds; 0 when no list holds it.
        complete: whether the list holds all of them.
        facts: a column for each fact of the entity that some element tells; a fact that an
            element does not tell is `UNKNOWN`, without bounds.
        place: for each element, which of `places` holds it.
        places: the roots and fields that hold elements of the entity: ``("soins",)``,
            ``("patient", "affections")``.
        holder: the element that holds each, in the table of that element's entity, for a place of
            more than one step; else the situation.
    """

    entity: str
    situation: Array
    owner: Array
    start: Array
    length: Array
    complete: Array
    facts: Mapping[str, Column]
    place: Array
    places: tuple[tuple[str, ...], ...]
    holder: Array

    def __len__(self) -> int:
        return len(self.situation)


@attrs.frozen(eq=False)
class Block:
    """Situations, as columns.

    Args:
        size: how many.
        roots: a column for each root that some situation tells. A root that is an entity and may
            not be absent is an element in every situation, told or not.
        tables: by entity; one for each entity of the law, with no element if it has none.
        hypotheses: decisions whose value is set: a column over the table of their entity (or over
            the situations), `UNKNOWN` in the lanes where it is not set (*set* says which).
        texts: what the numbers of texts mean.
    """

    size: int
    roots: Mapping[str, Column]
    tables: Mapping[str, Table]
    texts: Texts
    hypotheses: Mapping[str, tuple[Array, Column]] = attrs.field(factory=dict)

    def with_hypothesis(self, decision: str, set_: Array, value: Column) -> Block:
        """The same situations, in which *decision* answers *value* in the lanes of *set_*."""
        return attrs.evolve(self, hypotheses={**self.hypotheses, decision: (set_, value)})

    def take(
        self, situations: Array, owners: Mapping[str, str]
    ) -> tuple[Block, Callable[[str, Array, Array], Array]]:
        """A block of copies of *situations*, one of which may come several times, to be evaluated:
        what holds its elements is not told. Columns say what their values are (`Column.kind`).

        Args:
            situations: ranks in this block.
            owners: the entity that each entity belongs to, for those that do.

        Returns:
            the block, and what finds an element of the copy: from the entity, places in the table
            of this block, and the copies that they are wanted in, places in the table of the
            other.
        """
        maps = {entity: _Copy.of(table, situations) for entity, table in self.tables.items()}

        def moved(entity: str, places: Array, copies: Array) -> Array:
            return maps[entity].find(places, copies)

        def column(kept: Column, source: Array, copies: Array) -> Column:
            return _moved(kept.take(source), copies, moved)

        tables = {}
        for entity, table in self.tables.items():
            copy = maps[entity]
            source, copies = copy.source, copy.copies
            owner = table.owner[source]
            has = owner >= 0
            if has.any():
                owned_by = owners[entity]
                owner = np.where(has, moved(owned_by, np.where(has, owner, 0), copies), -1)
            tables[entity] = Table(
                entity, copies, owner, moved(entity, table.start[source], copies),
                table.length[source], table.complete[source],
                {name: column(fact, source, copies) for name, fact in table.facts.items()},
                table.place[source], table.places, copies,
            )  # fmt: skip
        everyone = np.arange(len(situations))
        roots = {name: column(root, situations, everyone) for name, root in self.roots.items()}
        hypotheses = {}
        for name, (set_, value) in self.hypotheses.items():
            entity = name.rpartition(".")[0]
            if entity:
                source, copies = maps[entity].source, maps[entity].copies
            else:
                source, copies = situations, everyone
            hypotheses[name] = set_[source], column(value, source, copies)
        made = attrs.evolve(
            self, size=len(situations), roots=roots, tables=tables, hypotheses=hypotheses
        )
        return made, moved


@attrs.frozen(eq=False)
class _Copy:
    """Where the elements of one entity go: *source*, the place that each of the copy comes from;
    *copies*, the situation that it is of now."""

    source: Array
    copies: Array
    rank: Array  # of each element of the old table among those of its situation
    start: Array  # where the elements of each copy start

    @classmethod
    def of(cls, table: Table, situations: Array) -> _Copy:
        order = np.argsort(table.situation, kind="stable")
        size = int(max(situations.max(initial=-1), table.situation.max(initial=-1))) + 1
        number = np.bincount(table.situation, minlength=size)
        first = np.cumsum(number) - number
        rank = np.empty(len(table), np.int64)
        rank[order] = np.arange(len(table)) - first[table.situation[order]]
        length = number[situations]
        copies = np.repeat(np.arange(len(situations)), length)
        start = np.cumsum(length) - length
        source = order[first[situations][copies] + np.arange(len(copies)) - start[copies]]
        return cls(source, copies, rank, start)

    def find(self, places: Array, copies: Array) -> Array:
        found: Array = self.start[copies] + self.rank[places]
        return found


def _moved(column: Column, copies: Array, moved: Callable[[str, Array, Array], Array]) -> Column:
    """*column*, whose elements and lists of elements are those of the copies."""
    if column.items is not None and column.items.kind_is_entity and column.parts:
        held = inside(column)
        places = moved(column.items.kind, held.items.parts[0], copies[held.parent])
        items = attrs.evolve(held.items, parts=(places,))
        return attrs.evolve(column, parts=(held.start, held.length), items=items)
    if column.kind_is_entity and column.parts:
        here = column.is_(VALUE)
        places = np.zeros(len(column), np.int64)
        places[here] = moved(column.kind, column.parts[0][here], copies[here])
        return attrs.evolve(column, parts=(places,))
    return column
