"""``lexald run``: the answers for a population, from files to files."""

from __future__ import annotations

import contextlib
import gc
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
from rich.text import Text

from lexald.dsl.dates import french_date
from lexald.dsl.diagnostics import LawError

from ..api import load
from ..files import shown
from ..scalars import read_day
from ..tabled import need_tables, quicken
from .door import (
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

if TYPE_CHECKING:
    from ..columnar.running import Run, Tally

FORMAT = 1
# A table of a list: `soins=soins.parquet`.
_LIST = re.compile(r"(?P<name>\w+(?:\.\w+)*)=(?P<path>.+)", re.DOTALL)
_REASONS = 5  # shown, why no row has an answer
_EVERY = 0.5  # seconds between two words of progress
_PER_MEGABYTE = 1_000_000


@click.command("run")
@click.argument("tables", nargs=-1, required=True, metavar="TABLE…")
@option("-o", "--output", "output", required=True, type=click.Path(path_type=Path), metavar="FICHIER", help="Où écrire les réponses : .parquet ou .csv.")  # fmt: skip
@option("--on", "on", metavar="AAAA-MM-JJ", help="Date du droit, la même pour tous ; l'emporte sur la colonne `on`.")  # fmt: skip
@option("-d", "--decision", "decisions", multiple=True, help="Décision demandée ; se répète. Par défaut, celles marquées « résultat ».")  # fmt: skip
@option("--key", "key", metavar="COLONNE", help="Colonne qui joint les tables.")
@option("--keep", "keep", multiple=True, metavar="COLONNE", help="Colonne à recopier ; se répète.")
@option("--rules", "rules", is_flag=True, help="Écrire aussi quelles règles ont donné chaque réponse : leurs noms, dans `d__rules`.")  # fmt: skip
@option("--native/--no-native", "native", default=None, help="Décider en code machine ce qui peut l'être : tout de suite, ou jamais. Par défaut, dès que la table est assez longue pour que cela paie. Aucune réponse n'en change.")  # fmt: skip
@option("--rejects", "rejects", type=click.Path(path_type=Path), metavar="FICHIER", help="Où écrire les lignes mises à part : .parquet, .csv ou .jsonl.")  # fmt: skip
@option("--on-reject", "on_reject", type=click.Choice(["continue", "stop"]), default="continue", help="Devant une ligne fautive : la mettre à part, ou s'arrêter.")  # fmt: skip
@option("--jobs", "jobs", type=click.IntRange(1, 256), help="Combien de fils de calcul ; par défaut, un par cœur.")  # fmt: skip
@policies_option
@format_option("text", "json")
@door_options
def command(
    tables: Sequence[str],
    output: Path,
    on: str | None,
    decisions: Sequence[str],
    key: str | None,
    keep: Sequence[str],
    rules: bool,
    native: bool | None,
    rejects: Path | None,
    on_reject: str,
    jobs: int | None,
    policies: Sequence[Path],
    style: str,
    lang: str,
    color: str,
) -> int:
    """Décide une population : une ligne par dossier, de fichiers en fichiers.

    TABLE : Parquet, CSV, ou dossier de l'un ou l'autre. `soins=FICHIER` donne les lignes d'une
    liste, jointes par --key. Une réponse par ligne, dans l'ordre ; les lignes fautives sont mises à
    part, et dites dans un fichier à elles.
    """
    door = Door(lang, color)
    need_tables()
    quick = quicken(native)
    day = read_day(on) if on else None
    if on and day is None:
        raise refusal(
            "E192", f"`{on}` n'est pas une date", f"`{on}` is not a date",
            "écrire l'année, le mois, le jour : `2016-06-01`", "write `2016-06-01`",
        )  # fmt: skip
    _check_output(output, ".parquet, .csv")
    refused = rejects or output.with_suffix(f".rejects{output.suffix}")
    _check_output(refused, ".parquet, .csv, .jsonl")
    situations, lists = _tables(tables)
    if lists and not key:
        raise refusal(
            "X075", "des tables se joignent par une clé, qui n'est pas dite",
            "tables are joined by a key, which is not given",
            "ajouter `--key COLONNE`", "add `--key COLUMN`",
        )  # fmt: skip
    law = load(*policies)

    from ..columnar.asking import Request
    from ..columnar.memory import keep_freed
    from ..columnar.running import Order, Run
    from ..columnar.sinks import unwritable
    from ..columnar.sources import files_of

    try:
        main = files_of("", situations)
        told = tuple(files_of(name, paths) for name, paths in lists.items())
        _check_apart(output, refused, [*main.paths, *(p for files in told for p in files.paths)])
        request = Request(
            law.program,
            tuple(decisions),
            day,
            key or "",
            tuple(keep),
            rules,
            lang,
            jobs,
            quick=quick,
        )
        run = Run(Order(request, main, told, stop=on_reject == "stop"))
        column = unwritable(output, run.answers)
        if column is not None:
            raise refusal(
                "X074", f"un CSV ne peut contenir la colonne `{column}`",
                f"a CSV cannot hold the column `{column}`",
                "écrire du Parquet, ou demander d'autres décisions par `-d`, ou ne pas la garder",
                "write Parquet, or ask for other decisions with `-d`, or do not keep it",
            )  # fmt: skip
        keep_freed()
        with _between_blocks() as interrupted, _Progress(door, main.n_rows) as progress:

            def block_is_over(tally: Tally) -> None:
                if interrupted():
                    raise KeyboardInterrupt
                gc.collect()
                progress(tally)

            # The law lasts until the end; what a block leaves in cycles must not.
            gc.freeze()
            try:
                tally = run(output, refused, block_is_over)
            finally:
                gc.unfreeze()
    except LawError as wrong:
        raise NotDone(wrong.diagnostics) from None
    if style == "json":
        door.show_json(_to_json(run, tally, output, refused))
    else:
        _show(door, run, tally, output, refused)
    return FINDINGS if tally.faults else DONE


def _tables(given: Sequence[str]) -> tuple[list[Path], dict[str, list[Path]]]:
    """The table of situations, and those of lists by the name of the list."""
    situations: list[Path] = []
    lists: dict[str, list[Path]] = {}
    for text in given:
        found = _LIST.fullmatch(text)
        if found and not Path(text).exists():
            lists.setdefault(found["name"], []).append(Path(found["path"]))
        else:
            situations.append(Path(text))
    if not situations:
        raise refusal(
            "X012", "il manque la table des dossiers", "the table of situations is missing",
            "une table sans nom de liste : `patients.parquet`",
            "a table without the name of a list: `patients.parquet`",
        )  # fmt: skip
    return situations, lists


def _check_output(path: Path, suffixes: str) -> None:
    if path.suffix not in suffixes.split(", "):
        raise refusal(
            "X071", f"`{path}` n'est pas un nom de table", f"`{path}` is no name of a table",
            f"finir par : {suffixes}", f"end in one of: {suffixes}",
        )  # fmt: skip
    if path.is_dir():
        raise refusal(
            "X071", f"`{path}` est un dossier", f"`{path}` is a folder",
            "donner un nom de fichier", "give the name of a file",
        )  # fmt: skip


def _check_apart(output: Path, refused: Path, read: Sequence[Path]) -> None:
    """What is written is not what is read."""
    held = {path.resolve() for path in read}
    for path in (output, refused):
        if path.resolve() in held or output.resolve() == refused.resolve():
            raise refusal(
                "X076", f"`{path}` est aussi lu, ou écrit deux fois",
                f"`{path}` is read too, or written twice",
                "donner un autre nom par `-o` ou `--rejects`", "give another name with `-o` or `--rejects`",
            )  # fmt: skip


@contextlib.contextmanager
def _between_blocks() -> Iterator[Callable[[], bool]]:
    """Whether one was interrupted, or told to end, to be asked where the run may stop and leave
    nothing behind.

    A second time does not wait.
    """
    asked = False

    def ask(number: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    try:
        before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: signals are not ours
        yield lambda: False
        return
    try:
        yield lambda: asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


# ── what is shown ────────────────────────────────────────────────────────────────────────


class _Progress:
    """One line on a terminal, that is written over; nothing in a pipe."""

    def __init__(self, door: Door, n_rows: int | None) -> None:
        self.door = door
        self.n_rows = n_rows
        self.began = self.last = time.monotonic()
        self.is_shown = sys.stderr.isatty()
        self.width = 0

    def __call__(self, tally: Tally) -> None:
        now = time.monotonic()
        if not self.is_shown or now - self.last < _EVERY:
            return
        self.last = now
        number = _spaced(tally.rows)
        rate = _spaced(int(tally.rows / max(now - self.began, 0.001)))
        text = self.door.choose(f"{number} dossiers, {rate} par seconde", f"{number} situations, {rate} a second")  # fmt: skip
        if self.n_rows:
            text += f", {100 * tally.rows // self.n_rows} %"
        if tally.refused:
            apart = _spaced(tally.refused)
            text += self.door.choose(f", {apart} à part", f", {apart} set aside")
        sys.stderr.write("\r" + text.ljust(self.width))
        sys.stderr.flush()
        self.width = len(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.width:
            sys.stderr.write("\r" + " " * self.width + "\r")
            sys.stderr.flush()


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _show(door: Door, run: Run, tally: Tally, output: Path, refused: Path) -> None:
    choose = door.choose
    many = choose("dossiers" if tally.rows > 1 else "dossier", "situation" if tally.rows == 1 else "situations")  # fmt: skip
    on = run.order.request.on
    law = (
        choose(f"Droit au {french_date(on)}", f"Law of {on.isoformat()}")
        if on
        else choose("Droit de chaque jour dit", "Law of each day told")
    )
    door.show(Text(f"{law}, {_spaced(tally.rows)} {many}", "dim"))  # fmt: skip
    door.show()
    for line in _statuses(run, tally, choose) or _nothing(tally, choose):
        door.show(line)
    door.show()
    door.show(choose(f"réponses : {shown(output)}", f"answers: {shown(output)}"))
    if tally.faults:
        listed = ", ".join(f"{code} {_spaced(n)}" for code, n in sorted(tally.faults.items()))
        many = "s" if tally.refused > 1 else ""
        number, where = _spaced(tally.refused), shown(refused)
        apart = choose(
            f"{number} dossier{many} à part ({listed}) : {where}",
            f"{number} situation{many} set aside ({listed}): {where}",
        )
        door.show(Text(apart, "yellow"))
    else:
        door.show(choose("aucune ligne à part", "no row set aside"))
    megabytes = _spaced(-(-tally.peak // _PER_MEGABYTE))
    rate = _spaced(int(tally.rows / max(tally.seconds, 0.001)))
    jobs = run.order.request.workers
    threads = choose(f"{jobs} fil{'s' * (jobs > 1)}", f"{jobs} thread{'s' * (jobs > 1)}")
    door.show(
        Text(
            choose(
                f"mémoire : {megabytes} Mo au plus, {threads}, {tally.seconds:.1f} s, {rate} dossiers par seconde".replace(".", ","),
                f"memory: {megabytes} MB at most, {threads}, {tally.seconds:.1f} s, {rate} situations a second",
            ),
            "dim",
        )
    )  # fmt: skip


_HEADS = {
    "value": ("valeur", "value"),
    "absent": ("absent", "absent"),
    "unknown": ("inconnu", "unknown"),
    "not_applicable": ("sans objet", "not applicable"),
    "conflict": ("conflit", "conflict"),
    "error": ("erreur", "error"),
}


def _statuses(run: Run, tally: Tally, choose: Callable[[str, str], str]) -> list[Text]:
    """How many answers of each status, a line for each decision."""
    shown_ = [s for s in _HEADS if any(c[s] for c in tally.decisions.values())]
    heads = [choose(*_HEADS[status]) for status in shown_]
    width = max((len(name) for name in tally.decisions), default=0)
    rows = [[_spaced(counts[s]) for s in shown_] for counts in tally.decisions.values()]
    widths = [max(map(len, [head, *(row[k] for row in rows)])) for k, head in enumerate(heads)]
    lines = [Text(" " * width + "".join(f"  {h:>{w}}" for h, w in zip(heads, widths, strict=True)), "dim")]  # fmt: skip
    for name, row in zip(tally.decisions, rows, strict=True):
        cells = "".join(f"  {c:>{w}}" for c, w in zip(row, widths, strict=True))
        lines.append(Text(f"{name:<{width}}{cells}".rstrip()))
    return lines if shown_ else []


def _nothing(tally: Tally, choose: Callable[[str, str], str]) -> list[Text]:
    """Why there is no answer at all."""
    if not tally.decisions:
        return [
            Text(
                choose(
                    "Aucune décision : aucune qui est marquée « résultat » ne dépend de ces colonnes ; en demander par `-d`.",
                    "No decision: none that is marked `résultat` reads these columns; ask for some with `-d`.",
                )
            )
        ]
    if not tally.rows:
        return [
            Text(
                choose(
                    "Aucune réponse : la table n'a pas de ligne.",
                    "No answer: the table has no row.",
                )
            )
        ]
    said = choose(
        "Aucune réponse : tous les dossiers sont à part.",
        "No answer: every situation is set aside.",
    )
    by_count = sorted(tally.reasons.items(), key=lambda reason: (-reason[1], reason[0]))
    shown_ = by_count[:_REASONS]
    numbers = [_spaced(count) for _, count in shown_]
    width = max(map(len, numbers), default=0)
    lines = [Text(said, "yellow")]
    for ((code, column, message), _), number in zip(shown_, numbers, strict=True):
        where = choose(f"colonne `{column}` : ", f"column `{column}`: ") if column else ""
        lines.append(Text(f"{number:>{width}} × {code}, {where}{message}"))
    if len(by_count) > len(shown_):
        more = _spaced(sum(count for _, count in by_count[_REASONS:]))
        lines.append(Text(choose(f"{more} × autre chose", f"{more} × something else"), "dim"))
    return lines


def _to_json(run: Run, tally: Tally, output: Path, refused: Path) -> dict[str, Any]:
    from lexald import __version__

    on = run.order.request.on
    return {
        "on": on.isoformat() if on else None,
        "situations": tally.rows,
        "set_aside": tally.refused,
        "faults": dict(sorted(tally.faults.items())),
        "decisions": tally.decisions,
        "output": shown(output),
        "rejects": shown(refused),
        "seconds": round(tally.seconds, 3),
        "peak_memory_bytes": tally.peak,
        "jobs": run.order.request.workers,
        "format": FORMAT,
        "engine": __version__,
        "policies": run.order.request.program.hash,
    }
