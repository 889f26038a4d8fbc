"""Cases that are proposed: situations with what is asked of them, few and short.

Two proposals become one where they can stand in one file of a patient: facts that agree are put
together, and lines of one list follow one another. What comes of it is only kept if it still shows
all that the two showed apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from lexald.dsl import program as core
from lexald.engine.elements import Element, Situation
from lexald.engine.environment import Decided
from lexald.engine.interpreter import Evaluation
from lexald.engine.outcomes import FactPath, Unknown

from ..search.differences import same_answer
from ..search.dossier import Dossier

# Lines of one list in one case, columns that one more line may add to it, and answers asked.
MOST_ROWS = 6
MORE_COLUMNS = 2
MOST_ASKED = 8


@attrs.frozen(eq=False)
class Asked:
    """What a case would ask: *decision*, of the element at *path*, with what the law answers.

    *other*: what the mutant answers, for a survivor.
    """

    decision: str
    path: FactPath
    decided: Decided
    other: Decided | None = None

    @property
    def place(self) -> FactPath:
        """Where the decision stands among the facts."""
        return (*self.path, self.decision.rpartition(".")[2])


@attrs.frozen(eq=False)
class Filled:
    """A hole that a proposal fills, as a *sentence*; *file* and *line* of the law.

    *title*: a few words that a case may be called by. *citations*: what the piece rests on. *verb*:
    what a case does to it.
    """

    kind: str
    name: str
    sentence: str
    title: str
    file: str
    line: int
    citations: tuple[core.Citation, ...] = ()
    verb: str = "comble"


@attrs.frozen(eq=False)
class Proposal:
    """A case to be written. *refused*: the message of the ``interdit`` that refuses it."""

    dossier: Dossier
    asked: tuple[Asked, ...]
    fills: tuple[Filled, ...]
    refused: str = ""


@attrs.frozen(eq=False)
class NotFound:
    """A hole for which nothing was found. *tries*: evaluations made for it."""

    hole: Filled
    tries: int


@attrs.frozen(eq=False)
class Proposals:
    """*holes*: how many were looked at; *filled*: how many *cases* would fill.

    *of_mutants*: the holes are mutants, and to fill one is to catch it.
    """

    cases: tuple[Proposal, ...]
    not_found: tuple[NotFound, ...]
    holes: int
    filled: int
    whole: bool = True
    of_mutants: bool = False


# Told of each hole looked at: how many are done, out of how many.
Progress = Callable[[int, int], None]

# ── together ─────────────────────────────────────────────────────────────────────────────


def joined(
    program: core.Program,
    one: Proposal,
    other: Proposal,
    shows: Callable[[Proposal, Situation], bool],
) -> Proposal | None:
    """*one* and *other* as one proposal; `None` where they cannot be, or would show less.

    Args:
        shows: whether a proposal, of this situation, still fills all that it says it fills.
    """
    if one.refused or other.refused or len(one.asked) + len(other.asked) > MOST_ASKED:
        return None
    if one.dossier.hypotheses or other.dossier.hypotheses:
        return None
    if not _is_of_one_day(program, one, other):
        return None
    lists = {path[:-1] for path in (asked.path for asked in one.asked) if _is_row(path)}
    put = _put_together(one.dossier.facts, other.dossier.facts, lists)
    if put is None:
        return None
    facts, moved = put
    on = max(one.dossier.on, other.dossier.on)
    asked = [
        *one.asked,
        *(attrs.evolve(a, path=_moved(a.path, moved)) for a in other.asked),
    ]
    made = Proposal(
        Dossier(on, facts),
        tuple({a.place: a for a in asked}.values()),
        (*one.fills, *other.fills),
    )
    situation = made.dossier.situation(program)
    evaluation = Evaluation(program, situation, on)
    if any(True for _ in evaluation.forbidden()):
        return None
    elements = elements_of(situation)
    for wanted in made.asked:
        found = evaluation.decide(wanted.decision, elements.get(wanted.path))
        if not same_answer(found, wanted.decided) or found.applied != wanted.decided.applied:
            return None
    return made if shows(made, situation) else None


def _is_of_one_day(program: core.Program, one: Proposal, other: Proposal) -> bool:
    """Whether one date of law may do for both: the same, or none that counts."""
    if one.dossier.on == other.dossier.on:
        return True
    for asked in (*one.asked, *other.asked):
        entity = program.decisions[asked.decision].entity
        if entity is None or program.entities[entity].event is None:
            return False
    return True


def _is_row(path: FactPath) -> bool:
    return bool(path) and isinstance(path[-1], int)


def _put_together(
    one: Mapping[str, Any], other: Mapping[str, Any], lists: set[FactPath], path: FactPath = ()
) -> tuple[dict[str, Any], dict[FactPath, int]] | None:
    """The facts of both, and by how much the lines of the lists of the second are moved."""
    facts = dict(one)
    moved: dict[FactPath, int] = {}
    for name, theirs in other.items():
        here = (*path, name)
        ours = facts.get(name, theirs)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            inner = _put_together(ours, theirs, lists, here)
            if inner is None:
                return None
            facts[name] = inner[0]
            moved |= inner[1]
        elif here in lists and isinstance(ours, list) and isinstance(theirs, list):
            rows = _rows(facts.get(name, []), theirs)
            if rows is None:
                return None
            moved[here] = len(facts.get(name, []))
            facts[name] = rows
        elif type(ours) is not type(theirs) or ours != theirs:
            return None
        else:
            facts[name] = theirs
    return facts, moved


def _rows(ours: list[Any], theirs: list[Any]) -> list[Any] | None:
    if ... in ours or ... in theirs or len(ours) + len(theirs) > MOST_ROWS:
        return None
    ours_columns = {name for row in ours for name in row}
    theirs_columns = {name for row in theirs for name in row}
    if len(ours_columns ^ theirs_columns) > MORE_COLUMNS:
        return None
    return [*ours, *theirs]


def _moved(path: FactPath, moved: Mapping[FactPath, int]) -> FactPath:
    for place, by in moved.items():
        if path[: len(place)] == place and len(path) > len(place):
            rank = path[len(place)]
            assert isinstance(rank, int)
            return (*place, rank + by, *path[len(place) + 1 :])
    return path


def gather(
    program: core.Program,
    found: Sequence[Proposal],
    shows: Callable[[Proposal, Situation], bool],
    alike: Callable[[Proposal], object],
) -> list[Proposal]:
    """*found*, those put together that may be among the ones that *alike* gives one key."""
    kept: list[Proposal] = []
    last: dict[object, list[int]] = {}
    for proposal in found:
        key = alike(proposal)
        for place in last.get(key, [])[-3:]:
            made = joined(program, kept[place], proposal, shows)
            if made is not None:
                kept[place] = made
                break
        else:
            last.setdefault(key, []).append(len(kept))
            kept.append(proposal)
    return kept


def elements_of(situation: Situation) -> Mapping[FactPath, Element]:
    """The elements of *situation*, by path."""
    return {element.path: element for element in situation.elements()}


def alike(proposal: Proposal) -> object:
    """Proposals that may well be one case: of one kind of element, all that is asked being known
    or nothing."""
    if not proposal.asked:
        return None
    first = proposal.asked[0]
    names = tuple(part for part in first.path if isinstance(part, str))
    return names, isinstance(first.decided.outcome, Unknown)
