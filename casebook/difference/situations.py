"""Situations as nested data, which a search changes little by little, and both laws then read.

Data are those of `runner.told_by`: mappings for elements, lists for lists, typed values; the
values of decisions that are supposed stand among the facts. A place is a path into them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, ListType
from lexald.engine.outcomes import FactPath

Data = dict[str, Any]


def copied(data: Any) -> Any:
    """A copy that shares nothing that can change."""
    if isinstance(data, dict):
        return {name: copied(value) for name, value in data.items()}
    return [copied(one) for one in data] if isinstance(data, list) else data


def elements(program: core.Program, data: Data) -> Iterator[tuple[Data, str, FactPath]]:
    """Every element of *data*: its facts, its entity, its place."""
    todo: list[tuple[Any, Any, FactPath]] = [
        (data[name], field.type, (name,)) for name, field in program.roots.items() if name in data
    ]
    while todo:
        value, kind, path = todo.pop(0)
        if isinstance(value, list):
            item = getattr(kind, "item", None)
            todo[:0] = [(one, item, (*path, n)) for n, one in enumerate(value)]
        elif isinstance(value, dict) and isinstance(kind, EntityType):
            yield value, kind.name, path
            fields = program.entities[kind.name].fields
            todo += [
                (held, fields[name].type, (*path, name))
                for name, held in value.items()
                if name in fields
            ]


def dated(program: core.Program, data: Data, day: date, entities: frozenset[str] | None) -> Data:
    """*data* with what rules its elements (their ``fait générateur``) on *day*.

    *entities*: only theirs; `None` is all.
    """
    moved: Data = copied(data)
    for facts, entity, _ in elements(program, moved):
        event = program.entities[entity].event
        if event is not None and (entities is None or entity in entities):
            facts[event] = day
    return moved


def known_to(program: core.Program, data: Data) -> Data:
    """What *data* tells that *program* has a word for."""
    kept: Data = copied(data)
    for name in list(kept):
        if name not in program.roots and name not in program.decisions:
            del kept[name]
    for facts, entity, _ in elements(program, kept):
        for name in list(facts):
            declared = name in program.entities[entity].fields
            if not declared and f"{entity}.{name}" not in program.decisions:
                del facts[name]
    return kept


def held(data: Data, path: FactPath) -> Any:
    """What stands at *path*; `None` if nothing does."""
    here: Any = data
    for part in path:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def put(program: core.Program, data: Data, path: FactPath, value: Any) -> Data:
    """*data* with *value* at *path*, elements made on the way."""
    changed: Data = copied(data)
    here: Any = changed
    for n, part in enumerate(path[:-1]):
        ahead: Any = [] if isinstance(path[n + 1], int) else {}
        if isinstance(part, int):
            while len(here) <= part:
                here.append({})
        elif not isinstance(here.get(part), dict | list):
            here[part] = ahead
        here = here[part]
    if isinstance(here, list):
        here.append(value)
    else:
        here[path[-1]] = value
    return changed


def place_of(program: core.Program, entity: str) -> FactPath | None:
    """Where a situation can hold an element of *entity*, the shortest way; `None` if nowhere."""
    todo: list[tuple[Any, FactPath]] = [(f.type, (n,)) for n, f in program.roots.items()]
    met: set[str] = set()
    while todo:
        kind, path = todo.pop(0)
        if isinstance(kind, ListType):
            kind, path = kind.item, (*path, 0)
        if not isinstance(kind, EntityType):
            continue
        if kind.name == entity:
            return path
        if kind.name not in met:
            met.add(kind.name)
            fields = program.entities[kind.name].fields
            todo += [(field.type, (*path, name)) for name, field in fields.items()]
    return None


def leaves(data: Data) -> Iterator[FactPath]:
    """Every fact and every element of a list, the deepest and the last first."""

    def walk(value: Any, path: FactPath) -> Iterator[FactPath]:
        parts: list[tuple[str | int, Any]] = []
        if isinstance(value, dict):
            parts = list(value.items())
        elif isinstance(value, list):
            parts = list(enumerate(value))
        for name, inner in reversed(parts):
            yield from walk(inner, (*path, name))
        if path:
            yield path

    yield from walk(data, ())


def without(data: Data, path: FactPath) -> Data:
    """*data* without what stands at *path*."""
    changed: Data = copied(data)
    holder = held(changed, path[:-1])
    del holder[path[-1]]
    return changed


def size(data: Data) -> int:
    """How many facts and elements *data* tells."""
    return sum(1 for _ in leaves(data))


def followed(path: FactPath, dropped: FactPath) -> FactPath | None:
    """Where what stood at *path* stands once *dropped* is gone; `None` if it went with it."""
    n = len(dropped)
    if path[:n] == dropped:
        return None
    last = dropped[-1]
    if isinstance(last, int) and path[: n - 1] == dropped[:-1] and len(path) >= n:
        rank = path[n - 1]
        assert isinstance(rank, int)
        if rank > last:
            return (*path[: n - 1], rank - 1, *path[n:])
    return path


def grafted(data: Data, other: Data) -> Data:
    """*data*, with all that *other* tells in its place; a list takes the place of a list."""
    whole: Data = copied(data)
    for name, value in other.items():
        held_ = whole.get(name)
        both = isinstance(held_, dict) and isinstance(value, dict)
        whole[name] = grafted(held_, value) if both else copied(value)  # type: ignore[arg-type]
    return whole
