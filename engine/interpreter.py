"""The meaning of the language: what each core form evaluates to.

The specification is the reference page of the language; this is it in Python, and every other
back end is held to it. An evaluation is a function of the program, the situation and a date:
it reads no clock, keeps nothing between two evaluations, and always ends, since decisions form
no cycle and lists are finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.checker import parts
from lexald.dsl.dates import (
    DateOverflow,
    add_duration,
    days_between,
    french_date,
    months_between,
    next_working_day,
    subtract_duration,
    years_between,
)
from lexald.dsl.diagnostics import Message
from lexald.dsl.operations import FUNCTIONS
from lexald.dsl.program import GENERAL
from lexald.dsl.tables import is_default, passes
from lexald.dsl.types import INT, EnumType
from lexald.dsl.values import Amount, Duration

from . import arithmetic as math
from .outcomes import (
    Conflict,
    Failure,
    NotApplicable,
    Outcome,
    Side,
    Unknown,
    bounds,
    is_known,
    together,
    worst,
)
from .elements import Element, Elements, Situation

# Beyond this number of open conditions in one decision, no guess is tried: the answer is
# unknown unless plain three-valued logic settles it. Part of the language's definition.
MAX_GUESSES = 8
# Steps allowed per node of the program and element of the situation.
STEPS_PER_NODE = 400
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


class Evaluation:
    """One situation at one date of law. Decisions are worked out when asked, once."""

    def __init__(self, program: core.Program, situation: Situation, on: date) -> None:
        self.program = program
        self.situation = situation
        self.on = on
        self._decided: dict[tuple[str, Any, date, bool], Decided] = {}
        self._shares: dict[tuple[Any, ...], dict[Any, Outcome]] = {}
        self._reach: dict[str, tuple[date, ...]] = {}
        self._steps = 0
        self._budget = STEPS_PER_NODE * _size(program) * (2 + sum(1 for _ in situation.elements()))

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decide(self, name: str, element: Element | None = None) -> Decided:
        """What decision *name* answers, for *element* if it is a decision of an entity.

        Raises:
            BudgetExceeded: a deterministic limit; see the module.
        """
        return self.decide_in(name, element, Env(self.on))

    def forbidden(self) -> Iterator[tuple[core.Forbidden, Element | None]]:
        """The declared impossibilities that the situation falls under."""
        for rule in self.program.forbidden:
            if rule.entity is None:
                if self.eval(rule.condition, Env(self.on)) is True:
                    yield rule, None
                continue
            for element in self.situation.elements():
                if element.entity == rule.entity:
                    env = self.env_for(element, Env(self.on))
                    if isinstance(env, Env) and self.eval(rule.condition, env) is True:
                        yield rule, element

    def env_for(self, element: Element | None, caller: Env) -> Env | Unknown:
        """At the date that rules *element*: that of its event, else the caller's."""
        env = Env(caller.on, element, undated=caller.undated)
        if element is None:
            return env
        event = self.program.entities[element.entity].event
        if event is None:
            return env
        day = self._fact(element, event)
        if isinstance(day, Unknown):
            return day
        return attrs.evolve(env, on=day, undated=None)

    def decide_in(self, name: str, element: Element | None, caller: Env) -> Decided:
        """What decision *name* answers to a rule that is evaluated in *caller*."""
        path = element.path if element else ()
        hypotheses = self.situation.hypotheses
        if (name, path) in hypotheses:
            return Decided(hypotheses[name, path], ("hypothèse",))
        env = self.env_for(element, caller)
        if isinstance(env, Unknown):
            return self._undated(
                env, self._boundaries(name), lambda day, why: self._at(name, element, day, why)
            )
        return self._at(name, element, env.on, env.undated)

    def _at(self, name: str, element: Element | None, on: date, undated: Unknown | None) -> Decided:
        key = (name, element.path if element else (), on, undated is not None)
        found = self._decided.get(key)
        if found is None:
            decision = self.program.decisions[name]
            found = self._decide(decision, Env(on, element, undated=undated))
            self._decided[key] = found
        return found

    def _undated(
        self, why: Unknown, days: Sequence[date], at: Callable[[date, Unknown], Decided]
    ) -> Decided:
        """The one answer that all versions give, when the date itself is not known."""
        found = [at(day, why) for day in days]
        first = found[0]
        if all(_same(d.outcome, first.outcome) for d in found) and not isinstance(
            first.outcome, Unknown
        ):
            return first
        return Decided(
            together([why, *(d.outcome for d in found if isinstance(d.outcome, Unknown))])
        )

    def _boundaries(self, name: str) -> tuple[date, ...]:
        """One day in each stretch of time over which decision *name* has one version."""
        if name not in self._reach:
            names, todo = {name}, [name]
            nodes: list[object] = []
            while todo:
                decision = self.program.decisions[todo.pop()]
                nodes.append((decision.applicable, decision.general or (), decision.exceptions))
                for node in parts(nodes[-1]):
                    if isinstance(node, core.DecisionValue) and node.name not in names:
                        names.add(node.name)
                        todo.append(node.name)
            self._reach[name] = self._days(tuple(nodes))
        return self._reach[name]

    def _days(self, nodes: object) -> tuple[date, ...]:
        found: set[date] = set()
        for node in parts(nodes):
            periods: list[core.Period] = []
            match node:
                case core.ParameterValue(name):
                    periods = [v.period for v in self.program.parameters[name].versions]
                case core.TableValue(name):
                    periods = [v.period for v in self.program.tables[name].versions]
                case core.RuleVersion(period):
                    periods = [period]
            found |= {d for p in periods for d in (p.since, p.until) if d}
        days = sorted(found)
        before = days[0] - timedelta(days=1) if days and days[0] > date.min else date.min
        return (before, *days)

    def _decide(self, decision: core.Decision, env: Env) -> Decided:
        """Three-valued first; then, if conditions are open, a guess of each (see `_guess`)."""
        opened: dict[object, Unknown] = {}
        found = self._resolve(decision, attrs.evolve(env, opened=opened))
        if not isinstance(found.outcome, Unknown) or not opened:
            return found
        if len(opened) > MAX_GUESSES:
            return found
        return self._guess(decision, env, found, opened)

    def _guess(
        self, decision: core.Decision, env: Env, found: Decided, opened: dict[object, Unknown]
    ) -> Decided:
        """One outcome over all truths of the open conditions is a known result.

        A condition has one truth everywhere in the decision. Those whose truth never changes
        the outcome are not asked; the others are weighed by how often it does.
        """
        conditions = list(opened)
        outcomes: dict[tuple[bool, ...], Decided] = {}
        for truths in product((True, False), repeat=len(conditions)):
            guesses = dict(zip(conditions, truths, strict=True))
            outcomes[truths] = self._resolve(decision, attrs.evolve(env, guesses=guesses))
        every = list(outcomes.values())
        first = every[0]
        if all(_same(d.outcome, first.outcome) for d in every):
            if all(d.applied == first.applied for d in every):
                return first
            return Decided(first.outcome, ())
        weights: dict[Any, Fraction] = {}
        reasons: frozenset[str] = frozenset()
        half = Fraction(2, len(outcomes))
        for place, condition in enumerate(conditions):
            changes = sum(
                not _same(d.outcome, outcomes[*t[:place], False, *t[place + 1 :]].outcome)
                for t, d in outcomes.items()
                if t[place]
            )
            if changes:
                unknown = opened[condition]
                reasons |= unknown.reasons
                for path, weight in unknown.weights.items():
                    weights[path] = weights.get(path, Fraction(0)) + changes * half * weight
        for decided in every:
            if isinstance(decided.outcome, Unknown):
                reasons |= decided.outcome.reasons
                for path, weight in decided.outcome.weights.items():
                    weights[path] = weights.get(path, Fraction(0)) + weight / len(outcomes)
        low, high = found.outcome.low, found.outcome.high
        return Decided(Unknown(weights, reasons, low, high))

    def _resolve(self, decision: core.Decision, env: Env) -> Decided:
        if decision.applicable is not None:
            applies = self.eval(decision.applicable, env)
            if applies is False:
                return Decided(NotApplicable(decision.name))
            if applies is not True and not isinstance(applies, Unknown):
                return Decided(applies)
            if isinstance(applies, Unknown):
                inner = self._contest(decision, "", env)
                return Decided(
                    together(o for o in (applies, inner.outcome) if isinstance(o, Unknown))
                )
        return self._contest(decision, "", env)

    def _contest(self, decision: core.Decision, target: str, env: Env) -> Decided:
        """The exceptions to *target* (``""``: the whole decision) against what they except."""
        rivals = [rule for rule in decision.exceptions if rule.target == target]
        holds = {rule.label: self.live(decision, rule, env) for rule in rivals}
        wrong = worst(holds.values())
        if wrong is not None and not isinstance(wrong, Unknown):
            return Decided(wrong)
        live = [rule for rule in rivals if holds[rule.label] is True]
        if isinstance(wrong, Unknown):
            # What may hold is evaluated too: its own unknowns are questions as well.
            maybe = [rule for rule in rivals if holds[rule.label] is not False]
            parts_ = [self._applied(decision, rule, env) for rule in maybe]
            parts_.append(self._base(decision, target, env))
            unknowns = [d.outcome for d in parts_ if isinstance(d.outcome, Unknown)]
            return Decided(_spread(together([wrong, *unknowns]), parts_))
        standing = [
            rule for rule in live if not any(rule.label in other.outranks for other in live)
        ]
        if not standing:
            return self._base(decision, target, env)
        found = [(rule, self._applied(decision, rule, env)) for rule in standing]
        if len(found) == 1:
            return found[0][1]
        return self._compete(decision, found, env)

    def _base(self, decision: core.Decision, target: str, env: Env) -> Decided:
        """What holds when no exception to *target* does."""
        if target == "":
            return self._contest(decision, GENERAL, env)
        if target == GENERAL:
            if decision.general is None:
                return Decided(
                    self._failure(
                        "E004", f"aucune règle de `{decision.name}` ne s'applique",
                        f"no rule of `{decision.name}` applies", env, decision,
                    )
                )  # fmt: skip
            return self._value(decision, decision.general, env)
        rule = next(r for r in decision.exceptions if r.label == target)
        return self._value(decision, rule, env)

    def _applied(self, decision: core.Decision, rule: core.Rule, env: Env) -> Decided:
        """*rule* or, where one holds, an exception to it."""
        return self._contest(decision, rule.label, env)

    def _value(self, decision: core.Decision, rule: core.Rule, env: Env) -> Decided:
        version = self.version(rule.versions, env.on)
        if isinstance(version, core.RuleVersion):
            inside = attrs.evolve(env, rule=(decision, rule))
            return Decided(self.eval(version.value, inside), (rule.label,))
        what = f"`{decision.name}`" if rule.label == GENERAL else f"« {rule.label} »"
        return Decided(self._out_of_force(version, what, env, rule))

    def _compete(
        self, decision: core.Decision, found: list[tuple[core.Rule, Decided]], env: Env
    ) -> Decided:
        outcomes = [decided.outcome for _, decided in found]
        labels = tuple(sorted({label for _, d in found for label in d.applied}))
        wrong = worst(outcomes)
        if wrong is not None and not isinstance(wrong, Unknown):
            return Decided(wrong)
        if decision.concurrence:
            if None in outcomes:
                return Decided(self._failure("E005", "un motif absent ne concourt pas",
                                             "an absent ground does not compete", env, decision))  # fmt: skip
            pick = math.least if decision.concurrence == "le plus faible" else math.greatest
            if decision.concurrence == "le plus favorable" and True in outcomes:
                best: Outcome = True
            elif decision.concurrence == "le plus favorable":
                best = wrong if wrong is not None else False
            else:
                best = pick(outcomes)
            if not is_known(best):
                return Decided(best)
            by = {label for _, d in found if _same(d.outcome, best) for label in d.applied}
            return Decided(best, tuple(sorted(by)))
        known = [(rule, d) for rule, d in found if is_known(d.outcome)]
        differing = any(not _same(d.outcome, known[0][1].outcome) for _, d in known)
        if differing:
            sides = tuple(
                Side(rule.label, d.outcome, self._cited(rule, env.on))
                for rule, d in sorted(known, key=lambda pair: pair[0].label)
            )
            path = env.current.path if env.current else ()
            return Decided(Conflict(decision.name, path, sides))
        if isinstance(wrong, Unknown):
            return Decided(wrong)
        return Decided(outcomes[0], labels)

    def _cited(self, rule: core.Rule, on: date) -> tuple[core.Citation, ...]:
        version = self.version(rule.versions, on)
        return version.notes.citations if isinstance(version, core.RuleVersion) else ()

    def live(self, decision: core.Decision, rule: core.Rule, env: Env) -> Outcome:
        """Whether an exception holds: in force, and its guard true."""
        version = self.version(rule.versions, env.on)
        if isinstance(version, core.RuleVersion):
            if version.guard is None:
                return True
            return self.eval(version.guard, attrs.evolve(env, rule=(decision, rule)))
        if isinstance(version, Unknown):
            return self._open(("en vigueur", decision.name, rule.label), version, env)
        return False

    # ── versions ─────────────────────────────────────────────────────────────────────────

    def version(self, versions: Sequence[Any], on: date) -> Any:
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

    def _out_of_force(self, found: Any, what: str, env: Env, at: core.Spanned) -> Outcome:
        if isinstance(found, Unknown):
            return found
        since, until = found.since, found.until
        if since is not None and env.on < since:
            return self._failure(
                "E001", f"{what} n'est en vigueur que depuis le {french_date(since)}",
                f"{what} is in force only since {since}", env, at,
            )  # fmt: skip
        return self._failure(
            "E002", f"{what} est abrogé depuis le {french_date(until)}",
            f"{what} is repealed since {until}", env, at,
        )  # fmt: skip

    def _failure(self, code: str, fr: str, en: str, env: Env, at: core.Spanned) -> Failure:
        return Failure(code, Message(fr, en), env.current.path if env.current else (), at.span)

    def _placed(self, outcome: Outcome, env: Env, at: core.Spanned) -> Outcome:
        if isinstance(outcome, Failure) and outcome.span is None:
            path = env.current.path if env.current else ()
            return attrs.evolve(outcome, path=path, span=at.span)
        return outcome

    # ── facts ────────────────────────────────────────────────────────────────────────────

    def _fact(self, element: Element, name: str) -> Outcome:
        if name in element.facts:
            return element.facts[name]
        field = self.program.entities[element.entity].fields[name]
        return self._untold(field, (*element.path, name))

    def _untold(self, field: core.Field, path: tuple[str | int, ...]) -> Unknown:
        # Optional facts may be absent: their bounds say nothing of that.
        low, high = field.bounds if field.bounds and not field.optional else (None, None)
        return Unknown({path: Fraction(1)}, frozenset(), low, high)

    def _open(self, condition: object, unknown: Unknown, env: Env) -> Outcome:
        """An open condition: the truth supposed of it, or itself."""
        if condition in env.guesses:
            return env.guesses[condition]
        if env.opened is not None:
            env.opened.setdefault(condition, unknown)
        return unknown

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        """What *expr* comes to in *env*."""
        self._steps += 1
        if self._steps > self._budget:
            raise BudgetExceeded
        outcome = self._eval(expr, env)
        if isinstance(outcome, Unknown) and isinstance(expr, _ATOMS):
            if isinstance(expr, core.IsOneOf) or _is_condition(expr, self.program):
                return self._open(expr, outcome, env)
        return outcome

    def _eval(self, expr: core.Expr, env: Env) -> Outcome:
        match expr:
            case core.Constant(value):
                return value
            case core.Current():
                return env.current
            case core.Variable(name):
                return env.variables[name]
            case core.Root(name):
                found = self.situation.roots.get(name, _UNTOLD)
                if found is _UNTOLD:
                    found = self._untold(self.program.roots[name], (name,))
                if env.watch and not isinstance(found, Element):
                    env.watch("fact", (name,), found, env)
                return found
            case core.Owner(base):
                return math.lift(lambda e: e.owner, (self.eval(base, env),))
            case core.Fact(base, name):
                element = self.eval(base, env)
                if not isinstance(element, Element):
                    return element
                found = self._fact(element, name)
                if env.watch and not isinstance(found, Element):
                    env.watch("fact", (*element.path, name), found, env)
                return found
            case core.DecisionValue(name, base):
                element = None if base is None else self.eval(base, env)
                if element is not None and not isinstance(element, Element):
                    return element
                decided = self.decide_in(name, element, env)
                if env.watch:
                    env.watch("decision", (name, element), decided, env)
                return decided.outcome
            case core.ParameterValue(name):
                parameter = self.program.parameters[name]
                version = self.version(parameter.versions, env.on)
                if isinstance(version, core.ParameterVersion):
                    if env.watch:
                        env.watch("parameter", parameter, version, env)
                    return version.value
                return self._out_of_force(version, f"`{name}`", env, expr)
            case core.TableValue():
                return self._lookup(expr, env)
            case core.Not(operand):
                return math.lift(lambda a: not a, (self.eval(operand, env),))
            case core.All(operands):
                return self._all(operands, True, env)
            case core.Some(operands):
                return self._all(operands, False, env)
            case core.Count():
                return self._count(expr, env)
            case core.Compare():
                return self._placed(self._compare(expr, env), env, expr)
            case core.IsOneOf(operand, choices):
                value = self.eval(operand, env)
                tests = [math.equal(value, self.eval(choice, env)) for choice in choices]
                return self._any(tests)
            case core.IsIn(operand, items):
                return math.lift(
                    lambda value, found: value in found,
                    (self.eval(operand, env), self.eval(items, env)),
                )
            case core.IsPresent(operand):
                return math.lift(lambda value: value is not None, (self.eval(operand, env),))
            case core.IsApplicable(operand):
                value = self.eval(operand, env)
                if isinstance(value, NotApplicable):
                    return False
                return self._applies(operand, value, env)
            case core.Arithmetic(operator, left, right, kind):
                result = math.calculate(operator, self.eval(left, env), self.eval(right, env), kind)
                return self._placed(result, env, expr)
            case core.Negate(operand):
                return math.negate(self.eval(operand, env))
            case core.Exact(operand):
                return math.to_exact(self.eval(operand, env))
            case core.Shift(day, duration, sign, round_up):
                return self._shift(expr, env)
            case core.Gap(end, start, unit):
                return math.lift(
                    lambda last, first: _gap(last, first, unit),
                    (self.eval(end, env), self.eval(start, env)),
                )
            case core.Builtin(name, arguments):
                try:
                    return math.lift(
                        FUNCTIONS[name].meaning, [self.eval(a, env) for a in arguments]
                    )
                except DateOverflow:
                    return self._overflow(env, expr)
            case core.Choice(condition, then, otherwise):
                return self._choice(expr, env)
            case core.Walk():
                return self._walk(expr, env)
            case core.Groups():
                return self._groups(expr, env)
            case core.Extremum(word, operands, kind):
                values = [self.eval(operand, env) for operand in operands]
                if word == "somme":
                    return self._placed(math.total(values, kind), env, expr)
                return math.least(values) if word == "minimum" else math.greatest(values)
            case core.Collection(items):
                return self._collection(items, env)
            case core.AsOf(day, content):
                return self._as_of(expr, env)
            case core.ConsideredDate():
                return env.undated or env.on
            case core.Undetermined(reason, formalised):
                said = reason if formalised else f"non formalisé : {reason}"
                return Unknown(reasons=frozenset({said}))
            case core.Noted(operand, notes):
                if env.watch:
                    env.watch("notes", notes, None, env)
                return self.eval(operand, env)
            case core.Staged(value, steps):
                return self._staged(expr, len(steps), env)
        raise AssertionError(f"not a core expression: {expr!r}")

    def _overflow(self, env: Env, at: core.Spanned) -> Failure:
        return self._failure(
            "E011",
            "date au-delà de l'an 9999 ou avant l'an 1",
            "date past year 9999 or before year 1",
            env,
            at,
        )

    # Truth.

    def _all(self, operands: Sequence[core.Expr], conjunction: bool, env: Env) -> Outcome:
        """``et`` (*conjunction*) or ``ou``: the deciding truth absorbs what is unknown."""
        outcomes = [self.eval(operand, env) for operand in operands]
        return self._any(outcomes) if not conjunction else _invert(
            self._any([_invert(outcome) for outcome in outcomes])
        )  # fmt: skip

    def _any(self, outcomes: Sequence[Outcome]) -> Outcome:
        wrong = worst(outcomes)
        if wrong is not None and not isinstance(wrong, Unknown):
            return wrong
        if True in outcomes:
            return True
        return False if wrong is None else Unknown(wrong.weights, wrong.reasons)

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
                return self._overflow(env, expr)
        return math.less(left, right) if expr.operator == "<" else math.equal(left, right)

    def _applies(self, operand: core.Expr, value: Outcome, env: Env) -> Outcome:
        """Whether a decision applies, its value set aside: an unknown value may still apply."""
        if isinstance(value, Failure):
            return value
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
        return value if isinstance(value, Unknown) else True

    def _choice(self, expr: core.Choice, env: Env) -> Outcome:
        condition = self.eval(expr.condition, env)
        if condition is True:
            return self.eval(expr.then, env)
        if condition is False:
            return self.eval(expr.otherwise, env)
        if not isinstance(condition, Unknown):
            return condition
        branches = [self.eval(expr.then, env), self.eval(expr.otherwise, env)]
        if _same(*branches) and not isinstance(branches[0], Unknown):
            return branches[0]
        unknowns = [branch for branch in branches if isinstance(branch, Unknown)]
        whole = together([condition, *unknowns])
        ends = [bounds(branch) for branch in branches]
        if all(ends):
            pairs = [pair for pair in ends if pair is not None]
            if all(isinstance(p[0], (int, Fraction, Amount, date)) for p in pairs):
                low, high = min(p[0] for p in pairs), max(p[1] for p in pairs)
                return attrs.evolve(whole, low=low, high=high)
        return whole

    # Dates.

    def _shift(self, expr: core.Shift, env: Env) -> Outcome:
        move = add_duration if expr.sign > 0 else subtract_duration

        def one(day: date, duration: Duration) -> date:
            return move(day, duration, round_up=expr.round_up)

        def ends(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
            (first, last), (least, most) = pairs
            return (one(first, least), one(last, most)) if least == most else (date.min, date.max)

        try:
            return math.lift(one, (self.eval(expr.day, env), self.eval(expr.duration, env)), ends)
        except DateOverflow:
            return self._overflow(env, expr)

    def _as_of(self, expr: core.AsOf, env: Env) -> Outcome:
        day = self.eval(expr.day, env)
        if isinstance(day, Unknown):
            days = self._days(self._deep(expr.content))
            return self._undated(
                day, days, lambda d, why: Decided(self.eval(expr.content, env.on_date(d, why)))
            ).outcome
        if not isinstance(day, date):
            return day
        return self.eval(expr.content, env.on_date(day, None))

    def _deep(self, expr: core.Expr) -> object:
        """*expr* with the rules of every decision it may ask."""
        nodes: list[object] = [expr]
        for node in parts(expr):
            if isinstance(node, core.DecisionValue):
                self._boundaries(node.name)
                decision = self.program.decisions[node.name]
                nodes.append((decision.applicable, decision.general or (), decision.exceptions))
        return tuple(nodes)

    # Tables.

    def _lookup(self, expr: core.TableValue, env: Env) -> Outcome:
        table = self.program.tables[expr.name]
        arguments = [self.eval(argument, env) for argument in expr.arguments]
        wrong = worst(arguments)
        if wrong is not None and not isinstance(wrong, Unknown):
            return wrong
        version = self.version(table.versions, env.on)
        if not isinstance(version, core.TableVersion):
            return self._out_of_force(version, f"la table `{table.name}`", env, expr)
        rows = self._rows(version, arguments)
        results = []
        for row, sure in rows:
            outcome = self._row_result(table, row, env, expr)
            if sure and wrong is None:
                if env.watch:
                    env.watch("row", (table, version), row, env)
                return outcome
            results.append(outcome)
        if wrong is None:
            return self._no_row(table, arguments, env, expr)
        if results and rows[-1][1] and all(_same(r, results[0]) for r in results):
            if not isinstance(results[0], Unknown):
                return results[0]
        whole = together([wrong, *(r for r in results if isinstance(r, Unknown))])
        known = [pair for r in results if (pair := bounds(r))]
        if results and rows[-1][1] and len(known) == len(results):
            if all(isinstance(p[0], (int, Fraction, Amount, date)) for p in known):
                low, high = min(p[0] for p in known), max(p[1] for p in known)
                return attrs.evolve(whole, low=low, high=high)
        return whole

    def _rows(
        self, version: core.TableVersion, arguments: Sequence[Outcome]
    ) -> list[tuple[core.TableRow, bool]]:
        """Rows that may fit, in order, up to one that surely does."""
        found = []
        for row in version.rows:
            fits = [_fits(t, a) for t, a in zip(row.tests, arguments, strict=True)]
            if False in fits:
                continue
            sure = None not in fits
            found.append((row, sure))
            if sure:
                break
        return found

    def _row_result(
        self, table: core.Table, row: core.TableRow, env: Env, at: core.Spanned
    ) -> Outcome:
        match row.result:
            case core.Constant(value):
                return value
            case core.NotApplicableResult():
                return NotApplicable(table.name)
            case core.UnknownResult(reason):
                return Unknown(
                    reasons=frozenset({reason or f"la table `{table.name}` ne le dit pas"})
                )
            case core.RepealedResult(since):
                return self._failure(
                    "E002", f"cette ligne de `{table.name}` est abrogée depuis le {french_date(since)}",
                    f"this row of `{table.name}` is repealed since {since}", env, at,
                )  # fmt: skip

    def _no_row(
        self, table: core.Table, arguments: Sequence[Outcome], env: Env, at: core.Spanned
    ) -> Outcome:
        """Not found, not yet in force, or without proof before: three answers."""
        for version in table.versions:
            if version.period.since is None or version.period.since <= env.on:
                continue
            for row, sure in self._rows(version, arguments):
                if not sure or is_default(row):
                    continue
                day = row.since
                if row.attested and day is not None:
                    return Unknown(reasons=frozenset({UNPROVEN.format(day=french_date(day))}))
                return self._failure(
                    "E001", f"cette ligne de `{table.name}` n'est en vigueur que depuis le {french_date(day) if day else '?'}",
                    f"this row of `{table.name}` is in force only since {day}", env, at,
                )  # fmt: skip
        return self._failure(
            "E003",
            f"aucune ligne de `{table.name}` ne convient",
            f"no row of `{table.name}` fits",
            env,
            at,
        )

    # Lists.

    def _items(self, found: Outcome) -> tuple[list[Any], Unknown | None] | Outcome:
        """The elements of a list, and why there may be others."""
        if isinstance(found, Elements):
            if found.complete:
                return list(found.items), None
            path = found.items[0].path[:-1] if found.items else ()
            return list(found.items), Unknown({path: Fraction(1)} if path else {}, frozenset(
                {"la liste n'est pas complète"}))  # fmt: skip
        if isinstance(found, tuple):
            return list(found), None
        return found

    def _walk(self, expr: core.Walk, env: Env) -> Outcome:
        listed = self._items(self.eval(expr.items, env))
        if not isinstance(listed, tuple):
            return listed
        items, more = listed
        insides = [env.with_variable(expr.variable, item) for item in items]
        fits: list[Outcome] = [True] * len(items)
        if expr.condition is not None:
            fits = [self.eval(expr.condition, inside) for inside in insides]
        wrong = worst(fits)
        if wrong is not None and not isinstance(wrong, Unknown):
            return wrong
        doubts = [f for f in fits if isinstance(f, Unknown)] + ([more] if more else [])
        match expr.word:
            case "existe":
                return self._any([*fits, *doubts])
            case "tout":
                assert expr.body is not None
                body = [self.eval(expr.body, inside) for inside in insides]
                return _invert(self._any([_invert(b) for b in [*body, *doubts]]))
            case "nombre":
                low = sum(f is True for f in fits)
                if not doubts:
                    return low
                high = None if more else low + len(doubts)
                return attrs.evolve(together(doubts), low=low if high else None, high=high)
            case "liste":
                kept = [item for item, f in zip(items, fits, strict=True) if f is True]
                if doubts:
                    return together(doubts)
                if all(isinstance(item, Element) for item in kept):
                    return Elements(tuple(kept))
                return tuple(kept)
            case "premier" | "dernier":
                return self._first(expr, items, insides, fits, doubts)
        return self._fold(expr, insides, fits, doubts, more)

    def _first(
        self,
        expr: core.Walk,
        items: list[Any],
        insides: list[Env],
        fits: list[Outcome],
        doubts: list[Unknown],
    ) -> Outcome:
        if doubts:
            return together(doubts)
        kept = [(item, inside) for item, inside, f in zip(items, insides, fits, strict=True) if f]
        if expr.order is not None:
            keys = [self.eval(expr.order, inside) for _, inside in kept]
            wrong = worst(keys)
            if wrong is not None and len(kept) > 1:
                return wrong
            if wrong is None:
                ranked = sorted(range(len(kept)), key=lambda place: keys[place])
                if expr.word == "dernier":
                    # Of equals, the last written is the last.
                    ranked = sorted(range(len(kept)), key=lambda place: (keys[place], place))
                kept = [kept[place] for place in ranked]
        if not kept:
            return None
        return kept[0][0] if expr.word == "premier" else kept[-1][0]

    def _fold(
        self,
        expr: core.Walk,
        insides: list[Env],
        fits: list[Outcome],
        doubts: list[Unknown],
        more: Unknown | None,
    ) -> Outcome:
        assert expr.body is not None
        terms = []
        for inside, f in zip(insides, fits, strict=True):
            if f is False:
                continue
            term = self.eval(expr.body, inside)
            if isinstance(term, NotApplicable):
                continue
            if isinstance(f, Unknown):
                term = self._perhaps(expr, f, term)
            terms.append(term)
        if more is not None:
            return worst([*terms, more])
        if expr.word == "somme":
            return self._placed(
                math.total(terms, expr.type), insides[0] if insides else Env(self.on), expr
            )
        if doubts:
            return worst(terms) or together(doubts)
        if not terms:
            return None
        return math.least(terms) if expr.word == "minimum" else math.greatest(terms)

    def _perhaps(self, expr: core.Walk, doubt: Unknown, term: Outcome) -> Outcome:
        """A term that may not count: between nothing and itself."""
        wrong = worst([term])
        if wrong is not None and not isinstance(wrong, Unknown):
            return wrong
        whole = together([doubt, *([wrong] if wrong else [])])
        ends = bounds(term)
        if expr.word == "somme" and ends and not isinstance(ends[0], Duration):
            nothing = math.zero(expr.type)
            return attrs.evolve(whole, low=min(nothing, ends[0]), high=max(nothing, ends[1]))
        return whole

    def _groups(self, expr: core.Groups, env: Env) -> Outcome:
        listed = self._items(self.eval(expr.items, env))
        if not isinstance(listed, tuple):
            return listed
        items, more = listed
        if more is not None:
            return more
        groups: dict[Any, list[Any]] = {}
        for item in items:
            inside = env.with_variable(expr.variable, item)
            keys = [self.eval(key, inside) for key in expr.keys]
            wrong = worst(keys)
            if wrong is not None:
                return wrong
            groups.setdefault(tuple(keys), []).append(item)
        return tuple(
            Elements(tuple(group)) if isinstance(group[0], Element) else tuple(group)
            for group in groups.values()
        )

    def _collection(self, items: Sequence[tuple[core.Expr, core.Expr | None]], env: Env) -> Outcome:
        kept: list[Any] = []
        wrongs: list[Outcome] = []
        for value, condition in items:
            holds = True if condition is None else self.eval(condition, env)
            if holds is False:
                continue
            outcome = self.eval(value, env) if holds is True else holds
            if is_known(outcome):
                if outcome not in kept:
                    kept.append(outcome)
            else:
                wrongs.append(outcome)
        return worst(wrongs) or tuple(kept)

    # Steps.

    def _staged(self, expr: core.Staged, upto: int, env: Env) -> Outcome:
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
            case core.Round():
                return math.rounded(value, step)
            case core.WorkingDay():
                try:
                    return math.lift(next_working_day, (value,))
                except DateOverflow:
                    return self._overflow(env, step)
            case core.SharedCap():
                return self._share(expr, place, step, value, env)

    def _share(
        self, expr: core.Staged, place: int, step: core.SharedCap, value: Outcome, env: Env
    ) -> Outcome:
        """What the current element bears under a ceiling that its list shares."""
        element = env.current
        assert element is not None and env.rule is not None
        if element.peers is None:
            peers: tuple[Element, ...] = (element,)
        else:
            peers = element.peers.items
            if not element.peers.complete:
                return worst([self._items(element.peers)[1]])
        if env.guesses or env.opened is not None or env.watch:
            mine = value
        else:
            mine = None
        return Shares(self, env, step, place, peers).of(element, value)

    def through(
        self, element: Element, env: Env, place: int
    ) -> tuple[Outcome, Env, Outcome, core.SharedCap | None]:
        """How *element* comes to the ceiling at *place* of the rule of *env*.

        Returns:
            whether the same rule applies to it, where it is evaluated, its part before the
            ceiling, and the ceiling as its own version writes it.
        """
        assert env.rule is not None
        decision, rule = env.rule
        inside = self.env_for(element, Env(self.on))
        if isinstance(inside, Unknown):
            return inside, env, inside, None
        inside = attrs.evolve(inside, rule=env.rule)
        applies = self._selected(decision, rule, inside)
        if applies is False:
            return False, inside, None, None
        version = self.version(rule.versions, inside.on)
        if not isinstance(version, core.RuleVersion):
            return False, inside, None, None
        staged = _staged_in(version.value)
        if staged is None or place >= len(staged.steps):
            return False, inside, None, None
        step = staged.steps[place]
        if not isinstance(step, core.SharedCap):
            return False, inside, None, None
        return applies, inside, self._staged(staged, place, inside), step

    def _selected(self, decision: core.Decision, rule: core.Rule, env: Env) -> Outcome:
        """Whether *rule* is one that applies: it holds, no exception to it does, none outranks."""
        tests: list[Outcome] = []
        if decision.applicable is not None:
            tests.append(self.eval(decision.applicable, env))
        here: core.Rule | None = rule
        for other in decision.exceptions:
            if other.target == rule.label or (rule.label == GENERAL and other.target == ""):
                tests.append(_invert(self.live(decision, other, env)))
        while here is not None and here.label != GENERAL:
            tests.append(self.live(decision, here, env))
            target = here.target
            for other in decision.exceptions:
                if other.target == target and here.label in other.outranks:
                    tests.append(_invert(self.live(decision, other, env)))
                if target == GENERAL and other.target == "":
                    tests.append(_invert(self.live(decision, other, env)))
            here = next((r for r in decision.exceptions if r.label == target), None)
        return _invert(self._any([_invert(test) for test in tests]))


class Shares:
    """A ceiling run over the elements that share it, in their order."""

    def __init__(
        self,
        evaluation: Evaluation,
        env: Env,
        step: core.SharedCap,
        place: int,
        peers: Sequence[Element],
    ) -> None:
        self.evaluation = evaluation
        self.env = env
        self.step = step
        self.place = place
        self.peers = peers

    def of(self, element: Element, value: Outcome) -> Outcome:
        """What *element* bears, its own part being *value*."""
        evaluation, env = self.evaluation, self.env
        if not self.env.guesses:
            key = (env.rule[0].name, env.rule[1].label, self.place, self.peers[0].path[:-1])  # type: ignore[index]
            shares = evaluation._shares.get(key)
            if shares is None:
                shares = self._run(None, None)
                evaluation._shares[key] = shares
            if element.path in shares:
                return shares[element.path]
        return self._run(element, value)[element.path]

    def _run(self, mine: Element | None, value: Outcome) -> dict[Any, Outcome]:
        evaluation = self.evaluation
        shares: dict[Any, Outcome] = {}
        lines: list[_Line] = []
        for rank, peer in enumerate(self.peers):
            if peer is mine:
                inside = self.env
                applies: Outcome = True
                part: Outcome = value
                step: core.SharedCap | None = self.step
            else:
                applies, inside, part, step = evaluation.through(peer, self.env, self.place)
            if applies is False:
                continue
            if step is None:
                lines.append(_Line(peer, applies, part, applies, (), 0, 0, rank))
                continue
            keys = [evaluation.eval(key, inside) for key in step.keys]
            order = [evaluation.eval(key, inside) for key in step.order]
            limit = evaluation.eval(step.limit, inside)
            already: Outcome = math.zero(INT) if step.counts else _zero_like(part)
            if step.already is not None:
                already = evaluation.eval(step.already, inside)
            wrong = worst(keys)
            lines.append(
                _Line(peer, applies, part, wrong or tuple(keys), tuple(order), limit, already, rank)
            )
        unsure = [
            line for line in lines
            if line.applies is not True or not isinstance(line.key, tuple)
        ]  # fmt: skip
        groups: dict[Any, list[_Line]] = {}
        for line in lines:
            if line not in unsure:
                groups.setdefault(line.key, []).append(line)
        for group in groups.values():
            self._share_out(group, unsure, shares)
        for line in unsure:
            if line.applies is not True and not isinstance(line.applies, Unknown):
                shares[line.element.path] = line.applies
            else:
                shares[line.element.path] = _doubtful(line, [o for o in lines if o is not line])
        return shares

    def _share_out(
        self, group: list[_Line], unsure: list[_Line], shares: dict[Any, Outcome]
    ) -> None:
        counts = self.step.counts
        wrong = worst(key for line in group for key in line.order)
        # With an order that is not known, or members that are not, a ceiling that cannot be
        # reached changes nothing; one that can leaves the parts unknown.
        if (wrong is not None or unsure) and len(group) + len(unsure) > 1:
            everyone = [*group, *unsure]
            for line in group:
                if _cannot_bind(line, everyone, counts):
                    shares[line.element.path] = line.part
                    continue
                doubts = [o for u in unsure for o in (u.applies, u.key, u.part)]
                shares[line.element.path] = worst([wrong, *doubts, line.part]) or Unknown()
            return
        group = sorted(group, key=lambda line: (line.order, line.rank))
        taken: Outcome = 0 if counts else None
        for line in group:
            if counts:
                if taken is None:
                    taken = 0
                shares[line.element.path], taken = self._counted(line, taken)
            else:
                before = taken if taken is not None else _zero_like(line.part)
                borne = self._borne(line, before)
                shares[line.element.path] = borne
                taken = _plus(before, borne)

    def _borne(self, line: _Line, before: Outcome) -> Outcome:
        if isinstance(line.limit, NotApplicable):
            return line.part
        used = _plus(line.already, before)
        left = _minus(line.limit, used)
        nothing = _zero_like(line.limit)
        return math.least([line.part, math.greatest([left, nothing])])

    def _counted(self, line: _Line, before: Outcome) -> tuple[Outcome, Outcome]:
        """A part that is nothing does not count; the others do while there is room."""
        part = line.part
        nothing = _zero_like(part)
        if is_known(part) and part == nothing:
            return part, before
        counts_one = True if is_known(part) else None
        after = _plus(before, 1) if counts_one else _between(before, part)
        if isinstance(line.limit, NotApplicable):
            return part, after
        room = math.less(_plus(before, line.already), line.limit)
        if room is True:
            return part, after
        if room is False:
            return nothing if is_known(part) else nothing, before
        if not isinstance(room, Unknown):
            return room, room
        ends = bounds(part)
        doubt = together([room, *([part] if isinstance(part, Unknown) else [])])
        if ends:
            doubt = attrs.evolve(doubt, low=min(nothing, ends[0]), high=max(nothing, ends[1]))
        return doubt, _between(before, room)


@attrs.frozen(eq=False)
class _Line:
    element: Element
    applies: Outcome
    part: Outcome
    key: Any
    order: tuple[Any, ...]
    limit: Outcome
    already: Outcome
    rank: int


def _doubtful(line: _Line, others: Sequence[_Line]) -> Outcome:
    """The share of an element of which it is not known whether, or with whom, it shares."""
    if _cannot_bind(line, [line, *others], counts=False):
        return line.part
    found = worst(
        [line.applies, line.part, *([line.key] if not isinstance(line.key, tuple) else [])]
    )
    return found or Unknown()


def _cannot_bind(line: _Line, everyone: Sequence[_Line], counts: bool) -> bool:
    """Whether the ceiling is above all that could ever be asked of it."""
    if isinstance(line.limit, NotApplicable):
        return True
    if not is_known(line.limit) or not is_known(line.already):
        return False
    if counts:
        return bool(len(everyone) + line.already <= line.limit)
    most = line.already
    for other in everyone:
        ends = bounds(other.part)
        if ends is None or not isinstance(ends[1], type(most)):
            return False
        most = most + ends[1]
    return bool(most <= line.limit)


def _zero_like(value: Outcome) -> Any:
    if isinstance(value, Unknown):
        value = value.high if value.high is not None else Amount(0)
    match value:
        case Amount():
            return Amount(0)
        case Duration():
            return Duration(0, 0)
        case Fraction():
            return Fraction(0)
        case int():
            return 0
    return Amount(0)


def _plus(left: Outcome, right: Outcome) -> Outcome:
    return math.lift(
        lambda a, b: a + b, (left, right), lambda p: (p[0][0] + p[1][0], p[0][1] + p[1][1])
    )


def _minus(left: Outcome, right: Outcome) -> Outcome:
    return math.lift(
        lambda a, b: a - b, (left, right), lambda p: (p[0][0] - p[1][1], p[0][1] - p[1][0])
    )


def _between(before: Outcome, doubt: Outcome) -> Outcome:
    """*before*, or one more."""
    ends = bounds(before)
    whole = worst([before, doubt])
    if ends is None or not isinstance(whole, Unknown):
        return whole
    return attrs.evolve(whole, low=ends[0], high=ends[1] + 1)


def _invert(outcome: Outcome) -> Outcome:
    return (not outcome) if isinstance(outcome, bool) else outcome


def _same(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes are one: same kind, same value (`True` is not 1)."""
    if isinstance(a, Conflict) and isinstance(b, Conflict):
        return a.sides == b.sides
    return isinstance(a, bool) == isinstance(b, bool) and (
        type(a) is type(b) or (is_known(a) and is_known(b))
    ) and bool(a == b)  # fmt: skip


def _spread(unknown: Unknown, found: Sequence[Decided]) -> Unknown:
    """*unknown* with the bounds of all that it may be."""
    ends = [bounds(decided.outcome) for decided in found]
    if not all(ends):
        return unknown
    pairs = [pair for pair in ends if pair is not None]
    if not all(isinstance(p[0], (Fraction, Amount, date)) or type(p[0]) is int for p in pairs):
        return unknown
    return attrs.evolve(unknown, low=min(p[0] for p in pairs), high=max(p[1] for p in pairs))


def _gap(end: date, start: date, unit: str) -> Duration:
    if unit == "jours":
        return Duration.of(days=days_between(start, end))
    if unit == "mois":
        return Duration.of(months=months_between(start, end))
    return Duration.of(years=years_between(start, end))


def _fits(test: core.CellTest, argument: Outcome) -> bool | None:
    if isinstance(test, core.AnyValue):
        return True
    if not isinstance(argument, Unknown):
        return passes(test, argument)
    ends = bounds(argument)
    if ends and isinstance(test, core.Bounded):
        below = math.less(ends[1], test.low) if test.low is not None else False
        above = math.less(test.high, ends[0]) if test.high is not None else False
        if below is True or above is True:
            return False
        if passes(test, ends[0]) is True and passes(test, ends[1]) is True:
            return True
    return None


def _staged_in(value: core.Expr) -> core.Staged | None:
    while isinstance(value, core.Noted):
        value = value.operand
    return value if isinstance(value, core.Staged) else None


def _size(program: core.Program) -> int:
    rules = [(d.applicable, d.general or (), d.exceptions) for d in program.decisions.values()]
    forbidden = [f.condition for f in program.forbidden]
    return 1000 + sum(1 for _ in parts((tuple(rules), tuple(forbidden))))


_UNTOLD = object()
# Conditions that have no smaller ones inside: the ones whose truth is guessed.
_ATOMS = (
    core.Root,
    core.Fact,
    core.DecisionValue,
    core.TableValue,
    core.ParameterValue,
    core.Compare,
    core.IsOneOf,
    core.IsIn,
    core.IsPresent,
    core.IsApplicable,
    core.Walk,
    core.AsOf,
    core.Undetermined,
)


def _is_condition(expr: core.Expr, program: core.Program) -> bool:
    """Whether *expr*, which is not known, is true or false when it is."""
    from lexald.dsl.types import BOOL

    match expr:
        case core.Root(name):
            return program.roots[name].type == BOOL and not program.roots[name].optional
        case core.Fact(_, name):
            entity = _entity_of(expr.base, program)
            field = program.entities[entity].fields.get(name) if entity else None
            return field is not None and field.type == BOOL and not field.optional
        case core.DecisionValue(name):
            decision = program.decisions[name]
            return decision.type == BOOL and not decision.optional and decision.applicable is None
        case core.TableValue(name):
            return program.tables[name].type == BOOL
        case core.ParameterValue(name):
            return program.parameters[name].type == BOOL
        case core.Walk(word):
            return word in ("existe", "tout")
        case core.AsOf(_, content):
            return _is_condition(content, program) if isinstance(content, _ATOMS) else False
        case core.Undetermined():
            return False
    return True


def _entity_of(base: core.Expr, program: core.Program) -> str | None:
    from lexald.dsl.types import EntityType

    match base:
        case core.Current(entity):
            return entity
        case core.Root(name):
            kind = program.roots[name].type
            return kind.name if isinstance(kind, EntityType) else None
        case core.Owner(inner):
            entity = _entity_of(inner, program)
            return program.entities[entity].owner if entity else None
        case core.Fact(inner, name):
            entity = _entity_of(inner, program)
            kind = program.entities[entity].fields[name].type if entity else None
            return kind.name if isinstance(kind, EntityType) else None
    return None
