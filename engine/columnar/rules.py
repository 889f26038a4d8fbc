"""The rules that gave the answers of a decision, lane by lane: sets of labels, each by a number.

They are those of `environment.Decided.applied`, which explanations call the rules applied; of
rules that conflict, those of the conflict. Nothing here is worked out unless they are asked for
(`World.told`): a column without `rules` passes as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np

from lexald.dsl import program as core

from .columns import Array, Column
from .outcomes import same

if TYPE_CHECKING:
    from .kernel import Kernel
    from .world import World


def by(world: World, decision: str, label: str, column: Column) -> Column:
    """*column*, which is what the rule of *decision* called *label* comes to."""
    if decision not in world.told:
        return column
    number = np.int32(world.kernel.rule_set((label,)))
    return attrs.evolve(column, rules=np.broadcast_to(number, len(column)))


def agreeing(column: Column, other: Column) -> Column:
    """*column*, that two truths give: by the same rules, or by none in particular."""
    if column.rules is None:
        return column
    return attrs.evolve(column, rules=np.where(column.rules == _rules(other), column.rules, 0))


def of_all_truths(every: Column, start: Array, owner: Array) -> Column:
    """What the first truth of each lane gives, by the rules that all its truths give it by.

    *start*: where the truths of each lane begin; *owner*: the lane that each is of.
    """
    first = every.take(start)
    if every.rules is None:
        return first
    assert first.rules is not None
    one = np.logical_and.reduceat(every.rules == first.rules[owner], start)
    return attrs.evolve(first, rules=np.where(one, first.rules, 0))


def of_one_day_more(first: Column, found: Column, lanes: Array) -> Column:
    """*first*, the same in *lanes* on another day, where *found* gives it."""
    if first.rules is None:
        return first
    rules = np.array(first.rules)
    rules[lanes] = np.where(rules[lanes] == _rules(found), rules[lanes], 0)
    return attrs.evolve(first, rules=rules)


def of_several(
    world: World,
    decision: core.Decision,
    found: Sequence[tuple[core.Rule, Array, Column]],
    made: Column,
) -> Column:
    """*made* of rules that each stand in the lanes of a mask: a value is given by all that come to
    it. A conflict has its rules already, and what went wrong has none."""
    if decision.name not in world.told:
        return made
    rules = np.zeros(len(made), np.int32)
    for _, mask, column in found:
        lanes = np.flatnonzero(mask)
        mine = column.take(lanes)
        if mine.rules is not None:
            by = np.where(same(world.kernel, mine, made.take(lanes)), mine.rules, 0)
            rules[lanes] = _union(world.kernel, rules[lanes], by)
    return attrs.evolve(made, rules=np.where(made.is_known, rules, _rules(made)))


def _union(kernel: Kernel, one: Array, other: Array) -> Array:
    """The rules of both, lane by lane."""
    found = np.where(one == 0, other, one)
    both = np.flatnonzero((one != 0) & (other != 0) & (one != other))
    if len(both):
        sets = kernel.rule_sets
        size = len(sets)
        pairs, places = np.unique(one[both] * np.int64(size) + other[both], return_inverse=True)
        numbers = [
            kernel.rule_set(tuple(sorted({*sets[pair // size], *sets[pair % size]})))
            for pair in pairs.tolist()
        ]
        found[both] = np.array(numbers, np.int32)[places]
    return found


def _rules(column: Column) -> Array:
    return np.zeros(len(column), np.int32) if column.rules is None else column.rules
