"""``lexald schema``: the JSON Schema of a situation, or of what a command prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..api import SituationError, load
from ..reports.formats import commands, schema_of
from .door import DONE, Door, NotDone, door_options, option, policies_option, refusal


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
@option(
    "--output-of",
    "printed_by",
    type=click.Choice(commands()),
    help="Le schéma de ce que cette commande affiche avec `--format json`, non d'une situation.",
)
@door_options
def command(
    policies: Sequence[Path],
    decisions: Sequence[str],
    printed_by: str | None,
    lang: str,
    color: str,
) -> int:
    """Donne le schéma JSON d'une situation, ou de ce qu'une commande affiche."""
    if printed_by is not None:
        if decisions:
            raise refusal(
                "X012",
                "`--output-of` et `-d` ne vont pas ensemble",
                "`--output-of` and `-d` do not go together",
            )
        Door(lang, color).show_json(schema_of(printed_by))
        return DONE
    law = load(*policies)
    try:
        schema = law.schema(decisions)
    except SituationError as wrong:
        raise NotDone(wrong.diagnostics) from None
    Door(lang, color).show_json(schema)
    return DONE
