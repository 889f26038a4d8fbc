"""Where expressions are evaluated: many lanes, each with its date, its element, its situation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from lexald.dsl import program as core

from .columns import UNKNOWN, Array, Column, Inside, at

# What a lane has of its source, and was not asked for yet.
_UNASKED: Any = object()


@attrs.define(eq=False)
class Opened:
    """The open conditions met, each by its number, with the lanes where it was."""

    lanes: dict[int, Array] = attrs.field(factory=dict)

    def meet(self, condition: int, lanes: Array) -> None:
        held = self.lanes.get(condition)
        self.lanes[condition] = lanes if held is None else held | lanes


class Env:
    """Where an expression is evaluated, lane by lane.

    *on*: days by number, one for all lanes or one each. *guesses* are truths supposed of open
    conditions: 1, 0, or -1 in a lane where nothing is supposed; *opened* gathers those met, in
    the *active* lanes only: lanes that a test sets aside are evaluated, and their outcome is not
    used. *undated*: the day that is meant, not known in the lanes whose date is one tried among
    others; `None`: it is known in all. *root*: the whole table, or all
    situations, of which each lane is one, at the same date.

    What lanes of one are of another is worked out when it is asked.
    """

    __slots__ = (
        "_current",
        "_held",
        "_is_root",
        "_lanes_",
        "_on",
        "_root",
        "_situation",
        "_source",
        "_span",
        "_undated",
        "_variables",
        "active", "entity",
        "guesses",
        "n",
        "opened",
        "rule",
        "whole",
    )  # fmt: skip

    def __init__(
        self,
        n: int,
        on: int | Array,
        *,
        current: Array | None = None,
        situation: Array | None = None,
        undated: Column | None = None,
        entity: str | None = None,
        whole: bool = False,
    ) -> None:
        """*situation* `None`: lanes are situations. *entity*: that of the current elements.
        *whole*: lanes are a whole table."""
        self.n = n
        self.entity = entity
        self._is_root = whole or (entity is None and situation is None)
        self._root: Env | None = None
        self.whole = whole
        self.guesses: Mapping[int, Array] = {}
        self.opened: Opened | None = None
        self.active: Array | None = None
        self.rule: tuple[core.Decision, core.Rule] | None = None
        self._on: int | Array | None = on
        self._current = current
        self._situation = situation
        self._undated = undated
        self._variables: Mapping[str, Column] = {}
        self._source: Env | None = None
        self._lanes_: Any = None
        self._held: Inside | None = None
        self._span: tuple[int, int] | None = None

    @property
    def _lanes(self) -> Any:
        """The lane of the source that each lane is."""
        if self._lanes_ is None and self._held is not None:
            self._lanes_ = self._held.parent
        return self._lanes_

    def _copy(self) -> Env:
        made = object.__new__(Env)
        for name in Env.__slots__:
            setattr(made, name, getattr(self, name))
        made.root = self.root
        return made

    @property
    def root(self) -> Env | None:
        # Not a reference to itself: what a block held would stay until garbage is collected.
        return self if self._is_root else self._root

    @root.setter
    def root(self, root: Env | None) -> None:
        self._is_root = root is self
        self._root = None if root is self else root

    # ── what each lane is ────────────────────────────────────────────────────────────────

    @property
    def on(self) -> int | Array:
        if self._on is None:
            assert self._source is not None
            on = self._source.on
            self._on = on if isinstance(on, int) else at(on, self._lanes)
        return self._on

    @property
    def span(self) -> tuple[int, int]:
        """Days that no date of `on` is before, or after."""
        if self._span is None:
            if isinstance(self._on, int):
                self._span = self._on, self._on
            elif self._on is not None:
                low = int(self._on.min()) if len(self._on) else 1
                self._span = low, int(self._on.max()) if len(self._on) else 1
            else:
                assert self._source is not None
                self._span = self._source.span
        return self._span

    @property
    def current(self) -> Array | None:
        if self._current is None and self._source is not None:
            held = self._source.current
            self._current = None if held is None else at(held, self._lanes)
        return self._current

    @property
    def situation(self) -> Array | None:
        if self._situation is None and self._source is not None:
            held = self._source.situation
            self._situation = np.asarray(self._lanes) if held is None else at(held, self._lanes)
        return self._situation

    @property
    def undated(self) -> Column | None:
        if self._undated is _UNASKED:
            assert self._source is not None
            held = self._source.undated
            self._undated = None if held is None else held.take(self._lanes)
        return self._undated

    @property
    def is_steady(self) -> bool:
        """Whether all lanes have one date, which is not one tried among others."""
        undated = self.undated
        return isinstance(self.on, int) and (undated is None or not undated.is_(UNKNOWN).any())

    def variable(self, name: str) -> Column:
        found = self._variables.get(name)
        if found is None:
            assert self._source is not None, name
            found = self._source.variable(name).take(self._lanes)
            self._variables = {**self._variables, name: found}
        return found

    # ── other lanes ──────────────────────────────────────────────────────────────────────

    def take(self, lanes: Array) -> Env:
        """The lanes at *lanes*; what is guessed and met follows."""
        made = Env(len(lanes), 0)
        made._on, made._undated = None, _UNASKED
        made._source, made._lanes_ = self, lanes
        made.rule, made.entity, made.root = self.rule, self.entity, self.root
        made.guesses = {condition: at(truth, lanes) for condition, truth in self.guesses.items()}
        return made

    def inside(self, held: Inside, name: str) -> Env:
        """One lane for each item of a walk: a condition has no one truth there."""
        made = Env(held.size, 0)
        made._on, made._undated = None, _UNASKED
        made._source, made._held = self, held
        made.rule, made.entity, made.root = self.rule, self.entity, self.root
        made._variables = {name: held.items}
        return made

    def within(self, mask: Array) -> Env:
        """The same lanes, of which only those of *mask* count."""
        if self.opened is None:
            return self
        made = self._copy()
        made.active = mask if self.active is None else self.active & mask
        return made

    def in_rule(self, decision: core.Decision, rule: core.Rule) -> Env:
        made = self._copy()
        made.rule = (decision, rule)
        return made

    def on_dates(self, days: int | Array, undated: Column | None) -> Env:
        """At other dates: what is guessed at these says nothing there."""
        made = self._copy()
        made._on = days
        made._span = None
        made._undated = undated
        made.guesses, made.opened, made.active = {}, None, None
        made.whole, made.root = False, None
        return made

    def asking(self, opened: Opened) -> Env:
        """The same lanes, the open conditions that are met being gathered in *opened*."""
        made = self._copy()
        made.opened, made.active, made.guesses = opened, None, {}
        return made

    def supposing(self, lanes: Array, guesses: Mapping[int, Array]) -> Env:
        """The lanes at *lanes*, under *guesses*, an array of that length each."""
        made = self.take(lanes)
        made.guesses = guesses
        return made
