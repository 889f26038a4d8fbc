"""Rows that are set aside, and why: a table of faults.

It names file, row, column and type, never a value: what is in a cell may be a patient's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.program import Program
from lexald.dsl.types import DATE, EnumType, ListType, Scalar, Type

from ..rendering import to_french
from ..situation import KINDS, MAX_ELEMENTS
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


def rejects(
    program: Program, faults: Iterable[Fault], file: str, first: int | Any, lang: str
) -> Any:
    """The faults as an Arrow table of `SCHEMA`, in the order of rows, then of columns.

    Args:
        file: what the table is called; empty for a table in memory.
        first: the number of the first row read, from 1; or the number of each row.
    """
    pieces = []
    for fault in faults:
        n = len(fault.rows)
        numbers = fault.rows + first if isinstance(first, int) else first[fault.rows]
        message = explained(program, fault).in_language(lang)
        elements = pa.array(fault.elements + 1, pa.int64(), mask=fault.elements < 0)
        columns = [
            pa.array([file] * n, pa.string()),
            pa.array(numbers, pa.int64()),
            pa.array([fault.column] * n, pa.string()),
            elements,
            pa.array([fault.code] * n, pa.string()),
            pa.array([message] * n, pa.string()),
        ]
        pieces.append(pa.Table.from_arrays(columns, schema=SCHEMA))
    if not pieces:
        return SCHEMA.empty_table()
    table = pa.concat_tables(pieces)
    order = np.argsort(table.column("row").to_numpy(), kind="stable")
    return table.take(pa.array(order)).combine_chunks()


def diagnostics(program: Program, faults: Iterable[Fault], first: int = 1) -> list[Diagnostic]:
    """The first row of each fault, as a diagnostic: for those who want to stop there."""
    found = []
    for fault in faults:
        row = int(fault.rows[0]) + first
        message = explained(program, fault)
        path = f"{fault.column}"
        fr = f"ligne {row}, colonne `{path}` : {message.fr}"
        en = f"row {row}, column `{path}`: {message.en}"
        found.append(Diagnostic(fault.code, Message(fr, en)))
    return found


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
