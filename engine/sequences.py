"""The element just before in its list (``précédent``), and what is worked out along a list.

The elements of a list that have equal keys stand in the order that the decision writes, then
in that of the list. Where a key is not known, the element before still is when no other may
stand between; else it is not, though it may be sure that there is one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Any, TypeVar

import attrs

from lexald.dsl import program as core

from .elements import Element
from .environment import Env, Evaluator, doubt_of
from .outcomes import FactPath, Outcome, Unknown, bounds, is_known, worst
from .walks import items_of

T = TypeVar("T")

# Elements whose keys are asked together, when one does not know which of them comes before.
MAX_RIVALS = 100


@attrs.frozen
class Before:
    """The element before, `None` for none, or why it is not known; and whether there is one."""

    element: Outcome
    is_there: Outcome


NONE_BEFORE = Before(None, False)


def before(evaluation: Evaluator, sequence: core.Sequence, env: Env) -> Before:
    """What stands before the current element."""
    element = env.current
    assert element is not None
    if element.peers is None:
        return NONE_BEFORE
    # Elements that have a day of their own stand in the same order whatever the caller's.
    event = evaluation.program.entities[element.entity].event
    day = None if event else (env.on, doubt_of(env.undated))
    key = (sequence, element.path[:-1], day)
    peers = element.peers.items
    found = evaluation.once(
        evaluation.befores, key, lambda: _line_up(evaluation, sequence, peers, env)
    )
    here: Before = found[element.path]
    if element.peers.complete:
        return here
    # Those that are not told may stand anywhere.
    more = items_of(element.peers)[1]
    why = worst([more, here.element]) if not is_known(here.element) else more
    return Before(why, True if here.is_there is True else why)


# ── the order of a list ──────────────────────────────────────────────────────────────────

# A key that is not known, among those that are: it may equal any.
_OPEN = object()


@attrs.frozen(eq=False)
class _Place:
    """Where an element stands: its *group*, and the first and last places that it may have.

    *doubts* are its keys that are not known.
    """

    element: Element
    group: tuple[Any, ...]
    low: tuple[Any, ...]
    high: tuple[Any, ...]
    doubts: tuple[Outcome, ...]


def _line_up(
    evaluation: Evaluator, sequence: core.Sequence, peers: Sequence[Element], env: Env
) -> dict[Any, Before]:
    """What stands before each of *peers*."""
    caller = Env(env.on, undated=env.undated)
    groups: dict[tuple[Any, ...], list[_Place]] = {}
    for rank, peer in enumerate(peers):
        keys = [evaluation.each_day(key, peer, caller) for key in sequence.keys]
        order = [evaluation.each_day(key, peer, caller) for key in sequence.order]
        place = _Place(
            peer,
            tuple(key if is_known(key) else _OPEN for key in keys),
            (*(_end(key, 0) for key in order), rank),
            (*(_end(key, 1) for key in order), rank),
            tuple(outcome for outcome in (*keys, *order) if not is_known(outcome)),
        )
        groups.setdefault(place.group, []).append(place)
    found: dict[Any, Before] = {}
    open_groups = [group for group in groups if _OPEN in group]
    for group, places in groups.items():
        is_open = _OPEN in group
        alike = groups if is_open else open_groups
        others = [g for g in alike if g is not group and _may_be_one(g, group)]
        perhaps = [place for other in others for place in groups[other]]
        line = _Line([], [*places, *perhaps]) if is_open else _Line(places, perhaps)
        for place in places:
            found[place.element.path] = line.before(place)
    return found


def _end(key: Outcome, side: int) -> tuple[Any, ...]:
    """The first (*side* 0) or last value that *key* may have, comparable with any other's."""
    ends = bounds(key)
    return (2 * side,) if ends is None else (1, ends[side])


