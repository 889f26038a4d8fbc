"""Values as people read them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lexald.dsl.types import EXACT
from lexald.engine.rendering import to_french

from .laws import program_of, small_law


@pytest.mark.parametrize(
    ("cents", "told"),
    [
        (Fraction(1234), "12,34 €"),
        (Fraction(12345, 10), "12,345 €"),
        (Fraction(258000, 73), "35,3424… €"),
        (Fraction(-258000, 73), "-35,3424… €"),
        (Fraction(-1, 3000), "-0… €"),
    ],
)
def test_an_amount_not_rounded_yet_shows_its_first_decimals(cents: Fraction, told: str) -> None:
    assert to_french(cents, EXACT, program_of(small_law())) == told
