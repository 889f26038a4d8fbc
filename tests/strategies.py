"""Random situations of a law, as the plain data that the engine reads."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from lexald.dsl.checker import dates_of
from lexald.dsl.dates import DateRange
from lexald.dsl.program import Field, Program
from lexald.dsl.types import EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Amount, decimal_text

FEW = 3  # elements in a list
DURATIONS = ["P0D", "P5D", "P6M", "P12M", "P2Y", "P5Y", "P10Y", "P30D", "P8D", "P6M1D"]


def days(program: Program) -> st.SearchStrategy[date]:
    """Days on which the law changes, those just before and after, and any other."""
    edges = [day + timedelta(days=shift) for day in dates_of(program) for shift in (-1, 0, 1)]
    return st.one_of(
        *([st.sampled_from(edges)] if edges else []), st.dates(date(2000, 1, 1), date(2030, 12, 31))
    )


def situations(program: Program) -> st.SearchStrategy[dict[str, Any]]:
    """Facts told or not, absent where they may be, lists of a few elements."""
    return _fields(program, dict(program.roots), days(program))


def _fields(
    program: Program, fields: dict[str, Field], day: st.SearchStrategy[date]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {}, optional={name: _value(program, field, day) for name, field in fields.items()}
    )


def _value(program: Program, field: Field, day: st.SearchStrategy[date]) -> st.SearchStrategy[Any]:
    values = _of(program, field.type, field, day)
    return st.one_of(st.none(), values) if field.optional else values


def _of(
    program: Program, kind: Type, field: Field, day: st.SearchStrategy[date]
) -> st.SearchStrategy[Any]:
    match kind:
        case ListType():
            return st.lists(_of(program, kind.item, field, day), max_size=FEW)
        case EntityType():
            return _fields(program, dict(program.entities[kind.name].fields), day)
        case EnumType():
            return st.sampled_from(sorted(program.enumerations[kind.name].members))
    assert isinstance(kind, Scalar)
    low, high = field.bounds or (None, None)
    match kind.kind:
        case Kind.BOOL:
            return st.booleans()
        case Kind.INT:
            return st.integers(
                low if isinstance(low, int) else 0, high if isinstance(high, int) else 60
            )
        case Kind.AMOUNT:
            return st.integers(0, 30_000).map(lambda cents: str(Amount(cents)))
        case Kind.RATE:
            return st.sampled_from(["0", "0.15", "0.60", "0.65", "0.70", "1"])
        case Kind.DECIMAL:
            least = int(low * 10) if isinstance(low, int | Fraction) else 0
            most = int(high * 10) if isinstance(high, int | Fraction) else 1000
            return st.integers(least, most).map(_tenths)
        case Kind.DATE:
            return day.map(lambda found: found.isoformat())
        case Kind.DURATION:
            return st.sampled_from(DURATIONS)
        case Kind.PERIOD:
            return st.builds(_range, day, st.integers(0, 500))
        case Kind.OPEN_PERIOD:
            return st.builds(_range, day, st.none() | st.integers(0, 500))
    return st.sampled_from(["a", "b", "kiné", "diabète"])


def _range(first: date, n_days: int | None) -> str:
    last = None if n_days is None else first + timedelta(days=n_days)
    return DateRange(first, last).iso()


def _tenths(number: int) -> str:
    return decimal_text(Fraction(number, 10))


@st.composite
def poorer(draw: st.DrawFn, data: Any) -> Any:
    """*data* with facts taken away: what was told before it."""
    if isinstance(data, dict):
        return {
            key: draw(poorer(value)) for key, value in data.items() if draw(st.integers(0, 9)) > 1
        }
    if isinstance(data, list):
        told = [draw(poorer(item)) for item in data]
        if told and isinstance(told[0], dict) and draw(st.integers(0, 9)) == 0:
            return [*told[: draw(st.integers(0, len(told)))], "…"]
        return told
    return data
