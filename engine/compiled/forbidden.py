"""Whether a situation is one that the law declares impossible."""

from __future__ import annotations

from .runtime import ERA, UNKNOWN, Not, at, path_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from typing import Any

    from .machine import Run

    # An entity, a chain of places that leads to elements of it (none: they are looked for), whether
    # these have a day of their own, and the rules: the rank and the unit of each.
    Rules = tuple[str, tuple[int, ...], bool, Sequence[tuple[int, int]]]
    # Of each holder of elements, where it holds them and of which entity.
    Held = Mapping[str, Sequence[tuple[int, str]]]

# Chains that are followed; where there are more, elements are looked for.
MAX_CHAINS = 200


def rules(module: Any) -> list[Rules]:
    """What is forbidden by the law of *module*, by where the elements stand that it is asked of."""
    by_entity: dict[str, list[tuple[int, int]]] = {}
    for rank, (entity, unit) in enumerate(module.FORBIDDEN):
        by_entity.setdefault(entity, []).append((rank, unit))
    chains = _chains(module.HELD) if by_entity else {}
    return [
        (entity, chain, entity in module.EVENTS, found)
        for entity, found in by_entity.items()
        for chain in chains.get(entity, [()])
    ]


def _chains(held: Held) -> dict[str, list[tuple[int, ...]]]:
    """The chains of places from the root to elements of each entity; none where an entity goes round, or
    where they are too many."""
    found: dict[str, list[tuple[int, ...]]] = {}
    todo: list[tuple[str, tuple[int, ...]]] = [("", ())]
    while todo:
        holder, chain = todo.pop(0)
        if len(chain) > len(held) or len(todo) > MAX_CHAINS:
            return {}
        for place, entity in held.get(holder, ()):
            found.setdefault(entity, []).append((*chain, place))
            todo.append((entity, (*chain, place)))
    return found


def is_refused(run: Run, on: date) -> bool:
    """Whether *run* cannot be, at the law of *on*, or the interpreter must say."""
    root = run.root
    for entity, chain, has_day, asked in run.machine.forbidden:
        those: Sequence[Any]
        if not entity:
            those = (root,)
        elif run.every is not None or not chain:
            those = [e for of, e in run.elements() if of == entity]
        else:
            # Most often nothing is told of it.
            held = root[chain[0]]
            if held.__class__ is not list or not held:
                continue
            those = _down(held, chain)
        for e in those:
            if not has_day:
                e = at(e, on)
            elif e[0].__class__ is Not:
                continue  # nothing is judged of an element without a date
            functions = e[ERA]
            for rank, unit in asked:
                found = functions[unit](e)
                if found is True:
                    return True
                doubtful = found.__class__ is Not and found.rank != UNKNOWN
                if doubtful and _judged(run, rank, e, on):
                    return True
    return False


def _down(held: Any, chain: Sequence[int]) -> Sequence[Any]:
    """The elements that *chain* leads to; *held*: what its first place holds."""
    those = held if held[0].__class__ is list else (held,)
    for place in chain[1:]:
        inner: list[Any] = []
        for e in those:
            value = e[place]
            if value.__class__ is list and value:
                if value[0].__class__ is list:
                    inner += value
                else:
                    inner.append(value)
        those = inner
    return those


def _judged(run: Run, rank: int, e: Any, on: date) -> bool:
    """Whether the interpreter refuses, or cannot judge, *e* by one rule."""
    from ..outcomes import Failure

    rule = run.machine.program.forbidden[rank]
    for element, found in run.evaluated(on).judged(rule):
        here = element is None or element.path == path_of(e)
        if here and (found is True or isinstance(found, Failure)):
            return True
    return False
