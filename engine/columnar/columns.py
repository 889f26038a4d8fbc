"""A column: what one expression comes to, lane by lane.

A *lane* is one evaluation: a situation, an element of one, or an element met in a walk. Each has
a state and, if it is known, a value. Values are exact whole numbers, of 64 bits where they fit and
of Python's where they do not (`numpy.object_`):

=================  =========================================================================
in the language    `Column.parts`
=================  =========================================================================
booléen            booleans
entier             whole numbers
décimal, taux      numerators over `Column.den`
montant            cents
montant exact      numerators, in cents, over `Column.den`
date               days by their number (`date.toordinal`)
durée              months, days
période            numbers of the first and the last day; `NEVER` for a period without end
énumération        members, by their places in the `Texts` of the block
texte              places in the `Texts` of the block
élément            places in the `Table` of its entity; -1 for none
liste              starts and lengths, in `Column.items`
=================  =========================================================================

A column of which no lane has a value may have no part at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import lcm
from typing import Any

import attrs
import numpy as np

from ..periods import NEVER

__all__ = [
    "ABSENT", "CONFLICT", "FAILURE", "NEVER", "NOT_APPLICABLE", "UNKNOWN", "VALUE",
    "Column", "Ends", "Texts",
]  # fmt: skip

Array = np.ndarray[Any, Any]

# States, from the one that gives way to the one that wins. Absent is a value.
VALUE, ABSENT, UNKNOWN, NOT_APPLICABLE, CONFLICT, FAILURE = range(6)
# Kinds of columns, besides the names of entities: two parts that are days; numbers of texts.
PERIOD = "période"
TEXT = "texte"


@attrs.frozen(eq=False)
class Ends:
    """Least and greatest value of lanes that are not known, both in; *has* says of which lanes.

    *low* and *high* are as `Column.parts`, over the same `Column.den`. A lane that is known has
    its value at both ends.
    """

    low: tuple[Array, ...]
    high: tuple[Array, ...]
    has: Array

    def take(self, lanes: Array) -> Ends:
        return Ends(
            tuple(at(part, lanes) for part in self.low),
            tuple(at(part, lanes) for part in self.high),
            at(self.has, lanes),
        )


def at(array: Array, lanes: Array) -> Array:
    """The places *lanes* of *array*, by number or by mask; one value for all stays one value."""
    if lanes.dtype == bool:
        return array[lanes]
    if array.strides == (0,) and len(array):
        return np.broadcast_to(array[0], len(lanes))
    return array.take(lanes)  # faster than an index


@attrs.frozen(eq=False)
class Column:
    """What an expression comes to in each lane. Immutable: arrays are never written to.

    Args:
        parts: values; whatever in the lanes that have none.
        den: denominator of all lanes, or of each; positive.
        state: one of the six for each lane; `None`: every lane has a value that is there.
        detail: of lanes that are not applicable, in conflict or in error, which one it is, as
            `Kernel.details` numbers them; `None` when there is no such lane.
        ends: bounds of lanes that are not known; `None` for none.
        items: what the lists of the lanes hold.
        more: lanes whose list holds others, that are not told; `None` for none.
        peak: no numerator is greater than it, in size; `None`: it was not looked at.
        whole: the lanes are all elements of a table, in their order.
        kind: the entity of elements, `PERIOD` or `TEXT` (members too); empty for other values.
            Columns of a block need not say it: the types of the law do.
        rules: of the answers of a decision whose rules are told, those that gave each, as
            `Kernel.rule_sets` numbers them; `None`: they are not told, or none did. Of no meaning
            in a lane that is not known.
    """

    parts: tuple[Array, ...]
    den: Any = 1
    state: Array | None = None
    detail: Array | None = None
    ends: Ends | None = None
    items: Column | None = None
    more: Array | None = None
    peak: int | None = None
    kind: str = ""
    whole: bool = False
    rules: Array | None = None

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        if self.parts:
            return len(self.parts[0])
        assert self.state is not None
        return len(self.state)

    def take(self, lanes: Array) -> Column:
        """The lanes at *lanes* (places, or a mask), in that order."""
        return Column(
            tuple(at(part, lanes) for part in self.parts),
            at(self.den, lanes) if isinstance(self.den, np.ndarray) else self.den,
            None if self.state is None else at(self.state, lanes),
            None if self.detail is None else at(self.detail, lanes),
            self.ends and self.ends.take(lanes),
            self.items,
            None if self.more is None else at(self.more, lanes),
            self.peak,
            self.kind,
            rules=None if self.rules is None else at(self.rules, lanes),
        )

    @property
    def kind_is_entity(self) -> bool:
        return self.kind not in ("", PERIOD, TEXT)

    # ── states ───────────────────────────────────────────────────────────────────────────

    def is_(self, state: int) -> Array:
        """The lanes in *state*."""
        if self.state is None:
            return np.full(len(self), state == VALUE)
        return np.asarray(self.state == state)

    @property
    def is_known(self) -> Array:
        """The lanes that have a value, absent included."""
        return np.ones(len(self), bool) if self.state is None else np.asarray(self.state <= ABSENT)

    @property
    def truth(self) -> Array:
        """The lanes that are true."""
        if not self.parts:
            return np.zeros(len(self), bool)
        value: Array = self.parts[0]
        return value if self.state is None else value & (self.state == VALUE)

    @property
    def falsity(self) -> Array:
        """The lanes that are false."""
        if not self.parts:
            return np.zeros(len(self), bool)
        value: Array = ~self.parts[0]
        return value if self.state is None else value & (self.state == VALUE)

    @property
    def has_unknown(self) -> bool:
        return self.state is not None and bool((self.state == UNKNOWN).any())

    def in_state(self, state: Array | None, detail: Array | None = None) -> Column:
        """The same values in other states, without bounds."""
        return attrs.evolve(self, state=state, detail=detail, ends=None)

    def bare(self) -> Column:
        """Without bounds."""
        return self if self.ends is None else attrs.evolve(self, ends=None)


@cache
def _many() -> Array:
    found = np.arange(1 << 19)
    found.flags.writeable = False
    return found


def upto(n: int) -> Array:
    """0 to *n* - 1, not to be written to: blocks ask for it again and again."""
    return _many()[:n] if n <= 1 << 19 else np.arange(n)


# ── making columns ───────────────────────────────────────────────────────────────────────


def of_state(n: int, state: int, detail: int = 0) -> Column:
    """*n* lanes in one state that has no value."""
    details = np.broadcast_to(np.int32(detail), n) if state > UNKNOWN else None
    return Column((), state=np.broadcast_to(np.uint8(state), n), detail=details)


def same_value(parts: Sequence[Any], n: int, den: int = 1) -> Column:
    """*n* lanes that have one value."""
    arrays = tuple(np.broadcast_to(np.asarray(part), n) for part in parts)
    first = parts[0] if parts else 0
    return Column(arrays, den, peak=abs(int(first)))


def truths(values: Array, state: Array | None = None, detail: Array | None = None) -> Column:
    return Column((values,), 1, state, detail)


# ── putting columns together ─────────────────────────────────────────────────────────────


def worst(columns: Sequence[Column]) -> tuple[Array | None, Array | None]:
    """For each lane, the state that wins among those of *columns*, and its detail.

    `None` when every lane of every column has a value that is there.
    """
    found = [column for column in columns if column.state is not None]
    if not found:
        return None, None
    states = [column.state for column in found if column.state is not None]
    state = states[0]
    for other in states[1:]:
        state = np.maximum(state, other)
    if not state.any():
        return None, None
    detail = None
    for column in reversed(found):
        if column.detail is not None:
            mine = column.state == state
            detail = column.detail if detail is None else np.where(mine, column.detail, detail)
    return state, detail


def unified(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The same columns, over one denominator, with parts of one kind and one list of items."""
    full = [column for column in columns if column.parts]
    if not full:
        return tuple(columns)
    model = full[0]
    dens = [column.den for column in full]
    den: Any = dens[0]
    if any(one is not den for one in dens):
        den = lcm(*dens) if all(isinstance(one, int) for one in dens) else None
    from .numbers import over

    items = _one_items(full)
    made = []
    rank = 0
    for column in columns:
        if not column.parts:
            n = len(column)
            parts = tuple(np.zeros(n, part.dtype) for part in model.parts)
            column = attrs.evolve(
                column, parts=parts,
                den=np.ones(n, np.int64) if isinstance(den, np.ndarray) else den or 1,
                kind=model.kind, peak=0,
            )  # fmt: skip
            if items is not None:
                column = attrs.evolve(column, items=items[0])
        elif items is not None:
            base = items[1][rank]
            starts = column.parts[0] + base if base else column.parts[0]
            column = attrs.evolve(column, parts=(starts, column.parts[1]), items=items[0])
            rank += 1
        elif den is not None and column.den is not den:
            column = over(column, den)
        made.append(column)
    if den is None:
        made = [_with_own_den(column) for column in made]
    return tuple(made)


