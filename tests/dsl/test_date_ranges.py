"""Periods as values: both ends in, perhaps none, perhaps no day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexald.dsl.dates import DateRange

days = st.dates(date(1990, 1, 1), date(1990, 3, 1))


@st.composite
def ranges(draw: st.DrawFn) -> DateRange:
    """Some of no day, some without end."""
    first = draw(days)
    length = draw(st.none() | st.integers(-1, 20))
    return DateRange(first, None if length is None else first + timedelta(days=length))


def held(found: DateRange) -> set[date]:
    """The days of *found*, up to a day that is later than all that the tests look at."""
    last = found.last or date(1991, 1, 1)
    return {found.first + timedelta(days=n) for n in range((last - found.first).days + 1)}


@given(ranges(), ranges())
def test_what_two_have_in_common_is_what_both_hold(a: DateRange, b: DateRange) -> None:
    assert held(a.common(b)) == held(a) & held(b)
    assert held(b.common(a)) == held(a) & held(b)


@given(ranges().filter(lambda found: found.last is not None))
def test_its_days_are_listed_in_order(found: DateRange) -> None:
    assert list(found.days()) == sorted(held(found))
    assert found.n_days == len(found.days())
    assert found.is_empty == (found.days() == ())


def test_it_may_end_on_the_eve_of_its_start_and_no_earlier() -> None:
    assert DateRange(date(2024, 3, 5), date(2024, 3, 4)).is_empty
    with pytest.raises(ValueError, match="ends before"):
        DateRange(date(2024, 3, 5), date(2024, 3, 3))


def test_the_first_and_the_last_day_of_the_calendar_do_no_harm() -> None:
    whole = DateRange(date.min, date.max)
    assert whole.common(DateRange(date.max, None)) == DateRange(date.max, date.max)
    assert DateRange(date.max, date.max).days() == (date.max,)


def test_the_words_of_the_language() -> None:
    assert DateRange(date(2024, 2, 1), date(2025, 3, 3)).french() == "du 01/02/2024 au 03/03/2025"
    assert DateRange(date(2024, 2, 1), None).french() == "à partir du 01/02/2024"


def test_the_text_of_data() -> None:
    assert DateRange(date(2024, 2, 1), date(2025, 3, 3)).iso() == "2024-02-01/2025-03-03"
    assert DateRange(date(2024, 2, 1), None).iso() == "2024-02-01/.."
