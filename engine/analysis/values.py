"""What an expression comes to, over all situations at once.

A `Sym` says of one expression when it is each of the outcomes of `outcomes`, and what value it has
when it has one. Payloads, by type:

=====================================  ========================================================
booléen                                a truth
entier, montant (cents)                a whole number
décimal, taux, montant exact           a real, which is an exact fraction
texte, énumération                     the number of the text (`Names`)
date                                   `Day`
durée                                  `Length`
période                                `Stretch`
liste de membres d'une énumération     `Members`
entité, liste d'une entité             `Elem`, `Slots`
=====================================  ========================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import attrs
import z3

from lexald.dsl.dates import DateRange
from lexald.dsl.values import Amount, Duration

from .calendar import Day, pick_day
from .terms import (
    Number,
    Truth,
    conj,
    disj,
    equal,
    iff,
    is_term,
    less,
    neg,
    pick,
    sub,
)


class Beyond(Exception):
    """What is not encoded; the expression of a known type around it is then any value."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen(eq=False)
class Length:
    """A duration."""

    months: Number
    days: Number


@attrs.frozen(eq=False)
class Stretch:
    """A period; *last* counts only if it *ends*."""

    first: Day
    ends: Truth
    last: Day


@attrs.frozen(eq=False)
class Members:
    """Which members of an enumeration a list holds. *distinct*: each once at most."""

    by: Mapping[str, Truth]
    distinct: bool


@attrs.frozen(eq=False)
class Elem:
    """One element of the situation, at its path."""

    entity: str
    path: tuple[str | int, ...]
    owner: Elem | None


@attrs.frozen(eq=False)
class Slots:
    """A list of elements, each of which exists or not."""

    items: tuple[tuple[Truth, Elem], ...]


@attrs.frozen(eq=False)
class Sym:
    """One outcome at most among *bad* (an error or a conflict), *na*, *unk*; else a value, which
    is absent when it is not *present*. *oof*: it is bad since its rule is not in force.

    *value* is `None` when there never is one.
    """

    value: Any
    present: Truth = True
    unk: Truth = False
    na: Truth = False
    bad: Truth = False
    oof: Truth = False

    @property
    def known(self) -> Truth:
        return neg(disj(self.unk, self.na, self.bad))

    @property
    def fine(self) -> Truth:
        """A value, or unknown."""
        return neg(disj(self.na, self.bad))

    @property
    def truth(self) -> Truth:
        """Its value as a condition, whether there is one or not."""
        return False if self.value is None else self.value

    @property
    def true(self) -> Truth:
        return conj(self.known, self.truth)

    @property
    def false(self) -> Truth:
        return conj(self.known, neg(self.truth))

    @property
    def maybe(self) -> Truth:
        """True, or open: the text does not say."""
        return conj(self.fine, disj(self.unk, self.truth))

    @property
    def maybe_not(self) -> Truth:
        return conj(self.fine, disj(self.unk, neg(self.truth)))


