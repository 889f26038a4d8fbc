"""The values worth trying for a fact: those by which the law tells one situation from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from lexald.dsl import program as core
from lexald.dsl.dates import DateOverflow, add_duration, subtract_duration
from lexald.dsl.rows import passes
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    INT,
    RATE,
    EntityType,
    EnumType,
    ListType,
)
from lexald.dsl.values import Amount, Duration
from lexald.engine.outcomes import FactPath
from lexald.engine.situation import is_within
from lexald.engine.stretches import rules_of

MOST = 20
"""Values tried for one fact."""


class Values:
    """What the facts of the law of *programs* are compared with."""

    def __init__(self, programs: Iterable[core.Program]) -> None:
        self.programs = tuple(programs)
        self.compared: defaultdict[str, dict[Any, None]] = defaultdict(dict)
        for program in self.programs:
            for decision in program.decisions.values():
                for node in core.parts(rules_of(decision)):
                    self._note(program, node)

    def _note(self, program: core.Program, node: object) -> None:
        match node:
            case core.Compare(_, left, right):
                for one, other in ((left, right), (right, left)):
                    self._add(program, one, other)
            case core.IsOneOf(operand, choices):
                for choice in choices:
                    self._add(program, operand, choice)
            case core.TableValue(name, arguments):
                for place, argument in enumerate(arguments):
                    for version in program.tables[name].versions:
                        for row in version.rows:
                            for value in fitting(row.tests[place]):
                                self._add(program, argument, core.Constant(value))

    def _add(self, program: core.Program, read: core.Expr, other: core.Expr) -> None:
        name = named(read)
        if name is None:
            return
        match other:
            case core.Constant(value):
                self.compared[name][value] = None
            case core.ParameterValue(parameter):
                for version in program.parameters[parameter].versions:
                    self.compared[name][version.value] = None

    def spans(self, decision: str) -> list[Duration]:
        """The durations that *decision* reads itself, in any version: dates are tried around."""
        found: dict[Duration, None] = {}
        for program in self.programs:
            if decision not in program.decisions:
                continue
            for node in core.parts(rules_of(program.decisions[decision])):
                match node:
                    case core.Constant(Duration() as value):
                        found[value] = None
                    case core.ParameterValue(name):
                        told = [version.value for version in program.parameters[name].versions]
                        found |= {value: None for value in told if isinstance(value, Duration)}
        return list(found)

    def of(
        self, program: core.Program, path: FactPath, day: date, spans: Iterable[Duration] = ()
    ) -> list[Any]:
        """What may be tried for the fact at *path*, the likeliest first. *spans*: see `spans`."""
        field = field_at(program, path)
        if field is None:
            return []
        if field.type == DATE:
            compared = [v for v in self.compared[field.name] if isinstance(v, date)]
            found: list[Any] = _dates(day, spans, compared)
        else:
            found = self._candidates(program, field)
        kept = [value for value in dict.fromkeys(found) if is_within(value, field)][:MOST]
        return [*kept, None] if field.optional else kept

    def _candidates(self, program: core.Program, field: core.Field) -> list[Any]:
        compared = list(self.compared[field.name])
        match field.type:
            case EnumType(name):
                members = list(program.enumerations[name].members)
                return [*(m for m in compared if m in members), *members]
            case ListType(EnumType(name)):
                return [(), *((member,) for member in program.enumerations[name].members)]
            case ListType(EntityType()):
                return []
            case kind if kind == BOOL:
                return [True, False]
            case kind if kind == INT:
                near = [v + n for v in compared if type(v) is int for n in (0, 1, -1)]
                return [*near, 1, 0, 30]
            case kind if kind == AMOUNT:
                cents = [v.cents for v in compared if isinstance(v, Amount)]
                close = [Amount(c + n) for c in cents for n in (0, 1, -1)]
                return [Amount(100_00), *close, Amount(0)]
            case kind if kind == DURATION:
                return [*(v for v in compared if isinstance(v, Duration)), Duration.of(years=1)]
            case kind if kind in (RATE, DECIMAL):
                rates = [v for v in compared if isinstance(v, Fraction)]
                return [*rates, Fraction(1), Fraction(1, 2), Fraction(0)]
        return [*compared, "x"] if str(field.type) == "texte" else []


def _dates(day: date, spans: Iterable[Duration], compared: list[date]) -> list[date]:
    """Days around *day*, at spans that the law counts in; then those it names."""
    near = [day, day - timedelta(days=1)]
    years = [Duration.of(years=n) for n in (1, 3, 8, 30, 70)]
    for span in (*spans, *years):
        for shift in (subtract_duration, add_duration):
            try:
                there = shift(day, span)
                near += [there, there + timedelta(days=1), there - timedelta(days=1)]
            except (DateOverflow, OverflowError):
                continue
    return [*near, *compared]


def fitting(test: core.CellTest) -> tuple[Any, ...]:
    """Values that pass *test*; none where any does."""
    match test:
        case core.OneOf(values):
            return values
        case core.Bounded(low, high):
            near = [end for bound in (low, high) for end in _around(bound)]
            return tuple(value for value in near if passes(test, value))[:1]
    return ()


def _around(bound: Any) -> tuple[Any, ...]:
    """*bound*, what is just over it and just under."""
    match bound:
        case bool() | None:
            return ()
        case int() | Fraction():
            return bound, bound + 1, bound - 1
        case Amount(cents):
            return bound, Amount(cents + 1), Amount(cents - 1)
        case date():
            return bound, bound + timedelta(days=1), bound - timedelta(days=1)
    return (bound,)


def named(expr: core.Expr) -> str | None:
    """The fact that *expr* reads, by name; `None` for anything else."""
    while isinstance(expr, core.Noted | core.Exact):
        expr = expr.operand
    match expr:
        case core.Fact(_, name) | core.Root(name):
            return name
    return None


def field_at(program: core.Program, path: FactPath) -> core.Field | None:
    """The field that stands at *path* of a situation; `None` for an element."""
    kind: Any = None
    field = None
    for part in path:
        if isinstance(part, int):
            kind, field = getattr(kind, "item", None), None
            continue
        fields = program.entities[kind.name].fields if isinstance(kind, EntityType) else program.roots  # fmt: skip
        field = fields.get(part)
        if field is None:
            return None
        kind = field.type
    return field
