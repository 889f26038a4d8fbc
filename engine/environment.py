"""Where an expression is evaluated, and what a decision comes to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import attrs

from lexald.dsl import program as core

from .elements import Element
from .outcomes import Outcome, Unknown

UNPROVEN = "aucune preuve que la règle était en vigueur avant le {day}"


@attrs.frozen
class Decided:
    """What a decision came to, and by which rules (labels, as in explanations)."""

    outcome: Outcome
    applied: tuple[str, ...] = ()


@attrs.define(eq=False)
class Env:
    """Where an expression is evaluated.

    *guesses* are the truths supposed of open conditions; *opened* gathers those met that are
    not supposed. *undated* is why the date is not known: *on* is then one date tried among
    others. *watch* is told of what is read, for the proof.
    """

    on: date
    current: Element | None = None
    variables: dict[str, Any] = attrs.field(factory=dict)
    guesses: dict[object, bool] = attrs.field(factory=dict)
    opened: dict[object, Unknown] | None = None
    undated: Unknown | None = None
    rule: tuple[core.Decision, core.Rule] | None = None
    watch: Callable[[str, Any, Any, Env], None] | None = None

    def on_date(self, day: date, undated: Unknown | None) -> Env:
        # Another date, other truths: guesses made at this one say nothing there.
        return attrs.evolve(self, on=day, undated=undated, guesses={}, opened=None)

    def with_variable(self, name: str, value: Any) -> Env:
        # Inside a walk a condition has no one truth; the walk as a whole is what is guessed.
        variables = {**self.variables, name: value}
        return attrs.evolve(self, variables=variables, guesses={}, opened=None)


class BudgetExceeded(Exception):
    """More steps than the program and the situation account for."""
