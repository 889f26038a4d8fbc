"""An evaluation that keeps what it did, as a tree: which expressions came to what, under which.

What is evaluated under a supposed truth of an open condition stands there too, and its environment
says so: the truth is not so, though the answer may rest on what was read. What is worked out once and used again (a decision, the ceiling that a
list shares) stands in the tree wherever it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Decided, Env, doubt_of
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, Outcome, Unknown

T = TypeVar("T")


class Node:
    """*expr* came to *outcome* in *env*. *below*: what was evaluated for it."""

    __slots__ = ("below", "env", "expr", "outcome")

    def __init__(self, expr: core.Expr, outcome: Outcome, env: Env, below: list[Step]) -> None:
        self.expr = expr
        self.outcome = outcome
        self.env = env
        self.below = below


@attrs.define(eq=False)
class Frame:
    """A decision, worked out in *env*."""

    decision: core.Decision
    env: Env
    decided: Decided
    below: list[Step]


@attrs.define(eq=False)
class Shared:
    """What was worked out once for several readers."""

    below: list[Step]


@attrs.frozen(eq=False)
class Weighed:
    """An exception that was asked whether it holds."""

    rule: core.Rule
    env: Env


@attrs.frozen(eq=False)
class LookedUp:
    """A row that was looked for."""

    table: core.Table
    arguments: Sequence[Outcome]
    env: Env


Step = Node | Frame | Shared | Weighed | LookedUp


@attrs.define
class _Trace:
    """Where what is evaluated is written: shared with the worlds that are supposed."""

    here: list[Step] = attrs.field(factory=list)


class TracedEvaluation(Evaluation):
    """The same answers as `Evaluation`; `recording` tells how they came about."""

    def __init__(
        self,
        program: core.Program,
        situation: Situation,
        on: date,
        *,
        within: Evaluation | None = None,
    ) -> None:
        super().__init__(program, situation, on, within=within)
        self._trace: _Trace = within._trace if isinstance(within, TracedEvaluation) else _Trace()
        self._frames: dict[tuple[str, FactPath, date, object], Frame] = {}
        self._shared: dict[tuple[int, Any], Shared] = {}

    @contextmanager
    def recording(self) -> Iterator[list[Step]]:
        """What is evaluated inside, once it is."""
        steps: list[Step] = []
        self._trace.here = steps
        yield steps

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        trace = self._trace
        above = trace.here
        below: list[Step] = []
        trace.here = below
        outcome = super().eval(expr, env)
        trace.here = above
        if (
            below or outcome is True or outcome is False or isinstance(outcome, Unknown)
            or isinstance(expr, core.ParameterValue)
        ):  # fmt: skip
            above.append(Node(expr, outcome, env, below))
        return outcome

    def _at(self, name: str, element: Element | None, on: date, undated: Unknown | None) -> Decided:
        trace = self._trace
        above = trace.here
        decided = super()._at(name, element, on, undated)
        # What interrupted it, if anything did, wrote elsewhere.
        trace.here = above
        above.append(self._frames[name, element.path if element else (), on, doubt_of(undated)])
        return decided

    def resolve(self, decision: core.Decision, env: Env) -> Decided:
        below: list[Step] = []
        self._trace.here = below
        decided = super().resolve(decision, env)
        path = env.current.path if env.current else ()
        key = decision.name, path, env.on, doubt_of(env.undated)
        self._frames[key] = Frame(decision, env, decided, below)
        return decided

    def weighs(self, decision: core.Decision, rule: core.Rule, env: Env) -> None:
        if not env.guesses:
            self._trace.here.append(Weighed(rule, env))

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        self._trace.here.append(LookedUp(table, arguments, env))

    def once(self, found: dict[Any, T], key: Any, work: Callable[[], T]) -> T:
        trace = self._trace
        above = trace.here
        told = id(found), key
        if key not in found:
            below: list[Step] = []
            trace.here = below
            found[key] = work()
            self._shared[told] = Shared(below)
        trace.here = above
        above.append(self._shared[told])
        return found[key]
