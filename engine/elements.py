"""A situation as the interpreter reads it: elements with their facts, each at its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from lexald.dsl.program import Program
from lexald.dsl.types import EntityType, ListType

if TYPE_CHECKING:
    from .outcomes import FactPath


class Missing:
    """The fact is not told."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


@attrs.define(eq=False)
class Element:
    """One thing of the situation. Read-only once built.

    *facts* holds values, `None` for absent, `Element` or `Elements`; what is not told is not in
    it. *peers* is the list that holds the element, itself included.
    """

    entity: str
    path: FactPath
    owner: Element | None
    facts: dict[str, Any] = attrs.field(factory=dict, repr=False)
    peers: Elements | None = attrs.field(default=None, repr=False)


@attrs.define(eq=False)
class Elements:
    """A list of elements; *complete* is false when it is said that there are others.

    *path* is where a list of the situation stands.
    """

    items: tuple[Element, ...]
    complete: bool = True
    path: FactPath = ()

    def __iter__(self) -> Iterator[Element]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@attrs.define(eq=False)
class Situation:
    """*roots* holds an `Element` for every root that is an entity, told or not, but for those
    that may be absent and are not told.

    *hypotheses* are decisions whose value is set: ``(decision, path) → value``.
    """

    roots: dict[str, Any]
    hypotheses: Mapping[tuple[str, FactPath], Any] = attrs.field(factory=dict)

    def elements(self) -> Iterator[Element]:
        """Every element, parents first."""
        todo = [value for value in self.roots.values() if isinstance(value, Element | Elements)]
        while todo:
            value = todo.pop(0)
            if isinstance(value, Elements):
                todo[:0] = value.items
                continue
            yield value
            todo.extend(v for v in value.facts.values() if isinstance(v, Element | Elements))


def path_text(path: FactPath, *, from_one: bool = True) -> str:
    """``patient.affections[1].rang`` for people; ranks from 0 for JSON (*from_one* false)."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + (1 if from_one else 0)}]"
        else:
            text += f".{part}" if text else part
    return text


def assemble(program: Program, data: Mapping[str, Any]) -> Situation:
    """A situation out of typed values: nested mappings for elements, lists for lists.

    Every value has been checked against its declared type. A list that is not complete ends
    with `Ellipsis`. What is not told is left out.
    """
    roots: dict[str, Any] = {}
    for name, field in program.roots.items():
        if isinstance(field.type, EntityType) and (
            not field.optional or data.get(name) is not None
        ):
            roots[name] = Element(field.type.name, (name,), None)
    owners = {
        entity: roots.get(root)
        for entity in program.entities
        if (root := program.owner_root(entity)) is not None
    }
    for name, field in program.roots.items():
        kind = field.type
        if isinstance(kind, EntityType) and name in roots:
            element = roots[name]
            element.owner = owners.get(kind.name)
            _fill(program, element, data.get(name) or {}, owners)
        elif name in data:
            roots[name] = _value(program, kind, data[name], (name,), owners)
    return Situation(roots)


def plain(situation: Situation) -> dict[str, Any]:
    """The data that *situation* was assembled from; hypotheses are apart."""
    return {name: _plain(value) for name, value in situation.roots.items()}


def _plain(value: Any) -> Any:
    match value:
        case Element():
            return {name: _plain(fact) for name, fact in value.facts.items()}
        case Elements():
            rows: list[Any] = [_plain(item) for item in value]
            return rows if value.complete else [*rows, ...]
    return value


def _value(
    program: Program, kind: Any, value: Any, path: FactPath, owners: Mapping[str, Element | None]
) -> Any:
    if isinstance(kind, EntityType) and value is not None:
        element = Element(kind.name, path, owners.get(kind.name))
        _fill(program, element, value, owners)
        return element
    if isinstance(kind, ListType) and isinstance(kind.item, EntityType) and value is not None:
        rows = list(value)
        complete = not (rows and rows[-1] is Ellipsis)
        if not complete:
            rows.pop()
        made = []
        for rank, row in enumerate(rows):
            element = Element(kind.item.name, (*path, rank), owners.get(kind.item.name))
            _fill(program, element, row, owners)
            made.append(element)
        elements = Elements(tuple(made), complete, path)
        for element in made:
            element.peers = elements
        return elements
    return tuple(value) if isinstance(value, list) else value


def _fill(
    program: Program,
    element: Element,
    data: Mapping[str, Any],
    owners: Mapping[str, Element | None],
) -> None:
    declared = program.entities[element.entity]
    held = {name: e for name, e in program.entities.items() if e.owner == element.entity}
    inner = {**owners, **dict.fromkeys(held, element)}
    for name, value in data.items():
        kind = declared.fields[name].type
        element.facts[name] = _value(program, kind, value, (*element.path, name), inner)
