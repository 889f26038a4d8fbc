"""Which cases of the casebook move: those that one law answers otherwise than the other.

A case is decided as it stands: at its own date, or at the one date asked for. Two dates compare it
as a witness is: what rules its elements falls on the one day, then on the other.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import attrs

from lexald.dsl import program as core
from lexald.dsl.types import Type
from lexald.engine.elements import path_text
from lexald.engine.outcomes import FactPath, Outcome

from ..runner import CaseError, answer_to, told_by
from .bench import Bench, Pair, alike
from .situations import Data, size
from .witnesses import Seeds

MOST_SEEDS = 40
"""Cases kept for one decision, to look for its witnesses from; those that move come first."""


@attrs.frozen(eq=False)
class Moved:
    """*decision* is empty where a law refuses the situation itself: *before* and *after* are then
    why, or empty."""

    case: core.Case
    decision: str
    place: str
    before: Outcome
    after: Outcome
    type: Type | None = None


@attrs.frozen(eq=False)
class CasesCompared:
    """*ran* counts the cases that were decided under both laws; *seeds* start a search."""

    moved: tuple[Moved, ...]
    added: tuple[core.Case, ...]
    removed: tuple[core.Case, ...]
    ran: int
    seeds: Seeds = attrs.field(repr=False)


def compare_cases(
    bench: Bench,
    affected: Collection[str],
    shown: Collection[str],
    on: date | None,
    *,
    refusals: bool,
) -> CasesCompared:
    """The cases of both laws under both.

    Args:
        affected: decisions that may differ; a case that expects nothing of them cannot move.
        shown: those of which a difference is told; the others only start a search.
        refusals: whether what a situation may not be has changed: then every case may move.
    """
    before = {case.name: case for case in bench.a.program.cases}
    after = {case.name: case for case in bench.b.program.cases}
    moved: list[Moved] = []
    seeds: dict[str, list[tuple[bool, int, Data, FactPath, date]]] = {}
    ran = 0
    for name, case in after.items():
        paths = _asked(case, affected)
        if name not in before or case.population or not (paths or (refusals and case.expected)):
            continue
        try:
            data = told_by(case)
        except CaseError:
            continue
        pair = bench.pair(data, on or case.day)
        if pair is None:
            continue
        ran += 1
        if refusals and pair.refused[0] != pair.refused[1]:
            moved.append(Moved(case, "", "situation", *pair.refused))
            continue
        for path, day in paths:
            one = _compare(bench, case, pair, path, on or day, seeds)
            if one is not None and one.decision in shown:
                moved.append(one)
    return CasesCompared(
        tuple(moved),
        tuple(case for name, case in after.items() if name not in before),
        tuple(case for name, case in before.items() if name not in after),
        ran,
        {decision: _best(found) for decision, found in seeds.items()},
    )


def _asked(case: core.Case, affected: Collection[str]) -> list[tuple[core.Path, date]]:
    """The answers that *case* expects of *affected*, by name: which element is not known yet."""
    short = {name.rpartition(".")[2] for name in affected}
    return [
        (expectation.path, expectation.day)
        for expectation in case.expected
        if expectation.state != "interdit" and expectation.path[-1].name in short
    ]


def _compare(
    bench: Bench,
    case: core.Case,
    pair: Pair,
    path: core.Path,
    day: date,
    seeds: dict[str, list[tuple[bool, int, Data, FactPath, date]]],
) -> Moved | None:
    if not bench.days and day != pair.evaluations[0].on:
        other = bench.pair(pair.data, day)
        if other is None:
            return None
        pair = other
    try:
        name, element, _ = answer_to(bench.b.program, pair.evaluations[1], path)
    except CaseError:
        return None
    if name is None or name not in bench.a.program.decisions:
        return None
    place = element.path if element else ()
    answers = pair.ask(name, place)
    moves = answers is not None and not alike(answers.before, answers.after)
    seeds.setdefault(name, []).append((not moves, size(pair.data), pair.data, place, day))
    if answers is None or not moves:
        return None
    shown = path_text((*place, name.rpartition(".")[2]))
    kind = bench.b.program.decisions[name].type
    return Moved(case, name, shown, answers.before, answers.after, kind)


def _best(
    found: list[tuple[bool, int, Data, FactPath, date]],
) -> list[tuple[Data, FactPath, date, bool]]:
    kept = sorted(found, key=lambda one: one[:2])[:MOST_SEEDS]
    return [(data, path, day, not still) for still, _, data, path, day in kept]
