"""Pieces of nested tables out of files, a bounded number of rows at a time.

Tables joined by a key are walked side by side: each is in the order of its key, so that the rows
of a situation are found without holding a table whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lexald.dsl.diagnostics import Diagnostic, LawError, Message

from .joining import Joined, Source, join, keys_of
from .reading import Fault
from .rejects import Origin, Rows
from .sources import Files

# An element of lists that one block may have: what is told of one situation cannot be cut.
_ORDER_HELP = Message(
    "trier chaque table par sa clé, par exemple `ORDER BY nir` ; un CSV se trie comme du texte",
    "sort each table by its key, such as `ORDER BY nir`; a CSV is sorted as text",
)


class OutOfOrder(LawError):
    """Tables to join that are not in the order of their key."""


@attrs.frozen(eq=False)
class Piece:
    """Rows of situations, their lists in them.

    Attributes:
        given: the rows of the table of situations, as they were read.
        nested: those that joined, at the places *kept* of *given*.
        faults: (rows, faults of them) found before anything was read as facts.
    """

    given: Source
    nested: Source
    kept: Any
    origins: Mapping[str, Origin]
    faults: tuple[tuple[Rows, Fault], ...]


def feed(
    main: Files, lists: Sequence[Files], key: str, broken: Callable[[str, int], None]
) -> Iterator[Piece]:
    """The situations of *main*, with the elements of *lists*.

    Raises:
        CannotRead: a file cannot be read.
        OutOfOrder: rows are not in the order of the key.
    """
    if not lists:
        for source in main.sources(broken):
            yield Piece(source, source, np.arange(len(source)), {}, ())
        return
    queues = {files.name: _Queue(files, key, broken) for files in lists}
    last: Any = None
    for source in main.sources(broken):
        keys = keys_of(source.table, key).drop_null()
        if len(keys):
            _in_order(keys, last, source, key)
            last = keys[-1].as_py()
        held = {name: queue.upto(last) for name, queue in queues.items()}
        yield _piece(source, held, key)
    for name, queue in queues.items():
        for rest in queue.rest():
            empty = Source.of(main.schema.empty_table())
            piece = _piece(empty, {name: rest}, key)
            yield piece


def _piece(source: Source, held: Mapping[str, Source], key: str) -> Piece:
    joined: Joined = join(source, held, key)
    faults = [(source.rows, fault) for fault in joined.faults]
    for name, orphans in joined.orphans.items():
        faults += [(held[name].rows, fault) for fault in orphans]
    return Piece(source, joined.source, joined.kept, joined.origins, tuple(faults))


class _Queue:
    """The rows of a list that wait for their situation."""

    def __init__(self, files: Files, key: str, broken: Callable[[str, int], None]) -> None:
        self.key = key
        self.sources = files.sources(broken)
        self.held: list[Source] = []
        self.last: Any = None
        self.is_over = False
        self.empty = Source.of(files.schema.empty_table(), files.name)

    def upto(self, key: Any) -> Source:
        """The rows whose key is *key* or before it, or is null."""
        while not self.is_over and (self.last is None or (key is not None and self.last <= key)):
            self._more()
        ready: list[Source] = []
        kept: list[Source] = []
        for source in self.held:
            keys = keys_of(source.table, self.key)
            if key is None:
                n = 0
            else:
                after = pc.fill_null(pc.greater(keys, key), False)
                n = len(source) - int(pc.sum(after).as_py() or 0)
            if n:
                ready.append(source.slice(0, n))
            if n < len(source):
                kept.append(source.slice(n, len(source)))
        self.held = kept
        return _one(ready) if ready else self.empty

    def rest(self) -> Iterator[Source]:
        yield from self.held
        self.held = []
        while not self.is_over:
            self._more()
            yield from self.held
            self.held = []

    def _more(self) -> None:
        source = next(self.sources, None)
        if source is None:
            self.is_over = True
            return
        keys = keys_of(source.table, self.key).drop_null()
        if len(keys):
            _in_order(keys, self.last, source, self.key)
            self.last = keys[-1].as_py()
        self.held.append(source)


def _in_order(keys: Any, last: Any, source: Source, key: str) -> None:
    """Whether *keys* go up, from *last* on."""
    falls = pc.less(keys[1:], keys[:-1])
    place = pc.index(falls, True).as_py()
    if place < 0 and (last is None or last <= keys[0].as_py()):
        return
    # Among the keys that are not null, so about there.
    row = int(source.rows.row[min(place + 1, len(source) - 1)])
    name = source.rows.names[0]
    raise OutOfOrder(
        [
            Diagnostic(
                "X073",
                Message(
                    f"`{name}`, ligne {row} : la table n'est pas dans l'ordre de la clé `{key}`",
                    f"`{name}`, row {row}: the table is not in the order of the key `{key}`",
                ),
                help=_ORDER_HELP,
            )
        ]
    )


def _one(sources: Sequence[Source]) -> Source:
    if len(sources) == 1:
        return sources[0]
    names: dict[str, int] = {}
    files = []
    for source in sources:
        ranks = np.array([names.setdefault(name, len(names)) for name in source.rows.names])
        files.append(ranks[source.rows.file])
    told = np.concatenate(files), np.concatenate([source.rows.row for source in sources])
    rows = Rows(tuple(names), told)
    return Source(pa.concat_tables([source.table for source in sources]), rows)
