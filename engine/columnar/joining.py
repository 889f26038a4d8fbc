"""Tables joined by a key → one nested table: a row for each situation, its lists in it.

Lists may come as one table each: ``soins``, or ``patient.affections``, a row for each element, with
the key of the situation that it is of. Where a list is given so it is told whole: a situation
that no row is of has none. ``soins__incomplete``, beside the key, says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl.diagnostics import Message

from .cells import is_text
from .columns import Array
from .reading import Fault
from .rejects import Origin, Rows


@attrs.frozen(eq=False)
class Source:
    """A table, and where its rows come from."""

    table: Any
    rows: Rows

    @classmethod
    def of(cls, table: Any, name: str = "") -> Source:
        return cls(table, Rows.counted(len(table), name))

    def __len__(self) -> int:
        return len(self.table)

    def slice(self, start: int, end: int) -> Source:
        return Source(self.table.slice(start, end - start), self.rows.take(np.arange(start, end)))

    def take(self, places: Array) -> Source:
        return Source(self.table.take(pa.array(places)), self.rows.take(places))


@attrs.frozen(eq=False)
class Joined:
    """A nested table of the situations that have a key of their own, and what did not join.

    Attributes:
        kept: the rows of the first table that it has.
        origins: by the name of the list.
        faults: rows of the first table whose key is null, or was met before.
        orphans: by the name of the list, rows whose key no situation has.
    """

    source: Source
    kept: Array
    origins: Mapping[str, Origin]
    faults: tuple[Fault, ...]
    orphans: Mapping[str, tuple[Fault, ...]]


def join(main: Source, lists: Mapping[str, Source], key: str) -> Joined:
    """*lists* (by the name of a list, such as ``patient.affections``), each in the table *main*.

    All have the column *key*; rows may be in any order, and elements keep that of their table.
    """
    keys = keys_of(main.table, key)
    rank = pc.index_in(keys, value_set=keys).fill_null(-1).to_numpy(zero_copy_only=False)
    null = np.asarray(keys.is_null().to_numpy(zero_copy_only=False))
    again = ~null & (rank != np.arange(len(main)))
    faults = [
        _fault(key, np.flatnonzero(rows), message)
        for rows, message in ((null, _NO_KEY), (again, _AGAIN))
        if rows.any()
    ]
    kept = np.arange(len(main))
    if faults:
        kept = np.flatnonzero(~null & ~again)
        main, keys = main.take(kept), keys.take(pa.array(kept))
    table = main.table
    origins, orphans = {}, {}
    for name, source in lists.items():
        held = keys_of(source.table, key).cast(keys.type)
        of = pc.index_in(held, value_set=keys).fill_null(-1).to_numpy(zero_copy_only=False)
        lost = np.flatnonzero(of < 0)
        orphans[name] = (_fault(key, lost, _ORPHAN),) if len(lost) else ()
        sound = np.flatnonzero(of >= 0)
        order = sound[np.argsort(of[sound], kind="stable")]
        lengths = np.bincount(of[sound], minlength=len(keys))
        starts = np.cumsum(lengths) - lengths
        elements = source.take(order)
        origins[name] = Origin(elements.rows, starts)
        items = _struct(elements.table.drop_columns([key]), len(order))
        offsets = pa.array(np.concatenate([starts, [len(order)]]).astype(np.int32))
        table = _with(table, name, pa.ListArray.from_arrays(offsets, items))
    return Joined(Source(table, main.rows), kept, origins, tuple(faults), orphans)


def nested_schema(schema: Any, lists: Mapping[str, Any], key: str) -> Any:
    """The schema of the table that `join` gives, from those of the tables."""
    empty = {name: Source.of(found.empty_table()) for name, found in lists.items()}
    return join(Source.of(schema.empty_table()), empty, key).source.table.schema


def keys_of(table: Any, key: str) -> Any:
    """The keys of the rows of a table, as one array."""
    column = _one(table.column(key))
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return column.cast(pa.string()) if is_text(column.type) else column


def _one(column: Any) -> Any:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


def _struct(table: Any, n: int) -> Any:
    """The rows of a table, as structs."""
    if not table.num_columns:
        return pa.array([{}] * n, pa.struct([]))
    arrays = [_one(column) for column in table.columns]
    return pa.StructArray.from_arrays(arrays, fields=list(table.schema))


def _with(table: Any, name: str, column: Any) -> Any:
    """*table* with a list: in the struct that holds it, if there is one."""
    head, _, last = name.rpartition(".")
    if head not in table.column_names:
        return table.append_column(name, column)
    place = table.column_names.index(head)
    held = _one(table.column(place))
    fields = [*held.type, pa.field(last, column.type)]
    mask = held.is_null() if held.null_count else None
    made = pa.StructArray.from_arrays([*held.flatten(), column], fields=fields, mask=mask)
    return table.set_column(place, head, made)


_NO_KEY = Message("la clé est nulle", "the key is null")
_AGAIN = Message("cette clé est celle d'une ligne d'avant", "an earlier row has this key")
_ORPHAN = Message("aucun dossier n'a cette clé", "no situation has this key")


def _fault(column: str, rows: Array, message: Message) -> Fault:
    return Fault(column, None, rows, np.full(len(rows), -1), "E133", message.fr, message.en, None)
