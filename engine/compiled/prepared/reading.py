"""Reads plain data into the variables of a prepared decision: each key, type and bound is checked.

As strict as `..reading`, whose readers it uses, and stricter: what the decision reads has to be told.
What it does not read is checked as well. All else raises, and goes the long way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, Kind, ListType, Scalar

from ...lowering.layout import item_of
from ..reading import Reading
from .loops import pattern
from .nodes import STRETCH, Node
from .writing import Straight

# Values that are the same again and again: texts already read, each as what it says.
_REMEMBERED = frozenset(
    {Kind.AMOUNT, Kind.DATE, Kind.RATE, Kind.DECIMAL, Kind.DURATION, Kind.PERIOD, Kind.OPEN_PERIOD}
)


class StraightReading:
    """Writes the statements, and what they need beside them."""

    def __init__(self, writing: Straight) -> None:
        self.writing = writing
        self.program = writing.program
        self.layout = writing.layout
        self.readers = Reading(writing.layout, writing.writer)
        self._apart: dict[str, str] = {}
        self._checks: dict[str, str] = {}

    def apart(self) -> list[str]:
        """The lines of the module that the statements need."""
        return [
            *self.readers.scalars(),
            *(f"{name} = {text}" for text, name in self._apart.items()),
        ]

    def whole(self) -> list[str]:
        """Statements that read the situation ``d``."""
        nodes = self.writing.nodes
        fields = self.program.roots
        names = [*nodes.roots, *nodes.whole.kept]
        others = self._others(fields, names)
        lines = ["if d.__class__ is not dict: raise Odd"]
        test = f"len(d) != {len(names)}"
        if "on" not in fields:
            # The date of law is what is told beside, most often.
            others["on"] = on = self._named("kept", "Remembering(read_date)")
            get = self._named("get", f"{on}.held.get")
            lines.append("on_ = d.get('on')")
            test += f" and (len(d) != {len(names) + 1} or on_.__class__ is not str or {get}(on_) is None)"
        lines.append(f"if {test}: {self._checking(names, others)}(d)")
        lines += self._values(nodes.whole, fields, "d", 0)
        for name, node in nodes.roots.items():
            here = f"e{node.number}"
            lines += [f"{here} = d[{name!r}]", *self._element(node, here, 0)]
        return lines

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def _element(self, node: Node, told: str, depth: int) -> list[str]:
        """Statements that read the element *told*, into the variables of *node*."""
        fields = self.program.entities[node.entity].fields
        lines = [f"if {told}.__class__ is not dict: raise Odd"]
        names = self._names(node)
        rest = self._checking(names, self._others(fields, names))
        if not names:
            return [*lines, f"if {told}: {rest}({told})"]
        lines += self._values(node, fields, told, depth)
        lines.append(f"if len({told}) != {len(names)}: {rest}({told})")
        return lines

    def _names(self, node: Node) -> list[str]:
        """The facts that are read of an element."""
        names = [name for name in node.kept if name != STRETCH]
        if STRETCH in node.kept:
            event = self.layout.event(node.entity)
            assert event is not None
            if event not in names:
                names.append(event)
        return names

    def _checking(self, read: Sequence[str], others: Mapping[str, str]) -> str:
        told = ", ".join(f"{name!r}: {check}" for name, check in others.items())
        return self._named("rest", f"checking(frozenset({list(read)!r}), {{{told}}})")

    def _others(self, fields: Mapping[str, core.Field], read: Sequence[str]) -> dict[str, str]:
        """What checks each of the facts that are not read; none for what goes the long way."""
        found = {}
        for name, field in fields.items():
            if name in read:
                continue
            entity = item_of(field.type)
            if entity is None:
                found[name] = self.readers.reader(field)
                continue
            check = self._unread(entity)
            if not check:
                continue
            if isinstance(field.type, ListType):
                check = f"each({check})"
            found[name] = f"perhaps({check})" if field.optional else check
        return found

    def _unread(self, entity: str) -> str:
        """What checks an element of which nothing is read; nothing if the law may forbid it."""
        if entity not in self._checks:
            self._checks[entity] = ""  # one that holds its like goes the long way
            ruled = any(rule.entity == entity for rule in self.program.forbidden)
            fields = self.program.entities[entity].fields
            event = self.layout.event(entity)
            if not ruled and not (event and fields[event].optional):
                others = self._others(fields, ())
                told = ", ".join(f"{name!r}: {check}" for name, check in others.items())
                self._checks[entity] = self._named("check", f"element({{{told}}})")
        return self._checks[entity]

    def _values(
        self, node: Node, fields: Mapping[str, core.Field], told: str, depth: int
    ) -> list[str]:
        names = self._names(node)
        if not names:
            return []
        raw = {name: f"x{depth}_{rank}" for rank, name in enumerate(names)}
        tests: list[str] = []
        lines: list[str] = []
        for name in names:
            field = fields[name]
            if item_of(field.type) is not None:
                lines += self._rows(node, name, field, raw[name], depth)
                continue
            test, _ = self.readers.plain(field)
            kept = f"{node.prefix}{node.kept[name]}" if name in node.kept else ""
            if test and kept:
                raw[name] = kept
                test = test.replace("v ", f"{kept} ").replace("v.", f"{kept}.")
                tests.append(f"({kept} is None or {test})" if field.optional else f"({test})")
                continue
            if kept:
                lines += self._read(field, raw[name], kept)
            if STRETCH in node.kept and name == self.layout.event(node.entity):
                lines += self._stretch(field, raw[name], f"{node.prefix}{node.kept[STRETCH]}")
        got = ", ".join(raw[name] for name in names)
        if len(names) == 1:
            first = f"{got} = {told}[{names[0]!r}]"
        else:
            getter = self._named("got", f"itemgetter({', '.join(map(repr, names))})")
            first = f"{got} = {getter}({told})"
        checked = [f"if not ({' and '.join(tests)}): raise Odd"] if tests else []
        return [first, *checked, *lines]

    def _rows(self, node: Node, name: str, field: core.Field, told: str, depth: int) -> list[str]:
        """Statements that read a list of elements: a list of what is kept of each."""
        assert isinstance(field.type, ListType)
        assert isinstance(field.type.item, EntityType)
        held = node.lists[name]
        kept = f"{node.prefix}{node.kept[name]}"
        row = f"e{held.number}"
        inner = self._element(held, row, depth + 1)
        if held.kept:
            inner.append(f"a{held.number}({pattern(held, held.prefix)})")
        else:
            inner.append(f"a{held.number}(())")
        return [
            (
                f"if {told}.__class__ is not list and {told}.__class__ is not tuple or "
                f"len({told}) > MAX_ELEMENTS: raise Odd"
            ),
            f"{kept} = []",
            f"a{held.number} = {kept}.append",
            f"for {row} in {told}:",
            *(f"    {line}" for line in inner),
        ]

    # ── values ───────────────────────────────────────────────────────────────────────────

    def _read(self, field: core.Field, told: str, kept: str) -> list[str]:
        read = self.readers.reader(field)
        if isinstance(field.type, Scalar) and field.type.kind in _REMEMBERED and not field.optional:
            return self._remembered(f"Remembering({read})", told, kept)
        return [f"{kept} = {read}({told})"]

    def _stretch(self, field: core.Field, told: str, kept: str) -> list[str]:
        """In which stretch of law a day is, without the day itself where no one asks for it."""
        days = "".join(f"{self.writing.writer.day(day)}, " for day in self.writing.days)
        read = self.readers.reader(field)
        return self._remembered(f"Remembering(stretch_of(({days}), {read}))", told, kept)

    def _remembered(self, text: str, told: str, kept: str) -> list[str]:
        made = self._named("kept", text)
        get = self._named("get", f"{made}.held.get")
        return [
            f"{kept} = {get}({told}) if {told}.__class__ is str else None",
            f"if {kept} is None: {kept} = {made}({told})",
        ]

    def _named(self, stem: str, text: str) -> str:
        return self._apart.setdefault(text, f"{stem}_{len(self._apart)}")
