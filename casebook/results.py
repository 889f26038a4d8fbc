"""What a run of a case gives."""

from __future__ import annotations

import attrs

from lexald.dsl import program as core
from lexald.engine.explain.wording import Line


@attrs.frozen(eq=False)
class Miss:
    """An expectation that the law does not meet, or a guarantee of the law that the situation
    breaks. *explanation*: how it came to its answer."""

    expectation: core.Expectation | core.CountLine | core.CountExpected | core.Guarantee
    place: str
    expected: str
    got: str
    explanation: tuple[Line, ...] = ()


@attrs.frozen(eq=False)
class Unjudged:
    """A guarantee of which one cannot say whether it holds: *why*, a conflict or an error."""

    guarantee: core.Guarantee
    place: str
    why: str


@attrs.frozen(eq=False)
class ClaimAnswered:
    """What a source affirms, beside what the law answers."""

    claim: core.Claim | core.CountClaim
    place: str
    affirmed: str
    answer: str
    agrees: bool


@attrs.frozen(eq=False)
class CaseResult:
    """*outcome*: ``passed``, ``failed``, or ``error`` (the case cannot be run: *error* says why)."""

    case: core.Case
    outcome: str
    misses: tuple[Miss, ...] = ()
    claims: tuple[ClaimAnswered, ...] = ()
    error: str = ""
    unjudged: tuple[Unjudged, ...] = ()
