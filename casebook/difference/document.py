"""What a difference says, block by block, in French or in English: every rendering reads this."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from lexald.dsl.dates import french_date
from lexald.dsl.types import INT, RATE
from lexald.dsl.values import Amount
from lexald.engine.outcomes import NotApplicable, Outcome, Unknown
from lexald.engine.rendering import share_text, to_french

from .cases import CasesCompared, Moved
from .difference import Difference
from .population import PopulationCompared
from .samples import answered, days_text, sample, told
from .text import ADDED, CHANGED, Change
from .things import Said
from .witnesses import Found

MANY = 20
"""Beyond so many cases that move, or decisions without an example, the others are counted."""


@attrs.frozen
class Heading:
    text: str
    level: int = 2


@attrs.frozen
class Paragraph:
    """*style*: ``note``, ``doubt`` or plain."""

    text: str
    style: str = ""


@attrs.frozen
class Entry:
    """Something that was one way and is another. *what*: ``added``, ``ended`` or ``changed``;
    *notes* follow: articles, dates, place."""

    title: str
    what: str
    before: str = ""
    after: str = ""
    notes: tuple[str, ...] = ()


@attrs.frozen
class Sample:
    """Text of the language."""

    text: str


@attrs.frozen
class Grid:
    """A table: the first column is of words, the others of numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Entry | Sample | Grid

_KINDS = {
    "source": ("Sources", "Sources"),
    "énumération": ("Vocabulaire", "Vocabulary"),
    "entité": ("Vocabulaire", "Vocabulary"),
    "fait": ("Vocabulaire", "Vocabulary"),
    "paramètre": ("Paramètres", "Parameters"),
    "table": ("Tables", "Tables"),
    "ligne": ("Tables", "Tables"),
    "décision": ("Décisions", "Decisions"),
    "règle": ("Décisions", "Decisions"),
    "exception": ("Décisions", "Decisions"),
    "interdit": ("Situations impossibles", "Impossible situations"),
    "garantie": ("Garanties", "Guarantees"),
    "indicateur": ("Indicateurs", "Indicators"),
}


