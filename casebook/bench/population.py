"""A population at a time: Lexald over columns, the same by hand, and OpenFisca.

All answers are compared, situation by situation, before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lexald.engine.api import Law

from .by_hand.answers import Answers
from .by_hand.arrays import Booleans, Members, Numbers, fields
from .one_patient import Unequal
from .timing import Contender, Timing, race
from .works import CRITERIA, LINES, TEN_LINES, Work

LEXALD = "lexald_columnar"
NATIVE = "lexald_native"
NUMPY = "numpy"
# By hand: module, and how it is called.
_BY_HAND = (("numpy_blocks", NUMPY), ("polars_frames", "Polars"), ("duckdb_sql", "DuckDB SQL"))
# Situations of a row group of the file that all read.
ROW_GROUP = 1 << 16


@attrs.frozen(eq=False)
class Rival:
    """*run* is what is timed; *read* sees its answers in what it gives."""

    name: str
    run: Callable[[], Any]
    read: Callable[[Any], Answers] = lambda answers: answers


@attrs.frozen
class PopulationRaced:
    """One work over *situations* of *lines* lines each (0: it has none); seconds a situation.

    *missing*: the share of facts that is unknown; *known*: situations that are answered.
    """

    work: str
    source: str
    situations: int
    lines: int
    missing: float
    known: int
    timings: tuple[Timing, ...]
    baseline: str = NUMPY


def run(
    work: Work, size: int, missing: float, rounds: int, *, openfisca: bool
) -> Iterator[PopulationRaced]:
    """Race over *size* situations of *work*, `CRITERIA` or `TEN_LINES`: from memory, then from
    Parquet.

    Raises:
        Unequal: a contender answers something else than the first.
    """
    law = work.law()
    table = work.population(law, missing).table(size).combine_chunks()
    lines = LINES if work == TEN_LINES else 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "situations.parquet"
        pq.write_table(table, path, row_group_size=ROW_GROUP)
        peers = [_openfisca(work, table)] if openfisca and not missing else []
        for source, contenders in (
            ("memory", [*_contenders(work, law, table), *peers]),
            ("parquet", list(_contenders(work, law, path))),
        ):
            known = agreed(work, contenders)
            racing = [Contender(one.name, one.run, size) for one in contenders]
            timings = race(racing, rounds)
            yield PopulationRaced(work.name, source, size, lines, missing, known, timings)


def agreed(work: Work, rivals: Sequence[Rival]) -> int:
    """How many situations are answered, all rivals agreeing.

    Raises:
        Unequal: one of them answers something else than the first.
    """
    expected = rivals[0].read(rivals[0].run())
    for rival in rivals[1:]:
        if len(differing := expected.differ(rival.read(rival.run()))):
            raise Unequal(rival.name, work.name, len(differing))
    return int(expected.known.sum())


def _contenders(work: Work, law: Law, rows: pa.Table | Path) -> Iterator[Rival]:
    yield Rival(LEXALD, _deciding(work, law, rows, native=False), partial(_told, work))
    if (
        find_spec("llvmlite") is not None
    ):  # of the extra `native`; compiled once, as the law is read
        yield Rival(NATIVE, _deciding(work, law, rows, native=True), partial(_told, work))
    name = "criteria" if work == CRITERIA else "care_lines"
    for module, label in _BY_HAND:
        try:
            by_hand = import_module(f".by_hand.{module}", __package__)
        except ImportError:  # Polars and DuckDB are of the extra `bench`
            continue
        yield Rival(label, partial(getattr(by_hand, name), rows))


# ── Lexald ───────────────────────────────────────────────────────────────────────────────


def _deciding(
    work: Work, law: Law, rows: pa.Table | Path, *, native: bool
) -> Callable[[], pa.Table]:
    def answers() -> pa.Table:
        table = pq.read_table(rows) if isinstance(rows, Path) else rows
        found = law.evaluate_table(table, on=work.on, decisions=[work.decision], native=native)
        assert not len(found.rejects)
        return found.answers

    return answers


def _told(work: Work, answers: pa.Table) -> Answers:
    """The answers to the decision of *work*: a fact of the patient, or an amount."""
    name = work.decision.rpartition(".")[2]
    if work == CRITERIA:
        answers = pa.Table.from_struct_array(answers.column("patient"))
    values, status = (
        answers.column(column).combine_chunks() for column in (name, f"{name}__status")
    )
    known = pc.equal(status, "value").to_numpy(zero_copy_only=False)
    whole = Booleans(values) if work == CRITERIA else Numbers(values)
    return Answers(whole.values(0, len(values)), known)


# ── OpenFisca ────────────────────────────────────────────────────────────────────────────


def _openfisca(work: Work, table: pa.Table) -> Rival:
    """Its arrays are ready: only its simulation is timed, set up and computed."""
    from .peers import PATIENT, openfisca

    (rows,) = table.to_batches()
    size = table.num_rows
    patient = fields(rows.column("patient"))

    def arrays(columns: dict[str, pa.Array], names: Any, count: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for told, name in names.items():
            column = columns[told]
            if pa.types.is_dictionary(column.type):
                members = openfisca.FORMS if told == "forme" else openfisca.NATURES
                found[name] = Members(column, members).values(0, count).astype(np.int32)
            elif pa.types.is_boolean(column.type):
                found[name] = Booleans(column).values(0, count)
            else:
                found[name] = Numbers(column).values(0, count).astype(np.int32)
        return found

    if work == CRITERIA:
        facts = arrays(patient, PATIENT, size)
        return Rival("OpenFisca-Core", partial(openfisca.criteria, facts), _all_known)
    lists = rows.column("soins")
    names = {"date_des_soins": "day", "nature": "nature", "base": "base"}
    names["prévu_au_protocole"] = "planned"
    facts = arrays(fields(lists.values), names, len(lists.values))
    facts["day"] += openfisca.EPOCH
    facts |= arrays(patient, {"exonéré": "exempt"}, size)
    facts["holder"] = lists.value_parent_indices().to_numpy()
    return Rival("OpenFisca-Core", partial(openfisca.care_lines, facts), _all_known)


def _all_known(values: Any) -> Answers:
    return Answers(values, np.ones(len(values), np.bool_))
