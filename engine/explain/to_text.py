"""A proof for a terminal: indented lines, folded to the width, with or without colour."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from .wording import Line

STYLES = {
    "name": "cyan",
    "value": "bold",
    "source": "blue",
    "yes": "green",
    "no": "red",
    "doubt": "yellow",
    "note": "dim",
}
INDENT = 2
# Spaces at which French does not break a line; `_TIE` holds their place while lines are folded.
_BOUND = re.compile(
    r"(?<=«) |(?<!:) (?=[»:;?!%€])|(?<=\bart\.) |(?<=\bal\.) (?=\d)|(?<=\bALD) (?=\d)|(?<=n°) |(?<=\b[LRDA]\.) (?=\d)|(?<=\d) (?=\d{3}\b)|(?<=[✓✗]) |(?<=: \?) "
)
_TIE = "\ue000"


def to_text(lines: Iterable[Line], width: int = 80) -> Text:
    """*lines* as styled text of at most *width* columns (deep lines keep 30 to themselves)."""
    console = Console(width=width)
    out = Text()
    todo = [(line, 0) for line in lines][::-1]
    while todo:
        line, depth = todo.pop()
        margin = INDENT * depth
        if depth == 0 and out:
            out.append("\n")
        styled = Text()
        for piece in line.pieces:
            styled.append(piece.text, STYLES.get(piece.style, ""))
        # Folded lines hang, so that the first words of each line stand out.
        room = max(30, width - margin - INDENT)
        styled.plain = _BOUND.sub(_TIE, styled.plain)
        for place, row in enumerate(styled.wrap(console, room)):
            row.rstrip()
            row.plain = row.plain.replace(_TIE, " ")
            out.append(" " * (margin + (INDENT if place else 0)))
            out.append_text(row)
            out.append("\n")
        todo.extend((below, depth + 1) for below in reversed(line.below))
    return out


def to_plain(lines: Iterable[Line], width: int = 80) -> str:
    """The same without any styling."""
    return to_text(lines, width).plain
