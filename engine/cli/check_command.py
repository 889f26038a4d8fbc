"""``lexald check``: what is wrong in a law and its cases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lexald.dsl.checker import check
from lexald.dsl.diagnostics import Diagnostic
from lexald.dsl.render import draw, plain, to_json

from ..bundle.law import untrue
from ..documents.pieces import Doubt, pieces
from ..documents.pieces import doubts as doubts_of
from ..files import Gathered, gather
from ..reports.checked import to_junit, to_markdown
from ..reports.github import to_github
from ..reports.sarif import to_sarif
from .deep_check import DeepCheck
from .door import (
    DONE,
    FINDINGS,
    Door,
    NotDone,
    door_options,
    format_option,
    option,
    policies_option,
)
from .reports import Renderings, Report, json_text, report_option, write_reports

FORMATS = ("plain", "json", "sarif", "junit", "github", "markdown")


@click.command("check")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path, readable=False), metavar="[CHEMIN]…"
)
@policies_option
@option(
    "--fail-level",
    type=click.Choice(["warning", "error"]),
    default="warning",
    help="À partir de quelle gravité sortir avec le code 1.",
)
@option(
    "--doubts",
    is_flag=True,
    help="Lister aussi ce qui est non vérifié, non formalisé ou indéterminé.",
)
@option(
    "--deep",
    is_flag=True,
    help="Prouver ce qui vaut pour toutes les situations (supplément lexald[analysis]).",
)
@option(
    "--bound",
    type=click.IntRange(1, 5),
    default=2,
    show_default=True,
    help="Éléments qu'une liste tient au plus, là où --deep doit la parcourir.",
)
@format_option("text", *FORMATS)
@report_option(*FORMATS)
@door_options
def command(
    paths: Sequence[Path],
    policies: Sequence[Path],
    fail_level: str,
    doubts: bool,
    deep: bool,
    bound: int,
    style: str,
    reports: Sequence[Report],
    lang: str,
    color: str,
) -> int:
    """Vérifie les politiques et les cas.

    Un CHEMIN qui déclare une situation est un droit à lui seul ; un autre est lu avec les
    politiques. Sans CHEMIN, tout le droit du paquet et ses cas.
    """
    door = Door(lang, color)
    gathered = gather(paths, policies, casebook=not policies)
    if gathered.diagnostics:
        raise NotDone(gathered.diagnostics)
    analysis = DeepCheck(bound) if deep else None
    checked = check(gathered.law, gathered.cases, further=analysis)
    found = [*untrue([*paths, *policies]), *meant(gathered, checked.diagnostics)]
    reforms = [r.title for r in checked.program.reforms] if checked.program else []
    listed: list[Doubt] = []
    if doubts and checked.program is not None:
        said = doubts_of(pieces(checked.program))
        listed = [doubt for doubt in said if gathered.concerns(doubt.piece.span.file)]

    def as_json() -> str:
        answer = to_json(found, lang)
        if reforms:
            answer["reforms"] = reforms
        if doubts:
            answer["doubts"] = [_doubt_to_json(doubt) for doubt in listed]
        if analysis is not None:
            answer["deep"] = analysis.to_json()
        return json_text(answer)

    def as_lines() -> str:
        lines = [plain(diagnostic, lang) for diagnostic in found]
        return "\n".join([*lines, *map(_doubt_line, listed)])

    renderings: Renderings = {
        "plain": as_lines,
        "json": as_json,
        "sarif": lambda: json_text(to_sarif(found, "check", lang)),
        "junit": lambda: to_junit(
            [file.name for file in gathered.meant],
            found,
            lang,
            warnings_fail=fail_level == "warning",
        ),
        "github": lambda: to_github(found, lang),
        "markdown": lambda: to_markdown(_summary(door, gathered, found), found, lang),
    }
    if style in renderings:
        door.show_lines(renderings[style]())
    else:
        for diagnostic in found:
            door.show(draw(diagnostic, lang))
            door.show()
        for doubt in listed:
            door.show(_doubt_line(doubt))
        if doubts:
            door.show()
        for title in reforms:
            door.show(door.choose(f"réforme appliquée : « {title} »", f"reform applied: “{title}”"))
        door.show(_summary(door, gathered, found))
        if analysis is not None:
            door.show_lines(analysis.summary(lang))
    write_reports(reports, renderings)
    failing = [d for d in found if d.is_error or fail_level == "warning"]
    return FINDINGS if failing else DONE


def meant(gathered: Gathered, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics about the files that the user meant; all, if only others have errors."""
    mine = [
        diagnostic
        for diagnostic in found
        if diagnostic.span is None
        or gathered.concerns(diagnostic.span.file)
        or any(gathered.concerns(label.span.file) for label in diagnostic.labels)
    ]
    elsewhere = any(d.is_error for d in found) and not any(d.is_error for d in mine)
    return list(found) if elsewhere else mine


def _place(doubt: Doubt) -> tuple[str, int, int]:
    span = doubt.piece.span
    return span.file.name, *span.file.position(span.start)


def _doubt_line(doubt: Doubt) -> str:
    file, line, column = _place(doubt)
    return f"{file}:{line}:{column}: {doubt.kind} `{doubt.piece.name}` : {doubt.text}"


def _doubt_to_json(doubt: Doubt) -> dict[str, object]:
    file, line, column = _place(doubt)
    return {
        "kind": doubt.kind,
        "name": doubt.piece.name,
        "text": doubt.text,
        "file": file,
        "line": line,
        "column": column,
    }


def _summary(door: Door, gathered: Gathered, found: Sequence[Diagnostic]) -> str:
    files = len(gathered.meant)
    errors = sum(diagnostic.is_error for diagnostic in found)
    warnings = len(found) - errors
    if not found:
        return door.choose(
            f"{_plural(files, 'fichier vérifié', 'fichiers vérifiés')} : rien à signaler",
            f"{_plural(files, 'file', 'files')} checked: nothing to report",
        )
    return door.choose(
        f"{_plural(files, 'fichier vérifié', 'fichiers vérifiés')} : "
        f"{_plural(errors, 'erreur', 'erreurs')}, "
        f"{_plural(warnings, 'avertissement', 'avertissements')}",
        f"{_plural(files, 'file', 'files')} checked: {_plural(errors, 'error', 'errors')}, "
        f"{_plural(warnings, 'warning', 'warnings')}",
    )


def _plural(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"
