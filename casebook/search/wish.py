"""How far something is from what is wanted of it, and what to try next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from .dossier import Step

DEPTH = 4  # decisions that one decision calls, one through another
MOST_STEPS = 60  # suggestions kept for one wish
ASKED = 4  # questions that are answered at once


@attrs.frozen
class Wish:
    """*distance*: about how many conditions stand in the way; zero when it is so."""

    distance: float
    steps: tuple[Step, ...] = ()


GRANTED = Wish(0)


def both(wishes: Iterable[Wish]) -> Wish:
    """All of *wishes*: one after the other will do."""
    found = list(wishes)
    steps = [step for wish in found for step in wish.steps]
    together = _together([wish for wish in found if wish.distance])
    return Wish(
        sum(wish.distance for wish in found), tuple(dict.fromkeys([*together, *steps]))[:MOST_STEPS]
    )


def _together(wishes: Sequence[Wish]) -> list[Step]:
    """The first suggestion of each, at once: most wishes are about facts of their own."""
    firsts = [wish.steps[0] for wish in wishes if wish.steps]
    return [tuple(dict.fromkeys(c for step in firsts for c in step))] if len(firsts) > 1 else []


def either(wishes: Iterable[Wish]) -> Wish:
    """One of *wishes*: the nearest first."""
    found = sorted(wishes, key=lambda wish: wish.distance)
    if not found:
        return Wish(1)
    steps = [step for wish in found for step in wish.steps]
    return Wish(found[0].distance, tuple(dict.fromkeys(steps))[:MOST_STEPS])
