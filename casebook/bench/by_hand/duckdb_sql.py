"""By hand in SQL, with DuckDB: a lambda over the list of each patient; nothing is unnested."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa

from .answers import Answers
from .arrays import Numbers, is_complete

# A longer `IN` becomes a hash join, and the rows lose their order.
_CRITERIA = """
SELECT (
  p.numéro = 1 OR p.numéro = 3 OR p.numéro = 5 OR p.numéro = 21 OR p.numéro = 24 OR p.numéro = 30
  OR (p.numéro IN (2, 8) AND p.forme IN ('modérée', 'grave'))
  OR (p.numéro BETWEEN 13 AND 20 AND p.forme = 'grave')
  OR (
    p.mois_prévus > 6 AND p.coûteux AND (
      ((p.médicaments OR p.appareillage) AND {two})
      OR (p.plusieurs_affections AND p.état_invalidant)
    )
  )
) AS answer
FROM (SELECT patient AS p FROM facts)
"""
_REPEATED = ("hospitalisation", "actes_techniques", "actes_biologiques", "soins_paramédicaux")
_COUNT = " + ".join(f"CAST(p.{name} AS TINYINT)" for name in _REPEATED)
_SURELY = " + ".join(f"CAST(coalesce(p.{name}, false) AS TINYINT)" for name in _REPEATED)
_MAYBE = " + ".join(f"CAST(coalesce(p.{name}, true) AS TINYINT)" for name in _REPEATED)
_TWO_TOLD = f"({_COUNT} >= 2)"
_TWO = f"CASE WHEN {_SURELY} >= 2 THEN true WHEN {_MAYBE} < 2 THEN false END"

_RATE = """CASE WHEN exempt AND s.prévu_au_protocole THEN 1.00
  WHEN s.nature = 'consultation' THEN 0.70 WHEN s.nature = 'analyse' THEN 0.60 ELSE 0.65 END"""
_WITHHELD = """CASE WHEN s.nature IN ('consultation', 'analyse')
  THEN CASE WHEN s.date_des_soins >= DATE '2024-05-15' THEN 2.00 ELSE 1.00 END ELSE 0.00 END"""
_LINE = "greatest(CAST(s.base * {rate} AS DECIMAL(14,2)) - {withheld}, 0.00)"
# `greatest` and `CASE` pass over null: a line with one is told apart first.
_LINE_TOLD = f"""CASE WHEN (exempt AND s.prévu_au_protocole) IS NOT NULL AND s.nature IS NOT NULL
  AND s.base IS NOT NULL AND s.date_des_soins IS NOT NULL THEN {_LINE} END"""
_LINES = """
SELECT {answer} AS answer FROM (
  SELECT list_transform(soins, lambda s: {line}) AS amounts {goes_on}
  FROM (SELECT patient.exonéré AS exempt, * FROM facts)
)
"""


def _asked(rows: pa.Table | Path) -> tuple[duckdb.DuckDBPyConnection, list[str], bool]:
    """*rows* as the table ``facts``, its columns, and whether no fact is unknown."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {os.cpu_count()}")
    if isinstance(rows, Path):
        connection.from_parquet(str(rows)).create_view("facts")
    else:
        connection.register("facts", rows)
    return connection, connection.table("facts").columns, is_complete(rows)


def _answers(answer: pa.ChunkedArray) -> Answers:
    known = answer.is_valid().to_numpy()
    if pa.types.is_boolean(answer.type):
        return Answers(answer.fill_null(False).to_numpy(), known)
    whole = answer.cast(pa.decimal128(18, 2)).combine_chunks()
    return Answers(Numbers(whole).values(0, len(whole)), known)


def criteria(rows: pa.Table | Path) -> Answers:
    connection, _, complete = _asked(rows)
    sql = _CRITERIA.format(two=_TWO_TOLD if complete else _TWO)
    return _answers(connection.sql(sql).to_arrow_table().column("answer"))


def care_lines(rows: pa.Table | Path) -> Answers:
    connection, names, complete = _asked(rows)
    line = (_LINE if complete else _LINE_TOLD).format(rate=_RATE, withheld=_WITHHELD)
    answer, goes_on = "coalesce(list_sum(amounts), 0.00)", ""
    if not complete:
        answer = f"CASE WHEN list_count(amounts) = len(amounts) THEN {answer} END"
    if "soins__incomplete" in names:
        answer = f"CASE WHEN NOT goes_on THEN {answer} END"
        goes_on = ", soins__incomplete AS goes_on"
    sql = _LINES.format(answer=answer, line=line, goes_on=goes_on)
    return _answers(connection.sql(sql).to_arrow_table().column("answer"))
