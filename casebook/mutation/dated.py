"""Dates of versions, one day earlier and one day later, where that day can matter.

A thing whose readers are not in force on the day that is moved would give a mutant that nothing
can tell from the law. Decisions may always be asked, so their dates always matter; a parameter or
a table is only read by rules, each in its own time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


@attrs.frozen
class Readers:
    """For each parameter and table, the times in which it is read."""

    times: Mapping[tuple[str, str], tuple[core.Period, ...]]

    def may_read(self, kind: str, name: str, day: date) -> bool:
        """Whether something may read the thing on *day*; *kind*: ``paramètre`` or ``table``."""
        return any(period.contains(day) for period in self.times.get((kind, name), ()))


ALWAYS = core.Period(None, None)


def readers(program: core.Program) -> Readers:
    """Who reads parameters and tables in *program*."""
    found: dict[tuple[str, str], set[core.Period]] = {}

    def note(start: object, period: core.Period) -> None:
        todo: list[tuple[object, core.Period]] = [(start, period)]
        while todo:
            node, time = todo.pop()
            match node:
                case tuple():
                    todo.extend((one, time) for one in node)
                    continue
                case core.ParameterValue(name):
                    found.setdefault(("paramètre", name), set()).add(time)
                case core.TableValue(name):
                    found.setdefault(("table", name), set()).add(time)
                case core.AsOf(day, content):
                    # At the law of another day, whichever it is.
                    todo += [(day, time), (content, ALWAYS)]
                    continue
                case core.Sequence(_, order, keys):
                    todo += [(order, ALWAYS), (keys, ALWAYS)]
                    continue
            if isinstance(node, core.Spanned):
                fields = (
                    f.name for f in attrs.fields(type(node)) if f.name not in ("span", "notes")
                )
                todo.extend((getattr(node, name), time) for name in fields)

    for decision in program.decisions.values():
        note((decision.applicable, decision.sequence), ALWAYS)
        for rule in (decision.general, *decision.exceptions):
            for version in rule.versions:
                note((version.guard, version.value), version.period)
    note(tuple(rule.condition for rule in program.forbidden), ALWAYS)
    note(tuple(indicator.measure for indicator in program.indicators.values()), ALWAYS)
    return Readers({key: tuple(sorted(times, key=repr)) for key, times in found.items()})