def _may_be_one(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return all(x is _OPEN or y is _OPEN or x == y for x, y in zip(a, b, strict=True))


class _Line:
    """The places of one group in their order, with those that may be of it.

    Args:
        surely: those of the group.
        perhaps: those of which it is not known.
    """

    def __init__(self, surely: Sequence[_Place], perhaps: Sequence[_Place]) -> None:
        # By the last place that each may have, the latest so far by the first that it may have:
        # the nearest of those that surely stand before some place is there.
        by_last = sorted(surely, key=lambda place: place.high)
        self.lasts = [place.high for place in by_last]
        self.nearest = list(accumulate(by_last, _later))
        self.every = _Spread([*surely, *perhaps])
        self.doubtful = _Spread([place for place in self.every.places if place.doubts])
        self.whys: dict[tuple[int, int], Unknown | Outcome] = {}

    def before(self, place: _Place) -> Before:
        """What stands before *place*: the nearest that surely does, if no other may be nearer."""
        surely = bisect_left(self.lasts, place.low)
        nearest = self.nearest[surely - 1] if surely else None
        since = nearest.low if nearest else None
        start, stop = self.every.span(since, place.high)
        itself = place.low < place.high
        if stop - start - itself == (nearest is not None):
            return Before(nearest.element, True) if nearest else NONE_BEFORE
        span = self.doubtful.span(since, place.high)
        if span not in self.whys:
            rivals = islice(self.doubtful.between(since, place.high), MAX_RIVALS)
            self.whys[span] = worst(doubt for rival in rivals for doubt in rival.doubts)
        why = worst([self.whys[span], *place.doubts])
        assert why is not None
        return Before(why, True if nearest else why)


def _later(a: _Place, b: _Place) -> _Place:
    return a if a.low > b.low else b


class _Spread:
    """Places, some of which are only known to be between two."""

    def __init__(self, places: Sequence[_Place]) -> None:
        self.places = places
        self.lows = sorted(place.low for place in places)
        self.highs = sorted(place.high for place in places)

    def span(self, since: tuple[Any, ...] | None, until: tuple[Any, ...]) -> tuple[int, int]:
        """How many surely stand before *since*, and how many may stand before *until*.

        *since* is before *until*: the difference counts those that may stand between the two.
        """
        start = 0 if since is None else bisect_left(self.highs, since)
        return start, bisect_left(self.lows, until)

    def between(self, since: tuple[Any, ...] | None, until: tuple[Any, ...]) -> Iterator[_Place]:
        """Those that may stand from *since* on, and before *until*."""
        for place in self.places:
            if place.low < until and (since is None or place.high >= since):
                yield place


# ── from one element to the next ─────────────────────────────────────────────────────────


class Unfinished(Exception):
    """What another element is worked out from, and is not worked out yet."""

    def __init__(self, chains: Chains, path: FactPath, work: Callable[[], object]) -> None:
        super().__init__()
        self.chains = chains
        self.path = path
        self.work = work


class Chains:
    """Works out what goes back from element to element, without going deeper at each.

    What is asked of an element before, and is not known yet, interrupts what asks: it is worked
    out first, and what asked is begun again. So each is begun a few times, however long the list.
    """

    def __init__(self) -> None:
        self._now: dict[str, FactPath] = {}  # chain → the element in hand

    def work(self, chain: str, path: FactPath, work: Callable[[], T]) -> T:
        """What *work* gives, for the element at *path*; it keeps what it gives.

        Raises:
            Unfinished: another element of *chain* is in hand; caught where it was begun.
        """
        now = self._now.get(chain)
        if now == path:
            return work()
        if now is not None:
            raise Unfinished(self, path, work)
        waiting: list[tuple[FactPath, Callable[[], Any]]] = [(path, work)]
        try:
            while True:
                self._now[chain], begun = waiting[-1]
                try:
                    found: T = begun()
                except Unfinished as other:
                    assert other.chains is self
                    waiting.append((other.path, other.work))
                    continue
                waiting.pop()
                if not waiting:
                    return found
        finally:
            del self._now[chain]