def _with_own_den(column: Column) -> Column:
    if isinstance(column.den, np.ndarray):
        return column
    return attrs.evolve(column, den=np.broadcast_to(np.asarray(column.den), len(column)))


def _one_items(columns: Sequence[Column]) -> tuple[Column, list[int]] | None:
    """One column for the items of all lists, and where those of each list column begin in it."""
    if columns[0].items is None:
        return None
    items = [column.items for column in columns]
    first = items[0]
    assert first is not None
    if all(one is first for one in items):
        return first, [0] * len(items)
    kept = [one for one in items if one is not None]
    bases = list(np.cumsum([0, *(len(one) for one in kept)])[:-1])
    return concat(kept), [int(base) for base in bases]


def concat(columns: Sequence[Column]) -> Column:
    """All lanes, one column after another."""
    if len(columns) == 1:
        return columns[0]
    columns = unified(columns)
    model = columns[0]
    width = range(len(model.parts))
    den = model.den
    if isinstance(den, np.ndarray):
        den = np.concatenate([column.den for column in columns])
    ends = None
    if any(column.ends is not None for column in columns):
        pairs = [column.ends or _no_ends(column) for column in columns]
        ends = Ends(
            tuple(np.concatenate([pair.low[k] for pair in pairs]) for k in width),
            tuple(np.concatenate([pair.high[k] for pair in pairs]) for k in width),
            np.concatenate([pair.has for pair in pairs]),
        )
    peaks = [column.peak for column in columns]
    return Column(
        tuple(np.concatenate([column.parts[k] for column in columns]) for k in width),
        den,
        _joined([column.state for column in columns], columns, np.uint8),
        _joined([column.detail for column in columns], columns, np.int32),
        ends,
        model.items,
        _joined([column.more for column in columns], columns, np.bool_),
        None if None in peaks else max(peak for peak in peaks if peak is not None),
        model.kind,
        rules=_joined([column.rules for column in columns], columns, np.int32),
    )


