"""A witness as a ``cas`` that an analyst pastes, with what each law answers."""

from __future__ import annotations

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.types import Type
from lexald.engine.documents.case_text import Unwritable, write_case, written
from lexald.engine.elements import Element, Elements, path_text
from lexald.engine.outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown
from lexald.engine.rendering import to_french

from ..runner import outcome_text, situated
from .sides import Side
from .situations import Data, copied, dated, elements
from .things import words
from .witnesses import Witness


def answered(program: core.Program, outcome: Outcome, kind: Type | None) -> str:
    """An answer in words."""
    if isinstance(outcome, Unknown) and outcome.reasons and not outcome.weights:
        return "indéterminé (" + " ; ".join(sorted(outcome.reasons)) + ")"
    if isinstance(outcome, str) and kind is None:
        return outcome
    return outcome_text(program, outcome, kind)


def told(program: core.Program, witness: Witness) -> str:
    """The facts of a witness on one line, but the days that rule its elements."""
    parts = []
    supposed = {name.rpartition(".")[2]: d.type for name, d in program.decisions.items()}
    for facts, entity, _ in elements(program, witness.data):
        declared = program.entities[entity]
        for name, value in facts.items():
            if isinstance(value, dict | list) or name == declared.event:
                continue
            field = declared.fields.get(name)
            kind = field.type if field else supposed[name]
            parts.append(_fact(program, name, value, kind))
    for name, value in witness.data.items():
        if not isinstance(value, dict | list):
            root = program.roots.get(name)
            parts.append(_fact(program, name, value, root.type if root else supposed[name]))
    return ", ".join(parts) or "rien n'est dit"


def _fact(program: core.Program, name: str, value: object, kind: Type) -> str:
    match value:
        case True:
            return words(name)
        case False:
            return f"non {words(name)}"
        case None:
            return f"{words(name)} absent"
        case str():
            return f"{words(name)} {words(value)}"
    return f"{words(name)} {to_french(value, kind, program)}"


def sample(a: Side, b: Side, witness: Witness, rank: int) -> str:
    """The ``cas``: it gives the situation, and expects the answer of the law of *b*.

    Empty where the language has no words for what the situation says.
    """
    program = b.program
    kind = program.decisions[witness.decision].type
    before, after = (
        answered(program, outcome, kind) for outcome in (witness.before, witness.after)
    )
    data: Data = copied(witness.data)
    comments = [f"{a.name} : {before}", f"{b.name} : {after}"]
    if a.on and b.on:
        data = dated(program, data, b.on, witness.entities)
        events = _events(program, data, witness)
        if events:
            comments[0] = f"{a.name} ({', '.join(events)} ce jour-là) : {before}"
    place = path_text((*witness.path, witness.decision.rpartition(".")[2]))
    name = f"témoin {rank} : {words(witness.decision)}"
    try:
        return write_case(
            program,
            name,
            situated(program, data),
            witness.days[1],
            [expected(program, place, witness.after, kind)],
            comments=comments,
        )
    except Unwritable:
        return ""


def _events(program: core.Program, data: Data, witness: Witness) -> list[str]:
    found: dict[str, None] = {}
    for _, entity, _ in elements(program, data):
        event = program.entities[entity].event
        if event and (witness.entities is None or entity in witness.entities):
            found[event] = None
    return list(found)


def expected(program: core.Program, place: str, outcome: Outcome, kind: Type) -> str:
    """The line ``attendu`` that *outcome* meets.

    Raises:
        Unwritable: no line says it.
    """
    match outcome:
        case None:
            return f"attendu {place} absent"
        case NotApplicable():
            return f"attendu {place} sans objet"
        case Unknown(reasons=reasons) if reasons and not outcome.weights:
            said = " ; ".join(f'"{reason}"' for reason in sorted(reasons))
            return f"attendu {place} indéterminé {said}"
        case Unknown():
            return f"attendu {place} inconnu"
        case Conflict(sides=sides):
            return f"attendu {place} conflit " + " et ".join(f'"{side.label}"' for side in sides)
        case Failure(code):
            return f"attendu {place} erreur {code}"
        case Element():
            raise Unwritable("an element is no value")
        case Elements():
            raise Unwritable("elements are no value")
        case ():
            return f"attendu {place} = ()"
    return f"attendu {place} = {written(program, outcome, kind)}"


def days_text(a: Side, b: Side) -> str:
    """The two laws, as a title says them."""
    if a.on and b.on:
        return f"{french_date(a.on)} → {french_date(b.on)}"
    return f"{a.name} → {b.name}"
