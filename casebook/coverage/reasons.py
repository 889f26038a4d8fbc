"""Why a unit is not covered, from what was seen of it."""

from __future__ import annotations

from . import units as u
from .proving import ASKED, FAILED, FALSE, OPEN, REACHED, THEN, TRUE, UNKNOWN
from .units import Unit


def why(unit: Unit, seen: int, half: bool) -> str:
    """The reason that is nearest to a proof.

    Args:
        seen: what was seen of it, as flags of `proving`.
        half: for the effect of a condition, whether it decided, but one way only.
    """
    if unit.kind == u.DATES:
        return u.NO_CASE_THEN
    if not seen & ASKED:
        return u.NEVER_ASKED
    match unit.kind:
        case u.OUTCOMES:
            return u.NEVER_SO
        case u.CONDITIONS:
            if unit.outcome != u.UNKNOWN and seen & OPEN and not seen & (TRUE | FALSE):
                return u.ONLY_UNKNOWN
            return u.NEVER_SO
        case u.MCDC:
            if half:
                return u.ONE_SIDED
            return u.MASKED if seen & (TRUE | FALSE) == TRUE | FALSE else u.NEVER_SO
    if not seen & THEN:
        return u.NO_CASE_THEN
    match unit.kind:
        case u.PARAMETERS:
            return u.NOTHING_RESTS
        case u.ROWS:
            if seen & TRUE:
                return u.NOTHING_RESTS
            return u.ONLY_UNKNOWN if seen & UNKNOWN else u.NEVER_FITS
    if seen & UNKNOWN:
        return u.ONLY_UNKNOWN
    if seen & FAILED:
        return u.ONLY_ERROR
    if unit.kind == u.RULES:
        return u.OUTRANKED
    if seen & TRUE:
        return u.OUTRANKED
    if seen & OPEN:
        return u.ONLY_UNKNOWN
    return u.NEVER_TRUE if seen & REACHED else u.NEVER_REACHED
