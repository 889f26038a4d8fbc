"""The meaning of the language: what each core form evaluates to.

The specification is the reference page of the language; this is it in Python, and every other
back end is held to it. An evaluation is a function of the program, the situation and a date:
it reads no clock, keeps nothing between two evaluations, and always ends, since decisions form
no cycle, save back along a list, and lists are finite.
"""

from __future__ import annotations

import sys
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import (
    DateOverflow,
    add_duration,
    days_between,
    months_between,
    next_working_day,
    subtract_duration,
    years_between,
)
from lexald.dsl.diagnostics import Message
from lexald.dsl.operations import FUNCTIONS
from lexald.dsl.types import ListType
from lexald.dsl.values import Duration

from . import arithmetic as math
from . import periods as ranges
from .ceilings import share
from .contest import is_condition, resolve_decision
from .elements import Element, Situation
from .environment import (
    HYPOTHESIS,
    BudgetExceeded,
    Decided,
    Env,
    doubt_of,
    open_condition,
    out_of_force,
    overflow,
    placed,
    version_on,
)
from .lookup import look_up
from .outcomes import (
    WHOLE,
    Conflict,
    FactPath,
    Failure,
    NotApplicable,
    Outcome,
    Unknown,
    bare,
    fewer,
    is_known,
    same,
    spread,
    together,
    worst,
)
from .sequences import Before, Chains, before
from .stretches import Tried, boundaries, days_of, reached, tried, tried_of
from .walks import collect, group, walk

T = TypeVar("T")

# Steps allowed per node of the program and element of the situation.
STEPS_PER_NODE = 400
# What was asked is not in force yet, or no longer.
OUT_OF_FORCE = frozenset(["E001", "E002"])
TOO_LONG = Failure(
    "E014", Message("le calcul dépasse sa limite", "the evaluation is over its limit")
)


# Python frames that the deepest law may take: the checker bounds its chains and its expressions.
# Set once, here, and not around each evaluation: the limit is that of all threads.
FRAMES = 100_000
sys.setrecursionlimit(max(sys.getrecursionlimit(), FRAMES))


@attrs.define
class _Meter:
    """The steps taken, against those allowed; shared with the worlds that are supposed."""

    budget: int
    steps: int = 0


