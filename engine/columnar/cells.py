"""Cells of an Arrow column → exact values of one type of the language, all at once.

A cell that does not read is marked, with the reason; nothing is guessed, and a float is never
read. Null is no fault: the cell tells nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl.program import Field, Program
from lexald.dsl.types import EnumType, Kind, ListType, Scalar, Type
from lexald.dsl.values import Duration

from ..scalars import MAX_TEXT, MAX_WHOLE
from .columns import NEVER, Array, Texts
from .settling import GARBLED, garbled, is_text

# The number of 1970-01-01, from which Arrow counts days.
EPOCH = 719_163
_FIRST_DAY, _LAST_DAY = 1, NEVER - 1
# Cents of the largest amount: 15 digits of euros, and two decimals.
_MOST_CENTS = 10**17 - 1
_MOST_INT64 = 2**63 - 1
# Texts of more bytes have offsets of 64 bits, which some work of Arrow does without.
_MOST_BYTES = 2**31 - 1
_DAY_TEXT = r"^\d{4}-\d{2}-\d{2}$"
_RANGE_TEXT = r"^(?P<first>\d{4}-\d{2}-\d{2})/(?P<last>\d{4}-\d{2}-\d{2}|\.\.)$"
_DURATION_TEXT = r"^(?P<sign>-?)P(?:(?P<y>\d{1,6})Y)?(?:(?P<m>\d{1,6})M)?(?:(?P<w>\d{1,6})W)?(?:(?P<d>\d{1,6})D)?$"


@attrs.frozen(eq=False)
class Wrong:
    """Cells that do not read: *lanes* says which; *code* is one of the catalogue."""

    lanes: Array
    code: str
    fr: str = ""
    en: str = ""


@attrs.frozen(eq=False)
class Cells:
    """What a column comes to. *parts* and *den* are as in `columns`; *told* says which cells
    tell something, faulty ones included."""

    parts: tuple[Array, ...]
    told: Array
    den: int = 1
    wrong: tuple[Wrong, ...] = ()

    def take(self, places: Array, told: Array) -> Cells:
        """The cells at *places*; those that are not *told* are whatever."""
        if not len(self.told):
            none = tuple(np.zeros(len(places), part.dtype) for part in self.parts)
            return Cells(none, told, self.den)
        return Cells(
            tuple(part[places] for part in self.parts),
            told if self.told.all() else told & self.told[places],
            self.den,
            tuple(
                Wrong(w.lanes[places] & told, w.code, w.fr, w.en)
                for w in self.wrong
                if w.lanes.any()
            ),
        )


# ── what may be read as what ─────────────────────────────────────────────────────────────


def _is_whole(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind))


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_decimal(kind) or is_text(kind))


def _is_day(kind: Any) -> bool:
    naive = pa.types.is_timestamp(kind) and kind.tz is None
    return bool(pa.types.is_date(kind) or naive or is_text(kind))


def _is_range(kind: Any) -> bool:
    return is_text(kind) or (
        pa.types.is_struct(kind)
        and {field.name for field in kind} == {"first", "last"}
        and all(_is_day(field.type) or pa.types.is_null(field.type) for field in kind)
    )


_READABLE: dict[Kind, Callable[[Any], bool]] = {
    Kind.BOOL: lambda kind: bool(pa.types.is_boolean(kind)) or is_text(kind),
    Kind.INT: lambda kind: _is_whole(kind) or is_text(kind),
    Kind.DECIMAL: _is_number,
    Kind.RATE: _is_number,
    Kind.AMOUNT: _is_number,
    Kind.DATE: _is_day,
    Kind.DURATION: is_text,
    Kind.PERIOD: _is_range,
    Kind.OPEN_PERIOD: _is_range,
    Kind.TEXT: is_text,
}


def is_readable(kind: Any, wanted: Type) -> bool:
    """Whether a column of the Arrow type *kind* may hold facts of the scalar type *wanted*."""
    if pa.types.is_null(kind):
        return True
    if pa.types.is_dictionary(kind):
        return is_readable(kind.value_type, wanted)
    if isinstance(wanted, EnumType):
        return is_text(kind)
    return isinstance(wanted, Scalar) and _READABLE[wanted.kind](kind)


# ── reading ──────────────────────────────────────────────────────────────────────────────


def read_cells(array: Any, wanted: Type, program: Program, texts: Texts) -> Cells:
    """The cells of *array*, whose type is readable as the scalar type *wanted*."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        indices = array.indices
        told = _told(indices)
        inner = read_cells(array.dictionary, wanted, program, texts)
        return inner.take(_int64(indices), told)
    if pa.types.is_null(kind):
        width = 2 if isinstance(wanted, Scalar) and wanted.kind in _TWO_PARTS else 1
        zeros: Array = np.zeros(len(array), np.bool_ if wanted == Scalar(Kind.BOOL) else np.int64)
        return Cells((zeros,) * width, np.zeros(len(array), np.bool_))
    if is_text(kind):
        return _of_text(array, wanted, program, texts)
    assert isinstance(wanted, Scalar), wanted
    return _READERS[wanted.kind](array, _told(array), texts)


