"""Arrow tables from outside, held in the ways that the rest reads.

A text or a list may be held as a view, of which Arrow can neither pick rows nor cast all, or by runs: it
is written anew. What Arrow lets one make and is no table, such as lists that end before they start,
is refused here or where it is met; a text that is not UTF-8 is a fault of its row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl.diagnostics import Diagnostic, Message

from ..refusals import SituationError
from .columns import Array

# Texts that are UTF-8, for a search that takes each byte for a sign.
_LEGIBLE = (
    r"(?s)\A(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]"
    r"|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}"
    r"|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*\z"
)
GARBLED = Message(
    "le texte n'est pas en UTF-8 : écrire le fichier en UTF-8",
    "the text is not UTF-8: write the file as UTF-8",
)


def is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


# ── views ────────────────────────────────────────────────────────────────────────────────


def settled(table: Any) -> Any:
    """The table, without views nor runs.

    Raises:
        SituationError: it is no table, although Arrow has it; or the name of a column is not UTF-8.
    """
    schema = settled_schema(table.schema)
    columns = []
    for rank, field in enumerate(schema):
        column = table.column(rank)
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        try:
            for chunk in chunks:
                chunk.validate()
            held = [_settled(chunk, field.type) for chunk in chunks]
            for chunk in held:
                _check(chunk)
        except pa.ArrowException:
            raise broken(field.name) from None
        columns.append(pa.chunked_array(held, field.type))
    if isinstance(table, pa.RecordBatch):
        return pa.RecordBatch.from_arrays([column.chunk(0) for column in columns], schema=schema)
    return pa.Table.from_arrays(columns, schema=schema)


def settled_schema(schema: Any) -> Any:
    """The schema of `settled`.

    Raises:
        SituationError: the name of a column is not UTF-8.
    """
    if not all(map(_is_named, schema)):
        message = Message(
            "le nom d'une colonne n'est pas en UTF-8", "the name of a column is not UTF-8"
        )
        raise SituationError([Diagnostic("E102", message)])
    return pa.schema([field.with_type(_kind(field.type)) for field in schema])


def broken(column: str) -> SituationError:
    """A column of which Arrow cannot say where its cells are."""
    message = Message(
        f"colonne `{column}` : elle est mal formée, et ne se lit pas",
        f"column `{column}`: it is malformed, and cannot be read",
    )
    return SituationError([Diagnostic("E130", message)])


def _is_named(field: Any) -> bool:
    try:
        field.name.encode()
    except UnicodeError:
        return False
    return all(map(_is_named, _fields(field.type)))


def _fields(kind: Any) -> Iterator[Any]:
    """The fields inside a type."""
    if pa.types.is_dictionary(kind):
        yield from _fields(kind.value_type)
    for rank in range(kind.num_fields):
        yield kind.field(rank)


def _kind(kind: Any) -> Any:
    """The type, with plain texts and lists for views, and without runs."""
    types = pa.types
    if types.is_string_view(kind):
        return pa.large_string()
    if types.is_binary_view(kind):
        return pa.large_binary()
    if types.is_run_end_encoded(kind):
        return _kind(kind.value_type)
    if types.is_struct(kind):
        return pa.struct([field.with_type(_kind(field.type)) for field in kind])
    if types.is_dictionary(kind):
        if types.is_null(kind.value_type):  # Arrow crashes when asked which are null
            return pa.null()
        return pa.dictionary(kind.index_type, _kind(kind.value_type), kind.ordered)
    if types.is_list(kind):
        return pa.list_(_item(kind))
    if types.is_large_list(kind) or types.is_list_view(kind) or types.is_large_list_view(kind):
        return pa.large_list(_item(kind))
    if types.is_fixed_size_list(kind):
        return pa.list_(_item(kind), kind.list_size)
    return kind


def _item(kind: Any) -> Any:
    return kind.value_field.with_type(_kind(kind.value_type))


def _settled(array: Any, kind: Any) -> Any:
    """*array* as one of *kind*, which is `_kind` of its own."""
    types = pa.types
    if array.type.equals(kind):
        return array
    if types.is_null(kind):
        return pa.nulls(len(array))
    if types.is_run_end_encoded(array.type):
        return _settled(pc.run_end_decode(array), kind)
    mask = array.is_null() if array.null_count else None
    if types.is_struct(kind):
        inner = [
            _settled(child, field.type) for child, field in zip(array.flatten(), kind, strict=True)
        ]
        return pa.StructArray.from_arrays(inner, fields=list(kind), mask=mask)
    if types.is_dictionary(kind):
        words = _settled(array.dictionary, kind.value_type)
        return pa.DictionaryArray.from_arrays(
            array.indices, words, ordered=kind.ordered, safe=False
        )
    if types.is_fixed_size_list(kind):
        size = kind.list_size
        values = array.values.slice(array.offset * size, len(array) * size)
        return pa.FixedSizeListArray.from_arrays(
            _settled(values, kind.value_type), type=kind, mask=mask
        )
    if types.is_list(kind) or types.is_large_list(kind):
        starts, sizes = _extents(array)
        values = _settled(array.values, kind.value_type)
        if len(sizes) and (
            sizes.min() < 0 or starts.min() < 0 or (starts + sizes).max() > len(values)
        ):
            raise pa.ArrowInvalid("lists that are not among their values")
        ends = np.cumsum(sizes)
        begins = ends - sizes
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - begins, sizes)
        offsets = np.concatenate([[0], ends]).astype(np.int32 if types.is_list(kind) else np.int64)
        made = pa.ListArray if types.is_list(kind) else pa.LargeListArray
        return made.from_arrays(
            pa.array(offsets), values.take(pa.array(places)), type=kind, mask=mask
        )
    return array.cast(kind)


def _check(array: Any) -> None:
    """Whether lists end after they start, and dictionaries have what is said to be in them: Arrow
    does not look, and reads beyond.

    Raises:
        ArrowInvalid: it is not so.
    """
    kind, types = array.type, pa.types
    if types.is_dictionary(kind):
        ends = pc.min_max(array.indices).as_py()
        if ends["min"] is not None and not 0 <= ends["min"] <= ends["max"] < len(array.dictionary):
            raise pa.ArrowInvalid("indices that are not in their dictionary")
    elif types.is_struct(kind):
        for child in array.flatten():
            _check(child)
    elif types.is_list(kind) or types.is_large_list(kind):
        offsets = array.offsets.to_numpy(zero_copy_only=False)
        if (offsets[1:] < offsets[:-1]).any():
            raise pa.ArrowInvalid("lists that end before they start")
        _check(array.flatten())


def _extents(array: Any) -> tuple[Array, Array]:
    """Where each list starts among `values`, and how many it has; a null one has none."""
    is_view = pa.types.is_list_view(array.type) or pa.types.is_large_list_view(array.type)
    offsets = array.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
    if is_view:
        sizes = array.sizes.to_numpy(zero_copy_only=False).astype(np.int64)
    else:
        offsets, sizes = offsets[:-1], np.diff(offsets)
    if array.null_count:
        there = np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
        offsets, sizes = np.where(there, offsets, 0), np.where(there, sizes, 0)
    return offsets, sizes


# ── texts ────────────────────────────────────────────────────────────────────────────────


def garbled(array: Any) -> Array | None:
    """The texts of *array* that are not UTF-8; `None`: all are."""
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        large = pa.types.is_large_string(array.type)
        bytes_ = array.cast(pa.large_binary() if large else pa.binary())
        found = pc.fill_null(pc.match_substring_regex(bytes_, _LEGIBLE), True)
        wrong = ~np.asarray(found.to_numpy(zero_copy_only=False))
        return wrong if wrong.any() else None
    return None


def legible(array: Any) -> tuple[Any, Array | None]:
    """*array*, which tells nothing and is to be copied, with null for texts that are not UTF-8; and
    the cells that are, or hold, one; `None`: there is none."""
    kind, types = array.type, pa.types
    if not _has_text(kind):
        return array, None
    if is_text(kind):
        wrong = garbled(array)
        if wrong is None:
            return array, None
        return pc.if_else(pa.array(wrong), pa.scalar(None, kind), array), wrong
    if isinstance(kind, pa.BaseExtensionType):
        held, wrong = legible(array.storage)
        return (array if held is array.storage else kind.wrap_array(held)), wrong
    if types.is_dictionary(kind):
        given = array.dictionary
        words, wrong = legible(given)
        if words is given:
            return array, None
        made = pa.DictionaryArray.from_arrays(
            array.indices, words, ordered=kind.ordered, safe=False
        )
        if wrong is None:
            return made, None
        places = pc.fill_null(array.indices, 0).to_numpy(zero_copy_only=False)
        return made, _some(wrong[places] & _valid(array.indices))
    mask = pa.array(~_valid(array)) if array.null_count else None
    if types.is_struct(kind):
        children = array.flatten()
        pairs = [legible(child) for child in children]
        if all(held is child for (held, _), child in zip(pairs, children, strict=True)):
            return array, None
        made = pa.StructArray.from_arrays([held for held, _ in pairs], fields=list(kind), mask=mask)
        return made, _some(
            sum((w for _, w in pairs if w is not None), np.zeros(len(array), np.bool_))
        )
    if types.is_list(kind) or types.is_large_list(kind):
        given = array.flatten()
        values, wrong = legible(given)
        if values is given:
            return array, None
        sizes = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        lists = pa.ListArray if types.is_list(kind) else pa.LargeListArray
        whole = np.int32 if types.is_list(kind) else np.int64
        made = lists.from_arrays(pa.array(offsets.astype(whole)), values, type=kind, mask=mask)
        if wrong is None:
            return made, None
        parents = np.repeat(np.arange(len(array)), sizes)
        return made, _some(np.bincount(parents[wrong], minlength=len(array)) > 0)
    return array, None


def copied(column: Any) -> Any:
    """`legible`, of a column in pieces."""
    return pa.chunked_array([legible(chunk)[0] for chunk in column.chunks], column.type)


def _has_text(kind: Any) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _has_text(kind.storage_type)
    return (
        is_text(kind)
        or any(_has_text(field.type) for field in _fields(kind))
        or (pa.types.is_dictionary(kind) and _has_text(kind.value_type))
    )


def _valid(array: Any) -> Array:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))


def _some(cells: Array | None) -> Array | None:
    return cells if cells is not None and cells.any() else None
