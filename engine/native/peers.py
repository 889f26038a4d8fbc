"""What an element shares with those of its list, in machine code: the one before, a ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import DURATION, TEXT, EntityType, EnumType

from ..environment import version_on
from ..lowering.layout import Ceiling, shared_caps, shared_denominator, stretches
from ..outcomes import Unknown
from ..stretches import rules_of
from . import numbers
from .code import ABSENT, FALSE, MOST_BITS, ODD, TRUE, UNKNOWN, Code, Unwritten, number
from .records import COUNT, DAY, FIRST, MORE

if TYPE_CHECKING:
    from .writing import Scope, Writing

# A list of more elements than this is not plain: each is held against all others.
MOST = 512
# Nor one in which elements go back further than this: it goes as deep as the list is long.
DEEPEST = 128
# Of a line under a ceiling: whether it is one, its part, limit (and whether it has one), what was
# borne already; then its keys and its order.
_APPLIES, _PART, _LIMIT, _LIMITED, _ALREADY, _KEYS = range(6)
LINE = _KEYS
# Of a line that has borne its share.
_BORNE = 2


def previous(writing: Writing, sequence: core.Sequence, scope: Scope) -> Code:
    """The element just before; absent for the first."""
    law, body, b = writing.law, writing.body, writing.b
    function = law.peer_function(("previous", sequence), lambda w, s: _find(w, s, sequence),
                                 sequence.entity, (*sequence.order, *sequence.keys))  # fmt: skip
    day = scope.on
    if sequence.entity and writing.program.entities[sequence.entity].event:
        # Its own; the order is the same whatever it is.
        day = body.load(scope.here, DAY)
        day = b.select(body.less(day, number(1)), number(1), day)
    found = b.call(function, [body.heap, body.flags, scope.here, day])
    # Where something is not plain, nobody goes back further: it always comes to an end.
    odd = body.not_(body.is_(b.load(body.flag(ODD)), 0))
    found = b.select(odd, number(ABSENT), found)
    return body.unpacked(EntityType(sequence.entity), [found], absent=True)


def _day(writing: Writing, entity: str, scope: Scope) -> Any:
    """The day that rules the elements of *entity*, of which the current one is."""
    if entity and writing.program.entities[entity].event:
        return writing.own_day(scope.here)
    return scope.on


def _find(writing: Writing, scope: Scope, sequence: core.Sequence) -> Any:
    """The nearest of those with equal keys that stand before, by order and then by place. Where
    something of the order is not known, nothing is said."""
    body, b = writing.body, writing.b
    unsure = body.variable(FALSE)
    mine = _keys(writing, sequence, scope, unsure)
    best = body.variable(number(ABSENT))
    size = writing.law.records.size[sequence.entity]
    first, count = body.load(scope.here, FIRST), body.load(scope.here, COUNT)
    # Others that are not told may stand anywhere.
    b.store(b.or_(b.load(unsure), body.at_most(number(MORE), count)), unsure)
    count = b.and_(count, number(MORE - 1))
    wild = body.less(number(DEEPEST), count)
    body.odd_if(wild)
    count = b.select(wild, number(0), count)

    def one(rank: Any) -> None:
        other = b.add(first, b.mul(rank, number(size)))
        inner = attrs.evolve(scope, here=other)
        theirs = _keys(writing, sequence, inner, unsure)
        alike = _equal(writing, mine[0], theirs[0])
        before = _before(writing, theirs[1], mine[1], other, scope.here)
        with b.if_then(b.and_(alike, before)):
            so_far = b.load(best)
            none = body.is_(so_far, ABSENT)
            safe = b.select(none, other, so_far)
            held = _keys(writing, sequence, attrs.evolve(scope, here=safe), unsure)
            nearer = _before(writing, held[1], theirs[1], safe, other)
            b.store(b.select(b.or_(none, nearer), other, so_far), best)

    body.loop(count, one)
    return b.select(b.load(unsure), number(UNKNOWN), b.load(best))


def _keys(
    writing: Writing, sequence: core.Sequence, scope: Scope, unsure: Any
) -> tuple[list[Code], list[Code]]:
    """The keys and the order of the element at ``scope.here``; *unsure* becomes true where they
    are not known."""
    parts = (*sequence.keys, *sequence.order)
    if (
        sequence.entity
        and writing.program.entities[sequence.entity].event
        and any(
            isinstance(node, core.DecisionValue | core.ConsideredDate) for node in core.parts(parts)
        )
    ):
        scope = attrs.evolve(scope, on=writing.own_day(scope.here))
    return (
        [_key(writing, key, scope, unsure) for key in sequence.keys],
        [_known(writing, key, scope, unsure) for key in sequence.order],
    )


def _key(writing: Writing, expr: core.Expr, scope: Scope, unsure: Any = None) -> Code:
    """What tells one group from another: it may be absent. Where it is not known, *unsure* becomes
    true, or it is not plain."""
    b = writing.b
    code = writing.expr(expr, scope)
    if not code.values or len(code.values) > 1:
        raise Unwritten
    if unsure is not None and code.unknown is not None:
        b.store(b.or_(b.load(unsure), code.unknown), unsure)
        code = code.with_(unknown=None)
    writing.body.odd_if(writing.body.any_of((code.unknown, code.inapplicable)))
    return code.with_(unknown=None, inapplicable=None)


def _known(writing: Writing, expr: core.Expr, scope: Scope, unsure: Any = None) -> Code:
    """What has an order: texts are not in that of their numbers."""
    code = _key(writing, expr, scope, unsure)
    if code.kind == TEXT or isinstance(code.kind, EnumType):
        raise Unwritten
    writing.body.odd_if(code.absent)
    return code.with_(absent=None)


def _number(writing: Writing, code: Code) -> Any:
    return writing.body.packed(code)[0]


def _equal(writing: Writing, a: Sequence[Code], b: Sequence[Code]) -> Any:
    if not a:
        return TRUE
    return writing.body.all_of([writing.equals(x, y).value for x, y in zip(a, b, strict=True)])


def _before(writing: Writing, a: Sequence[Code], b: Sequence[Code], here: Any, there: Any) -> Any:
    """Whether *a* comes before *b*; of equals, the one whose place comes first."""
    body, builder = writing.body, writing.b
    found = body.less(here, there)
    for x, y in zip(reversed(a), reversed(b), strict=True):
        x, y = body.alike((x, y))
        one, other = _number(writing, x), _number(writing, y)
        found = builder.or_(body.less(one, other), builder.and_(body.equal(one, other), found))
    return found


# ── ceilings ─────────────────────────────────────────────────────────────────────────────


def shared(writing: Writing, step: core.SharedCap, rank: int, code: Code, scope: Scope) -> Code:
    """What the element bears under the ceiling that its list shares."""
    law, body, b = writing.law, writing.body, writing.b
    assert scope.decision is not None and scope.rule is not None
    if step.type == DURATION or scope.variables or scope.moved:
        raise Unwritten
    den = shared_denominator(step)
    if not den:
        raise Unwritten
    code = body.plain(code)
    entity = scope.decision.entity or ""
    ceiling = Ceiling(scope.decision.name, scope.rule.label, rank)
    decision, rule = scope.decision, scope.rule
    function = law.peer_function(
        ("ceiling", ceiling), lambda w, s: _share(w, s, decision, rule, ceiling), entity, ()
    )
    day = _day(writing, entity, scope)
    found = b.call(function, [body.heap, body.flags, scope.here, day])
    return Code(code.kind, (found,), den, code.bits, code.unknown)


def _share(
    writing: Writing, scope: Scope, decision: core.Decision, rule: core.Rule, ceiling: Ceiling
) -> Any:
    """Works out the ceiling for the whole list, and keeps what each bears; gives that of one."""
    law, body, b = writing.law, writing.body, writing.b
    entity = decision.entity or ""
    steps = steps_of(rule, ceiling.rank)
    counts, n_keys, width = steps[0].counts, len(steps[0].keys), line_width(steps)
    if any((s.counts, s.keys, s.order) != (counts, steps[0].keys, steps[0].order) for s in steps):
        raise Unwritten  # keys written otherwise from a version to the next
    line = law.records.keep(entity, ("line", ceiling), LINE + width).result
    kept = law.records.keep(entity, ("ceiling", ceiling), 1)
    size = law.records.size[entity]
    alone = body.is_(body.load(scope.here, COUNT), 0)
    first = b.select(alone, scope.here, body.load(scope.here, FIRST))
    count = b.select(alone, number(1), body.load(scope.here, COUNT))
    wild = body.less(number(MOST), count)
    body.odd_if(wild)
    count = b.select(wild, number(0), count)
    has_day = bool(entity and writing.program.entities[entity].event)

    def record(rank: Any) -> Any:
        return b.add(first, b.mul(rank, number(size)))

    def told(rank: Any) -> None:
        here = record(rank)
        day = writing.own_day(here) if has_day else scope.on
        inner = attrs.evolve(scope, here=here, on=day)
        _tell(writing, inner, decision, rule, ceiling, line)

    body.loop(count, told)
    # Those that are lines, one after another in their order: a small list is run through as often
    # as it is long.
    taken = body.variable(number(0))
    before = body.variable(number(ABSENT))

    def bear(_: Any) -> None:
        best = body.variable(number(ABSENT))

        def candidate(rank: Any) -> None:
            here = record(rank)
            waits = body.is_(body.load(here, line + _APPLIES), 1)
            so_far = b.load(best)
            none = body.is_(so_far, ABSENT)
            other = b.select(none, here, so_far)
            sooner = _sooner(writing, here, other, line + _KEYS, width)
            b.store(b.select(b.and_(waits, b.or_(none, sooner)), here, so_far), best)

        body.loop(count, candidate)
        here = b.load(best)
        with b.if_then(body.not_(body.is_(here, ABSENT))):
            # A new group begins where the keys are not those of the one before.
            last = b.load(before)
            fresh = body.is_(last, ABSENT)
            with b.if_then(body.not_(fresh)):
                same = TRUE
                for key in range(n_keys):
                    place = line + _KEYS + key
                    same = b.and_(same, body.equal(body.load(here, place), body.load(last, place)))
                b.store(b.select(same, b.load(taken), number(0)), taken)
            part = body.load(here, line + _PART)
            limit = body.load(here, line + _LIMIT)
            limited = body.is_(body.load(here, line + _LIMITED), 1)
            used = b.add(b.load(taken), body.load(here, line + _ALREADY))
            if counts:
                nothing = body.is_(part, 0)
                room = b.or_(body.not_(limited), body.less(used, limit))
                borne = b.select(room, part, number(0))
                more = b.select(b.and_(room, body.not_(nothing)), number(1), number(0))
                b.store(b.add(b.load(taken), more), taken)
            else:
                left = b.sub(limit, used)
                left = b.select(body.less(left, number(0)), number(0), left)
                most = b.select(body.less(part, left), part, left)
                borne = b.select(limited, most, part)
                b.store(body.plus(b.load(taken), MOST_BITS, borne, MOST_BITS)[0], taken)
            body.store(borne, here, kept.result)
            day = writing.own_day(here) if has_day else scope.on
            body.store(day, here, kept.day)
            body.store(number(_BORNE), here, line + _APPLIES)
            b.store(here, before)

    body.loop(count, bear)
    # What is no line has no share: it is asked by no one.
    return body.load(scope.here, kept.result)


def steps_of(rule: core.Rule, rank: int) -> list[core.SharedCap]:
    """The *rank*-th shared ceiling of each version of *rule*."""
    return [
        step
        for version in rule.versions
        if isinstance(version, core.RuleVersion)
        for place, (_, step) in enumerate(shared_caps(version.value))
        if place == rank
    ]


def line_width(steps: Sequence[core.SharedCap]) -> int:
    """How many keys a line under the ceiling of *steps* has."""
    return max(len(step.keys) + len(step.order) for step in steps)


def _sooner(writing: Writing, here: Any, other: Any, place: int, width: int) -> Any:
    """Whether the line at *here* comes before that at *other*: by keys, by order, by place."""
    body, b = writing.body, writing.b
    found = body.less(here, other)
    for rank in reversed(range(width)):
        one, two = body.load(here, place + rank), body.load(other, place + rank)
        found = b.or_(body.less(one, two), b.and_(body.equal(one, two), found))
    return found


def _tell(
    writing: Writing,
    scope: Scope,
    decision: core.Decision,
    rule: core.Rule,
    ceiling: Ceiling,
    place: int,
) -> None:
    """Keeps at *place* what the element at ``scope.here`` brings to the ceiling, whatever the
    stretch of law."""
    body, b = writing.body, writing.b
    body.store(number(0), scope.here, place + _APPLIES)
    for since, until in stretches(writing.law.layout.days(rules_of(decision))):
        version = version_on(rule.versions, since)
        test = body.at_most(number(since.toordinal()), scope.on)
        if until is not None:
            test = b.and_(test, body.less(scope.on, number(until.toordinal())))
        inner = attrs.evolve(
            scope, since=since, until=until, decision=decision, rule=rule, variables={}
        )
        with b.if_then(test):
            if isinstance(version, Unknown):
                body.odd()
            elif isinstance(version, core.RuleVersion):
                caps = shared_caps(version.value)
                if ceiling.rank < len(caps):
                    _line(writing, inner, decision, version.value, caps[ceiling.rank], place)


def _line(
    writing: Writing,
    scope: Scope,
    decision: core.Decision,
    value: core.Expr,
    cap: tuple[int, core.SharedCap],
    place: int,
) -> None:
    from .decisions import selected

    body, b = writing.body, writing.b
    upto, step = cap
    assert scope.rule is not None
    applies = selected(writing, decision, scope.rule, scope)
    while isinstance(value, core.Noted):
        value = value.operand
    assert isinstance(value, core.Staged)
    den = shared_denominator(step)
    with b.if_then(applies):
        here, before = b.block, len(body.function.blocks)
        try:
            part = body.over(
                numbers.a_number(
                    writing, _whole(writing, numbers.staged(writing, value, upto, scope))
                ),
                den,
            )
            over = 1 if step.counts else den
            limit = writing.expr(step.limit, scope)
            body.odd_if(body.any_of((limit.absent, limit.unknown)))
            most = (
                body.over(numbers.a_number(writing, limit), over)
                if limit.values
                else body.nothing(step.type)
            )
            already = number(0)
            if step.already is not None:
                already = body.over(_known(writing, step.already, scope), over).value
            keys = [_key(writing, key, scope) for key in step.keys]
            keys += [_known(writing, key, scope) for key in step.order]
            if any(key.den != 1 for key in keys):
                raise Unwritten
        except Unwritten:
            body.mend(here, before)
            writing.law.unwritten.append(step)
            body.odd()
            return
        body.store(number(1), scope.here, place + _APPLIES)
        body.store(part.value, scope.here, place + _PART)
        body.store(most.value, scope.here, place + _LIMIT)
        limited = TRUE if limit.inapplicable is None else body.not_(limit.inapplicable)
        body.store(b.zext(limited, number(0).type), scope.here, place + _LIMITED)
        body.store(already, scope.here, place + _ALREADY)
        for rank, key in enumerate(keys):
            body.store(_number(writing, key), scope.here, place + _KEYS + rank)


def _whole(writing: Writing, code: Code) -> Code:
    code = writing.body.plain(code)
    if not code.values:
        raise Unwritten
    writing.body.odd_if(code.unknown)
    return code.with_(unknown=None)
