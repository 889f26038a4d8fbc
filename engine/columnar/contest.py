"""The rules of one decision, on columns: `engine.contest`, lane by lane.

Where open conditions leave a lane unknown, each of their truths is tried: the lane becomes as many
lanes as there are truths, and is known again if they all come to one outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import AMOUNT, DATE, DECIMAL, INT, RATE

from ..contest import MAX_GUESSES
from ..outcomes import Unknown
from . import numbers as math
from .columns import (
    ABSENT,
    CONFLICT,
    FAILURE,
    NOT_APPLICABLE,
    UNKNOWN,
    VALUE,
    Array,
    Column,
    Ends,
    blend,
    concat,
    of_state,
    spread_out,
    truths,
    worst,
)
from .lanes import Env, Opened
from .outcomes import any_of, invert, ordered, same, spread
from .rules import agreeing, by, of_all_truths, of_several
from .versions import by_version, in_force

if TYPE_CHECKING:
    from .world import World

# Types whose unknowns have bounds that all truths are asked for.
BOUNDED = frozenset([INT, DECIMAL, RATE, AMOUNT, DATE])
# Lanes that are worked out together when truths are tried: what bounds the memory.
MOST_LANES = 200_000


def resolve(world: World, decision: core.Decision, env: Env) -> Column:
    """What the rules of *decision* come to in each lane: three-valued first, then by guesses."""
    opened = Opened()
    found = _resolve(world, decision, env.asking(opened))
    if found.state is None or not opened.lanes:
        return found
    unknown = found.state == UNKNOWN
    if not unknown.any():
        return found
    met = np.stack(list(opened.lanes.values()))
    number = met.sum(axis=0)
    todo = np.flatnonzero(unknown & (number > 0) & (number <= MAX_GUESSES))
    if not len(todo):
        return found
    settled = _guess(world, decision, env, found, todo, list(opened.lanes), met[:, todo])
    mask = np.zeros(env.n, bool)
    mask[todo] = True
    return blend([(~mask, found), (mask, spread_out(settled, todo, env.n))])


def _guess(
    world: World,
    decision: core.Decision,
    env: Env,
    found: Column,
    todo: Array,
    conditions: Sequence[int],
    met: Array,
) -> Column:
    """What the lanes *todo* come to over all truths of the conditions that each *met*."""
    if decision.type in BOUNDED:
        return _in_parts(world, decision, env, found.take(todo), todo, conditions, met)
    # Without bounds to find, two truths that differ settle that a lane stays open.
    number = met.sum(axis=0)
    ends = np.stack([np.zeros(len(todo), np.int64), (1 << number) - 1], axis=1).reshape(-1)
    pair = np.full(len(todo), 2)
    every = _under(world, decision, env, todo, conditions, met, pair, ends)
    first, last = every.take(np.arange(0, len(ends), 2)), every.take(np.arange(1, len(ends), 2))
    going = same(world.kernel, first, last) & ~first.is_(UNKNOWN)
    settled = going & (number == 1)
    rest = np.flatnonzero(going & ~settled)
    pieces = [(~settled, found.take(todo)), (settled, agreeing(first, last))]
    if len(rest):
        tried = _in_parts(
            world, decision, env, found.take(todo[rest]), todo[rest], conditions, met[:, rest]
        )
        mask = np.zeros(len(todo), bool)
        mask[rest] = True
        pieces.append((mask, spread_out(tried, rest, len(todo))))
    return blend(pieces)


def _in_parts(
    world: World,
    decision: core.Decision,
    env: Env,
    found: Column,
    lanes: Array,
    conditions: Sequence[int],
    met: Array,
) -> Column:
    """`_tried`, so many lanes at a time that memory is bounded."""
    sizes = np.cumsum(1 << met.sum(axis=0))
    pieces = []
    first = 0
    while first < len(lanes):
        base = sizes[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(sizes, base + MOST_LANES, side="right")))
        part = slice(first, last)
        pieces.append(
            _tried(
                world, decision, env, found.take(np.arange(first, last)), lanes[part], conditions,
                met[:, part],
            )
        )  # fmt: skip
        first = last
    return concat(pieces)


def _tried(
    world: World,
    decision: core.Decision,
    env: Env,
    found: Column,
    lanes: Array,
    conditions: Sequence[int],
    met: Array,
) -> Column:
    """What *lanes* come to over all truths."""
    kernel = world.kernel
    count = 1 << met.sum(axis=0)
    start = np.cumsum(count) - count
    owner = np.repeat(np.arange(len(lanes)), count)
    truth = np.arange(len(owner)) - start[owner]
    every = _under(world, decision, env, lanes, conditions, met, count, truth)
    first = of_all_truths(every, start, owner)
    one = np.logical_and.reduceat(same(kernel, every, first.take(owner)), start)
    known = one & ~first.is_(UNKNOWN)
    if known.all():
        return first
    bounded = _bounded(every, start, found)
    return blend([(~known, bounded), (known, first)])


def _under(
    world: World,
    decision: core.Decision,
    env: Env,
    lanes: Array,
    conditions: Sequence[int],
    met: Array,
    count: Array,
    truth: Array,
) -> Column:
    """*decision* in each of *lanes*, *count* times each, under some truths: bits, one for each
    condition that the lane met, in their order; 0 is true."""
    owner = np.repeat(np.arange(len(lanes)), count)
    place = np.maximum(np.cumsum(met, axis=0) - 1, 0)
    guesses = {
        condition: np.where(met[rank][owner], 1 - ((truth >> place[rank][owner]) & 1), -1).astype(
            np.int8
        )
        for rank, condition in enumerate(conditions)
        if met[rank].any()
    }
    return _resolve(world, decision, env.supposing(lanes[owner], guesses))


def _bounded(every: Column, start: Array, found: Column) -> Column:
    """What stays open, between the bounds of all truths; else those of *found*."""
    n = len(found)
    state = np.full(n, UNKNOWN, np.uint8)
    bare = Column(found.parts, found.den, state, None, found.ends, found.items, kind=found.kind)
    if not ordered(every):
        return bare
    ends = math.bounds(every)
    has = np.logical_and.reduceat(ends.has, start)
    if not has.any():
        return bare
    low_part, high_part, den = ends.low[0], ends.high[0], every.den
    if isinstance(den, np.ndarray):
        # One denominator for the truths of each lane: their product would be too large, so each
        # is brought over the least common multiple of the lane's.
        common = np.lcm.reduceat(den, start)
        sizes = np.diff(np.append(start, len(den)))
        factor = np.repeat(common, sizes) // den
        low_part, high_part = math.times(low_part, factor), math.times(high_part, factor)
        den = common
    low = np.minimum.reduceat(low_part, start)
    high = np.maximum.reduceat(high_part, start)
    spread_ = Column((low,), den, state, None, Ends((low,), (high,), has))
    return blend([(~has, bare), (has, spread_)])


def _resolve(world: World, decision: core.Decision, env: Env) -> Column:
    if decision.applicable is None:
        return _contest(world, decision, "", env)
    applies = world.eval(decision.applicable, env)
    no = applies.falsity
    unknown = applies.is_(UNKNOWN)
    needed = applies.truth | unknown
    pieces: list[tuple[Array, Column]] = []
    if applies.state is not None:
        pieces.append((~(needed | no), Column((), 1, applies.state, applies.detail)))
    if no.any():
        number = world.kernel.not_applicable(decision.name)
        pieces.append((no, of_state(env.n, NOT_APPLICABLE, number)))
    if needed.any():
        inner = world.where(needed, env, lambda e: _contest(world, decision, "", e), decision)
        pieces.append((needed, inner))
    if unknown.any():
        pieces.append((unknown, of_state(env.n, UNKNOWN)))
    return blend(pieces)


def _contest(world: World, decision: core.Decision, target: str, env: Env) -> Column:
    """The exceptions to *target* against what they except."""
    rivals = [rule for rule in decision.exceptions if rule.target == target]
    if not rivals:
        return _base(world, decision, target, env)
    n = env.n
    held = [holds(world, decision, rule, env) for rule in rivals]
    state, detail = worst(held)
    if state is None and len(rivals) == 1:
        return _alone(world, decision, rivals[0], held[0].parts[0], target, env)
    live = [one.truth for one in held]
    clear = np.ones(n, bool) if state is None else state <= ABSENT
    unknown = np.zeros(n, bool) if state is None else state == UNKNOWN
    labels = {rule.label: rank for rank, rule in enumerate(rivals)}
    standing = [one & clear for one in live]
    for rank, rule in enumerate(rivals):
        for label in rule.outranks:
            if label in labels:
                other = labels[label]
                standing[other] = standing[other] & ~live[rank]
    count = np.zeros(n, np.int16)
    for one in standing:
        count += one
    alone = clear & (count == 0)
    pieces: list[tuple[Array, Column]] = []
    if state is not None and (state > UNKNOWN).any():
        pieces.append((state > UNKNOWN, Column((), 1, state, detail)))
    parts: list[Column] = []
    counted: list[Array] = []
    several = clear & (count > 1)
    values: dict[int, Column] = {}
    for rank, rule in enumerate(rivals):
        maybe = unknown & ~held[rank].falsity
        needed = standing[rank] | maybe
        if not needed.any():
            continue
        found = world.where(
            needed,
            env,
            lambda e, r=rule: _contest(world, decision, r.label, e),  # type: ignore[misc]
            rule,
        )
        values[rank] = found
        pieces.append((standing[rank] & ~several, found))
        parts.append(found)
        counted.append(maybe)
    needed = alone | unknown
    if needed.any():
        found = world.where(
            needed, env, lambda e: _base(world, decision, target, e), decision.general
        )
        pieces.append((alone, found))
        parts.append(found)
        counted.append(unknown)
    if several.any():
        lanes = np.flatnonzero(several)
        some = [
            (rivals[rank], standing[rank][lanes], found.take(lanes))
            for rank, found in values.items()
            if standing[rank][lanes].any()
        ]
        pieces.append((several, spread_out(_compete(world, decision, some), lanes, n)))
    if unknown.any():
        bounded = spread(n, parts, counted)
        pieces.append((unknown, of_state(n, UNKNOWN) if bounded is None else bounded))
    return blend(pieces)


def _alone(
    world: World, decision: core.Decision, rule: core.Rule, holds_: Array, target: str, env: Env
) -> Column:
    """One exception, of which each lane knows whether it holds."""

    def excepted(inner: Env) -> Column:
        return _contest(world, decision, rule.label, inner)

    def base(inner: Env) -> Column:
        return _base(world, decision, target, inner)

    if holds_.all():
        return excepted(env)
    if not holds_.any():
        return base(env)
    others = ~holds_
    return blend(
        [
            (others, world.where(others, env, base, decision.general)),
            (holds_, world.where(holds_, env, excepted, rule)),
        ]
    )


def _base(world: World, decision: core.Decision, target: str, env: Env) -> Column:
    """What holds when no exception to *target* does."""
    if target == "":
        return _contest(world, decision, GENERAL, env)
    if target == GENERAL:
        return _value(world, decision, decision.general, env)
    rule = next(r for r in decision.exceptions if r.label == target)
    return _value(world, decision, rule, env)


def _value(world: World, decision: core.Decision, rule: core.Rule, env: Env) -> Column:
    what = f"`{decision.name}`" if rule.label == GENERAL else f"« {rule.label} »"
    return by_version(
        world,
        rule.versions, env, what, rule,
        lambda version, inner: by(
            world, decision.name, rule.label,
            world.eval(version.value, inner.in_rule(decision, rule)),
        ),
    )  # fmt: skip


def holds(world: World, decision: core.Decision, rule: core.Rule, env: Env) -> Column:
    """Whether an exception holds: in force, and its guard true."""
    n = env.n
    pieces: list[tuple[Array, Column]] = []
    for version, mask in in_force(rule.versions, env):
        if isinstance(version, core.RuleVersion):
            guard = version.guard
            if guard is None:
                found = truths(np.broadcast_to(np.True_, n))
            else:
                found = world.where(
                    mask,
                    env,
                    lambda e, g=guard: world.eval(g, e.in_rule(decision, rule)),  # type: ignore[misc]
                    guard,
                )
        elif isinstance(version, Unknown):
            condition = world.kernel.numbered(("en vigueur", decision.name, rule.label))
            inner = env.within(mask)
            bare = truths(np.zeros(n, bool), np.full(n, UNKNOWN, np.uint8))
            found = world.open_condition(condition, bare, mask, inner)
        else:
            found = truths(np.broadcast_to(np.False_, n))
        pieces.append((mask, found))
    return blend(pieces)


def _compete(
    world: World, decision: core.Decision, found: Sequence[tuple[core.Rule, Array, Column]]
) -> Column:
    """Of several rules that hold, in the lanes where each stands."""
    n = len(found[0][1])
    masked = [
        blend([(~mask, of_state(n, VALUE)), (mask, column)]) if not mask.all() else column
        for _, mask, column in found
    ]
    state, detail = worst(masked)
    wrong = np.zeros(n, bool) if state is None else state > UNKNOWN
    unknown = np.zeros(n, bool) if state is None else state == UNKNOWN
    if decision.concurrence:
        best = _best(world, decision, found)
        absent = np.zeros(n, bool)
        for _, mask, column in found:
            absent |= mask & column.is_(ABSENT)
        pieces: list[tuple[Array, Column]] = [(~(absent | wrong), best)]
        if absent.any():
            number = world.kernel.failed("E005", "un motif absent ne concourt pas",
                                         "an absent ground does not compete", decision)  # fmt: skip
            pieces.append((absent, of_state(n, FAILURE, number)))
    else:
        pieces = [(~wrong, _agreed(world, decision, found, unknown))]
    if state is not None and wrong.any():
        pieces.append((wrong, Column((), 1, state, detail)))
    return of_several(world, decision, found, blend(pieces))


def _best(
    world: World, decision: core.Decision, found: Sequence[tuple[core.Rule, Array, Column]]
) -> Column:
    n = len(found[0][1])
    if decision.concurrence == "le plus favorable":
        return any_of(
            [blend([(~mask, truths(np.zeros(n, bool))), (mask, column)]) for _, mask, column in found]
        )  # fmt: skip
    sign = -1 if decision.concurrence == "le plus faible" else 1
    stands, best = found[0][1], found[0][2]
    for _, mask, column in found[1:]:
        both = stands & mask
        pieces = [(stands & ~mask, best), (mask & ~stands, column)]
        if both.any():
            pieces.append((both, math.pick([best, column], sign)))
        best = blend(pieces)
        stands = stands | mask
    return best


def _agreed(
    world: World,
    decision: core.Decision,
    found: Sequence[tuple[core.Rule, Array, Column]],
    unknown: Array,
) -> Column:
    """Rules without a concurrence: one value, or a conflict."""
    n = len(found[0][1])
    first: Column | None = None
    seen = np.zeros(n, bool)
    differ = np.zeros(n, bool)
    known = []
    for _, mask, column in found:
        here = mask & column.is_known
        known.append(here)
        if first is None:
            first = column
        else:
            both = here & seen
            if both.any():
                differ |= both & ~same(world.kernel, column, first)
            fresh = here & ~seen
            if fresh.any():
                first = blend([(~fresh, first), (fresh, column)])
        seen = seen | here
    assert first is not None
    pieces = [(~unknown, first)]
    if unknown.any():
        pieces.append((unknown, of_state(n, UNKNOWN)))
    if differ.any():
        labels = [rule.label for rule, _, _ in found]
        numbers = np.zeros(n, np.int64)
        for rank, here in enumerate(known):
            numbers |= here.astype(np.int64) << rank
        details, rules = np.zeros(n, np.int32), np.zeros(n, np.int32)
        for number in np.unique(numbers[differ]):
            sides = tuple(sorted(label for rank, label in enumerate(labels) if number >> rank & 1))
            details[numbers == number] = world.kernel.conflict(decision.name, sides)
            rules[numbers == number] = world.kernel.rule_set(sides)
        conflict = np.full(n, CONFLICT, np.uint8)
        pieces.append((differ, Column((), 1, conflict, details, rules=rules)))
    return blend(pieces)


def is_selected(world: World, decision: core.Decision, rule: core.Rule, env: Env) -> Column:
    """Whether *rule* is one that applies: it holds, no exception to it does, none outranks.

    Of a decision that does not apply, no rule is looked at.
    """
    if decision.applicable is None:
        return _stands(world, decision, rule, env)
    applicable = world.eval(decision.applicable, env)
    no = applicable.falsity
    found = world.where(~no, env, lambda inner: _stands(world, decision, rule, inner), decision)
    both = invert(any_of([invert(applicable), invert(found)]))
    return blend([(no, truths(np.zeros(env.n, bool))), (~no, both)]) if no.any() else both


def _stands(world: World, decision: core.Decision, rule: core.Rule, env: Env) -> Column:
    """Whether *rule* is one that applies, if *decision* does."""
    against: list[Column] = []

    def tests(column: Column) -> None:
        against.append(invert(column))

    here: core.Rule | None = rule
    for other in decision.exceptions:
        if other.target == rule.label or (rule.label == GENERAL and other.target == ""):
            tests(invert(holds(world, decision, other, env)))
    while here is not None and here.label != GENERAL:
        tests(holds(world, decision, here, env))
        target = here.target
        for other in decision.exceptions:
            if other.target == target and here.label in other.outranks:
                tests(invert(holds(world, decision, other, env)))
            if target == GENERAL and other.target == "":
                tests(invert(holds(world, decision, other, env)))
        here = next((r for r in decision.exceptions if r.label == target), None)
    if not against:
        return truths(np.broadcast_to(np.True_, env.n))
    return invert(any_of(against))