class _Writer:
    def __init__(self, difference: Difference, lang: str, every_case: bool) -> None:
        self.found = difference
        self.lang = lang
        self.every_case = every_case

    def say(self, fr: str, en: str) -> str:
        return en if self.lang == "en" else fr

    def day(self, day: date) -> str:
        return self.say(french_date(day), day.isoformat())

    # ── the text ─────────────────────────────────────────────────────────────────────────

    def all(self) -> Iterator[Block]:
        found = self.found
        yield Heading(
            self.say("Ce qui change : ", "What changes: ") + days_text(found.a, found.b), 1
        )
        if found.on is not None:
            yield Paragraph(self.say("Droit au ", "Law of ") + self.day(found.on), "note")
        if found.is_empty:
            yield Paragraph(self.say("Aucune différence.", "No difference."))
        else:
            if found.changes:
                yield Heading(self.say("Le texte du droit", "The text of the law"))
                yield from self.texts()
            if found.decisions:
                yield Heading(self.say("Les décisions qui peuvent différer", "Decisions that may differ"))  # fmt: skip
                yield from self.decisions()
            if found.cases is not None:
                yield from self.cases(found.cases)
        for side in (found.a, found.b):
            for name, fault in side.unread:
                yield Paragraph(
                    self.say(
                        f"Cas non lus avec {side.name} : {name} ({fault.code}, {fault.message.fr})",
                        f"Cases not read with {side.name}: {name} ({fault.code}, {fault.message.en or fault.message.fr})",
                    ),
                    "doubt",
                )
        if found.population is not None:
            yield from self.population(found.population)

    def texts(self) -> Iterator[Block]:
        under = ""
        for change in self.found.changes:
            heading = self.say(*_KINDS[change.kind])
            if heading != under:
                yield Heading(heading, 3)
                under = heading
            yield self.entry(change)

    def entry(self, change: Change) -> Entry:
        before, after = self.said(change.before), self.said(change.after)
        notes = []
        if change.is_restated:
            notes.append(self.say("mêmes mots", "same words"))
            before = ""
        new = [text for text in change.basis_after if text not in change.basis_before]
        basis = new or list(change.basis_after or change.basis_before)
        if basis:
            notes.append(" ; ".join(basis))
        if change.inside:
            plural = "s" if change.inside > 1 else ""
            notes.append(
                self.say(
                    f"{change.inside} élément{plural} de plus avec elle"
                    if change.what == ADDED
                    else f"{change.inside} élément{plural} avec elle",
                    f"with {change.inside} part{plural}",
                )
            )
        if change.since or change.until:
            notes.append(self.period(change.since, change.until))
        span = change.span
        if span is not None:
            notes.append(f"{span.file.name}:{span.line}")
        name = f" ({change.path})" if change.path and change.path != change.title else ""
        return Entry(change.title + name, change.what, before, after, tuple(notes))

    def said(self, said: Said | None) -> str:
        return said.text if said else ""

    def period(self, since: date | None, until: date | None) -> str:
        if since and until:
            return self.say(
                f"du {french_date(since)} au {french_date(_eve(until))}",
                f"{since} to {_eve(until)}",
            )
        if since:
            return self.say(f"à compter du {french_date(since)}", f"from {since}")
        assert until is not None
        return self.say(f"jusqu'au {french_date(_eve(until))}", f"until {_eve(until)}")

    # ── decisions ────────────────────────────────────────────────────────────────────────

    def decisions(self) -> Iterator[Block]:
        rank = 0
        silent: list[Found] = []
        for found in self.found.decisions:
            if not found.witnesses:
                silent.append(found)
                continue
            program = self.found.b.program
            decision = program.decisions[found.affected.decision]
            yield Heading(decision.name, 3)
            if decision.label:
                yield Paragraph(decision.label, "note")
            if found.affected.through:
                listed = ", ".join(found.affected.through)
                yield Paragraph(self.say(f"par {listed}", f"through {listed}"), "note")
            for n, witness in enumerate(found.witnesses):
                rank += 1
                before, after = (
                    answered(program, outcome, decision.type)
                    for outcome in (witness.before, witness.after)
                )
                text = sample(self.found.a, self.found.b, witness, rank)
                shown = bool(text) and (n == 0 or self.every_case)
                yield Entry(told(program, witness), CHANGED, before, after)
                if shown:
                    yield Sample(text)
        if silent:
            yield from self.silent(silent)

    def silent(self, silent: list[Found]) -> Iterator[Block]:
        if any(found.tried for found in silent):
            tried = sum(found.tried for found in silent)
            yield Heading(self.say("Sans exemple", "Without an example"), 3)
            text = self.say(
                f"Ces décisions peuvent différer ; aucun exemple n'a été trouvé en {_n(tried, 'essai', 'essais')} :",
                f"These decisions may differ; no example was found in {_n(tried, 'try', 'tries')}:",
            )
        else:
            text = self.say("Ces décisions peuvent différer :", "These decisions may differ:")  # fmt: skip
        names = [found.affected.decision for found in silent]
        yield Paragraph(f"{text} {', '.join(names)}.", "note")

    # ── cases ────────────────────────────────────────────────────────────────────────────

    def cases(self, cases: CasesCompared) -> Iterator[Block]:
        yield Heading(self.say("Les cas", "Cases"))
        names = dict.fromkeys(moved.case.name for moved in cases.moved)
        if not cases.ran:
            yield Paragraph(
                self.say("Aucun cas ne lit ce qui change.", "No case reads what changes.")
            )
        elif not names:
            yield Paragraph(
                self.say(
                    f"Aucun cas ne bouge, sur {_n(cases.ran, 'qui lit', 'qui lisent')} ce qui change.",
                    f"No case moves, of {_n(cases.ran, 'that reads', 'that read')} what changes.",
                )
            )
        else:
            yield Paragraph(
                self.say(
                    f"{_n(len(names), 'cas bouge', 'cas bougent')}, sur {_n(cases.ran, 'qui lit', 'qui lisent')} ce qui change.",
                    f"{_n(len(names), 'case moves', 'cases move')}, of {_n(cases.ran, 'that reads', 'that read')} what changes.",
                )
            )
        by_case: dict[str, list[Moved]] = {}
        for moved in cases.moved:
            by_case.setdefault(moved.case.name, []).append(moved)
        for name, all_moved in list(by_case.items())[:MANY]:
            yield self.moved(name, all_moved)
        if len(by_case) > MANY:
            left = len(by_case) - MANY
            yield Paragraph(self.say(f"… et {left} autres : `--format json` les dit tous.",
                                     f"… and {left} others: `--format json` tells them all."), "note")  # fmt: skip
        for words, listed in (
            (("Cas ajoutés", "Cases added"), cases.added),
            (("Cas retirés", "Cases removed"), cases.removed),
        ):
            if listed:
                shown = ", ".join(f"« {case.name} »" for case in listed[:MANY])
                more = f"… (+{len(listed) - MANY})" if len(listed) > MANY else ""
                yield Paragraph(f"{self.say(*words)} : {shown}{more}")

    def moved(self, name: str, all_moved: list[Moved]) -> Entry:
        first = all_moved[0]
        program = self.found.b.program
        notes = [f"{first.case.span.file.name}:{first.case.span.line}"]
        if len(all_moved) > 1:
            others = len(all_moved) - 1
            notes.insert(0, self.say(f"et {_n(others, 'autre réponse', 'autres réponses')}",
                                     f"and {_n(others, 'other answer', 'other answers')}"))  # fmt: skip
        if not first.decision:
            before, after = (
                self.say(f"interdit « {why} »", f"forbidden: {why}") if why else self.say("admise", "admitted")
                for why in (first.before, first.after)
            )  # fmt: skip
        else:
            before, after = (
                answered(program, outcome, first.type) for outcome in (first.before, first.after)
            )
        return Entry(f"« {name} », {first.place}", CHANGED, before, after, tuple(notes))

    # ── population ───────────────────────────────────────────────────────────────────────

    def population(self, counted: PopulationCompared) -> Iterator[Block]:
        yield Heading(self.say("Une population", "A population"))
        refused = self.say(f", dont {counted.refused} refusés", f", {counted.refused} refused") if counted.refused else ""  # fmt: skip
        yield Paragraph(
            self.say(
                f"{_n(counted.situations, 'dossier', 'dossiers')}{refused}.",
                f"{_n(counted.situations, 'situation', 'situations')}{refused}.",
            )
        )
        differing = [one for one in counted.decisions if one.differ]
        if differing:
            yield Grid(
                (
                    self.say("décision", "decision"),
                    self.say("patients", "patients"),
                    self.say("réponses", "answers"),
                    self.say("avant", "before"),
                    self.say("après", "after"),
                    self.say("écart", "difference"),
                    self.say("à part", "apart"),
                ),
                tuple(
                    (
                        one.decision,
                        str(one.patients),
                        f"{one.differ}/{one.answers}",
                        _euros(one.before) if one.is_money else "",
                        _euros(one.after) if one.is_money else "",
                        _signed(one.difference) if one.is_money else "",
                        str(one.undecided or ""),
                    )
                    for one in differing
                ),
            )
        else:
            yield Paragraph(self.say("Aucune réponse ne diffère.", "No answer differs."))
        same = len(counted.decisions) - len(differing)
        if differing and same:
            yield Paragraph(
                self.say(
                    f"{_n(same, 'autre décision donne', 'autres décisions donnent')} les mêmes réponses.",
                    f"{_n(same, 'other decision gives', 'other decisions give')} the same answers.",
                ),
                "note",
            )
        rows = []
        for indicator in counted.indicators:
            if not indicator.differs and indicator.apart[0] == indicator.apart[1]:
                continue
            for key in {**indicator.before, **indicator.after}:
                one, two = indicator.before.get(key), indicator.after.get(key)
                if one == two:
                    continue
                words = [
                    to_french(part, told_.type, self.found.b.program)
                    for part, told_ in zip(key, indicator.keys, strict=True)
                ]
                name = indicator.name + (f" [{' ; '.join(words)}]" if words else "")
                rows.append((name, self.number(one, indicator.type), self.number(two, indicator.type)))  # fmt: skip
        if rows:
            yield Grid(
                (self.say("indicateur", "indicator"), self.say("avant", "before"), self.say("après", "after")),
                tuple(rows),
            )  # fmt: skip

    def number(self, outcome: Outcome, kind: object) -> str:
        match outcome:
            case None:
                return "0"
            case Unknown():
                return self.say("inconnu", "unknown")
            case NotApplicable():
                return self.say("sans objet", "not applicable")
        if kind == RATE:
            return share_text(outcome)
        return to_french(outcome, INT, self.found.b.program)


def _n(number: int, one: str, many: str) -> str:
    return f"{number} {many if number > 1 else one}"


def _euros(cents: int) -> str:
    return Amount(cents).french()


def _signed(cents: int) -> str:
    return ("+" if cents > 0 else "") + _euros(cents)


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def document(difference: Difference, lang: str = "fr", *, every_case: bool = False) -> list[Block]:
    """*difference* as blocks. *every_case*: each witness as a ``cas``, and not the first only."""
    return list(_Writer(difference, lang, every_case).all())
