"""The register of sources: chains of successions, and whether what is cited was in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from . import program as core
from .dates import french_date
from .diagnostics import Findings, Label
from .source import Span


@attrs.frozen
class Article:
    """A source under its name of a day: *title*, and the places cited in it."""

    source: core.Source
    pinpoints: tuple[str, ...]

    @property
    def text(self) -> str:
        return ", ".join([self.source.title, *self.pinpoints])


def chain(program: core.Program, name: str) -> list[core.Source]:
    """The sources that followed one another under one citation, oldest first."""
    sources = program.sources
    oldest = name
    seen = {name}
    while True:
        before = [s.source for s in sources[oldest].succeeds if s.source not in seen]
        if not before:
            break
        oldest = before[0]
        seen.add(oldest)
    found = [sources[oldest]]
    while found[-1].name != name:
        following = _successor(program, found[-1].name, name)
        if following is None:
            break
        found.append(following)
    while following := _successor(program, found[-1].name, None):
        if following in found:
            break
        found.append(following)
    return found


def _successor(program: core.Program, name: str, toward: str | None) -> core.Source | None:
    following = [
        source
        for source in program.sources.values()
        if any(s.source == name for s in source.succeeds)
    ]
    if toward is not None and len(following) > 1:
        ahead = [s for s in following if s.name == toward or _reaches(program, toward, s.name)]
        following = ahead or following
    return following[0] if len(following) == 1 or (following and toward) else None


def _reaches(program: core.Program, later: str, earlier: str) -> bool:
    todo, seen = [later], set[str]()
    while todo:
        name = todo.pop()
        if name == earlier:
            return True
        if name not in seen:
            seen.add(name)
            todo.extend(s.source for s in program.sources[name].succeeds)
    return False


def in_force(program: core.Program, citation: core.Citation, day: date) -> Article:
    """The article that *citation* denotes on *day*: its number, and its places, of that day."""
    links = chain(program, citation.source)
    cited = next(place for place, link in enumerate(links) if link.name == citation.source)
    best = cited
    for place, link in enumerate(links):
        if (
            link.since is not None
            and link.since <= day
            and (link.until is None or day < link.until)
        ):
            best = place
    if links[cited].since is None and best == cited:
        best = cited
    elif all(link.since is not None and day < link.since for link in links):
        best = 0
    pinpoints = citation.pinpoints
    # Walk from the link cited to the link in force, renaming places on the way.
    for place in range(cited, best, -1):
        pinpoints = _renamed(links[place], links[place - 1].name, pinpoints, backwards=True)
    for place in range(cited + 1, best + 1):
        pinpoints = _renamed(links[place], links[place - 1].name, pinpoints, backwards=False)
    return Article(links[best], pinpoints)


def _renamed(
    source: core.Source, other: str, pinpoints: tuple[str, ...], *, backwards: bool
) -> tuple[str, ...]:
    for succession in source.succeeds:
        if succession.source != other:
            continue
        new, old = succession.pinpoint, succession.old_pinpoint
        before, after = (new, old) if backwards else (old, new)
        if before and before in pinpoints:
            return tuple(after if p == before else p for p in pinpoints if p != before or after)
        if after and not before:
            return (after, *pinpoints)
    return pinpoints


def dated_notes(program: core.Program) -> Iterator[tuple[core.Notes, core.Period, Span, bool]]:
    """Notes of every version, with its period; *ought* says that it should cite a source."""
    for parameter in program.parameters.values():
        for v in parameter.versions:
            yield v.notes, v.period, v.span, True
    for table in program.tables.values():
        for version in table.versions:
            # A version whose rows each cite their own source need not cite one itself.
            own = all(row.notes for row in version.rows if row.since == version.period.since)
            yield version.notes, version.period, version.span, not own
            for row in version.rows:
                if row.since == version.period.since:
                    yield row.notes, version.period, row.span, False
    for decision in program.decisions.values():
        for rule in (decision.general, *decision.exceptions):
            for rule_version in rule.versions:
                dated = rule_version.period.since is not None
                yield rule_version.notes, rule_version.period, rule_version.span, dated
                for part in core.parts((rule_version.guard, rule_version.value)):
                    notes = getattr(part, "notes", core.NO_NOTES)
                    if notes.citations:
                        assert isinstance(part, core.Spanned)
                        yield notes, rule_version.period, part.span, False


def check_citations(program: core.Program, findings: Findings) -> None:
    """Sources missing, not in force when the rule begins, or changed since they were read."""
    circular = _circles(program, findings)
    if circular:
        return
    stale: set[str] = set()
    for notes, period, span, ought in dated_notes(program):
        if ought and not notes:
            findings.warning(
                "C003", span, "version sans source", "version without a source",
                help=(
                    "citer sa source entre crochets, ou dire `interprétation \"…\"`",
                    "cite its source in brackets, or say `interprétation \"…\"`",
                ),
            )  # fmt: skip
        for citation in notes.citations:
            if citation.source not in program.sources:
                continue
            links = chain(program, citation.source)
            stale.update(link.name for link in links)
            starts = [link.since for link in links]
            if period.since and all(starts) and period.since < min(s for s in starts if s):
                first = min(links, key=lambda link: link.since or date.min)
                findings.warning(
                    "C002", span,
                    f"`{citation.source}` n'est en vigueur que depuis le {french_date(first.since or date.min)}, la règle depuis le {french_date(period.since)}",
                    f"`{citation.source}` is in force only since {first.since}, the rule since {period.since}",
                    labels=(Label(first.span, "la source"),),
                    help=("citer le texte du jour, ou écrire `succède à`", "cite the text of the day, or write `succède à`"),
                )  # fmt: skip
            end = links[-1].until
            if end is not None and (period.until is None or period.until > end) and (
                period.since is None or period.since < end
            ):  # fmt: skip
                findings.warning(
                    "C002", span, f"`{citation.source}` est abrogé depuis le {french_date(end)}, la règle court après",
                    f"`{citation.source}` is repealed since {end}, the rule runs on",
                    labels=(Label(links[-1].span, "la source"),),
                    help=("citer le texte qui suit, ou abroger la règle", "cite the text that follows, or repeal the rule"),
                )  # fmt: skip
    for name in sorted(stale):
        source = program.sources[name]
        late = [day for day, _ in source.versions if source.read_on and day > source.read_on]
        if late:
            findings.warning(
                "C004", source.span, f"`{name}` a changé le {french_date(late[0])}, après avoir été lu",
                f"`{name}` changed on {late[0]}, after it was read",
                help=("relire le texte, puis dater `lu au`", "read the text again, then date `lu au`"),
            )  # fmt: skip


def _circles(program: core.Program, findings: Findings) -> bool:
    for name, source in program.sources.items():
        if any(_reaches(program, s.source, name) for s in source.succeeds):
            findings.error(
                "C001", source.span, f"`{name}` se succède à elle-même", f"`{name}` succeeds itself",
                help=("corriger `succède à`", "correct `succède à`"),
            )  # fmt: skip
            return True
    return False
