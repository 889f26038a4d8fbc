"""Answers of a block → Arrow columns, shaped as the table that they answer.

Each decision ``d`` gives two columns: ``d``, null where it has no value, and ``d__status``, which says
why; and if rules are asked for, ``d__rules``, the labels of those that gave it. Those of an entity are nested as its elements are, one for each, in the same order: answers
join their table by place. A row that is set aside is null in every column, statuses included.

==================  ==============================================================
in the language     in an answer
==================  ==============================================================
booléen, entier     ``bool``, ``int64``
montant             ``decimal128(38, 2)``, in euros
décimal, taux       text, as JSON answers have it: ``0.65``, ``2/3``: always exact
date                ``date32``
durée               ISO 8601 text
période             ``struct<first: date32, last: date32>``, *last* null: without end
énumération, texte  text (a dictionary for members)
liste               ``list`` of these
élément             its place, as JSON answers have it: ``soins[0]``
==================  ==============================================================
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl import program as core
from lexald.dsl.program import Program
from lexald.dsl.types import AMOUNT, INT, EntityType, EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Duration, decimal_text

from ..environment import HYPOTHESIS
from ..rendering import value_to_json
from .cells import EPOCH
from .columns import NEVER, UNKNOWN, VALUE, Array, Column, inside, upto
from .layout import Layout, Place
from .reading import Part, Reading

STATUS_SUFFIX = "__status"
# In the order of the states of `columns`.
STATUSES = ("value", "absent", "unknown", "not_applicable", "conflict", "error")
STATUS = pa.dictionary(pa.int8(), pa.string())
RULES_SUFFIX = "__rules"
_WORDS = pa.dictionary(pa.int32(), pa.string())
RULES = pa.list_(_WORDS)
_RANGE = pa.struct([("first", pa.date32()), ("last", pa.date32())])
_TYPES = {
    Kind.BOOL: pa.bool_(),
    Kind.INT: pa.int64(),
    Kind.DECIMAL: _WORDS,
    Kind.RATE: _WORDS,
    Kind.AMOUNT: pa.decimal128(38, 2),
    Kind.DATE: pa.date32(),
    Kind.DURATION: _WORDS,
    Kind.PERIOD: _RANGE,
    Kind.OPEN_PERIOD: _RANGE,
    Kind.TEXT: pa.string(),
}
_MOST_CENTS = 10**38 - 1
_MOST_INT64 = 2**63 - 1
# Pairs that are given a place each, however few the lanes are.
_FEW_PAIRS = 1 << 16
_LOW_LIMB = 2**64 - 1
# Where there are values; `None`: everywhere.
Valid = Array | None


def answer_type(kind: Type) -> Any:
    """The Arrow type of the answers of a decision."""
    match kind:
        case ListType():
            return pa.list_(answer_type(kind.item))
        case EnumType():
            return _WORDS
        case Scalar():
            return _TYPES[kind.kind]
    return pa.string()


def answer_schema(layout: Layout, names: Sequence[str], rules: bool = False) -> Any:
    """The schema of the answers to *names* (whole names) over tables of *layout*, with their
    *rules* or without."""
    program = layout.program
    by_entity: dict[str | None, list[str]] = {}
    for name in names:
        by_entity.setdefault(program.decisions[name].entity, []).append(name)

    def fields(place: Place, prefix: str) -> Iterator[Any]:
        for name in by_entity.get(place.entity, ()):
            decision = program.decisions[name]
            short = f"{prefix}{name.rpartition('.')[2]}"
            yield pa.field(short, answer_type(decision.type))
            yield pa.field(f"{short}{STATUS_SUFFIX}", STATUS)
            if rules:
                yield pa.field(f"{short}{RULES_SUFFIX}", RULES)
        for told in inner_places(layout, place):
            if told.flat:
                yield from fields(told, f"{prefix}{told.path[-1]}.")
                continue
            inside_ = list(fields(told, ""))
            if inside_:
                kind = pa.struct(inside_)
                is_list = is_list_place(program, place, told)
                yield pa.field(f"{prefix}{told.path[-1]}", pa.list_(kind) if is_list else kind)

    return pa.schema(list(fields(layout.root, "")))


def inner_places(layout: Layout, place: Place) -> Iterator[Place]:
    """The places just inside *place*: those that the table tells, then the elements that every
    situation has."""
    told = [fact.inner for fact in place.told if fact.inner is not None]
    yield from told
    if place.entity is None:
        paths = {inner.path for inner in told}
        for name, field in layout.program.roots.items():
            always = isinstance(field.type, EntityType) and not field.optional
            if always and (name,) not in paths:
                yield Place(field.type.name, (name,), ())  # type: ignore[union-attr]


def is_list_place(program: Program, holder: Place, place: Place) -> bool:
    fields = program.entities[holder.entity].fields if holder.entity else program.roots
    return isinstance(fields[place.path[-1]].type, ListType)


@attrs.frozen(eq=False)
class TooLarge:
    """Answers that no column can hold: the situations of the block that have one."""

    name: str
    situations: Array


class Writer:
    """Writes the answers of one block.

    *rule_sets*: what the numbers of `Column.rules` mean; `None`: rules are not told. *too_large* is
    filled by `batch`.
    """

    def __init__(
        self,
        layout: Layout,
        names: Sequence[str],
        reading: Reading,
        answers: Mapping[str, Column],
        rule_sets: Sequence[tuple[str, ...]] | None = None,
    ) -> None:
        self.layout = layout
        self.program = layout.program
        self.names = names
        self.reading = reading
        self.answers = answers
        self.rule_sets = rule_sets
        self.too_large: list[TooLarge] = []

    def batch(self, schema: Any, size: int, refused: Array) -> Any:
        """The answers as a record batch of *size* rows.

        *refused*: the situations of the block that are set aside after all.
        """
        found = dict(self.columns(None, self.layout.root, ""))
        arrays = [found[field.name] for field in schema]
        away = np.concatenate([refused, *(one.situations for one in self.too_large)])
        if len(self.reading.rows) < size or len(away):
            kept = np.ones(self.reading.block.size, np.bool_)
            kept[away] = False
            back = np.full(size, -1)
            back[self.reading.rows] = np.where(kept, np.arange(len(kept)), -1)
            places = pa.array(back, mask=back < 0)
            arrays = [array.take(places) for array in arrays]
        return pa.record_batch(arrays, schema=schema)

    def columns(self, part: Part | None, place: Place, prefix: str) -> Iterator[tuple[str, Any]]:
        """The answers about the elements of *part*, and what is nested in them; by column."""
        for name in self.names:
            if self.program.decisions[name].entity != place.entity:
                continue
            column = self.answers[name]
            situation = upto(self.reading.block.size)
            if part is not None:
                if len(part) != len(column):  # others of its entity stand elsewhere
                    column = column.take(part.base + upto(len(part)))
                situation = part.situation
            short = f"{prefix}{name.rpartition('.')[2]}"
            yield short, self.values(name, column, situation)
            yield f"{short}{STATUS_SUFFIX}", statuses(column)
            if self.rule_sets is not None:
                decision = self.program.decisions[name]
                yield f"{short}{RULES_SUFFIX}", rules(column, decision, self.rule_sets)
        for inner in inner_places(self.layout, place):
            made = self.reading.parts.get(inner.path)
            if made is None:
                continue  # nothing is asked of these elements: see `reading.structure`
            if inner.flat:
                for column_name, array in self.columns(made, inner, f"{prefix}{inner.path[-1]}."):
                    yield column_name, _one_each(made, array)
                continue
            columns = dict(self.columns(made, inner, ""))
            if columns:
                nested = pa.StructArray.from_arrays(list(columns.values()), list(columns))
                shaped = _lists(made, nested) if made.is_list else _one_each(made, nested)
                yield f"{prefix}{inner.path[-1]}", shaped

    # ── values ───────────────────────────────────────────────────────────────────────────

    def values(self, name: str, column: Column, situation: Array) -> Any:
        kind = self.program.decisions[name].type
        array, too_large = self.array(column, kind)
        if too_large is not None:
            self.too_large.append(TooLarge(name, np.unique(situation[too_large])))
        return array

    def array(self, column: Column, kind: Type) -> tuple[Any, Array | None]:
        """The values, and where one does not fit; `None`: nowhere."""
        n = len(column)
        if not column.parts:
            return pa.nulls(n, answer_type(kind)), None
        valid = _valid(column.state)
        if isinstance(kind, ListType):
            return self.lists(column, kind.item, valid)
        if kind == INT:
            whole, too_large = _fitting(_whole_part(column), valid, _MOST_INT64)
            return _buffers(pa.int64(), whole, valid), too_large
        if kind == AMOUNT:
            whole, too_large = _fitting(_whole_part(column), valid, _MOST_CENTS)
            return _decimals(whole, valid), too_large
        return self.plain(column, kind, valid), None

    def plain(self, column: Column, kind: Type, valid: Valid) -> Any:
        """Values that always fit."""
        part = column.parts[0]
        match kind:
            case EntityType():
                return self.places(kind.name).take(_ranks(part, valid))
            case EnumType():
                members = list(self.program.enumerations[kind.name].members)
                ranks = np.zeros(max(len(self.texts), 1), np.int32)
                known = {text: rank for rank, text in enumerate(members)}
                for place, text in enumerate(self.texts):
                    ranks[place] = known.get(text, 0)
                held = _buffers(pa.int32(), ranks[_where(valid, part, 0)], valid)
                return pa.DictionaryArray.from_arrays(held, pa.array(members, pa.string()))
        assert isinstance(kind, Scalar), kind
        match kind.kind:
            case Kind.BOOL:
                truths = np.asarray(part if valid is None else part & valid, np.bool_)
                bits = np.packbits(truths, bitorder="little")
                return _buffers(pa.bool_(), bits, valid, len(part))
            case Kind.DATE:
                return _dates(part, valid)
            case Kind.PERIOD | Kind.OPEN_PERIOD:
                first, last = column.parts
                ends = last != NEVER
                ends = ends if valid is None else valid & ends
                children = [_dates(first, valid), _dates(last, ends)]
                return pa.StructArray.from_arrays(children, fields=list(_RANGE), mask=_nulls(valid))
            case Kind.TEXT:
                texts = pa.array(self.texts or [""], pa.string())
                return texts.take(_ranks(part, valid))
            case Kind.DURATION:
                return _worded(column.parts, valid, _duration_text)
        den = column.den
        dens = den if isinstance(den, np.ndarray) else np.broadcast_to(np.asarray(den), len(part))
        return _worded((part, dens), valid, _decimal_text)

    def lists(self, column: Column, item: Type, valid: Valid) -> tuple[Any, Array | None]:
        held = inside(column)
        values, large_inside = self.array(held.items, item)
        too_large = None
        if large_inside is not None:
            too_large = np.zeros(len(column), np.bool_)
            too_large[held.parent[large_inside]] = True
        offsets = np.concatenate([held.start, [len(held.items)]]).astype(np.int32)
        kind = pa.list_(answer_type(item))
        made = pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()),
            values.cast(kind.value_type),
            type=kind,
            mask=_nulls(valid),
        )
        return made, too_large

    @property
    def texts(self) -> Sequence[str]:
        return self.reading.block.texts.texts

    def places(self, entity: str) -> Any:
        """Where each element of an entity stands: ``soins[0]``."""
        found = [
            self._places_of(part)
            for part in self.reading.parts.values()
            if part.place.entity == entity
        ]
        return pa.concat_arrays(found) if found else pa.array([""], pa.string())

    def _places_of(self, part: Part) -> Any:
        name = part.place.path[-1]
        if part.holder is not None:
            held = self._places_of(part.holder).take(pa.array(part.held_by))
            text = pc.binary_join_element_wise(held, name, ".")
        else:
            text = pa.array([name] * len(part), pa.string())
        if not part.is_list:
            return text
        rank = pa.array(np.arange(len(part)) - part.starts[part.held_by]).cast(pa.string())
        return pc.binary_join_element_wise(text, "[", rank, "]", "")


def statuses(column: Column) -> Any:
    n = len(column)
    states = _all_values(n) if column.state is None else np.asarray(column.state, np.int8)
    held = pa.Array.from_buffers(pa.int8(), n, [None, pa.py_buffer(np.ascontiguousarray(states))])
    return pa.DictionaryArray.from_arrays(held, pa.array(STATUSES, pa.string()), safe=False)


def rules(column: Column, decision: core.Decision, rule_sets: Sequence[tuple[str, ...]]) -> Any:
    """The labels of the rules that gave each answer; none of what is not known."""
    labels = [decision.general.label, *(one.label for one in decision.exceptions), HYPOTHESIS]
    n = len(column)
    numbers = np.zeros(n, np.int32) if column.rules is None else column.rules
    if column.state is not None:
        numbers = np.where(column.state == UNKNOWN, 0, numbers)
    # Sets of other decisions have numbers too: those that are met are of this one.
    met = np.bincount(numbers, minlength=1)
    sizes, first = np.zeros(len(met), np.int32), np.zeros(len(met), np.int32)
    flat: list[int] = []
    for number in np.flatnonzero(met).tolist():
        sizes[number], first[number] = len(rule_sets[number]), len(flat)
        flat += [labels.index(label) for label in rule_sets[number]]
    size = sizes[numbers]
    offsets = np.concatenate([[0], np.cumsum(size)]).astype(np.int32)
    if sizes.max(initial=0) <= 1:
        places = first[numbers] if sizes[met > 0].all() else first[numbers[size > 0]]
    else:
        lane = np.repeat(np.arange(n), size)
        places = (first[numbers] - offsets[:-1])[lane] + np.arange(len(lane), dtype=np.int32)
    ranks_ = np.array(flat, np.int32)[places] if flat else np.zeros(0, np.int32)
    values = pa.DictionaryArray.from_arrays(pa.array(ranks_), pa.array(labels, pa.string()))
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=RULES)


@cache
def _values_alone() -> Array:
    found = np.full(1 << 20, VALUE, np.int8)
    found.flags.writeable = False
    return found


def _all_values(n: int) -> Array:
    """The states of *n* lanes that all have a value: memory that answers share."""
    found = _values_alone()
    return found[:n] if n <= len(found) else np.full(n, VALUE, np.int8)


def _one_each(part: Part, array: Any) -> Any:
    """What each lane that holds at most one element has of it."""
    if part.one_each:
        return array
    return array.take(pa.array(part.starts, mask=part.lengths == 0))


def _lists(part: Part, array: Any) -> Any:
    offsets = np.concatenate([part.starts, [len(part)]]).astype(np.int32)
    known = part.is_known
    mask = pa.array(~known) if not known.all() else None
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), array, mask=mask)


# ── numbers ──────────────────────────────────────────────────────────────────────────────


def _whole_part(column: Column) -> Array:
    """Whole numbers, whatever the denominator they came over."""
    part = column.parts[0]
    is_one = not isinstance(column.den, np.ndarray) and column.den == 1
    return part if is_one else np.asarray(part // column.den)


def _valid(state: Array | None) -> Valid:
    """Where there are values."""
    valid = None if state is None else np.asarray(state == VALUE)
    return None if valid is None or valid.all() else valid


def _where(valid: Valid, values: Array, otherwise: int) -> Array:
    return values if valid is None else np.where(valid, values, otherwise)


def _nulls(valid: Valid) -> Any:
    return None if valid is None else pa.array(~valid)


def _ranks(values: Array, valid: Valid) -> Any:
    """Where in another array each value is; null for none."""
    return pa.array(_where(valid, values, 0), mask=None if valid is None else ~valid)


def _fitting(values: Array, valid: Valid, most: int) -> tuple[Array, Array | None]:
    """*values*, 0 where there is none or where it is beyond *most*; and where that is, if it is."""
    too_large = None
    if values.dtype == object or most < _MOST_INT64:
        wild = ((values > most) | (values < -most)).astype(np.bool_)
        wild = wild if valid is None else valid & wild
        if wild.any():
            too_large = wild
            valid = ~wild if valid is None else valid & ~wild
    values = _where(valid, values, 0)
    if most <= _MOST_INT64 and values.dtype == object:
        values = values.astype(np.int64)
    return values, too_large


def _decimals(cents: Array, valid: Valid) -> Any:
    limbs = np.empty((len(cents), 2), np.int64)
    if cents.dtype == object:
        low = np.array([int(value) & _LOW_LIMB for value in cents], np.uint64)
        limbs[:, 0] = low.view(np.int64)
        limbs[:, 1] = np.array([int(value) >> 64 for value in cents], np.int64)
    else:
        limbs[:, 0] = cents
        limbs[:, 1] = limbs[:, 0] >> 63
    return _buffers(_TYPES[Kind.AMOUNT], limbs, valid)


def _dates(days: Array, valid: Valid) -> Any:
    numbers = _where(valid, days, EPOCH) - EPOCH
    return _buffers(pa.date32(), numbers.astype(np.int32), valid)


def _buffers(kind: Any, values: Array, valid: Valid, size: int | None = None) -> Any:
    """Values as Arrow lays them out, null where they are not *valid*: nothing is copied. *size*: how
    many, where it is not as many as the numbers."""
    nulls = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    whole = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(kind, len(values) if size is None else size, [nulls, whole])


def _worded(parts: tuple[Array, ...], valid: Valid, text: Any) -> Any:
    """Values that are written as text: each distinct one is written once."""
    first, second = (_where(valid, part, 1) for part in parts)
    if first.dtype == object or second.dtype == object:
        ranks: dict[tuple[int, int], int] = {}
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        indices = np.array([ranks.setdefault(pair, len(ranks)) for pair in pairs], np.int32)
        distinct = list(ranks)
    else:
        distinct, indices = _distinct(first, second)
    words = pa.array([text(*pair) for pair in distinct], pa.string())
    held = _buffers(pa.int32(), indices, valid)
    return pa.DictionaryArray.from_arrays(held, words)


def _distinct(first: Array, second: Array) -> tuple[list[tuple[int, int]], Array]:
    """The pairs that there are, in order, and the place of each lane's."""
    if not len(first):
        return [], np.zeros(0, np.int32)
    low, least = int(first.min()), int(second.min())
    width = int(second.max()) - least + 1
    span = (int(first.max()) - low + 1) * width
    if span > max(_FEW_PAIRS, len(first)):
        both = np.stack([first, second], axis=1)
        rows, places = np.unique(both, axis=0, return_inverse=True)
        return [(a, b) for a, b in rows.tolist()], places.reshape(-1).astype(np.int32)
    # So few that each has a place of its own: no need to sort.
    keys = (first - low) * width + (second - least)
    there = np.zeros(span, np.bool_)
    there[keys] = True
    found = np.flatnonzero(there)
    ranks = np.cumsum(there, dtype=np.int32) - 1
    return [(low + key // width, least + key % width) for key in found.tolist()], ranks[keys]


def _decimal_text(numerator: int, denominator: int) -> str:
    return decimal_text(Fraction(numerator, denominator))


def _duration_text(months: int, days: int) -> str:
    return str(value_to_json(Duration(months, days)))
