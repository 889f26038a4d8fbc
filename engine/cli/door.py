"""What every command shares: exit codes, options, and how things are shown.

Results go to standard output, diagnostics to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
import click
from rich.console import Console
from rich.text import Text

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.dsl.render import draw, plain

DONE = 0
FINDINGS = 1
NOT_DONE = 2
UNDECIDED = 3
BUG = 70
INTERRUPTED = 130

WIDTH = 80


class NotDone(Exception):
    """The command cannot do its work; the diagnostics say why. Exit code 2."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        super().__init__()
        self.diagnostics = tuple(diagnostics)


def refusal(
    code: str, fr: str, en: str, help_fr: str = "", help_en: str = "", path: str = ""
) -> NotDone:
    """A refusal with one diagnostic and no place in a file."""
    hint = Message(help_fr, help_en) if help_fr else None
    return NotDone([Diagnostic(code, Message(fr, en), path=path, help=hint)])


@attrs.frozen
class Door:
    """How one run of a command speaks."""

    lang: str
    color: str

    def _console(self, stream: Any) -> Console:
        coloured = self.color == "always" or (
            self.color == "auto" and not os.environ.get("NO_COLOR") and stream.isatty()
        )
        return Console(
            file=stream,
            force_terminal=coloured,
            no_color=not coloured,
            color_system="auto" if coloured else None,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
        )

    def show(self, text: Text | str = "") -> None:
        """A result."""
        self._console(sys.stdout).print(text, soft_wrap=True)

    def show_lines(self, text: str) -> None:
        """A result as it is, its last line ended; nothing at all when it is empty."""
        if text:
            sys.stdout.write(text if text.endswith("\n") else f"{text}\n")

    def say(self, text: Text | str) -> None:
        """Something about the work, not its result."""
        self._console(sys.stderr).print(text, soft_wrap=True)

    def show_json(self, data: Any) -> None:
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")

    def report(self, diagnostics: Sequence[Diagnostic], *, drawn: bool = True) -> None:
        """Diagnostics, on standard error."""
        for diagnostic in diagnostics:
            if drawn:
                self.say(draw(diagnostic, self.lang))
                self.say("")
            else:
                self.say(plain(diagnostic, self.lang))

    def choose(self, fr: str, en: str) -> str:
        return en if self.lang == "en" else fr

    @property
    def width(self) -> int:
        """Columns to fill: those of the terminal up to 100, and 80 without one."""
        if not sys.stdout.isatty():
            return WIDTH
        try:
            return max(40, min(100, os.get_terminal_size(sys.stdout.fileno()).columns))
        except OSError:
            return WIDTH


F = TypeVar("F", bound=Callable[..., Any])

# Options that mean the same in every command may be set once for all: `LEXALD_LANG`.
_FOR_ALL = ("lang", "color", "policies")


class Option(click.Option):
    """An option with its twin in the environment, named as it is written.

    ``--fail-level`` of ``lexald check`` is ``LEXALD_CHECK_FAIL_LEVEL``.
    """

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        written = max(self.opts, key=len).lstrip("-").replace("-", "_")
        twins = [f"{ctx.auto_envvar_prefix}_{written}".upper()]
        if written in _FOR_ALL:
            twins.append(f"LEXALD_{written}".upper())
        return next((value for twin in twins if (value := os.environ.get(twin))), None)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """`click.option`, with `Option`."""
    return click.option(*names, cls=Option, **settings)


def door_options(command: F) -> F:
    """``--lang`` and ``--color``, given to the command as its `Door`."""
    command = option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Couleurs ; NO_COLOR les retire aussi.",
    )(command)
    return option(
        "--lang",
        type=click.Choice(["fr", "en"]),
        default="fr",
        help="Langue des messages : fr ou en.",
    )(command)


def policies_option(command: F) -> F:
    """``--policies``: the law to apply."""
    return option(
        "--policies",
        "policies",
        type=click.Path(path_type=Path, readable=False),
        multiple=True,
        help="Fichier ou dossier de politiques ; par défaut celles du paquet. Se répète.",
    )(command)


def format_option(*formats: str) -> Callable[[F], F]:
    """``--format``, *formats* being what it may be, the first by default."""
    return option(
        "--format",
        "style",
        type=click.Choice(formats),
        default=formats[0],
        help="Forme de la réponse.",
    )
