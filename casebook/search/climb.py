"""A search that goes from dossier to dossier, nearest first, and makes small what it finds.

It is the same from run to run: no chance, no clock, and a budget counted in evaluations.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count

import attrs

from lexald.engine.outcomes import FactPath

from .dossier import Dossier, Drop, Step, Untell
from .goals import Answer, Goal, Nearness

BUDGET = 600  # evaluations of one search
# Evaluations in a row that come no nearer, after which one gives up.
PATIENCE = 90
# Suggestions of one dossier that are tried before others are looked at again.
TRIED = 24


@attrs.frozen(eq=False)
class Found:
    """A dossier that shows what was looked for. *tries*: evaluations that it took."""

    dossier: Dossier
    answer: Answer
    tries: int


@attrs.define(eq=False)
class _Count:
    """The evaluations made, against those allowed; and since when none came nearer."""

    budget: int
    made: int = 0
    nearest: float = float("inf")
    since: int = 0

    @property
    def is_spent(self) -> bool:
        return self.made >= self.budget or self.made - self.since > PATIENCE

    def spend(self, distance: float) -> None:
        self.made += 1
        if distance < self.nearest:
            self.nearest, self.since = distance, self.made


def find(goal: Goal, seeds: Iterable[Dossier] = (), *, budget: int = BUDGET) -> Found | None:
    """A small dossier that shows *goal*; `None` when none is found within *budget* evaluations.

    Args:
        seeds: dossiers to begin with, beside those that tell next to nothing.
    """
    return search(goal, seeds, budget=budget)[0]


def search(
    goal: Goal, seeds: Iterable[Dossier] = (), *, budget: int = BUDGET
) -> tuple[Found | None, int]:
    """As `find`, with the evaluations that were made, to find or not."""
    tries = _Count(budget)
    found = _climb(goal, [*goal.beginnings(), *seeds], tries)
    if found is None:
        return None, tries.made
    dossier, answer = shrink(goal, *found, budget=budget)
    return Found(dossier, answer, tries.made), tries.made


def _climb(goal: Goal, starts: Sequence[Dossier], tries: _Count) -> tuple[Dossier, Answer] | None:
    queue: list[tuple[float, int, int, Dossier, Nearness, int]] = []
    met: set[object] = set()
    order = count()

    def look(dossier: Dossier) -> tuple[Dossier, Answer] | None:
        key = dossier.key
        if key in met or tries.is_spent:
            return None
        met.add(key)
        near = goal.nearness(dossier)
        tries.spend(near.distance)
        if near.answer is not None and not near.distance:
            return dossier, near.answer
        heapq.heappush(queue, (near.distance, dossier.size, next(order), dossier, near, 0))
        return None

    for start in starts:
        if found := look(start):
            return found
    while queue and not tries.is_spent:
        distance, size, _, dossier, near, tried = heapq.heappop(queue)
        for step in near.steps[tried : tried + TRIED]:
            after = dossier.after(step)
            if after is not None and (found := look(after)):
                return found
        if tried + TRIED < len(near.steps):
            heapq.heappush(queue, (distance + 0.3, size, next(order), dossier, near, tried + TRIED))
    return None


# ── smaller ──────────────────────────────────────────────────────────────────────────────


def shrink(
    goal: Goal, dossier: Dossier, answer: Answer, *, budget: int = BUDGET
) -> tuple[Dossier, Answer]:
    """*dossier* without all that it can do without and still show *goal*."""
    tries = _Count(budget, since=budget)
    again = True
    while again:
        again = False
        for change in _less(dossier):
            smaller = change(dossier)
            if smaller is None or smaller.key == dossier.key or tries.is_spent:
                continue
            near = goal.nearness(smaller)
            tries.made += 1
            if near.answer is not None and not near.distance:
                dossier, answer, again = smaller, near.answer, True
    return dossier, answer


def _less(dossier: Dossier) -> Iterator[Callable[[Dossier], Dossier | None]]:
    """What may be taken away from *dossier*: what holds most first, and of a list the last."""
    for key in dossier.hypotheses:
        yield partial(Dossier.without_hypothesis, key=key)
    places = list(dossier.places())
    places.reverse()
    for path in sorted(places, key=len):
        yield partial(Dossier.after, step=_without(path))


def _without(path: FactPath) -> Step:
    last = path[-1]
    return (Drop(path[:-1], last),) if isinstance(last, int) else (Untell(path),)


__all__ = ["BUDGET", "Found", "find", "shrink"]
