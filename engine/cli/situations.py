"""What `eval` and `explain` share: a law, a situation, a date, and what is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from ..api import Result, SituationError, load
from ..files import shown, unreadable
from ..reading import MAX_BYTES, read_document
from .door import NotDone, option, policies_option, refusal

F = TypeVar("F", bound=Callable[..., Any])


def situation_options(command: F) -> F:
    """SITUATION, ``--on``, ``--policies``, ``-d`` and ``--undecided-ok``."""
    command = option(
        "--undecided-ok",
        is_flag=True,
        help="Sortir avec le code 0 même si une réponse est inconnue, en conflit ou en erreur.",
    )(command)
    command = option(
        "-d",
        "--decision",
        "decisions",
        multiple=True,
        help="Décision demandée ; se répète. Par défaut, celles marquées « résultat ».",
    )(command)
    command = policies_option(command)
    command = option(
        "--on", "on", metavar="AAAA-MM-JJ", help="Date du droit ; l'emporte sur la clé `on`."
    )(command)
    return click.argument("situation", type=click.Path(path_type=Path, readable=False))(command)


def answer(
    situation: Path, on: str | None, policies: Sequence[Path], decisions: Sequence[str]
) -> Result:
    """The answers for the situation in a file, or on standard input.

    Raises:
        NotDone: what is given cannot be used.
    """
    document, wrong = read_document(*_read(situation))
    if document is None:
        raise NotDone(wrong)
    law = load(*policies)
    try:
        return law.evaluate(document, on=on, decisions=decisions)
    except SituationError as refused:
        raise NotDone(refused.diagnostics) from None


def _read(path: Path) -> tuple[bytes, str]:
    """The bytes of *path*, no more than a situation may have, and its name."""
    if str(path) == "-":
        if sys.stdin is None:
            raise refusal("X001", "l'entrée standard est fermée", "standard input is closed")
        return sys.stdin.buffer.read(MAX_BYTES + 1), "-"
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1), shown(path)
    except FileNotFoundError:
        raise refusal("X002", f"`{path}` n'existe pas", f"`{path}` does not exist") from None
    except OSError as error:
        raise NotDone([unreadable(path, error)]) from None
