"""Amounts and durations: the values that a service reads and answers with.

This module imports nothing when it is imported, and makes no class by a decorator: a process that
starts to decide one thing pays for every import (`attrs` alone costs three empty Pythons). It is
why these classes are written by hand.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction
    from typing import NoReturn

    from .values import Rounding


class Frozen:
    """A value made of the attributes that ``__match_args__`` names, set once."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: {name}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), tuple(getattr(self, name) for name in self.__match_args__)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({told})"


_set = object.__setattr__


class Amount(Frozen):
    """An amount of money, in whole cents."""

    __slots__ = ("cents",)
    __match_args__ = ("cents",)
    cents: int

    def __init__(self, cents: int) -> None:
        _set(self, "cents", cents)

    def __eq__(self, other: object) -> bool:
        return self.cents == other.cents if isinstance(other, Amount) else NotImplemented

    def __hash__(self) -> int:
        return hash((Amount, self.cents))

    def __lt__(self, other: Amount) -> bool:
        return self.cents < other.cents if isinstance(other, Amount) else NotImplemented

    def __le__(self, other: Amount) -> bool:
        return self.cents <= other.cents if isinstance(other, Amount) else NotImplemented

    def __gt__(self, other: Amount) -> bool:
        return self.cents > other.cents if isinstance(other, Amount) else NotImplemented

    def __ge__(self, other: Amount) -> bool:
        return self.cents >= other.cents if isinstance(other, Amount) else NotImplemented

    @classmethod
    def of(cls, euros: str | int | Decimal) -> Amount:
        """Read an amount in euros: ``"344.10"``, ``344`` or ``Decimal("344.10")``.

        Raises:
            ValueError: not such a text, more than two decimals, more than 15 digits of euros,
                a boolean or a float.
        """
        import re
        from decimal import Decimal

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
        from .values import round_to

        return cls(round_to(cents, 1, rounding))

    @property
    def exact(self) -> Fraction:
        """The amount as a fraction of cents."""
        from fractions import Fraction

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


_ISO_DURATION = r"(-)?P(?=\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"


class Duration(Frozen):
    """A length of calendar time: whole months (years are twelve of them) and whole days.

    Durations have no total order: months and days compare only from a date (`compare` here,
    `dates.compare_from` there).
    """

    __slots__ = ("days", "months")
    __match_args__ = ("months", "days")
    months: int
    days: int

    def __init__(self, months: int, days: int) -> None:
        _set(self, "months", months)
        _set(self, "days", days)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Duration):
            return NotImplemented
        return self.months == other.months and self.days == other.days

    def __hash__(self) -> int:
        return hash((Duration, self.months, self.days))

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
        import re

        found = re.fullmatch(_ISO_DURATION, text, re.ASCII)
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
