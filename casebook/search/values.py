"""Expressions read backwards: which facts would bring one to a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any

from lexald.dsl import program as core
from lexald.dsl.dates import (
    DateOverflow,
    DateRange,
    add_duration,
    subtract_duration,
)
from lexald.dsl.rows import passes
from lexald.dsl.types import AMOUNT, DECIMAL, INT, RATE, EnumType
from lexald.dsl.values import Amount, Duration
from lexald.engine.elements import Element, Elements
from lexald.engine.environment import Env, version_on
from lexald.engine.outcomes import FactPath, is_known
from lexald.engine.questions import field_at

from .asking import Asking
from .dossier import Add, Drop, Step, Tell
from .habits import suits
from .quantities import items_of, later, moved, number, same_value, solved
from .wish import ASKED, DEPTH, GRANTED, Wish, both, either

MOST_VALUES = 16  # suggestions for one expression to come to one value


class Values(Asking, ABC):
    """How expressions come to values; `Wishes` says how conditions come to be true."""

    @abstractmethod
    def truth(self, expr: core.Expr, env: Env, wanted: bool, depth: int = 0) -> Wish:
        """That *expr*, a condition, comes to *wanted*."""

    @abstractmethod
    def exists(self, expr: core.Walk, env: Env, wanted: bool, depth: int) -> Wish:
        """That a walk ``il existe`` or ``tout`` comes to *wanted*."""

    @abstractmethod
    def decision(
        self,
        expr: core.DecisionValue,
        env: Env,
        wanted: Callable[[core.Expr, Env], Wish],
        depth: int,
    ) -> Wish:
        """That a rule of the decision applies, and that *wanted* is so of its value."""

    # ── values ───────────────────────────────────────────────────────────────────────────

    def value(self, expr: core.Expr, env: Env, wanted: Any, depth: int = 0) -> Sequence[Step]:
        """Suggestions for *expr* to come to the value *wanted*."""
        key = ("valeur", self.key(expr, env, wanted))
        if key[1] is not None and key in self.met:
            known: Sequence[Step] = self.met[key]
            return known
        self.left -= 1
        if depth > DEPTH or self.left < 0:
            return ()
        found = tuple(islice(self._value(expr, env, wanted, depth), MOST_VALUES))
        if key[1] is not None:
            self.met[key] = found
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
        if same_value(self.eval(expr, env), wanted):
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
                yield from self.value(expr.day, env, later(start, move), depth)
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
        left, right = (number(self.eval(side, env)) for side in (expr.left, expr.right))
        goal = number(wanted)
        for side, other, is_left in ((expr.left, right, True), (expr.right, left, False)):
            if goal is None or other is None:
                continue
            found = solved(expr.operator, goal, other, is_left)
            if found is not None:
                yield from self.value(side, env, found, depth)
        for side in (expr.left, expr.right):
            yield from self.answered(self.eval(side, env), env)

    def _edge(
        self, which: str, period: core.Expr, env: Env, wanted: date, depth: int
    ) -> Iterable[Step]:
        held = self.eval(period, env)
        day = later(wanted, -1) if which == "premier jour après" else wanted
        other = held.first if isinstance(held, DateRange) else day
        ends = (day, max(day, other)) if which == "premier jour" else (min(day, other), day)
        yield from self.value(period, env, DateRange(*ends), depth)

    def _table(self, expr: core.TableValue, env: Env, wanted: Any, depth: int) -> Iterable[Step]:
        version = version_on(self.program.tables[expr.name].versions, env.on)
        if not isinstance(version, core.TableVersion):
            return
        rows = [
            row for row in version.rows
            if isinstance(row.result, core.Constant) and same_value(row.result.value, wanted)
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
                            argument, env, bound if inside else moved(bound, sign), depth
                        )
        return Wish(1, tuple(steps) or tuple(self.answered(value, env)))

    def _fold(self, expr: core.Walk, env: Env, wanted: Any, depth: int) -> Iterable[Step]:
        """Sums, counts and extremes over a list."""
        listed = self.eval(expr.items, env)
        if not is_known(listed):
            yield from self.answered(listed, env)
            return
        path = listed.path if isinstance(listed, Elements) else ()
        items = items_of(listed)
        if expr.word == "nombre":
            yield from self._number_of(expr, items, path, env, wanted, depth)
            return
        if isinstance(wanted, bool):
            yield from self.exists(expr, env, wanted, depth).steps
            return
        if expr.body is None:
            return
        goal, now = number(wanted), number(self.eval(expr, env))
        for item in items[:ASKED]:
            inside = env.with_variable(expr.variable, item)
            term = number(self.eval(expr.body, inside))
            value = wanted
            if expr.word == "somme":
                more = solved("-", goal, now, False)
                value = solved("-", term, more, True) if more is not None else wanted
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
            others += [v for v in (moved(value, 1), moved(value, -1)) if v is not None]
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
