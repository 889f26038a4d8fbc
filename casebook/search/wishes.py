"""How far an expression is from what is wanted of it, and which facts would bring it there.

The rules are read backwards: for `age ≥ 6 ans` to be true, the birth is moved to the eve, the
day and the morrow of the limit; for a row of a table to be read, each argument is given what its
cell asks; where the answer is not known, what would be asked is told. What comes of it is only a
suggestion, and nothing is believed before the interpreter has been asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import (
    DateOverflow,
    DateRange,
    add_duration,
    subtract_duration,
)
from lexald.dsl.program import GENERAL
from lexald.dsl.rows import passes
from lexald.dsl.types import AMOUNT, DECIMAL, INT, RATE, EnumType
from lexald.dsl.values import Amount, Duration
from lexald.engine.elements import Element, Elements
from lexald.engine.environment import BudgetExceeded, Env, version_on
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, NotApplicable, Outcome, Unknown, is_known
from lexald.engine.questions import field_at

from .dossier import Add, Ask, Change, Drop, Step, Tell, Untell
from .habits import Habits, suits

DEPTH = 4  # decisions that one decision calls, one through another
MOST_STEPS = 60  # suggestions kept for one wish
MOST_VALUES = 16  # suggestions for one expression to come to one value
EFFORT = 1500  # expressions looked at for one dossier: beyond, a wish has no suggestion
ASKED = 4  # questions that are answered at once
# Conditions that have no smaller ones inside, as a whole.
_TESTS = (
    core.Compare, core.IsOneOf, core.IsIn, core.IsPresent, core.IsApplicable, core.Covers,
    core.Overlaps, core.Count, core.Walk,
)  # fmt: skip
_PLAIN = (bool, int, str, Fraction, Amount, Duration, date, DateRange, type(None))


@attrs.frozen
class Wish:
    """*distance*: about how many conditions stand in the way; zero when it is so."""

    distance: float
    steps: tuple[Step, ...] = ()


GRANTED = Wish(0)


def both(wishes: Iterable[Wish]) -> Wish:
    """All of *wishes*: one after the other will do."""
    found = list(wishes)
    steps = [step for wish in found for step in wish.steps]
    together = _together([wish for wish in found if wish.distance])
    return Wish(
        sum(wish.distance for wish in found), tuple(dict.fromkeys([*together, *steps]))[:MOST_STEPS]
    )


def _together(wishes: Sequence[Wish]) -> list[Step]:
    """The first suggestion of each, at once: most wishes are about facts of their own."""
    firsts = [wish.steps[0] for wish in wishes if wish.steps]
    return [tuple(dict.fromkeys(c for step in firsts for c in step))] if len(firsts) > 1 else []


def either(wishes: Iterable[Wish]) -> Wish:
    """One of *wishes*: the nearest first."""
    found = sorted(wishes, key=lambda wish: wish.distance)
    if not found:
        return Wish(1)
    steps = [step for wish in found for step in wish.steps]
    return Wish(found[0].distance, tuple(dict.fromkeys(steps))[:MOST_STEPS])


class Wishes:
    """What is wanted of the expressions of one evaluation."""

    def __init__(self, evaluation: Evaluation, habits: Habits) -> None:
        self.evaluation = evaluation
        self.program = evaluation.program
        self.habits = habits
        self._left = EFFORT
        self._met: dict[object, Any] = {}

    def _key(self, expr: core.Expr, env: Env, wanted: object) -> object:
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

    # ── truth ────────────────────────────────────────────────────────────────────────────

    def truth(self, expr: core.Expr, env: Env, wanted: bool, depth: int = 0) -> Wish:
        """That *expr*, a condition, comes to *wanted*."""
        outcome = self.eval(expr, env)
        if outcome is wanted:
            return GRANTED
        key = self._key(expr, env, wanted)
        if key is not None and key in self._met:
            known: Wish = self._met[key]
            return known
        self._left -= 1
        if self._left < 0:
            return Wish(1)
        wish = self._untrue(expr, env, wanted, outcome, depth)
        if key is not None:
            self._met[key] = wish
        return wish

    def _untrue(
        self, expr: core.Expr, env: Env, wanted: bool, outcome: Outcome, depth: int
    ) -> Wish:
        wish = self._truth(expr, env, wanted, outcome, depth)
        if isinstance(outcome, Unknown) and (not wish.steps or not wish.distance):
            wish = Wish(max(wish.distance, 1), (*wish.steps, *self.answered(outcome, env)))
        return Wish(max(wish.distance, 0.5), wish.steps[:MOST_STEPS])

    def _truth(self, expr: core.Expr, env: Env, wanted: bool, outcome: Outcome, depth: int) -> Wish:
        match expr:
            case core.Not(operand):
                return self.truth(operand, env, not wanted, depth)
            case core.Noted(operand):
                return self.truth(operand, env, wanted, depth)
            case core.All(operands) | core.Some(operands):
                parts = [self.truth(operand, env, wanted, depth) for operand in operands]
                return both(parts) if isinstance(expr, core.All) is wanted else either(parts)
            case core.Count():
                return self._count(expr, env, wanted, depth)
            case core.Choice(condition, then, otherwise):
                return either(
                    [
                        both([self.truth(condition, env, True, depth), self.truth(then, env, wanted, depth)]),
                        both([self.truth(condition, env, False, depth), self.truth(otherwise, env, wanted, depth)]),
                    ]
                )  # fmt: skip
            case core.Fact() | core.Root() | core.TableValue() | core.ParameterValue():
                return Wish(1, tuple(self.value(expr, env, wanted, depth)))
            case core.DecisionValue():
                return self.decision(
                    expr,
                    env,
                    lambda value, inside: self.truth(value, inside, wanted, depth + 1),
                    depth,
                )
            case core.Compare():
                return Wish(1, tuple(self._compare(expr, env, wanted, depth)))
            case core.IsOneOf(operand, choices):
                return Wish(1, tuple(self._one_of(operand, choices, env, wanted, depth)))
            case core.IsIn(operand, items):
                return Wish(1, tuple(self._is_in(operand, items, env, wanted, depth)))
            case core.IsPresent(operand):
                return self._present(operand, env, wanted, depth)
            case core.IsApplicable(operand):
                return self._applicable(operand, env, wanted, depth)
            case core.Walk():
                return self._walk(expr, env, wanted, depth)
            case core.AsOf(day, content):
                on = self.eval(day, env)
                if isinstance(on, date):
                    return self.truth(content, env.on_date(on, None), wanted, depth)
                return Wish(1, tuple(self.answered(on, env)))
            case core.Covers(period, item):
                return Wish(1, tuple(self._covers(period, item, env, wanted, depth)))
        return Wish(1, tuple(self.nudged(expr, env)))

    def _count(self, expr: core.Count, env: Env, wanted: bool, depth: int) -> Wish:
        met = [self.truth(operand, env, True, depth) for operand in expr.operands]
        unmet = [self.truth(operand, env, False, depth) for operand in expr.operands]
        most = len(met) if expr.maximum is None else expr.maximum

        def exactly(n: int) -> Wish:
            order = sorted(range(len(met)), key=lambda i: met[i].distance - unmet[i].distance)
            return both([*(met[i] for i in order[:n]), *(unmet[i] for i in order[n:])])

        numbers = range(len(met) + 1)
        near = (expr.minimum, most) if wanted else (expr.minimum - 1, most + 1)
        return either(exactly(n) for n in dict.fromkeys(near) if n in numbers)

    def _compare(self, expr: core.Compare, env: Env, wanted: bool, depth: int) -> Iterable[Step]:
        left, right = self.eval(expr.left, env), self.eval(expr.right, env)
        start = self.eval(expr.start, env) if expr.start is not None else None
        if isinstance(start, date):
            # Durations counted from a day: what is compared are days.
            yield from self._compare_from(expr, start, left, right, env, depth)
            return
        if not is_known(left) and not is_known(right):
            yield from [*self.answered(left, env), *self.answered(right, env)]
            return
        for side, other, is_left in ((expr.left, right, True), (expr.right, left, False)):
            if not is_known(other) or other is None:
                continue
            for value in _beside(other, expr.operator, wanted, is_left):
                yield from self.value(side, env, value, depth)
            if expr.operator == "=" and not wanted:
                yield from self.other_than(side, env, other, depth)
        for outcome in (left, right):
            yield from self.answered(outcome, env)

    def _compare_from(
        self, expr: core.Compare, start: date, left: Outcome, right: Outcome, env: Env, depth: int
    ) -> Iterable[Step]:
        for side, other in ((expr.left, right), (expr.right, left)):
            if isinstance(other, Duration):
                for days in (0, -1, 1):
                    yield from self.value(
                        side, env, Duration(other.months, other.days + days), depth
                    )
        for outcome in (left, right):
            yield from self.answered(outcome, env)

    def _one_of(
        self, operand: core.Expr, choices: Sequence[core.Expr], env: Env, wanted: bool, depth: int
    ) -> Iterable[Step]:
        values = [self.eval(choice, env) for choice in choices]
        if wanted:
            for value in values:
                yield from self.value(operand, env, value, depth)
        else:
            yield from self.other_than(operand, env, *values, depth=depth)
        yield from self.answered(self.eval(operand, env), env)

    def _is_in(
        self, operand: core.Expr, items: core.Expr, env: Env, wanted: bool, depth: int
    ) -> Iterable[Step]:
        value, listed = self.eval(operand, env), self.eval(items, env)
        held = listed if isinstance(listed, tuple) else ()
        if is_known(value) and value is not None:
            without = tuple(one for one in held if one != value)
            yield from self.value(items, env, (*without, value) if wanted else without, depth)
            if isinstance(items, core.DecisionValue | core.Collection):
                yield from self.gathered(items, env, value, wanted, depth)
        if isinstance(listed, tuple):
            if wanted:
                for one in held[:ASKED]:
                    yield from self.value(operand, env, one, depth)
            else:
                yield from self.other_than(operand, env, *held, depth=depth)
        for outcome in (value, listed):
            yield from self.answered(outcome, env)

    def gathered(
        self, items: core.Expr, env: Env, value: Any, wanted: bool, depth: int
    ) -> Iterable[Step]:
        """*value* among what ``la réunion de`` gathers, or not."""
        match items:
            case core.Collection(pairs):
                for item, condition in pairs:
                    if condition is not None and self.eval(item, env) == value:
                        yield from self.truth(condition, env, wanted, depth).steps
            case core.DecisionValue():
                yield from self.decision(
                    items, env,
                    lambda inner, inside: Wish(1, tuple(self.gathered(inner, inside, value, wanted, depth + 1))),
                    depth,
                ).steps  # fmt: skip

    def _present(self, operand: core.Expr, env: Env, wanted: bool, depth: int) -> Wish:
        match operand:
            case core.Previous():
                return Wish(1, tuple(self._previous(env, wanted)))
            case core.Walk(word="premier" | "dernier") if isinstance(operand, core.Walk):
                exists = attrs.evolve(operand, word="existe", order=None, body=None)
                return self.truth(exists, env, wanted, depth)
            case core.Fact(base, name):
                holder = self.eval(base, env)
                if isinstance(holder, Element):
                    path = (*holder.path, name)
                    values = self.habits.values(path, env.on) if wanted else [None]
                    return Wish(1, tuple((Tell(path, v),) for v in values if (v is None) != wanted))
            case core.Root(name):
                values = self.habits.values((name,), env.on) if wanted else [None]
                return Wish(1, tuple((Tell((name,), v),) for v in values if (v is None) != wanted))
            case core.DecisionValue():
                return self.decision(
                    operand,
                    env,
                    lambda value, inside: self._there(value, inside, wanted, depth + 1),
                    depth,
                )
        return Wish(1, tuple(self.nudged(operand, env)))

    def _there(self, value: core.Expr, env: Env, wanted: bool, depth: int) -> Wish:
        """That what a decision answers by *value* is there, or absent."""
        found = self.eval(value, env)
        if is_known(found) and (found is not None) is wanted:
            return GRANTED
        match value:
            case core.Noted(inner) | core.Staged(inner):
                return self._there(inner, env, wanted, depth)
            case core.Choice(condition, then, otherwise):
                return either(
                    [
                        both([self.truth(condition, env, True, depth), self._there(then, env, wanted, depth)]),
                        both([self.truth(condition, env, False, depth), self._there(otherwise, env, wanted, depth)]),
                    ]
                )  # fmt: skip
            case core.Constant():
                return Wish(9)  # it is never so
            case core.Fact() | core.Root() | core.DecisionValue() | core.Walk():
                return self._present(value, env, wanted, depth)
        return Wish(1, tuple(self.answered(found, env)) or tuple(self.nudged(value, env)))

    def _previous(self, env: Env, wanted: bool) -> Iterable[Step]:
        element = env.current
        if element is None or element.peers is None or not element.peers.path:
            return
        rank = element.path[-1]
        assert isinstance(rank, int)
        if wanted:
            yield (Add(element.peers.path, rank),)
        else:
            yield from (
                (Drop(element.peers.path, n),) for n in range(len(element.peers)) if n != rank
            )

    def _applicable(self, operand: core.Expr, env: Env, wanted: bool, depth: int) -> Wish:
        if not isinstance(operand, core.DecisionValue) or depth > DEPTH:
            return Wish(1, tuple(self.nudged(operand, env)))
        element, inside = self._called(operand, env)
        guard = self.program.decisions[operand.name].applicable
        if inside is None:
            return Wish(1, tuple(self.answered(element, env)))
        return GRANTED if guard is None else self.truth(guard, inside, wanted, depth + 1)

    def _walk(self, expr: core.Walk, env: Env, wanted: bool, depth: int) -> Wish:
        """``il existe`` and ``tout``."""
        listed = self.eval(expr.items, env)
        condition = expr.condition or core.Constant(True)
        body = expr.body if expr.word == "tout" and expr.body is not None else core.Constant(False)
        # There is one that fits and, for `tout`, of which the body is false.
        shown = wanted if expr.word == "existe" else not wanted
        wishes = []
        for item in _items(listed):
            inside = env.with_variable(expr.variable, item)
            parts = [(condition, True), (body, False)]
            if shown:
                wishes.append(both(self.truth(e, inside, t, depth) for e, t in parts))
            else:
                wishes.append(either(self.truth(e, inside, not t, depth) for e, t in parts))
        path = listed.path if isinstance(listed, Elements) else ()
        if shown:
            if path:
                wishes.append(Wish(2, ((Add(path, None),),)))
            elif not is_known(listed):
                wishes.append(Wish(2, tuple(self.answered(listed, env))))
            return either(wishes)
        if not is_known(listed):
            return Wish(1, tuple(self.answered(listed, env)))
        if path and isinstance(listed, Elements) and not listed.complete:
            wishes.append(Wish(1, ((Tell(path, []),),)))
        elif path:
            wishes = [
                Wish(w.distance, (*w.steps, (Drop(path, n),)) if w.distance else ())
                for n, w in enumerate(wishes)
            ]
        return both(wishes)

    def _covers(
        self, period: core.Expr, item: core.Expr, env: Env, wanted: bool, depth: int
    ) -> Iterable[Step]:
        held, day = self.eval(period, env), self.eval(item, env)
        if isinstance(held, DateRange):
            days = [held.first, *([held.last] if held.last else [])]
            beyond = [_later(held.first, -1), *([_later(held.last, 1)] if held.last else [])]
            for one in days if wanted else beyond:
                yield from self.value(item, env, one, depth)
        if isinstance(day, date):
            ranges = (
                [DateRange(day, day)] if wanted else [DateRange(_later(day, 1), _later(day, 1))]
            )
            for range_ in ranges:
                yield from self.value(period, env, range_, depth)
        for outcome in (held, day):
            yield from self.answered(outcome, env)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def _called(self, expr: core.DecisionValue, env: Env) -> tuple[Outcome, Env | None]:
        """The element that a decision is asked of, and where it is evaluated."""
        element = None if expr.base is None else self.eval(expr.base, env)
        if element is not None and not isinstance(element, Element):
            return element, None
        path = element.path if element else ()
        if (expr.name, path) in self.evaluation.situation.hypotheses:
            return element, None
        inside = self.evaluation.env_for(element, env)
        return (inside, None) if isinstance(inside, Unknown) else (element, inside)

    def decision(
        self,
        expr: core.DecisionValue,
        env: Env,
        wanted: Callable[[core.Expr, Env], Wish],
        depth: int,
    ) -> Wish:
        """That a rule of the decision applies, and that *wanted* is so of its value."""
        element, inside = self._called(expr, env)
        if depth > DEPTH:
            return Wish(1)
        if inside is None:
            return Wish(1, tuple(self.answered(element, env)))
        decision = self.program.decisions[expr.name]
        wishes = []
        for rule in (decision.general, *decision.exceptions):
            version = version_on(rule.versions, inside.on)
            if isinstance(version, core.RuleVersion):
                there = inside.in_rule(decision, rule)
                wishes.append(
                    both(
                        [
                            self.selected(decision, rule, inside, depth + 1),
                            wanted(version.value, there),
                        ]
                    )
                )
        found = either(wishes)
        return Wish(1 + found.distance / 4, found.steps)

    def selected(self, decision: core.Decision, rule: core.Rule, env: Env, depth: int = 0) -> Wish:
        """That *rule* is one that applies, at the date of *env*."""
        wishes: list[Wish] = []
        if decision.applicable is not None:
            wishes.append(self.truth(decision.applicable, env, True, depth))
        for other in decision.exceptions:
            if other.target == rule.label or (rule.label == GENERAL and other.target == ""):
                wishes.append(self.holds(decision, other, env, False, depth))
        here: core.Rule | None = rule
        while here is not None and here.label != GENERAL:
            wishes.append(self.holds(decision, here, env, True, depth))
            target = here.target
            for other in decision.exceptions:
                if other.target == target and here.label in other.outranks:
                    wishes.append(self.holds(decision, other, env, False, depth))
                if target == GENERAL and other.target == "":
                    wishes.append(self.holds(decision, other, env, False, depth))
            here = next((r for r in decision.exceptions if r.label == target), None)
        return both(wishes)

    def holds(
        self, decision: core.Decision, rule: core.Rule, env: Env, wanted: bool, depth: int
    ) -> Wish:
        """That an exception is in force and its guard true, or not."""
        version = version_on(rule.versions, env.on)
        if not isinstance(version, core.RuleVersion):
            if not wanted and isinstance(version, core.Period):
                return GRANTED
            spans = [v.period for v in rule.versions]
            return either(self.in_force(period, env) for period in spans) if wanted else Wish(1)
        if version.guard is None:
            return GRANTED if wanted else Wish(9)
        return self.truth(version.guard, env.in_rule(decision, rule), wanted, depth)

    # ── dates ────────────────────────────────────────────────────────────────────────────

    def in_force(self, period: core.Period, env: Env) -> Wish:
        """That the law is read on a day of *period*."""
        if env.undated is None and period.contains(env.on):
            return GRANTED
        first = period.since or (_later(period.until, -1) if period.until else env.on)
        last = _later(period.until, -1) if period.until else first
        days = dict.fromkeys([first, last])
        return Wish(1, tuple(self.dated(day, env.current) for day in days))

    def dated(self, day: date, element: Element | None) -> Step:
        """That the law of *day* rules *element*, the case being of that day too."""
        event = self.program.entities[element.entity].event if element else None
        if element is None or event is None:
            return (Ask(day),)
        return (Tell((*element.path, event), day), Ask(day))

    # ── values ───────────────────────────────────────────────────────────────────────────

    def value(self, expr: core.Expr, env: Env, wanted: Any, depth: int = 0) -> Sequence[Step]:
        """Suggestions for *expr* to come to the value *wanted*."""
        key = ("valeur", self._key(expr, env, wanted))
        if key[1] is not None and key in self._met:
            known: Sequence[Step] = self._met[key]
            return known
        self._left -= 1
        if depth > DEPTH or self._left < 0:
            return ()
        found = tuple(islice(self._value(expr, env, wanted, depth), MOST_VALUES))
        if key[1] is not None:
            self._met[key] = found
        return found

    def _value(self, expr: core.Expr, env: Env, wanted: Any, depth: int) -> Iterable[Step]:
        match expr:
            case core.Fact(base, name):
                holder = self.eval(base, env)
                if isinstance(holder, Element):
                    yield from self._tell((*holder.path, name), wanted)
                else:
                    yield from self.answered(holder, env)
            case core.Root(name):
                yield from self._tell((name,), wanted)
            case core.ConsideredDate():
                if isinstance(wanted, date):
                    yield self.dated(wanted, env.current)
            case core.Noted(operand) | core.Exact(operand) | core.Staged(operand):
                yield from self.value(operand, env, wanted, depth)
            case core.Negate(operand):
                yield from self.value(operand, env, -wanted, depth)
            case core.Shift():
                yield from self._shift(expr, env, wanted, depth)
            case core.Gap(end, start):
                yield from self._gap(end, start, env, wanted, depth)
            case core.Arithmetic():
                yield from self._arithmetic(expr, env, wanted, depth)
            case core.Choice(condition, then, otherwise):
                for branch, truth in ((then, True), (otherwise, False)):
                    if self.eval(condition, env) is truth:
                        yield from self.value(branch, env, wanted, depth)
                    elif self.eval(branch, env) == wanted:
                        yield from self.truth(condition, env, truth, depth).steps
                    else:
                        opened = self.truth(condition, env, truth, depth).steps[:1]
                        inner = list(self.value(branch, env, wanted, depth))[:3]
                        yield from ((*a, *b) for a in opened for b in inner)
            case core.DecisionValue():
                yield from self.decision(
                    expr,
                    env,
                    lambda value, inside: self.comes_to(value, inside, wanted, depth + 1),
                    depth,
                ).steps
            case core.TableValue():
                yield from self._table(expr, env, wanted, depth)
            case core.ParameterValue(name):
                for version in self.program.parameters[name].versions:
                    if version.value == wanted:
                        yield from self.in_force(version.period, env).steps
            case core.Extremum(operands=operands):
                for operand in operands:
                    yield from self.value(operand, env, wanted, depth)
            case core.Walk():
                yield from self._fold(expr, env, wanted, depth)
            case core.AsOf(day, content):
                on = self.eval(day, env)
                if isinstance(on, date):
                    yield from self.value(content, env.on_date(on, None), wanted, depth)
            case core.Range(first, last):
                if isinstance(wanted, DateRange):
                    yield from self.value(first, env, wanted.first, depth)
                    if last is not None and wanted.last is not None:
                        yield from self.value(last, env, wanted.last, depth)
            case core.Edge(which, period):
                if isinstance(wanted, date):
                    yield from self._edge(which, period, env, wanted, depth)
            case core.Builtin(name, (argument,)):
                yield from self._builtin(name, argument, env, wanted, depth)
            case core.Constant():
                return
            case _ if isinstance(wanted, bool):
                yield from self.truth(expr, env, wanted, depth).steps
            case _:
                yield from self.nudged(expr, env)

    def comes_to(self, expr: core.Expr, env: Env, wanted: Any, depth: int) -> Wish:
        if _same(self.eval(expr, env), wanted):
            return GRANTED
        steps = tuple(self.value(expr, env, wanted, depth))
        return Wish(1 if steps else 3, steps)

    def _tell(self, path: FactPath, wanted: Any) -> Iterable[Step]:
        field = field_at(self.program, path)
        if field is None:
            return
        if isinstance(wanted, Fraction) and field.type == AMOUNT:
            wanted = Amount(round(wanted))  # a fraction of cents
        elif isinstance(wanted, Fraction) and field.type == INT:
            wanted = round(wanted)
        elif (
            isinstance(wanted, int)
            and not isinstance(wanted, bool)
            and field.type in (DECIMAL, RATE)
        ):
            wanted = Fraction(wanted)
        if suits(self.program, wanted, field):
            yield (Tell(path, wanted),)

    def _shift(self, expr: core.Shift, env: Env, wanted: Any, depth: int) -> Iterable[Step]:
        day, length = self.eval(expr.day, env), self.eval(expr.duration, env)
        if not isinstance(wanted, date):
            return
        if isinstance(length, Duration):
            back = subtract_duration if expr.sign > 0 else add_duration
            try:
                start = back(wanted, length)
            except DateOverflow:
                return
            for move in (0, -1, 1):  # months end on days that others do not have
                yield from self.value(expr.day, env, _later(start, move), depth)
        if isinstance(day, date):
            yield from self.value(
                expr.duration, env, Duration(0, expr.sign * (wanted - day).days), depth
            )
        for outcome in (day, length):
            yield from self.answered(outcome, env)

    def _gap(
        self, end: core.Expr, start: core.Expr, env: Env, wanted: Any, depth: int
    ) -> Iterable[Step]:
        last, first = self.eval(end, env), self.eval(start, env)
        if not isinstance(wanted, Duration):
            return
        try:
            if isinstance(first, date):
                yield from self.value(end, env, add_duration(first, wanted), depth)
            if isinstance(last, date):
                yield from self.value(start, env, subtract_duration(last, wanted), depth)
        except DateOverflow:
            return
        for outcome in (last, first):
            yield from self.answered(outcome, env)

    def _arithmetic(
        self, expr: core.Arithmetic, env: Env, wanted: Any, depth: int
    ) -> Iterable[Step]:
        left, right = (_number(self.eval(side, env)) for side in (expr.left, expr.right))
        goal = _number(wanted)
        for side, other, is_left in ((expr.left, right, True), (expr.right, left, False)):
            if goal is None or other is None:
                continue
            found = _solved(expr.operator, goal, other, is_left)
            if found is not None:
                yield from self.value(side, env, found, depth)
        for side in (expr.left, expr.right):
            yield from self.answered(self.eval(side, env), env)

    def _edge(
        self, which: str, period: core.Expr, env: Env, wanted: date, depth: int
    ) -> Iterable[Step]:
        held = self.eval(period, env)
        day = _later(wanted, -1) if which == "premier jour après" else wanted
        other = held.first if isinstance(held, DateRange) else day
        ends = (day, max(day, other)) if which == "premier jour" else (min(day, other), day)
        yield from self.value(period, env, DateRange(*ends), depth)

    def _table(self, expr: core.TableValue, env: Env, wanted: Any, depth: int) -> Iterable[Step]:
        version = version_on(self.program.tables[expr.name].versions, env.on)
        if not isinstance(version, core.TableVersion):
            return
        rows = [
            row for row in version.rows
            if isinstance(row.result, core.Constant) and _same(row.result.value, wanted)
        ]  # fmt: skip
        yield from either(self.row(expr, row, env, depth) for row in rows[:ASKED]).steps

    def row(self, expr: core.TableValue, row: core.TableRow, env: Env, depth: int = 0) -> Wish:
        """That the arguments of *expr* fit *row*."""
        return both(
            self._fits(argument, test, env, depth)
            for argument, test in zip(expr.arguments, row.tests, strict=True)
        )

    def _fits(self, argument: core.Expr, test: core.CellTest, env: Env, depth: int) -> Wish:
        value = self.eval(argument, env)
        if isinstance(test, core.AnyValue) or (is_known(value) and passes(test, value)):
            return GRANTED
        steps: list[Step] = []
        match test:
            case core.OneOf(values):
                for wanted in values[:8]:
                    steps += self.value(argument, env, wanted, depth)
            case core.Bounded(low, high, low_in, high_in):
                for bound, inside, sign in ((low, low_in, 1), (high, high_in, -1)):
                    if bound is not None:
                        steps += self.value(
                            argument, env, bound if inside else _moved(bound, sign), depth
                        )
        return Wish(1, tuple(steps) or tuple(self.answered(value, env)))

    def _fold(self, expr: core.Walk, env: Env, wanted: Any, depth: int) -> Iterable[Step]:
        """Sums, counts and extremes over a list."""
        listed = self.eval(expr.items, env)
        if not is_known(listed):
            yield from self.answered(listed, env)
            return
        path = listed.path if isinstance(listed, Elements) else ()
        items = _items(listed)
        if expr.word == "nombre":
            yield from self._number_of(expr, items, path, env, wanted, depth)
            return
        if isinstance(wanted, bool):
            yield from self._walk(expr, env, wanted, depth).steps
            return
        if expr.body is None:
            return
        goal, now = _number(wanted), _number(self.eval(expr, env))
        for item in items[:ASKED]:
            inside = env.with_variable(expr.variable, item)
            term = _number(self.eval(expr.body, inside))
            value = wanted
            if expr.word == "somme":
                more = _solved("-", goal, now, False)
                value = _solved("-", term, more, True) if more is not None else wanted
            if expr.condition is not None:
                yield from self.truth(expr.condition, inside, True, depth).steps[:ASKED]
            yield from self.value(expr.body, inside, value, depth)
        if path:
            yield (Add(path, len(items) - 1 if items else None),)

    def _number_of(
        self,
        expr: core.Walk,
        items: Sequence[Any],
        path: FactPath,
        env: Env,
        wanted: Any,
        depth: int,
    ) -> Iterable[Step]:
        insides = [env.with_variable(expr.variable, item) for item in items]
        fits = [expr.condition is None or self.eval(expr.condition, i) is True for i in insides]
        more = isinstance(wanted, int) and sum(fits) < wanted
        for rank, (inside, held) in enumerate(zip(insides, fits, strict=True)):
            if expr.condition is not None and held is not more:
                yield from self.truth(expr.condition, inside, more, depth).steps[:ASKED]
            if path and held and more:
                missing = int(wanted) - sum(fits)
                yield tuple(Add(path, rank) for _ in range(min(missing, 12)))
            elif path and held:
                yield (Drop(path, rank),)
        if path and more:
            yield (Add(path, None),)

    def _builtin(
        self, name: str, argument: core.Expr, env: Env, wanted: Any, depth: int
    ) -> Iterable[Step]:
        held = self.eval(argument, env)
        days: list[date] = []
        if isinstance(wanted, int) and name == "année" and 1 <= wanted <= 9999:
            days = [date(wanted, 1, 1), date(wanted, 12, 31)]
        elif (
            isinstance(wanted, int)
            and name == "mois"
            and isinstance(held, date)
            and 1 <= wanted <= 12
        ):
            days = [held.replace(month=wanted, day=1)]
        elif isinstance(wanted, date):
            days = [wanted]
        for day in days:
            yield from self.value(argument, env, day, depth)
        yield from self.answered(held, env)

    def other_than(self, expr: core.Expr, env: Env, *values: Any, depth: int = 0) -> Iterable[Step]:
        """Suggestions for *expr* to come to something else than *values*."""
        now = self.eval(expr, env)
        others: list[Any] = []
        for value in (now, *values):
            others += [v for v in (_moved(value, 1), _moved(value, -1)) if v is not None]
        members = self._members(expr)
        others = [*members, *others]
        for other in others[:24]:
            if other not in values:
                yield from self.value(expr, env, other, depth)
        yield from self.nudged(expr, env)

    def _members(self, expr: core.Expr) -> list[str]:
        """The members of the enumeration that *expr* is of."""
        kinds: list[Any] = []
        match expr:
            case core.Noted(operand) | core.Staged(operand):
                return self._members(operand)
            case core.Fact(_, name):
                kinds = [
                    e.fields[name].type for e in self.program.entities.values() if name in e.fields
                ]
            case core.Root(name):
                kinds = [self.program.roots[name].type]
            case core.DecisionValue(name):
                kinds = [self.program.decisions[name].type]
            case core.TableValue(name):
                kinds = [self.program.tables[name].type]
        return [
            member
            for kind in kinds[:1]
            if isinstance(kind, EnumType)
            for member in self.program.enumerations[kind.name].members
        ]

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
            others = [_moved(outcome, 1), _moved(outcome, -1), *self.habits.values(path, env.on)]
            for value in others:
                field = field_at(self.program, path)
                fits = field is not None and suits(self.program, value, field)
                if fits and not _same(value, outcome):
                    yield (Tell(path, value),)

    def untold(self, expr: core.Expr, env: Env) -> Iterable[Step]:
        """Suggestions for *expr* not to be known: facts that it reads are not told."""
        found = [path for path, outcome in self.read(expr, env).items() if is_known(outcome)]
        yield from ((Untell(path),) for path in found)
        if len(found) > 1:
            yield tuple(Untell(path) for path in found)

    def turned(self, name: str, env: Env, depth: int = 0) -> Iterable[Step]:
        """Suggestions for each condition that decision *name* may turn on to come out otherwise,
        and for each row of a table to be read; in the decisions that it asks too."""
        decision = self.program.decisions[name]
        if depth == 0:
            yield from self.answered(self.evaluation.decide_in(name, env.current, env).outcome, env)
        called: dict[tuple[str, Element | None], Env] = {}
        for rule in (decision.general, *decision.exceptions):
            version = version_on(rule.versions, env.on)
            if not isinstance(version, core.RuleVersion):
                continue
            inside = env.in_rule(decision, rule)
            for node in core.parts((version.guard, version.value)):
                if isinstance(node, _TESTS):
                    now = self.eval(node, inside)
                    for truth in (True, False):
                        if now is not truth:
                            yield from self.truth(node, inside, truth).steps[:MOST_VALUES]
                elif isinstance(node, core.TableValue):
                    held = version_on(self.program.tables[node.name].versions, env.on)
                    if isinstance(held, core.TableVersion):
                        for row in held.rows:
                            yield from self.row(node, row, inside).steps[:ASKED]
                elif isinstance(node, core.DecisionValue):
                    element, there = self._called(node, inside)
                    if there is not None:
                        called[node.name, element] = there
        for (inner, _), there in called.items() if depth < 2 else ():
            yield from self.turned(inner, there, depth + 1)

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


# ── values ───────────────────────────────────────────────────────────────────────────────


def _same(a: Any, b: Any) -> bool:
    if not is_known(a) or not is_known(b):
        return False
    return isinstance(a, bool) is isinstance(b, bool) and bool(a == b)


def _items(listed: Outcome) -> Sequence[Any]:
    if isinstance(listed, Elements):
        return listed.items
    return listed if isinstance(listed, tuple) else ()


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return day


def _moved(value: Any, by: int) -> Any:
    """*value* one unit further; `None` for what has no unit."""
    match value:
        case bool():
            return None
        case date():
            return _later(value, by)
        case int():
            return value + by
        case Fraction():
            return value + Fraction(by, 100)
        case Amount(cents):
            return Amount(cents + by)
        case Duration(months, days):
            if value.is_zero or (months and days == 0):
                return Duration(months + by, 0)
            return Duration(months, days + by)
        case DateRange(first, last):
            return DateRange(_later(first, by), last and _later(last, by))
    return None


def _beside(value: Any, operator: str, wanted: bool, is_left: bool) -> list[Any]:
    """Values that stand to *value* as *operator* says, nearest first; then those just around."""
    around = [value, _moved(value, 1), _moved(value, -1)]
    if operator == "=":
        first = value if wanted else around[1]
    elif wanted:
        first = around[2] if is_left else around[1]
    else:
        first = value
    found = [first, *around]
    return [v for n, v in enumerate(found) if v is not None and v not in found[:n]]


def _number(value: Any) -> Fraction | Duration | None:
    match value:
        case bool():
            return None
        case Amount(cents):
            return Fraction(cents)
        case int() | Fraction():
            return Fraction(value)
        case Duration():
            return value
    return None


def _solved(operator: str, goal: Any, other: Any, is_left: bool) -> Any:
    """What the other side of ``goal = … operator …`` must be."""
    try:
        match operator:
            case "+":
                return goal - other
            case "-":
                return goal + other if is_left else other - goal
            case "×":
                return goal / other
            case "÷":
                return goal * other if is_left else other / goal
    except (TypeError, AttributeError, ZeroDivisionError):
        return None
    return None


__all__ = ["GRANTED", "Change", "NotApplicable", "Wish", "Wishes", "both", "either"]
