"""What a casebook can prove of a law, unit by unit, and what it was found to prove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property

import attrs

from lexald.dsl import program as core
from lexald.dsl.source import Span
from lexald.engine.documents.pieces import Piece

from ..aside import Entry

# Keys of the JSON format, in the order in which they are shown.
RULES = "rules"
EXCEPTIONS = "exceptions"
ROWS = "rows"
PARAMETERS = "parameters"
FORBIDDEN = "forbidden"
GUARANTEES = "guarantees"
INDICATORS = "indicators"
DATES = "dates"
CONDITIONS = "conditions"
MCDC = "mcdc"
OUTCOMES = "outcomes"
KINDS = (
    RULES, EXCEPTIONS, ROWS, PARAMETERS, FORBIDDEN, GUARANTEES, INDICATORS,
    DATES, CONDITIONS, MCDC, OUTCOMES,
)  # fmt: skip
# Those that a threshold is held to when it names none: what the law says, and when.
HELD = (RULES, EXCEPTIONS, ROWS, PARAMETERS, DATES)

# The wanted *outcome* of a condition and of a decision; the wanted *side* of a date.
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
KNOWN, CONFLICT = "known", "conflict"
EVE, DAY = "eve", "day"

# Why a unit is not covered.
NEVER_ASKED = "never_asked"
NO_CASE_THEN = "no_case_then"
NEVER_REACHED = "never_reached"
NEVER_TRUE = "never_true"
OUTRANKED = "outranked"
ONLY_UNKNOWN = "only_unknown"
ONLY_ERROR = "only_error"
NEVER_FITS = "never_fits"
NOTHING_RESTS = "nothing_rests"
NEVER_SO = "never_so"
ONE_SIDED = "one_sided"
MASKED = "masked"


@attrs.frozen(eq=False)
class Unit:
    """One thing that a case can prove.

    Args:
        kind: one of `KINDS`.
        name: what it is called, the same from run to run; one unit of a kind has it.
        span: where the law writes it.
        thing: the decision, the parameter, the table or the indicator that it is of; the message
            of an ``interdit`` or of a ``garantie``.
        period: the days of law on which it can be met.
        rule: the label of the rule that it is, or is written in; ``""`` for a condition of
            ``applicable si``, and where there is no rule.
        piece: the piece of law that it is, for the kinds that are pieces.
        row: the row of a table whose arguments are wanted, for a row and for a date of one.
        node: the condition, for `CONDITIONS` and `MCDC`.
        whole: the whole condition that *node* is a part of.
        outcome: the wanted one, for `CONDITIONS` and `OUTCOMES`.
        day: the day to be at, for `DATES`; *side* tells the eve of a change from its day.
        change: the day of the change that *day* is at, or is the eve of.
    """

    kind: str
    name: str
    span: Span
    thing: str
    period: core.Period
    rule: str = ""
    piece: Piece | None = None
    row: core.TableRow | None = None
    node: core.Expr | None = None
    whole: core.Expr | None = None
    outcome: str = ""
    day: date | None = None
    side: str = ""
    change: date | None = None

    @property
    def is_away(self) -> bool:
        """Whether *day* is further from the change than its eve or itself: the nearest day on which
        the thing can be read."""
        assert self.day is not None and self.change is not None
        return self.day != self.change - timedelta(days=self.side == EVE)

    @property
    def file(self) -> str:
        return self.span.file.name

    @property
    def line(self) -> int:
        return self.span.line


@attrs.frozen(eq=False)
class Measured:
    """A unit, the cases that prove it, and *why* none does (``""`` if some do).

    The cases that prove fewest units come first: they say most about this one. *aside*: the reason
    for which none has to.
    """

    unit: Unit
    cases: tuple[core.Case, ...]
    why: str
    aside: str = ""

    @property
    def is_hole(self) -> bool:
        return not self.cases and not self.aside


@attrs.frozen(eq=False)
class Hole:
    """A unit that no case proves. *why* is one of the reasons above."""

    unit: Unit
    why: str

    @property
    def kind(self) -> str:
        return self.unit.kind

    @property
    def name(self) -> str:
        return self.unit.name

    @property
    def file(self) -> str:
        return self.unit.file

    @property
    def line(self) -> int:
        return self.unit.line


@attrs.frozen
class Count:
    """How many units are covered, of how many."""

    covered: int = 0
    total: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.covered + other.covered, self.total + other.total)

    @property
    def percent(self) -> float:
        """Of nothing, all is covered."""
        return 100.0 * self.covered / self.total if self.total else 100.0


@attrs.frozen(eq=False, slots=False)
class Coverage:
    """What the cases prove of a law. *measured* is in the order of files, then of lines.

    *stale*: entries of the register of what is set aside that are to be seen again, with why.
    """

    measured: tuple[Measured, ...]
    stale: tuple[tuple[Entry, str], ...] = ()

    @cached_property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(Hole(one.unit, one.why) for one in self.measured if one.is_hole)

    @cached_property
    def aside(self) -> tuple[Measured, ...]:
        """The units that are set aside: they count nowhere else."""
        return tuple(one for one in self.measured if one.aside)

    @cached_property
    def counts(self) -> Mapping[str, Count]:
        """By kind, in the order of `KINDS`."""
        return counted(self.measured)

    @cached_property
    def files(self) -> Mapping[str, tuple[Measured, ...]]:
        """By file of the law, in the order of their names."""
        found: dict[str, list[Measured]] = {}
        for one in self.measured:
            found.setdefault(one.unit.file, []).append(one)
        return {name: tuple(found[name]) for name in sorted(found)}

    def of(self, *kinds: str) -> Count:
        """*kinds* taken together."""
        return sum((self.counts[kind] for kind in kinds), start=Count())


def counted(measured: Iterable[Measured]) -> Mapping[str, Count]:
    """How many of *measured* are covered, by kind, those that are set aside left out."""
    found = dict.fromkeys(KINDS, Count())
    for one in measured:
        if one.aside:
            continue
        found[one.unit.kind] += Count(bool(one.cases), 1)
    return found
