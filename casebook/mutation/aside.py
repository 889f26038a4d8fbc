"""Mutants by what became of them, those that the register sets aside apart."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..aside import Entry
from .mutants import Mutant
from .run import Fate


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
        places = [n for n, sentence in enumerate(sentences) if entry.text in sentence]
        exact = [
            n for n in places if sentences[n] in (entry.text, f"rien n'échoue si {entry.text}")
        ]
        places = exact or places
        elsewhere = sum(entry.text in mutant.sentence for mutant in others)
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
