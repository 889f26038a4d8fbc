"""Days, durations, periods and other days in machine code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import (
    DATE,
    DURATION,
    INT,
    PERIOD,
)

from ..lowering.layout import stretches
from ..periods import NEVER
from .code import Code, Unwritten, number

if TYPE_CHECKING:
    from .writing import Scope, Writing


DAY_BITS = 22


def shift(
    writing: Writing, day: core.Expr, duration: core.Expr, sign: int, round_up: bool, scope: Scope
) -> Code:
    b, body = writing.b, writing.body
    start, length = writing.value(day, scope, DATE), writing.value(duration, scope, DURATION)
    unknown = body.any_of((start.unknown, length.unknown))
    months, days = length.values
    if sign < 0:
        months, days = b.neg(months), b.neg(days)
    # What is not known may be any number: it stays in the calendar, which is not asked then.
    begin = writing.known_day(start)
    if unknown is not None:
        months = b.select(unknown, number(0), months)
        days = b.select(unknown, number(0), days)
    found = writing.law.calendar.shifted(b, body.flags, begin, months, days, round_up)
    return Code(DATE, (found,), 1, DAY_BITS, unknown)


def gap(writing: Writing, end: core.Expr, start: core.Expr, unit: str, scope: Scope) -> Code:
    b, body = writing.b, writing.body
    last, first = writing.value(end, scope, DATE), writing.value(start, scope, DATE)
    unknown = body.any_of((last.unknown, first.unknown))
    ends = (writing.known_day(first), writing.known_day(last))
    if unit == "jours":
        values = (number(0), b.sub(ends[1], ends[0]))
    else:
        months = writing.law.calendar.months_between(b, body.flags, *ends)
        if unit == "années":
            months = b.mul(b.sdiv(months, number(12)), number(12))
        values = (months, number(0))
    return Code(DURATION, values, 1, DAY_BITS, unknown)


def range_of(writing: Writing, first: core.Expr, last: core.Expr | None, scope: Scope) -> Code:
    body = writing.body
    begins = writing.value(first, scope, DATE)
    unknown = begins.unknown
    end = number(NEVER)
    if last is not None:
        stops = writing.expr(last, scope)
        body.odd_if(stops.inapplicable)
        unknown = body.any_of((unknown, stops.unknown))
        end = writing.of_kind(stops, DATE).value if stops.values else end
        if stops.absent is not None:
            end = writing.b.select(stops.absent, number(NEVER), end)
    backwards = body.less(writing.b.add(end, number(1)), begins.value)
    body.odd_if(backwards if unknown is None else writing.b.and_(backwards, body.not_(unknown)))
    return Code(PERIOD, (begins.value, end), 1, DAY_BITS, unknown)


def covers(
    writing: Writing, period: core.Expr, item: core.Expr, of_period: bool, scope: Scope
) -> Code:
    body, b = writing.body, writing.b
    whole = writing.value(period, scope, PERIOD)
    part = writing.value(item, scope, PERIOD if of_period else DATE)
    unknown = body.any_of((whole.unknown, part.unknown))
    first, last = whole.values
    if of_period:
        start, stop = part.values
        inside = b.and_(body.at_most(first, start), body.at_most(stop, last))
        return body.truth(b.or_(body.less(stop, start), inside), unknown)
    day = part.value
    return body.truth(b.and_(body.at_most(first, day), body.at_most(day, last)), unknown)


def overlaps(writing: Writing, left: core.Expr, right: core.Expr, scope: Scope) -> Code:
    body, b = writing.body, writing.b
    one, other = writing.value(left, scope, PERIOD), writing.value(right, scope, PERIOD)
    unknown = body.any_of((one.unknown, other.unknown))
    later = body.less(one.values[0], other.values[0])
    first = b.select(later, other.values[0], one.values[0])
    test = b.and_(body.at_most(first, one.values[1]), body.at_most(first, other.values[1]))
    return body.truth(test, unknown)


def edge(writing: Writing, which: str, period: core.Expr, scope: Scope) -> Code:
    body, b = writing.body, writing.b
    code = writing.value(period, scope, PERIOD)
    first, last = code.values
    endless = body.is_(last, NEVER)
    if which == "premier jour après":
        wild = body.is_(last, NEVER - 1)
        odd_unless_unknown(writing, wild, code.unknown)
        return Code(DATE, (b.add(last, number(1)),), 1, DAY_BITS, code.unknown, endless)
    odd_unless_unknown(writing, body.less(last, first), code.unknown)
    if which == "premier jour":
        return Code(DATE, (first,), 1, DAY_BITS, code.unknown)
    return Code(DATE, (last,), 1, DAY_BITS, code.unknown, endless)


def odd_unless_unknown(writing: Writing, test: Any, unknown: Any) -> None:
    if unknown is not None:
        test = writing.b.and_(test, writing.body.not_(unknown))
    writing.body.odd_if(test)


def built_in(writing: Writing, name: str, arguments: Sequence[core.Expr], scope: Scope) -> Code:
    b, calendar = writing.b, writing.law.calendar
    code = writing.value(arguments[0], scope, DATE)
    month = calendar.month_of(b, writing.known_day(code))
    if name == "année":
        return Code(INT, (b.sdiv(month, number(12)),), 1, 14, code.unknown)
    if name == "mois":
        return Code(INT, (b.add(b.srem(month, number(12)), number(1)),), 1, 4, code.unknown)
    january = b.sub(month, b.srem(month, number(12)))
    match name:
        case "début_de_l_année":
            day = calendar.first_of(b, january)
        case "fin_de_l_année":
            day = b.sub(calendar.first_of(b, b.add(january, number(12))), number(1))
        case "fin_du_mois":
            day = b.sub(calendar.first_of(b, b.add(month, number(1))), number(1))
        case _:
            raise Unwritten
    return Code(DATE, (day,), 1, DAY_BITS, code.unknown)


def as_of(writing: Writing, day: core.Expr, content: core.Expr, scope: Scope) -> Code:
    told = writing.value(day, scope, DATE)
    on = writing.known_day(told)
    spans = stretches(writing.law.layout.days(content))

    def over(rank: int) -> Code:
        since, until = spans[rank]
        inner = attrs.evolve(scope, on=on, since=since, until=until, moved=True)
        if rank == 0:
            return writing.expr(content, inner)
        later = writing.body.at_most(number(since.toordinal()), on)
        return writing.body.choose(
            later, lambda: writing.expr(content, inner), lambda: over(rank - 1)
        )

    return writing.also(over(len(spans) - 1), told.unknown)
