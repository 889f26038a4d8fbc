"""Work shared among threads, its results in the order of its parts."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Place = TypeVar("Place")
Result = TypeVar("Result")

# Parts that wait or are worked on, for each thread: what is held does not grow with their number.
WAITING = 2


def in_order(
    work: Callable[[Part], Result], parts: Iterable[tuple[Place, Part]], jobs: int
) -> Iterator[tuple[Place, Result]]:
    """What *work* makes of each part, in order, by *jobs* threads.

    *parts* is read by the caller's thread, no further than what may wait.
    """
    waiting: collections.deque[tuple[Place, Future[Result]]] = collections.deque()
    pool = ThreadPoolExecutor(jobs)
    try:
        for place, part in parts:
            waiting.append((place, pool.submit(work, part)))
            if len(waiting) >= WAITING * jobs:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
