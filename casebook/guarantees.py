"""What a case says of the guarantees of the law: each one that its answers bear on, judged.

A guarantee costs what its condition costs, and most situations tell little of what it reads. So a
case judges those that read nothing but the decisions that its answers asked for, directly or
through others: these are worked out already.
"""

from __future__ import annotations

from lexald.dsl import program as core
from lexald.engine.elements import path_text
from lexald.engine.explain.outline import outline
from lexald.engine.explain.wording import shallow
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import Conflict, Failure
from lexald.engine.prover import Prover

from .results import Miss, Unjudged


def judge(program: core.Program, evaluation: Evaluation) -> tuple[list[Miss], list[Unjudged]]:
    """What the answers that *evaluation* has given say of the guarantees: those broken, and those
    that a conflict or an error prevents one from judging.

    A decision that the situation supposes is not worked out, and what reads it is not judged: the
    law guarantees its own answers, not those that it is given.
    """
    misses: list[Miss] = []
    unjudged: list[Unjudged] = []
    for guarantee, element, found in evaluation.broken(borne_on(program, evaluation)):
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


def borne_on(program: core.Program, evaluation: Evaluation) -> list[core.Guarantee]:
    """The guarantees that the answers of *evaluation* bear on."""
    if not program.guarantees:
        return []
    answered = evaluation.answered()
    return [
        guarantee
        for guarantee, read in zip(program.guarantees, program.guaranteed, strict=True)
        if read <= answered
    ]


def _why(found: Conflict | Failure) -> str:
    if isinstance(found, Conflict):
        return "conflit " + " et ".join(f'"{side.label}"' for side in found.sides)
    return f"erreur {found.code} ({found.message.fr})"
