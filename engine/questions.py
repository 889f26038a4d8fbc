"""What to ask next: the facts that an unknown answer waits for."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import attrs

from lexald.dsl.program import Field, Program
from lexald.dsl.types import EntityType, EnumType, ListType, Type

from .elements import path_text
from .outcomes import FactPath, Unknown


@attrs.frozen
class Question:
    """A fact to ask.

    Args:
        path: where it goes in the situation, ranks from 0.
        text: the question as the law writes it; empty when it writes none.
        label: what the fact is.
        type: its declared type.
        judge: who must appreciate it (``médecin conseil``); empty for a plain fact.
        choices: the members of its enumeration, name → label.
    """

    path: FactPath
    text: str
    label: str
    type: Type
    judge: str
    choices: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """The path as people read it: ``patient.affections[1].rang``, ranks from 1."""
        return path_text(self.path)

    @property
    def sentence(self) -> str:
        """What to say to the person: the question, else what the fact is, else its path."""
        return self.text or self.label or self.place


def field_at(program: Program, path: FactPath) -> Field | None:
    """The declaration of the fact at *path*; `None` for an element or a path that is none."""
    names = [part for part in path if isinstance(part, str)]
    field = program.roots.get(names[0]) if names else None
    for name in names[1:]:
        if field is None:
            return None
        kind = field.type.item if isinstance(field.type, ListType) else field.type
        if not isinstance(kind, EntityType):
            return None
        field = program.entities[kind.name].fields.get(name)
    return field


def question(program: Program, path: FactPath) -> Question:
    """The question that the fact at *path* is asked with."""
    field = field_at(program, path)
    assert field is not None, path
    kind = field.type.item if isinstance(field.type, ListType) else field.type
    choices: tuple[tuple[str, str], ...] = ()
    if isinstance(kind, EnumType):
        choices = tuple(program.enumerations[kind.name].members.items())
    return Question(path, field.question, field.label, field.type, field.judge, choices)


def asked(program: Program, unknowns: Iterable[Unknown]) -> tuple[Question, ...]:
    """The questions of *unknowns*, most decisive first, each once."""
    weights: dict[FactPath, Fraction] = {}
    for unknown in unknowns:
        for path, weight in unknown.weights.items():
            weights[path] = weights.get(path, Fraction(0)) + weight
    return tuple(question(program, path) for path in Unknown(weights).questions)
