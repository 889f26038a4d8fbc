"""``lexald fmt``: the one layout of ``.ald`` files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.formatter import format_source
from lexald.dsl.source import SourceFile

from ..files import law_files, read_file, shown, unreadable
from .door import DONE, FINDINGS, NOT_DONE, Door, NotDone, door_options, option, refusal
from .writing import write_whole


@click.command("fmt")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@option("--check", "only_check", is_flag=True, help="Ne rien écrire ; code 1 si à refaire.")
@door_options
def command(paths: Sequence[Path], only_check: bool, lang: str, color: str) -> int:
    """Met en forme des fichiers .ald, ou - pour l'entrée standard. Aucun commentaire ne se perd.

    Sans CHEMIN, les dossiers `policies` et `casebook` d'où l'on est.
    """
    door = Door(lang, color)
    if [str(path) for path in paths] == ["-"]:
        return _standard_input(door, only_check)
    if not paths:
        paths = [path for name in ("policies", "casebook") if (path := Path(name)).is_dir()]
        if not paths:
            raise refusal(
                "X012", "il manque `CHEMIN`", "`CHEMIN` is missing",
                "dire quels fichiers ou dossiers mettre en forme",
                "say which files or folders to format",
            )  # fmt: skip
    listed, wrong = law_files(paths)
    if wrong:
        raise NotDone(wrong)
    outcomes = [_format(door, path, only_check) for path in listed]
    changed = outcomes.count(FINDINGS)
    if NOT_DONE in outcomes:
        return NOT_DONE
    return FINDINGS if only_check and changed else DONE


def _format(door: Door, path: Path, only_check: bool) -> int:
    """`DONE` if *path* was as it should be, `FINDINGS` if not, `NOT_DONE` if it cannot be."""
    source, wrong = read_file(path)
    if source is None:
        door.report(wrong)
        return NOT_DONE
    formatted = format_source(source)
    if formatted.text is None:
        door.report(formatted.diagnostics)
        return NOT_DONE
    try:
        before = path.read_bytes()
        if before == formatted.text.encode():
            return DONE
    except OSError as error:
        door.report([unreadable(path, error)])
        return NOT_DONE
    if not only_check:
        try:
            write_whole(path, formatted.text)
        except OSError as error:
            why = error.strerror or type(error).__name__
            message = Message(
                f"`{path}` ne s'écrit pas : {why}", f"`{path}` cannot be written: {why}"
            )
            door.report([Diagnostic("X006", message)])
            return NOT_DONE
    name = shown(path)
    if only_check:
        door.show(door.choose(f"à mettre en forme : {name}", f"would format: {name}"))
    else:
        door.show(door.choose(f"mis en forme : {name}", f"formatted: {name}"))
    return FINDINGS


def _standard_input(door: Door, only_check: bool) -> int:
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise refusal(
            "X005", "l'entrée n'est pas un texte UTF-8", "the input is not UTF-8 text"
        ) from None
    formatted = format_source(SourceFile.of("-", text))
    if formatted.text is None:
        raise NotDone(formatted.diagnostics)
    if only_check:
        return DONE if formatted.text == text else FINDINGS
    sys.stdout.write(formatted.text)
    return DONE
