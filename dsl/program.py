"""The core program: the law, resolved and typed, in the few forms that every back end reads.

What holds of a program that the checker let through:

- every name is resolved: a `Fact` has its field, a `DecisionValue` its decision, and so on;
- every expression has the type its place asks for; amounts are rounded before they are
  returned (`types.EXACT` never leaves a `Staged`);
- a value that may be absent, or not applicable, is read only under a test of it;
- decisions call one another without a cycle, save through the element just before (`chains`);
- versions of one thing are in the order of their dates, and do not overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property

import attrs

from .chains import chained
from .forms import *
from .forms import Citation, Constant, Expr, Notes, Sequence, Spanned, Value, Walk, parts
from .types import EntityType, Type

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
    over false), ``le plus élevé`` or ``le plus faible``. *sequence*: the order in which the
    decision reads `Previous`. *exceptions* are in the order of their labels, whatever the order
    of files.
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
    sequence: Sequence | None
    general: Rule
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


@attrs.frozen
class Guarantee(Spanned):
    """What holds of every situation that the law admits, at every date: *condition* false breaks
    it. No rule reads a guarantee, and it changes no answer."""

    entity: str | None
    message: str
    condition: Expr
    notes: Notes


@attrs.frozen
class Reform(Spanned):
    """A law that is proposed: what its files say is laid over the law. *span*: its first head."""

    title: str
    notes: Notes


@attrs.frozen
class Repeal(Spanned):
    """``abrogé à compter du`` *day*, with the notes that say why the rule ends there."""

    day: date
    notes: Notes


# ── indicators ───────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Key:
    """What an indicator is broken down by: a boolean, a whole number, a text or a member of an
    enumeration. *expr* is of the situation, or of the element walked (`Variable`)."""

    name: str
    type: Type
    expr: Expr


@attrs.frozen
class Addition(Spanned):
    """What one situation adds to an indicator.

    *walked*: the elements that count (a `Walk` ``liste``), or `None` for the situation itself.
    *value* is what each of them adds: a number, an amount, or a condition (true adds one).
    *situations*: a situation adds one at most under each key, however many of its elements have
    it.
    """

    walked: Walk | None
    value: Expr
    keys: tuple[Key, ...]
    situations: bool


@attrs.frozen
class Ratio(Spanned):
    """One indicator over another; *denominator* has the keys of *numerator*, or none."""

    numerator: str
    denominator: str


@attrs.frozen
class Indicator(Spanned):
    """What is counted over a population; no rule reads it.

    *type* is ``entier``, ``montant``, or ``taux`` for a `Ratio`.
    """

    name: str
    type: Type
    label: str
    measure: Addition | Ratio
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
    ``conflit``, ``erreur``, ``interdit`` (the situation is refused; no path); *day*: the date
    asked for, that of the case or another; the other fields as in `syntax.Expected`."""

    day: date
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
class Apart:
    """Situations that are in an indicator's population and that it cannot count."""

    unknown: int = 0
    conflict: int = 0
    error: int = 0


@attrs.frozen
class CountLine(Spanned):
    """What is expected under *key* (empty for an indicator that is not broken down).

    *state*: ``valeur``; of a ratio, ``inconnu`` or ``sans objet`` too.
    """

    key: tuple[Value, ...]
    state: str
    value: Value


@attrs.frozen
class CountExpected(Spanned):
    """What an indicator comes to over a population. *path* is as written.

    When *complete*, nothing is counted under the keys that are in no line.
    """

    indicator: str
    path: str
    lines: tuple[CountLine, ...]
    complete: bool
    apart: Apart


@attrs.frozen
class CountClaim(Spanned):
    """What a source affirms of a population."""

    citation: Citation
    indicator: str
    path: str
    key: tuple[Value, ...]
    value: Value


