"""The one table of operators and built-in functions: what types they take, what they give.

The checker types with it, the interpreter evaluates with it, the reference lists it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import attrs

from . import dates
from .types import (
    AMOUNT,
    DATE,
    DECIMAL,
    DURATION,
    EXACT,
    INT,
    NUMBERS,
    PERIODS,
    RATE,
    Scalar,
    Type,
)


@attrs.frozen
class Function:
    """A built-in function of dates. *doc* is its line in the reference, in French."""

    name: str
    parameters: tuple[Scalar, ...]
    result: Scalar
    meaning: Callable[..., Any]
    doc: str


def _end_of_month(day: date) -> date:
    return day.replace(day=dates.days_in_month(day.year, day.month))


FUNCTIONS = {
    function.name: function
    for function in (
        Function("année", (DATE,), INT, lambda day: day.year, "l'année civile d'une date"),
        Function("mois", (DATE,), INT, lambda day: day.month, "le mois d'une date, de 1 à 12"),
        Function(
            "début_de_l_année", (DATE,), DATE, dates.first_of_year, "le 1er janvier de son année"
        ),
        Function(
            "fin_de_l_année", (DATE,), DATE, dates.last_of_year, "le 31 décembre de son année"
        ),
        Function("fin_du_mois", (DATE,), DATE, _end_of_month, "le dernier jour de son mois"),
    )
}


def result_type(operator: str, left: Type, right: Type) -> Type | None:
    """Type of ``left operator right``, for ``+ - × ÷``; `None` when there is none.

    A date and a duration are added or subtracted; two dates are subtracted only under
    ``en jours``, ``en mois entiers`` or ``en années entières``, which is not decided here.
    """
    if operator in "+-":
        if left == DATE and right == DURATION:
            return DATE
        if left == right and left in {INT, DECIMAL, RATE, AMOUNT, EXACT, DURATION}:
            return left
        if {left, right} == {INT, DECIMAL}:
            return DECIMAL
        if {left, right} == {AMOUNT, EXACT}:
            return EXACT
        return None
    if operator == "×":
        if left in NUMBERS and right in NUMBERS:
            if left == right:
                return left
            return RATE if {left, right} == {INT, RATE} else DECIMAL
        for one, other in ((left, right), (right, left)):
            if one == AMOUNT and other in NUMBERS:
                return AMOUNT if other == INT else EXACT
            if one == EXACT and other in NUMBERS:
                return EXACT
            if one == DURATION and other == INT:
                return DURATION
        return None
    if left in NUMBERS and right in NUMBERS:
        return DECIMAL
    if left in {AMOUNT, EXACT}:
        if right in NUMBERS:
            return EXACT
        if right in {AMOUNT, EXACT}:
            return DECIMAL
    return None


def comparable(left: Type, right: Type) -> bool:
    """Whether ``=`` and the order may stand between the two types."""
    if left == right:
        return True
    pair = {left, right}
    return pair <= {INT, DECIMAL} or pair == {AMOUNT, EXACT} or pair == PERIODS