class Evaluation:
    """One situation at one date of law. Decisions are worked out when asked, once."""

    def __init__(
        self,
        program: core.Program,
        situation: Situation,
        on: date,
        *,
        within: Evaluation | None = None,
    ) -> None:
        """*within*: the evaluation that supposes this one, and whose budget it shares."""
        self.program = program
        self.situation = situation
        self.on = on
        self._decided: dict[tuple[str, Any, date, object], Decided] = {}
        # Of elements whose day is not known: asked again and again by each rule, on each day tried.
        self._over_days: dict[tuple[str, FactPath], Decided] = {}
        self.shares: dict[tuple[Any, ...], tuple[Any, dict[Any, Outcome]]] = {}
        # The law of a day, for what depends on nothing else: days of a walk are many.
        self._steady: dict[int, tuple[date, ...] | None] = {}
        self._kept_tried: dict[int, Tried] = {}
        self._as_ofs: dict[tuple[int, FactPath, int], Outcome] = {}
        self.befores: dict[tuple[Any, ...], dict[Any, Before]] = {}
        self._chains = Chains()
        self._too_long: set[tuple[str, Any]] = set()
        self._worlds: dict[tuple[Any, ...], Evaluation] = {}
        elements = sum(1 for _ in situation.elements())
        budget = STEPS_PER_NODE * (1000 + program.size) * (2 + elements)
        self._meter: _Meter = within._meter if within else _Meter(budget)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decide(self, name: str, element: Element | None = None) -> Decided:
        """What decision *name* answers, for *element* if it is a decision of an entity.

        Beyond the budget of steps, which the program and the situation fix, an error E014.
        """
        self.restart()
        key = (name, element.path if element else ())
        if key not in self._too_long:
            try:
                return self.decide_in(name, element, Env(self.on))
            except BudgetExceeded:
                self._too_long.add(key)
        return Decided(TOO_LONG)

    def restart(self) -> None:
        """Each decision asked, and each proof, has the whole budget."""
        self._meter.steps = 0

    def forbidden(self) -> Iterator[tuple[core.Forbidden, Element | None, Outcome]]:
        """The declared impossibilities that the situation falls under, or that cannot be judged.

        The third is `True`, or the failure that prevents one from judging.
        """
        for rule in self.program.forbidden:
            for element, found in self.judged(rule):
                if found is True or isinstance(found, Failure):
                    yield rule, element, found

    def answered(self) -> frozenset[str]:
        """The decisions worked out so far, of whatever element, those that others asked included."""
        return frozenset(key[0] for key in self._decided)

    def broken(
        self, guarantees: Iterable[core.Guarantee] | None = None
    ) -> Iterator[tuple[core.Guarantee, Element | None, Outcome]]:
        """Which of *guarantees* (all of the law's by default) do not hold of the situation.

        The third is `False`, or the conflict or the failure that prevents one from judging. What
        is not known breaks nothing, and a guarantee says nothing of a day on which what it reads
        is not in force.
        """
        for guarantee in self.program.guarantees if guarantees is None else guarantees:
            for element, found in self.judged(guarantee):
                if isinstance(found, Failure) and found.code in OUT_OF_FORCE:
                    continue
                if found is False or isinstance(found, Conflict | Failure):
                    yield guarantee, element, found

    def judged(
        self, rule: core.Forbidden | core.Guarantee
    ) -> Iterator[tuple[Element | None, Outcome]]:
        """What the condition of *rule* comes to, for the situation or each element of its entity."""
        elements: list[Element | None] = [None]
        if rule.entity is not None:
            elements = [e for e in self.situation.elements() if e.entity == rule.entity]
        for element in elements:
            self.restart()
            env = self.env_for(element, Env(self.on))
            try:
                yield element, self.eval(rule.condition, env) if isinstance(env, Env) else env
            except BudgetExceeded:
                yield element, TOO_LONG

    def env_for(self, element: Element | None, caller: Env) -> Env | Unknown:
        """At the date that rules *element*: that of its event, else the caller's."""
        event = self.program.entities[element.entity].event if element else None
        if element is None or event is None:
            return Env(caller.on, element, undated=caller.undated)
        day = self._fact(element, event)
        return day if isinstance(day, Unknown) else Env(day, element)

    def decide_in(self, name: str, element: Element | None, caller: Env) -> Decided:
        """What decision *name* answers to a rule that is evaluated in *caller*."""
        path = element.path if element else ()
        hypotheses = self.situation.hypotheses
        if (name, path) in hypotheses:
            return Decided(hypotheses[name, path], (HYPOTHESIS,))
        env = self.env_for(element, caller)
        if isinstance(env, Unknown):
            return self.once(
                self._over_days, (name, path),
                lambda: self._undated(
                    env,
                    tried_of(self.program, name),
                    lambda day, why: self._at(name, element, day, why),
                ),
            )  # fmt: skip
        return self._at(name, element, env.on, env.undated)

    def _at(self, name: str, element: Element | None, on: date, undated: Unknown | None) -> Decided:
        key = (name, element.path if element else (), on, doubt_of(undated))
        found = self._decided.get(key)
        if found is None:
            chain = self.program.chains.get(name)

            def work() -> Decided:
                decision = self.program.decisions[name]
                decided = self.resolve(decision, Env(on, element, undated=undated))
                if chain is not None:
                    decided = attrs.evolve(decided, outcome=fewer(decided.outcome))
                self._decided[key] = decided
                return decided

            found = work() if chain is None else self._chains.work(chain, key[1], work)
        return found

    def resolve(self, decision: core.Decision, env: Env) -> Decided:
        """What the rules of *decision* come to in *env*: asked once for each, then remembered."""
        return resolve_decision(self, decision, env)

    # What a subclass that traces is told of, and the plain evaluation does not keep.

    def weighs(self, decision: core.Decision, rule: core.Rule, env: Env) -> None:
        """Whether the exception *rule* holds is being asked."""

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        """A row of *table* is being looked for."""

    def once(self, found: dict[Any, T], key: Any, work: Callable[[], T]) -> T:
        """What *work* gives, worked out the first time and kept in *found* under *key*."""
        if key not in found:
            found[key] = work()
        return found[key]

    def each_day(self, expr: core.Expr, element: Element, caller: Env) -> Outcome:
        """What *expr* of *element* comes to, at the day that rules it."""
        env = self.env_for(element, caller)
        if isinstance(env, Env):
            return self.eval(expr, env)
        return self._undated(
            env,
            self._days_tried(expr),
            lambda day, why: Decided(self.eval(expr, Env(day, element, undated=why))),
        ).outcome

    def _undated(
        self, why: Unknown, tried: Tried, at: Callable[[date, Unknown], Decided]
    ) -> Decided:
        """The one answer that all versions give, when the date itself is not known.

        The latest law is tried first; beside the date, what it would ask is asked.
        """
        if tried.is_one:
            return at(
                tried.days[0], why
            )  # no version: the date only counts where it is itself read
        first: Decided | None = None
        for day in reversed(tried.days):
            found = at(day, why)
            if isinstance(found.outcome, Unknown):
                return Decided(together([why, found.outcome]))
            if first is None:
                first = found
            elif not same(found.outcome, first.outcome):
                return Decided(Unknown(why.weights, why.reasons))
            elif found.applied != first.applied:
                first = Decided(first.outcome)  # no rule gives it on all days
        assert first is not None
        return first

    def _days_tried(self, expr: core.Expr) -> Tried:
        # An expression of the program: it lives as long as the evaluation.
        if id(expr) not in self._kept_tried:
            self._kept_tried[id(expr)] = tried(self.program, expr)
        return self._kept_tried[id(expr)]

    def _boundaries(self, name: str) -> tuple[date, ...]:
        """One day in each stretch of time over which decision *name* has one version."""
        return boundaries(self.program, name)

    def stretch(self, name: str, on: date) -> int:
        """Which of the stretches of time of `_boundaries` the day falls in."""
        return bisect(self._boundaries(name), on)

    # ── facts ────────────────────────────────────────────────────────────────────────────

    def _fact(self, element: Element, name: str) -> Outcome:
        if name in element.facts:
            return element.facts[name]
        field = self.program.entities[element.entity].fields[name]
        return self._untold(field, (*element.path, name))

    def _untold(self, field: core.Field, path: tuple[str | int, ...]) -> Unknown:
        # Optional facts may be absent: their bounds say nothing of that.
        # Those of a list are of its items.
        is_bounded = field.bounds and not field.optional and not isinstance(field.type, ListType)
        low, high = field.bounds if field.bounds and is_bounded else (None, None)
        return Unknown({path: WHOLE}, frozenset(), low, high)

    def _spend(self, steps: int) -> None:
        meter = self._meter
        meter.steps += steps
        if meter.steps > meter.budget:
            raise BudgetExceeded

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        """What *expr* comes to in *env*."""
        meter = self._meter
        meter.steps += 1
        if meter.steps > meter.budget:
            raise BudgetExceeded
        outcome = self._eval(expr, env)
        if isinstance(outcome, Unknown) and is_condition(expr, self.program):
            return open_condition(expr, outcome, env)
        return outcome

    def _eval(self, expr: core.Expr, env: Env) -> Outcome:
        # The commonest first: each form is tried in turn.
        match expr:
            case core.Current():
                return env.current
            case core.Fact(base, name):
                element = self.eval(base, env)
                if not isinstance(element, Element):
                    return bare(element)
                found = self._fact(element, name)
                if env.watch and not isinstance(found, Element):
                    env.watch("fact", (*element.path, name), found, env)
                return found
            case core.Constant(value):
                return value
            case core.Compare():
                return placed(self._compare(expr, env), env, expr)
            case core.Choice():
                return self._choice(expr, env)
            case core.DecisionValue(name, base):
                element = None if base is None else self.eval(base, env)
                if element is not None and not isinstance(element, Element):
                    return bare(element)
                decided = self.decide_in(name, element, env)
                if env.watch:
                    env.watch("decision", (name, element), decided, env)
                return decided.outcome
            case core.Previous():
                found = before(self, expr.sequence, env).element
                if env.watch:
                    env.watch("before", expr.sequence, found, env)
                return found
            case core.IsPresent(core.Previous(sequence)):
                found = before(self, sequence, env)
                if env.watch:
                    env.watch("before", sequence, found.element, env)
                return found.is_there
            case core.IsPresent(operand):
                return math.lift(lambda value: value is not None, (self.eval(operand, env),))
            case core.All(operands):
                return self._all(operands, True, env)
            case core.Variable(name):
                return env.variables[name]
            case core.Walk():
                return walk(self, expr, env)
            case core.Not(operand):
                return math.lift(lambda a: not a, (self.eval(operand, env),))
            case core.Staged(value, steps):
                return self.staged(expr, len(steps), env)
            case core.Noted(operand, notes):
                if env.watch:
                    env.watch("notes", notes, None, env)
                return self.eval(operand, env)
            case core.IsOneOf(operand, choices):
                value = self.eval(operand, env)
                tests = [math.equal(value, self.eval(choice, env)) for choice in choices]
                return math.any_of(tests)
            case core.Owner(base):
                return math.lift(lambda e: e.owner, (self.eval(base, env),))
            case core.Root(name):
                found = self.situation.roots.get(name, _UNTOLD)
                if found is _UNTOLD:
                    found = self._untold(self.program.roots[name], (name,))
                if env.watch and not isinstance(found, Element):
                    env.watch("fact", (name,), found, env)
                return found
            case core.ParameterValue(name):
                parameter = self.program.parameters[name]
                version = version_on(parameter.versions, env.on)
                if isinstance(version, core.ParameterVersion):
                    if env.watch:
                        env.watch("parameter", parameter, version, env)
                    return version.value
                return out_of_force(version, f"`{name}`", env, expr)
            case core.TableValue():
                return look_up(self, expr, env)
            case core.Some(operands):
                return self._all(operands, False, env)
            case core.Count():
                return self._count(expr, env)
            case core.IsIn(operand, items):
                return math.lift(
                    lambda value, found: value in found,
                    (self.eval(operand, env), self.eval(items, env)),
                )
            case core.IsApplicable(operand):
                value = self.eval(operand, env)
                if isinstance(value, NotApplicable):
                    return False
                return self._applies(operand, value, env)
            case core.Arithmetic(operator, left, right, kind):
                result = math.calculate(operator, self.eval(left, env), self.eval(right, env), kind)
                return placed(result, env, expr)
            case core.Negate(operand):
                return math.negate(self.eval(operand, env))
            case core.Exact(operand):
                return math.to_exact(self.eval(operand, env))
            case core.Shift():
                return self._shift(expr, env)
            case core.Gap(end, start, unit):
                return math.lift(
                    lambda last, first: _gap(last, first, unit),
                    (self.eval(end, env), self.eval(start, env)),
                )
            case core.Range(first, last):
                begins = self.eval(first, env)
                return placed(ranges.make(begins, last and self.eval(last, env)), env, expr)
            case core.Covers(period, item, of_period):
                held = self.eval(period, env), self.eval(item, env)
                return ranges.covers(*held, of_period=of_period)
            case core.Overlaps(left, right):
                return ranges.overlaps(self.eval(left, env), self.eval(right, env))
            case core.Edge(which, period):
                try:
                    return placed(ranges.edge(which, self.eval(period, env)), env, expr)
                except DateOverflow:
                    return overflow(env, expr)
            case core.Days(operands):
                found = ranges.days([self.eval(one, env) for one in operands], self._spend)
                return placed(found, env, expr)
            case core.Builtin(name, arguments):
                try:
                    return math.lift(
                        FUNCTIONS[name].meaning, [self.eval(a, env) for a in arguments]
                    )
                except DateOverflow:
                    return overflow(env, expr)
            case core.Groups():
                return group(self, expr, env)
            case core.Extremum(word, operands, kind):
                values = [self.eval(operand, env) for operand in operands]
                if word == "somme":
                    return placed(math.total(values, kind), env, expr)
                return math.least(values) if word == "minimum" else math.greatest(values)
            case core.Collection(items):
                return collect(self, items, env)
            case core.AsOf():
                return self._as_of(expr, env)
            case core.Supposing():
                return self._supposing(expr, env)
            case core.ConsideredDate():
                return env.undated or env.on
            case core.Undetermined(reason, formalised):
                said = reason if formalised else f"non formalisé : {reason}"
                return Unknown(reasons=frozenset({said}))
        raise AssertionError(f"not a core expression: {expr!r}")

    # Truth.

    def _all(self, operands: Sequence[core.Expr], conjunction: bool, env: Env) -> Outcome:
        """``et`` (*conjunction*) or ``ou``: the deciding truth absorbs what is unknown."""
        outcomes = [self.eval(operand, env) for operand in operands]
        return math.any_of(outcomes) if not conjunction else math.invert(
            math.any_of([math.invert(outcome) for outcome in outcomes])
        )  # fmt: skip

    def _count(self, expr: core.Count, env: Env) -> Outcome:
        outcomes = [self.eval(operand, env) for operand in expr.operands]
        wrong = worst(outcomes)
        if wrong is not None and not isinstance(wrong, Unknown):
            return wrong
        low = sum(outcome is True for outcome in outcomes)
        high = low + sum(isinstance(outcome, Unknown) for outcome in outcomes)
        most = expr.maximum if expr.maximum is not None else len(outcomes)
        if expr.minimum <= low and high <= most:
            return True
        if high < expr.minimum or low > most:
            return False
        assert wrong is not None
        return wrong

    def _compare(self, expr: core.Compare, env: Env) -> Outcome:
        left, right = self.eval(expr.left, env), self.eval(expr.right, env)
        if expr.start is not None:
            start = self.eval(expr.start, env)
            try:
                left, right = (math.lift(add_duration, (start, side)) for side in (left, right))
            except DateOverflow:
                return overflow(env, expr)
        return math.less(left, right) if expr.operator == "<" else math.equal(left, right)

    def _applies(self, operand: core.Expr, value: Outcome, env: Env) -> Outcome:
        """Whether a decision applies: one that has a value does, and one that is not known may."""
        if isinstance(value, Failure):
            return value
        if not isinstance(value, Unknown):
            return True
        if isinstance(operand, core.DecisionValue):
            decision = self.program.decisions[operand.name]
            element = None if operand.base is None else self.eval(operand.base, env)
            if decision.applicable is not None and (
                element is None or isinstance(element, Element)
            ):
                path = element.path if element else ()
                if (operand.name, path) in self.situation.hypotheses:
                    return True
                inside = self.env_for(element, env)
                if isinstance(inside, Env):
                    return self.eval(decision.applicable, inside)
        return bare(value)

    def _choice(self, expr: core.Choice, env: Env) -> Outcome:
        condition = self.eval(expr.condition, env)
        if condition is True:
            return self.eval(expr.then, env)
        if condition is False:
            return self.eval(expr.otherwise, env)
        if not isinstance(condition, Unknown):
            return condition
        branches = [self.eval(expr.then, env), self.eval(expr.otherwise, env)]
        if same(*branches) and not isinstance(branches[0], Unknown):
            return branches[0]
        unknowns = [branch for branch in branches if isinstance(branch, Unknown)]
        return spread(together([condition, *unknowns]), branches)

    # Dates.

    def _shift(self, expr: core.Shift, env: Env) -> Outcome:
        move = add_duration if expr.sign > 0 else subtract_duration

        def one(day: date, duration: Duration) -> date:
            return move(day, duration, round_up=expr.round_up)

        def ends(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, Any] | None:
            (first, last), (least, most) = pairs
            if least != most:
                return None
            try:
                return one(first, least), one(last, most)
            except DateOverflow:
                return None  # some of the days that it may be have no such day: no bounds

        try:
            return math.lift(one, (self.eval(expr.day, env), self.eval(expr.duration, env)), ends)
        except DateOverflow:
            return overflow(env, expr)

    def _as_of(self, expr: core.AsOf, env: Env) -> Outcome:
        day = self.eval(expr.day, env)
        if isinstance(day, Unknown):
            return self._undated(
                day,
                self._days_tried(expr.content),
                lambda d, why: Decided(self.eval(expr.content, env.on_date(d, why))),
            ).outcome
        if not isinstance(day, date):
            return day
        inside = env.on_date(day, None)
        if id(expr) not in self._steady:
            # An expression of the program: it lives as long as the evaluation.
            moves = any(
                isinstance(node, core.ConsideredDate)
                for node in reached(self.program, expr.content)
            ) or any(isinstance(node, core.Variable) for node in core.parts(expr.content))
            self._steady[id(expr)] = None if moves else days_of(self.program, expr.content)
        stretches = self._steady[id(expr)]
        if stretches is None or env.watch is not None:
            return self.eval(expr.content, inside)
        key = id(expr), env.current.path if env.current else (), bisect(stretches, day)
        return self.once(self._as_ofs, key, lambda: self.eval(expr.content, inside))

    # Suppositions.

    def _supposing(self, expr: core.Supposing, env: Env) -> Outcome:
        base = expr.decision.base
        element = None if base is None else self.eval(base, env)
        value = self.eval(expr.value, env)
        if element is not None and not isinstance(element, Element):
            return bare(element)
        if not is_known(value):
            return bare(value)
        key = (expr.decision.name, element.path if element else ())
        world = self._worlds.get((*key, value))
        if world is None:
            hypotheses = {**self.situation.hypotheses, key: value}
            supposed = attrs.evolve(self.situation, hypotheses=hypotheses)
            world = type(self)(self.program, supposed, self.on, within=self)
            self._worlds[(*key, value)] = world
        # Another world, other truths: what is guessed in this one says nothing there.
        found = world.eval(
            expr.content, Env(env.on, env.current, env.variables, undated=env.undated)
        )
        if env.watch:
            env.watch("supposed", expr, found, env)
        return found

    # Steps.

    def staged(self, expr: core.Staged, upto: int, env: Env) -> Outcome:
        """*expr* after its first *upto* steps."""
        value = self.eval(expr.value, env)
        for place, step in enumerate(expr.steps[:upto]):
            before = value
            value = self._step(expr, place, step, value, env)
            if env.watch:
                env.watch("step", (expr, step, before), value, env)
        return value

    def _step(
        self, expr: core.Staged, place: int, step: core.Step, value: Outcome, env: Env
    ) -> Outcome:
        if not is_known(value) and not isinstance(value, Unknown):
            return value
        match step:
            case core.Cap(limit):
                bound = self.eval(limit, env)
                return value if isinstance(bound, NotApplicable) else math.least([value, bound])
            case core.Floor(limit):
                return math.greatest([value, self.eval(limit, env)])
            case core.Widen():
                return math.to_exact(value)
            case core.Round():
                return math.rounded(value, step)
            case core.WorkingDay():
                try:
                    return math.lift(next_working_day, (value,))
                except DateOverflow:
                    return overflow(env, step)
            case core.SharedCap():
                return share(self, expr, place, step, value, env)


def _gap(end: date, start: date, unit: str) -> Duration:
    if unit == "jours":
        return Duration.of(days=days_between(start, end))
    if unit == "mois":
        return Duration.of(months=months_between(start, end))
    return Duration.of(years=years_between(start, end))


_UNTOLD = object()
