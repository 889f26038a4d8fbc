"""Where an expression is evaluated: its date, its element, what is in force, what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.diagnostics import Message

from .elements import Element
from .outcomes import Failure, Outcome, Unknown

T = TypeVar("T")

UNPROVEN = "aucune preuve que la règle était en vigueur avant le {day}"


# What stands for the rules of a decision whose value is set.
HYPOTHESIS = "hypothèse"


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
        return Env(
            day, self.current, self.variables, undated=undated, rule=self.rule, watch=self.watch
        )

    def with_variable(self, name: str, value: Any) -> Env:
        # Inside a walk a condition has no one truth; the walk as a whole is what is guessed.
        variables = {**self.variables, name: value}
        return Env(
            self.on,
            self.current,
            variables,
            undated=self.undated,
            rule=self.rule,
            watch=self.watch,
        )

    def in_rule(self, decision: core.Decision, rule: core.Rule) -> Env:
        return Env(
            self.on,
            self.current,
            self.variables,
            self.guesses,
            self.opened,
            self.undated,
            (decision, rule),
            self.watch,
        )


def doubt_of(undated: Unknown | None) -> object:
    """What tells one reason of not knowing a date from another, to keep what was worked out."""
    return undated and (undated.questions, undated.reasons)


class BudgetExceeded(Exception):
    """More steps than the program and the situation account for."""


def version_on(versions: Sequence[Any], on: date) -> Any:
    """The version in force *on*; else `Unknown` before what a source only attests, or the
    `Period` that is nearest."""
    for version in versions:
        if version.period.contains(on):
            return version
    first = versions[0].period
    if first.since is not None and on < first.since:
        if first.attested:
            return Unknown(reasons=frozenset({UNPROVEN.format(day=french_date(first.since))}))
        return first
    return versions[-1].period


def out_of_force(found: Any, what: str, env: Env, at: core.Spanned) -> Outcome:
    if isinstance(found, Unknown):
        return found
    since, until = found.since, found.until
    if since is not None and env.on < since:
        return failure(
            "E001", f"{what} n'est en vigueur que depuis le {french_date(since)}",
            f"{what} is in force only since {since}", env, at,
        )  # fmt: skip
    return failure(
        "E002", f"{what} ne vaut plus depuis le {french_date(until)}",
        f"{what} is repealed since {until}", env, at,
    )  # fmt: skip


def failure(code: str, fr: str, en: str, env: Env, at: core.Spanned) -> Failure:
    return Failure(code, Message(fr, en), env.current.path if env.current else (), at.span)


def placed(outcome: Outcome, env: Env, at: core.Spanned) -> Outcome:
    if isinstance(outcome, Failure) and outcome.span is None:
        path = env.current.path if env.current else ()
        return attrs.evolve(outcome, path=path, span=at.span)
    return outcome


def overflow(env: Env, at: core.Spanned) -> Failure:
    return failure(
        "E011",
        "date au-delà de l'an 9999 ou avant l'an 1",
        "date past year 9999 or before year 1",
        env,
        at,
    )


def open_condition(condition: object, unknown: Unknown, env: Env) -> Outcome:
    """An open condition: the truth supposed of it, or it"""
    if condition in env.guesses:
        return env.guesses[condition]
    if env.opened is not None:
        env.opened.setdefault(condition, unknown)
    return unknown


class Evaluator(Protocol):
    """What each part of the interpreter asks of the whole."""

    program: core.Program
    shares: dict[tuple[Any, ...], tuple[Any, dict[Any, Outcome]]]
    befores: dict[tuple[Any, ...], dict[Any, Any]]

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        """What *expr* comes to in *env*."""

    def env_for(self, element: Element | None, caller: Env) -> Env | Unknown:
        """At the date that rules *element*: that of its event, else the caller's."""

    def each_day(self, expr: core.Expr, element: Element, caller: Env) -> Outcome:
        """What *expr* of *element* comes to, at the day that rules it."""

    def staged(self, expr: core.Staged, upto: int, env: Env) -> Outcome:
        """*expr* after its first *upto* steps."""

    def weighs(self, decision: core.Decision, rule: core.Rule, env: Env) -> None:
        """Whether the exception *rule* holds is being asked."""

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        """A row of *table* is being looked for."""

    def once(self, found: dict[Any, T], key: Any, work: Callable[[], T]) -> T:
        """What *work* gives, worked out the first time and kept in *found* under *key*."""
