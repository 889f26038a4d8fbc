"""A block: some thousands of situations as columns, one table for each entity.

Lists that belong to elements are laid end to end: the elements of one list stand side by side in
the table of their entity, in the order of the list.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from .columns import Array, Column, Texts


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
