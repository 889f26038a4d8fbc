"""The register of sources: chains of successions, and whether what is cited was in force."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import attrs

from . import program as core
from .dates import french_date
from .diagnostics import Findings, Label
from .source import Span


@attrs.frozen
class Article:
    """A source under its name of a day, and the places cited in it.

    *version*: the day of the version cited (*named*), else of the one in force on that day;
    `None` where the register does not know it.
    """

    source: core.Source
    pinpoints: tuple[str, ...]
    version: date | None
    named: bool

    @property
    def text(self) -> str:
        text = ", ".join([self.source.title, *self.pinpoints])
        if self.named and self.version is not None:
            text += f" (version du {french_date(self.version)})"
        return text


@attrs.frozen
class TextVersion:
    """A version of one link of a chain: named by *day*, applied in ``[since, until)``."""

    source: core.Source
    day: date
    since: date
    until: date | None


def versions(links: Sequence[core.Source], place: int) -> tuple[TextVersion, ...]:
    """What the register knows of the versions of ``links[place]``, in the order they apply.

    A version ends where the next one applies, where its text is repealed, or where the text
    that follows it in the chain begins.
    """
    link = links[place]
    applied = dict(link.versions)
    if link.since is not None and not link.attested:
        applied.setdefault(link.since, link.since)
    ordered = sorted(applied.items(), key=lambda version: (version[1], version[0]))
    following = links[place + 1].since if place + 1 < len(links) else None
    found = []
    for n, (day, since) in enumerate(ordered):
        ends = [ordered[n + 1][1] if n + 1 < len(ordered) else None, link.until, following]
        found.append(TextVersion(link, day, since, min(filter(None, ends), default=None)))
    return tuple(found)


def _version_cited(
    links: Sequence[core.Source], citation: core.Citation
) -> tuple[int, TextVersion] | None:
    """The link that has the version named by *citation*, and that version; the link that is
    cited comes before the others of its chain."""
    cited = _place(links, citation)
    for place in sorted(range(len(links)), key=lambda place: place != cited):
        for version in versions(links, place):
            if version.day == citation.version:
                return place, version
    return None


def _place(links: Sequence[core.Source], citation: core.Citation) -> int:
    return next(place for place, link in enumerate(links) if link.name == citation.source)


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
    following = program.successors.get(name, ())
    if toward is not None and len(following) > 1:
        ahead = [s for s in following if s.name == toward or _reaches(program, toward, s.name)]
        following = tuple(ahead) or following
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
    """The article that *citation* denotes on *day*: its number, and its places, of that day;
    those of the version that it names, if it names one."""
    links = chain(program, citation.source)
    cited = _place(links, citation)
    if citation.version is not None and (named := _version_cited(links, citation)):
        best, version = named
        pinpoints = _places_in(links, cited, best, citation.pinpoints)
        return Article(links[best], pinpoints, version.day, True)
    best = _link_of(links, cited, day)
    applied = [v.day for v in versions(links, best) if v.since <= day]
    pinpoints = _places_in(links, cited, best, citation.pinpoints)
    return Article(links[best], pinpoints, applied[-1] if applied else None, False)


def _link_of(links: Sequence[core.Source], cited: int, day: date) -> int:
    """The place of the link in force on *day*."""
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
    return best


def _places_in(
    links: Sequence[core.Source], cited: int, best: int, pinpoints: tuple[str, ...]
) -> tuple[str, ...]:
    """*pinpoints* of the link *cited*, renamed link after link as far as *best*."""
    for place in range(cited, best, -1):
        pinpoints = _renamed(links[place], links[place - 1].name, pinpoints, backwards=True)
    for place in range(cited + 1, best + 1):
        pinpoints = _renamed(links[place], links[place - 1].name, pinpoints, backwards=False)
    return pinpoints


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
    """Notes of every version, with its period; *ought* says that it should cite a source.

    A row of a table is in force until another version takes its place.
    """
    for parameter in program.parameters.values():
        for v in parameter.versions:
            yield v.notes, v.period, v.span, True
    for table in program.tables.values():
        for version in table.versions:
            # A version whose rows each cite their own source need not cite one itself.
            own = all(row.notes for row in version.rows if row.since == version.period.since)
            yield version.notes, version.period, version.span, not own
            for row in version.rows:
                if row.since == version.period.since and row.notes != version.notes:
                    period = _life_of(row, version, table)
                    yield row.notes, period, row.span, False
    for decision in program.decisions.values():
        whole = _whole(decision.general)
        yield decision.applicable_notes, whole, decision.span, False
        yield decision.concurrence_notes, whole, decision.span, False
        yield from _inner_notes(decision.applicable, whole)
        for rule in (decision.general, *decision.exceptions):
            for rule_version in rule.versions:
                dated = rule_version.period.since is not None
                yield rule_version.notes, rule_version.period, rule_version.span, dated
                yield from _inner_notes(
                    (rule_version.guard, rule_version.value), rule_version.period
                )
    for repeal in program.repeals:
        # The text that repeals is in force on that day; what comes after is not its rule.
        until = repeal.day + timedelta(1) if repeal.day < date.max else None
        yield repeal.notes, core.Period(repeal.day, until), repeal.span, False
    for indicator in program.indicators.values():
        yield indicator.notes, core.Period(None, None), indicator.span, False
    for forbidden in program.forbidden:
        yield forbidden.notes, core.Period(None, None), forbidden.span, False
        yield from _inner_notes(forbidden.condition, core.Period(None, None))
    for reform in program.reforms:
        yield reform.notes, core.Period(None, None), reform.span, False
    for guarantee in program.guarantees:
        yield guarantee.notes, core.Period(None, None), guarantee.span, False
        yield from _inner_notes(guarantee.condition, core.Period(None, None))


def _inner_notes(
    expr: object, period: core.Period
) -> Iterator[tuple[core.Notes, core.Period, Span, bool]]:
    """The notes of the pieces of *expr*."""
    for part in core.parts(expr):
        notes = getattr(part, "notes", core.NO_NOTES)
        if notes.citations:
            assert isinstance(part, core.Spanned)
            yield notes, period, part.span, False


def _whole(rule: core.Rule) -> core.Period:
    """From the first version of *rule* to the end of its last."""
    if not rule.versions:
        return core.Period(None, None)
    return core.Period(rule.versions[0].period.since, rule.versions[-1].period.until)


def _life_of(row: core.TableRow, version: core.TableVersion, table: core.Table) -> core.Period:
    """When *row*, written by *version*, is in force: as long as the versions after keep it."""
    until = version.period.until
    for later in table.versions[table.versions.index(version) + 1 :]:
        if not any(kept is row for kept in later.rows):
            break
        until = later.period.until
    return core.Period(version.period.since, until)


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
            links = chain(program, citation.source)
            stale.update(link.name for link in links)
            if citation.version is not None:
                _check_version(links, citation, period, findings)
                continue
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
    for case in program.cases:
        for citation in (*case.citations, *(claim.citation for claim in case.claims)):
            if citation.version is not None and citation.source in program.sources:
                # No day to compare with: care of the past is reckoned under its own law.
                _check_version(chain(program, citation.source), citation, None, findings)
    for source in program.sources.values():
        _check_register(source, findings)
    for name in sorted(stale):
        source = program.sources[name]
        late = [day for day, _ in source.versions if source.read_on and day > source.read_on]
        if late:
            findings.warning(
                "C004", source.span, f"`{name}` a changé le {french_date(late[0])}, après avoir été lu",
                f"`{name}` changed on {late[0]}, after it was read",
                help=("relire le texte, puis dater `lu au`", "read the text again, then date `lu au`"),
            )  # fmt: skip


def _check_register(source: core.Source, findings: Findings) -> None:
    """The versions of an entry are told once each, while the text is in force."""
    days = [day for day, _ in source.versions]
    wrong = {day for day in days if days.count(day) > 1}
    if source.since is not None and not source.attested:
        wrong |= {day for day in days if day < source.since}
    if source.until is not None:
        wrong |= {day for day in days if day >= source.until}
    for day in sorted(wrong):
        findings.error(
            "C007", source.span, f"`{source.name}` ne peut avoir une version du {french_date(day)}",
            f"`{source.name}` cannot have a version of {day}",
            help=(
                "une version se dit une fois, d'un jour où le texte est en vigueur",
                "a version is told once, of a day when the text is in force",
            ),
        )  # fmt: skip


def _check_version(
    links: Sequence[core.Source],
    citation: core.Citation,
    period: core.Period | None,
    findings: Findings,
) -> None:
    """The version named by *citation* is in the register, and in force all over *period*."""
    name, day = citation.source, citation.version
    assert day is not None
    found = _version_cited(links, citation)
    if found is None:
        known = sorted({v.day for place in range(len(links)) for v in versions(links, place)})
        near = sorted(sorted(known, key=lambda other: abs(other - day))[:2])
        listed_fr = " ou ".join(french_date(other) for other in near)
        listed_en = " or ".join(str(other) for other in near)
        findings.error(
            "C005", citation.span, f"le registre ne connaît pas de version de `{name}` du {french_date(day)}",
            f"the register knows no version of `{name}` of {day}",
            labels=(Label(links[_place(links, citation)].span, "la source"),),
            help=(
                f"citer la version du {listed_fr}, ou ajouter `version du {french_date(day)}` à la source",
                f"cite the version of {listed_en}, or add `version du {french_date(day)}` to the source",
            ) if near else ("en donner les versions : `version du …`", "give its versions: `version du …`"),
        )  # fmt: skip
        return
    if period is None:
        return
    version = found[1]
    named = f"la version du {french_date(day)} de `{name}`"
    named_en = f"the version of {day} of `{name}`"
    if period.since is None or period.since < version.since:
        since = (
            f"la règle depuis le {french_date(period.since)}"
            if period.since
            else "la règle n'a pas de date"
        )
        since_en = f"the rule since {period.since}" if period.since else "the rule has no date"
        findings.warning(
            "C006", citation.span, f"{named} ne s'applique que depuis le {french_date(version.since)}, {since}",
            f"{named_en} applies only since {version.since}, {since_en}",
            labels=(Label(version.source.span, "la source"),),
            help=(
                "citer la version du premier jour de la règle, ou dater la règle du jour où elle change",
                "cite the version of the first day of the rule, or date the rule from the day it changes",
            ),
        )  # fmt: skip
    end = version.until
    if end is not None and (period.until is None or period.until > end):
        until = (
            f"la règle court jusqu'au {french_date(period.until)}"
            if period.until
            else "la règle court encore"
        )
        until_en = f"the rule runs until {period.until}" if period.until else "the rule runs on"
        findings.warning(
            "C006", citation.span, f"{named} ne s'applique plus depuis le {french_date(end)}, {until}",
            f"{named_en} applies no longer since {end}, {until_en}",
            labels=(Label(version.source.span, "la source"),),
            help=(
                f"ouvrir une version de la règle au {french_date(end)}, ou l'abroger ce jour-là ; sans version, une citation suit le texte",
                f"open a version of the rule on {end}, or repeal it that day; without a version, a citation follows the text",
            ),
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
