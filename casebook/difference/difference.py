"""The whole of a difference: the text, the decisions, the cases, a population."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import attrs

from lexald.engine.cli.door import NotDone
from lexald.engine.naming import full_names

from .affected import Affected, affected
from .bench import Bench
from .cases import CasesCompared, compare_cases
from .population import PopulationCompared, compare_population
from .sides import Side, read_sides
from .text import Change, changes
from .witnesses import Found, Search

BUDGET = 60
"""Situations tried for one decision, and for each changed piece that it reads."""


@attrs.frozen(eq=False)
class Difference:
    """What changes from law *a* to law *b*.

    *on*: the one date at which they are compared, if there is one. *decisions* are those that may
    differ, the nearest to the change first; `None` for *cases* or *population* is not asked for.
    """

    a: Side
    b: Side
    on: date | None
    changes: tuple[Change, ...]
    decisions: tuple[Found, ...]
    cases: CasesCompared | None = None
    population: PopulationCompared | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the two laws, and their cases, say the same."""
        cases = self.cases
        return not self.changes and not (cases and (cases.moved or cases.added or cases.removed))


def difference(
    a: str | None,
    b: str,
    *,
    on: date | None = None,
    policies: Sequence[Path] = (),
    cases: Sequence[Path] = (),
    decisions: Sequence[str] = (),
    population: Iterable[Any] | None = None,
    budget: int = BUDGET,
    with_cases: bool = True,
) -> Difference:
    """What changes from *a* to *b*.

    Args:
        a, b: each a date (``2017-04-06``, ``06/04/2017``, ``date:…``), a revision of git
            (``rev:v1.0``), or a file or folder of policies; *a* may be `None`, the law in force.
        on: compare two laws at one date, and not over all.
        policies: the law that dates are of and that a reform is laid on; in a revision, its folder.
        cases: the cases to run; by default those that come with the law.
        decisions: only these may be said to differ, and are counted.
        population: situations, as `Law.count` takes them, read once.
        budget: how many situations to try for a witness of one decision; 0 looks for none.
        with_cases: whether cases are read and run.

    Raises:
        NotDone: a side cannot be read, or a decision does not exist.
        ValueError: a population without a date of law.
    """
    side_a, side_b = read_sides(a, b, policies, cases, with_cases=with_cases)
    names, wrong = full_names(side_b.program, decisions)
    if wrong:
        raise NotDone(wrong)
    found = changes(side_a, side_b, on)
    may = affected((side_a.program, side_b.program), found)
    wanted = [one for one in may if not names or one.decision in names]
    # A search starts from the witnesses and the cases of the decisions that lead to a change.
    needed = {one.decision for one in wanted}
    if budget:
        needed = _read_by(may, needed)
    bench = Bench(side_a, side_b)
    compared = None
    if with_cases:
        refusals = any(change.kind in ("interdit", "fait") for change in found)
        compared = compare_cases(
            bench, needed, {one.decision for one in wanted}, on, refusals=refusals
        )
    search = Search(bench, found, compared.seeds if compared else {}, budget, on)
    looked = {
        one.decision: search.of(one)
        for one in _callees_first(may)
        if budget and one.decision in needed
    }
    told = [looked.get(one.decision, Found(one, (), 0)) for one in wanted]
    counted = None
    if population is not None:
        counted = compare_population(side_a, side_b, population, on, names)
    return Difference(side_a, side_b, on, found, tuple(told), compared, counted)


def _read_by(may: Iterable[Affected], wanted: set[str]) -> set[str]:
    """*wanted*, and the decisions that lead them to a change: a search starts from theirs."""
    through = {one.decision: one.through for one in may}
    found: set[str] = set()
    todo = list(wanted)
    while todo:
        name = todo.pop()
        if name in through and name not in found:
            found.add(name)
            todo += through[name]
    return found


def _callees_first(may: Sequence[Affected]) -> Iterator[Affected]:
    """*may*, each after the decisions that lead it to a change."""
    by_name = {one.decision: one for one in may}
    done: set[str] = set()
    for first in may:
        if first.decision in done:
            continue
        todo = [(first, iter(first.through))]
        while todo:
            one, left = todo[-1]
            done.add(one.decision)
            ahead = next((by_name[n] for n in left if n in by_name and n not in done), None)
            if ahead is not None:
                todo.append((ahead, iter(ahead.through)))
                continue
            todo.pop()
            yield one
