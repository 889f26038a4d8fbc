"""The count of a population: a value that adds up, and that reads as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any

import attrs

from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.program import Indicator, Program, Ratio

from .counting import Counter, Key, Sum, Tally, figures, measured
from .explain.to_json import basis_to_json
from .outcomes import NotApplicable, Outcome, Unknown
from .prover import basis_of
from .rendering import value_to_json

FORMAT = 1
# Refused situations whose reasons are kept; the others are counted only.
KEPT = 20


@attrs.frozen
class Refusal:
    """A situation that does not fit, or that the law says cannot be. *rank* counts from 0."""

    rank: int
    diagnostics: tuple[Diagnostic, ...]


@attrs.frozen
class Figure:
    """One indicator over a population.

    Attributes:
        name: the indicator's name in the law.
        label: what it is, in the words of the law.
        keys: what it is broken down by; empty for one number.
        values: key → number, amount, or (for a ratio) a fraction, `Unknown` or `NotApplicable`.
            A key is a tuple, as long as `keys`.
        is_complete: every situation is counted; for a ratio, on both its sides.
        unknown, conflict, error: situations that it could not count, which add nothing to
            `values`.
    """

    name: str
    label: str
    keys: tuple[str, ...]
    values: Mapping[Key, Outcome]
    is_complete: bool
    unknown: int = 0
    conflict: int = 0
    error: int = 0

    @property
    def value(self) -> Outcome:
        """The number of an indicator that is not broken down.

        Raises:
            ValueError: it is broken down: read `values`.
        """
        if self.keys:
            raise ValueError(f"`{self.name}` is broken down by {', '.join(self.keys)}")
        return self.values[()]


@attrs.frozen(eq=False)
class Count:
    """Indicators over a population, at the law of one day. Immutable.

    Attributes:
        on: the date of law.
        situations: how many were given.
        refused: how many of them did not fit, or cannot be; no indicator counts them.
        refusals: why, for the first of them.
    """

    on: date
    situations: int
    refused: int
    refusals: tuple[Refusal, ...] = attrs.field(repr=False)
    _program: Program = attrs.field(repr=False)
    _names: tuple[str, ...] = attrs.field(repr=False)
    _tallies: Mapping[str, Tally] = attrs.field(repr=False)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The names of the indicators counted."""
        return self._names

    def __getitem__(self, name: str) -> Figure:
        """One indicator.

        Raises:
            KeyError: it was not counted.
        """
        if name not in self._names:
            raise KeyError(name)
        indicator = self._program.indicators[name]
        keys = tuple(key.name for key in self._program.keys_of(name))
        values = figures(self._program, name, self._tallies, self.refused)
        label = indicator.label
        sides = [self._tallies[side] for side in measured(self._program, [name])]
        is_complete = not self.refused and not any(side.apart for side in sides)
        if isinstance(indicator.measure, Ratio):
            return Figure(name, label, keys, values, is_complete)
        (tally,) = sides
        return Figure(
            name, label, keys, values, is_complete, tally.unknown, tally.conflict, tally.error
        )

    @property
    def is_complete(self) -> bool:
        """Whether no situation is refused, and each indicator counts every one."""
        return not self.refused and not any(tally.apart for tally in self._tallies.values())

    def merge(self, other: Count) -> Count:
        """The count of both populations, those of *other* after these.

        Raises:
            ValueError: another law, day or choice of indicators.
        """
        if (self._program.hash, self.on, self._names) != (
            other._program.hash,
            other.on,
            other._names,
        ):
            raise ValueError("counts of another law, day or choice of indicators do not add up")
        shifted = (
            attrs.evolve(refusal, rank=refusal.rank + self.situations) for refusal in other.refusals
        )
        return Count(
            self.on,
            self.situations + other.situations,
            self.refused + other.refused,
            tuple(islice((*self.refusals, *shifted), KEPT)),
            self._program,
            self._names,
            {name: tally.merge(other._tallies[name]) for name, tally in self._tallies.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """The count as plain data, ready for JSON: see the page of formats."""
        from lexald import __version__

        return {
            "on": self.on.isoformat(),
            "situations": self.situations,
            "refused": self.refused,
            "indicators": {name: self._data(name) for name in self._names},
            "format": FORMAT,
            "engine": __version__,
            "policies": self._program.hash,
        }

    def _data(self, name: str) -> dict[str, Any]:
        figure, indicator = self[name], self._program.indicators[name]
        told: dict[str, Any] = {
            "label": figure.label,
            "type": str(indicator.type),
            "complete": figure.is_complete,
        }
        if figure.keys:
            kinds = [key.type for key in self._program.keys_of(name)]
            told["keys"] = list(figure.keys)
            told["values"] = [
                {
                    "key": [value_to_json(k, kind) for k, kind in zip(key, kinds, strict=True)],
                    **_number(found, indicator),
                }
                for key, found in figure.values.items()
            ]
        else:
            told |= _number(figure.values[()], indicator)
        if not isinstance(indicator.measure, Ratio):
            told |= {
                "not_counted": {
                    "unknown": figure.unknown,
                    "conflict": figure.conflict,
                    "error": figure.error,
                }
            }
        return told | basis_to_json(basis_of(self._program, indicator.notes, self.on))


def _number(found: Outcome, indicator: Indicator) -> dict[str, Any]:
    match found:
        case Unknown():
            if found.low is None or found.high is None:
                return {"unknown": {}}
            ends = [value_to_json(end, indicator.type) for end in (found.low, found.high)]
            return {"unknown": {"between": ends}}
        case NotApplicable():
            return {"not_applicable": {}}
    return {"value": value_to_json(found, indicator.type)}


class Counting:
    """A count in the making: situations are added one by one, and none is kept."""

    def __init__(self, program: Program, on: date, names: Iterable[str]) -> None:
        self.program = program
        self.on = on
        self.names = tuple(names)
        self.counter = Counter(program, measured(program, self.names))
        self.situations = 0
        self.refused = 0
        self.refusals: list[Refusal] = []
        self.sums = {name: Sum() for name in self.counter.measures}

    def refuse(self, diagnostics: Iterable[Diagnostic]) -> None:
        """A situation that cannot be used."""
        if len(self.refusals) < KEPT:
            self.refusals.append(Refusal(self.situations, tuple(diagnostics)))
        self.situations += 1
        self.refused += 1

    def add(self, tallies: Mapping[str, Tally]) -> None:
        """What one situation comes to."""
        self.situations += 1
        for name, tally in tallies.items():
            self.sums[name].add(tally)

    def count(self) -> Count:
        """What was added so far."""
        return Count(
            self.on,
            self.situations,
            self.refused,
            tuple(self.refusals),
            self.program,
            self.names,
            {name: found.tally() for name, found in self.sums.items()},
        )
