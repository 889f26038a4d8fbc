"""What reads a piece of law, and on which days that can be.

A parameter that only an abolished rule reads cannot be read after the abolition: no case can ask
for it then, and none is owed. One that is read at the last day of the month before an element's
own is read on no first of a month.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.dsl.values import Duration
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Env
from lexald.engine.interpreter import Evaluation

LONGEST_MONTH, LONGEST_YEAR = 31, 366
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
        drift: that other date, where it follows from the day of the element alone.
        answers: whether answers may rest on it; none does on a guarantee, which only asks decisions.
    """

    decision: str | None
    periods: tuple[core.Period, ...]
    moved: bool = False
    day: date | None = None
    drift: Drift | None = None
    answers: bool = True


@attrs.frozen(eq=False)
class Drift:
    """*expr* is a date written from *event*, the day of an element of *entity*, and from constants.

    *reach*: days by which it may be away from that day, at most.
    """

    entity: str
    event: str
    expr: core.Expr
    reach: int


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
            self._note(guarantee.condition, attrs.evolve(always, answers=False))
        for indicator in program.indicators.values():
            self._note(indicator.measure, always)
        self.can_be_asked = cache(self._can_be_asked)
        self._lands = cache(self._landing)
        self._arrives = cache(self._arrival)
        self._asking: set[tuple[str, date | None]] = set()

    def can_be_read(self, thing: Thing, day: date) -> bool:
        """Whether something that reads *thing*, a parameter or a table, on *day* can be evaluated
        for an answer."""
        return any(self._reads(reader, day) for reader in self.of[thing] if reader.answers)

    def nearest(self, thing: Thing, day: date, step: timedelta, last: date | None) -> date | None:
        """*day* if *thing* can be read then; else the nearest day, going by *step* up to *last*,
        on which what reads it at some days of the calendar only can. `None` for none."""
        if self.can_be_read(thing, day):
            return day
        drifting = [reader for reader in self.of[thing] if reader.drift is not None]
        widest = max((reader.drift.reach for reader in drifting if reader.drift), default=0)
        for _ in range(widest):
            if day in (last, date.min, date.max):
                break
            day += step
            if any(self._reads(reader, day) for reader in drifting):
                return day
        return None

    def _reads(self, reader: Reader, day: date | None) -> bool:
        if reader.drift is not None and day is not None:
            return any(self._reads_at(reader, own) for own in self._lands(reader.drift, day))
        if reader.moved:
            if reader.day is not None and day is not None and reader.day != day:
                return False
            day = None
        return self._reads_at(reader, day)

    def _landing(self, drift: Drift, day: date) -> tuple[date, ...]:
        """The days of an element from which *drift* comes to *day*."""
        found = []
        for away in range(-drift.reach, drift.reach + 1):
            try:
                own = day + timedelta(days=away)
            except OverflowError:
                continue
            if self._arrives(drift, own) == day:
                found.append(own)
        return tuple(found)

    def _arrival(self, drift: Drift, own: date) -> object:
        """The day that *drift* comes to, of an element of the day *own*."""
        element = Element(drift.entity, (), None, {drift.event: own})
        return Evaluation(self.program, Situation({}), own).eval(drift.expr, Env(own, element))

    def _reads_at(self, reader: Reader, day: date | None) -> bool:
        """Whether the rule that reads can be evaluated on *day*, its own (`None`: on some day)."""
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
                    there = attrs.evolve(
                        here,
                        moved=True,
                        day=at if isinstance(at, date) else None,
                        drift=self._drift(day, here.decision),
                    )
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
                        attrs.evolve(here, moved=True, day=None, drift=None) if away else here
                    )
            if isinstance(node, core.Spanned):
                todo += [
                    (getattr(node, field.name), here)
                    for field in attrs.fields(type(node))
                    if field.name != "span"
                ]

    def _drift(self, day: core.Expr, decision: str | None) -> Drift | None:
        """How *day* follows from the day of the element that *decision* is of, if it does so
        whatever else the situation says."""
        entity = self.program.decisions[decision].entity if decision else None
        event = self.program.entities[entity].event if entity else None
        if entity is None or event is None:
            return None
        reach = 0
        has_event = False
        for node in core.parts(day):
            match node:
                case core.Fact(core.Current(name), fact) if (name, fact) == (entity, event):
                    has_event = True
                case core.Shift(duration=core.Constant(Duration(months, days))):
                    reach += months * LONGEST_MONTH + days
                case core.Builtin("fin_du_mois"):
                    reach += LONGEST_MONTH
                case core.Builtin("début_de_l_année" | "fin_de_l_année"):
                    reach += LONGEST_YEAR
                case core.Current() | core.Constant() | core.Noted():
                    pass
                case core.Spanned():
                    return None
        return Drift(entity, event, day, reach) if has_event else None
