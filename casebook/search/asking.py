"""What a situation does not tell, and on which day it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import (
    DateRange,
)
from lexald.dsl.values import Amount, Duration
from lexald.engine.elements import Element
from lexald.engine.environment import BudgetExceeded, Env, version_on
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, Outcome, Unknown, is_known
from lexald.engine.questions import field_at

from .dossier import Ask, Step, Tell, Untell
from .habits import Habits, suits
from .quantities import later, moved, same_value
from .wish import ASKED, DEPTH, GRANTED, Wish

EFFORT = 1500  # expressions looked at for one dossier: beyond, a wish has no suggestion
_PLAIN = (bool, int, str, Fraction, Amount, Duration, date, DateRange, type(None))


class Asking:
    """What is not known of the expressions of one evaluation, and what would be told."""

    def __init__(self, evaluation: Evaluation, habits: Habits) -> None:
        self.evaluation = evaluation
        self.program = evaluation.program
        self.habits = habits
        self.left = EFFORT
        self.met: dict[object, Any] = {}

    def key(self, expr: core.Expr, env: Env, wanted: object) -> object:
        """What tells one wish from another; `None` where it is not kept."""
        if env.variables or not isinstance(wanted, _PLAIN):
            return None
        path = env.current.path if env.current else None
        return (id(expr), path, env.on, type(wanted), wanted)

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        try:
            return self.evaluation.eval(expr, env)
        except BudgetExceeded:
            return Unknown()
        except (AssertionError, AttributeError, TypeError, KeyError):
            # A branch not taken is looked at too: what its condition protects (a fact that may be
            # absent, a decision that may not apply) has no value of the type it is written for.
            return Unknown()

    # ── elements ──

    def called(self, expr: core.DecisionValue, env: Env) -> tuple[Outcome, Env | None]:
        """The element that a decision is asked of, and where it is evaluated."""
        element = None if expr.base is None else self.eval(expr.base, env)
        if element is not None and not isinstance(element, Element):
            return element, None
        path = element.path if element else ()
        if (expr.name, path) in self.evaluation.situation.hypotheses:
            return element, None
        inside = self.evaluation.env_for(element, env)
        return (inside, None) if isinstance(inside, Unknown) else (element, inside)

    # ── dates ────────────────────────────────────────────────────────────────────────────

    def in_force(self, period: core.Period, env: Env) -> Wish:
        """That the law is read on a day of *period*."""
        if env.undated is None and period.contains(env.on):
            return GRANTED
        first = period.since or (later(period.until, -1) if period.until else env.on)
        last = later(period.until, -1) if period.until else first
        days = dict.fromkeys([first, last])
        return Wish(1, tuple(self.dated(day, env.current) for day in days))

    def dated(self, day: date, element: Element | None) -> Step:
        """That the law of *day* rules *element*, the case being of that day too."""
        event = self.program.entities[element.entity].event if element else None
        if element is None or event is None:
            return (Ask(day),)
        return (Tell((*element.path, event), day), Ask(day))

    # ── what is not known ────────────────────────────────────────────────────────────────

    def answered(self, outcome: Outcome, env: Env) -> Iterable[Step]:
        """Suggestions for what *outcome* does not know: answers to its questions."""
        if not isinstance(outcome, Unknown):
            return
        asked = [(path, self.habits.values(path, env.on)) for path in outcome.questions[:12]]
        if len(asked) > 1:
            yield tuple(Tell(path, values[0]) for path, values in asked if values)
        for path, values in asked[:ASKED]:
            for value in values:
                yield (Tell(path, value),)

    def nudged(self, expr: core.Expr, env: Env) -> Iterable[Step]:
        """Other values of the facts that *expr* reads, where one cannot tell which would do."""
        for path, outcome in list(self.read(expr, env).items())[:8]:
            if isinstance(outcome, Unknown):
                yield from self.answered(outcome, env)
                continue
            others = [moved(outcome, 1), moved(outcome, -1), *self.habits.values(path, env.on)]
            for value in others:
                field = field_at(self.program, path)
                fits = field is not None and suits(self.program, value, field)
                if fits and not same_value(value, outcome):
                    yield (Tell(path, value),)

    def untold(self, expr: core.Expr, env: Env) -> Iterable[Step]:
        """Suggestions for *expr* not to be known: facts that it reads are not told."""
        found = [path for path, outcome in self.read(expr, env).items() if is_known(outcome)]
        yield from ((Untell(path),) for path in found)
        if len(found) > 1:
            yield tuple(Untell(path) for path in found)

    def read(self, expr: core.Expr, env: Env, depth: int = 0) -> dict[FactPath, Outcome]:
        """The facts that *expr* reads, with what they say; those of decisions it calls too."""
        found: dict[FactPath, Outcome] = {}
        calls: list[tuple[str, Element | None]] = []

        def watch(kind: str, what: Any, outcome: Any, _: Env) -> None:
            if kind == "fact":
                found.setdefault(what, outcome)
            elif kind == "decision":
                calls.append(what)

        self.eval(expr, attrs.evolve(env, watch=watch))
        for name, element in dict.fromkeys(calls) if depth < DEPTH else ():
            path = element.path if element else ()
            inside = self.evaluation.env_for(element, env)
            if isinstance(inside, Unknown) or (name, path) in self.evaluation.situation.hypotheses:
                continue
            decision = self.program.decisions[name]
            for rule in (decision.general, *decision.exceptions):
                version = version_on(rule.versions, inside.on)
                if isinstance(version, core.RuleVersion):
                    for part in (version.guard, version.value):
                        if part is not None and len(found) < 24:
                            read = self.read(part, inside.in_rule(decision, rule), depth + 1)
                            found = {**read, **found}
        return found
