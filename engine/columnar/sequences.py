"""The element just before in its list, for all elements at once: `engine.sequences`.

Where all keys are known, a sort of all lists puts each element after the one before it. Lists of
which some key is not known are compared element by element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from lexald.dsl import program as core

from . import numbers as math
from .columns import (
    ABSENT,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    blend,
    of_state,
    truths,
)
from .keys import dense, in_letters, numbered, sort_key
from .lanes import Env

if TYPE_CHECKING:
    from .world import World

# Pairs of elements compared at a time.
MOST_PAIRS = 500_000


@attrs.frozen(eq=False)
class Line:
    """The element before each lane, and whether there is one."""

    element: Column
    is_there: Column


def line_up(
    world: World,
    sequence: core.Sequence,
    env: Env,
    *,
    lists: Array | None = None,
    alone: Array | None = None,
) -> Line:
    """What stands before each lane of *env*, whose elements are those of whole lists.

    *lists*: the list that each lane is of; *alone*: the lanes that no list holds.
    """
    n = env.n
    table = world.table(sequence.entity)
    assert env.current is not None
    place = env.current
    if lists is None:
        lists, alone = table.start[place], table.length[place] == 0
    assert alone is not None
    if n == 0:
        return Line(Column((np.zeros(0, np.int64),), kind=sequence.entity), truths(np.zeros(0, bool)))  # fmt: skip
    keys = [world.each_day(key, sequence.entity, env) for key in sequence.keys]
    order = [world.each_day(key, sequence.entity, env) for key in sequence.order]
    doubt = np.zeros(n, bool)
    for column in (*keys, *order):
        doubt |= ~column.is_known
    doubtful_list = np.zeros(int(lists.max()) + 1, bool)
    doubtful_list[lists[doubt]] = True
    clear = ~doubtful_list[lists]
    before = np.full(n, -1)
    lanes = np.flatnonzero(clear)
    if len(lanes):
        before[lanes] = _sorted(world, lists[lanes], [c.take(lanes) for c in keys],
                                [c.take(lanes) for c in order], lanes)  # fmt: skip
    there = before >= 0
    state = np.where(there, np.uint8(VALUE), np.uint8(ABSENT))
    element = Column((np.where(there, place[before], 0),), 1, state, None, kind=sequence.entity)
    is_there = truths(there)
    rest = np.flatnonzero(~clear)
    if len(rest):
        order = [in_letters(world, column) for column in order]
        element, is_there = _compared(
            lists, keys, order, rest, place, element, is_there, sequence.entity
        )
    if alone.any():
        element = blend([(~alone, element), (alone, of_state(n, ABSENT))])
        is_there = blend([(~alone, is_there), (alone, truths(np.zeros(n, bool)))])
    incomplete = ~table.complete[place] & ~alone
    if incomplete.any():
        # Those that are not told may stand anywhere.
        element = blend([(~incomplete, element), (incomplete, _unknown_or_worse(element))])
        open_ = incomplete & ~is_there.truth
        is_there = blend([(~open_, is_there), (open_, _unknown_or_worse(element))])
    if element.state is not None and not element.state.any():
        element = attrs.evolve(element, state=None)
    return Line(element, is_there)


def _unknown_or_worse(element: Column) -> Column:
    n = len(element)
    state = np.zeros(n, np.uint8) if element.state is None else element.state
    return Column((), 1, np.maximum(state, np.uint8(UNKNOWN)), element.detail)


def _end_ranks(column: Column, side: int) -> tuple[Array, Array]:
    """The first (*side* 0) or last value of each lane, to be compared with any other's: whether
    it is before all, one among them, or after all; then the value."""
    n = len(column)
    if not column.parts:
        has = np.zeros(n, bool)
        value = np.zeros(n, np.int64)
    else:
        ends = math.bounds(column)
        has = ends.has
        value = (ends.low if side == 0 else ends.high)[0]
    return np.where(has, 1, 2 * side), np.where(has, value, 0)


def _sorted(
    world: World, lists: Array, keys: list[Column], order: list[Column], lanes: Array
) -> Array:
    """The lane before each of *lanes*, all keys known; -1 for none."""
    groups = [numbered(key) for key in keys]
    ranks = [sort_key(world, column) for column in order]
    at = np.lexsort((lanes, *reversed(ranks), *groups, lists))
    follows = np.ones(len(lanes), bool)
    follows[0] = False
    for column in (lists, *groups):
        moved = column[at]
        follows[1:] &= moved[1:] == moved[:-1]
    found = np.full(len(lanes), -1)
    found[at[1:]] = np.where(follows[1:], lanes[at[:-1]], -1)
    return found


def _compared(
    lists: Array,
    keys: list[Column],
    order: list[Column],
    rest: Array,
    place: Array,
    element: Column,
    is_there: Column,
    entity: str,
) -> tuple[Column, Column]:
    """What stands before the lanes *rest*, which are those of whole lists."""
    n = len(lists)
    by_list = rest[np.argsort(lists[rest], kind="stable")]
    ids, start, count = np.unique(lists[by_list], return_index=True, return_counts=True)
    state = np.full(len(by_list), ABSENT, np.uint8)
    detail = np.zeros(len(by_list), np.int32)
    before = np.zeros(len(by_list), np.int64)
    sure = np.zeros(len(by_list), bool)
    low, high = _low_high(order, by_list, lists)
    group, open_ = _groups(keys, by_list)
    wrong_state, wrong_detail = _doubts(keys, order, by_list)
    first = 0
    while first < len(ids):
        last = first + 1
        pairs = int(count[first]) ** 2
        while last < len(ids) and pairs + int(count[last]) ** 2 <= MOST_PAIRS:
            pairs += int(count[last]) ** 2
            last += 1
        _pairs(
            start[first:last], count[first:last], low, high, group, open_, wrong_state, wrong_detail,
            before, state, detail, sure,
        )  # fmt: skip
        first = last
    made = Column((place[by_list[before]],), 1, state, detail, kind=entity)
    there_state = np.where(sure | (state <= ABSENT), np.uint8(VALUE), state)
    there = truths(sure, there_state, detail)
    back = np.zeros(n, np.int64)
    back[by_list] = np.arange(len(by_list))
    mask = np.zeros(n, bool)
    mask[by_list] = True
    return (
        blend([(~mask, element), (mask, made.take(back))]),
        blend([(~mask, is_there), (mask, there.take(back))]),
    )


def _low_high(order: list[Column], lanes: Array, lists: Array) -> tuple[Array, Array]:
    """The first and last place of each, as numbers that compare as places do."""
    m = len(lanes)
    columns: list[Array] = [np.concatenate([lanes, lanes])]
    for column in reversed(order):
        column = column.take(lanes)
        if isinstance(column.den, np.ndarray):
            column = Column((numbered(column),), 1, column.state)
        kinds, values = zip(*(_end_ranks(column, side) for side in (0, 1)), strict=True)
        columns += [np.concatenate(values), np.concatenate(kinds)]
    columns = [c if c.dtype != object else dense(c) for c in columns]
    at = np.lexsort(tuple(columns))
    differs = np.zeros(2 * m, bool)
    for one in columns:
        moved = one[at]
        differs[1:] |= moved[1:] != moved[:-1]
    rank = np.empty(2 * m, np.int64)
    rank[at] = np.cumsum(differs)
    return rank[:m], rank[m:]


def _groups(keys: list[Column], lanes: Array) -> tuple[list[Array], list[Array]]:
    """For each key: its values as numbers, and the lanes where it is not known."""
    values, opens = [], []
    for key in keys:
        key = key.take(lanes)
        opens.append(~key.is_known)
        values.append(numbered(key))
    return values, opens


def _doubts(keys: list[Column], order: list[Column], lanes: Array) -> tuple[Array, Array]:
    """The worst of the keys of each that are not known."""
    state = np.zeros(len(lanes), np.uint8)
    detail = np.zeros(len(lanes), np.int32)
    for column in (*keys, *order):
        column = column.take(lanes)
        if column.state is None:
            continue
        worse = (column.state > state) & (column.state > ABSENT)
        state = np.where(worse, column.state, state)
        if column.detail is not None:
            detail = np.where(worse, column.detail, detail)
    return state, detail


def _pairs(
    start: Array,
    count: Array,
    low: Array,
    high: Array,
    group: list[Array],
    open_: list[Array],
    wrong_state: Array,
    wrong_detail: Array,
    before: Array,
    state: Array,
    detail: Array,
    sure: Array,
) -> None:
    """Each element of some lists against each other; writes what stands before each."""
    sizes = np.repeat(count, count)
    total = int(count.sum())
    mine = int(start[0]) + np.arange(total)
    a = np.repeat(mine, sizes)
    offset = np.cumsum(sizes) - sizes
    b = np.repeat(np.repeat(start, count), sizes) + (np.arange(len(a)) - offset[a - mine[0]])
    may_be_one = np.ones(len(a), bool)
    one_group = np.ones(len(a), bool)
    a_open = np.zeros(len(a), bool)
    for value, opened in zip(group, open_, strict=True):
        equal = value[a] == value[b]
        may_be_one &= equal | opened[a] | opened[b]
        one_group &= (equal & ~opened[a] & ~opened[b]) | (opened[a] & opened[b])
        a_open |= opened[a]
    # Of an element whose group is not known, none surely stands before.
    surely = one_group & ~a_open & (high[b] < low[a])

    def best(mask: np.ndarray, key: np.ndarray) -> np.ndarray:
        found = np.full(total, -1)
        np.maximum.at(found, a[mask] - mine[0], key[mask])
        return found

    # The nearest: the greatest low; of equals, the one that stands last by its high.
    order = low[b] * np.int64(high.max() + 2) + high[b]
    top = best(surely, order)
    has = top >= 0
    nearest = np.zeros(total, np.int64)
    chosen = surely & (order == top[a - mine[0]])
    nearest[a[chosen] - mine[0]] = b[chosen]
    since = np.where(has, low[nearest], -1)[a - mine[0]]
    counted = may_be_one
    ended = np.bincount((a - mine[0])[counted & (high[b] < since)], minlength=total)
    begun = np.bincount((a - mine[0])[counted & (low[b] < high[a])], minlength=total)
    itself = low[mine] < high[mine]
    settled = (begun - ended - itself) == has
    before[mine] = np.where(has, nearest, 0)
    rivals = counted & (low[b] < high[a]) & (high[b] >= since) & (wrong_state[b] > 0)
    why = np.full(total, UNKNOWN, np.uint8)
    details = np.zeros(total, np.int32)
    for one in range(UNKNOWN + 1, 6):
        mask = rivals & (wrong_state[b] == one)
        if mask.any():
            worse = np.zeros(total, bool)
            worse[a[mask] - mine[0]] = True
            worse &= why < one
            which = np.zeros(total, np.int64)
            which[(a - mine[0])[mask][::-1]] = b[mask][::-1]
            why = np.where(worse, np.uint8(one), why)
            details = np.where(worse, wrong_detail[which], details)
    # Of two that are as wrong, that of the element which may stand between comes first.
    own = wrong_state[mine] > why
    why = np.where(own, wrong_state[mine], why)
    details = np.where(own, wrong_detail[mine], details)
    state[mine] = np.where(settled, np.where(has, np.uint8(VALUE), np.uint8(ABSENT)), why)
    detail[mine] = details
    sure[mine] = has
