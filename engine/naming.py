"""How decisions are named by those who ask for them, and how answers are named back.

``total_remboursé`` is a decision of the law as a whole; ``Soin.taux`` one of an entity, asked of
each of its elements; ``soins[0].taux`` of one element, by its place in the situation, counted
from 0. A short name will do where it is the only one.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Sequence

import attrs

from lexald.dsl.diagnostics import Diagnostic, Findings
from lexald.dsl.program import Program
from lexald.dsl.types import EntityType

from .elements import Element, Situation, path_text
from .outcomes import FactPath


@attrs.frozen(eq=False)
class Asked:
    """A decision to answer. *name* is its place in an answer, ranks from 0.

    *element* is `None` for a decision of no entity. *missing* is set when the decision is of
    elements that the situation does not tell: the answer is then unknown.
    """

    decision: str
    element: Element | None
    name: str
    missing: FactPath = ()


def results(program: Program, situation: Situation) -> tuple[Asked, ...]:
    """The decisions that the law marks ``résultat`` and that *situation* tells something about.

    Those of the elements that it tells; of those that have no entity, the ones that read a root
    that it tells, or none. A situation that tells nothing is asked for them all.
    """
    told = {
        name
        for name, value in situation.roots.items()
        if not isinstance(value, Element) or value.facts
    } | {path[0] for _, path in situation.hypotheses if path}
    found = tuple(asked for name in program.results for asked in _of(program, situation, name))
    if not told:
        return found
    return tuple(
        asked
        for asked in found
        if (asked.element is not None and asked.element.path[0] in told)
        or (
            program.decisions[asked.decision].entity is None
            and (not (roots := program.results[asked.decision]) or not roots.isdisjoint(told))
        )
    )


def resolve(
    program: Program, situation: Situation, names: Sequence[str]
) -> tuple[tuple[Asked, ...], tuple[Diagnostic, ...]]:
    """The decisions that *names* mean, in their order, each once."""
    findings = Findings()
    found: dict[str, Asked] = {}
    for name in names:
        for asked in _resolve(program, situation, unicodedata.normalize("NFC", name), findings):
            found.setdefault(asked.name, asked)
    return tuple(found.values()), findings.sorted()


def resolve_indicators(
    program: Program, names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """The indicators that *names* mean, in their order, each once; all of them for none."""
    findings = Findings()
    found: dict[str, None] = {}
    for written in names or tuple(program.indicators):
        name = unicodedata.normalize("NFC", written)
        if name in program.indicators:
            found[name] = None
            continue
        near = difflib.get_close_matches(name, program.indicators, 1)
        findings.error(
            "X030", None, f"pas d'indicateur `{name}`", f"no indicator `{name}`",
            help=(f"vouliez-vous dire `{near[0]}` ?", f"did you mean `{near[0]}`?") if near else "",
        )  # fmt: skip
    if not program.indicators and not names:
        findings.error(
            "X030", None, "ce droit ne déclare aucun indicateur", "this law declares no indicator",
        )  # fmt: skip
    return tuple(found), findings.sorted()


def _resolve(
    program: Program, situation: Situation, name: str, findings: Findings
) -> tuple[Asked, ...]:
    if name in program.decisions:
        return _of(program, situation, name)
    head, _, last = name.rpartition(".")
    if head:
        for element in situation.elements():
            full = f"{element.entity}.{last}"
            if path_text(element.path, from_one=False) == head and full in program.decisions:
                return (Asked(full, element, name),)
    full_name = _full_name(program, name, _names(program, situation), findings)
    return () if full_name is None else _of(program, situation, full_name)


def full_names(
    program: Program, names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """The decisions of the law that *names* mean, whatever the situation."""
    findings = Findings()
    known = _short_names(program)
    found = [
        _full_name(program, unicodedata.normalize("NFC", name), known, findings) for name in names
    ]
    return tuple(dict.fromkeys(name for name in found if name)), findings.sorted()


def _full_name(program: Program, name: str, known: Sequence[str], findings: Findings) -> str | None:
    if name in program.decisions:
        return name
    full = [full for full in program.decisions if full.rpartition(".")[2] == name]
    if len(full) == 1:
        return full[0]
    if full:
        listed = ", ".join(f"`{one}`" for one in full)
        findings.error(
            "X011", None, f"plusieurs décisions s'appellent `{name}` : {listed}",
            f"several decisions are called `{name}`: {listed}",
            help=("donner le nom entier", "give the whole name"),
        )  # fmt: skip
        return None
    near = difflib.get_close_matches(name, known, 1)
    findings.error(
        "X010", None, f"pas de décision `{name}`", f"no decision `{name}`",
        help=(f"vouliez-vous dire `{near[0]}` ?", f"did you mean `{near[0]}`?") if near else "",
    )  # fmt: skip
    return None


def _short_names(program: Program) -> list[str]:
    return [*program.decisions, *(full.rpartition(".")[2] for full in program.decisions)]


def _names(program: Program, situation: Situation) -> list[str]:
    names = _short_names(program)
    for element in situation.elements():
        path = path_text(element.path, from_one=False)
        names += [
            f"{path}.{decision.name.rpartition('.')[2]}"
            for decision in program.decisions.values()
            if decision.entity == element.entity
        ]
    return names


def _of(program: Program, situation: Situation, name: str) -> tuple[Asked, ...]:
    entity = program.decisions[name].entity
    if entity is None:
        return (Asked(name, None, name),)
    last = name.rpartition(".")[2]
    found = [
        Asked(name, element, f"{path_text(element.path, from_one=False)}.{last}")
        for element in situation.elements()
        if element.entity == entity
    ]
    untold = _untold(program, situation, entity)
    if not found and untold:
        return (Asked(name, None, name, untold),)
    return tuple(found)


def _untold(program: Program, situation: Situation, entity: str) -> FactPath:
    """Where elements of *entity* would be, if the situation told them."""
    for name, field in program.roots.items():
        if getattr(field.type, "item", field.type) == EntityType(entity):
            return (name,) if name not in situation.roots else ()
    for element in situation.elements():
        for field in program.entities[element.entity].fields.values():
            kind = getattr(field.type, "item", field.type)
            if kind == EntityType(entity) and field.name not in element.facts:
                return (*element.path, field.name)
    return ()
