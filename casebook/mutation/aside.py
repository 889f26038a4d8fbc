"""The register of mutants that no case is asked to catch, each with the reason.

A mutant is set aside when it says the same as the law, or when telling it apart is worth no case.
An entry that matches no mutant, several, or one that a case kills, is stale: it is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import yaml

from lexald.dsl.diagnostics import Diagnostic, Message

from .mutants import Mutant
from .run import Fate


def packaged() -> Path:
    """The register of the casebook that comes with the package."""
    return Path(str(files("lexald") / "casebook" / "mutants.yaml"))


@attrs.frozen
class Entry:
    """*mutant*: the sentence of a mutant, or a part that no other has. *reason*: why it is left."""

    mutant: str
    reason: str


def read(path: Path) -> tuple[tuple[Entry, ...], tuple[Diagnostic, ...]]:
    """The entries of the register at *path*, or why it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.safe_load(text)
    except OSError as error:
        return (), (_wrong(path, error.strerror or type(error).__name__),)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        return (), (_wrong(path, "ce n'est pas du YAML", "it is not YAML"),)
    if data is None:
        return (), ()
    if not isinstance(data, list):
        return (), (_wrong(path, "une liste est attendue", "a list is expected"),)
    entries = []
    wrong = []
    for rank, item in enumerate(data, 1):
        found = _entry(item)
        if found is None:
            fr = f"entrée {rank} : il faut `mutant` et `raison`, deux textes, et rien d'autre"
            en = f"entry {rank}: it takes `mutant` and `raison`, two texts, and nothing else"
            wrong.append(_wrong(path, fr, en))
        else:
            entries.append(found)
    return tuple(entries), tuple(wrong)


def _entry(item: Any) -> Entry | None:
    if not isinstance(item, dict) or set(item) != {"mutant", "raison"}:
        return None
    mutant, reason = item["mutant"], item["raison"]
    if not all(isinstance(text, str) and text.strip() for text in (mutant, reason)):
        return None
    return Entry(" ".join(mutant.split()), " ".join(reason.split()))


def _wrong(path: Path, fr: str, en: str = "") -> Diagnostic:
    return Diagnostic(
        "X018",
        Message(
            f"le registre des mutants `{path}` ne se lit pas : {fr}",
            f"the register of mutants `{path}` cannot be read: {en or fr}",
        ),
    )


@attrs.frozen(eq=False)
class Sorted:
    """*survivors*: those that nothing kills and nobody set aside. *aside*: mutant → entry.
    *stale*: entries, with why."""

    killed: tuple[Fate, ...]
    survivors: tuple[Fate, ...]
    aside: tuple[tuple[Fate, Entry], ...]
    stale: tuple[tuple[Entry, str], ...]


def sort(fates: Sequence[Fate], entries: Sequence[Entry], others: Sequence[Mutant] = ()) -> Sorted:
    """*fates* by what became of them. *others* are mutants that were not run: an entry may be
    theirs."""
    aside: dict[int, Entry] = {}
    stale: list[tuple[Entry, str]] = []
    sentences = [fate.mutant.sentence for fate in fates]
    for entry in entries:
        places = [n for n, sentence in enumerate(sentences) if entry.mutant in sentence]
        exact = [
            n for n in places if sentences[n] in (entry.mutant, f"rien n'échoue si {entry.mutant}")
        ]
        places = exact or places
        elsewhere = sum(entry.mutant in mutant.sentence for mutant in others)
        if len(places) + elsewhere > 1 and not exact:
            stale.append((entry, f"{len(places) + elsewhere} mutants ont ce texte"))
        elif not places and not elsewhere:
            stale.append((entry, "aucun mutant n'a ce texte"))
        elif places and fates[places[0]].killer is not None:
            killer = fates[places[0]].killer
            assert killer is not None
            stale.append((entry, f"le cas « {killer.name} » attrape ce mutant"))
        elif places and places[0] in aside:
            stale.append((entry, "une autre entrée met déjà ce mutant de côté"))
        elif places:
            aside[places[0]] = entry
    return Sorted(
        tuple(fate for fate in fates if fate.killer is not None),
        tuple(f for n, f in enumerate(fates) if f.killer is None and n not in aside),
        tuple((fates[n], aside[n]) for n in sorted(aside)),
        tuple(stale),
    )
