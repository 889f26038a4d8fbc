"""A value, and the steps that it goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lexald.dsl import program as core

from . import dates
from . import numbers as math
from .ceilings import share
from .columns import NOT_APPLICABLE, UNKNOWN, Column, blend
from .lanes import Env

if TYPE_CHECKING:
    from .world import World


def staged(world: World, expr: core.Staged, upto: int, env: Env) -> Column:
    """*expr* after its first *upto* steps."""
    value = world.eval(expr.value, env)
    for place, step in enumerate(expr.steps[:upto]):
        value = _step(world, expr, place, step, value, env)
    return value


def _step(
    world: World, expr: core.Staged, place: int, step: core.Step, value: Column, env: Env
) -> Column:
    match step:
        case core.Cap(limit):
            bound = world.eval(limit, env)
            found = math.pick([value, bound], -1)
            free = bound.is_(NOT_APPLICABLE)
            if free.any():
                found = blend([(~free, found), (free, value)])
        case core.Floor(limit):
            found = math.pick([value, world.eval(limit, env)], 1)
        case core.Widen():
            found = math.closed(value)
        case core.Round():
            found = math.rounded(value, step.unit, step.rounding)
        case core.WorkingDay():
            found = dates.working_day(world, step, value)
        case core.SharedCap():
            found = share(world, expr, place, step, value, env)
    if value.state is None:
        return found
    settled = value.state > UNKNOWN
    if not settled.any():
        return found
    return blend([(~settled, found), (settled, Column((), 1, value.state, value.detail))])
