"""``lexald schema``: the JSON Schema of a situation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..api import SituationError, load
from .door import DONE, Door, NotDone, door_options, option, policies_option


@click.command("schema")
@policies_option
@option(
    "-d",
    "--decision",
    "decisions",
    multiple=True,
    metavar="NOM",
    help="Seulement les faits que cette décision peut demander ; se répète.",
)
@door_options
def command(policies: Sequence[Path], decisions: Sequence[str], lang: str, color: str) -> int:
    """Donne le schéma JSON d'une situation."""
    law = load(*policies)
    try:
        schema = law.schema(decisions)
    except SituationError as wrong:
        raise NotDone(wrong.diagnostics) from None
    Door(lang, color).show_json(schema)
    return DONE
