"""The buffers of Arrow arrays, as NumPy arrays: what is not bit-packed is not copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Array = np.ndarray[Any, Any]


def is_complete(rows: pa.Table | Path) -> bool:
    """Whether *rows* has no null, at any depth; a file says so in its statistics."""
    if isinstance(rows, pa.Table):
        return not any(_nulls(chunk) for column in rows.columns for chunk in column.chunks)
    meta = pq.ParquetFile(rows).metadata
    columns = (
        meta.row_group(group).column(rank).statistics
        for group in range(meta.num_row_groups)
        for rank in range(meta.num_columns)
    )
    return all(one is not None and one.null_count == 0 for one in columns)


def _nulls(array: pa.Array) -> int:
    count: int = array.null_count
    if pa.types.is_struct(array.type):
        count += sum(map(_nulls, fields(array).values()))
    if pa.types.is_list(array.type):
        count += _nulls(array.values)
    return count


def fields(column: pa.StructArray) -> dict[str, pa.Array]:
    return {column.type.field(i).name: column.field(i) for i in range(column.type.num_fields)}


def bits(buffer: pa.Buffer | None, start: int, size: int) -> Array | None:
    """*size* bits from *start*, as booleans; `None` for no buffer: all are set."""
    if buffer is None:
        return None
    packed = np.frombuffer(buffer, np.uint8, -(-(start + size) // 8) - start // 8, start // 8)
    return np.unpackbits(packed, bitorder="little")[start % 8 :][:size].view(np.bool_)


class Numbers:
    """Fixed-size values: dates, whole numbers, members, and decimals by their low 64 bits."""

    def __init__(self, array: pa.Array) -> None:
        if pa.types.is_dictionary(array.type):
            array = array.indices
        self.offset = array.offset
        self.valid, data = array.buffers()
        if pa.types.is_decimal(array.type):
            self.data = np.frombuffer(data, np.int64)[::2]
        else:
            kind = np.dtype(f"i{array.type.bit_width // 8}")
            self.data = np.frombuffer(data, kind)

    def values(self, start: int, stop: int) -> Array:
        return self.data[self.offset + start : self.offset + stop]

    def known(self, start: int, stop: int) -> Array | None:
        return bits(self.valid, self.offset + start, stop - start)


class Members(Numbers):
    """Members of an enumeration, by their ranks in *names*; columns have an order of their own."""

    def __init__(self, array: pa.DictionaryArray, names: tuple[str, ...]) -> None:
        super().__init__(array)
        ranks = [names.index(name) for name in array.dictionary.to_pylist()]
        self.ranks = np.array(ranks or [0], self.data.dtype)
        self.as_told = ranks == list(range(len(ranks)))

    def values(self, start: int, stop: int) -> Array:
        told = super().values(start, stop)
        # What is under a null may be anything.
        return told if self.as_told else self.ranks.take(told, mode="clip")


class Booleans:
    def __init__(self, array: pa.Array) -> None:
        self.offset = array.offset
        self.valid, self.data = array.buffers()

    def values(self, start: int, stop: int) -> Array:
        found = bits(self.data, self.offset + start, stop - start)
        assert found is not None
        return found

    def known(self, start: int, stop: int) -> Array | None:
        return bits(self.valid, self.offset + start, stop - start)
