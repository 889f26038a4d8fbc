"""``lexald test``: the law against its casebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lexald.dsl.checker import check
from lexald.dsl.render import plain
from lexald.engine.cli.door import (
    DONE,
    FINDINGS,
    Door,
    NotDone,
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
from lexald.engine.files import gather
from lexald.engine.reports.github import to_github
from lexald.engine.reports.sarif import to_sarif

from .findings import findings
from .report import passed, to_json, to_junit, to_terminal
from .runner import is_run, run
from .summary import to_markdown

FORMATS = ("plain", "json", "junit", "sarif", "github", "markdown")


@click.command("test")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@policies_option
@option("-k", "words", metavar="TEXTE", help="Seulement les cas dont le nom contient TEXTE.")
@option("--allow-empty", is_flag=True, help="Aucun cas choisi n'est pas une erreur.")
@format_option("text", *FORMATS)
@report_option(*FORMATS)
@door_options
def command(
    paths: Sequence[Path],
    policies: Sequence[Path],
    words: str | None,
    allow_empty: bool,
    style: str,
    reports: Sequence[Report],
    lang: str,
    color: str,
) -> int:
    """Fait passer les cas au droit.

    CHEMIN : fichiers ou dossiers de cas, lus avec les politiques ; un CHEMIN qui déclare une
    situation est un droit à lui seul. Sans CHEMIN, tous les cas du paquet.
    """
    door = Door(lang, color)
    gathered = gather(paths, policies, casebook=True)
    if gathered.diagnostics:
        raise NotDone(gathered.diagnostics)
    checked = check(gathered.law, gathered.cases)
    if checked.program is None:
        raise NotDone([found for found in checked.diagnostics if found.is_error])
    chosen = [
        case
        for case in checked.program.cases
        if is_run(case)
        and gathered.concerns(case.span.file)
        and (words is None or words.casefold() in case.name.casefold())
    ]
    if not chosen and not allow_empty:
        raise refusal(
            "X013",
            "aucun cas choisi",
            "no case selected",
            "vérifier CHEMIN et `-k`, ou ajouter `--allow-empty`",
            "check the paths and `-k`, or add `--allow-empty`",
        )
    results = run(checked.program, chosen)
    renderings: Renderings = {
        "plain": lambda: "\n".join(plain(found, lang) for found in findings(results)),
        "json": lambda: json_text(to_json(results)),
        "junit": lambda: to_junit(results, lang),
        "sarif": lambda: json_text(to_sarif(findings(results), "test", lang)),
        "github": lambda: to_github(findings(results), lang),
        "markdown": lambda: to_markdown(results, lang),
    }
    if style in renderings:
        door.show_lines(renderings[style]())
    else:
        door.show(to_terminal(results, lang))
    write_reports(reports, renderings)
    return DONE if passed(results) == len(results) else FINDINGS
