"""Units of a coverage that the register sets aside: no situation comes to them."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..aside import Entry
from . import units as u
from .sentences import sentence, subject
from .units import Coverage, Hole, Measured


def set_aside(coverage: Coverage, entries: Sequence[Entry]) -> Coverage:
    """*coverage*, where the units that *entries* name are owed no more, and those entries told that
    name none, or several, or one that a case proves."""
    if not entries:
        return coverage
    measured = list(coverage.measured)
    texts = [_texts(one) for one in measured]
    stale: list[tuple[Entry, str]] = []
    for entry in entries:
        places = [n for n, told in enumerate(texts) if entry.text in told]
        if not places:
            places = [n for n, told in enumerate(texts) if any(entry.text in one for one in told)]
        if len(places) > 1:
            stale.append((entry, f"{len(places)} unités ont ce texte"))
        elif not places:
            stale.append((entry, "aucune unité n'a ce texte"))
        elif measured[places[0]].cases:
            case = measured[places[0]].cases[0]
            stale.append((entry, f"le cas « {case.name} » prouve cette unité"))
        elif measured[places[0]].aside:
            stale.append((entry, "une autre entrée met déjà cette unité de côté"))
        else:
            measured[places[0]] = attrs.evolve(measured[places[0]], aside=entry.reason)
    return Coverage(tuple(measured), tuple(stale))


def _texts(one: Measured) -> tuple[str, ...]:
    """What a unit may be called in the register: its name, what it is, what the report says."""
    said = sentence(Hole(one.unit, one.why or u.NO_CASE_THEN))
    return one.unit.name, subject(one.unit), said
