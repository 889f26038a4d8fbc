"""Where a mutant differs from the law, and which decisions may show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from lexald.dsl import program as core

from ..mutation.mutants import Counted, Looked, Mutant, Replaced, Ruled, Valued
from .differences import Differ, Where, parted
from .goals import ALWAYS, Law, Wanted
from .sites import APPLICABLE, Site, Visit
from .wish import Wish, either
from .wishes import Wishes


def against(law: Law, mutant: Mutant) -> Differ | None:
    """That *law* and *mutant* answer differently; `None` where one situation cannot show it."""
    where = tuple(_where(law, mutant))
    names = list(dict.fromkeys(one.site.thing for one in where))
    refusals = [name for name in names if name not in law.program.decisions]
    asked = [name for name in names if name in law.program.decisions]
    if not names:
        return None
    return Differ(
        law, mutant.program, asked, where=where, days=where[0].days,
        labels=True, refusals=tuple(refusals),
    )  # fmt: skip


def _where(law: Law, mutant: Mutant) -> Iterator[Where]:
    sites = law.sites
    match mutant.site:
        case Replaced(node, new, root, whole):
            for site in sites.of_node[id(node)]:
                days = site.version.period if site.version is not None else ALWAYS
                yield Where(site, days, parted(mutant.program, node, new, root, whole))
        case Valued(name, when):
            yield from (Where(site, when) for site in sites.of_parameter[name])
        case Looked(old, new):
            for when, rows in _changes(old, new):
                for site in sites.of_table[old.name]:
                    yield Where(site, when, _one_of(rows))
        case Ruled(name, when):
            yield from _ruled(law, mutant, name, when)
        case Counted():
            return


def _ruled(law: Law, mutant: Mutant, name: str, when: core.Period) -> Iterator[Where]:
    """The decision *name* in *when*: each rule that is in force there, by one law or the other."""
    decision = law.program.decisions[name]
    entity = decision.entity
    base = None if entity is None else core.Current(entity)
    asked = Site(name, entity, APPLICABLE, None, None, (), core.DecisionValue(name, base))
    theirs = mutant.program.decisions[name]
    for rule in (*decision.exceptions, *theirs.exceptions):
        for version in rule.versions:
            if version.guard is not None and _meet(version.period, when):
                yield Where(asked, when, _guarded(version.guard))
    yield Where(asked, when)


def _guarded(guard: core.Expr) -> Wanted:
    def wanted(wishes: Wishes, visit: Visit) -> Wish:
        return wishes.truth(guard, visit.env, True)

    return wanted


def _one_of(rows: Sequence[core.TableRow]) -> Wanted:
    def wanted(wishes: Wishes, visit: Visit) -> Wish:
        node = visit.site.node
        assert isinstance(node, core.TableValue)
        return either(wishes.row(node, row, visit.env) for row in rows)

    return wanted


def _changes(
    old: core.Table, new: core.Table
) -> Iterator[tuple[core.Period, tuple[core.TableRow, ...]]]:
    """The stretches of time in which two tables differ, with the rows that one of them has."""
    days: set[date | None] = {None}
    for version in (*old.versions, *new.versions):
        days |= {version.period.since, version.period.until}
    edges = sorted(day for day in days if day is not None)
    for since, until in zip([None, *edges], [*edges, None], strict=True):
        at = since or (
            date.fromordinal(until.toordinal() - 1) if until and until > date.min else None
        )
        if at is None:
            continue
        ours, theirs = _rows_on(old, at), _rows_on(new, at)
        if [_said(row) for row in ours] == [_said(row) for row in theirs]:
            continue
        mine, others = {_said(r) for r in ours}, {_said(r) for r in theirs}
        apart = [r for r in ours if _said(r) not in others]
        apart += [r for r in theirs if _said(r) not in mine]
        yield core.Period(since, until), tuple(apart or ours or theirs)


def _rows_on(table: core.Table, day: date) -> tuple[core.TableRow, ...]:
    return next((v.rows for v in table.versions if v.period.contains(day)), ())


def _said(row: core.TableRow) -> object:
    return row.tests, repr(row.result)


def _meet(a: core.Period, b: core.Period) -> bool:
    return (a.until is None or b.since is None or b.since < a.until) and (
        b.until is None or a.since is None or a.since < b.until
    )
