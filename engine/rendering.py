"""Values and outcomes in French, for people, and as plain data, for programs."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import Any

from lexald.dsl.dates import DateRange, french_date
from lexald.dsl.program import Program
from lexald.dsl.types import AMOUNT, EXACT, INT, PERIODS, RATE, EnumType, ListType, Type
from lexald.dsl.values import (
    Amount,
    Duration,
    Rounding,
    decimal_text,
    french_decimal,
    french_rate,
    round_to,
    terminates,
)

from .elements import Element, Elements, path_text
from .outcomes import Conflict, Failure, NotApplicable, Outcome, Unknown
from .questions import question


def to_french(value: Any, kind: Type, program: Program) -> str:
    """A value as the language writes it; members of enumerations by their labels.

    *value* may be an amount that is not rounded yet (a fraction of cents).
    """
    match value:
        case None:
            return "absent"
        case bool():
            return "vrai" if value else "faux"
        case Amount() | Duration() | DateRange():
            return value.french()
        case date():
            return french_date(value)
        case Element():
            return path_text(value.path)
        case tuple() | Elements():
            item = kind.item if isinstance(kind, ListType) else kind
            return " ; ".join(to_french(one, item, program) for one in value) or "aucun"
        case str():
            if isinstance(kind, EnumType):
                return program.enumerations[kind.name].members.get(value) or value
            return value
    if kind == RATE:
        return french_rate(value)
    if kind in (AMOUNT, EXACT):
        return f"{_exact_euros(value)} €"
    return french_decimal(value)


def share_text(share: Fraction) -> str:
    """``40 %``; a share with no exact decimal is told as a fraction too: ``2/3 (66,7 %)``."""
    if terminates(share):
        return french_rate(share)
    tenths = Fraction(round_to(share * 1000, 1, Rounding.NEAREST), 1000)
    return f"{share.numerator}/{share.denominator} ({french_rate(tenths)})"


def _exact_euros(cents: Fraction) -> str:
    """``12,345``; what has no exact decimal is cut: ``35,3424…``."""
    euros = Fraction(cents) / 100
    if terminates(euros):
        return french_decimal(euros)
    cut = Fraction(math.trunc(euros * 10_000), 10_000)
    sign = "-" if euros < 0 and not cut else ""
    return f"{sign}{french_decimal(cut)}…"


def value_to_json(value: Any, kind: Type | None = None) -> Any:
    """A value as the formats write it: amounts, rates and decimals are text, dates ISO.

    An amount that is not rounded yet is text of euros, with as many decimals as it takes.
    """
    match value:
        case None | bool() | str():
            return value
        case Amount():
            return str(value)
        case Duration():
            # A difference of opposite signs has no ISO text: the words of the language have.
            return value.iso() if value.months * value.days >= 0 else value.french()
        case DateRange():
            return value.iso()
        case date():
            return value.isoformat()
        case Element():
            return path_text(value.path, from_one=False)
        case tuple() | Elements():
            item = kind.item if isinstance(kind, ListType) else kind
            return [value_to_json(one, item) for one in value]
        case Fraction() if kind in (AMOUNT, EXACT):
            return decimal_text(value / 100)
        case int() if kind in (None, INT):
            return value
    return decimal_text(value)


def outcome_to_json(program: Program, outcome: Outcome, kind: Type | None = None) -> dict[str, Any]:
    """One of ``value``, ``unknown``, ``not_applicable``, ``conflict``, ``error``; ranks from 0."""
    match outcome:
        case Unknown():
            return {"unknown": _unknown(program, outcome, kind)}
        case NotApplicable():
            return {"not_applicable": {"decision": outcome.decision}}
        case Conflict():
            sided = program.decisions[outcome.decision].type
            sides = [
                {"label": side.label, "value": value_to_json(side.value, sided)}
                for side in outcome.sides
            ]
            return {"conflict": {"decision": outcome.decision, "rules": sides}}
        case Failure():
            found: dict[str, Any] = {
                "code": outcome.code,
                "message": outcome.message.fr,
                "path": path_text(outcome.path, from_one=False),
            }
            if outcome.span is not None:
                found["file"] = outcome.span.file.name
                found["line"] = outcome.span.line
            return {"error": found}
    return {"value": value_to_json(outcome, kind)}


def _unknown(program: Program, outcome: Unknown, kind: Type | None) -> dict[str, Any]:
    questions = []
    for path in outcome.questions:
        asked = question(program, path)
        found: dict[str, Any] = {
            "path": path_text(path, from_one=False),
            "question": asked.text or asked.label or path_text(path, from_one=False),
            "type": str(asked.type),
        }
        if asked.judge:
            found["judge"] = asked.judge
        if asked.choices:
            found["choices"] = [name for name, _ in asked.choices]
        questions.append(found)
    told: dict[str, Any] = {"questions": questions}
    if outcome.reasons:
        told["reasons"] = sorted(outcome.reasons)
    if outcome.low is not None and outcome.high is not None and kind not in PERIODS:
        told["between"] = [value_to_json(end, kind) for end in (outcome.low, outcome.high)]
    return told
