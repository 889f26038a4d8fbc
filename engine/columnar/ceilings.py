"""Ceilings that the elements of one list share, for all lists at once: `engine.ceilings`.

A *line* is one element as it comes to the ceiling. Lines that share are taken by rank: the first
of every list together, then the second of every list.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import TYPE_CHECKING

import attrs
import numpy as np

from lexald.dsl import program as core
from lexald.dsl.types import DURATION, INT, Type

from ..ceilings import _ceilings_of, _staged_in
from . import numbers as math
from .columns import (
    ABSENT,
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
    unified,
    worst,
)
from .contest import is_selected
from .keys import combined, dense, numbered, sort_key
from .lanes import Env
from .outcomes import ordered
from .versions import in_force

if TYPE_CHECKING:
    from .world import World


@attrs.frozen(eq=False)
class _Lines:
    """Lines side by side.

    *lists*: the list of each; *rank*: its place there; *applies*: whether the same rule applies to
    it (false: it is no line); *key*: the worst of its *keys*, where one is not known; *order*: a
    column for each key of the order.
    """

    lists: Array
    rank: Array
    applies: Column
    part: Column
    key: Column
    keys: tuple[Column, ...]
    order: tuple[Column, ...]
    limit: Column
    already: Column


def share(
    world: World,
    expr: core.Staged,
    place: int,
    step: core.SharedCap,
    value: Column,
    env: Env,
) -> Column:
    """What the current element of each lane bears under a ceiling that its list shares."""
    assert env.rule is not None and env.current is not None
    decision, rule = env.rule
    assert decision.entity is not None
    rank = _ceilings_of(expr).index(place)
    table = world.table(decision.entity)
    current = env.current
    n = env.n
    alone = table.length[current] == 0
    incomplete = ~table.complete[current] & ~alone
    event = world.program.entities[decision.entity].event
    pieces: list[tuple[Array, Column]] = []
    todo = np.ones(n, bool)
    if event is not None or env.is_steady:
        on = env.on if env.is_steady and isinstance(env.on, int) else world.kernel.on
        key = (decision.name, rule.label, rank, None if event else on)
        found = world.shares.get(key)
        if found is None:
            whole = world.of_all(decision.entity, on)
            lists = table.start
            lines = _through(world, decision, rule, rank, whole, lists, np.arange(whole.n) - lists)
            found = world.shares[key] = (lines, _shared_out(world, step, lines))
        lines, shares = found
        settled = ~lines.applies.falsity[current]
        for guess in env.guesses.values():
            settled &= guess < 0
        pieces.append((settled, shares.take(current)))
        todo = ~settled
    todo &= ~incomplete
    lanes = np.flatnonzero(todo)
    if len(lanes):
        # Under a guess the element's own part may differ; those of the others do not.
        mine = _apart(world, decision, rule, rank, step, value, env, lanes)
        pieces.append((todo, spread_out(mine, lanes, n)))
    if incomplete.any():
        pieces.append((incomplete, of_state(n, UNKNOWN)))
    return blend(pieces)


def _through(
    world: World,
    decision: core.Decision,
    rule: core.Rule,
    rank: int,
    env: Env,
    lists: Array,
    at: Array,
) -> _Lines:
    """How each element of *env*, the one *at* a place of one of *lists*, comes to the ceiling of
    *rank* among those of *rule*."""
    entity = decision.entity
    assert entity is not None
    inner, day = world.dated(entity, env)
    inner = inner.in_rule(decision, rule)
    inner.guesses, inner.opened, inner.active = {}, None, None
    n = env.n
    applies = is_selected(world, decision, rule, inner)
    ceiling = _at_ceiling(world, decision, rule, rank, inner)
    applies = blend([(~ceiling.without, applies), (ceiling.without, truths(np.zeros(n, bool)))])
    part, key = ceiling.part, ceiling.key
    if day is not None and day.state is not None:
        undated = day.is_(UNKNOWN)
        unknown = of_state(n, UNKNOWN)
        applies = blend([(~undated, applies), (undated, unknown)])
        part = blend([(~undated, part), (undated, unknown)])
        key = blend([(~undated, key), (undated, unknown)])
    return _Lines(
        lists, at, applies, part, key, ceiling.keys, ceiling.order, ceiling.limit, ceiling.already
    )


@attrs.frozen(eq=False)
class _Ceiling:
    """*without*: lanes whose version has no such ceiling."""

    without: Array
    part: Column
    key: Column
    keys: tuple[Column, ...]
    order: tuple[Column, ...]
    limit: Column
    already: Column


def _at_ceiling(
    world: World, decision: core.Decision, rule: core.Rule, rank: int, env: Env
) -> _Ceiling:
    n = env.n
    without = np.zeros(n, bool)
    made: list[tuple[Array, tuple[Column, ...], Sequence[Column], Sequence[Column]]] = []
    for version, mask in in_force(rule.versions, env):
        staged = _staged_in(version.value) if isinstance(version, core.RuleVersion) else None
        places = _ceilings_of(staged) if staged else []
        if staged is None or rank >= len(places):
            without |= mask
            continue
        step = staged.steps[places[rank]]
        assert isinstance(step, core.SharedCap)
        part = world.staged(staged, places[rank], env)
        keys = [world.eval(key, env) for key in step.keys]
        order = [world.eval(key, env) for key in step.order]
        limit = world.eval(step.limit, env)
        already = (
            _zero(INT if step.counts else step.type, n)
            if step.already is None
            else world.eval(step.already, env)
        )
        made.append((mask, (part, limit, already), keys, order))
    if not made:
        nothing = of_state(n, UNKNOWN)
        return _Ceiling(without, nothing, truths(np.zeros(n, bool)), (), (), nothing, nothing)
    part, limit, already = (
        blend([(mask, columns[k]) for mask, columns, _, _ in made]) for k in range(3)
    )
    depth = max(len(keys) for _, _, keys, _ in made)
    width = max(len(order) for _, _, _, order in made)
    absent = of_state(n, ABSENT)
    keys = [
        _across([(mask, keys[k] if k < len(keys) else absent) for mask, _, keys, _ in made])
        for k in range(depth)
    ]
    orders = tuple(
        _across([(mask, order[k] if k < len(order) else absent) for mask, _, _, order in made])
        for k in range(width)
    )
    return _Ceiling(without, part, _wrong_key(keys, n), tuple(keys), orders, limit, already)


def _across(pieces: Sequence[tuple[Array, Column]]) -> Column:
    """Keys of several versions, which need not be of one type: then only equality is kept."""
    shapes = {
        (len(column.parts), column.kind, column.parts[0].dtype == bool)
        for _, column in pieces
        if column.parts
    }
    if len(shapes) <= 1:
        return blend(pieces)
    base = 0
    made = []
    for mask, column in pieces:
        codes = dense(numbered(column)) + base
        base = int(codes.max(initial=base)) + 1
        made.append((mask, Column((codes,), 1, column.state, column.detail)))
    return blend(made)


def _wrong_key(keys: Sequence[Column], n: int) -> Column:
    """The worst of the keys of each lane, where one is not known."""
    state, detail = worst(keys) if keys else (None, None)
    if state is None or not (bad := state > ABSENT).any():
        return truths(np.zeros(n, bool))
    return truths(np.zeros(n, bool), np.where(bad, state, np.uint8(VALUE)), detail)


def _zero(kind: Type, n: int) -> Column:
    nothing = np.broadcast_to(np.int64(0), n)
    return Column((nothing, nothing) if kind == DURATION else (nothing,), peak=0)


def _apart(
    world: World,
    decision: core.Decision,
    rule: core.Rule,
    rank: int,
    step: core.SharedCap,
    value: Column,
    env: Env,
    lanes: Array,
) -> Column:
    """The shares of some lanes, each worked out with the whole of its list."""
    assert decision.entity is not None and env.current is not None
    table = world.table(decision.entity)
    mine = env.current[lanes]
    start, length = table.start[mine], np.maximum(table.length[mine], 1)
    parent = np.repeat(np.arange(len(lanes)), length)
    first = np.cumsum(length) - length
    place = start[parent] + (np.arange(len(parent)) - first[parent])
    event = world.program.entities[decision.entity].event
    on = env.on
    if not isinstance(on, int):
        on = on[lanes][parent]
    undated = env.undated
    inner = Env(
        len(place), on, current=place, situation=table.situation[place],
        undated=None if undated is None or event else undated.take(lanes[parent]),
        entity=decision.entity,
    )  # fmt: skip
    at = place - start[parent]
    lines = _through(world, decision, rule, rank, inner, parent, at)
    own = first + (mine - start)
    lines = _with_own(world, rule, rank, step, lines, value.take(lanes), env, lanes, own)
    return _shared_out(world, step, lines).take(own)


def _with_own(
    world: World,
    rule: core.Rule,
    rank: int,
    step: core.SharedCap,
    lines: _Lines,
    value: Column,
    env: Env,
    lanes: Array,
    own: Array,
) -> _Lines:
    """*lines*, those at *own* being the lanes themselves, as they are in *env*."""
    inner = env.take(lanes)
    n = len(lines.lists)
    keys = [world.eval(key, inner) for key in step.keys]
    order = [world.eval(key, inner) for key in step.order]
    limit = world.eval(step.limit, inner)
    already = (
        _zero(INT if step.counts else step.type, len(lanes))
        if step.already is None
        else world.eval(step.already, inner)
    )
    mask = np.zeros(n, bool)
    mask[own] = True

    def put(column: Column, new: Column) -> Column:
        return _across([(~mask, column), (mask, spread_out(new, own, n))])

    width = max(len(lines.order), len(order))
    depth = max(len(lines.keys), len(keys))

    def put_all(columns: Sequence[Column], new: Sequence[Column], count: int) -> tuple[Column, ...]:
        none, no_new = of_state(n, ABSENT), of_state(len(lanes), ABSENT)
        return tuple(
            put(columns[k] if k < len(columns) else none, new[k] if k < len(new) else no_new)
            for k in range(count)
        )

    return _Lines(
        lines.lists, lines.rank, put(lines.applies, truths(np.ones(len(lanes), bool))),
        put(lines.part, value), put(lines.key, _wrong_key(keys, len(lanes))),
        put_all(lines.keys, keys, depth), put_all(lines.order, order, width),
        put(lines.limit, limit), put(lines.already, already),
    )  # fmt: skip


# ── sharing out ──────────────────────────────────────────────────────────────────────────


def _shared_out(world: World, step: core.SharedCap, lines: _Lines) -> Column:
    """What each line bears; whatever for those to which the rule does not apply."""
    n = len(lines.lists)
    if n == 0:
        return of_state(0, UNKNOWN)
    counted = ~lines.applies.falsity
    stranger = counted & ~lines.key.is_known
    sure = lines.applies.truth
    member = counted & ~stranger
    group = _grouped(lines, member)
    size = int(group.max()) + 1
    number = np.bincount(group[member], minlength=size)
    lists = dense(lines.lists)
    list_number = int(lists.max()) + 1
    strangers = np.bincount(lists[stranger], minlength=list_number)
    order_state, order_detail = worst(lines.order) if lines.order else (None, None)
    bad_order = np.zeros(n, bool) if order_state is None else member & (order_state > ABSENT)
    unsure = member & ~sure
    loose = np.zeros(size, bool)
    loose[group[bad_order | unsure]] = True
    doubtful_group = loose[group] | (strangers[lists] > 0)
    doubtful_group &= (number[group] + strangers[lists]) > 1
    plain = member & ~doubtful_group
    pieces: list[tuple[Array, Column]] = []
    lanes = np.flatnonzero(plain)
    if len(lanes):
        borne = _in_order(world, step, lines, lanes, group)
        pieces.append((plain, spread_out(borne, lanes, n)))
    rest = member & doubtful_group
    if rest.any() or stranger.any():
        most_group, most_list = _most(step, lines, member, stranger, counted, group, lists)
        if rest.any():
            free = _cannot_bind(lines, most_group)
            doubt = _doubt(lines, order_state, order_detail, rest, unsure, stranger, group, lists)
            open_ = _worst_or_unknown([doubt, lines.part])
            doubtful = _doubtful(lines, free)
            pieces.append((rest & ~sure, doubtful))
            pieces.append((rest & sure & free, lines.part))
            pieces.append((rest & sure & ~free, open_))
        if stranger.any():
            pieces.append((stranger, _doubtful(lines, _cannot_bind(lines, most_list))))
    # A rule that applies to an element in error is in error for it.
    return blend(pieces) if pieces else of_state(n, UNKNOWN)


def _grouped(lines: _Lines, member: Array) -> Array:
    """A number for each line, one for those of *member* that share a ceiling."""
    codes = combined([lines.lists, *(numbered(key) for key in lines.keys)])
    return codes if member.all() else dense(np.where(member, codes, -1))


def _worst_or_unknown(columns: Sequence[Column]) -> Column:
    state, detail = worst(columns)
    n = len(columns[0])
    states = np.zeros(n, np.uint8) if state is None else state
    return Column((), 1, np.maximum(states, np.uint8(UNKNOWN)), detail)


def _doubt(
    lines: _Lines,
    order_state: Array | None,
    order_detail: Array | None,
    rest: Array,
    unsure: Array,
    stranger: Array,
    group: Array,
    lists: Array,
) -> Column:
    """For each line, the worst of what is not known in its group, and of the strangers."""
    n = len(lines.lists)
    state = np.zeros(n, np.uint8)
    detail = np.zeros(n, np.int32)
    sources: list[tuple[Array, Array, Array | None, Array]] = []
    if order_state is not None:
        sources.append((rest & (order_state > ABSENT), order_state, order_detail, group))
    for column in (lines.applies, lines.key, lines.part):
        if column.state is not None:
            bad = column.state > ABSENT
            sources.append((unsure & bad, column.state, column.detail, group))
            sources.append((stranger & bad, column.state, column.detail, lists))
    for mask, states, details, by in sources:
        for one in range(UNKNOWN, 6):
            here = mask & (states == one)
            if not here.any():
                continue
            size = int(by.max()) + 1
            has = np.zeros(size, bool)
            has[by[here]] = True
            which = np.zeros(size, np.int64)
            lanes = np.flatnonzero(here)
            which[by[lanes[::-1]]] = lanes[::-1]
            worse = has[by] & (state < one)
            state = np.where(worse, np.uint8(one), state)
            if details is not None:
                detail = np.where(worse, details[which[by]], detail)
    return Column((), 1, state, detail)


def _most(
    step: core.SharedCap,
    lines: _Lines,
    member: Array,
    stranger: Array,
    counted: Array,
    group: Array,
    lists: Array,
) -> tuple[Column, Column]:
    """The most that may be asked of each line's ceiling: by its group and the strangers, and by
    its whole list; unknown where one does not know."""
    size, list_number = int(group.max()) + 1, int(lists.max()) + 1
    if step.counts:
        by_group = np.bincount(group[member], minlength=size)[group]
        by_group = by_group + np.bincount(lists[stranger], minlength=list_number)[lists]
        by_list = np.bincount(lists[counted], minlength=list_number)[lists]
        return Column((by_group,)), Column((by_list,))
    part = lines.part
    n = len(lines.lists)
    if not part.parts:
        return of_state(n, UNKNOWN), of_state(n, UNKNOWN)
    if isinstance(part.den, np.ndarray):
        part = _common(part)
    ends = math.bounds(part)

    def total(mask: Array, by: Array, width: int) -> tuple[list[Array], Array]:
        sums = []
        for high in ends.high:
            top = np.where(mask & ends.has, high, 0)
            made = np.zeros(width, top.dtype)
            np.add.at(made, by, top)
            sums.append(made)
        missing = np.zeros(width, bool)
        missing[by[mask & ~ends.has]] = True
        return sums, missing

    grouped, missing = total(member, group, size)
    strange, strange_missing = total(stranger, lists, list_number)
    whole, whole_missing = total(counted, lists, list_number)
    bad = missing[group] | strange_missing[lists]
    first = Column(
        tuple(a[group] + b[lists] for a, b in zip(grouped, strange, strict=True)), part.den,
        np.where(bad, np.uint8(UNKNOWN), np.uint8(VALUE)),
    )  # fmt: skip
    second = Column(
        tuple(a[lists] for a in whole), part.den,
        np.where(whole_missing[lists], np.uint8(UNKNOWN), np.uint8(VALUE)),
    )  # fmt: skip
    return first, second


def _common(column: Column) -> Column:
    """Fractions over one denominator for all lanes."""
    den = lcm(*(int(one) for one in np.unique(column.den)))
    kind = np.int64 if den < math.LIMIT else object
    return attrs.evolve(math.over(column, np.full(len(column), den, kind)), den=den)


def _cannot_bind(lines: _Lines, most: Column) -> Array:
    """The lines whose ceiling is above all that could ever be asked of it."""
    free = lines.limit.is_(NOT_APPLICABLE)
    known = lines.limit.is_known & lines.already.is_known & most.is_(VALUE)
    if not known.any() or not lines.limit.parts or not most.parts or not lines.already.parts:
        return free
    lanes = np.flatnonzero(known)
    asked = math.add(lines.already.take(lanes), most.take(lanes))
    below = math.less(lines.limit.take(lanes), asked)
    found = free.copy()
    found[lanes] |= below.falsity
    return found


def _doubtful(lines: _Lines, free: Array) -> Column:
    """The share of a line of which it is not known whether, or with whom, it shares."""
    open_ = _worst_or_unknown([lines.applies, lines.part, lines.key])
    wrong = lines.applies.state
    pieces: list[tuple[Array, Column]] = [(~free, open_), (free, lines.part)]
    if wrong is not None and (bad := wrong > UNKNOWN).any():
        pieces.append((bad, Column((), 1, wrong, lines.applies.detail)))
    return blend(pieces)


def _in_order(
    world: World, step: core.SharedCap, lines: _Lines, lanes: Array, group: Array
) -> Column:
    """What lines bear, each ceiling's in their order, all of whose keys are known."""
    ranks = [sort_key(world, column.take(lanes)) for column in lines.order]
    groups = group[lanes]
    at = np.lexsort((lines.rank[lanes], *reversed(ranks), groups))
    there = lanes[at]
    groups = groups[at]
    first = np.ones(len(at), bool)
    first[1:] = groups[1:] != groups[:-1]
    start = np.flatnonzero(first)
    length = np.diff(np.append(start, len(at)))
    part, limit, already = (
        column.take(there) for column in (lines.part, lines.limit, lines.already)
    )
    quick = None if step.counts else _cumulated(part, limit, already, first, start, length)
    borne = quick or _one_by_one(step, part, limit, already, start, length)
    back = np.empty(len(at), np.int64)
    back[at] = np.arange(len(at))
    return borne.take(back)


