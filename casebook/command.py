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
from lexald.engine.explain.to_text import to_text
from lexald.engine.explain.wording import reform_lines
from lexald.engine.files import gather
from lexald.engine.reports.github import to_github
from lexald.engine.reports.sarif import to_sarif

from .aside import register
from .backends import ALL, BACKENDS, INTERPRETER, run_on
from .coverage import Coverage, measure
from .coverage.aside import set_aside
from .coverage.threshold import Threshold, ThresholdType, told
from .coverage.to_html import to_html
from .coverage.to_json import to_json as coverage_json
from .coverage.to_lcov import to_lcov
from .coverage.to_terminal import stale
from .coverage.to_terminal import to_markdown as coverage_markdown
from .coverage.to_terminal import to_terminal as coverage_terminal
from .findings import findings
from .report import passed, to_json, to_junit, to_terminal
from .runner import is_run, run
from .summary import to_markdown

FORMATS = ("plain", "json", "junit", "sarif", "github", "markdown", "html", "lcov")
# Those that are of coverage and nothing else.
OF_COVERAGE = ("html", "lcov")


@click.command("test")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@policies_option
@option("-k", "words", metavar="TEXTE", help="Seulement les cas dont le nom contient TEXTE.")
@option("--allow-empty", is_flag=True, help="Aucun cas choisi n'est pas une erreur.")
@option(
    "--coverage", "wants_coverage", is_flag=True, help="Mesurer ce que les cas prouvent du droit."
)
@option(
    "--fail-under",
    "threshold",
    type=ThresholdType(),
    metavar="SEUIL",
    help="Couverture en dessous de laquelle la commande échoue : `95`, ou `rules=100,dates=90`.",
)
@option(
    "--aside",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Registre de ce qui est mis de côté ; par défaut celui du paquet, avec son droit.",
)
@option(
    "--backend",
    "backend",
    type=click.Choice([INTERPRETER, *BACKENDS, ALL]),
    default=INTERPRETER,
    show_default=True,
    help="Ce qui répond : l'interprète, un autre moteur, ou tous. Raisons et questions sont de l'interprète seul.",
)
@format_option("text", *FORMATS)
@report_option(*FORMATS)
@door_options
def command(
    paths: Sequence[Path],
    policies: Sequence[Path],
    words: str | None,
    allow_empty: bool,
    wants_coverage: bool,
    threshold: Threshold | None,
    aside: Path | None,
    backend: str,
    style: str,
    reports: Sequence[Report],
    lang: str,
    color: str,
) -> int:
    """Fait passer les cas au droit.

    CHEMIN : fichiers ou dossiers de cas, lus avec les politiques ; un CHEMIN qui déclare une
    situation est un droit à lui seul. Sans CHEMIN, tous les cas du paquet.

    `--fail-under`, `--aside`, et les formats html et lcov, mesurent la couverture sans qu'on le
    demande. Ce que le registre met de côté, avec une raison, n'est pas dû.
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
    program = checked.program
    if backend == INTERPRETER:
        results = run(program, chosen)
    else:
        engines = (INTERPRETER, *BACKENDS) if backend == ALL else (backend,)
        results = run_on(program, chosen, engines)
    styles = {style, *(report.style for report in reports)}
    coverage: Coverage | None = None
    wants_coverage |= threshold is not None or aside is not None
    if wants_coverage or styles & set(OF_COVERAGE):
        packaged = not policies and not (gathered.asked and gathered.is_alone)
        entries = register(aside, with_packaged=packaged).units
        passing = (one.case for one in results if one.outcome == "passed")
        coverage = set_aside(measure(program, passing), entries)
    told_too = coverage if wants_coverage else None
    renderings: Renderings = {
        "plain": lambda: "\n".join(plain(found, lang) for found in findings(results)),
        "json": lambda: json_text(
            {
                **to_json(results, coverage_json(told_too, lang) if told_too else None),
                **({"reforms": [r.title for r in program.reforms]} if program.reforms else {}),
            }
        ),
        "junit": lambda: to_junit(results, lang),
        "sarif": lambda: json_text(to_sarif(findings(results), "test", lang)),
        "github": lambda: to_github(findings(results), lang),
        "markdown": lambda: to_markdown(
            results, lang, after=coverage_markdown(told_too, lang) if told_too else ""
        ),
        "html": lambda: to_html(coverage, lang) if coverage else "",
        "lcov": lambda: to_lcov(coverage) if coverage else "",
    }
    if style in renderings:
        door.show_lines(renderings[style]())
    else:
        for reform in reform_lines(program, lang):
            text = to_text([reform], door.width)
            text.rstrip()
            door.show(text)
        door.show(to_terminal(results, lang))
        if told_too is not None:
            door.show()
            door.show(coverage_terminal(told_too, lang))
    write_reports(reports, renderings)
    gone = stale(coverage, lang) if coverage else []
    if style in renderings or told_too is None:
        for one in gone:
            door.say(one)
    below = list(threshold.below(coverage)) if threshold and coverage else []
    for lack in below:
        door.say(told(lack, lang))
    return FINDINGS if below or gone or passed(results) < len(results) else DONE
