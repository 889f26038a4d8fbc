"""Decisions that `Law.evaluate` is asked for again and again are prepared, and nothing is said of it.

The answers are the same. What it costs is told in the documentation: milliseconds, once, for each
decision and each stretch of its law.
"""

from __future__ import annotations

from datetime import date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...api import Law
    from .door import Functions

# How often one decision is asked before it is prepared.
OFTEN = 100
# Pairs of a decision and a day that are kept.
MAX_KEPT = 4_096


class Missed:
    """No answer: the situation goes the long way."""

    __slots__ = ()


MISSED = Missed()


def _missed(*_: Any) -> Any:
    return MISSED


class Warm:
    """The prepared decisions of a law."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.ready: dict[tuple[str, date], Callable[[Any, date], Any]] = {}
        self._asked: dict[str, int] = {}
        self._functions: dict[str, Functions] = {}
        self._decide: dict[tuple[str, int], Callable[[Any, date], Any]] = {}

    def prepare(self, name: str, day: date) -> Callable[[Any, date], Any]:
        """What decides *name* on *day*: nothing, until it was asked often."""
        asked = self._asked[name] = self._asked.get(name, 0) + 1
        if asked < OFTEN:
            if len(self._asked) > MAX_KEPT:
                self._asked.clear()
            return _missed
        if len(self.ready) >= MAX_KEPT:
            self.ready.clear()
        decide = self.ready[name, day] = self._prepared(name, day)
        return decide

    def _prepared(self, name: str, day: date) -> Callable[[Any, date], Any]:
        (whole,) = self.law.machine.plain((name,)) or ("",)
        if not whole:
            return _missed
        functions = self._functions.get(whole)
        if functions is None:
            from .door import Functions

            functions = self._functions[whole] = Functions(self.law, whole, fixed=False)
        key = (whole, functions.stretch(day))
        decide = self._decide.get(key)
        if decide is None:
            needs = {"slow": _missed, "unread": _missed, "reslow": _missed, "TOKEN": None}
            space = functions.made(key[1], needs)
            decide = self._decide[key] = _missed if space is None else space["decide"]
        return decide
