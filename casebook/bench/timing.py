"""Who is how fast, side by side: contenders take turns, so that a busy moment hits them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter, process_time
from typing import Any

import attrs

# A round of a short work is repeated to last this long, in seconds.
ROUND = 0.02
# A work that lasts longer than this in its first turn is measured once.
ONCE = 20.0


@attrs.frozen(eq=False)
class Contender:
    """*run* does the work once: *units* of it (situations, lines). What it takes is made by
    *ready*, anew each time, and that is not timed; without it, *run* takes nothing."""

    name: str
    run: Callable[..., Any]
    units: int
    ready: Callable[[], Any] | None = None


@attrs.frozen
class Timing:
    """Seconds a unit, one figure a round: by the clock, and of processor (all threads, and the
    processes that were started)."""

    name: str
    seconds: tuple[float, ...]
    processor: tuple[float, ...]

    @property
    def least(self) -> float:
        return min(self.seconds)

    @property
    def busy(self) -> float:
        """The least time of processor."""
        return min(self.processor)

    @property
    def median(self) -> float:
        return median(self.seconds)


def race(contenders: Sequence[Contender], rounds: int) -> tuple[Timing, ...]:
    """Each contender once a round, *rounds* times, after a turn that does not count."""
    repeats: list[int] = []
    turns: list[int] = []
    took: list[list[Took]] = []
    for one in contenders:
        first = _timed(one, 1)
        repeats.append(max(1, int(ROUND / max(first[0], 1e-9))))
        turns.append(0 if first[0] > ONCE else rounds)
        took.append([first] if first[0] > ONCE else [])
    for turn in range(rounds):
        for rank, one in enumerate(contenders):
            if turn < turns[rank]:
                wall, processor = _timed(one, repeats[rank])
                took[rank].append((wall / repeats[rank], processor / repeats[rank]))
    return tuple(
        Timing(
            one.name,
            tuple(wall / one.units for wall, _ in rounds_),
            tuple(processor / one.units for _, processor in rounds_),
        )
        for one, rounds_ in zip(contenders, took, strict=True)
    )


Took = tuple[float, float]


def _timed(one: Contender, repeats: int) -> Took:
    """Seconds by the clock, and of processor."""
    run, ready = one.run, one.ready
    if ready is not None:
        return _timed_anew(run, [ready() for _ in range(repeats)])
    busy, start = _processor(), perf_counter()
    for _ in range(repeats):
        run()
    return perf_counter() - start, _processor() - busy


def _timed_anew(run: Callable[[Any], Any], given: list[Any]) -> Took:
    busy, start = _processor(), perf_counter()
    for one in given:
        run(one)
    return perf_counter() - start, _processor() - busy


def _processor() -> float:
    others = getrusage(RUSAGE_CHILDREN)
    return process_time() + others.ru_utime + others.ru_stime
