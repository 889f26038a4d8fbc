"""``lexald bench``: how fast Lexald is, beside the same work done otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lexald.engine.api import load
from lexald.engine.cli.door import (
    DONE,
    Door,
    NotDone,
    door_options,
    format_option,
    option,
    refusal,
)
from lexald.engine.naming import full_names
from lexald.engine.tabled import need_tables

if TYPE_CHECKING:
    from .report import Found

ROUNDS = 7


@click.command("bench")
@option(
    "--population",
    "size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Décider N dossiers à la fois ; sans cela, un dossier à la fois.",
)
@option(
    "-d",
    "--decision",
    "decisions",
    multiple=True,
    help="Décision du droit du paquet, demandée de la population : total_remboursé sans cela ; se répète. Rien d'autre n'est alors mesuré.",
)
@option(
    "--lines",
    type=click.IntRange(min=0),
    default=None,
    metavar="N",
    help="Lignes de soins d'un patient, en moyenne : 10 sans cela.",
)
@option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FICHIER",
    help="Écrire la population en Parquet, au lieu de mesurer.",
)
@option(
    "--missing",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="PART",
    help="Part des faits laissée inconnue : 0.05 pour 5 %.",
)
@option(
    "--peers", is_flag=True, help="Mesurer aussi les autres moteurs (supplément lexald[bench])."
)
@option(
    "--rounds", type=click.IntRange(min=1), default=ROUNDS, metavar="N", help="Nombre de tours."
)
@format_option("text", "json")
@door_options
def command(
    size: int | None,
    decisions: Sequence[str],
    lines: int | None,
    write: Path | None,
    missing: float,
    peers: bool,
    rounds: int,
    style: str,
    lang: str,
    color: str,
) -> int:
    """Mesure Lexald à côté du même travail fait autrement.

    Les réponses de tous sont comparées avant d'être chronométrées. Chacun passe à son tour, à
    chaque tour : les rapports valent d'une machine à l'autre, les temps non.
    """
    door = Door(lang, color)
    need_tables()
    if size is None and (decisions or lines is not None or write is not None or missing):
        raise refusal(
            "X012",
            "`-d`, `--lines`, `--missing` et `--write` vont avec `--population`",
            "`-d`, `--lines`, `--missing` and `--write` go with `--population`",
            "ajouter `--population 100000`", "add `--population 100000`",
        )  # fmt: skip
    from .one_patient import Unequal
    from .report import to_json, to_text

    races = (
        _one_at_a_time(rounds, peers=peers)
        if size is None
        else _population(size, decisions, lines, write, missing, rounds, peers=peers)
    )
    found: list[Found] = []
    try:
        for one in races:
            found.append(one)
            if style == "text":
                door.show_lines(("\n" if len(found) > 1 else "") + to_text(one, lang))
    except Unequal as unequal:
        raise refusal(
            "X034",
            f"{unequal.name} ne répond pas comme les autres ({unequal.work}, {unequal.count} réponses)",
            f"{unequal.name} does not answer as the others do ({unequal.work}, {unequal.count} answers)",
        ) from None
    if style == "json":
        door.show_json(to_json(found, rounds))
    return DONE


def _one_at_a_time(rounds: int, *, peers: bool) -> Iterator[Found]:
    from . import cold_start, one_patient
    from .peers import installed
    from .works import WORKS

    engines = installed() if peers else ()
    for work in WORKS:
        yield one_patient.run(work, engines, rounds)
    yield cold_start.run(rounds, peers=peers)


def _population(
    size: int,
    decisions: Sequence[str],
    lines: int | None,
    path: Path | None,
    missing: float,
    rounds: int,
    *,
    peers: bool,
) -> Iterator[Found]:
    """The packaged law first: what follows would add to the memory that it takes."""
    from lexald.engine.columnar.memory import keep_freed

    from ..population.ald import LINES
    from . import population, whole_law
    from .works import CRITERIA, TEN_LINES

    law = load()
    names, wrong = full_names(law.program, decisions)
    if wrong:
        raise NotDone(wrong)
    each = LINES if lines is None else lines
    drawn = whole_law.drawn(law, missing, names or whole_law.DECISIONS, lines=each)
    if path is not None:
        whole_law.write(drawn, size, path)
        return
    keep_freed()  # as `lexald run` does; what is written by hand gains by it too
    yield whole_law.run(law, drawn, size, lines=each)
    if not decisions:
        for work in (CRITERIA, TEN_LINES):
            yield from population.run(work, size, missing, rounds, openfisca=peers)