def _joined(arrays: Sequence[Array | None], columns: Sequence[Column], kind: Any) -> Array | None:
    if all(array is None for array in arrays):
        return None
    return np.concatenate(
        [
            np.zeros(len(column), kind) if array is None else array
            for array, column in zip(arrays, columns, strict=True)
        ]
    )


def _no_ends(column: Column) -> Ends:
    return Ends(column.parts, column.parts, np.zeros(len(column), bool))


def blend(pieces: Sequence[tuple[Array, Column]]) -> Column:
    """In each lane, that of the column whose mask holds it: of the last one, where several do.

    Lanes that no mask holds are those of the first column.
    """
    if len(pieces) == 1:
        return pieces[0][1]
    columns = unified([column for _, column in pieces])
    masks = [mask for mask, _ in pieces]
    model = columns[0]
    n = len(masks[0])

    def pick(arrays: Sequence[Array]) -> Array:
        if len(arrays) == 2:
            return _either(masks[1], arrays[1], arrays[0])
        kind = np.result_type(*arrays)
        made = np.array(arrays[0], dtype=kind)
        for mask, array in zip(masks[1:], arrays[1:], strict=True):
            np.copyto(made, array, where=mask)
        return made

    def maybe(arrays: Sequence[Array | None], kind: Any) -> Array | None:
        if all(array is None for array in arrays):
            return None
        nothing = np.broadcast_to(np.zeros((), kind), n)
        return pick([nothing if array is None else array for array in arrays])

    width = range(len(model.parts))
    den = model.den
    if isinstance(den, np.ndarray):
        den = pick([column.den for column in columns])
    ends = None
    if any(column.ends is not None for column in columns):
        pairs = [column.ends or _no_ends(column) for column in columns]
        ends = Ends(
            tuple(pick([pair.low[k] for pair in pairs]) for k in width),
            tuple(pick([pair.high[k] for pair in pairs]) for k in width),
            pick([pair.has for pair in pairs]),
        )
    state = maybe([column.state for column in columns], np.uint8)
    if state is not None and not state.any():
        state = None
    peaks = [column.peak for column in columns]
    return Column(
        tuple(pick([column.parts[k] for column in columns]) for k in width),
        den,
        state,
        None if state is None else maybe([column.detail for column in columns], np.int32),
        ends if state is not None else None,
        model.items,
        maybe([column.more for column in columns], np.bool_),
        None if None in peaks else max(peak for peak in peaks if peak is not None),
        model.kind,
        rules=maybe([column.rules for column in columns], np.int32),
    )