@attrs.frozen
class Case(Spanned):
    """*given* includes what the base case gives, first.

    *population*: the names of the cases that are counted; none for the case itself.
    """

    name: str
    citations: tuple[Citation, ...]
    day: date
    given: tuple[GivenFact | GivenList, ...]
    expected: tuple[Expectation, ...]
    claims: tuple[Claim, ...]
    population: tuple[str, ...] = ()
    counted: tuple[CountExpected, ...] = ()
    count_claims: tuple[CountClaim, ...] = ()


# ── the whole ────────────────────────────────────────────────────────────────────────────


@attrs.frozen(eq=False, slots=False)
class Program:
    """A law that can be evaluated.

    *roots* are the fields of ``situation``. *hash* is the SHA-256 of the policy files. *reforms*:
    those applied, in the order of their titles; with none, the law is that in force.
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
    guarantees: tuple[Guarantee, ...]
    repeals: tuple[Repeal, ...]
    reforms: tuple[Reform, ...]
    indicators: Mapping[str, Indicator]
    cases: tuple[Case, ...]

    def keys_of(self, indicator: str) -> tuple[Key, ...]:
        """What *indicator* is broken down by; a ratio, as its numerator is."""
        measure = self.indicators[indicator].measure
        return self.keys_of(measure.numerator) if isinstance(measure, Ratio) else measure.keys

    @cached_property
    def size(self) -> int:
        """How many core nodes the rules are made of."""
        rules = [(d.applicable, d.general, d.exceptions) for d in self.decisions.values()]
        conditions = [rule.condition for rule in self.forbidden]
        conditions += [guarantee.condition for guarantee in self.guarantees]
        measures = [indicator.measure for indicator in self.indicators.values()]
        return sum(1 for _ in parts((tuple(rules), tuple(conditions), tuple(measures))))

    @cached_property
    def successors(self) -> Mapping[str, tuple[Source, ...]]:
        """For each source that another one succeeds, those that do."""
        found: dict[str, tuple[Source, ...]] = {}
        for source in self.sources.values():
            for name in dict.fromkeys(s.source for s in source.succeeds):
                found[name] = (*found.get(name, ()), source)
        return found

    @cached_property
    def results(self) -> Mapping[str, frozenset[str]]:
        """The decisions marked ``résultat``, each with the roots it reads by itself.

        By itself: in its own rules, or in those of decisions that, like it, are of no entity.
        """
        return {
            name: self._own_roots(name)
            for name, decision in self.decisions.items()
            if decision.is_result
        }

    def _own_roots(self, name: str) -> frozenset[str]:
        found: set[str] = set()
        met = {name}
        todo = [name]
        while todo:
            decision = self.decisions[todo.pop()]
            for node in parts((decision.applicable, decision.general, decision.exceptions)):
                match node:
                    case Root(root):
                        found.add(root)
                    case DecisionValue(called, None) if called not in met:
                        met.add(called)
                        todo.append(called)
        return frozenset(found)

    @cached_property
    def guaranteed(self) -> tuple[frozenset[str], ...]:
        """The decisions that each guarantee reads by itself, in the order of `guarantees`."""
        return tuple(
            frozenset(n.name for n in parts(g.condition) if isinstance(n, DecisionValue))
            for g in self.guarantees
        )

    @cached_property
    def chains(self) -> Mapping[str, str]:
        """Decisions that read themselves of the element before, one through another or not.

        Each is given the name of its chain: the first, by name, of those that it goes round with.
        """
        return chained(self.decisions)

    def owner_root(self, entity: str) -> str | None:
        """The root that elements of *entity* at the top of a situation belong to."""
        return self._owner_roots[entity]

    @cached_property
    def _owner_roots(self) -> Mapping[str, str | None]:
        held = {field.type: name for name, field in reversed([*self.roots.items()])}
        owners = {name: entity.owner for name, entity in self.entities.items()}
        return {
            name: held.get(EntityType(owner)) if owner else None for name, owner in owners.items()
        }
