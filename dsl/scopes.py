"""What an expression may name where it stands, and what is known there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import attrs

from . import program as core
from .source import Span
from .types import (
    WHATEVER,
    Type,
)


@attrs.frozen
class Typed:
    """An expression, its type, and whether it may be absent or not applicable."""

    expr: core.Expr
    type: Type
    absent: bool = False
    inapplicable: bool = False


WRONG = Typed(core.Constant(None), WHATEVER)


@attrs.frozen
class Known:
    """What is known to be present and applicable at a place."""

    present: frozenset[core.Expr] = frozenset()
    applicable: frozenset[core.Expr] = frozenset()

    def and_(self, other: Known) -> Known:
        return Known(self.present | other.present, self.applicable | other.applicable)

    def __bool__(self) -> bool:
        return bool(self.present or self.applicable)


def implied(condition: core.Expr, truth: bool) -> Known:
    """What *condition* being *truth* shows to be present and applicable."""
    match condition:
        case core.IsPresent(operand):
            return Known(present=frozenset({operand})) if truth else Known()
        case core.IsApplicable(operand):
            return Known(applicable=frozenset({operand})) if truth else Known()
        case core.Not(operand):
            return implied(operand, not truth)
        case core.Noted(operand):
            return implied(operand, truth)
        case core.Staged(value, ()):
            return implied(value, truth)
        case core.All(operands) if truth:
            return _union(implied(e, True) for e in operands)
        case core.Some(operands) if not truth:
            return _union(implied(e, False) for e in operands)
        case core.Choice(first, then, core.Constant(False)) if truth:
            return implied(first, True).and_(implied(then, True))
        case core.Choice(first, core.Constant(True), otherwise) if not truth:
            return implied(first, False).and_(implied(otherwise, False))
    return Known()


def _union(parts: Iterable[Known]) -> Known:
    whole = Known()
    for part in parts:
        whole = whole.and_(part)
    return whole


# What the date of law changes.
_DATED = core.DecisionValue | core.TableValue | core.ParameterValue | core.ConsideredDate


def steady(known: Known) -> Known:
    """What of *known* stays so at another date of law."""
    present, applicable = (
        frozenset(e for e in exprs if not any(isinstance(p, _DATED) for p in core.parts(e)))
        for exprs in (known.present, known.applicable)
    )
    return Known(present, applicable)


@attrs.frozen
class Scope:
    """What names mean at a place: the current element, the variables of walks, what is known.

    *sequence*: the order in which the decision reads the element before, if it writes one.
    *told*: the codes that are told once for a whole statement, and are.
    """

    current: core.Expr | None = None
    entity: str | None = None
    variables: Mapping[str, tuple[core.Expr, Type]] = attrs.field(factory=dict)
    known: Known = Known()
    sequence: core.Sequence | None = None
    told: set[str] = attrs.field(factory=set, eq=False)

    def knowing(self, more: Known) -> Scope:
        return attrs.evolve(self, known=self.known.and_(more)) if more else self

    def at_another_date(self) -> Scope:
        """What is known of facts stays so; rules of another day may answer otherwise."""
        return attrs.evolve(self, known=steady(self.known))


@attrs.frozen
class Signature:
    """What a reader of a decision or a table must know of it."""

    type: Type
    optional: bool
    inapplicable: bool
    span: Span


@attrs.frozen(eq=False)
class Vocabulary:
    """Everything that has a name."""

    sources: Mapping[str, core.Source]
    enumerations: Mapping[str, core.Enumeration]
    entities: Mapping[str, core.Entity]
    roots: Mapping[str, core.Field]
    parameters: Mapping[str, Signature]
    tables: Mapping[str, Signature]
    columns: Mapping[str, tuple[core.Column, ...]]
    decisions: Mapping[str, Signature]
    indicators: Mapping[str, Signature]
    owner_names: Mapping[str, str]  # entity → the name its elements give their owner
    broken: frozenset[str]

    def enumerations_with(self, member: str) -> list[str]:
        return [name for name, found in self.enumerations.items() if member in found.members]


def suggestion(name: str, known: Iterable[str]) -> tuple[str, str]:
    """``vouliez-vous dire …``, when a known name is close; else nothing."""
    close = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.7)
    if not close:
        return "", ""
    return f"vouliez-vous dire `{close[0]}` ?", f"did you mean `{close[0]}`?"
