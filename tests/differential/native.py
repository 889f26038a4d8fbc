"""Machine code: situations as one table of Arrow; it answers those that are plain."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.program import Program
from lexald.dsl.types import EntityType, Kind, ListType
from lexald.engine.columnar.answers import Reader
from lexald.engine.columnar.columns import NOT_APPLICABLE as IS_NOT_APPLICABLE
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.layout import layout
from lexald.engine.columnar.writing import Writer
from lexald.engine.elements import Situation
from lexald.engine.native.code import Unwritten
from lexald.engine.native.plain import Plain
from lexald.engine.outcomes import FactPath
from tests.engine.columnar.frames import TYPED, table_of

from .answers import NOT_APPLICABLE, Answer, Found, answer_of
from .compiled import plain_data
from .protocol import Tells

# Wide enough for whatever is drawn.
_TYPES = {**TYPED, Kind.RATE: pa.decimal128(38, 10), Kind.INT: pa.int64()}
# Code that is kept: it is the same whatever the day.
_KEPT = 8
# Nodes of a law whose decisions are asked one by one; if they are more than a few, how many of them.
_SMALL = 3_000
_FEW = 6
_AT_MOST = 2
_plains: OrderedDict[object, Plain | None] = OrderedDict()


@attrs.frozen
class Native:
    """Machine code. It leaves what is unknown, an error, a conflict or forbidden, and what a table
    does not hold; it does not say which decision is not applicable."""

    name: str = "native"
    tells: ClassVar[Tells] = Tells(reasons=False, refused=False, inapplicable=False, whole=False)

    def answers(
        self, program: Program, on: date, situations: Sequence[Situation], names: Sequence[str]
    ) -> list[Found]:
        left = [Found({}, left=True)] * len(situations)
        told = [{} if one.hypotheses else plain_data(program, one) for one in situations]
        odd = [bool(one.hypotheses) for one in situations]
        odd = [told or _has_a_third(one) for told, one in zip(odd, told, strict=True)]
        rows = [{} if one_is_odd else one for one, one_is_odd in zip(told, odd, strict=True)]
        table = table_of(program, rows, _TYPES)
        # Every third day, each row tells it.
        each = on.toordinal() % 3 == 0
        if each:
            table = table.append_column("on", pa.array([on] * len(rows), pa.date32()))
        (batch,) = table.combine_chunks().to_batches()
        answers: list[dict[tuple[str, FactPath], Answer]] = [{} for _ in situations]
        settled = np.zeros(len(situations), np.bool_)
        for together in _asked(program, names, on):
            # Every other day, code that is written for what has no nulls here.
            like = batch if on.toordinal() % 2 else None
            plain = _plain(program, batch.schema, together, like)
            if plain is not None:
                settled |= ~np.array(odd) & _told(plain, program, on, each, batch, answers)
        return [
            Found(mine) if sure else left[0] for mine, sure in zip(answers, settled, strict=True)
        ]


def _asked(program: Program, names: Sequence[str], on: date) -> list[list[str]]:
    """*names* that are numbers, days or texts; one by one if that does not take long, for one
    that is not known leaves the others of its situation. Of many, others on other days."""
    plain = [n for n in names if not isinstance(program.decisions[n].type, ListType | EntityType)]
    if program.size > _SMALL:
        return [plain]
    if len(plain) > _FEW:
        first = on.toordinal() % len(plain)
        plain = [*plain[first:], *plain[:first]][:_AT_MOST]
    return [[name] for name in plain]


def _told(
    plain: Plain,
    program: Program,
    on: date,
    each: bool,
    batch: Any,
    answers: list[dict[tuple[str, FactPath], Answer]],
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Puts what *plain* answers in *answers*; the situations that it settles. *each*: the day is that
    of each row."""
    try:
        found, reading, columns = plain.decided(batch, None if each else on)
    except Unwritten:
        return np.zeros(len(answers), np.bool_)
    settled = np.ones(len(answers), np.bool_)
    for rows in (found.odd, found.doubtful):
        if rows is not None:
            settled &= ~rows
    kernel = Kernel(program, on)
    for name, column in columns.items():
        decision = program.decisions[name]
        reader = Reader(kernel, reading.block, decision.type)
        entity = decision.entity
        paths: Sequence[FactPath] = [()] * len(column)
        situation = np.arange(len(column))
        if entity is not None:
            writer = Writer(plain.layout, plain.names, reading, columns)
            paths = [_path(text) for text in writer.places(entity).to_pylist()]
            parts = [part for part in reading.parts.values() if part.place.entity == entity]
            situation = np.concatenate([situation[:0], *(part.situation for part in parts)])
        for lane, rank in enumerate(situation.tolist()):
            path = paths[lane]
            if not settled[rank]:
                continue
            if column.state is not None and column.state[lane] == IS_NOT_APPLICABLE:
                answers[rank][name, path] = Answer(NOT_APPLICABLE, name)
            else:
                answers[rank][name, path] = answer_of(reader.outcome(column, lane))
    return settled


def _path(place: str) -> FactPath:
    """The path of an element, from the text that tells it: ``patient.affections[0]``."""
    found: list[str | int] = []
    for step in place.split("."):
        name, _, rank = step.rstrip("]").partition("[")
        found += [name, int(rank)] if rank else [name]
    return tuple(found)


def _has_a_third(data: Any) -> bool:
    """Whether *data* holds a fraction that no decimal of a column is."""
    match data:
        case dict():
            return any(map(_has_a_third, data.values()))
        case list() | tuple():
            return any(map(_has_a_third, data))
        case Fraction():
            return bool(10**10 % data.denominator) or abs(data) >= 10**20
    return False


def _plain(program: Program, schema: Any, names: Sequence[str], like: Any) -> Plain | None:
    holes = None if like is None else _holes(like)
    key = (id(program), schema, tuple(names), holes)
    if key not in _plains:
        fitted, _ = layout(program, schema)
        made = None
        if fitted is not None and names:
            with suppress(Unwritten):
                made = Plain(fitted, schema, names, like)
        _plains[key] = made
        while len(_plains) > _KEPT:
            _plains.popitem(last=False)
    return _plains[key]


def _holes(batch: Any) -> tuple[bool, ...]:
    """Which columns have nulls, at whatever depth."""
    found: list[bool] = []
    todo = list(batch.columns)
    while todo:
        array = todo.pop()
        found.append(bool(array.null_count))
        if pa.types.is_struct(array.type) or pa.types.is_list(array.type):
            inner = array.flatten()
            todo += inner if isinstance(inner, list) else [inner]
    return tuple(found)
