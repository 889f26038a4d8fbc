"""What each core form comes to, on columns: the short ones, and the table of them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from lexald.dsl import program as core
from lexald.dsl.types import DURATION

from . import dates
from . import numbers as math
from .columns import (
    ABSENT,
    FAILURE,
    NOT_APPLICABLE,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    blend,
    inside,
    of_state,
    spread_out,
    truths,
    worst,
)
from .lanes import Env
from .lookup import look_up
from .outcomes import any_of, equal, invert, same, spread
from .ranges import covers, days, edge, make, overlaps
from .steps import staged
from .supposing import supposing
from .versions import by_version
from .walks import collect, group, walk

if TYPE_CHECKING:
    from .world import World


def current(world: World, expr: core.Current, env: Env) -> Column:
    current = env.current
    assert current is not None
    return Column((current,), kind=expr.entity, whole=env.whole)


def fact_of(world: World, expr: core.Fact, env: Env) -> Column:
    elements = world.eval(expr.base, env)
    if not elements.parts:
        return elements
    return of_elements(elements, world.fact(elements.kind, expr.name))


def of_elements(elements: Column, held: Column) -> Column:
    """*held* of each of *elements*; what these are, where they are no element."""
    if elements.whole:
        return held
    place = elements.parts[0]
    if elements.state is None:
        return held.take(place)
    there = elements.state == VALUE
    if not there.any():
        return Column((), 1, elements.state, elements.detail)
    found = held.take(np.where(there, place, 0))
    return blend([(there, found), (~there, Column((), 1, elements.state, elements.detail))])


def constant_of(world: World, expr: core.Constant, env: Env) -> Column:
    return world.constant(expr.value, env.n)


def variable(world: World, expr: core.Variable, env: Env) -> Column:
    return env.variable(expr.name)


def root_of(world: World, expr: core.Root, env: Env) -> Column:
    found = world.root(expr.name)
    return found if env.situation is None else found.take(env.situation)


def owner(world: World, expr: core.Owner, env: Env) -> Column:
    elements = world.eval(expr.base, env)
    if not elements.parts:
        return elements
    owner = world.program.entities[elements.kind].owner
    assert owner is not None
    held = world._facts.get((elements.kind, ""))
    if held is None:
        rows = world.table(elements.kind).owner
        state = None if (rows >= 0).all() else np.where(rows < 0, np.uint8(ABSENT), np.uint8(VALUE))  # fmt: skip
        held = world._facts[elements.kind, ""] = Column((rows,), state=state, kind=owner)
    return of_elements(elements, held)


def decision_value(world: World, expr: core.DecisionValue, env: Env) -> Column:
    elements = None if expr.base is None else world.eval(expr.base, env)
    return world.ask(expr.name, elements, env)


def parameter(world: World, expr: core.ParameterValue, env: Env) -> Column:
    parameter = world.program.parameters[expr.name]
    return by_version(world, 
        parameter.versions, env, f"`{expr.name}`", expr,
        lambda version, inner: world.constant(version.value, inner.n),
    )  # fmt: skip


def previous(world: World, expr: core.Previous, env: Env) -> Column:
    return world.before(expr.sequence, env)[0]


def present(world: World, expr: core.IsPresent, env: Env) -> Column:
    if isinstance(expr.operand, core.Previous):
        return world.before(expr.operand.sequence, env)[1]
    found = world.eval(expr.operand, env)
    if found.state is None:
        return truths(np.ones(env.n, bool))
    known = found.state <= ABSENT
    return truths(found.state == VALUE, np.where(known, np.uint8(VALUE), found.state), found.detail)


def negation(world: World, expr: core.Not, env: Env) -> Column:
    return invert(world.eval(expr.operand, env))


def all_of(world: World, expr: core.All, env: Env) -> Column:
    operands = [invert(world.eval(operand, env)) for operand in expr.operands]
    return invert(any_of(operands))


def some_of(world: World, expr: core.Some, env: Env) -> Column:
    return any_of([world.eval(operand, env) for operand in expr.operands])


def count(world: World, expr: core.Count, env: Env) -> Column:
    operands = [world.eval(operand, env) for operand in expr.operands]
    state, detail = worst(operands)
    low = np.zeros(env.n, np.int64)
    for operand in operands:
        low += operand.truth
    most = expr.maximum if expr.maximum is not None else len(operands)
    if state is None:
        return truths((low >= expr.minimum) & (low <= most))
    high = low.copy()
    for operand in operands:
        high += operand.is_(UNKNOWN)
    yes = (low >= expr.minimum) & (high <= most)
    no = (high < expr.minimum) | (low > most)
    return truths(yes, np.where((yes | no) & (state <= UNKNOWN), np.uint8(VALUE), state), detail)  # fmt: skip


def one_of(world: World, expr: core.IsOneOf, env: Env) -> Column:
    value = world.eval(expr.operand, env)
    return any_of([equal(world.kernel, value, world.eval(choice, env)) for choice in expr.choices])


def is_in(world: World, expr: core.IsIn, env: Env) -> Column:
    value, items = world.eval(expr.operand, env), world.eval(expr.items, env)
    state, detail = worst((value, items))
    held = inside(items)
    found = np.zeros(env.n, bool)
    if held.size:
        alike = same(world.kernel, value.take(held.parent), held.items)
        found[held.parent[alike]] = True
    if state is not None:
        state = np.where(state == ABSENT, np.uint8(VALUE), state)
    return truths(found, state, detail)


def applicable(world: World, expr: core.IsApplicable, env: Env) -> Column:
    value = world.eval(expr.operand, env)
    state = value.state
    if state is None:
        return truths(np.ones(env.n, bool))
    operand = expr.operand
    found = truths(np.ones(env.n, bool), np.where(state == UNKNOWN, np.uint8(UNKNOWN), np.uint8(VALUE)))  # fmt: skip
    if isinstance(operand, core.DecisionValue):
        decision = world.program.decisions[operand.name]
        if decision.applicable is not None:
            said, applies = _whether(world, decision, operand, env)
            said &= state == UNKNOWN  # what has a value applies
            found = blend([(~said, found), (said, applies)])
    no, failed = state == NOT_APPLICABLE, state == FAILURE
    kept = Column((), 1, state, value.detail)
    return blend([(~failed, found), (no, truths(np.zeros(env.n, bool))), (failed, kept)])


def _whether(
    world: World, decision: core.Decision, operand: core.DecisionValue, env: Env
) -> tuple[Array, Column]:
    """Whether *decision* applies, its value set aside, and the lanes where that is said."""
    n = env.n
    elements = None if operand.base is None else world.eval(operand.base, env)
    place = env.situation
    there = np.ones(n, bool)
    if elements is not None:
        if not elements.parts:
            return np.zeros(n, bool), of_state(n, UNKNOWN)
        there = elements.is_(VALUE)
        place = np.where(there, elements.parts[0], 0)
    lanes = np.flatnonzero(there)
    if not len(lanes):
        return there, of_state(n, UNKNOWN)
    outer = env.take(lanes)
    if elements is not None:
        assert place is not None
        outer = Env(
            len(lanes), outer.on, current=place[lanes], situation=outer.situation,
            undated=outer.undated, entity=decision.entity,
        )  # fmt: skip
    else:
        outer = Env(len(lanes), outer.on, situation=outer.situation, undated=outer.undated)
    set_, _ = world.block.hypotheses.get(decision.name, (None, None))
    inner, day = world.dated(decision.entity, outer)
    assert decision.applicable is not None
    # What is guessed of the caller's conditions is guessed here too: see `eval`.
    found = world.eval(decision.applicable, inner)
    said = np.ones(len(lanes), bool)
    if day is not None and day.state is not None:
        said = ~day.is_(UNKNOWN)
    if set_ is not None:
        where = np.arange(world.block.size)[lanes] if place is None else place[lanes]
        given = set_[where]
        found = blend([(~given, found), (given, truths(np.ones(len(lanes), bool)))])
        said = said | given
    mask = np.zeros(n, bool)
    mask[lanes[said]] = True
    return mask, spread_out(found, lanes, n)


def compare(world: World, expr: core.Compare, env: Env) -> Column:
    left, right = world.eval(expr.left, env), world.eval(expr.right, env)
    wrongs: list[Array] = []
    if expr.start is not None:
        start = world.eval(expr.start, env)
        moved = [dates.moved(world, start, side, 1, False) for side in (left, right)]
        (left, wrong), (right, other) = moved
        wrongs = [wrong, other]
    found = math.less(left, right) if expr.operator == "<" else equal(world.kernel, left, right)
    for wrong in wrongs:
        found = world.wrong_where(found, wrong, world.kernel.overflow(expr))
    return found


def choice(world: World, expr: core.Choice, env: Env) -> Column:
    condition = world.eval(expr.condition, env)
    n = env.n
    if condition.state is None:
        yes = condition.parts[0]
        if yes.all():
            return world.eval(expr.then, env)
        if not yes.any():
            return world.eval(expr.otherwise, env)
        no = ~yes
        return blend(
            [
                (yes, world.where(yes, env, lambda inner: world.eval(expr.then, inner), expr.then)),
                (
                    no,
                    world.where(
                        no, env, lambda inner: world.eval(expr.otherwise, inner), expr.otherwise
                    ),
                ),
            ]
        )
    unknown = condition.state == UNKNOWN
    yes, no = condition.truth, condition.falsity
    pieces: list[tuple[Array, Column]] = [
        (~(yes | no), Column((), 1, condition.state, condition.detail))
    ]
    branches: list[Column | None] = [None, None]
    for side, (mask, branch) in enumerate(((yes, expr.then), (no, expr.otherwise))):
        needed = mask | unknown
        if needed.any():
            found = world.where(needed, env, lambda inner, b=branch: world.eval(b, inner), branch)  # type: ignore[misc]
            branches[side] = found
            pieces.append((mask, found))
    found = blend(pieces)
    if not unknown.any():
        return found
    then, otherwise = branches
    assert then is not None and otherwise is not None
    alike = unknown & same(world.kernel, then, otherwise) & ~then.is_(UNKNOWN)
    open_ = unknown & ~alike
    found = blend([(~alike, found), (alike, then)])
    bounded = spread(n, [then, otherwise])
    if bounded is None:
        return found
    return blend([(~open_, found), (open_, bounded)])


def arithmetic(world: World, expr: core.Arithmetic, env: Env) -> Column:
    left, right = world.eval(expr.left, env), world.eval(expr.right, env)
    match expr.operator:
        case "+":
            found = math.add(left, right)
        case "-":
            found = math.add(left, right, -1)
        case "×":
            found = math.multiply(left, right)
        case _:
            zero = world.kernel.failed("E012", "division par zéro", "division by zero", expr)
            found = math.divide(left, right, zero)
    if expr.type == DURATION:
        found = found.bare()  # months and days have no order that bounds could follow
    return world.kernel.not_too_large(found, expr)


def minus(world: World, expr: core.Negate, env: Env) -> Column:
    return math.negate(world.eval(expr.operand, env))


def exact(world: World, expr: core.Exact, env: Env) -> Column:
    return math.closed(world.eval(expr.operand, env))  # it is a number of cents already


def extremum(world: World, expr: core.Extremum, env: Env) -> Column:
    operands = [world.eval(operand, env) for operand in expr.operands]
    if expr.word != "somme":
        return math.pick(operands, -1 if expr.word == "minimum" else 1)
    found = operands[0]
    for operand in operands[1:]:
        found = math.add(found, operand)
    return world.kernel.not_too_large(found, expr)


def noted(world: World, expr: core.Noted, env: Env) -> Column:
    return world.eval(expr.operand, env)


def undetermined(world: World, expr: core.Undetermined, env: Env) -> Column:
    return of_state(env.n, UNKNOWN)


FORMS: dict[type, Callable[[World, Any, Env], Column]] = {
    core.Constant: constant_of,
    core.Current: current,
    core.Variable: variable,
    core.Previous: previous,
    core.Root: root_of,
    core.Owner: owner,
    core.Fact: fact_of,
    core.DecisionValue: decision_value,
    core.ParameterValue: parameter,
    core.TableValue: look_up,
    core.Not: negation,
    core.All: all_of,
    core.Some: some_of,
    core.Count: count,
    core.Compare: compare,
    core.IsOneOf: one_of,
    core.IsIn: is_in,
    core.IsPresent: present,
    core.IsApplicable: applicable,
    core.Arithmetic: arithmetic,
    core.Negate: minus,
    core.Exact: exact,
    core.Shift: dates.shift,
    core.Gap: dates.gap,
    core.Range: make,
    core.Covers: covers,
    core.Overlaps: overlaps,
    core.Edge: edge,
    core.Days: days,
    core.Builtin: dates.builtin,
    core.Choice: choice,
    core.Walk: walk,
    core.Groups: group,
    core.Extremum: extremum,
    core.Collection: collect,
    core.AsOf: dates.as_of,
    core.Supposing: supposing,
    core.ConsideredDate: dates.considered,
    core.Undetermined: undetermined,
    core.Noted: noted,
    core.Staged: lambda world, expr, env: staged(world, expr, len(expr.steps), env),
}
