"""What a case says of the guarantees of the law: each one that its answers bear on, judged.

A guarantee costs what its condition costs, and most situations tell little of what it reads. So a
case judges those that read nothing but what it asks for: the decisions that it expects, and those
that these may ask in turn, most of which are worked out already.
"""

from __future__ import annotations

from collections.abc import Iterable

from lexald.dsl import program as core
from lexald.dsl.types import EntityType, ListType
from lexald.engine.elements import path_text
from lexald.engine.explain.outline import outline
from lexald.engine.explain.wording import shallow
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, Failure
from lexald.engine.prover import Prover

from .results import Miss, Unjudged


def judge(
    program: core.Program, evaluation: Evaluation, paths: Iterable[core.Path]
) -> tuple[list[Miss], list[Unjudged]]:
    """The guarantees that answers at *paths* bear on: those broken, and those that a conflict or an
    error prevents one from judging.

    A guarantee that rests on a decision which the situation supposes is not judged: the law
    guarantees its own answers, not those that it is given.
    """
    if not program.guarantees:
        return [], []
    asked = {name for path in paths if (name := decision_at(program, path)) is not None}
    answered = program.rested_on(asked)
    supposed = {name for name, _ in evaluation.situation.hypotheses}
    chosen = [
        guarantee
        for guarantee, read in zip(program.guarantees, program.guaranteed, strict=True)
        if read <= answered and not (supposed and supposed & program.rested_on(read))
    ]
    misses: list[Miss] = []
    unjudged: list[Unjudged] = []
    for guarantee, element, found in evaluation.broken(chosen):
        place = f"garantie « {guarantee.message} »"
        if element is not None:
            place += f" ({path_text(element.path)})"
        if found is False:
            proof = Prover(evaluation).prove_guarantee(guarantee, element)
            told = tuple(shallow(line, 3) for line in outline(program, [proof]))
            misses.append(Miss(guarantee, place, "vrai", "faux", told))
        else:
            unjudged.append(Unjudged(guarantee, place, _why(found)))
    return misses, unjudged


def decision_at(program: core.Program, path: core.Path) -> str | None:
    """The decision that *path* ends with; `None` where it ends with a fact."""
    if len(path) == 1 and path[0].name in program.decisions:
        return path[0].name
    root = program.roots.get(path[0].name)
    kind = root.type if root else None
    for step in path[1:]:
        if isinstance(kind, ListType):
            kind = kind.item
        if not isinstance(kind, EntityType):
            return None
        name = f"{kind.name}.{step.name}"
        if name in program.decisions:
            return name
        field = program.entities[kind.name].fields.get(step.name)
        kind = field.type if field else None
    return None


def _why(found: Conflict | Failure) -> str:
    if isinstance(found, Conflict):
        return "conflit " + " et ".join(f'"{side.label}"' for side in found.sides)
    return f"erreur {found.code} ({found.message.fr})"
