"""A population at a time: Lexald over columns, the same by hand, and OpenFisca.

All answers are compared, situation by situation, before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lexald.engine.api import Law

from .by_hand.answers import Answers
from .by_hand.arrays import Booleans, Members, Numbers, fields
from .one_patient import Unequal
from .timing import Contender, Timing, race
from .works import CRITERIA, LINES, TEN_LINES, Work

NUMPY = "numpy"
# By hand: module, and how it is called.
_BY_HAND = (("numpy_blocks", NUMPY), ("polars_frames", "Polars"), ("duckdb_sql", "DuckDB SQL"))
# Situations of a row group of the file that all read.
ROW_GROUP = 1 << 16

Answer = Callable[[], Answers]
Named = tuple[str, Answer]


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
            racing = [Contender(name, answer, size) for name, answer in contenders]
            timings = race(racing, rounds)
            yield PopulationRaced(work.name, source, size, lines, missing, known, timings)


def agreed(work: Work, contenders: Sequence[Named]) -> int:
    """How many situations are answered, all contenders agreeing."""
    expected = contenders[0][1]()
    for name, answer in contenders[1:]:
        if len(differing := expected.differ(answer())):
            raise Unequal(name, work.name, len(differing))
    return int(expected.known.sum())


def _contenders(work: Work, law: Law, rows: pa.Table | Path) -> Iterator[Named]:
    name = "criteria" if work == CRITERIA else "care_lines"
    for module, label in _BY_HAND:
        try:
            by_hand = import_module(f".by_hand.{module}", __package__)
        except ImportError:  # Polars and DuckDB are of the extra `bench`
            continue
        yield label, _answering(getattr(by_hand, name), rows)


def _answering(answer: Callable[[Any], Answers], rows: Any) -> Answer:
    return lambda: answer(rows)


# ── OpenFisca ────────────────────────────────────────────────────────────────────────────


def _openfisca(work: Work, table: pa.Table) -> Named:
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
        return "OpenFisca-Core", lambda: _all_known(openfisca.criteria(facts))
    lists = rows.column("soins")
    names = {"date_des_soins": "day", "nature": "nature", "base": "base"}
    names["prévu_au_protocole"] = "planned"
    facts = arrays(fields(lists.values), names, len(lists.values))
    facts["day"] += openfisca.EPOCH
    facts |= arrays(patient, {"exonéré": "exempt"}, size)
    facts["holder"] = lists.value_parent_indices().to_numpy()
    return "OpenFisca-Core", lambda: _all_known(openfisca.care_lines(facts))


def _all_known(values: Any) -> Answers:
    return Answers(values, np.ones(len(values), np.bool_))
