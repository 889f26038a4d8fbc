"""Coverage as an LCOV tracefile, which editors show beside the lines.

A line of a rule, an exception, a row, a parameter is hit as many times as cases rest on it; where
two versions or two units stand on one line, the one that is hit least is told. A condition is a
block of branches, one for each outcome that it may have: true, false, unknown. What is set aside is
not owed, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import units as u
from .units import Coverage, Measured

PIECES = (u.RULES, u.EXCEPTIONS, u.ROWS, u.PARAMETERS, u.FORBIDDEN, u.GUARANTEES, u.INDICATORS)


def to_lcov(coverage: Coverage) -> str:
    """The tracefile of every file of the law."""
    return "".join(
        f"{line}\n" for name, measured in coverage.files.items() for line in _file(name, measured)
    )


def lines_of(one: Measured) -> range:
    """The lines that a unit is written on."""
    span = one.unit.span
    last, _ = span.file.position(max(span.start, span.end - 1))
    return range(span.line, last + 1)


def _file(name: str, measured: Sequence[Measured]) -> Iterator[str]:
    yield "TN:"
    yield f"SF:{name}"
    hits: dict[int, int] = {}
    widest_first = sorted(
        (one for one in measured if one.unit.kind in PIECES and not one.aside),
        key=lambda one: -(one.unit.span.end - one.unit.span.start),
    )
    for one in widest_first:
        for line in lines_of(one):
            # What is written inside (a row, in a table) tells more than what is around.
            inside = line in hits and len(lines_of(one)) == 1
            hits[line] = len(one.cases) if line not in hits or inside else min(
                hits[line], len(one.cases)
            )  # fmt: skip
    branches = 0
    taken = 0
    blocks: dict[int, int] = {}
    for one in measured:
        unit = one.unit
        if unit.kind != u.CONDITIONS or one.aside:
            continue
        block = blocks.setdefault(id(unit.node), len(blocks))
        branch = (u.TRUE, u.FALSE, u.UNKNOWN).index(unit.outcome)
        count = "-" if one.why == u.NEVER_ASKED else str(len(one.cases))
        yield f"BRDA:{unit.line},{block},{branch},{count}"
        branches += 1
        taken += bool(one.cases)
    yield f"BRF:{branches}"
    yield f"BRH:{taken}"
    for line in sorted(hits):
        yield f"DA:{line},{hits[line]}"
    yield f"LF:{len(hits)}"
    yield f"LH:{sum(hit > 0 for hit in hits.values())}"
    yield "end_of_record"
