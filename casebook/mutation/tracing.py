"""What each case reads of the law, so that a mutant is only run on the cases that may see it.

Each case is evaluated once, by the law. Wherever an expression is evaluated that some mutant
replaces, the other expression is evaluated too, in the same place: where both come to the same
known answer every time, the case cannot tell the mutant from the law, and need not be run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element, Elements, Situation
from lexald.engine.environment import Decided, Env, doubt_of
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Outcome, Unknown

from ..runner import Asks, passes
from .mutants import Mutant, Replaced

T = TypeVar("T")

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
    *root_of*: by mutant. *shared*: the roots that have a ceiling shared by a list.
    """

    replaced: Mapping[int, Sequence[tuple[int, core.Expr]]]
    wholes: Mapping[int, Mapping[int, core.Expr]]
    root_of: Mapping[int, int]
    shared: frozenset[int]
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
    roots = {id(site.root): site.root for site in sites}
    shared = {
        number
        for number, root in roots.items()
        if any(isinstance(node, core.SharedCap) for node in core.parts(root))
    }
    return Plan(replaced, wholes, root_of, frozenset(shared), tuple(sites))


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


@attrs.define(eq=False)
class _Open:
    """A root being evaluated in *env*.

    *aside*: where mutants are tried, which opens no condition. *known*: what its nodes came to
    so far. *differing*: the mutants that came to something else in some part of it.
    """

    root: int
    env: Env
    aside: Env
    known: dict[int, Outcome] = attrs.field(factory=dict)
    differing: set[int] = attrs.field(factory=set)


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
        # The roots being evaluated, outermost first.
        self._open: list[_Open] = []
        # What was worked out, and kept, while a mutant was tried: nothing was noted of it. The law
        # works it out again when it asks for it itself.
        self._hushed: set[object] = set()

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        if self._quiet:
            here = self._open[-1] if self._open else None
            if here is not None and env is here.aside and id(expr) in here.known:
                return here.known[id(expr)]
            return super().eval(expr, env)
        if isinstance(expr, core.AsOf):
            self._steady[id(expr)] = None  # each day is read, none is taken for another
        wholes = self.plan.wholes.get(id(expr))
        if wholes is None:
            outcome = super().eval(expr, env)
            self._compared(expr, outcome, env)
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

    def _at(self, name: str, element: Element | None, on: date, undated: Unknown | None) -> Decided:
        self.read.decisions.add((name, on))
        if undated is not None:
            self.read.undated.add(name)
        key = name, element.path if element else (), on, doubt_of(undated)
        self._hush(self._decided, key)
        return super()._at(name, element, on, undated)

    def once(self, found: dict[Any, T], key: Any, work: Callable[[], T]) -> T:
        self._hush(found, key)
        return super().once(found, key, work)

    def _hush(self, found: dict[Any, Any], key: Any) -> None:
        """Note that *key* is about to be worked out unseen; or forget what was."""
        told = id(found), key
        if self._quiet:
            if key not in found:
                self._hushed.add(told)
        elif told in self._hushed:
            self._hushed.discard(told)
            found.pop(key, None)

    def _eval_root(self, expr: core.Expr, wholes: Mapping[int, core.Expr], env: Env) -> Outcome:
        """What *expr*, a root, comes to; the mutants that differ inside are tried on the whole."""
        here = _Open(id(expr), env, attrs.evolve(env, opened=None, watch=None))
        self._open.append(here)
        try:
            outcome = super().eval(expr, env)
            self._compared(expr, outcome, env)
            for number in here.differing:
                other = self._tried(wholes[number], here.aside)
                if not alike(outcome, other):
                    self.read.seen.add(number)
                    if not isinstance(outcome, Unknown) and not isinstance(other, Unknown):
                        self.read.sure.add(number)
        finally:
            self._open.pop()
        return outcome

    def _compared(self, expr: core.Expr, outcome: Outcome, env: Env) -> None:
        """Keep what *expr* comes to, and note which mutants come to something else there."""
        here = self._open[-1] if self._open else None
        if here is not None and env is here.env:
            here.known[id(expr)] = outcome
        rivals = self.plan.replaced.get(id(expr))
        if rivals is None:
            return
        read = self.read
        aside: Env | None = here.aside if here is not None and env is here.env else None
        for number, other in rivals:
            read.reached.add(number)
            root = self.plan.root_of[number]
            # A ceiling that is shared is worked out once for all the elements that share it, and
            # outside of the rule that it is a step of: what differs in a part of it is enough.
            inside = here is not None and root == here.root and root not in self.plan.shared
            if number in read.sure or (number in read.seen and not inside):
                continue
            if here is not None and inside and number in here.differing:
                continue
            if not isinstance(outcome, Unknown):
                if aside is None:
                    aside = attrs.evolve(env, opened=None, watch=None)
                if alike(outcome, self._tried(other, aside)):
                    continue
            if here is not None and inside:
                here.differing.add(number)
            else:
                read.seen.add(number)

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


def survives(program: core.Program, case: core.Case, steps: int, asks: Asks | None) -> bool:
    """Whether *case*, which takes *steps* by the law, passes by the mutant *program*; only *asks*
    may come out otherwise."""

    def limited(program: core.Program, situation: Situation, on: date) -> Evaluation:
        evaluation = Evaluation(program, situation, on)
        evaluation._meter.budget = STEPS_MORE * steps + STEPS_AT_LEAST
        return evaluation

    try:
        return passes(program, case, limited, asks)
    except Exception:  # noqa: BLE001 – a mutant may do anything
        return False  # what goes wrong is seen by whoever runs the case
