"""Work shared among threads, whose results come back in order.

NumPy, Arrow and machine code let go of the lock of the interpreter while they work on a column, so
threads keep the cores busy; processes did worse, each with a law and a start of its own.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

import attrs

Part = TypeVar("Part")
Place = TypeVar("Place")
Result = TypeVar("Result")

# Parts that wait or are worked on, for each thread: what is held does not grow with their number.
WAITING = 2
Waiting: TypeAlias = "collections.deque[tuple[Place, _Job[Part, Result]]]"


@attrs.define(eq=False)
class _Job(Generic[Part, Result]):
    """*parts*: the part, until a thread takes it; *future*: what it comes to."""

    parts: list[Part]
    future: Future[Result] = attrs.field(factory=Future)


def in_order(
    work: Callable[[Part], Result], parts: Iterable[tuple[Place, Part]], jobs: int
) -> Iterator[tuple[Place, Result]]:
    """What *work* makes of each part, in order, by *jobs* threads, of which the caller's is one.

    *parts* is read by the caller's thread, no further than what may wait.
    """
    rest = iter(parts)
    first = collections.deque(islice(rest, 2))
    if jobs == 1 or len(first) < 2:
        for place, part in _all(first, rest):
            yield place, work(part)
        return
    waiting: Waiting[Place, Part, Result] = collections.deque()
    pool = ThreadPoolExecutor(jobs - 1)
    try:
        for place, part in _all(first, rest):
            # The pool holds what no thread has begun, even if the caller has: no place, and no part.
            job = _Job[Part, Result]([part])
            job.future = pool.submit(_do, work, job)
            waiting.append((place, job))
            if len(waiting) >= WAITING * jobs:
                yield _first_done(work, waiting)
        while waiting:
            yield _first_done(work, waiting)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _do(work: Callable[[Part], Result], job: _Job[Part, Result]) -> Result:
    return work(job.parts.pop())


def _all(first: collections.deque[Part], rest: Iterator[Part]) -> Iterator[Part]:
    """*first*, of which nothing is kept, then *rest*."""
    while first:
        yield first.popleft()
    yield from rest


def _first_done(
    work: Callable[[Part], Result], waiting: Waiting[Place, Part, Result]
) -> tuple[Place, Result]:
    """What the first of *waiting* came to. Until it is there, the caller does what no thread has
    begun."""
    while not waiting[0][1].future.done():
        mine = next((job for _, job in waiting if job.future.cancel()), None)
        if mine is None:
            break
        mine.future = Future()
        try:
            mine.future.set_result(_do(work, mine))
        except Exception as failure:  # noqa: BLE001  (told in its turn)
            mine.future.set_exception(failure)
    place, first = waiting.popleft()
    try:
        return place, first.future.result()
    finally:
        mine = None  # a failure holds this frame, which would hold the failure
        del first
