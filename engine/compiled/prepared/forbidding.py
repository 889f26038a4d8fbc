"""Situations that cannot be: where one may be, a prepared decision answers nothing.

Elements that are read are those that there are: others are not told, or the reader goes the long way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import EntityType

from .loops import pattern
from .nodes import Element, Node
from .writing import Here

if TYPE_CHECKING:
    from .writing import Straight


class Forbidding:
    """Writes the tests of one rule, of each element that it is about."""

    def __init__(self, writing: Straight, rule: core.Forbidden, scope: Here) -> None:
        self.writing = writing
        self.rule = rule
        self.scope = attrs.evolve(scope, entity=rule.entity or "")

    def write(self) -> None:
        writing, entity = self.writing, self.rule.entity
        if entity is None:
            self._test(self.scope)
            return
        for name, field in writing.program.roots.items():
            # It is there, whether or not anything is told of it; an optional one only if it is told,
            # and is never read.
            if field.type == EntityType(entity) and not field.optional:
                self._of(writing.at_root(name))
        for node in (writing.nodes.whole, *writing.nodes.roots.values()):
            holder = None if node is writing.nodes.whole else writing.element_of(node)
            self._held(node, node.prefix, holder)

    def _held(self, node: Node, prefix: str, holder: Element | None) -> None:
        """The elements of the lists of *node*, and those of theirs."""
        writing = self.writing
        for name, held in list(node.lists.items()):
            item = writing.item(held, holder)
            with writing.block() as lines:
                if held.entity == self.rule.entity:
                    self._of(item)
                self._held(held, item.prefix, item)
            if lines:
                head = f"for {pattern(held, item.prefix)} in {prefix}{node.kept[name]}:"
                writing.emit(head, *(f"    {line}" for line in lines))

    def _of(self, element: Element) -> None:
        scope = attrs.evolve(self.scope, element=element)
        if self.writing.layout.event(element.node.entity):
            self.writing.by_stretch(element, scope, self._test)
        else:
            self._test(scope)

    def _test(self, scope: Here) -> None:
        test = self.writing.expr(self.rule.condition, scope).text
        self.writing.emit(f"if {test}: raise Odd")
