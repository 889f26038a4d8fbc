"""Random situations of any law, fast: a campaign asks for a million.

Facts are told or not, lists are complete or not, and values stand where the law makes a difference:
at what it compares them with, just before and just after, and on the days on which it changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.checker import dates_of
from lexald.dsl.dates import DateRange
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Amount, Duration
from lexald.engine.elements import Situation, assemble
from lexald.engine.outcomes import FactPath
from lexald.engine.reach import Reach
from lexald.engine.situation import is_within

FIRST, LAST = date(2000, 1, 1), date(2026, 12, 31)
DURATIONS = tuple(
    Duration(months, days)
    for months, days in ((0, 0), (0, 1), (0, 5), (0, 30), (0, 200), (1, 0), (6, 0), (12, 0), (24, 0), (6, 1))
)  # fmt: skip
SHARES = (*(Fraction(n, 100) for n in (0, 15, 50, 65, 100)), Fraction(1, 3))
TEXTS = ("a", "b", "kiné")
LENGTHS = (0, 1, 1, 1, 2, 2, 3)
# What is told, from all of it to half.
TOLD = (1.0, 1.0, 0.95, 0.8, 0.5)
# Of one list in eight it is said that there are others.
INCOMPLETE = 0.12
ABSENT = 0.3
SUPPOSED = 0.06


@attrs.frozen(eq=False, slots=False)
class Edges:
    """The values at which *program* makes a difference."""

    program: core.Program

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which something changes, and those just before and after."""
        return tuple(
            day + timedelta(days=shift) for day in dates_of(self.program) for shift in (-1, 0, 1)
        )

    @cached_property
    def by_kind(self) -> Mapping[type, Sequence[Any]]:
        """All the values that the law writes, by their Python type."""
        found: dict[type, dict[Any, None]] = {}
        members = {m for e in self.program.enumerations.values() for m in e.members}
        for value in self._written():
            if value not in members and not isinstance(value, bool | DateRange | tuple):
                found.setdefault(type(value), {})[value] = None
        return {kind: tuple(values) for kind, values in found.items()}

    @cached_property
    def by_fact(self) -> Mapping[str, Sequence[Any]]:
        """What each fact is compared with, by its name, whoever it is a fact of."""
        found: dict[str, list[Any]] = {}
        for node in core.parts(self._rules()):
            match node:
                case core.Compare(left=left, right=right):
                    pairs = [(left, [right]), (right, [left])]
                case core.IsOneOf(operand, choices):
                    pairs = [(operand, list(choices))]
                case core.TableValue(name, arguments):
                    for place, argument in enumerate(arguments):
                        fact = _fact_in(argument)
                        if fact:
                            found.setdefault(fact, []).extend(self._cells(name, place))
                    continue
                case _:
                    continue
            for operand, others in pairs:
                fact = _fact_in(operand)
                values = [o.value for o in others if isinstance(o, core.Constant)]
                if fact and values:
                    found.setdefault(fact, []).extend(v for v in values if v is not None)
        return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}

    def _rules(self) -> tuple[Any, ...]:
        program = self.program
        rules = tuple(
            (d.applicable, d.sequence, d.general, d.exceptions) for d in program.decisions.values()
        )
        return rules, tuple(rule.condition for rule in program.forbidden)

    def _written(self) -> Iterator[Any]:
        for node in core.parts(self._rules()):
            if isinstance(node, core.Constant) and node.value is not None:
                yield node.value
        for parameter in self.program.parameters.values():
            yield from (version.value for version in parameter.versions)
        for name, table in self.program.tables.items():
            for place in range(len(table.columns)):
                yield from self._cells(name, place)

    def _cells(self, table: str, column: int) -> Iterator[Any]:
        for version in self.program.tables[table].versions:
            for row in version.rows:
                match row.tests[column]:
                    case core.OneOf(values):
                        yield from (value for value in values if value is not None)
                    case core.Bounded(low, high):
                        yield from (end for end in (low, high) if end is not None)


def _fact_in(expr: core.Expr) -> str:
    match expr:
        case core.Fact(_, name) | core.Root(name):
            return name
    return ""


