"""The values next to a value: what a slip of the pen would have written instead.

The step is one unit of what is written: 1 for a whole number, a cent for an amount (a euro from 100 €), a day for a
date, one of the last unit named for a duration (``10 ans`` → ``9 ans``, ``6 mois et 1 jour`` →
``6 mois``), one of the last decimal written for a rate or a decimal number (``65 %`` → ``66 %``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction

from lexald.dsl import program as core
from lexald.dsl.dates import french_date
from lexald.dsl.types import RATE, EnumType, Type
from lexald.dsl.values import Amount, Duration, french_decimal, french_rate, terminates

# A cent more or less is lost in what is rounded further on: from a hundred euros, it is a euro.
ONE_EURO_FROM = 10_000


def around(
    value: core.Value, kind: Type | None, text: str = ""
) -> tuple[core.Value, core.Value] | None:
    """The values one unit below and above *value*; `None` for what has no unit.

    *text* is what is written, which tells twelve months from a year, and a rate from a number.
    """
    match value:
        case bool() | None | str() | tuple():
            return None
        case int():
            return value - 1, value + 1
        case Amount(cents):
            step_cents = 1 if abs(cents) < ONE_EURO_FROM else 100
            return Amount(cents - step_cents), Amount(cents + step_cents)
        case Duration():
            step = _last_unit(value, text)
            return value - step, value + step
        case date():
            return value - timedelta(days=1), value + timedelta(days=1)
        case Fraction():
            unit = _last_place(value, is_rate(kind, text))
            return value - unit, value + unit
    return None


def others(
    value: core.Value, kind: Type | None, enumerations: Mapping[str, core.Enumeration]
) -> tuple[core.Value, ...]:
    """What stands for *value* where there is no unit: the other truth, the next member."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, str) and isinstance(kind, EnumType):
        members = list(enumerations[kind.name].members)
        if value in members and len(members) > 1:
            return (members[(members.index(value) + 1) % len(members)],)
    return ()


def written(value: core.Value, kind: Type | None = None, text: str = "") -> str:
    """*value* as the language writes it: a duration in the units of *text*."""
    match value:
        case None:
            return "absent"
        case bool():
            return "vrai" if value else "faux"
        case Duration(months, 0) if months and "mois" in text and "an" not in text:
            return f"{months} mois"
        case Amount() | Duration():
            return value.french()
        case date():
            return french_date(value)
        case Fraction() if is_rate(kind, text):
            return french_rate(value)
        case int() | Fraction():
            return french_decimal(value)
    return str(value)


def is_rate(kind: Type | None, text: str) -> bool:
    """Whether a fraction is written as a rate."""
    return kind == RATE or "%" in text


def _last_unit(value: Duration, text: str) -> Duration:
    if value.days or value.is_zero:
        return Duration.of(weeks=1) if "semaine" in text else Duration.of(days=1)
    if value.months % 12 or "mois" in text:
        return Duration.of(months=1)
    return Duration.of(years=1)


def _last_place(value: Fraction, rate: bool) -> Fraction:
    whole = value * 100 if rate else value
    unit = Fraction(1)
    if not terminates(whole):
        unit = Fraction(1, 100)
    else:
        while (whole / unit).denominator != 1:
            unit /= 10
    return unit / 100 if rate else unit
