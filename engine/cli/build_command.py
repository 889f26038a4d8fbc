"""``lexald build``: a law, checked, in one file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
import click

from lexald.dsl.checker import check
from lexald.dsl.source import SourceFile

from ..bundle.container import Refused
from ..bundle.law import names_in_bundle, write_bundle
from ..files import SUFFIX, packaged_policies, read_policies
from .door import DONE, Door, NotDone, door_options, option, refusal
from .writing import write_whole


@click.command("build")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@option(
    "-o",
    "--output",
    "output",
    type=click.Path(path_type=Path, readable=False),
    required=True,
    metavar="FICHIER",
    help="Le fichier à écrire, ou - pour la sortie standard.",
)
@door_options
def command(paths: Sequence[Path], output: Path, lang: str, color: str) -> int:
    """Vérifie un droit et l'écrit en un fichier, sa liasse.

    La liasse se lit partout où l'on donne un droit, sans être analysée de nouveau. Sans CHEMIN,
    le droit du paquet. Les mêmes textes donnent la même liasse, à l'octet près.
    """
    door = Door(lang, color)
    if output.suffix == SUFFIX:
        raise refusal(
            "X016", f"une liasse n'écrase pas du droit : `{output}`",
            f"a bundle does not overwrite law: `{output}`",
            "nommer le fichier autrement : `droit.bundle`", "name the file otherwise: `law.bundle`",
        )  # fmt: skip
    files = _texts(paths)
    checked = check(files)
    if checked.program is None:
        raise NotDone([found for found in checked.diagnostics if found.is_error])
    try:
        data = write_bundle(checked.program, checked.diagnostics, files)
    except Refused as refused:
        raise NotDone([refused.diagnostic(str(output))]) from None
    if str(output) == "-":
        sys.stdout.buffer.write(data)
        return DONE
    try:
        write_whole(output, data.decode())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise refusal(
            "X006", f"`{output}` ne s'écrit pas : {why}", f"cannot write `{output}`: {why}"
        ) from None
    law = f"{checked.program.name} {checked.program.version}".strip()
    told = f"{output} : {law}, " if law else f"{output} : "
    size = f"{len(data) / 1e6:.1f}"
    door.show(
        told
        + door.choose(
            f"{len(files)} fichiers, {size.replace('.', ',')} Mo, {checked.program.hash[:12]}",
            f"{len(files)} files, {size} MB, {checked.program.hash[:12]}",
        )
    )
    return DONE


def _texts(paths: Sequence[Path]) -> list[SourceFile]:
    """The files of the law that *paths* mean, under the names that they have in its bundle."""
    read, wrong = read_policies(paths)
    if wrong:
        raise NotDone(wrong)
    names = names_in_bundle(read, paths, packaged_policies())
    return [attrs.evolve(file, name=name) for file, name in zip(read, names, strict=True)]
