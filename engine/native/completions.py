"""What is surely not known: a situation told in two ways more has two answers.

To learn a fact never changes an answer that is known into another (`test_monotone` holds the
interpreter to it), whatever the law forbids. So an answer is unknown where two *completions* of a
situation, both plain, come to two answers. Where they agree, nothing is said: the columns find
out whether all of them would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import IntFlag
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from lexald.dsl.program import Field, Program
from lexald.dsl.types import (
    AMOUNT,
    BOOL,
    DATE,
    DECIMAL,
    DURATION,
    INT,
    PERIODS,
    RATE,
    TEXT,
    EntityType,
    EnumType,
    ListType,
)

from ..columnar.cells import exact
from .code import ABSENT, INAPPLICABLE, UNKNOWN
from .records import Gap

Array = np.ndarray[Any, Any]
Path = tuple[str, ...]
Answers = Mapping[tuple[str, Path], tuple[Array, ...]]
Choice = tuple[int, ...]
# Completions that are tried at most; and the share of what the last few were asked that they have
# to settle for another to be tried: the columns take some fifty times as long.
MOST, PATIENCE, SHARE = 24, 4, 64
# What the first of them are made of: of answers, and of what may be forbidden.
_ANSWERED = ("least", "most", "none")
_JUDGED = ("none", "least", "most")


class Mark(IntFlag):
    """What is to be said of a situation: it is not plain; an answer is not known. `DONE`: it is
    passed over."""

    ODD = 1
    UNSURE = 2
    DONE = 4
    OPEN = ODD | UNSURE


def enough(tries: Sequence[tuple[int, int]]) -> bool:
    """Whether completions no longer pay, after *tries* of so many situations, of which so many
    were settled."""
    last = tries[-PATIENCE:]
    asked, settled = (sum(each) for each in zip(*last, strict=True))
    return len(tries) > PATIENCE and SHARE * settled < asked


def acquit(guilt: Array, judge: Callable[[int, Array], Array]) -> None:
    """Finds out what the law surely does not forbid.

    What is known to be forbidden stays so whatever more is told: one completion in which a
    condition is false shows that it was not known to be true, nor to be an error.

    Args:
        guilt: of each situation, a bit for each condition that may forbid it. Those that do not
            are taken away.
        judge: the guilt of completion *n* of the situations that are not marked `DONE` in an array
            of marks.
    """
    rows = np.flatnonzero(guilt)
    tries: list[tuple[int, int]] = []
    for rank in range(MOST):
        if not len(rows):
            break
        again = np.full(len(guilt), Mark.DONE, np.uint8)
        again[rows] = 0
        guilt[rows] &= judge(rank, again)[rows]
        left = rows[guilt[rows] != 0]
        tries.append((len(rows), len(rows) - len(left)))
        rows = left
        if enough(tries):
            break


def settle(
    marks: Array,
    answers: Answers,
    decide: Callable[[int, Array], Answers],
    situation_of: Callable[[Path], Array],
) -> None:
    """Finds out which answers are surely not known, of situations marked `ODD` or `UNSURE`.

    Args:
        marks: of each situation. Those that are settled are `OPEN` no longer.
        answers: what the situations came to. Those of settled ones that are not known become so.
        decide: the answers of completion *n* for the situations that are not marked `DONE` in an
            array of marks, where it leaves its own.
        situation_of: the situation of each lane of a path.
    """
    rows = np.flatnonzero(marks & Mark.OPEN)
    open_ = np.zeros(len(marks), np.bool_)
    open_[rows] = True
    lanes = {path: _Lanes(situation_of(path), open_) for _, path in answers}
    told = {key: _Told(lanes[key[1]], parts, marks) for key, parts in answers.items()}
    begun = np.zeros(len(marks), np.bool_)
    tries: list[tuple[int, int]] = []
    for rank in range(MOST):
        again = np.full(len(marks), Mark.DONE, np.uint8)
        again[rows] = 0
        found = decide(rank, again)
        plain = again == 0
        for key, one in told.items():
            one.compare(found[key], plain, begun)
        begun |= plain
        settled = begun.copy()
        for one in told.values():
            one.refuse(settled)
        left = rows[~settled[rows]]
        marks[rows[settled[rows]]] &= ~np.uint8(Mark.OPEN)
        tries.append((len(rows), len(rows) - len(left)))
        rows = left
        if enough(tries) or not len(rows):
            break
    for key, one in told.items():
        one.say(answers[key][0], marks)


def unknown_of(answers: Array) -> int:
    """What stands for *unknown* in *answers*: *absent* and *not applicable* are the next two."""
    return int(np.iinfo(answers.dtype).min)


class _Lanes:
    """The lanes of one path that are of *open* situations, and the situation of each."""

    def __init__(self, situation: Array, open: Array) -> None:
        self.lanes = np.flatnonzero(open[situation])
        self.situation = situation[self.lanes]


class _Told:
    """The answers of one decision, for the lanes of open situations."""

    def __init__(self, lanes: _Lanes, parts: tuple[Array, ...], marks: Array) -> None:
        self.lanes = lanes.lanes
        self.situation = lanes.situation
        # Of a situation that is not plain nothing is known: all of its answers have to differ.
        odd = (marks[self.situation] & Mark.ODD).astype(np.bool_)
        self.wanted = odd | (parts[0][self.lanes] == unknown_of(parts[0]))
        self.first = [np.zeros(len(self.lanes), np.int64) for _ in parts]
        self.differs = np.zeros(len(self.lanes), np.bool_)

    def compare(self, found: tuple[Array, ...], plain: Array, begun: Array) -> None:
        """Takes what a completion comes to, for the situations in which it is *plain*: the first
        one, or one to compare with it where that has *begun*."""
        mine, before = plain[self.situation], begun[self.situation]
        here = [part[self.lanes] for part in found]
        differs = here[0] != self.first[0]
        for part, first in zip(here[1:], self.first[1:], strict=True):
            differs |= (part != first) & (
                here[0] > INAPPLICABLE
            )  # whatever beside what is no value
        self.differs |= mine & before & differs
        for part, first in zip(here, self.first, strict=True):
            np.copyto(first, part, where=mine & ~before)

    def refuse(self, settled: Array) -> None:
        """Takes out of *settled* the situations that have an answer of which nothing is said."""
        settled[self.situation[self.wanted & ~self.differs]] = False

    def say(self, answers: Array, marks: Array) -> None:
        """Writes *unknown* in the situations that are settled."""
        settled = self.lanes[self.wanted & (marks[self.situation] & Mark.OPEN == 0)]
        answers[settled] = unknown_of(answers)


# ── what may stand where nothing is told ─────────────────────────────────────────────────


class Completions:
    """Ways to tell what a table does not, at the law of a day.

    Args:
        gaps: what may not be known.
        rank: the number of a member.
        seen: what stands elsewhere in the same column, by slot: likelier to matter.
    """

    def __init__(
        self,
        program: Program,
        gaps: Iterable[Gap],
        on: date,
        rank: Callable[[str], int],
        seen: Mapping[int, Sequence[Choice]],
    ) -> None:
        days = [e.fields[e.event] for e in program.entities.values() if e.event]
        choices = ((gap, _choices(program, gap, on, rank, seen.get(gap.slot, ()))) for gap in gaps)
        self._choices = [
            (gap.slot, found, gap.field in days) for gap, found in choices if found.every
        ]

    def put(self, number: int, vector: Array, *, judged: bool = False) -> None:
        """Writes completion *number* in the *vector* that the code is told: what is least of all,
        what is most, what is absent, then some of each. *judged*: it is for what may be forbidden.

        In some the days that rule elements are not told. What the law forbids of an element at
        some day it does not as long as that is not known; and answers that an unknown day makes
        unknown may differ where no day shows it.
        """
        random = Random(number)
        dated = number % 2 == 1 if judged else number % 4 < 2
        way = (_JUDGED if judged else _ANSWERED)[number:][:1]
        for slot, choices, is_day in self._choices:
            found = choices.get(*way) if way else random.choice(choices.every)
            if is_day and not dated:
                found = (UNKNOWN,)
            vector[slot : slot + len(found)] = found


class _Choices:
    """What may stand where something is not known, as the heap keeps it: *none*, and values."""

    def __init__(self, none: Sequence[Choice], values: Sequence[Choice]) -> None:
        self.every = [*none, *values]
        self._none, self._values = none or values, values or none

    def get(self, way: str) -> Choice:
        return {"none": self._none[0], "least": self._values[0], "most": self._values[-1]}[way]


def _choices(
    program: Program,
    gap: Gap,
    on: date,
    rank: Callable[[str], int],
    seen: Sequence[Choice] = (),
) -> _Choices:
    """What may stand in *gap*; nothing for what cannot be chosen."""
    none = [(ABSENT, 0)[: gap.width]] if gap.field.optional else []
    match gap.field.type:
        case ListType():
            return _Choices([], [(0,)])
        case EntityType():
            return _Choices(none, [])
    values = _values(program, gap.field, on, rank, gap.fraction)
    return _Choices(none, [*values[:1], *seen, *values[1:]])


def _values(
    program: Program, field: Field, on: date, rank: Callable[[str], int], fraction: int
) -> Sequence[Choice]:
    """Values of *field* as the heap keeps them, in bounds."""
    match field.type:
        case EnumType(name):
            return [(rank(member),) for member in program.enumerations[name].members]
    if field.type == BOOL:
        return [(0,), (1,)]
    if field.type == DURATION:
        return [] if field.bounds else [(0, 5), (3, 0), (12, 0), (60, 0), (480, 0)]
    if field.type in PERIODS:
        ends = ((400, 390), (60, 30), (20, 10))
        return [(_before(on, first), _before(on, last)) for first, last in ends]
    if field.type == TEXT:
        return [(0,), (1,)]  # any two that have a number: members are texts too
    values: Sequence[Fraction]
    if field.type == DATE:
        values = [Fraction(_before(on, back)) for back in (20, 8_000, 20_000, 400, -30)]
    elif field.type == AMOUNT:
        values = [Fraction(cents) for cents in (100, 2_500, 100_000, 5_000_000)]
    elif field.type == INT:
        values = [Fraction(one) for one in (0, 1, 3, 12, 70)]
    elif field.type in (DECIMAL, RATE):
        values = [Fraction(one * fraction, 4) for one in (0, 1, 3, 4)]
    else:
        return []
    if field.bounds is not None:
        by = fraction if field.type in (DECIMAL, RATE) else 1
        low, high = (exact(end, field.type) * by for end in field.bounds)
        values = [low, *(one for one in values if low < one < high), high]
    return [(int(one),) for one in values if one.denominator == 1]


def _before(on: date, days: int) -> int:
    """The number of the day that is *days* before *on*, or of the first one, or of the last."""
    return min(max(1, on.toordinal() - days), date.max.toordinal())
