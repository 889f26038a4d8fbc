"""Walks over lists, each a function of its own: loops, where everything else is an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import BOOL, DURATION, INT, EntityType, ListType, Type

from .scope import Code, Scope, python_name
from .writer import Function

if TYPE_CHECKING:
    from .expressions import Expressions


def walk(writing: Expressions, expr: core.Walk, scope: Scope) -> Code:
    """The call of a function that walks."""
    scope.function.uses("on", "K")
    function = writing.writer.function(scope.arguments, expr.span, f"{expr.word} parmi", stem="w")
    outer = attrs.evolve(scope, function=function)
    items = writing.expr(expr.items, outer)
    item = items.kind.item if isinstance(items.kind, ListType) else None
    inner = scope.inside(function, expr.variable, item)
    pieces = _Pieces(writing, expr, function, items, inner)
    code = pieces.careful() if scope.careful else pieces.quick()
    return code._replace(text=f"{function.close()}({scope.arguments})")


class _Pieces:
    def __init__(
        self,
        writing: Expressions,
        expr: core.Walk,
        function: Function,
        items: Code,
        inner: Scope,
    ) -> None:
        self.writing = writing
        self.expr = expr
        self.function = function
        self.items = items
        self.inner = inner
        self.name = python_name(expr.variable)
        self.item = inner.variables[expr.variable]

    def _code(self, part: core.Expr | None) -> Code | None:
        return None if part is None else self.writing.expr(part, self.inner)

    def _lines(self, *lines: str) -> None:
        self.function.lines(lines, self.expr.span)

    # ── the quick form ───────────────────────────────────────────────────────────────────

    def quick(self) -> Code:
        expr, name = self.expr, self.name
        condition, body = self._code(expr.condition), self._code(expr.body)
        order = self._code(expr.order)
        head = f"for {name} in {self.items.text}:"
        test = f"if {condition.text}:" if condition is not None else "if True:"
        match expr.word:
            case "existe":
                total = expr.condition is None or self.writing.totality.of(
                    expr.condition, self.inner
                )
                if total:
                    self._lines(head, f"    {test} return True", "return False")
                else:
                    self._lines("found = False", head, f"    {test} found = True", "return found")
                return Code("", BOOL)
            case "tout":
                assert body is not None
                self._lines("found = True", head)
                if condition is not None:
                    self._lines(f"    if {condition.text}: pass")
                self._lines(f"    if not {body.text}: found = False", "return found")
                return Code("", BOOL)
            case "nombre":
                self._lines("n = 0", head, f"    {test} n += 1", "return n")
                return Code("", INT)
            case "liste":
                self._lines("kept = []", head, f"    {test} kept.append({name})")
                held = isinstance(self.item, EntityType)
                self._lines("return kept" if held else "return tuple(kept)")
                return Code("", expr.type)
            case "premier" | "dernier":
                self._lines(
                    "kept = []", "keys = []" if order else "keys = None", head, f"    {test}"
                )
                self._lines(f"        kept.append({name})")
                if order is not None:
                    self._lines(f"        keys.append({order.text})")
                self._lines(f"return first_of(kept, keys, {expr.word == 'dernier'})")
                return Code("", self.item, absent=True)
        assert body is not None
        term = body.text
        if not body.sure:
            # What is not applicable is passed over; anything else raises when it is added.
            t = self.function.temporary()
            skip = [
                f"        {t} = {body.text}",
                f"        if {t}.__class__ is Not and {t}.rank == 3: continue",
            ]
            term = t
        else:
            skip = []
        is_long = expr.type == DURATION
        if expr.word == "somme":
            self._lines("n = (0, 0)" if is_long else "n = 0", head, f"    {test}", *skip)
            self._lines(
                f"        n = dadd(n, {term})" if is_long else f"        n += {term}", "return n"
            )
            return Code("", expr.type, body.den)
        pick = {"maximum": "max", "minimum": "min"}[expr.word]
        self._lines("terms = []", head, f"    {test}", *skip, f"        terms.append({term})")
        if is_long:
            self._lines(f"return d{pick}(*terms) if terms else None")
        elif body.sure:
            self._lines(f"return {pick}(terms) if terms else None")
        else:
            # One term is compared with nothing: it may not be a value.
            self._lines(
                "if len(terms) == 1: return terms[0]", f"return {pick}(terms) if terms else None"
            )
        return Code("", expr.type, body.den, sure=body.sure, absent=True)

    # ── the careful form ─────────────────────────────────────────────────────────────────

    def careful(self) -> Code:
        expr, name = self.expr, self.name
        condition, body = self._code(expr.condition), self._code(expr.body)
        order = self._code(expr.order)
        self._lines(
            f"items = listed({self.items.text})",
            "if items.__class__ is Not: return items",
            "doubt = 0",
            "wrong = None",
        )
        kept: list[str] = []
        kind: Type | None = expr.type
        done: list[str]
        den = 1
        match expr.word:
            case "existe":
                kind = BOOL
                self._lines("found = False")
                kept = ["found = True"]
                done = ["return True if found else U if doubt else False"]
            case "tout":
                assert body is not None
                kind = BOOL
                # Every element is asked, whether or not it counts.
                self._lines("found = []", f"for {name} in items: found.append({body.text})")
                done = ["return and3(*found, U) if doubt else and3(*found)"]
            case "nombre":
                kind = INT
                self._lines("n = 0")
                kept = ["n += 1"]
                done = ["return Not(2, low=n, high=n + doubt) if doubt else n"]
            case "liste":
                self._lines("kept = []")
                kept = [f"kept.append({name})"]
                held = isinstance(self.item, EntityType)
                done = ["if doubt: return U", "return kept" if held else "return tuple(kept)"]
            case "premier" | "dernier":
                kind = self.item
                self._lines("kept = []", "keys = []" if order else "keys = None")
                kept = [f"kept.append({name})"]
                if order is not None:
                    kept.append(f"keys.append({order.text})")
                done = [
                    "if doubt: return U",
                    f"return first_of(kept, keys, {expr.word == 'dernier'})",
                ]
            case _:
                assert body is not None
                den = body.den
                done = self._folded(body, kept)
        lines = [f"for {name} in items:"]
        if condition is not None:
            lines += [
                f"    c = {condition.text}",
                "    if c is False: continue",
                "    if c is not True:",
                "        c = truth3(c)",
                "        if c.rank >= 3:",
                "            wrong = c if wrong is None or c.rank > wrong.rank else wrong",
                "            continue",
                "        doubt += 1",
            ]
            if expr.word in ("somme", "maximum", "minimum"):
                lines += [f"    {line}" for line in kept]
            else:
                lines += ["        continue", *(f"    {line}" for line in kept)]
        else:
            lines += [f"    {line}" for line in kept or ["pass"]]
        self._lines(*lines, "if wrong is not None: return unbound(wrong)", *done)
        return Code("", kind, den, sure=False, absent=True)

    def _folded(self, body: Code, kept: list[str]) -> list[str]:
        """Lines for a term, put in *kept*; returns those after the loop."""
        is_long = self.expr.type == DURATION
        self._lines("terms = []")
        kept += [f"t = {body.text}", "if t.__class__ is Not and t.rank == 3: continue"]
        if self.expr.condition is not None:
            perhaps = "perhaps3(t)" if self.expr.word == "somme" and not is_long else "U"
            kept.append(f"if c is not True: t = {perhaps}")
        kept.append("terms.append(t)")
        if self.expr.word == "somme":
            if is_long:
                return ["return lift(dsum, (0, 0), *terms)"]
            return ["return total3(terms, 0)"]
        pick = {"maximum": "max", "minimum": "min"}[self.expr.word]
        word = f"d{pick}" if is_long else pick
        return [
            "if doubt: return unbound(worst(terms) or U)",
            "if not terms: return None",
            "if len(terms) == 1: return terms[0]",
            f"return {'far3' if is_long else 'num3'}({word}, *terms)",
        ]


def groups(writing: Expressions, expr: core.Groups, scope: Scope) -> Code:
    """The call of a function that cuts a list into groups."""
    scope.function.uses("on", "K")
    function = writing.writer.function(scope.arguments, expr.span, "groupé par", stem="w")
    items = writing.expr(expr.items, attrs.evolve(scope, function=function))
    kind = items.kind.item if isinstance(items.kind, ListType) else None
    inner = scope.inside(function, expr.variable, kind)
    name = python_name(expr.variable)
    keys = "".join(f"{writing.expr(key, inner).text}, " for key in expr.keys)
    if scope.careful:
        lines = [
            f"items = listed({items.text})",
            "if items.__class__ is Not: return items",
            "groups = {}",
            f"for {name} in items:",
            f"    keys = ({keys})",
            "    wrong = worst(keys)",
            "    if wrong is not None: return wrong",
        ]
    else:
        lines = ["groups = {}", f"for {name} in {items.text}:", f"    keys = ({keys})"]
    lines += [
        f"    groups.setdefault(keys, []).append({name})",
        f"return grouped(groups, {isinstance(kind, EntityType)})",
    ]
    function.lines(lines, expr.span)
    whole = ListType(items.kind) if items.kind is not None else None
    return Code(f"{function.close()}({scope.arguments})", whole, sure=not scope.careful)
