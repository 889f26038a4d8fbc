"""The exact values of the language. No floats: money is cents, the rest whole or fractions.

=================  ==================================================================
in the language    at run time
=================  ==================================================================
booléen            `bool`
entier             `int`
décimal, taux      `fractions.Fraction` (an `int` may stand for a décimal)
montant            `quantities.Amount`
montant exact      `fractions.Fraction` of *cents*, until it is rounded
date               `datetime.date`
durée              `quantities.Duration`
période            `dates.DateRange`
texte, énumération `str`
liste              `tuple`
absent             `None`
=================  ==================================================================
"""

from __future__ import annotations

import re
from enum import Enum
from fractions import Fraction

from .quantities import Amount, Duration

__all__ = [
    "Amount",
    "Duration",
    "Rounding",
    "decimal_text",
    "french_decimal",
    "french_rate",
    "parse_decimal",
    "round_to",
    "terminates",
]


class Rounding(Enum):
    """How a fraction becomes whole."""

    NEAREST = "au plus proche"  # half away from zero
    UP = "supérieur"  # towards plus infinity
    DOWN = "inférieur"  # towards minus infinity


def round_to(value: Fraction | int, unit: int, rounding: Rounding) -> int:
    """The multiple of *unit* that *value* rounds to, as a whole number of ones (not of units).

    *value* in cents: *unit* 1 rounds to the cent, 100 to the euro, and cents come back. A plain
    number takes *unit* 1. `Rounding.NEAREST` sends a half away from zero.
    """
    quotient = Fraction(value) / unit
    match rounding:
        case Rounding.UP:
            return -(-quotient.numerator // quotient.denominator) * unit
        case Rounding.DOWN:
            return (quotient.numerator // quotient.denominator) * unit
    sign = -1 if quotient < 0 else 1
    half_up = (2 * abs(quotient.numerator) + quotient.denominator) // (2 * quotient.denominator)
    return sign * half_up * unit


def _places(number: Fraction) -> int | None:
    """How many decimals *number* has; `None` when they never end."""
    rest, places = number.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        places = max(places, power)
    return places if rest == 1 else None


def terminates(number: Fraction) -> bool:
    """Whether *number* has a finite decimal expansion."""
    return _places(number) is not None


def decimal_text(number: Fraction | int) -> str:
    """``0.65``: exact decimal text when there is one, else ``2/3``."""
    number = Fraction(number)
    places = _places(number)
    if places is None:
        return f"{number.numerator}/{number.denominator}"
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


def parse_decimal(text: str) -> Fraction:
    """Read ``0.65``, with a sign or not; no comma, exponent or space.

    Raises:
        ValueError: not such a text, or more than 30 digits.
    """
    if len(text) > 32 or not _DECIMAL.fullmatch(text) or sum(map(str.isdigit, text)) > 30:
        raise ValueError(f"not a decimal number: {text[:40]!r}")
    return Fraction(text)


def french_decimal(number: Fraction | int) -> str:
    """``2,5``; ``2/3`` when the decimals never end."""
    return decimal_text(number).replace(".", ",")


def french_rate(rate: Fraction | int) -> str:
    """``65 %``, ``37,5 %``; ``200/3 %`` when the decimals never end."""
    return f"{french_decimal(Fraction(rate) * 100)} %"
