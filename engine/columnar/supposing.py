"""What a calculation would come to, if a decision answered otherwise.

Each lane supposes something of its own: it is given a copy of its situation to suppose it of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs
import numpy as np

from lexald.dsl import program as core

from .block import Block
from .columns import VALUE, Array, Column, blend, spread_out
from .lanes import Env

if TYPE_CHECKING:
    from .world import World


def supposing(world: World, expr: core.Supposing, env: Env) -> Column:
    base = expr.decision.base
    elements = None if base is None else world.eval(base, env)
    value = world.eval(expr.value, env)
    n = env.n
    blocked = [Column((), 1, c.state, c.detail) for c in (elements, value) if c is not None and c.state is not None]  # fmt: skip
    there = value.is_known
    if elements is not None:
        there &= elements.is_(VALUE)
    lanes = np.flatnonzero(there)
    pieces: list[tuple[Array, Column]] = []
    for column in reversed(blocked):
        pieces.append((~there & (column.is_(VALUE) == 0), column))
    if not len(lanes):
        return blend(pieces)
    situation = np.arange(world.block.size) if env.situation is None else env.situation
    owners = {e.name: e.owner for e in world.program.entities.values() if e.owner}
    other, moved = _dressed(
        world,
    ).take(situation[lanes], owners)
    decision = world.program.decisions[expr.decision.name]
    if decision.entity is None:
        size, place = other.size, np.arange(len(lanes))
    else:
        assert elements is not None
        size = len(other.tables[decision.entity])
        place = moved(decision.entity, elements.parts[0][lanes], np.arange(len(lanes)))
    set_ = np.zeros(size, bool)
    set_[place] = True
    given = spread_out(value.take(lanes), place, size)
    if decision.name in other.hypotheses:
        had, old = other.hypotheses[decision.name]
        given = blend([(~set_, old), (set_, given)])
        set_ = set_ | had
    supposed = other.with_hypothesis(decision.name, set_, given)
    elsewhere = type(world)(world.kernel, supposed)
    inner = env.take(lanes)
    current = inner.current
    if current is not None and env.entity is not None:
        current = moved(env.entity, current, np.arange(len(lanes)))
    made = Env(len(lanes), inner.on, current=current, undated=inner.undated, entity=env.entity)
    made._variables = {
        name: _moved_values(inner.variable(name), moved) for name in _variables_in(expr.content)
    }
    made.rule = None
    found = elsewhere.eval(expr.content, made)
    pieces.append((there, spread_out(found, lanes, n)))
    return blend(pieces)


def _dressed(
    world: World,
) -> Block:
    """The block, whose columns say what their values are."""
    tables = {
        entity: attrs.evolve(table, facts={name: world.fact(entity, name) for name in table.facts})
        for entity, table in world.block.tables.items()
    }  # fmt: skip
    roots = {name: world.root(name) for name in world.block.roots}
    return attrs.evolve(world.block, tables=tables, roots=roots)


def _moved_values(column: Column, moved: Callable[[str, Array, Array], Array]) -> Column:
    """*column*, whose elements are now those of a copy of each situation."""
    if not column.kind_is_entity or not column.parts:
        return column
    here = column.is_(VALUE)
    lanes = np.flatnonzero(here)
    place = np.zeros(len(column), np.int64)
    place[lanes] = moved(column.kind, column.parts[0][lanes], lanes)
    return attrs.evolve(column, parts=(place,))


def _variables_in(content: object) -> set[str]:
    """The variables that *content* reads of the walks that it stands in."""
    bound = {n.variable for n in core.parts(content) if isinstance(n, core.Walk | core.Groups)}
    read = {n.name for n in core.parts(content) if isinstance(n, core.Variable)}
    return read - bound
