"""What a prepared decision reads of a situation: elements and lists, each with the facts kept of it.

The situation as a whole is a node too, of no entity: its facts are the roots that are values, and
the lists at the root.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

# What is kept of an element with a day of its own: in which stretch of law that day is.
STRETCH = "@stretch"


@attrs.define(eq=False)
class Node:
    """An element at the root, or the elements of a list.

    *kept*: the facts read, each with its rank; *lists*: those among them that hold elements.
    *holder*: what holds the list; `None` at the root.
    """

    entity: str
    number: int
    holder: Node | None = None
    kept: dict[str, int] = attrs.field(factory=dict)
    lists: dict[str, Node] = attrs.field(factory=dict)

    def keep(self, name: str) -> int:
        return self.kept.setdefault(name, len(self.kept))

    @property
    def prefix(self) -> str:
        """That of the variables that hold its facts, where it is read."""
        return f"n{self.number}_"

    def names(self, prefix: str) -> list[str]:
        return [f"{prefix}{rank}" for rank in self.kept.values()]


@attrs.define(eq=False)
class Element:
    """An element as an expression meets it: of a node, under a prefix, with what it belongs to."""

    node: Node
    prefix: str
    owner: Element | None = None

    def fact(self, name: str) -> str:
        """The variable that holds a fact of it, which is then read."""
        return f"{self.prefix}{self.node.keep(name)}"


@attrs.define(eq=False)
class Nodes:
    """All that one decision reads."""

    whole: Node = attrs.field(factory=lambda: Node("", 0))
    roots: dict[str, Node] = attrs.field(factory=dict)
    number: int = 0

    def root(self, name: str, entity: str) -> Node:
        if name not in self.roots:
            self.number += 1
            self.roots[name] = Node(entity, self.number)
        return self.roots[name]

    def held(self, holder: Node, name: str, entity: str) -> Node:
        """The elements of the list *name* of *holder*."""
        holder.keep(name)
        if name not in holder.lists:
            self.number += 1
            here = None if holder is self.whole else holder
            holder.lists[name] = Node(entity, self.number, here)
        return holder.lists[name]

    def at_root(self) -> Iterator[Node]:
        yield self.whole
        yield from self.roots.values()
