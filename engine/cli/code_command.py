"""``lexald code``: the page of a diagnostic, offline."""

from __future__ import annotations

import click

from lexald.dsl.catalogue import find, near, page

from .door import DONE, Door, door_options, refusal


@click.command("code")
@click.argument("code")
@door_options
def command(code: str, lang: str, color: str) -> int:
    """Explique le diagnostic CODE : à éviter, à écrire, pourquoi."""
    entry = find(code.upper())
    if entry is None:
        close = near(code.upper())
        raise refusal(
            "X015",
            f"pas de diagnostic `{code}`",
            f"no diagnostic `{code}`",
            f"vouliez-vous dire `{close}` ?" if close else "",
            f"did you mean `{close}`?" if close else "",
        )
    Door(lang, color).show(page(entry, lang))
    return DONE
