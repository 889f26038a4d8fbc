"""Files of a table, read a piece at a time: Parquet, CSV, or a folder of either.

CSV is read as text, whatever is in it: the law says what a column is. Its separator is that of its
first line: a comma, a semicolon or a tab. An empty cell is null.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from lexald.dsl.diagnostics import Diagnostic, LawError, Message

from ..files import shown, unreadable
from ..refusals import SituationError
from .joining import Source
from .rejects import Rows
from .settling import settled, settled_schema

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".tsv", ".txt")
# Rows read at a time, or the bytes that they take, and bytes of CSV.
ROWS = 1 << 16
HELD = 1 << 25
BYTES = 1 << 22


class CannotRead(LawError):
    """A file of a table cannot be used; *diagnostics* say why."""


@attrs.frozen(eq=False)
class Files:
    """The files of one table, in order: they make one, end to end.

    Attributes:
        name: the list that it tells; empty for the table of situations.
        schema: that of the first file, which the others have too.
        n_rows: how many rows they have, where files say so before they are read.
    """

    name: str
    paths: tuple[Path, ...]
    schema: Any
    n_rows: int | None

    def sources(self, broken: Callable[[str, int], None]) -> Iterator[Source]:
        """Pieces of at most `ROWS` rows. *broken* is told of lines of CSV with another number of
        cells than the first: the file, and the number of the row."""
        for path in self.paths:
            read = _parquet if path.suffix in PARQUET else _csv
            yield from read(path, self.schema, broken)


def files_of(name: str, paths: Sequence[Path]) -> Files:
    """The files that *paths* (files, or folders of files) name.

    Raises:
        CannotRead: there is none, one cannot be read, or they are not of one schema.
    """
    listed = [file for path in paths for file in _inside(path)]
    schemas = [_schema(path) for path in listed]
    first = schemas[0]
    for path, schema in zip(listed[1:], schemas[1:], strict=True):
        _same(first, schema, path, listed[0])
    n_rows = None
    if all(path.suffix in PARQUET for path in listed):
        n_rows = sum(_opened(path).metadata.num_rows for path in listed)
    return Files(name, tuple(listed), first, n_rows)


def _inside(path: Path) -> list[Path]:
    if not path.exists():
        raise _refused("X002", f"`{path}` n'existe pas", f"`{path}` does not exist")
    if not path.is_dir():
        if path.suffix not in (*PARQUET, *CSV):
            raise _refused(
                "X071", f"`{path}` n'est ni du Parquet ni du CSV",
                f"`{path}` is neither Parquet nor CSV",
                "une table finit par `.parquet` ou `.csv`", "a table ends in `.parquet` or `.csv`",
            )  # fmt: skip
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix in (*PARQUET, *CSV)
        and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
    )
    if not found:
        raise _refused(
            "X071", f"ni Parquet ni CSV dans `{path}`", f"neither Parquet nor CSV in `{path}`"
        )
    return found


def _schema(path: Path) -> Any:
    if path.suffix in PARQUET:
        try:
            return settled_schema(_opened(path).schema_arrow)
        except (SituationError, UnicodeDecodeError):
            raise _badly_named(path) from None
    return pa.schema([(name, pa.string()) for name in _header(path)[0]])


def _same(first: Any, schema: Any, path: Path, model: Path) -> None:
    if set(schema.names) != set(first.names):
        differ = min(set(schema.names) ^ set(first.names))
        what = (f"colonne `{differ}`", f"column `{differ}`")
    else:
        differing = [f.name for f in schema if first.field(f.name).type != f.type]
        if not differing:
            return
        what = (f"type de `{differing[0]}`", f"type of `{differing[0]}`")
    raise _refused(
        "X072", f"`{path}` n'est pas de la même table que `{model}` : {what[0]}",
        f"`{path}` is not of the same table as `{model}`: {what[1]}",
    )  # fmt: skip


# ── Parquet ──────────────────────────────────────────────────────────────────────────────


def _opened(path: Path) -> Any:
    try:
        return pyarrow.parquet.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, error) from None


def _parquet(path: Path, schema: Any, broken: Callable[[str, int], None]) -> Iterator[Source]:
    name, first = shown(path), 1
    size = _at_once(path)
    for table in _gathered(_row_groups(path, size), size):
        try:
            told = settled(table.select(schema.names))
        except SituationError as error:
            raise _broken(path, error) from None
        yield Source(told, Rows.counted(len(table), name, first))
        first += len(table)


def _at_once(path: Path) -> int:
    """How many rows of a file take `HELD` bytes, going by its first ones."""
    for table in _row_groups(path, 1024):
        return int(min(ROWS, max(1024, HELD * len(table) // max(1, table.nbytes))))
    return ROWS


def _row_groups(path: Path, size: int) -> Iterator[Any]:
    """Tables of at most *size* rows, none over two groups of rows: Arrow cannot read nested
    dictionaries across them."""
    with _opened(path) as file:
        for group in range(file.num_row_groups):
            batches = file.iter_batches(size, row_groups=[group], use_threads=False)
            while True:
                try:
                    batch = next(batches, None)
                except (pa.ArrowException, OSError) as error:
                    raise _broken(path, error) from None
                if batch is None:
                    break
                yield pa.Table.from_batches([batch])


def _gathered(tables: Iterator[Any], size: int) -> Iterator[Any]:
    """*tables*, small ones together up to *size* rows: a block costs as much, however small."""
    held: list[Any] = []
    for table in tables:
        if held and sum(map(len, held)) + len(table) > size:
            yield _one(held)
            held = []
        held.append(table)
    if held:
        yield _one(held)


def _one(tables: Sequence[Any]) -> Any:
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()


# ── CSV ──────────────────────────────────────────────────────────────────────────────────


def _header(path: Path) -> tuple[list[str], str, bool]:
    """The names of the columns, the separator, and whether lines come after."""
    try:
        # A cell that is not UTF-8 is a fault of its row: it is not known here.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            line = file.readline(1_000_000)
            separator = max(",;\t", key=line.count)
            file.seek(0)
            rows = csv.reader(file, delimiter=separator)
            names = next(rows, [])
            has_more = bool(file.read(1)) or next(rows, None) is not None
    except (OSError, csv.Error) as error:
        raise _broken(path, error) from None
    if not names:
        raise _refused("X022", f"`{path}` est vide", f"`{path}` is empty")
    if any(map(_BYTES_ALONE.search, names)):
        raise _badly_named(path)
    return names, separator, has_more


def _csv(path: Path, schema: Any, broken: Callable[[str, int], None]) -> Iterator[Source]:
    names, separator, has_more = _header(path)
    if not has_more:
        return
    name = shown(path)
    skipped: list[int] = []

    def skip(row: Any) -> str:
        skipped.append(row.number - 1)  # the header is the first of those it counts
        broken(name, row.number - 1)
        return "skip"

    try:
        file = _Utf8(path)
        reader = pyarrow.csv.open_csv(
            file,
            pyarrow.csv.ReadOptions(use_threads=False, block_size=BYTES),
            pyarrow.csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=skip
            ),
            pyarrow.csv.ConvertOptions(
                check_utf8=False,
                column_types={column: pa.string() for column in names},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, error) from None
    first = 1
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            raise _broken(path, error) from None
        if not len(batch):
            continue
        numbers = _numbers(first, len(batch), skipped)
        first = int(numbers[-1]) + 1
        source = Source(
            pa.Table.from_batches([file.marked(batch)]).select(schema.names),
            Rows((name,), (np.zeros(len(batch), np.int64), numbers)),
        )
        for start in range(0, len(batch), ROWS):
            yield source.slice(start, min(start + ROWS, len(batch)))


class _Utf8(io.RawIOBase):
    """A file whose bytes are UTF-8, those that are not being written as `MARK`: Arrow gives a line
    that has not its cells as a text, and can give no other."""

    MARK = "\ufdd0"  # which is no sign, and in no text

    def __init__(self, path: Path) -> None:
        self.file = path.open("rb")
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.has_marks = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        if data.isascii() and data and not self.decoder.getstate()[0]:
            return data
        text = self.decoder.decode(data, final=not data)
        while data and not text:  # less than a sign
            data = self.file.read(size)
            text = self.decoder.decode(data, final=not data)
        try:
            return text.encode()
        except UnicodeEncodeError:
            self.has_marks = True
            return _BYTES_ALONE.sub(self.MARK, text).encode()

    def marked(self, batch: Any) -> Any:
        """*batch*, read from this file: its texts that have a mark are not UTF-8, as in the file."""
        if not self.has_marks:
            return batch
        bytes_ = pa.array([b"\xff"])
        unread = pa.StringArray.from_buffers(1, bytes_.buffers()[1], bytes_.buffers()[2])[0]
        columns = [
            pc.if_else(pc.match_substring(column, self.MARK), unread, column)
            for column in batch.columns
        ]
        return pa.RecordBatch.from_arrays(columns, schema=batch.schema)

    def close(self) -> None:
        self.file.close()
        super().close()


# Bytes that are no part of a sign, as Python has them in a text.
_BYTES_ALONE = re.compile("[\udc80-\udcff]")


def _numbers(first: int, n: int, skipped: Sequence[int]) -> Any:
    """The numbers of the *n* next rows that are not *skipped*."""
    numbers = np.arange(first, first + n)
    for gone in sorted(skipped):
        if gone >= first:
            numbers = numbers + (numbers >= gone)
    return numbers


# ── what cannot be read ──────────────────────────────────────────────────────────────────


def _broken(path: Path, error: Exception) -> CannotRead:
    if isinstance(error, OSError) and error.errno:
        return CannotRead([unreadable(path, error)])
    return _refused(
        "X070", f"`{path}` ne se lit pas : ce n'est pas le fichier que son nom annonce",
        f"`{path}` cannot be read: it is not the file that its name says",
        "vérifier qu'il est entier, et qu'un CSV est en UTF-8",
        "check that it is whole, and that a CSV is UTF-8",
    )  # fmt: skip


def _badly_named(path: Path) -> CannotRead:
    return _refused(
        "X070", f"`{path}` ne se lit pas : les noms de ses colonnes ne sont pas en UTF-8",
        f"`{path}` cannot be read: the names of its columns are not UTF-8",
        "écrire le fichier en UTF-8", "write the file as UTF-8",
    )  # fmt: skip


def _refused(code: str, fr: str, en: str, help_fr: str = "", help_en: str = "") -> CannotRead:
    hint = Message(help_fr, help_en) if help_fr else None
    return CannotRead([Diagnostic(code, Message(fr, en), help=hint)])
