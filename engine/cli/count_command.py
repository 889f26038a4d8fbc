"""``lexald count``: the indicators of the law over many situations."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import click
from rich.text import Text

from lexald.dsl.dates import french_date
from lexald.dsl.types import RATE

from ..api import SituationError, load
from ..explain.to_text import STYLES
from ..files import shown, unreadable
from ..outcomes import NotApplicable, Outcome, Unknown
from ..population import Count, Figure
from ..reading import MAX_BYTES, read_document
from ..rendering import share_text, to_french
from .door import (
    DONE,
    UNDECIDED,
    Door,
    NotDone,
    door_options,
    format_option,
    option,
    policies_option,
    refusal,
)

# A file of this kind holds a situation a line, and is read a line at a time.
LINES = (".jsonl", ".ndjson")
_BLANK = b"\xef\xbb\xbf \t\r\n"


@click.command("count")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, readable=False),
    metavar="FICHIER…",
)
@option("--on", "on", metavar="AAAA-MM-JJ", help="Date du droit, la même pour tous.")
@option(
    "-i",
    "--indicator",
    "indicators",
    multiple=True,
    help="Indicateur demandé ; se répète. Par défaut, tous ceux du droit.",
)
@policies_option
@option(
    "--undecided-ok",
    is_flag=True,
    help="Sortir avec le code 0 même si des dossiers ne se comptent pas.",
)
@format_option("text", "plain", "json")
@door_options
def command(
    files: Sequence[Path],
    on: str | None,
    indicators: Sequence[str],
    policies: Sequence[Path],
    undecided_ok: bool,
    style: str,
    lang: str,
    color: str,
) -> int:
    """Compte les dossiers de FICHIER : les indicateurs du droit, sur tous à la fois.

    FICHIER : un dossier en JSON ou en YAML, une liste de dossiers, ou un dossier JSON par ligne
    (.jsonl, .ndjson) ; - pour l'entrée standard, une liste JSON ou un dossier JSON par ligne.
    """
    door = Door(lang, color)
    if on is None:
        raise refusal(
            "X031",
            "la date du droit à appliquer n'est pas dite",
            "the date of law is not given",
            "ajouter `--on 2016-06-01` : un seul jour pour tous les dossiers",
            "add `--on 2016-06-01`: one day for all situations",
        )
    law = load(*policies)
    try:
        count = law.count(situations_in(files), on=on, indicators=indicators)
    except SituationError as refused:
        raise NotDone(refused.diagnostics) from None
    for refusal_ in count.refusals:
        for found in refusal_.diagnostics:
            where = door.choose("dossier", "situation")
            path = f"{where} {refusal_.rank + 1}" + (f", {found.path}" if found.path else "")
            door.report([attrs.evolve(found, path=path)], drawn=style == "text")
    match style:
        case "json":
            door.show_json(count.to_dict())
        case "plain":
            for line in _plain(count, law.program, door.choose):
                door.show(line)
        case _:
            _show(door, count, law.program)
    return DONE if undecided_ok or count.is_complete else UNDECIDED


# ── what is read ─────────────────────────────────────────────────────────────────────────


def situations_in(files: Sequence[Path]) -> Iterator[Any]:
    """The situations of *files*, one at a time where a file holds one a line.

    Raises:
        NotDone: a file, or a line of it, cannot be read.
    """
    for path in files:
        name = "-" if str(path) == "-" else shown(path)
        if name == "-" or path.suffix in LINES:
            yield from _lines(path, name)
            continue
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            raise refusal("X002", f"`{path}` n'existe pas", f"`{path}` does not exist") from None
        except OSError as error:
            raise NotDone([unreadable(path, error)]) from None
        document = _document(content, name)
        if isinstance(document, list):
            yield from document
        else:
            yield document


def _lines(path: Path, name: str) -> Iterator[Any]:
    if name == "-" and sys.stdin is None:
        raise refusal("X001", "l'entrée standard est fermée", "standard input is closed")
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if name == "-" else path.open("rb") as file:
            number = 0
            while line := file.readline(MAX_BYTES + 1):
                number += 1
                if number == 1 and name == "-" and line.lstrip(_BLANK).startswith(b"["):
                    yield from _document(line + file.read(MAX_BYTES + 1), name)
                    return
                if line.strip():
                    yield _document(line, f"{name}:{number}", is_json=True)
    except FileNotFoundError:
        raise refusal("X002", f"`{path}` n'existe pas", f"`{path}` does not exist") from None
    except OSError as error:
        raise NotDone([unreadable(path, error)]) from None


def _document(content: bytes, name: str, *, is_json: bool = False) -> Any:
    document, wrong = read_document(content, name, is_json=is_json)
    if document is None:
        raise NotDone(wrong)
    return document


# ── what is shown ────────────────────────────────────────────────────────────────────────


def _numbers(count: Count, program: Any, choose: Callable[[str, str], str]) -> Iterator[
    tuple[Figure, list[tuple[str, str]]]
]:  # fmt: skip
    """Each indicator with its keys and numbers in words."""
    for name in count.indicators:
        figure = count[name]
        kind = program.indicators[name].type
        keys = [key.type for key in program.keys_of(name)]
        rows = []
        for key, outcome in figure.values.items():
            words = [to_french(k, t, program) for k, t in zip(key, keys, strict=True)]
            rows.append((" ; ".join(words), _words(outcome, kind, program, choose)))
        yield figure, rows


def _words(outcome: Outcome, kind: Any, program: Any, choose: Callable[[str, str], str]) -> str:
    match outcome:
        case Unknown() if outcome.low is not None and outcome.high is not None:
            low, high = share_text(outcome.low), share_text(outcome.high)
            return choose(f"inconnu, entre {low} et {high}", f"unknown, between {low} and {high}")
        case Unknown():
            return choose("inconnu", "unknown")
        case NotApplicable():
            return choose("sans objet", "not applicable")
    return share_text(outcome) if kind == RATE else to_french(outcome, kind, program)


def _apart(figure: Figure, choose: Callable[[str, str], str]) -> str:
    """The situations counted apart, or nothing."""
    told = [
        (figure.unknown, choose("inconnu" + "s" * (figure.unknown > 1), "unknown")),
        (figure.conflict, choose("en conflit", "in conflict")),
        (figure.error, choose("en erreur", "in error")),
    ]
    return ", ".join(f"{number} {word}" for number, word in told if number)


def _head(count: Count, choose: Callable[[str, str], str]) -> str:
    plural = "s" if count.situations > 1 else ""
    head = choose(
        f"Droit au {french_date(count.on)}, {count.situations} dossier{plural}",
        f"Law of {count.on.isoformat()}, {count.situations} situation{plural}",
    )
    if count.refused:
        plural = "s" if count.refused > 1 else ""
        head += choose(f" dont {count.refused} refusé{plural}", f", {count.refused} refused")
    return head


def _plain(count: Count, program: Any, choose: Callable[[str, str], str]) -> Iterator[str]:
    yield _head(count, choose)
    for figure, rows in _numbers(count, program, choose):
        for key, number in rows:
            yield f"{figure.name}{f'[{key}]' if key else ''}: {number}"
        if not rows:
            none = ("aucun", "none") if figure.is_complete else ("inconnu", "unknown")
            yield f"{figure.name}: {choose(*none)}"
        if apart := _apart(figure, choose):
            yield f"{figure.name}, {choose('à part', 'apart')}: {apart}"


def _show(door: Door, count: Count, program: Any) -> None:
    door.show(Text(_head(count, door.choose), "dim"))
    for figure, rows in _numbers(count, program, door.choose):
        door.show()
        line = Text(figure.name, STYLES["name"])
        if figure.label:
            line.append(f"  « {figure.label} »", STYLES["note"])
        door.show(line)
        width = max((len(key) for key, _ in rows), default=0)
        for key, number in rows:
            shown_ = Text(f"  {key:<{width}}  " if key else "  ")
            door.show(shown_.append(number, STYLES["value"]))
        if not rows:
            none = ("aucun", "none") if figure.is_complete else ("inconnu", "unknown")
            door.show(f"  {door.choose(*none)}")
        if apart := _apart(figure, door.choose):
            words = door.choose("à part", "apart")
            door.show(Text(f"  {words} : {apart}", STYLES["doubt"]))
