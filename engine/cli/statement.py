"""Answers for a terminal: a line each, or a table where several decisions of a list were asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from rich.text import Text

from lexald.dsl.dates import french_date

from ..api import Result
from ..elements import path_text
from ..explain.to_text import STYLES
from ..explain.wording import Piece, short_outcome
from ..outcomes import Outcome

Row = tuple[str, str, Outcome]
_IN_LIST = re.compile(r"(?P<list>.+)\[\d+\]\.\w+")
GAP = "  "


def statement(result: Result, rows: Sequence[Row], width: int, lang: str) -> Iterator[Text]:
    """The answers *rows* of *result*, in their order.

    Those of one list stand together as a table, a line for each element in the order of its date,
    when there are two elements and two decisions at least, and room for it in *width* columns.
    """
    lists: dict[str, list[Row]] = {}
    for row in rows:
        lists.setdefault(_list_of(row), []).append(row)
    tables = {
        held: table
        for held, own in lists.items()
        if held and (table := _table(result, own, width, lang)) is not None
    }
    names = max((len(row[0]) for row in rows if _list_of(row) not in tables), default=0)
    for row in rows:
        held = _list_of(row)
        if held not in tables:
            yield _line(result, row, names, lang)
        elif row is lists[held][0]:
            yield from tables[held]


def _list_of(row: Row) -> str:
    """The list whose element answers *row*; empty for another answer."""
    found = _IN_LIST.fullmatch(row[0])
    return found["list"] if found else ""


def _line(result: Result, row: Row, names: int, lang: str) -> Text:
    line = Text(f"{row[0]:<{names}}{GAP}", STYLES["name"])
    piece = _answer(result, row, lang)
    return line.append(piece.text, STYLES.get(piece.style, ""))


def _answer(result: Result, row: Row, lang: str) -> Piece:
    program = result.law.program
    return short_outcome(program, row[2], program.decisions[row[1]].type, lang)


def _table(result: Result, rows: Sequence[Row], width: int, lang: str) -> list[Text] | None:
    """The table of the answers of one list; `None` when lines tell them better."""
    columns = list(dict.fromkeys(decision for _, decision, _ in rows))
    cells: dict[str, dict[str, Piece]] = {}
    for row in rows:
        cells.setdefault(row[0].rpartition(".")[0], {})[row[1]] = _answer(result, row, lang)
    if len(columns) < 2 or len(cells) < 2:
        return None
    days = _days(result, cells)
    order = sorted(cells, key=lambda place: (days[place] is None, days[place] or date.min))
    dated = any(days.values())
    lead = ["", ""] if dated else [""]
    grid = [[*lead, *(decision.rpartition(".")[2] for decision in columns)]]
    styles = [[STYLES["name"]] * len(grid[0])]
    for place in order:
        day = days[place]
        shown = "" if day is None else french_date(day) if lang == "fr" else day.isoformat()
        pieces = [cells[place].get(column, Piece("")) for column in columns]
        lead = [place, shown] if dated else [place]
        grid.append([*lead, *(piece.text for piece in pieces)])
        styles.append(
            [STYLES["name"]] * len(lead) + [STYLES.get(piece.style, "") for piece in pieces]
        )
    widths = [max(len(line[rank]) for line in grid) for rank in range(len(grid[0]))]
    if sum(widths) + len(GAP) * (len(widths) - 1) > width:
        return None
    return [_row(line, style, widths) for line, style in zip(grid, styles, strict=True)]


def _days(result: Result, places: Iterable[str]) -> dict[str, date | None]:
    """The day that rules each of the elements at *places*, where it has one and it is known."""
    entities = result.law.program.entities
    found: dict[str, date | None] = dict.fromkeys(places)
    for element in result.situation.elements():
        place = path_text(element.path)
        event = entities[element.entity].event
        day = element.facts.get(event) if event else None
        if place in found and isinstance(day, date):
            found[place] = day
    return found


def _row(cells: Sequence[str], styles: Sequence[str], widths: Sequence[int]) -> Text:
    line = Text()
    for rank, (cell, style, wide) in enumerate(zip(cells, styles, widths, strict=True)):
        # Amounts and rates end under one another; names and words begin so.
        numeric = rank > 0 and cell.endswith(("€", "%"))
        line.append(f"{cell:>{wide}}" if numeric else f"{cell:<{wide}}", style)
        line.append(GAP)
    line.rstrip()
    return line
