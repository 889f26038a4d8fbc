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

from lexald.dsl.diagnostics import Diagnostic, Message

from ..refusals import SituationError
from .columns import Array
from .reading import Fault
from .rejects import Origin, Rows
from .settling import is_text, legible


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
        held = keys_of(source.table, key)
        known = keys
        if held.type != keys.type:  # some are whole numbers of 64 bits without a sign
            held, known = held.cast(_UNSIGNED), keys.cast(_UNSIGNED)
        of = pc.index_in(held, value_set=known).fill_null(-1).to_numpy(zero_copy_only=False)
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
    """The keys of the rows of a table, as one array: bytes, or whole numbers; null for a text that
    is not UTF-8."""
    column = _one(table.column(key))
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    if is_text(column.type):
        return legible(column)[0].cast(pa.large_binary())  # which are in the order of texts
    return column.cast(_UNSIGNED if pa.types.is_uint64(column.type) else pa.int64())


def check_keys(schemas: Mapping[str, Any], key: str) -> None:
    """Whether every table (by the name of its list; that of situations has none) has the key, of
    one type.

    Raises:
        SituationError: they do not.
    """
    kinds = set()
    for name, schema in schemas.items():
        if key not in schema.names:
            raise SituationError([no_column(key, name)])
        if schema.get_field_index(key) < 0:
            raise SituationError([told_twice(key)])
        kind = schema.field(key).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (is_text(kind) or pa.types.is_integer(kind)):
            raise SituationError([_bad_key(key, kind)])
        kinds.add("text" if is_text(kind) else "whole")
    if len(kinds) > 1:
        raise SituationError([_mixed_keys(key)])


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


# Whole numbers of 64 bits, with a sign or without.
_UNSIGNED = pa.decimal128(20, 0)
_NO_KEY = Message("la clé est nulle, ou n'est pas en UTF-8", "the key is null, or not UTF-8")
_AGAIN = Message("cette clé est celle d'une ligne d'avant", "an earlier row has this key")
_ORPHAN = Message("aucun dossier n'a cette clé", "no situation has this key")


def _fault(column: str, rows: Array, message: Message) -> Fault:
    return Fault(column, None, rows, np.full(len(rows), -1), "E133", message.fr, message.en, None)


# ── what does not fit ────────────────────────────────────────────────────────────────────


def no_column(name: str, table: str = "") -> Diagnostic:
    of_fr = f" dans la table `{table}`" if table else ""
    of_en = f" in table `{table}`" if table else ""
    return Diagnostic(
        "E134", Message(f"pas de colonne `{name}`{of_fr}", f"no column `{name}`{of_en}")
    )


def told_twice(key: str) -> Diagnostic:
    return Diagnostic(
        "E111", Message(f"deux colonnes ont le nom `{key}`", f"two columns have the name `{key}`")
    )


def _bad_key(key: str, kind: Any) -> Diagnostic:
    return Diagnostic(
        "E130",
        Message(
            f"colonne `{key}` : une clé est un texte ou un entier, non `{kind}`",
            f"column `{key}`: a key is a text or a whole number, not `{kind}`",
        ),
    )


def _mixed_keys(key: str) -> Diagnostic:
    return Diagnostic(
        "E130",
        Message(
            f"colonne `{key}` : un texte dans une table, un entier dans une autre",
            f"column `{key}`: a text in one table, a whole number in another",
        ),
        help=Message(
            "donner le même type à la clé partout ; dans un CSV elle est un texte",
            "give the key one type everywhere; in a CSV it is a text",
        ),
    )
