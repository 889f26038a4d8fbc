"""Where an expression is written, and what it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import Type

from .writer import Function


class Code(NamedTuple):
    """An expression in Python.

    *den*: over what a number is kept. *sure*: whether it surely is a value, when it gives
    anything. *absent*: whether it may be `None`.
    """

    text: str
    kind: Type | None
    den: int = 1
    sure: bool = True
    absent: bool = False


# How deep what is written in another expression may be nested: Python reads 200 parentheses, and what the
# law itself nests comes around it.
MAX_NESTED = 40


def is_shallow(text: str) -> bool:
    """Whether *text* may be written inside another expression."""
    if "'" in text or '"' in text:
        return text.count("(") <= MAX_NESTED  # some may be in what is quoted
    depth = 0
    for letter in text:
        if letter == "(":
            depth += 1
            if depth > MAX_NESTED:
                return False
        elif letter == ")":
            depth -= 1
    return True


@attrs.define(eq=False)
class Scope:
    """Where an expression is written.

    *entity* is that of ``e``, ``""`` for the situation. *since*, *until*: the stretch of law;
    *moved*: it is not that of the day of ``e``. *variables* are those of walks, by name.
    """

    function: Function
    entity: str
    since: date
    until: date | None
    careful: bool
    moved: bool = False
    variables: Mapping[str, Type | None] = attrs.field(factory=dict)
    decision: core.Decision | None = None
    rule: core.Rule | None = None

    def inside(self, function: Function, variable: str, kind: Type | None) -> Scope:
        return attrs.evolve(self, function=function, variables={**self.variables, variable: kind})

    @property
    def arguments(self) -> str:
        """What a function written apart takes of this one."""
        return ", ".join(("e", "on", "K", *map(python_name, self.variables)))


def python_name(variable: str) -> str:
    """The variable of a walk in Python: no name of ours begins like it."""
    return f"v_{variable}"
