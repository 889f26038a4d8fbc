"""Values as whole numbers that compare as they do: to sort by them, to group by them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .columns import TEXT, VALUE, Array, Column

if TYPE_CHECKING:
    from .world import World


def numbered(column: Column) -> Array:
    """A whole number for each lane, one for equal values; absent is -1."""
    n = len(column)
    if not column.parts:
        return np.full(n, -1)
    if isinstance(column.den, np.ndarray):
        found = ranked(column)
    elif len(column.parts) == 1 and column.parts[0].dtype != object:
        found = column.parts[0].astype(np.int64)
        if column.kind == "" and n and found.min() >= 0:
            pass
        else:
            found = np.unique(found, return_inverse=True)[1]
    else:
        parts = [np.unique(part, return_inverse=True)[1] for part in column.parts]
        found = np.unique(np.stack(parts), axis=1, return_inverse=True)[1].reshape(-1)
    if column.state is not None:
        found = np.where(column.state == VALUE, found, -1)
    return np.asarray(found)


def sort_key(world: World, column: Column) -> Array:
    """Numbers in the order of *column*, whatever where it has no value; texts are in that of
    their letters."""
    if not column.parts:
        return np.zeros(len(column), np.int64)
    key = column.parts[0]
    if column.kind == TEXT:
        return np.asarray(_alphabetical(world)[np.where(column.is_(VALUE), key, 0)])
    if isinstance(column.den, np.ndarray):
        return ranked(column)
    return np.unique(key, return_inverse=True)[1] if key.dtype == object else key


def in_letters(world: World, column: Column) -> Column:
    """*column*, whose texts are numbers in their order."""
    if column.kind != TEXT:
        return column
    return Column((sort_key(world, column),), 1, column.state, column.detail)


def _alphabetical(world: World) -> Array:
    """The rank of each text of the block among them all."""
    texts = world.block.texts.texts
    order = sorted(range(len(texts)), key=texts.__getitem__)
    ranks = np.zeros(max(len(texts), 1), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def ranked(column: Column) -> Array:
    """The rank of each fraction, where each has its denominator."""
    values = [Fraction(int(a), int(b)) for a, b in zip(column.parts[0], column.den, strict=True)]
    ranks = {value: rank for rank, value in enumerate(sorted(set(values)))}
    return np.array([ranks[value] for value in values], np.int64)