class Names:
    """The number of each text and of each member."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))

    def text(self, number: int) -> str:
        for text, known in self.numbers.items():
            if known == number:
                return text
        return f"texte {abs(number)}"


def constant(value: Any, names: Names) -> Sym:
    """A value of the law."""
    match value:
        case None:
            return Sym(None, present=False)
        case Amount(cents):
            return Sym(cents)
        case Duration(months, days):
            return Sym(Length(months, days))
        case date():
            return Sym(Day.of(value))
        case DateRange(first, last):
            return Sym(Stretch(Day.of(first), last is not None, Day.of(last or first)))
        case str():
            return Sym(names.number(value))
        case tuple():
            if not all(isinstance(item, str) for item in value):
                raise Beyond("liste")
            return Sym(Members(dict.fromkeys(value, True), len(set(value)) == len(value)))
    return Sym(value)


def flags(operands: Iterable[Sym]) -> tuple[Truth, Truth, Truth]:
    """When *operands* together are unknown, not applicable, in error."""
    every = list(operands)
    bad = disj(*(o.bad for o in every))
    na = conj(neg(bad), disj(*(o.na for o in every)))
    unk = conj(neg(bad), neg(na), disj(*(o.unk for o in every)))
    return unk, na, bad


def lift(function: Callable[..., Any], *operands: Sym) -> Sym:
    """*function* of the values of *operands*."""
    unk, na, bad = flags(operands)
    if any(operand.value is None for operand in operands):
        return Sym(None, unk=unk, na=na, bad=bad)
    return Sym(function(*(operand.value for operand in operands)), unk=unk, na=na, bad=bad)


def any_of(operands: Iterable[Sym]) -> Sym:
    """``ou``: one that is true absorbs what is unknown."""
    every = list(operands)
    _, na, bad = flags(every)
    true = disj(*(o.true for o in every))
    unk = conj(neg(bad), neg(na), neg(true), disj(*(o.unk for o in every)))
    return Sym(true, unk=unk, na=na, bad=bad)


def invert(operand: Sym) -> Sym:
    return operand if operand.value is None else attrs.evolve(operand, value=neg(operand.value))


def merge(condition: Truth, then: Sym, otherwise: Sym) -> Sym:
    """*then* if *condition*, else *otherwise*."""
    if isinstance(condition, bool):
        return then if condition else otherwise
    return Sym(
        pick_value(condition, then.value, otherwise.value),
        pick(condition, then.present, otherwise.present),
        pick(condition, then.unk, otherwise.unk),
        pick(condition, then.na, otherwise.na),
        pick(condition, then.bad, otherwise.bad),
        pick(condition, then.oof, otherwise.oof),
    )


def pick_value(condition: Truth, then: Any, otherwise: Any) -> Any:
    if then is otherwise or otherwise is None:
        return then
    if then is None:
        return otherwise
    match then, otherwise:
        case Day(), Day():
            return pick_day(condition, then, otherwise)
        case Length(), Length():
            return Length(
                pick(condition, then.months, otherwise.months),
                pick(condition, then.days, otherwise.days),
            )
        case Stretch(), Stretch():
            return Stretch(
                pick_day(condition, then.first, otherwise.first),
                pick(condition, then.ends, otherwise.ends),
                pick_day(condition, then.last, otherwise.last),
            )
        case Members(), Members():
            every = {**then.by, **otherwise.by}
            return Members(
                {
                    m: pick(condition, then.by.get(m, False), otherwise.by.get(m, False))
                    for m in every
                },
                then.distinct and otherwise.distinct,
            )
        case (Elem() | Slots(), _):
            raise Beyond("un élément parmi plusieurs")
    return pick(condition, then, otherwise)


def equal_values(left: Any, right: Any) -> Truth:
    """Whether two values are one; of lists, whether they hold the same."""
    if left is None or right is None:
        return False
    match left, right:
        case Day(), Day():
            return conj(equal(left.month, right.month), equal(left.day, right.day))
        case Length(), Length():
            return conj(equal(left.months, right.months), equal(left.days, right.days))
        case Stretch(), Stretch():
            last = disj(neg(left.ends), equal_values(left.last, right.last))
            return conj(equal_values(left.first, right.first), iff(left.ends, right.ends), last)
        case Members(), Members():
            return conj(
                *(
                    iff(left.by.get(m, False), right.by.get(m, False))
                    for m in {**left.by, **right.by}
                )
            )
        case (Elem() | Slots(), _):
            raise Beyond("éléments comparés")
    if isinstance(left, bool) or isinstance(right, bool) or is_truth(left):
        return iff(left, right)
    return equal(left, right)


def is_truth(value: Any) -> bool:
    """Whether *value* is a truth, not a number."""
    return isinstance(value, bool) or (is_term(value) and bool(z3.is_bool(value)))


def same_outcome(left: Sym, right: Sym) -> Truth:
    """Whether two values, both known, are one."""
    there = conj(left.present, right.present)
    return conj(
        iff(left.present, right.present), disj(neg(there), equal_values(left.value, right.value))
    )


def incomparable(left: Length, right: Length) -> Truth:
    """Months against days: only a date would tell."""
    months, days = sub(left.months, right.months), sub(left.days, right.days)
    return disj(conj(less(months, 0), less(0, days)), conj(less(0, months), less(days, 0)))


def less_value(left: Any, right: Any) -> Truth:
    """``left < right``, of values that compare."""
    match left, right:
        case Day(), Day():
            return less(left.key, right.key)
        case Length(), Length():
            months, days = sub(left.months, right.months), sub(left.days, right.days)
            return disj(less(months, 0), conj(equal(months, 0), less(days, 0)))
    return less(left, right)


def open_between(left: Any, right: Any) -> Truth:
    """Whether the order of two values needs a date that is not given."""
    if isinstance(left, Length) and isinstance(right, Length):
        return incomparable(left, right)
    return False
