"""What holds of every program that the checker let through, looked at again in one that was read.

The shapes are held by `shapes` already. Here: what each name means, the type of every expression
and value, versions in order and apart, and nothing that goes round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from lexald.dsl import program as core
from lexald.dsl.chains import BEFORE, MAX_CHAIN, askings, in_order
from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.types import (
    BOOL,
    DATE,
    EXACT,
    INT,
    ORDERED,
    RATE,
    EntityType,
    EnumType,
    ListType,
    Type,
    Whatever,
)
from lexald.dsl.values import Duration

from .expressions import Scope, Typing, wrong

# As the lexer reads them: a name is a word, a decision of an entity two with a point.
_NAME = re.compile(r"[^\W\d]\w*")
_CONCURRENCES = ("", "le plus favorable", "le plus élevé", "le plus faible")


def verify(
    program: core.Program, diagnostics: Sequence[Diagnostic], citations: Sequence[core.Citation]
) -> None:
    """Hold *program*, and what was said of it, to what the checker promises.

    *citations*: all those that stand in it.

    Raises:
        Misshapen: one promise that is not kept.
    """
    if any(found.is_error for found in diagnostics):
        raise wrong("a law with errors")
    if program.cases:
        raise wrong("cases, which are no part of a bundle")
    _Verifier(program, citations).run()


class _Verifier:
    def __init__(self, program: core.Program, citations: Sequence[core.Citation]) -> None:
        self.program = program
        self.citations = citations
        self.typing = Typing(program)

    def run(self) -> None:
        program = self.program
        every: tuple[Mapping[str, Any], ...] = (
            program.sources, program.enumerations, program.entities, program.roots,
            program.parameters, program.tables, program.decisions, program.indicators,
            *(entity.fields for entity in program.entities.values()),
        )  # fmt: skip
        for known in every:
            self._names(known)
        for enumeration in program.enumerations.values():
            for member in enumeration.members:
                self._name(member)
        self._entities()
        for parameter in program.parameters.values():
            self._declared(parameter.type)
            self._versions(parameter.versions)
            for version in parameter.versions:
                self._value(version.value, parameter.type)
        for table in program.tables.values():
            self._table(table)
        for decision in program.decisions.values():
            self._decision(decision)
        self._askings()
        stated: tuple[core.Forbidden | core.Guarantee, ...]
        stated = (*program.forbidden, *program.guarantees)
        for statement in stated:
            self._entity(statement.entity)
            self.typing.expect(statement.condition, BOOL, Scope(statement.entity))
        self._indicators()
        self._sources()

    # ── names and types ──────────────────────────────────────────────────────────────────

    def _names(self, known: Mapping[str, Any]) -> None:
        for name, thing in known.items():
            if thing.name != name:
                raise wrong(f"{thing.name!r} under the name of {name!r}")
            for part in name.split(".", 1) if isinstance(thing, core.Decision) else [name]:
                self._name(part)

    def _name(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise wrong(f"{name[:40]!r} for a name")

    def _entity(self, name: str | None) -> None:
        if name is not None and name not in self.program.entities:
            raise wrong(f"no entity {name!r}")

    def _declared(self, kind: Type) -> None:
        """A type that may be declared: known, and of values that there are."""
        while isinstance(kind, ListType):
            kind = kind.item
        match kind:
            case Whatever():
                raise wrong("a declaration of no type")
            case EntityType(name):
                self._entity(name)
            case EnumType(name):
                self.typing.members(name)
            case _ if kind == EXACT:
                raise wrong("a declaration of an exact amount")

    def _value(self, value: core.Value, kind: Type) -> None:
        self.typing.fits(self.typing.value(value), kind)

    def _entities(self) -> None:
        program = self.program
        fields = [field for entity in program.entities.values() for field in entity.fields.values()]
        for field in (*fields, *program.roots.values()):
            self._declared(field.type)
            if field.bounds is not None:
                kind = field.type.item if isinstance(field.type, ListType) else field.type
                self._between(field.bounds, kind)
        owners = {}
        for name, entity in program.entities.items():
            self._entity(entity.owner)
            owners[name] = [entity.owner] if entity.owner else []
            if entity.event is not None and (
                entity.event not in entity.fields or entity.fields[entity.event].type != DATE
            ):
                raise wrong(f"no date {entity.event!r} to rule {name!r}")
        if in_order(owners)[1]:
            raise wrong("an entity that belongs to itself")

    def _between(self, ends: tuple[core.Value, core.Value], kind: Type) -> None:
        """Both ends are of the type *kind*, which has an order, and in that order."""
        if kind not in ORDERED:
            raise wrong("bounds of what has no order")
        for end in ends:
            if end is not None:
                self._value(end, kind)
        low: Any
        high: Any
        low, high = ends
        if low is None or high is None:
            return
        # Durations of months and of days may have no order: such bounds hold nothing out.
        if low.compare(high) == 1 if isinstance(low, Duration) else high < low:
            raise wrong("bounds the wrong way round")

    # ── versions ─────────────────────────────────────────────────────────────────────────

    def _versions(self, versions: Sequence[Any]) -> None:
        """One at least, in the order of their dates, and apart."""
        periods: list[core.Period] = [version.period for version in versions]
        if not periods:
            raise wrong("something that has no version")
        for period in periods:
            if period.since and period.until and period.until < period.since:
                raise wrong("a version that ends before it starts")
        for before, after in pairwise(periods):
            if before.until is None or after.since is None or after.since < before.until:
                raise wrong("versions that overlap, or out of order")

    def _table(self, table: core.Table) -> None:
        self._declared(table.type)
        for column in table.columns:
            self._declared(column.type)
        self._versions(table.versions)
        for row in (row for version in table.versions for row in version.rows):
            if len(row.tests) != len(table.columns):
                raise wrong(f"a row of {table.name!r} with {len(row.tests)} cells")
            for test, column in zip(row.tests, table.columns, strict=True):
                match test:
                    case core.OneOf(values):
                        for value in values:
                            self._value(value, column.type)
                    case core.Bounded(low, high):
                        self._between((low, high), column.type)
            if isinstance(row.result, core.Constant):
                self._value(row.result.value, table.type)

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def _decision(self, decision: core.Decision) -> None:
        self._declared(decision.type)
        self._entity(decision.entity)
        entity, point, _ = decision.name.rpartition(".")
        if (entity if point else None) != decision.entity:
            raise wrong(f"decision {decision.name!r} of another entity than its name says")
        if decision.concurrence not in _CONCURRENCES:
            raise wrong(f"concurrence {decision.concurrence!r}")
        scope = Scope(decision.entity)
        self.typing.expect(decision.applicable, BOOL, scope)
        scope = scope.if_(decision.applicable)
        if decision.sequence is not None:
            if decision.sequence.entity != decision.entity:
                raise wrong("an order of another list")
            self.typing.type_of(core.Previous(decision.sequence), scope)
        general = decision.general
        if (general.label, general.target, general.outranks) != (core.GENERAL, "", ()):
            raise wrong(f"the general rule of {decision.name!r} under another label")
        labels = [rule.label for rule in decision.exceptions]
        if len({*labels, core.GENERAL, ""}) != len(labels) + 2:
            raise wrong(f"two rules of {decision.name!r} under one label")
        for rule in decision.exceptions:
            named = {rule.target, *rule.outranks} - {"", core.GENERAL}
            if core.GENERAL in rule.outranks or not named <= {*labels} - {rule.label}:
                raise wrong(f"a rule of {decision.name!r} about no other rule")
        for edges in (
            {rule.label: [rule.target] for rule in decision.exceptions},
            {rule.label: list(rule.outranks) for rule in decision.exceptions},
        ):
            if in_order(edges)[1]:
                raise wrong(f"rules of {decision.name!r} that go round")
        for rule in (general, *decision.exceptions):
            self._versions(rule.versions)
            for version in rule.versions:
                if rule is general and version.guard is not None:
                    raise wrong(f"a condition on the general rule of {decision.name!r}")
                self.typing.expect(version.guard, BOOL, scope)
                whole = frozenset(id(step) for step in ceilings(version.value))
                self.typing.expect(
                    version.value,
                    decision.type,
                    scope.if_(version.guard),
                    optional=decision.optional,
                    ceilings=whole,
                )
            self._same_ceilings(rule)

    def _same_ceilings(self, rule: core.Rule) -> None:
        for before, after in pairwise(rule.versions):
            pairs = zip(ceilings(before.value), ceilings(after.value), strict=False)
            if any((old.type, old.counts) != (new.type, new.counts) for old, new in pairs):
                raise wrong("a shared ceiling of two kinds")

    def _askings(self) -> None:
        """Decisions ask one another in no circle that does not end, and in no long chain."""
        decisions = self.program.decisions
        found = askings(decisions)
        if found.circle:
            raise wrong(f"decisions that go round: {' → '.join(found.circle)}")
        if max(found.lengths.values(), default=0) > MAX_CHAIN:
            raise wrong(f"a chain of more than {MAX_CHAIN} decisions")
        orders: dict[str, core.Sequence | None] = {}
        for name, rounds in found.rounds.items():
            decision = decisions[name]
            if any(asked.whose == BEFORE for asked in rounds):
                order = orders.setdefault(found.chains[name], decision.sequence)
                if decision.sequence != order:
                    raise wrong(f"decisions that go back along two orders: {name!r}")
            if any(asked.whose not in (BEFORE, "same") for asked in rounds):
                raise wrong(f"decision {name!r} goes round by another element than the one before")
            rules = (decision.general, decision.exceptions)
            if any(isinstance(node, core.SharedCap) for node in core.parts(rules)):
                raise wrong(f"a shared ceiling in {name!r}, which goes round")

    # ── what is counted, and what is cited ───────────────────────────────────────────────

    def _indicators(self) -> None:
        indicators = self.program.indicators
        for indicator in indicators.values():
            match indicator.measure:
                case core.Ratio(numerator, denominator):
                    parts = [indicators.get(name) for name in (numerator, denominator)]
                    if not all(p and isinstance(p.measure, core.Addition) for p in parts):
                        raise wrong(f"indicator {indicator.name!r} is a ratio of no two others")
                    if indicator.type != RATE:
                        raise wrong(f"ratio {indicator.name!r} that is no rate")
                case core.Addition() as addition:
                    self._addition(indicator, addition)

    def _addition(self, indicator: core.Indicator, addition: core.Addition) -> None:
        scope, walked = Scope(), addition.walked
        if walked is not None:
            listed = self.typing.there(self.typing.type_of(walked, scope))
            if not isinstance(listed, ListType) or walked.word != "liste":
                raise wrong(f"indicator {indicator.name!r} over no list")
            scope = scope.with_variable(walked.variable, listed.item).if_(walked.condition)
        found = self.typing.type_of(addition.value, scope)
        # A term that is not applicable is skipped.
        kind = self.typing.there(found, inapplicable=walked is not None)
        if kind != BOOL:
            self.typing.fits(kind, indicator.type)
        elif indicator.type != INT:
            raise wrong(f"indicator {indicator.name!r} counts what it says it adds")
        else:
            scope = scope.if_(addition.value)
        for key in addition.keys:
            self._declared(key.type)
            self.typing.expect(key.expr, key.type, scope)

    def _sources(self) -> None:
        sources = self.program.sources
        for source in sources.values():
            for succession in source.succeeds:
                if succession.source not in sources:
                    raise wrong(f"no source {succession.source!r}")
        for citation in self.citations:
            if citation.source not in sources:
                raise wrong(f"no source {citation.source!r}")


def ceilings(value: core.Expr | None) -> list[core.SharedCap]:
    """The shared ceilings of a rule's value, in their order."""
    while isinstance(value, core.Noted):
        value = value.operand
    steps = value.steps if isinstance(value, core.Staged) else ()
    return [step for step in steps if isinstance(step, core.SharedCap)]
