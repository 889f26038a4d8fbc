"""``lexald explain``: the answers, article by article."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.text import Text

from lexald.dsl.dates import french_date

from ..explain.to_markdown import to_markdown
from ..explain.to_text import to_text
from .door import DONE, UNDECIDED, Door, door_options, format_option
from .situations import answer, situation_options


@click.command("explain")
@situation_options
@format_option("text", "markdown", "json")
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
    """Décide SITUATION et dit pourquoi, article par article."""
    door = Door(lang, color)
    result = answer(situation, on, policies, decisions)
    day = door.choose(french_date(result.on), result.on.isoformat())
    title = door.choose(f"Droit au {day}", f"Law of {day}")
    if style == "json":
        door.show_json(result.to_dict(explain=True))
    elif style == "markdown":
        door.show(f"# {title}\n\n{to_markdown(result.outline(lang))}".rstrip())
    else:
        door.show(Text(title, "dim"))
        text = to_text(result.outline(lang), door.width)
        text.rstrip()
        door.show(text)
    return DONE if undecided_ok or result.is_decided else UNDECIDED
