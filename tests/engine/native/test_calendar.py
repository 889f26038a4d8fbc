"""The calendar in machine code reckons as `lexald.dsl.dates` does."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("llvmlite")

import numpy as np
from llvmlite import ir

from lexald.dsl.dates import DateOverflow, add_duration, months_between
from lexald.dsl.values import Duration
from lexald.engine.native.calendar import Calendar
from lexald.engine.native.code import FLAGS, I64, ODD
from lexald.engine.native.machine import compiled

DAYS = st.dates().map(date.toordinal)


@cache
def functions() -> dict[str, Callable[..., tuple[int, bool]]]:
    """Functions of numbers: what they give, and whether it is not plain."""
    module = ir.Module("calendar")
    calendar = Calendar(module)
    written: dict[str, tuple[int, Callable[..., Any]]] = {
        "month": (1, lambda b, flags, day: calendar.month_of(b, day)),
        "day": (1, lambda b, flags, day: calendar.day_in_month(b, day)),
        "first": (1, lambda b, flags, month: calendar.first_of(b, month)),
        "shifted": (3, lambda b, flags, day, m, d: calendar.shifted(b, flags, day, m, d, False)),
        "shifted up": (3, lambda b, flags, day, m, d: calendar.shifted(b, flags, day, m, d, True)),
        "months": (2, lambda b, flags, *told: calendar.months_between(b, flags, *told)),
    }
    for name, (n, write) in written.items():
        kind = ir.FunctionType(I64, [I64.as_pointer(), *[I64] * n])
        function = ir.Function(module, kind, name)
        b = ir.IRBuilder(function.append_basic_block())
        b.ret(write(b, *function.args))
    library = compiled(str(module))

    def calling(name: str, n: int) -> Callable[..., tuple[int, bool]]:
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, *[ctypes.c_int64] * n)
        call = kind(library.get_function_address(name))

        def called(*told: int) -> tuple[int, bool]:
            assert library is not None
            flags = np.zeros(FLAGS, np.int64)
            found = call(flags.ctypes.data, *told)
            return found, bool(flags[ODD])

        return called

    return {name: calling(name, n) for name, (n, _) in written.items()}


@given(DAYS)
@example(1)
@example(date.max.toordinal())
@example(date(2000, 2, 29).toordinal())
def test_months_and_days(number: int) -> None:
    day = date.fromordinal(number)
    month = 12 * day.year + day.month - 1
    assert functions()["month"](number) == (month, False)
    assert functions()["day"](number) == (day.day, False)
    assert functions()["first"](month) == (day.replace(day=1).toordinal(), False)


@given(DAYS, st.integers(-1500, 1500), st.integers(-4000, 4000), st.booleans())
@example(date(2023, 1, 31).toordinal(), 1, 0, True)
@example(date.max.toordinal(), 0, 1, False)
@example(1, -1, 0, False)
def test_a_day_and_a_duration(number: int, months: int, days: int, round_up: bool) -> None:
    found, odd = functions()["shifted up" if round_up else "shifted"](number, months, days)
    try:
        day = add_duration(date.fromordinal(number), Duration(months, days), round_up=round_up)
    except DateOverflow:
        assert odd
    else:
        assert (found, odd) == (day.toordinal(), False)


@given(DAYS, DAYS)
@example(date(2024, 1, 31).toordinal(), date(2024, 2, 29).toordinal())
def test_months_between_two_days(start: int, end: int) -> None:
    expected = months_between(date.fromordinal(start), date.fromordinal(end))
    assert functions()["months"](start, end) == (expected, False)
