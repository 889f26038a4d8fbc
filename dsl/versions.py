"""Versions: dated statements → periods that follow one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from . import syntax
from .diagnostics import Findings, Label
from .program import Period
from .source import Span


@attrs.frozen
class Dated:
    """A version as written: from when, and the node that says it."""

    since: syntax.Since | None
    node: syntax.Node


def periods(
    what: str,
    place: Span,
    dated: Sequence[Dated],
    ends: Sequence[syntax.End],
    findings: Findings,
) -> list[tuple[Period, Dated]]:
    """The versions of one thing in the order of their dates, each with its period.

    A version without a date is only right alone: it holds at every date.
    """
    for version in dated:
        if version.since is None and len(dated) > 1:
            findings.error(
                "V003", version.node.span, f"{what} a une version sans date parmi d'autres",
                f"{what} has a version without a date among others",
                help=("dater chaque version : `à compter du …`", "date each version: `à compter du …`"),
            )  # fmt: skip
    for again in ends[1:]:
        findings.error(
            "V002", again.span, f"{what} est abrogé deux fois", f"{what} is repealed twice",
            labels=(Label(ends[0].span, "première fois"),),
        )  # fmt: skip
    end = ends[0] if ends else None
    kept = sorted(dated, key=lambda v: v.since.day if v.since else date.min)
    made: list[tuple[Period, Dated]] = []
    for place_in_order, version in enumerate(kept):
        since = version.since
        following = kept[place_in_order + 1] if place_in_order + 1 < len(kept) else None
        day = since.day if since else None
        if following is not None and following.since is not None and following.since.day == day:
            findings.error(
                "V001", following.since.span, f"{what} a deux versions au même jour",
                f"{what} has two versions on one day",
                labels=(Label(since.span, "autre version") if since else Label(place),),
                help=("n'en garder qu'une, ou corriger une date", "keep one, or correct a date"),
            )  # fmt: skip
            continue
        until = following.since.day if following and following.since else None
        repealed = False
        if following is None and end is not None:
            until, repealed = end.day, True
            if day is not None and end.day <= day:
                findings.error(
                    "V002", end.span, f"{what} est abrogé avant sa dernière version",
                    f"{what} is repealed before its last version",
                )  # fmt: skip
        made.append((Period(day, until, bool(since and since.attested), repealed), version))
    return made