_TWO_PARTS = (Kind.DURATION, Kind.PERIOD, Kind.OPEN_PERIOD)


def _of_text(array: Any, wanted: Type, program: Program, texts: Texts) -> Cells:
    """The cells of a column of texts. One that is not UTF-8 is of no type."""
    array, long = _held(array)
    unread = garbled(array)
    if unread is not None:
        array = pc.if_else(pa.array(unread), pa.scalar(None, array.type), array)
    array = array.cast(pa.string())
    told = _told(array)
    if isinstance(wanted, EnumType):
        members = list(program.enumerations[wanted.name].members)
        cells = _member(array, told, members, texts)
    else:
        assert isinstance(wanted, Scalar), wanted
        cells = _READERS[wanted.kind](array, told, texts)
    cells = _with_blanks(array, cells)
    for lanes, message in ((long, None), (unread, GARBLED)):
        if lanes is not None:
            fr, en = (message.fr, message.en) if message else ("", "")
            wrong = (*cells.wrong, Wrong(lanes, "E103", fr, en))
            cells = attrs.evolve(cells, told=cells.told | lanes, wrong=wrong)
    return cells


def _held(array: Any) -> tuple[Any, Array | None]:
    """*array*, in so few bytes that Arrow works on it, and which texts are too long for that."""
    if not pa.types.is_large_string(array.type) or array.nbytes <= _MOST_BYTES:
        return array, None
    long = _flags(
        pc.greater(pc.binary_length(array), 4 * MAX_TEXT)
    )  # a sign has four bytes at most
    return pc.if_else(pa.array(long), pa.scalar(None, array.type), array), long


def _told(array: Any) -> Array:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))


def _flags(array: Any) -> Array:
    """Booleans of *array*; null is false."""
    known = pc.fill_null(array, False) if array.null_count else array
    return np.asarray(known.to_numpy(zero_copy_only=False))


def _with_blanks(array: Any, cells: Cells) -> Cells:
    """*cells*, those that are empty texts being told apart from those that are wrong."""
    if not any(wrong.lanes.any() for wrong in cells.wrong):
        return attrs.evolve(cells, wrong=())
    blank = _blank(array)
    if not blank.any():
        return cells
    wrong = [attrs.evolve(w, lanes=w.lanes & ~blank) for w in cells.wrong]
    return attrs.evolve(cells, wrong=(Wrong(blank, "E105"), *wrong))


def _blank(array: Any) -> Array:
    return _flags(pc.equal(pc.utf8_trim_whitespace(array), ""))


def _bool(array: Any, told: Array, texts: Texts) -> Cells:
    if pa.types.is_boolean(array.type):
        return Cells((_flags(array),), told)
    true = _flags(pc.is_in(array, pa.array(["true", "vrai"])))
    false = _flags(pc.is_in(array, pa.array(["false", "faux"])))
    return Cells((true,), told, 1, (Wrong(told & ~true & ~false, "E103"),))


def _int(array: Any, told: Array, texts: Texts) -> Cells:
    if is_text(array.type):
        good = _matching(array, r"^-?\d{1,18}$")
        return Cells(
            (_int64(good.cast(pa.int64())),), told, 1, (Wrong(told & ~_told(good), "E103"),)
        )
    values, wrong = _whole(array, told, MAX_WHOLE - 1)
    return Cells((values,), told, 1, wrong)


def _whole(array: Any, told: Array, most: int) -> tuple[Array, tuple[Wrong, ...]]:
    """Integers of any width, those beyond *most* being wrong."""
    if pa.types.is_uint64(array.type) or array.type.bit_width == 64:
        values = array.fill_null(0).to_numpy(zero_copy_only=False)
        wild = told & ((values > most) | (values < (-most if values.dtype.kind == "i" else 0)))
        values = np.where(wild, 0, values).astype(np.int64)
        return values, (Wrong(wild, "E103"),)
    return _int64(array.cast(pa.int64())), ()