class Situations:
    """Makes situations of one law.

    Args:
        within: the facts that may be told; `None` for all.
        supposable: decisions whose value may be set.
    """

    def __init__(
        self,
        program: core.Program,
        edges: Edges,
        rng: Random,
        within: Reach | None = None,
        supposable: Sequence[str] = (),
    ) -> None:
        self.program = program
        self.edges = edges
        self.rng = rng
        self.supposable = supposable
        self.told = 1.0
        roots = program.roots
        self.roots = [f for f in roots.values() if within is None or f.name in within.roots]
        self.fields = {
            entity.name: [
                f for f in entity.fields.values()
                if within is None or (entity.name, f.name) in within.fields
            ]
            for entity in program.entities.values()
        }  # fmt: skip

    def one(self) -> Situation:
        """A situation, which the law may well declare impossible."""
        rng = self.rng
        self.told = rng.choice(TOLD)
        situation = assemble(self.program, self.facts(self.roots))
        hypotheses: dict[tuple[str, FactPath], Any] = {}
        if self.supposable and rng.random() < SUPPOSED:
            name = rng.choice(self.supposable)
            decision = self.program.decisions[name]
            places: list[FactPath] = [()]
            if decision.entity is not None:
                places = [e.path for e in situation.elements() if e.entity == decision.entity]
            if places:
                value = None
                if not (decision.optional and rng.random() < ABSENT):
                    value = self.typed(decision.type, "")
                hypotheses[name, rng.choice(places)] = value
        return Situation(situation.roots, hypotheses)

    def day(self) -> date:
        """A date of law: near a change, most often."""
        if self.edges.days and self.rng.random() < 0.7:
            # The later of two: before the first dates, all that is answered is that it is too soon.
            return max(self.rng.choice(self.edges.days), self.rng.choice(self.edges.days))
        return FIRST + timedelta(days=self.rng.randrange((LAST - FIRST).days))

    def facts(self, fields: Sequence[core.Field]) -> dict[str, Any]:
        rng = self.rng
        return {
            field.name: None if field.optional and rng.random() < ABSENT else self.value(field)
            for field in fields
            if rng.random() < self.told
        }

    def value(self, field: core.Field) -> Any:
        for _ in range(3):
            found = self.typed(field.type, field.name)
            if field.bounds is None or is_within(found, field):
                return found
        low, high = field.bounds  # type: ignore[misc]
        return self.rng.choice((low, high))

    def typed(self, kind: Type, name: str) -> Any:
        rng = self.rng
        match kind:
            case EntityType(entity):
                return self.facts(self.fields[entity])
            case ListType(EntityType(entity)):
                rows: list[Any] = [
                    self.facts(self.fields[entity]) for _ in range(rng.choice(LENGTHS))
                ]
                return [*rows, ...] if rng.random() < INCOMPLETE else rows
            case ListType(EnumType(name)):
                members = tuple(self.program.enumerations[name].members)
                return tuple(rng.sample(members, rng.randint(0, min(2, len(members)))))
            case EnumType(enumeration):
                members = tuple(self.program.enumerations[enumeration].members)
                near = [v for v in self.edges.by_fact.get(name, ()) if v in members]
                return rng.choice(near if near and rng.random() < 0.6 else members)
        assert isinstance(kind, Scalar), kind
        return self.scalar(kind.kind, name)

    def scalar(self, kind: Kind, name: str) -> Any:
        rng = self.rng
        if kind is Kind.BOOL:
            return rng.random() < 0.5
        if kind in (Kind.PERIOD, Kind.OPEN_PERIOD):
            first = self.some_day()
            if kind is Kind.OPEN_PERIOD and rng.random() < 0.3:
                return DateRange(first, None)
            return DateRange(first, first + timedelta(days=rng.choice((0, 1, 9, 40))))
        near = [v for v in self.edges.by_fact.get(name, ()) if type(v) in _TYPES[kind]]
        if near and rng.random() < 0.6:
            return self.beside(rng.choice(near), kind)
        written = self.edges.by_kind.get(_TYPES[kind][0])
        if written and rng.random() < 0.5:
            return self.beside(rng.choice(written), kind)
        match kind:
            case Kind.INT:
                return rng.randint(0, 40)
            case Kind.AMOUNT:
                return Amount(rng.choice((0, rng.randint(0, 30_000))))
            case Kind.RATE:
                return rng.choice(SHARES)
            case Kind.DECIMAL:
                return Fraction(rng.randint(0, 400), 10)
            case Kind.DURATION:
                return rng.choice(DURATIONS)
            case Kind.DATE:
                return self.some_day()
        return rng.choice(TEXTS)

    def some_day(self) -> date:
        """A day of a fact: near a change of the law, or near those of other facts."""
        rng = self.rng
        pick = rng.random()
        if self.edges.days and pick < 0.4:
            return rng.choice(self.edges.days)
        if pick < 0.7:
            return date(2020, 1, 1) + timedelta(days=rng.randrange(60))
        return FIRST + timedelta(days=rng.randrange((LAST - FIRST).days))

    def beside(self, value: Any, kind: Kind) -> Any:
        """*value*, or the one just before or after it, as a fact of *kind* may be."""
        shift = self.rng.choice((-1, 0, 0, 1))
        match value:
            case Amount(cents):
                return Amount(cents + shift)
            case Duration(months, days):
                return Duration(months, max(days + shift, 0) if months else days + shift)
            case date():
                return value if value.year in (1, 9999) else value + timedelta(days=shift)
            case int() if kind is Kind.INT:
                return value + shift
            case int() | Fraction():
                return Fraction(value) + Fraction(shift, 100)
        return value


_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.INT: (int,),
    Kind.AMOUNT: (Amount,),
    Kind.RATE: (Fraction,),
    Kind.DECIMAL: (Fraction, int),
    Kind.DURATION: (Duration,),
    Kind.DATE: (date,),
    Kind.TEXT: (str,),
}
