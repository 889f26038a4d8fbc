"""Where everything stands in a compiled law: places in elements, numbers of units, denominators.

A *unit* is a piece of law with its own days of change: a decision, the order of a list, what an
element brings to a shared ceiling, what is read at the law of another day, a situation that
cannot be. The situation as a whole is an element too, of no entity (``""``): its roots are its
facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.dates import DateRange
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    PERIOD,
    RATE,
    EntityType,
    ListType,
    Type,
)
from lexald.dsl.values import Amount, Duration

from ..contest import ATOMS, is_condition
from ..stretches import rules_of

# A number that is no whole number over a static denominator: a fraction.
LOOSE = 0
# Beyond this denominator, a number is kept as a fraction.
MAX_DENOMINATOR = 10**12
FRACTIONS = frozenset({DECIMAL, RATE, EXACT})


@attrs.frozen
class Ceiling:
    """A ceiling that the elements of a list share: the *rank*-th of *rule*."""

    decision: str
    rule: str
    rank: int


class Finer(Exception):
    """The answers of a decision need a finer denominator than was foreseen."""

    def __init__(self, decision: str) -> None:
        super().__init__(decision)
        self.decision = decision


class Layout:
    """Places and units of *program*; the same for the same program.

    *head*: places at the start of an element that hold no fact. *loose*: decisions whose answers
    are kept as fractions, whatever they seem to need. *fraction*: over what a fact that is a
    fraction is kept. *by_day*: a parameter or a table is looked up by the day, and does not
    cut time.
    """

    def __init__(
        self,
        program: core.Program,
        head: int,
        loose: frozenset[str] = frozenset(),
        fraction: int = LOOSE,
        *,
        by_day: bool = False,
    ) -> None:
        self.program = program
        self.head = head
        self.loose = loose
        self.fraction = fraction
        self.by_day = by_day
        self.places: dict[str, dict[object, int]] = {"": {}}
        for entity in program.entities:
            self.places[entity] = {}
        for entity, fields in self.fields.items():
            for name in fields:
                self._place(entity, ("fact", name))
        self.units: dict[object, int] = {}
        for name, decision in program.decisions.items():
            self._place(decision.entity or "", ("decision", name))
            self._unit(("decision", name))
        for name in self.asked_whether:
            self._unit(("applies", name))
        for sequence in self.sequences:
            self._place(sequence.entity, ("sequence", sequence))
            self._unit(("sequence", sequence))
        for ceiling in self.ceilings:
            entity = program.decisions[ceiling.decision].entity or ""
            self._place(entity, ("ceiling", ceiling))
            self._unit(("ceiling", ceiling))
        for rank in range(len(program.forbidden)):
            self._unit(("forbidden", rank))

    @cached_property
    def fields(self) -> dict[str, Mapping[str, core.Field]]:
        """The fields of each entity; those of ``""`` are the roots."""
        return {"": self.program.roots} | {e.name: e.fields for e in self.program.entities.values()}

    def _place(self, entity: str, key: object) -> None:
        held = self.places[entity]
        held.setdefault(key, self.head + len(held))

    def _unit(self, key: object) -> None:
        self.units.setdefault(key, len(self.units))

    def fact(self, entity: str, name: str) -> int:
        return self.places[entity]["fact", name]

    def size(self, entity: str) -> int:
        """How long an element of *entity* is."""
        return self.head + len(self.places[entity])

    def event(self, entity: str) -> str | None:
        """The fact that gives elements of *entity* a day of their own."""
        return self.program.entities[entity].event if entity else None

    # ── what the rules hold ──────────────────────────────────────────────────────────────

    @cached_property
    def _rules(self) -> tuple[object, ...]:
        decisions = tuple(rules_of(d) for d in self.program.decisions.values())
        return (*decisions, *(rule.condition for rule in self.program.forbidden))

    @cached_property
    def _nodes(self) -> tuple[object, ...]:
        return tuple(node for rules in self._rules for node in core.parts(rules))

    @cached_property
    def sequences(self) -> tuple[core.Sequence, ...]:
        found = [d.sequence for d in self.program.decisions.values() if d.sequence is not None]
        found += [n.sequence for n in self._nodes if isinstance(n, core.Previous)]
        return tuple(sorted(dict.fromkeys(found), key=repr))

    @cached_property
    def ceilings(self) -> tuple[Ceiling, ...]:
        found: dict[Ceiling, None] = {}
        for decision in self.program.decisions.values():
            for rule in (decision.general, *decision.exceptions):
                for version in rule.versions:
                    for rank, _ in enumerate(shared_caps(version.value)):
                        found[Ceiling(decision.name, rule.label, rank)] = None
        return tuple(found)

    @cached_property
    def asked_whether(self) -> tuple[str, ...]:
        """The decisions of which it is asked whether they apply, and that say when they do."""
        found = {
            n.operand.name
            for n in self._nodes
            if isinstance(n, core.IsApplicable) and isinstance(n.operand, core.DecisionValue)
        }
        return tuple(sorted(n for n in found if self.program.decisions[n].applicable is not None))

    @cached_property
    def asked(self) -> Mapping[str, int]:
        """At how many places each decision is asked."""
        return Counter(n.name for n in self._nodes if isinstance(n, core.DecisionValue))

    def weight(self, expr: object) -> int:
        """How many nodes *expr* has."""
        return sum(1 for _ in core.parts(expr))

    # ── days of change ───────────────────────────────────────────────────────────────────

    def days(self, *nodes: object) -> tuple[date, ...]:
        """The days on which *nodes* change, by themselves: what they call has its own days."""
        found: set[date] = set()
        for top in nodes:
            for node in _own_parts(top):
                versions: Any = ()
                match node:
                    case core.ParameterValue() | core.TableValue() if self.by_day:
                        pass
                    case core.ParameterValue(name):
                        versions = self.program.parameters[name].versions
                    case core.TableValue(name):
                        versions = self.program.tables[name].versions
                    case core.Rule(versions=versions):
                        pass
                found |= {d for v in versions for d in (v.period.since, v.period.until) if d}
        return tuple(sorted(found - {date.min}))

    # ── denominators ─────────────────────────────────────────────────────────────────────

    @cached_property
    def denominators(self) -> Mapping[str, int]:
        """Over what each decision that answers a number is kept; `LOOSE` for a fraction."""
        found: dict[str, int] = {}

        def of(name: str) -> int:
            if name not in found:
                found[name] = LOOSE  # one that goes round is kept as a fraction
                found[name] = self._denominator(self.program.decisions[name], of)
            return found[name]

        # Those called come first: names are asked from an explicit stack.
        for name in callees_first(self.program):
            of(name)
        return found

    def _denominator(self, decision: core.Decision, of: Any) -> int:
        if decision.type not in FRACTIONS:
            return 1
        if decision.name in self.program.chains or decision.name in self.loose:
            return LOOSE
        whole = 1
        for rule in (decision.general, *decision.exceptions):
            for version in rule.versions:
                whole = common(whole, self.denominator(version.value, of))
        return whole

    def denominator(self, expr: core.Expr, of: Any) -> int:
        """Over what *expr* may be kept, over all its versions; `LOOSE` if one does not know."""
        match expr:
            case core.Constant(value):
                return value_denominator(value)
            case core.Noted(operand) | core.Negate(operand) | core.Exact(operand):
                return self.denominator(operand, of)
            case core.ParameterValue(name):
                found = 1
                for version in self.program.parameters[name].versions:
                    found = common(found, value_denominator(version.value))
                return found
            case core.TableValue(name):
                found = 1
                for table in self.program.tables[name].versions:
                    for row in table.rows:
                        if isinstance(row.result, core.Constant):
                            found = common(found, value_denominator(row.result.value))
                return found
            case core.DecisionValue(name):
                return int(of(name))
            case core.Choice(_, then, otherwise):
                return common(self.denominator(then, of), self.denominator(otherwise, of))
            case core.Extremum(_, operands):
                found = 1
                for operand in operands:
                    found = common(found, self.denominator(operand, of))
                return found
            case core.Arithmetic("+" | "-", left, right):
                return common(self.denominator(left, of), self.denominator(right, of))
            case core.Arithmetic("×", left, right):
                return times(self.denominator(left, of), self.denominator(right, of))
            case core.Staged(value, steps):
                found = self.denominator(value, of)
                for step in steps:
                    match step:
                        case core.SharedCap(type=kind) if kind in FRACTIONS:
                            found = LOOSE
                        case core.Cap(limit) | core.Floor(limit) | core.SharedCap(limit):
                            found = common(found, self.denominator(limit, of))
                        case core.Round():
                            found = 1
                return found
            case core.Undetermined():
                return 1
            case core.Builtin() | core.Gap() | core.Shift():
                return 1
            case core.Walk("nombre"):
                return 1
            case core.Walk(body=body) if body is not None:
                return self.denominator(body, of)
            case core.AsOf(content=content):
                return self.denominator(content, of)
        return self.fraction if self._may_be_fraction(expr) else 1

    def _may_be_fraction(self, expr: core.Expr) -> bool:
        match expr:
            case core.Root(name):
                return self.program.roots[name].type in FRACTIONS
            case core.Fact(_, name):
                kinds = {
                    e.fields[name].type for e in self.program.entities.values() if name in e.fields
                }
                return bool(kinds & FRACTIONS)
        return True


def shared_caps(value: core.Expr) -> list[tuple[int, core.SharedCap]]:
    """The shared ceilings of the steps of *value*, each with its place among the steps."""
    while isinstance(value, core.Noted):
        value = value.operand
    if not isinstance(value, core.Staged):
        return []
    return [(n, s) for n, s in enumerate(value.steps) if isinstance(s, core.SharedCap)]


def stretches(days: Sequence[date]) -> list[tuple[date, date | None]]:
    """The stretches of time that *days* of change cut: the first day of each, and of the next."""
    starts = [date.min, *days]
    return list(zip(starts, [*days, None], strict=True))


def shared_denominator(step: core.SharedCap) -> int:
    """Over what parts under *step* are kept."""
    return 1 if step.type in (AMOUNT, INT) else LOOSE


def value_denominator(value: core.Value) -> int:
    """Over what *value* is whole: 1 for what is no fraction."""
    if isinstance(value, Fraction):
        return value.denominator if value.denominator <= MAX_DENOMINATOR else LOOSE
    return 1


def common(a: int, b: int) -> int:
    if a == LOOSE or b == LOOSE:
        return LOOSE
    whole = lcm(a, b)
    return whole if whole <= MAX_DENOMINATOR else LOOSE


def times(a: int, b: int) -> int:
    return a * b if a * b <= MAX_DENOMINATOR else LOOSE


def _own_parts(top: object) -> Iterator[object]:
    """The nodes of *top*, without those read at the law of another day, and with its rules."""
    todo: list[object] = [top]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(node)
        elif isinstance(node, core.AsOf):
            yield node
            todo.append(node.day)
        elif isinstance(node, core.Supposing):
            yield node
            todo += [node.decision, node.value]
        elif isinstance(node, core.Spanned):
            yield node
            todo.extend(
                getattr(node, field.name)
                for field in attrs.fields(type(node))
                if field.name not in ("span", "sequence")
            )


def callees_first(program: core.Program, names: Iterable[str] | None = None) -> Iterator[str]:
    """*names*, all decisions by default: those that others call before them."""
    done: set[str] = set()
    calls = {
        name: [
            n.name
            for n in core.parts(rules_of(program.decisions[name]))
            if isinstance(n, core.DecisionValue)
        ]
        for name in (program.decisions if names is None else names)
    }
    for start in calls:
        todo = [(start, False)]
        seen: set[str] = set()
        while todo:
            name, left = todo.pop()
            if left:
                if name not in done:
                    done.add(name)
                    yield name
            elif name not in done and name not in seen:
                seen.add(name)
                todo.append((name, True))
                todo += [(other, False) for other in calls[name]]


def unsettled(
    program: core.Program, values: Sequence[core.Expr], guards: Sequence[core.Expr] = ()
) -> list[core.Expr]:
    """The conditions by which the law may settle more of a decision than three-valued truth does.

    The interpreter tries both truths of each open condition, one truth everywhere. Where *values*
    are chosen among plain ones, by conditions (and *guards*) each of which stands at one place, or
    only ever speaks for (or against) what it stands in, such trials settle nothing that
    three-valued truth does not. The others are given: where they are all known, it is so too.
    """
    settling = _Settling(program)
    for guard in guards:
        settling.truth(guard, 0)
    for value in values:
        settling.value(value)
    return settling.found()


class _Settling:
    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.signs: dict[core.Expr, set[int]] = {}
        self.many: dict[core.Expr, None] = {}
        self.others: dict[core.Expr, None] = {}

    def found(self) -> list[core.Expr]:
        mixed = [n for n in self.many if len(self.signs[n]) > 1 or 0 in self.signs[n]]
        return list(dict.fromkeys([*mixed, *self.others]))

    def value(self, expr: core.Expr) -> None:
        """What is chosen."""
        match expr:
            case core.Noted(operand):
                self.value(operand)
            case core.Choice(condition, then, otherwise) if not self._is_truth(expr):
                self.truth(condition, 0)
                self.value(then)
                self.value(otherwise)
            case core.Collection(items):
                values = [item for item, _ in items]
                plain = all(isinstance(v, core.Constant) for v in values)
                for item, holds in items:
                    if holds is not None:
                        self.truth(holds, 1)
                        if not plain or values.count(item) > 1:
                            self.others[holds] = None
            case _:
                self.truth(expr, 1)

    def _is_truth(self, expr: core.Expr) -> bool:
        match expr:
            case core.Noted(operand):
                return self._is_truth(operand)
            case core.Choice(_, then, otherwise):
                return self._is_truth(then) and self._is_truth(otherwise)
            case core.Constant(value):
                return isinstance(value, bool)
            case core.Not() | core.All() | core.Some() | core.Count():
                return True
        return is_condition(expr, self.program)

    def truth(self, expr: core.Expr, sign: int) -> None:
        """*sign*: 1 where it speaks for, -1 against, 0 both."""
        match expr:
            case core.Noted(operand):
                self.truth(operand, sign)
            case core.Not(operand):
                self.truth(operand, -sign)
            case core.All(operands) | core.Some(operands):
                for operand in operands:
                    self.truth(operand, sign)
            case core.Count(minimum, maximum, operands):
                rising = maximum is None or maximum >= len(operands)
                here = sign if rising else -sign if minimum == 0 else 0
                for operand in operands:
                    self.truth(operand, here)
            case core.Choice(condition, then, otherwise):
                # A condition that chooses between truths speaks for and against.
                self.truth(condition, _chooses(then, otherwise) * sign)
                self.truth(then, sign)
                self.truth(otherwise, sign)
            case _:
                if is_condition(expr, self.program):
                    if expr in self.signs:
                        self.many[expr] = None
                    self.signs.setdefault(expr, set()).add(sign)
                # A condition inside what is compared, looked up or reckoned with is tried too.
                for node in _tried(expr):
                    if (
                        node is not expr
                        and isinstance(node, ATOMS)
                        and is_condition(node, self.program)
                    ):
                        self.others[node] = None


def _tried(expr: core.Expr) -> Iterator[core.Expr]:
    """The expressions of *expr* that are evaluated with the conditions of its own place."""
    todo: list[object] = [expr]
    while todo:
        node = todo.pop()
        if isinstance(node, tuple):
            todo.extend(node)
            continue
        if not isinstance(node, core.Spanned):
            continue
        yield node  # type: ignore[misc]
        match node:
            case core.Walk() | core.Groups():
                todo.append(node.items)
            case core.AsOf():
                todo.append(node.day)
            case core.Supposing():
                todo.append((node.decision.base, node.value))
            case _:
                todo += [
                    getattr(node, field.name)
                    for field in attrs.fields(type(node))
                    if field.name not in ("span", "sequence")
                ]


def _chooses(then: core.Expr, otherwise: core.Expr) -> int:
    """1 for ``si a alors b sinon faux``, which is ``a et b``; 1 for ``si a alors vrai sinon b``."""
    if otherwise == core.Constant(False) or then == core.Constant(True):
        return 1
    if otherwise == core.Constant(True) or then == core.Constant(False):
        return -1
    return 0


def item_of(kind: Type | None) -> str | None:
    """The entity of *kind*, or of its items."""
    while isinstance(kind, ListType):
        kind = kind.item
    return kind.name if isinstance(kind, EntityType) else None


def kind_of(value: Any) -> Type | None:
    """The type of a constant, as far as one needs it."""
    match value:
        case bool():
            return BOOL
        case int():
            return INT
        case Fraction():
            return DECIMAL
        case Amount():
            return AMOUNT
        case date():
            return DATE
        case Duration():
            return DURATION
        case DateRange():
            return PERIOD
    return None
