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
période            `dates.DateRange`
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


@attrs.frozen(order=True)
class Amount:
    """An amount of money, in whole cents."""

    cents: int

    @classmethod
    def of(cls, euros: str | int | Decimal) -> Amount:
        """Read an amount in euros: ``"344.10"``, ``344`` or ``Decimal("344.10")``.

        Raises:
            ValueError: not such a text, more than two decimals, more than 15 digits of euros,
                a boolean or a float.
        """
        if isinstance(euros, bool) or not isinstance(euros, (str, int, Decimal)):
            raise ValueError(f"not an amount: {type(euros).__name__}")  # noqa: TRY004  (data, not code)
        if isinstance(euros, Decimal) and euros.is_finite() and euros.adjusted() > 15:
            # Refused before it is written out: `1E+999999` would be a million digits.
            raise ValueError("not an amount: too large")
        text = f"{euros:f}" if isinstance(euros, Decimal) else str(euros)
        found = re.fullmatch(r"([+-]?)(\d{1,15})(?:\.(\d{1,2}))?", text, re.ASCII)
        if found is None:
            raise ValueError(f"not an amount of euros and cents: {text[:40]!r}")
        cents = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
        return cls(-cents if found[1] == "-" else cents)

    @classmethod
    def from_exact(cls, cents: Fraction, rounding: Rounding) -> Amount:
        """The amount that an exact amount (a fraction of *cents*) rounds to."""
        return cls(round_to(cents, 1, rounding))

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
        if not isinstance(number, int):
            return NotImplemented  # by a fraction it is an exact amount: multiply `exact`
        return Amount(self.cents * number)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02d}"

    def french(self) -> str:
        """``1 234,56 €``, with plain spaces: the language reads it again."""
        sign = "-" if self.cents < 0 else ""
        euros = f"{abs(self.cents) // 100:,}".replace(",", " ")
        return f"{sign}{euros},{abs(self.cents) % 100:02d} €"


_ISO_DURATION = re.compile(
    r"(-)?P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?", re.ASCII
)


@attrs.frozen
class Duration:
    """A length of calendar time: whole months (years are twelve of them) and whole days.

    Durations have no total order: months and days compare only from a date (`compare` here,
    `dates.compare_from` there).
    """

    months: int
    days: int

    @classmethod
    def of(cls, *, years: int = 0, months: int = 0, weeks: int = 0, days: int = 0) -> Duration:
        """Years fold into months, weeks into days."""
        return cls(12 * years + months, 7 * weeks + days)

    @property
    def is_zero(self) -> bool:
        return self.months == 0 and self.days == 0

    def compare(self, other: Duration) -> int | None:
        """-1, 0 or 1 when the order needs no date; else `None`.

        Months compare with months and days with days; zero with both. ``6 mois`` with
        ``200 jours`` is `None`, although the calendar would decide it: the language asks from
        when one counts. ``6 mois et 1 jour`` is more than ``6 mois``, being as long in each part
        and longer in one; gaps of tables are looked for just above and below their bounds.
        """
        months, days = self.months - other.months, self.days - other.days
        if months * days < 0:
            return None
        whole = months or days
        return (whole > 0) - (whole < 0)

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.months + other.months, self.days + other.days)

    def __sub__(self, other: Duration) -> Duration:
        return Duration(self.months - other.months, self.days - other.days)

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days)

    def __mul__(self, number: int) -> Duration:
        if not isinstance(number, int):
            return NotImplemented
        return Duration(self.months * number, self.days * number)

    def iso(self) -> str:
        """ISO 8601: ``P3Y``, ``P1Y6M``, ``P30D``; zero is ``P0D``.

        Negative: ``-P3D``.

        Raises:
            ValueError: months and days of opposite signs (``6 mois - 1 jour``). ISO 8601 has no
                such text, and ``P6M-1D`` is never written. No fact can be one; a difference can.
        """
        if self._mixed:
            raise ValueError("a duration of opposite signs has no ISO 8601 text")
        if self.is_zero:
            return "P0D"
        years, months, days = self._parts()
        sign = "-" if self.months < 0 or self.days < 0 else ""
        parts = ((years, "Y"), (months, "M"), (days, "D"))
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
        """``3 ans``, ``1 an et 6 mois``, ``6 mois et 1 jour``, ``0 jour``; ``-3 jours``.

        Of opposite signs, as a difference: ``6 mois - 1 jour``, ``1 jour - 6 mois``.
        """
        years, months, days = self._parts()
        calendar = [f"{years} an" + ("s" if years > 1 else "")] if years else []
        calendar += [f"{months} mois"] if months else []
        daily = [f"{days} jour" + ("s" if days > 1 else "")] if days or not calendar else []
        if self._mixed:
            longer, shorter = (calendar, daily) if self.months > 0 else (daily, calendar)
            return f"{' et '.join(longer)} - {' et '.join(shorter)}"
        return ("-" if self.months < 0 or self.days < 0 else "") + " et ".join(calendar + daily)

    @property
    def _mixed(self) -> bool:
        return self.months * self.days < 0

    def _parts(self) -> tuple[int, int, int]:
        """Years, months and days, without their signs."""
        return *divmod(abs(self.months), 12), abs(self.days)


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
