"""The core program: the law, resolved and typed, in the few forms that every back end reads.

What holds of a program that the checker let through:

- every name is resolved: a `Fact` has its field, a `DecisionValue` its decision, and so on;
- every expression has the type its place asks for; amounts are rounded before they are
  returned (`types.EXACT` never leaves a `Staged`);
- a value that may be absent, or not applicable, is read only under a test of it;
- decisions call one another without a cycle;
- versions of one thing are in the order of their dates, and do not overlap.

Expressions are compared and hashed by what they say, never by where they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import attrs

from .source import NOWHERE, Span
from .types import EntityType, Type
from .values import Amount, Duration, Rounding

# What an expression evaluates to when it is known. `None` is *absent*.
Value = bool | int | Fraction | Amount | Duration | date | str | None | tuple["Value", ...]


@attrs.frozen
class Spanned:
    span: Span = attrs.field(default=NOWHERE, eq=False, repr=False, kw_only=True)


# ── notes ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Citation:
    """A source of the register, by its name in the policies, with the places cited in it."""

    source: str
    pinpoints: tuple[str, ...] = ()


@attrs.frozen
class Notes:
    """What a piece of law rests on: its sources, readings that were chosen, doubts."""

    citations: tuple[Citation, ...] = ()
    interpretations: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.citations or self.interpretations or self.unverified)


NO_NOTES = Notes()

# ── expressions ──────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Constant(Spanned):
    """A literal, a member of an enumeration, or absent (`None`)."""

    value: Value


@attrs.frozen
class Current(Spanned):
    """The element that the decision is about (in a decision of an entity)."""

    entity: str


@attrs.frozen
class Variable(Spanned):
    """What a walk over a list names: an element, a member of an enumeration, or a group."""

    name: str


@attrs.frozen
class Root(Spanned):
    """A root of the situation, by name: an element, a list, or a scalar fact."""

    name: str


@attrs.frozen
class Owner(Spanned):
    """The element that *base* belongs to (``appartient à``)."""

    base: Expr


@attrs.frozen
class Fact(Spanned):
    """Field *name* of the element *base*."""

    base: Expr
    name: str


@attrs.frozen
class DecisionValue(Spanned):
    """What decision *name* (``Soin.taux`` or ``total``) answers, for *base* if it has an entity."""

    name: str
    base: Expr | None


@attrs.frozen
class ParameterValue(Spanned):
    name: str


@attrs.frozen
class TableValue(Spanned):
    """The row of table *name* that fits *arguments*, one per column."""

    name: str
    arguments: tuple[Expr, ...]


@attrs.frozen
class Not(Spanned):
    operand: Expr


@attrs.frozen
class All(Spanned):
    """True when every operand is. All operands are evaluated: an error is never absorbed."""

    operands: tuple[Expr, ...]


@attrs.frozen
class Some(Spanned):
    """True when an operand is."""

    operands: tuple[Expr, ...]


@attrs.frozen
class Count(Spanned):
    """True when at least *minimum* and at most *maximum* operands are (`None`: no limit)."""

    minimum: int
    maximum: int | None
    operands: tuple[Expr, ...]


@attrs.frozen
class Compare(Spanned):
    """*operator* is ``<`` or ``=``; the others are written with `Not` and exchanged operands.

    Operands are both numbers, amounts, exact amounts, dates, durations, booleans, texts, or
    members of one enumeration. *start*, for durations: the date from which both are counted.
    """

    operator: str
    left: Expr
    right: Expr
    start: Expr | None = None


@attrs.frozen
class IsOneOf(Spanned):
    """*operand* equals one of *choices*."""

    operand: Expr
    choices: tuple[Expr, ...]


@attrs.frozen
class IsIn(Spanned):
    """*operand* is in the list *items*."""

    operand: Expr
    items: Expr


@attrs.frozen
class IsPresent(Spanned):
    operand: Expr


@attrs.frozen
class IsApplicable(Spanned):
    operand: Expr


@attrs.frozen
class Arithmetic(Spanned):
    """``+ - × ÷`` on numbers; ``+ -`` on amounts, exact amounts, durations; amount × number.

    *type* is that of the result. An exact amount is a fraction of cents. ``÷`` gives a
    fraction and is an error by zero.
    """

    operator: str
    left: Expr
    right: Expr
    type: Type


@attrs.frozen
class Negate(Spanned):
    operand: Expr


@attrs.frozen
class Exact(Spanned):
    """An amount seen as an exact amount (a fraction of cents)."""

    operand: Expr


@attrs.frozen
class Shift(Spanned):
    """*day* plus (*sign* 1) or minus (-1) a duration; *round_up*: ``arrondi au jour suivant``."""

    day: Expr
    duration: Expr
    sign: int
    round_up: bool = False


@attrs.frozen
class Gap(Spanned):
    """The time from *start* to *end* as a duration; *unit*: ``jours``, ``mois``, ``années``."""

    end: Expr
    start: Expr
    unit: str


@attrs.frozen
class Builtin(Spanned):
    """A function of `operations`."""

    name: str
    arguments: tuple[Expr, ...]


@attrs.frozen
class Choice(Spanned):
    """*then* or *otherwise*; only the branch that is taken is evaluated."""

    condition: Expr
    then: Expr
    otherwise: Expr


@attrs.frozen
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


@attrs.frozen
class Groups(Spanned):
    """The list *items* cut into lists of equal *keys*, in the order of their first elements."""

    variable: str
    items: Expr
    keys: tuple[Expr, ...]


@attrs.frozen
class Extremum(Spanned):
    """*word*: ``somme``, ``maximum`` or ``minimum`` of values of one type."""

    word: str
    operands: tuple[Expr, ...]
    type: Type


@attrs.frozen
class Collection(Spanned):
    """The members whose condition holds, in order (``la réunion de``); `None`: always."""

    items: tuple[tuple[Expr, Expr | None], ...]


@attrs.frozen
class AsOf(Spanned):
    """*content* at the law of *day*."""

    day: Expr
    content: Expr


@attrs.frozen
class ConsideredDate(Spanned):
    """The date that rules the evaluation."""


@attrs.frozen
class Undetermined(Spanned):
    """The text does not decide (*formalised*), or was not encoded."""

    reason: str
    formalised: bool


@attrs.frozen
class Noted(Spanned):
    """*operand*, whose notes hold only if it is evaluated."""

    operand: Expr
    notes: Notes


# ── steps ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Cap(Spanned):
    """Never more than *limit*; a limit that is not applicable does not limit."""

    limit: Expr
    notes: Notes


@attrs.frozen
class Floor(Spanned):
    """Never less than *limit*."""

    limit: Expr
    notes: Notes


@attrs.frozen
class Round(Spanned):
    """An exact amount to a multiple of *unit* cents (*money*), or a number to a whole."""

    unit: int
    rounding: Rounding
    money: bool
    notes: Notes


@attrs.frozen
class WorkingDay(Spanned):
    """A date, moved to the next working day (CPC art. 642)."""

    notes: Notes


@attrs.frozen
class SharedCap(Spanned):
    """A ceiling that elements of one list share.

    It runs over the elements of the same list that have equal *keys* and to which the same
    rule applies, in the order of *order* (then of the list). Each bears the smaller of its own
    part and of what is left of its own *limit* after those before it, and after *already*.
    *counts*: the limit is a number of elements whose part is not zero; *order* is then written.
    *keys*, *order*, *limit* and *already* are expressions of each element in turn (`Current`).
    """

    limit: Expr
    counts: bool
    keys: tuple[Expr, ...]
    order: tuple[Expr, ...]
    already: Expr | None
    notes: Notes


Step = Cap | Floor | Round | WorkingDay | SharedCap


@attrs.frozen
class Staged(Spanned):
    """A value, then the steps that it goes through, in reading order."""

    value: Expr
    steps: tuple[Step, ...]


Expr = (
    Constant
    | Current
    | Variable
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
    | Builtin
    | Choice
    | Walk
    | Groups
    | Extremum
    | Collection
    | AsOf
    | ConsideredDate
    | Undetermined
    | Noted
    | Staged
)

# ── versions ─────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Period:
    """When a version is in force: ``[since, until)``; `None` is without limit.

    *attested*: a source only shows that it was in force from *since* on; before, one does not
    know. *repealed*: *until* is an end of the thing itself, not the start of a next version.
    """

    since: date | None
    until: date | None
    attested: bool = False
    repealed: bool = False

    def contains(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


@attrs.frozen
class ParameterVersion(Spanned):
    period: Period
    value: Value
    notes: Notes


@attrs.frozen
class Parameter(Spanned):
    name: str
    type: Type
    label: str
    versions: tuple[ParameterVersion, ...]


# Tests of a cell on the argument of its column.


@attrs.frozen
class AnyValue:
    pass


@attrs.frozen
class OneOf:
    """Equal to one of *values*; absent is `None`."""

    values: tuple[Value, ...]


@attrs.frozen
class Bounded:
    """Between *low* and *high*, an end being in or out; `None` is without limit."""

    low: Value
    high: Value
    low_in: bool
    high_in: bool


CellTest = AnyValue | OneOf | Bounded


@attrs.frozen
class NotApplicableResult:
    """``sans objet`` as the result of a row."""


@attrs.frozen
class UnknownResult:
    """``inconnu``, ``indéterminé`` or ``non formalisé`` as the result of a row."""

    reason: str


@attrs.frozen
class RepealedResult:
    """``abrogée``: the row ended on *since*."""

    since: date


RowResult = Constant | NotApplicableResult | UnknownResult | RepealedResult


@attrs.frozen
class TableRow(Spanned):
    """*since*: the date of the version that wrote the row; *attested* as in `Period`."""

    tests: tuple[CellTest, ...]
    result: RowResult
    since: date | None
    attested: bool
    notes: Notes


@attrs.frozen
class TableVersion(Spanned):
    """All the rows in force in *period*, those kept from earlier versions included."""

    period: Period
    rows: tuple[TableRow, ...]
    first_match: bool
    notes: Notes


@attrs.frozen
class Column:
    name: str
    type: Type
    optional: bool


@attrs.frozen
class Table(Spanned):
    name: str
    columns: tuple[Column, ...]
    type: Type
    label: str
    versions: tuple[TableVersion, ...]


@attrs.frozen
class RuleVersion(Spanned):
    """*guard*: when the exception holds; `None` for a general rule, or always."""

    period: Period
    guard: Expr | None
    value: Expr
    notes: Notes


GENERAL = "règle générale"


@attrs.frozen
class Rule(Spanned):
    """The general rule (label `GENERAL`), or an exception.

    *target*: ``""`` for an exception to the whole decision, `GENERAL`, or a label.
    """

    label: str
    target: str
    outranks: tuple[str, ...]
    versions: tuple[RuleVersion, ...]


@attrs.frozen
class Decision(Spanned):
    """What the law answers to one question.

    *name* is ``Soin.taux`` or ``total``. *concurrence*: ``""``, ``le plus favorable`` (true
    over false), ``le plus élevé`` or ``le plus faible``. *exceptions* are in the order of
    their labels, whatever the order of files.
    """

    name: str
    entity: str | None
    type: Type
    optional: bool
    label: str
    is_result: bool
    applicable: Expr | None
    applicable_notes: Notes
    concurrence: str
    concurrence_notes: Notes
    general: Rule | None
    exceptions: tuple[Rule, ...]


# ── vocabulary ───────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Field(Spanned):
    """A fact that a situation may give.

    *bounds*: least and greatest value, both in. *judge*: who must appreciate it (``médecin
    conseil``); such a fact is asked as a judgement.
    """

    name: str
    type: Type
    optional: bool
    bounds: tuple[Value, Value] | None
    label: str
    question: str
    judge: str


@attrs.frozen
class Entity(Spanned):
    """*owner*: the entity it belongs to; *event*: the date field that rules its decisions."""

    name: str
    owner: str | None
    event: str | None
    fields: Mapping[str, Field]


@attrs.frozen
class Enumeration(Spanned):
    """*members*: name → label. *is_open*: has the member ``autre``, asked as a judgement."""

    name: str
    is_open: bool
    members: Mapping[str, str]


@attrs.frozen
class Succession:
    """*source* is what was in force before; pinpoints are the places before and after."""

    source: str
    old_pinpoint: str
    pinpoint: str


@attrs.frozen
class Source(Spanned):
    """An entry of the register. *versions*: (dated, applicable from) of its texts."""

    name: str
    rank: str
    title: str
    since: date | None
    attested: bool
    until: date | None
    read_on: date | None
    versions: tuple[tuple[date, date], ...]
    succeeds: tuple[Succession, ...]


@attrs.frozen
class Forbidden(Spanned):
    """A situation that cannot be: *condition* true refuses it, with *message*."""

    entity: str | None
    message: str
    condition: Expr
    notes: Notes


# ── cases ────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class PathStep:
    """*index*: rank from 1, or `None`. Names in brackets are resolved by the runner."""

    name: str
    index: int | str | None = None


Path = tuple[PathStep, ...]


@attrs.frozen
class GivenFact(Spanned):
    """``soit``: a typed value at a path. *known* is false for ``inconnu``.

    *hypothesis*: the path ends with a decision, whose value is set.
    """

    path: Path
    value: Value
    known: bool
    type: Type
    hypothesis: bool


@attrs.frozen
class GivenList(Spanned):
    """``soit liste`` with rows: one mapping of column path → value per element.

    A column left out of a row, or ``inconnu``, is not in the mapping. *complete* is false when
    the last row is ``…``.
    """

    path: Path
    entity: str
    rows: tuple[Mapping[str, Value], ...]
    complete: bool


@attrs.frozen
class Expectation(Spanned):
    """*state*: ``valeur``, ``absent``, ``sans objet``, ``indéterminé``, ``inconnu``,
    ``conflit``, ``erreur``; fields as in `syntax.Expected`."""

    path: Path
    state: str
    value: Value
    type: Type
    reasons: tuple[str, ...] | None
    texts: tuple[str, ...]
    missing: tuple[Path, ...] | None
    code: str


@attrs.frozen
class Claim(Spanned):
    """What a source affirms, right or wrong; it stands beside the law's answer."""

    citation: Citation
    path: Path
    value: Value
    type: Type


@attrs.frozen
class Case(Spanned):
    """*given* includes what the base case gives, first."""

    name: str
    citations: tuple[Citation, ...]
    day: date
    given: tuple[GivenFact | GivenList, ...]
    expected: tuple[Expectation, ...]
    claims: tuple[Claim, ...]


# ── the whole ────────────────────────────────────────────────────────────────────────────


@attrs.frozen(eq=False)
class Program:
    """A law that can be evaluated.

    *roots* are the fields of ``situation``. *hash* is the SHA-256 of the policy files.
    """

    name: str
    version: str
    hash: str
    sources: Mapping[str, Source]
    enumerations: Mapping[str, Enumeration]
    entities: Mapping[str, Entity]
    roots: Mapping[str, Field]
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Table]
    decisions: Mapping[str, Decision]
    forbidden: tuple[Forbidden, ...]
    cases: tuple[Case, ...]

    def owner_root(self, entity: str) -> str | None:
        """The root that elements of *entity* at the top of a situation belong to."""
        owner = self.entities[entity].owner
        for name, field in self.roots.items():
            if owner and field.type == EntityType(owner):
                return name
        return None
