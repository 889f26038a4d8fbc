"""By hand with NumPy: blocks that fit the cache, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .answers import Answers
from .arrays import Array, Booleans, Members, Numbers, fields

# Patients of a block: chosen by measurement.
BLOCK = 16_384
LINES_BLOCK = 16_384

Part = Callable[[int, int], None]


def _in_blocks(size: int, block: int, part: Part) -> None:
    """*part* on each range of *block* situations, on all cores: NumPy gives up the lock."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        starts = range(0, size, block)
        list(pool.map(lambda start: part(start, min(start + block, size)), starts))


def _of(answer: Callable[[pa.RecordBatch], Answers], rows: pa.Table | Path) -> Answers:
    """*answer* of a table, whole, or of each row group of a file, on all cores."""
    if isinstance(rows, pa.Table):
        (batch,) = rows.combine_chunks().to_batches()
        return answer(batch)

    def one(rank: int) -> Answers:
        # A file of its own for each: one is not made for several threads.
        table = pq.ParquetFile(rows).read_row_group(rank, use_threads=False)
        return answer(table.combine_chunks().to_batches()[0])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(one, range(pq.ParquetFile(rows).num_row_groups)))
    return Answers(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.known for part in parts]),
    )


# ── a table and criteria ─────────────────────────────────────────────────────────────────

_FORMS = ("légère", "modérée", "grave")
_UNKNOWN = 2


@cache
def _admitted() -> Array:
    """By 4 × number + form: not admitted, admitted, or unknown. Number 31 and form 3 are unknown."""
    table = np.zeros((32, 4), np.int8)
    table[[1, 3, 5, 21, 24, 30]] = 1
    table[[2, 8], 1:3] = 1
    table[13:21, 2] = 1
    known = table[:31, :3]
    table[:31, 3] = np.where(known.min(1) == known.max(1), known[:, 0], _UNKNOWN)
    table[31] = _UNKNOWN
    return table.ravel()


def criteria(rows: pa.Table | Path) -> Answers:
    return _of(_criteria, rows)


def _criteria(rows: pa.RecordBatch) -> Answers:
    patient = fields(rows.column("patient"))
    number, months = Numbers(patient["numéro"]), Numbers(patient["mois_prévus"])
    form = Members(patient["forme"], _FORMS)
    told = {name: Booleans(column) for name, column in patient.items() if column.type == pa.bool_()}
    values, known = np.empty(rows.num_rows, np.bool_), np.ones(rows.num_rows, np.bool_)
    table = _admitted()
    complete = all(column.null_count == 0 for column in patient.values())

    def all_told(start: int, stop: int) -> None:
        def is_told(name: str) -> Array:
            return told[name].values(start, stop)

        key = number.values(start, stop) * 4
        key += form.values(start, stop)
        care = is_told("hospitalisation").view(np.int8) + is_told("actes_techniques")
        care += is_told("actes_biologiques")
        care += is_told("soins_paramédicaux")
        off_list = is_told("médicaments") | is_told("appareillage")
        off_list &= care >= 2
        off_list |= is_told("plusieurs_affections") & is_told("état_invalidant")
        off_list &= months.values(start, stop) > 6
        off_list &= is_told("coûteux")
        np.logical_or(table.take(key), off_list, out=values[start:stop])

    def some_told(start: int, stop: int) -> None:
        """Each fact as two masks: it is true, it may be true."""

        def mask(holds: Array, is_known: Array | None) -> tuple[Array, Array]:
            return (holds, holds) if is_known is None else (holds & is_known, holds | ~is_known)

        def is_told(name: str) -> tuple[Array, Array]:
            return mask(told[name].values(start, stop), told[name].known(start, stop))

        key = number.values(start, stop)
        if (is_known := number.known(start, stop)) is not None:
            key = np.where(is_known, key, 31)
        forms = form.values(start, stop)
        if (is_known := form.known(start, stop)) is not None:
            forms = np.where(is_known, forms, 3)
        on_list = table.take(key * 4 + forms)
        repeated = [
            is_told("hospitalisation"),
            is_told("actes_techniques"),
            is_told("actes_biologiques"),
            is_told("soins_paramédicaux"),
        ]
        drugs, devices = is_told("médicaments"), is_told("appareillage")
        several, disabled = is_told("plusieurs_affections"), is_told("état_invalidant")
        long = mask(months.values(start, stop) > 6, months.known(start, stop))
        costly = is_told("coûteux")
        sure, maybe = (
            _off_list([one[end] for one in repeated], drugs[end], devices[end])
            | (several[end] & disabled[end])
            for end in (0, 1)
        )
        sure &= long[0] & costly[0]
        sure |= on_list == 1
        maybe &= long[1] & costly[1]
        maybe |= on_list != 0
        values[start:stop] = sure
        known[start:stop] = sure == maybe

    _in_blocks(rows.num_rows, BLOCK, all_told if complete else some_told)
    return Answers(values, known)


