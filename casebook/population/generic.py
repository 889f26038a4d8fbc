"""What a fact looks like when nothing is said of it: any value that its type and bounds allow."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from lexald.dsl.forms import Value
from lexald.dsl.program import Field
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar
from lexald.dsl.values import Amount

from .elements import Elements, ranks_of
from .facts import Array, Fact, Lists

MONTHS = tuple(f"P{n}M" for n in (1, 2, 3, 6, 9, 12, 24, 36, 60, 120))
WORDS = tuple(f"texte {letter}" for letter in "ABCDEFGH")
# Of elements that may be absent, those that are there; of lists, those that are not empty.
THERE = 0.05
ABSENT = 0.6
TRUE = 0.3
# Facts of an element come near its ruling date: days before and after.
NEAR = (-90, 90)


def anything(elements: Elements, field: Field, stream: np.random.Generator) -> Fact | Lists:
    """A value for each element, and none for some if *field* may be absent."""
    size = elements.size
    match field.type:
        case EntityType():
            there = np.ones(size, np.bool_)
            return Fact(stream.random(size, np.float32) < THERE if field.optional else there)
        case ListType(item):
            counts = (stream.random(size, np.float32) < THERE).astype(np.int64)
            counts *= stream.integers(1, 3, size)
            if isinstance(item, EntityType):
                return Lists(counts)
            members = len(ranks_of(elements.program, field))
            return Lists(counts, stream.integers(0, members, int(counts.sum())))
    absent = stream.random(size, np.float32) < ABSENT if field.optional else None
    if isinstance(field.type, EnumType):
        ranks = stream.integers(0, len(ranks_of(elements.program, field)), size)
        return Fact(ranks, absent=absent)
    assert isinstance(field.type, Scalar)
    match field.type.kind:
        case Kind.BOOL:
            return Fact(stream.random(size, np.float32) < TRUE, absent=absent)
        case Kind.INT | Kind.AMOUNT | Kind.DECIMAL | Kind.RATE as kind:
            low, high = _bounds(field, kind)
            return Fact(stream.integers(low, high + 1, size), absent=absent)
        case Kind.DATE:
            return Fact(_days(elements, field.name, stream), absent=absent)
        case Kind.PERIOD | Kind.OPEN_PERIOD:
            first = _days(elements, field.name, stream)
            return Fact((first, first + stream.integers(0, 60, size)), absent=absent)
        case Kind.DURATION:
            return Fact(stream.integers(0, len(MONTHS), size), absent=absent, words=MONTHS)
        case _:
            return Fact(stream.integers(0, len(WORDS), size), absent=absent, words=WORDS)


def _bounds(field: Field, kind: Kind) -> tuple[int, int]:
    """Least and greatest number, as `Fact.values` has them; a hundred steps at most."""
    scale = {Kind.INT: 1, Kind.AMOUNT: 1, Kind.DECIMAL: 100, Kind.RATE: 10_000}[kind]
    most = {Kind.INT: 100, Kind.AMOUNT: 100_000, Kind.DECIMAL: 10_000, Kind.RATE: 10_000}[kind]
    if field.bounds is None:
        return 0, most
    low, high = (_whole(end, scale) for end in field.bounds)
    return low, min(high, low + most)


def _whole(end: Value, scale: int) -> int:
    if isinstance(end, Amount):
        return end.cents
    assert isinstance(end, int | Fraction), end
    return int(end * scale)


def _days(elements: Elements, name: str, stream: np.random.Generator) -> Array:
    """Days of the two years before the date of law; a fact that does not rule its element comes
    near the one that does."""
    event = None
    if elements.entity:
        event = elements.program.entities[elements.entity].event
    if event is None or event == name:
        return elements.on - stream.integers(0, 730, elements.size)
    days: Array = elements.values(event) + stream.integers(*NEAR, elements.size)
    return days
