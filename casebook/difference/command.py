"""``lexald diff``: what changes between two dates, two revisions, two folders of law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from lexald.engine.cli.count_command import LINES, situations_in
from lexald.engine.cli.door import (
    DONE,
    FINDINGS,
    Door,
    door_options,
    format_option,
    option,
    policies_option,
    refusal,
)
from lexald.engine.cli.reports import (
    Renderings,
    Report,
    json_text,
    report_option,
    write_reports,
)

from .difference import BUDGET, difference
from .renderings import to_html, to_json, to_markdown, to_terminal
from .sides import day_of

FORMATS = ("json", "markdown", "html")
# What a folder of situations is made of.
SITUATIONS = (".json", ".yaml", ".yml", *LINES)


@click.command("diff")
@click.argument("laws", nargs=-1, required=True, metavar="[A] B")
@option("--on", "on", metavar="JOUR", help="Comparer deux droits à un seul jour.")
@policies_option
@option(
    "--cases",
    "cases",
    type=click.Path(path_type=Path, readable=False),
    multiple=True,
    help="Cas à faire passer ; par défaut ceux qui vont avec le droit. Se répète.",
)
@option("-d", "--decision", "decisions", multiple=True, help="Décision à comparer ; se répète.")
@option(
    "--population",
    "population",
    type=click.Path(path_type=Path, readable=False),
    multiple=True,
    metavar="FICHIER",
    help="Dossiers à compter sous les deux droits (comme `lexald count`) ; se répète.",
)
@option(
    "--budget",
    type=click.IntRange(min=1),
    default=BUDGET,
    help="Situations essayées pour trouver un exemple.",
)
@option("--no-witness", is_flag=True, help="Ne pas chercher d'exemples.")
@option("--no-cases", is_flag=True, help="Ne pas faire passer les cas.")
@option("--every-case", is_flag=True, help="Écrire chaque exemple comme un cas.")
@option("--exit-code", is_flag=True, help="Sortir avec le code 1 si les droits diffèrent.")
@format_option("text", *FORMATS)
@report_option(*FORMATS)
@door_options
def command(
    laws: Sequence[str],
    on: str | None,
    policies: Sequence[Path],
    cases: Sequence[Path],
    decisions: Sequence[str],
    population: Sequence[Path],
    budget: int,
    no_witness: bool,
    no_cases: bool,
    every_case: bool,
    exit_code: bool,
    style: str,
    reports: Sequence[Report],
    lang: str,
    color: str,
) -> int:
    """Dit ce qui change du droit A au droit B.

    A et B : une date (2017-04-06 ou 06/04/2017), une révision de git (rev:v1.0), un dossier ou un
    fichier de politiques. Un dossier qui ne déclare pas de situation est une réforme, lue sur le
    droit en vigueur. Sans A, le droit en vigueur.
    """
    door = Door(lang, color)
    if len(laws) > 2:
        raise refusal(
            "X060",
            "deux droits se comparent, pas davantage",
            "two laws are compared, and no more",
            "écrire `lexald diff A B`",
            "write `lexald diff A B`",
        )
    day = None if on is None else day_of(on)
    if on is not None and day is None:
        raise refusal(
            "X060",
            f"`{on}` n'est pas une date",
            f"`{on}` is not a date",
            "écrire `2017-04-06` ou `06/04/2017`",
            "write `2017-04-06` or `06/04/2017`",
        )
    if population and day is None and not all(day_of(law) for law in laws):
        raise refusal(
            "X031",
            "la date du droit à appliquer n'est pas dite",
            "the date of law is not given",
            "ajouter `--on 2016-06-01` : un seul jour pour tous les dossiers",
            "add `--on 2016-06-01`: one day for all situations",
        )
    found = difference(
        laws[0] if len(laws) == 2 else None,
        laws[-1],
        on=day,
        policies=policies,
        cases=cases,
        decisions=decisions,
        population=_population(population) if population else None,
        budget=0 if no_witness else budget,
        with_cases=not no_cases,
    )
    renderings: Renderings = {
        "json": lambda: json_text(to_json(found)),
        "markdown": lambda: to_markdown(found, lang, every_case=every_case),
        "html": lambda: to_html(found, lang),
    }
    if style in renderings:
        door.show_lines(renderings[style]())
    else:
        for line in to_terminal(found, lang, every_case=every_case):
            door.show(line)
    write_reports(reports, renderings)
    return FINDINGS if exit_code and not found.is_empty else DONE


def _population(paths: Sequence[Path]) -> Iterator[Any]:
    """The situations of *paths*, those of a folder in the order of its files."""
    for path in paths:
        inside = [path]
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in SITUATIONS)
            if not inside:
                raise refusal(
                    "X003",
                    f"pas de dossier de patient dans `{path}`",
                    f"no situation in `{path}`",
                )
        yield from situations_in(inside)
