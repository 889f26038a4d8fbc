"""Questions about one decision, or one guarantee, put to the solver until each is settled.

A question holds under all situations, of which most is first left open (`Encoder.pending`). When
no situation answers it even so, that is a proof. Else the situation that the solver found is
decided by the interpreter (`replay`): either it confirms, or what it does not agree with is looked
into, and the solver is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any

import attrs
import z3

from lexald.dsl import program as core
from lexald.dsl.types import Type

from ..elements import Element
from ..environment import BudgetExceeded, Env
from . import rules
from .calendar import Day, value_of
from .encode import Encoder, Pending, Scope
from .lists import unroll
from .possible import Possible
from .replay import (
    Replayed,
    Target,
    agrees,
    alive,
    completed,
    data_of,
    element_at,
    replay,
    smallest,
)
from .terms import Truth, conj, neg, term
from .values import Beyond, Elem
from .world import Path, World


@attrs.frozen
class Limits:
    """*bound*: elements of a list. *effort*: what one call of the solver may spend, in its own
    units, which do not depend on the machine. *rounds*: how often a question is looked into
    further."""

    bound: int = 2
    effort: int = 1_000_000
    rounds: int = 12


@attrs.frozen
class Witness:
    data: dict[str, Any]
    on: date


@attrs.frozen
class Settled:
    """*state*: ``impossible`` (no situation: a proof), ``shown`` (by *witness*), ``undecided``.

    *bounded*: of lists of a few elements only. *reason*: why it is not decided.
    """

    state: str
    bounded: bool = False
    reason: str = ""
    witness: Witness | None = None


# How the solver is asked again, when it does not say.
STRATEGIES: tuple[dict[str, Any], ...] = (
    {"random_seed": 0},
    {"relevancy": 0},
)

Confirm = Callable[[Replayed], bool]


class Search:
    """The questions about one target, which share what was looked into."""

    def __init__(
        self,
        program: core.Program,
        possible: Possible,
        values: frozenset[int],
        entity: str | None,
        limits: Limits,
        spared: frozenset[int] = frozenset(),
    ) -> None:
        """*spared*: the ``interdit`` (by `id`) that do not set situations aside, since they read
        what is asked about: it is evaluated for the situations that they refuse."""
        self.program = program
        self.values = values
        self.spared = spared
        self.limits = limits
        self.world = World(program, limits.bound)
        self.encoder = Encoder(self.world, possible)
        self.element: Elem | None = self.world.stand_in(entity) if entity else None
        event = program.entities[entity].event if entity else None
        self.on: Day
        if self.element is not None and event is not None:
            self.on = self.encoder.day_of(self.element)
        else:
            self.on = self.world.day("au")
        self.scope = Scope(self.on, self.element)
        self.solver = z3.Solver()
        self.solver.set("rlimit", max(1, limits.effort // 4))
        self.solver.set("random_seed", 0)
        self._told = 0
        self._refused: set[object] = set()
        self.seen: set[Hashable] = set()

    # ── one question ─────────────────────────────────────────────────────────────────────

    def settle(
        self,
        target: Target,
        when: Truth,
        confirm: Confirm,
        *,
        further: bool = True,
        shrink: bool = False,
    ) -> Settled:
        """Whether some situation makes *when* true, and the interpreter confirms it.

        *further*: look into what was left open, as far as the limits go. *shrink*: give the
        situation, with the fewest facts.
        """
        if when is False:
            return Settled("impossible")
        asked = term(when)
        for _ in range(self.limits.rounds):
            verdict, model = self._ask(asked)
            if verdict == z3.unsat:
                return Settled("impossible", self.encoder.bounded)
            if model is None:
                return Settled("undecided", self.encoder.bounded, "effort")
            found = self._replay(target, model)
            refused = [pair for pair in found.refused if id(pair[0]) not in self.spared]
            if not refused:
                self.seen |= found.seen
                if confirm(found):
                    witness = self._smallest(target, found, confirm) if shrink else None
                    return Settled("shown", witness=witness)
            elif self._forbid(refused):
                continue
            if not further:
                return Settled("undecided", self.encoder.bounded, "à approfondir")
            if not self._look_into(found, model):
                reason = ", ".join(sorted(self.encoder.beyond)) or "modèle"
                return Settled("undecided", self.encoder.bounded, reason)
        return Settled("undecided", self.encoder.bounded, "tours")

    def is_impossible(self, when: Truth) -> bool:
        """Whether, as far as it was looked into, no situation makes *when* true."""
        if isinstance(when, bool):
            return not when
        self._tell()
        return bool(self._check(when)[0] == z3.unsat)

    def _ask(self, asked: z3.BoolRef) -> tuple[Any, z3.ModelRef | None]:
        """What the solver says of *asked*, by one strategy then by another, and its model."""
        self._tell()
        verdict, model = self._check(asked)
        if verdict == z3.unknown:
            easy = z3.And([asked, *(term(truth) for truth in self.world.easy)])
            found, model = self._check(easy)
            verdict = found if found == z3.sat else verdict
        for strategy in STRATEGIES:
            if verdict != z3.unknown:
                break
            solver = z3.Solver()
            solver.set("rlimit", self.limits.effort)
            for name, value in strategy.items():
                solver.set(name, value)
            solver.add(*(term(truth) for truth in self.world.holds))
            solver.add(asked)
            verdict = solver.check()
            model = solver.model() if verdict == z3.sat else None
        return verdict, model

    def _check(self, asked: z3.BoolRef) -> tuple[Any, z3.ModelRef | None]:
        self.solver.push()
        self.solver.add(asked)
        verdict = self.solver.check()
        model = self.solver.model() if verdict == z3.sat else None
        self.solver.pop()
        return verdict, model

    def _tell(self) -> None:
        """Give the solver what holds, that it was not given."""
        holds = self.world.holds
        for truth in holds[self._told :]:
            self.solver.add(term(truth))
        self._told = len(holds)

    def _replay(self, target: Target, model: z3.ModelRef) -> Replayed:
        data = data_of(self.world, model)
        return completed(self.program, self.values, target, data, value_of(model, self.on))

    def _smallest(self, target: Target, found: Replayed, confirm: Confirm) -> Witness:
        def still(data: dict[str, Any]) -> bool:
            again = replay(self.program, self.values, target, data, found.on)
            is_refused = any(id(rule) not in self.spared for rule, _ in again.refused)
            return not is_refused and confirm(again)

        keep = self.element.path if self.element else ()
        return Witness(smallest(found.data, keep, still), found.on)

    # ── further ──────────────────────────────────────────────────────────────────────────

    def _forbid(self, refused: Iterable[tuple[core.Forbidden, Path]]) -> bool:
        """Set aside what the law forbids. False when it has been, to no avail."""
        grown = False
        for rule, path in refused:
            key = (id(rule), path)
            if key in self._refused:
                continue
            self._refused.add(key)
            grown = True
            element = self.world.element(path) if path else None
            on = self.on
            if element is not None and self.program.entities[element.entity].event:
                on = self.encoder.day_of(element)
            there = self._exists(element)
            condition = self.encoder.condition(rule.condition, Scope(on, element))
            self.world.hold(neg(conj(there, condition.known, condition.truth)))
        return grown

    def _exists(self, element: Elem | None) -> Truth:
        if element is None:
            return True
        tests: list[Truth] = []
        for end in range(1, len(element.path) + 1):
            part = element.path[:end]
            slots = self.world.lists.get(part[:-1])
            if isinstance(part[-1], int) and slots is not None:
                tests.append(slots.items[part[-1]][0])
            elif part in self.world.facts:
                tests.append(self.world.facts[part][1].present)
        return conj(*tests)

    def _look_into(self, found: Replayed, model: z3.ModelRef) -> bool:
        """Define what the interpreter does not agree with; False when there is nothing left."""
        pending = self.encoder.pending
        wrong = []
        for key, one in pending.items():
            try:
                same = self._agrees(one, found, model)
            except (ValueError, OverflowError):
                same = False  # a date that is reckoned, as yet of any year
            if not same:
                wrong.append(key)
        chosen = [key for key in wrong if not pending[key].is_walk] or wrong or list(pending)
        for key in chosen:
            self._define(pending.pop(key))
        return bool(chosen)

    def _define(self, one: Pending) -> None:
        encoder = self.encoder
        try:
            if isinstance(one.expr, core.Walk):
                body = unroll(encoder, one.expr, one.scope)
            else:
                body = rules.outcome(encoder, one.expr.name, one.target, one.scope)
            self.world.define(one.found, body)
        except Beyond as why:
            encoder.beyond.setdefault(why.reason)

    def _agrees(self, one: Pending, found: Replayed, model: z3.ModelRef) -> bool:
        evaluation = found.evaluation
        scope = self._concrete(one.scope, found, model)
        if scope is None:
            return True  # of an element that does not exist
        evaluation.restart()
        kind: Type
        try:
            if isinstance(one.expr, core.Walk):
                kind = one.expr.type
                outcome = evaluation.eval(one.expr, scope)
            else:
                kind = self.program.decisions[one.expr.name].type
                outcome = evaluation.decide_in(one.expr.name, scope.current, scope).outcome
        except BudgetExceeded:
            return False  # two centuries of days, one by one: not known to agree
        return agrees(model, one.found, outcome, kind, self.world.names)

    def _concrete(self, scope: Scope, found: Replayed, model: z3.ModelRef) -> Env | None:
        situation = found.evaluation.situation

        def element(elem: Elem) -> Element | None:
            if not alive(self.world, model, elem.path):
                return None
            return element_at(situation, elem.path)

        current = None
        if scope.current is not None:
            current = element(scope.current)
            if current is None:
                return None
        variables: dict[str, Any] = {}
        for name, sym in scope.variables.items():
            if isinstance(sym.value, Elem):
                variables[name] = element(sym.value)
                if variables[name] is None:
                    return None
            elif isinstance(sym.value, int):
                variables[name] = self.world.names.text(sym.value)
            else:
                return None
        return Env(value_of(model, scope.on), current, variables)