def _cumulated(
    part: Column, limit: Column, already: Column, first: Array, start: Array, length: Array
) -> Column | None:
    """All at once, where parts are known and not negative, and each group has one limit."""
    if any(c.state is not None or len(c.parts) != 1 for c in (part, limit, already)):
        return None
    if not all(isinstance(c.den, int) for c in (part, limit, already)):
        return None
    room = math.add(limit, already, -1)
    part, room = unified((part, room))
    value, top = part.parts[0], room.parts[0]
    if value.dtype == object or top.dtype == object or (len(value) and value.min() < 0):
        return None
    if math.highest(value) * max(len(value), 1) >= math.LIMIT:
        return None
    if (top[1:] != top[:-1])[~first[1:]].any():
        return None
    total = np.cumsum(value)
    before = total - value
    base = np.repeat(before[start], length)
    left = np.maximum(top, 0)
    borne = np.minimum(total - base, left) - np.minimum(before - base, left)
    return Column((borne,), part.den, peak=part.peak)


def _one_by_one(
    step: core.SharedCap, part: Column, limit: Column, already: Column, start: Array, length: Array
) -> Column:
    """By rank: the first of every group, then the second of every group."""
    n = len(part)
    # The longest first: those that are left at each rank stand at the beginning.
    longest = np.argsort(-length, kind="stable")
    start, length = start[longest], length[longest]
    left = np.bincount(length)[::-1].cumsum()[::-1]
    taken: Column = _zero(INT if step.counts else step.type, len(start))
    found: list[Column] = []
    places: list[Array] = []
    for rank, count in enumerate(left[1:]):
        at = start[:count] + rank
        before = taken.take(np.arange(count))
        mine, top, used = part.take(at), limit.take(at), already.take(at)
        if step.counts:
            borne, taken = _counted(step, mine, top, used, before)
        else:
            borne = _borne(step, mine, top, used, before)
            taken = math.add(before, borne)
        found.append(borne)
        places.append(at)
    every = concat(found)
    back = np.empty(n, np.int64)
    back[np.concatenate(places)] = np.arange(n)
    return every.take(back)


