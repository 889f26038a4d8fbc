"""Dates as the solver reasons of them: a month's number and a day, months being exact.

A `Day` is the pair (12 × year + month - 1, day of the month): the order of dates is that of
``31 × month + day``, months are added to the first number, and the day is cut to the month's last.
Days are added through the number of the day since 1 January 1900.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property

import attrs
import z3

from .terms import (
    Number,
    Truth,
    add,
    at_most,
    conj,
    disj,
    equal,
    floor_div,
    is_choice,
    is_term,
    less,
    mod,
    mul,
    neg,
    pick,
    smaller,
    sub,
    through,
)

# Years that a fact may be of; stated in the reference.
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Years that a rule may come to; stated too.
FIRST_RECKONED, LAST_RECKONED = 1300, 2799
# Those of these that are divisible by four, and are not leap years.
COMMON_CENTURIES = (1300, 1400, 1500, 1700, 1800, 1900, 2100, 2200, 2300, 2500, 2600, 2700)

# Days that never go past the month after.
SHORTEST = 28
# Days that are worked out in a few such steps.
SHORT = 92

# Makes a number that is not known, with what holds of it.
Maker = Callable[[str], Number]


@attrs.frozen(eq=False, slots=False)
class Day:
    """*month* is 12 × year + month - 1.

    If they are at hand: *known_year*, *known_rank* (the month, from 0), *known_phase* and
    *known_cycle* (the year is four cycles and a phase).
    """

    month: Number
    day: Number
    known_year: Number = None
    known_rank: Number = None
    known_phase: Number = None
    known_cycle: Number = None

    @classmethod
    def of(cls, day: date) -> Day:
        return cls(12 * day.year + day.month - 1, day.day)

    @cached_property
    def year(self) -> Number:
        return floor_div(self.month, 12) if self.known_year is None else self.known_year

    @cached_property
    def rank(self) -> Number:
        return mod(self.month, 12) if self.known_rank is None else self.known_rank

    @cached_property
    def phase(self) -> Number:
        return mod(self.year, 4) if self.known_phase is None else self.known_phase

    @cached_property
    def cycle(self) -> Number:
        return floor_div(self.year, 4) if self.known_cycle is None else self.known_cycle

    @cached_property
    def is_leap(self) -> Truth:
        """Whether its year has a 29 February."""
        if not is_term(self.year):
            return isleap(self.year)
        return conj(equal(self.phase, 0), *(neg(equal(self.year, c)) for c in COMMON_CENTURIES))

    @cached_property
    def key(self) -> Number:
        """Dates are in the order of their keys."""
        return add(mul(31, self.month), self.day)

    @property
    def constant(self) -> date | None:
        if is_term(self.month) or is_term(self.day):
            return None
        return date(self.month // 12, self.month % 12 + 1, self.day)

    @cached_property
    def length(self) -> Number:
        """How many days its month has."""
        february = pick(self.is_leap, 29, 28)
        short = disj(*(equal(self.rank, n) for n in (3, 5, 8, 10)))
        return pick(equal(self.rank, 1), february, pick(short, 30, 31))

    @cached_property
    def ordinal(self) -> Number:
        """Its number, 1 January 1900 being 0."""
        return ordinal(self)

    @property
    def id(self) -> tuple[object, ...]:
        """What tells it from another, as it is written."""
        return tuple(n.get_id() if is_term(n) else ("", n) for n in (self.month, self.day))


def ordinal(day: Day) -> Number:
    """The number of *day* since 1 January 1900."""
    fixed = day.constant
    if fixed is not None:
        return fixed.toordinal() - date(1900, 1, 1).toordinal()
    years = sub(day.year, 1900)
    # Leap years before this one, since 1900.
    before = sub(sub(day.cycle, pick(equal(day.phase, 0), 1, 0)), 474)
    for century in COMMON_CENTURIES:
        if century < 1900:
            before = add(before, pick(at_most(day.year, century), 1, 0))
        else:
            before = sub(before, pick(less(century, day.year), 1, 0))
    # Of the months before: 31 each, less those that are short.
    months = mul(31, day.rank)
    for rank in (3, 5, 8, 10):
        months = sub(months, pick(less(rank, day.rank), 1, 0))
    february = pick(day.is_leap, 2, 3)
    months = sub(months, pick(less(1, day.rank), february, 0))
    return add(add(mul(365, years), before), add(months, sub(day.day, 1)))


def made(maker: Maker, name: str, first: int, last: int) -> tuple[Day, list[Truth]]:
    """A date that is not known, of years from *first* to *last*, and what holds of it."""
    cycle, phase, rank, day = (maker(f"{name}:{part}") for part in ("quatre", "an", "mois", "jour"))
    year = 4 * cycle + phase
    found = Day(12 * year + rank, day, year, rank, phase, cycle)
    holds = [
        at_most(0, phase), at_most(phase, 3), at_most(first, year), at_most(year, last), at_most(0, rank), at_most(rank, 11),
        at_most(1, day), at_most(day, found.length),
    ]  # fmt: skip
    return found, holds


def add_months(start: Day, months: Number, *, round_up: bool = False) -> Day:
    """*months* after *start*; cut to the last day of the month, or moved to the day after it."""
    if not is_term(months) and months == 0:
        return start
    month = add(start.month, months)
    if not is_term(months) and months % 12 == 0:
        moved = Day(month, start.day, add(start.year, months // 12), start.rank)
    else:
        moved = Day(month, start.day)
    length = moved.length
    if not round_up:
        return attrs.evolve(moved, day=smaller(start.day, length))
    over = less(length, start.day)
    if over is False:
        return moved
    return Day(pick(over, add(month, 1), month), pick(over, 1, start.day))


def add_days(
    start: Day, days: Number, maker: Maker, holds: Callable[[Truth], None], name: str
) -> Day:
    """*days* after *start*: a few are worked out, a longer time goes through the ordinals."""
    if not is_term(days) and days == 0:
        return start
    fixed = start.constant
    if fixed is not None and not is_term(days):
        return Day.of(fixed + timedelta(days=days))
    if is_term(days) and is_choice(days):
        chosen: Day = through(
            days, lambda n: add_days(start, n, maker, holds, f"{name}+{n}"), pick_day
        )
        return chosen
    if not is_term(days) and SHORTEST < abs(days) <= SHORT:
        part = SHORTEST if days > 0 else -SHORTEST
        nearer = add_days(start, part, maker, holds, name)
        return add_days(nearer, days - part, maker, holds, name)
    if not is_term(days) and abs(days) <= SHORTEST:
        moved = add(start.day, days)
        if days > 0:
            over = less(start.length, moved)
            return Day(
                pick(over, add(start.month, 1), start.month),
                pick(over, sub(moved, start.length), moved),
            )
        under = less(moved, 1)
        before = Day(add(start.month, -1), 1)
        return Day(
            pick(under, before.month, start.month), pick(under, add(moved, before.length), moved)
        )
    found, rules = made(maker, name, FIRST_RECKONED, LAST_RECKONED)
    for rule in rules:
        holds(rule)
    none = equal(days, 0)
    holds(disj(none, equal(found.ordinal, add(start.ordinal, days))))
    return pick_day(none, start, found)


def months_between(start: Day, end: Day) -> Number:
    """Whole months from *start* to *end*; minus those from *end* to *start* if it is before."""

    def forward(first: Day, last: Day) -> Number:
        short = conj(less(last.day, first.day), less(last.day, last.length))
        return sub(sub(last.month, first.month), pick(short, 1, 0))

    backwards = less(end.key, start.key)
    return pick(backwards, sub(0, forward(end, start)), forward(start, end))


def years_between(start: Day, end: Day) -> Number:
    months = months_between(start, end)
    negative = less(months, 0)
    return pick(negative, sub(0, floor_div(sub(0, months), 12)), floor_div(months, 12))


def pick_day(condition: Truth, then: Day, otherwise: Day) -> Day:
    if then is otherwise:
        return then
    return Day(
        pick(condition, then.month, otherwise.month), pick(condition, then.day, otherwise.day)
    )


def value_of(model: z3.ModelRef, day: Day) -> date:
    """The date that *day* is in *model*."""
    month, number = (number_in(model, n) for n in (day.month, day.day))
    return date(month // 12, month % 12 + 1, number)


def number_in(model: z3.ModelRef, number: Number) -> int:
    if not is_term(number):
        return int(number)
    return int(model.eval(number, model_completion=True).as_long())
