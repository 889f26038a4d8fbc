"""Why a decision came to what it did, as data: the one structure behind every explanation.

Renderings are in `explain`; `prover` builds it.
"""

from __future__ import annotations

from datetime import date

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import Type
from lexald.dsl.values import Amount

from .outcomes import FactPath, NotValue, Outcome
from .periods import Run


@attrs.frozen
class Reference:
    """A source under its number of the day: *text* is ready to read, *source* its name in the
    register, *version* the day of the version cited, else of the one in force, if it is known."""

    source: str
    text: str
    rank: str
    version: date | None = None


@attrs.frozen
class Basis:
    """What a step of the reasoning rests on."""

    references: tuple[Reference, ...] = ()
    interpretations: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.references or self.interpretations or self.unverified)

    def __or__(self, other: Basis) -> Basis:
        return Basis(
            tuple(dict.fromkeys([*self.references, *other.references])),
            tuple(dict.fromkeys([*self.interpretations, *other.interpretations])),
            tuple(dict.fromkeys([*self.unverified, *other.unverified])),
        )


@attrs.frozen
class FactUsed:
    """A fact that was read. *outcome* is its value, or `Unknown`."""

    path: FactPath
    outcome: Outcome
    type: Type


@attrs.frozen
class ParameterUsed:
    name: str
    label: str
    value: core.Value
    type: Type
    since: date | None
    basis: Basis
    attested: bool = False


@attrs.frozen
class RowUsed:
    """The row of a table that fitted. *cells* are as written, one per column."""

    table: str
    label: str
    text: str
    since: date | None
    basis: Basis


@attrs.frozen
class StepTaken:
    """A cap, a floor, a rounding: *text* as the law writes it."""

    text: str
    before: Outcome
    after: Outcome
    types: tuple[Type, Type]
    basis: Basis

    @property
    def is_neutral(self) -> bool:
        """Whether it left the value as it was, an amount seen as exact being the same amount."""
        return bool(_exact(self.before) == _exact(self.after))


@attrs.frozen
class DaysWalked:
    """A walk of the days of a period. *text* names them as the law does, *word* what is done.

    *runs* are the days that count, those alike one after the other put together: each comes to
    the term of a sum, of a maximum or of a ``tout``; for other words, to true. *type*: of a term.
    """

    text: str
    word: str
    type: Type
    runs: tuple[Run, ...]


@attrs.frozen
class Supposition:
    """What an expression would come to if a decision answered otherwise: *text* as written."""

    text: str
    outcome: Outcome
    type: Type


@attrs.frozen
class Condition:
    """A condition as written, and what came of it.

    *parts* are the smaller ones inside, which must all hold when it is *joint*. *calls*: the
    decisions that it read itself.
    """

    text: str
    outcome: Outcome
    facts: tuple[FactUsed, ...] = ()
    basis: Basis = Basis()
    parts: tuple[Condition, ...] = ()
    joint: bool = False
    calls: tuple[Proof, ...] = attrs.field(default=(), repr=False)


@attrs.frozen
class RuleApplied:
    """A rule that gave the answer. *conditions*: those of its guard, all met; then, for a
    yes-or-no rule, those of its answer. *text* is its value as written. *attested*: a source
    only shows that it was in force from *since* on."""

    label: str
    since: date | None
    text: str
    conditions: tuple[Condition, ...]
    basis: Basis
    attested: bool = False


@attrs.frozen
class RuleConsidered:
    """A rule that did not give the answer.

    *why*: ``not_met`` (its condition failed), ``unknown`` (one may hold), ``not_in_force``,
    ``excepted`` (an exception stood in its place) or ``outranked``; *by* names what stood.
    """

    label: str
    why: str
    conditions: tuple[Condition, ...] = ()
    by: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    basis: Basis = Basis()


@attrs.frozen
class Predecessor:
    """The element before that was read, and in which *order*, as the law writes it.

    *found* is its path, `None` when there is none, or why it is not known.
    """

    order: str
    found: FactPath | NotValue | None


@attrs.frozen(eq=False)
class Proof:
    """How *decision*, for the element at *path*, came to *outcome* at the law of *on*.

    *calls* are the proofs of the decisions it read, each once. *hypothesis*: the value was
    given, not worked out. *before*: the element before, if it was asked.
    """

    decision: str
    path: FactPath
    label: str
    type: Type
    on: date
    outcome: Outcome
    hypothesis: bool = False
    applicable: tuple[Condition, ...] = ()
    applied: tuple[RuleApplied, ...] = ()
    considered: tuple[RuleConsidered, ...] = ()
    facts: tuple[FactUsed, ...] = ()
    parameters: tuple[ParameterUsed, ...] = ()
    rows: tuple[RowUsed, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    walked: tuple[DaysWalked, ...] = ()
    before: Predecessor | None = None
    calls: tuple[Proof, ...] = ()
    basis: Basis = Basis()
    suppositions: tuple[Supposition, ...] = ()

    @property
    def name_path(self) -> FactPath:
        """Where the decision stands among the facts: ``("soins", 0, "taux")``."""
        return (*self.path, self.decision.rpartition(".")[2])


def _exact(outcome: Outcome) -> Outcome:
    return outcome.exact if isinstance(outcome, Amount) else outcome
