"""Where in the law a line of generated code comes from."""

from __future__ import annotations

from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def place_of(module: Any, line: int) -> str:
    """The ``file:line`` of law that *line* of a generated *module* comes from; empty for none.

    *module*: its names, as a mapping.
    """
    told = module["LINES"].split(";") if module["LINES"] else []
    starts = [int(one.split()[0]) for one in told]
    rank = bisect_right(starts, line) - 1
    if rank < 0:
        return ""
    _, file, number = told[rank].split()
    return f"{module['FILES'][int(file)]}:{number}"


def places(bug: BaseException) -> list[str]:
    """The places of law that *bug*, a fault of ours, went through, the nearest to it first."""
    found = []
    trace = bug.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals
        if "LINES" in module and "FILES" in module:
            found.append(place_of(module, trace.tb_lineno))
        trace = trace.tb_next
    return list(dict.fromkeys(place for place in reversed(found) if place))
