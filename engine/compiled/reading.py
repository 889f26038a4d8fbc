"""Readers of plain data, written for the entities of one law: each key, type and bound is checked.

Keys that are not facts, values that are not plainly right: all that raises `readers.Odd`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Amount, Duration

from ..lowering.layout import Layout, item_of
from .writer import Writer

# An entity with more facts is read key by key, the others fact by fact: a wide one is told sparsely.
NARROW = 24
_READERS = {
    Kind.BOOL: "read_bool",
    Kind.INT: "read_int",
    Kind.DECIMAL: "read_fraction",
    Kind.RATE: "read_fraction",
    Kind.AMOUNT: "read_amount",
    Kind.DATE: "read_date",
    Kind.DURATION: "read_duration",
    Kind.PERIOD: "read_period",
    Kind.OPEN_PERIOD: "read_open_period",
    Kind.TEXT: "read_text",
}

# A reader that only does what one of ours does is that one.
_DIRECT = {f"return {name}(v)": name for name in _READERS.values()}


class Reading:
    """Writes the readers of a law, as text."""

    def __init__(self, layout: Layout, writer: Writer) -> None:
        self.layout = layout
        self.program = layout.program
        self.writer = writer
        self.rank = {name: rank for rank, name in enumerate(layout.places)}
        self._readers: dict[str, str] = {}
        self._maps: list[str] = []

    def text(self) -> str:
        bodies = [self._entity(name) for name in self.program.entities]
        bodies.append(self._whole())
        blanks = [self._blank(name) for name in self.layout.places]
        return "\n\n\n".join(["\n".join(blanks), *self.scalars(), "\n".join(self._maps), *bodies])

    def scalars(self) -> list[str]:
        """The functions that `reader` named, each as text."""
        return [
            f"def {name}(v):\n" + "\n".join(f"    {line}" for line in text.splitlines())
            for text, name in self._readers.items()
        ]

    def _blank(self, entity: str) -> str:
        fields = self.layout.fields[entity]
        bounded = "".join(
            f"({self.layout.fact(entity, name)}, {self._end(field, 0)}, {self._end(field, 1)}), "
            for name, field in fields.items()
            if field.bounds and not field.optional and not isinstance(field.type, ListType)
        )
        told = f"{self.layout.size(entity)}, {len(fields)}, ({bounded})"
        dated = bool(entity and self.layout.event(entity))
        return f"B{self.rank[entity]} = blank({told}, {dated})"

    def _end(self, field: core.Field, which: int) -> str:
        """A bound of *field*, where generated code reckons with it."""
        end = field.bounds[which] if field.bounds else None
        if isinstance(end, Amount):
            return str(end.cents)
        if isinstance(end, int) and field.type == Scalar(Kind.INT):
            return str(end)
        return "None"

    # ── values ───────────────────────────────────────────────────────────────────────────

    def reader(self, field: core.Field) -> str:
        """The function that reads values of *field*, which holds no element."""
        lines = []
        if field.optional:
            lines.append("if v is None: return None")
        if isinstance(field.type, ListType):
            one = self.reader(
                core.Field(field.name, field.type.item, False, field.bounds, "", "", "")
            )
            lines += [
                "if v.__class__ is not list and v.__class__ is not tuple: raise Odd",
                "if len(v) > MAX_ELEMENTS or v and v[-1] in INCOMPLETE: raise Odd",
                f"return tuple([{one}(one) for one in v])",
            ]
        else:
            lines += self._scalar(field.type, field.bounds)
        text = "\n".join(lines)
        if text in _DIRECT:
            return _DIRECT[text]
        return self._readers.setdefault(text, f"r{len(self._readers)}")

    def _scalar(self, kind: Type, bounds: tuple[core.Value, core.Value] | None) -> list[str]:
        if isinstance(kind, EnumType):
            members = ", ".join(repr(m) for m in self.program.enumerations[kind.name].members)
            data = self.writer.data(f"frozenset(({members},))")
            return [f"if v.__class__ is str and v in {data}: return v", "raise Odd"]
        assert isinstance(kind, Scalar)
        read = _READERS[kind.kind]
        if bounds is None:
            return [f"return {read}(v)"]
        low, high = bounds
        return [f"v = {read}(v)", f"if {self._within(low, high)}: return v", "raise Odd"]

    def _within(self, low: Any, high: Any) -> str:
        match low, high:
            case Duration(), Duration():
                ends = ((low.months, low.days), (high.months, high.days))
                return f"long_between(v, {ends[0]!r}, {ends[1]!r})"
            case Amount(), Amount():
                return f"{low.cents} <= v <= {high.cents}"
        if isinstance(low, Fraction) or isinstance(high, Fraction):
            a, b = Fraction(low), Fraction(high)
            return f"between(v, ({a.numerator}, {a.denominator}), ({b.numerator}, {b.denominator}))"
        if isinstance(low, int) and isinstance(high, int):
            return f"{low} <= v <= {high}"
        return f"{self.writer.day(low)} <= v <= {self.writer.day(high)}"

    def plain(self, field: core.Field) -> tuple[str, str]:
        """A test that a value is plainly right as it stands, if there is a short one."""
        kind = field.type
        if kind == Scalar(Kind.BOOL):
            return "v is True or v is False", "v"
        if kind == Scalar(Kind.INT):
            low, high = field.bounds or (-(10**18) + 1, 10**18 - 1)
            return f"v.__class__ is int and {low} <= v <= {high}", "v"
        if isinstance(kind, EnumType):
            members = ", ".join(repr(m) for m in self.program.enumerations[kind.name].members)
            data = self.writer.data(f"frozenset(({members},))")
            return f"v.__class__ is str and v in {data}", "v"
        return "", ""

    # ── elements ─────────────────────────────────────────────────────────────────────────

    def _holds_owned(self, entity: str) -> list[str]:
        return [e.name for e in self.program.entities.values() if e.owner == entity]

    def _entity(self, entity: str) -> str:
        fields = self.layout.fields[entity]
        rank = self.rank[entity]
        lines = [
            f"# {entity}",
            f"def n{rank}(d, e, R, O):",
            "    if d.__class__ is not dict: raise Odd",
        ]
        nested = {name: field for name, field in fields.items() if item_of(field.type)}
        event = self.layout.event(entity)
        if nested:
            lines.append("    if len(path_of(e)) > MAX_DEPTH: raise Odd")
        lines += self._all_told(entity, fields, event)
        if len(fields) <= NARROW:
            lines += ["    n = 0", *self._one_by_one(entity, fields, "e")]
            lines.append("    if n != len(d): raise Odd")
        else:
            pairs = ", ".join(
                f"{name!r}: {'later' if name in nested else self.reader(field)}"
                for name, field in fields.items()
            )
            self._maps += [f"F{rank} = {{{pairs}}}", f"P{rank} = placed({' '.join(fields)!r})"]
            lines += [
                "    for k, v in d.items():",
                f"        f = F{rank}.get(k)",
                "        if f is None: raise Odd",
                f"        e[P{rank}[k]] = f(v)",
            ]
        if nested:
            owned = self._holds_owned(entity)
            if owned:
                given = ", ".join(f"{name!r}: e" for name in owned)
                lines.append(f"    O = {{**O, {given}}}")
            for name, field in nested.items():
                lines.append(f"    v = d.get({name!r}, U)")
                lines.append("    if v is not U:")
                lines += [f"        {line}" for line in self._held(name, field, entity, "e")]
        if event:
            lines.append(f"    dated(e, e[{self.layout.fact(entity, event)}], R[3])")
        return "\n".join(lines)

    def _all_told(self, entity: str, fields: Any, event: str | None) -> list[str]:
        """Lines that read an element of which each fact is told, at once."""
        if not 2 <= len(fields) <= NARROW or any(item_of(f.type) for f in fields.values()):
            return []
        # One by one: `itemgetter` is no faster, and `operator` takes a new process half a millisecond.
        told = ", ".join(f"d[{name!r}]" for name in fields)
        tests, values = [], []
        for number, field in enumerate(fields.values()):
            test, _ = self.plain(field)
            if test and not field.optional:
                tests.append(f"({test})".replace("v ", f"v{number} ").replace("v.", f"v{number}."))
                values.append(f"v{number}")
            else:
                values.append(f"{self.reader(field)}(v{number})")
        first, last = 9, 9 + len(fields)
        unpacked = ", ".join(f"v{number}" for number in range(len(fields)))
        whole = ", ".join(values)
        lines = [
            f"    if len(d) == {len(fields)}:",
            f"        try: {unpacked} = {told}",
            "        except KeyError: raise Odd",
        ]
        if tests:
            lines.append(f"        if not ({' and '.join(tests)}): raise Odd")
        lines.append(f"        e[{first}:{last}] = ({whole})")
        if event and not fields[event].optional:
            lines.append(f"        e[0] = day = e[{self.layout.fact(entity, event)}]")
            lines.append("        e[1] = R[3].at(day)")
        elif event:
            lines.append(f"        dated(e, e[{self.layout.fact(entity, event)}], R[3])")
        return [*lines, "        return"]

    def _one_by_one(self, entity: str, fields: Any, target: str) -> list[str]:
        lines = []
        for name, field in fields.items():
            place = self.layout.fact(entity, name)
            lines.append(f"    v = d.get({name!r}, U)")
            if item_of(field.type):
                lines.append("    if v is not U: n += 1")
                continue
            test, value = self.plain(field)
            lines.append("    if v is not U:")
            lines.append("        n += 1")
            if test:
                lines.append(f"        if {test}: {target}[{place}] = {value}")
                lines.append(
                    f"        elif v is None: {target}[{place}] = None" if field.optional
                    else "        else: raise Odd"
                )  # fmt: skip
                if field.optional:
                    lines.append("        else: raise Odd")
            else:
                lines.append(f"        {target}[{place}] = {self.reader(field)}(v)")
        return lines

    def _held(self, name: str, field: core.Field, holder: str, target: str) -> list[str]:
        """Lines that read elements held by an element, from ``v``."""
        entity = item_of(field.type)
        assert entity is not None
        place = self.layout.fact(holder, name)
        rank = self.rank[entity]
        lines = []
        if field.optional:
            lines += [f"if v is None: {target}[{place}] = None"]
        start = "elif" if field.optional else "if"
        if isinstance(field.type, EntityType):
            lines += [
                f"{start} True:",
                f"    x = B{rank}[:]; x[2] = R; x[3] = O.get({entity!r}); x[5] = (*path_of({target}), {name!r})",
                f"    {target}[{place}] = x",
                f"    n{rank}(v, x, R, O)",
            ]
            return lines
        lines += [
            f"{start} v.__class__ is not list and v.__class__ is not tuple or len(v) > MAX_ELEMENTS: raise Odd",
            "else:",
            "    L = []",
            "    rank = 0",
            f"    owner = O.get({entity!r})",
            f"    path = (*path_of({target}), {name!r})",
            "    for row in v:",
            f"        x = B{rank}[:]; x[2] = R; x[3] = owner; x[4] = L; x[5] = (path, rank)",
            f"        n{rank}(row, x, R, O)",
            "        L.append(x)",
            "        rank += 1",
            f"    {target}[{place}] = L",
        ]
        return lines

    def _whole(self) -> str:
        """The reader of a situation: its roots, each entity made before any is read."""
        roots = self.program.roots
        lines = ["def read(d, R):", "    n = 0"]
        elements = [n for n, f in roots.items() if isinstance(f.type, EntityType)]
        for name in elements:
            field = roots[name]
            assert isinstance(field.type, EntityType)
            entity = field.type.name
            place = self.layout.fact("", name)
            made = f"x = B{self.rank[entity]}[:]; x[2] = R; x[5] = ({name!r},); R[{place}] = x"
            if field.optional:
                lines += [f"    if d.get({name!r}) is not None:", f"        {made}"]
            else:
                lines.append(f"    {made}")
                event = self.layout.event(entity)
                if event:
                    lines.append(f"    dated(x, x[{self.layout.fact(entity, event)}], R[3])")
        owners = {}
        for entity in self.program.entities:
            root = self.program.owner_root(entity)
            if root is not None:
                owners[entity] = f"o{self.layout.fact('', root)}"
        for name in sorted(set(owners.values())):
            lines.append(f"    {name} = told(R[{name[1:]}])")
        given = ", ".join(f"{name!r}: {text}" for name, text in owners.items())
        lines.append(f"    O = {{{given}}}")
        for name in elements:
            field = roots[name]
            entity = item_of(field.type) or ""
            place = self.layout.fact("", name)
            if entity in owners and not field.optional:
                lines.append(f"    R[{place}][3] = O[{entity!r}]")
            lines += [f"    v = d.get({name!r}, U)", "    if v is not U:", "        n += 1"]
            if field.optional:
                lines.append(f"        if v is None: R[{place}] = None")
                lines.append("        else:")
                lines.append(f"            x = R[{place}]")
                if entity in owners:
                    lines.append(f"            x[3] = O[{entity!r}]")
                lines.append(f"            n{self.rank[entity]}(v, x, R, O)")
            else:
                lines.append(f"        n{self.rank[entity]}(v, R[{place}], R, O)")
        others = {n: f for n, f in roots.items() if n not in elements}
        scalars = {n: f for n, f in others.items() if not item_of(f.type)}
        lines += self._one_by_one("", scalars, "R")
        for name, field in others.items():
            if item_of(field.type):
                lines += [f"    v = d.get({name!r}, U)", "    if v is not U:", "        n += 1"]
                lines += [f"        {line}" for line in self._held(name, field, "", "R")]
        if "on" not in roots:
            lines += ["    if 'on' in d:", "        n += 1", "        read_date(d['on'])"]
        lines.append("    if n != len(d): raise Odd")
        return "\n".join(lines)
