"""``lexald cases``: the cases that are missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import click

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

from ..aside import register
from ..coverage.sentences import sentence
from ..coverage.units import KINDS, Hole
from ..mutation.mutants import Mutant
from ..mutation.sentences import KINDS as MUTATIONS
from ..search.climb import BUDGET
from .choosing import survivors as find_survivors
from .choosing import survivors_of
from .finding import Progress, Proposals
from .holes import propose
from .survivors import propose_against
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
    type=click.Choice([*KINDS, *MUTATIONS]),
    metavar="GENRE",
    multiple=True,
    help="Seulement les trous, ou les mutants, de ce genre. Se répète.",
)
@option("--mutants", "wants_mutants", is_flag=True, help="Attraper les mutants qui survivent.")
@option(
    "--survivors",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="De même, ceux que dit ce fichier de `lexald mutate --format json`.",
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
    wants_mutants: bool,
    survivors: Path | None,
    most: int | None,
    answers: bool,
    expected: bool,
    budget: int,
    output: Path | None,
    style: str,
    lang: str,
    color: str,
) -> int:
    """Écrit les cas qui combleraient les trous de la couverture, ou attraperaient des mutants.

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
    counted = [case for case in program.cases if files or gathered.concerns(case.span.file)]
    packaged = not policies and not _is_alone(gathered)
    progress = _progress(door)
    if wants_mutants or survivors is not None:
        chosen = _mutants_chosen(files, words, kinds)
        if survivors is not None:
            caught, gone = survivors_of(program, survivors, chosen)
            if gone:
                door.say(door.choose(f"{gone} ne sont plus des mutants de ce droit",
                                     f"{gone} are no mutants of this law any more"))  # fmt: skip
        else:
            caught = find_survivors(
                program, counted, chosen, with_packaged=packaged, progress=progress
            )
        found = propose_against(
            program, caught, counted, budget=budget, most=most, progress=progress
        )
    else:
        found = propose(
            program,
            counted,
            chosen=_holes_chosen(files, words, kinds),
            aside=register(None, with_packaged=packaged).units,
            budget=budget,
            most=most,
            progress=progress,
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
    if not gathered.asked or policies or _is_alone(gathered) or not gathered.asked <= law:
        return gathered
    # Policies were pointed at: the packaged cases stand beside the packaged law.
    whole = gather([], [], casebook=True)
    if whole.diagnostics:
        raise NotDone(whole.diagnostics)
    return Gathered(gathered.law, whole.cases, gathered.asked, ())


def _is_alone(gathered: Gathered) -> bool:
    """Whether the paths are a law by themselves, and not read with the packaged one."""
    return bool(gathered.asked) and all(file.name in gathered.asked for file in gathered.law)


def _program(gathered: Gathered) -> core.Program:
    checked = check(gathered.law, gathered.cases)
    if checked.program is None:
        raise NotDone([found for found in checked.diagnostics if found.is_error])
    return checked.program


def _holes_chosen(
    files: frozenset[str], words: str | None, kinds: Sequence[str]
) -> Callable[[Hole], bool]:
    return lambda hole: (
        (not files or hole.file in files)
        and (not kinds or hole.kind in kinds)
        and (words is None or words.casefold() in sentence(hole).casefold())
    )


def _mutants_chosen(
    files: frozenset[str], words: str | None, kinds: Sequence[str]
) -> Callable[[Mutant], bool]:
    return lambda mutant: (
        (not files or mutant.file in files)
        and (not kinds or mutant.kind in kinds)
        and (words is None or words.casefold() in mutant.sentence.casefold())
    )


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
