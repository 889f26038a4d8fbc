"""Work shared among threads: in order, by the caller too, and no further ahead than may wait."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, get_ident
from weakref import WeakSet

import pytest

from lexald.engine.columnar.workers import WAITING, in_order


class _Held:
    """Something that may be large."""


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 50])
def test_results_come_in_the_order_of_the_parts(jobs: int, size: int) -> None:
    parts = [(f"p{n}", n) for n in range(size)]
    found = list(in_order(lambda n: n * n, parts, jobs))
    assert found == [(f"p{n}", n * n) for n in range(size)]


def test_the_caller_works_too() -> None:
    """Two parts that wait for each other, two jobs: one is the caller's."""
    both = Barrier(2, timeout=20)

    def meet(_: int) -> int:
        both.wait()
        return get_ident()

    threads = {thread for _, thread in in_order(meet, [(None, 1), (None, 2)], 2)}
    assert len(threads) == 2
    assert get_ident() in threads


def test_no_thread_for_one_part() -> None:
    assert [thread for _, thread in in_order(lambda _: get_ident(), [(None, 1)], 4)] == [
        get_ident()
    ]


@pytest.mark.parametrize("jobs", [1, 3])
def test_what_is_read_ahead_is_bounded(jobs: int) -> None:
    read = 0

    def parts() -> Iterator[tuple[int, int]]:
        nonlocal read
        for n in range(100):
            read = n + 1
            yield n, n

    for done, _ in enumerate(in_order(lambda n: n, parts(), jobs)):
        assert read <= done + max(2, WAITING * jobs)


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_what_is_done_is_let_go(jobs: int) -> None:
    """Parts and their places are large: none is held for longer than it is worked on."""
    alive: WeakSet[_Held] = WeakSet()

    def parts() -> Iterator[tuple[_Held, _Held]]:
        for _ in range(40):
            place, part = _Held(), _Held()
            alive.update((place, part))
            yield place, part

    most = 0
    for _ in in_order(lambda _: None, parts(), jobs):
        most = max(most, len(alive))
    assert most <= 2 * (max(2, WAITING * jobs) + 1)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_a_failure_is_told_in_its_turn(jobs: int) -> None:
    """What came before it is told first, whoever failed."""

    def work(n: int) -> int:
        if n == 3:
            raise ValueError(n)
        return n

    seen = []
    with pytest.raises(ValueError, match="3"):
        for _, result in in_order(work, [(None, n) for n in range(10)], jobs):
            seen.append(result)
    assert seen == [0, 1, 2]
