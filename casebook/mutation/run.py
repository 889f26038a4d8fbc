"""The casebook against every mutant: the first case that fails kills it.

Cases are first run by the law, noting what they read; a mutant is then run only on those that may
see it, the quickest first. Work is shared between processes, and what is found does not depend on
how many there are.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from lexald.dsl import program as core

from ..runner import is_run
from .bearing import Bearing
from .mutants import Mutant
from .sight import Sight, sight
from .tracing import Plan, Trace, plan, survives, trace


@attrs.frozen(eq=False)
class Fate:
    """What became of a mutant. *killer*: the case that fails, or `None`; *reached*: how many cases
    read what it changes; *ran*: how many had to be run."""

    mutant: Mutant
    killer: core.Case | None
    reached: int
    ran: int


@attrs.frozen(eq=False)
class Outcome:
    """*fates* in the order of mutants. *broken*: cases that fail by the law itself; they kill
    nothing. *whole* is false when the run was interrupted: some mutants were not tried."""

    fates: tuple[Fate, ...]
    broken: tuple[core.Case, ...]
    whole: bool = True


# Told of each step: what is done, out of how many.
Progress = Callable[[str, int, int], None]


def run(
    program: core.Program,
    mutants: Sequence[Mutant],
    cases: Sequence[core.Case] | None = None,
    *,
    jobs: int = 0,
    progress: Progress = lambda step, done, total: None,
) -> Outcome:
    """Run *cases* (all those of *program* by default) against *mutants*.

    *jobs*: how many processes; 0 for one per processor. Interrupted while mutants are tried, it
    gives what was found so far.
    """
    listed = [case for case in (program.cases if cases is None else cases) if is_run(case)]
    bearing = Bearing(program)
    chosen = bearing.concerned((mutant.thing for mutant in mutants), listed)
    work = _Work(program, tuple(mutants), chosen, plan(mutants), bearing)
    n_jobs = jobs or os.cpu_count() or 1
    traces: list[Trace] = []
    for done, found in enumerate(_spread(work, _trace, len(chosen), n_jobs)):
        traces.append(found)
        progress("cases", done + 1, len(chosen))
    found_sight = sight(program, mutants, chosen, [one.read for one in traces])
    work = attrs.evolve(work, traces=tuple(traces), sight=found_sight)
    fates: list[Fate] = []
    whole = True
    try:
        for number, (killer, ran) in enumerate(_spread(work, _try, len(mutants), n_jobs)):
            killed = None if killer is None else chosen[killer]
            reached = len(found_sight.reached[number])
            fates.append(Fate(mutants[number], killed, reached, ran))
            progress("mutants", number + 1, len(mutants))
    except KeyboardInterrupt:
        whole = False
    broken = tuple(case for case, one in zip(chosen, traces, strict=True) if not one.passed)
    return Outcome(tuple(fates), broken, whole)


@attrs.frozen(eq=False)
class _Work:
    """All that a process needs; it is inherited, never sent."""

    program: core.Program
    mutants: tuple[Mutant, ...]
    cases: tuple[core.Case, ...]
    plan: Plan
    bearing: Bearing
    traces: tuple[Trace, ...] = ()
    sight: Sight = attrs.field(factory=lambda: Sight((), ()))


def _trace(work: _Work, rank: int) -> Trace:
    return trace(work.program, work.cases[rank], work.plan)


def _try(work: _Work, number: int) -> tuple[int | None, int]:
    """Which case kills mutant *number*, and how many were run."""
    ranks = [rank for rank in work.sight.seen[number] if work.traces[rank].passed]
    sure = work.sight.sure[number]
    ranks.sort(key=lambda rank: (rank not in sure, work.traces[rank].steps, rank))
    if not ranks:
        return None, 0
    mutated = work.mutants[number].program
    asks = work.bearing.asks(work.mutants[number].thing)
    for ran, rank in enumerate(ranks):
        if not survives(mutated, work.cases[rank], work.traces[rank].steps, asks):
            return rank, ran + 1
    return None, len(ranks)


# ── processes ────────────────────────────────────────────────────────────────────────────

_work: _Work | None = None
# Small enough that no process waits long for the others at the end.
CHUNK = 16


def _spread(work: _Work, task: Callable[[_Work, int], Any], count: int, jobs: int) -> Iterator[Any]:
    """*task* of each number below *count*, in order, by *jobs* processes."""
    global _work
    if jobs == 1 or count <= CHUNK or "fork" not in multiprocessing.get_all_start_methods():
        for number in range(count):
            yield task(work, number)
        return
    _work = work
    try:
        with multiprocessing.get_context("fork").Pool(min(jobs, count), _start) as pool:
            starts = [(task, at, min(at + CHUNK, count)) for at in range(0, count, CHUNK)]
            for found in pool.imap(_chunk, starts):
                yield from found
    finally:
        _work = None


def _start() -> None:
    import gc
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends them
    gc.freeze()


def _chunk(given: tuple[Callable[[_Work, int], Any], int, int]) -> list[Any]:
    task, start, stop = given
    assert _work is not None
    return [task(_work, number) for number in range(start, stop)]
