"""Walks over lists as loops among the other statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, DURATION, INT, ListType

from ..scope import Code, python_name
from .nodes import Element, Node
from .writing import Here, Unfit

if TYPE_CHECKING:
    from .writing import Straight


def loop(writing: Straight, expr: core.Walk, scope: Here) -> Code:
    """The value of a walk, worked out by the statements before; see `..walking` for its meaning."""
    held = writing.rows(expr.items, scope)
    if held is None:
        items = writing.expr(expr.items, scope)
        kind = items.kind.item if isinstance(items.kind, ListType) else None
        inner = attrs.evolve(scope, variables={**scope.variables, expr.variable: kind})
        return _Loop(writing, expr, inner, python_name(expr.variable), items.text).code()
    text, node, holder = held
    item = writing.item(node, holder)
    inner = attrs.evolve(
        scope,
        variables={**scope.variables, expr.variable: None},
        elements={**scope.elements, expr.variable: item},
    )
    return _Loop(writing, expr, inner, pattern(node, item.prefix), text, item).code()


def pattern(node: Node, prefix: str) -> str:
    """Stands for the names of what is kept of an element, until all that is kept is known.

    Between characters that no literal has as they are.
    """
    return f"\x01{node.number} {prefix}\x01"


class _Loop:
    def __init__(
        self,
        writing: Straight,
        expr: core.Walk,
        scope: Here,
        name: str,
        items: str,
        item: Element | None = None,
    ) -> None:
        self.writing = writing
        self.expr = expr
        self.scope = scope
        self.head = f"for {name} in {items}:"
        self.name = name
        self.item = item
        self.found = writing.fresh("w")

    def code(self) -> Code:
        """The loop, and the variable that holds what it comes to."""
        expr, found = self.expr, self.found
        match expr.word:
            case "existe":
                total = expr.condition is None or self.writing.totality.of(
                    expr.condition, self.scope
                )
                done = [f"{found} = True", "break"] if total else [f"{found} = True"]
                self._over("False", lambda: done)
                return Code(found, BOOL)
            case "tout":
                return self._every()
            case "nombre":
                self._over("0", lambda: [f"{found} += 1"])
                return Code(found, INT)
            case "somme" | "maximum" | "minimum":
                return self._folded()
            case "liste" if self.item is None:
                self._over("[]", lambda: [f"{found}.append({self.name})"])
                return Code(f"tuple({found})", expr.type)
        raise Unfit  # elements are handed on

    def _every(self) -> Code:
        """Every element is asked, whether or not it counts."""
        writing, found = self.writing, self.found
        assert self.expr.body is not None
        with writing.block() as lines:
            self._of_their_day()
            if self.expr.condition is not None:
                writing.emit(f"if {writing.expr(self.expr.condition, self.scope).text}: pass")
            body = writing.expr(self.expr.body, self.scope).text
            writing.emit(f"if not {body}: {found} = False")
        self._looped("True", lines)
        return Code(found, BOOL)

    def _folded(self) -> Code:
        expr, writing, found = self.expr, self.writing, self.found
        is_sum, is_long = expr.word == "somme", expr.type == DURATION
        codes: list[Code] = []

        def term() -> list[str]:
            assert expr.body is not None
            code = writing.expr(expr.body, self.scope)
            codes.append(code)
            lines = []
            text = code.text
            if not code.sure:
                # What is not applicable is passed over; anything else raises when it is used.
                text = writing.fresh("t_")
                lines = [
                    f"{text} = {code.text}",
                    f"if {text}.__class__ is Not:",
                    f"    if {text}.rank == 3: continue",
                    "    raise Open",
                ]
            if not is_sum:
                return [*lines, f"{found}.append({text})"]
            return [*lines, f"{found} = dadd({found}, {text})" if is_long else f"{found} += {text}"]

        nothing = ("(0, 0)" if is_long else "0") if is_sum else "[]"
        self._over(nothing, term)
        den = codes[0].den
        if is_sum:
            return Code(found, expr.type, den)
        pick = {"maximum": "max", "minimum": "min"}[expr.word]
        value = f"d{pick}(*{found})" if is_long else f"{pick}({found})"
        writing.emit(f"{found} = {value} if {found} else None")
        return Code(found, expr.type, den, absent=True)

    def _over(self, nothing: str, kept: Callable[[], list[str]]) -> None:
        """*nothing* to begin with, then what *kept* writes for each element that counts."""
        writing, condition = self.writing, self.expr.condition
        with writing.block() as lines:
            self._of_their_day()
            if condition is None:
                writing.emit(*kept())
            else:
                test = writing.expr(condition, self.scope).text
                with writing.block() as counted:
                    told = kept()
                    writing.emit(*told)
                writing.emit(f"if {test}:", *(f"    {line}" for line in counted))
        self._looped(nothing, lines)

    def _looped(self, nothing: str, lines: list[str]) -> None:
        indented = (f"    {line}" for line in lines)
        self.writing.emit(f"{self.found} = {nothing}", self.head, *indented)

    def _of_their_day(self) -> None:
        """The decisions asked of an element with a day of its own, all in one choice of the day."""
        if self.item is None or not self.writing.layout.event(self.item.node.entity):
            return
        names = [
            node.name
            for node in core.parts((self.expr.condition, self.expr.body))
            if isinstance(node, core.DecisionValue)
            and isinstance(node.base, core.Variable)
            and node.base.name == self.expr.variable
        ]
        if names:
            self.writing.on_its_day(list(dict.fromkeys(names)), self.item, self.scope)
