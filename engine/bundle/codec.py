"""The core program as plain data, and back.

As data it is ``[files, rows]``. A file is its name and its text. A row is the number of a class
in the table, then its fields; it refers to rows before it only. The last row is the whole.
What the checker made one object is one row, and what says the same without standing anywhere is
one row too, so the same law gives the same data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

import attrs

from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.forms import Citation, Spanned
from lexald.dsl.program import Program
from lexald.dsl.source import SourceFile

from .shapes import Misshapen, Reader, Table, Writer, identity

# A law may be this large, its shared parts counted each time that they are read, and go this
# deep: the checker's own limits on expressions keep every law far below.
MAX_PARTS = 5_000_000
MAX_DEPTH = 400


@attrs.frozen(eq=False)
class Contents:
    """What a bundle holds: a law, and what the checker said of it."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]


@cache
def table() -> Table:
    """The table of the classes that `Contents` is made of."""
    return Table(Contents)


@cache
def fingerprint() -> str:
    """SHA-256 of the table: engines that write a law in the same classes and fields agree."""
    return hashlib.sha256(table().text.encode()).hexdigest()


@attrs.frozen(eq=False)
class Decoded:
    """What data said: the contents, the files they stand in, and every citation among them."""

    contents: Contents
    files: tuple[SourceFile, ...]
    citations: tuple[Citation, ...]


def encode(contents: Contents, files: tuple[SourceFile, ...]) -> list[Any]:
    """*contents* as data. *files*: those that it stands in, in their order."""
    shapes = table()
    writer = Writer(files={id(file): number for number, file in enumerate(files)})
    rows: list[list[Any]] = []
    alike: dict[str, int] = {}
    todo: list[Any] = [contents]
    while todo:
        value = todo[-1]
        if identity(value) in writer.numbers:
            todo.pop()
            continue
        number = shapes.numbers[type(value)]
        row = [number, *shapes.rows[number].write(value, writer)]
        if writer.missing:
            todo += reversed(writer.missing)
            writer.missing.clear()
            continue
        todo.pop()
        place = len(rows)
        if not isinstance(value, Spanned):
            place = alike.setdefault(repr(row), place)
        if place == len(rows):
            rows.append(row)
        writer.numbers[identity(value)] = place
    return [[[file.name, file.text] for file in files], rows]


def decode(data: Any, rename: Callable[[str], str] = str) -> Decoded:
    """What *data* says, each thing of the class and of the types that are declared.

    *rename* gives the name of a file from the one that is written.

    Raises:
        Misshapen: it is not so.
    """
    if type(data) is not list or len(data) != 2 or not all(type(part) is list for part in data):
        raise Misshapen("files and rows expected")
    files = tuple(_file(file, rename) for file in data[0])
    reader = Reader(files)
    made, sizes, depths = reader.made, reader.sizes, reader.depths
    reads = [shape.read for shape in table().rows]
    for row in data[1]:
        if type(row) is not list or not row:
            raise Misshapen("a row expected")
        number = row[0]
        if type(number) is not int or not 0 <= number < len(reads):
            raise Misshapen("a row of no class")
        reader.parts = reader.depth = 1
        made.append(reads[number](row[1:], reader))
        if reader.parts > MAX_PARTS:
            raise Misshapen(f"more than {MAX_PARTS} parts")
        if reader.depth > MAX_DEPTH:
            raise Misshapen(f"more than {MAX_DEPTH} levels")
        sizes.append(reader.parts)
        depths.append(reader.depth)
    if not made or not isinstance(made[-1], Contents):
        raise Misshapen("the last row is not the whole")
    return Decoded(made[-1], files, tuple(one for one in made if isinstance(one, Citation)))


def _file(data: Any, rename: Callable[[str], str]) -> SourceFile:
    if type(data) is not list or len(data) != 2 or not all(type(part) is str for part in data):
        raise Misshapen("a name and a text expected")
    name, text = data
    file = SourceFile.of(rename(name), text)
    if file.text != text:
        raise Misshapen("a text that is not in normal form")
    return file
