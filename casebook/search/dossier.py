"""A situation in the making, and the changes that lead to another.

A dossier is never changed: a change gives a new one, which shares with it all that stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, assert_never

import attrs

from lexald.dsl.program import Program
from lexald.engine.elements import MISSING, Situation, assemble, plain
from lexald.engine.outcomes import FactPath

Hypotheses = Mapping[tuple[str, FactPath], Any]


def _frozen(value: Any) -> object:
    if isinstance(value, Mapping):
        return frozenset((name, _frozen(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return ("liste", *(_frozen(inner) for inner in value))
    return (type(value).__name__, value)


# ── changes ──────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Tell:
    """The fact at *path* is *value*: plain data, a mapping for an element, a list for a list."""

    path: FactPath
    value: Any = attrs.field(eq=_frozen)


@attrs.frozen
class Untell:
    path: FactPath


@attrs.frozen
class Add:
    """One element more at the end of the list at *path*: as the one of rank *like*, or blank."""

    path: FactPath
    like: int | None


@attrs.frozen
class Drop:
    """The element of rank *rank* leaves the list at *path*."""

    path: FactPath
    rank: int


@attrs.frozen
class Ask:
    """The law is asked on another day."""

    on: date


Change = Tell | Untell | Add | Drop | Ask
Step = tuple[Change, ...]  # changes that go together


# ── dossiers ─────────────────────────────────────────────────────────────────────────────


@attrs.frozen(eq=False)
class Dossier:
    """*facts* are plain nested data; a list that is not complete ends with `Ellipsis`."""

    on: date
    facts: Mapping[str, Any]
    hypotheses: Hypotheses = attrs.field(factory=dict)

    @classmethod
    def of(cls, situation: Situation, on: date) -> Dossier:
        return cls(on, plain(situation), dict(situation.hypotheses))

    def situation(self, program: Program) -> Situation:
        return attrs.evolve(assemble(program, self.facts), hypotheses=self.hypotheses)

    @property
    def size(self) -> int:
        """How many facts, elements and suppositions it tells."""
        return sum(1 for _ in self.places()) + len(self.hypotheses)

    @property
    def key(self) -> object:
        """Two dossiers of one key say the same."""
        return (self.on, _frozen(self.facts), _frozen(dict(self.hypotheses)))

    def places(self) -> Iterator[FactPath]:
        """Where it tells something, what holds others first; a root that tells nothing is not."""
        for name, value in self.facts.items():
            if value != {}:
                yield from _places((name,), value)

    def at(self, path: FactPath) -> Any:
        """What is told at *path*, else `MISSING`."""
        here: Any = self.facts
        for part in path:
            if isinstance(here, list):
                if not isinstance(part, int) or part >= len(here):
                    return MISSING
                here = here[part]
            elif isinstance(here, Mapping) and part in here:
                here = here[part]
            else:
                return MISSING
        return here

    def after(self, step: Step) -> Dossier | None:
        """This dossier after the changes of *step*; `None` if one of them has no place here."""
        found: Dossier | None = self
        for change in step:
            if found is not None:
                found = found._after(change)
        return found

    def _after(self, change: Change) -> Dossier | None:
        match change:
            case Ask(on):
                return attrs.evolve(self, on=on)
            case Tell(path, value):
                facts = _told(self.facts, path, value)
                return None if facts is None else attrs.evolve(self, facts=facts)
            case Untell(path):
                if self.at(path) is MISSING:
                    return None
                facts = _told(self.facts, path, MISSING)
                kept = {k: v for k, v in self.hypotheses.items() if k[1][: len(path)] != path}
                return None if facts is None else attrs.evolve(self, facts=facts, hypotheses=kept)
            case Add(path, like):
                rows = self.at(path)
                rows = [] if rows is MISSING else rows
                if not isinstance(rows, list) or (like is not None and like >= len(rows)):
                    return None
                row = {} if like is None else rows[like]
                facts = _told(self.facts, path, [*(r for r in rows if r is not ...), row])
                return None if facts is None else attrs.evolve(self, facts=facts)
            case Drop(path, rank):
                rows = self.at(path)
                if not isinstance(rows, list) or rank >= len(rows):
                    return None
                facts = _told(self.facts, path, [*rows[:rank], *rows[rank + 1 :]])
                moved = _without(self.hypotheses, path, rank)
                return None if facts is None else attrs.evolve(self, facts=facts, hypotheses=moved)
        assert_never(change)

    def without_hypothesis(self, key: tuple[str, FactPath]) -> Dossier:
        kept = {k: v for k, v in self.hypotheses.items() if k != key}
        return attrs.evolve(self, hypotheses=kept)


def _places(path: FactPath, value: Any) -> Iterator[FactPath]:
    if value is ...:
        return
    yield path
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _places((*path, name), inner)
    elif isinstance(value, list):
        for rank, row in enumerate(value):
            yield from _places((*path, rank), row)


def _told(here: Any, path: FactPath, value: Any) -> Any:
    """*here* with *value* at *path*, holders made on the way; `None` if there is no such place."""
    if not path:
        return value
    first, *rest = path
    if isinstance(first, int):
        if not isinstance(here, list) or first >= len(here) or here[first] is ...:
            return None
        inner = _told(here[first], tuple(rest), value)
        return None if inner is None and rest else [*here[:first], inner, *here[first + 1 :]]
    held = here if isinstance(here, Mapping) else {}
    if not rest:
        if value is MISSING:
            return {name: v for name, v in held.items() if name != first}
        return {**held, first: value}
    below = held.get(first)
    if isinstance(rest[0], int) and not isinstance(below, list):
        return None
    inner = _told(below, tuple(rest), value)
    return None if inner is None else {**held, first: inner}


def _without(hypotheses: Hypotheses, path: FactPath, rank: int) -> dict[tuple[str, FactPath], Any]:
    """*hypotheses* once the element of *rank* has left the list at *path*."""
    moved = {}
    for (decision, place), value in hypotheses.items():
        if place[: len(path)] == path and len(place) > len(path):
            here = place[len(path)]
            assert isinstance(here, int)
            if here == rank:
                continue
            if here > rank:
                place = (*path, here - 1, *place[len(path) + 1 :])
        moved[decision, place] = value
    return moved
