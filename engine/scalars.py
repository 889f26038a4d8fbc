"""Scalar facts, out of plain data: each read as its declared type, strictly.

Generated readers take the commonest texts themselves, and the rest from here: this module is light.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from lexald.dsl.dates import DateRange
from lexald.dsl.quantities import Amount, Duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction
    from typing import Any

# Limits of ours. *MAX_DEPTH* is that of what is read them from.
MAX_DEPTH = 40
MAX_TEXT = 10_000
MAX_WHOLE = 10**18

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FRENCH_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII)


class Plain(str):
    """A YAML scalar without quotation marks: its declared type says how to read it."""

    __slots__ = ()


class Wrong(Exception):
    """The value is not of the type; *hint*: how to write one."""

    def __init__(self, hint_fr: str = "", hint_en: str = "") -> None:
        super().__init__()
        self.hint = (hint_fr, hint_en)


class Backwards(Exception):
    """A period that ends before it starts."""


def read_day(value: Any) -> date | None:
    """A date, or its ISO text ``2016-06-01``; `None` for anything else."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return None
    return None


def scalar(kind: str, value: Any) -> Any:
    """*value* as *kind*, the word of the language for it; `None` when it is none."""
    try:
        return READERS[kind](value)
    except (Wrong, Backwards):
        return None


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, Plain) and value in ("true", "false", "vrai", "faux"):
        return value in ("true", "vrai")
    raise Wrong("écrire `true` ou `false`", "write `true` or `false`")


def _int(value: Any) -> int:
    if isinstance(value, Plain) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_WHOLE:
        return value
    raise Wrong("écrire un nombre entier, sans guillemets : `3`", "write a whole number: `3`")


def _fraction(value: Any) -> Fraction:
    from decimal import Decimal
    from fractions import Fraction

    from lexald.dsl.values import parse_decimal

    if isinstance(value, str):
        try:
            return parse_decimal(str(value))
        except ValueError:
            pass
    elif isinstance(value, Decimal):
        if value.is_finite() and abs(value.adjusted()) <= 30:
            return Fraction(value)
    elif isinstance(value, int | Fraction) and not isinstance(value, bool):
        found = Fraction(value)
        if abs(found) < MAX_WHOLE:
            return found
    raise Wrong(
        'écrire un texte avec un point, jamais un flottant : `"0.65"` pour 65 %',
        'write a text with a point, never a float: `"0.65"` for 65 %',
    )


def _amount(value: Any) -> Amount:
    if isinstance(value, Amount) and type(value.cents) is int:
        return value
    try:
        return Amount.of(str(value) if isinstance(value, str) else value)
    except ValueError:
        raise Wrong(
            'écrire des euros en texte, avec un point : `"344.10"`',
            'write euros as text, with a point: `"344.10"`',
        ) from None


def _date(value: Any) -> date:
    day = read_day(value)
    if day is not None:
        return day
    if isinstance(value, str) and _FRENCH_DATE.fullmatch(value):
        raise Wrong(
            "ici l'année vient d'abord : `2016-06-01`", "the year comes first: `2016-06-01`"
        )
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        raise Wrong("le calendrier n'a pas ce jour", "the calendar has no such day")
    raise Wrong("écrire l'année, le mois, le jour : `2016-06-01`", "write `2016-06-01`")


def _duration(value: Any) -> Duration:
    if isinstance(value, Duration) and value.months * value.days >= 0:
        return value
    if isinstance(value, str):
        try:
            return Duration.parse_iso(str(value))
        except ValueError:
            pass
    raise Wrong(
        "écrire une durée ISO 8601 : `P3Y`, `P6M`, `P30D`", "write an ISO 8601 duration: `P6M`"
    )


def _range(value: Any) -> DateRange:
    first, last, ends = None, None, True
    if isinstance(value, DateRange):
        if value.is_empty:
            raise Backwards
        return value
    if isinstance(value, str):
        begins, _, ending = str(value).partition("/")
        ends = ending != ".."
        first, last = read_day(begins), read_day(ending)
    elif isinstance(value, Sequence) and len(value) == 2:
        # Objects of Python only: what JSON and YAML hold is text.
        first, last = (read_day(day) if isinstance(day, date) else None for day in value)
        ends = value[1] is not None
    if first is None or (ends and last is None):
        raise Wrong(*_RANGE)
    if last is not None and last < first:
        raise Backwards
    return DateRange(first, last)


_RANGE = (
    "écrire le premier jour, une barre, le dernier : `2024-02-01/2025-03-03`",
    "write the first day, a slash, the last: `2024-02-01/2025-03-03`",
)


def _period(value: Any) -> DateRange:
    found = _range(value)
    if found.last is None:
        raise Wrong(
            "celle-ci doit avoir une fin ; si la fin n'est pas connue, retirer la clé",
            "this one must have an end; if the end is unknown, leave the key out",
        )
    return found


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) <= MAX_TEXT:
        return str(value)
    raise Wrong("écrire un texte entre guillemets", "write a text in quotation marks")


# By the word of the language for the type.
READERS: dict[str, Callable[[Any], Any]] = {
    "booléen": _bool,
    "entier": _int,
    "décimal": _fraction,
    "taux": _fraction,
    "montant": _amount,
    "date": _date,
    "durée": _duration,
    "période": _period,
    "période avec ou sans fin": _range,
    "texte": _text,
}
