"""Back ends against the interpreter: what was compared, and where they part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import attrs

from lexald.dsl.program import Program
from lexald.engine.elements import Situation, path_text
from lexald.engine.outcomes import FactPath

from .answers import ERROR, NOT_APPLICABLE, TOO_LONG, UNKNOWN, Answer, Found, Refusal
from .backends import Interpreter
from .protocol import Backend, Tells

REFERENCE: Backend = Interpreter()


@attrs.define
class Tally:
    """How much was compared. Adds up.

    *outcomes*: answers of the interpreter by state, errors by code. *seconds*: of processors, by
    back end.
    """

    situations: int = 0
    answers: int = 0
    refused: int = 0
    too_long: int = 0
    outcomes: Counter[str] = attrs.field(factory=Counter)
    seconds: dict[str, float] = attrs.field(factory=dict)

    def add(self, other: Tally) -> None:
        self.situations += other.situations
        self.answers += other.answers
        self.refused += other.refused
        self.too_long += other.too_long
        self.outcomes.update(other.outcomes)
        for name, seconds in other.seconds.items():
            self.spent(name, seconds)

    def spent(self, backend: str, seconds: float) -> None:
        self.seconds[backend] = self.seconds.get(backend, 0.0) + seconds


@attrs.frozen(eq=False)
class Mismatch:
    """A back end that parts from the interpreter.

    *name* and *path*: of which decision and element; *name* is empty where the two do not refuse
    the same situations, or where the back end fell.
    """

    backend: Backend
    program: Program
    on: date
    situation: Situation
    names: tuple[str, ...]
    name: str
    path: FactPath
    expected: str
    got: str

    @property
    def place(self) -> str:
        """Where, as people write it."""
        if not self.name:
            return "situation"
        return path_text((*self.path, self.name.rpartition(".")[2]))


def compare(
    backend: Backend,
    program: Program,
    on: date,
    situations: Sequence[Situation],
    names: Sequence[str],
    reference: Sequence[Found] | None = None,
) -> list[Mismatch]:
    """Where *backend* parts from the interpreter, or from what *reference* says of *situations*.

    A back end that falls is one that parts, the interpreter too: the situations are then given one
    by one.
    """
    falls = backend
    try:
        if reference is None:
            falls = REFERENCE
            reference = REFERENCE.answers(program, on, situations, names)
        falls = backend
        found = backend.answers(program, on, situations, names)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is no answer)
        if len(situations) > 1:
            wanted_of: Sequence[Found | None] = reference or [None] * len(situations)
            return [
                mismatch
                for situation, wanted in zip(situations, wanted_of, strict=True)
                for mismatch in compare(
                    backend, program, on, [situation], names, None if wanted is None else [wanted]
                )
            ]
        fault = f"{type(error).__name__}: {error}"
        return [
            Mismatch(falls, program, on, situations[0], tuple(names), "", (), "une réponse", fault)
        ]
    parted = []
    for situation, wanted, got in zip(situations, reference, found, strict=True):
        here = (backend, program, on, situation, tuple(names))
        parted += [Mismatch(*here, *where) for where in _differences(backend, wanted, got)]
    return parted


def _differences(
    backend: Backend, wanted: Found, got: Found
) -> list[tuple[str, FactPath, str, str]]:
    parted: list[tuple[str, FactPath, str, str]] = []
    told = backend.tells
    if got.left:
        return []
    if any(refusal.code == TOO_LONG for refusal in wanted.refusals):
        pass
    elif _refused(wanted, told) != _refused(got, told):
        parted.append(("", (), _refusals(wanted), _refusals(got)))
    if got.refused and not told.refused:
        return parted
    for key in sorted(wanted.answers.keys() | got.answers.keys(), key=str):
        one, other = wanted.answers.get(key), got.answers.get(key)
        if one is not None and one.state == ERROR and one.what == TOO_LONG:
            continue
        if other is None and not told.whole:
            continue
        if (
            one is not None
            and other is not None
            and not told.inapplicable
            and one.state == other.state == NOT_APPLICABLE
        ):
            continue
        if one != other or (one and other and not _alike(backend, one, other)):
            parted.append((*key, str(one), str(other)))
    return parted


def _alike(backend: Backend, one: Answer, other: Answer) -> bool:
    """Whether two equal answers are so in what the back end tells beside."""
    if backend.tells.rules and one.rules != other.rules:
        return False
    if one.state == UNKNOWN:
        return not backend.tells.bounds or one.ends == other.ends
    return not backend.tells.places or one.place == other.place


def _refused(found: Found, tells: Tells) -> object:
    """What *found* says of refusing its situation, as far as a back end tells it."""
    if not tells.reasons:
        return found.refused
    if tells.places:
        return found.refusals
    return frozenset(Refusal(r.message, (), r.code) for r in found.refusals)


def _refusals(found: Found) -> str:
    if not found.refused:
        return "rien d'interdit"
    said = sorted(f"« {r.message} » {path_text(r.path)} {r.code}".strip() for r in found.refusals)
    return f"interdit {' ; '.join(said)}".strip()


def tallied(reference: Sequence[Found]) -> Tally:
    """What *reference* gives to compare."""
    tally = Tally(situations=len(reference))
    for found in reference:
        tally.answers += len(found.answers)
        tally.refused += found.refused
        for answer in found.answers.values():
            kind = str(answer.what) if answer.state == ERROR else answer.state
            tally.outcomes[kind] += 1
            tally.too_long += kind == TOO_LONG
    return tally
