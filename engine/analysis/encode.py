"""Expressions of the core program, over all situations at once.

Held to the interpreter, form by form. A call of a decision and a walk over a list are first *any*
outcome of their type, and wait in `Encoder.pending`: what is proved without looking into them holds
whatever they are. What is not encoded at all raises `Beyond`, and stays any outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, assert_never

import attrs
import z3

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, DATE, DECIMAL, DURATION, EXACT, RATE, Type
from lexald.dsl.values import Rounding

from ..contest import ATOMS
from . import calendar
from .calendar import Day
from .possible import Possible
from .terms import (
    Truth,
    add,
    at_most,
    conj,
    disj,
    div,
    equal,
    floor,
    is_term,
    larger,
    less,
    minus,
    mul,
    neg,
    pick,
    real,
    smaller,
    sub,
)
from .values import (
    Beyond,
    Elem,
    Length,
    Members,
    Stretch,
    Sym,
    any_of,
    constant,
    equal_values,
    flags,
    invert,
    is_truth,
    less_value,
    lift,
    merge,
    open_between,
    pick_value,
)
from .world import World


@attrs.frozen(eq=False)
class Scope:
    """Where an expression is encoded: as `Env`, for all situations.

    *since* and *until* bound the day *on*, and *reach* is when the expression is evaluated at all
    (or may be, if a text leaves open what leads to it).
    """

    on: Day
    current: Elem | None = None
    variables: Mapping[str, Sym] = attrs.field(factory=dict)
    since: date | None = None
    until: date | None = None
    reach: Truth = True

    def under(self, *conditions: Truth) -> Scope:
        return attrs.evolve(self, reach=conj(self.reach, *conditions))

    def during(self, period: core.Period) -> Scope:
        """Inside *period*, which the day is in."""
        since = max((d for d in (self.since, period.since) if d), default=None)
        until = min((d for d in (self.until, period.until) if d), default=None)
        return attrs.evolve(self, since=since, until=until)

    def within(self, period: core.Period) -> Truth:
        """Whether the day is in *period*."""
        tests: list[Truth] = []
        if period.since is not None and not (self.since and self.since >= period.since):
            if self.until and self.until <= period.since:
                return False
            tests.append(at_most(Day.of(period.since).key, self.on.key))
        if period.until is not None and not (self.until and self.until <= period.until):
            if self.since and self.since >= period.until:
                return False
            tests.append(less(self.on.key, Day.of(period.until).key))
        return conj(*tests)


@attrs.frozen(eq=False)
class Pending:
    """What is any outcome as yet: *expr*, a call or a walk, in *scope*."""

    found: Sym
    expr: core.DecisionValue | core.Walk
    target: Elem | None
    scope: Scope

    @property
    def is_walk(self) -> bool:
        return isinstance(self.expr, core.Walk)


@attrs.frozen(eq=False)
class Atom:
    """A condition, and what it comes to where it is evaluated."""

    expr: core.Expr
    reach: Truth
    found: Sym


@attrs.frozen(eq=False)
class Row:
    table: core.Table
    row: core.TableRow
    expr: core.TableValue
    when: Truth


@attrs.frozen(eq=False)
class Fault:
    """An error that may be, and when. *expr* is where it is."""

    code: str
    expr: core.Spanned
    when: Truth
    what: str


@attrs.define
class Noticed:
    """What a decision is asked about, as it is encoded."""

    atoms: list[Atom] = attrs.field(factory=list)
    rows: list[Row] = attrs.field(factory=list)
    faults: list[Fault] = attrs.field(factory=list)


class Encoder:
    """Expressions over one `World`."""

    def __init__(self, world: World, possible: Possible) -> None:
        self.world = world
        self.program = world.program
        self.possible = possible
        self.pending: dict[object, Pending] = {}
        self.calls: dict[object, Sym] = {}
        self.beyond: dict[str, None] = {}
        self.noticed: Noticed | None = None
        self.bounded = False
        self._any: dict[object, Sym] = {}

    # ── what is not looked into ──────────────────────────────────────────────────────────

    def anything(
        self, reason: str, expr: object, kind: Type, scope: Scope, *, optional: bool = True
    ) -> Sym:
        """Any outcome of *kind*, the same one wherever *expr* is asked of the same element."""
        self.beyond.setdefault(reason)
        key = (expr, *self._place(scope))
        if key not in self._any:
            self._any[key] = self.world.anything(reason, kind, optional=optional, unk=True, na=True)
        return self._any[key]

    def _place(self, scope: Scope) -> tuple[object, ...]:
        held = tuple(
            (name, value.value.path if isinstance(value.value, Elem) else value.value)
            for name, value in sorted(scope.variables.items())
        )
        return (scope.current and scope.current.path, scope.on.id, held)

    def call(self, expr: core.DecisionValue, target: Elem | None, scope: Scope) -> Sym:
        """What a decision answers: any outcome of its type, until it is looked into."""
        on = scope.on
        event = self.program.entities[target.entity].event if target else None
        if target is not None and event is not None:
            on = self.day_of(target)
        key = (expr.name, target and target.path, on.id)
        if key not in self.calls:
            decision = self.program.decisions[expr.name]
            found = self.world.anything(
                decision.name, decision.type, optional=decision.optional,
                unk=decision.name in self.possible.open, na=decision.name in self.possible.idle,
            )  # fmt: skip
            self.calls[key] = found
            self.pending[key] = Pending(found, expr, target, Scope(on, target))
        return self.calls[key]

    def day_of(self, element: Elem) -> Day:
        """The day that rules *element*."""
        event = self.program.entities[element.entity].event
        assert event is not None
        day: Day = self.world.fact(element, event).value
        return day

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def condition(self, expr: core.Expr, scope: Scope) -> Sym:
        """*expr*, a condition; any truth where it is not encoded."""
        try:
            return self.eval(expr, scope)
        except Beyond as why:
            return self.anything(why.reason, expr, BOOL, scope, optional=False)

    def typed(self, expr: core.Expr, kind: Type, scope: Scope) -> Sym:
        """*expr*, of *kind*; any value where it is not encoded."""
        try:
            return self.eval(expr, scope)
        except Beyond as why:
            return self.anything(why.reason, expr, kind, scope)

    def eval(self, expr: core.Expr, scope: Scope) -> Sym:
        """What *expr* comes to.

        Raises:
            Beyond: it is not encoded, and its type is not said here.
        """
        kind = _type_said(expr)
        if kind is None:
            found = self._eval(expr, scope)
        else:
            try:
                found = self._eval(expr, scope)
            except Beyond as why:
                found = self.anything(why.reason, expr, kind, scope, optional=kind != BOOL)
        if self.noticed and isinstance(expr, ATOMS) and _is_truth(found) and not scope.variables:
            self.noticed.atoms.append(Atom(expr, scope.reach, found))
        return found

    def _eval(self, expr: core.Expr, scope: Scope) -> Sym:
        match expr:
            case core.Constant(value):
                return constant(value, self.world.names)
            case core.Current():
                return Sym(scope.current)
            case core.Variable(name):
                return scope.variables[name]
            case core.Root(name):
                return self.world.root(name)
            case core.Owner(base):
                element = self._element(base, scope)
                return Sym(element.owner)
            case core.Fact(base, name):
                return self.world.fact(self._element(base, scope), name)
            case core.DecisionValue():
                return self._decision(expr, scope)
            case core.Previous(sequence):
                return self._previous(sequence, scope)
            case core.ParameterValue():
                return self._parameter(expr, scope)
            case core.TableValue():
                from .lookups import look_up

                return look_up(self, expr, scope)
            case core.Noted(operand):
                return self.eval(operand, scope)
            case core.Staged(value, steps):
                return self._staged(value, steps, scope)
            case core.Not(operand):
                return invert(self.condition(operand, scope))
            case core.Some(operands):
                return any_of([self.condition(o, scope) for o in operands])
            case core.All(operands):
                return invert(any_of([invert(self.condition(o, scope)) for o in operands]))
            case core.Count():
                return self._count(expr, scope)
            case core.Compare():
                return self._compare(expr, scope)
            case core.IsOneOf(operand, choices):
                tested = self.eval(operand, scope)
                return any_of([self._equal(tested, self.eval(c, scope)) for c in choices])
            case core.IsIn(operand, items):
                return lift(self._is_in, self.eval(operand, scope), self.eval(items, scope))
            case core.IsPresent(operand):
                found = self.eval(operand, scope)
                return attrs.evolve(found, value=found.present, present=True)
            case core.IsApplicable(operand):
                return self._applies(operand, scope)
            case core.Arithmetic():
                return self._arithmetic(expr, scope)
            case core.Negate(operand):
                return lift(_negated, self.eval(operand, scope))
            case core.Exact(operand):
                return lift(real, self.eval(operand, scope))
            case core.Shift(day, duration, sign, round_up):
                return lift(
                    lambda d, n: self._shifted(d, n, sign, round_up),
                    self.eval(day, scope), self.eval(duration, scope),
                )  # fmt: skip
            case core.Gap(end, start, unit):
                return lift(
                    lambda last, first: _gap(last, first, unit),
                    self.eval(end, scope), self.eval(start, scope),
                )  # fmt: skip
            case core.Range():
                return self._range(expr, scope)
            case core.Covers(period, item, of_period):
                held = self.eval(period, scope), self.eval(item, scope)
                return lift(lambda p, i: _covers(p, i, of_period), *held)
            case core.Overlaps(left, right):
                return lift(_overlaps, self.eval(left, scope), self.eval(right, scope))
            case core.Edge():
                return self._edge(expr, scope)
            case core.Days():
                raise Beyond("jours d'une période")
            case core.Groups():
                raise Beyond("groupé par")
            case core.Builtin(name, arguments):
                return lift(_BUILTINS[name], *(self.eval(a, scope) for a in arguments))
            case core.Choice():
                return self._choice(expr, scope)
            case core.Walk():
                from .lists import walk

                return walk(self, expr, scope)
            case core.Extremum(word, operands, _):
                values = [self.eval(operand, scope) for operand in operands]
                return self.fold(word, values)
            case core.Collection(items):
                return self._collection(items, scope)
            case core.AsOf(day, content):
                return self._as_of(day, content, scope)
            case core.Supposing():
                raise Beyond("supposition")
            case core.ConsideredDate():
                return Sym(scope.on)
            case core.Undetermined():
                return Sym(None, unk=True)
        assert_never(expr)

    def _element(self, base: core.Expr, scope: Scope) -> Elem:
        found = self.eval(base, scope).value
        if not isinstance(found, Elem):
            raise Beyond("un élément parmi plusieurs")
        return found

    def _previous(self, sequence: core.Sequence, scope: Scope) -> Sym:
        """The element before the current one, in a list of two: the other, or none."""
        current = scope.current
        assert current is not None
        if not isinstance(current.path[-1], int):
            return Sym(None, present=False)
        slots = self.world.slots(current.path[:-1])
        others = [(here, elem) for here, elem in slots.items if elem is not current]
        if len(others) != 1:
            raise Beyond("précédent")
        self.bounded = True
        here, other = others[0]
        event = self.program.entities[sequence.entity].event
        first, second = (
            attrs.evolve(scope, current=elem, on=self.day_of(elem) if event else scope.on,
                         variables={}, since=None, until=None, reach=True)
            for elem in (other, current)
        )  # fmt: skip
        keys = [(self.eval(k, first), self.eval(k, second)) for k in sequence.keys]
        order = [(self.eval(k, first), self.eval(k, second)) for k in sequence.order]
        unk, na, bad = flags([sym for pair in (*keys, *order) for sym in pair])
        # Of equals, the place in the list decides: either may come first.
        before: Truth = z3.Bool(self.world.fresh("avant"))
        for one, two in reversed(order):
            same = equal_values(one.value, two.value)
            before = disj(less_value(one.value, two.value), conj(same, before))
        alike = conj(*(equal_values(one.value, two.value) for one, two in keys))
        there = conj(here, alike, before)
        return Sym(other, there, conj(here, unk), conj(here, na), conj(here, bad))

    # Calls.

    def _decision(self, expr: core.DecisionValue, scope: Scope) -> Sym:
        decision = self.program.decisions[expr.name]
        target: Elem | None = None
        if expr.base is not None:
            try:
                target = self._element(expr.base, scope)
            except Beyond as why:
                return self.anything(
                    why.reason, expr, decision.type, scope, optional=decision.optional
                )
        found = self.call(expr, target, scope)
        if self.noticed and scope.since is not None:
            when = conj(scope.reach, found.oof)
            self.noticed.faults.append(Fault("", expr, when, f"`{expr.name}`"))
        return attrs.evolve(found, oof=False)

    def _parameter(self, expr: core.ParameterValue, scope: Scope) -> Sym:
        parameter = self.program.parameters[expr.name]
        first = parameter.versions[0].period
        found = self._out_of_force(first, scope, expr, f"`{expr.name}`")
        for version in parameter.versions:
            value = constant(version.value, self.world.names)
            found = merge(scope.within(version.period), value, found)
        return self.notice_gap(found, scope, expr, f"`{expr.name}`")

    def _out_of_force(self, first: core.Period, scope: Scope, expr: core.Spanned, what: str) -> Sym:
        """What is answered outside all versions, the first of which is *first*."""
        before: Truth = False
        if first.attested and first.since is not None:
            before = scope.within(core.Period(None, first.since))
        return Sym(None, unk=before, bad=neg(before), oof=neg(before))

    def notice_gap(self, found: Sym, scope: Scope, expr: core.Spanned, what: str) -> Sym:
        """*found*, with the fault that it is to read what is not in force."""
        if self.noticed and scope.since is not None and found.oof is not False:
            self.noticed.faults.append(Fault("", expr, conj(scope.reach, found.oof), what))
        return attrs.evolve(found, oof=False)

    def _applies(self, operand: core.Expr, scope: Scope) -> Sym:
        found = self.eval(operand, scope)
        if found.unk is False or not isinstance(operand, core.DecisionValue):
            return Sym(neg(found.na), unk=found.unk, bad=found.bad)
        # A value that a text leaves open still applies.
        opened: Truth = found.unk
        applicable = self.program.decisions[operand.name].applicable
        if applicable is None or self.possible.is_closed(self.program, applicable):
            opened = False
        return Sym(neg(found.na), unk=opened, bad=found.bad)

    # Truth.

    def _count(self, expr: core.Count, scope: Scope) -> Sym:
        operands = [self.condition(o, scope) for o in expr.operands]
        _, na, bad = flags(operands)
        low, high = 0, 0
        for operand in operands:
            low = add(low, pick(operand.true, 1, 0))
            high = add(high, pick(operand.maybe, 1, 0))
        most = expr.maximum if expr.maximum is not None else len(operands)
        true = conj(at_most(expr.minimum, low), at_most(high, most))
        false = disj(less(high, expr.minimum), less(most, low))
        unk = conj(neg(bad), neg(na), neg(true), neg(false))
        return Sym(true, unk=unk, na=na, bad=bad)

    def _compare(self, expr: core.Compare, scope: Scope) -> Sym:
        left, right = self.eval(expr.left, scope), self.eval(expr.right, scope)
        if expr.start is not None:
            start = self.eval(expr.start, scope)
            left, right = (
                lift(lambda d, n: self._shifted(d, n, 1, False), start, side)
                for side in (left, right)
            )
        if expr.operator == "=":
            return self._equal(left, right)
        return self.less(left, right)

    def less(self, left: Sym, right: Sym) -> Sym:
        return _opened(lift(less_value, left, right), left, right)

    def _equal(self, left: Sym, right: Sym) -> Sym:
        return _opened(lift(equal_values, left, right), left, right)

    def _is_in(self, value: Any, items: Any) -> Truth:
        if not isinstance(items, Members):
            raise Beyond("liste")
        number = self.world.names.number
        return disj(*(conj(here, equal(value, number(m))) for m, here in items.by.items()))

    def _choice(self, expr: core.Choice, scope: Scope) -> Sym:
        condition = self.condition(expr.condition, scope)
        then = otherwise = None
        if condition.maybe is not False:
            then = self.eval(expr.then, scope.under(condition.maybe))
        if condition.maybe_not is not False:
            otherwise = self.eval(expr.otherwise, scope.under(condition.maybe_not))
        if then is None or otherwise is None:
            found = then or otherwise or Sym(None)
        else:
            found = merge(condition.truth, then, otherwise)
        return after(condition, found)

    # Numbers.

    def _arithmetic(self, expr: core.Arithmetic, scope: Scope) -> Sym:
        left, right = self.eval(expr.left, scope), self.eval(expr.right, scope)
        kind = expr.type
        if kind == DURATION:
            return lift(lambda a, b: _durations(expr.operator, a, b), left, right)
        if expr.operator == "÷":
            found = lift(div, left, right)
            if right.value is None:
                return found
            zero = conj(right.known, left.known, equal(right.value, 0))
            if self.noticed:
                self.noticed.faults.append(
                    Fault("E012", expr, conj(scope.reach, zero), "division par zéro")
                )
            return attrs.evolve(found, bad=disj(found.bad, zero))
        wide = kind in (DECIMAL, RATE, EXACT)
        apply = {"+": add, "-": sub, "×": mul}[expr.operator]
        return lift(lambda a, b: apply(real(a), real(b)) if wide else apply(a, b), left, right)

    def fold(self, word: str, values: Sequence[Sym]) -> Sym:
        """``somme``, ``maximum`` or ``minimum`` of values that are all there."""
        if word == "somme":
            return lift(_total, *values) if values else Sym(0)
        best = values[0]
        for value in values[1:]:
            best = self.better(word, best, value)
        return best

    def better(self, word: str, one: Sym, other: Sym) -> Sym:
        """The greater (``maximum``) or the smaller of the two."""

        def choose(a: Any, b: Any) -> Any:
            wins = less_value(a, b) if word == "maximum" else less_value(b, a)
            return pick_value(wins, b, a)

        return _opened(lift(choose, one, other), one, other)

    # Dates and periods.

    def _shifted(self, day: Day, length: Length, sign: int, round_up: bool) -> Day:
        months, days = length.months, length.days
        if sign < 0:
            months, days = minus(months), minus(days)
        moved = calendar.add_months(day, months, round_up=round_up)
        return self.days_after(moved, days)

    def days_after(self, day: Day, days: Any) -> Day:
        world = self.world
        if is_term(days):
            world.easy.append(equal(days, 0))
        return calendar.add_days(day, days, z3.Int, world.hold, world.fresh("jour"))

    def _range(self, expr: core.Range, scope: Scope) -> Sym:
        first = self.eval(expr.first, scope)
        if expr.last is None:
            return lift(lambda f: Stretch(f, False, f), first)
        last = self.eval(expr.last, scope)
        found = lift(lambda f, end: Stretch(f, True, end), first, last)
        if found.value is None:
            return found
        after_last = self.days_after(found.value.last, 1)
        backwards = conj(found.known, less(after_last.key, found.value.first.key))
        if self.noticed:
            self.noticed.faults.append(
                Fault("E021", expr, conj(scope.reach, backwards), "période qui finit avant de commencer")
            )  # fmt: skip
        return attrs.evolve(found, bad=disj(found.bad, backwards))

    def _edge(self, expr: core.Edge, scope: Scope) -> Sym:
        period = self.eval(expr.period, scope)
        if period.value is None:
            return period
        held: Stretch = period.value
        if expr.which == "premier jour après":
            return attrs.evolve(period, value=self.days_after(held.last, 1), present=held.ends)
        empty = conj(period.known, held.ends, less(held.last.key, held.first.key))
        bad = disj(period.bad, empty)
        if self.noticed:
            self.noticed.faults.append(
                Fault("E024", expr, conj(scope.reach, empty), "période sans jour")
            )
        if expr.which == "premier jour":
            return attrs.evolve(period, value=held.first, bad=bad)
        return attrs.evolve(period, value=held.last, present=held.ends, bad=bad)

    def _as_of(self, day: core.Expr, content: core.Expr, scope: Scope) -> Sym:
        found = self.eval(day, scope)
        if found.value is None:
            return found
        inside = Scope(
            found.value, scope.current, scope.variables, reach=conj(scope.reach, found.fine)
        )
        return after(attrs.evolve(found, value=True), self.eval(content, inside))

    # Lists of members.

    def _collection(self, items: Sequence[tuple[core.Expr, core.Expr | None]], scope: Scope) -> Sym:
        by: dict[str, Truth] = {}
        wrongs: list[Sym] = []
        for value, condition in items:
            while isinstance(value, core.Noted) or (
                isinstance(value, core.Staged) and not value.steps
            ):
                value = value.operand if isinstance(value, core.Noted) else value.value
            if not isinstance(value, core.Constant) or not isinstance(value.value, str):
                raise Beyond("la réunion de valeurs calculées")
            holds = Sym(True) if condition is None else self.condition(condition, scope)
            by[value.value] = disj(by.get(value.value, False), holds.true)
            wrongs.append(holds)
        unk, na, bad = flags(wrongs)
        return Sym(Members(by, True), unk=unk, na=na, bad=bad)

    # Steps.

    def _staged(self, value: core.Expr, steps: Sequence[core.Step], scope: Scope) -> Sym:
        found = self.eval(value, scope)
        for step in steps:
            found = self._step(step, found, scope)
        return found

    def _step(self, step: core.Step, value: Sym, scope: Scope) -> Sym:
        match step:
            case core.Cap(limit):
                bound = self.eval(limit, scope)
                capped = self.better("minimum", value, attrs.evolve(bound, na=False))
                return merge(conj(value.fine, bound.na), value, capped)
            case core.Floor(limit):
                return self.better("maximum", value, self.eval(limit, scope))
            case core.Widen():
                return lift(real, value)
            case core.Round():
                return lift(lambda n: _rounded(n, step), value)
            case core.WorkingDay():
                return self._working_day(step, value, scope)
            case core.SharedCap():
                return self._shared(step, value, scope)
        assert_never(step)

    def _working_day(self, step: core.WorkingDay, value: Sym, scope: Scope) -> Sym:
        """A day that is not before *value*, nor more than a week after; which, is not encoded."""
        if value.value is None:
            return value
        self.beyond.setdefault("jour ouvrable")
        moved: Day = self.world.day(self.world.fresh("jour ouvrable"), far=True)
        start: Day = value.value
        self.world.hold(at_most(start.key, moved.key))
        self.world.hold(at_most(moved.key, calendar.add_months(start, 1).key))
        return attrs.evolve(value, value=moved)

    def _shared(self, step: core.SharedCap, value: Sym, scope: Scope) -> Sym:
        """A part of *value*, none or all of it: what the others take is not encoded."""
        if value.value is None or isinstance(value.value, Length):
            raise Beyond("plafond partagé")
        self.beyond.setdefault("plafond partagé")
        found = self.world.anything(
            "plafond partagé", step.type, optional=False, unk=True, na=False
        )
        part, whole = found.value, value.value
        self.world.hold(conj(at_most(part, larger(whole, 0)), at_most(smaller(whole, 0), part)))
        return after(attrs.evolve(value, value=True), found)


def after(condition: Sym, found: Sym) -> Sym:
    """*found*, once *condition* is known: what is wrong in it is worse."""
    bad = disj(condition.bad, conj(neg(condition.na), neg(condition.unk), found.bad))
    na = conj(neg(bad), disj(condition.na, conj(neg(condition.unk), found.na)))
    unk = conj(neg(bad), neg(na), disj(condition.unk, found.unk))
    return attrs.evolve(found, unk=unk, na=na, bad=bad)


def _opened(found: Sym, left: Sym, right: Sym) -> Sym:
    """*found*, unknown where months meet days."""
    if found.value is None:
        return found
    open_ = open_between(left.value, right.value)
    if open_ is False:
        return found
    return attrs.evolve(found, unk=disj(found.unk, conj(found.fine, open_)))


def _type_said(expr: core.Expr) -> Type | None:
    match expr:
        case (
            core.Not() | core.All() | core.Some() | core.Count() | core.Compare() | core.IsOneOf()
            | core.IsIn() | core.IsPresent() | core.IsApplicable() | core.Covers() | core.Overlaps()
        ):  # fmt: skip
            return BOOL
        case core.Arithmetic(type=kind) | core.Extremum(type=kind) | core.Walk(type=kind):
            return kind
        case core.Supposing(type=kind):
            return kind
        case core.Shift():
            return DATE
        case core.Gap():
            return DURATION
    return None


def _is_truth(found: Sym) -> bool:
    return found.value is not None and is_truth(found.value)


def _total(*values: Any) -> Any:
    first = values[0]
    for value in values[1:]:
        first = _durations("+", first, value) if isinstance(first, Length) else add(first, value)
    return first


def _negated(value: Any) -> Any:
    return (
        Length(minus(value.months), minus(value.days))
        if isinstance(value, Length)
        else minus(value)
    )


def _durations(operator: str, left: Any, right: Any) -> Length:
    if operator == "×":
        if not isinstance(left, Length):
            left, right = right, left
        return Length(mul(left.months, right), mul(left.days, right))
    apply = add if operator == "+" else sub
    return Length(apply(left.months, right.months), apply(left.days, right.days))


def _gap(end: Day, start: Day, unit: str) -> Length:
    if unit == "jours":
        return Length(0, sub(end.ordinal, start.ordinal))
    if unit == "mois":
        return Length(calendar.months_between(start, end), 0)
    return Length(mul(12, calendar.years_between(start, end)), 0)


def _rounded(value: Any, step: core.Round) -> Any:
    quotient = div(value, step.unit) if step.unit != 1 else real(value)
    match step.rounding:
        case Rounding.UP:
            whole = minus(floor(minus(quotient)))
        case Rounding.DOWN:
            whole = floor(quotient)
        case Rounding.NEAREST:
            half = div(1, 2)
            whole = pick(
                less(quotient, 0),
                minus(floor(add(minus(quotient), half))),
                floor(add(quotient, half)),
            )
    return mul(whole, step.unit)


def _covers(period: Stretch, item: Any, of_period: bool) -> Truth:
    if not of_period:
        return conj(
            at_most(period.first.key, item.key),
            disj(neg(period.ends), at_most(item.key, period.last.key)),
        )
    empty = conj(item.ends, less(item.last.key, item.first.key))
    last = disj(neg(period.ends), conj(item.ends, at_most(item.last.key, period.last.key)))
    return disj(empty, conj(at_most(period.first.key, item.first.key), last))


def _overlaps(left: Stretch, right: Stretch) -> Truth:
    tests: list[Truth] = []
    for one in (left, right):
        for other in (left, right):
            tests.append(disj(neg(other.ends), at_most(one.first.key, other.last.key)))
    return conj(*tests)


def _first_of_year(day: Day) -> Day:
    return Day(mul(12, day.year), 1, day.year, 0)


def _last_of_year(day: Day) -> Day:
    return Day(add(mul(12, day.year), 11), 31, day.year, 11)


_BUILTINS: Mapping[str, Any] = {
    "année": lambda day: day.year,
    "mois": lambda day: add(day.rank, 1),
    "début_de_l_année": _first_of_year,
    "fin_de_l_année": _last_of_year,
    "fin_du_mois": lambda day: attrs.evolve(day, day=day.length),
}