def _int64(array: Any) -> Array:
    """Whole numbers of *array*, of whatever width; null is 0."""
    known = array.fill_null(0) if array.null_count else array
    return np.asarray(known.to_numpy(zero_copy_only=False))


def _matching(array: Any, pattern: str) -> Any:
    """*array*, what does not match *pattern* being null."""
    return pc.if_else(pc.match_substring_regex(array, pattern), array, pa.scalar(None, pa.string()))


def _limbs(array: Any) -> Array:
    """The unscaled numbers of a column of decimals; in 64 bits if all fit. Null is 0."""
    if array.type.bit_width < 128:
        array = array.cast(pa.decimal128(array.type.precision, array.type.scale))
    n_limbs = array.type.bit_width // 64
    data = np.frombuffer(array.buffers()[1], np.int64)[: (array.offset + len(array)) * n_limbs]
    limbs = data.reshape(-1, n_limbs)[array.offset :]
    if array.null_count:  # to fill them, Arrow would change a scale that is below zero
        limbs = np.where(_told(array)[:, None], limbs, 0)
    low = limbs[:, 0]
    if array.type.precision <= 18:
        return low.copy()
    sign = low >> 63
    if all(np.array_equal(limbs[:, rank], sign) for rank in range(1, n_limbs)):
        return low.copy()
    total: Array = limbs[:, -1].astype(object)
    for rank in range(n_limbs - 2, -1, -1):
        total = total * 2**64 + limbs[:, rank].view(np.uint64).astype(object)
    return total


def _fraction(array: Any, told: Array, texts: Texts) -> Cells:
    if pa.types.is_integer(array.type):
        values, wrong = _whole(array, told, MAX_WHOLE - 1)
        return Cells((values,), told, 1, wrong)
    wrong = ()
    if is_text(array.type):
        good = _matching(array, r"^[+-]?\d{1,30}(?:\.\d{1,29})?$")
        n_digits = pc.count_substring_regex(good, r"\d")
        good = pc.if_else(pc.less_equal(n_digits, 30), good, pa.scalar(None, pa.string()))
        length, dot = _int64(pc.binary_length(good)), _int64(pc.find_substring(good, "."))
        has_dot = _told(good) & (dot > 0)
        scale = int(np.where(has_dot, length - dot - 1, 0).max(initial=0))
        wrong = (Wrong(told & ~_told(good), "E103"),)
        array = good.cast(pa.decimal128(38, scale) if scale <= 8 else pa.decimal256(76, scale))
    numerators, scale = _limbs(array), array.type.scale
    if scale < 0:
        return Cells((_narrow(numerators.astype(object) * 10**-scale),), told, 1, wrong)
    # Trailing zeros of the type would make every product longer than it is.
    while scale and not (numerators % 10).any():
        numerators, scale = numerators // 10, scale - 1
    return Cells((numerators,), told, 10**scale, wrong)


def _narrow(numbers: Array) -> Array:
    """Whole numbers of Python in 64 bits, if all fit."""
    fits = not len(numbers) or (numbers.max() <= _MOST_INT64 and numbers.min() >= -_MOST_INT64)
    return numbers.astype(np.int64) if fits else numbers


def _amount(array: Any, told: Array, texts: Texts) -> Cells:
    """Cents. A column that holds euros with more than two decimals must hold zeros there."""
    if pa.types.is_integer(array.type):
        values, wrong = _whole(array, told, 10**15 - 1)
        return Cells((values * 100,), told, 1, wrong)
    if is_text(array.type):
        good = _matching(array, r"^[+-]?\d{1,15}(?:\.\d{1,2})?$")
        cents = _limbs(good.cast(pa.decimal128(38, 2)))
        return Cells((cents,), told, 1, (Wrong(told & ~_told(good), "E103"),))
    numerators, scale = _limbs(array), array.type.scale
    if scale == 2 and array.type.precision <= 17:  # no such cell is wrong
        return Cells((numerators,), told)
    lost = np.zeros(len(array), np.bool_)
    if scale < 2:
        numerators = numerators.astype(object) * 10 ** (2 - scale)
    elif scale > 2:
        unit = 10 ** (scale - 2)
        if unit > _MOST_INT64:
            numerators = numerators.astype(object)
        lost = (numerators % unit != 0).astype(np.bool_)
        numerators = numerators // unit
    # The least number of 64 bits has no absolute value.
    wild = ((numerators > _MOST_CENTS) | (numerators < -_MOST_CENTS)).astype(np.bool_)
    bad = told & (lost | wild)
    cents = np.where(bad, 0, numerators).astype(np.int64)
    return Cells((cents,), told, 1, (Wrong(bad, "E103"),))


