"""``lexald cases``: the cases that are missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import click

from lexald.casebook.coverage.sentences import sentence
from lexald.casebook.coverage.units import KINDS, Hole
from lexald.casebook.search.climb import BUDGET
from lexald.dsl import program as core
from lexald.dsl.checker import check
from lexald.engine.cli.door import (
    DONE,
    INTERRUPTED,
    Door,
    NotDone,
    door_options,
    format_option,
    option,
    policies_option,
    refusal,
)
from lexald.engine.files import Gathered, gather

from .finding import Proposals
from .holes import Progress, propose
from .writing import ASK, EXPECT, HINT, summary, to_json, to_text, write

# Between two lines of progress, where there is no terminal to write over.
SECONDS_BETWEEN = 15


@click.group("cases")
def command() -> None:
    """Le recueil des cas : ceux qui lui manquent."""


@command.command("propose")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@policies_option
@option("-k", "words", metavar="TEXTE", help="Seulement les trous dont la phrase contient TEXTE.")
@option(
    "--kind",
    "kinds",
    type=click.Choice(list(KINDS)),
    multiple=True,
    help="Seulement les trous de ce genre. Se répète.",
)
@option("--max", "most", type=click.IntRange(1), help="S'arrêter à ce nombre de cas.")
@option("--answers", is_flag=True, help="Dire aussi, en remarque, ce que le droit répond.")
@option("--expected", is_flag=True, help="Écrire ce que le droit répond comme attendu, à relire.")
@option(
    "--budget",
    type=click.IntRange(1),
    default=BUDGET,
    help=f"Essais pour chaque trou ; {BUDGET} par défaut.",
)
@option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Fichier à écrire ; il ne doit pas exister.",
)
@format_option("text", "json")
@door_options
def propose_command(
    paths: Sequence[Path],
    policies: Sequence[Path],
    words: str | None,
    kinds: Sequence[str],
    most: int | None,
    answers: bool,
    expected: bool,
    budget: int,
    output: Path | None,
    style: str,
    lang: str,
    color: str,
) -> int:
    """Écrit les cas qui combleraient les trous de la couverture.

    Chaque cas donne un dossier aussi petit que possible ; ce que l'on en attend reste à écrire, les
    textes en main. Un cas qui n'attend rien n'est pas exécuté, et `lexald check` le signale.

    CHEMIN : des politiques, et leurs trous seuls sont comblés ; ou des cas, lus avec les
    politiques, et eux seuls comptent. Sans CHEMIN, tout le droit du paquet et tous ses cas. Les
    cas sont tenus pour réussis.
    """
    door = Door(lang, color)
    if output is not None and output.exists():
        raise refusal(
            "X019", f"`{output}` existe déjà", f"`{output}` already exists",
            "choisir un autre fichier : rien n'est jamais écrit par-dessus",
            "choose another file: nothing is ever written over",
        )  # fmt: skip
    gathered = _gathered(paths, policies)
    program = _program(gathered)
    files = frozenset(file.name for file in gathered.law if file.name in gathered.asked)
    found = propose(
        program,
        [case for case in program.cases if files or gathered.concerns(case.span.file)],
        chosen=_choice(files, words, kinds),
        budget=budget,
        most=most,
        progress=_progress(door),
    )
    cases = write(program, found.cases, EXPECT if expected else HINT if answers else ASK)
    if style == "json":
        door.show_json(to_json(program, found, cases))
        return _end(door, found)
    text = to_text(found, cases)
    if output is None:
        door.show_lines(text)
    else:
        _write(output, text)
    door.say(summary(found, len(cases), lang))
    return _end(door, found)


def _end(door: Door, found: Proposals) -> int:
    if found.whole:
        return DONE
    door.say(door.choose("interrompu : ce qui précède est partiel", "interrupted: partial"))
    return INTERRUPTED


def _gathered(paths: Sequence[Path], policies: Sequence[Path]) -> Gathered:
    gathered = gather(paths, policies, casebook=True)
    if gathered.diagnostics:
        raise NotDone(gathered.diagnostics)
    law = {file.name for file in gathered.law}
    alone = bool(gathered.asked) and law <= gathered.asked
    if not gathered.asked or alone or policies or not gathered.asked <= law:
        return gathered
    # Policies were pointed at: the packaged cases stand beside the packaged law.
    whole = gather([], [], casebook=True)
    if whole.diagnostics:
        raise NotDone(whole.diagnostics)
    return Gathered(gathered.law, whole.cases, gathered.asked, ())


def _program(gathered: Gathered) -> core.Program:
    checked = check(gathered.law, gathered.cases)
    if checked.program is None:
        raise NotDone([found for found in checked.diagnostics if found.is_error])
    return checked.program


def _choice(
    files: frozenset[str], words: str | None, kinds: Sequence[str]
) -> Callable[[Hole], bool]:
    def chosen(hole: Hole) -> bool:
        return (
            (not files or hole.file in files)
            and (not kinds or hole.kind in kinds)
            and (words is None or words.casefold() in sentence(hole).casefold())
        )

    return chosen


def _write(path: Path, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise refusal(
            "X017", f"`{path}` ne s'écrit pas : {why}", f"cannot write `{path}`: {why}"
        ) from None


def _progress(door: Door) -> Progress:
    """Lines on standard error: over one another on a terminal, now and then elsewhere."""
    words = door.choose("trous", "holes")
    is_terminal = sys.stderr.isatty()
    last = [monotonic()]

    def tell(done: int, total: int) -> None:
        now = monotonic()
        if is_terminal and (done == total or now - last[0] > 0.2):
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r{words} : {done} / {total}{end}")
            sys.stderr.flush()
            last[0] = now
        elif not is_terminal and now - last[0] > SECONDS_BETWEEN:
            door.say(f"{words} : {done} / {total}")
            last[0] = now

    return tell
