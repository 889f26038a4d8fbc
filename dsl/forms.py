"""The few forms that every expression of the core program is written in.

Expressions are compared and hashed by what they say, never by where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import attrs

from .dates import DateRange
from .source import NOWHERE, Span
from .types import Type
from .values import Amount, Duration, Rounding

# What an expression evaluates to when it is known. `None` is *absent*.
Value = (
    bool | int | Fraction | Amount | Duration | date | DateRange | str | None | tuple["Value", ...]
)


@attrs.frozen
class Spanned:
    span: Span = attrs.field(default=NOWHERE, eq=False, repr=False, kw_only=True)


# ── notes ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Citation(Spanned):
    """A source of the register, by its name in the policies, with the places cited in it.

    *version*: the day by which the register names one version of the text; `None` cites the
    text as it reads on the day, and the whole chain that it belongs to.
    """

    source: str
    pinpoints: tuple[str, ...] = ()
    version: date | None = None


@attrs.frozen
class Notes:
    """What a piece of law rests on: its sources, readings that were chosen, doubts."""

    citations: tuple[Citation, ...] = ()
    interpretations: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.citations or self.interpretations or self.unverified)


NO_NOTES = Notes()


def gathered(notes: list[Notes]) -> Notes:
    """All that *notes* say, each thing once."""
    return Notes(
        tuple(dict.fromkeys(c for n in notes for c in n.citations)),
        tuple(dict.fromkeys(t for n in notes for t in n.interpretations)),
        tuple(dict.fromkeys(t for n in notes for t in n.unverified)),
    )


# ── expressions ──────────────────────────────────────────────────────────────────────────


@attrs.frozen(cache_hash=True)
class Constant(Spanned):
    """A literal, a member of an enumeration, or absent (`None`)."""

    value: Value


@attrs.frozen(cache_hash=True)
class Current(Spanned):
    """The element that the decision is about (in a decision of an entity)."""

    entity: str


@attrs.frozen(cache_hash=True)
class Variable(Spanned):
    """What a walk over a list names: an element, a member of an enumeration, or a group."""

    name: str


@attrs.frozen(cache_hash=True)
class Sequence(Spanned):
    """In which order the elements of one list follow one another.

    The list is that of the situation which holds the element. Of the elements with equal
    *keys*, one comes before another by *order*, then by its place in the list. Both are
    expressions of each element in turn (`Current`).
    """

    entity: str
    order: tuple[Expr, ...]
    keys: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Previous(Spanned):
    """The element just before the current one; absent for the first, and outside a list."""

    sequence: Sequence


@attrs.frozen(cache_hash=True)
class Root(Spanned):
    """A root of the situation, by name: an element, a list, or a scalar fact."""

    name: str


@attrs.frozen(cache_hash=True)
class Owner(Spanned):
    """The element that *base* belongs to (``appartient à``)."""

    base: Expr


@attrs.frozen(cache_hash=True)
class Fact(Spanned):
    """Field *name* of the element *base*."""

    base: Expr
    name: str


@attrs.frozen(cache_hash=True)
class DecisionValue(Spanned):
    """What decision *name* (``Soin.taux`` or ``total``) answers, for *base* if it has an entity."""

    name: str
    base: Expr | None


@attrs.frozen(cache_hash=True)
class ParameterValue(Spanned):
    name: str


@attrs.frozen(cache_hash=True)
class TableValue(Spanned):
    """The row of table *name* that fits *arguments*, one per column."""

    name: str
    arguments: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Not(Spanned):
    operand: Expr


@attrs.frozen(cache_hash=True)
class All(Spanned):
    """True when every operand is. All operands are evaluated: an error is never absorbed."""

    operands: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Some(Spanned):
    """True when an operand is."""

    operands: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Count(Spanned):
    """True when at least *minimum* and at most *maximum* operands are (`None`: no limit)."""

    minimum: int
    maximum: int | None
    operands: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Compare(Spanned):
    """*operator* is ``<`` or ``=``; the others are written with `Not` and exchanged operands.

    Operands are both numbers, amounts, exact amounts, dates, durations, booleans, texts, or
    members of one enumeration; for ``=``, periods too. *start*, for durations: the date from which both are counted.
    """

    operator: str
    left: Expr
    right: Expr
    start: Expr | None = None


@attrs.frozen(cache_hash=True)
class IsOneOf(Spanned):
    """*operand* equals one of *choices*."""

    operand: Expr
    choices: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class IsIn(Spanned):
    """*operand* is in the list *items*."""

    operand: Expr
    items: Expr


@attrs.frozen(cache_hash=True)
class IsPresent(Spanned):
    operand: Expr


@attrs.frozen(cache_hash=True)
class IsApplicable(Spanned):
    operand: Expr


@attrs.frozen(cache_hash=True)
class Arithmetic(Spanned):
    """``+ - × ÷`` on numbers; ``+ -`` on amounts, exact amounts, durations; amount × number.

    *type* is that of the result. An exact amount is a fraction of cents. ``÷`` gives a
    fraction and is an error by zero.
    """

    operator: str
    left: Expr
    right: Expr
    type: Type


@attrs.frozen(cache_hash=True)
class Negate(Spanned):
    operand: Expr


@attrs.frozen(cache_hash=True)
class Exact(Spanned):
    """An amount seen as an exact amount (a fraction of cents)."""

    operand: Expr


@attrs.frozen(cache_hash=True)
class Shift(Spanned):
    """*day* plus (*sign* 1) or minus (-1) a duration; *round_up*: ``arrondi au jour suivant``."""

    day: Expr
    duration: Expr
    sign: int
    round_up: bool = False


@attrs.frozen(cache_hash=True)
class Gap(Spanned):
    """The time from *start* to *end* as a duration; *unit*: ``jours``, ``mois``, ``années``."""

    end: Expr
    start: Expr
    unit: str


@attrs.frozen(cache_hash=True)
class Range(Spanned):
    """The period from *first* to *last*, both in; *last* `None`: without end."""

    first: Expr
    last: Expr | None


@attrs.frozen(cache_hash=True)
class Covers(Spanned):
    """*period* holds *item*: a date or, *of_period*, every day of a period."""

    period: Expr
    item: Expr
    of_period: bool


@attrs.frozen(cache_hash=True)
class Overlaps(Spanned):
    """Two periods have a day in common."""

    left: Expr
    right: Expr


@attrs.frozen(cache_hash=True)
class Edge(Spanned):
    """A day of *period*; *which*: ``premier jour``, ``dernier jour``, ``premier jour après``.

    The last two are absent when the period has no end.
    """

    which: str
    period: Expr


@attrs.frozen(cache_hash=True)
class Days(Spanned):
    """The days that *periods* have in common, in order: those of the one, if it is alone."""

    periods: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Builtin(Spanned):
    """A function of `operations`."""

    name: str
    arguments: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Choice(Spanned):
    """*then* or *otherwise*; only the branch that is taken is evaluated."""

    condition: Expr
    then: Expr
    otherwise: Expr


@attrs.frozen(cache_hash=True)
class Walk(Spanned):
    """An aggregate over the elements of *items* for which *condition* holds.

    *word*: ``somme``, ``maximum``, ``minimum`` (of *body*), ``nombre``, ``existe``, ``tout``
    (*body* holds for all), ``premier``, ``dernier`` (by *order*, else as given), ``liste``.
    *type* is that of the result; ``maximum``, ``minimum``, ``premier`` and ``dernier`` of
    nothing are absent.
    """

    word: str
    variable: str
    items: Expr
    condition: Expr | None
    order: Expr | None
    body: Expr | None
    type: Type


@attrs.frozen(cache_hash=True)
class Groups(Spanned):
    """The list *items* cut into lists of equal *keys*, in the order of their first elements."""

    variable: str
    items: Expr
    keys: tuple[Expr, ...]


@attrs.frozen(cache_hash=True)
class Extremum(Spanned):
    """*word*: ``somme``, ``maximum`` or ``minimum`` of values of one type."""

    word: str
    operands: tuple[Expr, ...]
    type: Type


@attrs.frozen(cache_hash=True)
class Collection(Spanned):
    """The members whose condition holds, in order (``la réunion de``); `None`: always."""

    items: tuple[tuple[Expr, Expr | None], ...]


@attrs.frozen(cache_hash=True)
class AsOf(Spanned):
    """*content* at the law of *day*."""

    day: Expr
    content: Expr


@attrs.frozen(cache_hash=True)
class Supposing(Spanned):
    """*content* if *decision* answered *value*, whatever it does answer.

    *type* is that of the content.
    """

    decision: DecisionValue
    value: Expr
    content: Expr
    type: Type


@attrs.frozen(cache_hash=True)
class ConsideredDate(Spanned):
    """The date that rules the evaluation."""


@attrs.frozen(cache_hash=True)
class Undetermined(Spanned):
    """The text does not decide (*formalised*), or was not encoded."""

    reason: str
    formalised: bool


@attrs.frozen(cache_hash=True)
class Noted(Spanned):
    """*operand*, whose notes hold only if it is evaluated."""

    operand: Expr
    notes: Notes


# ── steps ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen(cache_hash=True)
class Cap(Spanned):
    """Never more than *limit*; a limit that is not applicable does not limit."""

    limit: Expr
    type: Type
    notes: Notes


@attrs.frozen(cache_hash=True)
class Floor(Spanned):
    """Never less than *limit*."""

    limit: Expr
    type: Type
    notes: Notes


@attrs.frozen(cache_hash=True)
class Widen(Spanned):
    """An amount, seen as an exact amount by the steps that follow."""

    notes: Notes


@attrs.frozen(cache_hash=True)
class Round(Spanned):
    """An exact amount to a multiple of *unit* cents (*money*), or a number to a whole."""

    unit: int
    rounding: Rounding
    money: bool
    notes: Notes


@attrs.frozen(cache_hash=True)
class WorkingDay(Spanned):
    """A date, moved to the next working day (CPC art. 642)."""

    notes: Notes


@attrs.frozen(cache_hash=True)
class SharedCap(Spanned):
    """A ceiling that elements of one list share.

    It runs over the elements of the same list that have equal *keys* and to which the same
    rule applies, in the order of *order* (then of the list). Each bears the smaller of its own
    part and of what is left of its own *limit* after those before it, and after *already*.
    *counts*: the limit is a number of elements whose part is not zero; *order* is then written.
    *keys*, *order*, *limit* and *already* are expressions of each element in turn (`Current`).

    It is a step of the whole value of a rule, never of a part of it. The versions of a rule share
    their first ceiling, their second, and so on. *type* is that of a part.
    """

    limit: Expr
    counts: bool
    type: Type
    keys: tuple[Expr, ...]
    order: tuple[Expr, ...]
    already: Expr | None
    notes: Notes


Step = Cap | Floor | Widen | Round | WorkingDay | SharedCap


@attrs.frozen(cache_hash=True)
class Staged(Spanned):
    """A value, then the steps that it goes through, in reading order."""

    value: Expr
    steps: tuple[Step, ...]


Expr = (
    Constant
    | Current
    | Variable
    | Previous
    | Root
    | Owner
    | Fact
    | DecisionValue
    | ParameterValue
    | TableValue
    | Not
    | All
    | Some
    | Count
    | Compare
    | IsOneOf
    | IsIn
    | IsPresent
    | IsApplicable
    | Arithmetic
    | Negate
    | Exact
    | Shift
    | Gap
    | Range
    | Covers
    | Overlaps
    | Edge
    | Days
    | Builtin
    | Choice
    | Walk
    | Groups
    | Extremum
    | Collection
    | AsOf
    | Supposing
    | ConsideredDate
    | Undetermined
    | Noted
    | Staged
)


def parts(expr: object) -> Iterator[object]:
    """*expr* and every core node inside it."""
    todo: list[object] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(node)
        elif isinstance(node, Spanned):
            yield node
            todo.extend(
                getattr(node, field.name)
                for field in attrs.fields(type(node))
                if field.name != "span"
            )