# ── days ─────────────────────────────────────────────────────────────────────────────────


def _days(array: Any, told: Array) -> tuple[Array, Array]:
    """Numbers of days, and which cells are none."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.zeros(len(array), np.int64), np.zeros(len(array), np.bool_)
    if is_text(kind):
        return _days_of_text(array, told)
    late = np.zeros(len(array), np.bool_)
    if pa.types.is_date32(kind):
        numbers = np.add(_int64(array.cast(pa.int32())), EPOCH, dtype=np.int64)
        if not len(numbers) or (numbers.min() >= _FIRST_DAY and numbers.max() <= _LAST_DAY):
            return numbers, late
        days = numbers - EPOCH
    else:
        per_day = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
        unit = "ms" if pa.types.is_date64(kind) else kind.unit
        days, rest = np.divmod(_int64(array.cast(pa.int64())), per_day[unit])
        late = rest != 0
    numbers = days + EPOCH
    bad = told & (late | (numbers < _FIRST_DAY) | (numbers > _LAST_DAY))
    return np.where(bad, 1, numbers), bad


def _days_of_text(array: Any, told: Array) -> tuple[Array, Array]:
    written = pc.match_substring_regex(array, _DAY_TEXT)
    good = _flags(written)
    held = pc.if_else(pc.fill_null(written, False), array, pa.scalar("0001-01-01"))
    data = held.cast(pa.binary()).cast(pa.binary(10))
    signs = np.frombuffer(data.buffers()[1], np.uint8).reshape(-1, 10)
    digits = signs[data.offset : data.offset + len(data)].astype(np.int64) - 48
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month = digits[:, 5] * 10 + digits[:, 6]
    day = digits[:, 8] * 10 + digits[:, 9]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    exists = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    month = np.where(exists, month, 1)
    exists &= day <= _MONTH_DAYS[month] + (leap & (month == 2))
    before = year - 1
    numbers = (
        before * 365 + before // 4 - before // 100 + before // 400
        + _DAYS_BEFORE[month] + (leap & (month > 2)) + day
    )  # fmt: skip
    bad = told & ~(good & exists)
    return np.where(bad, 1, numbers), bad


_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_DAYS_BEFORE = np.concatenate([[0, 0], np.cumsum(_MONTH_DAYS[1:12])])


def _date(array: Any, told: Array, texts: Texts) -> Cells:
    days, bad = _days(array, told)
    return Cells((days,), told, 1, (Wrong(bad, "E103"),) if bad.any() else ())


def _duration(array: Any, told: Array, texts: Texts) -> Cells:
    found = pc.extract_regex(array, _DURATION_TEXT)
    sign, *groups = found.flatten()
    numbers, any_told = [], np.zeros(len(array), np.bool_)
    for group in groups:
        here = _flags(pc.not_equal(group, ""))
        any_told |= here
        digits = pc.if_else(pc.fill_null(pc.equal(group, ""), True), "0", group)
        numbers.append(_int64(digits.cast(pa.int64())))
    years, months, weeks, days = numbers
    sense = np.where(_flags(pc.equal(sign, "-")), -1, 1)
    parts = (sense * (12 * years + months), sense * (7 * weeks + days))
    return Cells(parts, told, 1, (Wrong(told & ~any_told, "E103"),))


def _open_period(array: Any, told: Array, texts: Texts) -> Cells:
    return _range(array, told, may_last=True)


def _period(array: Any, told: Array, texts: Texts) -> Cells:
    return _range(array, told, may_last=False)


def _range(array: Any, told: Array, *, may_last: bool) -> Cells:
    """Periods; those without end if they *may_last*."""
    if is_text(array.type):
        first_text, last_text = pc.extract_regex(array, _RANGE_TEXT).flatten()
        begins = _told(first_text)
        endless = _flags(pc.equal(last_text, ".."))
        last_text = pc.if_else(pc.fill_null(pc.equal(last_text, ".."), True), None, last_text)
    else:
        order = [array.type.get_field_index(name) for name in ("first", "last")]
        children = array.flatten()
        first_text, last_text = children[order[0]], children[order[1]]
        begins = _told(first_text)
        endless = told & ~_told(last_text)
        # Nothing is told of either end.
        told = told & ~(endless & ~begins)
    first, bad_first = _days(first_text, begins)
    ends = _told(last_text)
    last, bad_last = _days(last_text, ends)
    last = np.where(ends, last, NEVER)
    bad = told & (~begins | bad_first | bad_last)
    endless = told & ~bad & endless if not may_last else np.zeros(len(array), np.bool_)
    backwards = told & ~bad & ~endless & (last < first)
    fr = "celle-ci doit avoir une fin ; si la fin n'est pas connue, laisser la cellule vide"
    en = "this one must have an end; if the end is unknown, leave the cell empty"
    wrong = (Wrong(bad, "E103"), Wrong(endless, "E103", fr, en), Wrong(backwards, "E121"))
    return Cells((first, last), told, 1, wrong)


# ── words ────────────────────────────────────────────────────────────────────────────────


def _member(array: Any, told: Array, members: Sequence[str], texts: Texts) -> Cells:
    places = np.array([texts.rank(member) for member in members], np.int64)
    values = pa.array(members, pa.string())
    ranks = pc.index_in(array, value_set=values)
    if ranks.null_count > array.null_count:
        # Accents may be coded in two ways: only those that are not found are looked at again.
        ranks = pc.index_in(pc.utf8_normalize(array, form="NFC"), value_set=values)
    found = _told(ranks)
    ranks = _int64(ranks.cast(pa.int64()))
    return Cells((places[ranks],), told, 1, (Wrong(told & ~found, "E103"),))


def _text(array: Any, told: Array, texts: Texts) -> Cells:
    coded = pc.utf8_normalize(array, form="NFC").dictionary_encode()
    distinct = coded.dictionary
    ranks = np.array([texts.rank(text) for text in distinct.to_pylist()], np.int64)
    lengths = _int64(pc.utf8_length(distinct))
    wrong = (Wrong(lengths > MAX_TEXT, "E103"), Wrong(_blank(distinct), "E105"))
    inner = Cells((ranks,), np.ones(len(distinct), np.bool_), 1, wrong)
    return inner.take(_int64(coded.indices.cast(pa.int64())), told)


_READERS: dict[Kind, Callable[[Any, Array, Texts], Cells]] = {
    Kind.BOOL: _bool,
    Kind.INT: _int,
    Kind.DECIMAL: _fraction,
    Kind.RATE: _fraction,
    Kind.AMOUNT: _amount,
    Kind.DATE: _date,
    Kind.DURATION: _duration,
    Kind.PERIOD: _period,
    Kind.OPEN_PERIOD: _open_period,
    Kind.TEXT: _text,
}


# ── bounds ───────────────────────────────────────────────────────────────────────────────


def out_of_bounds(cells: Cells, field: Field) -> Array | None:
    """The cells whose value is not between the bounds that *field* declares; `None`: it has none."""
    if field.bounds is None:
        return None
    low, high = field.bounds
    kind = field.type.item if isinstance(field.type, ListType) else field.type
    assert isinstance(kind, Scalar), kind
    if isinstance(low, Duration) and isinstance(high, Duration):
        months, days = cells.parts
        out = _order(months - low.months, days - low.days) == -1
        out |= _order(months - high.months, days - high.days) == 1
        return np.asarray(cells.told & out)
    (values,) = cells.parts
    least, most = (exact(end, kind) * cells.den for end in (low, high))
    floor, ceiling = -(-least.numerator // least.denominator), most.numerator // most.denominator
    return np.asarray(cells.told & ((values < floor) | (values > ceiling)))


def _order(months: Array, days: Array) -> Array:
    """`Duration.compare` with zero; 0 too where it needs a date."""
    whole = np.sign(np.where(months != 0, months, days))
    return np.where(np.sign(months) * np.sign(days) < 0, 0, whole)


def exact(bound: Any, kind: Scalar) -> Fraction:
    """A bound of a fact as the number that it is: cents of an amount, the number of a day."""
    match kind.kind:
        case Kind.AMOUNT:
            return Fraction(bound.cents)
        case Kind.DATE:
            return Fraction(bound.toordinal())
    return Fraction(bound)
