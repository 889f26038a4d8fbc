"""Arrays that Arrow lets one make, and that few tables hold: of every way to hold a list or a text,
of types that tell no fact, with what is under null, outside of bounds, or no UTF-8."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

N = 6
GARBLED = [b"ok", b"\xff\xfe", b"\xc3\xa9", b"", b"caf\xe9", b"consultation"]
_WORDS = ["consultation", None, "prélèvement", "x", "2020-01-01", "vrai"]
_DATES = [dt.date(2020, 1, 1), None, dt.date.min, dt.date.max, dt.date(2019, 2, 28), dt.date(1989, 1, 1)]  # fmt: skip
_CARE = {"nature": "consultation", "base": Decimal("1.00"), "jour": dt.date(2019, 1, 1)}
_ODD_CARE = {"nature": "rien", "base": None, "jour": dt.date(2019, 1, 1)}
_KIND = pa.struct([("nature", pa.string()), ("base", pa.decimal128(17, 2)), ("jour", pa.date32())])
LISTS = (pa.list_, pa.large_list, pa.list_view, pa.large_list_view)


def text(kind: Any, data: list[bytes] = GARBLED) -> Any:
    """Bytes as texts, whatever they are."""
    held = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}
    array = pa.array(data, held.get(kind, pa.binary_view()))
    return pa.Array.from_buffers(kind, len(array), array.buffers())


class Owned(pa.ExtensionType):  # type: ignore[misc]
    def __init__(self, storage: Any) -> None:
        super().__init__(storage, "lexald.owned")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: Any, data: bytes) -> Owned:
        return cls(storage)


def arrays() -> Iterator[tuple[str, Any]]:
    """Each of `N` cells, with what it is called in a test."""
    for family in (_texts, _dictionaries, _numbers, _times, _others, _lists, _structs):
        for name, array in family():
            assert len(array) == N, name
            yield name, array


def _texts() -> Iterator[tuple[str, Any]]:
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        yield str(kind), pa.array(_WORDS, kind)
        yield f"{kind} garbled", text(kind)
    long = "x" * 20_000
    for written in ("", "-", "P", "P1Y2M3W4D", "P9999999Y", "1e5", "9" * 40, "0." + "1" * 40, "+1",
                    "١", "\0", "a;b", "; ;", "2020-13-45", "0000-01-01", "9999-12-31/..",
                    "2020-01-01/2019-01-01", "1\n", "consultation\n", "2020-01-01\n", long):  # fmt: skip
        yield f"text {written[:22]!r}", pa.array([written, None, written, "1", written, "true"])


def _dictionaries() -> Iterator[tuple[str, Any]]:
    made = pa.DictionaryArray.from_arrays
    ranks = pa.array([0, 1, 1, None, 2, 0], pa.int32())
    yield "dictionary garbled", made(pa.array([0, 1, 2, None, 4, 5], pa.int8()), text(pa.string()))
    yield (
        "dictionary garbled where none is",
        made(pa.array([0, 0, 2, None, 5, 5]), text(pa.string())),
    )
    yield "dictionary of views", made(ranks, pa.array(["consultation", "a", "b"], pa.string_view()))
    yield "dictionary with null", made(ranks, pa.array(["consultation", None, ""]))
    yield "dictionary of numbers", made(ranks, pa.array([1, 2, 10**18]))
    yield "dictionary of days", made(ranks, pa.array(_DATES[:3]))
    yield "dictionary of nothing", made(pa.array([None] * N, pa.int32()), pa.array([], pa.string()))
    yield "dictionary of null", made(pa.array([0] * N), pa.nulls(1))
    yield "dictionary of structs", made(pa.array([0] * N), pa.array([{"enfants": 1}]))
    yield "dictionary of lists", made(pa.array([0] * N), pa.array([["consultation"]]))


def _numbers() -> Iterator[tuple[str, Any]]:
    for kind in (pa.int8(), pa.int64(), pa.uint8(), pa.uint64()):
        yield str(kind), pa.array([1, None, 0, 100, 3, 30], kind)
        under = pa.array([1, 2, 3, 4, 5, 6], kind).buffers()
        yield (
            f"{kind} under null",
            pa.Array.from_buffers(kind, N, [pa.py_buffer(b"\x15"), under[1]]),
        )
    yield "ends", pa.array([2**63 - 1, -(2**63), 10**18, -(10**18), None, 10**15])
    yield "ends without sign", pa.array([2**64 - 1, 2**63, 10**18, 0, None, 10**15], pa.uint64())
    for float_ in (np.float16, np.float32, np.float64):
        yield float_.__name__, pa.array(np.array([1, np.nan, np.inf, -np.inf, 0, 2], float_))
    for kind in (pa.decimal32(5, 2), pa.decimal64(18, 2), pa.decimal64(5, -2), pa.decimal128(38, 38),
                 pa.decimal128(38, 0), pa.decimal128(18, 2), pa.decimal128(38, 2),
                 pa.decimal256(76, 2), pa.decimal256(76, 76), pa.decimal256(40, -5)):  # fmt: skip
        most = 10**kind.precision - 1
        cells = [1, None, most, -most, 0, 123]
        wide = Context(prec=100)
        yield str(kind), pa.array([None if c is None else Decimal(c).scaleb(-kind.scale, wide) for c in cells], kind)  # fmt: skip
    for kind in (pa.decimal128(17, 2), pa.decimal256(76, 5)):
        raw = pa.py_buffer(np.full(N * kind.bit_width // 8, 0x7F, np.uint8))
        yield f"{kind} beyond", pa.Array.from_buffers(kind, N, [None, raw])
        yield f"{kind} beyond, null", pa.Array.from_buffers(kind, N, [pa.py_buffer(b"\0"), raw])


def _times() -> Iterator[tuple[str, Any]]:
    yield "days", pa.array(_DATES)
    yield "days 64", pa.array(_DATES, pa.date64())
    yield (
        "days beyond",
        pa.array([2**31 - 1, -(2**31), 0, None, 1, 2], pa.int32()).cast(pa.date32()),
    )
    yield "days 64 beyond", pa.array([2**63 - 1, -(2**63), 1, None, 0, 0]).view(pa.date64())
    for unit in ("s", "ns"):
        for zone in (None, "Europe/Paris"):
            moments = pa.array([0, None, 86_400, 2**62, -(2**63), 0])
            yield f"moments {unit} {zone}", moments.view(pa.timestamp(unit, zone))
        yield f"spans {unit}", pa.array([0, None, 1, 2, 3, 4], pa.duration(unit))
    yield "hours", pa.array([0, None, 1, 2, 3, 4], pa.time32("s"))


def _others() -> Iterator[tuple[str, Any]]:
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield str(kind), pa.array([b"a", None, b"\xff", b"", b"2020-01-01", b"1"], kind)
    yield (
        "bytes of one size",
        pa.array([b"ab", None, b"\xff\xff", b"ab", b"ab", b"ab"], pa.binary(2)),
    )
    yield "null", pa.nulls(N)
    yield "booleans", pa.array([True, None, False, True, None, False])
    kinds, whole, words = pa.array([0, 1] * 3, pa.int8()), pa.array([1] * N), pa.array(["a"] * N)
    yield "union", pa.UnionArray.from_sparse(kinds, [whole, words])
    places = pa.array([0, 0, 1, 1, 2, 2], pa.int32())
    yield "dense union", pa.UnionArray.from_dense(kinds, places, [whole[:3], words[:3]])
    yield "runs of texts", pc.run_end_encode(pa.array(_WORDS))
    yield "runs of garbled texts", pc.run_end_encode(pa.array(["consultation", "consultation", "x", "x", None, "é"]))  # fmt: skip
    yield "runs of numbers", pc.run_end_encode(pa.array([1, 1, 2, 2, None, 3]))
    for array in (whole, pa.array(_WORDS), pa.array([["consultation"]] * N)):
        yield f"of its own: {array.type}", pa.ExtensionArray.from_storage(Owned(array.type), array)
    yield (
        "uuid",
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"a" * 16] * N, pa.binary(16))),
    )
    yield "map", pa.array([[("a", 1)], None, [], [("b", None)], [], []], pa.map_(pa.string(), pa.int64()))  # fmt: skip


def _lists() -> Iterator[tuple[str, Any]]:
    cares = [[_CARE], None, [], [_CARE, _CARE], [_ODD_CARE], [None]]
    words = [["consultation"], None, [], ["prélèvement", "consultation"], [None], ["x"]]
    for kind in LISTS:
        name = kind.__name__
        yield f"{name} of structs", pa.array(cares, kind(_KIND))
        yield f"{name} of structs, later", pa.array([[_CARE], *cares], kind(_KIND)).slice(1)
        yield f"{name} of texts", pa.array(words, kind(pa.string()))
        yield f"{name} of views", pa.array(words, kind(pa.string_view()))
        yield f"{name} of words", pa.array(words, kind(pa.dictionary(pa.int8(), pa.string())))
        yield f"{name} of null", pa.array([[None], None, [], [], [None], []], kind(pa.null()))
        yield f"{name} of lists", pa.array([[["x"]], None, [], [[]], [None], [[]]], kind(pa.list_(pa.string())))  # fmt: skip
        yield (
            f"{name} of numbers",
            pa.array([[1], None, [], [2, 3], [None], [2**62]], kind(pa.int64())),
        )
    two = [["consultation"] * 2, None, ["prélèvement"] * 2, ["x", "y"], [None, None], ["x"] * 2]
    yield "two texts", pa.array(two, pa.list_(pa.string(), 2))
    yield "two views", pa.array(two, pa.list_(pa.string_view(), 2))
    yield "two structs", pa.array([[_CARE] * 2, None, [_CARE, _ODD_CARE], *[[_CARE] * 2] * 3], pa.list_(_KIND, 2))  # fmt: skip
    yield "no structs", pa.array([[], None, [], [], [], []], pa.list_(_KIND, 0))
    each = pa.array([0, 1, 2, 2, 4, 5, 6], pa.int32())
    inside = text(pa.string())
    yield "garbled texts in lists", pa.ListArray.from_arrays(each, inside)
    structs = pa.StructArray.from_arrays([inside], ["nature"])
    yield "garbled texts in structs", pa.ListArray.from_arrays(each, structs)
    shared = pa.array([_CARE, _CARE, _CARE, _ODD_CARE], _KIND)
    starts, sizes = (
        pa.array([0, 0, 3, 1, 2, 0], pa.int32()),
        pa.array([2, 2, 1, 2, 0, 4], pa.int32()),
    )
    yield "lists that share", pa.ListViewArray.from_arrays(starts, sizes, shared)
    mask = pa.array([False, True, False, False, False, True])
    yield (
        "lists that share, under null",
        pa.ListViewArray.from_arrays(starts, sizes, shared, mask=mask),
    )
    yield "lists under null", pa.ListArray.from_arrays(pa.array([0, 1, 2, 3, 3, 3, 3], pa.int32()), shared, mask=mask)  # fmt: skip


def _structs() -> Iterator[tuple[str, Any]]:
    made = pa.StructArray.from_arrays
    rows = [{"enfants": 1}, None, {"enfants": None}, {"enfants": 100}, {}, {"enfants": 3}]
    yield "struct", pa.array(rows, pa.struct([("enfants", pa.int8())]))
    yield "struct, one twice", made([pa.array([1] * N)] * 2, ["enfants", "enfants"])
    yield "struct with a dot", made([pa.array([True] * N)], ["affections.grave"])
    yield "struct without names", made([pa.array([1] * N)], [""])
    yield "struct of nothing", pa.array([{}] * N, pa.struct([]))
    yield "struct under null", made([pa.array([99] * N), text(pa.string())], ["enfants", "natures"], mask=pa.array([True] * N))  # fmt: skip
    for kind in LISTS:
        inner = pa.struct([("affections", kind(pa.struct([("grave", pa.bool_()), ("note", pa.string_view())])))])  # fmt: skip
        held: list[Any] = [
            {"affections": [{"grave": True, "note": "a"}]},
            None,
            {"affections": None},
        ]
        held += [{"affections": []}, {"affections": [None]}, {"affections": [{"note": ""}]}]
        yield f"struct of {kind.__name__}", pa.array(held, inner)
    ends = ["first", "last"]
    yield "period of moments", pa.array([{"first": 0, "last": 1}] * N, pa.struct([(e, pa.timestamp("s")) for e in ends]))  # fmt: skip
    yield "period of garbled texts", made([text(pa.string())] * 2, ends)
    yield "period of nothing", made([pa.nulls(N)] * 2, ends)
    yield "period, one end twice", made([pa.nulls(N)] * 3, ["first", "last", "last"])


def malformed() -> Iterator[tuple[str, Any]]:
    """What Arrow makes without a look, and crashes on."""
    words = pa.array(["consultation"])
    yield "dictionary", pa.DictionaryArray.from_arrays(pa.array([0, 7]), words, safe=False)
    care = pa.array([_CARE] * 3, _KIND)
    yield "lists that go back", pa.ListArray.from_arrays(pa.array([0, 3, 2], pa.int32()), care)
    starts, sizes = pa.array([0, 9], pa.int32()), pa.array([1, 1], pa.int32())
    yield "views", pa.ListViewArray.from_arrays(starts, sizes, care)
