"""The calendar, as functions of machine code; as `lexald.dsl.dates` reckons.

Days are numbers (`date.toordinal`); a month is 12 × its year, and its place in the year from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from ..periods import NEVER
from .code import I64, ODD, number

_FIRST_MONTH, _LAST_MONTH = 12, 9999 * 12 + 11


class Calendar:
    """Functions of *module*, each written when it is first asked for."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self._made: dict[str, Any] = {}

    def month_of(self, b: Any, day: Any) -> Any:
        return b.call(self._get("month_of", 1, self._month_of), [day])

    def day_in_month(self, b: Any, day: Any) -> Any:
        """From 1."""
        return b.call(self._get("day_in_month", 1, self._day_in_month), [day])

    def first_of(self, b: Any, month: Any) -> Any:
        """The first day of *month*."""
        return b.call(self._get("first_of", 1, self._first_of), [month])

    def shifted(self, b: Any, flags: Any, day: Any, months: Any, days: Any, round_up: bool) -> Any:
        """*day* and a duration; not plain where it leaves the calendar."""
        name = "shifted_up" if round_up else "shifted"
        function = self._get(name, 3, lambda f, b: self._shifted(f, b, round_up), flags=True)
        return b.call(function, [flags, day, months, days])

    def months_between(self, b: Any, flags: Any, start: Any, end: Any) -> Any:
        function = self._get("months_between", 2, self._months_between, flags=True)
        return b.call(function, [flags, start, end])

    def _get(
        self, name: str, arguments: int, write: Callable[[Any, Any], Any], *, flags: bool = False
    ) -> Any:
        function = self._made.get(name)
        if function is None:
            kinds = [I64.as_pointer()] * flags + [I64] * arguments
            function = ir.Function(self.module, ir.FunctionType(I64, kinds), f"calendar_{name}")
            function.linkage = "internal"
            self._made[name] = function
            b = ir.IRBuilder(function.append_basic_block("entry"))
            b.ret(write(function, b))
        return function

    # ── civil days ───────────────────────────────────────────────────────────────────────
    # Years begin in March, so that the day that leap years add is the last one. All is positive.

    def _of_era(self, b: Any, day: Any) -> tuple[Any, Any]:
        """The year of *day*, begun in March of year 0; and the day in it, from 0."""
        whole = b.add(day, number(305))
        era = b.udiv(whole, number(146_097))
        in_era = b.urem(whole, number(146_097))
        leaps = b.udiv(in_era, number(1460))
        centuries = b.udiv(in_era, number(36_524))
        ages = b.udiv(in_era, number(146_096))
        years = b.udiv(b.sub(b.add(b.sub(in_era, leaps), centuries), ages), number(365))
        before = b.sub(
            b.add(b.mul(years, number(365)), b.udiv(years, number(4))), b.udiv(years, number(100))
        )
        return b.add(years, b.mul(era, number(400))), b.sub(in_era, before)

    def _since_march(self, b: Any, in_year: Any) -> Any:
        """How many months after March."""
        return b.udiv(b.add(b.mul(in_year, number(5)), number(2)), number(153))

    def _month_of(self, function: Any, b: Any) -> Any:
        year, in_year = self._of_era(b, function.args[0])
        month = b.add(b.mul(year, number(12)), number(2))
        return b.add(month, self._since_march(b, in_year))

    def _day_in_month(self, function: Any, b: Any) -> Any:
        _, in_year = self._of_era(b, function.args[0])
        month = self._since_march(b, in_year)
        before = b.udiv(b.add(b.mul(month, number(153)), number(2)), number(5))
        return b.add(b.sub(in_year, before), number(1))

    def _first_of(self, function: Any, b: Any) -> Any:
        since = b.sub(function.args[0], number(2))  # months since March of year 0
        year, month = b.udiv(since, number(12)), b.urem(since, number(12))
        era, in_era = b.udiv(year, number(400)), b.urem(year, number(400))
        days = b.udiv(b.add(b.mul(month, number(153)), number(2)), number(5))
        for part in (
            b.mul(in_era, number(365)), b.udiv(in_era, number(4)), b.mul(era, number(146_097)),
        ):  # fmt: skip
            days = b.add(days, part)
        return b.sub(b.sub(days, b.udiv(in_era, number(100))), number(305))

    # ── durations ────────────────────────────────────────────────────────────────────────

    def _shifted(self, function: Any, b: Any, round_up: bool) -> Any:
        flags, day, months, days = function.args
        month = b.add(self.month_of(b, day), months)
        inside = b.and_(
            b.icmp_signed(">=", month, number(_FIRST_MONTH)),
            b.icmp_signed("<=", month, number(_LAST_MONTH)),
        )
        month = b.select(inside, month, number(_FIRST_MONTH))
        first = self.first_of(b, month)
        length = b.sub(self.first_of(b, b.add(month, number(1))), first)
        in_month = self.day_in_month(b, day)
        late = b.icmp_signed(">", in_month, length)
        reached = b.select(late, b.add(length, number(int(round_up))), in_month)
        found = b.add(b.sub(b.add(first, reached), number(1)), days)
        exists = b.and_(
            b.icmp_signed(">=", found, number(1)), b.icmp_signed("<", found, number(NEVER))
        )
        good = b.and_(inside, exists)
        with b.if_then(b.not_(good), likely=False):
            b.store(number(1), b.gep(flags, [number(ODD)]))
        return b.select(good, found, number(1))

    def _months_between(self, function: Any, b: Any) -> Any:
        flags, start, end = function.args
        backwards = b.icmp_signed("<", end, start)
        first = b.select(backwards, end, start)
        last = b.select(backwards, start, end)
        months = b.sub(self.month_of(b, last), self.month_of(b, first))
        reached = self.shifted(b, flags, first, months, number(0), False)
        past = b.zext(b.icmp_signed(">", reached, last), I64)
        months = b.sub(months, past)
        return b.select(backwards, b.neg(months), months)
