"""A law as the text of Python modules."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from lexald.dsl import program as core
from lexald.dsl.chains import asked
from lexald.dsl.program import Program
from lexald.dsl.source import Span
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    INT,
    PERIODS,
    RATE,
    EntityType,
    EnumType,
    Kind,
    Scalar,
    Type,
)

from ..lowering.layout import Finer, Layout, item_of
from . import lists, numbers, readers, rows, runtime, times, truth
from .parts import Cut, Part
from .reading import Reading
from .units import Units
from .writer import Writer

# What the generated text and its runtime agree on.
FORMAT = 2


@attrs.frozen
class Generated:
    """A law as Python: a module of what every situation needs, and parts that are read when asked for."""

    base: str
    parts: Mapping[int, str]


def generate(program: Program) -> Generated:
    """*program* as the source of modules; the same texts for the same program.

    They need what they import, and nothing else of ours. The first has a name that is not written
    here, `part`: what gives the names of a part by its number.
    """
    loose: frozenset[str] = frozenset()
    while True:
        layout, writer = Layout(program, runtime.HEAD, loose), Writer()
        try:
            Units(layout, writer).write()
            break
        except Finer as finer:
            loose |= {finer.decision}
    reading = Reading(layout, writer).text()
    cut = Cut(writer, _always(layout))
    data, _ = cut.texts.of(re.findall(r"\w+", reading))
    body = "\n\n\n".join([data, reading, _tables(layout, writer, cut)])
    told = {"HASH": program.hash, "NAME": program.name, "VERSION": program.version}
    names = "".join(f"{name} = {text!r}\n" for name, text in told.items())
    base = f"{_header(program, '', body)}FORMAT = {FORMAT}\n{names}\n{body}\n"
    return Generated(base, {part.number: _part(program, part) for part in cut.parts()})


def _always(layout: Layout) -> list[int]:
    """The units that every situation is asked: what is forbidden, then the decisions that this asks, in turn."""
    program = layout.program
    found = [layout.units["forbidden", rank] for rank in range(len(program.forbidden))]
    todo = [
        node.name
        for rule in program.forbidden
        for node in core.parts(rule.condition)
        if isinstance(node, core.DecisionValue)
    ]
    names: dict[str, None] = {}
    while todo:
        name = todo.pop(0)
        if name not in names:
            names[name] = None
            todo += [one.name for one in asked(program.decisions[name])]
    for name in names:
        sequence = program.decisions[name].sequence
        for key in (("decision", name), ("applies", name), ("sequence", sequence)):
            if key in layout.units:
                found.append(layout.units[key])
    return list(dict.fromkeys(found))


def _part(program: Program, part: Part) -> str:
    header = _header(program, f", part {part.number}", part.text) + "\n"
    shift = header.count("\n")
    lines = _line_map([(line + shift, span) for line, span in part.spans])
    return f"{header}{part.text}\n\n\nUNITS = {part.units}\n{lines}"


def _header(program: Program, about: str, text: str) -> str:
    words = set(re.findall(r"\w+", text))
    lines = [
        f'"""{program.name}, {program.version}: the law as Python{about}. Generated; do not edit."""',
        "# ruff: noqa",
        "# mypy: ignore-errors",
    ]
    for module in (runtime, truth, numbers, times, rows, lists, readers):
        # What one imports of the other is taken from where it is.
        names = sorted(n for n in words & vars(module).keys() if n not in ("date", "Any"))
        if names:
            lines.append(f"from {module.__name__} import {', '.join(names)}")
        words.difference_update(names)
    return "\n".join([*lines, ""])


def _tables(layout: Layout, writer: Writer, cut: Cut) -> str:
    program = layout.program
    # The days on which the law changes, and for each unit on which of them: see `runtime.Eras`.
    days = sorted({day for changes, _ in writer.units for day in changes})
    rank = {day: number for number, day in enumerate(days)}
    # What a process asks a few of is text: thousands of tuples would be made, and looked through
    # for garbage, of which it reads ten.
    units = ";".join(
        " ".join(map(str, (group, *(rank[day] for day in changes))))
        for (changes, _), group in zip(writer.units, cut.groups, strict=True)
    )
    lines = [f"DAYS = {tuple(day.toordinal() for day in days)!r}", f"UNITS = {units!r}"]
    lines.append("DECISIONS = {")
    for name, decision in program.decisions.items():
        entity = decision.entity or ""
        place = layout.places[entity]["decision", name]
        unit = layout.units["decision", name]
        told = f"{place} {unit} {layout.denominators[name]} {kind_letter(decision.type)} {entity}"
        lines.append(f"    {name!r}: {told!r},")
    lines.append("}")
    lines.append("FACTS = {")
    for entity, fields in layout.fields.items():
        assert [layout.fact(entity, name) - runtime.HEAD for name in fields] == [
            *range(len(fields))
        ]
        lines.append(f"    {entity!r}: {' '.join(fields)!r},")
    lines.append("}")
    lines.append("HELD = {")
    for entity, fields in layout.fields.items():
        those = [(layout.fact(entity, name), item_of(field.type)) for name, field in fields.items()]
        if any(item for _, item in those):
            lines.append(f"    {entity!r}: {tuple(one for one in those if one[1])!r},")
    lines.append("}")
    events = ", ".join(
        f"{name!r}: {layout.fact(name, event)}"
        for name in program.entities
        if (event := layout.event(name))
    )
    lines.append(f"EVENTS = {{{events}}}")
    blanks = ", ".join(f"{name!r}: B{rank}" for rank, name in enumerate(layout.places))
    lines.append(f"BLANKS = {{{blanks}}}")
    forbidden = ", ".join(
        f"({rule.entity or ''!r}, {layout.units['forbidden', rank]})"
        for rank, rule in enumerate(program.forbidden)
    )
    lines.append(f"FORBIDDEN = ({forbidden}{',' if forbidden else ''})")
    held: dict[str, list[str]] = {}
    for holder, fields in layout.fields.items():
        for field in fields.values():
            item = item_of(field.type)
            if item is not None:
                held.setdefault(item, []).append(holder)
    singles = ", ".join(
        f"{field.type.name!r}: {layout.fact('', name)}"
        for name, field in program.roots.items()
        if isinstance(field.type, EntityType) and len(held[field.type.name]) == 1
    )
    lines.append(f"SINGLES = {{{singles}}}")
    results = ", ".join(
        f"{name!r}: {tuple(sorted(roots))!r}" for name, roots in program.results.items()
    )
    lines.append(f"RESULTS = {{{results}}}")
    return "\n".join(lines)


def kind_letter(kind: Type) -> str:
    """How values of *kind* are boxed: see `machine`."""
    if item_of(kind) is not None:
        return "x"
    if kind == AMOUNT:
        return "m"
    if kind in (RATE, DECIMAL):
        return "f"
    if kind == DURATION:
        return "d"
    if kind in PERIODS:
        return "p"
    if kind in (BOOL, INT, DATE, Scalar(Kind.TEXT)) or isinstance(kind, EnumType):
        return ""
    item = getattr(kind, "item", None)
    assert item is not None, kind
    return "" if kind_letter(item) == "" else "l" + kind_letter(item)


def _line_map(spans: list[tuple[int, Span]]) -> str:
    """Where lines of the module come from: ``line file line``, runs put together, as one text."""
    files: dict[str, int] = {}
    told = []
    last: tuple[int, int] | None = None
    for line, span in spans:
        if not span.file.name:
            continue
        here = (files.setdefault(span.file.name, len(files)), span.line)
        if here != last:
            told.append(f"{line} {here[0]} {here[1]}")
            last = here
    return f"FILES = {tuple(files)!r}\nLINES = {';'.join(told)!r}\n"
