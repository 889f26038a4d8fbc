"""``lexald schema``: the JSON Schema of a situation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..api import load
from .door import DONE, Door, door_options, policies_option


@click.command("schema")
@policies_option
@door_options
def command(policies: Sequence[Path], lang: str, color: str) -> int:
    """Donne le schéma JSON d'une situation."""
    Door(lang, color).show_json(load(*policies).schema())
    return DONE
