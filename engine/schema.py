"""The JSON Schema (2020-12) of a situation, from what the policies declare.

No fact is required: what is left out is unknown. A decision may be given too, as a hypothesis.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lexald.dsl.program import Decision, Field, Program
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type

from .reach import reach
from .rendering import value_to_json

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SCALARS: dict[Kind, dict[str, Any]] = {
    Kind.BOOL: {"type": "boolean"},
    Kind.INT: {"type": "integer"},
    Kind.DECIMAL: {"type": ["string", "integer"], "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"},
    Kind.RATE: {
        "type": ["string", "integer"],
        "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$",
        "description": "decimal fraction: 0.65 is 65 %",
    },
    Kind.AMOUNT: {
        "type": ["string", "integer"],
        "pattern": r"^[+-]?[0-9]{1,15}(\.[0-9]{1,2})?$",
        "description": "euros",
    },
    Kind.DATE: {"type": "string", "format": "date", "pattern": _DATE},
    Kind.DURATION: {
        "type": "string",
        "format": "duration",
        "pattern": r"^-?P(?=[0-9])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?$",
    },
    Kind.PERIOD: {
        "type": "string",
        "pattern": f"{_DATE[:-1]}/{_DATE[1:]}",
        "description": "first day and last day, both in",
    },
    Kind.OPEN_PERIOD: {
        "type": "string",
        "pattern": rf"{_DATE[:-1]}/({_DATE[1:-1]}|\.\.)$",
        "description": "first day and last day, both in; .. for one without end",
    },
    Kind.TEXT: {"type": "string", "minLength": 1},
}


def json_schema(program: Program, decisions: Collection[str] = ()) -> dict[str, Any]:
    """The schema of the documents that `situation.build_situation` reads.

    With *decisions*, whole names, only the facts that these may ask for; nothing else is allowed.
    """
    read = reach(program, decisions) if decisions else None
    by_entity: dict[str | None, list[Decision]] = {}
    for decision in program.decisions.values() if read is None else ():
        by_entity.setdefault(decision.entity, []).append(decision)
    roots = {
        name: field for name, field in program.roots.items() if read is None or name in read.roots
    }
    fields = {
        entity.name: {
            name: field
            for name, field in entity.fields.items()
            if read is None or (entity.name, name) in read.fields
        }
        for entity in program.entities.values()
    }
    properties: dict[str, Any] = {
        "on": {"type": "string", "format": "date", "pattern": _DATE, "title": "date du droit"}
    }
    properties |= _properties(program, roots, by_entity.get(None, []))
    entities = {
        name: {
            "type": "object",
            "properties": _properties(program, own, by_entity.get(name, [])),
            "additionalProperties": False,
        }
        for name, own in fields.items()
    }
    enumerations = {
        enumeration.name: {
            "oneOf": [
                {"const": name} | ({"title": label} if label else {})
                for name, label in enumeration.members.items()
            ]
        }
        for enumeration in program.enumerations.values()
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": program.name,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": entities | enumerations,
    }
    if read is not None:
        schema["$defs"] = _used(properties, entities | enumerations)
    return schema


def _used(start: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Those of *definitions* that *start* refers to, directly or not."""
    found: dict[str, Any] = {}
    todo = [start]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/$defs/")
            if name and name not in found:
                found[name] = definitions[name]
                todo.append(definitions[name])
            todo.extend(node.values())
    return {name: found[name] for name in definitions if name in found}


def _properties(
    program: Program, fields: dict[str, Field] | Any, decisions: list[Decision]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in fields.items():
        found[name] = _described(_nullable(_shape(field.type), field.optional), field, program)
    for decision in decisions:
        shape = _nullable(_shape(decision.type), decision.optional)
        title = decision.label or decision.name
        found[decision.name.rpartition(".")[2]] = {
            **shape, "title": title, "description": "a decision, given as a hypothesis",
        }  # fmt: skip
    return found


def _described(shape: dict[str, Any], field: Field, program: Program) -> dict[str, Any]:
    shape = dict(shape)
    if field.label:
        shape["title"] = field.label
    notes = [field.question] if field.question else []
    if field.judge:
        notes.append(f"(appréciation : {field.judge})")
    if notes:
        shape["description"] = " ".join(notes)
    if field.bounds is not None:
        low, high = (value_to_json(end) for end in field.bounds)
        if isinstance(low, int) and not isinstance(low, bool):
            shape |= {"minimum": low, "maximum": high}
    return shape


def _nullable(shape: dict[str, Any], optional: bool) -> dict[str, Any]:
    return {"anyOf": [shape, {"type": "null"}]} if optional else shape


def _shape(kind: Type) -> dict[str, Any]:
    match kind:
        case Scalar():
            return _SCALARS[kind.kind]
        case EnumType() | EntityType():
            return {"$ref": f"#/$defs/{kind.name}"}
        case ListType():
            item = _shape(kind.item)
            if isinstance(kind.item, EntityType):
                # A last element … says that there are others, not told.
                item = {"anyOf": [item, {"const": "…"}]}
            return {"type": "array", "items": item}
    raise AssertionError(kind)
