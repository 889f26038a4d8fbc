"""Work shared among threads, whose results come back in order.

NumPy, Arrow and machine code let go of the lock of the interpreter while they work on a column, so
threads keep the cores busy; processes did worse, each with a law and a start of its own.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Generic, TypeVar

import attrs

Part = TypeVar("Part")
Place = TypeVar("Place")
Result = TypeVar("Result")

# Parts that wait or are worked on, for each thread: what is held does not grow with their number.
WAITING = 2


@attrs.define(eq=False)
class _Job(Generic[Place, Part, Result]):
    place: Place
    part: Part
    future: Future[Result]


def in_order(
    work: Callable[[Part], Result], parts: Iterable[tuple[Place, Part]], jobs: int
) -> Iterator[tuple[Place, Result]]:
    """What *work* makes of each part, in order, by *jobs* threads, of which the caller's is one.

    *parts* is read by the caller's thread, no further than what may wait.
    """
    rest = iter(parts)
    first = list(islice(rest, 2))
    if jobs == 1 or len(first) < 2:
        for place, part in chain(first, rest):
            yield place, work(part)
        return
    waiting: collections.deque[_Job[Place, Part, Result]] = collections.deque()
    pool = ThreadPoolExecutor(jobs - 1)
    try:
        for place, part in chain(first, rest):
            waiting.append(_Job(place, part, pool.submit(work, part)))
            if len(waiting) >= WAITING * jobs:
                yield _first_done(work, waiting)
        while waiting:
            yield _first_done(work, waiting)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _first_done(
    work: Callable[[Part], Result], waiting: collections.deque[_Job[Place, Part, Result]]
) -> tuple[Place, Result]:
    """What the first of *waiting* came to. Until it is there, the caller does what no thread has
    begun."""
    while not waiting[0].future.done():
        mine = next((job for job in waiting if job.future.cancel()), None)
        if mine is None:
            break
        mine.future = Future()
        try:
            mine.future.set_result(work(mine.part))
        except Exception as failure:  # noqa: BLE001  (told in its turn)
            mine.future.set_exception(failure)
    first = waiting.popleft()
    return first.place, first.future.result()
