"""Which cases may see a mutant: those in which what it changes was read, and came to something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.engine.counting import measured
from lexald.engine.environment import Env, version_on
from lexald.engine.lookup import look_up
from lexald.engine.outcomes import Outcome

from .mutants import Counted, Looked, Mutant, Replaced, Ruled, Valued
from .tracing import Lookup, Read, alike


@attrs.frozen(eq=False)
class Sight:
    """For each mutant, the cases (by rank) that reach what it changes, those that may see it,
    and those of which it is sure."""

    reached: tuple[tuple[int, ...], ...]
    seen: tuple[tuple[int, ...], ...]
    sure: tuple[frozenset[int], ...] = ()


def sight(
    program: core.Program,
    mutants: Sequence[Mutant],
    cases: Sequence[core.Case],
    reads: Sequence[Read],
) -> Sight:
    index = _Index(program, cases, reads)
    pairs = [index.of(number, mutant) for number, mutant in enumerate(mutants)]
    return Sight(
        tuple(tuple(sorted(reached)) for reached, _ in pairs),
        tuple(tuple(sorted(seen)) for _, seen in pairs),
        tuple(frozenset(index.sure.get(number, ())) for number in range(len(mutants))),
    )


class _Index:
    def __init__(
        self, program: core.Program, cases: Sequence[core.Case], reads: Sequence[Read]
    ) -> None:
        self.program = program
        self.reached: dict[int, list[int]] = {}
        self.seen: dict[int, list[int]] = {}
        self.sure: dict[int, list[int]] = {}
        self.parameters: dict[str, dict[date, list[int]]] = {}
        self.decisions: dict[str, dict[date, list[int]]] = {}
        self.entities: dict[str, dict[date, list[int]]] = {}
        self.undated: dict[str, list[int]] = {}
        self.lookups: dict[str, dict[object, tuple[Lookup, list[int]]]] = {}
        self.counted: dict[str, list[int]] = {}
        for rank, (case, read) in enumerate(zip(cases, reads, strict=True)):
            for table, numbers in (
                (self.reached, read.reached),
                (self.seen, read.seen),
                (self.sure, read.sure),
            ):
                for number in numbers:
                    table.setdefault(number, []).append(rank)
            for days, pairs in (
                (self.parameters, read.parameters),
                (self.decisions, read.decisions),
                (self.entities, read.entities),
            ):
                for name, day in pairs:
                    days.setdefault(name, {}).setdefault(day, []).append(rank)
            for name in read.undated:
                self.undated.setdefault(name, []).append(rank)
            for key, lookup in read.lookups.items():
                held = self.lookups.setdefault(lookup.table, {})
                held.setdefault(key, (lookup, []))[1].append(rank)
            for name in measured(program, {e.indicator for e in case.counted}):
                self.counted.setdefault(name, []).append(rank)

    def of(self, number: int, mutant: Mutant) -> tuple[set[int], set[int]]:
        match mutant.site:
            case Replaced():
                return set(self.reached.get(number, ())), set(self.seen.get(number, ()))
            case Valued(name, when):
                found = {*self._on(self.parameters, name, when), *self.undated.get(name, ())}
            case Ruled(name, when):
                found = {*self._on(self.decisions, name, when), *self.undated.get(name, ())}
                decision = self.program.decisions[name]
                if decision.entity is not None and _shares(decision):
                    found |= self._on(self.entities, decision.entity, when)
            case Looked(old, new):
                return self._looked(old, new)
            case Counted(name):
                found = set(self.counted.get(name, ()))
        return found, found

    def _on(
        self, days: Mapping[str, Mapping[date, Iterable[int]]], name: str, when: core.Period
    ) -> set[int]:
        held = days.get(name, {})
        return {rank for day, ranks in held.items() if when.contains(day) for rank in ranks}

    def _looked(self, old: core.Table, new: core.Table) -> tuple[set[int], set[int]]:
        reached: set[int] = set()
        seen: set[int] = set(self.undated.get(old.name, ())) if _moved(old, new) else set()
        for lookup, ranks in self.lookups.get(old.name, {}).values():
            if not _differs(old, new, lookup.on):
                continue
            reached.update(ranks)
            if seen.issuperset(ranks):
                continue
            if not alike(*(_answer(table, lookup) for table in (old, new))):
                seen.update(ranks)
        return reached | seen, seen


def _shares(decision: core.Decision) -> bool:
    return any(
        isinstance(node, core.SharedCap)
        for rule in (decision.general, *decision.exceptions)
        for version in rule.versions
        for node in core.parts(version.value)
    )


def _moved(old: core.Table, new: core.Table) -> bool:
    return [v.period for v in old.versions] != [v.period for v in new.versions]


def _differs(old: core.Table, new: core.Table, on: date) -> bool:
    """Whether the two have other rows *on* that day; also where none is in force, for a table
    then tells which row is to come."""
    a, b = (version_on(table.versions, on) for table in (old, new))
    if isinstance(a, core.TableVersion) and isinstance(b, core.TableVersion):
        return not (
            len(a.rows) == len(b.rows)
            and all(x is y for x, y in zip(a.rows, b.rows, strict=True))
        )  # fmt: skip
    return True


class _Frozen:
    """Answers arguments that were worked out before: enough for `look_up`."""

    def __init__(self, table: core.Table, arguments: Sequence[Outcome]) -> None:
        self.program = _OneTable({table.name: table})
        self.answers = iter(arguments)

    def eval(self, expr: core.Expr, env: Env) -> Outcome:
        return next(self.answers)

    def looks_up(self, table: core.Table, arguments: Sequence[Outcome], env: Env) -> None:
        pass


@attrs.frozen
class _OneTable:
    tables: Mapping[str, core.Table]


def _answer(table: core.Table, lookup: Lookup) -> Outcome:
    frozen: Any = _Frozen(table, lookup.arguments)
    asked = core.TableValue(table.name, (core.Constant(None),) * len(lookup.arguments))
    return look_up(frozen, asked, Env(lookup.on))
