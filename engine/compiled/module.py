"""A law as the text of one Python module."""

from __future__ import annotations

import re

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
from .reading import Reading
from .units import Units
from .writer import Writer

# What the generated text and its runtime agree on.
FORMAT = 1


def generate(program: Program) -> str:
    """*program* as the source of one module; the same text for the same program.

    The module needs `runtime` and `readers`, and nothing else of ours.
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
    tables = _tables(layout, writer)
    functions, spans = writer.text()
    header = _header(program, f"{reading}\n{functions}\n{tables}")
    body = f"{header}\n\n{reading}\n\n{functions}\n\n{tables}\n\n"
    # The readers come first, and are written last: they need data of the module too.
    shift = header.count("\n") + reading.count("\n") + 4
    return body + _line_map([(line + shift, span) for line, span in spans])


def _header(program: Program, text: str) -> str:
    words = set(re.findall(r"\w+", text))
    lines = [
        f'"""{program.name}, {program.version}: the law as Python. Generated; do not edit."""',
        "# ruff: noqa",
        "# mypy: ignore-errors",
        "from datetime import date",
        "from operator import itemgetter",
    ]
    for module in (runtime, truth, numbers, times, rows, lists, readers):
        # What one imports of the other is taken from where it is.
        names = sorted(n for n in words & vars(module).keys() if n not in ("date", "Any"))
        if names:
            lines.append(f"from {module.__name__} import {', '.join(names)}")
        words.difference_update(names)
    lines += [f"FORMAT = {FORMAT}", f"HASH = {program.hash!r}"]
    return "\n".join([*lines, f"NAME = {program.name!r}", f"VERSION = {program.version!r}"])


def _tables(layout: Layout, writer: Writer) -> str:
    program = layout.program
    lines = ["UNITS = ("]
    for days, names in writer.units:
        listed = "".join(f"{writer.day(day)}, " for day in days)
        lines.append(f"    (({listed}), ({''.join(f'{name}, ' for name in names)})),")
    lines.append(")")
    lines.append("DECISIONS = {")
    for name, decision in program.decisions.items():
        entity = decision.entity or ""
        place = layout.places[entity]["decision", name]
        unit = layout.units["decision", name]
        kind = kind_letter(decision.type)
        den = layout.denominators[name]
        lines.append(f"    {name!r}: ({entity!r}, {place}, {unit}, {kind!r}, {den}),")
    lines.append("}")
    lines.append("PLACES = {")
    for entity, fields in layout.fields.items():
        places = ", ".join(
            f"{name!r}: ({layout.fact(entity, name)}, {item_of(field.type) or ''!r})"
            for name, field in fields.items()
        )
        lines.append(f"    {entity!r}: {{{places}}},")
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
