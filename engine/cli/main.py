"""The command line: finds the command asked for, and turns whatever happens into an exit code.

No traceback ever reaches a user. What goes wrong on our side is code 70, with the place in our
code and nothing of the user's data.
"""

from __future__ import annotations

import difflib
import gc
import io
import os
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points

import click

from lexald import __version__
from lexald.dsl.diagnostics import Diagnostic, LawError, Message

from ..compiled.places import places as law_places
from .door import BUG, INTERRUPTED, NOT_DONE, Door, NotDone, refusal

COMMANDS = {
    "build": "vérifie un droit et l'écrit en un fichier, sa liasse",
    "check": "vérifie les politiques et les cas",
    "code": "explique un diagnostic",
    "count": "compte des dossiers : les indicateurs du droit",
    "eval": "décide une situation",
    "explain": "décide une situation et dit pourquoi",
    "fmt": "met en forme les fichiers .ald",
    "run": "décide une population : Parquet ou CSV, de fichiers en fichiers",
    "schema": "donne le schéma JSON d'une situation",
}
GROUP = "lexald.commands"


class _Commands(click.Group):
    """Commands are imported when they are called; those above the engine come by entry point."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *(point.name for point in entry_points(group=GROUP))})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            # `eval` is a word of Python, hence the suffix.
            module = import_module(f"..cli.{name}_command", __package__)
            command = module.command
        else:
            points = entry_points(group=GROUP, name=name)
            if not points:
                return None
            command = next(iter(points)).load()
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], known, 1)
            listed = ", ".join(known)
            raise refusal(
                "X012", f"pas de commande `{args[0]}`", f"no command `{args[0]}`",
                f"vouliez-vous dire `{near[0]}` ?" if near else f"les commandes : {listed}",
                f"did you mean `{near[0]}`?" if near else f"the commands: {listed}",
            )  # fmt: skip
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={
        "auto_envvar_prefix": "LEXALD",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.version_option(__version__, prog_name="lexald")
def lexald() -> None:
    """Les règles de l'affection de longue durée : datées, citées, exécutées, expliquées."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is one of the table of the reference."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None or sys.stderr is None:  # closed by the caller: nothing could be said
        return NOT_DONE
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another age shows `?` for `✓`
    gc.set_threshold(100_000)  # a command is short: what it builds lasts until it ends
    door = _door(given)
    try:
        found = lexald.main(given, prog_name="lexald", standalone_mode=False)
        sys.stdout.flush()
        return found if isinstance(found, int) else 0
    except NotDone as refused:
        door.report(refused.diagnostics)
        return NOT_DONE
    except LawError as refused:
        door.report(refused.diagnostics)
        return NOT_DONE
    except click.exceptions.NoArgsIsHelpError as error:
        door.say(error.format_message())
        return NOT_DONE
    except click.UsageError as error:
        door.report([_misuse(error)])
        return NOT_DONE
    except (KeyboardInterrupt, click.Abort):
        door.say(door.choose("interrompu : ce qui précède est partiel", "interrupted: partial"))
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_has_left()
    except SystemExit as left:
        # click leaves so when it is the one that meets the closed pipe; it raises all else.
        if left.code == 1:
            return _reader_has_left()
        raise
    except OSError as error:
        # Inputs have diagnostics of their own: what is left is the output.
        why = error.strerror or type(error).__name__
        door.report(
            [
                Diagnostic(
                    "X006",
                    Message(f"la sortie ne s'écrit pas : {why}", f"cannot write: {why}"),
                )
            ]
        )
        return NOT_DONE
    except Exception as bug:  # noqa: BLE001 – the last resort
        door.report([_our_bug(bug)])
        return BUG


def _reader_has_left() -> int:
    """The reader has what it wanted. Python would complain again when it closes the stream."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _door(arguments: Sequence[str]) -> Door:
    """How to speak of what goes wrong before options are read."""
    lang = os.environ.get("LEXALD_LANG", "fr")
    color = "auto"
    for place, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        value = value or (arguments[place + 1] if place + 1 < len(arguments) else "")
        if name == "--lang":
            lang = value
        elif name == "--color":
            color = value
    return Door("en" if lang == "en" else "fr", color if color in ("always", "never") else "auto")


def _misuse(error: click.UsageError) -> Diagnostic:
    """A wrong command line, in both languages."""
    usage = error.ctx.command_path if error.ctx is not None else "lexald"
    help_ = Message(f"voir `{usage} --help`", f"see `{usage} --help`")
    match error:
        case click.NoSuchOption():
            near = error.possibilities[0] if error.possibilities else ""
            if near:
                help_ = Message(f"vouliez-vous dire `{near}` ?", f"did you mean `{near}`?")
            name = error.option_name
            message = Message(f"pas d'option `{name}`", f"no option `{name}`")
        case click.MissingParameter():
            name = _written(error.param)
            message = Message(f"il manque `{name}`", f"`{name}` is missing")
        case click.BadParameter():
            name = _written(error.param)
            message = Message(
                f"la valeur de `{name}` ne convient pas", f"the value of `{name}` does not suit"
            )
            kind = error.param.type if error.param is not None else None
            if isinstance(kind, click.Choice):
                listed = ", ".join(f"`{choice}`" for choice in kind.choices)
                help_ = Message(f"choisir entre {listed}", f"choose among {listed}")
        case click.BadOptionUsage():
            name = error.option_name
            message = Message(f"`{name}` demande une valeur", f"`{name}` takes a value")
        case _:
            extra = re.search(r"unexpected extra arguments? \((.*)\)", error.message)
            french = f"argument de trop : `{extra[1]}`" if extra else "la commande est mal formée"
            message = Message(french, error.message)
    return Diagnostic("X012", message, help=help_)


def _written(param: click.Parameter | None) -> str:
    """How a parameter is written on the command line."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name if param is not None else "?"


def _our_bug(bug: BaseException) -> Diagnostic:
    """A bug of ours: where in our code, and nothing of what was being worked on."""
    frames = traceback.extract_tb(bug.__traceback__)
    ours = [frame for frame in frames if "lexald" in frame.filename.replace(os.sep, "/")]
    places = [f"{os.path.basename(frame.filename)}:{frame.lineno}" for frame in (ours or frames)]
    report = f"{type(bug).__name__}@{'<'.join(reversed(places[-3:]))}"
    # Generated code has no place of its own: what counts is what it was written from.
    for place in law_places(bug)[:1]:
        report += f" ({place})"
    return Diagnostic(
        "X099",
        Message(f"erreur de Lexald, non de vous : {report}", f"a fault of Lexald's own: {report}"),
        help=Message(
            f"signaler cet identifiant, avec la version {__version__}",
            f"report this identifier, with version {__version__}",
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
