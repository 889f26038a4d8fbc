"""A table at a time, for who calls the library: what is asked is looked at, then columns decide.

What needs NumPy and Arrow is imported by the call, and only if they are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from lexald.dsl.diagnostics import Diagnostic, LawError, Message
from lexald.dsl.program import Program

from .refusals import SituationError, bad_day
from .scalars import read_day

if TYPE_CHECKING:
    from .columnar.asking import Quicken
    from .columnar.tables import TableResult


def evaluate_table(
    program: Program,
    data: Any,
    on: date | str | None,
    decisions: Sequence[str],
    *,
    key: str,
    lists: Mapping[str, Any],
    keep: Sequence[str],
    rules: bool,
    native: bool | None,
    jobs: int | None,
    lang: str,
) -> TableResult:
    """See `Law.evaluate_table`."""
    if isinstance(decisions, str) or isinstance(keep, str):
        raise TypeError("decisions, keep: sequences of names, such as ['total']")
    if jobs is not None and jobs < 1:
        raise ValueError("jobs: 1 or more")
    need_tables()
    day = None
    if on is not None:
        day = read_day(on)
        if day is None:
            raise SituationError([bad_day(str(on))])
    from .columnar import streaming, tables
    from .columnar.asking import Request

    request = Request(
        program, tuple(decisions), day, key, tuple(keep), rules, lang, jobs, quick=quicken(native)
    )
    # What joins is read whole, whatever it comes in.
    if streaming.is_stream(data) and not lists:
        return streaming.evaluate(request, data)
    return tables.evaluate(request, data, lists)


def quicken(native: bool | None) -> Quicken | None:
    """What makes machine code for a table, if it is wanted.

    Args:
        native: at once; never; or (`None`) once there is enough to decide, if the extra
            ``lexald[native]`` is there.

    Raises:
        LawError: *native*, and it is not.
    """
    if native is False:
        return None
    if find_spec("llvmlite") is None:
        if native:
            raise _without("native", "le code machine demande", "machine code needs")
        return None
    from .native.plain import at_once
    from .native.plain import native as made

    return at_once if native else made


def need_tables() -> None:
    """Whether the extra ``lexald[tables]`` is there.

    Raises:
        LawError: it is not.
    """
    if find_spec("numpy") is None or find_spec("pyarrow") is None:
        raise _without("tables", "les tables demandent", "tables need")


def need_spark() -> None:
    """Whether the extra ``lexald[spark]`` is there, which has that of tables.

    Raises:
        LawError: it is not.
    """
    if any(find_spec(name) is None for name in ("pyspark", "pandas", "pyarrow", "numpy")):
        raise _without("spark", "Spark demande", "Spark needs")


def _without(extra: str, fr: str, en: str) -> LawError:
    install = f'pip install "lexald[{extra}]"'
    message = Message(f"{fr} le supplément `{extra}`", f"{en} the extra `{extra}`")
    return LawError([Diagnostic("X035", message, help=Message(install, install))])
