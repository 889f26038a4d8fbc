"""``lexald bench``: how fast Lexald is, beside the same work done otherwise."""

from __future__ import annotations

from importlib.util import find_spec

import click

from lexald.engine.cli.door import (
    DONE,
    Door,
    door_options,
    format_option,
    option,
    refusal,
)

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
    if find_spec("numpy") is None or find_spec("pyarrow") is None:
        raise refusal(
            "X033", "les mesures demandent le supplément `tables`",
            "benchmarks need the extra `tables`",
            'pip install "lexald[tables]"', 'pip install "lexald[tables]"',
        )  # fmt: skip
    from . import cold_start, one_patient, population
    from .peers import installed
    from .report import to_json, to_text
    from .works import CRITERIA, TEN_LINES, WORKS

    found: list[one_patient.Raced | population.PopulationRaced] = []

    def show(one: one_patient.Raced | population.PopulationRaced) -> None:
        found.append(one)
        if style == "text":
            if len(found) > 1:
                door.show()
            door.show_lines(to_text(one, lang))

    try:
        if size is None:
            engines = installed() if peers else ()
            for work in WORKS:
                show(one_patient.run(work, engines, rounds))
            show(cold_start.run(rounds, peers=peers))
        else:
            for work in (CRITERIA, TEN_LINES):
                for one in population.run(work, size, missing, rounds, openfisca=peers):
                    show(one)
    except one_patient.Unequal as unequal:
        raise refusal(
            "X034",
            f"{unequal.name} ne répond pas comme les autres ({unequal.work}, {unequal.count} réponses)",
            f"{unequal.name} does not answer as the others do ({unequal.work}, {unequal.count} answers)",
        ) from None
    if style == "json":
        door.show_json(to_json(found, rounds))
    return DONE
