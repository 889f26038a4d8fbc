"""Where answers and rejects go: files that are whole, or are not there.

A file is written beside its place under a hidden name, put on the disk, then given its name at
once: a run that is killed leaves nothing half-written, and what was there before.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from .sources import CSV, PARQUET
from .writing import RULES, RULES_SUFFIX

LINES = (".jsonl", ".ndjson")
# Rows, and bytes, that make a group of rows of Parquet.
GROUP_ROWS = 1 << 17
GROUP_BYTES = 1 << 25


class Sink(Protocol):
    """A file in the making."""

    def write(self, table: Any) -> None: ...

    def finish(self) -> None:
        """Puts all of it on the disk, under its hidden name."""

    def commit(self) -> None:
        """Gives the finished file its name: from then on, it is there, whole."""

    def drop(self) -> None:
        """Leaves nothing; after `commit`, does nothing."""


class _Sink:
    def __init__(self, path: Path) -> None:
        self.path = path.resolve()  # a link keeps leading to its file
        number, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{path.name}.")
        self.file = os.fdopen(number, "wb")
        self.hidden: str | None = name

    def finish(self) -> None:
        self.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def commit(self) -> None:
        assert self.hidden is not None
        os.chmod(self.hidden, 0o666 & ~_mask())
        os.replace(self.hidden, self.path)
        self.hidden = None
        with contextlib.suppress(OSError):  # some systems cannot open a folder
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def drop(self) -> None:
        if self.hidden is None:
            return
        with contextlib.suppress(Exception):  # whatever state a writer is in
            self.close()
        with contextlib.suppress(OSError):  # the disk may be full
            self.file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.hidden)
        self.hidden = None

    def close(self) -> None:
        """Writes what is still held."""


class _Parquet(_Sink):
    def __init__(self, path: Path, schema: Any) -> None:
        super().__init__(path)
        self.writer = pyarrow.parquet.ParquetWriter(self.file, schema, compression="zstd")
        self.held: list[Any] = []
        self.n_rows = self.n_bytes = 0

    def write(self, table: Any) -> None:
        self.held.append(table)
        self.n_rows += len(table)
        self.n_bytes += table.nbytes
        if self.n_rows >= GROUP_ROWS or self.n_bytes >= GROUP_BYTES:
            self.group()

    def group(self) -> None:
        if self.held:
            self.writer.write_table(pa.concat_tables(self.held))
        self.held, self.n_rows, self.n_bytes = [], 0, 0

    def close(self) -> None:
        self.group()
        self.writer.close()


class _Csv(_Sink):
    def __init__(self, path: Path, schema: Any) -> None:
        super().__init__(path)
        self.writer = pyarrow.csv.CSVWriter(self.file, flat(schema.empty_table()).schema)

    def write(self, table: Any) -> None:
        self.writer.write_table(flat(table))

    def close(self) -> None:
        self.writer.close()


class _Lines(_Sink):
    def write(self, table: Any) -> None:
        for row in table.to_pylist():
            self.file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def sink(path: Path, schema: Any) -> Sink:
    """A new file at *path*, of the kind that its name says.

    Raises:
        OSError: it cannot be written there.
    """
    if path.suffix in PARQUET:
        return _Parquet(path, schema)
    if path.suffix in CSV:
        return _Csv(path, schema)
    assert path.suffix in LINES, path
    return _Lines(path)


def unwritable(path: Path, schema: Any) -> str | None:
    """The first column that a file of this name cannot hold: CSV has no list, no map, no bytes."""
    if path.suffix in PARQUET or path.suffix in LINES:
        return None
    row = flat(pa.Table.from_arrays([pa.nulls(1, field.type) for field in schema], schema=schema))
    for name, column in zip(row.column_names, row.columns, strict=True):
        if any(test(column.type) for test in _ARE_BYTES):
            return str(name)
        try:
            pyarrow.csv.write_csv(row.select([name]), io.BytesIO())
        except pa.ArrowException:
            return str(name)
    return None


_ARE_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)


def flat(table: Any) -> Any:
    """*table* with a column for each member of a struct, named with a dot; dictionaries as text,
    periods as ISO text; labels of rules as one text, with semicolons between them."""
    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        columns |= dict(_flattened(name, column))
    return pa.table(columns)


def _flattened(name: str, column: Any) -> Iterator[tuple[str, Any]]:
    kind = column.type
    if pa.types.is_struct(kind):
        for field, child in zip(kind, column.flatten(), strict=True):
            yield from _flattened(f"{name}.{field.name}", child)
    elif pa.types.is_dictionary(kind):
        yield name, column.cast(kind.value_type)
    elif _are_rules(name, kind):
        yield name, pc.binary_join(column.cast(pa.list_(pa.string())), " ; ")
    else:
        yield name, column


def _are_rules(name: str, kind: Any) -> bool:
    return bool(name.endswith(RULES_SUFFIX) and kind == RULES)


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
