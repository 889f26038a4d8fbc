"""``lexald mutate``: what the casebook would not catch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

import click

from lexald.dsl.checker import check
from lexald.engine.cli.door import (
    DONE,
    FINDINGS,
    INTERRUPTED,
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

from ..aside import register
from .aside import sort
from .mutants import Mutant, mutants
from .report import score, to_json, to_markdown, to_terminal
from .run import Progress, run
from .selection import select
from .sentences import KINDS

FORMATS = ("json", "markdown")
# Between two lines of progress, where there is no terminal to write over.
SECONDS_BETWEEN = 15


@click.command("mutate")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@policies_option
@option("-k", "words", metavar="TEXTE", help="Seulement les mutants dont la phrase contient TEXTE.")
@option(
    "--kind",
    "kinds",
    type=click.Choice(list(KINDS)),
    multiple=True,
    help="Seulement les mutants de ce genre. Se répète.",
)
@option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    help="Sortir avec le code 1 si le score, en pour cent, est au-dessous.",
)
@option(
    "--jobs", type=click.IntRange(0), default=0, help="Processus ; par défaut, un par processeur."
)
@option(
    "--aside",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Registre de ce qui est mis de côté ; par défaut celui du paquet, avec son droit.",
)
@option("--allow-empty", is_flag=True, help="Aucun mutant choisi n'est pas une erreur.")
@format_option("text", *FORMATS)
@report_option(*FORMATS)
@door_options
def command(
    paths: Sequence[Path],
    policies: Sequence[Path],
    words: str | None,
    kinds: Sequence[str],
    fail_under: float | None,
    jobs: int,
    aside: Path | None,
    allow_empty: bool,
    style: str,
    reports: Sequence[Report],
    lang: str,
    color: str,
) -> int:
    """Dit ce que les cas n'attraperaient pas.

    Le droit est écrit de travers, une faute à la fois (une durée d'une année de moins, « ou » pour
    « et », une ligne oubliée), et les cas sont passés : ce qui n'en fait échouer aucun survit.

    CHEMIN : des politiques du droit, et leurs mutants seuls sont essayés ; des cas, et eux seuls
    sont passés ; un CHEMIN qui déclare une situation est un droit à lui seul. Sans CHEMIN, tout le
    droit du paquet et tous ses cas.
    """
    door = Door(lang, color)
    selection = select(paths, policies)
    if selection.diagnostics:
        raise NotDone(selection.diagnostics)
    checked = check(selection.law, selection.cases)
    program = checked.program
    if program is None:
        raise NotDone([found for found in checked.diagnostics if found.is_error])
    entries = register(aside, with_packaged=selection.is_packaged).mutants
    every = mutants(program)
    chosen = [m for m in every if _is_chosen(m, selection.files, words, kinds)]
    if not chosen and not allow_empty:
        raise refusal(
            "X013",
            "aucun mutant choisi",
            "no mutant selected",
            "vérifier CHEMIN, `-k` et `--kind`, ou ajouter `--allow-empty`",
            "check the paths, `-k` and `--kind`, or add `--allow-empty`",
        )
    asked = selection.asked
    cases = [case for case in program.cases if asked is None or case.span.file.name in asked]
    outcome = run(program, chosen, cases, jobs=jobs, progress=_progress(door))
    for case in outcome.broken:
        door.say(
            door.choose(
                f"le cas « {case.name} » échoue déjà : il n'attrape aucun mutant",
                f"case « {case.name} » fails as it is: it kills no mutant",
            )
        )
    picked = set(map(id, chosen))
    rest = [m for m in every if id(m) not in picked] if outcome.whole else every
    found = sort(outcome.fates, entries, rest)
    renderings: Renderings = {
        "json": lambda: json_text(to_json(found, whole=outcome.whole)),
        "markdown": lambda: to_markdown(found, lang, tried=len(outcome.fates), total=len(chosen)),
    }
    if style in renderings:
        door.show_lines(renderings[style]())
    else:
        door.show(to_terminal(found, lang, tried=len(outcome.fates), total=len(chosen)))
    write_reports(reports, renderings)
    if not outcome.whole:
        door.say(door.choose("interrompu : ce qui précède est partiel", "interrupted: partial"))
        return INTERRUPTED
    if found.stale or (fail_under is not None and score(found) < fail_under):
        return FINDINGS
    return DONE


def _is_chosen(
    mutant: Mutant, files: frozenset[str] | None, words: str | None, kinds: Sequence[str]
) -> bool:
    return (
        (files is None or mutant.file in files)
        and (words is None or words.casefold() in mutant.sentence.casefold())
        and (not kinds or mutant.kind in kinds)
    )


def _progress(door: Door) -> Progress:
    """Lines on standard error: over one another on a terminal, now and then elsewhere."""
    names = {
        "cases": door.choose("cas lus", "cases read"),
        "mutants": door.choose("mutants essayés", "mutants tried"),
    }
    is_terminal = sys.stderr.isatty()
    last = [monotonic()]

    def tell(step: str, done: int, total: int) -> None:
        now = monotonic()
        if is_terminal:
            if done == total or now - last[0] > 0.2:
                end = "\n" if done == total else ""
                sys.stderr.write(f"\r{names[step]} : {done} / {total}{end}")
                sys.stderr.flush()
                last[0] = now
        elif now - last[0] > SECONDS_BETWEEN:
            door.say(f"{names[step]} : {done} / {total}")
            last[0] = now

    return tell
