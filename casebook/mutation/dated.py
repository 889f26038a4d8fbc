"""Dates of versions, one day earlier and one day later, where that day can matter.

A thing whose readers are not in force on the day that is moved would give a mutant that no answer
of the law can tell from it. A rule reads in its own time, at the day of its element where that has
one; ``au droit du`` and the elements of a list may be of any day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import attrs

from lexald.dsl import program as core

from .trees import normal

ONE_DAY = timedelta(days=1)


@attrs.frozen
class Moved:
    """*versions*, one date of them moved: what began (or, *ended*, ended) on *day* does so on
    *to*. *at*: the one day on which the two laws differ. *place*: which version."""

    place: int
    day: date
    to: date
    ended: bool
    at: date
    versions: tuple[Any, ...]


def moves(versions: Sequence[Any]) -> Iterator[Moved]:
    """Each date of *versions* moved by a day; not those at which nothing changes."""
    for place, version in enumerate(versions):
        day = version.period.since
        if day is None:
            continue
        before: Any = versions[place - 1] if place else None
        follows = before is not None and before.period.until == day
        if follows and _content(before) == _content(version):
            continue
        for step in (-1, 1):
            to = day + step * ONE_DAY
            if follows and before.period.since is not None and to <= before.period.since:
                continue
            if version.period.until is not None and to >= version.period.until:
                continue
            made = list(versions)
            made[place] = _with(version, since=to)
            if follows:
                made[place - 1] = _with(before, until=to)
            yield Moved(place, day, to, False, day if step > 0 else to, tuple(made))
    last = versions[-1].period
    if last.until is not None:
        for step in (-1, 1):
            to = last.until + step * ONE_DAY
            if last.since is not None and to <= last.since:
                continue
            ending = (*versions[:-1], _with(versions[-1], until=to))
            at = last.until if step > 0 else to
            yield Moved(len(versions) - 1, last.until, to, True, at, ending)


def _with(version: Any, **ends: date) -> Any:
    return attrs.evolve(version, period=attrs.evolve(version.period, **ends))


def _content(version: Any) -> object:
    """What a version says, its notes left out."""
    match version:
        case core.RuleVersion(_, guard, value):
            return normal(guard), normal(value)
        case core.ParameterVersion(_, value):
            return value
        case core.TableVersion(_, rows, first_match):
            return [(row.tests, normal(row.result)) for row in rows], first_match
    raise AssertionError(version)


# ── who reads ────────────────────────────────────────────────────────────────────────────

Thing = tuple[str, str]
ALWAYS = core.Period(None, None)


class Readers:
    """When each parameter, table and decision of *program* may be read."""

    def __init__(self, program: core.Program) -> None:
        self.program = program
        # What reads a thing: in which time of its own, and on whose day. `None`: on any day.
        self._sites: dict[Thing, set[tuple[core.Period, str | None]]] = {}
        self._known: dict[tuple[Thing, date], bool] = {}
        for decision in program.decisions.values():
            self._note((decision.applicable, decision.sequence), ALWAYS, decision)
            for rule in (decision.general, *decision.exceptions):
                for version in rule.versions:
                    self._note((version.guard, version.value), version.period, decision)
        self._note(tuple(rule.condition for rule in program.forbidden), ALWAYS, None)
        self._note(tuple(rule.condition for rule in program.guarantees), ALWAYS, None)
        self._note(tuple(one.measure for one in program.indicators.values()), ALWAYS, None)

    def may_read(self, thing: Thing, day: date) -> bool:
        """Whether an answer may rest on *thing* as it stands on *day*.

        What the law marks ``résultat`` is asked on any day, and so is a decision that nothing
        reads.
        """
        key = thing, day
        if key not in self._known:
            self._known[key] = False  # meanwhile, for what goes round along a list
            self._known[key] = self._may_read(*key)
        return self._known[key]

    def _may_read(self, thing: Thing, day: date) -> bool:
        kind, name = thing
        sites = self._sites.get(thing, set())
        if kind == "décision" and (self.program.decisions[name].is_result or not sites):
            return True
        return any(
            period.contains(day) and (reader is None or self.may_read(("décision", reader), day))
            for period, reader in sorted(sites, key=repr)
        )

    def _note(self, start: object, period: core.Period, reader: core.Decision | None) -> None:
        """Note all that *start*, a part of *reader* in force in *period*, reads."""
        here = period, reader.name if reader else None
        todo: list[tuple[object, tuple[core.Period, str | None]]] = [(start, here)]
        elsewhere = ALWAYS, None
        while todo:
            node, site = todo.pop()
            match node:
                case tuple():
                    todo.extend((one, site) for one in node)
                    continue
                case core.ParameterValue(name):
                    self._sites.setdefault(("paramètre", name), set()).add(site)
                case core.TableValue(name):
                    self._sites.setdefault(("table", name), set()).add(site)
                case core.DecisionValue(name, base):
                    same = self._same_day(name, base, reader)
                    found = self._sites.setdefault(("décision", name), set())
                    found.add(site if same else elsewhere)
                case core.AsOf(moved, content):
                    todo += [(moved, site), (content, elsewhere)]
                    continue
                case core.Sequence(_, order, keys):
                    todo += [(order, elsewhere), (keys, elsewhere)]
                    continue
            if isinstance(node, core.Spanned):
                names = (f.name for f in attrs.fields(type(node)) if f.name not in _NOT_READ)
                todo.extend((getattr(node, name), site) for name in names)

    def _same_day(self, name: str, base: core.Expr | None, reader: core.Decision | None) -> bool:
        """Whether decision *name* of *base* is read at the day of *reader*: that of the element,
        if its entity has one."""
        entity = self.program.decisions[name].entity
        if entity is None or self.program.entities[entity].event is None:
            return True
        return isinstance(base, core.Current) and reader is not None and reader.entity == entity


_NOT_READ = ("span", "notes")