def _either(mask: Array, yes: Array, no: Array) -> Array:
    """`numpy.where`, without its branches where one value stands for all lanes."""
    if yes.dtype == no.dtype == np.int64 and len(mask):
        if yes.strides == no.strides == (0,):
            found = mask * (yes[0] - no[0])
            return np.asarray(found if no[0] == 0 else found + no[0])
        if no.strides == (0,) and no[0] == 0:
            return np.asarray(mask * yes)
        if yes.strides == (0,) and yes[0] == 0:
            return np.asarray(~mask * no)
    return np.asarray(np.where(mask, yes, no))


def spread_out(column: Column, lanes: Array, n: int) -> Column:
    """*n* lanes, of which those at *lanes* are those of *column*; the others are whatever."""
    if not len(lanes):  # no lane to repeat
        return Column(
            tuple(np.zeros(n, part.dtype) for part in column.parts),
            np.ones(n, column.den.dtype) if isinstance(column.den, np.ndarray) else column.den,
            None if column.state is None else np.zeros(n, column.state.dtype),
            items=column.items,
            kind=column.kind,
        )
    back = np.zeros(n, np.int64)
    back[lanes] = np.arange(len(lanes))
    return column.take(back)


# ── lists ────────────────────────────────────────────────────────────────────────────────


class Inside:
    """The items of all lists of a column, one lane each; *start* and *length*: where those of
    each lane are."""

    __slots__ = ("_parent", "items", "length", "size", "start")

    def __init__(
        self, items: Column, start: Array, length: Array, parent: Array | None = None
    ) -> None:
        self.items = items
        self.start = start
        self.length = length
        self.size = len(items)
        self._parent = parent

    @property
    def parent(self) -> Array:
        """The lane that each item is of."""
        if self._parent is None:
            self._parent = np.repeat(np.arange(len(self.start)), self.length)
        return self._parent


def inside(lists: Column) -> Inside:
    """The items of the lists of *lists*; those of lanes that have no list are none."""
    n = len(lists)
    if not lists.parts or lists.items is None:
        none = np.zeros(n, np.int64)
        return Inside(of_state(0, UNKNOWN), none, none)
    starts, lengths = lists.parts
    if lists.state is not None:
        lengths = np.where(lists.state == VALUE, lengths, 0)
    start = np.cumsum(lengths) - lengths
    if (starts is start) or (len(lists.items) == lengths.sum() and np.array_equal(starts, start)):
        return Inside(lists.items, start, lengths)
    parent = np.repeat(np.arange(n), lengths)
    return Inside(
        lists.items.take((starts - start)[parent] + np.arange(len(parent))), start, lengths, parent
    )


class Texts:
    """The texts of a block, each by one whole number. Grows; never forgets."""

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self.texts: list[str] = []
        self._ranks: dict[str, int] = {}
        for text in texts:
            self.rank(text)

    def rank(self, text: str) -> int:
        """The number of *text*, given to it now if it had none."""
        found = self._ranks.get(text)
        if found is None:
            found = self._ranks[text] = len(self.texts)
            self.texts.append(text)
        return found
