"""Expressions over variables: what `..expressions` writes over elements, for one decision.

Statements that an expression needs are written before the one that it stands in. They are then
worked out even where a branch would not have asked for them: what may not be known, or may fail,
there ends the function, and the situation goes the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NoReturn

import attrs

from lexald.dsl import program as core
from lexald.dsl.source import NOWHERE
from lexald.dsl.types import DATE, DECIMAL, RATE, EntityType, ListType

from ...lowering.layout import LOOSE, Layout, item_of, stretches
from ..expressions import Expressions
from ..scope import Code, Scope, is_shallow
from ..units import Body, Units
from ..writer import Writer
from .nodes import STRETCH, Element, Node, Nodes

# Lines of the whole function; a law that needs more goes the long way.
MAX_LINES = 1_500


class Unfit(Exception):
    """This decision is not written as one function."""


@attrs.define(eq=False)
class Here(Scope):
    """A scope where elements are variables.

    *element* is the current one, *elements* those that walks name. *day*: the element whose day
    rules; `None` for the date of law asked for.
    """

    element: Element | None = None
    elements: Mapping[str, Element] = attrs.field(factory=dict)
    day: Element | None = None


class _Block:
    """Statements, and the decisions that they worked out."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known: dict[object, Code] = {}


class Straight(Expressions):
    """Writes one decision as statements.

    *days*: those on which anything that it asks changes.
    """

    def __init__(self, layout: Layout, writer: Writer, days: Sequence[date]) -> None:
        super().__init__(layout, writer)
        self.days = tuple(days)
        self.stretches = stretches(self.days)
        self.nodes = Nodes()
        self.units = Units(layout, writer)
        self.units.expressions = self
        self.function = writer.function("", NOWHERE, "", stem="p")
        self.blocks = [_Block()]
        self._fresh = 0
        self._asking: list[str] = []
        self._written = 0

    # ── statements ───────────────────────────────────────────────────────────────────────

    def emit(self, *lines: str) -> None:
        self._written += len(lines)
        if self._written > MAX_LINES:
            raise Unfit
        self.blocks[-1].lines += lines

    @contextmanager
    def block(self) -> Iterator[list[str]]:
        """Statements written apart, for the caller to place."""
        self.blocks.append(_Block())
        yield self.blocks[-1].lines
        self.blocks.pop()

    def fresh(self, stem: str) -> str:
        self._fresh += 1
        return f"{stem}{self._fresh}"

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def element(self, base: core.Expr, scope: Scope) -> Element:
        """The element that *base* is."""
        assert isinstance(scope, Here)
        found: Element | None = None
        match base:
            case core.Current():
                found = scope.element
            case core.Variable(name):
                found = scope.elements.get(name)
            case core.Root(name):
                found = self.at_root(name)
            case core.Owner(inner):
                found = self.element(inner, scope).owner
        if found is None:
            raise Unfit
        return found

    def at_root(self, name: str) -> Element:
        field = self.program.roots[name]
        if not isinstance(field.type, EntityType) or field.optional:
            raise Unfit
        entity = field.type.name
        owner = self._owner_at_root(entity)
        node = self.nodes.root(name, entity)
        return Element(node, node.prefix, owner)

    def element_of(self, node: Node) -> Element:
        """The element at the root that *node* is."""
        (name,) = (name for name, one in self.nodes.roots.items() if one is node)
        return self.at_root(name)

    def _owner_at_root(self, entity: str) -> Element | None:
        root = self.program.owner_root(entity)
        return None if root is None else self.at_root(root)

    def fact(self, element: Element, name: str) -> Code:
        return self._read(
            element.fact(name), self.program.entities[element.node.entity].fields[name]
        )

    def _read(self, text: str, field: core.Field) -> Code:
        """A fact that is told: the reader saw to it."""
        if item_of(field.type) is not None:
            raise Unfit
        den = LOOSE if field.type in (DECIMAL, RATE) else 1
        return Code(text, field.type, den, absent=field.optional)

    def rows(self, items: core.Expr, scope: Scope) -> tuple[str, Node, Element | None] | None:
        """A list of elements: the variable, its node, what holds it; `None` if of values."""
        holder: Element | None = None
        match items:
            case core.Root(name):
                field = self.program.roots[name]
            case core.Fact(base, name):
                holder = self.element(base, scope)
                field = self.program.entities[holder.node.entity].fields[name]
            case _:
                return None
        if item_of(field.type) is None:
            return None
        return *self.rows_of(holder, field), holder

    def rows_of(self, holder: Element | None, field: core.Field) -> tuple[str, Node]:
        """The list *field* of *holder*, or of the whole situation: the variable, its node."""
        if not isinstance(field.type, ListType) or field.optional:
            raise Unfit
        if not isinstance(field.type.item, EntityType):
            raise Unfit
        node = self.nodes.whole if holder is None else holder.node
        held = self.nodes.held(node, field.name, field.type.item.name)
        prefix = node.prefix if holder is None else holder.prefix
        return f"{prefix}{node.kept[field.name]}", held

    def item(self, node: Node, holder: Element | None) -> Element:
        """One of the elements of a list, in a loop that is being written."""
        owner_entity = self.program.entities[node.entity].owner
        above = holder
        while above is not None and above.node.entity != owner_entity:
            above = above.owner if above.node.holder is None else None
        if above is None and owner_entity is not None:
            above = self._owner_at_root(node.entity)
        element = Element(node, self.fresh("i") + "_", above)
        return element

    # ── expressions ──────────────────────────────────────────────────────────────────────

    def expr(self, expr: core.Expr, scope: Scope) -> Code:
        assert isinstance(scope, Here)
        match expr:
            case core.Fact(base, name):
                return self.fact(self.element(base, scope), name)
            case core.Root(name):
                field = self.program.roots[name]
                whole = self.nodes.whole
                return self._read(f"{whole.prefix}{whole.keep(name)}", field)
            case core.Variable(name) if name in scope.elements:
                raise Unfit
            case core.ConsideredDate():
                if scope.day is None:
                    return Code("on", DATE)
                event = self.layout.event(scope.day.node.entity)
                assert event is not None
                return self.fact(scope.day, event)
            case core.Walk():
                from .loops import loop

                return loop(self, expr, scope)
            case (
                core.Current()
                | core.Owner()
                | core.Previous()
                | core.IsPresent(core.Previous())
                | core.Groups()
                | core.AsOf()
                | core.Supposing()
            ):
                raise Unfit
        return super().expr(expr, scope)

    def _shared(self, *_: object) -> NoReturn:
        raise Unfit  # the other elements bear their parts first

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def ask(self, name: str, base: core.Expr | None, scope: Scope) -> Code:
        assert isinstance(scope, Here)
        entity = self.program.decisions[name].entity
        if entity is None:
            return self.decision(name, None, scope)
        assert base is not None
        element = self.element(base, scope)
        if self.layout.event(entity) and scope.day is not element:
            return self.on_its_day([name], element, scope)[0]
        return self.decision(name, element, scope)

    def decision(self, name: str, element: Element | None, scope: Here) -> Code:
        """A decision of *element*, on the day of *scope*."""
        key = (name, element and element.prefix, scope.day and scope.day.prefix)
        for block in self.blocks:
            if key in block.known:
                return block.known[key]
        decision = self.program.decisions[name]
        if name in self._asking or name in self.program.chains:
            raise Unfit
        if item_of(decision.type) is not None:
            raise Unfit
        self._asking.append(name)
        lines = self._body(decision, element, scope)
        self._asking.pop()
        code = Code(
            "stop()", decision.type, self.layout.denominators[name],
            sure=decision.applicable is None, absent=decision.optional,
        )  # fmt: skip
        if not lines:
            return code
        once = self.layout.asked.get(name) == 1 or not self._asking
        if len(lines) == 1 and once and is_shallow(lines[0]):
            return code._replace(text=f"({lines[0].removeprefix('r = ')})")
        code = code._replace(text=self.fresh("q"))
        self.emit(*lines, f"{code.text} = r")
        self.blocks[-1].known[key] = code
        return code

    def _body(self, decision: core.Decision, element: Element | None, scope: Here) -> list[str]:
        """Lines that give ``r``; none if no rule is in force."""
        inner = Here(
            self.function, decision.entity or "", scope.since, scope.until, False,
            decision=decision, element=element, day=scope.day,
        )  # fmt: skip
        body = Body(self.units, decision, inner)
        if not body.is_in_force and decision.applicable is None:
            return []
        return [line for line, _ in body.quick()]

    def on_its_day(self, names: Sequence[str], element: Element, scope: Here) -> list[Code]:
        """Decisions of *element*, which has a day of its own: stretch of law by stretch."""
        keys = [(name, element.prefix, element.prefix) for name in names]
        for block in self.blocks:
            if all(key in block.known for key in keys):
                return [block.known[key] for key in keys]
        targets = [self.fresh("q") for _ in names]
        sures = [True] * len(names)

        def write(inner: Here) -> None:
            for place, (name, target) in enumerate(zip(names, targets, strict=True)):
                code = self.decision(name, element, inner)
                sures[place] &= code.sure
                self.emit(f"{target} = {code.text}")
                self.blocks[-1].known[keys[place]] = code._replace(text=target)

        self.by_stretch(element, scope, write)
        codes = []
        for key, name, target, sure in zip(keys, names, targets, sures, strict=True):
            decision = self.program.decisions[name]
            den = self.layout.denominators[name]
            code = Code(target, decision.type, den, sure=sure, absent=decision.optional)
            self.blocks[-1].known[key] = code
            codes.append(code)
        return codes

    def by_stretch(self, element: Element, scope: Here, write: Callable[[Here], None]) -> None:
        """The statements of *write*, for the law of the day of *element*."""
        told: list[tuple[int, list[str]]] = []
        fresh, temporaries = self._fresh, self.function.mark()
        most = fresh
        for rank, (since, until) in enumerate(self.stretches):
            # Alike stretches are written with the same names, so that they are one.
            self._fresh = fresh
            self.function.back_to(temporaries)
            with self.block() as lines:
                write(attrs.evolve(scope, since=since, until=until, day=element))
            most = max(most, self._fresh)
            if not told or told[-1][1] != lines:
                told.append((rank, lines))
        self._fresh = most
        if len(told) == 1:
            self.emit(*told[0][1])
            return
        day = element.fact(STRETCH)
        for place, (rank, lines) in enumerate(reversed(told)):
            head = "if" if place == 0 else "elif"
            self.emit(f"{head} {day} >= {rank}:" if rank else "else:")
            self.emit(*(f"    {line}" for line in lines))


__all__ = ["Here", "Straight", "Unfit"]
