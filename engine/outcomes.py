"""What an evaluation may come to, besides a value: five things that are not one another.

A value is a plain value of `lexald.dsl.values`, `None` being *absent*. The others are the
classes below. Where operands differ, error wins over conflict, conflict over not applicable,
not applicable over unknown, unknown over a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

import attrs

from lexald.dsl.diagnostics import Message
from lexald.dsl.program import Citation
from lexald.dsl.source import Span
from lexald.dsl.values import Amount

from .elements import Elements
from .inapplicable import NotApplicable as NotApplicable  # noqa: PLC0414  (exported)

FactPath = tuple["str | int", ...]


# The weight of a fact that is asked for itself.
WHOLE = Fraction(1)
# Facts that an answer worked out from element to element asks for: without a limit, the last
# of a long list would ask for those of all.
MOST_ASKED = 100


@attrs.frozen
class Unknown:
    """Not known.

    Args:
        weights: each fact to ask, by path, with how much it decides (over zero).
        reasons: why no fact would settle it: the text does not decide, or is not encoded.
        low, high: bounds of the value, both in, where they are known.
    """

    weights: Mapping[FactPath, Fraction] = attrs.field(factory=dict)
    reasons: frozenset[str] = frozenset()
    low: Any = attrs.field(default=None, eq=False)
    high: Any = attrs.field(default=None, eq=False)

    @cached_property
    def questions(self) -> tuple[FactPath, ...]:
        """Paths to ask, most decisive first, then by name: never by the order of writing."""
        return tuple(sorted(self.weights, key=lambda path: (-self.weights[path], _order(path))))


def _order(path: FactPath) -> tuple[tuple[int, int, str], ...]:
    return tuple((1, part, "") if isinstance(part, int) else (0, 0, part) for part in path)


@attrs.frozen
class Side:
    """One of the rules that conflict."""

    label: str
    value: Any
    citations: tuple[Citation, ...]


@attrs.frozen
class Conflict:
    """Two rules hold, neither outranks the other, and they differ."""

    decision: str
    path: FactPath
    sides: tuple[Side, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The rules that conflict."""
        return tuple(side.label for side in self.sides)


@attrs.frozen
class Failure:
    """The rule cannot be evaluated. *code* is one of the catalogue."""

    code: str
    message: Message
    path: FactPath = ()
    span: Span | None = attrs.field(default=None, eq=False)


NotValue = Unknown | NotApplicable | Conflict | Failure
Outcome = Any  # a value, or a NotValue

_RANK: dict[type, int] = {Unknown: 1, NotApplicable: 2, Conflict: 3, Failure: 4}


def is_known(outcome: Outcome) -> bool:
    """Whether *outcome* is a value (absent included)."""
    return type(outcome) not in _RANK


def worst(outcomes: Iterable[Outcome]) -> NotValue | None:
    """The one that wins among those that are not values; unknowns are put together."""
    found: NotValue | None = None
    unknowns: list[Unknown] = []
    for outcome in outcomes:
        rank = _RANK.get(type(outcome))
        if rank is None:
            continue
        if rank == 1:
            unknowns.append(outcome)
        elif found is None or rank > _RANK[type(found)]:
            found = outcome
    if found is None and unknowns:
        if len(unknowns) == 1 and unknowns[0].low is None:
            return unknowns[0]
        return together(unknowns)
    return found


def together(unknowns: Iterable[Unknown]) -> Unknown:
    """All that is unknown in *unknowns*, of which bounds are forgotten."""
    weights: dict[FactPath, Fraction] = {}
    reasons: frozenset[str] = frozenset()
    for unknown in unknowns:
        if unknown.reasons:
            reasons |= unknown.reasons
        for path, weight in unknown.weights.items():
            held = weights.setdefault(path, weight)
            if held is not weight and held < weight:
                weights[path] = weight
    return Unknown(weights, reasons)


def bare(outcome: Outcome) -> Outcome:
    """*outcome* without bounds: what rests on it is not between them."""
    return together([outcome]) if isinstance(outcome, Unknown) else outcome


def fewer(outcome: Outcome, most: int = MOST_ASKED) -> Outcome:
    """*outcome*, its questions kept to the *most* that decide most."""
    if not isinstance(outcome, Unknown) or len(outcome.weights) <= most:
        return outcome
    kept = outcome.questions[:most]
    return attrs.evolve(outcome, weights={path: outcome.weights[path] for path in kept})


def bounds(outcome: Outcome) -> tuple[Any, Any] | None:
    """Least and greatest value of *outcome*; `None` when one of them is not known."""
    if isinstance(outcome, Unknown):
        if outcome.low is None or outcome.high is None:
            return None
        return outcome.low, outcome.high
    return None if _RANK.get(type(outcome)) else (outcome, outcome)


def same(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes are one: same kind, same value (`True` is not 1).

    Two errors are one when their codes are, two conflicts when the same rules conflict, two lists
    of elements when they hold the same ones.
    """
    match a, b:
        case Failure(), Failure():
            return a.code == b.code
        case Conflict(), Conflict():
            return a.decision == b.decision and a.labels == b.labels
        case Elements(), Elements():
            return a.items == b.items and a.complete == b.complete
    return isinstance(a, bool) == isinstance(b, bool) and (
        type(a) is type(b) or (is_known(a) and is_known(b))
    ) and bool(a == b)  # fmt: skip


def spread(unknown: Unknown, outcomes: Sequence[Outcome]) -> Unknown:
    """*unknown*, which is one of *outcomes*, with the bounds of them all."""
    pairs = [pair for outcome in outcomes if (pair := bounds(outcome)) is not None]
    if len(pairs) < len(outcomes) or not all(
        isinstance(low, Fraction | Amount | date) or type(low) is int for low, _ in pairs
    ):
        return unknown
    return attrs.evolve(unknown, low=min(p[0] for p in pairs), high=max(p[1] for p in pairs))
