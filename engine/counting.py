"""Indicators over a population: what each situation adds, and how it all adds up.

A situation that an indicator cannot count, because a fact is not known, two rules conflict or one
cannot be evaluated, is counted apart, whole: it adds nothing under any key. So the numbers are
never more than the truth, and those counted apart say by how much they may fall short of it.

Adding up is a sum per key: the counts of two halves of a population merge to those of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.program import GENERAL
from lexald.dsl.types import EnumType
from lexald.dsl.values import Amount

from . import arithmetic as math
from .contest import resolve_decision
from .elements import Elements
from .environment import BudgetExceeded, Env
from .interpreter import TOO_LONG, Evaluation
from .outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown, worst

Key = tuple[Any, ...]


@attrs.frozen
class Tally:
    """What an indicator comes to: a number or an amount per key.

    *unknown*, *conflict* and *error* are the situations counted apart.
    """

    values: Mapping[Key, Any] = attrs.field(factory=dict)
    unknown: int = 0
    conflict: int = 0
    error: int = 0

    @property
    def apart(self) -> int:
        """How many situations it could not count."""
        return self.unknown + self.conflict + self.error

    def merge(self, other: Tally) -> Tally:
        """The tally of both populations together."""
        whole = Sum()
        whole.add(self)
        whole.add(other)
        return whole.tally()


@attrs.define
class Sum:
    """A tally in the making."""

    values: dict[Key, Any] = attrs.field(factory=dict)
    unknown: int = 0
    conflict: int = 0
    error: int = 0

    def add(self, tally: Tally) -> None:
        for key, value in tally.values.items():
            self.values[key] = self.values[key] + value if key in self.values else value
        self.unknown += tally.unknown
        self.conflict += tally.conflict
        self.error += tally.error

    def tally(self) -> Tally:
        return Tally(dict(self.values), self.unknown, self.conflict, self.error)


class Counter:
    """What one situation adds to *indicators*, which are not ratios."""

    def __init__(self, program: core.Program, indicators: Iterable[str]) -> None:
        self.program = program
        self.measures: dict[str, tuple[core.Addition, core.Decision]] = {}
        for name in indicators:
            indicator = program.indicators[name]
            assert isinstance(indicator.measure, core.Addition)
            self.measures[name] = indicator.measure, _as_decision(indicator, indicator.measure)

    def of(self, evaluation: Evaluation) -> dict[str, Tally]:
        """The tallies of the population that is the one situation of *evaluation*."""
        return {name: _tally(self.added(name, evaluation)) for name in self.measures}

    def added(self, name: str, evaluation: Evaluation) -> Outcome:
        """Key → what is added there; else why that is not known."""
        measure, decision = self.measures[name]
        evaluation.restart()
        try:
            if measure.walked is not None:
                return _walked(evaluation, measure, measure.walked, decision.type)
            return _whole(evaluation, measure, decision)
        except BudgetExceeded:
            return TOO_LONG


def _as_decision(indicator: core.Indicator, measure: core.Addition) -> core.Decision:
    """The value of *measure* as a decision of its own: its open conditions are guessed alike."""
    version = core.RuleVersion(core.Period(None, None), None, measure.value, core.NO_NOTES)
    general = core.Rule(GENERAL, "", (), (version,))
    return core.Decision(
        indicator.name, None, indicator.type, False, "", False, None, core.NO_NOTES, "",
        core.NO_NOTES, None, general, (), span=indicator.span,
    )  # fmt: skip


def _whole(evaluation: Evaluation, measure: core.Addition, decision: core.Decision) -> Outcome:
    env = Env(evaluation.on)
    value = resolve_decision(evaluation, decision, env).outcome
    if value is False:
        return {}
    if isinstance(value, Unknown | Conflict | Failure | NotApplicable):
        return value
    key = [evaluation.eval(part.expr, env) for part in measure.keys]
    return worst(key) or {tuple(key): 1 if value is True else value}


def _walked(
    evaluation: Evaluation, measure: core.Addition, walked: core.Walk, kind: Any
) -> Outcome:
    env = Env(evaluation.on)
    items = evaluation.eval(walked, env)
    if not isinstance(items, Elements | tuple):
        return items
    wrong: list[Outcome] = []
    added: dict[Key, list[Any]] = {}
    for item in items:
        inside = env.with_variable(walked.variable, item)
        value = evaluation.eval(measure.value, inside)
        if isinstance(value, NotApplicable):
            continue  # a term that is not applicable is skipped, as in a sum
        key = [evaluation.eval(part.expr, inside) for part in measure.keys]
        if (found := worst([value, *key])) is not None:
            wrong.append(found)
            continue
        added.setdefault(tuple(key), []).append(1 if value is True else value)
    if wrong:
        return worst(wrong)
    if measure.situations:
        return dict.fromkeys(added, 1)
    totals = {key: math.total(values, kind) for key, values in added.items()}
    return worst(totals.values()) or totals


def _tally(added: Outcome) -> Tally:
    match added:
        case Unknown():
            return Tally(unknown=1)
        case Conflict():
            return Tally(conflict=1)
        case Failure() | NotApplicable():
            return Tally(error=1)
    return Tally(added)


# ── what is shown ────────────────────────────────────────────────────────────────────────


def measured(program: core.Program, names: Iterable[str]) -> tuple[str, ...]:
    """The indicators to count so that *names*, ratios included, can be told."""
    found: dict[str, None] = {}
    for name in names:
        measure = program.indicators[name].measure
        if isinstance(measure, core.Ratio):
            found.update(dict.fromkeys((measure.numerator, measure.denominator)))
        else:
            found[name] = None
    return tuple(found)


def figures(
    program: core.Program, name: str, tallies: Mapping[str, Tally], refused: int
) -> dict[Key, Outcome]:
    """What indicator *name* comes to, by key, in the order of keys; ``()`` where it has none.

    A ratio is known when every situation counts; else it is `Unknown`, between bounds where both
    of its sides count situations. Over nothing it is `NotApplicable`.
    """
    measure = program.indicators[name].measure
    keys = program.keys_of(name)
    if isinstance(measure, core.Ratio):
        found = _ratios(program, name, measure, tallies, refused)
    else:
        found = dict(tallies[name].values)
    if not keys and not isinstance(measure, core.Ratio):
        found.setdefault((), math.zero(program.indicators[name].type))
    return {key: found[key] for key in sorted(found, key=lambda key: _rank(program, keys, key))}


def _rank(program: core.Program, keys: tuple[core.Key, ...], values: Key) -> list[Any]:
    ranks: list[Any] = []
    for key, value in zip(keys, values, strict=True):
        if isinstance(key.type, EnumType):
            ranks.append(list(program.enumerations[key.type.name].members).index(value))
        else:
            ranks.append(value)
    return ranks


def _ratios(
    program: core.Program,
    name: str,
    measure: core.Ratio,
    tallies: Mapping[str, Tally],
    refused: int,
) -> dict[Key, Outcome]:
    above, below = tallies[measure.numerator], tallies[measure.denominator]
    shared = not program.keys_of(measure.denominator)
    nothing = math.zero(program.indicators[measure.numerator].type)
    listed = above.values if shared and program.keys_of(name) else {**below.values, **above.values}
    keys = dict.fromkeys(listed) if program.keys_of(name) else {(): None}
    sides = [program.indicators[n].measure for n in (measure.numerator, measure.denominator)]
    by_situation = all(isinstance(s, core.Addition) and s.situations for s in sides)
    found: dict[Key, Outcome] = {}
    for key in keys:
        a = _number(above.values.get(key, nothing))
        b = _number(below.values.get(() if shared else key, nothing))
        if above.apart or below.apart or refused:
            low = high = None
            if by_situation and b:
                low = Fraction(a, b + below.apart + refused)
                high = Fraction(a + above.apart + refused, b)
                if _is_everyone(sides[1]):
                    high = min(high, Fraction(1))
            found[key] = Unknown(low=low, high=high)
        else:
            found[key] = Fraction(a, b) if b else NotApplicable(name)
    return found


def _is_everyone(measure: core.Addition | core.Ratio) -> bool:
    """Whether each situation is counted once, whatever it says."""
    return (
        isinstance(measure, core.Addition)
        and measure.walked is None
        and not measure.keys
        and isinstance(measure.value, core.Constant)
    )


def _number(value: Any) -> int:
    return value.cents if isinstance(value, Amount) else int(value)
