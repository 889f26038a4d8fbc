"""The text of a law: functions, each written once, data, days, and where each line comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from lexald.dsl.source import NOWHERE, Span


class Function:
    """A function that is being written."""

    def __init__(self, writer: Writer, arguments: str, span: Span, about: str, stem: str) -> None:
        self.writer = writer
        self.arguments = arguments
        self.about = about
        self.stem = stem
        self.body: list[tuple[str, Span]] = []
        self.needs: set[str] = set()
        self.span = span
        self._temporaries = 0

    def temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def mark(self) -> int:
        """How many temporaries there are, for `back_to`."""
        return self._temporaries

    def back_to(self, mark: int) -> None:
        """Names of temporaries are given again, in lines that are never run together."""
        self._temporaries = mark

    def uses(self, *names: str) -> None:
        """The day and the functions of the element are read: `on`, `K`."""
        self.needs.update(names)

    def lines(self, lines: Sequence[str], span: Span) -> None:
        self.body += [(line, span if span is not NOWHERE else self.span) for line in lines]

    def close(self) -> str:
        """Its name; that of another with the same text, if there is one."""
        return self.writer.closed(self)


@attrs.frozen
class Written:
    """A function that is written: its lines, with what each was written from."""

    name: str
    arguments: str
    about: str
    span: Span
    body: Sequence[tuple[str, Span]]


class Writer:
    def __init__(self) -> None:
        self.functions: list[Written] = []
        self._by_text: dict[tuple[str, tuple[str, ...]], str] = {}
        self._days: dict[date, str] = {}
        self._data: dict[str, str] = {}
        self.units: list[tuple[tuple[date, ...], tuple[str, ...]]] = []

    def function(self, arguments: str, span: Span, about: str, *, stem: str) -> Function:
        return Function(self, arguments, span, about, stem)

    def closed(self, function: Function) -> str:
        prologue = []
        if function.arguments == "e":
            prologue += ["on = e[0]"] if "on" in function.needs else []
            prologue += ["K = e[1]"] if "K" in function.needs else []
        body = [(line, function.span) for line in prologue] + function.body
        key = (function.arguments, tuple(line for line, _ in body))
        name = self._by_text.get(key)
        if name is None:
            name = self._by_text[key] = f"{function.stem}_{len(self.functions)}"
            self.functions.append(
                Written(name, function.arguments, function.about, function.span, body)
            )
        return name

    def day(self, day: date) -> str:
        return self._days.setdefault(
            day, f"D{day:%Y%m%d}" if day.year > 999 else f"D{day.toordinal()}"
        )

    def data(self, text: str) -> str:
        """The name of a constant of the module."""
        return self._data.setdefault(text, f"T{len(self._data)}")

    def unit(self, days: Sequence[date], names: Sequence[str]) -> int:
        """A new unit: its functions, stretch by stretch; those that are alike are put together."""
        kept_days: list[date] = []
        kept = [names[0]]
        for day, name in zip(days, names[1:], strict=True):
            if name != kept[-1]:
                kept_days.append(day)
                kept.append(name)
        self.units.append((tuple(kept_days), tuple(kept)))
        return len(self.units) - 1

    def reserve(self, number: int) -> None:
        """Leave place for *number* units, which are set later."""
        self.units += [((), ())] * number

    def set_unit(self, unit: int, days: Sequence[date], names: Sequence[str]) -> None:
        self.unit(days, names)
        self.units[unit] = self.units.pop()

    def days(self) -> list[tuple[date, str]]:
        """The days that texts name, in order, each with its name."""
        return sorted(self._days.items())

    def constants(self) -> list[tuple[str, str]]:
        """The data that texts name, each with its name; one is after those that it is made of."""
        return list(self._data.items())
