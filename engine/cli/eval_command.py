"""``lexald eval``: the answers, without the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.text import Text

from lexald.dsl.dates import french_date

from ..api import NotApplicable, Result
from ..explain.to_text import to_text
from ..explain.wording import ask_lines, reform_lines
from .door import DONE, UNDECIDED, Door, door_options, format_option
from .situations import answer, situation_options
from .statement import statement


@click.command("eval")
@situation_options
@format_option("text", "json")
@door_options
def command(
    situation: Path,
    on: str | None,
    policies: Sequence[Path],
    decisions: Sequence[str],
    undecided_ok: bool,
    style: str,
    lang: str,
    color: str,
) -> int:
    """Décide SITUATION : un fichier JSON ou YAML, ou - pour l'entrée standard."""
    door = Door(lang, color)
    result = answer(situation, on, policies, decisions)
    if style == "json":
        door.show_json(result.to_dict())
    else:
        _show(door, result, whole=bool(decisions))
    return DONE if undecided_ok or result.is_decided else UNDECIDED


def _show(door: Door, result: Result, *, whole: bool) -> None:
    """The answers; *whole*: those that are not applicable too."""
    day = door.choose(french_date(result.on), result.on.isoformat())
    door.show(Text(door.choose(f"Droit au {day}", f"Law of {day}"), "dim"))
    for reform in reform_lines(result.law.program, door.lang):
        text = to_text([reform], door.width)
        text.rstrip()
        door.show(text)
    rows = [row for row in result.rows() if whole or not isinstance(row[2], NotApplicable)]
    hidden = len(result.rows()) - len(rows)
    for line in statement(result, rows, door.width, door.lang):
        door.show(line)
    if hidden:
        count = door.choose(f"sans objet : {hidden}", f"not applicable: {hidden}")
        door.show(Text(count, "dim"))
    questions = ask_lines(result.questions, door.lang)
    if questions:
        door.show()
        text = to_text(questions, door.width)
        text.rstrip()
        door.show(text)
