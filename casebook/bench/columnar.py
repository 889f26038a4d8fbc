"""Lexald's answers for a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from lexald.engine.api import Law
from lexald.engine.columnar.kernel import Kernel
from lexald.engine.columnar.tables import TableResult, evaluate


def decide(law: Law, table: pa.Table, on: date, names: Sequence[str]) -> TableResult:
    """The answers to *names*, whole names of decisions, at the law of *on*."""
    return evaluate(
        law.program, table, names, on, key="", lists={}, keep=(), lang="en", evaluator=Kernel
    )
