"""Versions: dated statements → periods that follow one another.

A reform overlays its versions on those of the law: each stands, on its day, in the place of the
law's own of that day, and the others stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import attrs

from . import syntax
from .diagnostics import Findings, Label
from .program import Period
from .source import Span

# The title of the reform that each file of one is headed by, by name of file.
Reforms = Mapping[str, str]

_Version = (
    syntax.ParameterVersion | syntax.TableVersion | syntax.DecisionVersion | syntax.ExceptionVersion
)


@attrs.frozen
class Dated:
    """A version as written: from when, and the node that says it.

    *reform*: the title of the reform that writes it, or nothing. *over*: rows that change those
    which the version before it, of the same day, has just written.
    """

    since: syntax.Since | None
    node: _Version
    reform: str = ""
    over: bool = False

    @property
    def day(self) -> date | None:
        return self.since.day if self.since else None


@attrs.frozen
class Written:
    """All that is written of one thing, wherever it is: its versions and its ends."""

    what: str
    place: Span
    dated: tuple[Dated, ...]
    ends: tuple[syntax.End, ...]


def written_of(
    what: str,
    place: Span,
    node: syntax.Parameter | syntax.Table | syntax.Decision | syntax.ExceptionRule,
    modifications: Sequence[syntax.Modification],
    reforms: Reforms,
    findings: Findings,
) -> Written:
    """What *node* and its *modifications* write, the versions of *reforms* laid over the law's."""
    dated: list[Dated] = []
    ends: list[syntax.End] = []
    for statement in (node, *modifications):
        versions: Sequence[_Version] = statement.versions
        reform = reforms.get(statement.span.file.name, "")
        dated += [Dated(version.since, version, reform) for version in versions]
        ends += [statement.end] if statement.end else []
    found = Written(what, place, tuple(dated), tuple(ends))
    return _overlaid(found, reforms, findings) if reforms else found


def _overlaid(found: Written, reforms: Reforms, findings: Findings) -> Written:
    """*found*, without what a reform takes the place of."""
    reformed = [version for version in found.dated if version.reform]
    ending = [end for end in found.ends if end.span.file.name in reforms]
    first: dict[object, Dated] = {}
    for version in sorted(reformed, key=lambda v: (v.reform, v.node.span.start)):
        other = first.setdefault(version.day, version)
        if other.reform != version.reform:
            _both(found.what, version.node.span, other.node.span, findings)
    titles = {reforms[end.span.file.name]: end for end in ending}
    if len(titles) > 1:
        one, two = (titles[title].span for title in sorted(titles)[:2])
        _both(found.what, two, one, findings)
        ending = ending[:1]
    dated = []
    for version in found.dated:
        reform = first.get(version.day) if version.day else None
        if version.reform:
            if version.reform != first[version.day].reform:
                continue
            before = any(v.day == version.day and not v.reform for v in found.dated)
            is_change = isinstance(version.node, syntax.TableVersion) and version.node.modifies
            dated.append(attrs.evolve(version, over=before and is_change))
        elif any(version.day is not None and end.day <= version.day for end in ending):
            continue  # what a reform repeals ends for good
        elif reform is None or (
            isinstance(reform.node, syntax.TableVersion) and reform.node.modifies
        ):
            dated.append(version)
    return Written(found.what, found.place, tuple(dated), tuple(ending) or found.ends)


def _both(what: str, place: Span, other: Span, findings: Findings) -> None:
    findings.error(
        "V006", place, f"deux réformes touchent {what} au même jour", f"two reforms touch {what} on one day",
        labels=(Label(other, "l'autre réforme"),),
        help=("n'en appliquer qu'une, ou les réunir sous un même titre", "apply one of them, or join them under one title"),
    )  # fmt: skip


def periods(found: Written, findings: Findings) -> list[tuple[Period, Dated]]:
    """The versions of one thing in the order of their dates, each with its period.

    A version without a date is only right alone: it holds at every date, or until a reform. The
    period of a version that another changes on its own day (`Dated.over`) is empty.
    """
    what, ends = found.what, found.ends
    for version in found.dated:
        others = [v for v in found.dated if v is not version and (version.reform or not v.reform)]
        if version.since is None and others:
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
    kept = sorted(found.dated, key=lambda v: (v.day or date.min, v.over))
    made: list[tuple[Period, Dated]] = []
    for place_in_order, version in enumerate(kept):
        since = version.since
        following = kept[place_in_order + 1] if place_in_order + 1 < len(kept) else None
        day = version.day
        if (
            following is not None
            and following.since is not None
            and following.day == day
            and not (following.over and not version.over)
        ):
            findings.error(
                "V001", following.since.span, f"{what} a deux versions au même jour",
                f"{what} has two versions on one day",
                labels=(Label(since.span, "autre version") if since else Label(found.place),),
                help=("n'en garder qu'une, ou corriger une date", "keep one, or correct a date"),
            )  # fmt: skip
            continue
        until = following.day if following else None
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