def _borne(step: core.SharedCap, part: Column, limit: Column, already: Column, before: Column) -> Column:  # fmt: skip
    n = len(part)
    free = limit.is_(NOT_APPLICABLE)
    used = math.add(already, before)
    left = math.add(limit, used, -1)
    found = math.pick([part, math.pick([left, _zero(step.type, n)], 1)], -1)
    return blend([(~free, found), (free, part)]) if free.any() else found


def _counted(
    step: core.SharedCap, part: Column, limit: Column, already: Column, before: Column
) -> tuple[Column, Column]:
    """A part that is nothing does not count; the others do while there is room."""
    n = len(part)
    nothing = _zero(step.type, n)
    state, detail = worst((limit, already))
    wrong = np.zeros(n, bool) if state is None else state > NOT_APPLICABLE
    known = part.is_known
    is_zero = known & math.equal(part, nothing).truth
    one = Column((np.broadcast_to(np.int64(1), n),))
    more = math.add(before, one)
    maybe = _between(before, part)
    after = blend([(known, more), (~known, maybe)])
    free = limit.is_(NOT_APPLICABLE)
    room = math.less(math.add(before, already), limit)
    yes, no = room.truth & ~free, room.falsity & ~free
    open_ = room.is_(UNKNOWN) & ~free
    doubt = of_state(n, UNKNOWN)
    if ordered(part):
        ends = math.bounds(part)
        doubt = Column(
            part.parts, part.den, np.full(n, UNKNOWN, np.uint8), None,
            Ends((np.minimum(ends.low[0], 0),), (np.maximum(ends.high[0], 0),), ends.has),
        )  # fmt: skip
    bad_room = Column((), 1, room.state, room.detail) if room.state is not None else doubt
    rest = ~(yes | no | open_ | free)
    borne = blend(
        [(rest, bad_room), (yes | free, part), (no, nothing), (open_, doubt), (is_zero, part)]
    )
    then = blend(
        [(rest, bad_room), (yes | free, after), (no, before), (open_, _between(before, room)), (is_zero, before)]
    )  # fmt: skip
    if wrong.any():
        error = Column((), 1, state, detail)
        borne, then = blend([(~wrong, borne), (wrong, error)]), blend([(~wrong, then), (wrong, error)])  # fmt: skip
    return borne, then


def _between(before: Column, doubt: Column) -> Column:
    """*before*, or one more, where *doubt* is not known."""
    state, detail = worst((before, doubt))
    if state is None or not before.parts:
        return Column(before.parts, before.den, state, detail)
    ends = math.bounds(before)
    has = ends.has & (state == UNKNOWN)
    known = state <= ABSENT
    low = np.where(known, before.parts[0], ends.low[0])
    high = np.where(known, before.parts[0], ends.high[0] + 1)
    return Column(before.parts, before.den, state, detail, Ends((low,), (high,), has))
