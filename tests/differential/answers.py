"""What back ends answer, in one shape, so that answers of two of them can be set side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import attrs

from lexald.dsl.source import Span
from lexald.dsl.values import Amount
from lexald.engine.elements import Element, Elements
from lexald.engine.environment import Decided
from lexald.engine.outcomes import Conflict, FactPath, Failure, NotApplicable, Outcome, Unknown

VALUE, ABSENT, UNKNOWN = "valeur", "absent", "inconnu"
NOT_APPLICABLE, CONFLICT, ERROR = "sans objet", "conflit", "erreur"
# The evaluation stopped for its length: where another back end would stop is not the law's matter.
TOO_LONG = "E014"
# Any day, which is no bound.
ANY_DAY = (date.min, date.max)


@attrs.frozen
class Answer:
    """The answer of one decision.

    Args:
        state: one of the six.
        what: the value; the decision that is not applicable; the decision and the labels that
            conflict; the code of an error. `None` for the others.
        ends: bounds of an unknown, where a back end tells them.
        place: of an error, the element and the place in the law; of a conflict, the element.
        rules: the labels of the rules that gave it, in order; none of an unknown.
    """

    state: str
    what: object = None
    ends: object = attrs.field(default=None, eq=False)
    place: object = attrs.field(default=None, eq=False)
    rules: tuple[str, ...] = attrs.field(default=(), eq=False)

    def __str__(self) -> str:
        told = self.state if self.what is None else f"{self.state} {_shown(self.what)}"
        told += f", entre {_shown(self.ends)}" if self.ends else ""
        return told + (f", par {_shown(self.rules)}" if self.rules else "")


def answer_of(outcome: Outcome, rules: tuple[str, ...] = ()) -> Answer:
    """*outcome*, as answers are compared, given by *rules*."""
    return attrs.evolve(_answer(outcome), rules=rules)


def _answer(outcome: Outcome) -> Answer:
    match outcome:
        case None:
            return Answer(ABSENT)
        case Unknown():
            ends = None
            if outcome.low is not None and outcome.high is not None:
                ends = _plain(outcome.low), _plain(outcome.high)
            ends = None if ends == ANY_DAY else ends
            return Answer(UNKNOWN, ends=ends)
        case NotApplicable(decision):
            return Answer(NOT_APPLICABLE, decision)
        case Conflict():
            return Answer(CONFLICT, (outcome.decision, *outcome.labels), place=outcome.path)
        case Failure(code):
            return Answer(ERROR, code, place=(outcome.path, _offsets(outcome.span)))
    return Answer(VALUE, _plain(outcome))


def rules_of(decided: Decided, name: str, path: FactPath) -> tuple[str, ...]:
    """The rules that tables tell of an answer: those that gave it, or that conflict; of what is
    not known, none."""
    outcome = decided.outcome
    if isinstance(outcome, Unknown):
        return ()
    if isinstance(outcome, Conflict) and (outcome.decision, outcome.path) == (name, path):
        return outcome.labels
    return decided.applied


def _plain(value: Any) -> object:
    """*value* with its type where equality would forget it: ``True`` is not 1, two is 4/2."""
    match value:
        case bool():
            return "booléen", value
        case int() | Fraction():
            return Fraction(value)
        case Element():
            return value.path
        case Elements():
            return (*(item.path for item in value), value.complete)
        case tuple():
            return tuple(_plain(item) for item in value)
    return value


def _offsets(span: Span | None) -> object:
    return None if span is None else (span.file.name, span.start, span.end)


def _shown(what: object) -> str:
    match what:
        case ("booléen", value):
            return "vrai" if value else "faux"
        case tuple():
            return f"({' ; '.join(map(_shown, what))})"
        case Amount() | date():
            return str(what)
    return str(what)


@attrs.frozen
class Refusal:
    """What the law declares impossible, of which element; *code*: that it cannot be judged."""

    message: str
    path: FactPath
    code: str = ""


@attrs.frozen
class Found:
    """What a back end says of one situation: *answers* by decision and element, *refusals*.

    *left*: nothing, since it leaves the whole situation to the interpreter.
    """

    answers: Mapping[tuple[str, FactPath], Answer]
    refusals: frozenset[Refusal] = frozenset()
    left: bool = False

    @property
    def refused(self) -> bool:
        return bool(self.refusals)
