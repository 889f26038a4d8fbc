"""What reads a piece of law, and on which days that can be.

A parameter that only an abolished rule reads cannot be read after the abolition: no case can ask
for it then, and none is owed.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

import attrs

from lexald.dsl import program as core

# (kind, name): ``parameter``, ``table`` or ``decision``.
Thing = tuple[str, str]


@attrs.frozen(eq=False)
class Reader:
    """A place where a thing is read.

    Args:
        decision: whose rules read it; `None` for what is asked of every situation.
        periods: the days on which the rule that reads it is in force.
        moved: whether it is read at another date than that of the rule: that of ``au droit du``,
            or of the event of another element.
        day: that other date, where the law writes it.
    """

    decision: str | None
    periods: tuple[core.Period, ...]
    moved: bool = False
    day: date | None = None


class Readers:
    """The readers of everything in *program*."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        self.of: defaultdict[Thing, list[Reader]] = defaultdict(list)
        for decision in program.decisions.values():
            versions = [v for r in (decision.general, *decision.exceptions) for v in r.versions]
            every = tuple(version.period for version in versions)
            self._note(decision.applicable, Reader(decision.name, every))
            for version in versions:
                here = Reader(decision.name, (version.period,))
                self._note((version.guard, version.value), here)
        always = Reader(None, (core.Period(None, None),))
        for rule in program.forbidden:
            self._note(rule.condition, always)
        for guarantee in program.guarantees:
            self._note(guarantee.condition, always)
        for indicator in program.indicators.values():
            self._note(indicator.measure, always)
        self.can_be_asked = cache(self._can_be_asked)
        self._asking: set[tuple[str, date | None]] = set()

    def can_be_read(self, thing: Thing, day: date) -> bool:
        """Whether something that reads *thing* on *day* can be evaluated."""
        return any(self._reads(reader, day) for reader in self.of[thing])

    def _reads(self, reader: Reader, day: date | None) -> bool:
        if reader.moved:
            if reader.day is not None and day is not None and reader.day != day:
                return False
            day = None
        if day is not None and not any(period.contains(day) for period in reader.periods):
            return False
        return reader.decision is None or self.can_be_asked(reader.decision, day)

    def _can_be_asked(self, name: str, day: date | None) -> bool:
        """Whether decision *name* can be asked at the law of *day* (`None`: of some day): for
        itself if it is a result or nothing reads it, else by what reads it."""
        readers = self.of["decision", name]
        if self.program.decisions[name].is_result or not readers:
            return True
        if (name, day) in self._asking:
            return False  # only by itself, of the element before
        self._asking.add((name, day))
        try:
            return any(self._reads(reader, day) for reader in readers)
        finally:
            self._asking.discard((name, day))

    def _note(self, root: object, reader: Reader) -> None:
        todo: list[tuple[Any, Reader]] = [(root, reader)]
        while todo:
            node, here = todo.pop()
            match node:
                case tuple():
                    todo += [(part, here) for part in node]
                    continue
                case core.AsOf(day, content):
                    at = day.value if isinstance(day, core.Constant) else None
                    there = attrs.evolve(here, moved=True, day=at if isinstance(at, date) else None)
                    todo += [(day, here), (content, there)]
                    continue
                case core.ParameterValue(name):
                    self.of["parameter", name].append(here)
                case core.TableValue(name):
                    self.of["table", name].append(here)
                case core.DecisionValue(name, base):
                    entity = self.program.decisions[name].entity
                    dated = entity is not None and self.program.entities[entity].event is not None
                    away = dated and not isinstance(base, core.Current)
                    self.of["decision", name].append(
                        attrs.evolve(here, moved=True, day=None) if away else here
                    )
            if isinstance(node, core.Spanned):
                todo += [
                    (getattr(node, field.name), here)
                    for field in attrs.fields(type(node))
                    if field.name != "span"
                ]
