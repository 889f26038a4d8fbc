"""What a fact usually says: the values that cases give it, most common first.

A situation that is made up to show something should still read like one that could be.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar
from lexald.dsl.values import Amount, Duration
from lexald.engine.elements import Element, Elements, Situation
from lexald.engine.outcomes import FactPath
from lexald.engine.questions import field_at
from lexald.engine.situation import is_within

MOST = 4  # values of one fact
Place = tuple[str, str]  # entity (empty for a root), fact


class Habits:
    """*told*: the situations of the casebook, each with its day.

    Dates are kept by how long before the day of the case they are: a patient is of some age, not
    born on some day.
    """

    def __init__(self, program: core.Program, told: Iterable[tuple[Situation, date]] = ()) -> None:
        self.program = program
        counts: defaultdict[Place, Counter[Any]] = defaultdict(Counter)
        for situation, on in told:
            facts = [("", situation.roots)]
            facts += [(element.entity, element.facts) for element in situation.elements()]
            for entity, values in facts:
                for name, value in values.items():
                    if not isinstance(value, Element | Elements):
                        counts[entity, name][_usual(value, on)] += 1
        self.common: Mapping[Place, list[Any]] = {
            place: [v for v, _ in sorted(found.items(), key=lambda one: (-one[1], repr(one[0])))][
                :MOST
            ]
            for place, found in counts.items()
        }

    def values(self, path: FactPath, on: date) -> list[Any]:
        """Values that the fact at *path* may well have at *on*, the likeliest first."""
        field = field_at(self.program, path)
        if field is None:
            return []
        kind = field.type
        if isinstance(kind, EntityType):
            return [{}, None] if field.optional else [{}]
        if isinstance(kind, ListType) and isinstance(kind.item, EntityType):
            return [[{}], []]
        found = [_on(v, on) for v in self.common.get((self._entity(path), field.name), ())]
        found += _made_up(self.program, field, on)
        if field.optional:
            found.append(None)
        within = [v for v in found if suits(self.program, v, field)]
        return list({(type(v).__name__, v): v for v in within}.values())

    def _entity(self, path: FactPath) -> str:
        names = [part for part in path if isinstance(part, str)]
        kind: Any = None
        for rank, name in enumerate(names[:-1]):
            fields = self.program.entities[kind.name].fields if rank else self.program.roots
            kind = fields[name].type
            kind = kind.item if isinstance(kind, ListType) else kind
        return kind.name if kind is not None else ""


class _Ago(int):
    """Days before the day of the case."""


def _usual(value: Any, on: date) -> Any:
    return _Ago((on - value).days) if isinstance(value, date) else value


def _on(value: Any, on: date) -> Any:
    if not isinstance(value, _Ago):
        return value
    try:
        return on - timedelta(days=int(value))
    except OverflowError:
        return on


def _made_up(program: core.Program, field: core.Field, on: date) -> list[Any]:
    """Plain values of the type of *field*."""
    kind = field.type
    bounds = [end for end in field.bounds or () if end is not None]
    if isinstance(kind, ListType):
        assert isinstance(kind.item, EnumType)
        members = list(program.enumerations[kind.item.name].members)
        return [(), (members[0],)]
    if isinstance(kind, EnumType):
        return list(program.enumerations[kind.name].members)[:MOST]
    assert isinstance(kind, Scalar)
    plain: dict[Kind, list[Any]] = {
        Kind.BOOL: [False, True],
        Kind.INT: [1, 0],
        Kind.DECIMAL: [Fraction(1), Fraction(0)],
        Kind.RATE: [Fraction(1), Fraction(0)],
        Kind.AMOUNT: [Amount(10000), Amount(0)],
        Kind.DATE: [on],
        Kind.DURATION: [Duration(12, 0), Duration(0, 30)],
        Kind.PERIOD: [DateRange(on, on)],
        Kind.OPEN_PERIOD: [DateRange(on, None), DateRange(on, on)],
        Kind.TEXT: ["A", "B"],
    }
    return [*plain.get(kind.kind, []), *bounds]


def suits(program: core.Program, value: Any, field: core.Field) -> bool:
    """Whether *field* may say *value*: of its type, and within its bounds."""
    kind = field.type
    if value is None:
        return field.optional
    if isinstance(kind, ListType):
        return isinstance(value, tuple) and all(
            suits(program, one, attrs.evolve(field, type=kind.item)) for one in value
        )
    if isinstance(kind, EnumType):
        return isinstance(value, str) and value in program.enumerations[kind.name].members
    if not isinstance(kind, Scalar):
        return False
    if isinstance(value, bool) or kind.kind is Kind.BOOL:
        return isinstance(value, bool) and kind.kind is Kind.BOOL
    if not isinstance(value, _TYPES[kind.kind]):
        return False
    if isinstance(value, DateRange):
        is_one = value.last is None or value.first <= value.last
        return is_one and (value.last is not None or kind.kind is Kind.OPEN_PERIOD)
    if isinstance(value, Duration) and (value.months < 0 or value.days < 0):
        return False
    return is_within(value, field)


_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.INT: (int,),
    Kind.DECIMAL: (Fraction, int),
    Kind.RATE: (Fraction,),
    Kind.AMOUNT: (Amount,),
    Kind.DATE: (date,),
    Kind.DURATION: (Duration,),
    Kind.PERIOD: (DateRange,),
    Kind.OPEN_PERIOD: (DateRange,),
    Kind.TEXT: (str,),
}
