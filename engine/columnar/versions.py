"""The version of a piece of law that is in force in each lane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from lexald.dsl import program as core

from .. import environment as places
from ..outcomes import Unknown
from .columns import FAILURE, UNKNOWN, Array, Column, blend, of_state
from .lanes import Env

if TYPE_CHECKING:
    from .world import World


def by_version(
    world: World,
    versions: Sequence[Any],
    env: Env,
    what: str,
    at: core.Spanned,
    work: Callable[[Any, Env], Column],
) -> Column:
    """What *work* gives of the version in force in each lane; else why there is none."""
    pieces: list[tuple[Array, Column]] = []
    for found, mask in in_force(versions, env):
        if isinstance(found, core.Period | Unknown):
            column = out_of_force(world, found, versions, what, at, env, mask)
        else:
            column = world.where(mask, env, lambda inner, v=found: work(v, inner), found)  # type: ignore[misc]
        pieces.append((mask, column))
    return blend(pieces)


def out_of_force(world: World, found: Any, versions: Sequence[Any], what: str, at: core.Spanned, env: Env, mask: Array
) -> Column:  # fmt: skip
    """Why nothing is in force in the lanes of *mask*."""
    if isinstance(found, Unknown):
        return of_state(env.n, UNKNOWN)
    on = env.on if isinstance(env.on, int) else int(env.on[np.argmax(mask)])
    failed = places.out_of_force(found, what, places.Env(date.fromordinal(on)), at)
    return of_state(env.n, FAILURE, world.kernel.failure(failed))


def in_force(versions: Sequence[Any], env: Env) -> Iterator[tuple[Any, Array]]:
    """The versions in force in some lane, with these lanes; else, as `places.version_on`, the
    period that is nearest, or `Unknown` before what a source only attests."""
    on, n = env.on, env.n
    low, high = env.span
    if isinstance(on, int):
        yield places.version_on(versions, date.fromordinal(on)), np.ones(n, bool)
        return
    left: Array | None = None  # every lane
    for version in versions:
        since, until = version.period.since, version.period.until
        since = None if since is None or since.toordinal() <= low else since.toordinal()
        until = None if until is None or until.toordinal() > high else until.toordinal()
        if (since is not None and since > high) or (until is not None and until <= low):
            continue
        if since is None and until is None:
            yield version, np.ones(n, bool) if left is None else left
            return
        mask = left
        if since is not None:
            mask = on >= since if mask is None else mask & (on >= since)
        if until is not None:
            mask = on < until if mask is None else mask & (on < until)
        assert mask is not None
        if mask.any():
            yield version, mask
            left = ~mask if left is None else left & ~mask
            if not left.any():
                return
    if left is None:
        left = np.ones(n, bool)
        if not n:
            return
    # Each day that is left is before the first version, in a gap, or after the last.
    edges = [v.period.since.toordinal() for v in versions if v.period.since is not None]
    edges += [v.period.until.toordinal() for v in versions if v.period.until is not None]
    stretch = np.searchsorted(np.array(sorted(edges)), on, side="right")
    for one in np.unique(stretch[left]):
        mask = left & (stretch == one)
        day = date.fromordinal(int(on[np.argmax(mask)]))
        yield places.version_on(versions, day), mask
