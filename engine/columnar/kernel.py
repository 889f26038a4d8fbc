"""A law at a date, ready for any number of blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from threading import Lock
from typing import Any

import numpy as np

from lexald.dsl import program as core

from .. import environment as places
from ..contest import ATOMS, is_condition
from ..outcomes import Conflict, Failure, NotApplicable, Side
from ..stretches import Tried, tried
from . import numbers as math
from .block import Block
from .columns import FAILURE, Array, Column
from .world import World

Detail = NotApplicable | Conflict | Failure


class Kernel:
    """A law at a date, for any number of blocks. Threads share one.

    Args:
        program: the law.
        on: the date of law.
        apart: take lanes apart wherever some are left out, whatever it costs; else where it saves
            time. It changes no answer: tests evaluate both ways.
    """

    def __init__(self, program: core.Program, on: date, *, apart: bool = False) -> None:
        self.program = program
        self.apart = apart
        self.on = on.toordinal()
        self._details: list[Detail] = []
        self._numbers: dict[object, int] = {}
        self._codes: list[int] = []
        self._lock = Lock()
        self._conditions: dict[int, int] = {}
        self._weights: dict[int, int] = {}
        self._aparts: dict[int, bool] = {}
        # The rules that gave an answer, by number: 0 is none.
        self._rule_sets: list[tuple[str, ...]] = [()]
        self._rule_numbers: dict[tuple[str, ...], int] = {(): 0}
        self._by_condition: dict[object, int] = {}
        self._kept: list[object] = []
        self._tried: dict[int, Tried] = {}
        # What the modules beside work out once for a piece of the law.
        self.prepared: dict[Any, Any] = {}

    def evaluate(
        self, block: Block, names: Sequence[str], *, rules: bool = False
    ) -> Mapping[str, Column]:
        """What the decisions *names* come to: a column each, over the situations of *block*, or
        over the table of the decision's entity; with *rules*, the rules that gave each answer."""
        world = World(self, block, frozenset(names) if rules else frozenset())
        try:
            return {name: world.decided(name) for name in names}
        finally:
            world.forget()

    def forbidden(self, block: Block) -> Mapping[int, tuple[Array, Array]]:
        """The situations that the law says cannot be, or of which that cannot be judged.

        Returns:
            by the rank of the `interdit` in the program: the situations, by rank in the block,
            and for each the detail of the error that prevents one from judging, or -1.
        """
        world = World(self, block)
        try:
            return self._forbidden(world)
        finally:
            world.forget()

    def _forbidden(self, world: World) -> dict[int, tuple[Array, Array]]:
        found: dict[int, tuple[Array, Array]] = {}
        for rank, rule in enumerate(self.program.forbidden):
            env = world.of_all(rule.entity)
            if env.n == 0:
                continue
            judged = world.at_each(rule.entity, rule.condition, env)
            failed = judged.is_(FAILURE)
            wrong = judged.truth | failed
            if not wrong.any():
                continue
            lanes = np.flatnonzero(wrong)
            which = lanes if env.situation is None else env.situation[lanes]
            details = np.full(len(lanes), -1)
            if judged.detail is not None:
                details = np.where(failed[lanes], judged.detail[lanes], -1)
            found[rank] = which, details
        return found

    # ── what states say ──────────────────────────────────────────────────────────────────

    @property
    def details(self) -> Sequence[Detail]:
        """What the numbers of `Column.detail` mean. It grows as blocks are evaluated.

        A failure has no path, the two sides of a conflict no value: they are those of each lane.
        """
        return self._details

    def _detail(self, key: object, code: object, made: Callable[[], Detail]) -> int:
        found = self._numbers.get(key)
        if found is None:
            with self._lock:
                found = self._numbers.get(key)
                if found is None:
                    found = len(self._details)
                    self._details.append(made())
                    # Two errors are one outcome when their codes are.
                    self._codes.append(self._numbers.setdefault(("code", code), found))
                    self._numbers[key] = found
        return found

    def failure(self, found: Failure) -> int:
        return self._detail(
            ("error", found.code, found.message, found.span), ("error", found.code), lambda: found
        )  # fmt: skip

    def failed(self, code: str, fr: str, en: str, at: core.Spanned) -> int:
        """The number of an error at a place of the law."""
        return self.failure(places.failure(code, fr, en, places.Env(date.min), at))

    def overflow(self, at: core.Spanned) -> int:
        return self.failure(places.overflow(places.Env(date.min), at))

    def not_too_large(self, found: Column, at: core.Spanned) -> Column:
        """*found*, in which a number that no law reaches is an error."""
        if all(part.dtype != object for part in (*found.parts, np.asarray(found.den))):
            return found
        return math.too_large(
            found, self.failed("E013", "nombre trop grand", "number too large", at)
        )

    def not_applicable(self, name: str) -> int:
        return self._detail(("sans objet", name), name, lambda: NotApplicable(name))

    def conflict(self, decision: str, labels: tuple[str, ...]) -> int:
        key = ("conflit", decision, labels)
        return self._detail(
            key, key, lambda: Conflict(decision, (), tuple(Side(label, None, ()) for label in labels))
        )  # fmt: skip

    def codes(self, details: Array) -> Array:
        """What tells one outcome from another, for each of *details*."""
        known = np.asarray(self._codes, np.int64)
        return known[details] if len(known) else np.asarray(details)

    # ── rules ────────────────────────────────────────────────────────────────────────────

    @property
    def rule_sets(self) -> Sequence[tuple[str, ...]]:
        """The labels of the rules that give an answer together, by the number of their set."""
        return self._rule_sets

    def rule_set(self, labels: tuple[str, ...]) -> int:
        """The number of a set of rules; *labels*: in order, each once."""
        found = self._rule_numbers.get(labels)
        if found is None:
            with self._lock:
                found = self._rule_numbers.get(labels)
                if found is None:
                    found = len(self._rule_sets)
                    self._rule_sets.append(labels)
                    self._rule_numbers[labels] = found
        return found

    # ── conditions ───────────────────────────────────────────────────────────────────────

    def condition(self, expr: core.Expr) -> int:
        """The number of an open condition, the same for conditions that say the same; -1 for
        what is no condition."""
        found = self._conditions.get(id(expr))
        if found is None:
            is_one = isinstance(expr, ATOMS) and is_condition(expr, self.program)
            found = self.numbered(expr) if is_one else -1
            self._kept.append(expr)  # its id is its name: it must live as long
            self._conditions[id(expr)] = found
        return found

    def is_apart(self, expr: core.Expr) -> bool:
        """Whether *expr* is worth keeping, and comes to the same whatever is guessed: it asks a
        decision, walks a list or goes to another date, of what the situation tells by itself."""
        if not isinstance(expr, core.DecisionValue | core.Walk | core.AsOf | core.Supposing):
            return False
        found = self._aparts.get(id(expr))
        if found is None:
            self._kept.append(expr)  # its id is its name: it must live as long
            found = self._aparts[id(expr)] = _is_apart(expr, self.program.chains)
        return found

    def numbered(self, condition: object) -> int:
        with self._lock:
            return self._by_condition.setdefault(condition, len(self._by_condition))

    def weight(self, piece: object) -> int:
        """How many core nodes *piece*, an expression or a rule, is made of."""
        found = self._weights.get(id(piece))
        if found is None:
            self._kept.append(piece)
            found = self._weights[id(piece)] = sum(1 for _ in core.parts(piece))
        return found

    def tried(self, start: object) -> Tried:
        """The days at which *start* is read when its own is not known."""
        found = self._tried.get(id(start))
        if found is None:
            self._kept.append(start)
            found = self._tried[id(start)] = tried(self.program, start)
        return found

    def prepare(self, key: Any, work: Callable[[], Any]) -> Any:
        """What *work* gives, once for the law; *key* holds what it is about."""
        found = self.prepared.get(key)
        if found is None:
            found = self.prepared[key] = work()
        return found


def _is_apart(expr: core.Expr, chains: Mapping[str, str]) -> bool:
    told: tuple[object, ...]
    if any(isinstance(n, core.DecisionValue) and n.name in chains for n in core.parts(expr)):
        return False  # it is worked out along its list, not for a whole table at once
    match expr:
        case core.DecisionValue(_, base):
            told = (base,)
        case core.Walk(items=items):
            told = (items,)
        case core.AsOf(day):
            told = (day,)
        case core.Supposing(decision, core.Constant()):
            told = (decision.base,)
        case _:
            return False
    bound = {n.variable for n in core.parts(expr) if isinstance(n, core.Walk | core.Groups)}
    free = {n.name for n in core.parts(expr) if isinstance(n, core.Variable)} - bound
    return not free and all(
        isinstance(n, core.Current | core.Root | core.Owner | core.Fact | core.Constant)
        for n in core.parts(told)
    )
