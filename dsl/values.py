"""The exact values of the language. No floats: money is cents, the rest whole or fractions.

=================  ==================================================================
in the language    at run time
=================  ==================================================================
booléen            `bool`
entier             `int`
décimal, taux      `fractions.Fraction` (an `int` may stand for a décimal)
montant            `Amount`
montant exact      `fractions.Fraction` of *cents*, until it is rounded
date               `datetime.date`
durée              `Duration`
texte, énumération `str`
liste              `tuple`
absent             `None`
=================  ==================================================================
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import attrs


class Rounding(Enum):
    """How a fraction becomes whole."""

    NEAREST = "au plus proche"  # half away from zero
    UP = "supérieur"  # towards plus infinity
    DOWN = "inférieur"  # towards minus infinity


def round_to(value: Fraction | int, unit: int, rounding: Rounding) -> int:
    """The multiple of *unit* that *value* rounds to, as a whole number of ones (not of units)."""
    quotient = Fraction(value) / unit
    match rounding:
        case Rounding.UP:
            return -(-quotient.numerator // quotient.denominator) * unit
        case Rounding.DOWN:
            return (quotient.numerator // quotient.denominator) * unit
    sign = -1 if quotient < 0 else 1
    half_up = (2 * abs(quotient.numerator) + quotient.denominator) // (2 * quotient.denominator)
    return sign * half_up * unit


@attrs.frozen(order=True)
class Amount:
    """An amount of money, in whole cents."""

    cents: int

    @classmethod
    def of(cls, euros: str | int | Decimal) -> Amount:
        """Read an amount in euros: ``"344.10"``, ``344`` or ``Decimal("344.10")``.

        Raises:
            ValueError: not such a text, more than two decimals, or a float.
        """
        if isinstance(euros, bool) or not isinstance(euros, (str, int, Decimal)):
            raise ValueError(f"not an amount: {type(euros).__name__}")
        text = f"{euros:f}" if isinstance(euros, Decimal) else str(euros)
        found = re.fullmatch(r"([+-]?)(\d{1,15})(?:\.(\d{1,2}))?", text, re.ASCII)
        if found is None:
            raise ValueError(f"not an amount of euros and cents: {text[:40]!r}")
        cents = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
        return cls(-cents if found[1] == "-" else cents)

    @property
    def exact(self) -> Fraction:
        """The amount as a fraction of cents."""
        return Fraction(self.cents)

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.cents + other.cents)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.cents - other.cents)

    def __neg__(self) -> Amount:
        return Amount(-self.cents)

    def __mul__(self, number: int) -> Amount:
        return Amount(self.cents * number)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02d}"

    def french(self) -> str:
        """``1 234,56 €``, as the language writes it."""
        sign = "-" if self.cents < 0 else ""
        euros = f"{abs(self.cents) // 100:,}".replace(",", " ")
        return f"{sign}{euros},{abs(self.cents) % 100:02d} €"


_ISO_DURATION = re.compile(
    r"(-)?P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII
)


@attrs.frozen
class Duration:
    """A length of calendar time: whole months (years are twelve of them) and whole days.

    Durations have no total order: months and days compare only from a date, or when the one
    is longer whatever the date.
    """

    months: int
    days: int

    @classmethod
    def of(cls, *, years: int = 0, months: int = 0, weeks: int = 0, days: int = 0) -> Duration:
        return cls(12 * years + months, 7 * weeks + days)

    @property
    def is_zero(self) -> bool:
        return self.months == 0 and self.days == 0

    def compare(self, other: Duration) -> int | None:
        """-1, 0 or 1 when the order holds whatever the date one counts from; else `None`.

        Twelve months are at least 365 days and at most 366 (n months: see `_days_in`).
        """
        months, days = self.months - other.months, self.days - other.days
        if months == 0 or days == 0 or (months > 0) == (days > 0):
            whole = months or days
            return (whole > 0) - (whole < 0)
        least, most = _days_in(abs(months))
        if months < 0:
            least, most = -most, -least
        if least + days > 0:
            return 1
        if most + days < 0:
            return -1
        return None

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.months + other.months, self.days + other.days)

    def __sub__(self, other: Duration) -> Duration:
        return Duration(self.months - other.months, self.days - other.days)

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days)

    def __mul__(self, number: int) -> Duration:
        return Duration(self.months * number, self.days * number)

    def iso(self) -> str:
        """ISO 8601: ``P3Y``, ``P1Y6M``, ``P30D``; zero is ``P0D``.

        A duration whose months and days have opposite signs is written with a sign inside,
        which ISO 8601 lacks and `parse_iso` refuses; no fact can be one.
        """
        if self.is_zero:
            return "P0D"
        sign = "-" if self.months <= 0 and self.days <= 0 else ""
        months, days = (-self.months, -self.days) if sign else (self.months, self.days)
        years, rest = divmod(months, 12) if months >= 0 else (0, months)
        parts = ((years, "Y"), (rest, "M"), (days, "D"))
        return f"{sign}P" + "".join(f"{n}{letter}" for n, letter in parts if n)

    @classmethod
    def parse_iso(cls, text: str) -> Duration:
        """Read ``P3Y``, ``P6M``, ``P2W``, ``P30D``, ``P6M1D``.

        Raises:
            ValueError: not such a text, or a number of more than six digits.
        """
        found = _ISO_DURATION.fullmatch(text)
        if found is None:
            raise ValueError(f"not a duration: {text[:40]!r}")
        years, months, weeks, days = (int(part or 0) for part in found.groups()[1:])
        whole = cls.of(years=years, months=months, weeks=weeks, days=days)
        return -whole if found[1] else whole

    def french(self) -> str:
        """``3 ans``, ``1 an et 6 mois``, ``6 mois et 1 jour``, ``0 jour``."""
        sign = "-" if self.months <= 0 and self.days <= 0 and not self.is_zero else ""
        months, days = (-self.months, -self.days) if sign else (self.months, self.days)
        years, rest = divmod(months, 12) if months >= 0 else (0, months)
        parts = []
        if years:
            parts.append(f"{years} an" + ("s" if years > 1 else ""))
        if rest:
            parts.append(f"{rest} mois")
        if days or not parts:
            parts.append(f"{days} jour" + ("s" if abs(days) > 1 else ""))
        return sign + " et ".join(parts)


def _days_in(months: int) -> tuple[int, int]:
    """Least and greatest number of days that *months* months last, over 400 years of calendar."""
    from .dates import days_in_months

    return days_in_months(months)


def terminates(number: Fraction) -> bool:
    """Whether *number* has a finite decimal expansion."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def decimal_text(number: Fraction | int) -> str:
    """``0.65``: exact decimal text when there is one, else ``2/3``."""
    number = Fraction(number)
    if not terminates(number):
        return f"{number.numerator}/{number.denominator}"
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    digits = str(abs(number.numerator * 10**places // number.denominator)).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def parse_decimal(text: str) -> Fraction:
    """Read ``0.65``.

    Raises:
        ValueError: not such a text, or more than 30 digits.
    """
    if len(text) > 32 or not re.fullmatch(r"[+-]?\d+(\.\d+)?", text, re.ASCII):
        raise ValueError(f"not a decimal number: {text[:40]!r}")
    return Fraction(text)


def french_decimal(number: Fraction | int) -> str:
    """``2,5``."""
    return decimal_text(number).replace(".", ",")


def french_rate(rate: Fraction | int) -> str:
    """``65 %``."""
    return f"{french_decimal(Fraction(rate) * 100)} %"
