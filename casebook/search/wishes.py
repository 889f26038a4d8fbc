"""How far an expression is from what is wanted of it, and which facts would bring it there.

The rules are read backwards: for `age ≥ 6 ans` to be true, the birth is moved to the eve, the
day and the morrow of the limit; for a row of a table to be read, each argument is given what its
cell asks; where the answer is not known, what would be asked is told. What comes of it is only a
suggestion, and nothing is believed before the interpreter has been asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import (
    DateRange,
)
from lexald.dsl.program import GENERAL
from lexald.dsl.values import Duration
from lexald.engine.elements import Element, Elements
from lexald.engine.environment import Env, version_on
from lexald.engine.outcomes import Outcome, Unknown, is_known

from .dossier import Add, Drop, Step, Tell
from .quantities import beside, items_of, later
from .values import MOST_VALUES, Values
from .wish import ASKED, DEPTH, GRANTED, MOST_STEPS, Wish, both, either

# Conditions that have no smaller ones inside, as a whole.
_TESTS = (
    core.Compare, core.IsOneOf, core.IsIn, core.IsPresent, core.IsApplicable, core.Covers,
    core.Overlaps, core.Count, core.Walk,
)  # fmt: skip


class Wishes(Values):
    """What is wanted of the expressions of one evaluation."""

    # ── truth ────────────────────────────────────────────────────────────────────────────

    def truth(self, expr: core.Expr, env: Env, wanted: bool, depth: int = 0) -> Wish:
        """That *expr*, a condition, comes to *wanted*."""
        outcome = self.eval(expr, env)
        if outcome is wanted:
            return GRANTED
        key = self.key(expr, env, wanted)
        if key is not None and key in self.met:
            known: Wish = self.met[key]
            return known
        self.left -= 1
        if self.left < 0:
            return Wish(1)
        wish = self._untrue(expr, env, wanted, outcome, depth)
        if key is not None:
            self.met[key] = wish
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
                return self.exists(expr, env, wanted, depth)
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
            for value in beside(other, expr.operator, wanted, is_left):
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
        element, inside = self.called(operand, env)
        guard = self.program.decisions[operand.name].applicable
        if inside is None:
            return Wish(1, tuple(self.answered(element, env)))
        return GRANTED if guard is None else self.truth(guard, inside, wanted, depth + 1)

    def exists(self, expr: core.Walk, env: Env, wanted: bool, depth: int) -> Wish:
        """``il existe`` and ``tout``."""
        listed = self.eval(expr.items, env)
        condition = expr.condition or core.Constant(True)
        body = expr.body if expr.word == "tout" and expr.body is not None else core.Constant(False)
        # There is one that fits and, for `tout`, of which the body is false.
        shown = wanted if expr.word == "existe" else not wanted
        wishes = []
        for item in items_of(listed):
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
            beyond = [later(held.first, -1), *([later(held.last, 1)] if held.last else [])]
            for one in days if wanted else beyond:
                yield from self.value(item, env, one, depth)
        if isinstance(day, date):
            ranges = [DateRange(day, day)] if wanted else [DateRange(later(day, 1), later(day, 1))]
            for range_ in ranges:
                yield from self.value(period, env, range_, depth)
        for outcome in (held, day):
            yield from self.answered(outcome, env)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decision(
        self,
        expr: core.DecisionValue,
        env: Env,
        wanted: Callable[[core.Expr, Env], Wish],
        depth: int,
    ) -> Wish:
        """That a rule of the decision applies, and that *wanted* is so of its value."""
        element, inside = self.called(expr, env)
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
                    element, there = self.called(node, inside)
                    if there is not None:
                        called[node.name, element] = there
        for (inner, _), there in called.items() if depth < 2 else ():
            yield from self.turned(inner, there, depth + 1)
