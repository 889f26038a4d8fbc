"""``--report FORMAT=FILE``: what a command found, in files, beside what it prints.

A command offers its answer in several renderings, by the name of their format. One of them is
printed (``--format``), any number are written::

    @format_option("text", *FORMATS)
    @report_option(*FORMATS)
    def command(…, style, reports, …):
        …
        renderings = {"json": lambda: json_text(to_json(found)), …}
        write_reports(reports, renderings)
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from ..files import SUFFIX
from .door import F, option, refusal
from .writing import write_whole

# A format → what makes the text; called only for the formats asked for.
Renderings = Mapping[str, Callable[[], str]]


@attrs.frozen
class Report:
    """One file asked for."""

    style: str
    path: Path


class _ReportType(click.ParamType[Report]):
    name = "report"
    # In the environment, several reports are separated as paths are.
    envvar_list_splitter = os.pathsep

    def __init__(self, formats: Sequence[str]) -> None:
        self.formats = formats

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Report:
        if isinstance(value, Report):
            return value
        style, _, name = str(value).partition("=")
        if not name or style not in self.formats:
            listed = ", ".join(f"`{one}`" for one in self.formats)
            raise refusal(
                "X016",
                f"`--report {value}` n'est pas de la forme FORMAT=FICHIER"
                if not name
                else f"pas de rapport au format `{style}`",
                f"`--report {value}` is not written FORMAT=FILE"
                if not name
                else f"no report in the format `{style}`",
                f"choisir entre {listed}",
                f"choose among {listed}",
            )
        return Report(style, Path(name))


def report_option(*formats: str) -> Callable[[F], F]:
    """``--report``, given to the command as *reports*; *formats* are those it may ask for."""
    return option(
        "--report",
        "reports",
        type=_ReportType(formats),
        multiple=True,
        metavar="FORMAT=FICHIER",
        callback=_can_be_written,
        help=f"Écrire aussi un rapport : {', '.join(formats)}. Se répète.",
    )


def _can_be_written(
    ctx: click.Context, param: click.Parameter, reports: tuple[Report, ...]
) -> tuple[Report, ...]:
    """*reports*, none of which is seen to fail before the work begins."""
    seen: set[Path] = set()
    for report in reports:
        path = report.path
        if str(path) == "-":
            raise refusal(
                "X016",
                "un rapport s'écrit dans un fichier",
                "a report is written to a file",
                f"pour la sortie : `--format {report.style}`",
                f"for standard output: `--format {report.style}`",
            )
        if path.suffix == SUFFIX:
            raise refusal(
                "X016",
                f"un rapport n'écrase pas du droit : `{path}`",
                f"a report does not overwrite law: `{path}`",
            )
        try:
            whole = path.resolve()
            if whole in seen:
                raise refusal(
                    "X016",
                    f"deux rapports pour un même fichier : `{path}`",
                    f"two reports for one file: `{path}`",
                    "donner à chacun son fichier",
                    "give each a file of its own",
                )
            seen.add(whole)
            if path.exists() and not path.is_file() and not path.is_dir():
                continue  # a pipe, the terminal: tried when it is written
            if whole.is_dir():
                raise _unwritable(path, "c'est un dossier", "it is a folder")
            if not whole.parent.is_dir():
                raise _unwritable(
                    path,
                    f"le dossier `{path.parent}` n'existe pas",
                    f"the folder `{path.parent}` does not exist",
                )
            if not os.access(whole if whole.exists() else whole.parent, os.W_OK):
                raise _unwritable(path, "vous n'en avez pas le droit", "permission denied")
        except OSError as error:
            raise _failed(path, error) from None
    return reports


def write_reports(reports: Sequence[Report], renderings: Renderings) -> None:
    """Write each of *reports*.

    Raises:
        NotDone: a file cannot be written.
    """
    for report in reports:
        text = renderings[report.style]()
        try:
            write_whole(report.path, text if text.endswith("\n") else f"{text}\n")
        except OSError as error:
            raise _failed(report.path, error) from None


def json_text(data: Any) -> str:
    """*data* as the commands print it."""
    return json.dumps(data, ensure_ascii=False, indent=2)


def _failed(path: Path, error: OSError) -> Exception:
    why = error.strerror or type(error).__name__
    return _unwritable(path, why, why)


def _unwritable(path: Path, fr: str, en: str) -> Exception:
    return refusal(
        "X017", f"le rapport `{path}` ne s'écrit pas : {fr}", f"cannot write report `{path}`: {en}"
    )
