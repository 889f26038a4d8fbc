"""Values as whole numbers that compare as they do: to sort by them, to group by them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .columns import TEXT, VALUE, Array, Column

if TYPE_CHECKING:
    from .world import World


def dense(values: Array) -> Array:
    """The rank of each value among those that there are, from 0."""
    n = len(values)
    if not n or values.dtype == bool:
        return values.astype(np.int64)
    if values.dtype == object:
        return np.asarray(np.unique(values, return_inverse=True)[1])
    low, high = int(values.min()), int(values.max())
    if high - low <= 4 * n + 1024:
        there = np.zeros(high - low + 1, bool)
        places = values - low
        there[places] = True
        return (np.cumsum(there) - 1).take(places)
    # Values come nearly in order, list after list: a sort that sees it is far quicker.
    order = np.argsort(values, kind="stable")
    ranked_ = values.take(order)
    steps = np.zeros(n, np.int64)
    steps[1:] = ranked_[1:] != ranked_[:-1]
    found = np.empty(n, np.int64)
    found[order] = np.cumsum(steps)
    return found


def combined(columns: Sequence[Array]) -> Array:
    """A number for each lane, one for those that are equal in all *columns*, in their order."""
    found = dense(columns[0])
    for column in columns[1:]:
        other = dense(column)
        size = int(other.max(initial=0)) + 1
        found = dense(found * size + other)
    return found


def numbered(column: Column) -> Array:
    """A whole number for each lane, one for equal values; absent is -1."""
    n = len(column)
    if not column.parts:
        return np.full(n, -1)
    fractions = isinstance(column.den, np.ndarray)
    found = ranked(column) if fractions else combined(column.parts)
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
    return dense(key) if key.dtype == object else key


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
