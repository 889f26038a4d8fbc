"""Rows that are set aside, and why: a table of faults.

It names file, row, column and type, never a value: what is in a cell may be a patient's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import numpy as np
import pyarrow as pa

from lexald.dsl.diagnostics import Message
from lexald.dsl.program import Program
from lexald.dsl.types import DATE, EnumType, ListType, Scalar, Type

from ..rendering import to_french
from ..situation import KINDS, MAX_ELEMENTS
from .columns import Array
from .layout import hint, short
from .reading import Fault

SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("element", pa.int64()),
        ("code", pa.string()),
        ("message", pa.string()),
    ]
)
_MEMBERS_SHOWN = 12


@attrs.frozen(eq=False)
class Rows:
    """Where rows come from: *file* (a place in *names*) and *row* (from 1) of each.

    *told*: both, by row; `None`: rows of one file, one after another, which are counted when one
    of them has to be named.
    """

    names: tuple[str, ...]
    told: tuple[Array, Array] | None
    size: int = 0
    first: int = 1

    @classmethod
    def counted(cls, n: int, name: str = "", first: int = 1) -> Rows:
        """*n* rows of one file, from its row *first* on."""
        return cls((name,), None, n, first)

    @property
    def file(self) -> Array:
        return np.zeros(self.size, np.int64) if self.told is None else self.told[0]

    @property
    def row(self) -> Array:
        if self.told is None:
            return np.arange(self.first, self.first + self.size)
        return self.told[1]

    def take(self, places: Array) -> Rows:
        if self.told is None:
            return Rows(self.names, (np.zeros(len(places), np.int64), self.first + places))
        return Rows(self.names, (self.file[places], self.row[places]))


@attrs.frozen(eq=False)
class Origin:
    """Where the elements of a joined list come from: *rows*, list after list; the list of each
    situation begins at *starts*."""

    rows: Rows
    starts: Array


def rejects(
    program: Program,
    faults: Iterable[Fault],
    rows: Rows,
    origins: Mapping[str, Origin] = {},
    lang: str = "fr",
) -> Any:
    """The faults as an Arrow table of `SCHEMA`, in the order of rows."""
    pieces = []
    for fault in faults:
        n = len(fault.rows)
        at, elements = rows.take(fault.rows), fault.elements
        for name, origin in origins.items():
            if fault.column.startswith(f"{name}.") and (elements >= 0).all():
                at = origin.rows.take(origin.starts[fault.rows] + elements)
                elements = np.full(n, -1)
        message = explained(program, fault).in_language(lang)
        columns = [
            pa.array(at.names, pa.string()).take(pa.array(at.file)),
            pa.array(at.row, pa.int64()),
            pa.array([fault.column] * n, pa.string()),
            pa.array(elements + 1, pa.int64(), mask=elements < 0),
            pa.array([fault.code] * n, pa.string()),
            pa.array([message] * n, pa.string()),
        ]
        pieces.append(pa.Table.from_arrays(columns, schema=SCHEMA))
    if not pieces:
        return SCHEMA.empty_table()
    table = pa.concat_tables(pieces).combine_chunks()
    return table.take(pa.array(np.argsort(table.column("row").to_numpy(), kind="stable")))


def explained(program: Program, fault: Fault) -> Message:
    """What is wrong, in words: the type of the column and that of the fact, never a value."""
    if fault.fr:
        return Message(fault.fr, fault.en)
    wanted: Type = fault.fact.field.type if fault.fact else DATE
    item = wanted.item if isinstance(wanted, ListType) else wanted
    match fault.code:
        case "E103":
            return _not_read(program, item, fault.arrow)
        case "E104":
            return Message(
                "un élément de la liste est nul, et il ne peut pas être absent",
                "an element of the list is null, and cannot be absent",
            )
        case "E105":
            return Message(
                "la cellule est un texte vide : inconnu, elle est nulle ; absent, `__absent` le dit",
                "the cell is an empty text: if unknown, make it null; if absent, `__absent` says so",
            )
        case "E106":
            assert fault.fact is not None and fault.fact.field.bounds is not None
            low, high = (to_french(end, item, program) for end in fault.fact.field.bounds)
            return Message(
                f"hors des bornes : de {low} à {high}", f"out of bounds: from {low} to {high}"
            )
        case "E109":
            return Message(f"plus de {MAX_ELEMENTS} éléments", f"over {MAX_ELEMENTS} elements")
        case "E111":
            return Message(
                "le fait est donné, et dit absent", "the fact is told, and said to be absent"
            )
        case "E121":
            return Message(
                "la période finit avant de commencer", "the period ends before it starts"
            )
    raise AssertionError(fault.code)


def _not_read(program: Program, wanted: Type, arrow: Any) -> Message:
    """*wanted* cannot be read from a cell of the type *arrow*."""
    if isinstance(wanted, EnumType):
        members = list(program.enumerations[wanted.name].members)
        shown = ", ".join(f"`{member}`" for member in members[:_MEMBERS_SHOWN])
        more = "…" if len(members) > _MEMBERS_SHOWN else ""
        return Message(
            f"ce n'est pas un membre de {wanted} : un de {shown}{more}",
            f"not a member of {wanted}: one of {shown}{more}",
        )
    assert isinstance(wanted, Scalar), wanted
    fr, en = KINDS[wanted.kind]
    help_fr, help_en = hint(wanted)
    kind = short(arrow)
    return Message(
        f"la cellule (`{kind}`) n'est pas {fr} ; à écrire : {help_fr}",
        f"the cell (`{kind}`) is not {en}; to write: {help_en}",
    )
