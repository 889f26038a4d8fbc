"""The register of what the source documents affirm, held against the law and its cases.

One file per document, ``affirmations/<source>.yaml``: each affirmation by its number, in our own
words; ``conflits.yaml`` lists where they contradict one another. One that can be computed is *carried* when a case or a policy cites it (``d'après
guide_2025 "140"``, ``source affirme …``), or *left* with the reason why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import attrs
import yaml

from lexald.dsl import program as core
from lexald.engine.documents.pieces import Piece, pieces

from .results import CaseResult

_FOLDER = files(__package__) / "affirmations"
_CONFLICTS = "conflits.yaml"
_KEYS = {"dit", "calculable", "laissée"}
Reference = tuple[str, str]
"""A document by its name in the register of sources, and the number of an affirmation."""


@attrs.frozen
class Affirmation:
    """*said*: what the document affirms. *left*: why nothing carries it, or ``""``.

    *computable*: whether a rule or a case could tell that it is so.
    """

    source: str
    number: str
    said: str
    computable: bool
    left: str

    @property
    def reference(self) -> Reference:
        return self.source, self.number


@attrs.frozen
class Disagreement:
    """Affirmations that clash, or seem to. *law*: what the law answers to the question."""

    name: str
    question: str
    law: str
    references: tuple[Reference, ...]


@attrs.frozen(eq=False)
class Carriers:
    """Where one affirmation is met. *against*: the cases whose law answers otherwise."""

    cases: tuple[core.Case, ...] = ()
    against: tuple[core.Case, ...] = ()
    pieces: tuple[Piece, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.cases or self.pieces)


def register() -> dict[Reference, Affirmation]:
    """All affirmations, by document and number, as the package holds them.

    Raises:
        ValueError: a file is not as the register wants it; the message says which and where.
    """
    found: dict[Reference, Affirmation] = {}
    for path in sorted(_FOLDER.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml") and path.name != _CONFLICTS:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            for one in _affirmations(path.name, data):
                found[one.reference] = one
    return found


def disagreements() -> tuple[Disagreement, ...]:
    """Where the documents contradict one another or themselves, in the order of their names."""
    data = yaml.safe_load((_FOLDER / _CONFLICTS).read_text(encoding="utf-8"))
    return tuple(
        Disagreement(
            name,
            entry["question"],
            entry["droit"],
            tuple((s, n) for s, numbers in entry["affirmations"].items() for n in numbers),
        )
        for name, entry in data["conflits"].items()
    )


def _affirmations(name: str, data: Any) -> list[Affirmation]:
    found = []
    for number, entry in data["affirmations"].items():
        if not isinstance(number, str) or not {"dit"} <= entry.keys() <= _KEYS:
            raise ValueError(f"{name}: {number!r}: a text, with dit, calculable, laissée")
        found.append(
            Affirmation(
                data["source"],
                number,
                entry["dit"],
                entry.get("calculable", True),
                entry.get("laissée", ""),
            )
        )
    return found


def carriers(program: core.Program, results: Iterable[CaseResult]) -> Mapping[Reference, Carriers]:
    """What each cited affirmation is met by; *results* are those of the cases of *program*."""
    cases: defaultdict[Reference, dict[str, core.Case]] = defaultdict(dict)
    against: defaultdict[Reference, dict[str, core.Case]] = defaultdict(dict)
    rules: defaultdict[Reference, dict[Any, Piece]] = defaultdict(dict)
    for result in results:
        case = result.case
        claimed = [answered.claim.citation for answered in result.claims]
        for citation in (*case.citations, *claimed):
            for number in citation.pinpoints:
                cases[citation.source, number][case.name] = case
        for answered in result.claims:
            if not answered.agrees:
                for number in answered.claim.citation.pinpoints:
                    against[answered.claim.citation.source, number][case.name] = case
    for piece in pieces(program):
        for citation in piece.notes.citations:
            for number in citation.pinpoints:
                rules[citation.source, number][piece.key] = piece
    return {
        reference: Carriers(
            tuple(cases[reference].values()),
            tuple(against[reference].values()),
            tuple(rules[reference].values()),
        )
        for reference in {*cases, *rules}
    }


def faults(
    told: Mapping[Reference, Affirmation], carried: Mapping[Reference, Carriers]
) -> list[str]:
    """Where the register and the project part, one line each, in French."""
    documents = {source for source, _ in told}
    found = [
        f'{source} "{number}" : cité, mais absent du registre'
        for source, number in sorted(carried)
        if source in documents and (source, number) not in told
    ]
    for reference, one in sorted(told.items()):
        name = f'{one.source} "{one.number}"'
        met = bool(carried.get(reference))
        if met and one.left:
            found.append(f"{name} : portée, et pourtant laissée ({one.left})")
        if one.computable and not met and not one.left:
            found.append(f"{name} : ni portée, ni laissée avec une raison ({one.said})")
    return found
