"""The register of what no case is asked to show, each with the reason.

A mutant is set aside when it says the same as the law, or when telling it apart is worth no case;
a unit of the coverage, when no situation can come to it. An entry that names nothing, or several
things, or one that a case does show, is stale: it is told.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import yaml

from lexald.dsl.diagnostics import Diagnostic, Message
from lexald.engine.cli.door import NotDone

MUTANT, UNIT, REASON = "mutant", "unité", "raison"


@attrs.frozen
class Entry:
    """*text*: the sentence of a mutant or of a unit, or a part that no other has. *reason*: why it
    is left."""

    text: str
    reason: str


@attrs.frozen
class Register:
    """The entries that set *mutants* aside, and those that set *units* of the coverage aside."""

    mutants: tuple[Entry, ...] = ()
    units: tuple[Entry, ...] = ()


def packaged() -> Path:
    """The register of the casebook that comes with the package."""
    return Path(str(files("lexald") / "casebook" / "aside.yaml"))


def register(path: Path | None, *, with_packaged: bool) -> Register:
    """The register at *path*; by default the packaged one, if that law is read; else an empty one.

    Raises:
        NotDone: it cannot be read.
    """
    if path is None and not with_packaged:
        return Register()
    found, wrong = read(path or packaged())
    if wrong:
        raise NotDone(wrong)
    return found


def read(path: Path) -> tuple[Register, tuple[Diagnostic, ...]]:
    """The register at *path*, or why it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.safe_load(text)
    except OSError as error:
        return Register(), (_wrong(path, error.strerror or type(error).__name__),)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        return Register(), (_wrong(path, "ce n'est pas du YAML", "it is not YAML"),)
    if data is None:
        return Register(), ()
    if not isinstance(data, list):
        return Register(), (_wrong(path, "une liste est attendue", "a list is expected"),)
    entries: dict[str, list[Entry]] = {MUTANT: [], UNIT: []}
    wrong = []
    for rank, item in enumerate(data, 1):
        found = _entry(item)
        if found is None:
            fr = f"entrée {rank} : il faut `mutant` ou `unité`, et `raison`, deux textes, et rien d'autre"
            en = f"entry {rank}: it takes `mutant` or `unité`, and `raison`, two texts, and nothing else"
            wrong.append(_wrong(path, fr, en))
        else:
            kind, entry = found
            entries[kind].append(entry)
    return Register(tuple(entries[MUTANT]), tuple(entries[UNIT])), tuple(wrong)


def _entry(item: Any) -> tuple[str, Entry] | None:
    if not isinstance(item, dict) or len(item) != 2 or REASON not in item:
        return None
    (kind,) = set(item) - {REASON}
    text, reason = item[kind], item[REASON]
    if kind not in (MUTANT, UNIT) or not all(
        isinstance(said, str) and said.strip() for said in (text, reason)
    ):
        return None
    return kind, Entry(" ".join(text.split()), " ".join(reason.split()))


def _wrong(path: Path, fr: str, en: str = "") -> Diagnostic:
    return Diagnostic(
        "X018",
        Message(
            f"le registre de ce qui est mis de côté `{path}` ne se lit pas : {fr}",
            f"the register of what is set aside `{path}` cannot be read: {en or fr}",
        ),
    )