def _off_list(repeated: list[Array], drugs: Array, devices: Array) -> Array:
    care = repeated[0].view(np.int8) + repeated[1]
    care += repeated[2]
    care += repeated[3]
    found: Array = (drugs | devices) & (care >= 2)
    return found


# ── ten care lines ───────────────────────────────────────────────────────────────────────

_NATURES = ("consultation", "analyse", "médicament", "transport")
# By 2 × nature + covered: what is reimbursed of the tariff, per cent. Tariffs are at most
# 100,000 €: a product fits 32 bits.
_PER_CENT = np.array([70, 100, 60, 100, 65, 100, 65, 100], np.int32)
_WITHHELD = np.array([100, 100, 0, 0], np.int32)
_TWO_EUROS = (date(2024, 5, 15) - date(1970, 1, 1)).days
# What an unknown line adds to the sum of a patient: more than all amounts together.
_NOT_KNOWN = 1 << 48


def care_lines(rows: pa.Table | Path) -> Answers:
    return _of(_care_lines, rows)


def _care_lines(rows: pa.RecordBatch) -> Answers:
    exempt = Booleans(fields(rows.column("patient"))["exonéré"])
    lists = rows.column("soins")
    offsets = lists.offsets.to_numpy()
    care = fields(lists.values)
    day, nature = Numbers(care["date_des_soins"]), Members(care["nature"], _NATURES)
    base, planned = Numbers(care["base"]), Booleans(care["prévu_au_protocole"])
    values, known = np.empty(rows.num_rows, np.int64), np.ones(rows.num_rows, np.bool_)
    goes_on = None
    if "soins__incomplete" in rows.schema.names:
        goes_on = Booleans(rows.column("soins__incomplete"))
    facts: list[Any] = [day, nature, base, planned, exempt]
    complete = all(fact.valid is None for fact in facts)

    def part(start: int, stop: int) -> None:
        first, last = int(offsets[start]), int(offsets[stop])
        counts = np.diff(offsets[start : stop + 1])
        natures = nature.values(first, last)
        covered = np.repeat(exempt.values(start, stop), counts)
        is_planned = planned.values(first, last)
        if not complete:
            lost = _lost(start, stop, first, last, counts, covered, is_planned)
            # What is under a null may be anything, and must not leave the tables.
            natures = natures & 3
        covered &= is_planned
        key = natures * 2
        key += covered
        paid = base.values(first, last).astype(np.int32)
        paid *= _PER_CENT.take(key)
        paid += 50
        paid //= 100
        withheld = _WITHHELD.take(natures)
        withheld <<= day.values(first, last) >= _TWO_EUROS
        np.minimum(withheld, paid, out=withheld)
        paid -= withheld
        total = paid
        if not complete:
            total = np.where(lost, np.int64(_NOT_KNOWN), paid)
        _sums(total, offsets[start : stop + 1] - first, counts, values[start:stop])
        if not complete:
            np.less(values[start:stop], _NOT_KNOWN // 2, out=known[start:stop])
        if goes_on is not None:
            known[start:stop] &= ~goes_on.values(start, stop)

    def _lost(
        start: int, stop: int, first: int, last: int, counts: Array, covered: Array, planned_: Array
    ) -> Array:
        """The lines whose amount is not known."""
        lost = np.zeros(last - first, np.bool_)
        for fact in (day, nature, base):
            if (is_known := fact.known(first, last)) is not None:
                lost |= ~is_known
        exempt_known, planned_known = exempt.known(start, stop), planned.known(first, last)
        no_exempt = False if exempt_known is None else np.repeat(~exempt_known, counts)
        no_planned = False if planned_known is None else ~planned_known
        # Covered or not, unless one of the two is known to be false.
        open_ = no_exempt | no_planned
        open_ &= covered | no_exempt
        open_ &= planned_ | no_planned
        lost |= open_
        return lost

    _in_blocks(rows.num_rows, LINES_BLOCK, part)
    return Answers(values, known)


def _sums(lines: Array, offsets: Array, counts: Array, out: Array) -> None:
    """The sum of the lines of each patient; `reduceat` knows no empty list."""
    if counts.all():
        np.add.reduceat(lines, offsets[:-1], dtype=np.int64, out=out)
        return
    out[:] = 0
    some = np.flatnonzero(counts)
    if len(some):
        out[some] = np.add.reduceat(lines, offsets[some], dtype=np.int64)
