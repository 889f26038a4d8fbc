"""What each case reads of the law, so that a mutant is only run on the cases that may see it.

Each case is evaluated once, by the law. Wherever an expression is evaluated that some mutant
replaces, the other expression is evaluated too, in the same place: where both come to the same
known answer every time, the case cannot tell the mutant from the law, and need not be run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.engine.counting import measured
from lexald.engine.elements import Element, Elements, Situation
from lexald.engine.environment import Env, version_on
from lexald.engine.interpreter import Evaluation
from lexald.engine.lookup import look_up
from lexald.engine.outcomes import Outcome, Unknown

from ..runner import passes
from .mutants import Counted, Looked, Mutant, Replaced, Ruled, Valued

UNLIMITED = 10**12


@attrs.frozen
class Lookup:
    """A row that was looked for."""

    table: str
    on: date
    arguments: tuple[Outcome, ...]


@attrs.frozen(eq=False)
class Plan:
    """What to look for: mutants by the expression that they replace, and by its root.

    *replaced*: node → what stands in its place, by mutant. *wholes*: root → what it becomes.
    *root_of*: by mutant.
    """

    replaced: Mapping[int, Sequence[tuple[int, core.Expr]]]
    wholes: Mapping[int, Mapping[int, core.Expr]]
    root_of: Mapping[int, int]
    # Kept, so that no other object takes their identity.
    sites: tuple[Replaced, ...]


def plan(mutants: Sequence[Mutant]) -> Plan:
    """What to look for in a trace for *mutants*, which are numbered in their order."""
    replaced: dict[int, list[tuple[int, core.Expr]]] = {}
    wholes: dict[int, dict[int, core.Expr]] = {}
    root_of: dict[int, int] = {}
    sites = []
    for number, mutant in enumerate(mutants):
        site = mutant.site
        if isinstance(site, Replaced):
            replaced.setdefault(id(site.node), []).append((number, site.new))
            wholes.setdefault(id(site.root), {})[number] = site.whole
            root_of[number] = id(site.root)
            sites.append(site)
    return Plan(replaced, wholes, root_of, tuple(sites))


@attrs.define(eq=False)
class Read:
    """What one case read. Numbers are those of mutants.

    *reached*: the case evaluates what they replace. *seen*: it comes to something else, perhaps.
    *sure*: it does.
    """

    reached: set[int] = attrs.field(factory=set)
    seen: set[int] = attrs.field(factory=set)
    sure: set[int] = attrs.field(factory=set)
    parameters: set[tuple[str, date]] = attrs.field(factory=set)
    decisions: set[tuple[str, date]] = attrs.field(factory=set)
    entities: set[tuple[str, date]] = attrs.field(factory=set)
    # Of which the date is not known: they are read at other days than the law as it stands tells.
    undated: set[str] = attrs.field(factory=set)
    lookups: dict[object, Lookup] = attrs.field(factory=dict)


class Tracing(Evaluation):
    """An evaluation that notes what it reads in *read*, for *plan*."""

    plan: Plan
    read: Read

    def __init__(
        self,
        program: core.Program,
        situation: Situation,
        on: date,
        *,
        within: Evaluation | None = None,
        plan: Plan | None = None,
        read: Read | None = None,
    ) -> None:
        super().__init__(program, situation, on, within=within)
        if isinstance(within, Tracing):
            plan, read = within.plan, within.read
        assert plan is not None and read is not None
        self.plan, self.read = plan, read
        if within is None:
            self._meter.budget = UNLIMITED
        self._quiet = False
        # The roots being evaluated, outermost first, with the mutants that differ inside.
        self._open: list[tuple[int, set[int]]] = []

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        if self._quiet:
            return super().eval(expr, env)
        if isinstance(expr, core.AsOf):
            self._steady[id(expr)] = None  # each day is read, none is taken for another
        wholes = self.plan.wholes.get(id(expr))
        if wholes is None:
            outcome = super().eval(expr, env)
            rivals = self.plan.replaced.get(id(expr))
            if rivals is not None:
                self._compare_with(rivals, outcome, env)
        else:
            outcome = self._eval_root(expr, wholes, env)
        if isinstance(expr, core.ParameterValue):
            self.read.parameters.add((expr.name, env.on))
            if env.undated is not None:
                self.read.undated.add(expr.name)
        return outcome

    def staged(self, expr: core.Staged, upto: int, env: Env) -> Outcome:
        # Shared ceilings come here for the other elements, without going through `eval`.
        rivals = () if self._quiet else self.plan.replaced.get(id(expr), ())
        if any(isinstance(step, core.SharedCap) for step in expr.steps):
            for number, _ in rivals:
                self.read.reached.add(number)
                self.read.seen.add(number)
        return super().staged(expr, upto, env)

    def env_for(self, element: Element | None, caller: Env) -> Env | Unknown:
        env = super().env_for(element, caller)
        if element is not None and isinstance(env, Env):
            self.read.entities.add((element.entity, env.on))
        return env

    def _at(self, name: str, element: Element | None, on: date, undated: Unknown | None) -> Any:
        self.read.decisions.add((name, on))
        if undated is not None:
            self.read.undated.add(name)
        return super()._at(name, element, on, undated)

    def _eval_root(self, expr: core.Expr, wholes: Mapping[int, core.Expr], env: Env) -> Outcome:
        """What *expr*, a root, comes to; the mutants that differ inside are tried on the whole."""
        differing: set[int] = set()
        self._open.append((id(expr), differing))
        try:
            outcome = super().eval(expr, env)
            rivals = self.plan.replaced.get(id(expr))
            if rivals is not None:
                self._compare_with(rivals, outcome, env)
        finally:
            self._open.pop()
        if differing:
            aside = attrs.evolve(env, opened=None, watch=None)
            for number in differing:
                other = self._tried(wholes[number], aside)
                if not alike(outcome, other):
                    self.read.seen.add(number)
                    if not isinstance(outcome, Unknown) and not isinstance(other, Unknown):
                        self.read.sure.add(number)
        return outcome

    def _compare_with(
        self, rivals: Sequence[tuple[int, core.Expr]], outcome: Outcome, env: Env
    ) -> None:
        """Note which of *rivals* come to something else than *outcome*, here or in their root."""
        read = self.read
        aside: Env | None = None
        for number, other in rivals:
            if number in read.sure:
                continue
            read.reached.add(number)
            root, differing = self._open[-1] if self._open else (0, set())
            if number in differing:
                continue
            if not isinstance(outcome, Unknown):
                if aside is None:
                    aside = attrs.evolve(env, opened=None, watch=None)
                if alike(outcome, self._tried(other, aside)):
                    continue
            if root == self.plan.root_of[number]:
                differing.add(number)
            else:
                read.seen.add(number)  # evaluated for itself, as the parts of a shared ceiling are

    def _tried(self, expr: core.Expr, env: Env) -> Outcome:
        """What *expr* comes to, noting nothing; `_RAISED` when it cannot be told."""
        self._quiet = True
        meter = self._meter
        budget, meter.budget = meter.budget, meter.steps + STEPS_AT_LEAST
        try:
            return super().eval(expr, env)
        except Exception:  # noqa: BLE001 – `Unfinished` too: it waits for what is not asked
            return _RAISED
        finally:
            self._quiet = False
            meter.budget = budget

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        if self._quiet:
            return
        key: object = (table.name, env.on, tuple(map(_token, arguments)))
        self.read.lookups.setdefault(key, Lookup(table.name, env.on, tuple(arguments)))
        if env.undated is not None:
            self.read.undated.add(table.name)


_RAISED = object()


def _token(value: Outcome) -> object:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return (type(value), value)


def alike(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes are one, so that nothing further up can tell them apart."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Unknown):
        return bool(a == b) and a.low == b.low and a.high == b.high
    if isinstance(a, Elements):
        return a.complete == b.complete and len(a) == len(b) and all(
            x is y for x, y in zip(a.items, b.items, strict=True)
        )  # fmt: skip
    if isinstance(a, tuple):
        return len(a) == len(b) and all(alike(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


# ── one case ─────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Trace:
    """What a case read, its *steps* by the law, and whether it passes."""

    read: Read
    steps: int
    passed: bool


class _Measuring(Evaluation):
    """An evaluation that adds up its steps in *taken*."""

    taken = 0

    def restart(self) -> None:
        self.taken += self._meter.steps
        super().restart()

    def total(self) -> int:
        return self.taken + self._meter.steps


def trace(program: core.Program, case: core.Case, plan: Plan) -> Trace:
    """*case* evaluated by the law, first to measure it, then to see what it reads."""
    made: list[_Measuring] = []

    def measuring(program: core.Program, situation: Situation, on: date) -> Evaluation:
        made.append(_Measuring(program, situation, on))
        return made[-1]

    passed = passes(program, case, measuring)
    read = Read()
    passes(program, case, lambda p, s, on: Tracing(p, s, on, plan=plan, read=read))
    return Trace(read, sum(one.total() for one in made), passed)


# A slip may make of a stay of a week one of centuries. What takes this much more than the law does
# is not waited for: the case fails.
STEPS_MORE = 4
STEPS_AT_LEAST = 5_000


def survives(program: core.Program, case: core.Case, steps: int) -> bool:
    """Whether *case*, which takes *steps* by the law, passes by a mutant."""

    def limited(program: core.Program, situation: Situation, on: date) -> Evaluation:
        evaluation = Evaluation(program, situation, on)
        evaluation._meter.budget = STEPS_MORE * steps + STEPS_AT_LEAST
        return evaluation

    try:
        return passes(program, case, limited)
    except Exception:  # noqa: BLE001 – a mutant may do anything
        return False  # what goes wrong is seen by whoever runs the case


# ── which cases see a mutant ─────────────────────────────────────────────────────────────


@attrs.frozen(eq=False)
class Sight:
    """For each mutant, the cases (by rank) that reach what it changes, those that may see it,
    and those of which it is sure."""

    reached: tuple[tuple[int, ...], ...]
    seen: tuple[tuple[int, ...], ...]
    sure: tuple[frozenset[int], ...] = ()


def sight(
    program: core.Program,
    mutants: Sequence[Mutant],
    cases: Sequence[core.Case],
    reads: Sequence[Read],
) -> Sight:
    index = _Index(program, cases, reads)
    pairs = [index.of(number, mutant) for number, mutant in enumerate(mutants)]
    return Sight(
        tuple(tuple(sorted(reached)) for reached, _ in pairs),
        tuple(tuple(sorted(seen)) for _, seen in pairs),
        tuple(frozenset(index.sure.get(number, ())) for number in range(len(mutants))),
    )


class _Index:
    def __init__(
        self, program: core.Program, cases: Sequence[core.Case], reads: Sequence[Read]
    ) -> None:
        self.program = program
        self.reached: dict[int, list[int]] = {}
        self.seen: dict[int, list[int]] = {}
        self.sure: dict[int, list[int]] = {}
        self.parameters: dict[str, dict[date, list[int]]] = {}
        self.decisions: dict[str, dict[date, list[int]]] = {}
        self.entities: dict[str, dict[date, list[int]]] = {}
        self.undated: dict[str, list[int]] = {}
        self.lookups: dict[str, dict[object, tuple[Lookup, list[int]]]] = {}
        self.counted: dict[str, list[int]] = {}
        for rank, (case, read) in enumerate(zip(cases, reads, strict=True)):
            for table, numbers in (
                (self.reached, read.reached),
                (self.seen, read.seen),
                (self.sure, read.sure),
            ):
                for number in numbers:
                    table.setdefault(number, []).append(rank)
            for days, pairs in (
                (self.parameters, read.parameters),
                (self.decisions, read.decisions),
                (self.entities, read.entities),
            ):
                for name, day in pairs:
                    days.setdefault(name, {}).setdefault(day, []).append(rank)
            for name in read.undated:
                self.undated.setdefault(name, []).append(rank)
            for key, lookup in read.lookups.items():
                held = self.lookups.setdefault(lookup.table, {})
                held.setdefault(key, (lookup, []))[1].append(rank)
            for name in measured(program, {e.indicator for e in case.counted}):
                self.counted.setdefault(name, []).append(rank)

    def of(self, number: int, mutant: Mutant) -> tuple[set[int], set[int]]:
        match mutant.site:
            case Replaced():
                return set(self.reached.get(number, ())), set(self.seen.get(number, ()))
            case Valued(name, when):
                found = {*self._on(self.parameters, name, when), *self.undated.get(name, ())}
            case Ruled(name, when):
                found = {*self._on(self.decisions, name, when), *self.undated.get(name, ())}
                decision = self.program.decisions[name]
                if decision.entity is not None and _shares(decision):
                    found |= self._on(self.entities, decision.entity, when)
            case Looked(old, new):
                return self._looked(old, new)
            case Counted(name):
                found = set(self.counted.get(name, ()))
        return found, found

    def _on(
        self, days: Mapping[str, Mapping[date, Iterable[int]]], name: str, when: core.Period
    ) -> set[int]:
        held = days.get(name, {})
        return {rank for day, ranks in held.items() if when.contains(day) for rank in ranks}

    def _looked(self, old: core.Table, new: core.Table) -> tuple[set[int], set[int]]:
        reached: set[int] = set()
        seen: set[int] = set(self.undated.get(old.name, ())) if _moved(old, new) else set()
        for lookup, ranks in self.lookups.get(old.name, {}).values():
            if not _differs(old, new, lookup.on):
                continue
            reached.update(ranks)
            if seen.issuperset(ranks):
                continue
            if not alike(*(_answer(table, lookup) for table in (old, new))):
                seen.update(ranks)
        return reached | seen, seen


def _shares(decision: core.Decision) -> bool:
    return any(
        isinstance(node, core.SharedCap)
        for rule in (decision.general, *decision.exceptions)
        for version in rule.versions
        for node in core.parts(version.value)
    )


def _moved(old: core.Table, new: core.Table) -> bool:
    return [v.period for v in old.versions] != [v.period for v in new.versions]


def _differs(old: core.Table, new: core.Table, on: date) -> bool:
    """Whether the two have other rows *on* that day; also where none is in force, for a table
    then tells which row is to come."""
    a, b = (version_on(table.versions, on) for table in (old, new))
    if isinstance(a, core.TableVersion) and isinstance(b, core.TableVersion):
        return not (
            len(a.rows) == len(b.rows)
            and all(x is y for x, y in zip(a.rows, b.rows, strict=True))
        )  # fmt: skip
    return True


class _Frozen:
    """Answers arguments that were worked out before: enough for `look_up`."""

    def __init__(self, table: core.Table, arguments: Sequence[Outcome]) -> None:
        self.program = _OneTable({table.name: table})
        self.answers = iter(arguments)

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        return next(self.answers)

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        pass


@attrs.frozen
class _OneTable:
    tables: Mapping[str, core.Table]


def _answer(table: core.Table, lookup: Lookup) -> Outcome:
    frozen: Any = _Frozen(table, lookup.arguments)
    asked = core.TableValue(table.name, (core.Constant(None),) * len(lookup.arguments))
    return look_up(frozen, asked, Env(lookup.on))
